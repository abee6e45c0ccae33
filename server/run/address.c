/*
 * address: see address.h.
 */
#include "run/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static bool
parse_port(const char *s, uint16_t *out)
{
	unsigned port = 0;

	if (*s == '\0' || strlen(s) > 5)
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		port = port * 10 + (unsigned)(*s - '0');
	}
	if (port > UINT16_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

bool
address_parse(const char *text, struct address *out)
{
	struct address a = { .v6 = text[0] == '[' };
	const char *host = text, *host_end;
	struct in6_addr in6;
	struct in_addr in;
	size_t len;

	if (a.v6) {
		host = text + 1;
		host_end = strchr(host, ']');
		if (host_end == NULL || host_end[1] != ':')
			return false;
		if (!parse_port(host_end + 2, &a.port))
			return false;
	} else {
		host_end = strchr(host, ':');
		if (host_end == NULL || !parse_port(host_end + 1, &a.port))
			return false;
	}
	len = (size_t)(host_end - host);
	if (len == 0 || len >= sizeof(a.host))
		return false;
	memcpy(a.host, host, len);
	if (!a.v6 && strcmp(a.host, "localhost") == 0)
		memcpy(a.host, "127.0.0.1", sizeof("127.0.0.1"));
	if (a.v6) {
		if (inet_pton(AF_INET6, a.host, &in6) != 1)
			return false;
		a.loopback = IN6_IS_ADDR_LOOPBACK(&in6);
	} else {
		if (inet_pton(AF_INET, a.host, &in) != 1)
			return false;
		a.loopback = ntohl(in.s_addr) >> 24 == 127;
	}
	*out = a;
	return true;
}
