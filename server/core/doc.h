/*
 * doc: the hot state of one document.
 *
 *	            waiting -----stage-----> staged ---release---> outboxes
 *	                ^                      |
 *	                '-------rewind---------'
 *
 *	window:  | durable ops ...     | staged ops | -> head.v
 *	         start            durable_v
 *
 * Requests stand in one line, in order of arrival.  Staging a submit
 * transforms it over the window, applies it to the head and pushes it there;
 * its answer waits until the store has it.  Staging a read renders the head;
 * it waits for the version it shows.  So everything leaves in version order,
 * and a reader joins exactly where its snapshot stands.
 *
 * At most one parcel of a document is at the store.  When it is refused, or
 * somebody else's op is heard of, the staged ops are taken back from the head
 * (each left an undo), the missed ones applied, and the requests staged again
 * from what their authors sent.  This is what a ShareDB server would have
 * done had the others come first; it needs no property of the types.
 *
 * Invariants (doc_check):
 *   window.start <= durable_v <= head.v == window end;
 *   ops from durable_v on have an undo, those below have none;
 *   staged requests wait for versions above durable_v, in order;
 *   a parcel in flight is [durable_v, flight_v), empty if it is content alone.
 */
#ifndef CORE_DOC_H
#define CORE_DOC_H

#include "base/list.h"
#include "base/table.h"
#include "core/access.h"
#include "core/hub_in.h"
#include "core/request.h"
#include "core/view.h"
#include "core/window.h"

/* Each state is a list of the hub; doc_move is the only mover. */
enum doc_state {
	DOC_LOADING,	/* hub->loading: content asked for, requests wait */
	DOC_LIVE,	/* hub->live: serving */
	DOC_BEHIND,	/* hub->behind: something asked of the store, the line waits */
	DOC_IDLE,	/* hub->idle: nobody here, may be evicted; oldest first */
};

/* What was asked of the store; one question at a time. */
enum doc_question {
	ASK_NOTHING,
	ASK_LOAD,	/* content */
	ASK_OLDER,	/* ops before the window */
	ASK_NEWER,	/* ops from durable_v on: what have others written? */
	ASK_CREATED,	/* did the first request's create make this document? */
	ASK_GRANTS,	/* to whom is it granted? */
};

struct doc {
	struct hub	*hub;
	struct table_node in_hub;	/* hub->docs */
	char		*collection, *id;
	const struct collection *settings;	/* of its collection; the catalog's */
	uint64_t	 ordinal;
	enum doc_state	 state;
	bool		 is_unwritten;	/* in_dirty is on hub->unwritten, if on any */
	bool		 is_edited;	/* since it was folded last */
	bool		 is_visitor;	/* here for a find's content alone: goes at once after */
	struct list	 place;		/* the state's list */
	struct list	 in_work, in_dirty, in_retry, in_doubt, in_echo, in_fold, in_yield,
			 in_regrant;

	struct snapshot	 head;		/* with every staged op */
	char		*folded;	/* the content as text, while head.data is not here */
	size_t		 folded_len;
	uint64_t	 fold_ms;	/* in hub->folding: quiet until then, it is folded */
	uint64_t	 durable_v;	/* the store has everything below */
	struct window	 window;
	uint64_t	 heard_v;	/* the store is said to be this far */
	uint64_t	 said_v;	/* the same, and not forgotten while it is asked */
	uint64_t	 fresh_stamp;	/* requests up to here may trust memory */

	struct list	 waiting, staged;	/* struct request.node */
	size_t		 n_waiting;
	struct view	 whole;		/* under its own name */
	struct list	 views;		/* struct view.in_doc: the others */
	struct list	 readers;	/* struct reader.in_doc: of all views */
	size_t		 n_readers;

	uint64_t	 flight_v;	/* version after it */
	uint64_t	 flight_stamp;	/* hub->stamp when it was made */
	bool		 in_flight;	/* a parcel is at the store */
	bool		 goes_alone;	/* its parcel gets a batch of its own */
	bool		 has_rival;	/* a parcel was refused: others write it, too */
	uint64_t	 yield_ms;	/* in hub->yielding: it is theirs until then */
	enum doc_question question;
	const struct request *asker;	/* waiting for it; NULL: nobody (now) */
	bool		 ask_failed;	/* the question is to be asked again */
	bool		 must_reload;	/* once the question is answered */
	bool		 must_show;	/* the store is away: somebody may be shown what is known */
	bool		 shows_known;	/* while that is done */
	bool		 was_shown;	/* it has been: to be compared with the store */
	uint64_t	 asked_stamp;	/* hub->stamp when it was asked */
	uint64_t	 retry_ms;	/* in hub->retrying: not before */
	uint64_t	 echo_ms;	/* in hub->echoing: the head is said then */

	struct grants	 grants;	/* of it, if has_grants: see grant.h */
	bool		 has_grants;
	bool		 must_recheck;	/* they have changed, or rules: to be done */
	bool		 is_rechecking;	/* and asked for */
	uint64_t	 grants_stamp;	/* they are as of then, in requests of the hub */
	uint64_t	 created_v;	/* version after the newest create staged here */

