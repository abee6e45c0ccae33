/*
 * Requests that an api answers: call.h.
 *
 * An api may answer inside begin, which runs in a callback of lws; then the
 * bytes only wait until begin has returned (is_beginning), since there lws is
 * told what becomes of the connection by the callback's value.
 */
#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/http.h"

#define STALL_MS(c)	((c)->net->settings.request_ms)

static struct exchange *
call_exchange(struct net_call *call)
{
	return (struct exchange *)(void *)((char *)call -
	    offsetof(struct exchange, call));
}

void
call_begin(struct exchange *ex)
{
	ex->call.body_len = ex->body.len;
	buf_putc(&ex->body, '\0');
	if (buf_failed(&ex->body)) {
		answer_problem(ex, &(struct answer){ .status = 503 },
		    "out of memory");
		return;
	}
	ex->call.body = ex->body.data;
	ex->call.who = ex->conn->who;
	ex->call.who_why = ex->conn->who_why;
	ex->call.was_shown = ex->conn->was_shown;
	ex->state = EX_CALLED;
	conn_deadline(ex->conn, STALL_MS(ex->conn));
	ex->is_beginning = true;
	ex->api->begin(&ex->call, ex->api->arg);
	ex->is_beginning = false;
}

void
call_gone(struct exchange *ex)
{
	if (ex->state != EX_CALLED && ex->state != EX_STREAMED)
		return;
	ex->state = EX_ANSWERED;
	ex->api->gone(&ex->call, ex->api->arg);
}

void
call_done(struct exchange *ex)
{
	struct net *net = ex->conn->net;

	call_gone(ex);
	if (ex->streamer == NULL)
		return;
	net->n_streams--;
	crowd_leave(&net->streamers, ex->streamer, loop_now_ms(net->loop));
	ex->streamer = NULL;
}

/* By who it is, else by where; the first byte keeps them apart. */
static bool
stream_enter(struct exchange *ex)
{
	const struct conn *c = ex->conn;
	struct net *net = c->net;
	const char *who = c->who != NULL && c->who->subject != NULL ?
	    c->who->subject : NULL;
	char key[1 + IP_TEXT] = "@";
	struct buf b = BUF_INIT;

	if (who == NULL)
		ip_key(c->address, key + 1, sizeof(key) - 1);
	buf_puts(&b, who != NULL ? "=" : key);
	if (who != NULL)
		buf_puts(&b, who);
	buf_putc(&b, '\0');
	if (!buf_failed(&b))
		ex->streamer = crowd_enter(&net->streamers, b.data,
		    loop_now_ms(net->loop));
	buf_done(&b);
	net->n_streams += ex->streamer != NULL;
	return ex->streamer != NULL;
}

/*
 * One stream too many.  The api believes to stream until the next tick, when
 * it is taken from it: gone must not be called while it is calling.
 */
static void
stream_refuse(struct exchange *ex)
{
	ex->conn->net->counts.streams_refused++;
	ex->is_refused = true;
	answer_problem(ex, &(struct answer){ .status = 429,
	    .headers = "Retry-After: 10\r\n" },
	    "too many streams are open already");
	conn_deadline(ex->conn, 0);
}

void
call_late(struct exchange *ex)
{
	call_gone(ex);
	conn_deadline(ex->conn, STALL_MS(ex->conn));
	if (!ex->is_refused)
		answer_problem(ex, &(struct answer){ .status = 504,
		    .headers = "Retry-After: 10\r\n" },
		    err_text(ERR_LATE));
	deliver_more(ex->conn);
}

/* What was put into out may go, now or when begin has returned. */
static void
call_deliver(struct exchange *ex)
{
	if (!ex->is_beginning && ex->watch != NULL &&
	    ex->conn->state == CONN_HTTP)
		deliver_more(ex->conn);
}

void
net_call_answer(struct net_call *call, const struct net_answer *a,
    const void *body, size_t len_bytes)
{
	struct exchange *ex = call_exchange(call);

	if (ex->state != EX_CALLED)
		bug("net: a call is answered that is not open");
	conn_deadline(ex->conn, STALL_MS(ex->conn));
	answer_bytes(ex, &(struct answer){ .status = a->status,
	    .type = a->type, .headers = a->headers }, body, len_bytes);
	/* A large body is only lent to the answer: give it the bytes. */
	buf_put(&ex->out, ex->tail, ex->tail_len);
	ex->tail_len = 0;
	call_deliver(ex);
}

void
net_call_stream(struct net_call *call, const struct net_answer *a)
{
	struct exchange *ex = call_exchange(call);

	if (ex->state != EX_CALLED)
		bug("net: a call is streamed that is not open");
	if (!stream_enter(ex)) {
		stream_refuse(ex);
		ex->state = EX_STREAMED;
		return;
	}
	answer_bytes(ex, &(struct answer){ .status = a->status,
	    .type = a->type, .headers = a->headers, .endless = true }, NULL, 0);
	ex->state = EX_STREAMED;
	call_deliver(ex);
}

bool
net_call_send(struct net_call *call, const void *bytes, size_t len_bytes)
{
	struct exchange *ex = call_exchange(call);
	struct conn *c = ex->conn;
	size_t max = c->net->settings.outbox_bytes;

	if (ex->state != EX_STREAMED)
		bug("net: a part of what is no stream");
	if (c->state != CONN_HTTP || ex->is_refused)
		return false;
	if (call->head || len_bytes == 0)
		return true;
	if (deliver_waiting(ex) > max ||
	    len_bytes > max - deliver_waiting(ex)) {
		c->net->counts.slow_streams++;
		conn_cut(c);
		return false;
	}
	/* It was idle: from here on the client has to take what comes. */
	if (c->deadline_ms == 0)
		conn_deadline(c, STALL_MS(c));
	deliver_compact(ex);
	buf_put(&ex->out, bytes, len_bytes);
	call_deliver(ex);
	return c->state == CONN_HTTP;
}

size_t
net_call_waiting(const struct net_call *call)
{
	const struct exchange *ex = (const struct exchange *)(const void *)
	    ((const char *)call - offsetof(struct exchange, call));

	return deliver_waiting(ex);
}

void
net_call_end(struct net_call *call)
{
	struct exchange *ex = call_exchange(call);

	if (ex->state != EX_STREAMED)
		bug("net: an end of what is no stream");
	ex->state = EX_ANSWERED;
	conn_deadline(ex->conn, STALL_MS(ex->conn));
	call_deliver(ex);
}
