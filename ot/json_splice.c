/*
 * Editing strings of the value tree; json_string.c says how they are held.
 *
 * A flat string is spliced in units of UTF-16: a cut may leave half of a
 * surrogate pair on either side, and what meets is joined again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"
#include "ot/rope_log.h"
#include "ot/utf.h"

#define SURROGATE_BYTES	3	/* of a lone surrogate */
#define PAIR_BYTES	4	/* of both together */
#define FLAT_SPARE	32	/* bytes that one made for editing may grow */

/* ---- flat strings ---- */

static int
flat_reserve(struct json_flat *f, size_t need)
{
	bool own = f->bytes != (char *)(f + 1);
	size_t room = f->room;
	char *bytes;

	if (need <= room)
		return 0;
	room = room > SIZE_MAX / 2 || room + room / 2 < need ? need :
	    room + room / 2;
	if ((bytes = realloc(own ? f->bytes : NULL, room)) == NULL)
		return OT_ENOMEM;
	if (!own && f->len > 0)
		memcpy(bytes, f->bytes, f->len);
	f->bytes = bytes;
	f->room = room;
	return 0;
}

/*
 * What is left of a cut, as it meets new text: bytes [at, at + old) of the
 * string go, and lone holds the half surrogate that stays, if any.
 */
struct cut {
	size_t	at;
	char	lone[UTF_SEQUENCE_MAX];
	size_t	lone_len;	/* 0 or SURROGATE_BYTES */
};

/* The cut before the new text; its lone half is a high one. */
static void
cut_left(const struct json_text *s, size_t pos_u16, struct cut *c)
{
	size_t size;
	bool inside;

	c->at = json_text_seek(s, pos_u16, &inside);
	c->lone_len = 0;
	if (inside) {
		c->lone_len = utf_encode(utf_high_of(utf_decode(
		    s->bytes + c->at, &size)), c->lone);
	} else if (s->len != s->len_u16 && utf_ends_high(s->bytes, c->at)) {
		c->at -= SURROGATE_BYTES;
		c->lone_len = SURROGATE_BYTES;
		memcpy(c->lone, s->bytes + c->at, SURROGATE_BYTES);
	}
}

/* The cut after it; its lone half is a low one. */
static void
cut_right(const struct json_text *s, size_t pos_u16, struct cut *c)
{
	size_t size;
	bool inside;

	c->at = json_text_seek(s, pos_u16, &inside);
	c->lone_len = 0;
	if (inside) {
		c->lone_len = utf_encode(utf_low_of(utf_decode(
		    s->bytes + c->at, &size)), c->lone);
		c->at += PAIR_BYTES;
	} else if (s->len != s->len_u16 &&
	    utf_starts_low(s->bytes + c->at, s->len - c->at)) {
		memcpy(c->lone, s->bytes + c->at, SURROGATE_BYTES);
		c->lone_len = SURROGATE_BYTES;
		c->at += SURROGATE_BYTES;
	}
}

/* Append a piece at out, joining a pair at the seam; returns the new end. */
static char *
seam_put(char *start, char *out, const char *piece, size_t len)
{
	uint32_t high, low;
	size_t size;

	if (utf_starts_low(piece, len) &&
	    utf_ends_high(start, (size_t)(out - start))) {
		high = utf_decode(out - SURROGATE_BYTES, &size);
		low = utf_decode(piece, &size);
		out -= SURROGATE_BYTES;
		out += utf_encode(utf_pair(high, low), out);
		piece += SURROGATE_BYTES;
		len -= SURROGATE_BYTES;
	}
	if (len > 0)
		memcpy(out, piece, len);
	return out + len;
}

/* Bytes that seam_put saves when these two meet. */
static size_t
seam_saves(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return utf_ends_high(a, a_len) && utf_starts_low(b, b_len) ?
	    2 * SURROGATE_BYTES - PAIR_BYTES : 0;
}

