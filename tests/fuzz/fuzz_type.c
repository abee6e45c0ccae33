/*
 * A type of documents, FUZZ_TYPE.  The lines of an input:
 *
 *	0	a document; "undefined" is that
 *	1	an op a on it
 *	2	an op b on it, concurrent with a
 *	3	an op c on it after a
 *	4	a cursor or a presence
 *
 * Whatever they hold, each verb does it or refuses it with words and leaves
 * things as they were; whatever comes out can be read again and prints the
 * same; undo restores the very bytes.  Beyond that each type is held to what
 * its reference promises and no more: json0 and json1 do not promise that
 * what was transformed still fits.  What some fields show of an op does to
 * what they show of a document as the op does to the document.
 */
#include <string.h>

#include "fuzz/input.h"
#include "ot/fields.h"
#include "ot/json.h"
#include "ot/type.h"
#include "ot/type_ext.h"

enum promise {
	FITS = 1,	/* what is transformed fits, if both ops did */
	DIAMOND = 2,	/* both ways round a pair of ops meet */
	COMPOSES = 4,	/* two ops and their composition do the same */
	RETURNS = 8,	/* an op and its inverse do nothing */
};

static const struct ot_type *const type = &FUZZ_TYPE;

static unsigned
promises(void)
{
	if (type == &ot_type_text0)
		return FITS | DIAMOND | COMPOSES | RETURNS;
	if (type == &ot_type_text || type == &ot_type_text_unicode ||
	    type == &ot_type_rich_text)
		return FITS | COMPOSES;
	return 0;
}

/* ---- documents ---- */

static void
data_print(const struct ot_data *data, struct buf *out)
{
	buf_init(out, SIZE_MAX);
	must(type->print(data, out) == (out->len > 0), "undefined or not");
	must(!buf_failed(out), "memory to print");
}

static struct ot_data *
data_copy(const struct ot_data *data)
{
	struct ot_data *copy = NULL;
	struct buf json, again;
	struct ot_err err;

	data_print(data, &json);
	must(type->load(json.data, json.len, &copy, &err) == 0,
	    "a document cannot be loaded again");
	data_print(copy, &again);
	must_equal_json(&json, &again,
	    "a document loaded again prints otherwise");
	buf_done(&json);
	buf_done(&again);
	return copy;
}

/* NULL if refused. */
static struct ot_data *
data_create(const struct input_line *line)
{
	bool undefined = strcmp(line->p, "undefined") == 0;
	struct ot_data *data = NULL;
	struct ot_err err;
	int rc;

	rc = type->create(undefined ? NULL : line->p,
	    undefined ? 0 : line->len, &data, &err);
	if (rc != 0) {
		must_be_refusal(rc, &err);
		return NULL;
	}
	type->data_free(data_copy(data));
	return data;
}

/* Wholly or not at all, and back, and again; did it fit? */
static bool
data_apply(struct ot_data *data, const struct ot_edit *edit)
{
	struct ot_undo *undo = NULL;
	struct buf before, now;
	struct ot_err err;
	int rc;

	if (data == NULL || edit == NULL)
		return false;
	data_print(data, &before);
	rc = type->apply(data, edit, &undo, &err);
	if (rc == 0)
		type->undo(data, undo);
	else
		must_be_refusal(rc, &err);
	data_print(data, &now);
	must_equal(&before, &now, "not as it was before");
	must((type->apply(data, edit, NULL, &err) == 0) == (rc == 0),
	    "the same op again ends otherwise");
	type->data_free(data_copy(data));
	buf_done(&before);
	buf_done(&now);
	return rc == 0;
}

static void
data_must_equal(const struct ot_data *a, const struct ot_data *b,
    const char *what)
{
	struct buf x, y;

	data_print(a, &x);
	data_print(b, &y);
	must_equal_json(&x, &y, what);
	buf_done(&x);
	buf_done(&y);
}

/* ---- ops ---- */

