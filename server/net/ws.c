/*
 * WebSocket connections: messages in, frames out, closing.
 *
 * 1. A message arrives in pieces: fragments of the client's making (RFC 6455,
 *    section 5.4) and pieces of what was read at once.  One that comes whole
 *    goes to the hub from lws's buffer; others are gathered, under a ceiling.
 *    One that announces more than the ceiling is refused before it comes, and
 *    nothing more is read: its client has close_ms to hear why.  So is one
 *    in crumbs: a frame costs as much as many bytes.
 * 2. Text is UTF-8: lws checks it before we see it, and closes with 1007.
 * 3. A full inbox stops reading; the session is ready when it has room again.
 * 4. To close is the hub's word (session_closing): our reasons go through
 *    hub_close as well, so there is one way.  The outbox is sent, then our
 *    close frame, and the peer has close_ms to answer it.  A peer that does
 *    not read gets neither, and is cut at the deadline.
 * 5. We do not use lws's closing: on libuv this lws drops the connection
 *    before the close frame when a writable callback asks for it.
 * 6. lws accepts frames from clients that are not masked, though a server is
 *    to close on them (section 5.1), and does not tell.  The rule protects
 *    proxies between us, not us, and frames are read right either way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/hub.h"
#include "core/trace.h"
#include "net/conn.h"

/* A message has so many fragments, and one more for so many of its bytes. */
#define FRAGMENTS_MOST		1024
#define FRAGMENT_BYTES		64

#define CLOSE_REASON_BYTES	123	/* RFC 6455, section 5.5: 125 and a code */

static void	 ws_send_close(struct conn *c, enum session_close code,
		    const char *reason);

/* ---- coming ---- */

/*
 * Unguessable: a client's id is its src, and with it others would be it.  With
 * the trace that it came with, so that this is in the rows of its ops.
 */
static void
make_client_id(const struct conn *c, const struct principal *who,
    char id_out[TRACE_MORE + SRC_TEXT])
{
	unsigned char bytes[SRC_RANDOM];
	char id[SRC_TEXT];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		bug("net: no randomness");
	hub_client_id(c->net->hub, who, bytes, id);
	if (c->trace != NULL)
		trace_sign(c->trace, id, id_out, TRACE_MORE + SRC_TEXT);
	else
		memcpy(id_out, id, sizeof(id));
}

static void
ws_open(struct conn *c)
{
	struct net *net = c->net;
	struct principal *who = c->who;
	char id[TRACE_MORE + SRC_TEXT];

	c->who = NULL;			/* the session's count from here on */
	c->deadline_ms = 0;
	c->heard_ms = loop_now_ms(net->loop);
	conn_move(c, CONN_OPEN);
	make_client_id(c, who, id);
	free(c->trace);
	c->trace = NULL;
	c->session = hub_open(net->hub, c, id, who, 0);
	session_set_address(c->session, c->address);
	if (net->closing)
		hub_close(net->hub, c->session, net->close_code,
		    net->close_reason);
}

static void
ws_pause(struct conn *c)
{
	c->paused = true;
	lws_rx_flow_control(c->wsi, 0);
}

static void
ws_go_on(struct conn *c)
{
	c->paused = false;
	lws_rx_flow_control(c->wsi, 1);
}

/* May one more be let in now? */
static bool
door_is_open(struct net *net)
{
	const struct rate rate = { .ops = net->settings.accept_rate };
	uint64_t now_ms = loop_now_ms(net->loop);

	if (rate.ops == 0)
		return true;
	if (rate_meter_wait(&net->door, &rate, now_ms) > 0)
		return false;
	rate_meter_take(&net->door, &rate, now_ms, 1, 0);
	return true;
}

/*
 * Let it in, or let it wait behind those who do.  What a session asks first,
 * many documents of a cold server, costs far more than its connection.
 */
static void
ws_admit(struct conn *c)
{
	struct net *net = c->net;

	if (list_empty(&net->conns[CONN_WAITING]) && door_is_open(net)) {
		ws_open(c);
		return;
	}
	conn_move(c, CONN_WAITING);
	c->deadline_ms = 0;
	ws_pause(c);
}

int
ws_established(struct conn *c)
{
	if (c->state != CONN_HTTP)
		return -1;
	http_done(c);
	c->net->counts.upgraded++;
	buf_init(&c->message, c->net->settings.message_bytes);
	if (c->who_state == WHO_IN) {
		ws_admit(c);
		return 0;
	}
	conn_move(c, CONN_ASKING);
	conn_deadline(c, c->net->settings.header_ms);
	ws_pause(c);
	if (c->who_state == WHO_OUT)
		ws_settled(c);		/* between the upgrade and here */
	return 0;
}

