/*
 * HTTP as far as lws carries it.
 *
 * 1. One request a connection, and "Connection: close", always: lws 4.1 hangs
 *    for ever on two pipelined requests of which the second has a body.  So
 *    no second request may ever be parsed while the first is answered.
 * 2. lws parses lengths with atoll and does not decode chunks.  What frames a
 *    body is checked here: one Content-Length of digits, or no body.
 * 3. Who is refused before his body was read gets the answer, then the end of
 *    our output, and is listened to for a moment: closing at once would reset
 *    the connection and lose the answer on its way.
 * 4. Deadlines are ours (conn->deadline_ms); lws's own is lifted where it
 *    would count time that the answer needs.
 */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/loop.h"
#include "base/mem.h"
#include "net/conn.h"

#define PIECE_BYTES	65536	/* of a large answer, one write */

static const struct {
	enum lws_token_indexes	token;		/* holds the path */
	enum net_method		method;
} tokens[] = {
	{ WSI_TOKEN_GET_URI, NET_GET }, { WSI_TOKEN_HEAD_URI, NET_HEAD },
	{ WSI_TOKEN_POST_URI, NET_POST }, { WSI_TOKEN_PUT_URI, NET_PUT },
	{ WSI_TOKEN_PATCH_URI, NET_PATCH }, { WSI_TOKEN_DELETE_URI, NET_DELETE },
	{ WSI_TOKEN_OPTIONS_URI, NET_OPTIONS },
};

/* 0: none that we know. */
static enum net_method
http_method(const struct conn *c)
{
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (lws_hdr_total_length(c->wsi, tokens[i].token) > 0)
			return tokens[i].method;
	return 0;
}

bool
http_header(const struct conn *c, int token, char *value, size_t size)
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

static bool
http_has(const struct conn *c, enum lws_token_indexes token)
{
	return lws_hdr_total_length(c->wsi, token) > 0;
}

/* ---- writing ---- */

static void
write_piece(struct conn *c, struct exchange *ex)
{
	const char *bytes = ex->out.data;
	size_t at = ex->sent, len = ex->out.len;

	if (at >= len) {
		at -= len;
		bytes = ex->tail;
		len = ex->tail_len;
	}
	len -= at;
	if (len > PIECE_BYTES)
		len = PIECE_BYTES;
	ex->sent += len;
	conn_write(c, bytes + at, len);
}

static bool
all_written(const struct exchange *ex)
{
	return ex->sent == ex->out.len + ex->tail_len;
}

/* Leave all the rest to lws, which has 5 s to send it, and close. */
static int
http_finish(struct conn *c)
{
	while (!all_written(c->exchange) && c->state == CONN_HTTP)
		write_piece(c, c->exchange);
	return -1;
}

/* Go on with the answer; lws's verdict: 0 go on, -1 close. */
static int
http_write(struct conn *c)
{
	struct exchange *ex = c->exchange;

	while (!all_written(ex) && !lws_partial_buffered(c->wsi)) {
		if (c->state != CONN_HTTP)
			return -1;
		write_piece(c, ex);
	}
	if (!ex->has_body && all_written(ex))
		return -1;
	if (!all_written(ex) || lws_partial_buffered(c->wsi)) {
		lws_callback_on_writable(c->wsi);
		return 0;
	}
	if (!ex->lingers) {
		ex->lingers = true;
		conn_deadline(c, c->net->settings.close_ms);
		shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
	}
	return 0;
}

int
http_writable(struct conn *c)
{
	if (c->exchange == NULL || !c->exchange->answered)
		return 0;
	return http_write(c);
}

/* ---- a request's framing ---- */

static int
refuse(struct conn *c, int status, const char *detail)
{
	answer_problem(c->exchange, &(struct answer){ .status = status },
	    detail);
	return http_write(c);
}

/* Digits only, and few enough not to overflow. */
static bool
length_parse(const char *text, uint64_t *n_out)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 18 || text[len] != '\0')
		return false;
	*n_out = strtoull(text, NULL, 10);
	return true;
}

/* 0, or the status to refuse with and why. */
static int
body_check(struct conn *c, struct exchange *ex, const char **detail_out)
{
	bool expected = ex->method & (NET_POST | NET_PUT | NET_PATCH);
	char text[32];

	if (http_has(c, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
		ex->has_body = true;
		*detail_out = "Transfer-Encoding is not read, give "
		    "Content-Length";
		return 411;
	}
	if (!http_has(c, WSI_TOKEN_HTTP_CONTENT_LENGTH)) {
		ex->has_body = expected;
		*detail_out = "give Content-Length";
		return expected ? 411 : 0;
	}
	ex->has_body = true;
	if (!http_header(c, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text)) ||
	    !length_parse(text, &ex->body_wanted)) {
		*detail_out = "Content-Length is not a number";
		return 400;
	}
	ex->has_body = ex->body_wanted != 0;
	if (ex->body_wanted > c->net->settings.body_bytes) {
		*detail_out = "the body is too large";
		return 413;
	}
	if (ex->method == NET_GET && ex->body_wanted != 0) {
		*detail_out = "GET and HEAD have no body here";
		return 400;
	}
	return 0;
}

