/*
 * What jobs write of documents on SQLite; see lite_in.h.
 */
#include "store/lite_in.h"

static enum err
put_op(struct lite_db *db, int64_t pk, const struct op *op, int64_t now)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_OP);

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, op->v);
	lite_bind_str(st, 3, op->src);
	lite_bind_u64(st, 4, op->seq);
	sqlite3_bind_int(st, 5, op->kind);
	lite_bind_text(st, 6, op->body, op->body_len);
	sqlite3_bind_int64(st, 7, now);
	lite_bind_str(st, 8, op->author);
	return lite_run(db, st);
}

static enum err
put_lag(struct lite_db *db, const struct lite_row *row, enum content_lag lag)
{
	sqlite3_stmt *st;

	if (lag == LAG_KEEP || lag == row->lag)
		return ERR_NONE;
	st = lite_use(db, LITE_LAG);
	sqlite3_bind_int64(st, 1, row->pk);
	sqlite3_bind_int(st, 2, lag);
	return lite_run(db, st);
}

/* When op i of the parcel was stored. */
static int64_t
time_of(const struct parcel *p, size_t i, int64_t now)
{
	return p->at_ms != NULL && i < p->ops.n ? p->at_ms[i] : now;
}

/* The document's row with the ops of the parcel; *row is as it was. */
static enum err
put_document(struct lite_db *db, const struct parcel *p, struct lite_row *row,
    int64_t now)
{
	uint64_t v = p->base_v + p->ops.n;
	enum content_lag lag = p->has_content ? LAG_NONE : p->lag;
	sqlite3_stmt *st;
	enum err e;

	if (row->pk == 0) {
		st = lite_use(db, LITE_CREATE);
		lite_bind_str(st, 1, p->collection);
		lite_bind_str(st, 2, p->id);
		lite_bind_u64(st, 3, v);
		lite_bind_str(st, 4, p->type_after);
		sqlite3_bind_int64(st, 5, time_of(p, 0, now));
		lite_bind_str(st, 6, p->is_created ? p->owner : NULL);
		sqlite3_bind_int(st, 7, lag == LAG_KEEP ? LAG_NONE : lag);
		sqlite3_bind_int64(st, 8, time_of(p, p->ops.n - 1, now));
		e = lite_run(db, st);
		row->pk = sqlite3_last_insert_rowid(db->sq);
		return e;
	}
	if (p->ops.n > 0) {
		st = lite_use(db, LITE_MOVE);
		sqlite3_bind_int64(st, 1, row->pk);
		lite_bind_u64(st, 2, v);
		lite_bind_str(st, 3, p->type_after);
		sqlite3_bind_int64(st, 4, time_of(p, p->ops.n - 1, now));
		if ((e = lite_run(db, st)) != ERR_NONE)
			return e;
	}
	return put_lag(db, row, lag);
}

/* It was before, and is created anew: somebody else's, granted to nobody. */
static enum err
put_owner(struct lite_db *db, const struct parcel *p, int64_t pk)
{
	sqlite3_stmt *st = lite_use(db, LITE_OWN);
	enum err e;

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_str(st, 2, p->owner);
	if ((e = lite_run(db, st)) != ERR_NONE)
		return e;
	st = lite_use(db, LITE_DROP_GRANTS);
	lite_bind_str(st, 1, p->collection);
	lite_bind_str(st, 2, p->id);
	return lite_run(db, st);
}

static enum err
put_event(struct lite_db *db, const struct parcel *p, int64_t now)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_EVENT);

	lite_bind_str(st, 1, p->collection);
	lite_bind_str(st, 2, p->id);
	lite_bind_u64(st, 3, p->base_v);
	lite_bind_u64(st, 4, p->base_v + p->ops.n);
	lite_bind_str(st, 5, parcel_event(p));
	sqlite3_bind_int64(st, 6, now);
	return lite_run(db, st);
}

/* type NULL: the document does not exist. */
static enum err
put_content(struct lite_db *db, const char *collection, const char *id,
    uint64_t v, const char *type, const char *body, size_t len)
{
	sqlite3_stmt *st = lite_use(db,
	    type != NULL ? LITE_PUT_CONTENT : LITE_DROP_CONTENT);

	lite_bind_str(st, 1, collection);
	lite_bind_str(st, 2, id);
	if (type != NULL) {
		lite_bind_u64(st, 3, v);
		lite_bind_str(st, 4, type);
		lite_bind_text(st, 5, body, len);
	}
	return lite_run(db, st);
}

