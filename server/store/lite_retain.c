/*
 * What retention writes on SQLite: ops that become one, documents that are
 * erased; see job_compact and job_erase in core/job.h.  Next to lite_in.h's.
 */
#include <string.h>

#include "store/lite_in.h"

enum err
lite_horizon(struct lite_db *db, int64_t pk, uint64_t *horizon_out,
    uint64_t *begins_out)
{
	sqlite3_stmt *st = lite_use(db, LITE_GET_HORIZON);
	uint64_t begins = 0;
	enum err e = ERR_NONE;

	*horizon_out = 0;
	sqlite3_bind_int64(st, 1, pk);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*horizon_out = (uint64_t)sqlite3_column_int64(st, 0);
		begins = (uint64_t)sqlite3_column_int64(st, 1);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = lite_fail(db);
	}
	sqlite3_reset(st);
	if (begins_out != NULL)
		*begins_out = begins;
	return e;
}

static enum err
put_horizon(struct lite_db *db, int64_t pk, uint64_t horizon, uint64_t begins)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_HORIZON);

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, horizon);
	lite_bind_u64(st, 3, begins);
	return lite_run(db, st);
}

static enum err
put_snapshot(struct lite_db *db, int64_t pk, uint64_t v, const char *type,
    const char *body, size_t len, bool kept)
{
	sqlite3_stmt *st = lite_use(db, LITE_KEEP_SNAPSHOT);

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, v);
	lite_bind_str(st, 3, type);
	lite_bind_text(st, 4, body, len);
	sqlite3_bind_int(st, 5, kept);
	sqlite3_bind_int64(st, 6, lite_now_ms());
	return lite_run(db, st);
}

/* ---- compact ---- */

static enum err
has_name_inside(struct lite_db *db, int64_t pk, const struct job_compact *c,
    bool *has_out)
{
	sqlite3_stmt *st = lite_use(db, LITE_NAMED_INSIDE);
	enum err e = ERR_NONE;
	int rc;

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, c->from);
	lite_bind_u64(st, 3, c->to);
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		e = lite_fail(db);
	sqlite3_reset(st);
	*has_out = rc == SQLITE_ROW;
	return e;
}

static enum err
thin(struct lite_db *db, int64_t pk, struct job_compact *c)
{
	sqlite3_stmt *st = lite_use(db, LITE_THIN);
	enum err e;

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, c->from);
	lite_bind_u64(st, 3, c->to);
	lite_bind_str(st, 4, c->empty);
	lite_bind_text(st, 5, c->body, c->len);
	e = lite_run(db, st);
	c->n_ops = (uint64_t)sqlite3_changes64(db->sq);
	return e;
}

static enum err
drop_inside(struct lite_db *db, int64_t pk, const struct job_compact *c)
{
	sqlite3_stmt *st = lite_use(db, LITE_DROP_INSIDE);

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, c->from);
	lite_bind_u64(st, 3, c->to);
	return lite_run(db, st);
}

enum err
lite_compact(struct lite_db *db, struct job_compact *c)
{
	uint64_t head_v, horizon;
	bool has_name;
	int64_t pk;
	enum err e;

	c->done = false;		/* of an attempt before */
	c->n_ops = 0;
	if ((e = lite_head(db, c->collection, c->id, &pk, &head_v)) != ERR_NONE ||
	    (e = lite_horizon(db, pk, &horizon, NULL)) != ERR_NONE ||
	    (e = has_name_inside(db, pk, c, &has_name)) != ERR_NONE)
		return e;
	if (head_v < c->to || horizon != c->was || has_name)
		return ERR_NONE;
	if ((e = put_horizon(db, pk, c->to, 0)) != ERR_NONE)
		return e;
	if (c->from < c->to && ((e = thin(db, pk, c)) != ERR_NONE ||
	    (e = drop_inside(db, pk, c)) != ERR_NONE))
		return e;
	if (c->has_snapshot && (e = put_snapshot(db, pk, c->to, c->type,
	    c->snap_body, c->snap_len, c->kept)) != ERR_NONE)
		return e;
	c->done = true;
	return ERR_NONE;
}

/* ---- erase ---- */

/* Rows by key of the document; *n_out may be NULL. */
static enum err
drop_by_pk(struct lite_db *db, enum lite_sql which, int64_t pk,
    uint64_t *n_out)
{
	sqlite3_stmt *st = lite_use(db, which);
	enum err e;

	sqlite3_bind_int64(st, 1, pk);
	e = lite_run(db, st);
	if (n_out != NULL)
		*n_out = (uint64_t)sqlite3_changes64(db->sq);
	return e;
}

/* Rows by name of the document. */
static enum err
drop_by_name(struct lite_db *db, enum lite_sql which,
    const struct job_erase *er, uint64_t *n_out)
{
	sqlite3_stmt *st = lite_use(db, which);
	enum err e;

	lite_bind_str(st, 1, er->collection);
	lite_bind_str(st, 2, er->id);
	e = lite_run(db, st);
	if (n_out != NULL)
		*n_out = (uint64_t)sqlite3_changes64(db->sq);
	return e;
}

