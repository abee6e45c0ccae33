#include "core/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/watch.h"
#include "ot/json_value.h"

/* ---- feeds by name ---- */

static bool
feed_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct feed, in_hub)->collection,
	    key) == 0;
}

struct feed *
feed_here(struct hub *h, const char *collection)
{
	struct table_node *node;

	if (h->feeds.n == 0)
		return NULL;
	node = table_find(&h->feeds, table_hash(&h->feeds, collection,
	    strlen(collection)), feed_match, collection);
	return node != NULL ? LIST_ITEM(node, struct feed, in_hub) : NULL;
}

struct feed *
feed_get(struct hub *h, const char *collection)
{
	struct feed *f = feed_here(h, collection);

	if (f != NULL)
		return f;
	f = mem_get(sizeof(*f));
	f->hub = h;
	f->collection = mem_copy(collection, strlen(collection));
	list_init(&f->watches);
	list_init(&f->changes);
	list_init(&f->doubting);
	list_init(&f->seek.node);
	table_init(&f->doubts, h->feeds.seed);
	table_init(&f->gaps, h->feeds.seed);
	table_init(&f->seen, h->feeds.seed);
	list_init(&f->seen_order);
	f->next_sweep_ms = h->now_ms + FEED_SWEEPS * h->limits.sweep_ms;
	table_add(&h->feeds, &f->in_hub, table_hash(&h->feeds, collection,
	    strlen(collection)));
	if (h->limits.shared_store)
		hub_say(h, word_new(WORD_FOLLOW, collection, NULL));
	return f;
}

/* ---- what is kept ---- */

static void
change_free(struct change *c)
{
	list_remove(&c->node);
	free(c->id);
	op_unref(c->op);
	free((char *)c->content.type);
	free((char *)c->content.body);
	free(c);
}

void
feed_forget_changes(struct feed *f)
{
	while (!list_empty(&f->changes))
		change_free(LIST_ITEM(f->changes.next, struct change, node));
}

static char *
copy_or_null(const char *s, size_t len)
{
	return s != NULL ? mem_copy(s, len) : NULL;
}

/* It is told; keep it for those whose answer is on its way. */
static void
keep(struct feed *f, const char *id, struct op *op, const struct content *c)
{
	struct change *kept;

	f->serial++;
	if (f->n_finds == 0)
		return;
	kept = mem_get(sizeof(*kept));
	kept->serial = f->serial;
	kept->id = mem_copy(id, strlen(id));
	if (op != NULL)
		kept->op = op_ref(op);
	if (c != NULL)
		kept->content = (struct content){ .v = c->v, .len = c->len,
		    .type = c->type == NULL ? NULL :
		    mem_copy(c->type, strlen(c->type)),
		    .body = copy_or_null(c->body, c->len) };
	list_push(&f->changes, &kept->node);
}

/* ---- what was told last ---- */

/* So many documents are remembered. */
#define SEEN_MAX	10000

struct seen {
	struct table_node by_id;	/* feed->seen */
	struct list	 node;		/* feed->seen_order */
	uint64_t	 v, serial;
	char		 id[];
};

static bool
seen_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct seen, by_id)->id, key) == 0;
}

static struct seen *
seen_find(const struct feed *f, const char *id)
{
	struct table_node *node = table_find(&f->seen,
	    table_hash(&f->seen, id, strlen(id)), seen_match, id);

	return node != NULL ? LIST_ITEM(node, struct seen, by_id) : NULL;
}

static void
seen_free(struct feed *f, struct seen *s)
{
	table_remove(&f->seen, &s->by_id);
	list_remove(&s->node);
	free(s);
}

static void
seen_set(struct feed *f, const char *id, uint64_t v)
{
	struct seen *s = seen_find(f, id);
	size_t len = strlen(id);

	if (s == NULL) {
		s = mem_get(sizeof(*s) + len + 1);
		memcpy(s->id, id, len + 1);
		list_init(&s->node);
		table_add(&f->seen, &s->by_id, table_hash(&f->seen, id, len));
	}
	list_remove(&s->node);
	list_push(&f->seen_order, &s->node);
	s->v = v;
	s->serial = f->serial;
	if (f->seen.n > SEEN_MAX)
		seen_free(f, LIST_ITEM(f->seen_order.next, struct seen, node));
}

uint64_t
feed_seen(const struct feed *f, const char *id, uint64_t *serial_out)
{
	const struct seen *s = seen_find(f, id);

	if (serial_out != NULL)
		*serial_out = s != NULL ? s->serial : 0;
	return s != NULL ? s->v : 0;
}

/* ---- telling ---- */

bool
content_matches(struct content *c, const char *id,
    const struct filter *filter)
{
	struct ot_err err;
	struct filter_doc doc = { id, c->v, c->type, NULL };

	if (c->type == NULL || c->is_bad)
		return false;
	if (c->body != NULL && c->value == NULL &&
	    json_parse(c->body, c->len, 0, &c->value, &err) != 0) {
		c->is_bad = true;
		return false;
	}
	doc.value = c->value;
	return filter_match(filter, &doc);
}

