#include "core/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/feed.h"
#include "core/watch.h"

/* Ops that go with their content may be so many times what a batch holds. */
#define WHOLE_TIMES	4

/* What an op earns beside its own bytes. */
#define EARNED_EACH	256

/* Bytes up to which other processes are told the content. */
#define CONTENT_TOLD	4096

/* A find that waits for content to be written. */
struct content_find {
	struct hub	*hub;
	struct job	*job;
	size_t		 pending;	/* wishes */
};

/* That a document's content be written. */
struct content_wish {
	struct list	 in_doc;	/* doc->content_wishes */
	struct content_find *find;
};

/* ---- what goes with a parcel ---- */

/* Bytes of what is staged; and is the document made by it? */
static size_t
staged_bytes(const struct doc *d, bool *makes_out)
{
	size_t bytes = 0;
	const struct op *op;
	uint64_t v;

	*makes_out = false;
	for (v = d->durable_v; v < d->head.v; v++) {
		op = window_at(&d->window, v)->op;
		bytes += op->body_len;
		*makes_out = *makes_out || op->kind == OP_CREATE;
	}
	return bytes;
}

/* A type that has no text for its content (undefined) leaves len 0. */
static char *
render(const struct doc *d, size_t *len_out)
{
	const struct snapshot *head = &d->head;
	struct buf b = BUF_INIT;

	if (d->folded != NULL) {
		*len_out = d->folded_len;
		return mem_copy(d->folded, d->folded_len);
	}
	*len_out = 0;
	if (head->type == NULL || !head->type->print(head->data, &b))
		return NULL;
	if (buf_failed(&b))
		bug("no memory for a document that is in memory");
	return buf_take(&b, len_out);
}

static size_t
size_of(const struct doc *d)
{
	if (d->folded != NULL)
		return d->folded_len;
	return d->head.data != NULL ? d->head.type->data_size(d->head.data) : 0;
}

static bool
is_earned(const struct doc *d, size_t staged)
{
	return d->content_earned + staged +
	    (d->head.v - d->durable_v) * EARNED_EACH >= size_of(d);
}

/* Have other processes to be told the content?  When that costs little. */
static bool
is_told(const struct doc *d)
{
	return size_of(d) <= CONTENT_TOLD && d->hub->limits.shared_store &&
	    d->hub->limits.is_heard;
}

void
content_pack(const struct doc *d, struct parcel *p)
{
	size_t staged;
	bool makes, is_long;

	if (!d->settings->queries)
		return;
	staged = staged_bytes(d, &makes);
	is_long = size_of(d) > CONTENT_SHORT;
	p->lag = is_long ? LAG_LATE : LAG_DUE;
	/* It is known as of the head: all that is staged must go with it. */
	if (staged / WHOLE_TIMES > d->hub->limits.batch_bytes)
		return;
	/*
	 * What is deleted is to be found no more; and where somebody watches,
	 * the next find is near.
	 */
	p->has_content = makes || d->head.type == NULL || d->content_wanted ||
	    (is_long ? is_earned(d, staged) :
	    feed_here(d->hub, d->collection) != NULL);
	p->is_whole = p->has_content || is_told(d);
	if (p->is_whole)
		p->body = render(d, &p->len);
}

/* ---- lagging ---- */

static void
content_lags(struct doc *d, enum content_lag lag)
{
	if (lag == d->content_lag)
		return;
	d->content_lag = lag;
	list_remove(&d->in_due);
	if (lag != LAG_DUE)
		return;
	d->due_ms = d->hub->now_ms + d->hub->limits.content_ms;
	list_push(&d->hub->due_contents, &d->in_due);
}

/* One less to wait for; after the last the find goes out again. */
static void
find_count_down(struct content_find *find)
{
	if (--find->pending > 0)
		return;
	job_find_again(find->job);
	hub_ask(find->hub, find->job);
	free(find);
}

