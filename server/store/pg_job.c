#include "store/pg_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- parameters ---- */

static void
request_init(struct pg_request *r, unsigned statement)
{
	r->statement = statement;
	r->n = 0;
	r->n_arrays = 0;
}

void
pg_request_done(struct pg_request *r)
{
	while (r->n_arrays > 0)
		pg_array_done(&r->arrays[--r->n_arrays]);
}

static void
put_str(struct pg_request *r, const char *text)
{
	r->params[r->n++] = (struct pg_param){ .bytes = text };
}

/* Bytes without a NUL after them: text in its binary form is just these. */
static void
put_bytes(struct pg_request *r, const char *bytes, size_t len)
{
	r->params[r->n++] = (struct pg_param){
		.bytes = bytes, .len = (int)len, .binary = true
	};
}

static void
put_u64(struct pg_request *r, uint64_t n)
{
	char *text = r->numbers[r->n];

	/* JOB_NO_VERSION is past every version there can be. */
	snprintf(text, sizeof(r->numbers[0]), "%" PRIu64,
	    n > INT64_MAX ? (uint64_t)INT64_MAX : n);
	put_str(r, text);
}

static void
put_i64(struct pg_request *r, int64_t n)
{
	char *text = r->numbers[r->n];

	snprintf(text, sizeof(r->numbers[0]), "%" PRId64, n);
	put_str(r, text);
}

/* The next parameter is an array; to be filled before request_seal. */
static struct pg_array *
put_array(struct pg_request *r, enum pg_element type)
{
	struct pg_array *a = &r->arrays[r->n_arrays++];

	pg_array_init(a, type);
	return a;
}

/* Arrays are filled: they become the parameters.  False: one is too large. */
static bool
request_seal(struct pg_request *r)
{
	int i;

	for (i = 0; i < r->n_arrays; i++) {
		struct pg_param *p = &r->params[r->n++];

		p->binary = true;
		p->bytes = pg_array_bytes(&r->arrays[i], &p->len);
		if (p->bytes == NULL)
			return false;
	}
	return true;
}

/* ---- commits ---- */

static int
by_name(const void *a, const void *b)
{
	const struct parcel *p = *(struct parcel *const *)a;
	const struct parcel *q = *(struct parcel *const *)b;
	int c = strcmp(p->collection, q->collection);

	return c != 0 ? c : strcmp(p->id, q->id);
}

static void
parcels_of(struct pg_parcels *parcels, struct job_commit *c)
{
	struct list *node, *next;

	parcels->n = 0;
	parcels->p = mem_grow(NULL, c->n_parcels, sizeof(*parcels->p));
	LIST_EACH(&c->parcels, node, next)
		parcels->p[parcels->n++] = LIST_ITEM(node, struct parcel, node);
	if (parcels->n != c->n_parcels || parcels->n == 0)
		bug("a batch has lost count of its parcels");
	qsort(parcels->p, parcels->n, sizeof(*parcels->p), by_name);
}

static void
put_one_op(struct pg_request *r, const struct parcel *p)
{
	const struct op *op = p->ops.ops[0];

	put_str(r, p->collection);
	put_str(r, p->id);
	put_u64(r, p->base_v);
	put_str(r, p->type_after);
	put_u64(r, op->kind);
	put_u64(r, op->seq);
	put_str(r, op->src);
	put_bytes(r, op->body, op->body_len);
	put_str(r, op->author);
}

/* What a commit of many has beside ops. */
static void
put_extras(struct pg_request *r, const struct pg_parcels *parcels, bool all)
{
	struct pg_array *have = put_array(r, PG_INT2);
	struct pg_array *contents = put_array(r, PG_TEXT);
	struct pg_array *created, *owners, *events;
	size_t i;

	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_int(have, p->has_content);
		pg_array_put_text(contents, p->body, p->len);
	}
	if (!all)
		return;
	created = put_array(r, PG_INT2);
	owners = put_array(r, PG_TEXT);
	events = put_array(r, PG_TEXT);
	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_int(created, p->is_created);
		pg_array_put_str(owners, p->owner);
		pg_array_put_str(events, parcel_event(p));
	}
}

