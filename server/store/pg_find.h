/*
 * pg_find: finding in PostgreSQL, on a connection of its own.
 *
 * SQL narrows to what may match, by index where there is one; rows come one
 * by one and the filter itself decides about each (store/gather.h).  The
 * server ends what takes too long (statement_timeout).
 */
#ifndef STORE_PG_FIND_H
#define STORE_PG_FIND_H

#include "store/finder.h"

struct pg_way;

/* way is borrowed.  Connects with the first find. */
struct finder	*pg_find_new(const struct pg_way *way, struct loop *loop,
		    finder_ended *ended, void *store);

#endif
