/*
 * feed_ask: what a feed and its watches ask of the store, and when.
 */
#include "core/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/session_in.h"
#include "core/watch.h"

/* Documents in one question of those in doubt. */
#define DOUBTS_EACH	1000

/* Questions of ops that are missing, at once. */
#define GAPS_MAX	8

/* The store is asked again after this, when it was away. */
#define AWAY_MS		1000

/* A query may wait for its turn so many times as long as it may take. */
#define WAIT_TIMES	4

struct doubt {
	struct table_node by_id;	/* feed->doubts */
	struct list	 node;		/* feed->doubting */
	char		 id[];
};

struct gap {
	struct table_node by_id;	/* feed->gaps */
	uint64_t	 from;		/* first version asked for */
	char		 id[];
};

/* ---- doubts ---- */

static bool
doubt_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct doubt, by_id)->id, key) == 0;
}

void
feed_doubt_id(struct feed *f, const char *id)
{
	size_t len = strlen(id);
	uint64_t hash = table_hash(&f->doubts, id, len);
	struct doubt *doubt;

	if (table_find(&f->doubts, hash, doubt_match, id) == NULL) {
		doubt = mem_get(sizeof(*doubt) + len + 1);
		memcpy(doubt->id, id, len + 1);
		table_add(&f->doubts, &doubt->by_id, hash);
		list_push(&f->doubting, &doubt->node);
	}
	if (!f->is_asking)
		seek_soon(f->hub, &f->seek);
}

static void
doubt_free(struct feed *f, struct doubt *doubt)
{
	table_remove(&f->doubts, &doubt->by_id);
	list_remove(&doubt->node);
	free(doubt);
}

void
feed_doubt(struct hub *h, const char *collection, const char *id)
{
	struct feed *f = feed_here(h, collection);

	if (f != NULL)
		feed_doubt_id(f, id);
}

static struct filter *
filter_of_all(void)
{
	const struct json_slice absent = { NULL, 0, JSON_NONE };
	struct filter *all;
	struct ot_err err;

	if (filter_parse(&absent, &all, &err) != 0)
		bug("the filter of everything cannot be made");
	return all;
}

/* Ask for those in doubt, as many as go into one question. */
static struct job *
find_doubts(struct feed *f)
{
	struct job *job;
	struct doubt *doubt;

	if (list_empty(&f->doubting))
		return NULL;
	job = job_new_find(f->collection, filter_of_all(), f);
	while (job->find.n_ids < DOUBTS_EACH && !list_empty(&f->doubting)) {
		doubt = LIST_ITEM(f->doubting.next, struct doubt, node);
		job_find_id(job, doubt->id);
		doubt_free(f, doubt);
	}
	job->find.max_results = job->find.n_ids;
	job->find.timeout_ms = f->hub->limits.query_timeout_ms;
	f->is_asking = true;
	f->ask_serial = f->serial;
	f->n_out++;
	f->hub->counts.finds++;
	return job;
}

/* ---- gaps ---- */

static bool
gap_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct gap, by_id)->id, key) == 0;
}

void
feed_gap(struct feed *f, const char *id, uint64_t from)
{
	size_t len = strlen(id);
	uint64_t hash = table_hash(&f->gaps, id, len);
	struct gap *gap;
	struct job *job;

	/* Those that find no place now are asked for with a later op. */
	if (f->gaps.n >= GAPS_MAX ||
	    table_find(&f->gaps, hash, gap_match, id) != NULL)
		return;
	gap = mem_get(sizeof(*gap) + len + 1);
	memcpy(gap->id, id, len + 1);
	gap->from = from;
	table_add(&f->gaps, &gap->by_id, hash);
	job = job_new(JOB_OPS, NULL);
	job->ops.collection = f->collection;
	job->ops.id = gap->id;
	job->ops.from = from;
	job->ops.to = JOB_NO_VERSION;
	f->n_out++;
	f->hub->counts.gaps++;
	hub_ask(f->hub, job);
}

