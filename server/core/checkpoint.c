/*
 * checkpoint: when a document's content is written down.
 *
 * Commits write ops only.  The content is rendered now and then, so that a
 * load replays a bounded number of ops; what that costs is kept in proportion
 * to what was written since.
 */
#include "core/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"

/* What an op costs to replay, in bytes of content to render. */
#define REPLAY_BYTES	256

/* Rendered and not durable yet; one to be kept that finds no room is written by whoever finds it missing. */
#define PENDING_MAX	8

bool
checkpoint_is_kept(const struct collection *settings, uint64_t v)
{
	return v > 0 && v % settings->keep_every == 0;
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
	c->kept = checkpoint_is_kept(settings, s->v);
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

static bool
is_due(const struct doc *d)
{
	const struct collection *settings = d->settings;
	uint64_t ops = d->head.v - d->kept_v;
	size_t size;

	if (ops < settings->checkpoint_ops || ops == 0 ||
	    d->n_checkpoints > 0 || d->state == DOC_LOADING)
		return false;
	size = d->head.data != NULL ?
	    d->head.type->data_size(d->head.data) : 0;
	return d->since_bytes + ops * REPLAY_BYTES >= size;
}

void
doc_keep(struct doc *d)
{
	if (checkpoint_is_kept(d->settings, d->head.v) &&
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

void
doc_checkpoint(struct doc *d)
{
	struct job *job;

	if (is_due(d))
		render(d);
	while ((job = first(d)) != NULL && job->checkpoint.v <= d->durable_v) {
		d->hub->counts.checkpoints++;
		d->handed_v = job->checkpoint.v;
		d->n_checkpoints--;
		list_remove(&job->node);
		hub_ask(d->hub, job);
	}
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
