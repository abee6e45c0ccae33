/*
 * 1. All changes go through rope_leaf_replace: bytes of one leaf, the one
 *    under the finger, are replaced by other bytes.  It allocates before it
 *    changes anything, so it happens or it does not.
 * 2. Getting the finger somewhere may copy shared nodes.  That changes the
 *    tree but not the text, so it may fail halfway.
 * 3. What takes several steps first keeps a share of the rope (rope_begin)
 *    and puts it back when a step fails (rope_end).
 */
#include "ot/rope.h"

#include <assert.h>
#include <string.h>

#include "ot/rope_leaf.h"
#include "ot/utf.h"

static const struct tree_size nothing = { { 0, 0, 0 } };

void
rope_init(struct rope *r)
{
	tree_init(&r->tree, &rope_leaf_kind);
}

void
rope_done(struct rope *r)
{
	tree_done(&r->tree);
}

void
rope_share(struct rope *r, struct rope *copy)
{
	tree_share(&r->tree, &copy->tree);
}

void
rope_move(struct rope *r, struct rope *from)
{
	tree_move(&r->tree, &from->tree);
}

size_t
rope_memory(const struct rope *r)
{
	const struct rope_leaf *only = r->tree.root;

	if (r->tree.root == NULL)
		return 0;
	if (r->tree.height == 0)
		return sizeof(*only) + only->room;
	return r->tree.leaves * (sizeof(*only) + ROPE_LEAF_MAX) +
	    r->tree.inners * sizeof(struct tree_inner);
}

struct tree_size
rope_measure(const char *text, size_t len_bytes)
{
	struct tree_size size;

	assert(len_bytes <= ROPE_BYTES_MAX);
	size.of[ROPE_BYTES] = (uint32_t)len_bytes;
	size.of[ROPE_CP] = (uint32_t)utf_len_cp(text, len_bytes);
	size.of[ROPE_U16] = size.of[ROPE_CP];
	if (!rope_size_ascii(size))
		size.of[ROPE_U16] = (uint32_t)utf_len_u16(text, len_bytes);
	return size;
}

/* ---- several changes as one ---- */

static void
rope_begin(struct rope *r, struct rope *before)
{
	rope_init(before);
	rope_share(r, before);
}

static int
rope_end(struct rope *r, struct rope *before, int rc)
{
	if (rc != 0)
		rope_move(r, before);
	else
		rope_done(before);
	return rc;
}

/*
 * Put the finger on the leaf with pos_u16 and tell where in it that is.  When
 * it is between the halves of a pair, the pair becomes two lone surrogates.
 */
static int
part_at(struct rope *r, size_t pos_u16, uint32_t *off_out)
{
	static const struct tree_size pair = { { 4, 1, 2 } };
	static const struct tree_size halves = { { 6, 2, 2 } };
	char text[2 * UTF_SEQUENCE_MAX];
	uint32_t cp, off;
	size_t size;
	bool inside;
	int rc;

	if ((rc = tree_seek(&r->tree, ROPE_U16, pos_u16, true)) != 0)
		return rc;
	off = rope_leaf_seek(rope_leaf_of(r), ROPE_U16,
	    pos_u16 - r->tree.before, &inside);
	if (!inside) {
		*off_out = off;
		return 0;
	}
	cp = utf_decode(rope_leaf_of(r)->text + off, &size) - 0x10000;
	size = utf_encode(0xD800 + (cp >> 10), text);
	size += utf_encode(0xDC00 + (cp & 0x3FF), text + size);
	assert(size == halves.of[ROPE_BYTES]);
	rc = rope_leaf_replace(r, off, off + pair.of[ROPE_BYTES], pair, text,
	    halves);
	return rc != 0 ? rc : part_at(r, pos_u16, off_out);
}

/* If a lone high surrogate ends at pos_u16 and a lone low one begins, join. */
static int
join_at(struct rope *r, size_t pos_u16)
{
	static const struct tree_size half = { { 3, 1, 1 } };
	static const struct tree_size pair = { { 4, 1, 2 } };
	char text[UTF_SEQUENCE_MAX];
	uint32_t off, high, low;
	size_t size;
	bool inside;
	int rc;

	if (pos_u16 == 0 || pos_u16 == r->tree.size.of[ROPE_U16])
		return 0;
	if ((rc = tree_seek(&r->tree, ROPE_U16, pos_u16 - 1, false)) != 0)
		return rc;
	off = rope_leaf_seek(rope_leaf_of(r), ROPE_U16,
	    pos_u16 - 1 - r->tree.before, &inside);
	high = utf_decode(rope_leaf_of(r)->text + off, &size);
	if (high < 0xD800 || high > 0xDBFF)
		return 0;
	if ((rc = tree_seek(&r->tree, ROPE_U16, pos_u16, false)) != 0)
		return rc;
	off = rope_leaf_seek(rope_leaf_of(r), ROPE_U16,
	    pos_u16 - r->tree.before, &inside);
	low = utf_decode(rope_leaf_of(r)->text + off, &size);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	if ((rc = rope_leaf_replace(r, off, off + half.of[ROPE_BYTES], half, "",
	    nothing)) != 0)
		return rc;
	if ((rc = tree_seek(&r->tree, ROPE_U16, pos_u16 - 1, false)) != 0)
		return rc;
	off = rope_leaf_seek(rope_leaf_of(r), ROPE_U16,
	    pos_u16 - 1 - r->tree.before, &inside);
	utf_encode(utf_pair(high, low), text);
	return rope_leaf_replace(r, off, off + half.of[ROPE_BYTES], half, text,
	    pair);
}

