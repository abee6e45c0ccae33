/*
 * rows.def as a whole: every statement is right in both dialects, for the
 * role otd_app; and what PostgreSQL makes of them
 * when connections break and tables are away.
 */
#include "rig.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/mem.h"
#include "store/pg_sql.h"
#include "store/rows_sql.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

/* Types of columns, by their numbers in pg_type: texts and whole numbers. */
enum { INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25 };

static char *folder, *url;

static PGresult *
pg_ask(PGconn *pg, const char *sql)
{
	PGresult *res = PQexec(pg, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(res));
	return res;
}

static void
pg_do(PGconn *pg, const char *sql)
{
	PQclear(pg_ask(pg, sql));
}

/* ---- every statement ---- */

/*
 * All goes by an index, but for tables that are small by their nature; and
 * nothing is sorted by the text of a number.  (ORDER BY takes the name of a
 * column of the answer before that of the table.)
 */
static void
plan_check(PGconn *pg, const char *name, const char *explain)
{
	static const char *const small[] = {
		"access_change", "event_horizon", "hook", "revocation"
	};
	PGresult *res = pg_ask(pg, explain);
	size_t i, len;
	int row;

	for (row = 0; row < PQntuples(res); row++) {
		const char *line = PQgetvalue(res, row, 0);
		const char *on = strstr(line, "Seq Scan on ");

		if (strstr(line, "Sort Key:") != NULL &&
		    strstr(line, ")::text") != NULL)
			fail_msg("%s: %s", name, line);
		if (on == NULL)
			continue;
		on += strlen("Seq Scan on ");
		len = strcspn(on, " ");
		for (i = 0; i < sizeof(small) / sizeof(small[0]); i++)
			if (strlen(small[i]) == len &&
			    strncmp(on, small[i], len) == 0)
				break;
		if (i == sizeof(small) / sizeof(small[0]))
			fail_msg("%s reads all of %s", name, on);
	}
	PQclear(res);
}

/* Types and number of what it takes and gives. */
static int
pg_statement(PGconn *pg, enum rows_what what)
{
	const struct rows_sql *sql = rows_sql(what);
	PGresult *res = PQprepare(pg, sql->name, sql->pg, 0, NULL);
	char text[160];
	int i, n;

	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql->name, PQresultErrorMessage(res));
	PQclear(res);
	res = PQdescribePrepared(pg, sql->name);
	n = PQnfields(res);
	if ((size_t)PQnparams(res) != rows_n_params(what))
		fail_msg("%s takes %d parameters", sql->name, PQnparams(res));
	for (i = 0; i < n; i++) {
		Oid type = PQftype(res, i);

		if (type != INT2 && type != INT4 && type != INT8 &&
		    type != TEXT)
			fail_msg("%s: column %d is no text or number",
			    sql->name, i);
	}
	PQclear(res);
	/* Rights are looked at before anything is done; nothing is. */
	i = snprintf(text, sizeof(text), "EXPLAIN EXECUTE \"%s\"", sql->name);
	for (size_t k = 0; k < rows_n_params(what); k++)
		i += snprintf(text + i, sizeof(text) - (size_t)i, "%sNULL",
		    k == 0 ? "(" : ", ");
	if (rows_n_params(what) > 0)
		snprintf(text + i, sizeof(text) - (size_t)i, ")");
	plan_check(pg, sql->name, text);
	return n;
}

static int
lite_statement(sqlite3 *db, enum rows_what what)
{
	const struct rows_sql *sql = rows_sql(what);
	const char *tail;
	sqlite3_stmt *st;
	int n;

	if (sqlite3_prepare_v2(db, sql->lite, -1, &st, &tail) != SQLITE_OK)
		fail_msg("%s: %s", sql->name, sqlite3_errmsg(db));
	if (*tail != '\0')
		fail_msg("%s is more than one statement", sql->name);
	n = sqlite3_bind_parameter_count(st);
	if ((size_t)n != rows_n_params(what))
		fail_msg("%s takes %d parameters in SQLite", sql->name, n);
	if ((sqlite3_stmt_readonly(st) != 0) != rows_is_read(what))
		fail_msg("%s changes something, or does not", sql->name);
	n = sqlite3_column_count(st);
	sqlite3_finalize(st);
	return n;
}

