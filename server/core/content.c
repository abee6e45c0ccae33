#include "core/content.h"

#include <string.h>

#include "base/mem.h"
#include "core/doc.h"

/* Ops that go with their content may be so many times what a batch holds. */
#define WHOLE_TIMES	4

/* What an op earns beside its own bytes. */
#define EARNED_EACH	256

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
render(const struct snapshot *head, size_t *len_out)
{
	struct buf b = BUF_INIT;

	*len_out = 0;
	if (head->type == NULL || !head->type->print(head->data, &b))
		return NULL;
	if (buf_failed(&b))
		bug("no memory for a document that is in memory");
	return buf_take(&b, len_out);
}

static bool
is_due(const struct doc *d, size_t staged)
{
	size_t size;

	if (d->head.type == NULL)
		return true;	/* it is to be found no more */
	size = d->head.data != NULL ? d->head.type->data_size(d->head.data) : 0;
	return size <= CONTENT_AT_ONCE || d->content_earned + staged +
	    (d->head.v - d->durable_v) * EARNED_EACH >= size;
}

void
content_pack(const struct doc *d, struct parcel *p)
{
	size_t staged;
	bool makes;

	if (!d->settings->queries)
		return;
	staged = staged_bytes(d, &makes);
	/* It is known as of the head: all that is staged must go with it. */
	if (staged / WHOLE_TIMES > d->hub->limits.batch_bytes ||
	    (!makes && !is_due(d, staged)))
		return;
	p->has_content = true;
	p->body = render(&d->head, &p->len);
}

void
content_packed(struct doc *d, const struct parcel *p)
{
	size_t i;

	if (!d->settings->queries)
		return;
	d->content_behind = !p->has_content;
	if (p->has_content) {
		d->content_earned = 0;
		return;
	}
	for (i = 0; i < p->ops.n; i++)
		d->content_earned += p->ops.ops[i]->body_len + EARNED_EACH;
	/* Drained already: nobody comes by later. */
	if (d->hub->is_draining)
		content_leave(d);
}

void
content_leave(struct doc *d)
{
	struct job *job;

	if (!d->content_behind || d->head.v != d->durable_v)
		return;
	d->content_behind = false;
	job = job_new(JOB_CONTENT, NULL);
	job->content = (struct job_content){
		.is_owner = true,
		.collection = mem_copy(d->collection, strlen(d->collection)),
		.id = mem_copy(d->id, strlen(d->id)),
		.v = d->head.v,
		.type = d->head.type != NULL ? d->head.type->uri : NULL,
	};
	job->content.body = render(&d->head, &job->content.len);
	hub_ask(d->hub, job);
}
