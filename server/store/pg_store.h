/*
 * pg_store: the store in PostgreSQL, for any number of processes.
 *
 *	commits ------> lane 0, lane 1	(the one with less under way)
 *	checkpoints --> lane 1		(so commits avoid it meanwhile)
 *	reads --------> lane 2		(never behind the flush of a commit)
 *
 * A lane is a connection (pg.h).  Two for commits: the hub gives a second one
 * only beside one that takes long (core/commit.c), which must not hold it up.
 * Loads that come faster than they are answered go several in a statement.
 *
 * A connection lost: reads and checkpoints are sent again, commits under way
 * end as ERR_STORE_UNSURE.  No connection: commits wait COMMIT_PATIENCE_MS
 * after the loss and then, like any later one, end as ERR_STORE_AWAY; reads
 * wait READ_PATIENCE_MS each.
 */
#ifndef STORE_PG_STORE_H
#define STORE_PG_STORE_H

#include "store/store.h"

/* As store_open. */
struct store	*pg_store_open(const char *url, struct loop *loop, char *why,
		    size_t why_len);

#endif