static void
statements_agree(void **state)
{
	char lite_url[600], plain[256];
	PGconn *pg = PQconnectdb(url);
	sqlite3 *db;
	int i, n;

	(void)state;
	pg_do(pg, "SELECT otd.create_roles()");
	pg_do(pg, "CREATE ROLE app LOGIN IN ROLE otd_app");
	PQfinish(pg);
	snprintf(plain, sizeof(plain), "postgres://app@127.0.0.1:%d/postgres",
	    rig_port(url));
	pg = PQconnectdb(plain);
	pg_do(pg, pg_sql_session);
	snprintf(lite_url, sizeof(lite_url), "sqlite:%s/otd.db", rig_folder());
	rig_close(rig_open(lite_url));
	assert_int_equal(sqlite3_open(lite_url + strlen("sqlite:"), &db),
	    SQLITE_OK);
	for (i = 0; i < ROWS_N; i++) {
		n = pg_statement(pg, (enum rows_what)i);
		if (lite_statement(db, (enum rows_what)i) != n)
			fail_msg("%s has %d columns in PostgreSQL only",
			    rows_sql((enum rows_what)i)->name, n);
	}
	sqlite3_close(db);
	PQfinish(pg);
}

/* The role has all that documents need, too. */
static void
role_suffices(void **state)
{
	char plain[256];
	struct store *s;
	struct job *job;
	struct parcel *p;
	uint64_t v;

	(void)state;
	snprintf(plain, sizeof(plain), "postgres://app@127.0.0.1:%d/postgres",
	    rig_port(url));
	s = rig_open(plain);
	for (v = 0; v < 3; v++) {
		job = rig_commit();
		p = rig_parcel(job, "role", "x", v);
		rig_op(job, p, v == 1 ? OP_DELETE : OP_CREATE, "s", v,
		    v == 1 ? NULL : CREATE);
		p->has_event = true;
		p->is_created = v != 1;
		p->owner = v == 0 ? "ann" : "bob";
		rig_do(s, job);
		assert_int_equal(job->err, ERR_NONE);
		assert_true(p->accepted);
		job_free(job);
		job = rig_do(s, rows_new(ROWS_GRANT_PUT, NULL, NULL, "role",
		    "x", "carl", "viewer", NULL, NULL));
		assert_int_equal(job->err, ERR_NONE);
		job_free(job);
	}
	rig_close(s);
}

/* ---- a restored dump ---- */

static size_t
events_of(struct store *s, const char *collection)
{
	struct job *job = rig_do(s, rows_new(ROWS_EVENTS_OF, NULL, NULL, "0",
	    "0", "10", collection));
	size_t n = job->rows.n_rows;

	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
	return n;
}

/* It names transactions that this server will not come to for long. */
static void
restored_dump_goes_on(void **state)
{
	PGconn *pg = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct job *job;
	int tries;

	(void)state;
	pg_do(pg, "INSERT INTO otd.event (xid, collection, id, from_v, to_v,"
	    " kind) VALUES ('99999999999', 'restored', 'x', 0, 1, 'created')");
	pg_do(pg, "UPDATE otd.event_horizon SET xid = '99999999998'");
	pg_do(pg, "INSERT INTO otd.hook (id, url, secret, collections,"
	    " after_xid) VALUES ('h', 'https://x', 's', '[]', '99999999998')");
	assert_int_equal(events_of(s, "restored"), 0);
	pg_do(pg, "SELECT otd.restored()");
	for (tries = 0; tries < 1000 && events_of(s, "restored") == 0; tries++)
		rig_wait(10);
	assert_int_equal(events_of(s, "restored"), 1);
	job = rig_do(s, rows_new(ROWS_EVENTS_HORIZON, NULL, NULL));
	assert_string_not_equal(rows_cell(job, 0, 0), "99999999998");
	job_free(job);
	/* It was told of nothing yet, and will be. */
	PQclear(pg_ask(pg, "SELECT 1 / ((after_xid, after_serial) <"
	    " (xid, e.serial))::integer FROM otd.hook, otd.event AS e"
	    " WHERE e.collection = 'restored'"));
	PQclear(pg_ask(pg, "SELECT 1 / (after_xid <="
	    " pg_snapshot_xmin(pg_current_snapshot()))::integer FROM otd.hook"));
	pg_do(pg, "DELETE FROM otd.hook");
	rig_close(s);
	PQfinish(pg);
}

