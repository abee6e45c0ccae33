/* The type rich-text: tables of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/delta_ext.h"
#include "ot/type.h"

static const struct ot_type *const t = &ot_type_rich_text;

/* ---- helpers ---- */

static struct ot_edit *
edit(const char *json)
{
	return edits_parse(t, json);
}

static struct ot_data *
document(const char *json)
{
	return edits_load(t, json);
}

static void
assert_text(struct buf *b, const char *want)
{
	buf_putc(b, '\0');
	assert_false(buf_failed(b));
	assert_string_equal(b->data, want);
	buf_done(b);
}

static void
assert_edit(struct ot_edit *e, const char *want)
{
	struct buf b = BUF_INIT;

	t->edit_print(e, &b);
	assert_text(&b, want);
	t->edit_free(e);
}

static void
assert_data(const struct ot_data *d, const char *want)
{
	struct buf b = BUF_INIT;

	assert_true(t->print(d, &b));
	assert_text(&b, want);
}

/* ---- what is refused ---- */

static void
test_refused_edits(void **state)
{
	static const char *const row[] = {
		"null", "\"x\"", "3", "{}", "{\"ops\":{}}", "[{}]", "[[]]",
		"[{\"insert\":\"\"}]", "[{\"insert\":null}]",
		"[{\"insert\":true}]", "[{\"retain\":0}]", "[{\"retain\":-1}]",
		"[{\"retain\":1.5}]", "[{\"retain\":\"1\"}]",
		"[{\"retain\":{\"a\":1}}]", "[{\"delete\":0}]",
		"[{\"retain\":1,\"delete\":1}]",
		"[{\"retain\":1,\"attributes\":{}}]",
		"[{\"retain\":1,\"attributes\":null}]",
		"[{\"retain\":1,\"attributes\":[1]}]",
		"[{\"retain\":1,\"attributes\":{\"toString\":1}}]",
		"[{\"retain\":1,\"attributes\":{\"__proto__\":1}}]",
		"[{\"insert\":{\"a\":{\"__proto__\":1}}}]",
		"[{\"delete\":1,\"attributes\":{\"b\":1}}]",
		"[{\"insert\":\"a\"}",
		"[{\"insert\":\"a\"}]]", "[{\"delete\":9007199254740992}]",
	};
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		e = NULL;
		if (t->edit_parse(row[i], strlen(row[i]), &e, &err) == 0)
			fail_msg("accepted: %s", row[i]);
		assert_null(e);
	}
}

static void
test_create(void **state)
{
	static const char *const refused[] = {
		"\"x\"", "[{\"retain\":1}]", "[{\"delete\":1}]", "{}", "1",
		"[{\"insert\":\"a\",\"x\":1}]"
	};
	struct ot_data *d = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	assert_int_equal(t->create(NULL, 0, &d, &err), 0);
	assert_data(d, "{\"ops\":[]}");
	t->data_free(d);
	assert_int_equal(t->create("null", 4, &d, &err), 0);
	assert_data(d, "{\"ops\":[]}");
	t->data_free(d);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(t->create(refused[i], strlen(refused[i]), &d,
		    &err), OT_ETYPE);
	/* Runs are kept as they came, nulls too. */
	d = document("{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"b\"},"
	    "{\"insert\":\"c\",\"attributes\":{\"x\":null}}],\"more\":1}");
	assert_data(d, "{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"b\"},"
	    "{\"insert\":\"c\",\"attributes\":{\"x\":null}}]}");
	t->data_free(d);
}

/* Attributes that are equal in another order are written as they came. */
static void
test_order_of_attributes(void **state)
{
	static const char body[] = "{\"ops\":["
	    "{\"insert\":\"a\",\"attributes\":{\"x\":1,\"y\":{\"u\":1,\"v\":2}}},"
	    "{\"insert\":\"b\"},"
	    "{\"insert\":\"c\",\"attributes\":{\"y\":{\"u\":1,\"v\":2},\"x\":1}},"
	    "{\"insert\":\"d\"},"
	    "{\"insert\":\"e\",\"attributes\":{\"x\":1,\"y\":{\"v\":2,\"u\":1}}}]}";
	struct ot_data *d = document(body);

	(void)state;
	assert_data(d, body);
	t->data_free(d);
}

