#include "core/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/may.h"
#include "core/session_in.h"
#include "core/watch.h"
#include "proto/reply.h"
#include "proto/reply_query.h"

struct sub *
sub_new(struct session *ss, struct watch *w, struct incoming *in,
    bool is_fetch)
{
	struct sub *sub = mem_get(sizeof(*sub));

	sub->ss = ss;
	sub->watch = w;
	sub->id = in->msg.query_id;
	sub->is_fetch = is_fetch;
	sub->in = in;
	list_init(&sub->in_granted);
	list_push(&w->wants, &sub->in_watch);
	list_push(&ss->subs, &sub->in_session);
	ss->n_subs++;
	ss->hub->counts.queries++;
	ss->hub->asking++;
	return sub;
}

void
sub_free(struct sub *sub)
{
	struct watch *w = sub->watch;

	list_remove(&sub->in_watch);
	list_remove(&sub->in_session);
	sub->ss->n_subs--;
	sub->ss->hub->counts.queries--;
	sub->ss->hub->asking -= sub->in != NULL;
	if (sub->bulk != NULL)
		sub->bulk->sub = NULL;
	if (sub->former != NULL)
		sub->former->next = NULL;
	if (sub->next != NULL)
		sub_free(sub->next);
	query_refresh_leave(sub);
	list_remove(&sub->in_granted);
	incoming_free(sub->in);
	free(sub->rights);
	free(sub->said);
	free(sub);
	watch_rest(w);
}

struct sub *
sub_find(const struct session *ss, double id)
{
	struct list *node, *next;
	struct sub *sub;

	LIST_EACH(&ss->subs, node, next) {
		sub = LIST_ITEM(node, struct sub, in_session);
		if (!sub->is_fetch && sub->id == id && sub->former == NULL)
			return sub;
	}
	return NULL;
}

void
sub_leave(struct sub *sub)
{
	if (sub->in != NULL)
		sub->is_fetch = true;
	else
		sub_free(sub);
}

void
sub_send(struct sub *sub, struct frame *f)
{
	if (sub->bulk != NULL)
		bulk_hold(sub->bulk, NULL, f);
	else
		session_post_live(sub->ss, frame_ref(f));
}

void
sub_tell(struct sub *sub, struct frame *f)
{
	if (sub->bulk != NULL)
		bulk_hold(sub->bulk, NULL, f);
	else
		session_post_behind(sub->ss, frame_ref(f));
}

void
sub_refuse(struct sub *sub, const struct refusal *r)
{
	/* It goes on as it was. */
	if (sub->former != NULL) {
		sub_free(sub);
		return;
	}
	hub_note_refusal(sub->ss->hub, r->err);
	session_begin_answer(sub->ss);
	session_post(sub->ss, reply_refused(&sub->in->msg, r));
	sub_free(sub);
}

/* ---- a client that comes back ---- */

/*
 * Where what it has goes.  A document that is named twice, or has no place
 * any more, goes nowhere.
 */
static size_t *
known_places(const struct watch *w, const struct message *msg)
{
	size_t *places = mem_grow(NULL, msg->n_known + 1, sizeof(*places));
	bool *is_taken = mem_get(w->n + 1);
	const struct item *item;
	size_t i;

	for (i = 0; i < msg->n_known; i++) {
		item = watch_item(w, msg->known[i].id);
		places[i] = DIFF_NONE;
		if (item == NULL || is_taken[item->place])
			continue;
		places[i] = item->place;
		is_taken[item->place] = true;
	}
	free(is_taken);
	return places;
}

static struct frame *
known_diff(const struct watch *w, const struct message *msg)
{
	struct buf steps = BUF_INIT, tail = BUF_INIT;
	size_t *places = known_places(w, msg);
	struct frame *f = NULL;

	watch_put_diff(w, &steps, places, msg->n_known);
	if (steps.len > 0) {
		put_diff_tail(&tail, &steps);
		f = reply_query(msg->query_id, &tail);
	}
	buf_done(&steps);
	buf_done(&tail);
	free(places);
	return f;
}

/* What it has of this document: is there more? */
static bool
is_behind(const struct watch *w, const struct bulk_item *known)
{
	const struct item *item;

	if (!known->has_v)
		return true;
	item = watch_item(w, known->id);
	/* Out of the result it has to be looked for. */
	return item == NULL || item->row->v != known->v;
}

static void
ask_known(const struct watch *w, struct session *ss, struct bulk *bulk,
    const struct bulk_item *known)
{
	struct doc *d = hub_doc(ss->hub, w->feed->collection, known->id);
	struct request *req = request_new(ss->hub, ss, known->has_v ?
	    REQUEST_OPS : REQUEST_SNAPSHOT, NULL);

	req->from = known->v;
	req->bulk = bulk;
	bulk->pending++;
	doc_join(doc_view(d, w->name, w->projection), req);
}

/*
 * The ops of what it has, then the diff, then the answer.  Until the
 * documents' lines have sent the ops, all else waits.
 */
static void
answer_known(struct sub *sub, const char *extra)
{
	struct watch *w = sub->watch;
	struct session *ss = sub->ss;
	struct bulk *bulk = bulk_new(ss, sub->in);
	const struct message *msg = &bulk->in->msg;
	struct buf tail = BUF_INIT;
	size_t i;

	sub->in = NULL;
	ss->hub->asking--;
	sub->bulk = bulk;
	bulk->sub = sub;
	bulk->diff = known_diff(w, msg);
	if (extra != NULL) {
		put_extra_tail(&tail, extra);
		bulk->extra = reply_query(sub->id, &tail);
		buf_done(&tail);
	}
	bulk->pending = 1;
	for (i = 0; i < msg->n_known; i++)
		if (is_behind(w, &msg->known[i]))
			ask_known(w, ss, bulk, &msg->known[i]);
	bulk_count_down(bulk);
}

/*
 * The same query with other rights takes its place: what the former one has
 * told, up to here, is what the client has.  False: not now.
 */
static bool
take_place(struct sub *sub)
{
	struct sub *former = sub->former;
	const struct watch *w = former->watch;
	struct incoming *in = sub->in;
	struct bulk_item *known;
	size_t i, len;

	if (former->bulk != NULL)
		return false;		/* it does not have all of it yet */
	known = arena_get(&in->arena, (w->n + 1) * sizeof(*known));
	for (i = 0; i < w->n; i++) {
		len = strlen(w->order[i]->id);
		known[i] = (struct bulk_item){
			.id = arena_copy(&in->arena, w->order[i]->id, len),
			.has_v = true, .v = w->order[i]->v,
		};
	}
	in->msg.has_known = true;
	in->msg.known = known;
	in->msg.n_known = w->n;
	sub->former = former->next = NULL;
	sub_free(former);
	return true;
}

/* ---- answers ---- */

void
sub_answer(struct sub *sub, const struct buf *results, const char *extra)
{
	struct about about;

	session_begin_answer(sub->ss);
	if (sub->former != NULL && !take_place(sub)) {
		sub->former->must_refresh = true;
		sub_free(sub);
		return;
	}
	if (!sub->is_fetch)
		list_push(&sub->watch->subs, &sub->in_watch);
	if (sub->in->msg.has_known && !sub->is_fetch) {
		answer_known(sub, extra);
		return;
	}
	about = about_message(sub->in, NULL);
	session_post_shown(sub->ss, reply_results(&sub->in->msg, results,
	    extra), &about, ACCESS_READ);
	incoming_free(sub->in);
	sub->in = NULL;
	sub->ss->hub->asking--;
	if (sub->is_fetch)
		sub_free(sub);
	else if (sub->must_refresh)
		query_refresh(sub);
}