static enum err
run_parcel(struct lite_db *db, struct parcel *p, int64_t now)
{
	uint64_t horizon;
	struct lite_row row;
	size_t i;
	enum err e;

	op_list_done(&p->missed);		/* of an attempt before */
	if ((e = lite_row(db, p->collection, p->id, &row)) != ERR_NONE)
		return e;
	p->head_v = row.v;
	/* Times never go back, though the clock may: history looks by them. */
	if (now < row.time)
		now = row.time;
	p->accepted = p->head_v == p->base_v;
	if (!p->accepted) {
		if ((e = lite_horizon(db, row.pk, &horizon, NULL)) != ERR_NONE)
			return e;
		return lite_get_ops(db, row.pk, p->base_v > horizon ?
		    p->base_v : horizon, p->head_v, &p->missed);
	}
	if ((e = put_document(db, p, &row, now)) != ERR_NONE)
		return e;
	for (i = 0; i < p->ops.n; i++)
		if ((e = put_op(db, row.pk, p->ops.ops[i],
		    time_of(p, i, now))) != ERR_NONE)
			return e;
	if (p->is_created && p->base_v > 0 && p->at_ms == NULL &&
	    (e = put_owner(db, p, row.pk)) != ERR_NONE)
		return e;
	if (p->has_event && (e = put_event(db, p, now)) != ERR_NONE)
		return e;
	if (p->has_content)
		return put_content(db, p->collection, p->id,
		    p->base_v + p->ops.n, p->type_after, p->body, p->len);
	return ERR_NONE;
}

enum err
lite_commit(struct lite_db *db, struct job_commit *c)
{
	int64_t now = lite_now_ms();
	struct list *node, *next;
	enum err e;

	LIST_EACH(&c->parcels, node, next)
		if ((e = run_parcel(db, LIST_ITEM(node, struct parcel, node),
		    now)) != ERR_NONE)
			return e;
	return ERR_NONE;
}

enum err
lite_checkpoint(struct lite_db *db, const struct job_checkpoint *c)
{
	sqlite3_stmt *st = lite_use(db, LITE_PUT_SNAPSHOT);
	int64_t pk;
	uint64_t head_v, horizon, begins;
	enum err e;

	if ((e = lite_head(db, c->collection, c->id, &pk, &head_v)) != ERR_NONE ||
	    (e = lite_horizon(db, pk, &horizon, &begins)) != ERR_NONE)
		return e;
	/* It may be of ops that are not in the log any more. */
	if (c->v < horizon || c->v == begins)
		return ERR_NONE;
	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, c->v);
	lite_bind_str(st, 3, c->type);
	lite_bind_text(st, 4, c->body, c->len);
	sqlite3_bind_int(st, 5, c->kept);
	sqlite3_bind_int64(st, 6, lite_now_ms());
	if ((e = lite_run(db, st)) != ERR_NONE)
		return e;
	st = lite_use(db, LITE_DROP_SNAPSHOTS);
	sqlite3_bind_int64(st, 1, pk);
	return lite_run(db, st);
}

enum err
lite_place(struct lite_db *db, struct job_place *p)
{
	struct lite_row row;
	sqlite3_stmt *st;
	enum err e = lite_row(db, p->collection, p->id, &row);

	p->placed = row.v == 0;
	if (e != ERR_NONE || !p->placed)
		return e;
	st = lite_use(db, LITE_CREATE);
	lite_bind_str(st, 1, p->collection);
	lite_bind_str(st, 2, p->id);
	lite_bind_u64(st, 3, p->v);
	lite_bind_str(st, 4, p->type);
	sqlite3_bind_int64(st, 5, p->at_ms);
	lite_bind_str(st, 6, p->owner);
	sqlite3_bind_int(st, 7, LAG_NONE);
	sqlite3_bind_int64(st, 8, p->at_ms);
	if ((e = lite_run(db, st)) != ERR_NONE)
		return e;
	st = lite_use(db, LITE_PUT_SNAPSHOT);
	sqlite3_bind_int64(st, 1, sqlite3_last_insert_rowid(db->sq));
	lite_bind_u64(st, 2, p->v);
	lite_bind_str(st, 3, p->type);
	lite_bind_text(st, 4, p->body, p->len);
	sqlite3_bind_int(st, 5, true);
	sqlite3_bind_int64(st, 6, p->at_ms);
	if ((e = lite_run(db, st)) != ERR_NONE || !p->has_content)
		return e;
	return put_content(db, p->collection, p->id, p->v, p->type, p->body,
	    p->len);
}

enum err
lite_content(struct lite_db *db, const struct job_content *c)
{
	struct lite_row row;
	enum err e = lite_row(db, c->collection, c->id, &row);

	if (e != ERR_NONE || row.v != c->v ||
	    (e = put_lag(db, &row, LAG_NONE)) != ERR_NONE)
		return e;
	return put_content(db, c->collection, c->id, c->v, c->type, c->body,
	    c->len);
}