void
feed_tell_content(struct feed *f, const char *id, struct content *c)
{
	struct list *node, *next;

	if (c->v < feed_seen(f, id, NULL))
		return;			/* told too late */
	keep(f, id, NULL, c);
	if (c->v != OP_NUMBER_MAX)
		seen_set(f, id, c->v);
	LIST_EACH(&f->watches, node, next)
		watch_content(LIST_ITEM(node, struct watch, in_feed), id, c);
	json_unref(c->value);
	c->value = NULL;
}

void
feed_op_begins(struct feed *f)
{
	f->told = ++f->hub->told;
}

void
feed_op_ends(struct feed *f)
{
	frame_unref(f->frame);
	f->frame = NULL;
}

void
feed_tell_op(struct feed *f, const char *id, struct op *op, struct doc *d,
    const struct request *by)
{
	struct list *node, *next;

	keep(f, id, op, NULL);
	feed_op_begins(f);
	LIST_EACH(&f->watches, node, next)
		watch_op(LIST_ITEM(node, struct watch, in_feed), id, op, d,
		    by);
	feed_op_ends(f);
}

void
feed_tell_settled(struct feed *f, const char *id)
{
	struct list *node, *next;

	LIST_EACH(&f->watches, node, next)
		watch_settled(LIST_ITEM(node, struct watch, in_feed), id);
}

void
feed_content(struct doc *d, uint64_t v, const char *type, const char *body,
    size_t len)
{
	struct feed *f = feed_here(d->hub, d->collection);
	struct content c = { .v = v, .type = type, .body = body, .len = len };

	if (f == NULL)
		return;
	if (d->heard_v > v)
		feed_doubt_id(f, d->id);	/* the store is further */
	else
		feed_tell_content(f, d->id, &c);
}

void
feed_head(struct doc *d)
{
	const struct snapshot *head = &d->head;
	struct buf b = BUF_INIT;

	if (feed_here(d->hub, d->collection) == NULL)
		return;
	if (head->v != d->durable_v) {
		feed_doubt(d->hub, d->collection, d->id);
		return;
	}
	if (head->type == NULL)
		feed_content(d, head->v, NULL, NULL, 0);
	else if (!head->type->print(head->data, &b))
		feed_content(d, head->v, head->type->uri, NULL, 0);
	else if (buf_failed(&b))
		bug("no memory for a document that is in memory");
	else
		feed_content(d, head->v, head->type->uri, b.data, b.len);
	buf_done(&b);
}

void
feed_op(struct doc *d, struct op *op, const struct request *by)
{
	struct feed *f = feed_here(d->hub, d->collection);

	if (f != NULL)
		feed_tell_op(f, d->id, op, d, by);
}

void
feed_lost(struct hub *h, const char *collection, const char *id)
{
	struct feed *f = feed_here(h, collection);
	struct seen *s = f != NULL ? seen_find(f, id) : NULL;

	if (s != NULL)
		seen_free(f, s);
	feed_doubt(h, collection, id);
}

void
feed_settled(struct doc *d)
{
	struct feed *f = feed_here(d->hub, d->collection);

	if (f != NULL)
		feed_tell_settled(f, d->id);
}

void
feed_loaded(struct doc *d)
{
	struct feed *f = feed_here(d->hub, d->collection);

	if (f == NULL)
		return;
	feed_head(d);
	feed_tell_settled(f, d->id);
	feed_find_gaps(f, d->id, d->durable_v);
}

static void
hear_ops(struct feed *f, const struct word *w)
{
	struct content c = { .v = w->ops.ops[w->ops.n - 1]->v + 1,
	    .type = w->type, .body = w->body, .len = w->len };
	size_t i;

	if (w->has_content)
		feed_tell_content(f, w->id, &c);
	for (i = 0; i < w->ops.n; i++)
		feed_tell_op(f, w->id, w->ops.ops[i], NULL, NULL);
	feed_tell_settled(f, w->id);
	if (feed_seen(f, w->id, NULL) < c.v)
		feed_doubt_id(f, w->id);
}

void
feed_hear(struct feed *f, const struct word *w)
{
	if (w->kind == WORD_OPS && w->ops.n > 0) {
		hear_ops(f, w);
	} else if (w->kind == WORD_HEAD) {
		feed_find_gaps(f, w->id, w->head_v);
		if (feed_seen(f, w->id, NULL) < w->head_v)
			feed_doubt_id(f, w->id);
	}
}

void
feed_back(struct feed *f)
{
	struct list *node, *next;

	LIST_EACH(&f->watches, node, next)
		watch_stale(LIST_ITEM(node, struct watch, in_feed));
}

/* ---- the end ---- */

void
feed_free(struct feed *f)
{
	struct hub *h = f->hub;

	while (!list_empty(&f->watches))
		watch_free(LIST_ITEM(f->watches.next, struct watch, in_feed));
	feed_forget_questions(f);
	while (!list_empty(&f->seen_order))
		seen_free(f, LIST_ITEM(f->seen_order.next, struct seen, node));
	feed_forget_changes(f);
	if (h->limits.shared_store)
		hub_say(h, word_new(WORD_UNFOLLOW, f->collection, NULL));
	list_remove(&f->seek.node);
	table_remove(&h->feeds, &f->in_hub);
	table_done(&f->doubts);
	table_done(&f->gaps);
	table_done(&f->seen);
	free(f->collection);
	free(f);
}

void
feed_rest(struct feed *f)
{
	if (list_empty(&f->watches) && f->n_out == 0)
		feed_free(f);
}
