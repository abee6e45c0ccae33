#include "rest/stream.h"

#include <string.h>

#include "rest/rest_in.h"

#define RETRY	"retry: 2000\n\n"	/* ms, until a client comes back */

void
stream_init(struct stream *s, struct rest_call *call)
{
	list_init(&s->node);
	s->call = call;
}

void
stream_done(struct stream *s)
{
	if (stream_has_begun(s))
		s->call->rest->n_streams--;
	list_remove(&s->node);
}

bool
stream_is_head(struct rest_call *call)
{
	if (!call->net->head)
		return false;
	rest_header(call, "Cache-Control", "no-store");
	rest_answer(call, 200, "text/event-stream", NULL, 0);
	return true;
}

bool
stream_has_begun(const struct stream *s)
{
	return !list_empty(&s->node);
}

static bool
send_raw(struct stream *s, const void *bytes, size_t len)
{
	s->spoke_ms = s->call->rest->now_ms;
	return rest_send(s->call, bytes, len);
}

void
stream_begin(struct stream *s)
{
	struct rest *r = s->call->rest;

	if (stream_has_begun(s))
		return;
	list_push(&r->streams, &s->node);
	r->n_streams++;
	rest_header(s->call, "Cache-Control", "no-store");
	/* nginx keeps answers back until they are whole, unless told. */
	rest_header(s->call, "X-Accel-Buffering", "no");
	rest_stream(s->call, 200, "text/event-stream");
	send_raw(s, RETRY, sizeof(RETRY) - 1);
}

/* A line's end may stand in JSON as white space only: so it stays JSON. */
static void
put_data(struct buf *b, const struct buf *data)
{
	const char *p = data->data, *end = p + data->len;

	while (p < end) {
		size_t n = 0;

		while (p + n < end && p[n] != '\n' && p[n] != '\r')
			n++;
		buf_puts(b, "data: ");
		buf_put(b, p, n);
		buf_putc(b, '\n');
		p += n + 1;
	}
}

bool
stream_send(struct stream *s, const char *event, const char *id,
    const struct buf *data)
{
	struct buf b = BUF_INIT;
	bool sent;

	stream_begin(s);
	if (s->call->is_over)
		return false;
	buf_puts(&b, "event: ");
	buf_puts(&b, event);
	if (id != NULL) {
		buf_puts(&b, "\nid: ");
		buf_puts(&b, id);
	}
	buf_putc(&b, '\n');
	put_data(&b, data);
	buf_putc(&b, '\n');
	if (buf_failed(&b) || buf_failed(data)) {
		rest_end(s->call);
		buf_done(&b);
		return false;
	}
	sent = send_raw(s, b.data, b.len);
	buf_done(&b);
	return sent;
}

void
stream_close(struct stream *s, enum session_close code, const char *reason)
{
	struct buf b = BUF_INIT;

	buf_putc(&b, '{');
	rest_put_number(&b, "code", code);
	rest_put_text(&b, "reason", reason);
	buf_putc(&b, '}');
	if (stream_send(s, "error", NULL, &b))
		rest_end(s->call);
	buf_done(&b);
}

void
streams_tick(struct rest *r)
{
	static const char comment[] = ": heartbeat\n\n";
	struct list *node, *next;

	LIST_EACH(&r->streams, node, next) {
		struct stream *s = LIST_ITEM(node, struct stream, node);

		if (r->now_ms - s->spoke_ms >= r->settings.heartbeat_ms)
			send_raw(s, comment, sizeof(comment) - 1);
	}
}

bool
rest_end_stream(struct rest *r, enum session_close code, const char *reason)
{
	if (list_empty(&r->streams))
		return false;
	stream_close(LIST_ITEM(r->streams.next, struct stream, node), code,
	    reason);
	return true;
}

size_t
rest_streams(const struct rest *r)
{
	return r->n_streams;
}

void
streams_stop(struct rest *r)
{
	struct list *node, *next;

	LIST_EACH(&r->streams, node, next)
		stream_close(LIST_ITEM(node, struct stream, node),
		    CLOSE_RESTART, "server is restarting");
}