/* Who waited for it need not any more. */
static void
wishes_end(struct doc *d)
{
	struct list *node;
	struct content_wish *wish;

	d->content_wanted = false;
	while ((node = list_shift(&d->content_wishes)) != NULL) {
		wish = LIST_ITEM(node, struct content_wish, in_doc);
		find_count_down(wish->find);
		free(wish);
	}
}

/* It goes with the next parcel, which may be made for it alone. */
static void
content_want(struct doc *d)
{
	if (!d->settings->queries) {
		wishes_end(d);
		return;
	}
	d->content_wanted = true;
	if (d->state == DOC_IDLE)
		doc_move(d, DOC_LIVE);
	doc_wake(d);
}

void
content_packed(struct doc *d, const struct parcel *p)
{
	size_t i;

	if (p->has_content) {
		d->content_earned = 0;
		content_lags(d, LAG_NONE);
		wishes_end(d);
		return;
	}
	if (!d->settings->queries)
		return;
	for (i = 0; i < p->ops.n; i++)
		d->content_earned += p->ops.ops[i]->body_len + EARNED_EACH;
	content_lags(d, p->lag);
	/* Drained already: nobody comes by later. */
	if (d->hub->is_draining)
		content_want(d);
}

void
content_refused(struct doc *d)
{
	wishes_end(d);
}

void
content_loaded(struct doc *d, const struct job *job)
{
	if (d->settings->queries)
		content_lags(d, job->load.lag);
}

void
content_tick(struct hub *h)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(&h->due_contents, node, next) {
		d = LIST_ITEM(node, struct doc, in_due);
		if (d->due_ms > h->now_ms)
			break;
		list_remove(&d->in_due);
		content_want(d);
	}
}

void
content_drain(struct hub *h)
{
	struct table_node *node = NULL;
	struct doc *d;

	while ((node = table_next(&h->docs, node)) != NULL) {
		d = LIST_ITEM(node, struct doc, in_hub);
		if (d->content_lag != LAG_NONE)
			content_want(d);
	}
}

void
content_leave(struct doc *d)
{
	struct job *job;

	if (d->content_lag == LAG_NONE || d->head.v != d->durable_v)
		return;
	content_lags(d, LAG_NONE);
	job = job_new(JOB_CONTENT, NULL);
	job->content = (struct job_content){
		.is_owner = true,
		.collection = mem_copy(d->collection, strlen(d->collection)),
		.id = mem_copy(d->id, strlen(d->id)),
		.v = d->head.v,
		.type = d->head.type != NULL ? d->head.type->uri : NULL,
	};
	job->content.body = render(d, &job->content.len);
	hub_ask(d->hub, job);
}

void
content_gone(struct doc *d)
{
	list_remove(&d->in_due);
	wishes_end(d);
}

/* ---- finds ---- */

/* Will it be asked again and again?  Finds by ids are, for watches. */
static bool
is_asked_on(const struct job *job)
{
	const struct watch *w = job->whose;

	return job->find.ids != NULL || !list_empty(&w->subs);
}

/* A document that is not here comes for this alone, unless that goes on. */
static void
content_wish(struct content_find *find, const char *id)
{
	const char *collection = find->job->find.collection;
	struct content_wish *wish = mem_get(sizeof(*wish));
	struct doc *d = hub_doc_here(find->hub, collection, id);

	if (d == NULL) {
		d = hub_doc(find->hub, collection, id);
		d->is_visitor = !is_asked_on(find->job);
	}
	wish->find = find;
	find->pending++;
	list_push(&d->content_wishes, &wish->in_doc);
	content_want(d);
}

bool
content_settle(struct hub *h, struct job *job)
{
	struct content_find *find;
	size_t i;

	if (job->err != ERR_NONE || job->find.n_due == 0)
		return false;
	find = mem_get(sizeof(*find));
	*find = (struct content_find){ h, job, 1 };
	for (i = 0; i < job->find.n_due; i++)
		content_wish(find, job->find.due[i]);
	find_count_down(find);
	return true;
}