static void
test_edits_print_as_read(void **state)
{
	static const char *const row[] = {
		"[{\"retain\":2},{\"insert\":\"\\ud83d\"},{\"delete\":1}]",
		"{\"ops\":[{\"insert\":5},{\"insert\":[{}]}]}",
		"{\"ops\":[]}", "[]",
		"[{\"retain\":1,\"attributes\":{\"b\":null,\"c\":[1]}}]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_edit(edit(row[i]), row[i]);
}

/* ---- the verbs, case by case ---- */

static void
test_apply(void **state)
{
	static const struct {
		const char *doc, *op, *want;
	} row[] = {
		/* The neighbours of an insert: what joins, what stays. */
		{ "[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":\"c\"}]",
		    "[{\"retain\":2},{\"insert\":\"x\"}]",
		    "{\"ops\":[{\"insert\":\"a\"},{\"insert\":\"bxc\"}]}" },
		{ "[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":\"c\"}]",
		    "[{\"insert\":\"x\"}]", "{\"ops\":[{\"insert\":\"xabc\"}]}" },
		{ "[{\"insert\":\"ab\"}]", "[{\"retain\":1,\"attributes\":"
		    "{\"b\":true}}]", "{\"ops\":[{\"insert\":\"a\",\"attributes\":"
		    "{\"b\":true}},{\"insert\":\"b\"}]}" },
		{ "[{\"insert\":\"ab\",\"attributes\":{\"b\":1,\"c\":2}}]",
		    "[{\"retain\":2,\"attributes\":{\"b\":null}}]",
		    "{\"ops\":[{\"insert\":\"ab\",\"attributes\":{\"c\":2}}]}" },
		{ "[{\"insert\":\"a\"},{\"insert\":{\"i\":1}},"
		    "{\"insert\":\"b\"}]", "[{\"retain\":1},{\"delete\":1}]",
		    "{\"ops\":[{\"insert\":\"ab\"}]}" },
		/* A pair is split between two runs, and whole again. */
		{ "[{\"insert\":\"\xf0\x9f\x98\x80\"}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":1}}]",
		    "{\"ops\":[{\"insert\":\"\\ud83d\",\"attributes\":{\"b\":1}},"
		    "{\"insert\":\"\\ude00\"}]}" },
		{ "[{\"insert\":\"\\ud83d\",\"attributes\":{\"b\":1}},"
		    "{\"insert\":\"\\ude00\"}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":null}}]",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}" },
		{ "[{\"insert\":\"abc\"}]", "[{\"delete\":3}]", "{\"ops\":[]}" },
	};
	struct ot_data *d;
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		d = document(row[i].doc);
		e = edit(row[i].op);
		assert_int_equal(t->apply(d, e, NULL, &err), 0);
		assert_data(d, row[i].want);
		t->edit_free(e);
		t->data_free(d);
	}
}

static void
test_apply_refuses_misfits(void **state)
{
	static const char *const row[] = {
		"[{\"retain\":4}]", "[{\"delete\":4}]",
		"[{\"retain\":2},{\"insert\":\"x\"},{\"delete\":2}]",
		"[{\"retain\":4,\"attributes\":{\"b\":1}}]",
	};
	struct ot_data *d = document("[{\"insert\":\"abc\"}]");
	struct ot_undo *undo = NULL;
	struct ot_edit *e;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		e = edit(row[i]);
		assert_int_equal(t->apply(d, e, &undo, &err), OT_EAPPLY);
		assert_null(undo);
		assert_data(d, "{\"ops\":[{\"insert\":\"abc\"}]}");
		t->edit_free(e);
	}
	t->data_free(d);
}

