#include "store/pg_job.h"

#include "base/mem.h"

/* ---- requests ---- */

static bool
make_versions(struct pg_request *r, const struct job_versions *vs)
{
	struct pg_array *collections, *ids;
	size_t i;

	pg_request_init(r, PG_VERSIONS);
	collections = pg_request_put_array(r, PG_TEXT);
	ids = pg_request_put_array(r, PG_TEXT);
	for (i = 0; i < vs->n; i++) {
		pg_array_put_str(collections, vs->docs[i].collection);
		pg_array_put_str(ids, vs->docs[i].id);
	}
	return pg_request_seal(r);
}

bool
pg_request_loads(struct pg_request *r, struct job *const *jobs, size_t n)
{
	struct pg_array *collections, *ids;
	size_t i;

	pg_request_init(r, PG_LOAD);
	collections = pg_request_put_array(r, PG_TEXT);
	ids = pg_request_put_array(r, PG_TEXT);
	for (i = 0; i < n; i++) {
		pg_array_put_str(collections, jobs[i]->load.collection);
		pg_array_put_str(ids, jobs[i]->load.id);
	}
	return pg_request_seal(r);
}

static void
make_history(struct pg_request *r, const struct job_history *h)
{
	pg_request_init(r, PG_HISTORY);
	pg_request_put_str(r, h->load.collection);
	pg_request_put_str(r, h->load.id);
	if (h->by_time)
		pg_request_put_str(r, NULL);
	else
		pg_request_put_u64(r, h->load.v);
	pg_request_put_i64(r, h->time_ms);
	if (h->from == JOB_NO_VERSION)
		pg_request_put_str(r, NULL);
	else
		pg_request_put_u64(r, h->from);
	pg_request_put_u64(r, h->max_ops);
}

static void
make_place(struct pg_request *r, const struct job_place *p)
{
	pg_request_init(r, PG_PLACE);
	pg_request_put_str(r, p->collection);
	pg_request_put_str(r, p->id);
	pg_request_put_u64(r, p->v);
	pg_request_put_str(r, p->type);
	pg_request_put_bytes(r, p->body, p->len);
	pg_request_put_str(r, p->owner);
	pg_request_put_i64(r, p->at_ms);
	pg_request_put_str(r, p->has_content ? "t" : "f");
}

static void
make_content(struct pg_request *r, const struct job_content *c)
{
	pg_request_init(r, c->type != NULL ? PG_CONTENT : PG_CONTENT_GONE);
	pg_request_put_str(r, c->collection);
	pg_request_put_str(r, c->id);
	if (c->type == NULL)
		return;
	pg_request_put_u64(r, c->v);
	pg_request_put_str(r, c->type);
	pg_request_put_bytes(r, c->body, c->len);
}

static void
make_compact(struct pg_request *r, const struct job_compact *c)
{
	pg_request_init(r, PG_COMPACT);
	pg_request_put_str(r, c->collection);
	pg_request_put_str(r, c->id);
	pg_request_put_u64(r, c->was);
	pg_request_put_u64(r, c->from);
	pg_request_put_u64(r, c->to);
	pg_request_put_str(r, c->empty);
	pg_request_put_bytes(r, c->body, c->len);
	pg_request_put_str(r, c->has_snapshot ? "t" : "f");
	pg_request_put_str(r, c->kept ? "t" : "f");
	pg_request_put_str(r, c->type);
	pg_request_put_bytes(r, c->snap_body, c->snap_len);
}

static void
make_erase(struct pg_request *r, const struct job_erase *e)
{
	pg_request_init(r, PG_ERASE);
	pg_request_put_str(r, e->collection);
	pg_request_put_str(r, e->id);
	pg_request_put_str(r, e->src);
	pg_request_put_str(r, e->by);
	pg_request_put_str(r, e->reason);
	pg_request_put_str(r, e->has_event ? "t" : "f");
}

static void
make_rows(struct pg_request *r, const struct job_rows *rows)
{
	size_t i;

	pg_request_init(r, PG_ROWS + (unsigned)rows->what);
	for (i = 0; i < rows->n_params; i++)
		pg_request_put_str(r, rows->params[i]);
}