static void
exchange_new(struct conn *c, const char *path, size_t len)
{
	struct exchange *ex = mem_get(sizeof(*ex));

	ex->method = http_method(c);
	if (ex->method == NET_HEAD) {
		ex->method = NET_GET;
		ex->head = true;
	}
	ex->path = mem_copy(path, len);
	buf_init(&ex->body, c->net->settings.body_bytes);
	buf_init(&ex->out, SIZE_MAX);
	c->exchange = ex;
	c->net->counts.requests++;
	conn_deadline(c, c->net->settings.request_ms);
}

void
http_done(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL)
		return;
	c->exchange = NULL;
	buf_done(&ex->body);
	buf_done(&ex->out);
	free(ex->path);
	free(ex);
}

int
http_request(struct conn *c, const char *path, size_t len)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const char *detail = NULL;
	struct exchange *ex;
	char expect[32];
	int status;

	if (c->state != CONN_HTTP)
		return -1;
	if (c->exchange != NULL)	/* pipelined: the first is all there is */
		return c->exchange->answered ? http_finish(c) : -1;
	exchange_new(c, path, len);
	ex = c->exchange;
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	if (ex->method == 0)
		return -1;
	if ((status = body_check(c, ex, &detail)) != 0)
		return refuse(c, status, detail);
	if (strlen(ex->path) != len)
		return refuse(c, 400, "the path holds a NUL");
	route(c, ex);
	if (ex->answered)
		return http_write(c);
	if (!http_header(c, WSI_TOKEN_HTTP_EXPECT, expect, sizeof(expect)))
		return refuse(c, 417, "only 100-continue can be expected");
	if (strcasecmp(expect, "100-continue") == 0)
		conn_write(c, go_on, sizeof(go_on) - 1);
	return 0;
}

/* ---- its body ---- */

int
http_body(struct conn *c, const char *bytes, size_t len)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL || c->state != CONN_HTTP)
		return -1;
	c->net->counts.bytes_in += len;
	if (ex->answered)
		return 0;		/* refused: read on to its end */
	buf_put(&ex->body, bytes, len);
	if (buf_failed(&ex->body))
		return refuse(c, 413, "the body is too large");
	return 0;
}

int
http_body_end(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL || c->state != CONN_HTTP)
		return -1;
	if (!ex->answered) {
		if (ex->page == NULL)
			return -1;
		ex->has_body = false;	/* it is all here */
		route_body(ex);
		return http_write(c);
	}
	/* The refused body has ended, or bytes follow what was answered. */
	return http_finish(c);
}

/* ---- upgrades ---- */

/* Answer now and close: lws would go on to a second request. */
static int
upgrade_refuse(struct conn *c, const struct answer *a, const char *detail)
{
	answer_problem(c->exchange, a, detail);
	return http_finish(c);
}

/*
 * An Upgrade that we do not follow may be ignored (RFC 9110, 7.8); lws has
 * answered those it does not know, which leaves h2c.
 */
static int
upgrade_ignore(struct conn *c, const char *protocol, const char *path)
{
	if (strcasecmp(protocol, "h2c") != 0 ||
	    !(http_method(c) & (NET_GET | NET_HEAD)))
		return -1;
	http_request(c, path, strlen(path));
	return c->exchange->answered ? http_finish(c) : -1;
}

int
http_upgrade(struct conn *c, const char *protocol)
{
	char path[2048], version[8], key[64];

	if (c->state != CONN_HTTP || c->exchange != NULL ||
	    !http_header(c, http_has(c, WSI_TOKEN_HEAD_URI) ?
	    WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, path, sizeof(path)))
		return -1;
	if (protocol == NULL || strcasecmp(protocol, "websocket") != 0)
		return protocol != NULL ? upgrade_ignore(c, protocol, path) : -1;

	exchange_new(c, path, strlen(path));
	if (c->net->closing)
		return upgrade_refuse(c, &(struct answer){ .status = 503 },
		    "the server is shutting down");
	if (http_method(c) != NET_GET)
		return upgrade_refuse(c, &(struct answer){ .status = 405,
		    .allow = NET_GET }, "a WebSocket begins with GET");
	if (!route_is_socket(path) || (c->serves & NET_SERVES_CLIENTS) == 0)
		return upgrade_refuse(c, &(struct answer){ .status = 404 },
		    "there is no WebSocket here");
	if (!http_header(c, WSI_TOKEN_VERSION, version, sizeof(version)) ||
	    strcmp(version, "13") != 0)
		return upgrade_refuse(c, &(struct answer){ .status = 426,
		    .upgrade = true }, "Sec-WebSocket-Version must be 13");
	if (!http_header(c, WSI_TOKEN_KEY, key, sizeof(key)) || *key == '\0')
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "Sec-WebSocket-Key is missing");
	if (http_has(c, WSI_TOKEN_HTTP_CONTENT_LENGTH) ||
	    http_has(c, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "an upgrade has no body");
	/* lws would drop the connection without a word. */
	if (http_has(c, WSI_TOKEN_PROTOCOL))
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "no subprotocol is spoken here");
	return 0;
}
