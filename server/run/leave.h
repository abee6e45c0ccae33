/*
 * leave: how a server goes.
 *
 *	STAYING --told--> MOVING --all moved--> FINISHING --hub quiet--> CLOSING
 *	                    '--- half the time is over ---^                 |
 *	                GONE <--- nobody left, or all the time is over -----'
 *
 * 1. Told: readyz says no, clients are not accepted any more.  Pages that have
 *    an address of their own are, so that others can watch.
 * 2. MOVING: everybody is served as ever, and clients go one by one, at a set
 *    rate, each at a moment of its own: what it asked is answered, then it is
 *    closed with 1012.  So those who take them over are not overrun.  The rate
 *    is raised when half the time would not be enough for it.
 * 3. FINISHING: the hub takes no new requests, and what waits in lines is
 *    committed and acknowledged.
 * 4. CLOSING: who is still here is closed, too, and given the time to take
 *    what waits for it; deliveries of webhooks that are under way end.
 */
#ifndef RUN_LEAVE_H
#define RUN_LEAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pace.h"

struct hub;
struct net;
struct rest;

enum leave_state { STAYING, MOVING, FINISHING, CLOSING, GONE };

struct leave {
	struct hub	*hub;		/* all three borrowed */
	struct net	*net;
	struct rest	*rest;
	uint64_t	 timeout_ms;	/* all in all */
	unsigned	 rate;		/* clients a second; 0: all at once */
	uint64_t	 seed;		/* of their moments */

	enum leave_state state;
	bool		 told;		/* not STAYING */
	bool		 at_once;	/* told twice */
	uint64_t	 deadline_ms;
	uint64_t	 moved_ms;	/* MOVING ends at the latest */
	struct pace	 pace;		/* MOVING */
};

/* Begin to; told again, nothing. */
void	 leave_begin(struct leave *l, uint64_t now_ms);
/* Not another moment. */
void	 leave_at_once(struct leave *l);
/* After each turn: what comes next?  more: the turn has work left. */
void	 leave_turn(struct leave *l, uint64_t now_ms, bool more);
/* How long until there is something to do, at most most_ms. */
uint64_t leave_wait_ms(const struct leave *l, uint64_t now_ms,
	    uint64_t most_ms);

#endif
