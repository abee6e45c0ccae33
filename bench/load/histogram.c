#include "bench/load/histogram.h"

/* The first shift covers two of the doublings: 0 to 255 are exact. */
static unsigned
bucket_of(uint64_t value)
{
	unsigned shift = 0;

	if (value >> (HISTOGRAM_BITS + 1))
		shift = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;
	return (shift << HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* The greatest value of a bucket. */
static uint64_t
bucket_top(unsigned bucket)
{
	unsigned shift = 0;
	uint64_t low;

	if (bucket >> (HISTOGRAM_BITS + 1))
		shift = (bucket >> HISTOGRAM_BITS) - 1;
	low = (uint64_t)(bucket - (shift << HISTOGRAM_BITS)) << shift;
	return low + (((uint64_t)1 << shift) - 1);
}

void
histogram_record(struct histogram *h, uint64_t value)
{
	h->n++;
	h->sum += (double)value;
	if (value > h->max)
		h->max = value;
	h->count[bucket_of(value)]++;
}

uint64_t
histogram_quantile(const struct histogram *h, double q)
{
	double rank = q * (double)h->n;
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->count[i];
		if (seen > 0 && (double)seen >= rank)
			return bucket_top(i) < h->max ? bucket_top(i) : h->max;
	}
	return h->max;
}

double
histogram_mean(const struct histogram *h)
{
	return h->n == 0 ? 0 : h->sum / (double)h->n;
}
