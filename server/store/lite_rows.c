/*
 * Statements of rows.def on SQLite: prepared when first used, since a process
 * needs few of them.
 */
#include <stdio.h>

#include "store/lite_in.h"
#include "store/rows_sql.h"

/* The failure of the latest step, and whose it was. */
static enum err
rows_fail(struct lite_db *db, enum rows_what what)
{
	enum err e = lite_fail(db);
	char why[sizeof(db->trouble)];

	snprintf(why, sizeof(why), "%s", db->trouble);
	snprintf(db->trouble, sizeof(db->trouble), "%s: %.200s",
	    rows_sql(what)->name, why);
	return e;
}

static enum err
rows_prepare(struct lite_db *db, enum rows_what what)
{
	if (db->rows[what] == NULL && sqlite3_prepare_v3(db->sq,
	    rows_sql(what)->lite, -1, SQLITE_PREPARE_PERSISTENT,
	    &db->rows[what], NULL) != SQLITE_OK)
		return rows_fail(db, what);
	return ERR_NONE;
}

enum err
lite_rows(struct lite_db *db, struct job *job)
{
	struct job_rows *r = &job->rows;
	enum err e = rows_prepare(db, r->what);
	sqlite3_stmt *st = db->rows[r->what];
	char **row;
	size_t i;
	int rc;

	if (e != ERR_NONE)
		return e;
	rows_clear(r);		/* of an attempt before */
	for (i = 0; i < r->n_params; i++)
		lite_bind_str(st, (int)i + 1, r->params[i]);
	r->n_columns = (size_t)sqlite3_column_count(st);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		row = rows_add(r);
		for (i = 0; i < r->n_columns; i++)
			row[i] = lite_column_copy(st, (int)i);
	}
	if (rc == SQLITE_DONE) {
		e = ERR_NONE;
	} else if (sqlite3_errcode(db->sq) == SQLITE_CONSTRAINT) {
		rows_clear(r);
		job->err = ERR_ROWS_CLASH;
	} else {
		e = rows_fail(db, r->what);
	}
	sqlite3_reset(st);
	return e;
}
