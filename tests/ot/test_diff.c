/* Edits by diff: tables of what becomes of what; sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "diffs.h"
#include "ot/type.h"

struct row {
	const char *from, *to;
	const char *op;		/* NULL: none is needed */
};

static void
check_rows(const struct ot_type *t, const struct row *rows, size_t n)
{
	size_t i;
	char *op;

	for (i = 0; i < n; i++) {
		op = diffs_check(t, rows[i].from, rows[i].to);
		if ((op == NULL) != (rows[i].op == NULL) ||
		    (op != NULL && strcmp(op, rows[i].op) != 0))
			fail_msg("%s to %s: %s, not %s", rows[i].from,
			    rows[i].to, op, rows[i].op);
		free(op);
	}
}

#define CHECK_ROWS(type, rows) \
	check_rows(type, rows, sizeof(rows) / sizeof(rows[0]))

static void
test_text_unicode(void **state)
{
	static const struct row rows[] = {
		{ "\"\"", "\"\"", NULL },
		{ "\"abc\"", "\"abc\"", NULL },
		{ "\"\"", "\"abc\"", "[\"abc\"]" },
		{ "\"abc\"", "\"\"", "[{\"d\":3}]" },
		{ "\"hello world\"", "\"hello, world\"", "[5,\",\"]" },
		{ "\"hello world\"", "\"hell world\"", "[4,{\"d\":1}]" },
		/* A character is never cut, not even where the bytes agree. */
		{ "\"x\xf0\x9f\x98\x80y\"", "\"x\xf0\x9f\x98\x81y\"",
		    "[1,\"\xf0\x9f\x98\x81\",{\"d\":1}]" },
		{ "\"\xc3\xa9\"", "\"\xc3\xa8\"", "[\"\xc3\xa8\",{\"d\":1}]" },
		/* Two changes, with most of it in between. */
		{ "\"The quick brown fox\"", "\"A quick brown dog\"",
		    "[\"A\",{\"d\":3},13,\"dog\",{\"d\":3}]" },
		/* What is alike by chance does not stay. */
		{ "\"abcdefgh\"", "\"vwxyzhij\"",
		    "[\"vwxyzhij\",{\"d\":8}]" },
	};

	(void)state;
	CHECK_ROWS(&ot_type_text_unicode, rows);
}

static void
test_text_and_text0(void **state)
{
	static const struct row text[] = {
		{ "\"a\xf0\x9f\x98\x80z\"", "\"a\xf0\x9f\x98\x80yz\"",
		    "[3,\"y\"]" },
		/* Lone surrogates come and go like other code points. */
		{ "\"a\\ud83db\"", "\"a\\ud83d\\ude00b\"",
		    "[1,\"\xf0\x9f\x98\x80\",{\"d\":1}]" },
	};
	static const struct row text0[] = {
		{ "\"one two\"", "\"two\"", "[{\"p\":0,\"d\":\"one \"}]" },
		{ "\"The quick brown fox\"", "\"A quick brown dog\"",
		    "[{\"p\":0,\"d\":\"The\"},{\"p\":0,\"i\":\"A\"},"
		    "{\"p\":14,\"d\":\"fox\"},{\"p\":14,\"i\":\"dog\"}]" },
	};

	(void)state;
	CHECK_ROWS(&ot_type_text, text);
	CHECK_ROWS(&ot_type_text0, text0);
}