static void
test_transform_and_compose(void **state)
{
	static const struct {
		const char *a, *b, *left, *right, *composed;
	} row[] = {
		/* Left gives way: its text comes second. */
		{ "[{\"insert\":\"a\"}]", "[{\"insert\":\"b\"}]",
		    "{\"ops\":[{\"retain\":1},{\"insert\":\"a\"}]}",
		    "{\"ops\":[{\"insert\":\"a\"}]}",
		    "{\"ops\":[{\"insert\":\"ba\"}]}" },
		{ "[{\"retain\":1,\"attributes\":{\"b\":1,\"c\":1}}]",
		    "[{\"retain\":1,\"attributes\":{\"b\":2}}]",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"c\":1}}]}",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"b\":1,\"c\":1}}]}",
		    "{\"ops\":[{\"retain\":1,\"attributes\":{\"b\":2,\"c\":1}}]}" },
		/* An insert goes before a delete at the same place. */
		{ "[{\"delete\":1}]", "[{\"insert\":\"x\"}]",
		    "{\"ops\":[{\"retain\":1},{\"delete\":1}]}",
		    "{\"ops\":[{\"retain\":1},{\"delete\":1}]}",
		    "{\"ops\":[{\"insert\":\"x\"},{\"delete\":1}]}" },
		{ "[{\"insert\":\"\xf0\x9f\x98\x80\"}]",
		    "[{\"retain\":1},{\"insert\":\"\\ude01\"},{\"delete\":1}]",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x80\"}]}",
		    "{\"ops\":[{\"insert\":\"\xf0\x9f\x98\x81\"}]}" },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		a = edit(row[i].a);
		b = edit(row[i].b);
		assert_int_equal(t->transform(a, b, OT_LEFT, &out, &err), 0);
		assert_edit(out, row[i].left);
		assert_int_equal(t->transform(a, b, OT_RIGHT, &out, &err), 0);
		assert_edit(out, row[i].right);
		assert_int_equal(t->compose(a, b, &out, &err), 0);
		assert_edit(out, row[i].composed);
		t->edit_free(a);
		t->edit_free(b);
	}
}

/* Fields of ops that mean nothing are dropped, or else refused. */
static void
test_odd_fields(void **state)
{
	struct ot_edit *odd = edit("[{\"insert\":\"ab\",\"x\":1},"
	    "{\"insert\":5,\"y\":1}]");
	struct ot_edit *early = edit("[{\"retain\":1},{\"insert\":\"z\"}]");
	struct ot_edit *late = edit("[{\"retain\":3},{\"insert\":\"z\"}]");
	struct ot_edit *out;
	struct ot_err err;

	(void)state;
	assert_int_equal(t->transform(odd, early, OT_LEFT, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"ab\"},{\"insert\":5}]}");
	assert_int_equal(t->compose(odd, late, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"ab\"},{\"insert\":5},"
	    "{\"insert\":\"z\"}]}");
	assert_int_equal(t->compose(odd, early, &out, &err), 0);
	assert_edit(out, "{\"ops\":[{\"insert\":\"azb\"},{\"insert\":5}]}");
	t->edit_free(early);
	early = edit("[{\"retain\":1,\"attributes\":{\"b\":1}}]");
	assert_int_equal(t->compose(odd, early, &out, &err), OT_ETYPE);
	t->edit_free(odd);
	t->edit_free(early);
	t->edit_free(late);
}

static struct json_slice
slice(const char *json)
{
	struct json_reader r;
	struct json_slice s = { NULL, 0, JSON_NONE };
	struct ot_err err;

	json_reader_init(&r, json, strlen(json), &err);
	assert_int_equal(json_skip(&r, &s), 0);
	return s;
}

static void
test_presence(void **state)
{
	static const struct {
		const char *range, *op, *own, *want;
	} row[] = {
		{ "{\"index\":2,\"length\":3,\"x\":1}", "[{\"insert\":\"ab\"}]",
		    "false", "{\"index\":4,\"length\":3,\"x\":1}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":2},{\"insert\":"
		    "\"ab\"}]", "false", "{\"index\":2,\"length\":5}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":2},{\"insert\":"
		    "\"ab\"}]", "true", "{\"index\":4,\"length\":3}" },
		{ "{\"index\":2,\"length\":3}", "[{\"retain\":1},"
		    "{\"delete\":2}]", "false", "{\"index\":1,\"length\":2}" },
		{ "null", "[{\"insert\":\"ab\"}]", "false", "null" },
		{ "{\"index\":2,\"length\":3}", "null", "false",
		    "{\"index\":2,\"length\":3}" },
	};
	struct json_slice range, op, own;
	struct ot_err err;
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_init(&out, SIZE_MAX);
		range = slice(row[i].range);
		op = slice(row[i].op);
		own = slice(row[i].own);
		assert_int_equal(delta_ext.transform_presence(&range, &op,
		    &own, &out, &err), 0);
		assert_text(&out, row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_order_of_attributes),
		cmocka_unit_test(test_edits_print_as_read),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_apply_refuses_misfits),
		cmocka_unit_test(test_transform_and_compose),
		cmocka_unit_test(test_odd_fields),
		cmocka_unit_test(test_presence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
