/* JSON Patch and merge patch: the examples of RFC 6902 and RFC 7396, and more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/patch.h"
#include "starve.h"

typedef int patch_fn(const struct json_slice *, const struct json_slice *,
		    struct buf *, struct ot_err *);

static struct json_slice
slice(const char *json)
{
	return (struct json_slice){ json, json != NULL ? strlen(json) : 0,
	    JSON_NONE };
}

static int
run(patch_fn *fn, const char *doc, const char *patch, struct buf *out,
    struct ot_err *err)
{
	struct json_slice d = slice(doc), p = slice(patch);

	return fn(&d, &p, out, err);
}

/* Each allocation failing in turn; the last run succeeds. */
static void
run_hungry(patch_fn *fn, const char *doc, const char *patch, struct buf *out,
    struct ot_err *err)
{
	int rc = OT_ENOMEM;
	long n;

	for (n = 0; rc == OT_ENOMEM && n < 1000; n++) {
		buf_done(out);
		starve_after = n;
		rc = run(fn, doc, patch, out, err);
		starve_after = -1;
	}
	if (rc != 0)
		fail_msg("%s on %s: %s", patch, doc, err->text);
}

static void
check(patch_fn *fn, const char *doc, const char *patch, const char *want)
{
	struct buf out = BUF_INIT;
	struct ot_err err;

	run_hungry(fn, doc, patch, &out, &err);
	buf_putc(&out, '\0');
	if (!edits_same(out.data, want))
		fail_msg("%s on %s: %s, not %s", patch, doc, out.data, want);
	buf_done(&out);
}

/* ---- JSON Patch ---- */

