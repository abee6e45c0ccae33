#include "ot/delta_transform.h"

static uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
common_left(const struct delta_cursor *a, const struct delta_cursor *b)
{
	return min_u64(delta_cursor_left(a), delta_cursor_left(b));
}

/* ---- transform ---- */

/*
 * Both go over len of the document: ours, in its slot of the draft, becomes
 * what it is after theirs.
 */
static void
transform_stretch(struct delta_draft *d, const struct delta_part *theirs,
    struct delta_chunk *ours, bool priority)
{
	struct json *attrs;

	if (theirs != NULL && theirs->kind == DELTA_DELETE)
		return;
	if (ours->kind == DELTA_DELETE || ours->attrs == NULL) {
		delta_draft_push(d, ours);
		return;
	}
	if (delta_attr_transform(theirs != NULL ? theirs->attrs : NULL,
	    ours->attrs, priority, &attrs) != 0) {
		d->failed = true;
		return;
	}
	delta_draft_push_len(d, DELTA_RETAIN, ours->len, attrs);
	json_unref(attrs);
}

int
delta_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	bool priority = side == OT_LEFT;	/* of the other edit */
	const struct delta_part *theirs;
	struct delta_cursor a, b;
	struct delta_chunk *ours;
	struct delta_draft d;
	uint64_t len;

	delta_cursor_init(&a, delta_edit_of(other));
	delta_cursor_init(&b, delta_edit_of(op));
	delta_draft_init(&d);
	while (a.part != NULL || b.part != NULL) {
		if (delta_cursor_kind(&a) == DELTA_INSERT &&
		    (priority || delta_cursor_kind(&b) != DELTA_INSERT)) {
			len = delta_cursor_left(&a);
			delta_cursor_skip(&a, len);
			delta_draft_push_len(&d, DELTA_RETAIN, len, NULL);
			continue;
		}
		ours = delta_draft_slot(&d);
		if (delta_cursor_kind(&b) == DELTA_INSERT) {
			delta_cursor_take_part(&b, ours);
			delta_draft_push(&d, ours);
			continue;
		}
		len = common_left(&a, &b);
		theirs = a.part;
		delta_cursor_take(&b, len, ours);
		transform_stretch(&d, theirs, ours, priority);
		delta_cursor_skip(&a, len);
	}
	delta_draft_chop(&d);
	return delta_draft_finish(&d, edit_out, err);
}

/* ---- compose ---- */

/*
 * b retains a stretch of what a made.  True when the result stands for
 * itself at the end of d.
 */
static bool
compose_retain(struct delta_draft *d, const struct delta_chunk *a,
    const struct delta_chunk *b)
{
	struct delta_chunk both = *a;
	bool alone;

	if (delta_attr_compose(a->attrs, b->attrs, a->kind == DELTA_RETAIN,
	    &both.attrs) != 0) {
		d->failed = true;
		return false;
	}
	alone = delta_draft_push(d, &both);
	json_unref(both.attrs);
	return alone;
}

void
delta_compose_onto(struct delta_draft *d, struct delta_cursor *a,
    struct delta_cursor *b)
{
	struct delta_chunk x, y, *slot;
	uint64_t len;

	while (a->part != NULL || b->part != NULL) {
		slot = delta_draft_slot(d);
		if (delta_cursor_kind(b) == DELTA_INSERT) {
			delta_cursor_take_part(b, slot);
			delta_draft_push(d, slot);
			continue;
		}
		if (delta_cursor_kind(a) == DELTA_DELETE) {
			delta_cursor_take_part(a, slot);
			delta_draft_push(d, slot);
			continue;
		}
		len = common_left(a, b);
		delta_cursor_take(a, len, &x);
		delta_cursor_take(b, len, &y);
		if (y.kind == DELTA_DELETE) {
			if (x.kind == DELTA_RETAIN)
				delta_draft_push(d, &y);
			continue;
		}
		if (compose_retain(d, &x, &y) && b->part == NULL) {
			/* The next op of a may still join; those after stay. */
			if (a->part != NULL) {
				delta_cursor_take_part(a, &x);
				d->odd |= x.odd;
				delta_draft_push(d, &x);
			}
			return;
		}
	}
}

