#include "ot/json1/ext.h"

#include "ot/json1/compose.h"
#include "ot/json1/transform.h"

static int
print(struct json1_edit *edit, struct buf *out)
{
	json1_edit_print(edit, out);
	json1_edit_unref(edit);
	return 0;
}

static int
normalize(const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	struct json1_edit *edit;
	int rc;

	if ((rc = json1_edit_parse_normal(op->p, op->len, &edit, err)) != 0)
		return rc;
	return print(edit, out);
}

/* The op made invertible with the document, which may be undefined. */
static int
complete(const struct json_slice *op, const struct json_slice *doc,
    struct json1_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *edit;
	struct json *root = NULL;
	int rc;

	if ((rc = json1_edit_parse(op->p, op->len, &edit, err)) != 0)
		return rc;
	if (doc->kind != JSON_NONE)
		rc = json_parse(doc->p, doc->len, 0, &root, err);
	if (rc == 0)
		rc = json1_make_invertible(edit, root, edit_out, err);
	json_unref(root);
	json1_edit_unref(edit);
	return rc;
}

static int
make_invertible(const struct json_slice *op, const struct json_slice *doc,
    struct buf *out, struct ot_err *err)
{
	struct json1_edit *edit;
	int rc;

	if ((rc = complete(op, doc, &edit, err)) != 0)
		return rc;
	return print(edit, out);
}

static int
invert_with_doc(const struct json_slice *op, const struct json_slice *doc,
    struct buf *out, struct ot_err *err)
{
	struct json1_edit *edit, *inverse;
	int rc;

	if ((rc = complete(op, doc, &edit, err)) != 0)
		return rc;
	rc = json1_invert(edit, &inverse, err);
	json1_edit_unref(edit);
	return rc == 0 ? print(inverse, out) : rc;
}

static int
transform_cursor(const struct json_slice *path, const struct json_slice *op,
    const struct json_slice *how, struct buf *out, struct ot_err *err)
{
	struct json1_edit *edit;
	int rc;

	(void)how;
	if ((rc = json1_edit_parse(op->p, op->len, &edit, err)) != 0)
		return rc;
	rc = json1_transform_position(path, edit, out, err);
	json1_edit_unref(edit);
	return rc;
}

static void
print_conflict(const struct json1_conflict *conflict, struct buf *out)
{
	buf_puts(out, "{\"ok\":false,\"conflict\":{\"type\":");
	buf_put_u64(out, conflict->type);
	buf_puts(out, ",\"op1\":");
	json1_edit_print(conflict->op1, out);
	buf_puts(out, ",\"op2\":");
	json1_edit_print(conflict->op2, out);
	buf_puts(out, "}}");
}

static int
try_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct buf *out, struct ot_err *err)
{
	struct json1_conflict conflict;
	struct json1_edit *result;
	int rc;

	if ((rc = json1_try_transform((const struct json1_edit *)op,
	    (const struct json1_edit *)other, side, &result, &conflict,
	    err)) != 0)
		return rc;
	if (conflict.type != JSON1_NO_CONFLICT) {
		print_conflict(&conflict, out);
		json1_conflict_done(&conflict);
		return 0;
	}
	buf_puts(out, "{\"ok\":true,\"result\":");
	print(result, out);
	buf_putc(out, '}');
	return 0;
}

static int
transform_auto(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
{
	struct json1_edit *edit;
	int rc;

	if ((rc = json1_transform_auto((const struct json1_edit *)op,
	    (const struct json1_edit *)other, side, &edit, err)) == 0)
		*edit_out = (struct ot_edit *)edit;
	return rc;
}

const struct ot_type_ext json1_ext = {
	.normalize = normalize,
	.make_invertible = make_invertible,
	.invert_with_doc = invert_with_doc,
	.transform_cursor = transform_cursor,
	.try_transform = try_transform,
	.transform_auto = transform_auto,
};
