/*
 * pg_order: a filter's $sort as SQL over otd.content.
 *
 * SQL orders documents in which every path of the sort leads through objects
 * to a scalar, or nowhere; exactly as core/filter.h does.  The others, with a
 * list on the way or an object at the end, it only tells: there the caller
 * takes them all.
 */
#ifndef STORE_PG_ORDER_H
#define STORE_PG_ORDER_H

#include <stdbool.h>

#include "core/filter.h"
#include "ot/buf.h"

#define PG_ORDER_PARAMS_MAX	(2 * FILTER_SORT_MAX)

struct pg_order {
	struct buf	is_odd;		/* a condition: not ordered by SQL; NUL terminated */
	struct buf	values;		/* columns to order by, with names; NUL terminated */
	struct buf	by;		/* the order, of those names; NUL terminated */
	int		first;		/* its parameters are $first and on */
	int		n;		/* of them */
	char		*texts[PG_ORDER_PARAMS_MAX];	/* heap */
};

/*
 * False: SQL cannot say it (a path with an index or with odd characters), and
 * nothing is to be done; or out of memory.
 */
bool	pg_order_make(struct pg_order *o, const struct filter *f, int first);
void	pg_order_done(struct pg_order *o);

#endif
