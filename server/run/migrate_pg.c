/*
 * Migrating PostgreSQL while others work on it:
 *
 * 1. A step that waits for a table's lock stops everybody who comes after it.
 *    So it waits LOCK_TIMEOUT at a time (the URL may say otherwise), undoes
 *    itself, leaves room for those who waited, and tries again.
 * 2. CREATE INDEX CONCURRENTLY lets others write meanwhile, but cannot be in a
 *    transaction: a step that begins with it runs it first, and the rest of
 *    the step with the record.  Broken off, it leaves an index that is not
 *    valid, which goes before the next try.
 * 3. It also waits for every statement that is older than itself.  One that
 *    waited for our lock would be waited for, in a circle: so the lock is
 *    asked for again and again.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "run/migrate_db.h"
#include "store/pg_sql.h"

/* Of PostgreSQL's advisory locks ours is "otd\0mig\1": nobody else's. */
#define LOCK_SQL "SELECT pg_catalog.pg_try_advisory_lock(8031153988506838785)"
#define UNLOCK_SQL "SELECT pg_catalog.pg_advisory_unlock(8031153988506838785)"
#define LOCK_POLL_MS	200

#define LOCK_TIMEOUT	"3s"	/* of one try */
#define LOCK_TRIES	10
#define LOCK_PAUSE_MS	300	/* between them */

/* The step that brought meta.serves_from; later ones may lower it. */
#define SERVES_SINCE	5

/* How a step begins that builds its index while others write. */
#define CONCURRENTLY	"CREATE INDEX CONCURRENTLY IF NOT EXISTS "

struct pg {
	struct migrate_db	 base;
	PGconn			*conn;
	bool			 locked_out;	/* the latest query was, by lock_timeout */
	bool			 is_pooled;	/* through a pooler: the session is not ours */
};

