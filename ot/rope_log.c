#include "ot/rope_log.h"

#include <assert.h>
#include <string.h>

#include "ot/rope_leaf.h"
#include "ot/utf.h"

/* Bytes of the leaf under the finger. */
struct stretch {
	uint32_t	 from, to;
};

/*
 * The bytes of len from pos on, when they are in the leaf under the finger
 * and end between code points.
 */
static bool
stretch_find(const struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    struct stretch *s)
{
	const struct rope_leaf *leaf = rope_leaf_of(r);
	size_t off = pos - r->tree.before;
	bool inside;

	if (len > leaf->node.size.of[unit] - off)
		return false;
	s->from = s->to = rope_leaf_seek(leaf, unit, off, &inside);
	if (inside)
		return false;
	if (len > 0)
		s->to = rope_leaf_seek(leaf, unit, off + len, &inside);
	return !inside;
}

/* Text with a lone surrogate at an end, which may meet another. */
static bool
is_ragged(const char *text, struct tree_size size)
{
	return !rope_size_ascii(size) &&
	    (utf_starts_low(text, size.of[ROPE_BYTES]) ||
	    utf_ends_high(text, size.of[ROPE_BYTES]));
}

/* Would surrogates meet, were the stretch gone? */
static bool
closes_ragged(const struct rope_leaf *leaf, const struct stretch *s)
{
	uint32_t bytes = rope_leaf_bytes(leaf);

	/* What the neighbours end in is not looked at. */
	if (rope_size_ascii(leaf->node.size))
		return false;
	return (s->from == 0 || utf_ends_high(leaf->text, s->from)) &&
	    (s->to == bytes ||
	    utf_starts_low(leaf->text + s->to, bytes - s->to));
}

static struct tree_size
stretch_size(const struct rope_leaf *leaf, const struct stretch *s)
{
	uint32_t bytes = s->to - s->from;

	if (rope_size_ascii(leaf->node.size))
		return (struct tree_size){ { bytes, bytes, bytes } };
	return rope_measure(leaf->text + s->from, bytes);
}

/*
 * The stretch that a change of one leaf replaces, and its size; false if the
 * change is not such.  The finger is on the leaf.
 */
static bool
swap_place(struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    const char *text, struct tree_size size, struct stretch *s,
    struct tree_size *gone_size_out)
{
	uint32_t more = size.of[ROPE_BYTES], less, left;
	const struct rope_leaf *leaf;

	if (more > ROPE_REPLACE_MAX || r->tree.root == NULL ||
	    more > ROPE_BYTES_MAX - r->tree.size.of[ROPE_BYTES] ||
	    tree_seek(&r->tree, unit, pos, len == 0) != 0 ||
	    !stretch_find(r, unit, pos, len, s))
		return false;
	leaf = rope_leaf_of(r);
	less = s->to - s->from;
	left = rope_leaf_bytes(leaf) - less;
	if (left == 0 || left + more > ROPE_LEAF_MAX ||
	    (more < less && tree_shrinks(&r->tree, less - more)) ||
	    is_ragged(text, size))
		return false;
	/* rope_swap_back would not find back to the front of a leaf. */
	if (more == 0 && (closes_ragged(leaf, s) ||
	    (s->from == 0 && r->tree.before > 0)))
		return false;
	*gone_size_out = stretch_size(leaf, s);
	return !is_ragged(leaf->text + s->from, *gone_size_out);
}

bool
rope_swap(struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    const char *text, struct tree_size size)
{
	struct tree_size gone_size;
	struct stretch s;

	return swap_place(r, unit, pos, len, text, size, &s, &gone_size) &&
	    rope_leaf_replace(r, s.from, s.to, gone_size, text, size) == 0;
}

void
rope_swap_back(struct rope *r, enum rope_unit unit, size_t pos, size_t len,
    const char *text, struct tree_size size)
{
	struct stretch s = { 0, 0 };
	bool found;

	/* Text comes back to the end of a leaf, not to the front of the next. */
	if (len == 0 && r->tree.leaf != NULL && pos > 0 &&
	    tree_before(&r->tree, unit) == pos)
		r->tree.leaf = NULL;
	found = tree_seek(&r->tree, unit, pos, len == 0) == 0 &&
	    stretch_find(r, unit, pos, len, &s);
	assert(found);
	rope_leaf_put(r, s.from, s.to, stretch_size(rope_leaf_of(r), &s), text,
	    size);
}

