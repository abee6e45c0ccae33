#include "store/lite_db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "store/lite_sql.h"

#define BUSY_TIMEOUT_MS	10000	/* somebody reads with another program */

struct lite_db {
	sqlite3		*sq;
	sqlite3_stmt	*st[LITE_SQL_N];
	char		 trouble[256];	/* what went wrong last */
};

/* Wall clock for created_at and updated_at, milliseconds since 1970. */
static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- binding and stepping ---- */

static sqlite3_stmt *
use(struct lite_db *db, enum lite_sql which)
{
	sqlite3_reset(db->st[which]);
	return db->st[which];
}

static void
bind_u64(sqlite3_stmt *st, int i, uint64_t n)
{
	/* JOB_NO_VERSION is past every version there can be. */
	sqlite3_bind_int64(st, i, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static void
bind_text(sqlite3_stmt *st, int i, const char *text, size_t len)
{
	if (text == NULL)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_text64(st, i, text, len, SQLITE_STATIC,
		    SQLITE_UTF8);
}

static void
bind_str(sqlite3_stmt *st, int i, const char *text)
{
	bind_text(st, i, text, text != NULL ? strlen(text) : 0);
}

/*
 * What a failure means to whoever waits.  What the world does to a disk may
 * pass; anything else is a fault of ours or a damaged file.
 */
static enum err
fail(struct lite_db *db)
{
	snprintf(db->trouble, sizeof(db->trouble), "%s (%d)",
	    sqlite3_errmsg(db->sq), sqlite3_extended_errcode(db->sq));
	switch (sqlite3_errcode(db->sq)) {
	case SQLITE_FULL: case SQLITE_IOERR: case SQLITE_BUSY:
	case SQLITE_LOCKED: case SQLITE_NOMEM: case SQLITE_CANTOPEN:
	case SQLITE_READONLY: case SQLITE_INTERRUPT: case SQLITE_PROTOCOL:
		return ERR_STORE_AWAY;
	default:
		return ERR_STORE_BROKEN;
	}
}

/* Run a statement that gives no rows. */
static enum err
run(struct lite_db *db, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	enum err e = rc == SQLITE_DONE ? ERR_NONE : fail(db);

	sqlite3_reset(st);
	return e;
}

static char *
column_copy(sqlite3_stmt *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(st, i);

	return text == NULL ? NULL :
	    mem_copy(text, (size_t)sqlite3_column_bytes(st, i));
}

/* ---- pieces of jobs ---- */

/*
 * *pk_out 0 and *v_out 0 when there never was such a document.  *time_out:
 * when its newest op was stored.
 */
static enum err
find_timed(struct lite_db *db, const char *collection, const char *id,
    int64_t *pk_out, uint64_t *v_out, int64_t *time_out)
{
	sqlite3_stmt *st = use(db, LITE_FIND);
	enum err e = ERR_NONE;

	*pk_out = *time_out = 0;
	*v_out = 0;
	bind_str(st, 1, collection);
	bind_str(st, 2, id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*pk_out = sqlite3_column_int64(st, 0);
		*v_out = (uint64_t)sqlite3_column_int64(st, 1);
		*time_out = sqlite3_column_int64(st, 2);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = fail(db);
	}
	sqlite3_reset(st);
	return e;
}

static enum err
find(struct lite_db *db, const char *collection, const char *id,
    int64_t *pk_out, uint64_t *v_out)
{
	int64_t time;

	return find_timed(db, collection, id, pk_out, v_out, &time);
}

/* Append the ops [from, to). */
static enum err
get_ops(struct lite_db *db, int64_t pk, uint64_t from, uint64_t to,
    struct op_list *ops)
{
	sqlite3_stmt *st = use(db, LITE_GET_OPS);
	enum err e = ERR_NONE;
	int rc;

	sqlite3_bind_int64(st, 1, pk);
	bind_u64(st, 2, from);
	bind_u64(st, 3, to);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct op *op;

		op = op_new((enum op_kind)sqlite3_column_int(st, 0),
		    (uint64_t)sqlite3_column_int64(st, 1),
		    (const char *)sqlite3_column_text(st, 2),
		    (uint64_t)sqlite3_column_int64(st, 3),
		    (const char *)sqlite3_column_text(st, 4),
		    (size_t)sqlite3_column_bytes(st, 4));
		if (op == NULL)
			bug("out of memory");
		op_list_add(ops, op);
	}
	if (rc != SQLITE_DONE)
		e = fail(db);
	sqlite3_reset(st);
	return e;
}

static enum err
put_op(struct lite_db *db, int64_t pk, const struct op *op, int64_t now)
{
	sqlite3_stmt *st = use(db, LITE_PUT_OP);

	sqlite3_bind_int64(st, 1, pk);
	bind_u64(st, 2, op->v);
	bind_str(st, 3, op->src);
	bind_u64(st, 4, op->seq);
	sqlite3_bind_int(st, 5, op->kind);
	bind_text(st, 6, op->body, op->body_len);
	sqlite3_bind_int64(st, 7, now);
	return run(db, st);
}

static enum err
put_document(struct lite_db *db, const struct parcel *p, int64_t *pk,
    int64_t now)
{
	uint64_t v = p->base_v + p->ops.n;
	sqlite3_stmt *st;
	enum err e;

	if (*pk == 0) {
		st = use(db, LITE_CREATE);
		bind_str(st, 1, p->collection);
		bind_str(st, 2, p->id);
		bind_u64(st, 3, v);
		bind_str(st, 4, p->type_after);
		sqlite3_bind_int64(st, 5, now);
		e = run(db, st);
		*pk = sqlite3_last_insert_rowid(db->sq);
		return e;
	}
	st = use(db, LITE_MOVE);
	sqlite3_bind_int64(st, 1, *pk);
	bind_u64(st, 2, v);
	bind_str(st, 3, p->type_after);
	sqlite3_bind_int64(st, 4, now);
	return run(db, st);
}

/* type NULL: the document does not exist. */
static enum err
put_content(struct lite_db *db, const char *collection, const char *id,
    uint64_t v, const char *type, const char *body, size_t len)
{
	sqlite3_stmt *st = use(db,
	    type != NULL ? LITE_PUT_CONTENT : LITE_DROP_CONTENT);

	bind_str(st, 1, collection);
	bind_str(st, 2, id);
	if (type != NULL) {
		bind_u64(st, 3, v);
		bind_str(st, 4, type);
		bind_text(st, 5, body, len);
	}
	return run(db, st);
}

/* ---- one function a job ---- */

static enum err
run_parcel(struct lite_db *db, struct parcel *p, int64_t now)
{
	int64_t pk, before;
	size_t i;
	enum err e;

	op_list_done(&p->missed);		/* of an attempt before */
	if ((e = find_timed(db, p->collection, p->id, &pk, &p->head_v,
	    &before)) != ERR_NONE)
		return e;
	/* Times never go back, though the clock may: history looks by them. */
	if (now < before)
		now = before;
	p->accepted = p->head_v == p->base_v;
	if (!p->accepted)
		return get_ops(db, pk, p->base_v, p->head_v, &p->missed);
	if ((e = put_document(db, p, &pk, now)) != ERR_NONE)
		return e;
	for (i = 0; i < p->ops.n; i++)
		if ((e = put_op(db, pk, p->ops.ops[i], now)) != ERR_NONE)
			return e;
	if (p->has_content)
		return put_content(db, p->collection, p->id,
		    p->base_v + p->ops.n, p->type_after, p->body, p->len);
	return ERR_NONE;
}

static enum err
run_commit(struct lite_db *db, struct job_commit *c)
{
	int64_t now = now_ms();
	struct list *node, *next;
	enum err e;

	LIST_EACH(&c->parcels, node, next)
		if ((e = run_parcel(db, LIST_ITEM(node, struct parcel, node),
		    now)) != ERR_NONE)
			return e;
	return ERR_NONE;
}

static enum err
get_snapshot(struct lite_db *db, int64_t pk, struct job_load *l)
{
	sqlite3_stmt *st = use(db, LITE_GET_SNAPSHOT);
	enum err e = ERR_NONE;

	sqlite3_bind_int64(st, 1, pk);
	bind_u64(st, 2, l->v);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		l->snap_v = (uint64_t)sqlite3_column_int64(st, 0);
		l->snap_type = column_copy(st, 1);
		l->snap_body = column_copy(st, 2);
		l->snap_len = (size_t)sqlite3_column_bytes(st, 2);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = fail(db);
	}
	sqlite3_reset(st);
	return e;
}

