/*
 * watch_find: a watch's question to the store, and what the answer does.
 *
 * The answer is the collection at some moment while it was under way; what
 * was told meanwhile may be older or newer.  So the answer is brought up to
 * what was told where content is known, becomes the result, and the ops told
 * meanwhile are told again to all, who drop what they have.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/query.h"
#include "core/watch.h"
#include "ot/json_value.h"
#include "proto/reply_query.h"

/* A lag is looked at again after this: what is missing may be on its way. */
#define LAG_MS	500

/* The same when the store is away. */
#define AWAY_MS	1000

void
watch_ask(struct watch *w)
{
	struct hub *h = w->feed->hub;

	if (w->is_out || w->seek.is_asked)
		return;
	/* Who asks does not wait for others' sake. */
	list_remove(&w->seek.node);
	w->seek.is_asked = true;
	w->seek.asked_ms = h->now_ms;
	list_push(&h->asked, &w->seek.node);
}

struct session *
watch_asker(const struct watch *w)
{
	return list_empty(&w->wants) ? NULL :
	    LIST_ITEM(w->wants.next, struct sub, in_watch)->ss;
}

void
watch_give_up(struct watch *w)
{
	struct list late = LIST_INIT(late), *node;
	struct refusal r;

	list_remove(&w->seek.node);
	w->seek.is_asked = false;
	if (w->is_stale)
		seek_soon(w->feed->hub, &w->seek);
	refuse(&r, ERR_FIND_SLOW, "the query waited too long for others");
	/* The watch may go with the last of them. */
	list_splice(&late, &w->wants);
	while ((node = list_shift(&late)) != NULL)
		sub_refuse(LIST_ITEM(node, struct sub, in_watch), &r);
}

struct job *
watch_find(struct watch *w)
{
	const struct hub_limits *limits = &w->feed->hub->limits;
	struct job *job;

	if (list_empty(&w->wants) && (!w->is_stale || list_empty(&w->subs))) {
		w->is_stale = false;
		return NULL;
	}
	job = job_new_find(w->feed->collection, filter_ref(w->filter), w);
	job->find.max_results = limits->query_results;
	job->find.max_bytes = limits->query_bytes;
	job->find.timeout_ms = limits->query_timeout_ms;
	list_splice(&w->awaits, &w->wants);
	w->is_stale = false;
	w->is_out = true;
	w->out_serial = w->feed->serial;
	w->feed->hub->counts.finds++;
	return job;
}

/* ---- the answer ---- */

struct answer {
	struct item	**items;	/* as found, then what came meanwhile; heap */
	size_t		 n, cap;
};

static void
answer_add(struct answer *a, struct item *item)
{
	if (a->n == a->cap) {
		a->cap = a->cap > 0 ? 2 * a->cap : 16;
		a->items = mem_grow(a->items, a->cap, sizeof(struct item *));
	}
	a->items[a->n++] = item;
}

static void
take_row(struct watch *w, struct answer *a, const struct found *row)
{
	struct item *item = watch_item(w, row->id);

	if (!watch_shows(w, row->type))
		return;
	if (item == NULL) {
		item = watch_item_new(w, row);
		item->is_new = true;
		item->place = DIFF_NONE;
		answer_add(a, item);
	} else if (!item->is_new) {
		answer_add(a, item);
	}
	item->row = row;
}

/* What was decided meanwhile from content that is newer than what was found. */
static void
take_content(struct watch *w, struct answer *a, struct change *c)
{
	struct item *item = watch_item(w, c->id);
	bool matches = watch_shows(w, c->content.type) &&
	    content_matches(&c->content, c->id, w->filter);

	json_unref(c->content.value);
	c->content.value = NULL;
	if (!matches) {
		if (item != NULL && item->row != NULL &&
		    item->row->v < c->content.v)
			item->row = NULL;
		return;
	}
	if (item != NULL && item->row != NULL)
		return;
	/* Others may have written since, and the find have seen that. */
	if (w->feed->hub->limits.shared_store)
		feed_doubt_id(w->feed, c->id);
	c->row = (struct found){ c->id, c->content.v,
	    (char *)c->content.type, (char *)c->content.body,
	    c->content.len };
	take_row(w, a, &c->row);
}

static void
take_changes(struct watch *w, struct answer *a)
{
	struct list *node, *next;
	struct change *c;

	if (filter_is_window(w->filter))
		return;		/* it is stale again, if it matters */
	LIST_EACH(&w->feed->changes, node, next) {
		c = LIST_ITEM(node, struct change, node);
		if (c->serial > w->out_serial && c->op == NULL)
			take_content(w, a, c);
	}
}

/* Those told meanwhile, to everybody: who has them drops them. */
static void
repeat_ops(struct watch *w)
{
	struct list *node, *next;
	struct change *c;

	LIST_EACH(&w->feed->changes, node, next) {
		c = LIST_ITEM(node, struct change, node);
		if (c->serial <= w->out_serial || c->op == NULL)
			continue;
		feed_op_begins(w->feed);
		watch_op(w, c->id, c->op, NULL, NULL);
		feed_op_ends(w->feed);
	}
}

/* Next in the order to be, if it is in the result and not there yet. */
static void
place(struct watch *w, struct item *item)
{
	if (item->row == NULL || item->place != DIFF_NONE)
		return;
	item->place = w->n;
	watch_order_add(w, item);
}

/*
 * The order to be: that of the store for a window; else what is there stays
 * as it is, and what is new comes behind it.  Gives the places of the former
 * order in the new one, the caller's.
 */
