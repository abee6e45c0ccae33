/*
 * Migrations: they make what schema/ shows, once, whoever else tries, and
 * leave alone what they do not know.
 */
#include "rig.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"
#include "run/migrate.h"

static char *folder, *pg_folder;

/* ---- two dialects, spoken alike ---- */

struct dialect {
	/* A new database without schema: its URL. */
	const char	*(*fresh)(void);
	/* Run SQL on it, by its own program or library. */
	void		(*sql)(const char *url, const char *text);
	const char	*prefix;	/* of tables */
};

static char url_buf[512];
static int n_fresh;

static const char *
lite_fresh(void)
{
	snprintf(url_buf, sizeof(url_buf), "sqlite:%s/data/%d/otd.db", folder,
	    n_fresh++);
	return url_buf;
}

static void
lite_sql(const char *url, const char *text)
{
	sqlite3 *db;
	char *message = NULL;

	/* The folder is there when migrate has made it, or else as here. */
	assert_int_equal(rig_shell("mkdir -p \"$(dirname '%s')\"", url + 7), 0);
	assert_int_equal(sqlite3_open(url + 7, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	sqlite3_close(db);
}

static const char *pg_url;

static const char *
database_of(const char *url)
{
	return strrchr(url, '/') + 1;
}

static void
pg_sql(const char *url, const char *text)
{
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' %s \"%s\""
	    " >/dev/null", pg_folder, database_of(url), text), 0);
}

static const char *
pg_fresh(void)
{
	char text[64];

	snprintf(url_buf, sizeof(url_buf), "%.*sm%d",
	    (int)(database_of(pg_url) - pg_url), pg_url, n_fresh++);
	snprintf(text, sizeof(text), "CREATE DATABASE %s",
	    database_of(url_buf));
	pg_sql(pg_url, text);
	return url_buf;
}

static const struct dialect lite = { lite_fresh, lite_sql, "" };
static const struct dialect postgres = { pg_fresh, pg_sql, "otd." };
static const struct dialect *d;

static int
be_lite(void **state)
{
	(void)state;
	d = &lite;
	return 0;
}

static int
be_postgres(void **state)
{
	(void)state;
	d = &postgres;
	return 0;
}

/* SQL with the dialect's prefix in the place of %s. */
static void
sql(const char *url, const char *fmt)
{
	char text[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), fmt, d->prefix);
#pragma GCC diagnostic pop
	d->sql(url, text);
}

/* Call a subcommand; what it said, to be freed. */
static char *
said(int (*command)(const char *, FILE *), const char *url, int rc)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(command(url, f), rc);
	fclose(f);
	return text;
}

static void
assert_says(int (*command)(const char *, FILE *), const char *url, int rc,
    const char *part)
{
	char *text = said(command, url, rc);

	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text);
	free(text);
}

static void
assert_refused(const char *url, const char *part)
{
	char why[512] = "";

	assert_int_equal(migrate_prepare(url, why, sizeof(why)), -1);
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, why);
	assert_null(strchr(why, '\n'));
}

static void
prepare(const char *url)
{
	char why[512] = "";

	if (migrate_prepare(url, why, sizeof(why)) != 0)
		fail_msg("%s: %s", url, why);
}

/* ---- cases ---- */

static void
step_by_step(void **state)
{
	const char *url = d->fresh();
	struct stat sb;
	char *text;

	(void)state;
	/* Looking changes nothing. */
	assert_says(migrate_status, url, 0, "0001_tables pending");
	assert_says(migrate_plan, url, 0, "CREATE TABLE");
	if (d == &lite)
		assert_int_equal(stat(url + 7, &sb), -1);
	assert_says(migrate_status, url, 0, "0001_tables pending");

	assert_says(migrate_up, url, 0, "applied 0001_tables");
	assert_says(migrate_up, url, 0, "nothing to do");
	assert_says(migrate_status, url, 0, "0001_tables applied 20");
	text = said(migrate_plan, url, 0);
	assert_null(strstr(text, "CREATE"));
	free(text);
	prepare(url);
}

