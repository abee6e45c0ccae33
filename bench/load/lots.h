/*
 * lots: numbers that look drawn by lot and follow from a seed (splitmix64,
 * prng.di.unimi.it/splitmix64.c, public domain; written anew).
 */
#ifndef LOAD_LOTS_H
#define LOAD_LOTS_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
lots_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static inline uint64_t
lots_next(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	return lots_mix(*state);
}

/* Below n, which is not 0. */
static inline uint64_t
lots_below(uint64_t *state, uint64_t n)
{
	return (uint64_t)((unsigned __int128)lots_next(state) * n >> 64);
}

/* n letters and digits. */
static inline void
lots_text(uint64_t *state, char *to, size_t n)
{
	static const char from[] = "abcdefghijklmnopqrstuvwxyz0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZea";	/* 64 */
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		if (i % 8 == 0)
			bits = lots_next(state);
		to[i] = from[bits & 63];
		bits >>= 8;
	}
}

#endif
