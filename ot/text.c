/*
 * The types text and text-unicode: their edits read and written, their
 * documents, and the one applied to the other.  How edits combine is in
 * text_transform.c.
 *
 * The rules are checkOp and apply of ot-text 1.0.2 (lib/text.js) and
 * ot-text-unicode 4.0.0 (lib/type.ts), with their messages.  Refused here,
 * though let through there: fractional and inexact counts, deletes past the
 * end, unknown fields, and lone surrogates in text-unicode, which that type
 * miscounts.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json.h"
#include "ot/rope.h"
#include "ot/text_edit.h"
#include "ot/text_transform.h"
#include "ot/type.h"
#include "ot/utf.h"

/* ---- reading an edit ---- */

struct parse {
	struct json_reader	 r;
	struct ot_err		*err;
	struct text_draft	 draft;
	size_t			 len_bytes;	/* of the JSON */
	/* Strings that had escapes; all its room is taken at once. */
	struct buf		 decoded;
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
	size_t len = s->len - 2, start = p->decoded.len;
	const char *text = s->p + 1;

	if (memchr(text, '\\', len) != NULL) {
		if (p->decoded.data == NULL &&
		    buf_room(&p->decoded, p->len_bytes) == NULL)
			return ot_fail(p->err, OT_ENOMEM, "out of memory");
		json_slice_string(s, &p->decoded);
		text = p->decoded.data + start;
		len = p->decoded.len - start;
		assert(p->decoded.len <= p->len_bytes);
	}
	if (len > ROPE_BYTES_MAX)
		return ot_fail(p->err, OT_ELIMIT, "text too long");
	if (p->draft.unit == ROPE_CP && utf_has_surrogate(text, len))
		return refuse(p, "Lone surrogates are not allowed");
	part->text = text;
	part->size = rope_measure(text, len);
	part->len = part->size.of[p->draft.unit];
	return 0;
}

/* Set the part's length, a checked JSON number. */
static int
parse_len(struct parse *p, const struct json_slice *s, struct text_part *part,
    const char *not_positive)
{
	double n = json_slice_number(s);

	if (!(n > 0))
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
	bool unicode = p->draft.unit == ROPE_CP;
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
	return part->len > 0 ? 0 : refuse(p, "Deletes must not be empty");
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
		return part->len > 0 ? 0 :
		    refuse(p, "Inserts cannot be empty");
	default:
		return refuse(p,
		    "Components must be numbers, strings or deletes");
	}
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
		if (skipped && part.kind == TEXT_SKIP)
			return refuse(p,
			    "Adjacent skip components should be combined");
		skipped = part.kind == TEXT_SKIP;
		text_draft_put(&p->draft, &part);
	}
	if (rc < 0)
		return rc;
	if (skipped)
		return refuse(p, "Op has a trailing skip");
	return json_finish(&p->r);
}

static int
parse_edit(const char *json, size_t len_bytes, enum rope_unit unit,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct parse p = { .err = err, .len_bytes = len_bytes,
	    .decoded = BUF_INIT };
	struct ot_edit *edit = NULL;
	int rc;

	json_reader_init(&p.r, json, len_bytes, err);
	text_draft_init(&p.draft, unit);
	if ((rc = parse_op(&p)) != 0)
		text_draft_done(&p.draft);
	else if ((edit = text_draft_finish(&p.draft)) == NULL)
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	else
		*edit_out = edit;
	buf_done(&p.decoded);
	return rc;
}

static int
u16_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	return parse_edit(json, len_bytes, ROPE_U16, edit_out, err);
}

static int
cp_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	return parse_edit(json, len_bytes, ROPE_CP, edit_out, err);
}

/* ---- other verbs of edits ---- */

static void
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

static void
text_edit_free(struct ot_edit *edit)
{
	free(edit);
}

static bool
text_edit_is_empty(const struct ot_edit *edit)
{
	return text_edit_of(edit)->n == 0;
}

/* ---- documents ---- */

struct text_data {
	struct rope	 rope;
};

static const struct text_data *
data_peek(const struct ot_data *data)
{
	return (const struct text_data *)data;
}

static struct text_data *
data_of(struct ot_data *data)
{
	return (struct text_data *)data;
}

/* A document of the decoded text. */
static int
data_new(const char *text, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	struct text_data *data;
	int rc;

	if (len_bytes > ROPE_BYTES_MAX)
		return ot_fail(err, OT_ELIMIT, "document too large");
	if ((data = malloc(sizeof(*data))) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	rope_init(&data->rope);
	rc = rope_insert(&data->rope, ROPE_CP, 0, text,
	    rope_measure(text, len_bytes));
	if (rc != 0) {
		free(data);
		return ot_fail(err, rc, "could not make the document");
	}
	*data_out = (struct ot_data *)data;
	return 0;
}

static int
data_create(const char *json, size_t len_bytes, enum rope_unit unit,
    struct ot_data **data_out, struct ot_err *err)
{
	struct buf text = BUF_INIT;
	struct json_reader r;
	int rc;

	if (json == NULL)
		return data_new("", 0, data_out, err);
	json_reader_init(&r, json, len_bytes, err);
	if (json_peek(&r) == JSON_NULL && unit == ROPE_U16) {
		if ((rc = json_skip(&r, NULL)) != 0)
			return rc;
	} else if (json_peek(&r) != JSON_STRING) {
		return ot_fail(err, OT_ETYPE, "Initial data must be a string");
	} else if ((rc = json_read_string(&r, &text)) != 0)
		goto out;
	if ((rc = json_finish(&r)) != 0)
		goto out;
	if (buf_failed(&text))
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	else if (unit == ROPE_CP && text.len > 0 &&
	    utf_has_surrogate(text.data, text.len))
		rc = ot_fail(err, OT_ETYPE, "Lone surrogates are not allowed");
	else
		rc = data_new(text.data, text.len, data_out, err);
out:
	buf_done(&text);
	return rc;
}

static int
u16_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	return data_create(json, len_bytes, ROPE_U16, data_out, err);
}

