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

	keep(f, id, NULL, c);
	LIST_EACH(&f->watches, node, next)
		watch_content(LIST_ITEM(node, struct watch, in_feed), id, c);
	json_unref(c->value);
	c->value = NULL;
}

void
feed_tell_op(struct feed *f, const char *id, struct op *op, struct doc *d,
    const struct request *by)
{
	struct list *node, *next;

	keep(f, id, op, NULL);
	LIST_EACH(&f->watches, node, next)
		watch_op(LIST_ITEM(node, struct watch, in_feed), id, op, d,
		    by);
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

void
feed_hear(struct feed *f, const struct word *w)
{
	size_t i;

	if (w->kind == WORD_HEAD)
		feed_find_gaps(f, w->id, w->head_v);
	for (i = 0; w->kind == WORD_OPS && i < w->ops.n; i++)
		feed_tell_op(f, w->id, w->ops.ops[i], NULL, NULL);
	if (w->kind == WORD_HEAD || w->kind == WORD_OPS)
		feed_doubt_id(f, w->id);
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
	feed_forget_changes(f);
	if (h->limits.shared_store)
		hub_say(h, word_new(WORD_UNFOLLOW, f->collection, NULL));
	list_remove(&f->seek.node);
	table_remove(&h->feeds, &f->in_hub);
	table_done(&f->doubts);
	table_done(&f->gaps);
	free(f->collection);
	free(f);
}

void
feed_rest(struct feed *f)
{
	if (list_empty(&f->watches) && f->n_out == 0)
		feed_free(f);
}