static void
test_json0(void **state)
{
	static const struct row rows[] = {
		{ "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", NULL },
		{ NULL, NULL, NULL },
		{ NULL, "{}", "[{\"p\":[],\"oi\":{}}]" },
		{ "{}", NULL, "[{\"p\":[],\"od\":{}}]" },
		{ "[]", "{}", "[{\"p\":[],\"od\":[],\"oi\":{}}]" },
		{ "{\"n\":1}", "{\"n\":2}", "[{\"p\":[\"n\"],\"od\":1,\"oi\":2}]" },
		{ "{\"a\":1}", "{\"b\":null}",
		    "[{\"p\":[\"a\"],\"od\":1},{\"p\":[\"b\"],\"oi\":null}]" },
		/* Short and other: replaced.  Else edited. */
		{ "{\"s\":\"open\"}", "{\"s\":\"done\"}",
		    "[{\"p\":[\"s\"],\"od\":\"open\",\"oi\":\"done\"}]" },
		{ "{\"s\":\"hello\"}", "{\"s\":\"hello!\"}",
		    "[{\"p\":[\"s\",5],\"si\":\"!\"}]" },
		{ "{\"s\":\"\"}", "{\"s\":\"new\"}",
		    "[{\"p\":[\"s\",0],\"si\":\"new\"}]" },
		{ "\"root\"", "\"roots\"", "[{\"p\":[4],\"si\":\"s\"}]" },
		/* Lists by what is equal. */
		{ "[1,2,3]", "[1,3]", "[{\"p\":[1],\"ld\":2}]" },
		{ "[1,3]", "[1,2,3]", "[{\"p\":[1],\"li\":2}]" },
		{ "[1,2]", "[1,3]", "[{\"p\":[1],\"ld\":2,\"li\":3}]" },
		{ "[{\"id\":1,\"t\":\"a\"},{\"id\":2,\"t\":\"b\"}]",
		    "[{\"id\":3,\"t\":\"a\"},{\"id\":2,\"t\":\"bc\"}]",
		    "[{\"p\":[0,\"id\"],\"od\":1,\"oi\":3},"
		    "{\"p\":[1,\"t\",1],\"si\":\"c\"}]" },
		/* An item that came, and its neighbour that changed. */
		{ "[{\"id\":1,\"t\":\"a\"}]",
		    "[{\"id\":7,\"t\":\"a\"},{\"id\":1,\"t\":\"ab\"}]",
		    "[{\"p\":[0],\"li\":{\"id\":7,\"t\":\"a\"}},"
		    "{\"p\":[1,\"t\",1],\"si\":\"b\"}]" },
		{ "[[1],[2],[3]]", "[[3],[1],[2]]", "[{\"p\":[2],\"lm\":0}]" },
		{ "[\"a\",\"b\",\"c\",4]", "[4,\"c\",\"a\",\"b\"]",
		    "[{\"p\":[3],\"ld\":4},{\"p\":[2],\"lm\":0},{\"p\":[0],\"li\":4}]" },
		/* A name that no path may have. */
		{ "{\"x\":{\"constructor\":1,\"y\":1}}",
		    "{\"x\":{\"constructor\":2,\"y\":1}}",
		    "[{\"p\":[\"x\"],\"od\":{\"constructor\":1,\"y\":1},"
		    "\"oi\":{\"constructor\":2,\"y\":1}}]" },
	};

	(void)state;
	CHECK_ROWS(&ot_type_json0, rows);
}

static void
test_json1(void **state)
{
	static const struct row rows[] = {
		{ "{\"a\":[{}]}", "{\"a\":[{}]}", NULL },
		{ NULL, NULL, NULL },
		{ NULL, "1", "[{\"i\":1}]" },
		{ "1", NULL, "[{\"r\":true}]" },
		{ "1", "2", "[{\"r\":true,\"i\":2}]" },
		{ "{\"a\":1}", "{\"b\":1}",
		    "[[\"a\",{\"r\":true}],[\"b\",{\"i\":1}]]" },
		{ "{\"a\":{\"s\":\"abc\"}}", "{\"a\":{\"s\":\"abcd\"}}",
		    "[\"a\",\"s\",{\"es\":[3,\"d\"]}]" },
		{ "{\"s\":\"abc\\ud83d\"}", "{\"s\":\"abc\"}",
		    "[\"s\",{\"r\":true,\"i\":\"abc\"}]" },
		{ "[1,2,{\"a\":1}]", "[2,{\"b\":1},3]",
		    "[[0,{\"r\":true}],[1,\"b\",{\"i\":1}],[2,{\"i\":3},\"a\",{\"r\":true}]]" },
		{ "{}", "{\"toString\":1}", "[{\"r\":true,\"i\":{\"toString\":1}}]" },
		{ "[\"x\",\"y\",\"z\"]", "[\"z\",\"x\",\"y\"]",
		    "[[0,{\"d\":0}],[2,{\"p\":0}]]" },
	};

	(void)state;
	CHECK_ROWS(&ot_type_json1, rows);
}

