#include "bench/limits/echo_server.h"

#include <libwebsockets.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/frame.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "ot/buf.h"

/* As server/net has them by default. */
#define READ_BYTES	1024
#define SEND_BYTES	(256 << 10)
#define HEAD_BYTES	(16 << 10)
#define SERVICE_BYTES	16384
#define ACCEPT_MOST	16

struct peer {
	struct list	 node;		/* server->peers */
	struct list	 dirty;		/* server->dirty, while out holds anything */
	struct lws	*wsi;
	struct buf	 in;		/* a message that has not come whole */
	struct buf	 out;		/* LWS_PRE bytes, then frames */
};

struct server {
	struct loop		*loop;
	struct lws_context	*cx;
	struct lws_vhost	*vhost;
	struct lws_protocols	 protocols[2];
	struct list		 peers, dirty;
	bool			 to_all;
	struct buf		 said;		/* to all in this turn, after LWS_PRE bytes */
};

static void
out_put(struct buf *b, const struct frame *f)
{
	static const char room[LWS_PRE];

	if (b->len == 0)
		buf_put(b, room, sizeof(room));
	buf_put(b, f->wire, f->wire_len);
	if (buf_failed(b))
		bug("out of memory for what is to be sent");
}

static void
peer_write(struct peer *p, const struct buf *b)
{
	if (lws_partial_buffered(p->wsi))
		bug("a client does not read what it is sent");
	if (lws_write(p->wsi, (unsigned char *)b->data + LWS_PRE,
	    b->len - LWS_PRE, LWS_WRITE_RAW) < 0)
		shutdown(lws_get_socket_fd(p->wsi), SHUT_RDWR);
}

static void
heard(struct server *s, struct peer *p, const char *text, size_t len)
{
	struct frame *f = frame_new(text, len);

	out_put(s->to_all ? &s->said : &p->out, f);
	frame_unref(f);
	if (!s->to_all) {
		list_remove(&p->dirty);
		list_push(&s->dirty, &p->dirty);
	}
}

/* lws reads READ_BYTES at once, and gives what it has of a message. */
static void
heard_some(struct server *s, struct peer *p, const char *bytes, size_t len)
{
	bool is_whole = lws_is_final_fragment(p->wsi) &&
	    lws_remaining_packet_payload(p->wsi) == 0;

	if (is_whole && p->in.len == 0) {
		heard(s, p, bytes, len);
		return;
	}
	buf_put(&p->in, bytes, len);
	if (buf_failed(&p->in))
		bug("out of memory for a message");
	if (!is_whole)
		return;
	heard(s, p, p->in.data, p->in.len);
	buf_reset(&p->in);
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct server *s = lws_context_user(lws_get_context(wsi));
	struct peer *p = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		p->wsi = wsi;
		p->in = p->out = (struct buf)BUF_INIT;
		list_init(&p->node);
		list_init(&p->dirty);
		list_push(&s->peers, &p->node);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		heard_some(s, p, in, len);
		return 0;
	case LWS_CALLBACK_CLOSED:
		list_remove(&p->node);
		list_remove(&p->dirty);
		buf_done(&p->in);
		buf_done(&p->out);
		return 0;
	default:
		return 0;
	}
}

/* What was said in this turn goes out, joined. */
static void
server_flush(struct server *s)
{
	struct list *node, *next;

	while ((node = list_shift(&s->dirty)) != NULL) {
		struct peer *p = LIST_ITEM(node, struct peer, dirty);

		peer_write(p, &p->out);
		buf_reset(&p->out);
	}
	if (s->said.len == 0)
		return;
	LIST_EACH(&s->peers, node, next)
		peer_write(LIST_ITEM(node, struct peer, node), &s->said);
	buf_reset(&s->said);
}

static void
on_listening(int listening, bool readable, bool writable, void *arg)
{
	static const int one = 1, bytes = SEND_BYTES;
	struct server *s = arg;
	int fd, i;

	(void)readable;
	(void)writable;
	for (i = 0; i < ACCEPT_MOST; i++) {
		fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
		if (lws_adopt_socket_vhost(s->vhost, fd) == NULL)
			bug("lws does not take a connection");
	}
}

static bool
server_start(struct server *s)
{
	static const lws_retry_bo_t no_pings;
	void *loops[] = { loop_uv(s->loop) };
	struct lws_context_creation_info info;

	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	s->protocols[0] = (struct lws_protocols){
		.name = "echo",
		.callback = on_event,
		.per_session_data_size = sizeof(struct peer),
		.rx_buffer_size = READ_BYTES,
		.tx_packet_size = 1 << 30,
	};
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
	    LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_LIBUV;
	info.foreign_loops = loops;
	info.pcontext = &s->cx;
	info.user = s;
	info.pt_serv_buf_size = SERVICE_BYTES + HEAD_BYTES;
	info.max_http_header_data = HEAD_BYTES;
	info.retry_and_idle_policy = &no_pings;
	info.alpn = "http/1.1";
	info.protocols = s->protocols;
	info.vhost_name = "echo";
	loop_lws_set(s->loop, &s->cx);
	return (s->cx = lws_create_context(&info)) != NULL &&
	    (s->vhost = lws_create_vhost(s->cx, &info)) != NULL;
}

void
echo_serve(int listening_fd, bool to_all)
{
	struct server s = { .to_all = to_all, .said = BUF_INIT };

	list_init(&s.peers);
	list_init(&s.dirty);
	if ((s.loop = loop_new()) == NULL || !server_start(&s))
		return;
	loop_watch_set(loop_watch_new(s.loop, listening_fd, on_listening, &s),
	    true, false);
	for (;;) {
		loop_wait(s.loop, false);
		server_flush(&s);
	}
}
