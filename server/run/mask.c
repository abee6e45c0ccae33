/*
 * mask: see mask.h.
 */
#include "run/mask.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "ot/buf.h"

#define STARS	"***"

static bool
names_password(const char *s, size_t len)
{
	static const char word[] = "password";
	size_t i;

	for (i = 0; i + sizeof(word) - 1 <= len; i++)
		if (strncasecmp(s + i, word, sizeof(word) - 1) == 0)
			return true;
	return false;
}

/* Parameters after the '?': name=value, joined by '&'. */
static void
mask_parameters(struct buf *b, const char *s)
{
	size_t len, name_len;

	while (*s != '\0') {
		len = 1 + strcspn(s + 1, "&");	/* with the '?' or '&' before */
		name_len = strcspn(s, "=");
		if (name_len < len && names_password(s, name_len)) {
			buf_put(b, s, name_len + 1);
			buf_puts(b, STARS);
		} else {
			buf_put(b, s, len);
		}
		s += len;
	}
}

char *
mask_url(const char *url)
{
	const char *host, *at, *colon, *query;
	struct buf b = BUF_INIT;
	size_t len;
	char *out;

	host = strstr(url, "://");
	host = host == NULL ? url : host + 3;
	/*
	 * The very last '@': a password may hold '/', '?' and '@' that nobody
	 * encoded, and showing less than could be shown does no harm.
	 */
	at = strrchr(host, '@');
	colon = strchr(host, ':');
	query = (at == NULL ? host : at) + strcspn(at == NULL ? host : at, "?");
	if (host == url || at == NULL || colon == NULL || colon > at) {
		buf_put(&b, url, (size_t)(query - url));
	} else {
		buf_put(&b, url, (size_t)(colon + 1 - url));
		buf_puts(&b, STARS);
		buf_put(&b, at, (size_t)(query - at));
	}
	mask_parameters(&b, query);
	buf_putc(&b, '\0');
	if ((out = buf_take(&b, &len)) == NULL)
		bug("out of memory");
	return out;
}