void
ws_turn_back(struct conn *c, enum session_close code, const char *reason)
{
	if (c->paused)
		ws_go_on(c);
	conn_move(c, CONN_CLOSING);
	ws_send_close(c, code, reason);
}

void
ws_settled(struct conn *c)
{
	if (c->who_state != WHO_IN) {
		ws_turn_back(c, CLOSE_RENEW, c->who_why);
		return;
	}
	ws_go_on(c);
	ws_admit(c);
}

void
ws_leave(struct conn *c)
{
	struct session *ss = c->session;

	c->session = NULL;
	buf_done(&c->message);
	if (ss != NULL)
		hub_leave(c->net->hub, ss);
}

/* ---- hearing ---- */

void
ws_heard(struct conn *c)
{
	c->heard_ms = loop_now_ms(c->net->loop);
	c->pinged = false;
	if (c->state == CONN_OPEN)
		conn_move(c, CONN_OPEN);	/* to the end of the list */
}

static void
ws_forget_message(struct conn *c)
{
	buf_done(&c->message);
	c->fragments = 0;
	conn_holds_none(c);
}

/* What it is sending is for nothing: it is not even read. */
static void
ws_turn_away(struct conn *c)
{
	c->deaf = true;
	lws_rx_flow_control(c->wsi, 0);
}

/* Stop listening to it, and let the hub close it in its turn. */
static int
ws_refuse(struct conn *c, enum session_close code, const char *reason)
{
	ws_forget_message(c);
	conn_move(c, CONN_CLOSING);
	conn_deadline(c, c->net->settings.drain_ms);
	hub_close(c->net->hub, c->session, code, reason);
	return 0;
}

/* Does what has just come, the next piece, end one fragment too many? */
static bool
ws_is_crumbs(struct conn *c)
{
	if (lws_remaining_packet_payload(c->wsi) == 0)
		c->fragments++;
	return c->fragments > FRAGMENTS_MOST + c->message.len / FRAGMENT_BYTES;
}

static int
ws_message(struct conn *c, const char *bytes, size_t len)
{
	c->net->counts.messages++;
	if (!hub_receive(c->net->hub, c->session, bytes, len))
		ws_pause(c);
	return 0;
}

int
ws_receive(struct conn *c, const char *bytes, size_t len)
{
	bool first = lws_is_first_fragment(c->wsi);
	bool last = lws_is_final_fragment(c->wsi);

	c->net->counts.bytes_in += len;
	if (c->state == CONN_LEAVING || c->state == CONN_CLOSING)
		return 0;		/* it may not know yet: let it end */
	if (c->state == CONN_CUT || c->session == NULL)
		return -1;
	ws_heard(c);
	if (lws_frame_is_binary(c->wsi))
		return ws_refuse(c, CLOSE_BAD_DATA, "messages are text");
	/* A frame says how long it is before it comes. */
	if (len + lws_remaining_packet_payload(c->wsi) >
	    c->message.max - c->message.len) {
		ws_turn_away(c);
		return ws_refuse(c, CLOSE_TOO_BIG, "message is too big");
	}
	if (first && last)
		return ws_message(c, bytes, len);
	if (ws_is_crumbs(c)) {
		ws_turn_away(c);
		return ws_refuse(c, CLOSE_POLICY, "too many fragments");
	}
	if (!conn_holds(c, len)) {
		ws_turn_away(c);
		return ws_refuse(c, CLOSE_TRY_LATER,
		    "too much is being sent already");
	}
	buf_put(&c->message, bytes, len);
	if (buf_failed(&c->message))
		return ws_refuse(c, CLOSE_TRY_LATER, "out of memory");
	if (!last)
		return 0;
	ws_message(c, c->message.data, c->message.len);
	ws_forget_message(c);
	return 0;
}

int
ws_peer_close(struct conn *c)
{
	c->close_heard = true;
	if (c->close_sent)
		return -1;		/* both have said it: hang up */
	/* lws answers with the same code and hangs up. */
	conn_move(c, CONN_CLOSING);
	conn_deadline(c, c->net->settings.close_ms);
	return 0;
}

/* ---- saying ---- */

/*
 * Take frames off the outbox that fit one write together.  Returns the bytes
 * to write, and in *alone_out the frame they belong to if it goes by itself.
 */
static const void *
ws_gather(struct conn *c, size_t *len_out, struct frame **alone_out)
{
	unsigned char *joined = c->net->scratch + LWS_PRE;
	struct frame *f = session_shift(c->session);
	struct frame *next = session_peek(c->session);
	size_t len = 0;

	if (next == NULL || f->wire_len + next->wire_len > JOIN_BYTES) {
		*alone_out = f;
		*len_out = f->wire_len;
		return f->wire;
	}
	for (;;) {
		memcpy(joined + len, f->wire, f->wire_len);
		len += f->wire_len;
		frame_unref(f);
		next = session_peek(c->session);
		if (next == NULL || next->wire_len > JOIN_BYTES - len)
			break;
		f = session_shift(c->session);
	}
	*alone_out = NULL;
	*len_out = len;
	return joined;
}

