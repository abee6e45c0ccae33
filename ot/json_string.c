/*
 * Strings of the value tree.
 *
 * Short ASCII strings are in the node, or boxed; they are never changed, but
 * replaced.  Others are flat: changed in place, and put back by the reverse
 * change.  Long ones are ropes, from when they are read in a document or first
 * edited; a change that is to be taken back is made within a leaf, or else the
 * rope is shared before and put back whole.  An all-ASCII flat string finds
 * any position at once, so it may be longer than one in which positions must
 * be counted.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"
#include "ot/utf.h"

#define SURROGATE_BYTES	3	/* of a lone surrogate */

#define FLAT_ASCII_MAX	32768	/* bytes of a string that is edited flat */
#define FLAT_MAX	2048	/* the same if not all ASCII */

#define CHUNK_U16	256	/* units compared at a time */

void
json_text_of(const struct json *s, struct json_text *t)
{
	if (json_is_boxed(s)) {
		t->bytes = t->unboxed;
		t->len = json_unbox_text(s, t->unboxed);
		t->len_u16 = utf_len_u16(t->bytes, t->len);
	} else if (s->form == JSON_FEW) {
		t->bytes = json_body(s);
		t->len = t->len_u16 = s->n;
	} else {
		t->bytes = json_flat_of(s)->bytes;
		t->len = json_flat_of(s)->len;
		t->len_u16 = json_flat_of(s)->len_u16;
	}
}

/* ---- making ---- */

struct json *
json_flat_new(const char *wtf8, size_t len, size_t len_u16, size_t spare)
{
	struct json_flat *f;
	struct json *s;

	if (len > SIZE_MAX / 2 || (s = json_node_new(JSON_STRING, JSON_MANY,
	    sizeof(*f) + len + spare)) == NULL)
		return NULL;
	f = json_flat_of(s);
	f->bytes = (char *)(f + 1);
	f->len = len;
	f->room = len + spare;
	f->len_u16 = len_u16;
	if (len > 0)
		memcpy(f->bytes, wtf8, len);
	return s;
}

struct json *
json_string_of(const char *wtf8, size_t len, size_t len_u16)
{
	struct json *s = len <= BOX_BYTES ? json_box_text(wtf8, len) : NULL;

	if (s != NULL)
		return s;
	if (len != len_u16 || len > JSON_SHORT_MAX)
		return json_flat_new(wtf8, len, len_u16, 0);
	if ((s = json_node_new(JSON_STRING, JSON_FEW, len)) == NULL)
		return NULL;
	s->n = (uint8_t)len;
	if (len > 0)
		memcpy(json_body(s), wtf8, len);
	return s;
}

struct json *
json_string_new(const char *wtf8, size_t len_bytes)
{
	return json_string_of(wtf8, len_bytes, utf_len_u16(wtf8, len_bytes));
}

/* An empty string that is a rope; NULL when out of memory. */
static struct json *
rope_new(void)
{
	struct json *s = json_node_new(JSON_STRING, JSON_ROPE,
	    sizeof(struct rope));

	if (s != NULL)
		rope_init(json_rope_of(s));
	return s;
}

static int
rope_from_text(const char *wtf8, size_t len, struct json **rope_out)
{
	struct tree_size size;
	struct json *s;
	int rc;

	if (len > ROPE_BYTES_MAX)
		return OT_ELIMIT;
	if ((s = rope_new()) == NULL)
		return OT_ENOMEM;
	size = rope_measure(wtf8, len);
	if ((rc = rope_insert(json_rope_of(s), ROPE_U16, 0, wtf8, size)) != 0) {
		json_unref(s);
		return rc;
	}
	s->n = !rope_size_ascii(size) && utf_has_surrogate(wtf8, len);
	*rope_out = s;
	return 0;
}

int
json_rope_copy(const struct json *s, struct json **copy_out)
{
	struct json *copy;
	struct json_text t;

	if (!json_is_rope(s)) {
		json_text_of(s, &t);
		return rope_from_text(t.bytes, t.len, copy_out);
	}
	if ((copy = rope_new()) == NULL)
		return OT_ENOMEM;
	rope_share(json_rope_of(s), json_rope_of(copy));
	copy->n = s->n;
	*copy_out = copy;
	return 0;
}

bool
json_is_short(size_t len, size_t len_u16)
{
	return len <= (len == len_u16 ? FLAT_ASCII_MAX : FLAT_MAX);
}

struct json *
json_string_new_edited(const char *wtf8, size_t len_bytes)
{
	size_t len_u16 = utf_len_u16(wtf8, len_bytes);
	struct json *s = NULL;

	if (json_is_short(len_bytes, len_u16) || len_bytes > ROPE_BYTES_MAX)
		return json_string_of(wtf8, len_bytes, len_u16);
	return rope_from_text(wtf8, len_bytes, &s) == 0 ? s : NULL;
}

struct json *
json_string_copy(const struct json *s)
{
	struct json *copy;
	struct json_text t;

	if (json_is_rope(s))
		return json_rope_copy(s, &copy) == 0 ? copy : NULL;
	json_text_of(s, &t);
	/* One that was flat is so for editing, though it be short by now. */
	return !json_is_boxed(s) && s->form == JSON_MANY ?
	    json_flat_new(t.bytes, t.len, t.len_u16, 0) :
	    json_string_of(t.bytes, t.len, t.len_u16);
}

