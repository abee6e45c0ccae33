#include "ot/text_transform.h"

#include <assert.h>

#include "ot/text_edit.h"

/* ---- taking parts piecewise ---- */

/* A place in an edit. */
struct cursor {
	enum rope_unit		 unit;
	const struct text_part	*part, *stop;	/* where it is; the end */
	uint64_t		 off;		/* into the part, in its unit */
	struct slice_place	 place;		/* into its text */
};

static void
cursor_init(struct cursor *c, const struct text_edit *edit)
{
	*c = (struct cursor){ edit->unit, edit->part, edit->part + edit->n, 0,
	    { 0, false } };
}

static bool
cursor_at_end(const struct cursor *c)
{
	return c->part == c->stop;
}

/* Kind of what comes next; past the end, skips. */
static enum text_kind
cursor_kind(const struct cursor *c)
{
	return cursor_at_end(c) ? TEXT_SKIP : c->part->kind;
}

static void
take(struct cursor *c, uint64_t len, struct text_chunk *out)
{
	const struct text_part *part = c->part;
	bool rest = len == part->len - c->off;

	out->kind = part->kind;
	out->len = len;
	if (part->text == NULL || (rest && c->off == 0))
		out->slice = (struct slice){ part->text, part->size, 0, 0 };
	else
		out->slice = slice_cut(&c->place, part->text, part->size,
		    c->unit, len, rest);
	c->off += len;
	if (rest) {
		c->part++;
		c->off = 0;
		c->place.bytes = 0;
	}
}

/*
 * The next len, or less when the part ends before; a part of kind whole comes
 * whole.  Past the end there are skips for ever.
 */
static void
cursor_take(struct cursor *c, uint64_t len, enum text_kind whole,
    struct text_chunk *out)
{
	uint64_t left;

	if (cursor_at_end(c)) {
		out->kind = TEXT_SKIP;
		out->len = len;
		out->slice.text = NULL;
		return;
	}
	left = c->part->len - c->off;
	take(c, left <= len || c->part->kind == whole ? left : len, out);
}

/* What is left of the part, which must not be past the end. */
static void
cursor_take_part(struct cursor *c, struct text_chunk *out)
{
	take(c, c->part->len - c->off, out);
}

/* ---- making an edit ---- */

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/*
 * Begin what two edits that are walked together become.  A piece of it comes
 * wherever a part of one of them ends.
 */
static int
draft_init(struct text_draft *d, const struct text_edit *a,
    const struct text_edit *b, size_t text_bytes)
{
	assert(a->unit == b->unit);
	if (a->n > UINT32_MAX - b->n)
		return OT_ENOMEM;
	return text_draft_init(d, a->unit, a->n + b->n, text_bytes);
}

/* What the cursor has not handed out yet goes in as it is. */
static void
append_rest(struct text_draft *d, struct cursor *c)
{
	struct text_chunk chunk;

	while (!cursor_at_end(c)) {
		cursor_take_part(c, &chunk);
		text_draft_append(d, &chunk);
	}
	text_draft_trim(d);
}

/* ---- transform ---- */

/*
 * The other edit went over len of the document, keeping or deleting it.  Of
 * ours, what lies in a kept stretch stays; in a deleted one only inserts do.
 */
static void
transform_stretch(struct text_draft *d, struct cursor *c, uint64_t len,
    bool deleted)
{
	struct text_chunk chunk;

	while (len > 0) {
		cursor_take(c, len, TEXT_INSERT, &chunk);
		if (chunk.kind != TEXT_INSERT)
			len -= chunk.len;
		if (chunk.kind == TEXT_INSERT || !deleted)
			text_draft_append(d, &chunk);
	}
}

int
text_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	const struct text_edit *a = text_edit_of(op), *b = text_edit_of(other);
	const struct text_part *part;
	struct cursor c;
	struct text_draft d;
	struct text_chunk chunk;
	uint32_t i;

	if (draft_init(&d, a, b, a->bytes) != 0)
		return no_memory(err);
	cursor_init(&c, a);
	for (i = 0; i < b->n; i++) {
		part = &b->part[i];
		if (part->kind != TEXT_INSERT) {
			transform_stretch(&d, &c, part->len,
			    part->kind == TEXT_DELETE);
			continue;
		}
		/* Left's insert goes first; exactly one, as the reference. */
		if (side == OT_LEFT && cursor_kind(&c) == TEXT_INSERT) {
			cursor_take_part(&c, &chunk);
			text_draft_append(&d, &chunk);
		}
		text_draft_append_len(&d, TEXT_SKIP, part->len);
	}
	append_rest(&d, &c);
	*edit_out = text_draft_finish(&d);
	return 0;
}

/* ---- compose ---- */

/* The second edit keeps len of what the first one made. */
static void
compose_skip(struct text_draft *d, struct cursor *c, uint64_t len)
{
	struct text_chunk chunk;

	while (len > 0) {
		cursor_take(c, len, TEXT_DELETE, &chunk);
		if (chunk.kind != TEXT_DELETE)
			len -= chunk.len;
		text_draft_append(d, &chunk);
	}
}

/* The second edit deletes, at the cursor b, len of what the first one made. */
static void
compose_delete(struct text_draft *d, struct cursor *c,
    struct cursor *b, uint64_t len)
{
	struct text_chunk chunk, gone;

	while (len > 0) {
		cursor_take(c, len, TEXT_DELETE, &chunk);
		if (chunk.kind == TEXT_DELETE) {
			text_draft_append(d, &chunk);
			continue;
		}
		/* What the first inserted vanishes with its deletion. */
		cursor_take(b, chunk.len, TEXT_INSERT, &gone);
		if (chunk.kind == TEXT_SKIP)
			text_draft_append(d, &gone);
		len -= chunk.len;
	}
}

