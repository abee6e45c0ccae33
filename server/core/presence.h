/*
 * presence: who is where, now.
 *
 *	        p                     ps, pu
 *	session ---> channel <------------- session
 *	             own presences ------> followers
 *	             sights  ^ |
 *	                    | v words
 *	              other processes
 *
 * A presence is what one connection says of itself on a channel: named by its
 * src and an id, ordered by pv.  The newest is kept here, by the process
 * whose client said it; and by every process that has followers, in a sight
 * of each other process.  Nothing of it is ever stored.
 *
 * What is promised:
 *
 * 1. A follower hears each presence in the order of pv, the newest at least.
 *    It hears at once of those that are there when it comes.
 * 2. Presence in a document is carried to the document's newest version and
 *    leaves in the document's line: nobody hears of it before the ops that it
 *    counts upon.
 * 3. A connection that ends, or stops following a channel, takes its
 *    presences along, followed or not; a process that dies takes its own
 *    along within limits.presence_ttl_ms.
 * 4. The bus may lose, repeat or reorder.  A channel's changes are numbered
 *    by each process (rev).  A number left out is noticed by the next change,
 *    or by the number said again a moment after the last; then the whole is
 *    asked for.  presence_bus.c.
 * 5. Said too fast, some of it is left out, but not the last.
 * Not promised: every value in between.
 */
#ifndef CORE_PRESENCE_H
#define CORE_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/table.h"

struct channel;
struct doc;
struct hub;
struct offer;
struct request;
struct session;
struct word;

/* The hub's part. */
struct presence_hub {
	struct table	 channels;	/* struct channel.in_hub, by name */
	struct table	 presences;	/* struct presence.in_hub */
	struct table	 followers;	/* struct follower.in_hub */
	struct list	 all;		/* struct channel.in_all */
	struct list	 nodes;		/* struct presence_node.in_hub */
	struct list	 fresh;		/* struct channel.in_fresh: to say rev again */
	struct list	 stating;	/* struct channel.in_stating: all was asked for */
	struct list	 requesting;	/* struct channel.in_requesting: pr put off */
	struct list	 resting;	/* struct channel.in_resting: nobody is here */
	struct list	 settling;	/* struct channel.in_settling: told lately */
	struct list	 doubtful;	/* struct sight.in_doubt: something is missing */
	struct list	 holding;	/* struct presence_session.in_holding */
	struct list	 greeting;	/* struct channel.in_greeting; oldest first */
	struct list	 about;		/* struct follower.in_about: allowed for a document */
	uint64_t	 revs;		/* changes of all channels */
	uint64_t	 ordinals;	/* channels so far */
	uint64_t	 n_own;		/* presences of sessions here */
	uint64_t	 n_sights;	/* and those of elsewhere */
	uint64_t	 next_ms;	/* the next round of what is due */
	uint64_t	 next_beat_ms;	/* the next sign of life */
	bool		 is_ending;	/* nobody is to be told any more */
	bool		 hears_nodes;	/* what goes to all processes is followed */
};

/* A session's part. */
struct presence_session {
	struct list	 followers;	/* struct follower.in_session */
	struct list	 off;		/* the same, that have left their channel */
	uint32_t	 n_followers, n_off;
	struct list	 own;		/* struct presence.in_session */
	struct list	 held;		/* struct incoming: p's said too fast */
	uint32_t	 n_own, n_held;
	struct list	 in_holding;	/* hub->presence.holding */
	double		 allowance;	/* p's that may be said now */
	uint64_t	 allowed_ms;	/* when that was counted */
	unsigned	 types;		/* it has a transform for these, by bits */
};

void	presence_hub_init(struct hub *h, uint64_t seed);
/* Before the sessions go; nobody is told. */
void	presence_hub_done(struct hub *h);
void	presence_session_init(struct session *ss);
/* It hears no more; what it said stays for now. */
void	presence_close(struct session *ss);
/* It has ended; so have its presences. */
void	presence_leave(struct session *ss);
void	presence_tick(struct hub *h);

/* ---- the bus ---- */

/* A word with a topic; not taken over. */
void	presence_hear(struct hub *h, const struct word *w);
/* Words may have been lost. */
void	presence_back(struct hub *h);

/* ---- in a document's line (presence_doc.c) ---- */

/* Is it of a version above the head? */
bool	presence_is_ahead(const struct doc *d, const struct request *req);
/*
 * Carry it to the document's head.  False: the store has been asked for
 * what is missing.
 */
bool	presence_stage(struct doc *d, struct request *req);
/* The version it counts upon is durable. */
void	presence_release(struct doc *d, struct request *req);
/* The first version of history that it needs; JOB_NO_VERSION: none. */
uint64_t offer_needs(const struct offer *o);
/* Is it what the request's session says, not what it is told? */
bool	offer_is_said(const struct offer *o);
/*
 * The request ends, and with it the offer.  If it was told to nobody, since
 * the document could not be had, it is told as it came.
 */
void	presence_done(struct request *req);

/* ---- what may be followed and said (presence_rights.c) ---- */

struct incoming;
struct view;

/* The line of a document, by this name, has decided about a ps. */
void	presence_decided(struct session *ss, struct incoming *in,
	    const struct view *w, bool is_yes);

/* Abort when an invariant does not hold. */
void	presence_check(const struct hub *h);

#endif
