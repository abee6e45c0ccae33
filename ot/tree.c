#include "ot/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define INNER_MERGE	(TREE_FANOUT - TREE_FANOUT / 4)
#define CACHE_LINE	64	/* bytes */
#define PREFETCH	512	/* bytes of a node that are asked for ahead */

static const struct tree_size nothing = { { 0, 0, 0 } };

/* ---- nodes ---- */

/* Every node begins with its count. */
static bool
is_shared(const void *node)
{
	return *(const uint32_t *)node > 1;
}

static void
node_ref(void *node)
{
	uint32_t *refs = node;

	++*refs;
}

/* Let go; the last one frees the node and lets go of its children. */
static void
node_unref(const struct tree *t, void *node, unsigned height)
{
	struct tree_inner *in = node;
	uint32_t *refs = node;
	unsigned i;

	if (--*refs > 0)
		return;
	if (height == 0) {
		t->kind->leaf_free(node);
		return;
	}
	for (i = 0; i < in->n; i++)
		node_unref(t, in->child[i], height - 1);
	free(in);
}

static struct tree_inner *
inner_new(void)
{
	struct tree_inner *in;

	if ((in = malloc(sizeof(*in))) == NULL)
		return NULL;
	in->refs = 1;
	in->n = 0;
	return in;
}

static void
inner_set(struct tree_inner *in, unsigned at, struct tree_size size)
{
	in->of[0][at] = size.of[0];
	in->of[1][at] = size.of[1];
	in->of[2][at] = size.of[2];
}

static struct tree_size
inner_total(const struct tree_inner *in)
{
	struct tree_size total = nothing;
	unsigned i;

	for (i = 0; i < in->n; i++)
		tree_size_add(&total, tree_inner_get(in, i));
	return total;
}

/* Move count children within or between nodes; the places may overlap. */
static void
inner_move(struct tree_inner *to, unsigned to_at,
    const struct tree_inner *from, unsigned from_at, unsigned count)
{
	unsigned unit;

	for (unit = 0; unit < TREE_UNITS; unit++)
		memmove(&to->of[unit][to_at], &from->of[unit][from_at],
		    count * sizeof(to->of[unit][0]));
	memmove(&to->child[to_at], &from->child[from_at],
	    count * sizeof(to->child[0]));
}

/* Make room for a child before at, which the caller sets; not when full. */
static void
inner_open(struct tree_inner *in, unsigned at)
{
	assert(in->n < TREE_FANOUT && at <= in->n);
	inner_move(in, at + 1, in, at, in->n - at);
	in->n++;
}

/* Take child at out; the count that it held is the caller's. */
static void
inner_close(struct tree_inner *in, unsigned at)
{
	assert(at < in->n);
	in->n--;
	inner_move(in, at, in, at + 1, in->n - at);
}

/* Move the children from at on to the node to, which is empty. */
static void
inner_cut(struct tree_inner *in, unsigned at, struct tree_inner *to)
{
	assert(to->n == 0 && at <= in->n);
	to->n = in->n - at;
	inner_move(to, 0, in, at, to->n);
	in->n = at;
}

/*
 * Take in the content of another node, before our own or after it.  Its
 * children are held once more; it is unchanged, so it may be shared.
 */
static void
inner_absorb(struct tree_inner *in, const struct tree_inner *from,
    bool in_front)
{
	unsigned i, at = in_front ? 0 : in->n;

	assert(in->n + from->n <= TREE_FANOUT);
	inner_move(in, at + from->n, in, at, in->n - at);
	inner_move(in, at, from, 0, from->n);
	for (i = 0; i < from->n; i++)
		node_ref(from->child[i]);
	in->n += from->n;
}

static struct tree_inner *
inner_copy(const struct tree_inner *in)
{
	struct tree_inner *copy;

	if ((copy = inner_new()) == NULL)
		return NULL;
	inner_absorb(copy, in, false);
	return copy;
}

