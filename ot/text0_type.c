/* text0 as a document type of its own; the editing itself is in text0.c. */
#include <stdlib.h>

#include "ot/text0.h"
#include "ot/type_ext.h"

struct ot_edit {
	struct lift_list	parts;
	struct text0_part	first;		/* room for one */
};

struct ot_data {
	struct json		*text;		/* always a string */
};

/* Steps in the order in which they were made. */
struct ot_undo {
	size_t			 n;
	struct text0_step {
		size_t		 pos_u16;
		bool		 insert;
		struct json	*text;		/* counted */
		struct json	*before;	/* the whole string; or NULL */
	} steps[];
};

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- the type: edits ---- */

static struct ot_edit *
edit_new(struct ot_err *err)
{
	struct ot_edit *edit = malloc(sizeof(*edit));

	if (edit == NULL)
		no_memory(err);
	else
		lift_list_init_lent(&edit->parts, &text0_lift, &edit->first);
	return edit;
}

static void
edit_free(struct ot_edit *edit)
{
	if (edit == NULL)
		return;
	lift_list_done(&edit->parts);
	free(edit);
}

/* Hand out the edit if rc is 0, else free it; returns rc. */
static int
edit_finish(struct ot_edit *edit, int rc, struct ot_edit **edit_out)
{
	if (rc != 0)
		edit_free(edit);
	else
		*edit_out = edit;
	return rc;
}

static int
edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct ot_edit *edit;
	struct json_reader r;
	int rc;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	json_reader_init(&r, json, len_bytes, err);
	if ((rc = text0_read(&r, &edit->parts)) == 0)
		rc = json_finish(&r);
	return edit_finish(edit, rc, edit_out);
}

static void
edit_print(const struct ot_edit *edit, struct buf *b)
{
	text0_print(&edit->parts, b);
}

static bool
edit_is_empty(const struct ot_edit *edit)
{
	return edit->parts.n == 0;
}

static int
edit_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *edit;
	int rc;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	if ((rc = lift_transform(&op->parts, &other->parts, side,
	    &edit->parts, err)) == 0 && edit->parts.n > LIFT_PARTS_MAX)
		rc = ot_fail(err, OT_ELIMIT, "too many components");
	return edit_finish(edit, rc, edit_out);
}

static int
edit_compose(const struct ot_edit *first, const struct ot_edit *second,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *edit;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(edit, text0_compose(&first->parts, &second->parts,
	    &edit->parts, err), edit_out);
}

static int
edit_invert(const struct ot_edit *op, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct ot_edit *edit;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(edit, text0_invert(&op->parts, &edit->parts, err),
	    edit_out);
}

/* ---- the type: data ---- */

/* Takes text. */
static int
data_new(struct json *text, struct ot_data **data_out, struct ot_err *err)
{
	struct ot_data *data = text != NULL ? malloc(sizeof(*data)) : NULL;

	if (data == NULL) {
		json_unref(text);
		return no_memory(err);
	}
	data->text = text;
	*data_out = data;
	return 0;
}

static int
data_load(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	struct json *text;
	int rc;

	if (json == NULL)
		return data_new(json_string_new(NULL, 0), data_out, err);
	if ((rc = json_parse(json, len_bytes, JSON_TO_EDIT, &text, err)) != 0)
		return rc;
	if (json_kind(text) != JSON_STRING) {
		json_unref(text);
		return ot_fail(err, OT_ETYPE, "Initial data must be a string");
	}
	return data_new(text, data_out, err);
}

static int
data_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	struct json_reader r;

	if (json != NULL) {
		json_reader_init(&r, json, len_bytes, err);
		if (json_peek(&r) == JSON_NULL && json_skip(&r, NULL) == 0 &&
		    json_finish(&r) == 0)
			json = NULL;
	}
	return data_load(json, len_bytes, data_out, err);
}

static bool
data_print(const struct ot_data *data, struct buf *b)
{
	json_print(data->text, b);
	return true;
}