	uint64_t	 kept_v;	/* newest checkpoint's version */
	uint64_t	 handed_v;	/* of the newest handed to the store */
	size_t		 since_bytes;	/* of ops since then */
	struct list	 checkpoints;	/* struct job.node: wait to be durable, by version */
	size_t		 n_checkpoints;
	uint64_t	 idle_ms;	/* when it became idle */
	/* Content for finds: content.h. */
	enum content_lag content_lag;	/* as the store has it, if only we write */
	bool		 content_wanted;	/* it goes with the next parcel */
	struct list	 in_due;	/* LAG_DUE: to be written at due_ms */
	uint64_t	 due_ms;
	struct list	 content_wishes;	/* struct content_wish: for finds */
	size_t		 content_earned;	/* bytes */
	size_t		 counted;	/* bytes counted in hub->counts.hot_bytes */
};

/* Loading begins. */
struct doc *doc_new(struct hub *h, const char *collection, const char *id);
/* Unfollows; nothing may wait or be out. */
void	 doc_free(struct doc *d);
void	 doc_move(struct doc *d, enum doc_state state);

/* A request joins the line of the document of a view; taken over. */
void	 doc_join(struct view *w, struct request *req);
/* Stage what can be staged; bounded.  True: there is more. */
bool	 doc_work(struct doc *d);
/* The last reader or request has gone, perhaps. */
void	 doc_rest(struct doc *d);

/* ---- the store has spoken ---- */

void	 doc_loaded(struct doc *d, struct job *job);
void	 doc_answered(struct doc *d, struct job *job);	/* JOB_OPS, _CREATED, _ROWS */
/* The parcel came through. */
void	 doc_accepted(struct doc *d, const struct parcel *p);
/* Others came first: what they wrote. */
void	 doc_refused(struct doc *d, const struct parcel *p);
/* Not sent, unknown, or impossible. */
void	 doc_failed(struct doc *d, enum err err);

/* ---- others have written ---- */

/* These ops became durable elsewhere. */
void	 doc_hear(struct doc *d, const struct op_list *ops);
/* The store is at version v. */
void	 doc_compare(struct doc *d, uint64_t v);
/* It is time to try again. */
void	 doc_retry(struct doc *d);

/* ---- between doc's files ---- */

/* Make the document known to the hub when there are ops or content to commit. */
void	 doc_dirty(struct doc *d);
/* doc_work is due. */
void	 doc_wake(struct doc *d);
/* Something is asked of the store; the line stops.  req: who wants to know. */
void	 doc_ask(struct doc *d, enum doc_question q, const struct request *req);
/* Answer, or count down the bulk, and forget the request. */
void	 doc_answer(struct doc *d, struct request *req);
/* Answer a waiting request with a refusal, at once. */
void	 doc_refuse(struct doc *d, struct request *req, enum err err);
/* Give a request its refusal; it is answered in its turn. */
void	 request_refuse(struct request *req, const struct refusal *r);
/* Release what has become durable. */
void	 doc_release(struct doc *d);
/* Take every staged op back; the requests wait again. */
void	 doc_rewind(struct doc *d);
/*
 * Give a durable op to the readers, but not to its author by the name that it
 * was submitted under, who gets the acknowledgement (by NULL: it came from
 * elsewhere).
 */
void	 doc_publish(struct doc *d, struct op *op, const struct request *by);
/* Stage the first waiting request; false: the line has to stop. */
bool	 doc_stage(struct doc *d, struct request *req);
/* Is the head's version one that is kept?  Render it. */
void	 doc_keep(struct doc *d);
/* A parcel came through: let those write who may have been refused for it. */
void	 doc_yield(struct doc *d);
/* Is a checkpoint due?  Render it; and hand over what is durable by now. */
void	 doc_checkpoint(struct doc *d);
/* Nothing happens to it any more: a checkpoint is due sooner. */
void	 doc_checkpoint_early(struct doc *d);
/* Drop those of versions above durable_v. */
void	 doc_drop_checkpoint(struct doc *d);
/* Drop history that nobody needs; count what the document holds. */
void	 doc_trim(struct doc *d);
/* Count what it holds. */
void	 doc_count_bytes(struct doc *d);
/* We wrote: say the head's version once more when that pauses. */
void	 doc_echo_later(struct doc *d);
/* If that is still to be done, at once. */
void	 doc_echo_now(struct doc *d);
/* Fold it if nothing happens for a while. */
void	 doc_fold_later(struct doc *d);
/* Its content is wanted: in head.data, if it was folded. */
void	 doc_unfold(struct doc *d);
void	 doc_drop_folded(struct doc *d);
/* Try the store again in a moment. */
void	 doc_retry_later(struct doc *d);

/* ---- known.c: while the store is away ---- */

/* A request has joined the line. */
void	 doc_known_joins(struct doc *d, const struct request *req);
/* Will it be shown that, whoever else waits? */
bool	 doc_is_known(const struct doc *d, const struct request *req);
/* Show what is known to whom it can be shown; refuse who does not wait. */
void	 doc_show_known(struct doc *d);
/* It should have been compared with the store, and the store did not answer. */
void	 doc_not_compared(struct doc *d);

/* Abort when an invariant does not hold. */
void	 doc_check(const struct doc *d);

#endif