static void
inner_insert(struct tree_inner *in, unsigned at, void *child,
    struct tree_size size)
{
	inner_open(in, at);
	in->child[at] = child;
	inner_set(in, at, size);
}

/* ---- trees as wholes ---- */

void
tree_init(struct tree *t, const struct tree_kind *kind)
{
	memset(t, 0, sizeof(*t));
	t->kind = kind;
}

void
tree_done(struct tree *t)
{
	if (t->root != NULL)
		node_unref(t, t->root, t->height);
	tree_init(t, t->kind);
}

void
tree_share(struct tree *t, struct tree *copy)
{
	assert(copy->root == NULL);
	t->leaf = NULL;
	*copy = *t;
	if (t->root != NULL)
		node_ref(t->root);
}

void
tree_move(struct tree *t, struct tree *from)
{
	tree_done(t);
	*t = *from;
	tree_init(from, from->kind);
}

/* ---- the finger ---- */

/* Is pos in the leaf under the finger, or at its end if that will do? */
static bool
finger_holds(const struct tree *t, unsigned unit, size_t pos,
    bool end_will_do)
{
	size_t off;

	if (t->leaf == NULL || t->unit != unit || pos < t->before)
		return false;
	off = pos - t->before;
	return off < t->leaf->size.of[unit] ||
	    (end_will_do && off == t->leaf->size.of[unit]);
}

/* Ask for all of a node's memory at once: it may be far from the processor. */
static void
prefetch(const void *node, size_t bytes)
{
	const char *p = node;
	size_t i;

	for (i = 0; i < bytes; i += CACHE_LINE)
		__builtin_prefetch(p + i);
}

/* Make the node in *slot ours alone, whose parents are. */
static int
node_own(const struct tree *t, void **slot, unsigned height)
{
	void *copy;

	if (!is_shared(*slot))
		return 0;
	copy = height == 0 ? (void *)t->kind->leaf_copy(*slot) :
	    (void *)inner_copy(*slot);
	if (copy == NULL)
		return OT_ENOMEM;
	node_unref(t, *slot, height);
	*slot = copy;
	return 0;
}

int
tree_seek(struct tree *t, unsigned unit, size_t pos, bool end_will_do)
{
	struct tree_inner *in;
	void **slot = &t->root;
	const uint32_t *size;
	unsigned level, at;
	/* Where pos is in the node, counted so that a child of size n has it if
	 * it is at most n. */
	size_t off = pos + !end_will_do;

	if (finger_holds(t, unit, pos, end_will_do))
		return 0;
	t->leaf = NULL;
	for (level = 0; level < t->height; level++) {
		if (node_own(t, slot, t->height - level) != 0)
			return OT_ENOMEM;
		in = *slot;
		size = in->of[unit];
		for (at = 0; at < in->n - 1 && off > size[at]; at++)
			off -= size[at];
		t->way[level].node = in;
		t->way[level].at = at;
		slot = &in->child[at];
		prefetch(*slot, PREFETCH);
	}
	if (node_own(t, slot, 0) != 0)
		return OT_ENOMEM;
	t->leaf = *slot;
	t->unit = unit;
	t->before = pos + !end_will_do - off;
	return 0;
}

size_t
tree_before(const struct tree *t, unsigned unit)
{
	const struct tree_inner *in;
	unsigned level, i;
	size_t before = 0;

	if (unit == t->unit)
		return t->before;
	for (level = 0; level < t->height; level++) {
		in = t->way[level].node;
		for (i = 0; i < t->way[level].at; i++)
			before += in->of[unit][i];
	}
	return before;
}

void
tree_plant(struct tree *t, struct tree_leaf *leaf)
{
	assert(t->root == NULL);
	t->root = t->leaf = leaf;
	t->leaves = 1;
	t->size = leaf->size;
	t->before = 0;
}

