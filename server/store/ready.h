/*
 * ready: which collections have all their content written down for queries.
 *
 * Only commits of a process that has queries switched on for a collection
 * write content, so that documents from before lack it, until "otd doc index"
 * has been there.  The first find of a collection makes sure; what was found
 * complete stays so, since all processes have the same settings.
 */
#ifndef STORE_READY_H
#define STORE_READY_H

#include <stdbool.h>

#include "base/table.h"
#include "core/job.h"

struct ready {
	struct table	names;
};

void	ready_init(struct ready *r);
void	ready_done(struct ready *r);
bool	ready_has(const struct ready *r, const char *collection);
/* It is not in it. */
void	ready_add(struct ready *r, const char *collection);

/* Fill in why a find has failed. */
void	find_is_unready(struct job_find *find);
void	find_is_slow(struct job_find *find);

#endif
