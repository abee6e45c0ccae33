/*
 * An answer's way to the client, past lws: http.c, 2, tells why.
 *
 * From the moment that an answer does not go out at once, or that an api
 * takes its time over it, the socket is watched by us.  What the client says
 * then is read and dropped, since no second request is served; that is also
 * how we learn that it has hung up.
 */
#include <string.h>

#include "base/loop.h"
#include "net/conn.h"
#include "net/http.h"
#include "net/tls.h"

/* A client that takes so much has time again for the rest. */
#define PROGRESS_BYTES	16384
/* What an idle stream may keep allocated. */
#define REST_BYTES	16384

bool
deliver_bytes(struct conn *c, const char *bytes, size_t len, size_t *sent_out)
{
	long n = tls_send(c, bytes, len);

	*sent_out = n > 0 ? (size_t)n : 0;
	c->net->counts.writes++;
	c->net->counts.bytes_out += *sent_out;
	return n >= 0;
}

/* Read what the client says and drop it; false when it has hung up. */
static bool
drop_bytes(struct conn *c)
{
	char rest[16384];

	return tls_receive(c, rest, sizeof(rest)) >= 0;
}

size_t
deliver_waiting(const struct exchange *ex)
{
	return ex->out.len + ex->tail_len - ex->sent;
}

void
deliver_compact(struct exchange *ex)
{
	if (ex->sent == 0 || ex->sent < ex->out.len / 2 || ex->tail_len != 0)
		return;
	/* A stream may rest for hours: not with what a burst took. */
	if (ex->sent == ex->out.len && ex->out.cap > REST_BYTES) {
		buf_done(&ex->out);
		ex->sent = 0;
		return;
	}
	memmove(ex->out.data, ex->out.data + ex->sent, ex->out.len - ex->sent);
	ex->out.len -= ex->sent;
	ex->sent = 0;
}

/* Who takes what we send may go on taking; a stream may rest as well. */
static void
note_progress(struct conn *c, struct exchange *ex, size_t sent)
{
	ex->sent += sent;
	ex->unmarked += sent;
	if (deliver_waiting(ex) == 0 && ex->state == EX_STREAMED &&
	    !ex->is_refused) {
		c->deadline_ms = 0;
		ex->unmarked = 0;
	} else if (ex->unmarked >= PROGRESS_BYTES) {
		conn_deadline(c, c->net->settings.request_ms);
		ex->unmarked = 0;
	}
}

static bool
send_answer(struct conn *c, struct exchange *ex)
{
	const char *bytes;
	size_t at, len, sent;

	while (deliver_waiting(ex) != 0) {
		at = ex->sent;
		bytes = ex->out.data;
		len = ex->out.len;
		if (at >= len) {
			at -= len;
			bytes = ex->tail;
			len = ex->tail_len;
		}
		if (!deliver_bytes(c, bytes + at, len - at, &sent))
			return false;
		if (sent == 0)
			break;
		note_progress(c, ex, sent);
	}
	return true;
}

/* All is said.  Hear the client out, by its end or a deadline. */
static void
linger(struct conn *c, struct exchange *ex)
{
	ex->state = EX_LINGERING;
	conn_deadline(c, c->net->settings.close_ms);
	tls_shut(c);
	loop_watch_set(ex->watch, true, false);
}

static void
on_socket(int fd, bool readable, bool writable, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if (readable && !drop_bytes(c)) {
		conn_cut(c);
		return;
	}
	if (!writable)
		return;
	deliver_waited(c);
}

void
deliver_watch(struct conn *c)
{
	struct exchange *ex = c->exchange;

	lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	lws_rx_flow_control(c->wsi, 0);
	ex->watch = loop_watch_new(c->net->loop, lws_get_socket_fd(c->wsi),
	    on_socket, c);
	loop_watch_set(ex->watch, true, false);
}

void
deliver_more(struct conn *c)
{
	struct exchange *ex = c->exchange;
	bool waits;

	if (!send_answer(c, ex)) {
		conn_cut(c);
		return;
	}
	waits = deliver_waiting(ex) != 0;
	if (ex->state == EX_ANSWERED && !waits)
		linger(c, ex);
	else
		/* An answer is given even to who has stopped talking. */
		loop_watch_set(ex->watch, ex->state != EX_ANSWERED, waits);
}

void
deliver_waited(struct conn *c)
{
	struct exchange *ex = c->exchange;
	bool waited = deliver_waiting(ex) != 0;

	deliver_more(c);
	if (c->state != CONN_HTTP || ex->state != EX_STREAMED || !waited ||
	    deliver_waiting(ex) != 0)
		return;
	deliver_compact(ex);
	if (ex->api->drained != NULL)
		ex->api->drained(&ex->call, ex->api->arg);
}

int
deliver_answer(struct conn *c)
{
	struct exchange *ex = c->exchange;

	if (!send_answer(c, ex))
		return -1;
	if (deliver_waiting(ex) == 0 && !ex->has_body) {
		tls_shut(c);
		return -1;
	}
	deliver_watch(c);
	loop_watch_set(ex->watch, false, true);
	return 0;
}

void
deliver_stop(struct exchange *ex)
{
	loop_watch_free(ex->watch);
	ex->watch = NULL;
}
