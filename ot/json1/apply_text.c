/*
 * Ops of text-unicode applied to strings of a JSON document.
 *
 * In ASCII text, where code points and UTF-16 units are the same, a few changes
 * are made one by one.  Another long string is a rope, of which the one before
 * and the one after share most.  Other strings are written anew.
 *
 * Strings with lone surrogates are refused.  A rope was looked at when it
 * became one, and text ops bring none in.
 */
#include "ot/json1/apply.h"

#include "ot/rope.h"
#include "ot/text_edit.h"
#include "ot/utf.h"

/* Changes up to which splicing is cheaper than writing anew. */
#define SPLICES_MAX	8

static int
no_memory(struct json1_run *run)
{
	return ot_fail(run->err, OT_ENOMEM, "out of memory");
}

static int
too_long(struct json1_run *run)
{
	return ot_fail(run->err, OT_ELIMIT, "the text would be too long");
}

/* Does the op stay within len_cp?  *changes_out: parts that are no skips. */
static int
check_fit(struct json1_run *run, const struct text_edit *e, uint64_t len_cp,
    size_t *changes_out)
{
	const struct text_part *part;

	*changes_out = 0;
	for (part = e->part; part < e->part + e->n; part++) {
		*changes_out += part->kind != TEXT_SKIP;
		if (part->kind == TEXT_INSERT)
			continue;
		if (part->len > len_cp)
			return ot_fail(run->err, OT_EAPPLY,
			    "The op is too long for this document");
		len_cp -= part->len;
	}
	return 0;
}

/* ---- one by one ---- */

/* What to record of a change at pos_u16, if it is to be taken back. */
static int
splice_step(struct json1_run *run, const struct json_place *place,
    const struct text_part *part, size_t pos_u16, struct json1_step *step_out)
{
	struct json *old = NULL;

	if (part->kind == TEXT_DELETE && (old = json_string_slice(*place->slot,
	    pos_u16, pos_u16 + (size_t)part->len)) == NULL)
		return no_memory(run);
	*step_out = (struct json1_step){ .kind = part->kind == TEXT_INSERT ?
	    JSON1_TEXT_IN : JSON1_TEXT_OUT, .index = pos_u16,
	    .len_u16 = part->size.of[ROPE_U16], .old = old };
	return 0;
}

/* One part at pos_u16; in all that is to come units are code points. */
static int
splice(struct json1_run *run, const struct json_place *place,
    const struct text_part *part, size_t pos_u16, bool keep)
{
	struct json *text = NULL, *before = NULL;
	struct json1_step step = { .old = NULL };
	size_t to_u16 = pos_u16;
	int rc = OT_ENOMEM;

	if (keep && splice_step(run, place, part, pos_u16, &step) != 0)
		return OT_ENOMEM;
	if (part->kind == TEXT_DELETE)
		to_u16 += (size_t)part->len;
	if (part->kind == TEXT_DELETE || (text = json_string_new(part->text,
	    part->size.of[ROPE_BYTES])) != NULL)
		rc = json_string_edit(place->slot, pos_u16, to_u16, text,
		    keep ? &before : NULL);
	json_unref(text);
	if (rc != 0 || before != NULL) {
		json_unref(step.old);
		step = (struct json1_step){ .kind = JSON1_REPLACED,
		    .in = place->in, .index = place->index,
		    .key = json_place_key(place), .old = before };
	} else {
		step.in = *place->slot;
	}
	if (rc != 0)
		return rc == OT_ELIMIT ? too_long(run) : no_memory(run);
	if (keep)
		json1_run_record(run, step);
	return 0;
}

static int
splice_all(struct json1_run *run, const struct json_place *place,
    const struct text_edit *e, bool keep)
{
	const struct text_part *part;
	size_t pos_u16 = 0;
	int rc;

	for (part = e->part; part < e->part + e->n; part++) {
		if (part->kind != TEXT_SKIP && (rc = splice(run, place, part,
		    pos_u16, keep)) != 0)
			return rc;
		if (part->kind != TEXT_DELETE)
			pos_u16 += part->kind == TEXT_INSERT ?
			    part->size.of[ROPE_U16] : (size_t)part->len;
	}
	return 0;
}

/* ---- anew ---- */

static void
write_anew(const struct text_edit *e, const char *old, size_t old_len,
    struct buf *b)
{
	const struct text_part *part;
	size_t at = 0, to;

	for (part = e->part; part < e->part + e->n; part++) {
		if (part->kind == TEXT_INSERT) {
			buf_put(b, part->text, part->size.of[ROPE_BYTES]);
			continue;
		}
		to = at + utf_seek_cp(old + at, old_len - at,
		    (size_t)part->len);
		if (part->kind == TEXT_SKIP)
			buf_put(b, old + at, to - at);
		at = to;
	}
	buf_put(b, old + at, old_len - at);
}