void
tree_moved(struct tree *t, struct tree_leaf *leaf)
{
	assert(t->height == 0);
	t->root = t->leaf = leaf;
}

void
tree_resize(struct tree *t, struct tree_size gone, struct tree_size add)
{
	struct tree_inner *in;
	unsigned level, at;

	tree_size_sub(&t->leaf->size, gone);
	tree_size_add(&t->leaf->size, add);
	tree_size_sub(&t->size, gone);
	tree_size_add(&t->size, add);
	for (level = t->height; level-- > 0; ) {
		in = t->way[level].node;
		at = t->way[level].at;
		in->of[0][at] += add.of[0] - gone.of[0];
		in->of[1][at] += add.of[1] - gone.of[1];
		in->of[2][at] += add.of[2] - gone.of[2];
	}
}

/* ---- less ---- */

/* Do the neighbours at and at + 1 make one node with some room to spare? */
static bool
fit_together(const struct tree *t, const struct tree_inner *in, unsigned at,
    bool leaves)
{
	const struct tree_inner *a, *b;

	if (leaves)
		return in->of[0][at] + in->of[0][at + 1] <=
		    t->kind->merge_max;
	a = in->child[at];
	b = in->child[at + 1];
	return a->n + b->n <= INNER_MERGE;
}

/* Take the child at, which has that height, out of in and let go of it. */
static void
drop_child(struct tree *t, struct tree_inner *in, unsigned at, unsigned height)
{
	node_unref(t, in->child[at], height);
	inner_close(in, at);
	if (height == 0)
		t->leaves--;
	else
		t->inners--;
}

/* Merge the child on the way at level with a neighbour; false: none fits. */
static bool
way_merge(struct tree *t, unsigned level)
{
	struct tree_inner *in = t->way[level].node;
	unsigned at = t->way[level].at, other;
	unsigned height = t->height - level - 1;	/* of the children */
	struct tree_size total;

	if (at + 1 < in->n && fit_together(t, in, at, height == 0))
		other = at + 1;
	else if (at > 0 && fit_together(t, in, at - 1, height == 0))
		other = at - 1;
	else
		return false;
	/* Ours takes the other in, since the other may be shared. */
	if (height == 0)
		t->kind->leaf_absorb(in->child[at], in->child[other],
		    other < at);
	else
		inner_absorb(in->child[at], in->child[other], other < at);
	total = tree_inner_get(in, at);
	tree_size_add(&total, tree_inner_get(in, other));
	inner_set(in, at, total);
	drop_child(t, in, other, height);
	return true;
}

/* A root with one child, or none, is not needed. */
static void
root_collapse(struct tree *t)
{
	struct tree_inner *root;

	while (t->height > 0 && (root = t->root)->n <= 1) {
		t->root = root->n == 1 ? root->child[0] : NULL;
		free(root);
		t->inners--;
		t->height = t->root != NULL ? t->height - 1 : 0;
	}
}

void
tree_shrink(struct tree *t)
{
	struct tree_inner *child;
	unsigned level = t->height;

	if (t->height == 0) {
		if (t->size.of[0] == 0)
			tree_done(t);
		return;
	}
	level--;
	if (t->leaf->size.of[0] == 0)
		drop_child(t, t->way[level].node, t->way[level].at, 0);
	else if (!way_merge(t, level))
		return;
	t->leaf = NULL;
	while (level-- > 0) {
		child = t->way[level + 1].node;
		if (child->n == 0)
			drop_child(t, t->way[level].node, t->way[level].at,
			    t->height - level - 1);
		else if (!way_merge(t, level))
			break;
	}
	root_collapse(t);
}

