/*
 * store: the truth, behind one small interface.
 *
 * Two of them: PostgreSQL (pg_store) and an embedded SQLite (lite_store).
 * A store takes jobs and ends each of them exactly once, on its done list;
 * it calls nobody.  What a job means is in core/job.h; both stores pass the
 * one suite in tests/store.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/breaker.h"
#include "core/job.h"

struct loop;
struct store;

/* What an operator wants to know; for readyz and metrics. */
struct store_health {
	bool		up;		/* jobs are being answered */
	bool		away;		/* not, and for so long that commits are refused */
	unsigned	in_flight;	/* jobs started and not done */
	unsigned long	reconnects;	/* connections lost so far */
	struct breaker_counts breaker;	/* before new connections to it */
};

struct store_ops {
	const char *name;
	/*
	 * Take the job over, at any time; it ends on the done list.  How many
	 * commits are under way at once is the hub's matter.
	 */
	void	(*start)(struct store *, struct job *);
	void	(*health)(const struct store *, struct store_health *);
	/* Jobs not done are dropped (freed).  Frees the store. */
	void	(*close)(struct store *);
};

struct store {
	const struct store_ops	*ops;
	struct list		 done;	/* jobs, in the order they ended */
};

/*
 * Open by URL: "sqlite:PATH" or "postgres://..." (any libpq URI, several
 * hosts too).  The schema must be in place (run/migrate).  NULL, with the
 * reason in why, when the URL cannot work at all; a database that is away
 * for now is not a reason: the store keeps trying.
 */
struct store	*store_open(const char *url, struct loop *loop, char *why,
		    size_t why_len);
/*
 * The same for JOB_ROWS, JOB_HISTORY and JOB_COMPACT alone: next to a server,
 * though the store be embedded and serve one process.
 */
struct store	*store_open_beside(const char *url, struct loop *loop,
		    char *why, size_t why_len);
/*
 * Documents were erased: write an embedded store's file anew, so that nothing
 * of them stays in it; nobody may serve it.  Of other databases it is for
 * their administrators.  0; -1 with the reason in why.
 */
int		 store_scrub(const char *url, char *why, size_t why_len);
/* The next job that ended, with err and answer filled in; NULL if none. */
struct job	*store_next_done(struct store *s);

#endif