int
text_compose(const struct ot_edit *first, const struct ot_edit *second,
    struct ot_edit **edit_out, struct ot_err *err)
{
	const struct text_edit *a = text_edit_of(first);
	const struct text_edit *b = text_edit_of(second);
	const struct text_part *part;
	struct cursor c, at;
	struct text_draft d;
	uint32_t i;

	if (draft_init(&d, a, b, (size_t)a->bytes + b->bytes) != 0)
		return no_memory(err);
	cursor_init(&c, a);
	for (i = 0; i < b->n; i++) {
		part = &b->part[i];
		switch (part->kind) {
		case TEXT_SKIP:
			compose_skip(&d, &c, part->len);
			break;
		case TEXT_INSERT:
			text_draft_append_part(&d, part);
			break;
		case TEXT_DELETE:
			cursor_init(&at, b);
			at.part += i;
			compose_delete(&d, &c, &at, part->len);
			break;
		}
	}
	append_rest(&d, &c);
	*edit_out = text_draft_finish(&d);
	return 0;
}

/* ---- one edit ---- */

int
text_invert(const struct ot_edit *edit, struct ot_edit **edit_out,
    struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct text_part part;
	struct text_draft d;
	uint32_t i;

	for (i = 0; i < e->n; i++)
		if (e->part[i].kind == TEXT_DELETE && e->part[i].text == NULL)
			return ot_fail(err, OT_ETYPE,
			    "Cannot invert text op: Deleted characters "
			    "missing from operation. makeInvertible must be "
			    "called first.");
	if (text_draft_init(&d, e->unit, e->n, e->bytes) != 0)
		return no_memory(err);
	for (i = 0; i < e->n; i++) {
		part = e->part[i];
		if (part.kind == TEXT_INSERT)
			part.kind = TEXT_DELETE;
		else if (part.kind == TEXT_DELETE)
			part.kind = TEXT_INSERT;
		text_draft_append_part(&d, &part);
	}
	text_draft_trim(&d);
	*edit_out = text_draft_finish(&d);
	return 0;
}

int
text_normalize(const struct ot_edit *edit, struct ot_edit **edit_out,
    struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct text_draft d;
	uint32_t i;

	if (text_draft_init(&d, e->unit, e->n, e->bytes) != 0)
		return no_memory(err);
	for (i = 0; i < e->n; i++)
		text_draft_append_part(&d, &e->part[i]);
	text_draft_trim(&d);
	*edit_out = text_draft_finish(&d);
	return 0;
}

/* Are all its deletes in the document? */
static bool
deletes_fit(const struct text_edit *e, uint64_t length)
{
	uint64_t pos = 0;
	uint32_t i;

	for (i = 0; i < e->n; i++) {
		if (e->part[i].kind == TEXT_INSERT)
			continue;
		if (e->part[i].kind == TEXT_DELETE &&
		    e->part[i].text == NULL &&
		    (pos > length || e->part[i].len > length - pos))
			return false;
		pos += e->part[i].len;
	}
	return true;
}

int
text_make_invertible(const struct ot_edit *edit, const struct rope *document,
    struct ot_edit **edit_out, struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct buf b = BUF_INIT;
	struct text_draft d;
	struct text_part part;
	uint64_t pos = 0;
	uint32_t i;

	if (!deletes_fit(e, rope_length(document, e->unit)))
		return ot_fail(err, OT_EAPPLY,
		    "The op is too long for this document");
	/* Reserved at once: no more than all of it is deleted. */
	if (buf_room(&b, rope_length(document, ROPE_BYTES)) == NULL ||
	    text_draft_init(&d, e->unit, e->n, e->bytes +
	    rope_length(document, ROPE_BYTES)) != 0) {
		buf_done(&b);
		return no_memory(err);
	}
	for (i = 0; i < e->n; i++) {
		part = e->part[i];
		if (part.kind == TEXT_DELETE && part.text == NULL) {
			buf_reset(&b);
			rope_read(document, e->unit, pos, part.len, &b);
			part.text = b.data;
			part.size = rope_measure(b.data, b.len);
		}
		text_draft_append_part(&d, &part);
		if (part.kind != TEXT_INSERT)
			pos += part.len;
	}
	text_draft_trim(&d);
	*edit_out = text_draft_finish(&d);
	buf_done(&b);
	return 0;
}

/* ---- cursors ---- */

uint64_t
text_move_cursor(const struct ot_edit *edit, uint64_t cursor)
{
	const struct text_edit *e = text_edit_of(edit);
	uint64_t pos = 0, len;
	uint32_t i;

	for (i = 0; i < e->n && cursor > pos; i++) {
		len = e->part[i].len;
		switch (e->part[i].kind) {
		case TEXT_SKIP:
			pos += len;
			break;
		case TEXT_INSERT:
			pos += len;
			cursor += len;
			break;
		case TEXT_DELETE:
			cursor -= len < cursor - pos ? len : cursor - pos;
			break;
		}
	}
	return cursor;
}

uint64_t
text_own_cursor(const struct ot_edit *edit)
{
	const struct text_edit *e = text_edit_of(edit);
	uint64_t pos = 0;
	uint32_t i;

	for (i = 0; i < e->n; i++)
		if (e->part[i].kind != TEXT_DELETE)
			pos += e->part[i].len;
	return pos;
}