/* What comes out prints, can be read and prints the same.  Returns the op. */
static struct ot_edit *
edit_check(struct ot_edit *edit)
{
	struct buf json = BUF_INIT, again = BUF_INIT;
	struct ot_edit *copy = NULL;
	struct ot_err err;

	type->edit_print(edit, &json);
	must(!buf_failed(&json) && json.len > 0, "an op prints nothing");
	if (type->edit_parse(json.data, json.len, &copy, &err) != 0)
		must_equal(&json, &again, err.text);
	type->edit_print(copy, &again);
	must_equal(&json, &again, "an op read again prints otherwise");
	must(type->edit_is_empty(edit) == type->edit_is_empty(copy),
	    "an op read again is empty, or no longer");
	type->edit_free(copy);
	buf_done(&json);
	buf_done(&again);
	return edit;
}

/* The op that a verb made, or NULL with a refusal. */
static struct ot_edit *
edit_result(int rc, struct ot_edit *edit, const struct ot_err *err)
{
	if (rc == 0)
		return edit_check(edit);
	must_be_refusal(rc, err);
	return NULL;
}

static struct ot_edit *
edit_parse(const struct input_line *line)
{
	struct ot_edit *edit = NULL;
	struct ot_err err;
	int rc = type->edit_parse(line->p, line->len, &edit, &err);

	return edit_result(rc, edit, &err);
}

/*
 * What may be refused although the ops fit: too much work; in rich-text an op
 * with fields of no meaning, when it would be split.
 */
static bool
may_refuse(int rc)
{
	return rc == OT_ELIMIT || (type == &ot_type_rich_text && rc == OT_ETYPE);
}

static struct ot_edit *
edit_transform(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, bool fit)
{
	struct ot_edit *edit = NULL;
	struct ot_err err;
	int rc = type->transform(op, other, side, &edit, &err);

	must(!fit || !(promises() & FITS) || rc == 0 || may_refuse(rc),
	    "ops that fit one document do not transform");
	return edit_result(rc, edit, &err);
}

static void
try_auto(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, const struct ot_data *after_other)
{
	struct buf told = BUF_INIT;
	struct ot_edit *edit = NULL;
	struct ot_data *x;
	struct json_reader r;
	struct ot_err err;
	int rc;

	if (type->ext == NULL || type->ext->transform_auto == NULL)
		return;
	rc = type->ext->transform_auto(op, other, side, &edit, &err);
	edit = edit_result(rc, edit, &err);
	if (after_other != NULL) {
		x = data_copy(after_other);
		(void)data_apply(x, edit);
		type->data_free(x);
	}
	type->edit_free(edit);
	if ((rc = type->ext->try_transform(op, other, side, &told,
	    &err)) == 0) {
		json_reader_init(&r, told.data, told.len, &err);
		must(json_skip(&r, NULL) == 0 && json_finish(&r) == 0,
		    "what try_transform tells is no JSON");
	} else {
		must_be_refusal(rc, &err);
	}
	buf_done(&told);
}

/* a and b, concurrent, on data, which may be NULL. */
static void
check_diamond(const struct ot_data *data, const struct ot_edit *a,
    const struct ot_edit *b)
{
	struct ot_data *x = data == NULL ? NULL : data_copy(data);
	struct ot_data *y = data == NULL ? NULL : data_copy(data);
	bool a_fits = data_apply(x, a), b_fits = data_apply(y, b);
	bool fit = a_fits && b_fits;
	struct ot_edit *a2 = edit_transform(a, b, OT_LEFT, fit);
	struct ot_edit *b2 = edit_transform(b, a, OT_RIGHT, fit);

	try_auto(a, b, OT_LEFT, b_fits ? y : NULL);
	try_auto(b, a, OT_RIGHT, a_fits ? x : NULL);
	if (fit && a2 != NULL && b2 != NULL) {
		a_fits = data_apply(y, a2);
		b_fits = data_apply(x, b2);
		must(!(promises() & FITS) || (a_fits && b_fits),
		    "a transformed op does not fit");
		if (promises() & DIAMOND)
			data_must_equal(x, y, "the diamond does not close");
	}
	type->edit_free(a2);
	type->edit_free(b2);
	type->data_free(x);
	type->data_free(y);
}

