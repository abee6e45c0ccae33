/*
 * Where things are: the URL of a Redis, an address to listen at, and a URL
 * as it may be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "bus/redis_url.h"
#include "fuzz/input.h"
#include "run/address.h"
#include "run/mask.h"

static void
check_redis(const char *url)
{
	struct redis_url u;
	char why[128];

	memset(why, 'x', sizeof(why));
	if (redis_url_parse(url, &u, why, sizeof(why)) != 0) {
		must(memchr(why, '\0', sizeof(why)) != NULL && why[0] != '\0',
		    "a refusal without words");
		return;
	}
	must(u.host != NULL && u.host[0] != '\0', "no host");
	must(u.prefix != NULL && u.prefix[0] != '\0', "no prefix");
	must(u.port > 0 && u.port < 65536, "no port");
	redis_url_done(&u);
}

static void
check_address(const char *text)
{
	struct address a;

	if (!address_parse(text, &a))
		return;
	must(a.host[0] != '\0' &&
	    memchr(a.host, '\0', sizeof(a.host)) != NULL, "no host");
	must((strchr(a.host, ':') != NULL) == a.v6, "which family");
}

/* Nothing is left to hide in what was masked. */
static void
check_mask(const char *url)
{
	char *once = mask_url(url), *twice = mask_url(once);

	must(strcmp(once, twice) == 0, "masked twice is masked otherwise");
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in;
	size_t i;

	input_init(&in, bytes, len);
	for (i = 0; i < in.n; i++) {
		check_redis(in.lines[i].p);
		check_address(in.lines[i].p);
		check_mask(in.lines[i].p);
	}
	input_done(&in);
	return 0;
}
