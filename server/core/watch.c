/*
 * watch: the result as it is, and what changes do to it.  Asking the store,
 * and what its answer does, is in watch_find.c.
 */
#include "core/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/project.h"
#include "core/query.h"
#include "core/session_in.h"
#include "core/view.h"
#include "proto/reply.h"
#include "proto/reply_query.h"

/* ---- watches by name and filter ---- */

struct watch_key {
	const char *name, *text;
};

static const char *
watch_text(const struct watch *w)
{
	size_t len;

	return filter_text(w->filter, &len);
}

static bool
watch_match(const struct table_node *node, const void *key)
{
	const struct watch *w = LIST_ITEM(node, struct watch, in_hub);
	const struct watch_key *k = key;

	return strcmp(watch_text(w), k->text) == 0 &&
	    strcmp(w->name, k->name) == 0;
}

static uint64_t
watch_hash(const struct hub *h, const struct watch_key *k)
{
	return table_hash_more(table_hash(&h->watches, k->name,
	    strlen(k->name)), k->text, strlen(k->text));
}

struct watch *
watch_get(struct feed *f, const char *name, const struct projection *p,
    struct filter *filter)
{
	struct hub *h = f->hub;
	size_t len;
	struct watch_key key = { name, filter_text(filter, &len) };
	uint64_t hash = watch_hash(h, &key);
	struct table_node *node = table_find(&h->watches, hash, watch_match,
	    &key);
	struct watch *w;

	if (node != NULL) {
		filter_unref(filter);
		return LIST_ITEM(node, struct watch, in_hub);
	}
	w = mem_get(sizeof(*w));
	w->feed = f;
	w->name = mem_copy(name, strlen(name));
	w->projection = p;
	w->filter = filter;
	list_init(&w->wants);
	list_init(&w->awaits);
	list_init(&w->subs);
	list_init(&w->seek.node);
	w->seek.is_watch = true;
	table_init(&w->items, h->watches.seed);
	table_add(&h->watches, &w->in_hub, hash);
	list_push(&f->watches, &w->in_feed);
	h->counts.watches++;
	return w;
}

void
watch_free(struct watch *w)
{
	struct hub *h = w->feed->hub;

	watch_forget(w);
	list_remove(&w->in_feed);
	list_remove(&w->seek.node);
	table_remove(&h->watches, &w->in_hub);
	table_done(&w->items);
	filter_unref(w->filter);
	h->counts.watches--;
	free(w->order);
	free(w->name);
	free(w);
}

void
watch_rest(struct watch *w)
{
	struct feed *f = w->feed;

	if (w->is_out || !list_empty(&w->wants) || !list_empty(&w->awaits) ||
	    !list_empty(&w->subs))
		return;
	watch_free(w);
	feed_rest(f);
}

/* ---- items ---- */

static bool
item_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct item, by_id)->id, key) == 0;
}

struct item *
watch_item(const struct watch *w, const char *id)
{
	struct table_node *node = table_find(&w->items,
	    table_hash(&w->items, id, strlen(id)), item_match, id);

	return node != NULL ? LIST_ITEM(node, struct item, by_id) : NULL;
}

struct item *
watch_item_new(struct watch *w, const struct found *row)
{
	size_t len = strlen(row->id);
	struct item *item = mem_get(sizeof(*item) + len + 1);

	memcpy(item->id, row->id, len + 1);
	item->type = ot_type_find(row->type);
	item->v = row->v;
	table_add(&w->items, &item->by_id, table_hash(&w->items, row->id,
	    len));
	return item;
}

void
watch_item_free(struct watch *w, struct item *item)
{
	table_remove(&w->items, &item->by_id);
	free(item);
}

void
watch_order_add(struct watch *w, struct item *item)
{
	if (w->n == w->cap) {
		w->cap = w->cap > 0 ? 2 * w->cap : 8;
		w->order = mem_grow(w->order, w->cap, sizeof(struct item *));
	}
	w->order[w->n++] = item;
}

void
watch_forget(struct watch *w)
{
	struct table_node *node;

	while ((node = table_next(&w->items, NULL)) != NULL)
		watch_item_free(w, LIST_ITEM(node, struct item, by_id));
	w->n = 0;
	w->is_known = false;
}

/* ---- telling ---- */

void
watch_tell(struct watch *w, const struct buf *tail)
{
	struct list *node, *next;
	struct sub *sub;
	struct frame *f;

	LIST_EACH(&w->subs, node, next) {
		sub = LIST_ITEM(node, struct sub, in_watch);
		f = reply_query(sub->id, tail);
		sub_tell(sub, f);
		frame_unref(f);
	}
}

void
watch_fail(struct watch *w, const struct refusal *r)
{
	struct buf tail = BUF_INIT;
	struct list *node;

	put_error_tail(&tail, r);
	watch_tell(w, &tail);
	buf_done(&tail);
	while ((node = list_shift(&w->awaits)) != NULL)
		sub_refuse(LIST_ITEM(node, struct sub, in_watch), r);
	while ((node = list_shift(&w->subs)) != NULL)
		sub_free(LIST_ITEM(node, struct sub, in_watch));
	watch_forget(w);
}

