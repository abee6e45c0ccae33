/*
 * The types text and text-unicode: their documents, and edits applied to
 * them.  Edits are read in text_read.c and combined in text_transform.c.
 *
 * The rules are create and apply of ot-text 1.0.2 (lib/text.js) and
 * ot-text-unicode 4.0.0 (lib/type.ts), with their messages.  Refused here,
 * though let through there: deletes past the end of the document, and lone
 * surrogates in text-unicode, which that type miscounts.
 */
#include <stdlib.h>

#include "ot/json.h"
#include "ot/rope.h"
#include "ot/rope_log.h"
#include "ot/text_edit.h"
#include "ot/text_ext.h"
#include "ot/text_transform.h"
#include "ot/type.h"
#include "ot/utf.h"

/* ---- edits ---- */

static int
u16_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	return text_edit_read(json, len_bytes, ROPE_U16, TEXT_STRICT,
	    edit_out, err);
}

static int
cp_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	return text_edit_read(json, len_bytes, ROPE_CP, TEXT_STRICT,
	    edit_out, err);
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

/* create takes null for '', but no document prints so. */
static int
u16_load(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	struct json_reader r;

	if (json != NULL) {
		json_reader_init(&r, json, len_bytes, err);
		if (json_peek(&r) != JSON_STRING)
			return ot_fail(err, OT_ETYPE,
			    "Snapshot should be a string");
	}
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
	struct tree_walk w;
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

struct text_undo {
	struct rope_log		 log;
	struct rope_step	 room[];	/* of the log */
};

/* What an edit does to a document. */
struct plan {
	uint32_t	 changes;	/* parts that change it */
	uint64_t	 deleted;	/* in the edit's unit */
};

/* Does the edit stay within the document? */
static int
plan_init(struct plan *p, const struct text_edit *e, const struct rope *rope,
    struct ot_err *err)
{
	uint64_t left = rope_length(rope, e->unit);
	const struct text_part *part;
	uint32_t i;

	*p = (struct plan){ 0, 0 };
	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		p->changes += part->kind != TEXT_SKIP;
		if (part->kind == TEXT_INSERT)
			continue;
		if (part->len > left)
			return ot_fail(err, OT_EAPPLY,
			    "The op is too long for this document");
		left -= part->len;
		if (part->kind == TEXT_DELETE)
			p->deleted += part->len;
	}
	return 0;
}

static int
change(struct rope *rope, const struct text_edit *e, struct rope_log *log)
{
	const struct text_part *part;
	size_t pos = 0;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < e->n; i++) {
		part = &e->part[i];
		if (part->kind == TEXT_DELETE)
			rc = log != NULL ?
			    rope_log_delete(log, rope, pos, part->len) :
			    rope_delete(rope, e->unit, pos, part->len);
		else if (part->kind == TEXT_INSERT)
			rc = log != NULL ?
			    rope_log_insert(log, rope, pos, part->text,
			    part->size) :
			    rope_insert(rope, e->unit, pos, part->text,
			    part->size);
		if (part->kind != TEXT_DELETE)
			pos += part->len;
	}
	return rc;
}

static int
text_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	const struct text_edit *e = text_edit_of(edit);
	struct rope *rope = &data_of(data)->rope;
	struct text_undo *undo = NULL;
	struct plan plan;
	size_t room;
	int rc;

	if ((rc = plan_init(&plan, e, rope, err)) != 0)
		return rc;
	/* One change is whole or nothing by itself. */
	if (plan.changes > 1 || undo_out != NULL) {
		room = rope_log_room(plan.changes, plan.deleted);
		if ((undo = malloc(sizeof(*undo) + room)) == NULL)
			return ot_fail(err, OT_ENOMEM, "out of memory");
		rope_log_init(&undo->log, e->unit, undo->room, room);
	}
	rc = change(rope, e, undo != NULL ? &undo->log : NULL);
	if (rc == 0 && undo_out != NULL) {
		*undo_out = (struct ot_undo *)undo;
		return 0;
	}
	if (rc != 0 && undo != NULL)
		rope_log_undo(&undo->log, rope);
	else if (undo != NULL)
		rope_log_done(&undo->log);
	free(undo);
	return rc == 0 ? 0 : ot_fail(err, rc, rc == OT_ELIMIT ?
	    "document too large" : "out of memory");
}

static void
text_undo(struct ot_data *data, struct ot_undo *undo)
{
	rope_log_undo(&((struct text_undo *)undo)->log, &data_of(data)->rope);
	free(undo);
}

static void
text_undo_free(struct ot_undo *undo)
{
	if (undo == NULL)
		return;
	rope_log_done(&((struct text_undo *)undo)->log);
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
	.load = u16_load,
	.print = text_print,
	.data_free = text_data_free,
	.data_size = text_data_size,
	.apply = text_apply,
	.undo = text_undo,
	.undo_free = text_undo_free,
	.ext = &text_ext,
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
	.ext = &text_unicode_ext,
};
