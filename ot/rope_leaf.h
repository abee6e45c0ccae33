/*
 * rope_leaf: the leaves of a rope, and the one way of changing them.  For the
 * rope*.c files only.
 */
#ifndef OT_ROPE_LEAF_H
#define OT_ROPE_LEAF_H

#include "ot/rope.h"

#define ROPE_LEAF_MAX	504	/* bytes of text in a leaf */
#define ROPE_LEAF_MIN	48	/* least room that a leaf is born with */
#define ROPE_LEAF_FILL	(ROPE_LEAF_MAX * 3 / 4) /* of one of a long text: some room */
#define ROPE_REPLACE_MAX (ROPE_LEAF_MAX / 2) /* one replace can bring in */

struct rope_leaf {
	struct tree_leaf	 node;
	uint32_t		 room;		/* bytes that text can hold */
	char			 text[];	/* WTF-8; whole code points */
};

extern const struct tree_kind rope_leaf_kind;

/* The leaf under the finger. */
static inline struct rope_leaf *
rope_leaf_of(const struct rope *r)
{
	return (struct rope_leaf *)r->tree.leaf;
}

static inline uint32_t
rope_leaf_bytes(const struct rope_leaf *leaf)
{
	return leaf->node.size.of[ROPE_BYTES];
}

/* An empty rope's first leaf, with no text, under the finger. */
int	 rope_leaf_first(struct rope *r, uint32_t room_bytes) OT_MUST_CHECK;
/*
 * Byte offset in the leaf of pos (at most its length) in unit.  When pos
 * falls between the halves of a pair, the offset of the pair, and *inside_out
 * is true.
 */
uint32_t rope_leaf_seek(const struct rope_leaf *leaf, enum rope_unit unit,
	    size_t pos, bool *inside_out);
/*
 * Replace the bytes [from, to) of the leaf under the finger, whose size is
 * gone, by text of size add, at most ROPE_REPLACE_MAX bytes; both end between
 * code points.  The finger may be lost.  OT_ENOMEM, OT_ELIMIT; then nothing
 * is changed.
 */
int	 rope_leaf_replace(struct rope *r, uint32_t from, uint32_t to,
	    struct tree_size gone, const char *text, struct tree_size add)
	    OT_MUST_CHECK;

/* The same when the result fits the leaf as it is; nothing else changes. */
void	 rope_leaf_put(struct rope *r, uint32_t from, uint32_t to,
	    struct tree_size gone, const char *text, struct tree_size add);
/*
 * Insert text of any length at byte off of the leaf under the finger, both
 * between code points.  The finger may be lost.  OT_ENOMEM, OT_ELIMIT; then
 * only a part of the text is there.
 */
int	 rope_leaf_pour(struct rope *r, uint32_t off, const char *text,
	    uint32_t len_bytes) OT_MUST_CHECK;

#endif