static int
cp_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	return data_create(json, len_bytes, ROPE_CP, data_out, err);
}

/* The content is never undefined. */
static bool
text_print(const struct ot_data *data, struct buf *b)
{
	const char *text;
	struct rope_walk w;
	size_t len;

	buf_putc(b, '"');
	rope_walk_init(&w, &data_peek(data)->rope);
	while (rope_walk_next(&w, &text, &len))
		json_put_string_piece(b, text, len);
	buf_putc(b, '"');
	return true;
}

static void
text_data_free(struct ot_data *data)
{
	if (data == NULL)
		return;
	rope_done(&data_of(data)->rope);
	free(data);
}

static size_t
text_data_size(const struct ot_data *data)
{
	return sizeof(struct text_data) + rope_memory(&data_peek(data)->rope);
}

/* ---- apply and undo ---- */

/* The whole text before the change, which costs nothing to keep. */
struct text_undo {
	struct rope	 before;
};

/* Does the edit stay within the document?  Tells how many parts change it. */
static int
fit(const struct text_edit *e, const struct rope *rope, uint32_t *changes_out,
    struct ot_err *err)
{
	uint64_t left = rope_length(rope, e->unit);
	uint32_t i, changes = 0;

	for (i = 0; i < e->n; i++) {
		changes += e->part[i].kind != TEXT_SKIP;
		if (e->part[i].kind == TEXT_INSERT)
			continue;
		if (e->part[i].len > left)
			return ot_fail(err, OT_EAPPLY,
			    "The op is too long for this document");
		left -= e->part[i].len;
	}
	*changes_out = changes;
	return 0;
}

static int
change(struct rope *rope, const struct text_edit *e)
{
	const struct text_part *part;
	size_t pos = 0;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < e->n; i++) {
		part = &e->part[i];
		switch (part->kind) {
		case TEXT_SKIP:
			pos += part->len;
			break;
		case TEXT_INSERT:
			rc = rope_insert(rope, e->unit, pos, part->text,
			    part->size);
			pos += part->len;
			break;
		case TEXT_DELETE:
			rc = rope_delete(rope, e->unit, pos, part->len);
			break;
		}
	}
	return rc;
}

static int
text_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct rope *rope = &data_of(data)->rope, before;
	struct text_undo *undo = NULL;
	uint32_t changes = 0;
	int rc;

	if ((rc = fit(e, rope, &changes, err)) != 0)
		return rc;
	if (undo_out != NULL && (undo = malloc(sizeof(*undo))) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	/* One change is whole or nothing by itself. */
	rope_init(&before);
	if (changes > 1 || undo != NULL)
		rope_share(rope, &before);
	if ((rc = change(rope, e)) != 0) {
		if (changes > 1)
			rope_move(rope, &before);
		rope_done(&before);
		free(undo);
		return ot_fail(err, rc, rc == OT_ELIMIT ?
		    "document too large" : "out of memory");
	}
	if (undo == NULL) {
		rope_done(&before);
		return 0;
	}
	undo->before = before;
	*undo_out = (struct ot_undo *)undo;
	return 0;
}

static void
text_undo(struct ot_data *data, struct ot_undo *undo)
{
	rope_move(&data_of(data)->rope, &((struct text_undo *)undo)->before);
	free(undo);
}

static void
text_undo_free(struct ot_undo *undo)
{
	if (undo == NULL)
		return;
	rope_done(&((struct text_undo *)undo)->before);
	free(undo);
}

/* ---- the types ---- */

const struct ot_type ot_type_text = {
	.name = "text",
	.uri = "http://sharejs.org/types/textv1",
	.edit_parse = u16_edit_parse,
	.edit_print = text_edit_print,
	.edit_free = text_edit_free,
	.edit_is_empty = text_edit_is_empty,
	.transform = text_transform,
	.compose = text_compose,
	.create = u16_create,
	.load = u16_create,
	.print = text_print,
	.data_free = text_data_free,
	.data_size = text_data_size,
	.apply = text_apply,
	.undo = text_undo,
	.undo_free = text_undo_free,
};

const struct ot_type ot_type_text_unicode = {
	.name = "text-unicode",
	.uri = "http://sharejs.org/types/text-unicode",
	.edit_parse = cp_edit_parse,
	.edit_print = text_edit_print,
	.edit_free = text_edit_free,
	.edit_is_empty = text_edit_is_empty,
	.transform = text_transform,
	.compose = text_compose,
	.invert = text_invert,
	.create = cp_create,
	.load = cp_create,
	.print = text_print,
	.data_free = text_data_free,
	.data_size = text_data_size,
	.apply = text_apply,
	.undo = text_undo,
	.undo_free = text_undo_free,
};
