#include "core/job.h"

#include <stdlib.h>

#include "base/mem.h"

struct job *
job_new(enum job_kind kind, void *whose)
{
	struct job *job = mem_get(sizeof(*job));

	list_init(&job->node);
	job->kind = kind;
	job->whose = whose;
	if (kind == JOB_COMMIT)
		list_init(&job->commit.parcels);
	return job;
}

void
op_list_add(struct op_list *l, struct op *op)
{
	if ((l->n & (l->n - 1)) == 0)		/* grows at powers of two */
		l->ops = mem_grow(l->ops, l->n > 0 ? 2 * l->n : 1,
		    sizeof(struct op *));
	l->ops[l->n++] = op;
}

void
op_list_done(struct op_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		op_unref(l->ops[i]);
	free(l->ops);
	*l = (struct op_list){ NULL, 0 };
}

struct parcel *
parcel_new(void *doc, const char *collection, const char *id, uint64_t base_v)
{
	struct parcel *p = mem_get(sizeof(*p));

	list_init(&p->node);
	p->doc = doc;
	p->collection = collection;
	p->id = id;
	p->base_v = base_v;
	return p;
}

static void
parcel_free(struct parcel *p)
{
	op_list_done(&p->ops);
	op_list_done(&p->missed);
	free(p);
}

static void
commit_done(struct job_commit *c)
{
	struct list *node;

	while ((node = list_shift(&c->parcels)) != NULL)
		parcel_free(LIST_ITEM(node, struct parcel, node));
}

static void
versions_done(struct job_versions *vs)
{
	size_t i;

	for (i = 0; i < vs->n; i++) {
		free(vs->docs[i].collection);
		free(vs->docs[i].id);
	}
	free(vs->docs);
}

void
job_free(struct job *job)
{
	switch (job->kind) {
	case JOB_LOAD:
		free(job->load.snap_type);
		free(job->load.snap_body);
		op_list_done(&job->load.ops);
		break;
	case JOB_OPS:
		op_list_done(&job->ops.ops);
		break;
	case JOB_COMMIT:
		commit_done(&job->commit);
		break;
	case JOB_CREATED:
		free(job->created.src);
		break;
	case JOB_CHECKPOINT:
		free(job->checkpoint.collection);
		free(job->checkpoint.id);
		free(job->checkpoint.body);
		break;
	case JOB_VERSIONS:
		versions_done(&job->versions);
		break;
	}
	free(job);
}
