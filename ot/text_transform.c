#include "ot/text_transform.h"

#include <assert.h>

#include "ot/text_edit.h"

/* ---- taking parts piecewise ---- */

/* A place in an edit. */
struct cursor {
	const struct text_edit	*edit;
	uint32_t		 i;		/* part */
	uint64_t		 off;		/* into the part, in its unit */
	struct slice_place	 place;		/* into its text */
};

static void
cursor_init(struct cursor *c, const struct text_edit *edit)
{
	*c = (struct cursor){ edit, 0, 0, { 0, false } };
}

static bool
cursor_at_end(const struct cursor *c)
{
	return c->i == c->edit->n;
}

/* Kind of what comes next; past the end, skips. */
static enum text_kind
cursor_kind(const struct cursor *c)
{
	return cursor_at_end(c) ? TEXT_SKIP : c->edit->part[c->i].kind;
}

static void
take(struct cursor *c, uint64_t len, struct text_chunk *out)
{
	const struct text_part *part = &c->edit->part[c->i];
	bool rest = len == part->len - c->off;

	out->kind = part->kind;
	out->more = false;
	out->len = len;
	if (part->text == NULL || (rest && c->off == 0))
		out->slice = (struct slice){ part->text, part->size, 0, 0 };
	else
		out->slice = slice_cut(&c->place, part->text, part->size,
		    c->edit->unit, len, rest);
	c->off += len;
	if (rest) {
		c->i++;
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
	const struct text_part *part;
	uint64_t left;

	if (cursor_at_end(c)) {
		*out = (struct text_chunk){ .kind = TEXT_SKIP, .len = len };
		return;
	}
	part = &c->edit->part[c->i];
	left = part->len - c->off;
	take(c, left <= len || part->kind == whole ? left : len, out);
}

/* What is left of the part, which must not be past the end. */
static void
cursor_take_part(struct cursor *c, struct text_chunk *out)
{
	take(c, c->edit->part[c->i].len - c->off, out);
}

/* ---- making an edit ---- */

/* The draft's edit, or OT_ENOMEM. */
static int
finish(struct text_draft *d, struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *edit;

	if ((edit = text_draft_finish(d)) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	*edit_out = edit;
	return 0;
}

/* What the cursor has not handed out yet goes in as it is. */
static void
append_rest(struct text_draft *d, struct cursor *c)
{
	struct text_chunk *chunk;

	while (!cursor_at_end(c)) {
		chunk = text_draft_slot(d);
		cursor_take_part(c, chunk);
		text_draft_append(d, chunk);
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
	struct text_chunk *chunk;

	while (len > 0) {
		chunk = text_draft_slot(d);
		cursor_take(c, len, TEXT_INSERT, chunk);
		if (chunk->kind != TEXT_INSERT)
			len -= chunk->len;
		if (chunk->kind == TEXT_INSERT || !deleted)
			text_draft_append(d, chunk);
	}
}

int
text_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	const struct text_edit *b = text_edit_of(other);
	const struct text_part *part;
	struct cursor c;
	struct text_draft d;
	struct text_chunk *chunk;
	uint32_t i;

	assert(text_edit_of(op)->unit == b->unit);
	cursor_init(&c, text_edit_of(op));
	text_draft_init(&d, b->unit);
	for (i = 0; i < b->n; i++) {
		part = &b->part[i];
		if (part->kind != TEXT_INSERT) {
			transform_stretch(&d, &c, part->len,
			    part->kind == TEXT_DELETE);
			continue;
		}
		/* Left's insert goes first; exactly one, as the reference. */
		if (side == OT_LEFT && cursor_kind(&c) == TEXT_INSERT) {
			chunk = text_draft_slot(&d);
			cursor_take_part(&c, chunk);
			text_draft_append(&d, chunk);
		}
		text_draft_append_len(&d, TEXT_SKIP, part->len);
	}
	append_rest(&d, &c);
	return finish(&d, edit_out, err);
}

/* ---- compose ---- */

/* The second edit keeps len of what the first one made. */
static void
compose_skip(struct text_draft *d, struct cursor *c, uint64_t len)
{
	struct text_chunk *chunk;

	while (len > 0) {
		chunk = text_draft_slot(d);
		cursor_take(c, len, TEXT_DELETE, chunk);
		if (chunk->kind != TEXT_DELETE)
			len -= chunk->len;
		text_draft_append(d, chunk);
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
	const struct text_edit *b = text_edit_of(second);
	const struct text_part *part;
	struct cursor c, at;
	struct text_draft d;
	uint32_t i;

	assert(text_edit_of(first)->unit == b->unit);
	cursor_init(&c, text_edit_of(first));
	text_draft_init(&d, b->unit);
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
			at.i = i;
			compose_delete(&d, &c, &at, part->len);
			break;
		}
	}
	append_rest(&d, &c);
	return finish(&d, edit_out, err);
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

	text_draft_init(&d, e->unit);
	for (i = 0; i < e->n; i++) {
		part = e->part[i];
		if (part.kind == TEXT_INSERT) {
			part.kind = TEXT_DELETE;
		} else if (part.kind == TEXT_DELETE) {
			if (part.text == NULL) {
				text_draft_done(&d);
				return ot_fail(err, OT_ETYPE,
				    "Cannot invert text op: Deleted characters "
				    "missing from operation. makeInvertible "
				    "must be called first.");
			}
			part.kind = TEXT_INSERT;
		}
		text_draft_append_part(&d, &part);
	}
	text_draft_trim(&d);
	return finish(&d, edit_out, err);
}

int
text_normalize(const struct ot_edit *edit, struct ot_edit **edit_out,
    struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct text_draft d;
	uint32_t i;

	text_draft_init(&d, e->unit);
	for (i = 0; i < e->n; i++)
		text_draft_append_part(&d, &e->part[i]);
	text_draft_trim(&d);
	return finish(&d, edit_out, err);
}

int
text_make_invertible(const struct ot_edit *edit, const struct rope *document,
    struct ot_edit **edit_out, struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct buf b = BUF_INIT;
	struct text_draft d;
	struct text_part part;
	uint64_t pos = 0, length = rope_length(document, e->unit);
	size_t start;
	uint32_t i;
	int rc = 0;

	/* Reserved at once, so that the draft can point into it. */
	if (buf_room(&b, rope_length(document, ROPE_BYTES)) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	text_draft_init(&d, e->unit);
	for (i = 0; rc == 0 && i < e->n; i++) {
		part = e->part[i];
		if (part.kind == TEXT_DELETE && part.text == NULL) {
			if (pos > length || part.len > length - pos) {
				rc = ot_fail(err, OT_EAPPLY,
				    "The op is too long for this document");
				break;
			}
			start = b.len;
			rope_read(document, e->unit, pos, part.len, &b);
			part.text = b.data + start;
			part.size = rope_measure(part.text, b.len - start);
		}
		text_draft_append_part(&d, &part);
		if (part.kind != TEXT_INSERT)
			pos += part.len;
	}
	text_draft_trim(&d);
	if (rc == 0)
		rc = finish(&d, edit_out, err);
	else
		text_draft_done(&d);
	buf_done(&b);
	return rc;
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