static bool
put_parcels(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *collections = put_array(r, PG_TEXT);
	struct pg_array *ids = put_array(r, PG_TEXT);
	struct pg_array *base_vs = put_array(r, PG_INT8);
	struct pg_array *ns = put_array(r, PG_INT8);
	struct pg_array *types = put_array(r, PG_TEXT);
	struct pg_array *whose = put_array(r, PG_INT8);
	struct pg_array *versions = put_array(r, PG_INT8);
	struct pg_array *kinds = put_array(r, PG_INT2);
	struct pg_array *seqs = put_array(r, PG_INT8);
	struct pg_array *srcs = put_array(r, PG_TEXT);
	struct pg_array *bodies = put_array(r, PG_TEXT);
	struct pg_array *authors = put_array(r, PG_TEXT);
	size_t i, k;

	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		pg_array_put_str(collections, p->collection);
		pg_array_put_str(ids, p->id);
		pg_array_put_int(base_vs, p->base_v);
		pg_array_put_int(ns, p->ops.n);
		pg_array_put_str(types, p->type_after);
		for (k = 0; k < p->ops.n; k++) {
			const struct op *op = p->ops.ops[k];

			pg_array_put_int(whose, i + 1);
			pg_array_put_int(versions, op->v);
			pg_array_put_int(kinds, op->kind);
			pg_array_put_int(seqs, op->seq);
			pg_array_put_str(srcs, op->src);
			pg_array_put_text(bodies, op->body, op->body_len);
			pg_array_put_str(authors, op->author);
		}
	}
	if (r->statement != PG_COMMIT)
		put_extras(r, parcels, r->statement == PG_COMMIT_ALL);
	return request_seal(r);
}

/* One op and no more: a statement for itself. */
static bool
is_lone(const struct pg_parcels *parcels)
{
	const struct parcel *p = parcels->p[0];

	return parcels->n == 1 && p->ops.n == 1 && !p->has_content &&
	    !p->has_event && (p->base_v == 0 || !p->is_created);
}

/* Of commits that are not lone: the cheapest that does all they ask. */
static enum pg_sql
statement_for(const struct pg_parcels *parcels)
{
	bool has_content = false;
	size_t i;

	for (i = 0; i < parcels->n; i++) {
		const struct parcel *p = parcels->p[i];

		/* To be nobody's is what a new document begins with. */
		if (p->has_event || (p->is_created &&
		    (p->base_v > 0 || p->owner != NULL)))
			return PG_COMMIT_ALL;
		has_content |= p->has_content;
	}
	return has_content ? PG_COMMIT_CONTENT : PG_COMMIT;
}

bool
pg_request_commit(struct pg_request *r, struct job_commit *c,
    struct pg_parcels *parcels)
{
	const struct parcel *p;

	parcels_of(parcels, c);
	if (!is_lone(parcels)) {
		request_init(r, statement_for(parcels));
		return put_parcels(r, parcels);
	}
	p = parcels->p[0];
	request_init(r, p->base_v == 0 ? PG_CREATE_ONE : PG_EDIT_ONE);
	put_one_op(r, p);
	if (p->base_v == 0)
		put_str(r, p->is_created ? p->owner : NULL);
	return true;
}

bool
pg_request_missed(struct pg_request *r, const struct pg_parcels *parcels)
{
	struct pg_array *collections, *ids, *base_vs;
	size_t i;

	request_init(r, PG_MISSED);
	collections = put_array(r, PG_TEXT);
	ids = put_array(r, PG_TEXT);
	base_vs = put_array(r, PG_INT8);
	for (i = 0; i < parcels->n; i++) {
		pg_array_put_str(collections, parcels->p[i]->collection);
		pg_array_put_str(ids, parcels->p[i]->id);
		pg_array_put_int(base_vs, parcels->p[i]->base_v);
	}
	return request_seal(r);
}

/* ---- the other jobs ---- */

static bool
make_versions(struct pg_request *r, const struct job_versions *vs)
{
	struct pg_array *collections, *ids;
	size_t i;

	request_init(r, PG_VERSIONS);
	collections = put_array(r, PG_TEXT);
	ids = put_array(r, PG_TEXT);
	for (i = 0; i < vs->n; i++) {
		pg_array_put_str(collections, vs->docs[i].collection);
		pg_array_put_str(ids, vs->docs[i].id);
	}
	return request_seal(r);
}

bool
pg_request_loads(struct pg_request *r, struct job *const *jobs, size_t n)
{
	struct pg_array *collections, *ids;
	size_t i;

	request_init(r, PG_LOAD);
	collections = put_array(r, PG_TEXT);
	ids = put_array(r, PG_TEXT);
	for (i = 0; i < n; i++) {
		pg_array_put_str(collections, jobs[i]->load.collection);
		pg_array_put_str(ids, jobs[i]->load.id);
	}
	return request_seal(r);
}

