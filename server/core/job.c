#include "core/job.h"

#include <stdlib.h>
#include <string.h>

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
	p->lag = LAG_KEEP;
	return p;
}

const char *
parcel_event(const struct parcel *p)
{
	size_t i;

	if (!p->has_event)
		return NULL;
	if (p->type_after == NULL)
		return "deleted";
	for (i = 0; i < p->ops.n; i++)
		if (p->ops.ops[i]->kind == OP_CREATE)
			return "created";
	return "edited";
}

static void
parcel_free(struct parcel *p)
{
	free(p->body);
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

struct job *
job_new_find(const char *collection, struct filter *filter, void *whose)
{
	struct job *job = job_new(JOB_FIND, whose);

	job->find.collection = mem_copy(collection, strlen(collection));
	job->find.filter = filter;
	job->find.with_bodies = true;
	job->find.max_results = JOB_FIND_RESULTS;
	job->find.max_bytes = JOB_FIND_BYTES;
	job->find.timeout_ms = JOB_FIND_MS;
	return job;
}

static void
ids_add(char ***ids, size_t *n, const char *id)
{
	if ((*n & (*n - 1)) == 0)	/* grows at powers of two */
		*ids = mem_grow(*ids, *n > 0 ? 2 * *n : 1, sizeof(**ids));
	(*ids)[(*n)++] = mem_copy(id, strlen(id));
}

void
job_find_id(struct job *job, const char *id)
{
	ids_add(&job->find.ids, &job->find.n_ids, id);
}

void
job_find_due(struct job_find *find, const char *id)
{
	ids_add(&find->due, &find->n_due, id);
}

static void
rows_done(struct job_rows *r)
{
	size_t i;

	for (i = 0; i < r->n_params; i++)
		free(r->params[i]);
	rows_clear(r);
}

static void
ids_free(char **ids, size_t n)
{
	while (n > 0)
		free(ids[--n]);
	free(ids);
}

static void
found_free(struct job_find *f)
{
	while (f->n > 0) {
		struct found *found = &f->found[--f->n];

		free(found->id);
		free(found->type);
		free(found->body);
	}
	free(f->found);
	f->found = NULL;
}

void
job_find_again(struct job *job)
{
	struct job_find *f = &job->find;

	found_free(f);
	f->is_settled = f->n_due < JOB_FIND_DUE;
	free(f->settled);
	f->settled = f->is_settled ? NULL : f->due[--f->n_due];
	ids_free(f->due, f->n_due);
	f->due = NULL;
	f->n_due = 0;
}

static void
find_done(struct job_find *f)
{
	ids_free(f->ids, f->n_ids);
	ids_free(f->due, f->n_due);
	free(f->settled);
	found_free(f);
	free(f->collection);
	filter_unref(f->filter);
}

int
job_snapshot(const struct job_load *load, struct snapshot *out,
    struct ot_err *err)
{
	const struct ot_type *type = NULL;
	int rc;

	if (load->snap_type != NULL) {
		type = ot_type_find(load->snap_type);
		if (type == NULL)
			return ot_fail(err, OT_EUNKNOWN, "Unknown type");
		rc = type->load(load->snap_body, load->snap_len, &out->data,
		    err);
		if (rc != 0)
			return rc;
	}
	out->type = type;
	out->v = load->snap_v;
	return 0;
}

static void
load_done(struct job_load *load)
{
	free(load->snap_type);
	free(load->snap_body);
	op_list_done(&load->ops);
}

void
job_free(struct job *job)
{
	switch (job->kind) {
	case JOB_LOAD:
		load_done(&job->load);
		break;
	case JOB_HISTORY:
		load_done(&job->history.load);
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
	case JOB_FIND:
		find_done(&job->find);
		break;
	case JOB_LACKING:
		ids_free(job->lacking.ids, job->lacking.n);
		break;
	case JOB_ROWS:
		rows_done(&job->rows);
		break;
	case JOB_PLACE:
		break;
	case JOB_CONTENT:
		if (job->content.is_owner) {
			free((char *)job->content.collection);
			free((char *)job->content.id);
			free((char *)job->content.body);
		}
		break;
	case JOB_COMPACT:
		free(job->compact.collection);
		free(job->compact.id);
		free(job->compact.empty);
		free(job->compact.body);
		free(job->compact.snap_body);
		break;
	case JOB_ERASE:
		free(job->erase.collection);
		free(job->erase.id);
		free(job->erase.src);
		free(job->erase.by);
		free(job->erase.reason);
		break;
	}
	free(job);
}
