#include "run/migrate.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/migrate_db.h"

/* How a database stands to what is embedded here. */
enum standing { STANDS_EMPTY, STANDS_OLDER, STANDS_RIGHT, STANDS_WRONG };

static void
checksum_of(const char *sql, char out[CHECKSUM_LEN + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int i, len;

	if (EVP_Digest(sql, strlen(sql), sum, &len, EVP_sha256(), NULL) != 1 ||
	    len * 2 != CHECKSUM_LEN)
		bug("libcrypto has no SHA-256");
	for (i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

static const struct migration *
migration_find(const char *dialect, int number)
{
	const struct migration *m;

	for (m = migrations; m->dialect != NULL; m++)
		if (strcmp(m->dialect, dialect) == 0 && m->number == number)
			return m;
	return NULL;
}

/* It is shown on terminals, and in one line of a log. */
static void
text_copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text != NULL ? text : "");
	for (; *to != '\0'; to++)
		if (iscntrl((unsigned char)*to))
			*to = '?';
}

void
migrate_db_record(struct migrate_db *db, long long number, const char *name,
    const char *checksum, const char *applied_at)
{
	struct migrate_record *r;

	db->records = mem_grow(db->records, (size_t)db->n_records + 1,
	    sizeof(*r));
	r = &db->records[db->n_records++];
	r->number = number > 0 && number <= INT_MAX ? (int)number : 0;
	text_copy(r->name, sizeof(r->name), name);
	text_copy(r->checksum, sizeof(r->checksum), checksum);
	text_copy(r->applied_at, sizeof(r->applied_at), applied_at);
}

static struct migrate_db *
db_open(const char *url, bool create, char *why, size_t why_len)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return migrate_lite_open(url + 7, create, why, why_len);
	if (strncmp(url, "postgres://", 11) == 0 ||
	    strncmp(url, "postgresql://", 13) == 0)
		return migrate_pg_open(url, why, why_len);
	snprintf(why, why_len, "a store is sqlite:PATH or postgres://...");
	return NULL;
}

static void
db_close(struct migrate_db *db)
{
	if (db == NULL)
		return;
	free(db->records);
	db->records = NULL;
	db->ops->close(db);
}

static int
db_look(struct migrate_db *db)
{
	free(db->records);
	db->records = NULL;
	db->n_records = 0;
	return db->ops->look(db);
}

/*
 * The record must be a beginning of what we know, checksums included; or go on
 * from all that we know, to what the database says we can serve: so nodes are
 * renewed one after the other, and an old one may start again meanwhile.
 */
static enum standing
db_judge(struct migrate_db *db)
{
	const char *dialect = db->ops->dialect;
	char sum[CHECKSUM_LEN + 1];
	int i;

	if (db->found == MIGRATE_EMPTY)
		return STANDS_EMPTY;
	if (db->found == MIGRATE_FOREIGN) {
		snprintf(db->why, sizeof(db->why), "the database holds tables "
		    "that otd did not make; give otd a database of its own");
		return STANDS_WRONG;
	}
	for (i = 0; i < db->n_records; i++) {
		const struct migrate_record *r = &db->records[i];
		const struct migration *m = migration_find(dialect, i + 1);

		if (m == NULL && db->serves_from > 0 && db->serves_from <= i)
			return STANDS_RIGHT;
		if (m == NULL) {
			snprintf(db->why, sizeof(db->why), "the database has "
			    "schema %d, this otd knows schemas up to %d; use a "
			    "newer otd", db->records[db->n_records - 1].number, i);
			return STANDS_WRONG;
		}
		if (r->number != i + 1) {
			snprintf(db->why, sizeof(db->why), "the database does "
			    "not record migration %04d but a later one; restore "
			    "its table of migrations", i + 1);
			return STANDS_WRONG;
		}
		checksum_of(m->sql, sum);
		if (strcmp(r->checksum, sum) != 0) {
			snprintf(db->why, sizeof(db->why), "migration %04d_%s "
			    "was applied with checksum %.12s..., this otd has "
			    "%.12s...; it is another otd's database",
			    r->number, r->name, r->checksum, sum);
			return STANDS_WRONG;
		}
	}
	return migration_find(dialect, db->n_records + 1) != NULL ?
	    STANDS_OLDER : STANDS_RIGHT;
}

/* Apply what is missing; -1 with db->why. */
static int
db_up(struct migrate_db *db, FILE *out)
{
	const struct migration *m;
	char sum[CHECKSUM_LEN + 1];
	int n = 0;

	if (db->ops->lock(db) != 0)
		return -1;
	/* Look again: another process may have been quicker. */
	if (db_look(db) != 0 || db_judge(db) == STANDS_WRONG)
		goto fail;
	while ((m = migration_find(db->ops->dialect, db->n_records + n + 1)) !=
	    NULL) {
		checksum_of(m->sql, sum);
		if (db->ops->apply(db, m, sum) != 0)
			goto fail;
		if (out != NULL)
			fprintf(out, "applied %04d_%s\n", m->number, m->name);
		n++;
	}
	if (out != NULL && n == 0)
		fprintf(out, "nothing to do, the schema is %d\n",
		    db->n_records);
	return db->ops->unlock(db, true);

fail:
	db->ops->unlock(db, false);
	return -1;
}

/*
 * How it stands once nobody is at it: a schema that is older for now may be
 * one that another process is making, a migration at a time.
 */
