/*
 * stream_doc: what happens to one document, as it happens.
 *
 * The call's session subscribes as any client does; each op that comes is an
 * event, whose id is the version that it leads to.  Who comes back with that
 * id subscribes from there, and misses nothing.  When the ops since are no
 * longer kept it is told to begin anew (reset).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rest/route.h"
#include "rest/shot.h"
#include "rest/stream.h"

#define NONE	UINT64_MAX

struct follow {
	struct stream	 stream;
	const char	*collection, *id;	/* arena */
	bool		 ops_only;	/* no snapshot to begin with */
	bool		 presence;	/* tell it too */
	bool		 is_reset;	/* the ops it asked for are gone */
	uint64_t	 have_v;	/* it has all before; NONE: nothing */
};

/* ---- what is sent ---- */

/* Members of a message that a reader of one document wants. */
static void
put_message(struct buf *b, const struct json_slice *message)
{
	static const char *const known[] = { "a", "c", "d", "ch" };
	struct json_slice key, value;
	struct json_reader r;
	struct ot_err err;
	size_t i;

	json_reader_init(&r, message->p, message->len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		return;
	buf_putc(b, '{');
	while (json_next_member(&r, &key) == 1 && json_skip(&r, &value) == 0) {
		for (i = 0; i < 4 && !json_slice_is(&key, known[i]); i++)
			continue;
		if (i < 4)
			continue;
		if (b->data[b->len - 1] != '{')
			buf_putc(b, ',');
		buf_put(b, key.p, key.len);
		buf_putc(b, ':');
		buf_put(b, value.p, value.len);
	}
	buf_putc(b, '}');
}

static void
send_message(struct follow *f, const char *event, const char *id,
    const struct json_slice *message)
{
	struct buf b = BUF_INIT;

	put_message(&b, message);
	stream_send(&f->stream, event, id, &b);
	buf_done(&b);
}

static void
heard_op(struct follow *f, const struct json_slice *message)
{
	struct json_slice number = rest_member(message, "v");
	char id[24];
	uint64_t v;

	if (number.kind != JSON_NUMBER)
		return;
	v = (uint64_t)json_slice_number(&number);
	if (f->have_v != NONE && v < f->have_v)
		return;			/* it has come twice */
	f->have_v = v + 1;
	snprintf(id, sizeof(id), "%" PRIu64, f->have_v);
	send_message(f, "op", id, message);
}

static void
heard(struct rest_call *call, const struct json_slice *message)
{
	struct follow *f = call->own;
	struct json_slice a = rest_member(message, "a");
	struct json_slice error = rest_member(message, "error");

	if (json_slice_is(&a, "op") && error.kind == JSON_NONE)
		heard_op(f, message);
	else if (json_slice_is(&a, "p") && f->presence)
		send_message(f, "presence", NULL, message);
}

static void
send_snapshot(struct follow *f, const struct shot *shot)
{
	struct buf b = BUF_INIT;
	char id[24];

	buf_putc(&b, '{');
	rest_put_number(&b, "v", (int64_t)shot->v);
	if (!f->ops_only) {
		rest_put_text(&b, "type",
		    shot->type != NULL ? shot->type->name : NULL);
		if (shot->data.kind != JSON_NONE)
			rest_put_raw(&b, "data", shot->data.p, shot->data.len);
	}
	buf_putc(&b, '}');
	f->have_v = shot->v;
	snprintf(id, sizeof(id), "%" PRIu64, shot->v);
	stream_send(&f->stream, f->is_reset ? "reset" : f->ops_only ? "open" :
	    "snapshot", id, &b);
	buf_done(&b);
}

/* ---- beginning ---- */

static void
following(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	(void)whose;
	if (reply->status != 200)
		stream_close(&((struct follow *)call->own)->stream,
		    CLOSE_ACCESS, reply->message);
}

static void
ask_presence(struct follow *f)
{
	struct buf channel = BUF_INIT, m = BUF_INIT;

	/* What ShareDB's client calls the channel of a document. */
	buf_puts(&channel, f->collection);
	buf_putc(&channel, '.');
	buf_puts(&channel, f->id);
	buf_putc(&channel, '\0');
	rest_put_text(&m, "a", "ps");
	rest_put_text(&m, "ch", channel.data);
	rest_put_number(&m, "seq", 1);
	rest_say(f->stream.call, &m, following, NULL);
	buf_done(&m);
	buf_done(&channel);
}

static void	 subscribe(struct follow *f);

static void
subscribe_anew(struct follow *f)
{
	f->have_v = NONE;
	f->is_reset = true;
	f->ops_only = false;
	subscribe(f);
}

static bool
is_gone(const struct rest_reply *reply)
{
	return strcmp(reply->code, err_wire(ERR_HISTORY)) == 0 ||
	    strcmp(reply->code, err_wire(ERR_OPS_MISSING)) == 0;
}

static void
subscribed(struct rest_call *call, const struct rest_reply *reply,
    void *whose)
{
	struct follow *f = whose;
	struct json_slice data;
	struct shot shot;

	if (f->have_v != NONE && is_gone(reply)) {
		subscribe_anew(f);
		return;
	}
	if (rest_refused(call, reply))
		return;
	data = rest_member(&reply->whole, "data");
	stream_begin(&f->stream);
	if (f->have_v == NONE) {
		shot = shot_read(&data);
		send_snapshot(f, &shot);
	}
	if (f->presence && !call->is_over)
		ask_presence(f);
}

static void
subscribe(struct follow *f)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "s");
	rest_put_text(&m, "c", f->collection);
	rest_put_text(&m, "d", f->id);
	if (f->have_v != NONE)
		rest_put_number(&m, "v", (int64_t)f->have_v);
	rest_say(f->stream.call, &m, subscribed, f);
	buf_done(&m);
}