bool
pg_request_make(struct pg_request *r, const struct job *job)
{
	switch (job->kind) {
	case JOB_HISTORY:
		make_history(r, &job->history);
		return true;
	case JOB_OPS:
		pg_request_init(r, PG_OPS);
		pg_request_put_str(r, job->ops.collection);
		pg_request_put_str(r, job->ops.id);
		pg_request_put_u64(r, job->ops.from);
		pg_request_put_u64(r, job->ops.to);
		return true;
	case JOB_CREATED:
		pg_request_init(r, PG_CREATED);
		pg_request_put_str(r, job->created.collection);
		pg_request_put_str(r, job->created.id);
		pg_request_put_str(r, job->created.src);
		pg_request_put_u64(r, job->created.seq);
		return true;
	case JOB_CHECKPOINT:
		pg_request_init(r, PG_CHECKPOINT);
		pg_request_put_str(r, job->checkpoint.collection);
		pg_request_put_str(r, job->checkpoint.id);
		pg_request_put_u64(r, job->checkpoint.v);
		pg_request_put_str(r, job->checkpoint.type);
		pg_request_put_bytes(r, job->checkpoint.body,
		    job->checkpoint.len);
		pg_request_put_str(r, job->checkpoint.kept ? "t" : "f");
		return true;
	case JOB_VERSIONS:
		return make_versions(r, &job->versions);
	case JOB_LACKING:
		pg_request_init(r, PG_LACKING);
		pg_request_put_str(r, job->lacking.collection);
		pg_request_put_str(r, job->lacking.after);
		pg_request_put_u64(r, job->lacking.max);
		return true;
	case JOB_CONTENT:
		make_content(r, &job->content);
		return true;
	case JOB_PLACE:
		make_place(r, &job->place);
		return true;
	case JOB_ROWS:
		make_rows(r, &job->rows);
		return true;
	case JOB_COMPACT:
		make_compact(r, &job->compact);
		return true;
	case JOB_ERASE:
		make_erase(r, &job->erase);
		return true;
	case JOB_COMMIT:
	case JOB_LOAD:
	case JOB_FIND:
		break;
	}
	bug("made elsewhere");
}

/* ---- answers ---- */

/* A checkpoint: its type and body are in two columns from there on. */
static void
get_snapshot(struct job_load *l, uint64_t v, const PGresult *res, int row,
    int column)
{
	l->snap_v = v;
	l->snap_type = pg_get_text(res, row, column);
	l->snap_body = pg_get_text(res, row, column + 1);
	l->snap_len = (size_t)PQgetlength(res, row, column + 1);
}

void
pg_answer_loads(struct job *const *jobs, size_t n, const PGresult *res)
{
	int row;

	for (row = 0; row < PQntuples(res); row++) {
		size_t i = pg_get_u64(res, row, 0) - 1;
		struct job_load *l;

		if (i >= n)
			bug("an answer to no load");
		l = &jobs[i]->load;
		if (!PQgetisnull(res, row, 1)) {
			op_list_add(&l->ops, pg_get_op(res, row, 1));
			continue;
		}
		l->v = pg_get_u64(res, row, 2);
		l->lag = (enum content_lag)pg_get_u64(res, row, 6);
		l->horizon = pg_get_u64(res, row, 7);
		if (!PQgetisnull(res, row, 3))
			get_snapshot(l, pg_get_u64(res, row, 3), res, row, 4);
	}
}

static void
answer_history(struct job_history *h, const PGresult *res)
{
	struct job_load *l = &h->load;
	int row;

	if (PQntuples(res) == 0)	/* it never was */
		return;
	h->head_v = pg_get_u64(res, 0, 1);
	l->horizon = pg_get_u64(res, 0, 3);
	l->v = pg_get_u64(res, 0, 2);
	for (row = 1; row < PQntuples(res); row++) {
		if (!PQgetisnull(res, row, 0))
			op_list_add(&l->ops, pg_get_op(res, row, 0));
		else
			get_snapshot(l, pg_get_u64(res, row, 1), res, row, 3);
	}
}

static void
answer_lacking(struct job_lacking *l, const PGresult *res)
{
	int row, n = PQntuples(res);

	l->ids = mem_grow(NULL, (size_t)n + 1, sizeof(*l->ids));
	for (row = 0; row < n; row++)
		l->ids[l->n++] = pg_get_text(res, row, 0);
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
			cells[column] = pg_get_text(res, row, column);
	}
}

static void
answer_erase(struct job_erase *e, const PGresult *res)
{
	if (PQntuples(res) == 0)	/* it never was */
		return;
	e->v = pg_get_u64(res, 0, 0);
	e->n_ops = pg_get_u64(res, 0, 1);
	e->n_snapshots = pg_get_u64(res, 0, 2);
	e->n_events = pg_get_u64(res, 0, 3);
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
		job->ops.v = PQntuples(res) > 0 ? pg_get_u64(res, 0, 1) : 0;
		for (row = 1; row < PQntuples(res); row++)
			op_list_add(&job->ops.ops, pg_get_op(res, row, 0));
		return;
	case JOB_CREATED:
		job->created.v = PQntuples(res) > 0 ? pg_get_u64(res, 0, 0) :
		    JOB_NO_VERSION;
		return;
	case JOB_CHECKPOINT:
	case JOB_CONTENT:
		return;
	case JOB_PLACE:
		job->place.placed = PQntuples(res) > 0;
		return;
	case JOB_LACKING:
		answer_lacking(&job->lacking, res);
		return;
	case JOB_VERSIONS:
		if ((size_t)PQntuples(res) != job->versions.n)
			bug("a version is missing");
		for (i = 0; i < job->versions.n; i++)
			job->versions.docs[i].v = pg_get_u64(res, (int)i, 0);
		return;
	case JOB_ROWS:
		answer_rows(&job->rows, res);
		return;
	case JOB_COMPACT:
		job->compact.done = pg_get_u64(res, 0, 0) > 0;
		job->compact.n_ops = pg_get_u64(res, 0, 1);
		return;
	case JOB_ERASE:
		answer_erase(&job->erase, res);
		return;
	case JOB_COMMIT:
	case JOB_LOAD:
	case JOB_FIND:
		break;
	}
	bug("answered elsewhere");
}
