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
struct filter;
struct frame;
struct hub;
struct incoming;
struct job;
struct query_ask;
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
	char		*rights;	/* what of it may be seen, a filter; NULL: all */
	bool		 by_grants;	/* grants are a part of that: */
	struct list	 in_granted;	/* hub->granted_subs */
	char		*said;		/* the message, to be asked once more; owned */
	size_t		 said_len;	/* bytes */
	bool		 must_refresh;	/* its rights are to be asked for anew, then */
	struct query_ask *refresh;	/* its rights are asked for anew; NULL */
	struct sub	*next;		/* itself with other rights, not answered yet; NULL */
	struct sub	*former;	/* it is that; NULL */
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

/* ---- query_rights.c ---- */

/*
 * It is in order; may it be asked, and of what?  Then it begins, with that as
 * a part of its filter, perhaps later.  in is taken over.
 */
void		 query_check(struct session *ss, struct incoming *in,
		    bool subscribe);
/* The store has named what is granted. */
void		 query_granted(struct job *job);
/* More may be granted: at once, or once it has all of its answer. */
void		 query_refresh(struct sub *sub);
/* It leaves, and its rights need not be known. */
void		 query_refresh_leave(struct sub *sub);
/* The session leaves. */
void		 query_ask_leave(struct session *ss);
void		 query_asks_free(struct hub *h);
/* Rules have changed: has it still the same rights?  Else it is denied. */
void		 sub_recheck(struct sub *sub);
/* Grants in a collection have changed for this session. */
void		 session_regrant_queries(struct session *ss,
		    const char *collection);
/*
 * Somebody owns another document of the collection: their queries there find
 * it from now on.
 */
void		 query_owned(struct hub *h, const char *collection,
		    const char *owner);
/* What query_check decided; both are taken over. */
struct sub	*query_begin(struct session *ss, struct incoming *in,
		    bool subscribe, struct filter *filter);

#endif
