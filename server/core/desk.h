/*
 * desk: where those who stand beside the hub leave jobs for the store.
 *
 * auth and rest keep tables of their own.  They leave jobs here; the turn
 * carries them to the store, and calls job->settle when they are back.
 */
#ifndef CORE_DESK_H
#define CORE_DESK_H

#include "base/list.h"
#include "core/job.h"

struct desk {
	struct list	jobs;		/* struct job.node */
};

void		 desk_init(struct desk *d);
void		 desk_done(struct desk *d);	/* frees what was not taken */
/* Leave a job, which has a settle; taken over. */
void		 desk_ask(struct desk *d, struct job *job);
/* The next one; NULL if none. */
struct job	*desk_next(struct desk *d);

#endif