static void
test_rich_text(void **state)
{
	static const struct row rows[] = {
		{ "[{\"insert\":\"ab\"}]", "[{\"insert\":\"a\"},{\"insert\":\"b\"}]",
		    NULL },
		{ "[{\"insert\":\"Test\"}]",
		    "[{\"insert\":\"Test\",\"attributes\":{\"b\":true}}]",
		    "{\"ops\":[{\"retain\":4,\"attributes\":{\"b\":true}}]}" },
		{ "[{\"insert\":\"Test\",\"attributes\":{\"b\":true,\"i\":1}}]",
		    "[{\"insert\":\"Test\",\"attributes\":{\"i\":1}}]",
		    "{\"ops\":[{\"retain\":4,\"attributes\":{\"b\":null}}]}" },
		{ "[{\"insert\":{\"img\":1}}]", "[{\"insert\":{\"img\":2}}]",
		    "{\"ops\":[{\"insert\":{\"img\":2}},{\"delete\":1}]}" },
		{ "[{\"insert\":{\"img\":1}},{\"insert\":{\"img\":2}}]",
		    "[{\"insert\":{\"img\":2}}]", "{\"ops\":[{\"delete\":1}]}" },
		{ "[{\"insert\":7}]", "[{\"insert\":\"\\u0000\"}]",
		    "{\"ops\":[{\"insert\":\"\\u0000\"},{\"delete\":1}]}" },
		/* No retain makes an attribute null. */
		{ "[{\"insert\":\"ab\"}]",
		    "[{\"insert\":\"ab\",\"attributes\":{\"b\":null}}]",
		    "{\"ops\":[{\"insert\":\"ab\",\"attributes\":{\"b\":null}},"
		    "{\"delete\":2}]}" },
	};

	(void)state;
	CHECK_ROWS(&ot_type_rich_text, rows);
}

/* No slice at all is what an absent one is. */
static void
test_undefined(void **state)
{
	struct json_slice one = diffs_slice("1"), text = diffs_slice("\"a\"");
	struct buf out = BUF_INIT;
	struct ot_err err;

	(void)state;
	assert_int_equal(diff_edit(&ot_type_json0, NULL, &one, &out, &err), 1);
	assert_int_equal(diff_edit(&ot_type_json1, &one, NULL, &out, &err), 1);
	assert_int_equal(diff_edit(&ot_type_json0, NULL, NULL, &out, &err), 0);
	assert_int_equal(diff_edit(&ot_type_text, NULL, &text, &out, &err), 1);
	assert_int_equal(diff_edit(&ot_type_rich_text, NULL, NULL, &out, &err),
	    0);
	buf_putc(&out, '\0');
	assert_string_equal(out.data,
	    "[{\"p\":[],\"oi\":1}][{\"r\":true}][\"a\"]");
	buf_done(&out);
}

static void
test_refused(void **state)
{
	static const struct {
		const struct ot_type *t;
		const char *from, *to;
		int code;
	} rows[] = {
		{ &ot_type_text, "\"a\"", "1", OT_ETYPE },
		{ &ot_type_text_unicode, "\"a\"", "null", OT_ETYPE },
		{ &ot_type_text_unicode, "\"a\"", "\"\\ud83d\"", OT_ETYPE },
		{ &ot_type_text0, "\"a\"", "\"b", OT_EJSON },
		{ &ot_type_json0, "{}", "{", OT_EJSON },
		{ &ot_type_json0, "{}", "{\"__proto__\":1}", OT_EBADLY },
		{ &ot_type_json1, "{}", "{\"__proto__\":1}", OT_EBADLY },
		{ &ot_type_rich_text, "[]", "[{\"retain\":1}]", OT_ETYPE },
	};
	struct buf out = BUF_INIT;
	struct json_slice a, b;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = diffs_slice(rows[i].from);
		b = diffs_slice(rows[i].to);
		err.code = 0;
		if (diff_edit(rows[i].t, &a, &b, &out, &err) != rows[i].code ||
		    err.code != rows[i].code)
			fail_msg("%s: %d %s", rows[i].to, err.code, err.text);
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_unicode),
		cmocka_unit_test(test_text_and_text0),
		cmocka_unit_test(test_json0),
		cmocka_unit_test(test_json1),
		cmocka_unit_test(test_rich_text),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
