/*
 * Ops of text-unicode applied to strings of a JSON document.
 *
 * A long string is a rope, of which the one before and the one after share
 * most.  In short ASCII text, where code points and UTF-16 units are the same,
 * a few changes are made in the string's own memory.  Other strings are
 * written anew.
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

/* ---- in place ---- */

/* One part at *pos_u16; units are code points in all that is to come. */
static int
splice(struct json1_run *run, struct json *s, const struct text_part *part,
    size_t *pos_u16)
{
	struct json1_step step = { .in = s, .index = *pos_u16 };
	struct json *text;
	int rc;

	if (part->kind == TEXT_INSERT) {
		step.kind = JSON1_TEXT_IN;
		step.len_u16 = part->size.of[ROPE_U16];
		text = json_string_new(part->text, part->size.of[ROPE_BYTES]);
		if (text == NULL)
			return no_memory(run);
		rc = json_string_splice(s, *pos_u16, *pos_u16, text);
		json_unref(text);
		if (rc != 0)
			return no_memory(run);
		run->grown += (ptrdiff_t)part->size.of[ROPE_BYTES];
		*pos_u16 += step.len_u16;
	} else {
		step.kind = JSON1_TEXT_OUT;
		step.len_u16 = (size_t)part->len;
		step.old = json_string_slice(s, *pos_u16,
		    *pos_u16 + step.len_u16);
		if (step.old == NULL)
			return no_memory(run);
		if (json_string_splice(s, *pos_u16, *pos_u16 + step.len_u16,
		    NULL) != 0) {
			json_unref(step.old);
			return no_memory(run);
		}
		run->grown -= (ptrdiff_t)part->len;
	}
	json1_run_record(run, step);
	return 0;
}

static int
splice_all(struct json1_run *run, struct json *s, const struct text_edit *e)
{
	const struct text_part *part;
	size_t pos_u16 = 0;
	int rc;

	for (part = e->part; part < e->part + e->n; part++) {
		if (part->kind == TEXT_SKIP)
			pos_u16 += (size_t)part->len;
		else if ((rc = splice(run, s, part, &pos_u16)) != 0)
			return rc;
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
replace(struct json1_run *run, const struct json1_place *place,
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
	run->grown += (ptrdiff_t)b.len - (ptrdiff_t)old->len;
	buf_done(&b);
	json1_run_record(run, (struct json1_step){ .kind = JSON1_REPLACED,
	    .in = place->in, .index = place->index, .member = place->member,
	    .old = *place->slot });
	*place->slot = s;
	return 0;
}

static int
apply_anew(struct json1_run *run, const struct json1_place *place,
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
apply_rope(struct json1_run *run, const struct json1_place *place,
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
	json_string_edited(*place->slot);
	return rc;
}

/* Has the op one part that is no skip?  Then it is done or not. */
static bool
changes_once(const struct text_edit *e)
{
	return e->n == 1 || (e->n == 2 && e->part[0].kind == TEXT_SKIP);
}

int
json1_apply_text(struct json1_run *run, const struct json1_place *place,
    const struct json1_text *text)
{
	const struct text_edit *e = text_edit_of(text->edit);
	struct json *before = NULL;
	struct rope *rope;
	size_t len, changes;
	int rc;

	if (json_kind(*place->slot) != JSON_STRING)
		return ot_fail(run->err, OT_EAPPLY,
		    "Text edits are for strings only");
	len = json_string_len_bytes(*place->slot);
	if ((rc = json1_run_reserve(run, 1)) != 0)
		return rc;
	rc = json_string_open(place->slot, &rope, run->once &&
	    changes_once(e) ? NULL : &before);
	if (rc != 0)
		return rc == OT_ELIMIT ? too_long(run) : no_memory(run);
	if (rope != NULL) {
		if (before != NULL)
			json1_run_record(run, (struct json1_step){
			    .kind = JSON1_REPLACED, .in = place->in,
			    .index = place->index, .member = place->member,
			    .old = before });
		rc = apply_rope(run, place, e, rope);
		run->grown += (ptrdiff_t)json_string_len_bytes(*place->slot) -
		    (ptrdiff_t)len;
		return rc;
	}
	if (len != json_string_len_u16(*place->slot))
		return apply_anew(run, place, e);
	if ((rc = check_fit(run, e, len, &changes)) != 0)
		return rc;
	if (changes > SPLICES_MAX)
		return apply_anew(run, place, e);
	if ((rc = json1_run_reserve(run, changes)) != 0)
		return rc;
	if (json_own(place->slot) != 0)
		return no_memory(run);
	return splice_all(run, *place->slot, e);
}