static void
data_free(struct ot_data *data)
{
	if (data == NULL)
		return;
	json_unref(data->text);
	free(data);
}

static size_t
data_size(const struct ot_data *data)
{
	return json_string_len_bytes(data->text);
}

static void
undo_free(struct ot_undo *undo)
{
	if (undo == NULL)
		return;
	while (undo->n > 0) {
		undo->n--;
		json_unref(undo->steps[undo->n].text);
		json_unref(undo->steps[undo->n].before);
	}
	free(undo);
}

static void
data_undo(struct ot_data *data, struct ot_undo *undo)
{
	struct text0_step *s;
	size_t i;

	for (i = undo->n; i > 0; i--) {
		s = &undo->steps[i - 1];
		if (s->before != NULL) {
			json_unref(data->text);
			data->text = s->before;
			s->before = NULL;
		} else {
			text0_undo_part(data->text, s->insert, s->text,
			    s->pos_u16);
		}
	}
	undo_free(undo);
}

static int
data_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	const struct text0_part *c;
	struct text0_step *s;
	struct ot_undo *undo;
	size_t i, pos;
	int rc;

	/* One part is whole or nothing by itself. */
	if (undo_out == NULL && edit->parts.n == 1)
		return text0_apply_part(&data->text, edit->parts.parts, false,
		    &pos, NULL, err);
	if ((undo = malloc(sizeof(*undo) +
	    edit->parts.n * sizeof(undo->steps[0]))) == NULL)
		return no_memory(err);
	undo->n = 0;
	for (i = 0; i < edit->parts.n; i++) {
		c = lift_list_at(&edit->parts, i);
		s = &undo->steps[i];
		if ((rc = text0_apply_part(&data->text, c, false, &s->pos_u16,
		    &s->before, err)) != 0) {
			data_undo(data, undo);
			return rc;
		}
		s->insert = c->insert;
		s->text = json_ref(c->text);
		undo->n++;
	}
	if (undo_out != NULL)
		*undo_out = undo;
	else
		undo_free(undo);
	return 0;
}

/* ---- beyond the contract ---- */

static int
ext_normalize(const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	struct lift_list parts;
	struct json_reader r;
	int rc;

	lift_list_init(&parts, &text0_lift);
	json_reader_init(&r, op->p, op->len, err);
	if ((rc = text0_read_normal(&r, &parts)) == 0)
		text0_print(&parts, out);
	lift_list_done(&parts);
	return rc;
}

static int
ext_transform_cursor(const struct json_slice *cursor,
    const struct json_slice *op, const struct json_slice *how, struct buf *out,
    struct ot_err *err)
{
	struct lift_list parts;
	struct json_reader r;
	double x;
	size_t i;
	int rc;

	if (cursor->kind != JSON_NUMBER)
		return ot_fail(err, OT_ETYPE, "cursor must be a number");
	x = json_slice_number(cursor);
	lift_list_init(&parts, &text0_lift);
	json_reader_init(&r, op->p, op->len, err);
	if ((rc = text0_read(&r, &parts)) == 0) {
		for (i = 0; i < parts.n; i++)
			x = text0_move_position(x, lift_list_at(&parts, i),
			    json_slice_is(how, "right"));
		json_put_number(out, x);
	}
	lift_list_done(&parts);
	return rc;
}

static const struct ot_type_ext ext = {
	.normalize = ext_normalize,
	.transform_cursor = ext_transform_cursor,
};

const struct ot_type ot_type_text0 = {
	.name = "text0",
	.uri = "http://sharejs.org/types/textv0",
	.edit_parse = edit_parse,
	.edit_print = edit_print,
	.edit_free = edit_free,
	.edit_is_empty = edit_is_empty,
	.transform = edit_transform,
	.compose = edit_compose,
	.invert = edit_invert,
	.create = data_create,
	.load = data_load,
	.print = data_print,
	.data_free = data_free,
	.data_size = data_size,
	.apply = data_apply,
	.undo = data_undo,
	.undo_free = undo_free,
	.ext = &ext,
};
