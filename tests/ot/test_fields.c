/*
 * fields: what is shown when memory runs out: nothing, and nothing is lost.
 * What is shown otherwise is looked at in tests/core/test_project.c and
 * tests/differential.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ot/fields.h"
#include "tests/ot/edits.h"
#include "tests/ot/starve.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const names[] = { "a", "b", "", "k\xc3\xa9" };

static struct ot_fields *
fields_of_names(void)
{
	struct ot_fields *f = ot_fields_new(names, COUNT(names));

	assert_non_null(f);
	return f;
}

static void
test_new(void **state)
{
	struct ot_fields *f;
	long n;

	(void)state;
	for (n = 0; n < 100; n++) {
		starve_after = n;
		f = ot_fields_new(names, COUNT(names));
		starve_after = -1;
		if (f != NULL)
			break;
	}
	assert_int_equal(n, COUNT(names) + 1);
	ot_fields_free(f);
	f = ot_fields_new(NULL, 0);
	assert_non_null(f);
	ot_fields_free(f);
	ot_fields_free(NULL);
}

/* Each allocation fails in turn; in the end it prints shown. */
static void
starve(const struct ot_type *t, const char *op, const char *shown)
{
	struct ot_edit *edit = edits_parse(t, op), *picked = NULL;
	struct ot_fields *f = fields_of_names();
	struct ot_err err;
	char *text, *before;
	int rc = OT_ENOMEM;
	long n;

	for (n = 0; rc != 0; n++) {
		starve_after = n;
		rc = t->fields->edit_pick(edit, f, &picked, &err);
		starve_after = -1;
		if (rc != 0) {
			assert_int_equal(rc, OT_ENOMEM);
			assert_int_equal(err.code, OT_ENOMEM);
			assert_null(picked);
		}
	}
	assert_true(n > 1);
	text = edits_show(t, picked);
	if (!edits_same(text, shown))
		fail_msg("%s shows %s", op, text);
	free(text);
	/* The op is as it was. */
	before = edits_show(t, edit);
	assert_true(edits_same(before, op));
	free(before);
	ot_fields_free(f);
}

static void
test_starved(void **state)
{
	static const struct {
		const struct ot_type *t;
		const char *op, *shown;
	} rows[] = {
		{ &ot_type_json0, "[{\"p\":[\"a\"],\"oi\":[1]},{\"p\":[\"x\"],"
		    "\"oi\":1},{\"p\":[\"b\",0],\"lm\":1},{\"p\":[\"\",\"y\"],"
		    "\"od\":1}]", "[{\"p\":[\"a\"],\"oi\":[1]},{\"p\":[\"b\",0],"
		    "\"lm\":1},{\"p\":[\"\",\"y\"],\"od\":1}]" },
		{ &ot_type_json0, "[{\"p\":[],\"od\":{\"a\":1,\"x\":2},\"oi\":"
		    "{\"k\xc3\xa9\":[1],\"b\":3,\"y\":4}}]", "[{\"p\":[],\"od\":"
		    "{\"a\":1},\"oi\":{\"b\":3,\"k\xc3\xa9\":[1]}}]" },
		{ &ot_type_json1, "[[\"a\",{\"p\":0}],[\"b\",{\"d\":0},[\"q\","
		    "{\"i\":[5]}],[\"z\",{\"es\":[1,\"t\"]}]],[\"x\",{\"r\":true}]]",
		    "[[\"a\",{\"p\":0}],[\"b\",{\"d\":0},[\"q\",{\"i\":[5]}],"
		    "[\"z\",{\"es\":[1,\"t\"]}]]]" },
		{ &ot_type_json1, "[{\"r\":true,\"i\":{\"a\":1,\"x\":2}},\"b\","
		    "{\"i\":3}]", "[{\"r\":true,\"i\":{\"a\":1}},\"b\",{\"i\":3}]" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		starve(rows[i].t, rows[i].op, rows[i].shown);
}

/* An object keeps no more than its fields, in their order. */
static void
test_order(void **state)
{
	static const struct ot_type *const types[] = {
		&ot_type_json0, &ot_type_json1,
	};
	struct ot_fields *f = fields_of_names();
	struct ot_data *data;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(types); i++) {
		data = edits_load(types[i], "{\"x\":1,\"\":2,\"b\":{\"x\":[]},"
		    "\"a\":null}");
		buf_reset(&b);
		assert_true(types[i]->fields->data_print(data, f, &b));
		buf_putc(&b, '\0');
		assert_string_equal(b.data,
		    "{\"a\":null,\"b\":{\"x\":[]},\"\":2}");
		types[i]->data_free(data);
	}
	buf_done(&b);
	ot_fields_free(f);
}

static void
test_other_types(void **state)
{
	(void)state;
	assert_null(ot_type_text.fields);
	assert_null(ot_type_text_unicode.fields);
	assert_null(ot_type_text0.fields);
	assert_null(ot_type_rich_text.fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_starved),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_other_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
