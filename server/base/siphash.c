#include "base/siphash.h"

#include <stdint.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

/* Little-endian, whatever the machine. */
static uint64_t
take(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	while (n-- > 0)
		x = x << 8 | p[n];
	return x;
}

static void
put(unsigned char *p, uint64_t x)
{
	for (int i = 0; i < 8; i++, x >>= 8)
		p[i] = (unsigned char)x;
}

static void
mix(struct state *s, int rounds)
{
	while (rounds-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

static uint64_t
sum(const struct state *s)
{
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static void
word(struct state *s, uint64_t m)
{
	s->v3 ^= m;
	mix(s, 2);
	s->v0 ^= m;
}

void
siphash(const unsigned char key[SIPHASH_KEY], const void *bytes, size_t len,
    unsigned char out[SIPHASH_LEN])
{
	const unsigned char *p = bytes;
	uint64_t k0 = take(key, 8), k1 = take(key + 8, 8);
	struct state s = {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8)
		word(&s, take(p, 8));
	word(&s, (uint64_t)len << 56 | take(p, left));
	s.v2 ^= 0xee;
	mix(&s, 4);
	put(out, sum(&s));
	s.v1 ^= 0xdd;
	mix(&s, 4);
	put(out + 8, sum(&s));
}
