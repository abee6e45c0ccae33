/*
 * finder: a thread that looks for documents, so that nothing waits for it.
 *
 * A find may read a whole collection: it has a connection of its own and a
 * thread that may block on it and decide about rows.  Finds wait in line for
 * one another; loads and commits never wait for a find.
 */
#ifndef STORE_FINDER_H
#define STORE_FINDER_H

#include <stdbool.h>

#include "core/job.h"

struct finder;
struct loop;

/* What finds and how; called in the finder's thread, but for free. */
struct finder_calls {
	/*
	 * Answer the JOB_FIND and set its err.  Gives up soon after
	 * finder_stopped, with whatever err.
	 */
	void	(*run)(void *arg, struct finder *f, struct job *job);
	/* The thread has ended. */
	void	(*free)(void *arg);
};

/* Called in the loop's thread for each job that ended. */
typedef void finder_ended(void *store, struct job *job);

struct finder	*finder_new(struct loop *loop,
		    const struct finder_calls *calls, void *arg,
		    finder_ended *ended, void *store);
/* Jobs not done are freed; waits for the thread. */
void		 finder_free(struct finder *f);		/* NULL is fine */
/* Take the job over; it ends by the call. */
void		 finder_start(struct finder *f, struct job *job);

/* ---- for run, in the thread ---- */

bool		 finder_stopped(const struct finder *f);
/* Readable once it is to stop: for poll. */
int		 finder_stop_fd(const struct finder *f);
/* A monotonic clock in milliseconds. */
uint64_t	 finder_now_ms(void);

#endif
