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
 *    connection's place (deliver.c).  The same while an api takes its time.
 * 3. lws parses lengths with atoll and does not decode chunks.  What frames a
 *    body is checked here: one Content-Length of digits, or no body.
 * 4. Who is answered before his body was read gets the answer, then the end of
 *    our output, and is listened to for a moment: closing at once would reset
 *    the connection and lose the answer on its way.
 * 5. Deadlines are ours (conn->deadline_ms); lws's own is lifted.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "core/trace.h"
#include "net/conn.h"
#include "net/http.h"
#include "net/origin.h"
#include "net/proxy.h"
#include "net/who.h"

/* ---- a request's framing ---- */

static int
refuse(struct conn *c, int status, const char *detail)
{
	answer_problem(c->exchange, &(struct answer){ .status = status },
	    detail);
	return deliver_answer(c);
}

/* A proxy has brought one too many of this address. */
static int
refuse_crowd(struct conn *c)
{
	c->net->counts.address_refused++;
	answer_problem(c->exchange, &(struct answer){ .status = 429,
	    .headers = "Retry-After: 5\r\n" },
	    "too many connections from this address");
	return deliver_answer(c);
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
	bool expected = ex->call.method & (NET_POST | NET_PUT | NET_PATCH);
	char text[32];

	if (header_has(c, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
		ex->has_body = true;
		*detail_out = "Transfer-Encoding is not read, give "
		    "Content-Length";
		return 411;
	}
	/*
	 * RFC 9112, section 6.3: then there is none.  Who forgot to announce
	 * it is told so; lws would read it, so the connection ends.
	 */
	if (!header_has(c, WSI_TOKEN_HTTP_CONTENT_LENGTH)) {
		ex->has_body = expected;
		*detail_out = "give Content-Length";
		return expected && !route_is_bodiless(c, ex->call.path) ?
		    411 : 0;
	}
	ex->has_body = true;
	if (!header_copy(c, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text)) ||
	    !length_parse(text, &ex->body_wanted)) {
		*detail_out = "Content-Length is not a number";
		return 400;
	}
	ex->has_body = ex->body_wanted != 0;
	if (ex->body_wanted > c->net->settings.body_bytes) {
		*detail_out = "the body is too large";
		return 413;
	}
	if (ex->call.method == NET_GET && ex->body_wanted != 0) {
		*detail_out = "GET and HEAD have no body here";
		return 400;
	}
	return 0;
}

/*
 * What the first line and Host lack, NULL: nothing.  lws decodes the URL before
 * it looks for the line's end: behind a %0A or %0D it takes what is left for
 * headers.  The version is behind that too, so it is missed where it has to be.
 */
static const char *
line_lacks(const struct conn *c)
{
	char version[16];

	if (!header_copy(c, WSI_TOKEN_HTTP, version, sizeof(version)) ||
	    (strcmp(version, "HTTP/1.1") != 0 &&
	    strcmp(version, "HTTP/1.0") != 0))
		return "the version is not HTTP/1.1, or the URL holds %0A or "
		    "%0D";
	/* RFC 9112, section 3.2: without it it is no HTTP/1.1. */
	if (version[7] == '1' && !header_has(c, WSI_TOKEN_HOST))
		return "Host is missing";
	return NULL;
}

static void
exchange_new(struct conn *c, const char *path, size_t len)
{
	struct exchange *ex = mem_get(sizeof(*ex));

	arena_init(&ex->arena);
	ex->conn = c;
	ex->call.method = header_method(c);
	if (ex->call.method == NET_HEAD) {
		ex->call.method = NET_GET;
		ex->call.head = true;
	}
	ex->call.path = arena_copy(&ex->arena, path, len);
	ex->call.query = ex->call.body = ex->call.host = "";
	proxy_look_behind(c);
	ex->call.address = c->address;
	ex->call.secure = c->secure;
	buf_init(&ex->body, c->net->settings.body_bytes + 1);
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
	deliver_stop(ex);
	call_done(ex);
	conn_holds_none(c);
	c->exchange = NULL;
	buf_done(&ex->body);
	buf_done(&ex->out);
	arena_done(&ex->arena);
	free(ex);
}

void
http_stop(struct conn *c)
{
	if (c->exchange != NULL)
		deliver_stop(c->exchange);
}

/* A page has answered, an api has begun to, or it is asked who this is. */
static int
http_go_on(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (c->state != CONN_HTTP)
		return -1;
	if (ex->state == EX_ANSWERED)
		return deliver_answer(c);
	deliver_watch(c);
	if (ex->state == EX_STREAMED)
		deliver_waited(c);
	return 0;
}

bool
http_is_late(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL || (ex->state != EX_CALLED && !ex->is_refused) ||
	    ex->watch == NULL || ex->state == EX_LINGERING)
		return true;
	call_late(ex);
	return false;
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
	if (ex->call.method == 0)
		return -1;
	if ((status = body_check(c, ex, &detail)) != 0)
		return refuse(c, status, detail);
	if ((detail = line_lacks(c)) != NULL)
		return refuse(c, 400, detail);
	if (!conn_enter(c))
		return refuse_crowd(c);
	/* lws cuts it at "&" and ";", and leaves a NUL there too. */
	if (strlen(ex->call.path) != len)
		return refuse(c, 400, "the path holds a NUL, or & or ; that "
		    "are not written %26 and %3B");
	route(c, ex);
	if (ex->state != EX_READING || ex->body_wanted == 0)
		return http_go_on(c);
	if (!header_copy(c, WSI_TOKEN_HTTP_EXPECT, expect, sizeof(expect)))
		return refuse(c, 417, "only 100-continue can be expected");
	if (strcasecmp(expect, "100-continue") == 0 &&
	    !deliver_bytes(c, go_on, sizeof(go_on) - 1, &sent))
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
	if (ex->state != EX_READING)
		return 0;		/* what lws had read before it was */
	c->net->counts.bytes_in += len;
	if (len > ex->body_wanted - ex->body.len)
		return -1;		/* lws would not */
	if (!conn_holds(c, len))
		return refuse(c, 503, "too much is being sent already");
	buf_put(&ex->body, bytes, len);
	if (buf_failed(&ex->body))
		return refuse(c, 503, "out of memory");
	return 0;
}

