/*
 * followed: the channels a bus follows, by name.
 *
 *	           want                   asked for             left
 *	(none) ----------> IDLE -----> ASKED -----> ON -----> LEAVING
 *	                    ^                                    |
 *	                    '------------ gone, or lost ---------'
 *
 * wanted is what the hub said last; the state is what the other side was
 * last asked and has confirmed.  Only one question is under way for a
 * channel at any time, however fast the hub changes its mind: hiredis 0.14
 * forgets the callback of a channel that is subscribed anew before its
 * unsubscription was confirmed (async.c, __redisGetSubscribeCallback).
 *
 * The bus within a process asks nobody; its channels stay IDLE.
 */
#ifndef BUS_FOLLOWED_H
#define BUS_FOLLOWED_H

#include <stdbool.h>

#include "base/list.h"
#include "base/table.h"

enum channel_state {
	CHANNEL_IDLE,		/* followed->idle: to be asked for */
	CHANNEL_ASKED,		/* followed->asked: confirmation on its way */
	CHANNEL_ON,		/* followed->on */
	CHANNEL_LEAVING,	/* followed->leaving: confirmation on its way */
};
#define CHANNEL_STATES	4

struct channel {
	struct table_node	 by_name;
	struct list		 node;	/* the list of its state */
	enum channel_state	 state;
	bool			 wanted;
	char			 name[];	/* NUL terminated */
};

struct followed {
	struct table	table;			/* struct channel by name */
	struct list	in[CHANNEL_STATES];	/* the same, by state */
	size_t		n[CHANNEL_STATES];
};

void	 followed_init(struct followed *f);
void	 followed_done(struct followed *f);	/* and all its channels */

struct channel	*followed_find(const struct followed *f, const char *name);
/* A new channel, wanted and idle; it must not be there yet.  Copies name. */
struct channel	*followed_add(struct followed *f, const char *name);
void		 followed_remove(struct followed *f, struct channel *c);
/* The only mover between states; to the end of the list. */
void		 followed_move(struct followed *f, struct channel *c,
		    enum channel_state to);
/* The first one in a state; NULL if none. */
struct channel	*followed_first(const struct followed *f,
		    enum channel_state state);

#endif
