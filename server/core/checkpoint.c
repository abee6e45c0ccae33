/*
 * checkpoint: when a document's content is written down.
 *
 * Commits write ops only.  The content is rendered now and then, so that a
 * load replays a bounded number of ops.  But an op of a long document should
 * cost what one of a short document does: what is written of contents stays
 * below REPLAY_BYTES an op and the bytes of the ops.  So a load replays
 * checkpoint_ops or, if that is more, an op for each REPLAY_BYTES of the
 * document, which takes about as long as reading it.
 *
 * A document that comes to rest, and each one when the process leaves, is
 * written down after fewer ops: the next who opens it finds it cold.
 */
#include "core/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"

/* What an op costs to replay, in bytes of content to render. */
#define REPLAY_BYTES	256

static size_t
size_of(const struct snapshot *s)
{
	return s->data != NULL ? s->type->data_size(s->data) : 0;
}

/* As few are replayed as fast as found in the store. */
#define REST_OPS	16

/* Rendered and not durable yet; one to be kept that finds no room is written by whoever finds it missing. */
#define PENDING_MAX	8

bool
checkpoint_is_kept(const struct collection *settings, const struct snapshot *s)
{
	uint64_t every = settings->keep_every, worth;

	if (s->v == 0 || s->v % every != 0)
		return false;
	for (worth = size_of(s) / REPLAY_BYTES; every < worth; every *= 2)
		;
	return s->v % every == 0;
}

struct job *
checkpoint_job(const struct collection *settings, const char *collection,
    const char *id, const struct snapshot *s)
{
	struct job *job = job_new(JOB_CHECKPOINT, NULL);
	struct job_checkpoint *c = &job->checkpoint;
	struct buf b = BUF_INIT;

	c->collection = mem_copy(collection, strlen(collection));
	c->id = mem_copy(id, strlen(id));
	c->v = s->v;
	c->kept = checkpoint_is_kept(settings, s);
	if (s->type != NULL) {
		c->type = s->type->uri;
		if (s->type->print(s->data, &b))
			c->body = buf_take(&b, &c->len);
		if (buf_failed(&b))
			bug("no memory for a checkpoint");
	}
	return job;
}

static void
render(struct doc *d)
{
	struct job *job = checkpoint_job(d->settings, d->collection, d->id,
	    &d->head);

	list_push(&d->checkpoints, &job->node);
	d->n_checkpoints++;
	d->kept_v = d->head.v;
	d->since_bytes = 0;
}

/* Are there enough ops to make up for writing the content down? */
static bool
is_due(const struct doc *d, uint64_t least)
{
	uint64_t ops = d->head.v - d->kept_v;

	if (ops < least || ops == 0 || d->n_checkpoints > 0 ||
	    d->state == DOC_LOADING || d->folded != NULL)
		return false;
	return d->since_bytes + ops * REPLAY_BYTES >= size_of(&d->head);
}

static uint64_t
rest_ops(const struct doc *d)
{
	uint64_t most = d->settings->checkpoint_ops;

	return most < REST_OPS ? most : REST_OPS;
}

void
doc_keep(struct doc *d)
{
	/* Folded it has the version that was looked at here before. */
	if (d->folded == NULL && checkpoint_is_kept(d->settings, &d->head) &&
	    d->head.v > d->kept_v && d->n_checkpoints < PENDING_MAX)
		render(d);
}

/* The next one that waits; NULL: none. */
static struct job *
first(const struct doc *d)
{
	return list_empty(&d->checkpoints) ? NULL :
	    LIST_ITEM(d->checkpoints.next, struct job, node);
}

/* Those that are durable go to the store. */
static void
hand_out(struct doc *d)
{
	struct job *job;

	while ((job = first(d)) != NULL && job->checkpoint.v <= d->durable_v) {
		d->hub->counts.checkpoints++;
		d->handed_v = job->checkpoint.v;
		d->n_checkpoints--;
		list_remove(&job->node);
		hub_ask(d->hub, job);
	}
}

void
doc_checkpoint(struct doc *d)
{
	if (is_due(d, d->hub->is_draining ? rest_ops(d) :
	    d->settings->checkpoint_ops))
		render(d);
	hand_out(d);
}

void
doc_checkpoint_early(struct doc *d)
{
	if (is_due(d, rest_ops(d)))
		render(d);
	hand_out(d);
}

void
checkpoint_drain(struct hub *h)
{
	struct table_node *node = NULL;

	while ((node = table_next(&h->docs, node)) != NULL)
		doc_checkpoint(LIST_ITEM(node, struct doc, in_hub));
}

void
doc_drop_checkpoint(struct doc *d)
{
	struct list *node, *next;
	struct job *job;

	d->kept_v = d->handed_v;
	LIST_EACH(&d->checkpoints, node, next) {
		job = LIST_ITEM(node, struct job, node);
		if (job->checkpoint.v <= d->durable_v) {
			d->kept_v = job->checkpoint.v;
			continue;
		}
		d->n_checkpoints--;
		list_remove(node);
		job_free(job);
	}
}