int
http_body_end(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (ex == NULL || c->state != CONN_HTTP)
		return -1;
	if (ex->state != EX_READING || ex->is_whole)
		return 0;
	if (ex->page == NULL && ex->api == NULL)
		return -1;
	ex->has_body = false;
	ex->is_whole = true;
	if (c->who_state != WHO_ASKED)
		route_body(ex);
	return http_go_on(c);
}

/*
 * Whose token was refused may log in all the same: a small body is read.  Of
 * a larger one the rest need not come.
 */
bool
http_wants_body(const struct conn *c)
{
	const struct exchange *ex = c->exchange;

	return ex->body_wanted != 0 && !ex->is_whole &&
	    (c->who_state == WHO_IN ||
	    ex->body_wanted <= c->net->settings.unknown_body_bytes);
}

void
http_settled(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (ex->state != EX_READING || ex->api == NULL || http_wants_body(c))
		return;
	call_begin(ex);
	if (ex->watch == NULL)
		deliver_watch(c);
	if (ex->state != EX_CALLED && c->state == CONN_HTTP)
		deliver_waited(c);
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
	deliver_answer(c);
	return -1;
}

/*
 * The trace that it belongs to: a header, or, of pages, which can set none, in
 * the query.  What is none is passed over.
 */
static void
trace_keep(struct conn *c, struct exchange *ex)
{
	const char *said = header_named(c, &ex->arena, "traceparent:");
	char id[TRACE_ID];

	if (said == NULL &&
	    !header_argument(c, &ex->arena, "traceparent", &said))
		return;
	if (trace_read(said, id))
		c->trace = mem_copy(id, strlen(id));
}

/* Which page, and who; 0 goes on. */
static int
upgrade_check(struct conn *c, struct exchange *ex)
{
	const struct net_settings *settings = &c->net->settings;
	const char *origin = header_text(c, &ex->arena, WSI_TOKEN_ORIGIN);
	const char *host = header_text(c, &ex->arena, WSI_TOKEN_HOST);
	struct who_shown shown;
	const char *wrong;

	if (!conn_enter(c)) {
		refuse_crowd(c);
		return -1;
	}
	if ((wrong = who_read(c, &ex->arena, &shown)) != NULL)
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    wrong);
	if (!origin_may_connect(settings, origin_judge(settings, origin, host),
	    shown.by_cookie)) {
		c->net->counts.origins_refused++;
		return upgrade_refuse(c, &(struct answer){ .status = 403 },
		    "pages of this origin are not allowed");
	}
	trace_keep(c, ex);
	who_ask(c, &shown.gate);
	if (c->who_state != WHO_OUT)
		return 0;
	return upgrade_refuse(c, &(struct answer){ .status = 401,
	    .headers = who_challenge(&ex->arena,
	    c->was_shown ? c->who_why : NULL) }, c->who_why);
}

int
http_upgrade(struct conn *c, char *protocol)
{
	char path[2048], version[8], key[64];
	const char *lack;

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
	    !header_copy(c, header_has(c, WSI_TOKEN_HEAD_URI) ?
	    WSI_TOKEN_HEAD_URI : WSI_TOKEN_GET_URI, path, sizeof(path)))
		return -1;

	exchange_new(c, path, strlen(path));
	if ((lack = line_lacks(c)) != NULL)
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    lack);
	if (c->net->leaving)
		return upgrade_refuse(c, &(struct answer){ .status = 503,
		    .headers = "Retry-After: 1\r\n" },
		    "the server is shutting down");
	if (header_method(c) != NET_GET)
		return upgrade_refuse(c, &(struct answer){ .status = 405,
		    .allow = NET_GET }, "a WebSocket begins with GET");
	if (!route_is_socket(path) || (c->serves & NET_SERVES_CLIENTS) == 0)
		return upgrade_refuse(c, &(struct answer){ .status = 404 },
		    "there is no WebSocket here");
	if (!header_copy(c, WSI_TOKEN_VERSION, version, sizeof(version)) ||
	    strcmp(version, "13") != 0)
		return upgrade_refuse(c, &(struct answer){ .status = 426,
		    .upgrade = true }, "Sec-WebSocket-Version must be 13");
	if (!header_copy(c, WSI_TOKEN_KEY, key, sizeof(key)) || *key == '\0')
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "Sec-WebSocket-Key is missing");
	if (header_has(c, WSI_TOKEN_HTTP_CONTENT_LENGTH) ||
	    header_has(c, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "an upgrade has no body");
	/* lws would drop the connection without a word. */
	if (header_has(c, WSI_TOKEN_PROTOCOL))
		return upgrade_refuse(c, &(struct answer){ .status = 400 },
		    "no subprotocol is spoken here");
	return upgrade_check(c, c->exchange);
}
