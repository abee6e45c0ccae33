/*
 * The hash is SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF"): names come from clients, so collisions must not be
 * choosable; the rounds are those that the hash tables of several languages
 * settled on.
 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUCKETS_MIN	16

static uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static uint64_t
sip13(uint64_t k0, uint64_t k1, const unsigned char *p, size_t len)
{
	uint64_t v[4] = {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
	uint64_t last = (uint64_t)len << 56, m;
	size_t left;

	for (left = len; left >= 8; left -= 8, p += 8) {
		memcpy(&m, p, 8);	/* in the machine's order: never stored */
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)p[i] << (8 * i);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
table_init(struct table *t, uint64_t seed)
{
	t->buckets = NULL;
	t->n_buckets = 0;
	t->n = 0;
	t->seed = seed;
}

void
table_done(struct table *t)
{
	free(t->buckets);
	table_init(t, t->seed);
}

uint64_t
table_hash(const struct table *t, const void *bytes, size_t len)
{
	return sip13(t->seed, ~t->seed, bytes, len);
}

uint64_t
table_hash_more(uint64_t hash, const void *bytes, size_t len)
{
	return sip13(hash, ~hash, bytes, len);
}

static struct table_node **
table_bucket(const struct table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

struct table_node *
table_find(const struct table *t, uint64_t hash, table_match *match,
    const void *key)
{
	struct table_node *node;

	if (t->n == 0)
		return NULL;
	for (node = *table_bucket(t, hash); node != NULL; node = node->next)
		if (node->hash == hash && match(node, key))
			return node;
	return NULL;
}

static void
table_link(struct table *t, struct table_node *node)
{
	struct table_node **bucket = table_bucket(t, node->hash);

	node->next = *bucket;
	*bucket = node;
}

static void
table_double(struct table *t)
{
	struct table_node **old = t->buckets, *node, *next;
	size_t n_old = t->n_buckets;

	if (n_old > SIZE_MAX / 2 / sizeof(*old))
		bug("table: too many things");
	t->n_buckets = n_old != 0 ? n_old * 2 : BUCKETS_MIN;
	t->buckets = mem_get(t->n_buckets * sizeof(*t->buckets));
	for (size_t i = 0; i < n_old; i++)
		for (node = old[i]; node != NULL; node = next) {
			next = node->next;
			table_link(t, node);
		}
	free(old);
}

void
table_add(struct table *t, struct table_node *node, uint64_t hash)
{
	if (t->n == t->n_buckets)
		table_double(t);
	node->hash = hash;
	table_link(t, node);
	t->n++;
}

void
table_remove(struct table *t, struct table_node *node)
{
	struct table_node **at;

	if (t->n == 0)
		bug("table: removed what was not in it");
	for (at = table_bucket(t, node->hash); *at != node; at = &(*at)->next)
		if (*at == NULL)
			bug("table: removed what was not in it");
	*at = node->next;
	node->next = NULL;
	t->n--;
}

struct table_node *
table_next(const struct table *t, const struct table_node *node)
{
	size_t i = 0;

	if (node != NULL) {
		if (node->next != NULL)
			return node->next;
		i = (node->hash & (t->n_buckets - 1)) + 1;
	}
	for (; i < t->n_buckets; i++)
		if (t->buckets[i] != NULL)
			return t->buckets[i];
	return NULL;
}
