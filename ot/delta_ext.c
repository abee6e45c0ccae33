/*
 * What rich-text can do beyond the contract, JSON in and out.  The rules are
 * those of rich-text 4.1.0 (lib/type.js) and of quill-delta 4.2.2.
 */
#include "ot/delta_ext.h"

#include <math.h>

#include "ot/delta_edit.h"
#include "ot/delta_transform.h"
#include "ot/json_value.h"

static int
invert_with_doc(const struct json_slice *op, const struct json_slice *doc,
    struct buf *out, struct ot_err *err)
{
	struct ot_edit *edit = NULL, *base = NULL, *inverse;
	int rc;

	if ((rc = delta_edit_read(op->p, op->len, DELTA_OP, OT_EAPPLY, &edit,
	    err)) != 0)
		return rc;
	if ((rc = delta_edit_read(doc->p, doc->len, DELTA_DOCUMENT, OT_EAPPLY,
	    &base, err)) == 0 &&
	    (rc = delta_invert(edit, base, &inverse, err)) == 0) {
		delta_edit_print(inverse, out);
		delta_edit_free(inverse);
	}
	delta_edit_free(base);
	delta_edit_free(edit);
	return rc;
}

/* ---- cursors ---- */

/* A position in JSON; false when it is none. */
static bool
is_position(double n)
{
	return n >= 0 && n <= (double)DELTA_LEN_MAX && n == floor(n);
}

static int
transform_cursor(const struct json_slice *cursor, const struct json_slice *op,
    const struct json_slice *how, struct buf *out, struct ot_err *err)
{
	struct ot_edit *edit;
	int rc;

	if (cursor->kind != JSON_NUMBER ||
	    !is_position(json_slice_number(cursor)))
		return ot_fail(err, OT_EBADLY, "Invalid cursor");
	if ((rc = delta_edit_read(op->p, op->len, DELTA_OP, OT_EAPPLY, &edit,
	    err)) != 0)
		return rc;
	buf_put_u64(out, delta_move_cursor(edit,
	    (uint64_t)json_slice_number(cursor), json_slice_truthy(how)));
	delta_edit_free(edit);
	return 0;
}

/* ---- presence ---- */

static struct json_member *
member(struct json *object, const char *name)
{
	struct json_member *m;

	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m))
		if (json_key_is(m->key, name))
			return m;
	return NULL;
}

static int
set_number(struct json_member *m, uint64_t n, struct ot_err *err)
{
	struct json *v;

	if ((v = json_number_new((double)n)) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	json_unref(m->value);
	m->value = v;
	return 0;
}

/* The range keeps its other fields. */
static int
move_range(struct json *range, const struct ot_edit *edit, bool own,
    struct ot_err *err)
{
	struct json_member *index = member(range, "index");
	struct json_member *length = member(range, "length");
	uint64_t start, end;
	double i, n;
	int rc;

	if (index == NULL || length == NULL ||
	    json_kind(index->value) != JSON_NUMBER ||
	    json_kind(length->value) != JSON_NUMBER)
		return ot_fail(err, OT_EBADLY, "Invalid range");
	i = json_number_get(index->value);
	n = json_number_get(length->value);
	if (!is_position(i) || !is_position(n))
		return ot_fail(err, OT_EBADLY, "Invalid range");
	start = delta_move_cursor(edit, (uint64_t)i, own);
	end = delta_move_cursor(edit, (uint64_t)i + (uint64_t)n, own);
	if ((rc = set_number(index, start, err)) != 0)
		return rc;
	return set_number(length, end - start, err);
}

static int
transform_presence(const struct json_slice *range, const struct json_slice *op,
    const struct json_slice *how, struct buf *out, struct ot_err *err)
{
	struct json_slice none = { "[]", 2, JSON_LIST };
	struct json *value;
	struct ot_edit *edit;
	int rc;

	if (!json_slice_truthy(range)) {
		buf_puts(out, "null");
		return 0;
	}
	if (range->kind != JSON_OBJECT)
		return ot_fail(err, OT_EBADLY, "Invalid range");
	/* No op changes nothing. */
	if (op->kind == JSON_NONE || op->kind == JSON_NULL)
		op = &none;
	if ((rc = delta_edit_read(op->p, op->len, DELTA_OP, OT_EAPPLY, &edit,
	    err)) != 0)
		return rc;
	if ((rc = json_parse(range->p, range->len, JSON_NO_PROTO, &value,
	    err)) == 0) {
		rc = move_range(value, edit, json_slice_truthy(how), err);
		if (rc == 0)
			json_print(value, out);
		json_unref(value);
	}
	delta_edit_free(edit);
	return rc;
}

const struct ot_type_ext delta_ext = {
	.invert_with_doc = invert_with_doc,
	.transform_cursor = transform_cursor,
	.transform_presence = transform_presence,
};
