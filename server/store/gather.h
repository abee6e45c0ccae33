/*
 * gather: what a find has found so far.
 *
 * A store gives it rows, in any order; it decides about each by the filter
 * itself, keeps those that can still be in the answer, and in the end puts
 * them in order.  So whatever a store's SQL narrows, both stores mean what
 * core/filter.h says.  Belongs to one thread.
 */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

struct gather;

/* For a JOB_FIND, which stays the caller's. */
struct gather	*gather_new(struct job_find *find);
void		 gather_free(struct gather *g);		/* NULL is fine */
/* Forget everything, to begin anew. */
void		 gather_clear(struct gather *g);

/* How many of the first in order can matter; SIZE_MAX: all. */
size_t		 gather_wants(const struct gather *g);
/*
 * If rows come in the order of their ids: no later one can be in the answer.
 */
bool		 gather_is_full(const struct gather *g);
/*
 * A document of the collection: all copied.  body NULL: undefined.  False:
 * gathering has failed, more rows do not help.
 */
bool		 gather_row(struct gather *g, const char *id, uint64_t v,
		    const char *type, const char *body, size_t len);
/* So many match beside the rows given; for a filter with $count only. */
void		 gather_count(struct gather *g, uint64_t n);
/* Fill in the answer; ERR_NONE or ERR_FIND_MANY, with find->why. */
enum err	 gather_end(struct gather *g);

#endif
