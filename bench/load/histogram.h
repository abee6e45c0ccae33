/*
 * histogram: how often values occurred, in buckets that grow with the value.
 *
 *	value	0 .. 255	256 .. 511	512 .. 1023	...
 *	bucket	1 each		2 each		4 each
 *
 * Log-linear in the way of HdrHistogram (hdrhistogram.github.io): 128 buckets
 * for each doubling, so what is read back is at most 1/128 too high, never too
 * low, over all of 64 bits.  Recording is a few instructions and never fails.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS		7	/* buckets a doubling, as a power of two */
#define HISTOGRAM_BUCKETS	((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

/* All zero is empty. */
struct histogram {
	uint64_t	n;			/* values recorded */
	double		sum;			/* of them */
	uint64_t	max;			/* the greatest, exactly */
	uint64_t	count[HISTOGRAM_BUCKETS];
};

void	 histogram_record(struct histogram *h, uint64_t value);
/*
 * The least recorded value (as far as the buckets tell) that a share q of all
 * does not exceed; q of 0 to 1.  0 when nothing was recorded.
 */
uint64_t histogram_quantile(const struct histogram *h, double q);
double	 histogram_mean(const struct histogram *h);	/* 0 when empty */

#endif