static void
ws_send_close(struct conn *c, enum session_close code, const char *reason)
{
	unsigned char *p = c->net->scratch + LWS_PRE;
	size_t len = reason != NULL ? strlen(reason) : 0;

	if (len > CLOSE_REASON_BYTES)
		len = CLOSE_REASON_BYTES;
	p[0] = 0x88;
	p[1] = (unsigned char)(2 + len);
	p[2] = (unsigned char)(code >> 8);
	p[3] = (unsigned char)code;
	if (len != 0)
		memcpy(p + 4, reason, len);
	c->close_sent = true;
	conn_deadline(c, c->net->settings.close_ms);
	conn_write(c, p, 4 + len);
}

/* The session is to be closed: now if all is sent, else by a deadline. */
static void
ws_see_to_closing(struct conn *c)
{
	enum session_close code;
	const char *reason = NULL;

	if ((code = session_closing(c->session, &reason)) == CLOSE_NONE)
		return;
	if (c->state == CONN_OPEN || c->state == CONN_LEAVING) {
		conn_move(c, CONN_CLOSING);
		conn_deadline(c, c->net->settings.drain_ms);
	}
	if (session_peek(c->session) == NULL && !lws_partial_buffered(c->wsi))
		ws_send_close(c, code, reason);
}

void
ws_flush(struct conn *c)
{
	struct frame *alone;
	const void *bytes;
	size_t len;
	bool sent = true;

	if ((c->state != CONN_OPEN && c->state != CONN_LEAVING &&
	    c->state != CONN_CLOSING) || c->session == NULL ||
	    c->close_sent || c->close_heard)
		return;
	while (sent && session_peek(c->session) != NULL &&
	    !lws_partial_buffered(c->wsi)) {
		bytes = ws_gather(c, &len, &alone);
		sent = conn_write(c, bytes, len);
		frame_unref(alone);
	}
	if (!sent)
		return;
	ws_see_to_closing(c);
	if (c->state == CONN_CUT)
		return;
	/* For what did not fit, lws tells when it has: SERVER_WRITEABLE. */
	if (c->paused && (c->state == CONN_CLOSING ||
	    !session_is_full(c->session)))
		ws_go_on(c);
}

/* ---- silence ---- */

static void
ws_ping(struct conn *c)
{
	/* One byte of payload: lws does not report a pong without. */
	static const unsigned char ping[] = { 0x89, 1, 'p' };

	c->pinged = true;
	c->net->counts.pings++;
	memcpy(c->net->scratch + LWS_PRE, ping, sizeof(ping));
	conn_write(c, c->net->scratch + LWS_PRE, sizeof(ping));
}

/* ---- its turn to come, or to go ---- */

void
ws_see_off(struct conn *c)
{
	ws_forget_message(c);
	conn_move(c, CONN_LEAVING);
	conn_deadline(c, c->net->settings.drain_ms);
}

static void
ws_let_go(struct net *net, uint64_t now_ms)
{
	struct list *node, *next;

	LIST_EACH(&net->conns[CONN_LEAVING], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);

		if (session_is_answered(c->session) || now_ms >= c->deadline_ms)
			hub_close(net->hub, c->session, net->close_code,
			    net->close_reason);
	}
}

static void
ws_let_in(struct net *net)
{
	struct list *waiting = &net->conns[CONN_WAITING];

	while (!list_empty(waiting) && door_is_open(net)) {
		struct conn *c = LIST_ITEM(waiting->next, struct conn, node);

		ws_go_on(c);
		ws_open(c);
	}
}

void
ws_tick(struct net *net, uint64_t now_ms)
{
	struct list *node, *next;

	ws_let_in(net);
	ws_let_go(net, now_ms);
	/* The list is in the order of the last receipt: the silent come first. */
	LIST_EACH(&net->conns[CONN_OPEN], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);
		uint64_t silent_ms = now_ms - c->heard_ms;

		if (now_ms < c->heard_ms || silent_ms < net->settings.ping_ms)
			break;
		if (c->paused) {
			ws_heard(c);	/* it is we who do not listen */
		} else if (silent_ms >= net->settings.idle_ms) {
			net->counts.cut_idle++;
			conn_cut(c);
		} else if (!c->pinged && !lws_partial_buffered(c->wsi)) {
			ws_ping(c);
		}
	}
}
