#include "store/lite_db.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/lite_in.h"
#include "store/rows_sql.h"

#define BUSY_TIMEOUT_MS	10000	/* somebody reads with another program */

/* ---- reads, one function a job ---- */

static enum err
get_snapshot(struct lite_db *db, int64_t pk, struct job_load *l)
{
	sqlite3_stmt *st = lite_use(db, LITE_GET_SNAPSHOT);
	enum err e = ERR_NONE;

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, l->v);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		l->snap_v = (uint64_t)sqlite3_column_int64(st, 0);
		l->snap_type = lite_column_copy(st, 1);
		l->snap_body = lite_column_copy(st, 2);
		l->snap_len = (size_t)sqlite3_column_bytes(st, 2);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = lite_fail(db);
	}
	sqlite3_reset(st);
	return e;
}

static enum err
run_load(struct lite_db *db, struct job_load *l)
{
	struct lite_row row;
	enum err e;

	if ((e = lite_row(db, l->collection, l->id, &row)) != ERR_NONE)
		return e;
	l->v = row.v;
	l->lag = row.lag;
	if ((e = lite_horizon(db, row.pk, &l->horizon, NULL)) != ERR_NONE ||
	    (e = get_snapshot(db, row.pk, l)) != ERR_NONE)
		return e;
	return lite_get_ops(db, row.pk, l->snap_v, l->v, &l->ops);
}

/*
 * How many of the v ops of a document were stored no later than ms: by halves,
 * since times do not go back.  An op that is kept no more was.
 */
static enum err
find_by_time(struct lite_db *db, int64_t pk, int64_t ms, uint64_t v,
    uint64_t *v_out)
{
	uint64_t low = 0, middle;
	sqlite3_stmt *st;
	enum err e = ERR_NONE;
	bool is_later;

	while (low < v && e == ERR_NONE) {
		middle = low + (v - low) / 2;
		st = lite_use(db, LITE_GET_TIME);
		sqlite3_bind_int64(st, 1, pk);
		lite_bind_u64(st, 2, middle);
		is_later = false;
		switch (sqlite3_step(st)) {
		case SQLITE_ROW:
			is_later = sqlite3_column_int64(st, 0) > ms;
			break;
		case SQLITE_DONE:
			break;
		default:
			e = lite_fail(db);
		}
		sqlite3_reset(st);
		if (is_later)
			v = middle;
		else
			low = middle + 1;
	}
	*v_out = low;
	return e;
}

static enum err
run_history(struct lite_db *db, struct job_history *h)
{
	struct job_load *l = &h->load;
	uint64_t from = h->from;
	int64_t pk;
	enum err e;

	if ((e = lite_head(db, l->collection, l->id, &pk, &h->head_v)) !=
	    ERR_NONE || (e = lite_horizon(db, pk, &l->horizon, NULL)) !=
	    ERR_NONE)
		return e;
	if (h->by_time && (e = find_by_time(db, pk, h->time_ms, h->head_v,
	    &l->v)) != ERR_NONE)
		return e;
	if (l->v > h->head_v)
		return ERR_NONE;
	if (from == JOB_NO_VERSION) {
		if ((e = get_snapshot(db, pk, l)) != ERR_NONE)
			return e;
		from = l->snap_v;
	}
	return lite_get_ops(db, pk, from, l->v - from < h->max_ops ? l->v :
	    from + h->max_ops, &l->ops);
}

static enum err
run_ops(struct lite_db *db, struct job_ops *o)
{
	uint64_t horizon;
	int64_t pk;
	enum err e;

	if ((e = lite_head(db, o->collection, o->id, &pk, &o->v)) != ERR_NONE ||
	    (e = lite_horizon(db, pk, &horizon, NULL)) != ERR_NONE)
		return e;
	return lite_get_ops(db, pk, o->from > horizon ? o->from : horizon,
	    o->to, &o->ops);
}

static enum err
run_created(struct lite_db *db, struct job_created *c)
{
	sqlite3_stmt *st = lite_use(db, LITE_GET_CREATED);
	int64_t pk;
	uint64_t head_v;
	enum err e;

	c->v = JOB_NO_VERSION;
	if ((e = lite_head(db, c->collection, c->id, &pk, &head_v)) != ERR_NONE)
		return e;
	lite_bind_str(st, 1, c->src);
	lite_bind_u64(st, 2, c->seq);
	sqlite3_bind_int64(st, 3, pk);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		c->v = (uint64_t)sqlite3_column_int64(st, 0);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = lite_fail(db);
	}
	sqlite3_reset(st);
	return e;
}

static enum err
run_lacking(struct lite_db *db, struct job_lacking *l)
{
	sqlite3_stmt *st = lite_use(db, LITE_LACKING);
	enum err e;
	int rc;

	lite_bind_str(st, 1, l->collection);
	lite_bind_str(st, 2, l->after);
	lite_bind_u64(st, 3, l->max);
	l->ids = mem_grow(NULL, l->max, sizeof(*l->ids));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		l->ids[l->n++] = lite_column_copy(st, 0);
	e = rc == SQLITE_DONE ? ERR_NONE : lite_fail(db);
	sqlite3_reset(st);
	return e;
}

