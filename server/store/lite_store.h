/*
 * lite_store: the store in a file, for one process.
 *
 *	loop's thread                      the store's thread
 *	start --> waiting --(mutex)--> take all: writes as one transaction,
 *	done  <-- ended <---(bell)---- then reads
 *
 * SQLite blocks, so it works in a thread of its own; what waits while a
 * transaction is being flushed goes together in the next one (group commit).
 * A lock on PATH.lock keeps a second process out.
 */
#ifndef STORE_LITE_STORE_H
#define STORE_LITE_STORE_H

#include "store/store.h"

/* As store_open; path must hold a database with our schema. */
struct store	*lite_store_open(const char *path, struct loop *loop,
		    char *why, size_t why_len);

#endif
