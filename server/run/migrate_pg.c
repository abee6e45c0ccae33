#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/migrate_db.h"

/* Of PostgreSQL's advisory locks ours is "otd\0mig\1": nobody else's. */
#define LOCK_SQL "SELECT pg_catalog.pg_advisory_lock(8031153988506838785)"
#define UNLOCK_SQL "SELECT pg_catalog.pg_advisory_unlock(8031153988506838785)"

struct pg {
	struct migrate_db	 base;
	PGconn			*conn;
};

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
	PGresult *res;

	/* Without parameters a text of many statements is allowed. */
	res = n > 0 ?
	    PQexecParams(p->conn, sql, n, NULL, values, NULL, NULL, 0) :
	    PQexec(p->conn, sql);
	if (PQresultStatus(res) == wanted)
		return res;
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

static int
pg_lock(struct migrate_db *db)
{
	PGresult *res = pg_query((struct pg *)db, LOCK_SQL, 0, NULL,
	    PGRES_TUPLES_OK);

	PQclear(res);
	return res != NULL ? 0 : -1;
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
		    (int)strtol(PQgetvalue(res, i, 0), NULL, 10),
		    PQgetvalue(res, i, 1), PQgetvalue(res, i, 2),
		    PQgetvalue(res, i, 3));
	PQclear(res);
	return 0;
}

static int
pg_apply(struct migrate_db *db, const struct migration *m,
    const char *checksum)
{
	struct pg *p = (struct pg *)db;
	char number[16];
	const char *const record[] = { number, m->name, checksum };

	snprintf(number, sizeof(number), "%d", m->number);
	if (pg_exec(p, "BEGIN", 0, NULL) != 0)
		return -1;
	if (pg_exec(p, m->sql, 0, NULL) == 0 &&
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

static void
pg_close(struct migrate_db *db)
{
	struct pg *p = (struct pg *)db;

	PQfinish(p->conn);
	free(p);
}

static const struct migrate_db_ops pg_ops = {
	"postgresql", pg_lock, pg_look, pg_apply, pg_unlock, pg_secret,
	pg_close
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
	/* What we write must not depend on whose search_path it meets. */
	PQclear(PQexec(conn, "SET search_path = ''"));
	p = mem_get(sizeof(*p));
	p->base.ops = &pg_ops;
	p->conn = conn;
	return &p->base;
}
