#include "store/lite_db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#define BUSY_TIMEOUT_MS	10000	/* somebody reads with another program */

enum statement {
	BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK,
	FIND, CREATE, MOVE, PUT_OP, GET_OPS, GET_SNAPSHOT, GET_CREATED,
	PUT_SNAPSHOT, DROP_SNAPSHOTS,
	N_STATEMENTS
};

static const char *const texts[N_STATEMENTS] = {
	[BEGIN_READ] = "BEGIN",
	[BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",

	[FIND] =
	"SELECT doc_pk, version FROM document"
	" WHERE collection = ?1 AND id = ?2",

	[CREATE] =
	"INSERT INTO document (collection, id, version, type, created_at,"
	" updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",

	[MOVE] =
	"UPDATE document SET version = ?2, type = ?3, updated_at = ?4"
	" WHERE doc_pk = ?1",

	[PUT_OP] =
	"INSERT INTO operation (doc_pk, version, src, seq, kind, body,"
	" created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",

	[GET_OPS] =
	"SELECT kind, version, src, seq, body FROM operation"
	" WHERE doc_pk = ?1 AND version >= ?2 AND version < ?3"
	" ORDER BY version",

	[GET_SNAPSHOT] =
	"SELECT version, type, body FROM snapshot"
	" WHERE doc_pk = ?1 AND version <= ?2"
	" ORDER BY version DESC LIMIT 1",

	[GET_CREATED] =		/* operation_create answers it */
	"SELECT version FROM operation"
	" WHERE src = ?1 AND seq = ?2 AND doc_pk = ?3 AND kind = 1"
	" ORDER BY version DESC LIMIT 1",

	/* Nothing when a newer one is there already, unless this one stays. */
	[PUT_SNAPSHOT] =
	"INSERT INTO snapshot (doc_pk, version, type, body, kept, created_at)"
	" SELECT doc_pk, ?2, ?3, ?4, ?5, ?6 FROM document AS d"
	" WHERE doc_pk = ?1 AND version >= ?2 AND (?5 OR NOT EXISTS"
	" (SELECT 1 FROM snapshot WHERE doc_pk = d.doc_pk AND version > ?2))"
	" ON CONFLICT (doc_pk, version)"
	" DO UPDATE SET kept = max(kept, excluded.kept)",

	/* What the newest makes needless. */
	[DROP_SNAPSHOTS] =
	"DELETE FROM snapshot WHERE doc_pk = ?1 AND kept = 0 AND version <"
	" (SELECT max(version) FROM snapshot WHERE doc_pk = ?1)",
};

struct lite_db {
	sqlite3		*sq;
	sqlite3_stmt	*st[N_STATEMENTS];
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
use(struct lite_db *db, enum statement which)
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

/* *pk_out 0 and *v_out 0 when there never was such a document. */
static enum err
find(struct lite_db *db, const char *collection, const char *id,
    int64_t *pk_out, uint64_t *v_out)
{
	sqlite3_stmt *st = use(db, FIND);
	enum err e = ERR_NONE;

	*pk_out = 0;
	*v_out = 0;
	bind_str(st, 1, collection);
	bind_str(st, 2, id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*pk_out = sqlite3_column_int64(st, 0);
		*v_out = (uint64_t)sqlite3_column_int64(st, 1);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = fail(db);
	}
	sqlite3_reset(st);
	return e;
}

/* Append the ops [from, to). */
static enum err
get_ops(struct lite_db *db, int64_t pk, uint64_t from, uint64_t to,
    struct op_list *ops)
{
	sqlite3_stmt *st = use(db, GET_OPS);
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
	sqlite3_stmt *st = use(db, PUT_OP);

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
		st = use(db, CREATE);
		bind_str(st, 1, p->collection);
		bind_str(st, 2, p->id);
		bind_u64(st, 3, v);
		bind_str(st, 4, p->type_after);
		sqlite3_bind_int64(st, 5, now);
		e = run(db, st);
		*pk = sqlite3_last_insert_rowid(db->sq);
		return e;
	}
	st = use(db, MOVE);
	sqlite3_bind_int64(st, 1, *pk);
	bind_u64(st, 2, v);
	bind_str(st, 3, p->type_after);
	sqlite3_bind_int64(st, 4, now);
	return run(db, st);
}

/* ---- one function a job ---- */

static enum err
run_parcel(struct lite_db *db, struct parcel *p, int64_t now)
{
	int64_t pk;
	size_t i;
	enum err e;

	op_list_done(&p->missed);		/* of an attempt before */
	if ((e = find(db, p->collection, p->id, &pk, &p->head_v)) != ERR_NONE)
		return e;
	p->accepted = p->head_v == p->base_v;
	if (!p->accepted)
		return get_ops(db, pk, p->base_v, p->head_v, &p->missed);
	if ((e = put_document(db, p, &pk, now)) != ERR_NONE)
		return e;
	for (i = 0; i < p->ops.n; i++)
		if ((e = put_op(db, pk, p->ops.ops[i], now)) != ERR_NONE)
			return e;
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
	sqlite3_stmt *st = use(db, GET_SNAPSHOT);
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
	sqlite3_stmt *st = use(db, GET_CREATED);
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
	sqlite3_stmt *st = use(db, PUT_SNAPSHOT);
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
	st = use(db, DROP_SNAPSHOTS);
	sqlite3_bind_int64(st, 1, pk);
	return run(db, st);
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
	case JOB_OPS:
		return run_ops(db, &job->ops);
	case JOB_CREATED:
		return run_created(db, &job->created);
	case JOB_VERSIONS:
		return run_versions(db, &job->versions);
	case JOB_COMMIT:
	case JOB_CHECKPOINT:
	case JOB_FIND:
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
	/* One transaction, one snapshot: version and ops agree. */
	if ((e = run(db, use(db, BEGIN_READ))) != ERR_NONE)
		return e;
	e = run_read(db, job);
	lite_db_roll_back(db);
	return e;
}

/* ---- transactions, opening, closing ---- */

enum err
lite_db_begin(struct lite_db *db)
{
	return run(db, use(db, BEGIN_WRITE));
}

enum err
lite_db_commit(struct lite_db *db)
{
	enum err e = run(db, use(db, COMMIT));

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
		sqlite3_step(use(db, ROLLBACK));
	sqlite3_reset(db->st[ROLLBACK]);
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
	for (i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(db->sq, texts[i], -1,
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
	for (i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(db->st[i]);
	sqlite3_close(db->sq);
	free(db);
}
