/*
 * hook, as its files see it; hook.h is the part for everybody else.
 */
#ifndef REST_HOOK_IN_H
#define REST_HOOK_IN_H

#include "base/breaker.h"
#include "base/fetch.h"
#include "base/list.h"
#include "base/table.h"
#include "ot/buf.h"
#include "rest/call.h"
#include "rest/hook.h"
#include "rest/outbox.h"

struct job;

struct hooks {
	struct desk		*desk;
	struct outbox		*outbox;
	struct fetcher		*fetcher;
	struct hook_settings	 settings;
	char			 holder[24];	/* this process, as rows name it */
	struct list		 all;		/* struct hook.node: those held here */
	struct hook_counts	 counts;	/* totals alone */
	uint64_t		 now_ms;
	int64_t			 wall_ms;
	uint64_t		 lease_ms;	/* leases are asked for again then */
	uint64_t		 asked_ms;	/* when they were asked for last */
	struct list		 errands;	/* struct errand.node: jobs that are out */
	bool			 is_leasing;	/* that question is out */
	bool			 is_broken;	/* a statement failed, and that was logged */
	bool			 is_stopping;	/* nothing new begins */
	bool			 is_stopped;	/* nothing is held any more */
};

/* A webhook that this process holds. */
struct hook {
	struct list	  node;		/* hooks->all */
	struct hooks	 *hooks;
	char		 *id, *url, *secret;
	char		 *old_secret;	/* NULL: none */
	int64_t		  old_until_ms;	/* since 1970: until when that signs too */
	char		**patterns;	/* of collections */
	size_t		  n_patterns;
	unsigned	  kinds;	/* bits of hook_kind_bit */
	bool		  is_seen;	/* the lease in hand names it */
	int64_t		  tenure;	/* how often it has changed hands */
	uint64_t	  leased_ms;	/* until when it is ours for certain */

	/* progress */
	struct listener	  listener;
	struct place	  settled;	/* all up to this one is */
	struct place	 *done;		/* heap: of the row, settled behind it */
	size_t		  n_done;
	struct list	  window;	/* struct delivery.in_window: behind settled, in order */
	struct table	  by_doc;	/* struct line.in_hook */
	struct list	  lines;	/* struct line.node: the same */
	size_t		  n_window;
	size_t		  n_waiting;	/* deliveries in lines */
	unsigned	  n_flying;	/* of those, under way */
	size_t		  n_replaying;	/* of those, dead letters; and their rows' ends */
	uint64_t	  look_ms;	/* nothing is due before */
	uint64_t	  saved_ms;	/* when it was saved last */
	bool		  is_dirty;	/* something was settled since */
	bool		  has_drifted;	/* only what does not concern it went by */
	bool		  is_saving, is_asking;	/* these jobs are out */

	/* the receiver */
	struct breaker	  receiver;	/* its times since 1970: who holds it next goes on */
};

/* What happened to one document, in order. */
struct line {
	struct list	  node;		/* hook->lines */
	struct table_node in_hook;	/* hook->by_doc, by both names */
	struct hook	 *hook;
	char		 *collection, *id;
	struct list	  waiting;	/* struct delivery.in_line; the first may fly */
	uint64_t	  not_before_ms;	/* 0: at once */
	bool		  is_flying;	/* or being given up */
};

struct delivery {
	struct list	 in_line;	/* line->waiting */
	struct list	 in_window;	/* hook->window; none: a dead letter */
	struct line	*line;		/* NULL: settled */
	struct place	 place;
	bool		 is_replay;	/* a dead letter that is sent again */
	char		*payload;	/* JSON; NULL: settled */
	unsigned	 attempts;
	struct fetch	*fetch;		/* under way; else NULL */
	int		 status;	/* of the last attempt; 0: no answer */
	char		*why;		/* there was none: why; owned */
};

/* A job that is out for a hook, which may be gone when it is back. */
struct errand {
	struct list	 node;		/* hooks->errands */
	struct hooks	*hooks;
	struct hook	*hook;		/* NULL: gone */
	struct delivery	*delivery;	/* NULL: about none */
	void		(*then)(struct errand *e, struct job *job);
};

/* ---- hook.c ---- */

/* The bit of a kind of event; 0: there is no such kind. */
unsigned	 hook_kind_bit(const char *kind);
/* Does a name match a pattern, which has at most one star? */
bool		 hook_pattern_fits(const char *pattern, const char *name);
/* Takes over nothing. */
struct hook	*hook_new(struct hooks *hs, const char *id);
/* Leaves everything as it is in the store. */
void		 hook_free(struct hook *h);
/* Begin to listen: place and done are set. */
void		 hook_begin(struct hook *h);
/* Put a dead letter behind what waits of its document. */
void		 hook_replay(struct hook *h, const struct place *place,
		    const char *collection, const char *id,
		    const char *payload);
/* It was delivered, or given up for good. */
void		 delivery_settle(struct delivery *d);
struct errand	*errand_new(struct hooks *hs, struct hook *h,
		    void (*then)(struct errand *e, struct job *job));
/* For a job of an errand. */
void		 errand_settle(struct job *job);

/* ---- hook_send.c ---- */

/* Begin what is due. */
void		 hook_send(struct hook *h);
/* A request as Standard Webhooks has it; done gets the answer. */
struct fetch	*hook_post(struct hooks *hs, const char *url,
		    const char *secret, const char *old_secret,
		    const char *id, const char *payload, uint64_t timeout_ms,
		    fetch_done *done, void *arg);

/* ---- hook_api.c ---- */

/* Go on with then when whoever calls may administer the server. */
void		 hook_as_admin(struct rest_call *call, rest_may_then *then);
/* 404 */
void		 hook_missing(struct rest_call *call);

/* ---- hook_lease.c ---- */

/* Renew leases, save progress, fetch what is to be sent again. */
void		 hooks_lease(struct hooks *hs);
/* Save now, if there is anything. */
void		 hook_save(struct hook *h);

#endif
