/*
 * What the head of a request says, copied from lws while it has it: headers
 * are gone when the first callback of a request returns.
 *
 * lws decodes the query as it comes and cuts it at "&" and ";"; here it is
 * written out again, one argument as one argument.  What is lost by that: ";"
 * becomes "&", "+" becomes "%20", and an encoded "=" in a name becomes "_".
 */
#include <string.h>

#include "net/conn.h"
#include "net/http.h"

static const struct {
	enum lws_token_indexes	token;		/* holds the path */
	enum net_method		method;
} methods[] = {
	{ WSI_TOKEN_GET_URI, NET_GET }, { WSI_TOKEN_HEAD_URI, NET_HEAD },
	{ WSI_TOKEN_POST_URI, NET_POST }, { WSI_TOKEN_PUT_URI, NET_PUT },
	{ WSI_TOKEN_PATCH_URI, NET_PATCH }, { WSI_TOKEN_DELETE_URI, NET_DELETE },
	{ WSI_TOKEN_OPTIONS_URI, NET_OPTIONS },
};

/* Where lws keeps each: under its token, or those it does not know by name. */
static const struct {
	enum lws_token_indexes	 token;
	const char		*name;		/* lower case; NULL: token counts */
} headers[NET_HEADERS] = {
	[NET_ACCEPT] = { WSI_TOKEN_HTTP_ACCEPT, NULL },
	[NET_AUTHORIZATION] = { WSI_TOKEN_HTTP_AUTHORIZATION, NULL },
	[NET_CONTENT_TYPE] = { WSI_TOKEN_HTTP_CONTENT_TYPE, NULL },
	[NET_COOKIE] = { WSI_TOKEN_HTTP_COOKIE, NULL },
	[NET_IDEMPOTENCY_KEY] = { 0, "idempotency-key:" },
	[NET_IF_MATCH] = { WSI_TOKEN_HTTP_IF_MATCH, NULL },
	[NET_IF_MODIFIED_SINCE] = { WSI_TOKEN_HTTP_IF_MODIFIED_SINCE, NULL },
	[NET_IF_NONE_MATCH] = { WSI_TOKEN_HTTP_IF_NONE_MATCH, NULL },
	[NET_IF_UNMODIFIED_SINCE] = { WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE, NULL },
	[NET_LAST_EVENT_ID] = { 0, "last-event-id:" },
	[NET_ORIGIN] = { WSI_TOKEN_ORIGIN, NULL },
	[NET_PREFER] = { 0, "prefer:" },
	[NET_TRACEPARENT] = { 0, "traceparent:" },
	[NET_USER_AGENT] = { WSI_TOKEN_HTTP_USER_AGENT, NULL },
};

enum net_method
header_method(const struct conn *c)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (lws_hdr_total_length(c->wsi, methods[i].token) > 0)
			return methods[i].method;
	return 0;
}

bool
header_has(const struct conn *c, int token)
{
	return lws_hdr_total_length(c->wsi, (enum lws_token_indexes)token) > 0;
}

bool
header_copy(const struct conn *c, int token, char *value, size_t size)
{
	enum lws_token_indexes which = (enum lws_token_indexes)token;
	int len = lws_hdr_total_length(c->wsi, which);

	*value = '\0';
	if (len == 0)
		return true;
	if ((size_t)len >= size)
		return false;
	return lws_hdr_copy(c->wsi, value, (int)size, which) >= 0;
}

const char *
header_text(const struct conn *c, struct arena *a, int which)
{
	enum lws_token_indexes token = (enum lws_token_indexes)which;
	int len = lws_hdr_total_length(c->wsi, token);
	/* Joining takes a comma a line, which the length does not count. */
	int size = len + WSI_TOKEN_COUNT;
	char *value;

	if (len <= 0)
		return NULL;
	value = arena_get(a, (size_t)size);
	return lws_hdr_copy(c->wsi, value, size, token) >= 0 ? value : NULL;
}

const char *
header_named(const struct conn *c, struct arena *a, const char *name)
{
	int name_len = (int)strlen(name);
	int len = lws_hdr_custom_length(c->wsi, name, name_len);
	char *value;

	if (len < 0)
		return NULL;
	value = arena_get(a, (size_t)len + 1);
	return lws_hdr_custom_copy(c->wsi, value, len + 1, name, name_len) >= 0 ?
	    value : NULL;
}

/* ---- the query ---- */

/* One argument, "name=value", decoded; NULL: there are no more. */
static const char *
argument_copy(const struct conn *c, struct arena *a, int i, size_t *len_out)
{
	int len = lws_hdr_fragment_length(c->wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
	char *argument;

	if (len <= 0)
		return NULL;
	argument = arena_get(a, (size_t)len + 1);
	len = lws_hdr_copy_fragment(c->wsi, argument, len + 1,
	    WSI_TOKEN_HTTP_URI_ARGS, i);
	*len_out = len > 0 ? (size_t)len : 0;
	return len > 0 ? argument : NULL;
}

static bool
argument_is(const char *argument, const char *name)
{
	size_t len = strlen(name);

	return strncmp(argument, name, len) == 0 && argument[len] == '=';
}

bool
header_argument(const struct conn *c, struct arena *a, const char *name,
    const char **value_out)
{
	const char *value = NULL, *argument, *found;
	size_t len;

	for (int i = 0; (argument = argument_copy(c, a, i, &len)) != NULL; i++) {
		if (!argument_is(argument, name))
			continue;
		found = argument + strlen(name) + 1;
		if (*found == '\0')
			continue;
		if (value != NULL && strcmp(value, found) != 0)
			return false;
		value = found;
	}
	*value_out = value;
	return true;
}

/* Who asks is no affair of an api, and must not come back in its links. */
static bool
is_credential(const char *argument)
{
	return argument_is(argument, "access_token") ||
	    argument_is(argument, "ticket") || argument_is(argument, "share");
}

/* RFC 3986, 2.3; and the first "=", which parts a name from its value. */
static void
encode(struct buf *out, const char *bytes, size_t len)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";
	bool in_name = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char b = (unsigned char)bytes[i];

		if ((b != '\0' && strchr(plain, b) != NULL) ||
		    (b == '=' && in_name)) {
			buf_putc(out, (char)b);
		} else {
			buf_putc(out, '%');
			buf_putc(out, digits[b >> 4]);
			buf_putc(out, digits[b & 15]);
		}
		in_name = in_name && b != '=';
	}
}

static const char *
header_query(const struct conn *c, struct arena *a)
{
	struct buf out = BUF_INIT;
	const char *query, *argument;
	size_t len;

	for (int i = 0; (argument = argument_copy(c, a, i, &len)) != NULL; i++) {
		if (is_credential(argument))
			continue;
		if (out.len != 0)
			buf_putc(&out, '&');
		encode(&out, argument, len);
	}
	query = arena_copy(a, out.len != 0 ? out.data : "", out.len);
	buf_done(&out);
	return query;
}

void
header_fill_call(const struct conn *c, struct exchange *ex)
{
	struct net_call *call = &ex->call;
	const char *host;

	for (int i = 0; i < NET_HEADERS; i++)
		call->headers[i] = headers[i].name != NULL ?
		    header_named(c, &ex->arena, headers[i].name) :
		    header_text(c, &ex->arena, headers[i].token);
	call->query = header_query(c, &ex->arena);
	host = header_text(c, &ex->arena, WSI_TOKEN_HOST);
	call->host = host != NULL ? host : "";
}
