#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "run/migrate_db.h"

struct lite {
	struct migrate_db	 base;
	sqlite3			*sq;	/* NULL: the file is not there */
};

static int
lite_fail(struct migrate_db *db, const char *what)
{
	struct lite *l = (struct lite *)db;

	snprintf(db->why, sizeof(db->why), "%s: %s", what,
	    sqlite3_errmsg(l->sq));
	return -1;
}

static int
lite_exec(struct migrate_db *db, const char *sql)
{
	struct lite *l = (struct lite *)db;

	if (sqlite3_exec(l->sq, sql, NULL, NULL, NULL) != SQLITE_OK)
		return lite_fail(db, "could not write the database");
	return 0;
}

static int
lite_lock(struct migrate_db *db)
{
	return lite_exec(db, "BEGIN IMMEDIATE");
}

static int
lite_unlock(struct migrate_db *db, bool keep)
{
	struct lite *l = (struct lite *)db;

	if (keep)
		return lite_exec(db, "COMMIT");
	/* The reason of the failure before is the one to tell. */
	sqlite3_exec(l->sq, "ROLLBACK", NULL, NULL, NULL);
	return 0;
}

static int
lite_look(struct migrate_db *db)
{
	struct lite *l = (struct lite *)db;
	sqlite3_stmt *st = NULL;
	int rc;

	db->found = MIGRATE_EMPTY;
	if (l->sq == NULL)
		return 0;
	if (sqlite3_prepare_v2(l->sq, "SELECT max(name = 'migration') "
	    "FROM sqlite_master WHERE type = 'table'", -1, &st, NULL) !=
	    SQLITE_OK || sqlite3_step(st) != SQLITE_ROW)
		goto fail;
	if (sqlite3_column_type(st, 0) != SQLITE_NULL)
		db->found = sqlite3_column_int(st, 0) ?
		    MIGRATE_OURS : MIGRATE_FOREIGN;
	sqlite3_finalize(st);
	st = NULL;
	if (db->found != MIGRATE_OURS)
		return 0;
	if (sqlite3_prepare_v2(l->sq, "SELECT number, name, checksum, "
	    "strftime('%Y-%m-%dT%H:%M:%SZ', applied_at / 1000, 'unixepoch') "
	    "FROM migration ORDER BY number", -1, &st, NULL) != SQLITE_OK)
		goto fail;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		migrate_db_record(db, sqlite3_column_int64(st, 0),
		    (const char *)sqlite3_column_text(st, 1),
		    (const char *)sqlite3_column_text(st, 2),
		    (const char *)sqlite3_column_text(st, 3));
	if (rc != SQLITE_DONE)
		goto fail;
	sqlite3_finalize(st);
	return 0;

fail:
	lite_fail(db, "could not read the schema");
	sqlite3_finalize(st);
	return -1;
}

static int
lite_apply(struct migrate_db *db, const struct migration *m,
    const char *checksum)
{
	char *sql;
	int rc;

	if (lite_exec(db, m->sql) != 0)
		return -1;
	sql = sqlite3_mprintf("INSERT INTO migration (number, name, checksum, "
	    "applied_at) VALUES (%d, %Q, %Q, "
	    "CAST(strftime('%%s', 'now') AS INTEGER) * 1000);"
	    "UPDATE meta SET schema_version = %d", m->number, m->name,
	    checksum, m->number);
	if (sql == NULL)
		return lite_fail(db, "could not record the migration");
	rc = lite_exec(db, sql);
	sqlite3_free(sql);
	return rc;
}

/* The one cell of a query. */
static int
lite_cell(struct migrate_db *db, const char *sql, char *out, size_t len)
{
	struct lite *l = (struct lite *)db;
	sqlite3_stmt *st = NULL;
	int rc;

	if (l->sq == NULL) {
		snprintf(db->why, sizeof(db->why), "the file is not there");
		return -1;
	}
	if (sqlite3_prepare_v2(l->sq, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		rc = lite_fail(db, "there is none");
	} else {
		snprintf(out, len, "%s",
		    (const char *)sqlite3_column_text(st, 0));
		rc = 0;
	}
	sqlite3_finalize(st);
	return rc;
}

static int
lite_secret(struct migrate_db *db, char out[SECRET_TEXT])
{
	return lite_cell(db, "SELECT value FROM secret", out, SECRET_TEXT);
}

static int
lite_epoch(struct migrate_db *db, bool begin, char out[EPOCH_TEXT])
{
	if (begin && lite_exec(db, "UPDATE meta SET epoch ="
	    " lower(hex(randomblob(16)))") != 0)
		return -1;
	return lite_cell(db, "SELECT epoch FROM meta", out, EPOCH_TEXT);
}

static void
lite_close(struct migrate_db *db)
{
	struct lite *l = (struct lite *)db;

	sqlite3_close(l->sq);
	free(l);
}

static const struct migrate_db_ops lite_ops = {
	"sqlite", lite_lock, lite_look, lite_apply, lite_unlock,
	lite_secret, lite_epoch, lite_close
};

/* Make the folders on the way to path, as mkdir -p does. */
static int
folders_make(const char *path)
{
	char *copy = mem_copy(path, strlen(path));
	char *p;
	int rc = 0;

	for (p = copy + 1; rc == 0 && (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(copy, 0750) != 0 && errno != EEXIST)
			rc = -1;
		*p = '/';
	}
	free(copy);
	return rc;
}

struct migrate_db *
migrate_lite_open(const char *path, bool create, char *why, size_t why_len)
{
	struct lite *l;
	struct stat sb;
	sqlite3 *sq = NULL;

	if (path[0] == '\0' || strcmp(path, ":memory:") == 0) {
		snprintf(why, why_len, "sqlite: wants the path of a file");
		return NULL;
	}
	if (create && folders_make(path) != 0) {
		snprintf(why, why_len, "could not make the folder of \"%s\": %s",
		    path, strerror(errno));
		return NULL;
	}
	if (create || stat(path, &sb) == 0) {
		if (sqlite3_open_v2(path, &sq, create ? SQLITE_OPEN_READWRITE |
		    SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY, NULL) !=
		    SQLITE_OK) {
			snprintf(why, why_len, "could not open \"%s\": %s",
			    path, sqlite3_errmsg(sq));
			sqlite3_close(sq);
			return NULL;
		}
		sqlite3_busy_timeout(sq, 10000);
	}
	l = mem_get(sizeof(*l));
	l->base.ops = &lite_ops;
	l->sq = sq;
	return &l->base;
}