/* ---- several ---- */

size_t
rope_log_room(uint32_t changes, uint64_t len)
{
	if (changes > ROPE_LOG_ROOM_MAX / sizeof(struct rope_step) ||
	    len > ROPE_LOG_ROOM_MAX / UTF_SEQUENCE_MAX)
		return 0;	/* a share will do */
	return changes * sizeof(struct rope_step) +
	    (size_t)len * UTF_SEQUENCE_MAX;
}

void
rope_log_init(struct rope_log *log, enum rope_unit unit,
    struct rope_step *room, size_t room_bytes)
{
	log->unit = unit;
	log->whole = false;
	log->n = 0;
	log->step = room;
	log->end = (char *)room + room_bytes;
}

void
rope_log_done(struct rope_log *log)
{
	if (log->whole)
		rope_done(&log->before);
}

/* Make a change and write it down; false: it is none of one leaf, or no room. */
static bool
log_swap(struct rope_log *log, struct rope *r, size_t pos, size_t len,
    const char *text, struct tree_size size)
{
	struct rope_step *step = &log->step[log->n];
	struct stretch s;
	uint32_t less;

	if (log->end - (char *)step < (ptrdiff_t)sizeof(*step) ||
	    !swap_place(r, log->unit, pos, len, text, size, &s,
	    &step->gone_size))
		return false;
	less = s.to - s.from;
	if (log->end - (char *)(step + 1) < (ptrdiff_t)less)
		return false;
	log->end -= less;
	memcpy(log->end, rope_leaf_of(r)->text + s.from, less);
	if (rope_leaf_replace(r, s.from, s.to, step->gone_size, text,
	    size) != 0)
		return false;
	step->pos = pos;
	step->size = size;
	step->gone = log->end;
	step->text = text;
	log->n++;
	return true;
}

static void
take_steps_back(struct rope_log *log, struct rope *r)
{
	const struct rope_step *step = &log->step[log->n];

	while (step-- > log->step)
		rope_swap_back(r, log->unit, step->pos,
		    step->size.of[log->unit], step->gone, step->gone_size);
}

/* Instead of steps keep a share of r as it was, and make them again. */
static int
log_whole(struct rope_log *log, struct rope *r)
{
	const struct rope_step *step;
	uint32_t i;
	int rc = 0;

	take_steps_back(log, r);
	log->whole = true;
	rope_init(&log->before);
	rope_share(r, &log->before);
	for (i = 0; rc == 0 && i < log->n; i++) {
		step = &log->step[i];
		rc = rope_delete(r, log->unit, step->pos,
		    step->gone_size.of[log->unit]);
		if (rc == 0)
			rc = rope_insert(r, log->unit, step->pos, step->text,
			    step->size);
	}
	return rc;
}

int
rope_log_insert(struct rope_log *log, struct rope *r, size_t pos,
    const char *text, struct tree_size size)
{
	int rc = 0;

	if (size.of[ROPE_BYTES] == 0)
		return 0;
	if (!log->whole) {
		if (log_swap(log, r, pos, 0, text, size))
			return 0;
		rc = log_whole(log, r);
	}
	return rc != 0 ? rc : rope_insert(r, log->unit, pos, text, size);
}

int
rope_log_delete(struct rope_log *log, struct rope *r, size_t pos, size_t len)
{
	static const struct tree_size nothing = { { 0, 0, 0 } };
	int rc = 0;

	if (len == 0)
		return 0;
	if (!log->whole) {
		if (log_swap(log, r, pos, len, "", nothing))
			return 0;
		rc = log_whole(log, r);
	}
	return rc != 0 ? rc : rope_delete(r, log->unit, pos, len);
}

void
rope_log_undo(struct rope_log *log, struct rope *r)
{
	if (log->whole)
		rope_move(r, &log->before);
	else
		take_steps_back(log, r);
}
