/* The types text and text-unicode: tables of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/text_transform.h"
#include "ot/type.h"

static const struct ot_type *const both[] = {
	&ot_type_text, &ot_type_text_unicode
};

/* ---- helpers ---- */

static void
assert_text(struct buf *b, const char *want)
{
	buf_putc(b, '\0');
	assert_false(buf_failed(b));
	assert_string_equal(b->data, want);
	buf_done(b);
}

static void
assert_edit(const struct ot_type *t, struct ot_edit *e, const char *want)
{
	struct buf b = BUF_INIT;

	t->edit_print(e, &b);
	assert_text(&b, want);
}

static void
assert_data(const struct ot_type *t, const struct ot_data *d, const char *want)
{
	struct buf b = BUF_INIT;

	assert_true(t->print(d, &b));
	assert_text(&b, want);
}

/* ---- parsing ---- */

static void
test_refused_edits(void **state)
{
	static const struct {
		const char *json;
		int which;		/* 0 text, 1 text-unicode, 2 both */
		int code;
		const char *text;
	} row[] = {
		{ "{}", 2, OT_EAPPLY, "Op must be an array of components" },
		{ "\"x\"", 2, OT_EAPPLY, "Op must be an array of components" },
		{ "[\"\"]", 2, OT_EAPPLY, "Inserts cannot be empty" },
		{ "[0,\"x\"]", 2, OT_EAPPLY, "Skip components must be >0" },
		{ "[-1,\"x\"]", 2, OT_EAPPLY, "Skip components must be >0" },
		{ "[1,2,\"x\"]", 2, OT_EAPPLY,
		    "Adjacent skip components should be combined" },
		{ "[\"x\",1]", 2, OT_EAPPLY, "Op has a trailing skip" },
		{ "[1]", 2, OT_EAPPLY, "Op has a trailing skip" },
		{ "[{\"d\":0}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{\"d\":\"x\"}]", 0, OT_EAPPLY,
		    "Object components must be deletes of size > 0" },
		{ "[{\"d\":true}]", 1, OT_EAPPLY,
		    "Delete must be number or string" },
		{ "[{\"d\":0}]", 1, OT_EAPPLY, "Deletes must not be empty" },
		{ "[{\"d\":\"\"}]", 1, OT_EAPPLY, "Deletes must not be empty" },
		{ "[\"\\ud83d\"]", 1, OT_EAPPLY,
		    "Lone surrogates are not allowed" },
		{ "[{\"d\":\"\\ude00\"}]", 1, OT_EAPPLY,
		    "Lone surrogates are not allowed" },
		{ "[1.5,\"x\"]", 2, OT_EAPPLY, "Counts must be whole numbers" },
		{ "[{\"d\":0.5}]", 2, OT_EAPPLY,
		    "Counts must be whole numbers" },
		{ "[9007199254740992,\"x\"]", 2, OT_EAPPLY,
		    "The op is too long" },
		{ "[true]", 2, OT_EAPPLY,
		    "Components must be numbers, strings or deletes" },
		{ "[null]", 2, OT_EAPPLY,
		    "Components must be numbers, strings or deletes" },
		{ "[{\"d\":1,\"i\":2}]", 2, OT_EAPPLY,
		    "Deletes have no other field than d" },
		{ "[\"x\"", 2, OT_EJSON, NULL },
		{ "[\"x\"]]", 2, OT_EJSON, NULL },
		{ "", 2, OT_EAPPLY, NULL },
	};
	struct ot_edit *e;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			e = NULL;
			assert_int_equal(both[k]->edit_parse(row[i].json,
			    strlen(row[i].json), &e, &err), row[i].code);
			assert_null(e);
			if (row[i].text != NULL)
				assert_string_equal(err.text, row[i].text);
		}
	}
}