static void
foreign_is_refused(void **state)
{
	const char *url = d->fresh();

	(void)state;
	if (d == &postgres)
		sql(url, "CREATE SCHEMA otd");
	sql(url, "CREATE TABLE %smine (x integer)");
	assert_refused(url, "did not make");
	assert_says(migrate_up, url, 1, "did not make");
}

static void
newer_and_changed_are_refused(void **state)
{
	const char *url = d->fresh();

	(void)state;
	prepare(url);
	sql(url, "UPDATE %smigration SET checksum = 'abcdef'");
	assert_refused(url, "checksum abcdef");
	assert_says(migrate_up, url, 1, "checksum");
	assert_says(migrate_status, url, 1, "checksum");

	url = d->fresh();
	prepare(url);
	d->sql(url, d == &lite ?
	    "INSERT INTO migration SELECT max(number) + 1, 'later', 'abcdef', "
	    "max(applied_at) FROM migration" :
	    "INSERT INTO otd.migration SELECT max(number) + 1, 'later', "
	    "'abcdef', max(applied_at) FROM otd.migration; "
	    "UPDATE otd.meta SET serves_from = schema_version + 1");
	assert_refused(url, "use a newer otd");
	assert_says(migrate_up, url, 1, "use a newer otd");
}

/* Nodes are renewed one after the other: a newer schema may be ours to serve. */
static void
newer_that_we_can_serve(void **state)
{
	const char *url = d->fresh();
	struct store *s;

	(void)state;
	prepare(url);
	sql(url, "INSERT INTO %smigration SELECT max(number) + 1, 'later',"
	    " 'abcdef', now() FROM otd.migration");
	sql(url, "UPDATE %smeta SET serves_from = schema_version + 1");
	assert_refused(url, "use a newer otd");
	sql(url, "UPDATE %smeta SET serves_from = schema_version");
	prepare(url);
	assert_says(migrate_status, url, 0, "_later applied");
	assert_says(migrate_up, url, 0, "nothing to do");
	/* With what such a step may add. */
	sql(url, "ALTER TABLE %soperation ADD extra text DEFAULT 'x'");
	s = rig_open(url);
	assert_true(rig_put(s, "c", "d", 0, OP_CREATE, "s", 1,
	    "{\"type\":\"" TYPE "\",\"data\":1}"));
	assert_true(rig_put(s, "c", "d", 1, OP_EDIT, "s", 2, "[]"));
	rig_close(s);
	sql(url, "UPDATE %smigration SET checksum = 'abcdef' WHERE number = 2");
	assert_refused(url, "checksum abcdef");
}

static void
older_is_not_touched_by_serve(void **state)
{
	const char *url = d->fresh();

	(void)state;
	prepare(url);
	sql(url, "DELETE FROM %smigration");
	assert_refused(url, "otd migrate up");
}

/* Many processes at once on an empty database: all are served. */
static void
together(void **state)
{
	enum { N = 6 };
	const char *url = d->fresh();
	pid_t pids[N];
	char why[512];
	int i, status, failed = 0;

	(void)state;
	for (i = 0; i < N; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0)
			_exit(migrate_prepare(url, why, sizeof(why)) != 0);
	}
	for (i = 0; i < N; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	assert_says(migrate_status, url, 0, "0001_tables applied");
}

static void
no_right_is_said(void **state)
{
	const char *url = pg_fresh();
	char plain[512], why[512] = "";

	(void)state;
	pg_sql(url, "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN");
	snprintf(plain, sizeof(plain), "postgres://plain%s", strchr(url, '@'));
	assert_int_equal(migrate_prepare(plain, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "otd migrate up"));
	assert_non_null(strstr(why, "permission denied"));

	assert_int_equal(migrate_prepare("postgres://otd:secret@127.0.0.1:1/x",
	    why, sizeof(why)), -1);
	assert_null(strstr(why, "secret"));
	assert_int_equal(migrate_prepare("sqlite:", why, sizeof(why)), -1);
	assert_int_equal(migrate_prepare("sqlite::memory:", why, sizeof(why)),
	    -1);
	assert_int_equal(migrate_prepare("sqlite:/dev/null/x/otd.db", why,
	    sizeof(why)), -1);
	assert_int_equal(migrate_prepare("bolt:x", why, sizeof(why)), -1);
}

