/*
 * HTTP: lws reads the request, we write the answer.
 *
 * 1. One request a connection, and "Connection: close", always: lws 4.1 hangs
 *    for ever on two pipelined requests of which the second has a body.  Once
 *    there is an answer lws reads no more (rx flow control), so that no second
 *    request is ever parsed.
 * 2. While lws waits to write it does not read, and spins on whatever the
 *    client says meanwhile, its end included.  So what does not fit the socket
 *    at once is sent by a watch of our own, past lws, which only keeps the
 *    connection's place.
 * 3. lws parses lengths with atoll and does not decode chunks.  What frames a
 *    body is checked here: one Content-Length of digits, or no body.
 * 4. Who is answered before his body was read gets the answer, then the end of
 *    our output, and is listened to for a moment: closing at once would reset
 *    the connection and lose the answer on its way.
 * 5. Deadlines are ours (conn->deadline_ms); lws's own is lifted.
 */
#include "net/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/loop.h"
#include "base/mem.h"
#include "net/conn.h"

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

/* Send what the socket takes; false when the client is gone. */
static bool
send_bytes(struct conn *c, const char *bytes, size_t len, size_t *sent_out)
{
	ssize_t n;

	if (lws_is_ssl(c->wsi))
		bug("http: answers are sent past lws, which cannot be with TLS");
	n = send(lws_get_socket_fd(c->wsi), bytes, len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	*sent_out = n > 0 ? (size_t)n : 0;
	c->net->counts.writes++;
	c->net->counts.bytes_out += *sent_out;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool
all_sent(const struct exchange *ex)
{
	return ex->sent == ex->out.len + ex->tail_len;
}

static bool
send_answer(struct conn *c, struct exchange *ex)
{
	const char *bytes;
	size_t at, len, sent;

	while (!all_sent(ex)) {
		at = ex->sent;
		bytes = ex->out.data;
		len = ex->out.len;
		if (at >= len) {
			at -= len;
			bytes = ex->tail;
			len = ex->tail_len;
		}
		if (!send_bytes(c, bytes + at, len - at, &sent))
			return false;
		if (sent == 0)
			break;
		ex->sent += sent;
	}
	return true;
}

/* All is said.  Hear the client out, by its end or a deadline. */
static void
linger(struct conn *c, struct exchange *ex)
{
	char rest[16384];
	ssize_t n;

	if (!ex->lingers) {
		ex->lingers = true;
		conn_deadline(c, c->net->settings.close_ms);
		shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
		loop_watch_set(ex->watch, true, false);
	}
	n = recv(lws_get_socket_fd(c->wsi), rest, sizeof(rest), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		conn_cut(c);
}

static void
answer_ready(int fd, bool readable, bool writable, void *arg)
{
	struct conn *c = arg;
	struct exchange *ex = c->exchange;

	(void)fd;
	(void)readable;
	(void)writable;
	if (!send_answer(c, ex))
		conn_cut(c);
	else if (all_sent(ex))
		linger(c, ex);
}

/* Begin with the answer; lws's verdict: 0 keep the connection, -1 close. */
static int
http_answer(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (!send_answer(c, ex))
		return -1;
	if (all_sent(ex) && !ex->has_body)
		return -1;
	lws_rx_flow_control(c->wsi, 0);
	ex->watch = loop_watch_new(c->net->loop, lws_get_socket_fd(c->wsi),
	    answer_ready, c);
	loop_watch_set(ex->watch, false, true);
	return 0;
}

void
http_stop(struct conn *c)
{
	if (c->exchange == NULL)
		return;
	loop_watch_free(c->exchange->watch);
	c->exchange->watch = NULL;
}

/* ---- a request's framing ---- */

static int
refuse(struct conn *c, int status, const char *detail)
{
	answer_problem(c->exchange, &(struct answer){ .status = status },
	    detail);
	return http_answer(c);
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

/* RFC 9112, section 3.2: without Host it is no HTTP/1.1. */
static bool
lacks_host(const struct conn *c)
{
	char version[16];

	return http_header(c, WSI_TOKEN_HTTP, version, sizeof(version)) &&
	    strcmp(version, "HTTP/1.1") == 0 && !http_has(c, WSI_TOKEN_HOST);
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
	http_stop(c);
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
	size_t sent;
	int status;

	if (c->state != CONN_HTTP || c->exchange != NULL)
		return -1;
	exchange_new(c, path, len);
	ex = c->exchange;
	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	if (ex->method == 0)
		return -1;
	if ((status = body_check(c, ex, &detail)) != 0)
		return refuse(c, status, detail);
	if (lacks_host(c))
		return refuse(c, 400, "Host is missing");
	if (strlen(ex->path) != len)
		return refuse(c, 400, "the path holds a NUL");
	route(c, ex);
	if (ex->answered)
		return http_answer(c);
	if (!http_header(c, WSI_TOKEN_HTTP_EXPECT, expect, sizeof(expect)))
		return refuse(c, 417, "only 100-continue can be expected");
	if (strcasecmp(expect, "100-continue") == 0 &&
	    !send_bytes(c, go_on, sizeof(go_on) - 1, &sent))
		return -1;
	return 0;
}

/* ---- its body ---- */

int
http_body(struct conn *c, const char *bytes, size_t len)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL || c->state != CONN_HTTP)
		return -1;
	if (ex->answered)
		return 0;		/* what lws had read before it was */
	c->net->counts.bytes_in += len;
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
	if (ex->answered)
		return 0;
	if (ex->page == NULL)
		return -1;
	ex->has_body = false;		/* it is all here */
	route_body(ex);
	return http_answer(c);
}

/* ---- upgrades ---- */

/*
 * Answer now and close, since lws would go on to a second request.  An answer
 * this small always fits the socket's empty buffer.
 */
static int
upgrade_refuse(struct conn *c, const struct answer *a, const char *detail)
{
	answer_problem(c->exchange, a, detail);
	send_answer(c, c->exchange);
	return -1;
}

int
http_upgrade(struct conn *c, char *protocol)
{
	char path[2048], version[8], key[64];

	if (c->state != CONN_HTTP || c->exchange != NULL || protocol == NULL)
		return -1;
	/*
	 * What we do not follow may be ignored (RFC 9110, 7.8).  lws has
	 * answered what it does not know either; h2c, which it would begin, it
	 * no longer knows when the name is spoilt, and goes on with HTTP/1.1.
	 */
	if (strcasecmp(protocol, "h2c") == 0) {
		*protocol = '-';
		return 0;
	}
	if (strcasecmp(protocol, "websocket") != 0 ||
	    !http_header(c, http_has(c, WSI_TOKEN_HEAD_URI) ?
	    WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, path, sizeof(path)))
		return -1;

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
