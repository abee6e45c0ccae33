/*
 * The lws context, its settings and callbacks, beginning and leaving.  What lws
 * 4.1 needs to be told, and why, stands with each setting below.
 */
#include "net/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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
#include "net/proxy.h"
#include "net/tls.h"

/* Descriptors that a process needs besides those of its connections. */
#define SPARE_DESCRIPTORS	256
/* lws takes a limit above this for nonsense and falls back to 2560. */
#define MOST_DESCRIPTORS	1000000
/* With a request's head: larger than one TLS record. */
#define SERVICE_BYTES		16384

_Static_assert(LWS_PRE <= FRAME_HEADROOM, "frames have room for lws");

void
net_settings_default(struct net_settings *settings)
{
	*settings = (struct net_settings){
		.message_bytes = 16 << 20,
		.body_bytes = 16 << 20,
		.outbox_bytes = 16 << 20,
		.read_bytes = 512,
		.send_buffer_bytes = 256 << 10,
		.connections = 50000,
		.connections_address = 25000,
		.connection_rate = 2000,
		.accept_rate = 2000,
		.streams = 1000,
		.incoming_bytes = 256 << 20,
		.incoming_address_bytes = 64 << 20,
		.unknown_body_bytes = 64 << 10,
		.head_bytes = 16 << 10,
		.header_ms = 10000,
		.request_ms = 30000,
		.ping_ms = 25000,
		.idle_ms = 60000,
		.drain_ms = 5000,
		.close_ms = 2000,
	};
}

/* ---- what lws tells ---- */

static int
net_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct conn *c = wsi != NULL ? lws_get_opaque_user_data(wsi) : NULL;

	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
		tls_adopt(lws_context_user(lws_get_context(wsi)), user);
		return 0;
	}
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
	info.user = net;
	info.pt_serv_buf_size = SERVICE_BYTES + net->settings.head_bytes;
	info.max_http_header_data = (unsigned short)net->settings.head_bytes;
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
	if ((net->vhost = lws_create_vhost(net->cx, &info)) == NULL)
		return false;
	if (!tls_is_on(net))
		return true;
	info.vhost_name = "otd-tls";
	tls_fill(&info);
	return (net->tls_vhost = lws_create_vhost(net->cx, &info)) != NULL;
}

/* Content decides: the same in every worker, another after an upgrade. */
static void
net_make_etags(struct net *net)
{
	const struct net_site *site = net->site;
	struct table fixed;

	table_init(&fixed, 0);
	net->etags = mem_get((site->n_assets + 1) * sizeof(*net->etags));
	for (size_t i = 0; i < site->n_assets; i++) {
		unsigned long long hash = table_hash(&fixed,
		    site->assets[i].bytes, site->assets[i].len);

		snprintf(net->etags[i].plain, sizeof(net->etags[i].plain),
		    "\"%016llx\"", hash);
		snprintf(net->etags[i].gzip, sizeof(net->etags[i].gzip),
		    "\"%016llx-gz\"", hash);
	}
}

static void
net_make_crowds(struct net *net)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		bug("net: no randomness");
	crowd_init(&net->addresses, seed, net->settings.connections_address,
	    net->settings.connection_rate);
	crowd_init(&net->streamers, seed, net->settings.streams, 0);
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
	rate_meter_init(&net->door, &(struct rate){
	    .ops = settings->accept_rate }, loop_now_ms(loop));
	list_init(&net->listeners);
	for (int i = 0; i < CONN_STATES; i++)
		list_init(&net->conns[i]);
	net_make_etags(net);
	net_set_descriptors(settings);
	net_make_crowds(net);
	if (!proxy_init(net, why, why_size))
		goto fail;
	if (!net_start_lws(net)) {
		snprintf(why, why_size, "cannot start libwebsockets (is its "
		    "libuv plugin installed?)");
		goto fail;
	}
	if (tls_is_on(net) && !tls_load(net, why, why_size))
		goto fail;
	return net;
fail:
	net_free(net);
	return NULL;
}

void
net_set_gate(struct net *net, struct gate *gate)
{
	net->gate = gate;
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
	net_cut_late(net, CONN_ASKING, now_ms);
	net_cut_late(net, CONN_CLOSING, now_ms);
	ws_tick(net, now_ms);
	crowd_tick(&net->addresses, now_ms);
	crowd_tick(&net->streamers, now_ms);
	tls_tick(net, now_ms);
}

void
net_count(const struct net *net, struct net_counts *counts_out)
{
	*counts_out = net->counts;
	counts_out->sockets = net->n_conns[CONN_OPEN] +
	    net->n_conns[CONN_LEAVING] + net->n_conns[CONN_CLOSING];
	counts_out->waiting = net->n_conns[CONN_WAITING];
	counts_out->connections = conn_count(net);
	counts_out->incoming = net->incoming;
	counts_out->streams = net->n_streams;
	counts_out->addresses = net->addresses.guests.n;
}

/* ---- leaving ---- */

void
net_stop_accepting(struct net *net)
{
	net->leaving = true;
	listeners_close(net, NET_SERVES_CLIENTS);
}

size_t
net_clients(const struct net *net)
{
	return net->n_conns[CONN_ASKING] + net->n_conns[CONN_WAITING] +
	    net->n_conns[CONN_OPEN];
}

bool
net_move(struct net *net, enum session_close code, const char *reason)
{
	struct list *waiting = &net->conns[CONN_WAITING];
	struct list *open = &net->conns[CONN_OPEN];

	net->close_code = code;
	net->close_reason = reason;
	if (!list_empty(waiting))
		ws_turn_back(LIST_ITEM(waiting->next, struct conn, node), code,
		    reason);
	else if (!list_empty(open))
		ws_see_off(LIST_ITEM(open->next, struct conn, node));
	else
		return false;
	net->counts.moved++;
	return true;
}

static void
net_close_state(struct net *net, enum conn_state state)
{
	struct list *node, *next;

	LIST_EACH(&net->conns[state], node, next) {
		struct conn *c = LIST_ITEM(node, struct conn, node);

		hub_close(net->hub, c->session, net->close_code,
		    net->close_reason);
	}
}

void
net_close_all(struct net *net, enum session_close code, const char *reason)
{
	struct list *node, *next;

	listeners_free(net);
	net->closing = true;
	net->close_code = code;
	net->close_reason = reason;
	net_close_state(net, CONN_OPEN);
	net_close_state(net, CONN_LEAVING);
	LIST_EACH(&net->conns[CONN_WAITING], node, next)
		ws_turn_back(LIST_ITEM(node, struct conn, node), code, reason);
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
	LIST_EACH(&net->conns[CONN_ASKING], node, next)
		conn_cut(LIST_ITEM(node, struct conn, node));
}

bool
net_is_empty(const struct net *net)
{
	return conn_count(net) == 0;
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
	crowd_done(&net->addresses);
	crowd_done(&net->streamers);
	proxy_done(net);
	tls_done(net);
	free(net->etags);
	free(net->scratch);
	free(net);
}