static void
test_edits_print_as_read(void **state)
{
	static const char *const row[] = {
		"[]", "[\"a\",\"b\"]", "[5,\"x\",{\"d\":3}]",
		"[{\"d\":1},{\"d\":2},\"x\"]", "[\"\\n\\\"\\\\\xc3\xa9\"]",
		"[9007199254740991,\"x\"]",
	};
	struct ot_edit *e;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			e = edits_parse(both[k], row[i]);
			assert_edit(both[k], e, row[i]);
			assert_int_equal(both[k]->edit_is_empty(e), i == 0);
			both[k]->edit_free(e);
		}
	}
	e = edits_parse(&ot_type_text, "[\"\\uD83D\",1,\"\\ud83d\\uDE00\"]");
	assert_edit(&ot_type_text, e, "[\"\\ud83d\",1,\"\xf0\x9f\x98\x80\"]");
	ot_type_text.edit_free(e);
	e = edits_parse(&ot_type_text_unicode, " [ 1 , { \"d\" : \"\\u0041\" } ] ");
	assert_edit(&ot_type_text_unicode, e, "[1,{\"d\":\"A\"}]");
	ot_type_text_unicode.edit_free(e);
}

static void
test_create(void **state)
{
	struct ot_data *d = NULL;
	struct ot_err err;

	(void)state;
	assert_int_equal(ot_type_text.create("null", 4, &d, &err), 0);
	assert_data(&ot_type_text, d, "\"\"");
	ot_type_text.data_free(d);
	assert_int_equal(ot_type_text_unicode.create(NULL, 0, &d, &err), 0);
	assert_data(&ot_type_text_unicode, d, "\"\"");
	ot_type_text_unicode.data_free(d);
	assert_int_equal(ot_type_text_unicode.create("null", 4, &d, &err),
	    OT_ETYPE);
	assert_string_equal(err.text, "Initial data must be a string");
	assert_int_equal(ot_type_text.create("3", 1, &d, &err), OT_ETYPE);
	assert_int_equal(ot_type_text_unicode.create("\"\\udc00\"", 8, &d,
	    &err), OT_ETYPE);
	d = edits_load(&ot_type_text, "\"a\\udc00b\"");
	assert_data(&ot_type_text, d, "\"a\\udc00b\"");
	ot_type_text.data_free(d);
}

/* ---- the verbs, case by case ---- */

struct verb_row {
	int		 which;		/* 0 text, 1 text-unicode, 2 both */
	const char	*a, *b;
	const char	*left, *right;	/* transform; or left alone */
};

static void
test_transform(void **state)
{
	static const struct verb_row row[] = {
		{ 2, "[\"a\"]", "[\"b\"]", "[\"a\"]", "[1,\"a\"]" },
		/* One insert only goes before: the reference's TP1 hole. */
		{ 2, "[\"X\",\"Z\"]", "[\"Y\"]", "[\"X\",1,\"Z\"]",
		    "[1,\"XZ\"]" },
		{ 2, "[2,\"a\"]", "[{\"d\":4}]", "[\"a\"]", "[\"a\"]" },
		{ 2, "[1,{\"d\":3}]", "[2,\"x\"]", "[1,{\"d\":1},1,{\"d\":2}]",
		    "[1,{\"d\":1},1,{\"d\":2}]" },
		{ 2, "[{\"d\":2}]", "[{\"d\":2}]", "[]", "[]" },
		{ 2, "[{\"d\":3},\"x\"]", "[1,{\"d\":1}]", "[{\"d\":2},\"x\"]",
		    "[{\"d\":2},\"x\"]" },
		{ 1, "[1,{\"d\":\"bcd\"}]", "[2,{\"d\":1}]",
		    "[1,{\"d\":\"bd\"}]", "[1,{\"d\":\"bd\"}]" },
		{ 1, "[{\"d\":\"ab\"},{\"d\":1}]", "[1,\"x\"]",
		    "[{\"d\":\"a\"},1,{\"d\":2}]",
		    "[{\"d\":\"a\"},1,{\"d\":2}]" },
		{ 0, "[1,\"\\ude01\",{\"d\":1}]", "[2,\"x\"]",
		    "[1,\"\\ude01\",{\"d\":1}]", "[1,\"\\ude01\",{\"d\":1}]" },
		{ 0, "[3,\"a\"]", "[\"\\ud83d\\ude00\"]", "[5,\"a\"]",
		    "[5,\"a\"]" },
		{ 1, "[3,\"a\"]", "[\"\\ud83d\\ude00\"]", "[4,\"a\"]",
		    "[4,\"a\"]" },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			a = edits_parse(both[k], row[i].a);
			b = edits_parse(both[k], row[i].b);
			assert_int_equal(both[k]->transform(a, b, OT_LEFT,
			    &out, &err), 0);
			assert_edit(both[k], out, row[i].left);
			both[k]->edit_free(out);
			assert_int_equal(both[k]->transform(a, b, OT_RIGHT,
			    &out, &err), 0);
			assert_edit(both[k], out, row[i].right);
			both[k]->edit_free(out);
			both[k]->edit_free(a);
			both[k]->edit_free(b);
		}
	}
}

