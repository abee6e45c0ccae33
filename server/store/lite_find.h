/*
 * lite_find: finding in SQLite, on a connection of its own that only reads.
 *
 * The whole collection is read and the filter itself decides: what a find
 * means cannot differ from core/filter.h, and an embedded database is small.
 * Only _id goes by the index, and without $sort a $limit ends the reading.  In the write-ahead log a reader holds up
 * nobody.
 */
#ifndef STORE_LITE_FIND_H
#define STORE_LITE_FIND_H

#include "store/finder.h"

/* A finder on the database at path, which exists and uses the log. */
struct finder	*lite_find_new(const char *path, struct loop *loop,
		    finder_ended *ended, void *store);

#endif
