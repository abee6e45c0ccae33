/*
 * Databases of every former otd, with something in each of their tables: "otd
 * migrate up" keeps what is in them, and the store goes on with it.
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
#define SNAPSHOT "{\"a\":9}"	/* of ten operations */

enum { DOCS = 20, OPS = 20, SNAPSHOT_AT = 10, STEPS_MAX = 64 };

static char *folder, *new_url;
static char lite_new[600], lite_old[600], pg_old[300];
static PGconn *pg_of_new, *pg;
static sqlite3 *lite_of_new, *lite;

/* ---- two dialects, spoken alike ---- */

/* The database that otd makes today, and the former one. */
struct dialect {
	const char	*name, *prefix, *url;
	const char	*now;
	/* An empty database takes the place of the former one. */
	void		(*fresh)(int step);
	/* On the former one. */
	void		(*sql)(const char *text);
	/* The first cell that a query gives, of today's or of the former. */
	void		(*ask)(bool today, const char *text, char out[100]);
};

static void
lite_fresh(int step)
{
	sqlite3_close(lite);
	snprintf(lite_old, sizeof(lite_old), "%.*s/old%d.db",
	    (int)(strrchr(lite_new, '/') - lite_new), lite_new, step);
	assert_int_equal(sqlite3_open(lite_old + 7, &lite), SQLITE_OK);
}