static enum err
run_load(struct lite_db *db, struct job_load *l)
{
	int64_t pk;
	enum err e;

	if ((e = find(db, l->collection, l->id, &pk, &l->v)) != ERR_NONE ||
	    (e = get_snapshot(db, pk, l)) != ERR_NONE)
		return e;
	return get_ops(db, pk, l->snap_v, l->v, &l->ops);
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
		st = use(db, LITE_GET_TIME);
		sqlite3_bind_int64(st, 1, pk);
		bind_u64(st, 2, middle);
		is_later = false;
		switch (sqlite3_step(st)) {
		case SQLITE_ROW:
			is_later = sqlite3_column_int64(st, 0) > ms;
			break;
		case SQLITE_DONE:
			break;
		default:
			e = fail(db);
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

	if ((e = find(db, l->collection, l->id, &pk, &h->head_v)) != ERR_NONE)
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
	return get_ops(db, pk, from, l->v - from < h->max_ops ? l->v :
	    from + h->max_ops, &l->ops);
}

static enum err
run_ops(struct lite_db *db, struct job_ops *o)
{
	int64_t pk;
	enum err e;

	if ((e = find(db, o->collection, o->id, &pk, &o->v)) != ERR_NONE)
		return e;
	return get_ops(db, pk, o->from, o->to, &o->ops);
}

static enum err
run_created(struct lite_db *db, struct job_created *c)
{
	sqlite3_stmt *st = use(db, LITE_GET_CREATED);
	int64_t pk;
	uint64_t head_v;
	enum err e;

	c->v = JOB_NO_VERSION;
	if ((e = find(db, c->collection, c->id, &pk, &head_v)) != ERR_NONE)
		return e;
	bind_str(st, 1, c->src);
	bind_u64(st, 2, c->seq);
	sqlite3_bind_int64(st, 3, pk);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		c->v = (uint64_t)sqlite3_column_int64(st, 0);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = fail(db);
	}
	sqlite3_reset(st);
	return e;
}

