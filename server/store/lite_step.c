#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "store/lite_in.h"

int64_t
lite_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

sqlite3_stmt *
lite_use(struct lite_db *db, enum lite_sql which)
{
	sqlite3_reset(db->st[which]);
	return db->st[which];
}

void
lite_bind_u64(sqlite3_stmt *st, int i, uint64_t n)
{
	/* JOB_NO_VERSION is past every version there can be. */
	sqlite3_bind_int64(st, i, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

void
lite_bind_text(sqlite3_stmt *st, int i, const char *text, size_t len)
{
	if (text == NULL)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_text64(st, i, text, len, SQLITE_STATIC,
		    SQLITE_UTF8);
}

void
lite_bind_str(sqlite3_stmt *st, int i, const char *text)
{
	lite_bind_text(st, i, text, text != NULL ? strlen(text) : 0);
}

/*
 * What a failure means to whoever waits.  What the world does to a disk may
 * pass; anything else is a fault of ours or a damaged file.
 */
enum err
lite_fail(struct lite_db *db)
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

enum err
lite_run(struct lite_db *db, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	enum err e = rc == SQLITE_DONE ? ERR_NONE : lite_fail(db);

	sqlite3_reset(st);
	return e;
}

char *
lite_column_copy(sqlite3_stmt *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(st, i);

	return text == NULL ? NULL :
	    mem_copy(text, (size_t)sqlite3_column_bytes(st, i));
}

enum err
lite_row(struct lite_db *db, const char *collection, const char *id,
    struct lite_row *row)
{
	sqlite3_stmt *st = lite_use(db, LITE_FIND);
	enum err e = ERR_NONE;

	*row = (struct lite_row){ .pk = 0 };
	lite_bind_str(st, 1, collection);
	lite_bind_str(st, 2, id);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		row->pk = sqlite3_column_int64(st, 0);
		row->v = (uint64_t)sqlite3_column_int64(st, 1);
		row->time = sqlite3_column_int64(st, 2);
		row->lag = (enum content_lag)sqlite3_column_int(st, 3);
		break;
	case SQLITE_DONE:
		break;
	default:
		e = lite_fail(db);
	}
	sqlite3_reset(st);
	return e;
}

enum err
lite_head(struct lite_db *db, const char *collection, const char *id,
    int64_t *pk_out, uint64_t *v_out)
{
	struct lite_row row;
	enum err e = lite_row(db, collection, id, &row);

	*pk_out = row.pk;
	*v_out = row.v;
	return e;
}

enum err
lite_get_ops(struct lite_db *db, int64_t pk, uint64_t from, uint64_t to,
    struct op_list *ops)
{
	sqlite3_stmt *st = lite_use(db, LITE_GET_OPS);
	enum err e = ERR_NONE;
	int rc;

	sqlite3_bind_int64(st, 1, pk);
	lite_bind_u64(st, 2, from);
	lite_bind_u64(st, 3, to);
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
		e = lite_fail(db);
	sqlite3_reset(st);
	return e;
}