static void
pg_fresh(int step)
{
	char text[300];

	PQfinish(pg);
	snprintf(text, sizeof(text), "CREATE DATABASE old%d", step);
	PQclear(PQexec(pg_of_new, text));
	snprintf(pg_old, sizeof(pg_old), "%.*s/old%d",
	    (int)(strrchr(new_url, '/') - new_url), new_url, step);
	pg = PQconnectdb(pg_old);
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
}

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
pg_ask(bool today, const char *text, char out[100])
{
	PGresult *res = PQexec(today ? pg_of_new : pg, text);

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
lite_ask(bool today, const char *text, char out[100])
{
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(today ? lite_of_new : lite,
	    text, -1, &st, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	snprintf(out, 100, "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
}

static const struct dialect of_lite = {
	"sqlite", "", lite_old, "1700000000000", lite_fresh, lite_sql, lite_ask
};
static const struct dialect of_pg = {
	"postgresql", "otd.", pg_old, "now()", pg_fresh, pg_sql, pg_ask
};
static const struct dialect *d;

/* SQL with the dialect's prefix in the place of each "@". */
static void
sql(const char *text)
{
	char whole[700];
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += (size_t)snprintf(whole + n, sizeof(whole) - n, "%s",
		    *text == '@' ? d->prefix : (char[2]){ *text, '\0' });
	assert_true(n < sizeof(whole));
	d->sql(whole);
}

/* ---- the former database ---- */

/* The step of that number; NULL: there is none. */
static const struct migration *
step_at(int number)
{
	const struct migration *m;

	for (m = migrations; m->dialect != NULL; m++)
		if (strcmp(m->dialect, d->name) == 0 && m->number == number)
			return m;
	return NULL;
}

/* Has a database with steps up to last what this one brought? */
static bool
has(const char *name, int last)
{
	int i;

	for (i = 1; i <= last; i++)
		if (strcmp(step_at(i)->name, name) == 0)
			return true;
	return false;
}

/* The steps that it knew, and the record of them. */
static void
steps_up_to(int last)
{
	const struct migration *m;
	char sum[100], text[400];
	int i;

	for (i = 1; i <= last; i++) {
		m = step_at(i);
		d->sql(m->sql);
		snprintf(text, sizeof(text), "SELECT checksum FROM"
		    " %smigration WHERE number = %d", d->prefix, i);
		d->ask(true, text, sum);
		snprintf(text, sizeof(text), "INSERT INTO @migration"
		    " (number, name, checksum, applied_at) VALUES (%d, '%s',"
		    " '%s', %s)", i, m->name, sum, d->now);
		sql(text);
	}
	snprintf(text, sizeof(text), "UPDATE @meta SET schema_version = %d",
	    last);
	sql(text);
}

static void
put_operation(int pk, int v, bool by_place)
{
	char where[80], text[400];

	if (by_place)
		snprintf(where, sizeof(where), "(%d << 32) + %d", pk, v);
	else
		snprintf(where, sizeof(where), "%d, %d", pk, v);
	snprintf(text, sizeof(text), "INSERT INTO @operation (%s, src, seq,"
	    " kind, body, created_at) VALUES (%s, 'once:x', %d, %d, '%s', %s)",
	    by_place ? "place" : "doc_pk, version", where, v, v == 0,
	    v == 0 ? CREATE : EDIT, d->now);
	sql(text);
}

/* Each with its operations; the even ones with a snapshot. */
static void
put_document(int i, bool by_place)
{
	char text[400];
	int pk = i * 10 + 7, v;

	snprintf(text, sizeof(text), "INSERT INTO @document (doc_pk,"
	    " collection, id, version, type, created_at, updated_at)"
	    " VALUES (%d, 'old', 'd%d', %d, '%s', %s, %s)", pk, i, OPS, TYPE,
	    d->now, d->now);
	sql(text);
	for (v = 0; v < OPS; v++)
		put_operation(pk, v, by_place);
	if (i % 2 != 0)
		return;
	snprintf(text, sizeof(text), "INSERT INTO @snapshot (doc_pk, version,"
	    " type, body, created_at) VALUES (%d, %d, '%s', '%s', %s)", pk,
	    SNAPSHOT_AT, TYPE, SNAPSHOT, d->now);
	sql(text);
}

/* What is beside documents; each table has a row by the name of kept. */
static void
put_rest(int last)
{
	if (has("content", last))
		sql("INSERT INTO @content (collection, id, version, type,"
		    " body) VALUES ('old', 'kept', 5, 't', '{}')");
	if (!has("front_door", last))
		return;
	sql("INSERT INTO @access_grant (collection, id, subject, role)"
	    " VALUES ('old', 'd1', 'kept', 'editor')");
	sql("INSERT INTO @revocation (kind, value) VALUES ('token', 'kept')");
	sql("INSERT INTO @account (subject, name) VALUES ('kept', 'kept')");
	sql("INSERT INTO @event (from_v, to_v, kind, collection, id)"
	    " VALUES (0, 1, 'created', 'old', 'kept')");
	sql(d == &of_pg ? "INSERT INTO @hook (id, url, secret, collections)"
	    " VALUES ('kept', 'http://x/', 's', '[\"old\"]')" :
	    "INSERT INTO hook (id, url, secret, collections, after_serial)"
	    " VALUES ('kept', 'http://x/', 's', '[\"old\"]', 1)");
	sql("INSERT INTO @once (key, fingerprint, status)"
	    " VALUES ('kept', 'f', 200)");
	sql("UPDATE @document SET owner = 'kept' WHERE id = 'd3'");
}

/* ---- cases ---- */

/* Counts of rows that name kept, by the step that brought their table. */
static void
rest_is_there(int last)
{
	static const struct { const char *step, *count; } kept[] = {
		{ "content", "content WHERE id = 'kept' AND version = 5" },
		{ "front_door", "access_grant WHERE subject = 'kept'" },
		{ "front_door", "revocation WHERE value = 'kept'" },
		{ "front_door", "account WHERE subject = 'kept'" },
		{ "front_door", "event WHERE id = 'kept'" },
		{ "front_door", "hook WHERE id = 'kept'" },
		{ "front_door", "once WHERE key = 'kept'" },
		{ "front_door", "document WHERE owner = 'kept'" },
	};
	char text[200], cell[100];
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!has(kept[i].step, last))
			continue;
		snprintf(text, sizeof(text), "SELECT count(*) FROM %s%s",
		    d->prefix, kept[i].count);
		d->ask(false, text, cell);
		if (strcmp(cell, "1") != 0)
			fail_msg("%s: %s", kept[i].count, cell);
	}
}

static void
is_as_it_was(struct store *s, int i, uint64_t v)
{
	uint64_t from = i % 2 == 0 ? SNAPSHOT_AT : 0;
	struct job *job;
	char id[16];

	snprintf(id, sizeof(id), "d%d", i);
	job = rig_do(s, rig_load("old", id));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, v);
	assert_int_equal(job->load.snap_v, from);
	rig_assert_row(&job->load.ops, from, v - from);
	job_free(job);
	job = rig_do(s, rig_ops("old", id, 0, 1));
	assert_string_equal(job->ops.ops.ops[0]->body, CREATE);
	assert_int_equal(job->ops.ops.ops[0]->seq, 0);
	job_free(job);
}

