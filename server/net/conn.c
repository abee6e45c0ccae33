/*
 * Connections: accepting, counting, moving between states, writing, going.
 *
 * Writing.  Frames leave at the end of a turn, joined: their headers are made
 * once (base/frame), and going through the writable callback instead would
 * cost four epoll_ctl calls a message on libuv.  Without TLS they go straight
 * to the socket, since the way through lws takes thrice the instructions of
 * all the rest that we do for a delivery.  What the socket did not take, and
 * with TLS all, is given to lws, with LWS_WRITE_RAW, which keeps it and sends
 * it first when it can; until then (lws_partial_buffered) we write nothing
 * more and let the outbox fill, which has a ceiling.
 *
 * A write is always of whole frames, never of a part: lws answers pings by
 * itself, and its pong may go out between any two writes.
 */
#include "net/conn.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/hub.h"
#include "net/proxy.h"
#include "net/who.h"

void
conn_move(struct conn *c, enum conn_state state)
{
	list_remove(&c->node);
	c->net->n_conns[c->state]--;
	c->state = state;
	list_push(&c->net->conns[state], &c->node);
	c->net->n_conns[state]++;
}

void
conn_deadline(struct conn *c, uint64_t after_ms)
{
	c->deadline_ms = loop_now_ms(c->net->loop) + after_ms;
}

/*
 * A WebSocket is shut down, which is safe from any callback and from outside
 * of all: lws sees the end of input and closes.  It must be reading for that;
 * with HTTP it often is not, so there it is told to, with a timeout of
 * nothing, which it notices when woken.
 */
void
conn_cut(struct conn *c)
{
	enum conn_state state = c->state;

	if (state == CONN_CUT || state == CONN_GONE)
		return;
	conn_move(c, CONN_CUT);
	if (state == CONN_HTTP) {
		http_stop(c);
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK,
		    LWS_TO_KILL_ASYNC);
		lws_cancel_service(c->net->cx);
		return;
	}
	if (c->paused || c->deaf) {
		c->paused = c->deaf = false;
		lws_rx_flow_control(c->wsi, 1);
	}
	shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
}

/*
 * Bytes that the socket takes at once; 0 too when it has failed, since lws
 * finds that as well and knows what is to be done.
 */
static size_t
conn_send(const struct conn *c, const void *bytes, size_t len)
{
	ssize_t n;

	if (c->plain_fd < 0)
		return 0;
	n = send(c->plain_fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n > 0 ? (size_t)n : 0;
}

bool
conn_write(struct conn *c, const void *bytes, size_t len)
{
	size_t sent;

	c->net->counts.writes++;
	c->net->counts.bytes_out += len;
	if ((sent = conn_send(c, bytes, len)) == len)
		return true;
	/* RAW writes nothing into the buffer; lws has no const for it. */
	if (lws_write(c->wsi, (unsigned char *)(uintptr_t)bytes + sent,
	    len - sent, LWS_WRITE_RAW) >= 0)
		return true;
	conn_cut(c);
	return false;
}

size_t
conn_count(const struct net *net)
{
	size_t n = 0;

	for (int i = 0; i < CONN_STATES; i++)
		n += net->n_conns[i];
	return n;
}

/* The outlet of our sessions. */
static void
conn_flush(struct session *ss)
{
	struct conn *c = session_owner(ss);

	if (c->session != ss)
		bug("net: a session that is not ours");
	ws_flush(c);
}

bool
conn_holds(struct conn *c, size_t bytes)
{
	struct net *net = c->net;
	const struct net_settings *s = &net->settings;

	if (bytes > s->incoming_bytes - net->incoming || (c->guest != NULL &&
	    bytes > s->incoming_address_bytes - c->guest->bytes)) {
		net->counts.incoming_refused++;
		return false;
	}
	c->incoming += bytes;
	net->incoming += bytes;
	if (c->guest != NULL)
		c->guest->bytes += bytes;
	return true;
}

void
conn_holds_none(struct conn *c)
{
	c->net->incoming -= c->incoming;
	if (c->guest != NULL)
		c->guest->bytes -= c->incoming;
	c->incoming = 0;
}

bool
conn_enter(struct conn *c)
{
	struct net *net = c->net;
	char key[IP_TEXT];

	if (c->guest != NULL || proxy_is_trusted(net, c->address))
		return true;
	ip_key(c->address, key, sizeof(key));
	c->guest = crowd_enter(&net->addresses, key, loop_now_ms(net->loop));
	return c->guest != NULL;
}

/* May one more come from here?  Before lws knows of it: a flood costs little. */
static bool
net_has_room(struct net *net, struct conn *c)
{
	if (conn_count(net) >= net->settings.connections) {
		LOG_LIMITED(LOG_WARN, "net", "too many connections (%u)",
		    net->settings.connections);
		return false;
	}
	if (!conn_enter(c)) {
		net->counts.address_refused++;
		LOG_LIMITED(LOG_WARN, "net", "too many connections from %s",
		    c->address);
		return false;
	}
	return true;
}

static void
conn_leave(struct conn *c)
{
	conn_holds_none(c);
	crowd_leave(&c->net->addresses, c->guest, loop_now_ms(c->net->loop));
	c->guest = NULL;
}

void
conn_accept(struct net *net, int fd, const struct sockaddr *peer,
    unsigned serves)
{
	struct conn *c;
	struct lws *wsi;

	net->counts.accepted++;
	c = mem_get(sizeof(*c));
	c->outlet.flush = conn_flush;
	c->net = net;
	c->serves = serves;
	ip_write_peer(peer, c->address, sizeof(c->address));
	if (!net_has_room(net, c)) {
		net->counts.turned_away++;
		close(fd);
		free(c);
		return;
	}
	if ((wsi = lws_adopt_socket_vhost(net_is_plain(net, serves) ?
	    net->vhost : net->tls_vhost, fd)) == NULL) {
		net->counts.turned_away++;	/* fd is closed */
		LOG_LIMITED(LOG_ERROR, "net", "could not adopt a connection");
		conn_leave(c);
		free(c);
		return;
	}
	c->wsi = wsi;
	c->plain_fd = net_is_plain(net, serves) ? fd : -1;
	c->state = CONN_HTTP;
	list_push(&net->conns[CONN_HTTP], &c->node);
	net->n_conns[CONN_HTTP]++;
	conn_deadline(c, net->settings.header_ms);
	lws_set_opaque_user_data(wsi, c);
}

/* lws has closed the connection, or is about to free it. */
void
conn_gone(struct conn *c)
{
	if (c->state == CONN_GONE)
		return;
	ws_leave(c);
	http_done(c);
	who_done(c);
	conn_leave(c);
	conn_move(c, CONN_GONE);
}

void
conn_free(struct conn *c)
{
	conn_gone(c);
	list_remove(&c->node);
	c->net->n_conns[CONN_GONE]--;
	free(c->trace);
	free(c);
}
