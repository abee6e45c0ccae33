/*
 * tree: a sequence in leaves, found by position in O(log n).
 *
 *	                 [ 900 | 1210 ]			inner: a size per child
 *	                /              \
 *	     [ 420 | 480 ]          [ 500 | 300 | 410 ]
 *	      /        \              /     |     \
 *	   leaf        leaf		...
 *
 * A B-tree.  What a leaf holds is its kind's business: text (ot/rope.h) or
 * runs of a rich text (ot/delta_runs.h).  A leaf has a size in each of three
 * units; the first of them is what fills it.
 *
 * Nodes are counted and shared: tree_share copies a tree in O(1), and going
 * somewhere to change it first copies those nodes on the way that somebody
 * else holds too.  A node that is held twice is never changed; one that is
 * held once may be, if all above it are held once as well.
 *
 * The finger is the leaf that was sought last, with the way to it.  Changing
 * goes in steps: seek a leaf; change it in place; tree_resize.  When it lost
 * something, tree_shrink; when it got too large, tree_insert_leaf.  For the
 * files of the kinds only.
 */
#ifndef OT_TREE_H
#define OT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/ot_err.h"

#define TREE_UNITS	3
#define TREE_FANOUT	32
/* Levels of inner nodes; enough for 2^31 of the first unit. */
#define TREE_HEIGHT_MAX	8

struct tree_size {
	uint32_t		 of[TREE_UNITS];
};

/* How every leaf begins. */
struct tree_leaf {
	uint32_t		 refs;
	struct tree_size	 size;
};

struct tree_kind {
	/* Neighbours that fill no more than this together are merged. */
	uint32_t		 merge_max;
	/* A copy with one count; NULL when out of memory. */
	struct tree_leaf	*(*leaf_copy)(const struct tree_leaf *leaf);
	void			 (*leaf_free)(struct tree_leaf *leaf);
	/*
	 * Take in the content of another leaf, before one's own or after it,
	 * sizes included.  There is room; from is unchanged.
	 */
	void			 (*leaf_absorb)(struct tree_leaf *leaf,
				    const struct tree_leaf *from,
				    bool in_front);
};

struct tree_inner {
	uint32_t		 refs;
	uint32_t		 n;		/* children; at least one */
	/* Sizes of the children, by unit: a search reads one row. */
	uint32_t		 of[TREE_UNITS][TREE_FANOUT];
	void			*child[TREE_FANOUT];
};

struct tree {
	const struct tree_kind	*kind;
	struct tree_size	 size;
	void			*root;		/* leaf at height 0, else inner; NULL: empty */
	unsigned		 height;	/* levels of inner nodes */
	uint32_t		 leaves;	/* nodes under root */
	uint32_t		 inners;
	/*
	 * The finger: a leaf, what lies before it in the unit in which it was
	 * sought, and the way to it from the root; every node on the way is
	 * ours alone.  NULL leaf: none.
	 */
	struct tree_leaf	*leaf;
	size_t			 before;
	unsigned		 unit;
	struct tree_step {
		struct tree_inner	*node;
		unsigned		 at;	/* which child */
	} way[TREE_HEIGHT_MAX];
};

static inline void
tree_size_add(struct tree_size *a, struct tree_size b)
{
	a->of[0] += b.of[0];
	a->of[1] += b.of[1];
	a->of[2] += b.of[2];
}

static inline void
tree_size_sub(struct tree_size *a, struct tree_size b)
{
	a->of[0] -= b.of[0];
	a->of[1] -= b.of[1];
	a->of[2] -= b.of[2];
}

/* The size of one child. */
static inline struct tree_size
tree_inner_get(const struct tree_inner *in, unsigned at)
{
	return (struct tree_size){ {
	    in->of[0][at], in->of[1][at], in->of[2][at]
	} };
}

/* ---- trees as wholes ---- */

void	 tree_init(struct tree *t, const struct tree_kind *kind);
/* Free everything; t is empty afterwards. */
void	 tree_done(struct tree *t);
/* Make copy, which must be empty, the same as t, which loses its finger. */
void	 tree_share(struct tree *t, struct tree *copy);
/* What t has becomes what from had, and from is empty. */
void	 tree_move(struct tree *t, struct tree *from);

/* ---- changing ---- */

/* The first leaf of an empty tree, under the finger. */
void	 tree_plant(struct tree *t, struct tree_leaf *leaf);
/*
 * Put the finger on the leaf that holds the unit at pos; with end_will_do, on
 * one that pos is in or at the end of.  The tree is not empty.  Copies what
 * is shared on the way, so it may fail with OT_ENOMEM, the content unchanged.
 */
int	 tree_seek(struct tree *t, unsigned unit, size_t pos, bool end_will_do)
	    OT_MUST_CHECK;
/* What lies before the leaf under the finger, in any unit. */
size_t	 tree_before(const struct tree *t, unsigned unit);
/* The leaf under the finger, the only one, has moved in memory. */
void	 tree_moved(struct tree *t, struct tree_leaf *leaf);
/* The leaf under the finger lost gone and got add. */
void	 tree_resize(struct tree *t, struct tree_size gone,
	    struct tree_size add);
/*
 * The leaf under the finger has become smaller: drop it if it is empty, merge
 * it if that can be.  The finger may be lost.
 */
void	 tree_shrink(struct tree *t);
/* Would that change more than sizes, had the leaf lost so much more? */
bool	 tree_shrinks(const struct tree *t, uint32_t lost);

/* Nodes made before a change that must not fail. */
struct tree_spare {
	struct tree_inner	*inner[TREE_HEIGHT_MAX + 1];
	unsigned		 n;
};

/* What inserting a leaf beside the finger's needs; OT_ENOMEM, OT_ELIMIT. */
int	 tree_spare_init(struct tree_spare *s, const struct tree *t)
	    OT_MUST_CHECK;
/*
 * Insert a leaf behind that under the finger, taking it and using up the
 * spare nodes.  The finger moves on to it.
 */
void	 tree_insert_leaf(struct tree *t, struct tree_leaf *leaf,
	    struct tree_spare *s);

/* ---- reading ---- */

/* Walks the leaves.  The tree must not be changed meanwhile. */
struct tree_walk {
	const struct tree_inner	*node[TREE_HEIGHT_MAX];
	unsigned		 at[TREE_HEIGHT_MAX];
	const struct tree_leaf	*leaf;		/* where it stands; NULL: end */
	struct tree_size	 before;	/* what lies before that */
	unsigned		 height;
};

/* Stand on the leaf that holds the unit at pos, or at the end. */
void	 tree_walk_seek(struct tree_walk *w, const struct tree *t,
	    unsigned unit, size_t pos);
void	 tree_walk_next(struct tree_walk *w);

/* For tests: asserts what holds for every kind.  leaf_check asserts the rest. */
void	 tree_check(const struct tree *t,
	    void (*leaf_check)(const struct tree_leaf *leaf, void *arg),
	    void *arg);

#endif