static enum err
run_checkpoint(struct lite_db *db, const struct job_checkpoint *c)
{
	sqlite3_stmt *st = use(db, LITE_PUT_SNAPSHOT);
	int64_t pk;
	uint64_t head_v;
	enum err e;

	if ((e = find(db, c->collection, c->id, &pk, &head_v)) != ERR_NONE)
		return e;
	sqlite3_bind_int64(st, 1, pk);
	bind_u64(st, 2, c->v);
	bind_str(st, 3, c->type);
	bind_text(st, 4, c->body, c->len);
	sqlite3_bind_int(st, 5, c->kept);
	sqlite3_bind_int64(st, 6, now_ms());
	if ((e = run(db, st)) != ERR_NONE)
		return e;
	st = use(db, LITE_DROP_SNAPSHOTS);
	sqlite3_bind_int64(st, 1, pk);
	return run(db, st);
}

static enum err
run_content(struct lite_db *db, const struct job_content *c)
{
	int64_t pk;
	uint64_t head_v;
	enum err e = find(db, c->collection, c->id, &pk, &head_v);

	return e != ERR_NONE || head_v != c->v ? e : put_content(db,
	    c->collection, c->id, c->v, c->type, c->body, c->len);
}

static enum err
run_lacking(struct lite_db *db, struct job_lacking *l)
{
	sqlite3_stmt *st = use(db, LITE_LACKING);
	enum err e;
	int rc;

	bind_str(st, 1, l->collection);
	bind_str(st, 2, l->after);
	bind_u64(st, 3, l->max);
	l->ids = mem_grow(NULL, l->max, sizeof(*l->ids));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		l->ids[l->n++] = column_copy(st, 0);
	e = rc == SQLITE_DONE ? ERR_NONE : fail(db);
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

		if ((e = find(db, d->collection, d->id, &pk, &d->v)) !=
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
	case JOB_COMMIT:
	case JOB_CONTENT:
	case JOB_CHECKPOINT:
	case JOB_FIND:
	case JOB_ROWS:
		break;
	}
	bug("not a read");
}

enum err
lite_db_run(struct lite_db *db, struct job *job)
{
	enum err e;

	if (job->kind == JOB_COMMIT)
		return run_commit(db, &job->commit);
	if (job->kind == JOB_CHECKPOINT)
		return run_checkpoint(db, &job->checkpoint);
	if (job->kind == JOB_CONTENT)
		return run_content(db, &job->content);
	/* One transaction, one snapshot: version and ops agree. */
	if ((e = run(db, use(db, LITE_BEGIN_READ))) != ERR_NONE)
		return e;
	e = run_read(db, job);
	lite_db_roll_back(db);
	return e;
}

/* ---- transactions, opening, closing ---- */

enum err
lite_db_begin(struct lite_db *db)
{
	return run(db, use(db, LITE_BEGIN_WRITE));
}

enum err
lite_db_commit(struct lite_db *db)
{
	enum err e = run(db, use(db, LITE_COMMIT));

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
		sqlite3_step(use(db, LITE_ROLLBACK));
	sqlite3_reset(db->st[LITE_ROLLBACK]);
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
	sqlite3_close(db->sq);
	free(db);
}
