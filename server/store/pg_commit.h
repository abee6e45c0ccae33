/*
 * pg_commit: commits as statements, and results as verdicts.
 */
#ifndef STORE_PG_COMMIT_H
#define STORE_PG_COMMIT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"
#include "store/pg_request.h"

/* The parcels that a statement speaks of, in its order. */
struct pg_parcels {
	struct parcel	**p;		/* heap */
	size_t		  n;
};

/*
 * Make a request, which wants pg_request_done.  False: too large for one
 * statement.
 */

/* Of a commit; the parcels are filled in, sorted by name. */
bool	pg_request_commit(struct pg_request *r, struct job_commit *commit,
	    struct pg_parcels *parcels);
/* Of what these refused parcels missed. */
bool	pg_request_missed(struct pg_request *r,
	    const struct pg_parcels *parcels);

/*
 * Fill in verdicts from a good result of a commit.  Parcels whose answer is
 * whole are taken off; those left must be asked for with pg_request_missed,
 * whose result goes here too, with again true: then none is left.
 */
void	pg_answer_commit(struct pg_parcels *parcels, const PGresult *res,
	    bool again);

#endif
