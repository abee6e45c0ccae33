/*
 * pace: so many a second, each at a moment of its own.
 *
 *	|  x   |x     |     x|   x  |
 *
 * Time is cut into slots of 1/rate of a second, and one is due in each, at a
 * moment that chance picks.  So the rate holds over any time, and processes
 * that do the same at the same rate are not in step.
 */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	unsigned rate;		/* a second, 1 or more */
	uint64_t began_ms;
	uint64_t slot;		/* the one that is next */
	uint64_t next_us;	/* its moment, since began_ms */
	uint64_t dice;		/* state of the chance, never 0 */
};

/* The first slot begins now.  The moments are a function of rate and seed. */
void	 pace_start(struct pace *p, unsigned rate, uint64_t seed,
	    uint64_t now_ms);
/* Is one due by now?  True takes it; ask until false. */
bool	 pace_due(struct pace *p, uint64_t now_ms);
/* How long until the next is due, ms; 0: it is. */
uint64_t pace_wait_ms(const struct pace *p, uint64_t now_ms);

#endif
