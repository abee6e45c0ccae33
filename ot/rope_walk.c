/* Reading a rope: its pieces in order, a range of it, its invariants. */
#include <assert.h>

#include "ot/rope.h"
#include "ot/rope_leaf.h"
#include "ot/utf.h"

void
rope_walk_init(struct tree_walk *w, const struct rope *r)
{
	tree_walk_seek(w, &r->tree, ROPE_BYTES, 0);
}

bool
rope_walk_next(struct tree_walk *w, const char **text_out,
    size_t *len_bytes_out)
{
	const struct rope_leaf *leaf = (const struct rope_leaf *)w->leaf;

	if (leaf == NULL)
		return false;
	*text_out = leaf->text;
	*len_bytes_out = rope_leaf_bytes(leaf);
	tree_walk_next(w);
	return true;
}

/* Append units [from, to) of the leaf to b. */
static void
leaf_read(const struct rope_leaf *leaf, enum rope_unit unit, size_t from,
    size_t to, size_t start, struct buf *b)
{
	uint32_t a, z;
	bool split, inside;

	a = rope_leaf_seek(leaf, unit, from, &split);
	z = rope_leaf_seek(leaf, unit, to, &inside);
	if (split || inside)
		utf_put_slice_u16(b, start, leaf->text, rope_leaf_bytes(leaf),
		    from, to);
	else
		buf_put(b, leaf->text + a, z - a);
}

void
rope_read(const struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    struct buf *b)
{
	struct tree_walk w;
	size_t off, end, start = b->len;

	assert(pos <= rope_length(r, unit) &&
	    len <= rope_length(r, unit) - pos);
	tree_walk_seek(&w, &r->tree, unit, pos);
	while (len > 0) {
		off = pos - w.before.of[unit];
		end = w.leaf->size.of[unit];
		if (len < end - off)
			end = off + len;
		leaf_read((const struct rope_leaf *)w.leaf, unit, off, end,
		    start, b);
		len -= end - off;
		pos += end - off;
		tree_walk_next(&w);
	}
}

/* ---- invariants ---- */

struct check {
	bool		 alone;		/* there is one leaf only */
	bool		 high;		/* the text so far ends in a lone high surrogate */
};

static void
check_leaf(const struct tree_leaf *node, void *arg)
{
	const struct rope_leaf *leaf = (const struct rope_leaf *)node;
	struct check *c = arg;
	struct tree_size want;
	size_t i, size, bytes = rope_leaf_bytes(leaf);
	uint32_t cp;

	assert(bytes <= leaf->room && leaf->room <= ROPE_LEAF_MAX);
	assert(c->alone || leaf->room == ROPE_LEAF_MAX);
	for (i = 0; i < bytes; i += size) {
		assert((leaf->text[i] & 0xC0) != 0x80);
		cp = utf_decode(leaf->text + i, &size);
		assert(!(c->high && cp >= 0xDC00 && cp <= 0xDFFF));
		c->high = cp >= 0xD800 && cp <= 0xDBFF;
	}
	assert(i == bytes);
	want = rope_measure(leaf->text, bytes);
	assert(node->size.of[ROPE_CP] == want.of[ROPE_CP] &&
	    node->size.of[ROPE_U16] == want.of[ROPE_U16]);
}

void
rope_check(const struct rope *r)
{
	struct check c = { r->tree.height == 0, false };

	tree_check(&r->tree, check_leaf, &c);
}
