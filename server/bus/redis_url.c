/*
 * redis_url: see redis_url.h.
 */
#include "bus/redis_url.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SCHEME		"redis://"
#define PORT		6379
#define PREFIX		"otd"
#define PREFIX_MAX	64	/* bytes; it is in every message */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A part without its percent-encoding, on the heap; NULL when it is wrong. */
static char *
decode(const char *s, size_t len)
{
	char *out = mem_get(len + 1);
	size_t i, n = 0;
	int high, low;

	for (i = 0; i < len; i++) {
		if (s[i] != '%') {
			out[n++] = s[i];
			continue;
		}
		if (len - i < 3 || (high = hex_digit(s[i + 1])) < 0 ||
		    (low = hex_digit(s[i + 2])) < 0 || (high | low) == 0) {
			free(out);
			return NULL;
		}
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	return out;
}

/* 1 to 65535, or 0 when it is none. */
static int
port_number(const char *s, size_t len)
{
	int port = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		port = port * 10 + (s[i] - '0');
		if (port > 65535)
			return 0;
	}
	return port;
}

/* user:password before the '@'. */
static bool
parse_login(struct redis_url *u, const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t user_len = colon == NULL ? len : (size_t)(colon - s);

	/* Redis knows no user without a password. */
	if (colon == NULL)
		return false;
	if (user_len > 0 && (u->user = decode(s, user_len)) == NULL)
		return false;
	u->password = decode(colon + 1, len - user_len - 1);
	return u->password != NULL;
}

/* host:port, [v6]:port, or no port. */
static bool
parse_host(struct redis_url *u, const char *s, size_t len)
{
	const char *end = s + len, *host = s, *host_end, *rest;

	if (len > 0 && s[0] == '[') {
		host = s + 1;
		if ((host_end = memchr(s, ']', len)) == NULL)
			return false;
		rest = host_end + 1;
	} else {
		if ((host_end = memchr(s, ':', len)) == NULL)
			host_end = end;
		rest = host_end;
	}
	if (host_end == host || (u->host = decode(host,
	    (size_t)(host_end - host))) == NULL)
		return false;
	u->port = PORT;
	if (rest == end)
		return true;
	if (*rest != ':')
		return false;
	u->port = port_number(rest + 1, (size_t)(end - rest - 1));
	return u->port != 0;
}

static bool
parse_prefix(struct redis_url *u, const char *slash)
{
	if (*slash == '\0' || slash[1] == '\0')
		u->prefix = mem_copy(PREFIX, strlen(PREFIX));
	else
		u->prefix = decode(slash + 1, strlen(slash + 1));
	return u->prefix != NULL && strlen(u->prefix) <= PREFIX_MAX;
}

int
redis_url_parse(const char *url, struct redis_url *out, char *why,
    size_t why_len)
{
	struct redis_url u = { 0 };
	const char *s, *slash, *at, *fault = NULL;

	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
		snprintf(why, why_len, "it does not begin with " SCHEME);
		return -1;
	}
	s = url + strlen(SCHEME);
	slash = s + strcspn(s, "/?#");
	/* A password may hold an '@' that nobody encoded; a host cannot. */
	for (at = slash; at > s && at[-1] != '@'; at--)
		;
	if (*slash != '\0' && (*slash != '/' || strpbrk(slash, "?#") != NULL))
		fault = "a query or a fragment has no meaning here";
	else if (at > s && !parse_login(&u, s, (size_t)(at - s - 1)))
		fault = "before the @ stands :password or user:password";
	else if (!parse_host(&u, at, (size_t)(slash - at)))
		fault = "after redis:// stands host, host:port or [address]:port";
	else if (!parse_prefix(&u, slash))
		fault = "the prefix is at most 64 bytes";
	if (fault != NULL) {
		redis_url_done(&u);
		snprintf(why, why_len, "%s", fault);
		return -1;
	}
	*out = u;
	return 0;
}

void
redis_url_done(struct redis_url *u)
{
	free(u->user);
	free(u->password);
	free(u->host);
	free(u->prefix);
	memset(u, 0, sizeof(*u));
}
