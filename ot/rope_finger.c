#include "ot/rope_finger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/rope_node.h"

static const struct rope_size nothing = { { 0, 0, 0 } };

/* ---- the finger ---- */

/* Is pos in the leaf under the finger, or at its end if that will do? */
static bool
finger_holds(const struct rope *r, enum rope_unit unit, size_t pos,
    bool end_will_do)
{
	size_t off;

	if (r->leaf == NULL || pos < r->before.of[unit])
		return false;
	off = pos - r->before.of[unit];
	return off < r->leaf->size.of[unit] ||
	    (end_will_do && off == r->leaf->size.of[unit]);
}

/* Make the node in *slot ours alone, whose parents are. */
static int
node_own(void **slot, unsigned height, uint32_t room_bytes)
{
	void *copy;

	if (!rope_node_is_shared(*slot))
		return 0;
	if ((copy = rope_node_copy(*slot, height, room_bytes)) == NULL)
		return OT_ENOMEM;
	rope_node_unref(*slot, height);
	*slot = copy;
	return 0;
}

int
rope_finger_seek(struct rope *r, enum rope_unit unit, size_t pos, bool end_will_do)
{
	struct rope_inner *in;
	void **slot = &r->root;
	unsigned level, at;
	size_t off = pos;

	if (finger_holds(r, unit, pos, end_will_do))
		return 0;
	r->leaf = NULL;
	r->before = nothing;
	for (level = 0; level < r->height; level++) {
		if (node_own(slot, r->height - level, 0) != 0)
			return OT_ENOMEM;
		in = *slot;
		for (at = 0; at < in->n - 1; at++) {
			if (off < in->of[unit][at] ||
			    (end_will_do && off == in->of[unit][at]))
				break;
			off -= in->of[unit][at];
			rope_size_add(&r->before, rope_inner_get(in, at));
		}
		r->way[level].node = in;
		r->way[level].at = at;
		slot = &in->child[at];
	}
	if (node_own(slot, 0, 0) != 0)
		return OT_ENOMEM;
	r->leaf = *slot;
	return 0;
}

/* The leaf under the finger, and with it all above, changed its size. */
static void
finger_resize(struct rope *r, struct rope_size gone, struct rope_size add)
{
	struct rope_inner *in;
	unsigned level, at;

	rope_size_sub(&r->leaf->size, gone);
	rope_size_add(&r->leaf->size, add);
	rope_size_sub(&r->size, gone);
	rope_size_add(&r->size, add);
	for (level = r->height; level-- > 0; ) {
		in = r->way[level].node;
		at = r->way[level].at;
		in->of[ROPE_BYTES][at] += add.of[ROPE_BYTES] - gone.of[ROPE_BYTES];
		in->of[ROPE_CP][at] += add.of[ROPE_CP] - gone.of[ROPE_CP];
		in->of[ROPE_U16][at] += add.of[ROPE_U16] - gone.of[ROPE_U16];
	}
}

/* Give the leaf under the finger room for bytes; it may move. */
static int
finger_grow(struct rope *r, uint32_t bytes)
{
	struct rope_leaf *leaf;
	uint32_t room = bytes < ROPE_LEAF_MIN ? ROPE_LEAF_MIN : bytes;

	if (bytes <= r->leaf->room)
		return 0;
	/* Only a leaf that is alone is small: half as much again. */
	assert(r->height == 0);
	room += room / 2;
	if (room > ROPE_LEAF_MAX)
		room = ROPE_LEAF_MAX;
	if ((leaf = realloc(r->leaf, sizeof(*leaf) + room)) == NULL)
		return OT_ENOMEM;
	leaf->room = room;
	r->leaf = r->root = leaf;
	return 0;
}

/* ---- a leaf becomes too small ---- */

/* Do the neighbours at and at + 1 make one node with some room to spare? */
static bool
fit_together(const struct rope_inner *in, unsigned at, bool leaves)
{
	const struct rope_inner *a, *b;

	if (leaves)
		return in->of[ROPE_BYTES][at] + in->of[ROPE_BYTES][at + 1] <=
		    ROPE_LEAF_MERGE;
	a = in->child[at];
	b = in->child[at + 1];
	return a->n + b->n <= ROPE_INNER_MERGE;
}

/* Take the child at, which has that height, out of in and let go of it. */
static void
drop_child(struct rope *r, struct rope_inner *in, unsigned at, unsigned height)
{
	rope_node_unref(in->child[at], height);
	rope_inner_close(in, at);
	if (height == 0)
		r->leaves--;
	else
		r->inners--;
}