static void
make_history(struct pg_request *r, const struct job_history *h)
{
	request_init(r, PG_HISTORY);
	put_str(r, h->load.collection);
	put_str(r, h->load.id);
	if (h->by_time)
		put_str(r, NULL);
	else
		put_u64(r, h->load.v);
	put_i64(r, h->time_ms);
	if (h->from == JOB_NO_VERSION)
		put_str(r, NULL);
	else
		put_u64(r, h->from);
	put_u64(r, h->max_ops);
}

static void
make_content(struct pg_request *r, const struct job_content *c)
{
	request_init(r, c->type != NULL ? PG_CONTENT : PG_CONTENT_GONE);
	put_str(r, c->collection);
	put_str(r, c->id);
	if (c->type == NULL)
		return;
	put_u64(r, c->v);
	put_str(r, c->type);
	put_bytes(r, c->body, c->len);
}

static void
make_rows(struct pg_request *r, const struct job_rows *rows)
{
	size_t i;

	request_init(r, PG_ROWS + (unsigned)rows->what);
	for (i = 0; i < rows->n_params; i++)
		put_str(r, rows->params[i]);
}

bool
pg_request_make(struct pg_request *r, const struct job *job)
{
	switch (job->kind) {
	case JOB_HISTORY:
		make_history(r, &job->history);
		return true;
	case JOB_OPS:
		request_init(r, PG_OPS);
		put_str(r, job->ops.collection);
		put_str(r, job->ops.id);
		put_u64(r, job->ops.from);
		put_u64(r, job->ops.to);
		return true;
	case JOB_CREATED:
		request_init(r, PG_CREATED);
		put_str(r, job->created.collection);
		put_str(r, job->created.id);
		put_str(r, job->created.src);
		put_u64(r, job->created.seq);
		return true;
	case JOB_CHECKPOINT:
		request_init(r, PG_CHECKPOINT);
		put_str(r, job->checkpoint.collection);
		put_str(r, job->checkpoint.id);
		put_u64(r, job->checkpoint.v);
		put_str(r, job->checkpoint.type);
		put_bytes(r, job->checkpoint.body,
		    job->checkpoint.len);
		put_str(r, job->checkpoint.kept ? "t" : "f");
		return true;
	case JOB_VERSIONS:
		return make_versions(r, &job->versions);
	case JOB_LACKING:
		request_init(r, PG_LACKING);
		put_str(r, job->lacking.collection);
		put_str(r, job->lacking.after);
		put_u64(r, job->lacking.max);
		return true;
	case JOB_CONTENT:
		make_content(r, &job->content);
		return true;
	case JOB_ROWS:
		make_rows(r, &job->rows);
		return true;
	case JOB_COMMIT:
	case JOB_LOAD:
	case JOB_FIND:
		break;
	}
	bug("made elsewhere");
}

/* ---- answers ---- */

static uint64_t
get_u64(const PGresult *res, int row, int column)
{
	return strtoull(PQgetvalue(res, row, column), NULL, 10);
}

static char *
get_text(const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return NULL;
	return mem_copy(PQgetvalue(res, row, column),
	    (size_t)PQgetlength(res, row, column));
}

/* The op in the five columns from there on: kind, version, seq, src, body. */
static struct op *
get_op(const PGresult *res, int row, int column)
{
	const char *body = PQgetisnull(res, row, column + 4) ? NULL :
	    PQgetvalue(res, row, column + 4);
	struct op *op;

	op = op_new((enum op_kind)get_u64(res, row, column),
	    get_u64(res, row, column + 1), PQgetvalue(res, row, column + 3),
	    get_u64(res, row, column + 2), body,
	    (size_t)PQgetlength(res, row, column + 4));
	if (op == NULL)
		bug("out of memory");
	return op;
}

/* A checkpoint: its type and body are in two columns from there on. */
static void
get_snapshot(struct job_load *l, uint64_t v, const PGresult *res, int row,
    int column)
{
	l->snap_v = v;
	l->snap_type = get_text(res, row, column);
	l->snap_body = get_text(res, row, column + 1);
	l->snap_len = (size_t)PQgetlength(res, row, column + 1);
}

