/*
 * Edits of text and text-unicode, read from JSON and written.
 *
 * The rules are checkOp of ot-text 1.0.2 (lib/text.js) and ot-text-unicode
 * 4.0.0 (lib/type.ts), with their messages.  Refused here, though let through
 * there: fractional and inexact counts, unknown fields, what is neither
 * number, string nor object, and lone surrogates in text-unicode, which that
 * type miscounts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json.h"
#include "ot/text_edit.h"
#include "ot/utf.h"

#define PARTS_SMALL	16	/* of an edit that is read without more memory */

struct parse {
	struct json_reader	 r;
	struct ot_err		*err;
	enum rope_unit		 unit;
	enum text_strictness	 how;
	size_t			 len_bytes;	/* of the JSON */
	/* Strings that had escapes. */
	struct buf		 decoded;
	/* The parts so far, which point into the JSON and the strings. */
	uint32_t		 n, room;
	size_t			 text_bytes;
	struct text_part	*part;		/* small, or heap */
	struct text_part	 small[PARTS_SMALL];
};

static int
refuse(struct parse *p, const char *why)
{
	return ot_fail(p->err, OT_EAPPLY, "%s", why);
}

/* Set the part's text, a checked JSON string. */
static int
parse_text(struct parse *p, const struct json_slice *s, struct text_part *part)
{
	const char *text;
	size_t len;

	if (slice_of_json(s, &p->decoded, p->len_bytes, &text, &len) != 0)
		return ot_fail(p->err, OT_ENOMEM, "out of memory");
	if (len > ROPE_BYTES_MAX)
		return ot_fail(p->err, OT_ELIMIT, "text too long");
	if (p->unit == ROPE_CP && utf_has_surrogate(text, len))
		return refuse(p, "Lone surrogates are not allowed");
	part->text = text;
	part->size = rope_measure(text, len);
	part->len = part->size.of[p->unit];
	return 0;
}

/* Set the part's length, a checked JSON number. */
static int
parse_len(struct parse *p, const struct json_slice *s, struct text_part *part,
    const char *not_positive)
{
	double n = json_slice_number(s);

	if (!(n > 0) && !(n == 0 && p->how == TEXT_LAX))
		return refuse(p, not_positive);
	if (n > (double)TEXT_LEN_MAX)
		return refuse(p, "The op is too long");
	if (n != floor(n))
		return refuse(p, "Counts must be whole numbers");
	part->len = (uint64_t)n;
	return 0;
}

/* The value of "d", which decides what is deleted. */
static int
parse_deleted(struct parse *p, const struct json_slice *d,
    struct text_part *part)
{
	bool unicode = p->unit == ROPE_CP;
	int rc;

	if (d->kind == JSON_NUMBER)
		return parse_len(p, d, part, unicode ?
		    "Deletes must not be empty" :
		    "Object components must be deletes of size > 0");
	if (!unicode)
		return refuse(p,
		    "Object components must be deletes of size > 0");
	if (d->kind != JSON_STRING)
		return refuse(p, "Delete must be number or string");
	if ((rc = parse_text(p, d, part)) != 0)
		return rc;
	return part->len > 0 || p->how == TEXT_LAX ? 0 :
	    refuse(p, "Deletes must not be empty");
}

