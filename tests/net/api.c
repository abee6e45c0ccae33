#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "ot/buf.h"

#define LATER_MS	50
#define PART_MS		20
#define FLOOD_BYTES	(100u << 20)

unsigned api_open, api_gone, api_drained;

/* A call that goes on; its "own". */
struct talk {
	struct list		 node;
	struct net_call		*call;
	struct loop_timer	*timer;
	unsigned		 n;		/* parts sent */
};

static struct loop *loop;
static struct list talks;

static struct talk *
talk_new(struct net_call *call, loop_call *due)
{
	struct talk *t = mem_get(sizeof(*t));

	t->call = call;
	t->timer = loop_timer_new(loop, due, t);
	list_push(&talks, &t->node);
	call->own = t;
	api_open++;
	return t;
}

static void
talk_free(struct talk *t)
{
	list_remove(&t->node);
	loop_timer_free(t->timer);
	free(t);
	api_open--;
}

/* ---- answers ---- */

static void
put_text(struct buf *b, const char *name, const char *text)
{
	buf_puts(b, ",\"");
	buf_puts(b, name);
	buf_puts(b, "\":\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
	buf_putc(b, '"');
}

static void
show(struct net_call *call)
{
	static const char *const names[NET_HEADERS] = {
		"accept", "authorization", "content-type", "cookie",
		"idempotency-key", "if-match", "if-modified-since",
		"if-none-match", "if-unmodified-since", "last-event-id",
		"origin", "prefer", "traceparent", "user-agent",
	};
	const struct net_answer a = { call->who_why != NULL ? 401 : 200,
	    "application/json", NULL };
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"method\":");
	buf_put_u64(&b, call->method);
	buf_puts(&b, ",\"bytes\":");
	buf_put_u64(&b, call->body_len);
	buf_puts(&b, call->secure ? ",\"secure\":true" : ",\"secure\":false");
	put_text(&b, "path", call->path);
	put_text(&b, "query", call->query);
	put_text(&b, "host", call->host);
	put_text(&b, "address", call->address);
	if (call->who != NULL)
		put_text(&b, "who", call->who->subject);
	if (call->who_why != NULL)
		put_text(&b, "why", call->who_why);
	if (call->body_len < 1000)
		put_text(&b, "body", call->body);
	for (int i = 0; i < NET_HEADERS; i++)
		if (call->headers[i] != NULL)
			put_text(&b, names[i], call->headers[i]);
	buf_puts(&b, "}\n");
	net_call_answer(call, &a, b.data, b.len);
	buf_done(&b);
}

static void
lines(struct net_call *call)
{
	const struct net_answer a = { 203, "text/plain",
	    "ETag: \"7\"\r\ncache-control: private\r\n" };
	size_t len = 10 << 20;
	char *body = mem_get(len);

	memset(body, 'l', len);
	net_call_answer(call, &a, body, len);
	free(body);
}

/* ---- what goes on ---- */

static void
on_later(void *arg)
{
	struct talk *t = arg;
	struct net_call *call = t->call;

	talk_free(t);
	show(call);
}

static void
on_part(void *arg)
{
	struct talk *t = arg;
	struct buf b = BUF_INIT;

	buf_puts(&b, "part ");
	buf_put_u64(&b, t->n++);
	buf_putc(&b, '\n');
	if (net_call_send(t->call, b.data, b.len))
		loop_timer_start(t->timer, PART_MS);
	buf_done(&b);
}

static void
on_nothing(void *arg)
{
	(void)arg;
}

static void
flood(struct talk *t)
{
	static char bytes[1 << 20];

	memset(bytes, 'f', sizeof(bytes));
	while (t->n < FLOOD_BYTES / sizeof(bytes) &&
	    net_call_waiting(t->call) == 0 &&
	    net_call_send(t->call, bytes, sizeof(bytes)))
		t->n++;
	if (t->n == FLOOD_BYTES / sizeof(bytes)) {
		net_call_end(t->call);
		talk_free(t);
	}
}

static void
end_all(void)
{
	struct list *node, *next;

	LIST_EACH(&talks, node, next) {
		struct talk *t = LIST_ITEM(node, struct talk, node);

		if (strcmp(t->call->path, "/api/stream") == 0) {
			net_call_end(t->call);
			talk_free(t);
		}
	}
}

static void
begin(struct net_call *call, void *arg)
{
	const struct net_answer stream = { 200, "text/event-stream", NULL };
	const char *name = call->path + strlen("/api/");
	struct talk *t;

	(void)arg;
	if (strcmp(name, "later") == 0) {
		loop_timer_start(talk_new(call, on_later)->timer, LATER_MS);
	} else if (strcmp(name, "never") == 0) {
		talk_new(call, on_nothing);
	} else if (strcmp(name, "stream") == 0 && call->method == NET_GET) {
		t = talk_new(call, on_part);
		net_call_stream(call, &stream);
		on_part(t);
	} else if (strcmp(name, "stream") == 0) {
		end_all();
		show(call);
	} else if (strcmp(name, "flood") == 0) {
		t = talk_new(call, on_nothing);
		net_call_stream(call, &stream);
		flood(t);
	} else if (strcmp(name, "lines") == 0) {
		lines(call);
	} else {
		show(call);
	}
}

static void
gone(struct net_call *call, void *arg)
{
	(void)arg;
	api_gone++;
	talk_free(call->own);
}

static void
drained(struct net_call *call, void *arg)
{
	(void)arg;
	api_drained++;
	if (strcmp(call->path, "/api/flood") == 0)
		flood(call->own);
}

const struct net_api *
api_init(struct loop *of)
{
	static const struct net_api api = {
		"/api/", begin, gone, drained, NULL,
	};

	loop = of;
	list_init(&talks);
	return &api;
}

void
api_done(void)
{
	if (!list_empty(&talks))
		bug("api: a call is still open");
}