void
json_string_done(struct json *s)
{
	if (s->form == JSON_ROPE)
		rope_done(json_rope_of(s));
	else if (s->form == JSON_MANY &&
	    json_flat_of(s)->bytes != (char *)(json_flat_of(s) + 1))
		free(json_flat_of(s)->bytes);
}

/* ---- reading ---- */

/* Its bytes, piece by piece. */
struct pieces {
	const struct rope	*rope;		/* NULL: text is all of it */
	struct tree_walk	 walk;
	struct json_text		 text;
	bool			 done;		/* with the text */
};

static void
pieces_init(struct pieces *p, const struct json *s)
{
	p->rope = json_is_rope(s) ? json_rope_of(s) : NULL;
	p->done = false;
	if (p->rope != NULL)
		rope_walk_init(&p->walk, p->rope);
	else
		json_text_of(s, &p->text);
}

static bool
pieces_next(struct pieces *p, const char **bytes_out, size_t *len_out)
{
	if (p->rope != NULL)
		return rope_walk_next(&p->walk, bytes_out, len_out);
	if (p->done)
		return false;
	p->done = true;
	*bytes_out = p->text.bytes;
	*len_out = p->text.len;
	return true;
}

size_t
json_string_len_u16(const struct json *s)
{
	struct json_text t;

	if (json_is_rope(s))
		return rope_length(json_rope_of(s), ROPE_U16);
	json_text_of(s, &t);
	return t.len_u16;
}

size_t
json_string_len_bytes(const struct json *s)
{
	struct json_text t;

	if (json_is_rope(s))
		return rope_length(json_rope_of(s), ROPE_BYTES);
	json_text_of(s, &t);
	return t.len;
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

size_t
json_text_seek(const struct json_text *t, size_t pos_u16, bool *inside_out)
{
	if (t->len == t->len_u16) {
		*inside_out = false;
		return pos_u16 < t->len ? pos_u16 : t->len;
	}
	return utf_seek_u16(t->bytes, t->len, pos_u16, inside_out);
}

/* Append units from_u16 to to_u16, which are in range, to b. */
static void
put_slice(const struct json *s, size_t from_u16, size_t to_u16, struct buf *b)
{
	struct json_text t;

	if (json_is_rope(s)) {
		rope_read(json_rope_of(s), ROPE_U16, from_u16, to_u16 - from_u16,
		    b);
		return;
	}
	json_text_of(s, &t);
	utf_put_slice_u16(b, b->len, t.bytes, t.len, from_u16, to_u16);
}

struct json *
json_string_slice(const struct json *s, size_t from_u16, size_t to_u16)
{
	size_t from, to, len_u16 = json_string_len_u16(s);
	struct json *slice = NULL;
	struct buf b = BUF_INIT;
	bool from_inside, to_inside;
	struct json_text t;

	if (to_u16 > len_u16)
		to_u16 = len_u16;
	if (from_u16 > to_u16)
		from_u16 = to_u16;
	if (!json_is_rope(s)) {
		json_text_of(s, &t);
		from = json_text_seek(&t, from_u16, &from_inside);
		to = json_text_seek(&t, to_u16, &to_inside);
		if (!from_inside && !to_inside)
			return json_string_new(t.bytes + from, to - from);
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
	return a == b || (json_string_len_bytes(a) ==
	    json_string_len_bytes(b) && json_string_compare(a, b) == 0);
}

const char *
json_string_flat(const struct json *s, char room[JSON_STRING_ROOM],
    size_t *len_bytes_out)
{
	struct json_text t;

	if (json_is_rope(s))
		return NULL;
	json_text_of(s, &t);
	*len_bytes_out = t.len;
	return t.bytes != t.unboxed ? t.bytes : memcpy(room, t.unboxed,
	    sizeof(t.unboxed));
}

/* Are the same units at both places?  Takes no memory. */
static bool
same_chunk(const struct json *s, size_t pos_u16, const struct json *t,
    size_t t_pos_u16, size_t n)
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
json_string_has(const struct json *s, size_t pos_u16, const struct json *text)
{
	size_t at, i, n, len_u16 = json_string_len_u16(s);
	size_t text_len_u16 = json_string_len_u16(text);
	struct json_text whole, part;
	bool inside;

	if (pos_u16 > len_u16 || text_len_u16 > len_u16 - pos_u16)
		return false;
	if (!json_is_rope(s) && !json_is_rope(text)) {
		json_text_of(s, &whole);
		json_text_of(text, &part);
		at = json_text_seek(&whole, pos_u16, &inside);
		if (!inside && part.len <= whole.len - at &&
		    memcmp(whole.bytes + at, part.bytes, part.len) == 0)
			return true;
		if (!inside && !utf_ends_high(part.bytes, part.len))
			return false;
	}
	for (i = 0; i < text_len_u16; i += n) {
		n = text_len_u16 - i < CHUNK_U16 ? text_len_u16 - i :
		    CHUNK_U16;
		if (!same_chunk(s, pos_u16 + i, text, i, n))
			return false;
	}
	return true;
}