/*
 * A trigger takes deleted events for old ones, and readers for late; of these
 * nobody has to know: put_word tells what counts.
 */
static enum err
drop_events(struct lite_db *db, struct job_erase *er)
{
	sqlite3_stmt *st = lite_use(db, LITE_EVENT_HORIZON);
	int64_t serial;
	enum err e;

	if (sqlite3_step(st) != SQLITE_ROW) {
		e = lite_fail(db);
		sqlite3_reset(st);
		return e;
	}
	serial = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	if ((e = drop_by_name(db, LITE_DROP_EVENTS, er,
	    &er->n_events)) != ERR_NONE)
		return e;
	st = lite_use(db, LITE_SET_EVENT_HORIZON);
	sqlite3_bind_int64(st, 1, serial);
	return lite_run(db, st);
}

static enum err
drop_all(struct lite_db *db, int64_t pk, struct job_erase *er)
{
	static const enum lite_sql by_name[] = {
		LITE_DROP_CONTENT, LITE_DROP_GRANTS, LITE_DROP_ONCE,
		LITE_DROP_DEAD,
	};
	enum err e;
	size_t i;

	if ((e = drop_by_pk(db, LITE_DROP_OPS, pk, &er->n_ops)) != ERR_NONE ||
	    (e = drop_by_pk(db, LITE_DROP_ALL_SNAPSHOTS, pk,
	    &er->n_snapshots)) != ERR_NONE ||
	    (e = drop_by_pk(db, LITE_DROP_NAMES, pk, NULL)) != ERR_NONE ||
	    (e = drop_events(db, er)) != ERR_NONE)
		return e;
	for (i = 0; i < sizeof(by_name) / sizeof(by_name[0]); i++)
		if ((e = drop_by_name(db, by_name[i], er, NULL)) != ERR_NONE)
			return e;
	return ERR_NONE;
}

/* The deletion that stays, at v, and what it leaves. */
static enum err
put_deletion(struct lite_db *db, int64_t pk, uint64_t v, int64_t now,
    const struct job_erase *er)
{
	sqlite3_stmt *st = lite_use(db, LITE_ERASED);
	enum err e;

	sqlite3_bind_int64(st, 1, pk);
	sqlite3_bind_int64(st, 2, now);
	if ((e = lite_run(db, st)) != ERR_NONE)
		return e;
	st = lite_use(db, LITE_PUT_OP);
	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, v);
	lite_bind_str(st, 3, er->src);
	lite_bind_u64(st, 4, 1);
	sqlite3_bind_int(st, 5, OP_DELETE);
	sqlite3_bind_null(st, 6);
	sqlite3_bind_int64(st, 7, now);
	sqlite3_bind_null(st, 8);
	if ((e = lite_run(db, st)) != ERR_NONE)
		return e;
	if ((e = put_snapshot(db, pk, v + 1, NULL, NULL, 0, true)) != ERR_NONE)
		return e;
	return put_horizon(db, pk, v, v);
}

/* The deletion, at v, for readers of events: they may have what was before. */
static enum err
put_word(struct lite_db *db, uint64_t v, int64_t now,
    const struct job_erase *er)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_EVENT);

	lite_bind_str(st, 1, er->collection);
	lite_bind_str(st, 2, er->id);
	lite_bind_u64(st, 3, v);
	lite_bind_u64(st, 4, v + 1);
	lite_bind_str(st, 5, "deleted");
	sqlite3_bind_int64(st, 6, now);
	return lite_run(db, st);
}

static enum err
put_record(struct lite_db *db, const struct job_erase *er)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_ERASURE);

	lite_bind_str(st, 1, er->collection);
	lite_bind_str(st, 2, er->id);
	lite_bind_u64(st, 3, er->v);
	lite_bind_u64(st, 4, er->n_ops);
	lite_bind_u64(st, 5, er->n_snapshots);
	lite_bind_u64(st, 6, er->n_events);
	lite_bind_str(st, 7, er->by);
	lite_bind_str(st, 8, er->reason);
	return lite_run(db, st);
}

enum err
lite_erase(struct lite_db *db, struct job_erase *er)
{
	struct lite_row row;
	int64_t now;
	enum err e;

	er->v = 0;			/* of an attempt before */
	if ((e = lite_row(db, er->collection, er->id, &row)) != ERR_NONE ||
	    row.pk == 0)
		return e;
	if ((now = lite_now_ms()) < row.time)
		now = row.time;
	if ((e = drop_all(db, row.pk, er)) != ERR_NONE ||
	    (e = put_deletion(db, row.pk, row.v, now, er)) != ERR_NONE ||
	    (er->has_event && (e = put_word(db, row.v, now, er)) != ERR_NONE))
		return e;
	er->v = row.v + 1;
	return put_record(db, er);
}
