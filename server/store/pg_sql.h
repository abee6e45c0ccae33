/*
 * pg_sql: every statement that the PostgreSQL store prepares.
 */
#ifndef STORE_PG_SQL_H
#define STORE_PG_SQL_H

enum pg_sql {
	PG_EDIT_ONE,	/* a commit of one op to a document that is there */
	PG_CREATE_ONE,	/* a commit of one op to a document that is not */
	PG_COMMIT,	/* a commit of anything */
	PG_COMMIT_CONTENT, /* and content goes with it */
	PG_MISSED,	/* what refused parcels missed, asked again */
	PG_LOAD,
	PG_HISTORY,
	PG_OPS,
	PG_CREATED,
	PG_CHECKPOINT,
	PG_VERSIONS,
	PG_LACKING,
	PG_CONTENT,
	PG_CONTENT_GONE,
	PG_SQL_N
};

/* The name each is prepared under, and its text. */
extern const char *const pg_sql_names[PG_SQL_N];
extern const char *const pg_sql_texts[PG_SQL_N];
/* How a session of ours is set up, before anything else. */
extern const char pg_sql_session[];

#endif
