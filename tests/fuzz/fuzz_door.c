/*
 * What stands in heads of requests and decides who gets in: an entry of
 * X-Forwarded-For, an Origin beside a Host, and a pattern for it.
 */
#include <string.h>
#include <strings.h>

#include "fuzz/input.h"
#include "net/ip.h"
#include "net/net.h"
#include "net/origin.h"

static void
check_entry(const struct input_line *line)
{
	char address[IP_TEXT], again[IP_TEXT], key[IP_TEXT];
	struct ip_block block;
	unsigned char bytes[16];

	if (!ip_read_entry(line->p, line->len, address, sizeof(address)))
		return;
	must(ip_parse(address, bytes), "an entry that is no address");
	ip_write(bytes, again, sizeof(again));
	must(strcmp(address, again) == 0, "an address in two forms");
	must(ip_block_parse(address, &block) && ip_block_has(&block, bytes),
	    "an address that is not in itself");
	ip_key(address, key, sizeof(key));
	must(ip_parse(key, bytes), "a key that is no address");
}

static void
check_block(const char *text)
{
	unsigned char bytes[16] = { 0 };
	struct ip_block block;

	must(ip_block_parse(text, &block) == net_address_is_valid(text),
	    "a block for one and not for the other");
	if (!net_address_is_valid(text))
		return;
	must(block.bits <= 128, "too many bits");
	must(ip_block_has(&block, block.bytes), "a block without itself");
	ip_block_has(&block, bytes);
}

static void
check_origin(char *pattern, const char *origin, const char *host)
{
	const struct net_settings none = { .n_origins = 0 };
	char *patterns[] = { pattern };
	const struct net_settings one = { .origins = patterns, .n_origins = 1 };
	enum origin_verdict verdict = origin_judge(&none, origin, host);

	must(verdict == ORIGIN_SAME || verdict == ORIGIN_OTHER,
	    "listed without a list");
	must(verdict != ORIGIN_SAME || *host != '\0', "same as no host");
	must(origin_judge(&none, NULL, host) == ORIGIN_NONE, "from nowhere");
	if (!net_origin_is_valid(pattern))
		return;
	verdict = origin_judge(&one, origin, host);
	if (strchr(pattern, '*') == NULL)
		must((verdict == ORIGIN_LISTED) ==
		    (strcasecmp(pattern, origin) == 0), "not as it is written");
	else if (verdict == ORIGIN_LISTED)
		must(strlen(origin) >= strlen(pattern) &&
		    strcasecmp(origin + strlen(origin) -
		    strlen(strchr(pattern, '*') + 1),
		    strchr(pattern, '*') + 1) == 0, "not below its pattern");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in;

	input_init(&in, bytes, len);
	check_entry(&in.lines[0]);
	check_block(in.lines[1].p);
	check_origin(in.lines[2].p, in.lines[3].p, in.lines[4].p);
	input_done(&in);
	return 0;
}
