/*
 * lite_db: jobs as statements on one SQLite connection.  Blocking; belongs to
 * one thread at a time.
 *
 * Write-ahead log, synchronous=FULL: a commit that returned has been flushed
 * to disk.  An edit writes its op and the narrow document row; the content
 * is written by JOB_CHECKPOINT alone.
 */
#ifndef STORE_LITE_DB_H
#define STORE_LITE_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"

struct lite_db;

/* NULL with the reason in why. */
struct lite_db	*lite_db_open(const char *path, char *why, size_t why_len);
void		 lite_db_close(struct lite_db *db);	/* NULL is fine */

/*
 * A write transaction: begin, run some jobs, commit.  Each returns what the
 * jobs in it are to end with if it fails; then roll back and nothing was
 * done, except that ERR_STORE_UNSURE of commit means that the flush failed,
 * and a crash now could still bring the transaction back.
 */
enum err	 lite_db_begin(struct lite_db *db);
enum err	 lite_db_commit(struct lite_db *db);
void		 lite_db_roll_back(struct lite_db *db);

/* Does the job change anything?  Then it wants a transaction around. */
bool		 lite_db_writes(const struct job *job);
/*
 * Do one job and fill in its answer, from the beginning when run again; reads
 * make a transaction of their own.  The answer of a write, and the job's own
 * error (ERR_ROWS_CLASH), hold only when the transaction is committed.
 */
enum err	 lite_db_run(struct lite_db *db, struct job *job);

/*
 * Write the file anew without what was deleted; nobody else has it open.  0;
 * or -1, and lite_db_trouble says why.
 */
int		 lite_db_vacuum(struct lite_db *db);

/* What went wrong last, for the log; borrowed until the next call. */
const char	*lite_db_trouble(struct lite_db *db);

#endif
