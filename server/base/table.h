/*
 * table: a hash table of things that carry their own key.
 *
 * Things embed a struct table_node; the table owns nothing but its buckets.
 * Keys are bytes; the caller hashes them (table_hash), so that a look-up
 * needs no key object.  Chained, doubling at load 1; seeded per table against
 * chosen collisions.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_node {
	struct table_node	*next;	/* same bucket */
	uint64_t		 hash;
};

/* Is this node's key the one looked for? */
typedef bool table_match(const struct table_node *node, const void *key);

struct table {
	struct table_node	**buckets;
	size_t			 n_buckets;	/* a power of two, or 0 */
	size_t			 n;		/* things in it */
	uint64_t		 seed;
};

void	 table_init(struct table *t, uint64_t seed);
void	 table_done(struct table *t);		/* the things stay */
uint64_t table_hash(const struct table *t, const void *bytes, size_t len);
/* Mix a second part into a hash, for keys of several parts. */
uint64_t table_hash_more(uint64_t hash, const void *bytes, size_t len);
struct table_node *table_find(const struct table *t, uint64_t hash,
	    table_match *match, const void *key);
/* The caller knows that the key is not in it. */
void	 table_add(struct table *t, struct table_node *node, uint64_t hash);
/* The node must be in it. */
void	 table_remove(struct table *t, struct table_node *node);
/* Walk: NULL gives the first; no adding or removing in between. */
struct table_node *table_next(const struct table *t,
	    const struct table_node *node);

#endif
