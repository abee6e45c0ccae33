/*
 * lite_store: the store in a file, for one process.
 *
 *	loop's thread                      the store's thread
 *	start --> waiting --(mutex)--> take all: writes as one transaction,
 *	done  <-- ended <---(bell)---- then reads
 *
 * SQLite blocks, so it works in a thread of its own; what waits while a
 * transaction is being flushed goes together in the next one (group commit).
 * A lock on PATH.lock keeps a second server out.  Who asks JOB_ROWS,
 * JOB_HISTORY and JOB_COMPACT alone may stand beside: of those tables nothing
 * is held in memory, and compacted ops are still good where they are.
 */
#ifndef STORE_LITE_STORE_H
#define STORE_LITE_STORE_H

#include "store/store.h"

/*
 * As store_open, or store_open_beside; path must hold a database with our
 * schema.
 */
struct store	*lite_store_open(const char *path, bool is_beside,
		    struct loop *loop, char *why, size_t why_len);
/*
 * Write the file anew, while nobody serves it: nothing stays in it, or beside
 * it, of what was deleted.  0; -1 with the reason in why.  As long as copying
 * takes.
 */
int		 lite_store_vacuum(const char *path, char *why,
		    size_t why_len);

#endif
