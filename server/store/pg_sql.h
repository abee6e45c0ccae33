/*
 * pg_sql: every statement that the PostgreSQL store prepares.
 *
 * Statements are numbers: those of enum pg_sql, prepared with the connection,
 * and behind them those of rows.def, PG_ROWS + enum rows_what, each prepared
 * when it is used first.
 */
#ifndef STORE_PG_SQL_H
#define STORE_PG_SQL_H

#include "core/rows.h"

enum pg_sql {
	PG_EDIT_ONE,	/* a commit of one op to a document that is there */
	PG_CREATE_ONE,	/* a commit of one op to a document that is not */
	PG_EDIT_TOLD,	/* as the two before, with its event */
	PG_CREATE_TOLD,
	PG_COMMIT,	/* a commit of any number of ops */
	PG_COMMIT_CONTENT, /* and content goes with it */
	PG_COMMIT_ALL,	/* and owners and events as well */
	PG_COMMIT_PAST,	/* ops that were stored elsewhere, with their times */
	PG_MISSED,	/* what refused parcels missed, asked again */
	PG_LOAD,
	PG_HISTORY,
	PG_OPS,
	PG_CREATED,
	PG_CHECKPOINT,
	PG_PLACE,
	PG_VERSIONS,
	PG_LACKING,
	PG_CONTENT,
	PG_CONTENT_GONE,
	PG_COMPACT,
	PG_ERASE,
	PG_SQL_N
};

#define PG_ROWS		PG_SQL_N
#define PG_STATEMENTS	(PG_SQL_N + ROWS_N)

/* The name each is prepared under, and its text. */
const char	*pg_sql_name(unsigned statement);
const char	*pg_sql_text(unsigned statement);

/* Those of enum pg_sql. */
extern const char *const pg_sql_names[PG_SQL_N];
extern const char *const pg_sql_texts[PG_SQL_N];
/* How a session of ours is set up, before anything else. */
extern const char pg_sql_session[];
/* Where a session is not ours to set up: how each transaction is, first of all. */
extern const char pg_sql_transaction[];

/* Who answers: not the process that greeted us, if a pooler is between. */
#define PG_SQL_WHO	"SELECT pg_catalog.pg_backend_pid()"

#endif