static void
nap(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The first line of a libpq message. */
static void
first_line(char *to, size_t len, const char *message)
{
	snprintf(to, len, "%s", message);
	to[strcspn(to, "\n")] = '\0';
}

/* The result of sql, which must have this status; NULL with base.why. */
static PGresult *
pg_query(struct pg *p, const char *sql, int n, const char *const *values,
    ExecStatusType wanted)
{
	const char *state;
	PGresult *res;

	/* Without parameters a text of many statements is allowed. */
	res = n > 0 ?
	    PQexecParams(p->conn, sql, n, NULL, values, NULL, NULL, 0) :
	    PQexec(p->conn, sql);
	if (PQresultStatus(res) == wanted)
		return res;
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	p->locked_out = state != NULL && strcmp(state, "55P03") == 0;
	first_line(p->base.why, sizeof(p->base.why), PQerrorMessage(p->conn));
	PQclear(res);
	return NULL;
}

static int
pg_exec(struct pg *p, const char *sql, int n, const char *const *values)
{
	PGresult *res = pg_query(p, sql, n, values, PGRES_COMMAND_OK);

	PQclear(res);
	return res != NULL ? 0 : -1;
}

/* The same of a query, whose rows nobody wants. */
static int
pg_call(struct pg *p, const char *sql)
{
	PGresult *res = pg_query(p, sql, 0, NULL, PGRES_TUPLES_OK);

	PQclear(res);
	return res != NULL ? 0 : -1;
}

/* What a query of one cell says: 1 true, 0 false, -1. */
static int
pg_ask(struct pg *p, const char *sql)
{
	PGresult *res = pg_query(p, sql, 0, NULL, PGRES_TUPLES_OK);
	int answer = res == NULL ? -1 : PQgetvalue(res, 0, 0)[0] == 't';

	PQclear(res);
	return answer;
}

static int
pg_lock(struct migrate_db *db)
{
	int got;

	if (((struct pg *)db)->is_pooled) {
		snprintf(db->why, sizeof(db->why), "a pooler is between, and "
		    "the lock for it is a session's; give the address of "
		    "PostgreSQL itself");
		return -1;
	}
	while ((got = pg_ask((struct pg *)db, LOCK_SQL)) == 0)
		nap(LOCK_POLL_MS);
	return got == 1 ? 0 : -1;
}

static int
pg_unlock(struct migrate_db *db, bool keep)
{
	/* Steps keep or undo themselves; the lock ends with us anyway. */
	(void)keep;
	PQclear(PQexec(((struct pg *)db)->conn, UNLOCK_SQL));
	return 0;
}

static int
pg_look(struct migrate_db *db)
{
	struct pg *p = (struct pg *)db;
	PGresult *res;
	int i;

	res = pg_query(p, "SELECT pg_catalog.to_regnamespace('otd') IS NULL,"
	    " pg_catalog.to_regclass('otd.migration') IS NULL", 0, NULL,
	    PGRES_TUPLES_OK);
	if (res == NULL)
		return -1;
	if (PQgetvalue(res, 0, 0)[0] == 't')
		db->found = MIGRATE_EMPTY;
	else if (PQgetvalue(res, 0, 1)[0] == 't')
		db->found = MIGRATE_FOREIGN;
	else
		db->found = MIGRATE_OURS;
	PQclear(res);
	if (db->found != MIGRATE_OURS)
		return 0;

	res = pg_query(p, "SELECT number, name, checksum,"
	    " pg_catalog.to_char(applied_at AT TIME ZONE 'UTC',"
	    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
	    " FROM otd.migration ORDER BY number", 0, NULL, PGRES_TUPLES_OK);
	if (res == NULL)
		return -1;
	for (i = 0; i < PQntuples(res); i++)
		migrate_db_record(db,
		    strtoll(PQgetvalue(res, i, 0), NULL, 10),
		    PQgetvalue(res, i, 1), PQgetvalue(res, i, 2),
		    PQgetvalue(res, i, 3));
	PQclear(res);

	/* Schemas before have no such column. */
	res = pg_query(p, "SELECT pg_catalog.to_jsonb(m) ->> 'serves_from'"
	    " FROM otd.meta AS m", 0, NULL, PGRES_TUPLES_OK);
	if (res == NULL)
		return -1;
	db->serves_from = PQntuples(res) == 1 ?
	    (int)strtol(PQgetvalue(res, 0, 0), NULL, 10) : 0;
	PQclear(res);
	return 0;
}

/* ---- steps ---- */

/* Where its first statement ends, which must be at the end of a line. */
static const char *
statement_end(const char *sql)
{
	const char *end = strstr(sql, ";\n");

	return end != NULL ? end + 2 : sql + strlen(sql);
}

/* The first thing in sql that is no comment. */
static const char *
statement_first(const char *sql)
{
	while (*sql == '\n' || strncmp(sql, "--", 2) == 0) {
		sql += strcspn(sql, "\n");
		sql += *sql == '\n';
	}
	return sql;
}

/* How the index of a step is built; NULL when it builds none this way. */
static const char *
step_index(const struct migration *m)
{
	const char *sql = statement_first(m->sql);

	return strncmp(sql, CONCURRENTLY, strlen(CONCURRENTLY)) == 0 ?
	    sql : NULL;
}

/*
 * What steps make belongs to whom the schema belongs to, whoever of its
 * members runs them.  is_local: until the transaction ends.
 */
static int
become_owner(struct pg *p, bool is_local)
{
	char sql[300];

	snprintf(sql, sizeof(sql), "SELECT pg_catalog.set_config('role',"
	    " pg_catalog.pg_get_userbyid(nspowner), %s)"
	    " FROM pg_catalog.pg_namespace WHERE nspname = 'otd'"
	    " AND pg_catalog.pg_has_role(nspowner, 'MEMBER')",
	    is_local ? "true" : "false");
	return pg_call(p, sql);
}

static int
index_build(struct pg *p, const char *sql)
{
	const char *name = sql + strlen(CONCURRENTLY);
	char drop[200], *statement;
	int left, rc;

	/* By its name; it is in the schema of its table. */
	snprintf(drop, sizeof(drop), "SELECT EXISTS (SELECT FROM"
	    " pg_catalog.pg_index WHERE NOT indisvalid AND indexrelid ="
	    " pg_catalog.to_regclass('otd.%.*s'))", (int)strcspn(name, " \n"),
	    name);
	if ((left = pg_ask(p, drop)) < 0)
		return -1;
	snprintf(drop, sizeof(drop), "DROP INDEX CONCURRENTLY otd.%.*s",
	    (int)strcspn(name, " \n"), name);
	statement = mem_copy(sql, (size_t)(statement_end(sql) - sql));
	/* Nobody waits behind these two: they may take their time. */
	rc = become_owner(p, false) == 0 &&
	    pg_exec(p, "SET lock_timeout = 0", 0, NULL) == 0 &&
	    (left == 0 || pg_exec(p, drop, 0, NULL) == 0) &&
	    pg_exec(p, statement, 0, NULL) == 0 ? 0 : -1;
	PQclear(PQexec(p->conn, "RESET lock_timeout; RESET role"));
	free(statement);
	return rc;
}

/* New tables are for the same people as the old ones. */
static int
grant(struct pg *p)
{
	int can = pg_ask(p, "SELECT pg_catalog.to_regprocedure("
	    "'otd.grant_roles()') IS NOT NULL");

	return can == 1 ? pg_call(p, "SELECT otd.grant_roles()") : can;
}

/* What of the step is one transaction, and the record of it. */
static int
step_run(struct pg *p, const struct migration *m, const char *sql,
    const char *checksum)
{
	char number[16];
	const char *const record[] = { number, m->name, checksum };

	snprintf(number, sizeof(number), "%d", m->number);
	if (pg_exec(p, "BEGIN", 0, NULL) != 0)
		return -1;
	if (pg_call(p, "SELECT pg_catalog.set_config('lock_timeout', '"
	    LOCK_TIMEOUT "', true)"
	    " WHERE pg_catalog.current_setting('lock_timeout') = '0'") == 0 &&
	    become_owner(p, true) == 0 &&
	    (m->number <= SERVES_SINCE || pg_exec(p, "UPDATE otd.meta"
	    " SET serves_from = $1", 1, record) == 0) &&
	    (*sql == '\0' || pg_exec(p, sql, 0, NULL) == 0) &&
	    grant(p) == 0 &&
	    pg_exec(p, "INSERT INTO otd.migration (number, name, checksum)"
	    " VALUES ($1, $2, $3)", 3, record) == 0 &&
	    pg_exec(p, "UPDATE otd.meta SET schema_version = $1", 1,
	    record) == 0 &&
	    pg_exec(p, "COMMIT", 0, NULL) == 0)
		return 0;
	PQclear(PQexec(p->conn, "ROLLBACK"));
	return -1;
}

static int
pg_apply(struct migrate_db *db, const struct migration *m,
    const char *checksum)
{
	struct pg *p = (struct pg *)db;
	const char *index = step_index(m), *sql = m->sql;
	int i;

	if (index != NULL) {
		if (index_build(p, index) != 0)
			return -1;
		sql = statement_end(index);
	}
	for (i = 1; step_run(p, m, statement_first(sql), checksum) != 0; i++) {
		if (!p->locked_out)
			return -1;
		if (i == LOCK_TRIES) {
			snprintf(db->why, sizeof(db->why), "a lock that "
			    "%04d_%s wants was not to be had, in %d tries; "
			    "nothing was changed; see what holds it in "
			    "pg_locks, or try when less is going on",
			    m->number, m->name, LOCK_TRIES);
			return -1;
		}
		nap(LOCK_PAUSE_MS);
	}
	return 0;
}

static int
pg_secret(struct migrate_db *db, char out[SECRET_TEXT])
{
	PGresult *res = pg_query((struct pg *)db, "SELECT value"
	    " FROM otd.secret", 0, NULL, PGRES_TUPLES_OK);
	int rc = res != NULL && PQntuples(res) == 1 ? 0 : -1;

	if (rc == 0)
		snprintf(out, SECRET_TEXT, "%s", PQgetvalue(res, 0, 0));
	else if (res != NULL)
		snprintf(db->why, sizeof(db->why), "there is none");
	PQclear(res);
	return rc;
}

static int
pg_epoch(struct migrate_db *db, bool begin, char out[EPOCH_TEXT])
{
	PGresult *res = pg_query((struct pg *)db, begin ?
	    "SELECT otd.restored()" : "SELECT epoch FROM otd.meta", 0, NULL,
	    PGRES_TUPLES_OK);
	int rc = res != NULL && PQntuples(res) == 1 ? 0 : -1;

	if (rc == 0)
		snprintf(out, EPOCH_TEXT, "%s", PQgetvalue(res, 0, 0));
	else if (res != NULL)
		snprintf(db->why, sizeof(db->why), "there is none");
	PQclear(res);
	return rc;
}

static void
pg_close(struct migrate_db *db)
{
	struct pg *p = (struct pg *)db;

	PQfinish(p->conn);
	free(p);
}

static const struct migrate_db_ops pg_ops = {
	"postgresql", pg_lock, pg_look, pg_apply, pg_unlock, pg_secret,
	pg_epoch, pg_close
};

static void
notice_ignore(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* Of several hosts the one that may be written to; not for ever. */
static PGconn *
pg_connect(const char *url)
{
	static const char *const keywords[] = {
		"target_session_attrs", "connect_timeout",
		"fallback_application_name", "dbname", NULL
	};
	/* What the URL says comes later and wins. */
	const char *const values[] = {
		"read-write", "10", "otd migrate", url, NULL
	};

	return PQconnectdbParams(keywords, values, 1);
}

/* Not through a pooler: see pg_greet in store/pg.c. */
static bool
is_answered_by(struct pg *p, int pid)
{
	PGresult *res = PQexec(p->conn, PG_SQL_WHO);
	bool is_it = PQresultStatus(res) == PGRES_TUPLES_OK &&
	    (int)strtol(PQgetvalue(res, 0, 0), NULL, 10) == pid;

	PQclear(res);
	return is_it;
}

struct migrate_db *
migrate_pg_open(const char *url, char *why, size_t why_len)
{
	struct pg *p;
	const char *encoding;
	PGconn *conn;

	conn = pg_connect(url);
	if (PQstatus(conn) != CONNECTION_OK) {
		first_line(why, why_len, PQerrorMessage(conn));
		PQfinish(conn);
		return NULL;
	}
	encoding = PQparameterStatus(conn, "server_encoding");
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
		snprintf(why, why_len, "the database is encoded in %s; otd "
		    "needs one in UTF8", encoding != NULL ? encoding : "?");
		PQfinish(conn);
		return NULL;
	}
	PQsetNoticeReceiver(conn, notice_ignore, NULL);
	PQsetClientEncoding(conn, "UTF8");
	p = mem_get(sizeof(*p));
	p->base.ops = &pg_ops;
	p->conn = conn;
	p->is_pooled = !is_answered_by(p, PQbackendPID(conn));
	/* What we write must not depend on whose search_path it meets. */
	if (!p->is_pooled)
		PQclear(PQexec(conn, "SET search_path = ''"));
	return &p->base;
}