static int
parse_delete(struct parse *p, struct text_part *part)
{
	struct json_slice key, value, d = { NULL, 0, JSON_NONE };
	int rc;

	if ((rc = json_enter(&p->r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(&p->r, &key)) > 0) {
		if ((rc = json_skip(&p->r, &value)) != 0)
			return rc;
		if (!json_slice_is(&key, "d"))
			return refuse(p, "Deletes have no other field than d");
		d = value;
	}
	if (rc < 0)
		return rc;
	part->kind = TEXT_DELETE;
	return parse_deleted(p, &d, part);
}

static int
parse_component(struct parse *p, struct text_part *part)
{
	struct json_slice value;
	int rc;

	*part = (struct text_part){ TEXT_SKIP, { { 0, 0, 0 } }, 0, NULL };
	if (json_peek(&p->r) == JSON_OBJECT)
		return parse_delete(p, part);
	if ((rc = json_skip(&p->r, &value)) != 0)
		return rc;
	switch (value.kind) {
	case JSON_NUMBER:
		return parse_len(p, &value, part,
		    "Skip components must be >0");
	case JSON_STRING:
		part->kind = TEXT_INSERT;
		if ((rc = parse_text(p, &value, part)) != 0)
			return rc;
		return part->len > 0 || p->how == TEXT_LAX ? 0 :
		    refuse(p, "Inserts cannot be empty");
	default:
		return refuse(p,
		    "Components must be numbers, strings or deletes");
	}
}

static int
add_part(struct parse *p, const struct text_part *part)
{
	uint32_t room = p->room * 2;
	struct text_part *grown;

	if (p->n == p->room) {
		grown = room < p->room ? NULL : realloc(p->part == p->small ?
		    NULL : p->part, room * sizeof(*grown));
		if (grown == NULL)
			return ot_fail(p->err, OT_ENOMEM, "out of memory");
		if (p->part == p->small)
			memcpy(grown, p->small, sizeof(p->small));
		p->part = grown;
		p->room = room;
	}
	p->part[p->n++] = *part;
	p->text_bytes += part->size.of[ROPE_BYTES];
	return 0;
}

static int
parse_op(struct parse *p)
{
	struct text_part part;
	bool skipped = false;
	int rc;

	if (json_peek(&p->r) != JSON_LIST)
		return refuse(p, "Op must be an array of components");
	if ((rc = json_enter(&p->r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&p->r)) > 0) {
		if ((rc = parse_component(p, &part)) != 0)
			return rc;
		if (skipped && part.kind == TEXT_SKIP && p->how == TEXT_STRICT)
			return refuse(p,
			    "Adjacent skip components should be combined");
		skipped = part.kind == TEXT_SKIP;
		if ((rc = add_part(p, &part)) != 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	if (skipped && p->how == TEXT_STRICT)
		return refuse(p, "Op has a trailing skip");
	return json_finish(&p->r);
}

/* The parts become an edit. */
static int
parse_finish(struct parse *p, struct ot_edit **edit_out)
{
	struct text_draft d;
	uint32_t i;

	if (text_draft_init(&d, p->unit, p->n, p->text_bytes) != 0)
		return ot_fail(p->err, OT_ENOMEM, "out of memory");
	for (i = 0; i < p->n; i++)
		text_draft_put(&d, &p->part[i]);
	*edit_out = text_draft_finish(&d);
	return 0;
}

int
text_edit_read(const char *json, size_t len_bytes, enum rope_unit unit,
    enum text_strictness how, struct ot_edit **edit_out, struct ot_err *err)
{
	struct parse p;
	int rc;

	json_reader_init(&p.r, json, len_bytes, err);
	p.err = err;
	p.unit = unit;
	p.how = how;
	p.len_bytes = len_bytes;
	p.decoded = (struct buf)BUF_INIT;
	p.n = 0;
	p.room = PARTS_SMALL;
	p.text_bytes = 0;
	p.part = p.small;
	if ((rc = parse_op(&p)) == 0)
		rc = parse_finish(&p, edit_out);
	if (p.part != p.small)
		free(p.part);
	buf_done(&p.decoded);
	return rc;
}

/* ---- writing ---- */

void
text_edit_print(const struct ot_edit *edit, struct buf *b)
{
	const struct text_edit *e = text_edit_of(edit);
	const struct text_part *part;
	uint32_t i;

	buf_putc(b, '[');
	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		if (i > 0)
			buf_putc(b, ',');
		if (part->kind == TEXT_DELETE)
			buf_puts(b, "{\"d\":");
		if (part->text != NULL)
			json_put_string(b, part->text,
			    part->size.of[ROPE_BYTES]);
		else
			buf_put_u64(b, part->len);
		if (part->kind == TEXT_DELETE)
			buf_putc(b, '}');
	}
	buf_putc(b, ']');
}
