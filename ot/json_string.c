/*
 * Strings of the value tree, flat.  An all-ASCII one finds any position at
 * once; others count.
 */
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"
#include "ot/utf.h"

#define SURROGATE_BYTES	3	/* of a lone surrogate */
#define PAIR_BYTES	4	/* of both together */

struct json *
json_string(const char *wtf8, size_t len_bytes)
{
	struct json *s = json_node_new(JSON_STRING, len_bytes);

	if (s == NULL)
		return NULL;
	s->u.string.bytes = (char *)(s + 1);
	s->u.string.len = s->u.string.cap = len_bytes;
	s->u.string.len_u16 = utf_len_u16(wtf8, len_bytes);
	if (len_bytes > 0)
		memcpy(s->u.string.bytes, wtf8, len_bytes);
	return s;
}

struct json *
json_string_copy(const struct json *s)
{
	return json_string(s->u.string.bytes, s->u.string.len);
}

void
json_string_done(struct json *s)
{
	if (s->u.string.bytes != (char *)(s + 1))
		free(s->u.string.bytes);
}

size_t
json_string_len_u16(const struct json *s)
{
	return s->u.string.len_u16;
}

size_t
json_string_len_bytes(const struct json *s)
{
	return s->u.string.len;
}

void
json_string_put(const struct json *s, struct buf *b, size_t start_bytes)
{
	utf_put(b, start_bytes, s->u.string.bytes, s->u.string.len);
}

/* utf_seek_u16 with the short cut for ASCII. */
static size_t
string_seek(const struct json_node_string *s, size_t pos_u16, bool *inside_out)
{
	if (s->len == s->len_u16) {
		*inside_out = false;
		return pos_u16 < s->len ? pos_u16 : s->len;
	}
	return utf_seek_u16(s->bytes, s->len, pos_u16, inside_out);
}

struct json *
json_string_slice(const struct json *v, size_t from_u16, size_t to_u16)
{
	const struct json_node_string *s = &v->u.string;
	struct json *slice = NULL;
	struct buf b = BUF_INIT;
	size_t from, to;
	bool from_inside, to_inside;

	if (to_u16 < from_u16)
		to_u16 = from_u16;
	from = string_seek(s, from_u16, &from_inside);
	to = string_seek(s, to_u16, &to_inside);
	if (!from_inside && !to_inside)
		return json_string(s->bytes + from, to - from);
	utf_put_slice_u16(&b, 0, s->bytes, s->len, from_u16, to_u16);
	if (!buf_failed(&b))
		slice = json_string(b.data, b.len);
	buf_done(&b);
	return slice;
}

bool
json_string_equal(const struct json *a, const struct json *b)
{
	return a->u.string.len == b->u.string.len &&
	    memcmp(a->u.string.bytes, b->u.string.bytes,
	    a->u.string.len) == 0;
}

bool
json_string_has(const struct json *v, size_t pos_u16, const struct json *text)
{
	const struct json_node_string *s = &v->u.string, *t = &text->u.string;
	struct utf_units su, tu;
	size_t at;
	bool inside;
	int32_t unit;

	if (pos_u16 > s->len_u16 || t->len_u16 > s->len_u16 - pos_u16)
		return false;
	at = string_seek(s, pos_u16, &inside);
	if (!inside && t->len <= s->len - at &&
	    memcmp(s->bytes + at, t->bytes, t->len) == 0)
		return true;
	if (!inside && !utf_ends_high(t->bytes, t->len))
		return false;
	/* An end of text falls inside a pair of s: unit by unit. */
	utf_units_init(&su, s->bytes + at, s->len - at);
	utf_units_init(&tu, t->bytes, t->len);
	if (inside)
		(void)utf_units_next(&su);
	while ((unit = utf_units_next(&tu)) >= 0)
		if (utf_units_next(&su) != unit)
			return false;
	return true;
}

/* ---- splicing ---- */

static int
string_reserve(struct json *v, size_t need)
{
	struct json_node_string *s = &v->u.string;
	bool own = s->bytes != (char *)(v + 1);
	size_t cap = s->cap;
	char *bytes;

	if (need <= cap)
		return 0;
	cap = cap > SIZE_MAX / 2 || cap + cap / 2 < need ? need : cap + cap / 2;
	if (cap < 32)
		cap = 32;
	if ((bytes = realloc(own ? s->bytes : NULL, cap)) == NULL)
		return OT_ENOMEM;
	if (!own && s->len > 0)
		memcpy(bytes, s->bytes, s->len);
	s->bytes = bytes;
	s->cap = cap;
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
cut_left(const struct json_node_string *s, size_t pos_u16, struct cut *c)
{
	size_t size;
	bool inside;

	c->at = string_seek(s, pos_u16, &inside);
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
cut_right(const struct json_node_string *s, size_t pos_u16, struct cut *c)
{
	size_t size;
	bool inside;

	c->at = string_seek(s, pos_u16, &inside);
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

int
json_string_splice(struct json *v, size_t from_u16, size_t to_u16,
    const struct json *text)
{
	struct json_node_string *s = &v->u.string;
	const char *new = text != NULL ? text->u.string.bytes : NULL;
	size_t new_len = text != NULL ? text->u.string.len : 0, mid, tail;
	struct cut left, right;
	char *start, *out;

	cut_left(s, from_u16, &left);
	cut_right(s, to_u16, &right);
	mid = left.lone_len + new_len + right.lone_len;
	if (new_len > 0)
		mid -= seam_saves(left.lone, left.lone_len, new, new_len) +
		    seam_saves(new, new_len, right.lone, right.lone_len);
	else
		mid -= seam_saves(left.lone, left.lone_len, right.lone,
		    right.lone_len);
	tail = s->len - right.at;
	if (mid > SIZE_MAX - left.at - tail ||
	    string_reserve(v, left.at + mid + tail) != 0)
		return OT_ENOMEM;
	start = s->bytes + left.at;
	if (tail > 0 && left.at + mid != right.at)
		memmove(start + mid, s->bytes + right.at, tail);
	out = seam_put(start, start, left.lone, left.lone_len);
	out = seam_put(start, out, new, new_len);
	(void)seam_put(start, out, right.lone, right.lone_len);
	s->len = left.at + mid + tail;
	s->len_u16 += (text != NULL ? text->u.string.len_u16 : 0) -
	    (to_u16 - from_u16);
	return 0;
}
