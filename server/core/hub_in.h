/*
 * hub, as the files of core/ see it; hub.h is the part for everybody else.
 */
#ifndef CORE_HUB_IN_H
#define CORE_HUB_IN_H

#include "base/list.h"
#include "base/table.h"
#include "core/hub.h"
#include "core/payer.h"
#include "core/presence.h"

struct doc;

struct hub {
	struct hub_limits limits;	/* catalog: never NULL */
	struct catalog	*own_catalog;	/* when none was given; else NULL */
	struct hub_counts counts;
	uint64_t	 now_ms;
	int64_t		 wall_ms;	/* since 1970; 0: not told */
	uint64_t	 now_us;	/* of hub_stopwatch; 0: not told */
	struct access	*access;	/* counted; NULL: everything is allowed */
	uint64_t	 stamp;		/* requests so far */
	uint64_t	 ordinals;	/* sessions and documents so far */
	bool		 is_draining;
	bool		 store_is_away;	/* never where nobody shares it */
	uint64_t	 compare_ms;	/* documents that were shown meanwhile, once more; 0: no */
	uint64_t	 line_passes;	/* looks through lines so far */

	/* sessions */
	struct list	 sessions;	/* all */
	struct list	 talking;	/* with messages in the inbox */
	struct list	 ready;		/* net should look at: answers, closing */
	struct list	 fed;		/* the same, with nothing but ops to hear */
	struct table	 readers;	/* struct reader.in_hub */
	struct list	 renewing;	/* struct session.in_renewing: show a token */
	struct list	 denied;	/* struct session.in_denied: to be closed at once */
	int64_t		 next_end_ms;	/* the first of them ends, wall_ms; 0: none */

	/* queries */
	struct table	 feeds;		/* struct feed.in_hub */
	struct table	 watches;	/* struct watch.in_hub */
	struct list	 asked;		/* struct seek: somebody waits for it */
	uint64_t	 find_turns;	/* finds that went for somebody who asked */
	bool		 is_seekers_turn;	/* the next find is one that nobody waits for */
	struct list	 seeking, due;	/* the same: to be asked; not before a time */
	unsigned	 finds_out;
	struct list	 acks;		/* struct session.in_acks */
	size_t		 asking;	/* queries not answered yet */
	struct list	 query_asks;	/* struct query_ask.node: their rights are asked for */
	struct list	 granted_subs;	/* struct sub.in_granted: find what is granted */
	uint64_t	 told;		/* op messages to subscribers so far */

	/* documents: by name, and one list a state (enum doc_state) */
	struct table	 docs;
	struct list	 loading, live, behind, idle;
	struct list	 working;	/* struct doc.in_work: the line can move */
	struct list	 dirty;		/* struct doc.in_dirty: ops to commit */
	struct list	 unwritten;	/* the same: no ops, but content */
	struct list	 due_contents;	/* struct doc.in_due, by doc.due_ms */
	struct list	 yielding;	/* struct doc.in_yield: others go first */
	struct list	 retrying;	/* struct doc.in_retry: again after a while */
	struct list	 doubtful;	/* struct doc.in_doubt: compare versions */
	struct list	 regranting;	/* struct doc.in_regrant: grants are looked up anew */
	struct list	 echoing;	/* struct doc.in_echo, by doc.echo_ms */
	struct list	 folding;	/* struct doc.in_fold, by doc.fold_ms: edited lately */
	struct list	 folding_soon;	/* the same of the others */

	/* documents as they were: history.c */
	struct list	 historians;	/* struct session.in_history: have some to begin */
	struct list	 histories;	/* begun */
	struct list	 replaying;	/* of those, with ops to replay */
	unsigned	 n_histories;	/* begun */

	/* outputs */
	struct list	 jobs;		/* to go out, but for commits */
	struct list	 words;
	size_t		 jobs_out;	/* given out and not back */
	unsigned	 commits_out;
	uint64_t	 commit_ms;	/* when the latest of them went */
	uint64_t	 commit_took_ms;	/* the last that came back */
	bool		 commit_is_long;	/* others need not wait for it */
	uint64_t	 next_sweep_ms;
	uint64_t	 waiting;	/* requests in all lines */

	struct presence_hub presence;
	struct payer_hub payers;
};

/* Leave a job for the store; taken over. */
void	 hub_ask(struct hub *h, struct job *job);
/* Leave a word for the bus; taken over. */
void	 hub_say(struct hub *h, struct word *w);
/* Something was refused: counted, when a ceiling was in the way. */
void	 hub_note_refusal(struct hub *h, enum err err);
/* Say the heads whose time has come, or all that wait. */
void	 hub_echo(struct hub *h, bool all);
/* Documents have waited long enough for others, or must not wait any more. */
void	 hub_yield(struct hub *h, bool no_more);
/* Compare with the store what could not be. */
void	 known_tick(struct hub *h);
/* Fold the documents that have been quiet for long. */
void	 hub_fold(struct hub *h);
/* Find a document or begin to load it. */
struct doc *hub_doc(struct hub *h, const char *collection, const char *id);
/* Let go of a document at once: nothing of it waits or is out. */
void	 hub_forget(struct hub *h, struct doc *d);
/* Only if it is here. */
struct doc *hub_doc_here(struct hub *h, const char *collection,
	    const char *id);

#endif