static size_t *
settle_order(struct watch *w, const struct answer *found)
{
	size_t *places = mem_grow(NULL, w->n + 1, sizeof(*places));
	struct item **former = w->order;
	size_t i, n_former = w->n;

	w->order = NULL;
	w->n = w->cap = 0;
	for (i = 0; !filter_is_window(w->filter) && i < n_former; i++)
		place(w, former[i]);
	for (i = 0; i < found->n; i++)
		place(w, found->items[i]);
	/* Those that came with the answer and went before it. */
	for (i = 0; i < found->n; i++)
		if (found->items[i]->is_new &&
		    found->items[i]->place == DIFF_NONE)
			watch_item_free(w, found->items[i]);
	for (i = 0; i < n_former; i++) {
		places[i] = former[i]->place;
		if (places[i] == DIFF_NONE)
			watch_item_free(w, former[i]);
	}
	free(former);
	return places;
}

/* From now on every subscriber has what it has, and that is at least this. */
static void
settle_versions(struct watch *w)
{
	struct item *item;
	size_t i;

	for (i = 0; i < w->n; i++) {
		item = w->order[i];
		if (item->row->v < item->v)
			item->v = item->row->v;
	}
	repeat_ops(w);
}

/*
 * The store is further than what was told.  That may be on its way; if it
 * still is not here when the store is asked again, it was lost.
 */
static void
look_for_lags(struct watch *w)
{
	struct hub *h = w->feed->hub;
	struct item *item;
	bool lags = false;
	size_t i;

	for (i = 0; i < w->n; i++) {
		item = w->order[i];
		if (item->v >= item->row->v) {
			item->lag_v = 0;
		} else if (item->lag_v > item->v) {
			feed_gap(w->feed, item->id, item->v);
			lags = true;
		} else {
			item->lag_v = item->row->v;
			lags = true;
		}
	}
	if (lags) {
		w->is_stale = true;
		if (w->seek.not_before_ms < h->now_ms + LAG_MS)
			w->seek.not_before_ms = h->now_ms + LAG_MS;
	}
}

/* Those who have the former result hear what became of it. */
static void
tell_subs(struct watch *w, const size_t *places, size_t n_former,
    bool count_changed)
{
	struct buf steps = BUF_INIT, tail = BUF_INIT;
	char extra[WATCH_EXTRA];

	if (list_empty(&w->subs))
		return;
	watch_put_diff(w, &steps, places, n_former);
	if (count_changed) {
		put_extra_tail(&tail, watch_extra(w, extra));
		watch_tell(w, &tail);
	}
	if (steps.len > 0) {
		buf_reset(&tail);
		put_diff_tail(&tail, &steps);
		watch_tell(w, &tail);
	}
	buf_done(&steps);
	buf_done(&tail);
}

/* Who stays for nothing gets what was found, just as it is. */
static void
answer_fetches(struct watch *w, const struct job_find *find)
{
	struct buf results = BUF_INIT;
	char extra[WATCH_EXTRA];
	struct list *node, *next;
	struct sub *sub;
	bool is_encoded = false;
	size_t i;

	LIST_EACH(&w->awaits, node, next) {
		sub = LIST_ITEM(node, struct sub, in_watch);
		if (!sub->is_fetch)
			continue;
		for (i = 0; !is_encoded && i < find->n; i++)
			if (watch_shows(w, find->found[i].type))
				watch_put(w, &results, &find->found[i]);
		is_encoded = true;
		sub_answer(sub, &results, watch_extra(w, extra));
	}
	buf_done(&results);
}

/* The others from now on have what the subscribers have. */
static void
answer_subs(struct watch *w)
{
	struct buf results = BUF_INIT;
	char extra[WATCH_EXTRA];
	struct list *node;
	size_t i;

	if (list_empty(&w->awaits))
		return;
	for (i = 0; i < w->n; i++)
		watch_put(w, &results, w->order[i]->row);
	while ((node = list_shift(&w->awaits)) != NULL)
		sub_answer(LIST_ITEM(node, struct sub, in_watch), &results,
		    watch_extra(w, extra));
	buf_done(&results);
}

static void
take_answer(struct watch *w, const struct job_find *find)
{
	struct answer found = { NULL, 0, 0 };
	size_t *places, i, n_former = w->n;
	bool count_changed = w->is_known && w->count != find->count;

	w->count = find->count;
	answer_fetches(w, find);
	for (i = 0; i < w->n; i++)
		w->order[i]->place = DIFF_NONE;
	for (i = 0; i < find->n; i++)
		take_row(w, &found, &find->found[i]);
	take_changes(w, &found);
	places = settle_order(w, &found);
	w->is_known = true;
	tell_subs(w, places, n_former, count_changed);
	answer_subs(w);
	settle_versions(w);
	look_for_lags(w);
	for (i = 0; i < w->n; i++) {
		w->order[i]->row = NULL;
		w->order[i]->is_new = false;
	}
	free(places);
	free(found.items);
}

static void
find_failed(struct watch *w, const struct job *job)
{
	struct hub *h = w->feed->hub;
	struct refusal r;
	struct list *node;

	refuse(&r, job->err, job->find.why[0] != '\0' ? "%s" : NULL,
	    job->find.why);
	if (job->err != ERR_STORE_AWAY && job->err != ERR_STORE_UNSURE) {
		watch_fail(w, &r);
		return;
	}
	while ((node = list_shift(&w->awaits)) != NULL)
		sub_refuse(LIST_ITEM(node, struct sub, in_watch), &r);
	w->is_stale = true;
	w->seek.not_before_ms = h->now_ms + AWAY_MS;
}

void
watch_found(struct watch *w, struct job *job)
{
	if (job->err == ERR_NONE)
		take_answer(w, &job->find);
	else
		find_failed(w, job);
	w->is_out = false;
	if (!list_empty(&w->wants))
		watch_ask(w);
	else if (w->is_stale)
		seek_soon(w->feed->hub, &w->seek);
}
