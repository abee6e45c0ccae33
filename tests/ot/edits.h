/*
 * edits: a type's edits and documents as JSON text, for tests.  A failure that
 * the test did not expect fails the test, with the kernel's words.
 */
#ifndef TESTS_OT_EDITS_H
#define TESTS_OT_EDITS_H

#include <stdlib.h>
#include <string.h>

#include "ot/json_value.h"
#include "ot/type.h"

static inline struct ot_edit *
edits_parse(const struct ot_type *t, const char *json)
{
	struct ot_edit *edit = NULL;
	struct ot_err err;

	if (t->edit_parse(json, strlen(json), &edit, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	return edit;
}

/* JSON NULL: undefined. */
static inline struct ot_data *
edits_load(const struct ot_type *t, const char *json)
{
	struct ot_data *data = NULL;
	struct ot_err err;

	if (t->load(json, json != NULL ? strlen(json) : 0, &data, &err) != 0)
		fail_msg("%s: %s", json != NULL ? json : "undefined", err.text);
	return data;
}

/* What the data prints, on the heap; "undefined" if it is. */
static inline char *
edits_print(const struct ot_type *t, const struct ot_data *data)
{
	struct buf b = BUF_INIT;
	size_t len;

	if (!t->print(data, &b))
		buf_puts(&b, "undefined");
	buf_putc(&b, '\0');
	assert_false(buf_failed(&b));
	return buf_take(&b, &len);
}

/* What the edit prints, on the heap.  Frees the edit. */
static inline char *
edits_show(const struct ot_type *t, struct ot_edit *edit)
{
	struct buf b = BUF_INIT;
	size_t len;

	t->edit_print(edit, &b);
	buf_putc(&b, '\0');
	assert_false(buf_failed(&b));
	t->edit_free(edit);
	return buf_take(&b, &len);
}

/* Are both texts the same JSON value? */
static inline bool
edits_same(const char *a, const char *b)
{
	struct json *x, *y;
	struct ot_err err;
	bool same;

	if (strcmp(a, "undefined") == 0 || strcmp(b, "undefined") == 0)
		return strcmp(a, b) == 0;
	if (json_parse(a, strlen(a), 0, &x, &err) != 0)
		fail_msg("%s: %s", a, err.text);
	if (json_parse(b, strlen(b), 0, &y, &err) != 0)
		fail_msg("%s: %s", b, err.text);
	same = json_deep_equal(x, y);
	json_unref(x);
	json_unref(y);
	return same;
}

#endif
