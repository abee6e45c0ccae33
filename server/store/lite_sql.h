/*
 * lite_sql: every statement that the SQLite store prepares.
 */
#ifndef STORE_LITE_SQL_H
#define STORE_LITE_SQL_H

enum lite_sql {
	LITE_BEGIN_READ, LITE_BEGIN_WRITE, LITE_COMMIT, LITE_ROLLBACK,
	LITE_FIND, LITE_CREATE, LITE_MOVE, LITE_PUT_OP, LITE_GET_OPS,
	LITE_GET_TIME, LITE_GET_SNAPSHOT, LITE_GET_CREATED,
	LITE_PUT_SNAPSHOT, LITE_DROP_SNAPSHOTS,
	LITE_SQL_N
};

extern const char *const lite_sql_texts[LITE_SQL_N];

#endif
