/*
 * diffs: an edit by diff, held against what it is for.  Include after edits.h.
 */
#ifndef TESTS_OT_DIFFS_H
#define TESTS_OT_DIFFS_H

#include "ot/diff.h"
#include "ot/utf.h"

/* NULL: undefined. */
static inline struct json_slice
diffs_slice(const char *json)
{
	return (struct json_slice){ json, json != NULL ? strlen(json) : 0,
	    JSON_NONE };
}

/* The op from one content to another, on the heap; NULL: they are the same. */
static inline char *
diffs_op(const struct ot_type *t, const char *from, const char *to)
{
	struct json_slice a = diffs_slice(from), b = diffs_slice(to);
	struct buf out = BUF_INIT;
	struct ot_err err;
	size_t len;
	int rc;

	if ((rc = diff_edit(t, &a, &b, &out, &err)) < 0)
		fail_msg("%s: %s to %s: %s", t->name, from, to, err.text);
	if (rc == 0) {
		assert_int_equal(out.len, 0);
		buf_done(&out);
		return NULL;
	}
	buf_putc(&out, '\0');
	return buf_take(&out, &len);
}

/* Append what the type makes of a document of rich-text, unit by unit. */
static inline void
diffs_spell(const char *json, struct buf *b)
{
	struct json *v, *ops, *op, *insert, *attrs;
	struct buf text = BUF_INIT;
	struct ot_err err;
	struct utf_units u;
	int32_t unit;
	size_t i;

	assert_int_equal(json_parse(json, strlen(json), 0, &v, &err), 0);
	ops = json_kind(v) == JSON_LIST ? v : json_object_value(v, "ops");
	for (i = 0; i < json_list_len(ops); i++) {
		op = json_list_at(ops, i);
		insert = json_object_value(op, "insert");
		attrs = json_object_value(op, "attributes");
		if (attrs != NULL && json_object_len(attrs) == 0)
			attrs = NULL;
		buf_reset(&text);
		if (json_kind(insert) == JSON_STRING)
			json_string_put(insert, &text, 0);
		utf_units_init(&u, text.data, text.len);
		while ((unit = json_kind(insert) == JSON_STRING ?
		    utf_units_next(&u) : 0) != -1) {
			buf_puts(b, b->len > 0 ? ",[" : "[[");
			if (json_kind(insert) == JSON_STRING)
				buf_put_u64(b, (uint64_t)unit);
			else
				json_print(insert, b);
			buf_putc(b, ',');
			if (attrs != NULL)
				json_print(attrs, b);
			else
				buf_puts(b, "null");
			buf_putc(b, ']');
			if (json_kind(insert) != JSON_STRING)
				break;
		}
	}
	buf_puts(b, b->len > 0 ? "]" : "[]");
	buf_putc(b, '\0');
	buf_done(&text);
	json_unref(v);
}

/* Are both contents the same? */
static inline bool
diffs_same(const struct ot_type *t, const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	if (t != &ot_type_rich_text)
		return edits_same(a, b);
	diffs_spell(a, &x);
	diffs_spell(b, &y);
	same = edits_same(x.data, y.data);
	buf_done(&x);
	buf_done(&y);
	return same;
}

/*
 * The edit from one content to another is one that the type takes, and does
 * what it is for.  Returns it, as diffs_op.
 */
static inline char *
diffs_check(const struct ot_type *t, const char *from, const char *to)
{
	char *op = diffs_op(t, from, to), *got;
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;

	if (op == NULL) {
		if (!diffs_same(t, from != NULL ? from : "undefined",
		    to != NULL ? to : "undefined"))
			fail_msg("%s: %s is not %s", t->name, from, to);
		return NULL;
	}
	data = edits_load(t, from);
	edit = edits_parse(t, op);
	if (t->apply(data, edit, NULL, &err) != 0)
		fail_msg("%s: %s on %s: %s", t->name, op, from, err.text);
	got = edits_print(t, data);
	if (!diffs_same(t, got, to != NULL ? to : "undefined"))
		fail_msg("%s:\n%s from\n%s to\n%s made\n%s", t->name, op, from,
		    to, got);
	free(got);
	t->edit_free(edit);
	t->data_free(data);
	return op;
}

#endif
