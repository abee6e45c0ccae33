/*
 * checkpoint: when a document's content is written down.
 *
 * Commits write ops only.  The content is rendered now and then, so that a
 * load replays a bounded number of ops; what that costs is kept in proportion
 * to what was written since.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"

/* What an op costs to replay, in bytes of content to render. */
#define REPLAY_BYTES	256

static bool
is_due(const struct doc *d)
{
	const struct collection *settings = d->settings;
	uint64_t ops = d->head.v - d->kept_v;
	size_t size;

	if (ops == 0 || d->checkpoint != NULL || d->state == DOC_LOADING)
		return false;
	if (d->head.v / settings->keep_every != d->kept_v / settings->keep_every)
		return true;
	if (ops < settings->checkpoint_ops)
		return false;
	size = d->head.data != NULL ?
	    d->head.type->data_size(d->head.data) : 0;
	return d->since_bytes + ops * REPLAY_BYTES >= size;
}

static void
render(struct doc *d)
{
	struct job *job = job_new(JOB_CHECKPOINT, NULL);
	struct job_checkpoint *c = &job->checkpoint;
	struct buf b = BUF_INIT;

	c->collection = mem_copy(d->collection, strlen(d->collection));
	c->id = mem_copy(d->id, strlen(d->id));
	c->v = d->head.v;
	c->kept = d->head.v / d->settings->keep_every !=
	    d->kept_v / d->settings->keep_every;
	if (d->head.type != NULL) {
		c->type = d->head.type->uri;
		if (d->head.type->print(d->head.data, &b))
			c->body = buf_take(&b, &c->len);
		if (buf_failed(&b))
			bug("no memory for a checkpoint");
	}
	d->checkpoint = job;
	d->kept_before_v = d->kept_v;
	d->kept_v = d->head.v;
	d->since_bytes = 0;
}

void
doc_checkpoint(struct doc *d)
{
	if (is_due(d))
		render(d);
	if (d->checkpoint == NULL ||
	    d->checkpoint->checkpoint.v > d->durable_v)
		return;
	d->hub->counts.checkpoints++;
	hub_ask(d->hub, d->checkpoint);
	d->checkpoint = NULL;
}

void
doc_drop_checkpoint(struct doc *d)
{
	if (d->checkpoint == NULL)
		return;
	job_free(d->checkpoint);
	d->checkpoint = NULL;
	d->kept_v = d->kept_before_v;
}
