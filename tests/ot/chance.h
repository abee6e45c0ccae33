/*
 * chance: random numbers that a seed repeats (splitmix64), for tests.
 *
 * The seed comes from TEST_SEED in the environment, else from the test; it is
 * printed, so that a failure can be had again.
 */
#ifndef TESTS_OT_CHANCE_H
#define TESTS_OT_CHANCE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct chance {
	uint64_t	 state;
};

static inline void
chance_init(struct chance *c, const char *test, uint64_t seed)
{
	const char *given = getenv("TEST_SEED");

	c->state = given != NULL ? strtoull(given, NULL, 10) : seed;
	printf("# %s: TEST_SEED=%llu\n", test, (unsigned long long)c->state);
}

static inline uint64_t
chance_next(struct chance *c)
{
	uint64_t z = (c->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* One of 0 to n - 1. */
static inline size_t
chance_below(struct chance *c, size_t n)
{
	return (size_t)(chance_next(c) % n);
}

#endif