bool
tree_shrinks(const struct tree *t, uint32_t lost)
{
	const uint32_t *size;
	unsigned at, n;
	uint32_t left = t->leaf->size.of[0] - lost;
	uint32_t room = t->kind->merge_max - left;

	if (left == 0)
		return true;
	if (t->height == 0 || left > t->kind->merge_max)
		return false;
	size = t->way[t->height - 1].node->of[0];
	n = t->way[t->height - 1].node->n;
	at = t->way[t->height - 1].at;
	return (at > 0 && size[at - 1] <= room) ||
	    (at + 1 < n && size[at + 1] <= room);
}

/* ---- more ---- */

static void
spare_done(struct tree_spare *s)
{
	while (s->n > 0)
		free(s->inner[--s->n]);
}

int
tree_spare_init(struct tree_spare *s, const struct tree *t)
{
	unsigned level = t->height, need = 0;

	if (t->height == TREE_HEIGHT_MAX)
		return OT_ELIMIT;
	while (level > 0 && t->way[level - 1].node->n == TREE_FANOUT) {
		level--;
		need++;
	}
	if (level == 0)
		need++;		/* a new root */
	for (s->n = 0; s->n < need; s->n++) {
		if ((s->inner[s->n] = inner_new()) == NULL) {
			spare_done(s);
			return OT_ENOMEM;
		}
	}
	return 0;
}

/*
 * Part the full inner node on the way at level, and put child behind the way
 * into one of the halves.  The way goes on to child if *follow, else stays
 * where it was; *follow then tells whether that is in the new half, which is
 * returned and has no parent yet.
 */
static struct tree_inner *
way_split(struct tree *t, unsigned level, void *child, struct tree_size size,
    struct tree_spare *s, bool *follow)
{
	struct tree_inner *in = t->way[level].node, *half;
	unsigned at = t->way[level].at + 1;
	unsigned stand = *follow ? at : at - 1;

	half = s->inner[--s->n];
	t->inners++;
	/* As with leaves: appending leaves full nodes behind. */
	inner_cut(in, at == in->n ? in->n : in->n / 2, half);
	if (at <= in->n && in->n < TREE_FANOUT)
		inner_insert(in, at, child, size);
	else
		inner_insert(half, at - in->n, child, size);
	if (level > 0)
		inner_set(t->way[level - 1].node, t->way[level - 1].at,
		    inner_total(in));
	*follow = stand >= in->n;
	t->way[level].node = *follow ? half : in;
	t->way[level].at = *follow ? stand - in->n : stand;
	return half;
}

/* The root and its other half get a new root above them. */
static void
root_raise(struct tree *t, struct tree_size size, void *half,
    struct tree_size half_size, struct tree_inner *root, bool follow)
{
	inner_insert(root, 0, t->root, size);
	inner_insert(root, 1, half, half_size);
	memmove(&t->way[1], &t->way[0], t->height * sizeof(t->way[0]));
	t->way[0] = (struct tree_step){ root, follow ? 1 : 0 };
	t->root = root;
	t->inners++;
	t->height++;
}

void
tree_insert_leaf(struct tree *t, struct tree_leaf *leaf, struct tree_spare *s)
{
	struct tree_size size = leaf->size;
	const struct tree_size old = t->leaf->size;
	void *child = leaf;
	bool follow = true;
	unsigned level = t->height;

	t->leaves++;
	t->leaf = leaf;
	t->before += old.of[t->unit];
	tree_size_add(&t->size, leaf->size);
	while (level > 0 && t->way[level - 1].node->n == TREE_FANOUT) {
		level--;
		child = way_split(t, level, child, size, s, &follow);
		size = inner_total(child);
	}
	if (level == 0) {
		root_raise(t, t->height == 0 ? old : inner_total(t->root),
		    child, size, s->inner[--s->n], follow);
		return;
	}
	level--;
	inner_insert(t->way[level].node, t->way[level].at + 1, child, size);
	t->way[level].at += follow;
	while (level-- > 0) {
		size = tree_inner_get(t->way[level].node, t->way[level].at);
		tree_size_add(&size, leaf->size);
		inner_set(t->way[level].node, t->way[level].at, size);
	}
}
