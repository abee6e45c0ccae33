/*
 * session, as the rest of the hub sees it; session.h is the part for net.
 */
#ifndef CORE_SESSION_IN_H
#define CORE_SESSION_IN_H

#include "base/list.h"
#include "base/table.h"
#include "core/owed.h"
#include "core/payer.h"
#include "core/presence.h"
#include "core/request.h"
#include "core/session.h"

struct about;
struct history;
struct query_ask;

/* A session that follows a document by one name. */
struct reader {
	struct list		 in_doc;	/* doc->readers */
	struct list		 in_session;	/* session->readers */
	struct list		 in_bulk;	/* bulk->readers, while held back */
	struct table_node	 in_hub;	/* hub->readers, by both */
	struct view		*view;
	struct session		*ss;
	struct bulk		*bulk;		/* holds its ops back; NULL: none */
	uint64_t		 since;		/* it has every op from here on */
};

struct outgoing {
	struct frame	*frame;		/* counted */
	struct owed	*owed;		/* what it shows, owned; NULL: nothing that a right gives */
	bool		 is_live;	/* an op for a reader; else an answer */
};

/* Most sessions never have more than this waiting: no allocation for them. */
#define OUTBOX_FEW	2

struct session {
	struct hub	*hub;
	void		*owner;		/* net's */
	struct principal *who;		/* counted; NULL: nobody known */
	unsigned	 flags;		/* of hub_open */
	unsigned	 waits;		/* things that have to be known before it is listened to */
	uint64_t	 ordinal;
	struct list	 node;		/* hub->sessions */
	struct list	 in_work;	/* hub->talking: has messages in its inbox; or payers.slowed */
	struct list	 in_ready;	/* hub->ready or fed: net should look at it */
	struct list	 inbox;		/* struct incoming */
	size_t		 inbox_bytes;
	uint32_t	 n_inbox;
	uint32_t	 out_cap, out_first, out_n;
	struct outgoing	*outbox;	/* ring; cap a power of two */
	struct outgoing	 few[OUTBOX_FEW];	/* that ring, unless it has to be larger */
	size_t		 out_bytes;	/* of all */
	size_t		 live_bytes;	/* of those nobody asked for */
	struct list	 readers;	/* struct reader.in_session */
	uint32_t	 n_readers;
	uint32_t	 n_asked;	/* requests in line to become readers */
	uint64_t	 line_pass;	/* of hub->line_passes: it was met in that one */
	uint64_t	 find_turn;	/* when a query of it last went: hub->find_turns */
	struct list	 requests;	/* struct request.in_session */
	struct list	 bulks;		/* struct bulk.in_session */
	struct list	 histories;	/* struct history.node, not begun */
	struct history	*history;	/* begun; NULL: none */
	uint32_t	 n_histories;	/* both */
	uint32_t	 n_subs;
	struct list	 in_history;	/* hub->historians: has one to begin */
	struct list	 subs;		/* struct sub.in_session: its queries */
	uint64_t	 told;		/* hub->told when it last got a query's op */
	struct list	 in_acks;	/* hub->acks: what queries say has to wait */
	struct frame	**late;		/* counted: until the acknowledgement is out */
	uint32_t	 n_late, cap_late;
	char		*client_id;	/* given by us */
	char		*src;		/* its own, by hs; NULL: none */
	char		*address;	/* of the client; NULL: not told */
	const char	*reason;
	enum session_close closing;
	bool		 was_full;	/* net stopped reading */
	bool		 wants_word;	/* to be told before its token is over */
	bool		 has_word;	/* it has been */
	bool		 wants_epoch;	/* of the store; it is told what is not there any more */
	struct query_ask *query_ask;	/* that: the rights of a query; NULL */
	struct incoming	*renewal;	/* that: its x-token, owned; NULL */
	struct list	 in_renewing;	/* hub->renewing: nobody has it yet */
	struct list	 in_denied;	/* hub->denied */
	int64_t		 until_ms;	/* the first of its grants ends; 0: none does */
	struct presence_session presence;
	struct payer_session *payer;	/* owned; NULL: nothing is limited */
};

struct session	*session_new(struct hub *h, void *owner,
		    const char *client_id, uint64_t ordinal);
/* Its requests go on without it, its readers end. */
void		 session_free(struct session *ss);

/* What signs its ops: its own src, else the id we gave. */
const char	*session_src(const struct session *ss);
void		 session_set_src(struct session *ss, const char *src);

/*
 * Queue what was asked for; the caller's count is taken over.  It always
 * fits: a client far behind needs all of it.  While too much of it waits the
 * session's messages are left alone, and after that it is too slow.
 */
void		 session_post(struct session *ss, struct frame *f);
/*
 * The same; it shows this, by this right: should that be lost before it is
 * sent, it is not.
 */
void		 session_post_shown(struct session *ss, struct frame *f,
		    const struct about *about, enum access_action action);
/*
 * The same of an answer that something is left: it shows nothing, but what was
 * heard of it may wait before.
 */
void		 session_post_left(struct session *ss, struct frame *f,
		    const struct about *about, enum access_action action);
/* What the i-th that waits shows, borrowed; NULL: nothing. */
const struct owed *session_owed(const struct session *ss, uint32_t i);
/* Queue an op for a reader; over the ceiling the session is too slow. */
void		 session_post_live(struct session *ss, struct frame *f);
/*
 * A client that does not read costs its own connection, nothing else: when
 * it comes back it names its version and gets the rest.
 */
void		 session_too_slow(struct session *ss);
/* Do so many answers wait that no more should be asked? */
bool		 session_is_behind(const struct session *ss);
/* An answer begins: may it? */
void		 session_begin_answer(struct session *ss);
/* Close when the outbox is empty; the first reason stays. */
void		 session_close_for(struct session *ss,
		    enum session_close code, const char *reason);
/* Let net look at it this turn. */
void		 session_wake(struct session *ss);
/* Do not listen to it, and listen again. */
void		 session_wait(struct session *ss);
void		 session_go_on(struct session *ss);
/* What it said and was not looked at was not said. */
void		 session_forget_inbox(struct session *ss);
/* Close it at once: what it had a right to hear and did not, it has no more. */
void		 session_shut(struct session *ss, enum session_close code,
		    const char *reason);
/* May more of what it said be looked at now? */
bool		 session_is_heard(const struct session *ss);
/* What it may see by grants ends then, at the latest (renew.c). */
void		 session_until(struct session *ss, int64_t ms);

/*
 * An acknowledgement is about to be posted.  What its op did to the results
 * of the author's own queries comes behind it: session_post_behind holds that
 * back until session_acked.
 */
void		 session_acks(struct session *ss);
void		 session_acked(struct session *ss);
/* As session_post_live, but behind an acknowledgement that is coming. */
void		 session_post_behind(struct session *ss, struct frame *f);

/* ---- readers ---- */

/* The one of this session on this view, or NULL. */
struct reader	*reader_find(const struct session *ss, const struct view *w);
/* Join, or start anew at version since; bulk may be NULL. */
struct reader	*reader_join(struct session *ss, struct view *w,
		    uint64_t since, struct bulk *bulk);
void		 reader_leave(struct reader *rd);
/* Give it an op, now or after its bulk; takes no count. */
void		 reader_send(struct reader *rd, struct frame *f);

#endif
