/*
 * Any version of a long history costs a kept snapshot, the ops after it, and a
 * search by halves for a time: read off the plans, and off the rows that the
 * database touched.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <sqlite3.h>

#include "ot/buf.h"
#include "store/lite_sql.h"
#include "store/pg_sql.h"

/* To find one of 20,000. */
#define HALVES	15

static char *url;

/* ---- PostgreSQL ---- */

static PGresult *
pg_ask(PGconn *pg, const char *sql)
{
	PGresult *res = PQexec(pg, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(res));
	return res;
}

static void
pg_do(PGconn *pg, const char *sql)
{
	PQclear(pg_ask(pg, sql));
}

/* A history as otd would have written it, and as long a one beside it. */
static PGconn *
pg_history(void)
{
	PGconn *pg = PQconnectdb(url);
	const char *text = pg_sql_texts[PG_HISTORY];
	struct buf prepare = BUF_INIT;

	pg_do(pg, "INSERT INTO otd.document (collection, id, version, type)"
	    " SELECT 'plans', id, 20000, 'json0' FROM unnest("
	    " ARRAY['before', 'x', 'after']) AS id");
	pg_do(pg, "INSERT INTO otd.operation (doc_pk, version, seq, kind, src,"
	    " body, created_at) SELECT doc_pk, v, v, 0, 'h', '[]',"
	    " to_timestamp(1000000000 + v) FROM otd.document,"
	    " generate_series(0, 19999) AS v WHERE collection = 'plans'");
	pg_do(pg, "INSERT INTO otd.snapshot (doc_pk, version, kept, type, body)"
	    " SELECT doc_pk, v, true, 'json0', '{}' FROM otd.document,"
	    " generate_series(1000, 20000, 1000) AS v"
	    " WHERE collection = 'plans'");
	pg_do(pg, "ANALYZE");
	pg_do(pg, pg_sql_session);
	buf_puts(&prepare, "PREPARE history AS ");
	buf_put(&prepare, text, strlen(text) + 1);
	pg_do(pg, prepare.data);
	buf_done(&prepare);
	return pg;
}

/* "actual time=0.01..0.02 rows=3 loops=2": 6. */
static unsigned long
rows_of(const char *line)
{
	const char *actual = strstr(line, "actual ");
	const char *rows = actual != NULL ? strstr(actual, "rows=") : NULL;
	const char *loops = actual != NULL ? strstr(actual, "loops=") : NULL;

	if (rows == NULL || loops == NULL)
		return 0;	/* never executed */
	return strtoul(rows + 5, NULL, 10) * strtoul(loops + 6, NULL, 10);
}

/* Rows of the table that the statement touched, all by index. */
static unsigned long
pg_touched(PGconn *pg, const char *args, const char *table)
{
	PGresult *res;
	char sql[300], on[50];
	const char *line, *removed;
	unsigned long rows = 0;
	int i;

	snprintf(sql, sizeof(sql), "EXPLAIN (ANALYZE, COSTS OFF)"
	    " EXECUTE history ('plans', 'x', %s)", args);
	snprintf(on, sizeof(on), " on %s ", table);
	res = pg_ask(pg, sql);
	for (i = 0; i < PQntuples(res); i++) {
		line = PQgetvalue(res, i, 0);
		removed = strstr(line, "Rows Removed by Filter: ");
		if (strstr(line, "Seq Scan") != NULL ||
		    (removed != NULL && strtoul(removed + 24, NULL, 10) > HALVES))
			fail_msg("%s: %s", args, line);
		if (strstr(line, on) == NULL)
			continue;
		assert_non_null(strstr(line, "Index"));
		rows += rows_of(line);
	}
	PQclear(res);
	return rows;
}

static void
pg_touches_little(void **state)
{
	static const struct {
		const char	*args;	/* version, ms, from, how many */
		unsigned long	 ops, snapshots;
	} rows[] = {
		{ "0, 0, NULL, 1000", 0, 0 },
		{ "999, 0, NULL, 1000", 999, 0 },
		{ "1000, 0, NULL, 1000", 0, 1 },
		{ "12345, 0, NULL, 1000", 345, 1 },
		{ "19999, 0, NULL, 1000", 999, 1 },
		{ "20000, 0, NULL, 1000", 0, 1 },
		{ "20001, 0, NULL, 1000", 0, 0 },
		{ "19999, 0, NULL, 10", 10, 1 },
		{ "19999, 0, 5000, 300", 300, 0 },
		{ "NULL, 1000012344000, NULL, 1000", HALVES + 345, 1 },
		{ "NULL, 0, NULL, 1000", HALVES, 0 },
		{ "NULL, 9007199254740991, NULL, 1000", HALVES, 1 },
	};
	PGconn *pg = pg_history();
	unsigned long ops;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ops = pg_touched(pg, rows[i].args, "operation");
		if (ops > rows[i].ops || ops + HALVES < rows[i].ops)
			fail_msg("%s touches %lu ops", rows[i].args, ops);
		assert_int_equal(pg_touched(pg, rows[i].args, "snapshot"),
		    rows[i].snapshots);
	}
	PQfinish(pg);
}

/* ---- SQLite ---- */

static void
lite_goes_by_key(void **state)
{
	static const enum lite_sql statements[] = {
		LITE_FIND, LITE_GET_OPS, LITE_GET_TIME, LITE_GET_SNAPSHOT,
		LITE_GET_CREATED,
	};
	char lite_url[600], *sql;
	sqlite3 *db;
	sqlite3_stmt *st;
	const char *detail;
	size_t i;
	int n;

	(void)state;
	snprintf(lite_url, sizeof(lite_url), "sqlite:%s/otd.db", rig_folder());
	rig_close(rig_open(lite_url));
	assert_int_equal(sqlite3_open(lite_url + strlen("sqlite:"), &db),
	    SQLITE_OK);
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s",
		    lite_sql_texts[statements[i]]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL),
		    SQLITE_OK);
		for (n = 0; sqlite3_step(st) == SQLITE_ROW; n++) {
			detail = (const char *)sqlite3_column_text(st, 3);
			if (strncmp(detail, "SEARCH ", 7) != 0)
				fail_msg("%s: %s", lite_sql_texts[statements[i]],
				    detail);
		}
		assert_true(n > 0);
		sqlite3_finalize(st);
		sqlite3_free(sql);
	}
	sqlite3_close(db);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pg_touches_little),
		cmocka_unit_test(lite_goes_by_key),
	};
	char *folder = rig_folder();
	int failed;

	url = rig_pg_start(folder);
	rig_close(rig_open(url));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rig_pg_stop(folder);
	free(url);
	return failed;
}
