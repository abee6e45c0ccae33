/* Reading a tree: its leaves in order, its invariants. */
#include <assert.h>
#include <string.h>

#include "ot/tree.h"

static const struct tree_size nothing = { { 0, 0, 0 } };

/* From the child at[] of node[level - 1], go down to the first leaf. */
static void
walk_down(struct tree_walk *w, unsigned level)
{
	const void *node = w->node[level - 1]->child[w->at[level - 1]];

	for (; level < w->height; level++) {
		w->node[level] = node;
		w->at[level] = 0;
		node = w->node[level]->child[0];
	}
	w->leaf = node;
}

void
tree_walk_seek(struct tree_walk *w, const struct tree *t, unsigned unit,
    size_t pos)
{
	const struct tree_inner *in;
	const void *node = t->root;
	unsigned level, at;

	w->height = t->height;
	w->leaf = NULL;
	w->before = nothing;
	if (pos >= t->size.of[unit])
		return;
	for (level = 0; level < t->height; level++) {
		in = node;
		for (at = 0; pos >= in->of[unit][at]; at++) {
			pos -= in->of[unit][at];
			tree_size_add(&w->before, tree_inner_get(in, at));
		}
		w->node[level] = in;
		w->at[level] = at;
		node = in->child[at];
	}
	w->leaf = node;
}

void
tree_walk_next(struct tree_walk *w)
{
	unsigned level = w->height;

	tree_size_add(&w->before, w->leaf->size);
	w->leaf = NULL;
	while (level > 0 && w->at[level - 1] + 1 == w->node[level - 1]->n)
		level--;
	if (level == 0)
		return;
	w->at[level - 1]++;
	walk_down(w, level);
}

/* ---- invariants ---- */

struct check {
	void	(*leaf_check)(const struct tree_leaf *leaf, void *arg);
	void	*arg;
	uint32_t leaves, inners;
};

static uint32_t
refs_of(const void *node)
{
	return *(const uint32_t *)node;
}

static bool
size_equal(struct tree_size a, struct tree_size b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static struct tree_size
check_node(const void *node, unsigned height, struct check *c)
{
	const struct tree_leaf *leaf = node;
	const struct tree_inner *in = node;
	struct tree_size total = nothing, size;
	unsigned i;

	if (height == 0) {
		assert(leaf->refs > 0 && leaf->size.of[0] > 0);
		c->leaf_check(leaf, c->arg);
		c->leaves++;
		return leaf->size;
	}
	assert(in->refs > 0 && in->n > 0 && in->n <= TREE_FANOUT);
	c->inners++;
	for (i = 0; i < in->n; i++) {
		size = check_node(in->child[i], height - 1, c);
		assert(size_equal(size, tree_inner_get(in, i)));
		tree_size_add(&total, size);
	}
	return total;
}

static void
check_finger(const struct tree *t)
{
	struct tree_size before = nothing;
	const void *node = t->root;
	unsigned level, i;

	for (level = 0; level < t->height; level++) {
		assert(t->way[level].node == node && refs_of(node) == 1);
		assert(t->way[level].at < t->way[level].node->n);
		for (i = 0; i < t->way[level].at; i++)
			tree_size_add(&before, tree_inner_get(t->way[level].node, i));
		node = t->way[level].node->child[t->way[level].at];
	}
	assert(t->leaf == node && refs_of(node) == 1);
	assert(t->unit < TREE_UNITS && t->before == before.of[t->unit]);
}

void
tree_check(const struct tree *t,
    void (*leaf_check)(const struct tree_leaf *leaf, void *arg), void *arg)
{
	struct check c = { leaf_check, arg, 0, 0 };

	assert(t->height <= TREE_HEIGHT_MAX);
	if (t->root == NULL) {
		assert(size_equal(t->size, nothing));
		assert(t->height == 0 && t->leaf == NULL);
	} else {
		assert(size_equal(check_node(t->root, t->height, &c), t->size));
		assert(t->height == 0 ||
		    ((const struct tree_inner *)t->root)->n > 1);
	}
	assert(c.leaves == t->leaves && c.inners == t->inners);
	if (t->leaf != NULL)
		check_finger(t);
}
