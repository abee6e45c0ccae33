/*
 * query: one query of one session.
 *
 *	ASKED (watch->wants, watch->awaits) --> LIVE (watch->subs)
 *	       '--> answered and gone, if it was fetched
 *
 * A client that comes back names what it has (r): it gets the ops of these
 * documents, then what became of their order as a diff, and then the answer.
 * Its documents' lines send the ops; until they have, what would go to it
 * waits in the bulk that counts them.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "base/list.h"
#include "proto/message.h"

struct bulk;
struct buf;
struct frame;
struct incoming;
struct refusal;
struct session;
struct watch;

struct sub {
	struct list	 in_watch;	/* wants, awaits or subs */
	struct list	 in_session;	/* session->subs */
	struct session	*ss;
	struct watch	*watch;
	double		 id;		/* the client's */
	bool		 is_fetch;	/* goes once it is answered */
	struct incoming	*in;		/* until it is answered; owned */
	struct bulk	*bulk;		/* holds back what comes; NULL: none */
};

/* Takes in over; waits in the watch for its answer. */
struct sub	*sub_new(struct session *ss, struct watch *w,
		    struct incoming *in, bool is_fetch);
/* Unlinks it; the watch may go. */
void		 sub_free(struct sub *sub);
/* The session's subscription with this id, or NULL. */
struct sub	*sub_find(const struct session *ss, double id);
/*
 * The client wants no more of it; one that is not answered yet is answered,
 * and then gone.
 */
void		 sub_leave(struct sub *sub);

/* An op for it, now or after its bulk; takes no count. */
void		 sub_send(struct sub *sub, struct frame *f);
/* What became of its result: the same, and behind an acknowledgement. */
void		 sub_tell(struct sub *sub, struct frame *f);
/*
 * Its watch knows: answer, and join or go.  results is the whole, encoded;
 * extra as in reply_results.
 */
void		 sub_answer(struct sub *sub, const struct buf *results,
		    const char *extra);
void		 sub_refuse(struct sub *sub, const struct refusal *r);

#endif
