/*
 * json1 as a document type; README.md says where its parts are.
 *
 * Two types with one name and URI, as in the reference: what a conflict of
 * writes comes to is the deployment's choice.
 */
#include <stdlib.h>

#include "ot/json1/apply.h"
#include "ot/json1/compose.h"
#include "ot/json1/ext.h"
#include "ot/json1/fields.h"
#include "ot/json1/transform.h"

struct json1_data {
	struct json	*root;		/* NULL: undefined */
	size_t		 size;		/* bytes held, roughly */
};

static const struct json1_edit *
edit_of(const struct ot_edit *edit)
{
	return (const struct json1_edit *)edit;
}

static struct json1_data *
data_of(struct ot_data *data)
{
	return (struct json1_data *)data;
}

static const struct json1_data *
data_peek(const struct ot_data *data)
{
	return (const struct json1_data *)data;
}

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- edits ---- */

/* Hand out the edit if rc is 0; returns rc. */
static int
edit_finish(int rc, struct json1_edit *edit, struct ot_edit **edit_out)
{
	if (rc == 0)
		*edit_out = (struct ot_edit *)edit;
	return rc;
}

static int
edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct json1_edit *edit = NULL;
	int rc = json1_edit_parse(json, len_bytes, &edit, err);

	return edit_finish(rc, edit, edit_out);
}

static void
edit_print(const struct ot_edit *edit, struct buf *b)
{
	json1_edit_print(edit_of(edit), b);
}

static void
edit_free(struct ot_edit *edit)
{
	json1_edit_unref((struct json1_edit *)edit);
}

/* No op of json1 has a length of 0: it is null or a list with something. */
static bool
edit_is_empty(const struct ot_edit *edit)
{
	(void)edit;
	return false;
}

static int
edit_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *edit = NULL;
	int rc = json1_transform(edit_of(op), edit_of(other), side, &edit,
	    err);

	return edit_finish(rc, edit, edit_out);
}

static int
edit_transform_auto(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *edit = NULL;
	int rc = json1_transform_auto(edit_of(op), edit_of(other), side,
	    &edit, err);

	return edit_finish(rc, edit, edit_out);
}

static int
edit_compose(const struct ot_edit *first, const struct ot_edit *second,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *edit = NULL;
	int rc = json1_compose(edit_of(first), edit_of(second), &edit, err);

	return edit_finish(rc, edit, edit_out);
}

static int
edit_invert(const struct ot_edit *op, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct json1_edit *edit = NULL;
	int rc = json1_invert(edit_of(op), &edit, err);

	return edit_finish(rc, edit, edit_out);
}

/* ---- documents ---- */

/* Takes root. */
static int
data_new(struct json *root, struct ot_data **data_out, struct ot_err *err)
{
	struct json1_data *data = malloc(sizeof(*data));

	if (data == NULL) {
		json_unref(root);
		return no_memory(err);
	}
	data->root = root;
	data->size = sizeof(*data) + json_size(root);
	*data_out = (struct ot_data *)data;
	return 0;
}

static int
data_read(const char *json, size_t len_bytes, unsigned flags,
    struct ot_data **data_out, struct ot_err *err)
{
	struct json *root;
	int rc;

	if (json == NULL)
		return data_new(NULL, data_out, err);
	if ((rc = json_parse(json, len_bytes, flags, &root, err)) != 0)
		return rc;
	if (json_height(root) > JSON1_DEPTH_MAX) {
		json_unref(root);
		return ot_fail(err, OT_ELIMIT,
		    "the document is nested more than %d deep",
		    JSON1_DEPTH_MAX);
	}
	return data_new(root, data_out, err);
}

static int
data_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	int rc = data_read(json, len_bytes, JSON_NO_PROTO | JSON_TO_EDIT,
	    data_out, err);

	if (rc == OT_EBADLY)
		rc = err->code = OT_ETYPE;
	return rc;
}

static int
data_load(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	return data_read(json, len_bytes, JSON_TO_EDIT, data_out, err);
}

static bool
data_print(const struct ot_data *data, struct buf *b)
{
	if (data_peek(data)->root == NULL)
		return false;
	json_print(data_peek(data)->root, b);
	return true;
}

static void
data_free(struct ot_data *data)
{
	if (data == NULL)
		return;
	json_unref(data_of(data)->root);
	free(data);
}

static size_t
data_size(const struct ot_data *data)
{
	return data_peek(data)->size;
}

/* ---- apply and undo ---- */

static int
data_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	struct json1_data *d = data_of(data);
	struct json1_journal *journal = NULL;
	ptrdiff_t grown;
	int rc;

	rc = json1_apply(&d->root, edit_of(edit),
	    undo_out != NULL ? &journal : NULL, &grown, err);
	if (rc != 0)
		return rc;
	d->size += (size_t)grown;
	if (undo_out != NULL)
		*undo_out = (struct ot_undo *)journal;
	return 0;
}

static void
data_undo(struct ot_data *data, struct ot_undo *undo)
{
	struct json1_data *d = data_of(data);
	struct json1_journal *journal = (struct json1_journal *)undo;

	d->size -= (size_t)journal->grown;
	json1_rollback(&d->root, journal);
}

static void
undo_free(struct ot_undo *undo)
{
	json1_journal_free((struct json1_journal *)undo);
}

/* ---- fields ---- */

static bool
fields_data_print(const struct ot_data *data, const struct ot_fields *f,
    struct buf *b)
{
	return ot_fields_print(f, data_peek(data)->root, b);
}

static bool
fields_data_is_within(const struct ot_data *data, const struct ot_fields *f)
{
	return ot_fields_cover(f, data_peek(data)->root);
}

static int
fields_edit_pick(const struct ot_edit *edit, const struct ot_fields *f,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *picked = NULL;
	int rc = json1_pick(edit_of(edit), f, &picked, err);

	return edit_finish(rc, picked, edit_out);
}

static bool
fields_edit_is_within(const struct ot_edit *edit, const struct ot_fields *f)
{
	return json1_is_within(edit_of(edit), f);
}

static const struct ot_type_fields fields = {
	.data_print = fields_data_print,
	.data_is_within = fields_data_is_within,
	.edit_pick = fields_edit_pick,
	.edit_is_within = fields_edit_is_within,
	.may_refuse = true,
};

#define JSON1_TYPE(policy) {						\
	.name = "json1",						\
	.uri = "http://sharejs.org/types/JSONv1",			\
	.edit_parse = edit_parse,					\
	.edit_print = edit_print,					\
	.edit_free = edit_free,						\
	.edit_is_empty = edit_is_empty,					\
	.transform = policy,						\
	.compose = edit_compose,					\
	.invert = edit_invert,						\
	.create = data_create,						\
	.load = data_load,						\
	.print = data_print,						\
	.data_free = data_free,						\
	.data_size = data_size,						\
	.apply = data_apply,						\
	.undo = data_undo,						\
	.undo_free = undo_free,						\
	.ext = &json1_ext,						\
	.fields = &fields,						\
}

const struct ot_type ot_type_json1 = JSON1_TYPE(edit_transform);
const struct ot_type ot_type_json1_auto = JSON1_TYPE(edit_transform_auto);
