/*
 * commit: staged ops of many documents, one transaction.
 *
 * There is no timer: while the store is busy ops gather in their documents,
 * when it is free they go together.
 */
#ifndef CORE_COMMIT_H
#define CORE_COMMIT_H

#include "core/job.h"

struct hub;

/* The next batch, or NULL: nothing to commit, or enough under way. */
struct job	*commit_gather(struct hub *h);
/* Hand the verdicts to the documents.  The job stays the caller's. */
void		 commit_settle(struct hub *h, struct job *job);

#endif
