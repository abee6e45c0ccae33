/*
 * The lws context, connections and their states.  What lws 4.1 needs to be
 * told, and why, stands with each setting below.
 *
 * Writing.  Frames leave at the end of a turn, joined, with LWS_WRITE_RAW:
 * their headers are made once (base/frame), and going through the writable
 * callback instead would cost four epoll_ctl calls a message on libuv.  lws
 * keeps what the socket did not take and sends it first when it can; until
 * then (lws_partial_buffered) we write nothing more and let the outbox fill,
 * which has a ceiling.
 *
 * A write is always of whole frames, never of a part: lws answers pings by
 * itself, and its pong may go out between any two writes.
 */
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/table.h"
#include "core/hub.h"
#include "net/conn.h"
#include "net/http.h"

/* Descriptors that a process needs besides those of its connections. */
#define SPARE_DESCRIPTORS	256
/* lws takes a limit above this for nonsense and falls back to 2560. */
#define MOST_DESCRIPTORS	1000000
/* Larger than one TLS record, and than any request header. */
#define SERVICE_BYTES		32768
#define HEADER_BYTES		16384

_Static_assert(LWS_PRE <= FRAME_HEADROOM, "frames have room for lws");

void
net_settings_default(struct net_settings *settings)
{
	*settings = (struct net_settings){
		.message_bytes = 16 << 20,
		.body_bytes = 16 << 20,
		.outbox_bytes = 16 << 20,
		.read_bytes = 1024,
		.send_buffer_bytes = 256 << 10,
		.connections = 50000,
		.header_ms = 10000,
		.request_ms = 30000,
		.ping_ms = 25000,
		.idle_ms = 60000,
		.drain_ms = 5000,
		.close_ms = 2000,
	};
}

/* ---- connections ---- */

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
	if (c->paused) {
		c->paused = false;
		lws_rx_flow_control(c->wsi, 1);
	}
	shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
}

bool
conn_write(struct conn *c, const void *bytes, size_t len)
{
	c->net->counts.writes++;
	c->net->counts.bytes_out += len;
	/* RAW writes nothing into the buffer; lws has no const for it. */
	if (lws_write(c->wsi, (unsigned char *)(uintptr_t)bytes, len,
	    LWS_WRITE_RAW) >= 0)
		return true;
	conn_cut(c);
	return false;
}

static size_t
net_connections(const struct net *net)
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

/* Without its port; "" for what is no Internet address. */
static void
address_write(const struct sockaddr *peer, char *text, size_t size)
{
	const void *bytes;

	*text = '\0';
	if (peer->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)peer)->sin_addr;
	else if (peer->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
	else
		return;
	inet_ntop(peer->sa_family, bytes, text, (socklen_t)size);
}

static void
conn_accept(struct net *net, int fd, const struct sockaddr *peer,
    unsigned serves)
{
	struct conn *c;
	struct lws *wsi;

	net->counts.accepted++;
	if (net_connections(net) >= net->settings.connections) {
		net->counts.turned_away++;
		LOG_LIMITED(LOG_WARN, "net", "too many connections (%u)",
		    net->settings.connections);
		close(fd);
		return;
	}
	if ((wsi = lws_adopt_socket_vhost(net->vhost, fd)) == NULL) {
		net->counts.turned_away++;	/* fd is closed */
		LOG_LIMITED(LOG_ERROR, "net", "could not adopt a connection");
		return;
	}
	c = mem_get(sizeof(*c));
	c->outlet.flush = conn_flush;
	c->net = net;
	c->wsi = wsi;
	c->serves = serves;
	address_write(peer, c->address, sizeof(c->address));
	c->state = CONN_HTTP;
	list_push(&net->conns[CONN_HTTP], &c->node);
	net->n_conns[CONN_HTTP]++;
	conn_deadline(c, net->settings.header_ms);
	lws_set_opaque_user_data(wsi, c);
}

/* lws has closed the connection, or is about to free it. */
static void
conn_gone(struct conn *c)
{
	if (c->state == CONN_GONE)
		return;
	ws_leave(c);
	http_done(c);
	conn_move(c, CONN_GONE);
}

