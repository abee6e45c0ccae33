/*
 * rope_node: the nodes of a rope.  For the rope_*.c files only.
 *
 * A node is either a leaf or an inner node; its height in the tree tells
 * which (leaves are at height 0), so a node pointer travels with its height.
 * Nodes are counted.  One that is held twice is never changed; one that is
 * held once may be, if all above it are held once as well.
 */
#ifndef OT_ROPE_NODE_H
#define OT_ROPE_NODE_H

#include "ot/rope.h"

#define ROPE_LEAF_MAX	504	/* bytes of text in a leaf; twice ROPE_REPLACE_MAX */
#define ROPE_LEAF_MIN	48	/* least room that a leaf is born with */
#define ROPE_FANOUT	32

/*
 * Neighbours below one parent are merged when they are no more than this
 * together.  Below the maximum, so that a merge is not undone at once.
 */
#define ROPE_LEAF_MERGE	(ROPE_LEAF_MAX - ROPE_LEAF_MAX / 8)
#define ROPE_INNER_MERGE (ROPE_FANOUT - ROPE_FANOUT / 4)

struct rope_leaf {
	uint32_t		 refs;
	uint32_t		 room;		/* bytes that text can hold */
	struct rope_size	 size;
	char			 text[];
};

struct rope_inner {
	uint32_t		 refs;
	uint32_t		 n;		/* children; at least one */
	/* Totals of the children, by unit: a search reads one row. */
	uint32_t		 of[ROPE_UNITS][ROPE_FANOUT];
	void			*child[ROPE_FANOUT];
};

static inline void
rope_size_add(struct rope_size *a, struct rope_size b)
{
	a->of[ROPE_BYTES] += b.of[ROPE_BYTES];
	a->of[ROPE_CP] += b.of[ROPE_CP];
	a->of[ROPE_U16] += b.of[ROPE_U16];
}

static inline void
rope_size_sub(struct rope_size *a, struct rope_size b)
{
	a->of[ROPE_BYTES] -= b.of[ROPE_BYTES];
	a->of[ROPE_CP] -= b.of[ROPE_CP];
	a->of[ROPE_U16] -= b.of[ROPE_U16];
}

/* One byte for each code point: nothing but ASCII. */
static inline bool
rope_size_ascii(struct rope_size s)
{
	return s.of[ROPE_BYTES] == s.of[ROPE_CP];
}

/* Every node begins with its count. */
static inline bool
rope_node_is_shared(const void *node)
{
	return *(const uint32_t *)node > 1;
}

/* With one count and no text; NULL when out of memory. */
struct rope_leaf  *rope_leaf_new(uint32_t room_bytes);
struct rope_inner *rope_inner_new(void);
/*
 * A copy with one count of a node of that height, whose children are then
 * held once more; a leaf with room for at least room_bytes.
 */
void	*rope_node_copy(const void *node, unsigned height, uint32_t room_bytes);
void	*rope_node_ref(void *node);
/* Let go; the last one frees the node and lets go of its children. */
void	 rope_node_unref(void *node, unsigned height);

/*
 * Byte offset in the leaf of pos (at most its length) in unit.  When pos
 * falls between the halves of a pair, the offset of the pair, and *inside_out
 * is true.
 */
uint32_t rope_leaf_seek(const struct rope_leaf *leaf, enum rope_unit unit,
	    size_t pos, bool *inside_out);

static inline struct rope_size
rope_inner_get(const struct rope_inner *in, unsigned at)
{
	return (struct rope_size){ {
	    in->of[ROPE_BYTES][at], in->of[ROPE_CP][at], in->of[ROPE_U16][at]
	} };
}

static inline void
rope_inner_set(struct rope_inner *in, unsigned at, struct rope_size size)
{
	in->of[ROPE_BYTES][at] = size.of[ROPE_BYTES];
	in->of[ROPE_CP][at] = size.of[ROPE_CP];
	in->of[ROPE_U16][at] = size.of[ROPE_U16];
}

struct rope_size rope_inner_total(const struct rope_inner *in);
/* Make room for a child before at, which is set by the caller; not when full. */
void	 rope_inner_open(struct rope_inner *in, unsigned at);
/* Take child at out; the count that it held goes to the caller. */
void	 rope_inner_close(struct rope_inner *in, unsigned at);
/* Move the children from at on to the node to, which is empty. */
void	 rope_inner_cut(struct rope_inner *in, unsigned at,
	    struct rope_inner *to);
/*
 * Take in the content of another node, before our own or after it.  Its
 * children are held once more; it is unchanged, so it may be shared.
 */
void	 rope_inner_absorb(struct rope_inner *in, const struct rope_inner *from,
	    bool in_front);
void	 rope_leaf_absorb(struct rope_leaf *leaf, const struct rope_leaf *from,
	    bool in_front);

#endif
