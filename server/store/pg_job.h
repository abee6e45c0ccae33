/*
 * pg_job: jobs as statements, and results as answers.  Commits: pg_commit.h.
 */
#ifndef STORE_PG_JOB_H
#define STORE_PG_JOB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"
#include "store/pg_request.h"

/*
 * Make requests; each wants pg_request_done.  False: too large for one
 * statement.
 */

/* Of some loads at once. */
bool	pg_request_loads(struct pg_request *r, struct job *const *jobs,
	    size_t n);
/* Of any other job that is no commit. */
bool	pg_request_make(struct pg_request *r, const struct job *job);

/* Fill in answers from a good result. */
void	pg_answer_loads(struct job *const *jobs, size_t n,
	    const PGresult *res);
/* Of a job that is neither commit nor load. */
void	pg_answer(struct job *job, const PGresult *res);

#endif
