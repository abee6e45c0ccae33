/*
 * Migrating a PostgreSQL that others work on: nobody stands behind a step that
 * waits, and an index is built while others write.
 */
#include "rig.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/migrate.h"
#include "run/migrate_db.h"

#define CHECKSUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *folder, *url;
static char quick_url[300];	/* waits 50 ms for a lock */
static PGconn *other;		/* who works on it */
static PGconn *watcher;		/* in no transaction, which would see one moment */

/* A step of tomorrow. */
static const struct migration column = {
	"postgresql", 100, "column", "-- Locks: all.\n\n"
	"ALTER TABLE otd.document ADD COLUMN extra integer;\n"
};
static const struct migration index_of_kind = {
	"postgresql", 101, "index", "-- An index.\n--\n-- Locks: none.\n\n"
	"CREATE INDEX CONCURRENTLY IF NOT EXISTS operation_author\n"
	"\tON otd.operation (author) WHERE src <> 'a;b';\n"
	"COMMENT ON INDEX otd.operation_author IS 'who; of tomorrow';\n"
};

static char *
ask_by(PGconn *conn, const char *sql)
{
	static char cell[200];
	PGresult *res = PQexec(conn, sql);

	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(res));
	cell[0] = '\0';
	if (PQntuples(res) > 0)
		snprintf(cell, sizeof(cell), "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	return cell;
}

static char *
ask(const char *sql)
{
	return ask_by(other, sql);
}

static struct migrate_db *
open_db(const char *at)
{
	char why[400];
	struct migrate_db *db = migrate_pg_open(at, why, sizeof(why));

	if (db == NULL)
		fail_msg("%s", why);
	return db;
}

static void
close_db(struct migrate_db *db)
{
	free(db->records);
	db->ops->close(db);
}

/* Apply it in a process of its own, which ends with 0 when that went well. */
static pid_t
apply_beside(const struct migration *m)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct migrate_db *db = open_db(url);

		_exit(db->ops->lock(db) != 0 ||
		    db->ops->apply(db, m, CHECKSUM) != 0);
	}
	return pid;
}

static void
assert_ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Until the query says true. */
static void
until(const char *sql)
{
	int i;

	for (i = 0; i < 600; i++) {
		if (strcmp(ask_by(watcher, sql), "t") == 0)
			return;
		usleep(20000);
	}
	fail_msg("in vain: %s", sql);
}

/* ---- cases ---- */

static void
gives_up_and_changes_nothing(void **state)
{
	struct migrate_db *db = open_db(quick_url);

	(void)state;
	ask("BEGIN; LOCK TABLE otd.document IN ACCESS SHARE MODE");
	assert_int_equal(db->ops->lock(db), 0);
	assert_int_equal(db->ops->apply(db, &column, CHECKSUM), -1);
	assert_non_null(strstr(db->why, "0100_column"));
	assert_non_null(strstr(db->why, "pg_locks"));
	db->ops->unlock(db, false);
	close_db(db);
	ask("COMMIT");
	assert_string_equal(ask("SELECT count(*) FROM pg_attribute WHERE"
	    " attrelid = 'otd.document'::regclass AND attname = 'extra'"), "0");
	assert_string_equal(ask("SELECT count(*) FROM otd.migration WHERE"
	    " number = 100"), "0");
}

/* While the step waits, who comes after it waits no longer than it does. */
static void
lets_others_pass_and_gets_there(void **state)
{
	PGconn *third = PQconnectdb(url);
	PGresult *res;
	pid_t pid;

	(void)state;
	ask("BEGIN; LOCK TABLE otd.document IN ACCESS SHARE MODE");
	pid = apply_beside(&column);
	until("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"
	    " AND relation = 'otd.document'::regclass");
	/* A reader behind it; it would stand there for as long as we do. */
	res = PQexec(third, "SELECT count(*) FROM otd.document");
	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	PQclear(res);
	PQfinish(third);
	ask("COMMIT");
	assert_ended_well(pid);
	assert_string_equal(ask("SELECT name FROM otd.migration WHERE"
	    " number = 100"), "column");
	assert_string_equal(ask("SELECT schema_version FROM otd.meta"), "100");
	/* It did not say that others can live with it. */
	assert_string_equal(ask("SELECT serves_from FROM otd.meta"), "100");
}

/*
 * Somebody is in a transaction, and writes: the index waits for the end of
 * that, and nobody waits for the index, not even another who wants to migrate.
 */
static void
index_is_built_beside_writers(void **state)
{
	struct migrate_db *db;
	pid_t pid, late;

	(void)state;
	ask("BEGIN; INSERT INTO otd.operation (doc_pk, version, seq, kind, src)"
	    " VALUES (1, 1, 1, 2, 'x')");
	pid = apply_beside(&index_of_kind);
	until("SELECT count(*) > 0 FROM pg_stat_activity"
	    " WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type ="
	    " 'Lock' AND pid <> pg_backend_pid()");
	ask("INSERT INTO otd.operation (doc_pk, version, seq, kind, src)"
	    " VALUES (1, 2, 2, 2, 'x')");
	if ((late = fork()) == 0) {
		db = open_db(url);
		_exit(db->ops->lock(db) != 0);
	}
	ask("COMMIT");
	assert_ended_well(pid);
	assert_ended_well(late);
	assert_string_equal(ask("SELECT indisvalid FROM pg_index WHERE"
	    " indexrelid = 'otd.operation_author'::regclass"), "t");
	assert_non_null(strstr(ask("SELECT pg_get_indexdef("
	    "'otd.operation_author'::regclass)"), "a;b"));
	assert_string_equal(ask("SELECT obj_description("
	    "'otd.operation_author'::regclass)"), "who; of tomorrow");
	assert_string_equal(ask("SELECT schema_version FROM otd.meta"), "101");
}

/* An index that a try left behind when it was broken off is not taken for one. */
static void
broken_index_is_built_anew(void **state)
{
	struct migration again = index_of_kind;
	char before[40];

	(void)state;
	again.number++;
	ask("UPDATE pg_index SET indisvalid = false WHERE indexrelid ="
	    " 'otd.operation_author'::regclass");
	snprintf(before, sizeof(before), "%s",
	    ask("SELECT 'otd.operation_author'::regclass::oid"));
	assert_ended_well(apply_beside(&again));
	assert_string_equal(ask("SELECT indisvalid FROM pg_index WHERE"
	    " indexrelid = 'otd.operation_author'::regclass"), "t");
	assert_string_not_equal(before,
	    ask("SELECT 'otd.operation_author'::regclass::oid"));
}

static int
begin(void **state)
{
	char why[400];

	(void)state;
	folder = rig_folder();
	url = rig_pg_start(folder);
	snprintf(quick_url, sizeof(quick_url), "%s?options=-c%%20lock_timeout%%3D50",
	    url);
	if (migrate_prepare(url, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	other = PQconnectdb(url);
	watcher = PQconnectdb(url);
	return PQstatus(other) == CONNECTION_OK &&
	    PQstatus(watcher) == CONNECTION_OK ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	PQfinish(other);
	PQfinish(watcher);
	rig_pg_stop(folder);
	free(url);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_up_and_changes_nothing),
		cmocka_unit_test(lets_others_pass_and_gets_there),
		cmocka_unit_test(index_is_built_beside_writers),
		cmocka_unit_test(broken_index_is_built_anew),
	};

	return cmocka_run_group_tests_name("migrate beside others", tests,
	    begin, end);
}