static void
conn_free(struct conn *c)
{
	conn_gone(c);
	list_remove(&c->node);
	c->net->n_conns[CONN_GONE]--;
	free(c);
}

/* ---- what lws tells ---- */

static int
net_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct conn *c = wsi != NULL ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	if (c == NULL)		/* not adopted wholly, or lws's own pipe */
		return 0;
	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return http_upgrade(c, in);
	case LWS_CALLBACK_HTTP:
		return http_request(c, in, len);
	case LWS_CALLBACK_HTTP_BODY:
		return http_body(c, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return http_body_end(c);
	case LWS_CALLBACK_RAW_ADOPT:		/* CONNECT made it raw */
	case LWS_CALLBACK_RAW_RX:
		return -1;

	case LWS_CALLBACK_ESTABLISHED:
		return ws_established(c);
	case LWS_CALLBACK_RECEIVE:
		return ws_receive(c, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		ws_heard(c);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		ws_flush(c);
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return ws_peer_close(c);

	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLOSED_HTTP:
		conn_gone(c);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		conn_free(c);
		return 0;
	default:
		return 0;
	}
}

static void
net_lws_says(int level, const char *line)
{
	/* Its errors are most often a client's: never more than a warning. */
	(void)level;
	LOG_LIMITED(LOG_WARN, "lws", "%.*s", (int)strcspn(line, "\n"), line);
}

/* ---- making ---- */

/*
 * lws sizes a table by the limit on descriptors, so it is made to fit: raised
 * to what the settings want, lowered from what containers call infinite.
 */
static void
net_set_descriptors(const struct net_settings *settings)
{
	rlim_t want = (rlim_t)settings->connections + SPARE_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (want > MOST_DESCRIPTORS)
		want = MOST_DESCRIPTORS;
	if (limit.rlim_cur >= want && limit.rlim_cur <= MOST_DESCRIPTORS)
		return;
	if (want > limit.rlim_max) {
		log_line(LOG_INFO, "net", "only %llu descriptors are allowed "
		    "to this process, fewer than connections",
		    (unsigned long long)limit.rlim_max);
		want = limit.rlim_max;
	}
	limit.rlim_cur = want;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_line(LOG_WARN, "net", "could not set the limit on "
		    "descriptors: %s", strerror(errno));
}

static bool
net_start_lws(struct net *net)
{
	/* All zero: no pings and no idle timeouts by lws; ours scale better. */
	static const lws_retry_bo_t no_pings;
	void *foreign_loops[] = { loop_uv(net->loop) };
	unsigned header_s = (unsigned)((net->settings.header_ms + 999) / 1000);
	struct lws_context_creation_info info;

	lws_set_log_level(LLL_ERR | LLL_WARN, net_lws_says);
	net->protocols[0] = (struct lws_protocols){
		.name = "otd",
		.callback = net_event,
		.rx_buffer_size = net->settings.read_bytes,
		/*
		 * lws copies what is beyond this even if the socket has room:
		 * larger than anything we send, smaller than an int.
		 */
		.tx_packet_size = 1 << 30,
	};

	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
	    LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_LIBUV;
	info.foreign_loops = foreign_loops;
	info.pcontext = &net->cx;
	info.pt_serv_buf_size = SERVICE_BYTES;
	info.max_http_header_data = HEADER_BYTES;
	/* lws's own deadlines stand behind ours, in whole seconds. */
	info.timeout_secs_ah_idle = header_s != 0 ? header_s : 1;
	info.timeout_secs = 5;
	info.retry_and_idle_policy = &no_pings;
	info.alpn = "http/1.1";		/* RAW writes do not go with h2 */
	info.protocols = net->protocols;

	loop_lws_set(net->loop, &net->cx);
	if ((net->cx = lws_create_context(&info)) == NULL)
		return false;
	info.vhost_name = "otd";
	/* A context may come back half destroyed; the vhost tells. */
	return (net->vhost = lws_create_vhost(net->cx, &info)) != NULL;
}

