/*
 * pace: when ops are due in an open loop.
 *
 *	op k of all is due at  start + k / rate,  and is writer k mod n's
 *
 * So the writers' times are spread evenly, and each knows its own j-th.
 */
#ifndef LOAD_PACE_H
#define LOAD_PACE_H

#include <stdint.h>

struct pace {
	double		 period_ns;	/* between ops of all; 0: closed loop */
	uint64_t	 start_ns;
	uint64_t	 next;		/* op of all that is due next */
	uint32_t	 n;		/* writers */
};

/* Of op k of all. */
static inline uint64_t
pace_due_ns(const struct pace *p, uint64_t k)
{
	return p->start_ns + (uint64_t)((double)k * p->period_ns);
}

#endif
