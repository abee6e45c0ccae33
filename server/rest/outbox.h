/*
 * outbox: what happened in collections with events, to all who want to know.
 *
 *	table event --one reader a process--> listeners: streams, webhooks
 *
 * Commits leave rows in the table (core/job.h, has_event).  While somebody
 * listens the outbox asks for what is new a few times a second, and gives it
 * to all.  A listener that comes from an earlier place, or had no room, reads
 * what lies between by itself and joins again (behind, below).
 *
 * What must hold: a listener gets every event behind its place, once, in the
 * order of places.  What is enforced: it is given live events only when its
 * own reading has come to the end, and no live event has gone by since that
 * question was asked; else it asks again.  Cheap, since that is rare.
 */
#ifndef REST_OUTBOX_H
#define REST_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct desk;
struct outbox;

/* Where an event stands: of PostgreSQL its transaction too; of SQLite 0. */
struct place {
	uint64_t	xid, serial;
};
#define PLACE_TEXT	48	/* room for "xid.serial" */

struct event {
	struct place	 place;
	int64_t		 at_ms;		/* since 1970 */
	const char	*collection, *id;
	uint64_t	 from_v, to_v;
	const char	*kind;		/* created, edited, deleted */
};

struct listener {
	/* Set by its owner before outbox_listen: */
	const char	*collection;	/* of this one only; NULL: of all */
	/*
	 * An event; place is its own already; borrowed.  It may leave, and
	 * stay in memory until this returns.
	 */
	void		(*take)(struct listener *l, const struct event *e);
	/* May more come?  Else it says outbox_more when there is room again. */
	bool		(*has_room)(const struct listener *l);
	/* Its place is known, where it was not given; or not there any more. */
	void		(*ready)(struct listener *l);
	/* What it has: */
	struct place	 place;		/* all up to this one was taken */
	bool		 is_late;	/* some behind its place are gone: ready says */
	/* The outbox's: */
	struct list	 node;		/* outbox->listeners */
	struct outbox	*outbox;	/* NULL: does not listen */
	bool		 is_placed;	/* place is one */
	bool		 is_checked;	/* nothing behind place is gone */
	bool		 is_behind;	/* has to read by itself */
	bool		 is_taking;	/* a page is being given to it */
	bool		 missed;	/* live events went by since it asked */
	struct question	*question;	/* its own that is out; NULL: none */
};

struct outbox	*outbox_new(struct desk *desk);
/* Nobody may listen any more, no question may come back: the store is closed. */
void		 outbox_free(struct outbox *o);
/* Once a turn. */
void		 outbox_tick(struct outbox *o, uint64_t now_ms);
/* Events older than this may go; called when it is time to. */
void		 outbox_prune(struct outbox *o, int64_t before_ms);

/* from NULL: from now on. */
void		 outbox_listen(struct outbox *o, struct listener *l,
		    const struct place *from);
void		 outbox_leave(struct listener *l);
/* There is room again. */
void		 outbox_more(struct listener *l);

/* Below 0, 0 or above, as memcmp. */
int		 place_compare(const struct place *a, const struct place *b);
void		 place_print(const struct place *p, char text[PLACE_TEXT]);
/* False: it is none.  end_out may be NULL: nothing may follow. */
bool		 place_read(const char *text, struct place *out,
		    const char **end_out);

#endif