/* Where the document is.  After a restored backup it may be behind its reader. */
static void
placed(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct follow *f = whose;
	struct json_slice v = rest_member(&reply->whole, "v");

	(void)call;
	if (v.kind == JSON_NUMBER &&
	    (uint64_t)json_slice_number(&v) < f->have_v)
		subscribe_anew(f);
	else
		subscribe(f);
}

static void
ask_place(struct follow *f)
{
	struct buf m = BUF_INIT;

	rest_put_text(&m, "a", "x-may");
	rest_put_text(&m, "c", f->collection);
	rest_put_text(&m, "d", f->id);
	rest_say(f->stream.call, &m, placed, f);
	buf_done(&m);
}

static void
closed(struct rest_call *call, enum session_close code, const char *reason)
{
	struct follow *f = call->own;

	if (stream_has_begun(&f->stream))
		stream_close(&f->stream, code, reason);
	else
		rest_problem(call, code == CLOSE_RENEW ? ERR_TOKEN :
		    code == CLOSE_ACCESS ? ERR_DENIED : ERR_LEAVING, NULL);
}

static void
leave(struct rest_call *call)
{
	struct follow *f = call->own;

	stream_done(&f->stream);
}

/* The version to go on from; false: the call is answered. */
static bool
read_since(struct rest_call *call, uint64_t *v_out)
{
	const char *last = rest_asked(call, NET_LAST_EVENT_ID);
	unsigned long long v;
	char *end;

	if (!rest_query_number(call, "since", 0, OP_NUMBER_MAX, NONE, v_out))
		return false;
	if (last == NULL || *last == '\0')
		return true;
	errno = 0;
	v = strtoull(last, &end, 10);
	if (*last < '0' || *last > '9' || *end != '\0' || errno != 0 ||
	    v > OP_NUMBER_MAX) {
		rest_problem(call, ERR_REQUEST,
		    "\"Last-Event-ID\" must be a version");
		return false;
	}
	*v_out = v;
	return true;
}

/* "ops=only"; false: it is another, the call is answered. */
static bool
read_flag(struct rest_call *call, const char *name, const char *value,
    bool *is_set_out)
{
	const char *said = rest_query(call, name);

	*is_set_out = said != NULL && strcmp(said, value) == 0;
	if (said == NULL || *is_set_out)
		return true;
	rest_problem(call, ERR_REQUEST, "\"%s\" can only be \"%s\"", name,
	    value);
	return false;
}

void
docs_events(struct rest_call *call)
{
	struct follow *f = arena_get(&call->arena, sizeof(*f));

	if (!read_since(call, &f->have_v) ||
	    !read_flag(call, "ops", "only", &f->ops_only) ||
	    !read_flag(call, "presence", "1", &f->presence) ||
	    stream_is_head(call))
		return;
	stream_init(&f->stream, call);
	f->collection = rest_param(call, "collection");
	f->id = rest_param(call, "id");
	call->own = f;
	call->leave = leave;
	call->heard = heard;
	call->closed = closed;
	if (f->have_v != NONE)
		ask_place(f);
	else
		subscribe(f);
}
