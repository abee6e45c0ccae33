/*
 * history: a document as it was, at a version or at a time.
 *
 *	session->histories --> hub->histories --store--> hub->replaying --> answer
 *	   waiting               asked, one          ^        |
 *	                         a session           '--more--'
 *
 * 1. It is built aside, from the newest snapshot that the store has below it
 *    and the ops after that: the hot document is not disturbed, and nothing is
 *    in it that is not durable.
 * 2. Between two kept snapshots lie at most keep_every versions, or a few more
 *    of a long document (checkpoint.h), so that is the most there is to
 *    replay.  Where one is missing (its writing was lost, or
 *    keep_every was larger then), whoever comes by replays further, a part at a
 *    time, and has it written: the next one finds it.
 * 3. Ops are replayed a few a turn; histories of one session are made one
 *    after the other while it takes the answers, and of all sessions a few at
 *    once, in turn.
 * 4. What is compacted while it is built (job_compact) makes it begin again:
 *    ops of before and of after do not fit together.
 * 5. "The latest" is no history: it stands in the document's line like a
 *    fetch (action_history).
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include <stdbool.h>

#include "base/err.h"

struct frame;
struct hub;
struct incoming;
struct job;
struct session;
struct snapshot;

/* The answer, by the name that was asked for; ERR_UNPROJECTED, or 0. */
enum err history_reply(const struct incoming *in, const struct snapshot *s,
	    struct frame **frame_out);
/* It may be seen: goes on here; in is taken over. */
void	 history_join(struct session *ss, struct incoming *in,
	    bool in_doubt);
/*
 * Rights have changed, in this document (NULL: in any): those that wait are
 * asked for anew, when they come to be shown.
 */
void	 history_recheck(struct session *ss, const char *collection,
	    const char *id);
/* A JOB_HISTORY has come back. */
void	 history_answered(struct hub *h, struct job *job);
/* Replay some, begin others. */
void	 history_work(struct hub *h);
bool	 history_has_work(const struct hub *h);
/* The session can take an answer: its next history may begin. */
void	 history_next(struct session *ss);
/* A session leaves: nobody waits for its histories any more. */
void	 history_leave(struct session *ss);
/* The hub ends. */
void	 history_free_all(struct hub *h);

#endif
