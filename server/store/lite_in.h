/*
 * lite_in: what the files behind lite_db.h share: the connection, and the
 * small steps that jobs are made of.
 */
#ifndef STORE_LITE_IN_H
#define STORE_LITE_IN_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "store/lite_sql.h"

struct lite_db {
	sqlite3		*sq;
	sqlite3_stmt	*st[LITE_SQL_N];
	sqlite3_stmt	*rows[ROWS_N];	/* of rows.def; NULL: not used yet */
	char		 trouble[256];	/* what went wrong last */
};

/* ---- lite_step.c ---- */

/* Wall clock for created_at and updated_at, milliseconds since 1970. */
int64_t		 lite_now_ms(void);

/* The statement, ready to be bound. */
sqlite3_stmt	*lite_use(struct lite_db *db, enum lite_sql which);
/* What is bound must live until the statement is reset; NULL is null. */
void		 lite_bind_u64(sqlite3_stmt *st, int i, uint64_t n);
void		 lite_bind_text(sqlite3_stmt *st, int i, const char *text,
		    size_t len);
void		 lite_bind_str(sqlite3_stmt *st, int i, const char *text);
/* A column's text, to be freed; NULL: null. */
char		*lite_column_copy(sqlite3_stmt *st, int i);
/* Run a statement that gives no rows. */
enum err	 lite_run(struct lite_db *db, sqlite3_stmt *st);
/* What the failure of the latest step means to whoever waits. */
enum err	 lite_fail(struct lite_db *db);

/* A document's row; all 0 when there never was such a document. */
struct lite_row {
	int64_t		 pk;
	uint64_t	 v;
	int64_t		 time;	/* its newest op was stored */
	enum content_lag lag;
};

enum err	 lite_row(struct lite_db *db, const char *collection,
		    const char *id, struct lite_row *row_out);
/* Its key and version. */
enum err	 lite_head(struct lite_db *db, const char *collection,
		    const char *id, int64_t *pk_out, uint64_t *v_out);
/* Append the ops [from, to). */
enum err	 lite_get_ops(struct lite_db *db, int64_t pk, uint64_t from,
		    uint64_t to, struct op_list *ops);

/* ---- lite_commit.c: in a transaction of lite_db_begin ---- */

enum err	 lite_commit(struct lite_db *db, struct job_commit *c);
enum err	 lite_checkpoint(struct lite_db *db,
		    const struct job_checkpoint *c);
enum err	 lite_place(struct lite_db *db, struct job_place *p);
enum err	 lite_content(struct lite_db *db, const struct job_content *c);

/* ---- lite_retain.c ---- */

/*
 * Below the horizon ops are not those that were sent, below begins there are
 * none; 0: they all are.  begins_out may be NULL.
 */
enum err	 lite_horizon(struct lite_db *db, int64_t pk,
		    uint64_t *horizon_out, uint64_t *begins_out);
/* In a transaction of lite_db_begin. */
enum err	 lite_compact(struct lite_db *db, struct job_compact *c);
enum err	 lite_erase(struct lite_db *db, struct job_erase *e);

/* ---- lite_rows.c ---- */

/*
 * A key or check that says no is the job's own error, not the transaction's:
 * job->err becomes ERR_ROWS_CLASH, ERR_NONE is returned and nothing of the
 * statement is done.
 */
enum err	 lite_rows(struct lite_db *db, struct job *job);

#endif
