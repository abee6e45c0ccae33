#include "net/origin.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "net/net.h"

const char origin_preflight[] =
    "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"
    "Access-Control-Allow-Headers: Authorization, Content-Type, "
    "Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, "
    "If-Unmodified-Since, Last-Event-ID, Prefer, traceparent\r\n"
    "Access-Control-Max-Age: 600\r\n";

/* ---- the parts of an origin ---- */

/* Behind "scheme://"; NULL: there is none. */
static const char *
host_of(const char *origin)
{
	const char *end = strstr(origin, "://");

	return end != NULL && end != origin ? end + 3 : NULL;
}

/* Length without a port that says nothing. */
static size_t
host_length(const char *host)
{
	size_t len = strlen(host);

	if (len > 3 && strcmp(host + len - 3, ":80") == 0)
		return len - 3;
	if (len > 4 && strcmp(host + len - 4, ":443") == 0)
		return len - 4;
	return len;
}

static bool
is_same_host(const char *origin, const char *host)
{
	const char *of = host_of(origin);
	size_t len;

	if (of == NULL || host == NULL)
		return false;
	len = host_length(of);
	return len != 0 && len == host_length(host) &&
	    strncasecmp(of, host, len) == 0;
}

bool
net_origin_is_valid(const char *text)
{
	const char *host = host_of(text);
	size_t scheme = strcspn(text, ":");

	if (host == NULL || strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") != scheme)
		return false;
	if (strncmp(host, "*.", 2) == 0)
		host += 2;
	if (*host == '\0' || *host == ':' || *host == '.')
		return false;
	for (; *host != '\0'; host++)
		if (!isalnum((unsigned char)*host) &&
		    strchr("-._:[]", *host) == NULL)
			return false;
	return true;
}

/* A pattern "*.example.com" stands for all below example.com, not for itself. */
static bool
matches(const char *pattern, const char *origin)
{
	const char *star = strstr(pattern, "://*.");
	size_t len = strlen(origin), head, tail;

	if (star == NULL)
		return strcasecmp(pattern, origin) == 0;
	head = (size_t)(star - pattern) + 3;
	tail = strlen(star + 4);		/* from the dot on */
	return len > head + tail &&
	    strncasecmp(origin, pattern, head) == 0 &&
	    strcasecmp(origin + len - tail, star + 4) == 0 &&
	    memchr(origin + head, '/', len - head) == NULL &&
	    memchr(origin + head, '@', len - head) == NULL;
}

/* ---- verdicts ---- */

enum origin_verdict
origin_judge(const struct net_settings *settings, const char *origin,
    const char *host)
{
	if (origin == NULL)
		return ORIGIN_NONE;
	for (size_t i = 0; i < settings->n_origins; i++)
		if (matches(settings->origins[i], origin))
			return ORIGIN_LISTED;
	return is_same_host(origin, host) ? ORIGIN_SAME : ORIGIN_OTHER;
}

bool
origin_may_connect(const struct net_settings *settings,
    enum origin_verdict verdict, bool by_cookie)
{
	return verdict != ORIGIN_OTHER ||
	    (settings->n_origins == 0 && !by_cookie);
}

bool
origin_may_write(enum origin_verdict verdict, bool by_cookie)
{
	return verdict != ORIGIN_OTHER || !by_cookie;
}

const char *
origin_cors(struct arena *a, const struct net_settings *settings,
    enum origin_verdict verdict, const char *origin)
{
	char lines[1024];

	if (settings->n_origins == 0)
		return NULL;
	if (verdict != ORIGIN_LISTED || strlen(origin) > 500)
		return "Vary: Origin\r\n";
	snprintf(lines, sizeof(lines), "Access-Control-Allow-Origin: %s\r\n"
	    "Access-Control-Allow-Credentials: true\r\n"
	    "Access-Control-Expose-Headers: Content-Location, ETag, "
	    "Last-Modified, Link, Location, Preference-Applied, Retry-After, "
	    "WWW-Authenticate\r\n"
	    "Vary: Origin\r\n", origin);
	return arena_copy(a, lines, strlen(lines));
}
