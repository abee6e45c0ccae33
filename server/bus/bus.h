/*
 * bus: how otd processes hear of each other.  A hint, never the truth.
 *
 * Two of them: Redis pub/sub (redis_bus), and in-process (bus.c), where every
 * bus of the same process hears the others.  What was said is not heard by
 * the one who said it, or it is: the hub drops by version either way.  After
 * a connection was lost and is back, WORD_BACK is heard once everything
 * followed is followed again; a document that is followed while the bus is up
 * is confirmed by WORD_FOLLOWED.  Both pass the one suite in tests/bus.
 */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/breaker.h"
#include "core/word.h"

struct loop;
struct bus;
struct loss;

struct bus_health {
	bool		up;		/* words travel, as far as we know */
	unsigned long	said, heard;	/* words */
	unsigned long	reconnects;
	unsigned long	dropped;	/* said while away or faster than it takes them */
	unsigned long	bad;		/* arrived and was no word */
	struct breaker_counts breaker;	/* before new connections to it */
};

struct bus_ops {
	const char *name;
	/* Takes the word over. */
	void	(*say)(struct bus *, struct word *);
	/* What was said leaves now, in one piece: once a turn. */
	void	(*flush)(struct bus *);
	void	(*health)(const struct bus *, struct bus_health *);
	void	(*close)(struct bus *);
};

struct bus {
	const struct bus_ops	*ops;
	struct list		 heard;	/* words, in order of arrival */
	struct loss		*loss;	/* owned; NULL, but for tests */
};

/*
 * Open by URL: "local", or "redis://[:password@]host:port[/prefix]"; tests
 * put lossy+ before it, see loss.h.  NULL, with the reason in why, when the URL cannot work at all; a Redis that is
 * away for now is not a reason.
 */
struct bus	*bus_open(const char *url, struct loop *loop, char *why,
		    size_t why_len);
/* The next word; the caller frees it.  NULL if none. */
struct word	*bus_next_heard(struct bus *b);
/* For a bus that closes: free what was heard and never asked for, and loss. */
void		 bus_forget_heard(struct bus *b);

#endif