static int
flat_splice(struct json_flat *f, size_t from_u16, size_t to_u16,
    const struct json_text *new)
{
	struct json_text s = { .bytes = f->bytes, .len = f->len,
	    .len_u16 = f->len_u16 };
	struct cut left, right;
	size_t mid, tail;
	char *start, *out;

	cut_left(&s, from_u16, &left);
	cut_right(&s, to_u16, &right);
	mid = left.lone_len + new->len + right.lone_len;
	if (new->len > 0)
		mid -= seam_saves(left.lone, left.lone_len, new->bytes,
		    new->len) + seam_saves(new->bytes, new->len, right.lone,
		    right.lone_len);
	else
		mid -= seam_saves(left.lone, left.lone_len, right.lone,
		    right.lone_len);
	tail = s.len - right.at;
	if (mid > SIZE_MAX - left.at - tail ||
	    flat_reserve(f, left.at + mid + tail) != 0)
		return OT_ENOMEM;
	start = f->bytes + left.at;
	if (tail > 0 && left.at + mid != right.at)
		memmove(start + mid, f->bytes + right.at, tail);
	out = seam_put(start, start, left.lone, left.lone_len);
	out = seam_put(start, out, new->bytes, new->len);
	(void)seam_put(start, out, right.lone, right.lone_len);
	f->len = left.at + mid + tail;
	f->len_u16 += new->len_u16 - (to_u16 - from_u16);
	return 0;
}

/* ---- any string ---- */

static int
rope_splice(struct rope *rope, size_t from_u16, size_t to_u16,
    const struct json_text *new)
{
	int rc = 0;

	if (new->len > ROPE_BYTES_MAX)
		return OT_ELIMIT;
	if (to_u16 > from_u16)
		rc = rope_delete(rope, ROPE_U16, from_u16, to_u16 - from_u16);
	if (rc == 0 && new->len > 0)
		rc = rope_insert(rope, ROPE_U16, from_u16, new->bytes,
		    rope_measure(new->bytes, new->len));
	return rc;
}

/*
 * A new string instead of s, which is boxed or in a node.  What comes out
 * short and ASCII is so again; else it is flat, with room to be edited.
 */
static int
short_splice(const struct json *s, size_t from_u16, size_t to_u16,
    const struct json_text *new, struct json **edited_out)
{
	char room[JSON_SHORT_MAX], *p = room;
	struct json *edited;
	struct json_text t;
	size_t len;

	json_text_of(s, &t);
	len = t.len - (to_u16 - from_u16) + new->len;
	if (t.len == t.len_u16 && new->len == new->len_u16 &&
	    len <= sizeof(room)) {
		memcpy(p, t.bytes, from_u16);
		p += from_u16;
		if (new->len > 0)
			memcpy(p, new->bytes, new->len);
		p += new->len;
		memcpy(p, t.bytes + to_u16, t.len - to_u16);
		edited = json_string_of(room, len, len);
	} else if ((edited = json_flat_new(t.bytes, t.len, t.len_u16,
	    new->len + FLAT_SPARE)) != NULL &&
	    flat_splice(json_flat_of(edited), from_u16, to_u16, new) != 0) {
		json_unref(edited);
		edited = NULL;
	}
	if (edited == NULL)
		return OT_ENOMEM;
	*edited_out = edited;
	return 0;
}

/*
 * Change a rope that is ours alone such that rope_swap_back takes it back;
 * false: that cannot be.
 */
static bool
rope_splice_back(struct json *s, size_t from_u16, size_t to_u16,
    const struct json_text *new)
{
	return json_is_rope(s) && s->refs == 1 && new->len <= ROPE_BYTES_MAX &&
	    rope_swap(json_rope_of(s), ROPE_U16, from_u16, to_u16 - from_u16,
	    new->len > 0 ? new->bytes : "", rope_measure(new->bytes, new->len));
}

