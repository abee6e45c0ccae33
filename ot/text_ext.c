/*
 * What text and text-unicode can do beyond the contract, JSON in and out.
 * Cursors follow transformSelection of ot-text 1.0.2 (lib/text.js) and of
 * ot-text-unicode 4.0.0 (lib/type.ts).
 */
#include "ot/text_ext.h"

#include <math.h>

#include "ot/rope.h"
#include "ot/text_edit.h"
#include "ot/text_transform.h"
#include "ot/utf.h"

static int
read_edit(const struct json_slice *op, enum rope_unit unit,
    enum text_strictness how, struct ot_edit **edit_out, struct ot_err *err)
{
	return text_edit_read(op->p, op->len, unit, how, edit_out, err);
}

/* Print the edit and free it. */
static void
hand_out(struct ot_edit *edit, struct buf *out)
{
	text_edit_print(edit, out);
	ot_type_text.edit_free(edit);
}

/* ---- normalize ---- */

static int
normalize(const struct json_slice *op, enum rope_unit unit, struct buf *out,
    struct ot_err *err)
{
	struct ot_edit *edit, *normal;
	int rc;

	if ((rc = read_edit(op, unit, TEXT_LAX, &edit, err)) != 0)
		return rc;
	if ((rc = text_normalize(edit, &normal, err)) == 0)
		hand_out(normal, out);
	ot_type_text.edit_free(edit);
	return rc;
}

static int
u16_normalize(const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	return normalize(op, ROPE_U16, out, err);
}

static int
cp_normalize(const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	return normalize(op, ROPE_CP, out, err);
}

/* ---- with the document ---- */

static int
read_document(const struct json_slice *doc, struct rope *rope,
    struct ot_err *err)
{
	struct buf text = BUF_INIT;
	int rc = 0;

	if (doc->kind != JSON_STRING)
		return ot_fail(err, OT_EAPPLY, "Invalid document snapshot");
	json_slice_string(doc, &text);
	if (buf_failed(&text) || text.len > ROPE_BYTES_MAX)
		rc = ot_fail(err, OT_ENOMEM, "out of memory");
	else if (text.len > 0 && utf_has_surrogate(text.data, text.len))
		rc = ot_fail(err, OT_EAPPLY,
		    "Lone surrogates are not allowed");
	else if ((rc = rope_insert(rope, ROPE_CP, 0, text.data,
	    rope_measure(text.data, text.len))) != 0)
		ot_fail(err, rc, "out of memory");
	buf_done(&text);
	return rc;
}

static int
make_named(const struct json_slice *op, const struct json_slice *doc,
    struct ot_edit **named_out, struct ot_err *err)
{
	struct ot_edit *edit;
	struct rope rope;
	int rc;

	if ((rc = read_edit(op, ROPE_CP, TEXT_STRICT, &edit, err)) != 0)
		return rc;
	rope_init(&rope);
	if ((rc = read_document(doc, &rope, err)) == 0)
		rc = text_make_invertible(edit, &rope, named_out, err);
	rope_done(&rope);
	ot_type_text.edit_free(edit);
	return rc;
}

static int
make_invertible(const struct json_slice *op, const struct json_slice *doc,
    struct buf *out, struct ot_err *err)
{
	struct ot_edit *named;
	int rc;

	if ((rc = make_named(op, doc, &named, err)) == 0)
		hand_out(named, out);
	return rc;
}

static int
invert_with_doc(const struct json_slice *op, const struct json_slice *doc,
    struct buf *out, struct ot_err *err)
{
	struct ot_edit *named, *inverse;
	int rc;

	if ((rc = make_named(op, doc, &named, err)) != 0)
		return rc;
	if ((rc = text_invert(named, &inverse, err)) == 0)
		hand_out(inverse, out);
	ot_type_text.edit_free(named);
	return rc;
}

/* ---- cursors ---- */

/* Move the number that the reader stands before; its print goes to out. */
static int
move_number(struct json_reader *r, const struct ot_edit *edit, struct buf *out)
{
	double n;
	int rc;

	if (json_peek(r) != JSON_NUMBER)
		return ot_fail(r->err, OT_EBADLY, "Invalid selection");
	if ((rc = json_read_number(r, &n)) != 0)
		return rc;
	if (!(n >= 0) || n > (double)TEXT_LEN_MAX || n != floor(n))
		return ot_fail(r->err, OT_EBADLY, "Invalid selection");
	buf_put_u64(out, text_move_cursor(edit, (uint64_t)n));
	return 0;
}

/* Move a list of numbers: exactly ends of them, if that is not 0. */
static int
move_list(struct json_reader *r, const struct ot_edit *edit, unsigned ends,
    struct buf *out)
{
	unsigned n = 0;
	int rc;

	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	buf_putc(out, '[');
	while ((rc = json_next_item(r)) > 0) {
		if (n++ > 0)
			buf_putc(out, ',');
		if ((rc = move_number(r, edit, out)) != 0)
			return rc;
	}
	buf_putc(out, ']');
	if (rc == 0 && ends != 0 && n != ends)
		rc = ot_fail(r->err, OT_EBADLY, "Invalid selection");
	return rc;
}

static int
move_selection(const struct json_slice *cursor, const struct json_slice *op,
    enum rope_unit unit, bool own, struct buf *out, struct ot_err *err)
{
	size_t before = out->len;
	struct ot_edit *edit;
	struct json_reader r;
	int rc;

	if (cursor->kind == JSON_NONE)
		return ot_fail(err, OT_EBADLY, "Invalid selection");
	if ((rc = read_edit(op, unit, TEXT_STRICT, &edit, err)) != 0)
		return rc;
	json_reader_init(&r, cursor->p, cursor->len, err);
	if (own)
		buf_put_u64(out, text_own_cursor(edit));
	else if (json_peek(&r) == JSON_LIST)
		rc = move_list(&r, edit, unit == ROPE_U16 ? 2 : 0, out);
	else
		rc = move_number(&r, edit, out);
	if (rc != 0)
		out->len = before;
	ot_type_text.edit_free(edit);
	return rc;
}

static int
u16_transform_cursor(const struct json_slice *cursor,
    const struct json_slice *op, const struct json_slice *how,
    struct buf *out, struct ot_err *err)
{
	return move_selection(cursor, op, ROPE_U16, json_slice_truthy(how),
	    out, err);
}

static int
cp_transform_cursor(const struct json_slice *cursor,
    const struct json_slice *op, const struct json_slice *how,
    struct buf *out, struct ot_err *err)
{
	(void)how;	/* this type does not ask whose op it is */
	return move_selection(cursor, op, ROPE_CP, false, out, err);
}

const struct ot_type_ext text_ext = {
	.normalize = u16_normalize,
	.transform_cursor = u16_transform_cursor,
};

const struct ot_type_ext text_unicode_ext = {
	.normalize = cp_normalize,
	.make_invertible = make_invertible,
	.invert_with_doc = invert_with_doc,
	.transform_cursor = cp_transform_cursor,
};
