/*
 * pg_filter: a filter's conditions as SQL over otd.content.
 *
 * The text holds nothing of the filter's but its shape: names and values go
 * as parameters, into SQL as they are or as a jsonpath.  It finds at least
 * what matches, and often exactly that; then the server may count and cut.
 * Odd rows, whose data is null, are not its matter: the caller looks at them
 * all.
 *
 * Equality ("data @? path") goes by an index of gin (data jsonb_path_ops), at
 * any depth and through lists, as MongoDB's indexes do.
 */
#ifndef STORE_PG_FILTER_H
#define STORE_PG_FILTER_H

#include <stdbool.h>

#include "core/filter.h"
#include "ot/buf.h"
#include "store/pg_array.h"

#define PG_FILTER_PARAMS_MAX	600	/* over 2 for each clause */

struct pg_filter {
	struct buf	sql;		/* a condition; NUL terminated */
	bool		exact;		/* finds what matches and nothing else */
	int		first;		/* its parameters are $first and on */
	int		n;		/* of them */
	char		*texts[PG_FILTER_PARAMS_MAX];	/* heap */
};

/* False: out of memory. */
bool	pg_filter_make(struct pg_filter *p, const struct filter *f, int first);
void	pg_filter_done(struct pg_filter *p);

#endif
