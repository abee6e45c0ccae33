/* Reading a rope: its pieces in order, a range of it, its invariants. */
#include <assert.h>

#include "ot/rope.h"
#include "ot/rope_node.h"
#include "ot/utf.h"

/*
 * Stand before the leaf that holds the unit at pos, or at the end.  Returns
 * how far into the leaf pos is.
 */
static size_t
walk_seek(struct rope_walk *w, const struct rope *r, enum rope_unit unit,
    size_t pos)
{
	const struct rope_inner *in;
	const void *node = r->root;
	unsigned level, at;

	w->height = r->height;
	w->leaf = NULL;
	if (pos >= r->size.of[unit])
		return 0;
	for (level = 0; level < r->height; level++) {
		in = node;
		for (at = 0; pos >= in->of[unit][at]; at++)
			pos -= in->of[unit][at];
		w->node[level] = in;
		w->at[level] = at;
		node = in->child[at];
	}
	w->leaf = node;
	return pos;
}

void
rope_walk_init(struct rope_walk *w, const struct rope *r)
{
	walk_seek(w, r, ROPE_BYTES, 0);
}

bool
rope_walk_next(struct rope_walk *w, const char **text_out,
    size_t *len_bytes_out)
{
	const void *node;
	unsigned level = w->height;

	if (w->leaf == NULL)
		return false;
	*text_out = w->leaf->text;
	*len_bytes_out = w->leaf->size.of[ROPE_BYTES];
	w->leaf = NULL;
	while (level > 0 && w->at[level - 1] + 1 == w->node[level - 1]->n)
		level--;
	if (level == 0)
		return true;
	w->at[level - 1]++;
	node = w->node[level - 1]->child[w->at[level - 1]];
	for (; level < w->height; level++) {
		w->node[level] = node;
		w->at[level] = 0;
		node = w->node[level]->child[0];
	}
	w->leaf = node;
	return true;
}

/* Append units [from, to) of the leaf to b. */
static void
leaf_read(const struct rope_leaf *leaf, enum rope_unit unit, size_t from,
    size_t to, size_t start, struct buf *b)
{
	uint32_t bytes = leaf->size.of[ROPE_BYTES], a, z;
	bool split, inside;

	a = rope_leaf_seek(leaf, unit, from, &split);
	z = rope_leaf_seek(leaf, unit, to, &inside);
	if (split || inside)
		utf_put_slice_u16(b, start, leaf->text, bytes, from, to);
	else
		buf_put(b, leaf->text + a, z - a);
}

void
rope_read(const struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    struct buf *b)
{
	const struct rope_leaf *leaf;
	const char *text;
	struct rope_walk w;
	size_t bytes, end, off, start = b->len;

	assert(pos <= r->size.of[unit] && len <= r->size.of[unit] - pos);
	off = walk_seek(&w, r, unit, pos);
	while (len > 0) {
		leaf = w.leaf;
		end = leaf->size.of[unit];
		if (len < end - off)
			end = off + len;
		leaf_read(leaf, unit, off, end, start, b);
		len -= end - off;
		off = 0;
		rope_walk_next(&w, &text, &bytes);
	}
}

/* ---- invariants ---- */

struct check {
	uint32_t	 leaves, inners;
	bool		 high;		/* the text so far ends in a lone high surrogate */
};

static bool
size_equal(struct rope_size a, struct rope_size b)
{
	return a.of[ROPE_BYTES] == b.of[ROPE_BYTES] &&
	    a.of[ROPE_CP] == b.of[ROPE_CP] && a.of[ROPE_U16] == b.of[ROPE_U16];
}

static struct rope_size
check_leaf(const struct rope_leaf *leaf, struct check *c)
{
	size_t i, size, bytes = leaf->size.of[ROPE_BYTES];
	uint32_t cp;

	assert(leaf->refs > 0);
	assert(bytes > 0 && bytes <= leaf->room && leaf->room <= ROPE_LEAF_MAX);
	for (i = 0; i < bytes; i += size) {
		assert((leaf->text[i] & 0xC0) != 0x80);
		cp = utf_decode(leaf->text + i, &size);
		assert(!(c->high && cp >= 0xDC00 && cp <= 0xDFFF));
		c->high = cp >= 0xD800 && cp <= 0xDBFF;
	}
	assert(i == bytes);
	assert(size_equal(leaf->size, rope_measure(leaf->text, bytes)));
	c->leaves++;
	return leaf->size;
}

static struct rope_size
check_node(const void *node, unsigned height, struct check *c)
{
	const struct rope_inner *in = node;
	struct rope_size size;
	unsigned i;

	if (height == 0)
		return check_leaf(node, c);
	assert(in->refs > 0 && in->n > 0 && in->n <= ROPE_FANOUT);
	c->inners++;
	for (i = 0; i < in->n; i++) {
		size = check_node(in->child[i], height - 1, c);
		assert(size_equal(size, rope_inner_get(in, i)));
		if (height == 1)
			assert(((const struct rope_leaf *)in->child[i])->room ==
			    ROPE_LEAF_MAX);
	}
	return rope_inner_total(in);
}

static void
check_finger(const struct rope *r)
{
	struct rope_size before = { { 0, 0, 0 } };
	const void *node = r->root;
	unsigned level, i;

	for (level = 0; level < r->height; level++) {
		assert(r->way[level].node == node);
		assert(r->way[level].at < r->way[level].node->n);
		assert(!rope_node_is_shared(node));
		for (i = 0; i < r->way[level].at; i++)
			rope_size_add(&before,
			    rope_inner_get(r->way[level].node, i));
		node = r->way[level].node->child[r->way[level].at];
	}
	assert(r->leaf == node && !rope_node_is_shared(node));
	assert(size_equal(before, r->before));
}

void
rope_check(const struct rope *r)
{
	static const struct rope_size nothing = { { 0, 0, 0 } };
	struct check c = { 0, 0, false };

	assert(r->height <= ROPE_HEIGHT_MAX);
	if (r->root == NULL) {
		assert(size_equal(r->size, nothing));
		assert(r->height == 0 && r->leaf == NULL);
	} else {
		assert(size_equal(check_node(r->root, r->height, &c), r->size));
		assert(r->height == 0 ||
		    ((const struct rope_inner *)r->root)->n > 1);
	}
	assert(c.leaves == r->leaves && c.inners == r->inners);
	if (r->leaf != NULL)
		check_finger(r);
}