bool
watch_shows(const struct watch *w, const char *type)
{
	const struct ot_type *t;

	return w->projection == NULL || (type != NULL &&
	    (t = ot_type_find(type)) != NULL && t->fields != NULL);
}

/* What is shown of a body; false: it is undefined. */
static bool
show(const struct projection *p, const struct found *row, struct buf *b)
{
	const struct ot_type *type = ot_type_find(row->type);
	struct ot_data *data = NULL;
	struct ot_err err;
	bool is_shown;

	if (type == NULL || type->load(row->body, row->len, &data, &err) != 0)
		return false;
	if (project_data(p, type, data, b, &is_shown) != ERR_NONE)
		is_shown = false;
	type->data_free(data);
	return is_shown;
}

void
watch_put(const struct watch *w, struct buf *results, const struct found *row)
{
	struct buf shown = BUF_INIT;

	if (w->projection == NULL)
		put_result(results, row->id, row->v, row->type, row->body,
		    row->len);
	else if (show(w->projection, row, &shown))
		put_result(results, row->id, row->v, row->type, shown.data,
		    shown.len);
	else
		put_result(results, row->id, row->v, row->type, NULL, 0);
	buf_done(&shown);
}

const char *
watch_extra(const struct watch *w, char text[WATCH_EXTRA])
{
	if (!filter_is_count(w->filter))
		return NULL;
	snprintf(text, WATCH_EXTRA, "%llu", (unsigned long long)w->count);
	return text;
}

static void
put_step(struct buf *b, const char *type, const char *first, size_t value)
{
	if (b->len > 0)
		buf_putc(b, ',');
	buf_puts(b, "{\"type\":\"");
	buf_puts(b, type);
	buf_puts(b, "\",\"");
	buf_puts(b, first);
	buf_puts(b, "\":");
	buf_put_u64(b, value);
}

static void
put_number(struct buf *b, const char *name, size_t value)
{
	buf_puts(b, name);
	buf_put_u64(b, value);
}

static void
put_insert(const struct watch *w, struct buf *b, size_t index,
    const struct found *const *rows, size_t n)
{
	struct buf values = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		watch_put(w, &values, rows[i]);
	put_step(b, "insert", "index", index);
	buf_puts(b, ",\"values\":[");
	buf_put(b, values.data, values.len);
	buf_puts(b, "]}");
	buf_done(&values);
}

void
watch_put_diff(const struct watch *w, struct buf *b, const size_t *places,
    size_t n_before)
{
	const struct found **rows = mem_grow(NULL, w->n + 1, sizeof(*rows));
	struct diff diff;
	struct diff_step *s;
	size_t i;

	for (i = 0; i < w->n; i++)
		rows[i] = w->order[i]->row;
	diff_make(&diff, places, n_before, w->n);
	for (i = 0; i < diff.n; i++) {
		s = &diff.steps[i];
		switch (s->kind) {
		case DIFF_REMOVE:
			put_step(b, "remove", "index", s->from);
			put_number(b, ",\"howMany\":", s->n);
			buf_putc(b, '}');
			break;
		case DIFF_MOVE:
			put_step(b, "move", "from", s->from);
			put_number(b, ",\"to\":", s->to);
			put_number(b, ",\"howMany\":", s->n);
			buf_putc(b, '}');
			break;
		case DIFF_INSERT:
			put_insert(w, b, s->to, rows + s->to, s->n);
			break;
		}
	}
	diff_done(&diff);
	free(rows);
}

/* ---- changes ---- */

static void
tell_steps(struct watch *w, const struct buf *steps)
{
	struct buf tail = BUF_INIT;

	if (list_empty(&w->subs))
		return;
	put_diff_tail(&tail, steps);
	watch_tell(w, &tail);
	buf_done(&tail);
}

/* Out of the order at once, but its last ops are still to be sent. */
static void
item_leaves(struct watch *w, struct item *item)
{
	struct buf step = BUF_INIT;
	size_t at = 0;

	while (w->order[at] != item)
		at++;
	w->n--;
	memmove(w->order + at, w->order + at + 1,
	    (w->n - at) * sizeof(*w->order));
	item->is_leaving = true;
	put_step(&step, "remove", "index", at);
	put_number(&step, ",\"howMany\":", 1);
	buf_putc(&step, '}');
	tell_steps(w, &step);
	buf_done(&step);
}

static void
item_comes(struct watch *w, const char *id, const struct content *c)
{
	const struct found row = { (char *)id, c->v, (char *)c->type,
	    (char *)c->body, c->len };
	const struct found *rows[] = { &row };
	struct buf step = BUF_INIT;

	if (w->n >= w->feed->hub->limits.query_results) {
		watch_stale(w);		/* the store will say that it is too much */
		return;
	}
	watch_order_add(w, watch_item_new(w, &row));
	put_insert(w, &step, w->n - 1, rows, 1);
	tell_steps(w, &step);
	buf_done(&step);
}

