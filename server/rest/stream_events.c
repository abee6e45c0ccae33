/*
 * stream_events: what happens to the documents of a collection.
 *
 *	outbox --event--> may it be read? --hub--> yes --> sent, in order
 *	                                      `--> no --> dropped
 *
 * The hub is asked for each event anew, so that what is revoked is not told
 * any more, and what is granted is.  Events wait for the answer in their
 * order; while too many do, the stream reads no further (outbox.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "rest/events.h"
#include "rest/outbox.h"
#include "rest/rest_in.h"
#include "rest/route.h"
#include "rest/stream.h"

#define QUEUE_MAX	256		/* events that wait for an answer */
#define AGAIN_MS	250		/* until it is asked again */
#define WAITING_MAX	262144		/* bytes that wait for the client */

enum verdict {
	ASKED,
	AGAIN,			/* it could not be said: to be asked again */
	YES, NO,
};

struct tidings {
	struct list	 node;		/* watch->queue */
	struct place	 place;
	enum verdict	 verdict;
	char		*id;		/* of the document */
	struct buf	 data;		/* what is to be sent */
};

struct watch {
	struct stream	 stream;
	struct listener	 listener;
	struct rest_timer again;	/* some could not be asked */
	struct list	 queue;		/* struct tidings.node, in order */
	size_t		 n_queue;
	bool		 is_open;	/* nobody has to be asked */
	bool		 has_start;	/* it comes back */
	struct place	 start;
};

static void
tidings_free(struct tidings *t)
{
	list_remove(&t->node);
	buf_done(&t->data);
	free(t->id);
	free(t);
}

/* ---- sending ---- */

static bool
has_room(const struct listener *l)
{
	const struct watch *w = LIST_ITEM(l, struct watch, listener);

	return w->n_queue < QUEUE_MAX && w->stream.call->net != NULL &&
	    net_call_waiting(w->stream.call->net) < WAITING_MAX;
}

/* What is decided goes out, up to the first that is not. */
static void
send_decided(struct watch *w)
{
	char id[PLACE_TEXT];

	while (!list_empty(&w->queue) && !w->stream.call->is_over) {
		struct tidings *t = LIST_ITEM(w->queue.next, struct tidings,
		    node);

		if (t->verdict == ASKED || t->verdict == AGAIN)
			break;
		place_print(&t->place, id);
		if (t->verdict == YES &&
		    !stream_send(&w->stream, "event", id, &t->data))
			return;		/* leave has freed the queue */
		w->n_queue--;
		tidings_free(t);
	}
	if (!w->stream.call->is_over)
		outbox_more(&w->listener);
}

/* ---- may it be read? ---- */

static bool
list_has(const struct json_slice *list, const char *text)
{
	struct json_slice item;
	struct json_reader r;
	struct ot_err err;

	if (list->kind != JSON_LIST)
		return false;
	json_reader_init(&r, list->p, list->len, &err);
	if (json_enter(&r, JSON_LIST) != 0)
		return false;
	while (json_next_item(&r) == 1 && json_skip(&r, &item) == 0)
		if (json_slice_is(&item, text))
			return true;
	return false;
}

static void	 ask(struct watch *w, struct tidings *t);

static void
ask_again(struct rest_call *call)
{
	struct watch *w = call->own;
	struct list *node, *next;

	LIST_EACH(&w->queue, node, next) {
		struct tidings *t = LIST_ITEM(node, struct tidings, node);

		if (t->verdict == AGAIN && !call->is_over)
			ask(w, t);
	}
}

/*
 * No is an answer that has no "read", and a refusal of the rules.  Anything
 * else, a rate or a store that is away, says nothing about the document.
 */
static void
decided(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct json_slice may = rest_member(&reply->whole, "may");
	struct watch *w = call->own;
	struct tidings *t = whose;

	if (reply->status == 200)
		t->verdict = list_has(&may, "read") ? YES : NO;
	else if (strcmp(reply->code, err_wire(ERR_DENIED)) == 0)
		t->verdict = NO;
	else
		t->verdict = AGAIN;
	if (t->verdict == AGAIN)
		rest_timer_start(&w->again, call, AGAIN_MS, ask_again);
	else
		send_decided(w);
}

static void
ask(struct watch *w, struct tidings *t)
{
	struct buf m = BUF_INIT;

	t->verdict = ASKED;
	rest_put_text(&m, "a", "x-may");
	rest_put_text(&m, "c", w->listener.collection);
	rest_put_text(&m, "d", t->id);
	rest_say(w->stream.call, &m, decided, t);
	buf_done(&m);
}

