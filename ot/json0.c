/*
 * json0 as a document type; ot/json0.h says where the parts of it are.
 *
 * Equal to ot-json0 1.1.0, with ShareDB's check of paths before it.  What both
 * let through and we refuse is said where it is refused: json0_read.c for the
 * shape of an op, json0_apply.c for how it fits a document.  A list index
 * spelt as a string is not refused: clients of ShareDB send them, and they
 * mean the number; json0_path.c says how they compare.
 */
#include "ot/json0_journal.h"

#include <stdlib.h>

#include "ot/type_ext.h"

struct ot_data {
	struct json		*root;	/* NULL: undefined */
	size_t			 size;	/* bytes held, roughly */
};

#define STEPS_FEW	4	/* steps for which a journal needs no allocation */

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- edits ---- */

static struct ot_edit *
edit_new(struct ot_err *err)
{
	struct ot_edit *edit = malloc(sizeof(*edit));

	if (edit == NULL)
		no_memory(err);
	else
		lift_list_init_lent(&edit->parts, &json0_lift, &edit->first);
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

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(edit, json0_read(json, len_bytes, true,
	    &edit->parts, err), edit_out);
}

static void
edit_print(const struct ot_edit *edit, struct buf *b)
{
	json0_print(&edit->parts, b);
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

	/* Embedded text ops that meet are lists to transform themselves. */
	if (json0_count(&op->parts) * json0_count(&other->parts) >
	    LIFT_PAIRS_MAX)
		return ot_fail(err, OT_ELIMIT,
		    "transforming these ops is too much work");
	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	if ((rc = lift_transform(&op->parts, &other->parts, side,
	    &edit->parts, err)) == 0)
		rc = json0_check_result(&edit->parts, err);
	return edit_finish(edit, rc, edit_out);
}

static int
edit_compose(const struct ot_edit *first, const struct ot_edit *second,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *edit;
	int rc;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	if ((rc = json0_compose(&first->parts, &second->parts, &edit->parts,
	    err)) == 0)
		rc = json0_check_result(&edit->parts, err);
	return edit_finish(edit, rc, edit_out);
}

static int
edit_invert(const struct ot_edit *op, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct ot_edit *edit;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(edit, json0_invert(&op->parts, &edit->parts, err),
	    edit_out);
}

/* ---- data ---- */

/* Takes root. */
static int
data_new(struct json *root, struct ot_data **data_out, struct ot_err *err)
{
	struct ot_data *data = malloc(sizeof(*data));

	if (data == NULL) {
		json_unref(root);
		return no_memory(err);
	}
	data->root = root;
	data->size = sizeof(*data) + json_size(root);
	*data_out = data;
	return 0;
}

static int
data_read(const char *json, size_t len_bytes, unsigned flags,
    struct ot_data **data_out, struct ot_err *err)
{
	struct json *root;
	int rc;

	if ((rc = json_parse(json, len_bytes, flags, &root, err)) != 0)
		return rc;
	if (json_height(root) > JSON0_DEPTH_MAX) {
		json_unref(root);
		return ot_fail(err, OT_ELIMIT,
		    "the document is nested more than %d deep",
		    JSON0_DEPTH_MAX);
	}
	return data_new(root, data_out, err);
}

static int
data_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	int rc;

	if (json == NULL)
		return data_new(json_null_new(), data_out, err);
	rc = data_read(json, len_bytes, JSON_NO_PROTO | JSON_TO_EDIT,
	    data_out, err);
	if (rc == OT_EBADLY)
		rc = err->code = OT_ETYPE;
	return rc;
}

static int
data_load(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	if (json == NULL)
		return data_new(NULL, data_out, err);
	return data_read(json, len_bytes, JSON_TO_EDIT, data_out, err);
}

static bool
data_print(const struct ot_data *data, struct buf *b)
{
	if (data->root == NULL)
		return false;
	json_print(data->root, b);
	return true;
}