void
pg_answer_loads(struct job *const *jobs, size_t n, const PGresult *res)
{
	int row;

	for (row = 0; row < PQntuples(res); row++) {
		size_t i = get_u64(res, row, 0) - 1;
		struct job_load *l;

		if (i >= n)
			bug("an answer to no load");
		l = &jobs[i]->load;
		if (!PQgetisnull(res, row, 1)) {
			op_list_add(&l->ops, get_op(res, row, 1));
			continue;
		}
		l->v = get_u64(res, row, 2);
		if (!PQgetisnull(res, row, 3))
			get_snapshot(l, get_u64(res, row, 3), res, row, 4);
	}
}

static void
answer_history(struct job_history *h, const PGresult *res)
{
	struct job_load *l = &h->load;
	int row;

	if (PQntuples(res) == 0)	/* it never was */
		return;
	h->head_v = get_u64(res, 0, 1);
	l->v = get_u64(res, 0, 2);
	for (row = 1; row < PQntuples(res); row++) {
		if (!PQgetisnull(res, row, 0))
			op_list_add(&l->ops, get_op(res, row, 0));
		else
			get_snapshot(l, get_u64(res, row, 1), res, row, 3);
	}
}

static void
answer_lacking(struct job_lacking *l, const PGresult *res)
{
	int row, n = PQntuples(res);

	l->ids = mem_grow(NULL, (size_t)n + 1, sizeof(*l->ids));
	for (row = 0; row < n; row++)
		l->ids[l->n++] = get_text(res, row, 0);
}

static void
answer_rows(struct job_rows *r, const PGresult *res)
{
	char **cells;
	int row, column;

	r->n_columns = (size_t)PQnfields(res);
	for (row = 0; row < PQntuples(res); row++) {
		cells = rows_add(r);
		for (column = 0; column < PQnfields(res); column++)
			cells[column] = get_text(res, row, column);
	}
}

void
pg_answer(struct job *job, const PGresult *res)
{
	size_t i;
	int row;

	switch (job->kind) {
	case JOB_HISTORY:
		answer_history(&job->history, res);
		return;
	case JOB_OPS:
		job->ops.v = PQntuples(res) > 0 ? get_u64(res, 0, 1) : 0;
		for (row = 1; row < PQntuples(res); row++)
			op_list_add(&job->ops.ops, get_op(res, row, 0));
		return;
	case JOB_CREATED:
		job->created.v = PQntuples(res) > 0 ? get_u64(res, 0, 0) :
		    JOB_NO_VERSION;
		return;
	case JOB_CHECKPOINT:
	case JOB_CONTENT:
		return;
	case JOB_LACKING:
		answer_lacking(&job->lacking, res);
		return;
	case JOB_VERSIONS:
		if ((size_t)PQntuples(res) != job->versions.n)
			bug("a version is missing");
		for (i = 0; i < job->versions.n; i++)
			job->versions.docs[i].v = get_u64(res, (int)i, 0);
		return;
	case JOB_ROWS:
		answer_rows(&job->rows, res);
		return;
	case JOB_COMMIT:
	case JOB_LOAD:
	case JOB_FIND:
		break;
	}
	bug("answered elsewhere");
}

/*
 * Does what came reach from base_v to the head without gap?  A head at base_v
 * is no reason to refuse: it was read too early.
 */
static bool
is_whole(const struct parcel *p)
{
	return p->head_v != p->base_v && p->head_v != 0 &&
	    (p->head_v < p->base_v || p->missed.n == p->head_v - p->base_v);
}

void
pg_answer_commit(struct pg_parcels *parcels, const PGresult *res, bool again)
{
	size_t left = 0, i;
	int row;

	for (i = 0; i < parcels->n; i++) {
		parcels->p[i]->accepted = !again;
		op_list_done(&parcels->p[i]->missed);
	}
	for (row = 0; row < PQntuples(res); row++) {
		struct parcel *p;

		i = get_u64(res, row, 0) - 1;
		if (i >= parcels->n)
			bug("a verdict on no parcel");
		p = parcels->p[i];
		p->accepted = false;
		p->head_v = get_u64(res, row, 1);	/* null: 0 */
		if (!PQgetisnull(res, row, 2))
			op_list_add(&p->missed, get_op(res, row, 2));
	}
	for (i = 0; i < parcels->n; i++)
		if (!again && !parcels->p[i]->accepted &&
		    !is_whole(parcels->p[i]))
			parcels->p[left++] = parcels->p[i];
	parcels->n = left;
}