static enum err
run_versions(struct lite_db *db, struct job_versions *vs)
{
	int64_t pk;
	size_t i;
	enum err e;

	for (i = 0; i < vs->n; i++) {
		struct job_version *d = &vs->docs[i];

		if ((e = lite_head(db, d->collection, d->id, &pk, &d->v)) !=
		    ERR_NONE)
			return e;
	}
	return ERR_NONE;
}

static enum err
run_read(struct lite_db *db, struct job *job)
{
	switch (job->kind) {
	case JOB_LOAD:
		return run_load(db, &job->load);
	case JOB_HISTORY:
		return run_history(db, &job->history);
	case JOB_OPS:
		return run_ops(db, &job->ops);
	case JOB_CREATED:
		return run_created(db, &job->created);
	case JOB_VERSIONS:
		return run_versions(db, &job->versions);
	case JOB_LACKING:
		return run_lacking(db, &job->lacking);
	case JOB_ROWS:
		return lite_rows(db, job);
	case JOB_COMMIT:
	case JOB_CONTENT:
	case JOB_CHECKPOINT:
	case JOB_PLACE:
	case JOB_COMPACT:
	case JOB_ERASE:
	case JOB_FIND:
		break;
	}
	bug("not a read");
}

bool
lite_db_writes(const struct job *job)
{
	return job->kind == JOB_COMMIT || job->kind == JOB_CHECKPOINT ||
	    job->kind == JOB_CONTENT || job->kind == JOB_PLACE ||
	    job->kind == JOB_COMPACT || job->kind == JOB_ERASE ||
	    (job->kind == JOB_ROWS && !rows_is_read(job->rows.what));
}

static enum err
run_write(struct lite_db *db, struct job *job)
{
	switch (job->kind) {
	case JOB_COMMIT:
		return lite_commit(db, &job->commit);
	case JOB_CHECKPOINT:
		return lite_checkpoint(db, &job->checkpoint);
	case JOB_CONTENT:
		return lite_content(db, &job->content);
	case JOB_PLACE:
		return lite_place(db, &job->place);
	case JOB_COMPACT:
		return lite_compact(db, &job->compact);
	case JOB_ERASE:
		return lite_erase(db, &job->erase);
	case JOB_ROWS:
		return lite_rows(db, job);
	default:
		bug("not a write");
	}
}

enum err
lite_db_run(struct lite_db *db, struct job *job)
{
	enum err e;

	job->err = ERR_NONE;
	if (lite_db_writes(job))
		return run_write(db, job);
	/* One transaction, one snapshot: version and ops agree. */
	if ((e = lite_run(db, lite_use(db, LITE_BEGIN_READ))) != ERR_NONE)
		return e;
	e = run_read(db, job);
	lite_db_roll_back(db);
	return e;
}

/* ---- transactions, opening, closing ---- */

enum err
lite_db_begin(struct lite_db *db)
{
	return lite_run(db, lite_use(db, LITE_BEGIN_WRITE));
}

enum err
lite_db_commit(struct lite_db *db)
{
	enum err e = lite_run(db, lite_use(db, LITE_COMMIT));

	if (e == ERR_STORE_AWAY &&
	    sqlite3_extended_errcode(db->sq) == SQLITE_IOERR_FSYNC)
		return ERR_STORE_UNSURE;
	return e;
}

void
lite_db_roll_back(struct lite_db *db)
{
	/* Some failures have rolled back by themselves. */
	if (sqlite3_get_autocommit(db->sq) == 0)
		sqlite3_step(lite_use(db, LITE_ROLLBACK));
	sqlite3_reset(db->st[LITE_ROLLBACK]);
}

int
lite_db_vacuum(struct lite_db *db)
{
	if (sqlite3_exec(db->sq, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)",
	    NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	lite_fail(db);
	return -1;
}

const char *
lite_db_trouble(struct lite_db *db)
{
	return db->trouble;
}

struct lite_db *
lite_db_open(const char *path, char *why, size_t why_len)
{
	struct lite_db *db = mem_get(sizeof(*db));
	int i;

	if (sqlite3_open_v2(path, &db->sq, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		goto fail;
	sqlite3_extended_result_codes(db->sq, 0);
	sqlite3_busy_timeout(db->sq, BUSY_TIMEOUT_MS);
	if (sqlite3_exec(db->sq, "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL; PRAGMA cache_size = -32768",
	    NULL, NULL, NULL) != SQLITE_OK)
		goto fail;
	for (i = 0; i < LITE_SQL_N; i++)
		if (sqlite3_prepare_v3(db->sq, lite_sql_texts[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->st[i], NULL) != SQLITE_OK)
			goto fail;
	return db;

fail:
	snprintf(why, why_len, "could not open \"%s\": %s", path,
	    sqlite3_errmsg(db->sq));
	lite_db_close(db);
	return NULL;
}

void
lite_db_close(struct lite_db *db)
{
	int i;

	if (db == NULL)
		return;
	for (i = 0; i < LITE_SQL_N; i++)
		sqlite3_finalize(db->st[i]);
	for (i = 0; i < ROWS_N; i++)
		sqlite3_finalize(db->rows[i]);
	sqlite3_close(db->sq);
	free(db);
}