/* ---- schema/ shows what migrations make ---- */

/* Everything in sqlite_master, one text; to be freed. */
static char *
lite_schema(sqlite3 *db)
{
	struct buf b;
	sqlite3_stmt *st;
	size_t len;

	buf_init(&b, SIZE_MAX);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT type || ' ' || name ||"
	    " ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master"
	    " ORDER BY type, name", -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		buf_puts(&b, (const char *)sqlite3_column_text(st, 0));
		buf_putc(&b, '\n');
	}
	sqlite3_finalize(st);
	buf_putc(&b, '\0');
	return buf_take(&b, &len);
}

static char *
file_read(const char *path)
{
	struct buf b;
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t n;

	if (f == NULL)
		fail_msg("%s is missing", path);
	buf_init(&b, SIZE_MAX);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_put(&b, bytes, n);
	fclose(f);
	buf_putc(&b, '\0');
	return buf_take(&b, &n);
}

static void
sqlite_schema_agrees(void **state)
{
	const char *url = lite_fresh();
	char *text = file_read(TESTS_LIB "/../../schema/sqlite.sql");
	sqlite3 *migrated, *shown;
	char *a, *b;

	(void)state;
	prepare(url);
	assert_int_equal(sqlite3_open(url + 7, &migrated), SQLITE_OK);
	assert_int_equal(sqlite3_open(":memory:", &shown), SQLITE_OK);
	assert_int_equal(sqlite3_exec(shown, text, NULL, NULL, NULL),
	    SQLITE_OK);
	a = lite_schema(migrated);
	b = lite_schema(shown);
	assert_true(strlen(a) > 1000);
	assert_string_equal(a, b);
	free(a);
	free(b);
	free(text);
	sqlite3_close(migrated);
	sqlite3_close(shown);
}

static void
postgresql_schema_agrees(void **state)
{
	char *migrated = mem_copy(pg_fresh(), strlen(url_buf));
	char *shown = mem_copy(pg_fresh(), strlen(url_buf));

	(void)state;
	prepare(migrated);
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' %s "
	    "\"$(cat " TESTS_LIB "/../../schema/postgresql.sql "
	    TESTS_LIB "/../../schema/postgresql_operators.sql)\"", pg_folder,
	    database_of(shown)), 0);
	assert_int_equal(rig_shell("cd '%s' && for db in %s %s; do "
	    "sh " TESTS_LIB "/pg.sh dump . $db >$db.sql || exit 1; done;"
	    "grep -q 'CREATE TABLE otd.operation' %s.sql && diff %s.sql %s.sql",
	    pg_folder, database_of(migrated), database_of(shown),
	    database_of(migrated), database_of(migrated), database_of(shown)),
	    0);
	free(migrated);
	free(shown);
}

