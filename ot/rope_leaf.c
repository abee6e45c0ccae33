#include "ot/rope_leaf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/utf.h"

static struct rope_leaf *
leaf_new(uint32_t room_bytes)
{
	struct rope_leaf *leaf;

	if ((leaf = malloc(sizeof(*leaf) + room_bytes)) == NULL)
		return NULL;
	leaf->node.refs = 1;
	leaf->node.size = (struct tree_size){ { 0, 0, 0 } };
	leaf->room = room_bytes;
	return leaf;
}

/* ---- as a kind of tree ---- */

static struct tree_leaf *
leaf_copy(const struct tree_leaf *node)
{
	const struct rope_leaf *leaf = (const struct rope_leaf *)node;
	struct rope_leaf *copy;

	if ((copy = leaf_new(leaf->room)) == NULL)
		return NULL;
	copy->node.size = leaf->node.size;
	memcpy(copy->text, leaf->text, rope_leaf_bytes(leaf));
	return &copy->node;
}

static void
leaf_free(struct tree_leaf *node)
{
	free(node);
}

static void
leaf_absorb(struct tree_leaf *node, const struct tree_leaf *other,
    bool in_front)
{
	struct rope_leaf *leaf = (struct rope_leaf *)node;
	const struct rope_leaf *from = (const struct rope_leaf *)other;
	uint32_t bytes = rope_leaf_bytes(leaf), more = rope_leaf_bytes(from);

	assert(bytes + more <= leaf->room);
	if (in_front)
		memmove(leaf->text + more, leaf->text, bytes);
	memcpy(leaf->text + (in_front ? 0 : bytes), from->text, more);
	tree_size_add(&leaf->node.size, from->node.size);
}

/* Less than the maximum, so that a merge is not undone at once. */
const struct tree_kind rope_leaf_kind = {
	ROPE_LEAF_MAX - ROPE_LEAF_MAX / 8, leaf_copy, leaf_free, leaf_absorb
};

/* ---- room and places ---- */

int
rope_leaf_first(struct rope *r, uint32_t room_bytes)
{
	struct rope_leaf *leaf;

	if (room_bytes < ROPE_LEAF_MIN)
		room_bytes = ROPE_LEAF_MIN;
	if (room_bytes > ROPE_LEAF_MAX)
		room_bytes = ROPE_LEAF_MAX;
	if ((leaf = leaf_new(room_bytes)) == NULL)
		return OT_ENOMEM;
	tree_plant(&r->tree, &leaf->node);
	return 0;
}

/* Give the leaf under the finger room for bytes; it may move. */
static int
leaf_grow(struct rope *r, uint32_t bytes)
{
	struct rope_leaf *leaf = rope_leaf_of(r);
	uint32_t room = bytes + bytes / 2;

	if (bytes <= leaf->room)
		return 0;
	/* Only a leaf that is alone is small. */
	assert(r->tree.height == 0);
	if (room > ROPE_LEAF_MAX)
		room = ROPE_LEAF_MAX;
	if ((leaf = realloc(leaf, sizeof(*leaf) + room)) == NULL)
		return OT_ENOMEM;
	leaf->room = room;
	tree_moved(&r->tree, &leaf->node);
	return 0;
}

