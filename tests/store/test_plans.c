/*
 * Any version of a long history costs a kept snapshot, the ops after it, and a
 * search by halves for a time; a page of a log costs its ops, and a look for
 * stray rows a few for each document: read off the plans, and off the rows
 * that the database touched.
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

/* Three histories as otd would have written them, the same at any moment. */
static int
pg_fill(void **state)
{
	PGconn *pg = PQconnectdb(url);

	(void)state;
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
	PQfinish(pg);
	return 0;
}

/* A session of ours, with the statement prepared as "it". */
static PGconn *
pg_session(unsigned statement)
{
	PGconn *pg = PQconnectdb(url);
	const char *text = pg_sql_text(statement);
	struct buf prepare = BUF_INIT;

	pg_do(pg, pg_sql_session);
	buf_puts(&prepare, "PREPARE it AS ");
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
	    " EXECUTE it (%s)", args);
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
		const char	*args;	/* $3 version, ms, from, how many */
		unsigned long	 ops, snapshots;
	} rows[] = {
		{ "'plans', 'x', 0, 0, NULL, 1000", 0, 0 },
		{ "'plans', 'x', 999, 0, NULL, 1000", 999, 0 },
		{ "'plans', 'x', 1000, 0, NULL, 1000", 0, 1 },
		{ "'plans', 'x', 12345, 0, NULL, 1000", 345, 1 },
		{ "'plans', 'x', 19999, 0, NULL, 1000", 999, 1 },
		{ "'plans', 'x', 20000, 0, NULL, 1000", 0, 1 },
		{ "'plans', 'x', 20001, 0, NULL, 1000", 0, 0 },
		{ "'plans', 'x', 19999, 0, NULL, 10", 10, 1 },
		{ "'plans', 'x', 19999, 0, 5000, 300", 300, 0 },
		{ "'plans', 'x', NULL, 1000012344000, NULL, 1000", HALVES + 345, 1 },
		{ "'plans', 'x', NULL, 0, NULL, 1000", HALVES, 0 },
		{ "'plans', 'x', NULL, 9007199254740991, NULL, 1000", HALVES, 1 },
	};
	PGconn *pg = pg_session(PG_HISTORY);
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

/* Rows of the table that the statement touches: no fewer, and no more. */
static void
pg_costs(unsigned statement, const char *args, const char *table,
    unsigned long least, unsigned long most)
{
	PGconn *pg = pg_session(statement);
	unsigned long touched = pg_touched(pg, args, table);

	if (touched < least || touched > most)
		fail_msg("%s (%s) touches %lu rows of %s, not %lu to %lu",
		    pg_sql_name(statement), args, touched, table, least, most);
	PQfinish(pg);
}

static void
pg_pages_cost(unsigned long documents)
{
	static const struct {
		const char	*args;
		unsigned long	 ops;
	} pages[] = {
		{ "'plans', 'x', '0', '1000'", 1000 },
		{ "'plans', 'x', '12345', '1000'", 1000 },
		{ "'plans', 'x', '19500', '1000'", 500 },
		{ "'plans', 'x', '20000', '1000'", 0 },
		{ "'plans', 'never', '0', '1000'", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		pg_costs(PG_ROWS + ROWS_OPS, pages[i].args, "operation",
		    pages[i].ops, pages[i].ops);
	/* The last look finds none; a plan shows the mean, rounded. */
	pg_costs(PG_ROWS + ROWS_OPERATION_KEYS, "'-1', '500'", "operation",
	    documents, documents + 1);
	pg_costs(PG_ROWS + ROWS_SNAPSHOT_KEYS, "'-1', '500'", "snapshot",
	    documents, documents + 1);
}

/* What otd verify asks, a page at a time, is no dearer for a long log. */
static void
pg_pages_are_ranges(void **state)
{
	(void)state;
	pg_pages_cost(3);
}

/* Nor where that is all there is, as the planner knows. */
static void
pg_pages_are_ranges_of_one(void **state)
{
	PGconn *pg = PQconnectdb(url);

	(void)state;
	pg_do(pg, "DELETE FROM otd.snapshot WHERE doc_pk <> (SELECT doc_pk"
	    " FROM otd.document WHERE collection = 'plans' AND id = 'x')");
	pg_do(pg, "DELETE FROM otd.operation WHERE doc_pk <> (SELECT doc_pk"
	    " FROM otd.document WHERE collection = 'plans' AND id = 'x')");
	pg_do(pg, "DELETE FROM otd.document WHERE id <> 'x'");
	pg_do(pg, "VACUUM ANALYZE");
	PQfinish(pg);
	pg_pages_cost(1);
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
		cmocka_unit_test(pg_pages_are_ranges),
		cmocka_unit_test(pg_pages_are_ranges_of_one),
		cmocka_unit_test(lite_goes_by_key),
	};
	char *folder = rig_folder();
	int failed;

	url = rig_pg_start(folder);
	rig_close(rig_open(url));
	failed = cmocka_run_group_tests(tests, pg_fill, NULL);
	rig_pg_stop(folder);
	free(url);
	return failed;
}