/* The document is known to be at v: who has less lacks something. */
void
feed_find_gaps(struct feed *f, const char *id, uint64_t v)
{
	struct list *node, *next;
	struct item *item;

	LIST_EACH(&f->watches, node, next) {
		item = watch_item(LIST_ITEM(node, struct watch, in_feed), id);
		if (item != NULL && item->v < v)
			feed_gap(f, id, item->v);
	}
}

/* ---- the store ---- */

/*
 * What the store was asked for and no longer has, nobody can get: go on from
 * version v.  A watch that lacks older ones asks for them itself.
 */
static void
give_up(struct feed *f, const struct gap *gap, uint64_t v)
{
	struct list *node, *next;
	struct item *item;

	LIST_EACH(&f->watches, node, next) {
		item = watch_item(LIST_ITEM(node, struct watch, in_feed),
		    gap->id);
		if (item != NULL && item->v >= gap->from && item->v < v)
			item->v = v;
	}
}

void
feed_filled(struct hub *h, struct job *job)
{
	struct feed *f = feed_here(h, job->ops.collection);
	struct table_node *node;
	struct gap *gap;
	struct op *op;
	size_t i;

	if (f == NULL)
		bug("ops for a feed that has gone");
	node = table_find(&f->gaps, table_hash(&f->gaps, job->ops.id,
	    strlen(job->ops.id)), gap_match, job->ops.id);
	gap = LIST_ITEM(node, struct gap, by_id);
	for (i = 0; job->err == ERR_NONE && i < job->ops.ops.n; i++) {
		op = job->ops.ops.ops[i];
		give_up(f, gap, i == 0 ? op->v : 0);
		feed_tell_op(f, gap->id, op, NULL, NULL);
	}
	table_remove(&f->gaps, &gap->by_id);
	if (job->err == ERR_NONE) {
		give_up(f, gap, job->ops.v);
		feed_find_gaps(f, gap->id, job->ops.v);
	}
	free(gap);
	f->n_out--;
	feed_rest(f);
}

void
seek_soon(struct hub *h, struct seek *s)
{
	if (!list_empty(&s->node))
		return;
	list_push(h->now_ms >= s->not_before_ms ? &h->seeking : &h->due,
	    &s->node);
}

static struct job *
seek_job(struct seek *s)
{
	struct watch *w;
	struct job *job;

	if (!s->is_watch)
		return find_doubts(LIST_ITEM(s, struct feed, seek));
	w = LIST_ITEM(s, struct watch, seek);
	if ((job = watch_find(w)) != NULL)
		w->feed->n_finds++;
	return job;
}

/*
 * Of those who asked, the one whose last turn is the longest ago: nobody
 * waits for all the questions of another.
 */
static struct list *
next_asked(struct hub *h)
{
	struct list *node, *next, *best = NULL;
	struct session *ss, *best_ss = NULL;

	LIST_EACH(&h->asked, node, next) {
		ss = watch_asker(LIST_ITEM(LIST_ITEM(node, struct seek, node),
		    struct watch, seek));
		if (best == NULL || ss == NULL ||
		    ss->find_turn < best_ss->find_turn) {
			best = node;
			best_ss = ss;
		}
		if (ss == NULL || ss->find_turn == 0)
			break;
	}
	if (best == NULL)
		return NULL;
	if (best_ss != NULL)
		best_ss->find_turn = ++h->find_turns;
	list_remove(best);
	LIST_ITEM(best, struct seek, node)->is_asked = false;
	return best;
}

/* Who asked and what is watched take turns. */
static struct list *
next_seek(struct hub *h)
{
	struct list *node;

	h->is_seekers_turn = !h->is_seekers_turn;
	if (h->is_seekers_turn && (node = list_shift(&h->seeking)) != NULL)
		return node;
	if ((node = next_asked(h)) != NULL)
		return node;
	return list_shift(&h->seeking);
}

struct job *
feed_next_job(struct hub *h)
{
	struct seek *s;
	struct list *node;
	struct job *job = NULL;

	while (job == NULL && h->finds_out < h->limits.finds &&
	    (node = next_seek(h)) != NULL) {
		s = LIST_ITEM(node, struct seek, node);
		s->not_before_ms = h->now_ms + h->limits.query_ms;
		job = seek_job(s);
	}
	h->finds_out += job != NULL;
	return job;
}

