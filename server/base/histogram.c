#include "base/histogram.h"

/* Half, one and two and a half of a decade: what is short is most of it. */
static const uint64_t bounds_us[HISTOGRAM_BOUNDS] = {
	500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000,
};

uint64_t
histogram_bound_us(unsigned i)
{
	return bounds_us[i];
}

void
histogram_add(struct histogram *h, uint64_t took_us)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && took_us > bounds_us[i])
		i++;
	h->bucket[i]++;
	h->sum_us += took_us;
}