/* Content decides: the same in every worker, another after an upgrade. */
static void
net_make_etags(struct net *net)
{
	const struct net_site *site = net->site;
	struct table fixed;

	table_init(&fixed, 0);
	net->etags = mem_get((site->n_assets + 1) * sizeof(*net->etags));
	for (size_t i = 0; i < site->n_assets; i++)
		snprintf(net->etags[i], sizeof(net->etags[i]), "\"%016llx\"",
		    (unsigned long long)table_hash(&fixed,
		    site->assets[i].bytes, site->assets[i].len));
}

struct net *
net_new(struct loop *loop, struct hub *hub,
    const struct net_settings *settings, const struct net_site *site,
    char *why, size_t why_size)
{
	struct net *net = mem_get(sizeof(*net));

	net->loop = loop;
	net->hub = hub;
	net->settings = *settings;
	net->site = site;
	net->scratch = mem_get(LWS_PRE + JOIN_BYTES);
	list_init(&net->listeners);
	for (int i = 0; i < CONN_STATES; i++)
		list_init(&net->conns[i]);
	net_make_etags(net);
	net_set_descriptors(settings);
	if (!net_start_lws(net)) {
		snprintf(why, why_size, "cannot start libwebsockets (is its "
		    "libuv plugin installed?)");
		net_free(net);
		return NULL;
	}
	return net;
}

void
net_set_apis(struct net *net, const struct net_api *apis, size_t n)
{
	net->apis = apis;
	net->n_apis = n;
}

void
net_listen(struct net *net, int fd, unsigned serves)
{
	listener_new(net, fd, serves, conn_accept);
}

/* ---- running ---- */

static void
net_cut_late(struct net *net, enum conn_state state, uint64_t now_ms)
{
	struct list *node, *next;

	LIST_EACH(&net->conns[state], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);

		if (c->deadline_ms == 0 || c->deadline_ms > now_ms)
			continue;
		if (state == CONN_HTTP && !http_is_late(c))
			continue;
		net->counts.cut_late++;
		conn_cut(c);
	}
}

void
net_tick(struct net *net, uint64_t now_ms)
{
	net_cut_late(net, CONN_HTTP, now_ms);
	net_cut_late(net, CONN_CLOSING, now_ms);
	ws_tick(net, now_ms);
}

void
net_count(const struct net *net, struct net_counts *counts_out)
{
	*counts_out = net->counts;
	counts_out->sockets = net->n_conns[CONN_OPEN] +
	    net->n_conns[CONN_CLOSING];
	counts_out->connections = net_connections(net);
}

/* ---- leaving ---- */

void
net_stop_accepting(struct net *net)
{
	listeners_free(net);
}

void
net_close_all(struct net *net, enum session_close code, const char *reason)
{
	struct list *node, *next;

	net->closing = true;
	net->close_code = code;
	net->close_reason = reason;
	LIST_EACH(&net->conns[CONN_OPEN], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);

		hub_close(net->hub, c->session, code, reason);
	}
	/*
	 * An answer under way is finished; who has not asked yet goes, and so
	 * does a stream, which has no end of its own.
	 */
	LIST_EACH(&net->conns[CONN_HTTP], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);

		if (c->exchange == NULL || c->exchange->state == EX_STREAMED)
			conn_cut(c);
		else
			conn_deadline(c, net->settings.drain_ms);
	}
}

bool
net_is_empty(const struct net *net)
{
	return net_connections(net) == 0;
}

void
net_free(struct net *net)
{
	if (net == NULL)
		return;
	listeners_free(net);
	if (net->cx != NULL)
		lws_context_destroy(net->cx);
	/*
	 * libuv closes handles in its own time.  This lws, on a loop that is
	 * not its own, then forgets its last step, which a second call takes.
	 */
	while (!loop_lws_gone(net->loop)) {
		if (loop_uv_empty(net->loop))
			lws_context_destroy(net->cx);
		else
			loop_wait(net->loop, true);
	}
	loop_lws_set(net->loop, NULL);
	if (!net_is_empty(net))
		bug("net: lws went without all its connections");
	free(net->etags);
	free(net->scratch);
	free(net);
}