static enum standing
db_judge_settled(struct migrate_db *db)
{
	enum standing st = db_judge(db);

	if (st != STANDS_OLDER || db->ops->lock(db) != 0)
		return st;
	if (db_look(db) == 0)
		st = db_judge(db);
	db->ops->unlock(db, false);
	return st;
}

int
migrate_prepare(const char *url, char *why, size_t why_len)
{
	struct migrate_db *db;
	int rc = -1;

	if ((db = db_open(url, true, why, why_len)) == NULL)
		return -1;
	if (db_look(db) != 0) {
		snprintf(why, why_len, "%s", db->why);
		goto out;
	}
	switch (db_judge_settled(db)) {
	case STANDS_RIGHT:
		rc = 0;
		break;
	case STANDS_EMPTY:
		if ((rc = db_up(db, NULL)) != 0)
			snprintf(why, why_len, "the database has no schema, "
			    "and it could not be made: %s; as somebody who "
			    "may, run: otd migrate up --store URL", db->why);
		break;
	case STANDS_OLDER:
		snprintf(why, why_len, "the database has schema %d, this otd "
		    "wants a later one; run: otd migrate up --store URL",
		    db->n_records);
		break;
	case STANDS_WRONG:
		snprintf(why, why_len, "%s", db->why);
		break;
	}
out:
	db_close(db);
	return rc;
}

int
migrate_secret(const char *url, char out[SECRET_TEXT], char *why,
    size_t why_len)
{
	struct migrate_db *db;
	int rc;

	if ((db = db_open(url, false, why, why_len)) == NULL)
		return -1;
	if ((rc = db->ops->secret(db, out)) != 0)
		snprintf(why, why_len, "could not read the secret of the "
		    "database: %s", db->why);
	db_close(db);
	return rc;
}

int
migrate_epoch(const char *url, char out[EPOCH_TEXT], char *why,
    size_t why_len)
{
	struct migrate_db *db;
	int rc;

	if ((db = db_open(url, false, why, why_len)) == NULL)
		return -1;
	if ((rc = db->ops->epoch(db, false, out)) != 0)
		snprintf(why, why_len, "could not read the epoch of the "
		    "database: %s", db->why);
	db_close(db);
	return rc;
}

/* Open and judge for the subcommands; NULL after having said why. */
static struct migrate_db *
db_open_told(const char *url, bool create, FILE *out, enum standing *st_out)
{
	char why[512];
	struct migrate_db *db;

	if ((db = db_open(url, create, why, sizeof(why))) == NULL) {
		fprintf(out, "%s\n", why);
		return NULL;
	}
	if (db_look(db) == 0) {
		*st_out = db_judge(db);
		if (*st_out != STANDS_WRONG)
			return db;
	}
	fprintf(out, "%s\n", db->why);
	db_close(db);
	return NULL;
}

int
migrate_status(const char *url, FILE *out)
{
	struct migrate_db *db;
	const struct migration *m;
	enum standing st;
	int i;

	if ((db = db_open_told(url, false, out, &st)) == NULL)
		return 1;
	for (i = 0; i < db->n_records; i++)
		fprintf(out, "%04d_%s applied %s\n", db->records[i].number,
		    db->records[i].name, db->records[i].applied_at);
	for (i = db->n_records + 1;
	    (m = migration_find(db->ops->dialect, i)) != NULL; i++)
		fprintf(out, "%04d_%s pending\n", m->number, m->name);
	db_close(db);
	return 0;
}

int
migrate_plan(const char *url, FILE *out)
{
	struct migrate_db *db;
	const struct migration *m;
	enum standing st;
	int i;

	if ((db = db_open_told(url, false, out, &st)) == NULL)
		return 1;
	if (st == STANDS_RIGHT)
		fprintf(out, "-- nothing to do, the schema is %d\n",
		    db->n_records);
	for (i = db->n_records + 1;
	    (m = migration_find(db->ops->dialect, i)) != NULL; i++)
		fprintf(out, "-- %04d_%s\n%s", m->number, m->name, m->sql);
	db_close(db);
	return 0;
}

int
migrate_up(const char *url, FILE *out)
{
	struct migrate_db *db;
	enum standing st;
	int rc;

	if ((db = db_open_told(url, true, out, &st)) == NULL)
		return 1;
	if ((rc = db_up(db, out)) != 0)
		fprintf(out, "%s\n", db->why);
	db_close(db);
	return rc != 0;
}

int
migrate_restored(const char *url, FILE *out)
{
	char epoch[EPOCH_TEXT], why[512];
	struct migrate_db *db;
	enum standing st;
	int rc;

	/* Looked at first: what is not there must not be made. */
	if ((db = db_open_told(url, false, out, &st)) == NULL)
		return 1;
	if (st == STANDS_EMPTY)
		fprintf(out, "there is no database of otd\n");
	else if (st == STANDS_OLDER)
		fprintf(out, "the database has schema %d; run first: otd "
		    "migrate up --store URL\n", db->n_records);
	db_close(db);
	if (st != STANDS_RIGHT)
		return 1;
	if ((db = db_open(url, true, why, sizeof(why))) == NULL) {
		fprintf(out, "%s\n", why);
		return 1;
	}
	if ((rc = db->ops->epoch(db, true, epoch)) != 0)
		fprintf(out, "%s\n", db->why);
	else
		fprintf(out, "epoch %s begins: clients read anew what they "
		    "knew before\n", epoch);
	db_close(db);
	return rc != 0;
}