static void
put_event(struct buf *b, const struct event *e)
{
	buf_putc(b, '{');
	rest_put_text(b, "collection", e->collection);
	rest_put_text(b, "id", e->id);
	rest_put_text(b, "kind", e->kind);
	rest_put_number(b, "from_v", (int64_t)e->from_v);
	rest_put_number(b, "to_v", (int64_t)e->to_v);
	rest_put_time(b, "at", e->at_ms);
	buf_putc(b, '}');
}

static void
take(struct listener *l, const struct event *e)
{
	struct watch *w = LIST_ITEM(l, struct watch, listener);
	struct tidings *t = mem_get(sizeof(*t));

	t->place = e->place;
	t->verdict = w->is_open ? YES : ASKED;
	t->id = mem_copy(e->id, strlen(e->id));
	buf_init(&t->data, SIZE_MAX);
	put_event(&t->data, e);
	list_push(&w->queue, &t->node);
	w->n_queue++;
	if (w->is_open)
		send_decided(w);
	else
		ask(w, t);
}

/* ---- beginning and ending ---- */

/* The place is known, or what it comes back to is gone. */
static void
ready(struct listener *l)
{
	struct watch *w = LIST_ITEM(l, struct watch, listener);
	struct buf b = BUF_INIT;
	char id[PLACE_TEXT];

	place_print(&l->place, id);
	buf_puts(&b, "{}");
	stream_send(&w->stream, l->is_late ? "reset" : "open", id, &b);
	buf_done(&b);
}

static void
closed(struct rest_call *call, enum session_close code, const char *reason)
{
	struct watch *w = call->own;

	stream_close(&w->stream, code, reason);
}

static void
drained(struct rest_call *call)
{
	struct watch *w = call->own;

	outbox_more(&w->listener);
}

static void
leave(struct rest_call *call)
{
	struct watch *w = call->own;

	outbox_leave(&w->listener);
	rest_timer_stop(&w->again);
	while (!list_empty(&w->queue))
		tidings_free(LIST_ITEM(w->queue.next, struct tidings, node));
	stream_done(&w->stream);
}

static void
begin(struct rest_call *call)
{
	struct watch *w = call->own;

	call->leave = leave;
	call->closed = closed;
	call->drained = drained;
	outbox_listen(call->rest->events->outbox, &w->listener,
	    w->has_start ? &w->start : NULL);
}

/* Where it goes on; false: the call is answered. */
static bool
read_start(struct rest_call *call, struct watch *w)
{
	const char *last = rest_asked(call, NET_LAST_EVENT_ID);

	if (last == NULL || *last == '\0')
		last = rest_query(call, "since");
	w->has_start = last != NULL;
	if (last == NULL || place_read(last, &w->start, NULL))
		return true;
	rest_problem(call, ERR_REQUEST, "\"Last-Event-ID\" and \"since\" must "
	    "be the id of an event");
	return false;
}

/* Does it have events?  False: the call is answered. */
static bool
has_events(struct rest_call *call, const char *collection)
{
	const struct catalog *catalog = call->rest->events->catalog;
	const struct collection *settled;
	struct named named;
	enum err err;

	if ((err = catalog_resolve(catalog, collection, &call->arena,
	    &named)) != ERR_NONE) {
		rest_problem(call, err, NULL);
		return false;
	}
	if (named.projection != NULL) {
		rest_problem(call, ERR_EVENTS_OFF,
		    "a projection has no events; its collection may");
		return false;
	}
	settled = catalog_collection(catalog, collection);
	if (settled == NULL || !settled->events) {
		rest_problem(call, ERR_EVENTS_OFF, NULL);
		return false;
	}
	return true;
}

void
collections_events(struct rest_call *call)
{
	struct watch *w = arena_get(&call->arena, sizeof(*w));

	if (call->rest->events == NULL) {
		rest_problem(call, ERR_EVENTS_OFF, NULL);
		return;
	}
	stream_init(&w->stream, call);
	list_init(&w->queue);
	rest_timer_init(&w->again);
	w->is_open = call->rest->events->settings.is_open;
	w->listener.collection = rest_param(call, "collection");
	w->listener.take = take;
	w->listener.has_room = has_room;
	w->listener.ready = ready;
	call->own = w;
	if (!has_events(call, w->listener.collection) || !read_start(call, w) ||
	    stream_is_head(call))
		return;
	rest_may(call, "read", w->listener.collection, NULL, begin);
}