static void
data_free(struct ot_data *data)
{
	if (data == NULL)
		return;
	json_unref(data->root);
	free(data);
}

static size_t
data_size(const struct ot_data *data)
{
	return data->size;
}

static void
undo_free(struct ot_undo *undo)
{
	struct json0_journal *journal = (struct json0_journal *)undo;

	if (journal == NULL)
		return;
	json0_journal_done(journal);
	free(journal);
}

static void
data_undo(struct ot_data *data, struct ot_undo *undo)
{
	struct json0_journal *journal = (struct json0_journal *)undo;

	json0_rollback(&data->root, journal);
	data->size = journal->size;
	free(journal);
}

static int
data_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	size_t room = json0_journal_room(&edit->parts);
	union {
		struct json0_journal	journal;
		char			bytes[sizeof(struct json0_journal) +
					    STEPS_FEW *
					    sizeof(struct json0_step)];
	} few;
	struct json0_journal *journal = &few.journal;
	ptrdiff_t grown;
	int rc;

	/* One step is whole or nothing by itself. */
	if (undo_out == NULL && room <= 1) {
		if ((rc = json0_apply(&data->root, &edit->parts, NULL, &grown,
		    err)) == 0)
			data->size += (size_t)grown;
		return rc;
	}
	if ((undo_out != NULL || room > STEPS_FEW) &&
	    (journal = malloc(sizeof(*journal) +
	    room * sizeof(journal->steps[0]))) == NULL)
		return no_memory(err);
	journal->size = data->size;
	journal->n = 0;
	if ((rc = json0_apply(&data->root, &edit->parts, journal, &grown,
	    err)) == 0) {
		data->size += (size_t)grown;
		if (undo_out != NULL) {
			*undo_out = (struct ot_undo *)journal;
			return 0;
		}
		json0_journal_done(journal);
	}
	if (journal != &few.journal)
		free(journal);
	return rc;
}

/* ---- beyond the contract ---- */

static int
ext_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct ot_edit *edit;

	if ((edit = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(edit, json0_read(json, len_bytes, false,
	    &edit->parts, err), edit_out);
}

static int
ext_normalize(const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	struct lift_list parts;
	int rc;

	lift_list_init(&parts, &json0_lift);
	if ((rc = json0_read_normal(op->p, op->len, &parts, err)) == 0 &&
	    (rc = json0_check_result(&parts, err)) == 0)
		json0_print(&parts, out);
	lift_list_done(&parts);
	return rc;
}

/* ---- fields ---- */

static bool
fields_data_print(const struct ot_data *data, const struct ot_fields *f,
    struct buf *b)
{
	return ot_fields_print(f, data->root, b);
}

static bool
fields_data_is_within(const struct ot_data *data, const struct ot_fields *f)
{
	return ot_fields_cover(f, data->root);
}

static int
fields_edit_pick(const struct ot_edit *edit, const struct ot_fields *f,
    struct ot_edit **edit_out, struct ot_err *err)
{
	struct ot_edit *picked;

	if ((picked = edit_new(err)) == NULL)
		return OT_ENOMEM;
	return edit_finish(picked, json0_pick(&edit->parts, f, &picked->parts,
	    err), edit_out);
}

static bool
fields_edit_is_within(const struct ot_edit *edit, const struct ot_fields *f)
{
	return json0_is_within(&edit->parts, f);
}

static const struct ot_type_fields fields = {
	.data_print = fields_data_print,
	.data_is_within = fields_data_is_within,
	.edit_pick = fields_edit_pick,
	.edit_is_within = fields_edit_is_within,
};

static const struct ot_type_ext ext = {
	.edit_parse_unapplied = ext_edit_parse,
	.normalize = ext_normalize,
};

const struct ot_type ot_type_json0 = {
	.name = "json0",
	.uri = "http://sharejs.org/types/JSONv0",
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
	.fields = &fields,
};