/* What lies wholly in a plain retain at the start of b stays as it is. */
static void
compose_head(struct delta_draft *d, struct delta_cursor *a,
    struct delta_cursor *b)
{
	struct delta_chunk x;
	uint64_t left;

	if (b->part == NULL || b->part->kind != DELTA_RETAIN ||
	    b->part->attrs != NULL)
		return;
	left = b->part->len;
	while (delta_cursor_kind(a) == DELTA_INSERT &&
	    delta_cursor_left(a) <= left) {
		delta_cursor_take_part(a, &x);
		delta_draft_put(d, &x);
		left -= x.len;
	}
	if (left < b->part->len)
		delta_cursor_skip(b, b->part->len - left);
}

int
delta_compose(const struct ot_edit *first, const struct ot_edit *second,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct delta_cursor a, b;
	struct delta_draft d;
	struct delta_chunk x;

	delta_cursor_init(&a, delta_edit_of(first));
	delta_cursor_init(&b, delta_edit_of(second));
	delta_draft_init(&d);
	compose_head(&d, &a, &b);
	delta_compose_onto(&d, &a, &b);
	while (a.part != NULL) {
		delta_cursor_take_part(&a, &x);
		d.odd |= x.odd;
		delta_draft_put(&d, &x);
	}
	delta_draft_chop(&d);
	return delta_draft_finish(&d, edit_out, err);
}

/* ---- invert ---- */

/* op deleted or formatted len of the document at the cursor. */
static void
invert_stretch(struct delta_draft *d, struct delta_cursor *doc,
    const struct delta_part *part)
{
	uint64_t left = part->len;
	struct delta_chunk was;
	struct json *attrs;

	while (left > 0 && doc->part != NULL) {
		delta_cursor_take(doc, min_u64(left, delta_cursor_left(doc)),
		    &was);
		left -= was.len;
		if (part->kind == DELTA_DELETE) {
			delta_draft_push(d, &was);
		} else if (part->attrs != NULL) {
			if (delta_attr_invert(part->attrs, was.attrs,
			    &attrs) != 0) {
				d->failed = true;
				return;
			}
			delta_draft_push_len(d, DELTA_RETAIN, was.len, attrs);
			json_unref(attrs);
		}
	}
}

int
delta_invert(const struct ot_edit *op, const struct ot_edit *doc,
    struct ot_edit **edit_out, struct ot_err *err)
{
	const struct delta_edit *e = delta_edit_of(op);
	const struct delta_part *part;
	struct delta_cursor base;
	struct delta_draft d;
	uint32_t i;

	delta_cursor_init(&base, delta_edit_of(doc));
	delta_draft_init(&d);
	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		if (part->kind == DELTA_INSERT) {
			/* The reference does not see an embed that is 0. */
			if (part->embed == NULL ||
			    json_kind(part->embed) != JSON_NUMBER ||
			    json_number_get(part->embed) != 0)
				delta_draft_push_len(&d, DELTA_DELETE,
				    part->len, NULL);
			continue;
		}
		if (part->kind == DELTA_RETAIN && part->attrs == NULL)
			delta_draft_push_len(&d, DELTA_RETAIN, part->len,
			    NULL);
		invert_stretch(&d, &base, part);
	}
	delta_draft_chop(&d);
	return delta_draft_finish(&d, edit_out, err);
}

/* ---- cursors ---- */

uint64_t
delta_move_cursor(const struct ot_edit *edit, uint64_t cursor, bool own)
{
	const struct delta_edit *e = delta_edit_of(edit);
	const struct delta_part *part;
	uint64_t offset = 0;
	uint32_t i;

	for (i = 0; i < e->n && offset <= cursor; i++) {
		part = &e->part[i];
		if (part->kind == DELTA_DELETE) {
			cursor -= min_u64(part->len, cursor - offset);
			continue;
		}
		if (part->kind == DELTA_INSERT && (offset < cursor || own))
			cursor += part->len;
		offset += part->len;
	}
	return cursor;
}
