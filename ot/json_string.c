/*
 * Strings of the value tree.
 *
 * Short ones are flat: changed in place, and put back by the reverse change.
 * Long ones are ropes, from when they are read in a document or first edited;
 * one that may have to be put back is shared before a change, and put back
 * whole.  An all-ASCII flat string finds any position at once, so it may be
 * longer than one in which positions must be counted.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"
#include "ot/rope.h"
#include "ot/utf.h"

#define SURROGATE_BYTES	3	/* of a lone surrogate */
#define PAIR_BYTES	4	/* of both together */

#define FLAT_ASCII_MAX	32768	/* bytes of a string that is edited flat */
#define FLAT_MAX	2048	/* the same if not all ASCII */

#define CHUNK_U16	256	/* units compared at a time */

/* ---- making ---- */

/* Copies len bytes that are so many units. */
static struct json *
string_new(const char *wtf8, size_t len, size_t len_u16)
{
	struct json *s = json_node_new(JSON_STRING, len);

	if (s == NULL)
		return NULL;
	s->u.string.bytes = (char *)(s + 1);
	s->u.string.len = s->u.string.cap = len;
	s->u.string.len_u16 = len_u16;
	if (len > 0)
		memcpy(s->u.string.bytes, wtf8, len);
	return s;
}

struct json *
json_string_new(const char *wtf8, size_t len_bytes)
{
	return string_new(wtf8, len_bytes, utf_len_u16(wtf8, len_bytes));
}

static void
take_lengths(struct json *s)
{
	s->u.string.len = rope_length(s->u.string.rope, ROPE_BYTES);
	s->u.string.len_u16 = rope_length(s->u.string.rope, ROPE_U16);
}

/* An empty string that is a rope; NULL when out of memory. */
static struct json *
rope_new(void)
{
	struct json *v = json_node_new(JSON_STRING, sizeof(struct rope));

	if (v == NULL)
		return NULL;
	v->u.string.rope = (struct rope *)(v + 1);
	rope_init(v->u.string.rope);
	return v;
}

static int
rope_from_flat(const char *wtf8, size_t len, struct json **rope_out)
{
	struct tree_size size;
	struct json *v;
	int rc;

	if (len > ROPE_BYTES_MAX)
		return OT_ELIMIT;
	if ((v = rope_new()) == NULL)
		return OT_ENOMEM;
	size = rope_measure(wtf8, len);
	if ((rc = rope_insert(v->u.string.rope, ROPE_U16, 0, wtf8,
	    size)) != 0) {
		json_unref(v);
		return rc;
	}
	take_lengths(v);
	v->u.string.lone = !rope_size_ascii(size) &&
	    utf_has_surrogate(wtf8, len);
	*rope_out = v;
	return 0;
}

/* A rope with the same text; a rope is shared, at no cost. */
static int
rope_copy(const struct json *v, struct json **copy_out)
{
	const struct json_node_string *s = &v->u.string;
	struct json *copy;

	if (s->rope == NULL)
		return rope_from_flat(s->bytes, s->len, copy_out);
	if ((copy = rope_new()) == NULL)
		return OT_ENOMEM;
	rope_share(s->rope, copy->u.string.rope);
	take_lengths(copy);
	copy->u.string.lone = s->lone;
	*copy_out = copy;
	return 0;
}

static bool
is_short(size_t len, size_t len_u16)
{
	return len <= (len == len_u16 ? FLAT_ASCII_MAX : FLAT_MAX);
}

struct json *
json_string_new_edited(const char *wtf8, size_t len_bytes)
{
	size_t len_u16 = utf_len_u16(wtf8, len_bytes);
	struct json *v = NULL;

	if (is_short(len_bytes, len_u16) || len_bytes > ROPE_BYTES_MAX)
		return string_new(wtf8, len_bytes, len_u16);
	return rope_from_flat(wtf8, len_bytes, &v) == 0 ? v : NULL;
}

struct json *
json_string_copy(const struct json *s)
{
	struct json *copy;

	if (s->u.string.rope == NULL)
		return string_new(s->u.string.bytes, s->u.string.len,
		    s->u.string.len_u16);
	return rope_copy(s, &copy) == 0 ? copy : NULL;
}

void
json_string_done(struct json *s)
{
	if (s->u.string.rope != NULL)
		rope_done(s->u.string.rope);
	else if (s->u.string.bytes != (char *)(s + 1))
		free(s->u.string.bytes);
}

/* ---- reading ---- */

/* Its bytes, piece by piece. */
struct pieces {
	const struct json_node_string	*s;
	struct tree_walk		 walk;
	bool				 flat_done;
};