/* ---- trouble ---- */

/* Sessions of the store that would grant and wait for a lock: how many. */
static long
waiting(PGconn *pg, const char *what)
{
	char sql[300];
	PGresult *res;
	long n;

	snprintf(sql, sizeof(sql), "SELECT count(%s) FROM pg_stat_activity"
	    " WHERE wait_event_type = 'Lock'"
	    " AND query LIKE 'INSERT INTO otd.access_grant%%'",
	    what);
	res = pg_ask(pg, sql);
	n = strtol(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return n;
}

/* The connection breaks: a read is asked again, a change is not known. */
static void
connection_breaks(void **state)
{
	/* A transaction would see the same of others all along. */
	PGconn *pg = PQconnectdb(url), *looker = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct job *put, *get, *job;
	int i;

	(void)state;
	job_free(rig_do(s, rows_new(ROWS_GRANTS_OF, NULL, NULL, "b", "x")));
	pg_do(pg, "BEGIN");
	pg_do(pg, "LOCK TABLE otd.access_grant IN ACCESS EXCLUSIVE MODE");
	put = rows_new(ROWS_GRANT_PUT, NULL, NULL, "b", "x", "ann", "viewer",
	    NULL, NULL);
	get = rows_new(ROWS_GRANTS_OF, NULL, NULL, "b", "x");
	s->ops->start(s, put);
	s->ops->start(s, get);
	for (i = 0; i < 1000 && waiting(looker, "*") == 0; i++)
		rig_wait(10);
	assert_int_equal(waiting(looker, "pg_terminate_backend(pid)"), 1);
	pg_do(pg, "ROLLBACK");
	for (i = 0; i < 2; i++) {
		job = rig_next(s);
		if (job == put)
			assert_int_equal(job->err, ERR_STORE_UNSURE);
		else
			assert_int_equal(job->err, ERR_NONE);
	}
	assert_int_equal(get->rows.n_rows, 0);
	job_free(put);
	job_free(get);
	job = rig_do(s, rows_new(ROWS_GRANTS_OF, NULL, NULL, "b", "x"));
	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
	rig_close(s);
	PQfinish(pg);
	PQfinish(looker);
}

static void
expect_tickets(struct store *s, enum err e)
{
	struct job *job = rig_do(s, rows_new(ROWS_TICKETS_SWEEP, NULL, NULL));

	assert_int_equal(job->err, e);
	job_free(job);
}

/* What cannot be prepared is prepared once it can, on the same connection. */
static void
table_is_away(void **state)
{
	PGconn *pg = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct store_health health;
	struct job *jobs[3];
	int i, broken = 0;

	(void)state;
	job_free(rig_do(s, rows_new(ROWS_GRANTS_OF, NULL, NULL, "a", "x")));
	pg_do(pg, "ALTER TABLE otd.ticket RENAME TO other");
	expect_tickets(s, ERR_STORE_BROKEN);
	for (i = 0; i < 3; i++)
		s->ops->start(s, jobs[i] = rows_new(ROWS_TICKETS_SWEEP, NULL,
		    NULL));
	for (i = 0; i < 3; i++) {
		/* The first was to prepare it; the others may come again. */
		rig_next(s);
		broken += jobs[i]->err == ERR_STORE_BROKEN;
		assert_int_not_equal(jobs[i]->err, ERR_NONE);
	}
	assert_true(broken > 0);
	for (i = 0; i < 3; i++)
		job_free(jobs[i]);
	pg_do(pg, "ALTER TABLE otd.other RENAME TO ticket");
	expect_tickets(s, ERR_NONE);
	expect_tickets(s, ERR_NONE);
	/* Prepared, its execution fails, and then does not. */
	pg_do(pg, "ALTER TABLE otd.ticket RENAME TO other");
	expect_tickets(s, ERR_STORE_BROKEN);
	pg_do(pg, "ALTER TABLE otd.other RENAME TO ticket");
	expect_tickets(s, ERR_NONE);
	s->ops->health(s, &health);
	assert_int_equal(health.reconnects, 0);
	rig_close(s);
	PQfinish(pg);
}

/* ---- who compacts and erases ---- */

static char *
copy(const char *text)
{
	return mem_copy(text, strlen(text));
}

/*
 * A login of its own, a member of these roles, which statements_agree has made:
 * handing tables over again would be in the way of who was closed just now.
 */
static struct store *
open_as(const char *name, const char *roles)
{
	PGconn *pg = PQconnectdb(url);
	char text[256];

	snprintf(text, sizeof(text), "CREATE ROLE %s LOGIN IN ROLE %s", name,
	    roles);
	pg_do(pg, text);
	PQfinish(pg);
	snprintf(text, sizeof(text), "postgres://%s@127.0.0.1:%d/postgres",
	    name, rig_port(url));
	return rig_open(text);
}

static enum err
compact(struct store *s)
{
	struct job *job = job_new(JOB_COMPACT, NULL);
	struct job_compact *c = &job->compact;
	enum err e;

	c->collection = copy("keeper");
	c->id = copy("x");
	c->from = 1;
	c->to = 3;
	c->empty = copy("[]");
	c->body = copy(EDIT);
	c->len = strlen(EDIT);
	c->has_snapshot = true;
	c->type = TYPE;
	c->snap_body = copy("{}");
	c->snap_len = 2;
	rig_do(s, job);
	if ((e = job->err) == ERR_NONE)
		assert_true(c->done);
	job_free(job);
	return e;
}

static enum err
erase(struct store *s)
{
	struct job *job = job_new(JOB_ERASE, NULL);
	enum err e;

	job->erase.collection = copy("keeper");
	job->erase.id = copy("x");
	job->erase.src = copy("purge:2");
	job->erase.by = copy("ann");
	job->erase.reason = copy("asked");
	rig_do(s, job);
	if ((e = job->err) == ERR_NONE)
		assert_int_equal(job->erase.v, 4);
	job_free(job);
	return e;
}

/* Those who serve cannot, nor can those who only take away. */
static void
keeping_takes_both_roles(void **state)
{
	struct store *s = rig_open(url);

	(void)state;
	assert_true(rig_put(s, "keeper", "x", 0, OP_CREATE, "s", 1, CREATE));
	assert_true(rig_put(s, "keeper", "x", 1, OP_EDIT, "s", 2, EDIT));
	assert_true(rig_put(s, "keeper", "x", 2, OP_EDIT, "s", 3, EDIT));
	job_free(rig_do(s, rig_checkpoint("keeper", "x", 2, TYPE, "{}", false)));
	job_free(rig_do(s, rows_new(ROWS_GRANT_PUT, NULL, NULL, "keeper", "x",
	    "carl", "viewer", NULL, NULL)));
	rig_close(s);
	s = open_as("serves", "otd_app");
	assert_int_equal(compact(s), ERR_STORE_BROKEN);
	assert_int_equal(erase(s), ERR_STORE_BROKEN);
	rig_close(s);
	s = open_as("takes_away", "otd_maint");
	assert_int_equal(compact(s), ERR_STORE_BROKEN);
	assert_int_equal(erase(s), ERR_STORE_BROKEN);
	rig_close(s);
	s = open_as("keeps", "otd_app, otd_maint");
	assert_int_equal(compact(s), ERR_NONE);
	assert_int_equal(erase(s), ERR_NONE);
	rig_close(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_agree),
		cmocka_unit_test(role_suffices),
		cmocka_unit_test(keeping_takes_both_roles),
		cmocka_unit_test(restored_dump_goes_on),
		cmocka_unit_test(connection_breaks),
		cmocka_unit_test(table_is_away),
	};
	int failed;

	folder = rig_folder();
	url = rig_pg_start(folder);
	rig_close(rig_open(url));
	failed = cmocka_run_group_tests_name("rows.def", tests, NULL, NULL);
	rig_pg_stop(folder);
	free(url);
	loop_free(rig_loop);
	return failed;
}