static void
test_compose(void **state)
{
	static const struct verb_row row[] = {
		{ 2, "[\"abc\"]", "[1,{\"d\":1}]", "[\"ac\"]", NULL },
		{ 2, "[2,{\"d\":1}]", "[2,\"x\"]", "[2,\"x\",{\"d\":1}]",
		    NULL },
		{ 2, "[\"a\"]", "[{\"d\":1}]", "[]", NULL },
		{ 1, "[1,\"xy\"]", "[{\"d\":\"axyb\"}]", "[{\"d\":\"ab\"}]",
		    NULL },
		{ 1, "[{\"d\":1}]", "[{\"d\":\"b\"}]", "[{\"d\":2}]", NULL },
		/* The halves of a pair part, and join again. */
		{ 0, "[\"\\ud83d\\ude00\"]", "[1,\"x\"]",
		    "[\"\\ud83dx\\ude00\"]", NULL },
		{ 0, "[\"\\ud83dx\\ude00\"]", "[1,{\"d\":1}]",
		    "[\"\xf0\x9f\x98\x80\"]", NULL },
		{ 0, "[\"\\ud83d\\ude00\"]", "[1,\"\\ude01\",{\"d\":1}]",
		    "[\"\xf0\x9f\x98\x81\"]", NULL },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			if (row[i].which != 2 && (size_t)row[i].which != k)
				continue;
			a = edits_parse(both[k], row[i].a);
			b = edits_parse(both[k], row[i].b);
			assert_int_equal(both[k]->compose(a, b, &out, &err), 0);
			assert_edit(both[k], out, row[i].left);
			both[k]->edit_free(out);
			both[k]->edit_free(a);
			both[k]->edit_free(b);
		}
	}
}

static void
test_apply_refuses_misfits(void **state)
{
	static const char *const row[] = {
		"[4,\"x\"]", "[\"x\",{\"d\":4}]", "[{\"d\":1},3,\"x\"]",
		"[\"xyz\",4,\"a\"]", "[2,{\"d\":2}]",
	};
	struct ot_data *d;
	struct ot_edit *e;
	struct ot_undo *undo;
	struct ot_err err;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		d = edits_load(both[k], "\"abc\"");
		for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			e = edits_parse(both[k], row[i]);
			undo = NULL;
			assert_int_equal(both[k]->apply(d, e, &undo, &err),
			    OT_EAPPLY);
			assert_string_equal(err.text,
			    "The op is too long for this document");
			assert_null(undo);
			assert_data(both[k], d, "\"abc\"");
			both[k]->edit_free(e);
		}
		both[k]->data_free(d);
	}
}

static void
test_invert_wants_names(void **state)
{
	const struct ot_type *t = &ot_type_text_unicode;
	struct ot_edit *e = edits_parse(t, "[1,{\"d\":1}]"), *out = NULL;
	struct ot_err err;

	(void)state;
	assert_null(ot_type_text.invert);
	assert_int_equal(t->invert(e, &out, &err), OT_ETYPE);
	assert_null(out);
	t->edit_free(e);
	e = edits_parse(t, "[1,{\"d\":\"b\"},2,\"x\"]");
	assert_int_equal(t->invert(e, &out, &err), 0);
	assert_edit(t, out, "[1,\"b\",2,{\"d\":\"x\"}]");
	t->edit_free(out);
	t->edit_free(e);
}

static void
test_cursors(void **state)
{
	struct ot_edit *e = edits_parse(&ot_type_text, "[3,\"ab\",2,{\"d\":4}]");

	(void)state;
	assert_int_equal(text_move_cursor(e, 0), 0);
	assert_int_equal(text_move_cursor(e, 3), 3);	/* at the insert */
	assert_int_equal(text_move_cursor(e, 4), 6);
	assert_int_equal(text_move_cursor(e, 7), 7);	/* in the delete */
	assert_int_equal(text_move_cursor(e, 12), 10);
	assert_int_equal(text_own_cursor(e), 7);
	ot_type_text.edit_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_edits_print_as_read),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_apply_refuses_misfits),
		cmocka_unit_test(test_invert_wants_names),
		cmocka_unit_test(test_cursors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
