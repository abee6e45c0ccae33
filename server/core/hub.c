#include "core/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/actions.h"
#include "core/checkpoint.h"
#include "core/commit.h"
#include "core/content.h"
#include "core/doc.h"
#include "core/feed.h"
#include "core/hear.h"
#include "core/history.h"
#include "core/query.h"
#include "core/renew.h"
#include "core/session_in.h"
#include "core/watch.h"
#include "proto/reply.h"

/*
 * Messages of one session, and of all, handled in one hub_work, and their
 * bytes: what a message costs is mostly its length.  One more than the bytes
 * allow is handled, so that each gets through.
 */
#define WORK_SESSION		32
#define WORK_MESSAGES		2048
#define WORK_SESSION_BYTES	(16u << 10)
#define WORK_BYTES		(128u << 10)

void
hub_limits_default(struct hub_limits *l)
{
	*l = (struct hub_limits){
		.message_bytes = 16u << 20,
		.depth = JSON_DEPTH_MAX,
		.inbox_messages = 256,
		.outbox_bytes = 16u << 20,
		.line_requests = 10000,
		.window_ops = 1000,
		.window_bytes = 1u << 20,
		.hot_bytes = 512u << 20,
		.document_bytes = 64u << 20,
		.batch_ops = 1000,
		.batch_bytes = 8u << 20,
		.batches = 2,
		.subscriptions = 20000,
		.session_queries = 1000,
		.query_results = JOB_FIND_RESULTS,
		.query_bytes = JOB_FIND_BYTES,
		.query_timeout_ms = JOB_FIND_MS,
		.query_ms = 150,
		.finds = 4,
		.checkpoint_ops = 200,
		.keep_every = 1000,
		.queries = true,
		.sweep_ms = 5000,
		.echo_ms = 500,
		.idle_ms = 300000,
		.content_ms = 5000,
		.quiet_ms = 10000,
		.presence_bytes = 16u << 10,
		.presences = 1000,
		.channels = 10000,
		.presence_rate = 60,
		.presence_ttl_ms = 15000,
		.node = 1,
		.shared_store = false,
		.is_heard = true,
	};
}

/* Every collection is allowed, and as the limits say. */
static struct catalog *
default_catalog(const struct hub_limits *l)
{
	struct catalog_plan plan = { .fallback = {
		.types = COLLECTION_ALL_TYPES,
		.queries = l->queries,
		.checkpoint_ops = l->checkpoint_ops,
		.keep_every = l->keep_every,
		.document_bytes = l->document_bytes,
	} };

	return catalog_new(&plan);
}

struct hub *
hub_new(const struct hub_limits *limits, uint64_t seed)
{
	struct hub *h = mem_get(sizeof(*h));
	struct list *lists[] = {
		&h->sessions, &h->talking, &h->ready, &h->fed, &h->loading,
		&h->live, &h->behind, &h->idle, &h->working, &h->dirty,
		&h->unwritten, &h->due_contents, &h->yielding, &h->retrying,
		&h->doubtful, &h->regranting, &h->echoing, &h->folding, &h->folding_soon,
		&h->historians, &h->histories,
		&h->replaying, &h->asked, &h->seeking, &h->due, &h->acks, &h->jobs, &h->words,
		&h->renewing, &h->denied, &h->query_asks,
		&h->granted_subs,
	};
	size_t i;

	h->limits = *limits;
	if (limits->catalog == NULL)
		h->limits.catalog = h->own_catalog = default_catalog(limits);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		list_init(lists[i]);
	table_init(&h->readers, seed);
	table_init(&h->docs, seed);
	presence_hub_init(h, seed);
	payer_hub_init(h, seed);
	table_init(&h->feeds, seed);
	table_init(&h->watches, seed);
	return h;
}

static void
free_requests(struct list *l)
{
	struct list *node;
	struct request *req;

	while ((node = list_shift(l)) != NULL) {
		req = LIST_ITEM(node, struct request, node);
		if (req->bulk != NULL) {
			req->bulk->ss = NULL;
			bulk_count_down(req->bulk);
		}
		request_free(req);
	}
}