/* Each database has its own, for as long as it lives. */
static void
secret_is_kept(void **state)
{
	char first[SECRET_TEXT], again[SECRET_TEXT], other[SECRET_TEXT];
	unsigned char a[SECRET_KEY_MAX], b[SECRET_KEY_MAX];
	const char *url = d->fresh();
	char why[512];

	(void)state;
	assert_int_equal(migrate_secret(url, first, why, sizeof(why)), -1);
	prepare(url);
	assert_int_equal(migrate_secret(url, first, why, sizeof(why)), 0);
	assert_int_equal(strspn(first, "0123456789abcdef"), 64);
	prepare(url);
	assert_int_equal(migrate_secret(url, again, why, sizeof(why)), 0);
	assert_string_equal(first, again);
	sql(url, "DELETE FROM %ssecret");
	assert_int_equal(migrate_secret(url, again, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "secret"));

	url = d->fresh();
	prepare(url);
	assert_int_equal(migrate_secret(url, other, why, sizeof(why)), 0);
	assert_string_not_equal(first, other);

	secret_derive(first, "src", a, sizeof(a));
	secret_derive(first, "links", b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	secret_derive(other, "src", b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	secret_derive(first, "src", b, 16);
	assert_memory_equal(a, b, 16);
}

/* RFC 4231, 4.3. */
static void
secret_is_hmac(void **state)
{
	static const unsigned char wanted[SECRET_KEY_MAX] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	unsigned char key[SECRET_KEY_MAX];

	(void)state;
	secret_derive("Jefe", "what do ya want for nothing?", key,
	    sizeof(key));
	assert_memory_equal(key, wanted, sizeof(key));
}

/* Everything that somebody may come upon says what it is. */
static void
everything_is_commented(void **state)
{
	const char *url = pg_fresh();

	(void)state;
	prepare(url);
	pg_sql(url, "DO 'DECLARE bare text; BEGIN"
	    " SELECT string_agg(what, '', '') INTO bare FROM ("
	    " SELECT c.oid::regclass || ''.'' || attname AS what"
	    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
	    " WHERE c.relnamespace = ''otd''::regnamespace AND c.relkind IN"
	    " (''r'', ''p'', ''v'') AND attnum > 0 AND NOT attisdropped"
	    " AND col_description(c.oid, attnum) IS NULL"
	    " UNION ALL SELECT oid::regclass::text FROM pg_class"
	    " WHERE relnamespace = ''otd''::regnamespace AND relkind IN"
	    " (''r'', ''p'', ''v'') AND obj_description(oid, ''pg_class'') IS NULL"
	    " UNION ALL SELECT indexrelid::regclass::text FROM pg_index"
	    " JOIN pg_class ON pg_class.oid = indexrelid WHERE NOT indisprimary"
	    " AND relnamespace = ''otd''::regnamespace AND NOT EXISTS (SELECT"
	    " FROM pg_constraint WHERE conindid = indexrelid)"
	    " AND obj_description(indexrelid, ''pg_class'') IS NULL"
	    " UNION ALL SELECT oid::regprocedure::text FROM pg_proc"
	    " WHERE pronamespace = ''otd''::regnamespace"
	    " AND obj_description(oid, ''pg_proc'') IS NULL"
	    " UNION ALL SELECT ''schema'' WHERE"
	    " obj_description(''otd''::regnamespace, ''pg_namespace'') IS NULL"
	    " ) AS found; IF bare IS NOT NULL THEN"
	    " RAISE EXCEPTION ''without comment: %'', bare; END IF; END'");
}

int
main(void)
{
	static const struct CMUnitTest both[] = {
		cmocka_unit_test(step_by_step),
		cmocka_unit_test(foreign_is_refused),
		cmocka_unit_test(newer_and_changed_are_refused),
		cmocka_unit_test(older_is_not_touched_by_serve),
		cmocka_unit_test(together),
		cmocka_unit_test(secret_is_kept),
	};
	static const struct CMUnitTest each[] = {
		cmocka_unit_test_setup(newer_that_we_can_serve, be_postgres),
		cmocka_unit_test(no_right_is_said),
		cmocka_unit_test(secret_is_hmac),
		cmocka_unit_test(sqlite_schema_agrees),
		cmocka_unit_test(postgresql_schema_agrees),
		cmocka_unit_test(everything_is_commented),
	};
	int failed;

	folder = rig_folder();
	pg_folder = rig_folder();
	pg_url = rig_pg_start(pg_folder);
	failed = cmocka_run_group_tests_name("migrate sqlite", both, be_lite,
	    NULL);
	failed += cmocka_run_group_tests_name("migrate postgresql", both,
	    be_postgres, NULL);
	failed += cmocka_run_group_tests_name("migrate", each, NULL, NULL);
	rig_pg_stop(pg_folder);
	free((char *)pg_url);
	return failed;
}