/* In place.  s is flat or a rope, and the caller's alone. */
static int
string_splice(struct json *s, size_t from_u16, size_t to_u16,
    const struct json_text *new)
{
	return json_is_rope(s) ? rope_splice(json_rope_of(s), from_u16, to_u16, new) :
	    flat_splice(json_flat_of(s), from_u16, to_u16, new);
}

static int
string_edit(struct json **slot, size_t from_u16, size_t to_u16,
    const struct json_text *new, struct json **before_out)
{
	struct json *before = NULL, *edited;
	struct rope *rope = NULL;
	int rc;

	if (json_is_boxed(*slot) || (*slot)->form == JSON_FEW) {
		if ((rc = short_splice(*slot, from_u16, to_u16, new,
		    &edited)) != 0)
			return rc;
		before = *slot;
		*slot = edited;
	} else if (before_out == NULL ||
	    !rope_splice_back(*slot, from_u16, to_u16, new)) {
		if ((rc = json_string_open(slot, &rope, before_out != NULL ?
		    &before : NULL)) != 0 ||
		    (rope == NULL && (rc = json_own(slot)) != 0))
			return rc;
		if ((rc = string_splice(*slot, from_u16, to_u16, new)) != 0) {
			if (before != NULL) {
				json_unref(*slot);
				*slot = before;
			}
			return rc;
		}
	}
	if (before_out != NULL)
		*before_out = before;
	else
		json_unref(before);
	return 0;
}

/* As a text, for which b may be needed; false when out of memory. */
static bool
whole_text(const struct json *s, struct json_text *t, struct buf *b)
{
	*t = (struct json_text){ .len = 0 };
	if (s == NULL)
		return true;
	if (!json_is_rope(s)) {
		json_text_of(s, t);
		return true;
	}
	json_string_put(s, b, 0);
	t->bytes = b->data;
	t->len = b->len;
	t->len_u16 = json_string_len_u16(s);
	return !buf_failed(b);
}

int
json_string_edit(struct json **slot, size_t from_u16, size_t to_u16,
    const struct json *text, struct json **before_out)
{
	struct buf b = BUF_INIT;
	struct json_text new;
	int rc = OT_ENOMEM;

	assert(before_out != NULL || from_u16 == to_u16 || text == NULL);
	if (whole_text(text, &new, &b))
		rc = string_edit(slot, from_u16, to_u16, &new, before_out);
	buf_done(&b);
	return rc;
}

void
json_string_revert(struct json *s, size_t from_u16, size_t to_u16,
    const struct json *text)
{
	struct json_text new = { .bytes = "", .len = 0 };
	int rc;

	/* It was in a flat one, or in a leaf of a rope. */
	assert(text == NULL || !json_is_rope(text));
	if (text != NULL)
		json_text_of(text, &new);
	if (json_is_rope(s)) {
		rope_swap_back(json_rope_of(s), ROPE_U16, from_u16,
		    to_u16 - from_u16, new.bytes,
		    rope_measure(new.bytes, new.len));
		return;
	}
	rc = flat_splice(json_flat_of(s), from_u16, to_u16, &new);
	assert(rc == 0);
	(void)rc;
}

int
json_string_open(struct json **slot, struct rope **rope_out,
    struct json **before_out)
{
	struct json *s = *slot, *copy;
	struct json_text t;
	int rc;

	*rope_out = NULL;
	if (!json_is_rope(s)) {
		json_text_of(s, &t);
		if (json_is_short(t.len, t.len_u16))
			return 0;
	} else if (before_out == NULL && s->refs == 1) {
		*rope_out = json_rope_of(s);
		return 0;
	}
	if ((rc = json_rope_copy(s, &copy)) != 0)
		return rc;
	*rope_out = json_rope_of(copy);
	if (before_out != NULL)
		*before_out = s;
	else
		json_unref(s);
	*slot = copy;
	return 0;
}

bool
json_string_had_lone(const struct json *s)
{
	return s->n != 0;
}