static void
test_applied(void **state)
{
	static const struct {
		const char *doc, *patch, *want;
	} rows[] = {
		/* RFC 6902, appendix A. */
		{ "{\"foo\":\"bar\"}",
		    "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
		    "{\"baz\":\"qux\",\"foo\":\"bar\"}" },
		{ "{\"foo\":[\"bar\",\"baz\"]}",
		    "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
		    "{\"foo\":[\"bar\",\"qux\",\"baz\"]}" },
		{ "{\"baz\":\"qux\",\"foo\":\"bar\"}",
		    "[{\"op\":\"remove\",\"path\":\"/baz\"}]", "{\"foo\":\"bar\"}" },
		{ "{\"foo\":[\"bar\",\"qux\",\"baz\"]}",
		    "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]",
		    "{\"foo\":[\"bar\",\"baz\"]}" },
		{ "{\"baz\":\"qux\",\"foo\":\"bar\"}",
		    "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
		    "{\"baz\":\"boo\",\"foo\":\"bar\"}" },
		{ "{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},"
		    "\"qux\":{\"corge\":\"grault\"}}",
		    "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
		    "{\"foo\":{\"bar\":\"baz\"},"
		    "\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}" },
		{ "{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
		    "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
		    "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}" },
		{ "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
		    "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
		    "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
		    "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}" },
		{ "{\"foo\":\"bar\"}",
		    "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
		    "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}" },
		{ "{\"foo\":\"bar\"}",
		    "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
		    "{\"foo\":\"bar\",\"baz\":\"qux\"}" },
		{ "{\"/\":9,\"~1\":10}",
		    "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]",
		    "{\"/\":9,\"~1\":10}" },
		{ "{\"foo\":[\"bar\"]}",
		    "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
		    "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}" },
		/* What the text says beside them. */
		{ "{}", "[]", "{}" },
		{ "1", "[{\"op\":\"add\",\"path\":\"\",\"value\":[]}]", "[]" },
		{ "1", "[{\"op\":\"replace\",\"path\":\"\",\"value\":2}]", "2" },
		{ NULL, "[{\"op\":\"add\",\"path\":\"\",\"value\":2}]", "2" },
		{ "[1]", "[{\"op\":\"add\",\"path\":\"/1\",\"value\":2}]", "[1,2]" },
		{ "{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2}]",
		    "{\"a\":2}" },
		{ "{\"\":1}", "[{\"op\":\"move\",\"from\":\"/\",\"path\":\"/~0\"}]",
		    "{\"~\":1}" },
		{ "{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]",
		    "{\"a\":1}" },
		{ "{\"a\":[1]}",
		    "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},"
		    "{\"op\":\"add\",\"path\":\"/b/0\",\"value\":0},"
		    "{\"op\":\"copy\",\"from\":\"\",\"path\":\"/c\"},"
		    "{\"op\":\"remove\",\"path\":\"/c/a/0\"}]",
		    "{\"a\":[1],\"b\":[0,1],\"c\":{\"a\":[],\"b\":[0,1]}}" },
		{ "{\"a\":{\"x\":[1,2]}}",
		    "[{\"op\":\"test\",\"path\":\"\",\"value\":{\"a\":{\"x\":[1.0,2e0]}}}]",
		    "{\"a\":{\"x\":[1,2]}}" },
		{ "{\"a\":{\"b\":1}}",
		    "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/a\"}]",
		    "{\"a\":1}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(patch_json, rows[i].doc, rows[i].patch, rows[i].want);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *doc, *patch;
		int code;
		const char *why;
	} rows[] = {
		{ "{}", "{}", OT_EBADLY, "a JSON Patch is a list of operations" },
		{ "{}", "[1]", OT_EBADLY, "operation 0: not an object" },
		{ "{}", "[{}]", OT_EBADLY, "operation 0: \"op\" must be a string" },
		{ "{}", "[{\"op\":\"spam\",\"path\":\"\"}]", OT_EBADLY,
		    "operation 0: \"op\" is none of add, remove, replace, move, "
		    "copy, test" },
		{ "{}", "[{\"op\":\"add\",\"value\":1}]", OT_EBADLY,
		    "operation 0: \"path\" must be a string" },
		{ "{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", OT_EBADLY,
		    "operation 0: \"value\" is missing" },
		{ "{}", "[{\"op\":\"copy\",\"path\":\"/a\"}]", OT_EBADLY,
		    "operation 0: \"from\" must be a string" },
		{ "{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]", OT_EBADLY,
		    "operation 0: \"path\": a JSON Pointer begins with \"/\" or "
		    "is empty" },
		{ "{}", "[{\"op\":\"add\",\"path\":\"/~2\",\"value\":1}]",
		    OT_EBADLY, "operation 0: \"path\": in a JSON Pointer, \"~\" "
		    "is written \"~0\"" },
		{ "{}", "[{\"op\":\"add\",\"path\":\"\",\"value\":}]", OT_EJSON,
		    NULL },
		{ "{}", "[] []", OT_EJSON, NULL },
		{ "{\"baz\":\"qux\"}",
		    "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]",
		    OT_ETEST, "operation 0, \"test\" at \"/baz\": it is not the "
		    "value" },
		{ "{\"/\":9,\"~1\":10}",
		    "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]",
		    OT_ETEST, NULL },
		{ "{}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]",
		    OT_ETEST, "operation 0, \"test\" at \"/a\": nothing is there" },
		{ "{\"foo\":\"bar\"}",
		    "[{\"op\":\"test\",\"path\":\"/foo\",\"value\":\"bar\"},"
		    "{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]",
		    OT_EAPPLY, "operation 1, \"add\" at \"/baz/bat\": there is no "
		    "\"baz\" on the way" },
		{ "{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", OT_EAPPLY,
		    "operation 0, \"remove\" at \"/a\": there is no \"a\"" },
		{ "{}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]",
		    OT_EAPPLY, NULL },
		{ "{}", "[{\"op\":\"remove\",\"path\":\"\"}]", OT_EAPPLY,
		    "operation 0, \"remove\" at \"\": the whole document cannot "
		    "be removed" },
		{ "[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]",
		    OT_EAPPLY, "operation 0, \"add\" at \"/2\": the list has 1 "
		    "items only" },
		{ "[1]", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":1}]",
		    OT_EAPPLY, "operation 0, \"add\" at \"/01\": not an index of a "
		    "list" },
		{ "[1]", "[{\"op\":\"add\",\"path\":\"/-1\",\"value\":1}]",
		    OT_EAPPLY, NULL },
		{ "[1]", "[{\"op\":\"add\",\"path\":\"/1e0\",\"value\":1}]",
		    OT_EAPPLY, NULL },
		{ "[1]", "[{\"op\":\"remove\",\"path\":\"/-\"}]", OT_EAPPLY, NULL },
		{ "1", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]", OT_EAPPLY,
		    "operation 0, \"add\" at \"/a\": there is no list or object "
		    "around it" },
		{ "{\"a\":{}}",
		    "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
		    OT_EAPPLY, "operation 0, \"move\" at \"/a/b\": nothing can be "
		    "moved into itself" },
		{ "{}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]",
		    OT_EAPPLY, "operation 0, \"copy\" at \"/b\": there is nothing "
		    "at \"from\"" },
		{ NULL, "[]", OT_EAPPLY, "the document has no content" },
		/* Not UTF-8, so it is not told. */
		{ "{}", "[{\"op\":\"remove\",\"path\":\"/\\ud83d\"}]", OT_EAPPLY,
		    "operation 0, \"remove\" at \"\": there is no \"\"" },
	};
	struct buf out = BUF_INIT;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err.code = 0;
		if (run(patch_json, rows[i].doc, rows[i].patch, &out, &err) !=
		    rows[i].code || err.code != rows[i].code ||
		    (rows[i].why != NULL &&
		    strcmp(err.text, rows[i].why) != 0))
			fail_msg("%s: %d %s", rows[i].patch, err.code,
			    err.text);
		buf_done(&out);
	}
}

