/*
 * pg_select: a find as one statement over otd.content.
 *
 * Rows are id, version, type and body; or null and a number, that of
 * documents that are counted without being shown.  They are at least those
 * that are in the answer, in any order.  Or they are ids alone, of documents
 * whose content is due (core/job.h).
 */
#ifndef STORE_PG_SELECT_H
#define STORE_PG_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/job.h"
#include "ot/buf.h"
#include "store/pg_filter.h"
#include "store/pg_order.h"

struct pg_select {
	struct buf	 sql;		/* NUL terminated */
	int		 n;		/* of values */
	const char	*values[3 + PG_FILTER_PARAMS_MAX + PG_ORDER_PARAMS_MAX];
	struct pg_filter where;
	struct pg_order	 order;		/* if is_ordered */
	bool		 is_ordered;	/* by SQL, where it can */
	struct buf	 ids;		/* a JSON list */
};

/*
 * wanted: how many of the first in order can matter.  What the find points to
 * must live as long.  False: out of memory, and nothing is to be done.
 */
bool	pg_select_make(struct pg_select *s, const struct job_find *find,
	    size_t wanted);
void	pg_select_done(struct pg_select *s);

#endif
