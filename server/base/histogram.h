/*
 * histogram: how long things took, counted in buckets of fixed bounds, from
 * half a millisecond to ten seconds, as Prometheus wants them.
 *
 * One writer, no lock: a bucket is one aligned word.  There is no count of
 * all; whoever shows it adds the buckets up, so that it fits them even when
 * they are read while they are written.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS	14

struct histogram {
	/* Those above the bound before and no longer than this one's; the last: beyond all. */
	uint64_t	bucket[HISTOGRAM_BOUNDS + 1];
	uint64_t	sum_us;
};

/* Bound i, ascending; i below HISTOGRAM_BOUNDS. */
uint64_t	 histogram_bound_us(unsigned i);
/* Something took so long.  At most HISTOGRAM_BOUNDS comparisons. */
void		 histogram_add(struct histogram *h, uint64_t took_us);

#endif