/* Copies of copies double; an attack is refused before it takes much. */
static void
test_bombs(void **state)
{
	struct buf patch = BUF_INIT, out = BUF_INIT;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < 64; i++)
		buf_puts(&patch, i == 0 ? "[{\"op\":\"copy\",\"from\":\"\","
		    "\"path\":\"/-\"}" :
		    ",{\"op\":\"copy\",\"from\":\"\",\"path\":\"/-\"}");
	buf_puts(&patch, "]");
	buf_putc(&patch, '\0');
	assert_int_equal(run(patch_json, "[\"0123456789\"]", patch.data, &out,
	    &err), OT_ELIMIT);
	/* Deeper and deeper, without growing: [x] becomes [[x]]. */
	buf_reset(&patch);
	for (i = 0; i < 600; i++)
		buf_puts(&patch, i == 0 ? "[{\"op\":\"add\",\"path\":\"/0\","
		    "\"value\":[]},{\"op\":\"move\",\"from\":\"/1\","
		    "\"path\":\"/0/-\"}" :
		    ",{\"op\":\"add\",\"path\":\"/0\",\"value\":[]},"
		    "{\"op\":\"move\",\"from\":\"/1\",\"path\":\"/0/-\"}");
	buf_puts(&patch, "]");
	buf_putc(&patch, '\0');
	assert_int_equal(run(patch_json, "[0]", patch.data, &out, &err),
	    OT_ELIMIT);
	buf_reset(&patch);
	for (i = 0; i <= PATCH_OPERATIONS_MAX; i++)
		buf_puts(&patch, i == 0 ?
		    "[{\"op\":\"test\",\"path\":\"\",\"value\":0}" :
		    ",{\"op\":\"test\",\"path\":\"\",\"value\":0}");
	buf_puts(&patch, "]");
	buf_putc(&patch, '\0');
	assert_int_equal(run(patch_json, "0", patch.data, &out, &err),
	    OT_ELIMIT);
	buf_done(&patch);
	buf_done(&out);
}

/* ---- merge patch ---- */

static void
test_merged(void **state)
{
	static const struct {
		const char *doc, *patch, *want;
	} rows[] = {
		/* RFC 7396, section 3 and appendix A. */
		{ "{\"title\":\"Goodbye!\",\"author\":{\"givenName\":\"John\","
		    "\"familyName\":\"Doe\"},\"tags\":[\"example\",\"sample\"],"
		    "\"content\":\"This will be unchanged\"}",
		    "{\"title\":\"Hello!\",\"phoneNumber\":\"+01-123-456-7890\","
		    "\"author\":{\"familyName\":null},\"tags\":[\"example\"]}",
		    "{\"title\":\"Hello!\",\"author\":{\"givenName\":\"John\"},"
		    "\"tags\":[\"example\"],\"content\":\"This will be unchanged\","
		    "\"phoneNumber\":\"+01-123-456-7890\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		    "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
		{ "{\"a\":\"foo\"}", "null", "null" },
		{ "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
		/* Nothing was there. */
		{ NULL, "{\"a\":1,\"b\":null}", "{\"a\":1}" },
		{ "{}", "{\"a\":[{\"b\":null}]}", "{\"a\":[{\"b\":null}]}" },
	};
	struct buf out = BUF_INIT;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(patch_merge, rows[i].doc, rows[i].patch, rows[i].want);
	assert_int_equal(run(patch_merge, "{}", "{", &out, &err), OT_EJSON);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_applied),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_merged),
	};

	return cmocka_run_group_tests_name("patch", tests, NULL, NULL);
}