static int
replace(struct json1_run *run, const struct json_place *place,
    const struct text_edit *e, const struct buf *old)
{
	struct buf b = BUF_INIT;
	struct json *s = NULL;
	int rc;

	if ((rc = json1_run_reserve(run, 1)) != 0)
		return rc;
	write_anew(e, old->data, old->len, &b);
	if (!buf_failed(&b))
		s = json_string_new(b.data, b.len);
	if (s == NULL) {
		buf_done(&b);
		return no_memory(run);
	}
	buf_done(&b);
	json1_run_record(run, (struct json1_step){ .kind = JSON1_REPLACED,
	    .in = place->in, .index = place->index,
	    .key = json_place_key(place), .old = *place->slot });
	*place->slot = s;
	return 0;
}

static int
apply_anew(struct json1_run *run, const struct json_place *place,
    const struct text_edit *e)
{
	struct buf old = BUF_INIT;
	size_t changes;
	int rc;

	json_string_put(*place->slot, &old, 0);
	if (buf_failed(&old))
		rc = no_memory(run);
	else if (old.len > 0 && utf_has_surrogate(old.data, old.len))
		rc = ot_fail(run->err, OT_EAPPLY,
		    "Lone surrogates are not allowed");
	else if ((rc = check_fit(run, e, utf_len_cp(old.data, old.len),
	    &changes)) == 0 && changes > 0)
		rc = replace(run, place, e, &old);
	buf_done(&old);
	return rc;
}

/* ---- ropes ---- */

static int
change_rope(struct json1_run *run, struct rope *rope,
    const struct text_edit *e)
{
	const struct text_part *part;
	size_t pos_cp = 0;
	int rc = 0;

	for (part = e->part; rc == 0 && part < e->part + e->n; part++) {
		switch (part->kind) {
		case TEXT_SKIP:
			pos_cp += (size_t)part->len;
			break;
		case TEXT_INSERT:
			rc = rope_insert(rope, ROPE_CP, pos_cp, part->text,
			    part->size);
			pos_cp += (size_t)part->len;
			break;
		case TEXT_DELETE:
			rc = rope_delete(rope, ROPE_CP, pos_cp,
			    (size_t)part->len);
			break;
		}
	}
	if (rc == OT_ELIMIT)
		return too_long(run);
	return rc != 0 ? no_memory(run) : 0;
}

/* The string at place is a rope now. */
static int
apply_rope(struct json1_run *run, const struct json_place *place,
    const struct text_edit *e, struct rope *rope)
{
	size_t changes;
	int rc;

	if (json_string_had_lone(*place->slot))
		return ot_fail(run->err, OT_EAPPLY,
		    "Lone surrogates are not allowed");
	rc = check_fit(run, e, rope_length(rope, ROPE_CP), &changes);
	if (rc == 0)
		rc = change_rope(run, rope, e);
	return rc;
}

/* Has the op one part that is no skip?  Then it is done or not. */
static bool
changes_once(const struct text_edit *e)
{
	return e->n == 1 || (e->n == 2 && e->part[0].kind == TEXT_SKIP);
}

static int
apply(struct json1_run *run, const struct json_place *place,
    const struct text_edit *e)
{
	bool keep = !run->once || !changes_once(e);
	size_t len = json_string_len_bytes(*place->slot), changes;
	struct json *before = NULL;
	struct rope *rope;
	int rc;

	if (len == json_string_len_u16(*place->slot)) {
		if ((rc = check_fit(run, e, len, &changes)) != 0)
			return rc;
		if (changes <= SPLICES_MAX)
			return (rc = json1_run_reserve(run, changes)) != 0 ?
			    rc : splice_all(run, place, e, keep);
	}
	if ((rc = json1_run_reserve(run, 1)) != 0)
		return rc;
	rc = json_string_open(place->slot, &rope, keep ? &before : NULL);
	if (rc != 0)
		return rc == OT_ELIMIT ? too_long(run) : no_memory(run);
	if (rope == NULL)
		return apply_anew(run, place, e);
	if (before != NULL)
		json1_run_record(run, (struct json1_step){
		    .kind = JSON1_REPLACED, .in = place->in,
		    .index = place->index, .key = json_place_key(place),
		    .old = before });
	return apply_rope(run, place, e, rope);
}

int
json1_apply_text(struct json1_run *run, const struct json_place *place,
    const struct json1_text *text)
{
	size_t size;
	int rc;

	if (json_kind(*place->slot) != JSON_STRING)
		return ot_fail(run->err, OT_EAPPLY,
		    "Text edits are for strings only");
	size = json_size(*place->slot);
	rc = apply(run, place, text_edit_of(text->edit));
	run->grown += (ptrdiff_t)json_size(*place->slot) - (ptrdiff_t)size;
	return rc;
}