/* ---- inserting ---- */

/* Insert text that is longer than a change may be, or may meet surrogates. */
static int
insert_any(struct rope *r, size_t pos_u16, const char *text,
    struct tree_size size)
{
	uint32_t bytes = size.of[ROPE_BYTES], off;
	struct rope before;
	int rc = 0;

	rope_begin(r, &before);
	if (r->tree.root == NULL)
		rc = rope_leaf_first(r, bytes);
	if (rc == 0 && (rc = part_at(r, pos_u16, &off)) == 0)
		rc = bytes > ROPE_REPLACE_MAX ?
		    rope_leaf_pour(r, off, text, bytes) :
		    rope_leaf_replace(r, off, off, nothing, text, size);
	if (rc == 0 && (rc = join_at(r, pos_u16 + size.of[ROPE_U16])) == 0)
		rc = join_at(r, pos_u16);
	return rope_end(r, &before, rc);
}

/* The UTF-16 position of byte off (or the middle of the pair there). */
static size_t
finger_u16(const struct rope *r, uint32_t off, bool inside)
{
	return tree_before(&r->tree, ROPE_U16) +
	    rope_measure(rope_leaf_of(r)->text, off).of[ROPE_U16] + (inside ? 1 : 0);
}

int
rope_insert(struct rope *r, enum rope_unit unit, size_t pos, const char *text,
    struct tree_size size)
{
	uint32_t bytes = size.of[ROPE_BYTES], off;
	bool inside;
	int rc;

	assert(pos <= r->tree.size.of[unit]);
	if (bytes == 0)
		return 0;
	if (bytes > ROPE_BYTES_MAX - r->tree.size.of[ROPE_BYTES])
		return OT_ELIMIT;
	if (r->tree.root == NULL)
		return insert_any(r, 0, text, size);
	if ((rc = tree_seek(&r->tree, unit, pos, true)) != 0)
		return rc;
	off = rope_leaf_seek(rope_leaf_of(r), unit, pos - r->tree.before, &inside);
	if (bytes > ROPE_REPLACE_MAX || inside || (!rope_size_ascii(size) &&
	    (utf_starts_low(text, bytes) || utf_ends_high(text, bytes))))
		return insert_any(r, finger_u16(r, off, inside), text, size);
	return rope_leaf_replace(r, off, off, nothing, text, size);
}

/* ---- deleting ---- */

static int
delete_any(struct rope *r, size_t pos_u16, size_t len_u16)
{
	struct rope before;
	uint32_t from, to;
	size_t end = pos_u16 + len_u16, n;
	bool inside;
	int rc;

	rope_begin(r, &before);
	if ((rc = part_at(r, end, &to)) == 0)
		rc = part_at(r, pos_u16, &from);
	while (rc == 0 && len_u16 > 0) {
		if ((rc = tree_seek(&r->tree, ROPE_U16, pos_u16, false)) != 0)
			break;
		n = pos_u16 - r->tree.before;
		from = rope_leaf_seek(rope_leaf_of(r), ROPE_U16, n, &inside);
		end = r->tree.leaf->size.of[ROPE_U16];
		if (len_u16 < end - n)
			end = n + len_u16;
		to = rope_leaf_seek(rope_leaf_of(r), ROPE_U16, end, &inside);
		len_u16 -= end - n;
		rc = rope_leaf_replace(r, from, to,
		    rope_measure(rope_leaf_of(r)->text + from, to - from), "", nothing);
	}
	if (rc == 0)
		rc = join_at(r, pos_u16);
	return rope_end(r, &before, rc);
}

/* May surrogates meet when the bytes [from, to) of leaf are gone? */
static bool
may_join(const struct rope_leaf *leaf, uint32_t from, uint32_t to)
{
	uint32_t bytes = rope_leaf_bytes(leaf);

	if (from == 0 && to == bytes)
		return true;
	if (rope_size_ascii(leaf->node.size))
		return false;
	return (from == 0 || utf_ends_high(leaf->text, from)) &&
	    (to == bytes || utf_starts_low(leaf->text + to, bytes - to));
}

int
rope_delete(struct rope *r, enum rope_unit unit, size_t pos, size_t len)
{
	struct tree_size gone;
	uint32_t from, to;
	size_t off, from_u16;
	bool split, inside;
	int rc;

	assert(pos <= r->tree.size.of[unit] && len <= r->tree.size.of[unit] - pos);
	if (len == 0)
		return 0;
	if (len == r->tree.size.of[unit]) {
		rope_done(r);
		return 0;
	}
	if ((rc = tree_seek(&r->tree, unit, pos, false)) != 0)
		return rc;
	off = pos - r->tree.before;
	from = rope_leaf_seek(rope_leaf_of(r), unit, off, &split);
	if (len <= r->tree.leaf->size.of[unit] - off) {
		to = rope_leaf_seek(rope_leaf_of(r), unit, off + len, &inside);
		if (!split && !inside && !may_join(rope_leaf_of(r), from, to)) {
			gone = rope_measure(rope_leaf_of(r)->text + from, to - from);
			return rope_leaf_replace(r, from, to, gone, "", nothing);
		}
	}
	from_u16 = finger_u16(r, from, split);
	if ((rc = tree_seek(&r->tree, unit, pos + len, true)) != 0)
		return rc;
	off = pos + len - r->tree.before;
	to = rope_leaf_seek(rope_leaf_of(r), unit, off, &inside);
	return delete_any(r, from_u16, finger_u16(r, to, inside) - from_u16);
}
