/*
 * mover_in: what the files behind mover.h share.
 *
 *	mover.c		a document: replayed, cut into parcels
 *	mover_send.c	parcels on their way to the store
 *	mover_open.c	the store, and the sum of it all
 */
#ifndef RUN_MOVER_IN_H
#define RUN_MOVER_IN_H

#include "base/list.h"
#include "core/catalog.h"
#include "run/asker.h"
#include "run/mover.h"
#include "run/progress.h"

/* A document that is brought, until its last parcel is in. */
struct moved {
	unsigned	 refs;		/* its parcels, its load, and who replays it */
	char		*collection, *id, *owner;	/* owner NULL: nobody's */
	const struct collection *settings;
	uint64_t	 have_v;	/* the store's version at the beginning */
	uint64_t	 have_horizon;	/* likewise */
	uint64_t	 to_v;		/* its version where it comes from */
	uint64_t	 horizon;	/* to be its horizon, if that is lower */
	uint64_t	 base_v;	/* version of the first operation */
	struct snapshot	 s;		/* replayed so far */
	bool		 is_refused;	/* somebody else writes it: let be */
	bool		 is_counted;	/* operations of it were written */
	uint64_t	 in_job;	/* number of the commit that has a parcel of it */
	/* To be found when it is read back; NULL: undefined, or not asked. */
	char		*body;
	size_t		 len;		/* bytes */
	uint64_t	 end_v;		/* its version once all is in */
	const struct ot_type *end_type;
};

/* A parcel with what it borrows. */
struct bale {
	struct list	 node;		/* moved->... held, or mover->queue */
	struct moved	*doc;		/* counted */
	struct parcel	*parcel;	/* owned, until it goes into a job */
	int64_t		*at_ms;		/* of its ops; heap */
	size_t		 bytes;		/* of its ops */
	struct list	 shots;		/* JOB_CHECKPOINTs, once it is in */
	bool		 is_last;	/* of its document */
};

struct mover {
	const struct config *config;
	FILE		*out;
	struct asker	 a;
	struct catalog	*catalog;
	bool		 verifies;
	bool		 is_new;	/* the store had no document at all */
	bool		 is_over;	/* the store failed: nothing goes any more */

	/* ---- the document that is being replayed; NULL: none ---- */
	struct moved	*doc;
	struct list	 held;		/* its bales that are not queued yet */
	struct bale	*bale;		/* the one that is filled; NULL: none */
	size_t		 held_ops, held_bytes;
	bool		 is_partial;	/* some of its bales were queued */
	bool		 has_failed;
	bool		 is_foreign;	/* the store has another of its name */
	int64_t		 at_ms;		/* of the op before */
	int64_t		 base_at_ms;	/* when its base was so */
	char		*base_body;	/* of a base, until it is placed; NULL: undefined */
	size_t		 base_len;
	const struct ot_type *base_type;
	struct job	*common;	/* ops that the store has already; NULL: not asked */
	size_t		 next_common;	/* row of it */
	bool		 must_place;	/* the base is to be placed first */
	char		 why[400];

	/* ---- on the way ---- */
	struct list	 queue;		/* bales, in order */
	size_t		 queued_ops, queued_bytes;
	struct list	 sent;		/* bales of the commit under way */
	uint64_t	 n_jobs;	/* commits so far */
	bool		 is_sending;	/* a commit is under way */
	unsigned	 n_beside;	/* checkpoints and loads under way */

	/* ---- told at the end ---- */
	uint64_t	 documents;	/* taken, wholly or in part */
	uint64_t	 ops;		/* written */
	uint64_t	 there;		/* documents that were there already */
	uint64_t	 bad, notes;
	uint64_t	 verified;
	uint64_t	 seen;		/* documents, for the bar */
	uint64_t	 seen_ops;
	struct progress	 progress;
};

/*
 * All of the document is in, and some was compacted where it comes from: let
 * its horizon be known.
 */
void	 mover_mark(struct mover *m, const struct moved *doc);
/* Of the document that is replayed nothing more is queued. */
void	 mover_drop(struct mover *m);

void	 moved_unref(struct moved *doc);	/* NULL is fine */
struct bale *bale_new(struct moved *doc, uint64_t base_v);
void	 bale_free(struct bale *b);		/* NULL is fine */

/*
 * Queue it, and send what is enough for a commit; waits when too much is
 * queued.  False: it is over.
 */
bool	 mover_queue(struct mover *m, struct bale *b);
/* Until not too much is under way.  False: it is over. */
bool	 mover_wait(struct mover *m);
/* Until everything is in.  False: it is over. */
bool	 mover_flush(struct mover *m);
/* As asker_ask, while others are under way; NULL: it is over, told. */
struct job *mover_ask(struct mover *m, struct job *job);
/* Read the document back and compare; takes over a count. */
void	 mover_check(struct mover *m, struct moved *doc);
void	 mover_give_up(struct mover *m, const char *why);

#endif