/* Merge the child on the way at level with a neighbour; false: none fits. */
static bool
way_merge(struct rope *r, unsigned level)
{
	struct rope_inner *in = r->way[level].node;
	unsigned at = r->way[level].at, other;
	unsigned height = r->height - level - 1;	/* of the children */
	struct rope_size total;

	if (at + 1 < in->n && fit_together(in, at, height == 0))
		other = at + 1;
	else if (at > 0 && fit_together(in, at - 1, height == 0))
		other = at - 1;
	else
		return false;
	/* Ours takes the other in, since the other may be shared. */
	if (height == 0)
		rope_leaf_absorb(in->child[at], in->child[other], other < at);
	else
		rope_inner_absorb(in->child[at], in->child[other], other < at);
	total = rope_inner_get(in, at);
	rope_size_add(&total, rope_inner_get(in, other));
	rope_inner_set(in, at, total);
	drop_child(r, in, other, height);
	return true;
}

/* A root with one child, or none, is not needed. */
static void
root_collapse(struct rope *r)
{
	struct rope_inner *root;

	while (r->height > 0 && (root = r->root)->n <= 1) {
		r->root = root->n == 1 ? root->child[0] : NULL;
		root->n = 0;
		rope_node_unref(root, r->height);
		r->inners--;
		r->height = r->root != NULL ? r->height - 1 : 0;
	}
}

/* The leaf under the finger lost bytes: see whether the tree gets smaller. */
static void
finger_shrink(struct rope *r)
{
	struct rope_inner *child;
	unsigned level = r->height;

	if (r->height == 0) {
		if (r->size.of[ROPE_BYTES] == 0)
			rope_done(r);
		return;
	}
	level--;
	if (r->leaf->size.of[ROPE_BYTES] == 0)
		drop_child(r, r->way[level].node, r->way[level].at, 0);
	else if (!way_merge(r, level))
		return;
	r->leaf = NULL;
	while (level-- > 0) {
		child = r->way[level + 1].node;
		if (child->n == 0)
			drop_child(r, r->way[level].node, r->way[level].at,
			    r->height - level - 1);
		else if (!way_merge(r, level))
			break;
	}
	root_collapse(r);
}

/* ---- a leaf becomes too large ---- */

/* The bytes that a leaf would hold, were it large enough. */
struct cut {
	const char	*text[3];	/* kept, new, kept */
	uint32_t	 len[3];	/* bytes */
};

/* Copy the bytes [from, to) of c to out, where its own text may lie. */
static void
cut_copy(const struct cut *c, uint32_t from, uint32_t to, char *out)
{
	uint32_t start = 0, a, b;
	unsigned i;

	for (i = 0; i < 3; i++) {
		a = from > start ? from - start : 0;
		b = to > start ? to - start : 0;
		if (b > c->len[i])
			b = c->len[i];
		if (a < b) {
			memmove(out, c->text[i] + a, b - a);
			out += b - a;
		}
		start += c->len[i];
	}
}

static char
cut_byte(const struct cut *c, uint32_t at)
{
	char byte = 0;

	cut_copy(c, at, at + 1, &byte);
	return byte;
}

/*
 * Where to part: one who types leaves full leaves behind, so behind the new
 * text when it goes to the end or the later half of the leaf; else in the
 * middle.  Never inside a code point.
 */
static uint32_t
cut_place(const struct cut *c)
{
	uint32_t total = c->len[0] + c->len[1] + c->len[2], place;

	if (c->len[0] < ROPE_LEAF_MAX / 2)
		place = total / 2;
	else
		place = c->len[0] + c->len[1];
	if (place > ROPE_LEAF_MAX || c->len[2] == 0)
		place = ROPE_LEAF_MAX;
	while ((cut_byte(c, place) & 0xC0) == 0x80)
		place--;
	return place;
}

/* Nodes made before a change that must not fail. */
struct spare {
	struct rope_leaf	*leaf;
	struct rope_inner	*inner[ROPE_HEIGHT_MAX + 1];
	unsigned		 n;		/* of inner[] */
};

static void
spare_done(struct spare *s)
{
	free(s->leaf);
	while (s->n > 0)
		free(s->inner[--s->n]);
}

/* What inserting a leaf beside the finger's needs. */
static int
spare_init(struct spare *s, const struct rope *r)
{
	unsigned level = r->height, need = 0;

	while (level > 0 && r->way[level - 1].node->n == ROPE_FANOUT) {
		level--;
		need++;
	}
	if (level == 0)
		need++;		/* a new root */
	s->n = 0;
	if ((s->leaf = rope_leaf_new(ROPE_LEAF_MAX)) == NULL)
		return OT_ENOMEM;
	while (s->n < need) {
		if ((s->inner[s->n] = rope_inner_new()) == NULL) {
			spare_done(s);
			return OT_ENOMEM;
		}
		s->n++;
	}
	return 0;
}

static void
inner_insert(struct rope_inner *in, unsigned at, void *child,
    struct rope_size size)
{
	rope_inner_open(in, at);
	in->child[at] = child;
	rope_inner_set(in, at, size);
}