/*
 * May the window be another?  What was counted or skipped may be any document,
 * and so may what a find that is out has seen.
 */
static bool
may_concern(const struct watch *w, const char *id, struct content *c,
    const struct item *item)
{
	return item != NULL || w->is_out || filter_is_count(w->filter) ||
	    filter_skip(w->filter) > 0 || content_matches(c, id, w->filter);
}

void
watch_content(struct watch *w, const char *id, struct content *c)
{
	struct item *item = watch_item(w, id);
	bool matches;

	if (filter_is_window(w->filter)) {
		if (may_concern(w, id, c, item))
			watch_stale(w);
		return;
	}
	if (!w->is_known)
		return;		/* its find is on its way */
	matches = watch_shows(w, c->type) &&
	    content_matches(c, id, w->filter);
	if (item == NULL) {
		if (matches)
			item_comes(w, id, c);
	} else if (matches) {
		item->type = ot_type_find(c->type);
	} else if (!item->is_leaving && c->v >= item->v) {
		item_leaves(w, item);
	}
}

/*
 * Who wrote it and got the acknowledgement, or reads the document itself, by
 * the same name.
 */
static bool
has_it(const struct session *ss, const struct op *op,
    const struct view *view, const struct request *by)
{
	const struct reader *rd;

	if (view == NULL)
		return false;
	if (by != NULL && ss == by->ss && view == by->view &&
	    strcmp(session_src(ss), op->src) == 0)
		return true;
	return ss->n_readers > 0 && (rd = reader_find(ss, view)) != NULL &&
	    rd->since <= op->v;
}

/* As the watch's clients see it, a count the caller's; NULL: it cannot be. */
static struct frame *
op_frame(const struct watch *w, const struct item *item, struct op *op,
    const struct doc *d)
{
	const struct ot_type *type = d != NULL ? d->head.type : item->type;
	struct feed *f = w->feed;
	struct frame *frame;
	struct op *shown;

	if (w->projection == NULL) {
		if (f->frame == NULL)
			f->frame = reply_op(w->name, item->id, op);
		return frame_ref(f->frame);
	}
	if (project_op(w->projection, op, type, &shown) != ERR_NONE)
		return NULL;
	frame = reply_op(w->name, item->id, shown);
	op_unref(shown);
	return frame;
}

static void
send_op(struct watch *w, const struct item *item, struct op *op,
    struct doc *d, const struct request *by)
{
	const struct view *view = d != NULL ?
	    doc_view_here(d, w->projection) : NULL;
	/* By another name it is another op. */
	uint64_t told = w->projection == NULL ? w->feed->told :
	    ++w->feed->hub->told;
	struct frame *f = NULL;
	struct list *node, *next;
	struct sub *sub;

	LIST_EACH(&w->subs, node, next) {
		sub = LIST_ITEM(node, struct sub, in_watch);
		if (sub->ss->told == told || has_it(sub->ss, op, view, by))
			continue;
		if (f == NULL && (f = op_frame(w, item, op, d)) == NULL)
			return;
		sub->ss->told = told;
		sub_send(sub, f);
	}
	frame_unref(f);
}

void
watch_op(struct watch *w, const char *id, struct op *op, struct doc *d,
    const struct request *by)
{
	struct item *item = watch_item(w, id);

	if (item == NULL || op->v < item->v)
		return;
	if (op->v > item->v) {
		feed_gap(w->feed, id, item->v);
		return;
	}
	item->v++;
	send_op(w, item, op, d, by);
}

void
watch_settled(struct watch *w, const char *id)
{
	struct item *item = watch_item(w, id);

	if (item != NULL && item->is_leaving)
		watch_item_free(w, item);
}

void
watch_stale(struct watch *w)
{
	w->is_stale = true;
	if (!w->is_out)
		seek_soon(w->feed->hub, &w->seek);
}

/* ---- invariants ---- */

void
watch_check(const struct watch *w)
{
	const struct table_node *node = NULL;
	size_t i, n = 0;

	for (i = 0; i < w->n; i++)
		if (w->order[i]->is_leaving ||
		    watch_item(w, w->order[i]->id) != w->order[i])
			bug("a document of a result is not known");
	while ((node = table_next(&w->items, node)) != NULL)
		n += !LIST_ITEM(node, struct item, by_id)->is_leaving;
	if (n != w->n)
		bug("a result miscounted");
	if (!w->is_out && !list_empty(&w->awaits))
		bug("somebody awaits a find that is not out");
	if (!w->is_out && list_empty(&w->seek.node) &&
	    (!list_empty(&w->wants) || w->is_stale))
		bug("a query that nobody asks");
}