/* The same text with the same attributes, in runs as long as can be. */
static struct ot_data *
data_joined(const struct ot_data *data)
{
	struct ot_edit *edit = NULL, *none = NULL, *whole = NULL;
	struct ot_data *joined = NULL;
	struct buf json, joined_json = BUF_INIT;
	struct ot_err err;

	if (type != &ot_type_rich_text)
		return data_copy(data);
	data_print(data, &json);
	must(type->edit_parse(json.data, json.len, &edit, &err) == 0 &&
	    type->edit_parse("[]", 2, &none, &err) == 0 &&
	    type->compose(none, edit, &whole, &err) == 0,
	    "a rich-text document is not an op");
	type->edit_print(whole, &joined_json);
	must(type->load(joined_json.data, joined_json.len, &joined, &err) == 0,
	    "joined runs are no document");
	type->edit_free(edit);
	type->edit_free(none);
	type->edit_free(whole);
	buf_done(&json);
	buf_done(&joined_json);
	return joined;
}

/* a and then c, and both in one. */
static void
check_compose(const struct ot_data *data, const struct ot_edit *a,
    const struct ot_edit *c)
{
	struct ot_data *x = data == NULL ? NULL : data_copy(data);
	struct ot_data *y = data == NULL ? NULL : data_copy(data), *x2, *y2;
	bool twice = data_apply(x, a) && data_apply(x, c), once;
	struct ot_edit *both = NULL;
	struct ot_err err;
	int rc = type->compose(a, c, &both, &err);

	/* As in the reference: json1 ops that do not follow compose to none. */
	if (rc != 0 || twice || type != &ot_type_json1)
		both = edit_result(rc, both, &err);
	once = data_apply(y, both);
	if (twice && (promises() & COMPOSES)) {
		must(once || may_refuse(rc), "a composition does not fit");
		x2 = data_joined(x);
		y2 = data_joined(y);
		if (once)
			data_must_equal(x2, y2, "a composition does else");
		type->data_free(x2);
		type->data_free(y2);
	}
	type->edit_free(both);
	type->data_free(x);
	type->data_free(y);
}

static void
check_invert(const struct ot_data *data, const struct ot_edit *a,
    const struct input_line *json)
{
	/* To delete nothing fits anywhere, to insert nothing does not. */
	bool returns = promises() & RETURNS &&
	    strstr(json->p, "\"\"") == NULL;
	struct ot_data *x;
	struct ot_edit *back = NULL;
	struct ot_err err;
	bool fits;
	int rc;

	if (type->invert == NULL)
		return;
	rc = type->invert(a, &back, &err);
	back = edit_result(rc, back, &err);
	if (data != NULL) {
		x = data_copy(data);
		if (data_apply(x, a)) {
			fits = data_apply(x, back);
			if (returns) {
				must(fits, "an inverse does not fit");
				data_must_equal(x, data,
				    "an inverse does not lead back");
			}
		}
		type->data_free(x);
	}
	type->edit_free(back);
}

/* ---- beyond the contract ---- */

/* JSON came out, or a refusal; an op is checked as one. */
static void
ext_result(int rc, struct buf *out, bool is_op, const struct ot_err *err)
{
	struct input_line line = { out->data, out->len };
	struct json_reader r;
	struct ot_err why;
	struct ot_edit *edit;

	if (rc != 0) {
		must_be_refusal(rc, err);
		must(out->len == 0, "something was said before the refusal");
	} else {
		json_reader_init(&r, out->data, out->len, &why);
		must(json_skip(&r, NULL) == 0 && json_finish(&r) == 0,
		    "no JSON came out");
		if (is_op) {
			must((edit = edit_parse(&line)) != NULL,
			    "an op that came out is refused");
			type->edit_free(edit);
		}
	}
	buf_done(out);
}

static bool
slice_of(const struct input_line *line, struct json_slice *slice_out)
{
	struct json_reader r;
	struct ot_err err;

	json_reader_init(&r, line->p, line->len, &err);
	return json_skip(&r, slice_out) == 0 && json_finish(&r) == 0;
}