/*
 * Part the full inner node on the way at level, and put child behind the way
 * into one of the halves.  Returns the new half, which has no parent yet.
 */
static struct rope_inner *
way_split(struct rope *r, unsigned level, void *child, struct rope_size size,
    struct spare *s)
{
	struct rope_inner *in = r->way[level].node, *half;
	unsigned at = r->way[level].at + 1;

	half = s->inner[--s->n];
	r->inners++;
	/* As with leaves: appending leaves full nodes behind. */
	rope_inner_cut(in, at == in->n ? in->n : in->n / 2, half);
	if (at <= in->n && in->n < ROPE_FANOUT)
		inner_insert(in, at, child, size);
	else
		inner_insert(half, at - in->n, child, size);
	if (level > 0)
		rope_inner_set(r->way[level - 1].node, r->way[level - 1].at,
		    rope_inner_total(in));
	return half;
}

/* Insert a leaf behind that under the finger. */
static void
way_insert(struct rope *r, struct rope_leaf *leaf, struct spare *s)
{
	struct rope_inner *root;
	struct rope_size size = leaf->size;
	void *child = leaf;
	unsigned level = r->height;

	r->leaves++;
	rope_size_add(&r->size, leaf->size);
	while (level > 0 && r->way[level - 1].node->n == ROPE_FANOUT) {
		level--;
		child = way_split(r, level, child, size, s);
		size = rope_inner_total(child);
	}
	if (level == 0) {
		root = s->inner[--s->n];
		r->inners++;
		inner_insert(root, 0, r->root, nothing);
		inner_insert(root, 1, child, size);
		rope_inner_set(root, 0, r->height == 0 ?
		    r->leaf->size : rope_inner_total(r->root));
		r->root = root;
		r->height++;
		return;
	}
	level--;
	inner_insert(r->way[level].node, r->way[level].at + 1, child, size);
	while (level-- > 0) {
		size = rope_inner_get(r->way[level].node, r->way[level].at);
		rope_size_add(&size, leaf->size);
		rope_inner_set(r->way[level].node, r->way[level].at, size);
	}
}

/* As rope_finger_replace, when the result is larger than a leaf. */
static int
finger_split(struct rope *r, uint32_t from, uint32_t to, struct rope_size gone,
    const char *text, struct rope_size add)
{
	struct rope_leaf *leaf;
	struct rope_size left = r->leaf->size, right;
	struct spare s;
	struct cut c;
	uint32_t total, place;

	if (r->height == ROPE_HEIGHT_MAX)
		return OT_ELIMIT;
	if (finger_grow(r, ROPE_LEAF_MAX) != 0 || spare_init(&s, r) != 0)
		return OT_ENOMEM;
	leaf = r->leaf;
	c = (struct cut){
		{ leaf->text, text, leaf->text + to },
		{ from, add.of[ROPE_BYTES], left.of[ROPE_BYTES] - to }
	};
	total = c.len[0] + c.len[1] + c.len[2];
	place = cut_place(&c);

	cut_copy(&c, place, total, s.leaf->text);
	if (place > c.len[0] + c.len[1])
		memmove(leaf->text + c.len[0] + c.len[1], c.text[2],
		    place - c.len[0] - c.len[1]);
	if (place > c.len[0])
		memcpy(leaf->text + c.len[0], text,
		    place < c.len[0] + c.len[1] ? place - c.len[0] : c.len[1]);

	rope_size_sub(&left, gone);
	rope_size_add(&left, add);
	right = rope_size_ascii(left) ?
	    (struct rope_size){ { total - place, total - place, total - place } } :
	    rope_measure(s.leaf->text, total - place);
	s.leaf->size = right;
	rope_size_add(&gone, right);
	finger_resize(r, gone, add);
	way_insert(r, s.leaf, &s);
	s.leaf = NULL;
	spare_done(&s);
	r->leaf = NULL;
	return 0;
}

/* ---- the one change ---- */

int
rope_finger_replace(struct rope *r, uint32_t from, uint32_t to,
    struct rope_size gone, const char *text, struct rope_size add)
{
	struct rope_leaf *leaf;
	uint32_t bytes = r->leaf->size.of[ROPE_BYTES];
	uint32_t more = add.of[ROPE_BYTES];

	assert(more <= ROPE_REPLACE_MAX);
	if (bytes - (to - from) + more > ROPE_LEAF_MAX)
		return finger_split(r, from, to, gone, text, add);
	if (finger_grow(r, bytes - (to - from) + more) != 0)
		return OT_ENOMEM;
	leaf = r->leaf;
	memmove(leaf->text + from + more, leaf->text + to, bytes - to);
	memcpy(leaf->text + from, text, more);
	finger_resize(r, gone, add);
	if (more < to - from)
		finger_shrink(r);
	return 0;
}