uint32_t
rope_leaf_seek(const struct rope_leaf *leaf, enum rope_unit unit, size_t pos,
    bool *inside_out)
{
	uint32_t bytes = rope_leaf_bytes(leaf);

	*inside_out = false;
	if (rope_size_ascii(leaf->node.size) || unit == ROPE_BYTES)
		return (uint32_t)pos;
	if (pos == leaf->node.size.of[unit])
		return bytes;
	if (unit == ROPE_CP)
		return (uint32_t)utf_seek_cp(leaf->text, bytes, pos);
	return (uint32_t)utf_seek_u16(leaf->text, bytes, pos, inside_out);
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

/* As rope_leaf_replace, when the result is larger than a leaf. */
static int
leaf_split(struct rope *r, uint32_t from, uint32_t to, struct tree_size gone,
    const char *text, struct tree_size add)
{
	struct rope_leaf *leaf, *next;
	struct tree_size left = r->tree.leaf->size, right;
	struct tree_spare spare;
	struct cut c;
	uint32_t total, place;
	int rc;

	if (leaf_grow(r, ROPE_LEAF_MAX) != 0 ||
	    (next = leaf_new(ROPE_LEAF_MAX)) == NULL)
		return OT_ENOMEM;
	if ((rc = tree_spare_init(&spare, &r->tree)) != 0) {
		free(next);
		return rc;
	}
	leaf = rope_leaf_of(r);
	c = (struct cut){
		{ leaf->text, text, leaf->text + to },
		{ from, add.of[ROPE_BYTES], left.of[ROPE_BYTES] - to }
	};
	total = c.len[0] + c.len[1] + c.len[2];
	place = cut_place(&c);

	cut_copy(&c, place, total, next->text);
	if (place > c.len[0] + c.len[1])
		memmove(leaf->text + c.len[0] + c.len[1], c.text[2],
		    place - c.len[0] - c.len[1]);
	if (place > c.len[0])
		memcpy(leaf->text + c.len[0], text,
		    place < c.len[0] + c.len[1] ? place - c.len[0] : c.len[1]);

	tree_size_sub(&left, gone);
	tree_size_add(&left, add);
	right = rope_size_ascii(left) ?
	    (struct tree_size){ { total - place, total - place, total - place } } :
	    rope_measure(next->text, total - place);
	next->node.size = right;
	tree_size_add(&gone, right);
	tree_resize(&r->tree, gone, add);
	tree_insert_leaf(&r->tree, &next->node, &spare);
	return 0;
}

void
rope_leaf_put(struct rope *r, uint32_t from, uint32_t to,
    struct tree_size gone, const char *text, struct tree_size add)
{
	struct rope_leaf *leaf = rope_leaf_of(r);
	uint32_t bytes = rope_leaf_bytes(leaf);
	uint32_t more = add.of[ROPE_BYTES];

	assert(bytes - (to - from) + more <= leaf->room);
	memmove(leaf->text + from + more, leaf->text + to, bytes - to);
	memcpy(leaf->text + from, text, more);
	tree_resize(&r->tree, gone, add);
}

int
rope_leaf_replace(struct rope *r, uint32_t from, uint32_t to,
    struct tree_size gone, const char *text, struct tree_size add)
{
	uint32_t bytes = rope_leaf_bytes(rope_leaf_of(r));
	uint32_t more = add.of[ROPE_BYTES];

	assert(more <= ROPE_REPLACE_MAX);
	if (bytes - (to - from) + more > ROPE_LEAF_MAX)
		return leaf_split(r, from, to, gone, text, add);
	if (leaf_grow(r, bytes - (to - from) + more) != 0)
		return OT_ENOMEM;
	rope_leaf_put(r, from, to, gone, text, add);
	if (more < to - from)
		tree_shrink(&r->tree);
	return 0;
}

/* ---- long text ---- */

/* A new leaf with the text behind that under the finger, which goes to it. */
static int
leaf_add(struct rope *r, const char *text, uint32_t len)
{
	struct rope_leaf *leaf;
	struct tree_spare spare;
	int rc;

	if (leaf_grow(r, ROPE_LEAF_MAX) != 0 ||
	    (leaf = leaf_new(ROPE_LEAF_MAX)) == NULL)
		return OT_ENOMEM;
	if ((rc = tree_spare_init(&spare, &r->tree)) != 0) {
		free(leaf);
		return rc;
	}
	memcpy(leaf->text, text, len);
	leaf->node.size = rope_measure(text, len);
	tree_insert_leaf(&r->tree, &leaf->node, &spare);
	return 0;
}

/* Append to the leaf under the finger, and to new ones behind it. */
static int
leaf_append(struct rope *r, const char *text, uint32_t len)
{
	static const struct tree_size nothing = { { 0, 0, 0 } };
	uint32_t have, n;
	int rc = 0;

	for (; rc == 0 && len > 0; text += n, len -= n) {
		have = rope_leaf_bytes(rope_leaf_of(r));
		if (have > ROPE_LEAF_FILL - UTF_SEQUENCE_MAX)
			have = 0;	/* of a new leaf */
		n = len <= ROPE_LEAF_MAX - have ? len : ROPE_LEAF_FILL - have;
		while (n < len && (text[n] & 0xC0) == 0x80)
			n--;
		if (have == 0 && rope_leaf_bytes(rope_leaf_of(r)) > 0) {
			rc = leaf_add(r, text, n);
		} else if ((rc = leaf_grow(r, have + n)) == 0) {
			memcpy(rope_leaf_of(r)->text + have, text, n);
			tree_resize(&r->tree, nothing, rope_measure(text, n));
		}
	}
	return rc;
}

int
rope_leaf_pour(struct rope *r, uint32_t off, const char *text,
    uint32_t len_bytes)
{
	static const struct tree_size nothing = { { 0, 0, 0 } };
	struct rope_leaf *leaf = rope_leaf_of(r);
	uint32_t behind = rope_leaf_bytes(leaf) - off;
	char kept[ROPE_LEAF_MAX];
	int rc;

	memcpy(kept, leaf->text + off, behind);
	tree_resize(&r->tree, rope_measure(kept, behind), nothing);
	if ((rc = leaf_append(r, text, len_bytes)) != 0)
		return rc;
	return leaf_append(r, kept, behind);
}
