/*
 * rows: what is kept beside documents, asked of the store by name.
 *
 * Accounts, grants, revocations, webhooks and their like are plain tables.
 * Each statement on them stands in schema/rows.def, once for PostgreSQL and
 * once for SQLite; whoever needs one makes a job of it:
 *
 *	job = rows_new(ROWS_GRANTS_OF, settle, me, collection, id);
 *	desk_ask(desk, job);
 *
 * Parameters and answers are texts, NULL for SQL's null; numbers are decimal,
 * times milliseconds since 1970, truth "1" or "0".  A statement is a
 * transaction of its own.
 */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define ROWS_PARAMS_MAX	16

enum rows_what {
#define ROWS(name, n_params, pg, lite) name,
#include "schema/rows.def"
#undef ROWS
	ROWS_N
};

struct job;

/* What a JOB_ROWS asks, and what it was answered. */
struct job_rows {
	enum rows_what	 what;
	char		*params[ROWS_PARAMS_MAX];	/* owned; NULL: null */
	size_t		 n_params;
	/* answer */
	char		**cells;	/* heap; row by row; owned; NULL: null */
	size_t		 n_rows, n_columns;
	/*
	 * With ERR_ROWS_CLASH: a unique or foreign key or a check said no;
	 * nothing was changed.
	 */
};

/*
 * A job for a statement, with as many parameters behind arg as it takes, each
 * a const char *, copied.  settle: see struct job; NULL: the hub's.
 */
struct job	*rows_new(enum rows_what what, void (*settle)(struct job *job),
		    void *whose, ...);
/* A cell of the answer; NULL for null, and beyond the answer. */
const char	*rows_cell(const struct job *job, size_t row, size_t column);
/* The same as a number; otherwise when it is null or none. */
int64_t		 rows_number(const struct job *job, size_t row, size_t column,
		    int64_t otherwise);

/* ---- for stores ---- */

/* Forget the answer. */
void		 rows_clear(struct job_rows *r);
/* A new row of the answer: n_columns cells, null, to be filled in. */
char		**rows_add(struct job_rows *r);
/* How many parameters it takes. */
size_t		 rows_n_params(enum rows_what what);

#endif
