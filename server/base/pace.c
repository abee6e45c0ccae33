#include "base/pace.h"

#define SECOND_US	1000000

/* xorshift64 (Marsaglia 2003, "Xorshift RNGs"): enough to be out of step. */
static uint64_t
roll(struct pace *p)
{
	p->dice ^= p->dice << 13;
	p->dice ^= p->dice >> 7;
	p->dice ^= p->dice << 17;
	return p->dice;
}

/* Reckoned from the beginning, so that nothing is lost to rounding. */
static void
pick(struct pace *p)
{
	uint64_t begin_us = p->slot * SECOND_US / p->rate;
	uint64_t end_us = (p->slot + 1) * SECOND_US / p->rate;

	p->next_us = begin_us;
	if (end_us > begin_us)
		p->next_us += roll(p) % (end_us - begin_us);
}

void
pace_start(struct pace *p, unsigned rate, uint64_t seed, uint64_t now_ms)
{
	*p = (struct pace){
		.rate = rate > 0 ? rate : 1,
		.began_ms = now_ms,
		.dice = seed != 0 ? seed : 1,
	};
	pick(p);
}

uint64_t
pace_wait_ms(const struct pace *p, uint64_t now_ms)
{
	uint64_t since_us = (now_ms - p->began_ms) * 1000;

	if (since_us >= p->next_us)
		return 0;
	return (p->next_us - since_us + 999) / 1000;
}

bool
pace_due(struct pace *p, uint64_t now_ms)
{
	if (pace_wait_ms(p, now_ms) > 0)
		return false;
	p->slot++;
	pick(p);
	return true;
}