static int
found_order(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->id,
	    ((const struct found *)b)->id);
}

/* The truth about one of those in doubt; row NULL: there is no document. */
static void
doubt_settle(struct feed *f, const char *id, const struct found *row)
{
	struct content c = { .v = OP_NUMBER_MAX };
	uint64_t serial;
	struct doc *d;

	/* Not there, but told of since it was looked for. */
	(void)feed_seen(f, id, &serial);
	if (row == NULL && serial > f->ask_serial)
		return;
	if (row != NULL)
		c = (struct content){ .v = row->v, .type = row->type,
		    .body = row->body, .len = row->len };
	feed_tell_content(f, id, &c);
	feed_tell_settled(f, id);
	if (row != NULL && (d = hub_doc_here(f->hub, f->collection, id)) !=
	    NULL)
		doc_compare(d, row->v);
}

static void
doubts_found(struct feed *f, struct job *job)
{
	struct job_find *find = &job->find;
	struct found key = { NULL, 0, NULL, NULL, 0 };
	size_t i;

	f->is_asking = false;
	f->n_out--;
	if (job->err == ERR_NONE && find->n > 0)
		qsort(find->found, find->n, sizeof(*find->found), found_order);
	for (i = 0; job->err == ERR_NONE && i < find->n_ids; i++) {
		key.id = find->ids[i];
		doubt_settle(f, find->ids[i], find->n == 0 ? NULL :
		    bsearch(&key, find->found, find->n, sizeof(key),
		    found_order));
	}
	if (job->err == ERR_STORE_AWAY || job->err == ERR_STORE_UNSURE) {
		f->seek.not_before_ms = f->hub->now_ms + AWAY_MS;
		for (i = 0; i < find->n_ids; i++)
			feed_doubt_id(f, find->ids[i]);
	} else if (job->err != ERR_NONE) {
		feed_back(f);		/* who watches will hear why not */
	}
	if (!list_empty(&f->doubting))
		seek_soon(f->hub, &f->seek);
	feed_rest(f);
}

void
feed_found(struct hub *h, struct job *job)
{
	struct watch *w = job->whose;
	struct feed *f;

	h->finds_out--;
	if (job->find.ids != NULL) {
		doubts_found(job->whose, job);
		return;
	}
	f = w->feed;
	f->n_finds--;
	watch_found(w, job);
	if (f->n_finds == 0)
		feed_forget_changes(f);
	watch_rest(w);
}

void
feed_tick(struct hub *h)
{
	struct list *node, *next;
	struct table_node *in_hub = NULL;
	struct seek *s;
	struct feed *f;

	LIST_EACH(&h->due, node, next) {
		s = LIST_ITEM(node, struct seek, node);
		if (s->not_before_ms > h->now_ms)
			continue;
		list_remove(&s->node);
		list_push(&h->seeking, &s->node);
	}
	while (!list_empty(&h->asked)) {
		s = LIST_ITEM(h->asked.next, struct seek, node);
		if (h->limits.query_timeout_ms == 0 || h->now_ms - s->asked_ms <
		    WAIT_TIMES * h->limits.query_timeout_ms)
			break;
		watch_give_up(LIST_ITEM(s, struct watch, seek));
	}
	if (!h->limits.shared_store || h->limits.sweep_ms == 0)
		return;
	while ((in_hub = table_next(&h->feeds, in_hub)) != NULL) {
		f = LIST_ITEM(in_hub, struct feed, in_hub);
		if (f->next_sweep_ms > h->now_ms)
			continue;
		f->next_sweep_ms = h->now_ms +
		    FEED_SWEEPS * h->limits.sweep_ms;
		feed_back(f);
	}
}

void
feed_forget_questions(struct feed *f)
{
	struct table_node *node;

	while (!list_empty(&f->doubting))
		doubt_free(f, LIST_ITEM(f->doubting.next, struct doubt, node));
	while ((node = table_next(&f->gaps, NULL)) != NULL) {
		table_remove(&f->gaps, node);
		free(LIST_ITEM(node, struct gap, by_id));
	}
}