static void
pieces_init(struct pieces *p, const struct json *v)
{
	p->s = &v->u.string;
	p->flat_done = false;
	if (p->s->rope != NULL)
		rope_walk_init(&p->walk, p->s->rope);
}

static bool
pieces_next(struct pieces *p, const char **bytes_out, size_t *len_out)
{
	if (p->s->rope != NULL)
		return rope_walk_next(&p->walk, bytes_out, len_out);
	if (p->flat_done)
		return false;
	p->flat_done = true;
	*bytes_out = p->s->bytes;
	*len_out = p->s->len;
	return true;
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

size_t
json_string_memory(const struct json *s)
{
	return s->u.string.rope != NULL ?
	    sizeof(struct rope) + rope_memory(s->u.string.rope) :
	    s->u.string.cap;
}

void
json_string_print(const struct json *s, struct buf *b)
{
	struct pieces pieces;
	const char *bytes;
	size_t len;

	buf_putc(b, '"');
	pieces_init(&pieces, s);
	while (!buf_failed(b) && pieces_next(&pieces, &bytes, &len))
		json_put_string_piece(b, bytes, len);
	buf_putc(b, '"');
}

void
json_string_put(const struct json *s, struct buf *b, size_t start_bytes)
{
	struct pieces pieces;
	const char *bytes;
	size_t len;

	pieces_init(&pieces, s);
	while (pieces_next(&pieces, &bytes, &len))
		utf_put(b, start_bytes, bytes, len);
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

/* Append units from_u16 to to_u16, which are in range, to b. */
static void
put_slice(const struct json_node_string *s, size_t from_u16, size_t to_u16,
    struct buf *b)
{
	if (s->rope != NULL)
		rope_read(s->rope, ROPE_U16, from_u16, to_u16 - from_u16, b);
	else
		utf_put_slice_u16(b, b->len, s->bytes, s->len, from_u16,
		    to_u16);
}

struct json *
json_string_slice(const struct json *v, size_t from_u16, size_t to_u16)
{
	const struct json_node_string *s = &v->u.string;
	struct json *slice = NULL;
	struct buf b = BUF_INIT;
	size_t from, to;
	bool from_inside, to_inside;

	if (to_u16 > s->len_u16)
		to_u16 = s->len_u16;
	if (from_u16 > to_u16)
		from_u16 = to_u16;
	if (s->rope == NULL) {
		from = string_seek(s, from_u16, &from_inside);
		to = string_seek(s, to_u16, &to_inside);
		if (!from_inside && !to_inside)
			return json_string_new(s->bytes + from, to - from);
	}
	put_slice(s, from_u16, to_u16, &b);
	if (!buf_failed(&b))
		slice = json_string_new(b.data, b.len);
	buf_done(&b);
	return slice;
}

int
json_string_compare(const struct json *a, const struct json *b)
{
	struct pieces ap, bp;
	const char *x = NULL, *y = NULL;
	size_t x_len = 0, y_len = 0, n;
	int c;

	pieces_init(&ap, a);
	pieces_init(&bp, b);
	for (;;) {
		while (x_len == 0 && pieces_next(&ap, &x, &x_len))
			;
		while (y_len == 0 && pieces_next(&bp, &y, &y_len))
			;
		n = x_len < y_len ? x_len : y_len;
		if (n == 0)			/* one has ended, or both */
			return (x_len > 0) - (y_len > 0);
		if ((c = memcmp(x, y, n)) != 0)
			return c;
		x += n;
		y += n;
		x_len -= n;
		y_len -= n;
	}
}

bool
json_string_equal(const struct json *a, const struct json *b)
{
	return a->u.string.len == b->u.string.len &&
	    json_string_compare(a, b) == 0;
}

/* Are the same units at both places?  Takes no memory. */
static bool
same_chunk(const struct json_node_string *s, size_t pos_u16,
    const struct json_node_string *t, size_t t_pos_u16, size_t n)
{
	char s_room[CHUNK_U16 * SURROGATE_BYTES], t_room[sizeof(s_room)];
	struct buf sb = { s_room, 0, sizeof(s_room), sizeof(s_room), false };
	struct buf tb = { t_room, 0, sizeof(t_room), sizeof(t_room), false };

	put_slice(s, pos_u16, pos_u16 + n, &sb);
	put_slice(t, t_pos_u16, t_pos_u16 + n, &tb);
	assert(!sb.failed && !tb.failed);
	return sb.len == tb.len && memcmp(s_room, t_room, sb.len) == 0;
}

bool
json_string_has(const struct json *v, size_t pos_u16, const struct json *text)
{
	const struct json_node_string *s = &v->u.string, *t = &text->u.string;
	size_t at, i, n;
	bool inside;

	if (pos_u16 > s->len_u16 || t->len_u16 > s->len_u16 - pos_u16)
		return false;
	if (s->rope == NULL && t->rope == NULL) {
		at = string_seek(s, pos_u16, &inside);
		if (!inside && t->len <= s->len - at &&
		    memcmp(s->bytes + at, t->bytes, t->len) == 0)
			return true;
		if (!inside && !utf_ends_high(t->bytes, t->len))
			return false;
	}
	for (i = 0; i < t->len_u16; i += n) {
		n = t->len_u16 - i < CHUNK_U16 ? t->len_u16 - i : CHUNK_U16;
		if (!same_chunk(s, pos_u16 + i, t, i, n))
			return false;
	}
	return true;
}

/* ---- splicing flat strings ---- */

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

static int
flat_splice(struct json *v, size_t from_u16, size_t to_u16, const char *new,
    size_t new_len, size_t new_len_u16)
{
	struct json_node_string *s = &v->u.string;
	size_t mid, tail;
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
	s->len_u16 += new_len_u16 - (to_u16 - from_u16);
	return 0;
}

/* ---- splicing any string ---- */

static int
rope_splice(struct json *v, size_t from_u16, size_t to_u16, const char *new,
    size_t new_len)
{
	struct rope *rope = v->u.string.rope;
	int rc = 0;

	if (new_len > ROPE_BYTES_MAX)
		return OT_ELIMIT;
	if (to_u16 > from_u16)
		rc = rope_delete(rope, ROPE_U16, from_u16, to_u16 - from_u16);
	if (rc == 0 && new_len > 0)
		rc = rope_insert(rope, ROPE_U16, from_u16, new,
		    rope_measure(new, new_len));
	take_lengths(v);
	return rc;
}

int
json_string_splice(struct json *v, size_t from_u16, size_t to_u16,
    const struct json *text)
{
	const struct json_node_string *t = text != NULL ? &text->u.string :
	    NULL;
	const char *new = t != NULL ? t->bytes : NULL;
	size_t new_len = t != NULL ? t->len : 0;
	struct buf b = BUF_INIT;
	int rc;

	if (t != NULL && t->rope != NULL) {
		json_string_put(text, &b, 0);
		if (buf_failed(&b)) {
			buf_done(&b);
			return OT_ENOMEM;
		}
		new = b.data;
	}
	if (v->u.string.rope != NULL)
		rc = rope_splice(v, from_u16, to_u16, new, new_len);
	else
		rc = flat_splice(v, from_u16, to_u16, new, new_len,
		    t != NULL ? t->len_u16 : 0);
	buf_done(&b);
	return rc;
}

static bool
edited_flat(const struct json_node_string *s)
{
	return s->rope == NULL && is_short(s->len, s->len_u16);
}

int
json_string_edit(struct json **slot, size_t from_u16, size_t to_u16,
    const struct json *text, struct json **before_out)
{
	struct json *before = NULL;
	struct rope *rope;
	int rc;

	assert(before_out != NULL || from_u16 == to_u16 || text == NULL);
	if ((rc = json_string_open(slot, &rope, before_out != NULL ?
	    &before : NULL)) != 0 ||
	    (rope == NULL && (rc = json_own(slot)) != 0))
		return rc;
	if ((rc = json_string_splice(*slot, from_u16, to_u16, text)) != 0) {
		if (before != NULL) {
			json_unref(*slot);
			*slot = before;
		}
		return rc;
	}
	if (before_out != NULL)
		*before_out = before;
	return 0;
}

int
json_string_open(struct json **slot, struct rope **rope_out,
    struct json **before_out)
{
	struct json_node_string *s = &(*slot)->u.string;
	struct json *copy;
	int rc;

	*rope_out = NULL;
	if (edited_flat(s))
		return 0;
	if (before_out == NULL && s->rope != NULL && (*slot)->refs == 1) {
		*rope_out = s->rope;
		return 0;
	}
	if ((rc = rope_copy(*slot, &copy)) != 0)
		return rc;
	*rope_out = copy->u.string.rope;
	if (before_out != NULL)
		*before_out = *slot;
	else
		json_unref(*slot);
	*slot = copy;
	return 0;
}

bool
json_string_had_lone(const struct json *s)
{
	return s->u.string.lone;
}

void
json_string_edited(struct json *s)
{
	take_lengths(s);
}
