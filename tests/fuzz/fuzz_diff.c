/*
 * Edits by diff, patches and quotations.  The lines of an input:
 *
 *	0	a type's name
 *	1	a document; "undefined" is that
 *	2	what it shall be
 *	3	a JSON Patch, or any JSON as a merge patch
 *	4	a quotation
 *
 * Whatever they hold: an edit by diff or quotation is one that the type takes,
 * and a diff's leads where it should; a diff of what is the same is none;
 * patches give JSON that can be read again.
 */
#include <string.h>

#include "fuzz/input.h"
#include "ot/diff.h"
#include "ot/json_value.h"
#include "ot/patch.h"
#include "ot/quote.h"

static struct json_slice
slice_of(const struct input_line *line)
{
	bool undefined = strcmp(line->p, "undefined") == 0;

	return (struct json_slice){ undefined ? NULL : line->p, line->len,
	    JSON_NONE };
}

static struct ot_data *
create(const struct ot_type *t, const struct json_slice *doc)
{
	struct ot_data *data = NULL;
	struct ot_err err;

	return t->create(doc->p, doc->p != NULL ? doc->len : 0, &data,
	    &err) == 0 ? data : NULL;
}

/*
 * Apply an edit; is it one of the type's?  Too large is no fault of a diff.
 */
static bool
apply(const struct ot_type *t, struct ot_data *data, const struct buf *op)
{
	struct ot_edit *edit = NULL;
	struct ot_err err;
	int rc;

	if ((rc = t->edit_parse(op->data, op->len, &edit, &err)) == 0) {
		rc = t->apply(data, edit, NULL, &err);
		t->edit_free(edit);
	}
	must(rc == 0 || rc == OT_ELIMIT, "the type does not take the edit");
	return rc == 0;
}

/* No edit is left between what a document is and what it shall be. */
static void
must_be_there(const struct ot_type *t, const struct ot_data *data,
    const struct json_slice *to)
{
	struct buf json = BUF_INIT, op = BUF_INIT;
	struct json_slice is;
	struct ot_err err;

	is.p = t->print(data, &json) ? json.data : NULL;
	is.len = json.len;
	must(diff_edit(t, &is, to, &op, &err) == 0, "not what it shall be");
	buf_done(&json);
	buf_done(&op);
}

static void
check_diff(const struct ot_type *t, const struct json_slice *from,
    const struct json_slice *to)
{
	struct ot_data *data = create(t, from), *goal = create(t, to);
	struct buf op = BUF_INIT, same = BUF_INIT;
	struct ot_err err;
	int rc;

	rc = diff_edit(t, from, to, &op, &err);
	if (rc < 0)
		must_be_refusal(rc, &err);
	must(rc < 0 || goal != NULL || data == NULL,
	    "an edit to what is no document");
	if (rc >= 0 && data != NULL && goal != NULL) {
		if (rc == 0 || apply(t, data, &op))
			must_be_there(t, data, to);
		must(diff_edit(t, from, from, &same, &err) == 0,
		    "an edit to what is the same");
	}
	t->data_free(data);
	t->data_free(goal);
	buf_done(&op);
	buf_done(&same);
}

static void
check_patch(const struct json_slice *doc, const struct json_slice *patch)
{
	struct buf out = BUF_INIT;
	struct json *v = NULL;
	struct ot_err err;
	int rc, i;

	for (i = 0; i < 2; i++) {
		rc = i == 0 ? patch_json(doc, patch, &out, &err) :
		    patch_merge(doc, patch, &out, &err);
		if (rc != 0)
			must_be_refusal(rc, &err);
		else
			must(json_parse(out.data, out.len, 0, &v, &err) == 0,
			    "what a patch makes cannot be read");
		json_unref(v);
		v = NULL;
		buf_done(&out);
	}
}

static void
check_quote(const struct ot_type *t, const struct json_slice *doc,
    const struct json_slice *quote)
{
	struct ot_data *data = create(t, doc);
	struct buf op = BUF_INIT;
	struct ot_err err;
	int rc;

	rc = quote_edit(t, doc, quote, &op, &err);
	if (rc < 0)
		must_be_refusal(rc, &err);
	else if (rc == 1 && data != NULL)
		apply(t, data, &op);
	t->data_free(data);
	buf_done(&op);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct json_slice doc, to, patch, quote;
	const struct ot_type *t;
	struct input in;

	input_init(&in, bytes, len);
	if ((t = ot_type_find(in.lines[0].p)) != NULL) {
		doc = slice_of(&in.lines[1]);
		to = slice_of(&in.lines[2]);
		patch = slice_of(&in.lines[3]);
		quote = slice_of(&in.lines[4]);
		check_diff(t, &doc, &to);
		if (patch.p != NULL)
			check_patch(&doc, &patch);
		if (quote.p != NULL)
			check_quote(t, &doc, &quote);
	}
	input_done(&in);
	return 0;
}