/* valid: line 1 is an op; normalize takes others too, and then gives such. */
static void
check_ext(const struct input *in, bool valid)
{
	static const struct json_slice left = { "\"left\"", 6, JSON_STRING },
	    yes = { "true", 4, JSON_TRUE };
	const struct ot_type_ext *ext = type->ext;
	struct json_slice doc, op, cursor;
	struct buf out = BUF_INIT;
	struct ot_err err;
	bool has_doc = slice_of(&in->lines[0], &doc);
	bool has_cursor = slice_of(&in->lines[4], &cursor);

	if (ext == NULL || !slice_of(&in->lines[1], &op))
		return;
	if (ext->normalize != NULL)
		ext_result(ext->normalize(&op, &out, &err), &out, valid,
		    &err);
	if (ext->make_invertible != NULL && has_doc)
		ext_result(ext->make_invertible(&op, &doc, &out, &err), &out,
		    true, &err);
	if (ext->invert_with_doc != NULL && has_doc)
		ext_result(ext->invert_with_doc(&op, &doc, &out, &err), &out,
		    true, &err);
	if (ext->transform_cursor != NULL && has_cursor) {
		ext_result(ext->transform_cursor(&cursor, &op, &left, &out,
		    &err), &out, false, &err);
		ext_result(ext->transform_cursor(&cursor, &op, &yes, &out,
		    &err), &out, false, &err);
	}
	if (ext->transform_presence != NULL && has_cursor)
		ext_result(ext->transform_presence(&cursor, &op, &yes, &out,
		    &err), &out, false, &err);
}

/* ---- fields ---- */

/* What is shown of a document, as a document. */
static struct ot_data *
data_shown(const struct ot_data *data, const struct ot_fields *f)
{
	struct ot_data *shown = NULL;
	struct buf json = BUF_INIT;
	struct ot_err err;
	bool defined = type->fields->data_print(data, f, &json);

	must(defined == (json.len > 0) && !buf_failed(&json),
	    "shown or not");
	must(type->load(json.data, json.len, &shown, &err) == 0,
	    "what is shown is no document");
	must(type->fields->data_is_within(shown, f),
	    "more is shown than the fields");
	buf_done(&json);
	return shown;
}

/*
 * Does picked do to what is shown of data what a does to data?  So it is with
 * json1, and with json0 (as in ShareDB) while a keeps to the fields.
 */
static void
check_shown(const struct ot_data *data, const struct ot_fields *f,
    const struct ot_edit *a, const struct ot_edit *picked)
{
	struct ot_data *x = data_copy(data), *y, *z;

	if (data_apply(x, a)) {
		y = data_shown(data, f);
		z = data_shown(x, f);
		must(data_apply(y, picked), "what is shown of an op does not "
		    "fit what is shown of the document");
		data_must_equal(y, z, "what is shown differs");
		type->data_free(y);
		type->data_free(z);
	}
	type->data_free(x);
}

static void
check_fields(const struct ot_data *data, const struct ot_edit *a)
{
	static const char *const names[] = { "a", "b", "l", "x", "k\xc3\xa9" };
	struct ot_fields *f;
	struct ot_edit *picked = NULL;
	struct ot_err err;
	bool within;
	int rc;

	if (type->fields == NULL)
		return;
	must((f = ot_fields_new(names, 5)) != NULL, "memory for names");
	rc = type->fields->edit_pick(a, f, &picked, &err);
	within = type->fields->edit_is_within(a, f);
	must(rc == 0 || type->fields->may_refuse, "a refusal nobody meant");
	picked = edit_result(rc, picked, &err);
	must(picked == NULL || type != &ot_type_json0 ||
	    !within || type->edit_is_empty(a) == type->edit_is_empty(picked),
	    "of an op within the fields something is not shown");
	if (data != NULL)
		type->data_free(data_shown(data, f));
	if (data != NULL && picked != NULL &&
	    (type == &ot_type_json1 || within))
		check_shown(data, f, a, picked);
	type->edit_free(picked);
	ot_fields_free(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct ot_data *data;
	struct ot_edit *a, *b, *c;
	struct input in;

	input_init(&in, bytes, len);
	data = data_create(&in.lines[0]);
	a = edit_parse(&in.lines[1]);
	b = edit_parse(&in.lines[2]);
	c = edit_parse(&in.lines[3]);
	if (a != NULL && b != NULL)
		check_diamond(data, a, b);
	if (a != NULL && c != NULL)
		check_compose(data, a, c);
	if (a != NULL)
		check_invert(data, a, &in.lines[1]);
	if (a != NULL)
		check_fields(data, a);
	check_ext(&in, a != NULL);
	type->edit_free(a);
	type->edit_free(b);
	type->edit_free(c);
	type->data_free(data);
	input_done(&in);
	return 0;
}
