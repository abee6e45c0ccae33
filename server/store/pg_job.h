/*
 * pg_job: jobs as statements, and results as answers.  Knows no connection.
 */
#ifndef STORE_PG_JOB_H
#define STORE_PG_JOB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"
#include "store/pg.h"
#include "store/pg_array.h"
#include "store/pg_sql.h"

/* A statement with its parameters; they borrow from the job. */
struct pg_request {
	unsigned	statement;	/* of pg_sql.h */
	struct pg_param	params[PG_PARAMS_MAX];
	int		n;
	char		numbers[PG_PARAMS_MAX][24];	/* for params */
	struct pg_array	arrays[PG_PARAMS_MAX];		/* for params */
	int		n_arrays;
};

/* The parcels that a statement speaks of, in its order. */
struct pg_parcels {
	struct parcel	**p;		/* heap */
	size_t		  n;
};

/*
 * Make requests; each wants pg_request_done.  False: too large for one
 * statement.
 */

/* Of a commit; the parcels are filled in, sorted by name. */
bool	pg_request_commit(struct pg_request *r, struct job_commit *commit,
	    struct pg_parcels *parcels);
/* Of what these refused parcels missed. */
bool	pg_request_missed(struct pg_request *r,
	    const struct pg_parcels *parcels);
/* Of some loads at once. */
bool	pg_request_loads(struct pg_request *r, struct job *const *jobs,
	    size_t n);
/* Of any other job. */
bool	pg_request_make(struct pg_request *r, const struct job *job);
void	pg_request_done(struct pg_request *r);

/* Fill in answers from a good result. */
void	pg_answer_loads(struct job *const *jobs, size_t n,
	    const PGresult *res);
/* Of a job that is neither commit nor load. */
void	pg_answer(struct job *job, const PGresult *res);
/*
 * Fill in verdicts from a good result of a commit.  Parcels whose answer is
 * whole are taken off; those left must be asked for with pg_request_missed,
 * whose result goes here too, with again true: then none is left.
 */
void	pg_answer_commit(struct pg_parcels *parcels, const PGresult *res,
	    bool again);

#endif