/* Nobody serves it as it stands, and the message says what to do. */
static void
is_refused_as_it_stands(void)
{
	char why[400];

	assert_int_equal(migrate_prepare(d->url, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "otd migrate up"));
}

static void
goes_on(struct store *s)
{
	struct job *job;
	char id[16];
	int i;

	for (i = 0; i < DOCS; i++) {
		snprintf(id, sizeof(id), "d%d", i);
		is_as_it_was(s, i, OPS);
		assert_false(rig_put(s, "old", id, 0, OP_CREATE, "s", 1,
		    CREATE));
		assert_true(rig_put(s, "old", id, OPS, OP_EDIT, "s", 1, EDIT));
		is_as_it_was(s, i, OPS + 1);
	}
	/* A new one takes nobody's number. */
	assert_true(rig_put(s, "old", "new", 0, OP_CREATE, "s", 1, CREATE));
	is_as_it_was(s, DOCS - 1, OPS + 1);
	job = rig_do(s, rows_new(ROWS_OP_ONCE, NULL, NULL, "old", "d7",
	    "once:x"));
	assert_int_equal(job->rows.n_rows, 1);
	assert_string_equal(rows_cell(job, 0, 0), "0");
	job_free(job);
}

static void
former_content_stays(void **state)
{
	int last = *(const int *)*state, i;
	char why[400], secret[SECRET_TEXT];
	struct store *s;

	d->fresh(last);
	steps_up_to(last);
	sql("BEGIN");
	for (i = 0; i < DOCS; i++)
		put_document(i, d == &of_lite && has("place", last));
	put_rest(last);
	sql("COMMIT");
	if (d == &of_pg)	/* the numbers above were not asked of it */
		sql("ALTER TABLE @document ALTER doc_pk RESTART 1000");
	is_refused_as_it_stands();
	assert_int_equal(migrate_up(d->url, stderr), 0);
	rest_is_there(last);
	s = rig_open(d->url);
	goes_on(s);
	rig_close(s);
	assert_int_equal(migrate_secret(d->url, secret, why, sizeof(why)), 0);
	assert_int_equal(strspn(secret, "0123456789abcdef"), 64);
}

/* ---- beginning ---- */

static int
be_lite(void **state)
{
	(void)state;
	snprintf(lite_new, sizeof(lite_new), "sqlite:%s/new.db", rig_folder());
	rig_close(rig_open(lite_new));
	assert_int_equal(sqlite3_open(lite_new + 7, &lite_of_new), SQLITE_OK);
	return 0;
}

static int
be_pg(void **state)
{
	(void)state;
	rig_close(rig_open(new_url));
	pg_of_new = PQconnectdb(new_url);
	assert_int_equal(PQstatus(pg_of_new), CONNECTION_OK);
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

/* A test for each step but the last: a database that ends with it. */
static int
run_all(const struct dialect *dialect, const char *name,
    CMFixtureFunction begin, CMFixtureFunction end)
{
	static char names[STEPS_MAX][100];
	static int lasts[STEPS_MAX];
	struct CMUnitTest tests[STEPS_MAX] = { { 0 } };
	size_t n;

	d = dialect;
	for (n = 0; step_at((int)n + 2) != NULL && n < STEPS_MAX; n++) {
		lasts[n] = (int)n + 1;
		snprintf(names[n], sizeof(names[n]), "from %04d_%s", lasts[n],
		    step_at(lasts[n])->name);
		tests[n] = (struct CMUnitTest){ names[n], former_content_stays,
			NULL, NULL, &lasts[n] };
	}
	return _cmocka_run_group_tests(name, tests, n, begin, end);
}

int
main(void)
{
	int failed;

	folder = rig_folder();
	new_url = rig_pg_start(folder);
	failed = run_all(&of_lite, "upgrade sqlite", be_lite, end_lite);
	failed += run_all(&of_pg, "upgrade postgresql", be_pg, end_pg);
	rig_pg_stop(folder);
	free(new_url);
	loop_free(rig_loop);
	return failed;
}