static void
free_docs(struct hub *h, struct list *place)
{
	struct doc *d;

	while (!list_empty(place)) {
		d = LIST_ITEM(place->next, struct doc, place);
		free_requests(&d->waiting);
		free_requests(&d->staged);
		table_remove(&h->docs, &d->in_hub);
		doc_free(d);
	}
}

/* What is left: the store has not answered. */
static void
free_feeds(struct hub *h)
{
	struct table_node *node;

	while ((node = table_next(&h->feeds, NULL)) != NULL)
		feed_free(LIST_ITEM(node, struct feed, in_hub));
}

void
hub_free(struct hub *h)
{
	struct list *node;

	if (h == NULL)
		return;
	presence_hub_done(h);
	while (!list_empty(&h->sessions))
		session_free(LIST_ITEM(h->sessions.next, struct session,
		    node));
	query_asks_free(h);
	payer_hub_done(h);
	free_feeds(h);
	free_docs(h, &h->loading);
	free_docs(h, &h->live);
	free_docs(h, &h->behind);
	free_docs(h, &h->idle);
	history_free_all(h);
	while ((node = list_shift(&h->jobs)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	while ((node = list_shift(&h->words)) != NULL)
		word_free(LIST_ITEM(node, struct word, node));
	table_done(&h->readers);
	table_done(&h->docs);
	table_done(&h->feeds);
	table_done(&h->watches);
	catalog_free(h->own_catalog);
	access_unref(h->access);
	free(h);
}

void
hub_ask(struct hub *h, struct job *job)
{
	list_push(&h->jobs, &job->node);
}

void
hub_say(struct hub *h, struct word *w)
{
	list_push(&h->words, &w->node);
}

void
hub_note_refusal(struct hub *h, enum err err)
{
	int status = err_http(err);

	if (err == ERR_BUSY || err == ERR_FIND_MANY || status == 413 ||
	    (status == 429 && err != ERR_RATE))
		h->counts.over_limit++;
}

/* ---- documents by name ---- */

struct doc_key {
	const char *collection, *id;
};

static bool
doc_match(const struct table_node *node, const void *key)
{
	const struct doc *d = LIST_ITEM(node, struct doc, in_hub);
	const struct doc_key *k = key;

	return strcmp(d->id, k->id) == 0 &&
	    strcmp(d->collection, k->collection) == 0;
}

static uint64_t
doc_hash(const struct hub *h, const char *collection, const char *id)
{
	return table_hash_more(table_hash(&h->docs, collection,
	    strlen(collection)), id, strlen(id));
}

struct doc *
hub_doc_here(struct hub *h, const char *collection, const char *id)
{
	struct doc_key key = { collection, id };
	struct table_node *node = table_find(&h->docs,
	    doc_hash(h, collection, id), doc_match, &key);

	return node != NULL ? LIST_ITEM(node, struct doc, in_hub) : NULL;
}

struct doc *
hub_doc(struct hub *h, const char *collection, const char *id)
{
	struct doc *d = hub_doc_here(h, collection, id);

	if (d != NULL)
		return d;
	d = doc_new(h, collection, id);
	table_add(&h->docs, &d->in_hub, doc_hash(h, collection, id));
	return d;
}

void
hub_forget(struct hub *h, struct doc *d)
{
	struct list *node, *next;

	LIST_EACH(&d->readers, node, next)
		reader_leave(LIST_ITEM(node, struct reader, in_doc));
	table_remove(&h->docs, &d->in_hub);
	doc_free(d);
}

/* ---- inputs ---- */

void
hub_client_id(const struct hub *h, const struct principal *who,
    const unsigned char random[SRC_RANDOM], char out[SRC_TEXT])
{
	src_make(h->limits.src_key, who, random, out);
}

struct session *
hub_open(struct hub *h, void *owner, const char *client_id,
    struct principal *who, unsigned flags)
{
	struct session *ss = session_new(h, owner, client_id, ++h->ordinals);

	ss->who = who;
	ss->flags = flags;
	renew_watch(ss);
	payer_session_changed(ss);
	session_post(ss, reply_init(client_id));
	return ss;
}

bool
hub_receive(struct hub *h, struct session *ss, const char *bytes, size_t len)
{
	struct incoming *in;

	if (h->is_draining || ss->closing != CLOSE_NONE)
		return true;
	if (len > h->limits.message_bytes) {
		h->counts.over_limit++;
		session_close_for(ss, CLOSE_TOO_BIG, "message too long");
		return true;
	}
	in = incoming_new(bytes, len);
	list_push(&ss->inbox, &in->node);
	ss->n_inbox++;
	ss->inbox_bytes += len;
	if (list_empty(&ss->in_work))
		list_push(&h->talking, &ss->in_work);
	ss->was_full = session_is_full(ss);
	return !ss->was_full;
}

void
hub_close(struct hub *h, struct session *ss, enum session_close code,
    const char *reason)
{
	(void)h;
	session_close_for(ss, code, reason);
}

/*
 * Handle what it said; at the end all of it, with nobody to answer to.  How
 * many bytes that was.
 */
static size_t
session_listen(struct session *ss, unsigned max, size_t max_bytes, bool is_end)
{
	struct incoming *in;
	struct list *node;
	size_t bytes = 0;

	while (max-- > 0 && bytes < max_bytes && (is_end ||
	    (session_is_heard(ss) && payer_wait(ss) == 0)) &&
	    (node = list_shift(&ss->inbox)) != NULL) {
		ss->n_inbox--;
		in = LIST_ITEM(node, struct incoming, node);
		ss->inbox_bytes -= in->len;
		bytes += in->len;
		action_run(ss, in);
	}
	if (ss->was_full && !session_is_full(ss)) {
		ss->was_full = false;
		session_wake(ss);
	}
	return bytes;
}

void
hub_leave(struct hub *h, struct session *ss)
{
	(void)h;
	/* What was received before the end still counts. */
	session_listen(ss, UINT32_MAX, SIZE_MAX, true);
	session_free(ss);
}

void
hub_finish(struct hub *h, struct job *job)
{
	h->jobs_out--;
	switch (job->kind) {
	case JOB_LOAD:
		doc_loaded(job->whose, job);
		break;
	case JOB_OPS:
		if (job->whose == NULL) {
			feed_filled(h, job);
			break;
		}
		/* fall through */
	case JOB_CREATED:
		doc_answered(job->whose, job);
		break;
	case JOB_FIND:
		if (content_settle(h, job))
			return;
		feed_found(h, job);
		break;
	case JOB_COMMIT:
		commit_settle(h, job);
		break;
	case JOB_ROWS:
		if (job->rows.what == ROWS_GRANTED)
			query_granted(job);
		else
			doc_answered(job->whose, job);
		break;
	case JOB_LACKING:
	case JOB_PLACE:
	case JOB_COMPACT:
	case JOB_ERASE:
		bug("the hub never asks this");
	case JOB_CONTENT:
		break;		/* lost, finds see an older one */
	case JOB_HISTORY:
		history_answered(h, job);
		break;
	case JOB_CHECKPOINT:
		break;		/* lost, it costs a longer load */
	case JOB_VERSIONS:
		hear_versions(h, job);
		break;
	}
	job_free(job);
}

/* Idle documents go when memory is short or their time is over. */
static void
evict(struct hub *h)
{
	struct doc *d;

	while (!list_empty(&h->idle)) {
		d = LIST_ITEM(h->idle.next, struct doc, place);
		if (h->counts.hot_bytes <= h->limits.hot_bytes &&
		    h->now_ms - d->idle_ms < h->limits.idle_ms &&
		    !d->is_visitor)
			break;
		h->counts.evictions++;
		content_leave(d);
		hub_forget(h, d);
	}
}

void
hub_tick(struct hub *h, uint64_t now_ms)
{
	struct list *node, *next;
	struct doc *d;

	h->now_ms = now_ms;
	LIST_EACH(&h->retrying, node, next) {
		d = LIST_ITEM(node, struct doc, in_retry);
		if (d->retry_ms > now_ms)
			continue;
		list_remove(&d->in_retry);
		doc_retry(d);
	}
	if (h->limits.shared_store && h->limits.sweep_ms > 0 &&
	    now_ms >= h->next_sweep_ms) {
		h->next_sweep_ms = now_ms + h->limits.sweep_ms;
		hear_sweep(h);
	}
	known_tick(h);
	hub_yield(h, false);
	hub_echo(h, false);
	hub_fold(h);
	payer_tick(h);
	presence_tick(h);
	feed_tick(h);
	content_tick(h);
	evict(h);
}

void
hub_stopwatch(struct hub *h, uint64_t now_us)
{
	h->now_us = now_us;
}

void
hub_drain(struct hub *h)
{
	h->is_draining = true;
	payer_drain(h);
	hub_yield(h, true);
	hub_echo(h, true);
	content_drain(h);
	checkpoint_drain(h);
}

/* ---- work ---- */

bool
hub_work(struct hub *h)
{
	struct list later = LIST_INIT(later), *node;
	struct session *ss;
	struct doc *d;
	size_t bytes = 0;
	uint64_t ms;
	unsigned n;

	for (n = 0; n < WORK_MESSAGES && bytes < WORK_BYTES &&
	    (node = list_shift(&h->talking)) != NULL; n += WORK_SESSION) {
		ss = LIST_ITEM(node, struct session, in_work);
		bytes += session_listen(ss, WORK_SESSION, WORK_SESSION_BYTES,
		    false);
		if (list_empty(&ss->inbox) || !session_is_heard(ss))
			continue;
		if ((ms = payer_wait(ss)) > 0)
			payer_slow(ss, ms);
		else
			list_push(&later, &ss->in_work);
	}
	list_splice(&h->talking, &later);
	while ((node = list_shift(&h->working)) != NULL) {
		d = LIST_ITEM(node, struct doc, in_work);
		if (doc_work(d) && list_empty(&d->in_work))
			list_push(&later, &d->in_work);
	}
	list_splice(&h->working, &later);
	history_work(h);
	return hub_has_work(h);
}

bool
hub_has_work(const struct hub *h)
{
	return !list_empty(&h->talking) || !list_empty(&h->working) ||
	    history_has_work(h);
}

/* ---- outputs ---- */

struct job *
hub_next_job(struct hub *h)
{
	struct list *node = list_shift(&h->jobs);
	struct job *job;

	if (node != NULL)
		job = LIST_ITEM(node, struct job, node);
	else if ((job = commit_gather(h)) == NULL &&
	    (job = feed_next_job(h)) == NULL)
		job = hear_ask(h);
	if (job != NULL)
		h->jobs_out++;
	return job;
}

struct word *
hub_next_word(struct hub *h)
{
	struct list *node = list_shift(&h->words);

	return node != NULL ? LIST_ITEM(node, struct word, node) : NULL;
}

struct session *
hub_next_owed(struct hub *h)
{
	struct list *node = list_shift(&h->ready);

	return node != NULL ? LIST_ITEM(node, struct session, in_ready) : NULL;
}

struct session *
hub_next_ready(struct hub *h)
{
	struct session *ss = hub_next_owed(h);
	struct list *node;

	if (ss != NULL || (node = list_shift(&h->fed)) == NULL)
		return ss;
	return LIST_ITEM(node, struct session, in_ready);
}

bool
hub_has_ready(const struct hub *h)
{
	return !list_empty(&h->ready) || !list_empty(&h->fed);
}

bool
hub_is_quiet(const struct hub *h)
{
	return !hub_has_work(h) &&
	    list_empty(&h->jobs) && list_empty(&h->dirty) &&
	    list_empty(&h->unwritten) &&
	    h->asking == 0 &&
	    list_empty(&h->words) && h->waiting == 0 && h->jobs_out == 0;
}

void
hub_count(const struct hub *h, struct hub_counts *counts)
{
	*counts = h->counts;
	counts->waiting = h->waiting;
	counts->presences = h->presence.n_own;
	counts->presences_seen = h->presence.n_sights;
}

void
hub_check(const struct hub *h)
{
	const struct table_node *node = NULL;

	while ((node = table_next(&h->docs, node)) != NULL)
		doc_check(LIST_ITEM(node, struct doc, in_hub));
	presence_check(h);
	while ((node = table_next(&h->watches, node)) != NULL)
		watch_check(LIST_ITEM(node, struct watch, in_hub));
}
