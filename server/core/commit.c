#include "core/commit.h"

#include "base/mem.h"
#include "core/content.h"
#include "core/doc.h"

/* The document's type once op is applied; NULL: deleted. */
static const char *
type_after(const struct op *op)
{
	return op->kind == OP_DELETE ? NULL : op->type->uri;
}

/* Whoever created it last. */
static void
take_owner(struct parcel *p)
{
	size_t i;

	for (i = 0; i < p->ops.n; i++) {
		if (p->ops.ops[i]->kind != OP_CREATE)
			continue;
		p->is_created = true;
		p->owner = p->ops.ops[i]->author;
	}
}

/*
 * Contents that go without ops, in one batch: documents and bytes.  They are
 * in no hurry, and what goes with them should not wait for them.
 */
#define CONTENTS_EACH	32
#define CONTENTS_BYTES	(256u << 10)

/* A batch that takes longer than others do: another may go beside it. */
#define LONG_BYTES	(128u << 10)
#define LONG_MS		10

/* As many of the document's staged ops as the batch has room for. */
static void
pack(struct doc *d, struct job_commit *c)
{
	const struct hub_limits *limits = &d->hub->limits;
	struct parcel *p;
	struct op *op = NULL;
	uint64_t v;

	p = parcel_new(d, d->collection, d->id, d->durable_v);
	content_pack(d, p);
	for (v = d->durable_v; v < d->head.v; v++) {
		op = window_at(&d->window, v)->op;
		/* The content that is known is that of the head. */
		if (!p->is_whole && p->ops.n > 0 &&
		    (c->n_ops >= limits->batch_ops ||
		    c->bytes + op->body_len > limits->batch_bytes))
			break;
		op_list_add(&p->ops, op_ref(op));
		c->n_ops++;
		c->bytes += op->body_len;
	}
	c->bytes += p->len;
	if (p->ops.n > 0)
		p->type_after = type_after(p->ops.ops[p->ops.n - 1]);
	else
		p->type_after = d->head.type != NULL ? d->head.type->uri : NULL;
	p->has_event = d->settings->events && p->ops.n > 0;
	take_owner(p);
	list_push(&c->parcels, &p->node);
	c->n_parcels++;
	d->in_flight = true;
	d->flight_v = d->durable_v + p->ops.n;
	d->flight_stamp = d->hub->stamp;
}

/* Documents of the list, until the batch is full. */
static void
gather(struct list *docs, struct job_commit *c, size_t max_parcels,
    size_t max_bytes, const struct hub_limits *limits)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(docs, node, next) {
		d = LIST_ITEM(node, struct doc, in_dirty);
		if (c->n_parcels >= max_parcels || c->bytes >= max_bytes ||
		    c->n_ops >= limits->batch_ops)
			break;
		if (d->goes_alone && c->n_parcels > 0)
			continue;
		list_remove(&d->in_dirty);
		pack(d, c);
		if (d->goes_alone)
			break;
	}
}

/* The one that is in the batch goes alone. */
static bool
is_closed(const struct job_commit *c)
{
	return c->n_parcels == 1 && ((const struct doc *)LIST_ITEM(
	    c->parcels.next, struct parcel, node)->doc)->goes_alone;
}

/*
 * May another batch go out?  While one is out, ops gather; two at a time are
 * each half as large, and cost the database more than they save.  But a batch
 * that takes long, for its size or for a lock, holds up nobody else's.
 */
static bool
has_room(const struct hub *h)
{
	if (h->commits_out == 0)
		return true;
	return h->commits_out < h->limits.batches &&
	    (h->commit_is_long || h->now_ms - h->commit_ms >= LONG_MS);
}

struct job *
commit_gather(struct hub *h)
{
	const struct hub_limits *limits = &h->limits;
	struct job *job;
	struct job_commit *c;

	if ((list_empty(&h->dirty) && list_empty(&h->unwritten)) ||
	    !has_room(h))
		return NULL;
	job = job_new(JOB_COMMIT, NULL);
	c = &job->commit;
	gather(&h->dirty, c, SIZE_MAX, limits->batch_bytes, limits);
	if (!is_closed(c))
		gather(&h->unwritten, c, c->n_parcels + CONTENTS_EACH,
		    c->bytes + CONTENTS_BYTES, limits);
	h->commits_out++;
	h->commit_ms = h->now_ms;
	h->commit_is_long = c->bytes >= LONG_BYTES;
	h->counts.commits++;
	return job;
}

void
commit_settle(struct hub *h, struct job *job)
{
	struct list *node, *next;
	struct parcel *p;
	struct doc *d;

	h->commits_out--;
	h->commit_took_ms = h->now_ms - h->commit_ms;
	h->commit_is_long = true;	/* those that are still out, if any */
	LIST_EACH(&job->commit.parcels, node, next) {
		p = LIST_ITEM(node, struct parcel, node);
		d = p->doc;
		if (job->err != ERR_NONE)
			doc_failed(d, job->err);
		else if (p->accepted)
			doc_accepted(d, p);
		else
			doc_refused(d, p);
	}
}
