/*
 * migrate: bring a database to the schema that this program knows.
 *
 * Blocking, before there is a loop.  Steps are plain SQL, forward only,
 * numbered; each is recorded with the SHA-256 of its file, and a database
 * whose record does not fit what is embedded here is left alone.  Several
 * processes may start at once on an empty database: one applies, the others
 * wait and find it done (an advisory lock in PostgreSQL, an IMMEDIATE
 * transaction in SQLite).
 *
 * A URL is what --store takes: "sqlite:PATH" or any libpq URI.
 */
#ifndef RUN_MIGRATE_H
#define RUN_MIGRATE_H

#include <stddef.h>
#include <stdio.h>

#include "run/secret.h"

#define EPOCH_TEXT	48		/* of an epoch, with the NUL */

/*
 * For "otd migrate status|plan|up|restored": tell people on out.  0; or 1 after
 * having said on out why not.  status and plan change nothing; plan prints the
 * SQL that up would run; restored says that the database comes from a backup.
 */
int	migrate_status(const char *url, FILE *out);
int	migrate_plan(const char *url, FILE *out);
int	migrate_up(const char *url, FILE *out);
int	migrate_restored(const char *url, FILE *out);

/*
 * For "otd serve": 0 when the schema is the one we know, applying it first to
 * a database without any.  -1, with one sentence in why that says what to do,
 * when the schema is older, newer, changed or not ours, when there is no
 * right to create it, or when the database cannot be reached.
 */
int	migrate_prepare(const char *url, char *why, size_t why_len);

/*
 * The secret that is the database's, and so the same for all nodes: see
 * secret.h.  0; -1 with the reason in why.
 */
int	migrate_secret(const char *url, char out[SECRET_TEXT], char *why,
	    size_t why_len);

/*
 * The epoch of the database, letters, digits and hyphens: another one after it
 * was restored from a backup, so that who knew it before knows that what came
 * after the backup never was.  0; -1 with the reason in why.
 */
int	migrate_epoch(const char *url, char out[EPOCH_TEXT], char *why,
	    size_t why_len);

#endif
