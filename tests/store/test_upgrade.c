/*
 * A database of a former otd: "otd migrate up" keeps what is in it.
 */
#include "rig.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "run/migrate.h"
#include "run/migration.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

/* The step that is looked at; the former otd knew those before it. */
#define STEP "front_door"

enum { DOCS = 50, OPS = 20 };

static char *folder, *new_url;
static char lite_new[600], lite_old[600], pg_old[300];
static PGconn *pg_of_new, *pg;
static sqlite3 *lite_of_new, *lite;

/* ---- two dialects, spoken alike ---- */

/* The database that otd makes today, and the former one. */
struct dialect {
	const char	*name, *prefix, *url;
	void		(*sql)(const char *text);
	/* The first cell that a query gives on today's database. */
	void		(*ask)(const char *text, char out[100]);
};

static void
pg_sql(const char *text)
{
	PGresult *res = PQexec(pg, text);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQresultErrorMessage(res));
	PQclear(res);
}

static void
pg_ask(const char *text, char out[100])
{
	PGresult *res = PQexec(pg_of_new, text);

	assert_int_equal(PQntuples(res), 1);
	snprintf(out, 100, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
}

static void
lite_sql(const char *text)
{
	char *why;

	if (sqlite3_exec(lite, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
}

static void
lite_ask(const char *text, char out[100])
{
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(lite_of_new, text, -1, &st, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	snprintf(out, 100, "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
}

static const struct dialect of_lite = {
	"sqlite", "", lite_old, lite_sql, lite_ask
};
static const struct dialect of_pg = {
	"postgresql", "otd.", pg_old, pg_sql, pg_ask
};
static const struct dialect *d;

/* ---- the former database ---- */

/* The steps that it knew, and the record of them. */
static void
steps_before(void)
{
	const struct migration *m;
	char sum[100], text[400];

	for (m = migrations; strcmp(m->dialect, d->name) != 0; m++)
		;
	for (; strcmp(m->name, STEP) != 0; m++) {
		d->sql(m->sql);
		snprintf(text, sizeof(text), "SELECT checksum FROM"
		    " %smigration WHERE number = %d", d->prefix, m->number);
		d->ask(text, sum);
		snprintf(text, sizeof(text), "INSERT INTO %smigration"
		    " (number, name, checksum, applied_at) VALUES (%d, '%s',"
		    " '%s', %s)", d->prefix, m->number, m->name, sum,
		    d == &of_pg ? "now()" : "1700000000000");
		d->sql(text);
	}
}

static void
put_document(int i)
{
	char text[400];
	int v;

	snprintf(text, sizeof(text), "INSERT INTO %sdocument (doc_pk,"
	    " collection, id, version, type, created_at, updated_at)"
	    " VALUES (%d, 'old', 'd%d', %d, '%s', %s)", d->prefix,
	    i * 10 + 7, i, OPS, TYPE, d == &of_pg ? "now(), now()" :
	    "1700000000000, 1700000000001");
	d->sql(text);
	for (v = 0; v < OPS; v++) {
		snprintf(text, sizeof(text), "INSERT INTO %soperation (%s,"
		    " src, seq, kind, body, created_at) VALUES (%s%d%s%d,"
		    " 'once:x', %d, %d, '%s', %s)", d->prefix,
		    d == &of_pg ? "doc_pk, version" : "place",
		    d == &of_pg ? "" : "(", i * 10 + 7,
		    d == &of_pg ? ", " : " << 32) + ", v, v, v == 0,
		    v == 0 ? CREATE : EDIT,
		    d == &of_pg ? "now()" : "1700000000000");
		d->sql(text);
	}
}

/* ---- cases ---- */

static void
is_as_it_was(struct store *s, const char *id, uint64_t v)
{
	struct job *job = rig_do(s, rig_load("old", id));

	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, v);
	rig_assert_row(&job->load.ops, 0, v);
	assert_string_equal(job->load.ops.ops[0]->body, CREATE);
	assert_int_equal(job->load.ops.ops[OPS - 1]->seq, OPS - 1);
	job_free(job);
}

static void
former_content_stays(void **state)
{
	char id[16], why[400], secret[SECRET_TEXT];
	struct store *s;
	struct job *job;
	int i;

	(void)state;
	steps_before();
	d->sql("BEGIN");
	for (i = 0; i < DOCS; i++)
		put_document(i);
	d->sql("COMMIT");
	if (d == &of_pg)	/* the numbers above were not asked of it */
		d->sql("ALTER TABLE otd.document ALTER doc_pk RESTART 1000");
	assert_int_equal(migrate_prepare(d->url, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "otd migrate up"));
	assert_int_equal(migrate_secret(d->url, secret, why, sizeof(why)), -1);
	assert_int_equal(migrate_up(d->url, stderr), 0);

	s = rig_open(d->url);
	for (i = 0; i < DOCS; i++) {
		snprintf(id, sizeof(id), "d%d", i);
		is_as_it_was(s, id, OPS);
		assert_false(rig_put(s, "old", id, 0, OP_CREATE, "s", 1,
		    CREATE));
		assert_true(rig_put(s, "old", id, OPS, OP_EDIT, "s", 1, EDIT));
		is_as_it_was(s, id, OPS + 1);
	}
	/* A new one takes nobody's number. */
	assert_true(rig_put(s, "old", "new", 0, OP_CREATE, "s", 1, CREATE));
	is_as_it_was(s, "d49", OPS + 1);
	job = rig_do(s, rows_new(ROWS_GRANTS_OF, NULL, NULL, "old", "d1"));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = rig_do(s, rows_new(ROWS_OP_ONCE, NULL, NULL, "old", "d7",
	    "once:x"));
	assert_int_equal(job->rows.n_rows, 1);
	assert_string_equal(rows_cell(job, 0, 0), "0");
	job_free(job);
	rig_close(s);
	assert_int_equal(migrate_secret(d->url, secret, why, sizeof(why)), 0);
	assert_int_equal(strspn(secret, "0123456789abcdef"), 64);
}

/* ---- beginning ---- */

static int
be_lite(void **state)
{
	const char *path = rig_folder();

	(void)state;
	d = &of_lite;
	snprintf(lite_new, sizeof(lite_new), "sqlite:%s/new.db", path);
	snprintf(lite_old, sizeof(lite_old), "sqlite:%s/old.db", path);
	rig_close(rig_open(lite_new));
	assert_int_equal(sqlite3_open(lite_new + 7, &lite_of_new), SQLITE_OK);
	assert_int_equal(sqlite3_open(lite_old + 7, &lite), SQLITE_OK);
	return 0;
}

static int
be_pg(void **state)
{
	char text[300];

	(void)state;
	d = &of_pg;
	rig_close(rig_open(new_url));
	pg_of_new = PQconnectdb(new_url);
	PQclear(PQexec(pg_of_new, "CREATE DATABASE old"));
	snprintf(text, sizeof(text), "%s", new_url);
	*strrchr(text, '/') = '\0';
	snprintf(pg_old, sizeof(pg_old), "%.280s/old", text);
	pg = PQconnectdb(pg_old);
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
	return 0;
}

static int
end_lite(void **state)
{
	(void)state;
	sqlite3_close(lite);
	sqlite3_close(lite_of_new);
	return 0;
}

static int
end_pg(void **state)
{
	(void)state;
	PQfinish(pg);
	PQfinish(pg_of_new);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(former_content_stays),
	};
	int failed;

	folder = rig_folder();
	new_url = rig_pg_start(folder);
	failed = cmocka_run_group_tests_name("upgrade sqlite", tests, be_lite,
	    end_lite);
	failed += cmocka_run_group_tests_name("upgrade postgresql", tests,
	    be_pg, end_pg);
	rig_pg_stop(folder);
	free(new_url);
	loop_free(rig_loop);
	return failed;
}
