/* Edits by quotation, as rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/quote.h"
#include "starve.h"

static struct json_slice
slice(const char *json)
{
	return (struct json_slice){ json, json != NULL ? strlen(json) : 0,
	    JSON_NONE };
}

static int
run(const struct ot_type *t, const char *doc, const char *quote,
    struct buf *out, struct ot_err *err)
{
	struct json_slice d = slice(doc), q = slice(quote);

	return quote_edit(t, &d, &q, out, err);
}

/* The document after the op. */
static char *
applied(const struct ot_type *t, const char *doc, const char *op)
{
	struct ot_data *data = edits_load(t, doc);
	struct ot_edit *edit = edits_parse(t, op);
	struct ot_err err;
	char *out;

	if (t->apply(data, edit, NULL, &err) != 0)
		fail_msg("%s on %s: %s", op, doc, err.text);
	out = edits_print(t, data);
	t->edit_free(edit);
	t->data_free(data);
	return out;
}

static void
check(const struct ot_type *t, const char *doc, const char *quote,
    const char *want_op, const char *want)
{
	struct buf out = BUF_INIT;
	struct ot_err err;
	int rc = OT_ENOMEM;
	char *got;
	long n;

	for (n = 0; rc == OT_ENOMEM && n < 1000; n++) {
		buf_done(&out);
		starve_after = n;
		rc = run(t, doc, quote, &out, &err);
		starve_after = -1;
	}
	if (rc < 0)
		fail_msg("%s on %s: %s", quote, doc, err.text);
	assert_int_equal(rc, want_op != NULL);
	if (want_op != NULL) {
		buf_putc(&out, '\0');
		if (strcmp(out.data, want_op) != 0)
			fail_msg("%s on %s: %s", quote, doc, out.data);
		got = applied(t, doc, out.data);
		if (!edits_same(got, want))
			fail_msg("%s on %s: %s", quote, doc, got);
		free(got);
	}
	buf_done(&out);
}

static void
test_done(void **state)
{
	static const struct {
		const struct ot_type *t;
		const char *doc, *quote, *op, *want;
	} rows[] = {
		{ &ot_type_text_unicode, "\"the colour of\"",
		    "{\"replace\":\"colour\",\"with\":\"color\"}",
		    "[8,{\"d\":1}]", "\"the color of\"" },
		{ &ot_type_text_unicode, "\"\xf0\x9f\x98\x80 a b a b\"",
		    "{\"replace\":\"b\",\"with\":\"c\",\"occurrence\":2}",
		    "[8,\"c\",{\"d\":1}]", "\"\xf0\x9f\x98\x80 a b a c\"" },
		{ &ot_type_text, "\"\xf0\x9f\x98\x80 a b\"",
		    "{\"before\":\"a\",\"with\":\"!\",\"after\":\" b\"}",
		    "[4,\"!\"]", "\"\xf0\x9f\x98\x80 a! b\"" },
		{ &ot_type_text0, "\"one two three\"",
		    "{\"replace\":\" two\",\"before\":\"one\"}",
		    "[{\"p\":3,\"d\":\" two\"}]", "\"one three\"" },
		{ &ot_type_text_unicode, "\"\"", "{\"with\":\"new\"}", "[\"new\"]",
		    "\"new\"" },
		{ &ot_type_text_unicode, "\"same\"",
		    "{\"replace\":\"same\",\"with\":\"same\"}", NULL, NULL },
		/* Places that overlap are several. */
		{ &ot_type_text_unicode, "\"aaa\"",
		    "{\"replace\":\"aa\",\"with\":\"b\",\"occurrence\":2}",
		    "[1,\"b\",{\"d\":2}]", "\"ab\"" },
		{ &ot_type_json0, "{\"a\":[{\"s/t\":\"xyz\"}]}",
		    "{\"at\":\"/a/0/s~1t\",\"replace\":\"y\",\"with\":\"Y\"}",
		    "[{\"p\":[\"a\",0,\"s/t\",1],\"sd\":\"y\"},"
		    "{\"p\":[\"a\",0,\"s/t\",1],\"si\":\"Y\"}]",
		    "{\"a\":[{\"s/t\":\"xYz\"}]}" },
		{ &ot_type_json0, "\"root\"",
		    "{\"before\":\"root\",\"with\":\"s\"}",
		    "[{\"p\":[4],\"si\":\"s\"}]", "\"roots\"" },
		{ &ot_type_json1, "{\"a\":[\"xyz\"]}",
		    "{\"at\":\"/a/0\",\"after\":\"xyz\",\"with\":\"w\"}",
		    "[\"a\",0,{\"es\":[\"w\"]}]", "{\"a\":[\"wxyz\"]}" },
		{ &ot_type_json1, "\"xyz\"", "{\"after\":\"xyz\",\"with\":\"w\"}",
		    "[{\"es\":[\"w\"]}]", "\"wxyz\"" },
		{ &ot_type_json1, "{\"a\":\"x\\ud83d\"}",
		    "{\"at\":\"/a\",\"replace\":\"x\",\"with\":\"y\"}",
		    "[\"a\",{\"r\":true,\"i\":\"y\\ud83d\"}]",
		    "{\"a\":\"y\\ud83d\"}" },
		/* A step that looks like an index but names a member. */
		{ &ot_type_json1, "{\"0\":\"x\"}",
		    "{\"at\":\"/0\",\"replace\":\"x\"}",
		    "[\"0\",{\"es\":[{\"d\":1}]}]", "{\"0\":\"\"}" },
		{ &ot_type_rich_text,
		    "[{\"insert\":{\"img\":1}},{\"insert\":\"bold\","
		    "\"attributes\":{\"b\":1}},{\"insert\":\" text\\n\"}]",
		    "{\"replace\":\"bold text\",\"with\":\"bolder text\"}",
		    "{\"ops\":[{\"retain\":5},{\"insert\":\"er\","
		    "\"attributes\":{\"b\":1}}]}",
		    "{\"ops\":[{\"insert\":{\"img\":1}},{\"insert\":\"bolder\","
		    "\"attributes\":{\"b\":1}},{\"insert\":\" text\\n\"}]}" },
		/* A new line does not get what is of the line before. */
		{ &ot_type_rich_text,
		    "[{\"insert\":\"Title\"},{\"insert\":\"\\n\","
		    "\"attributes\":{\"header\":1}},{\"insert\":\"x\","
		    "\"attributes\":{\"i\":1}}]",
		    "{\"before\":\"Title\\n\",\"with\":\"a\"}",
		    "{\"ops\":[{\"retain\":6},{\"insert\":\"a\","
		    "\"attributes\":{\"i\":1}}]}",
		    "{\"ops\":[{\"insert\":\"Title\"},{\"insert\":\"\\n\","
		    "\"attributes\":{\"header\":1}},{\"insert\":\"ax\","
		    "\"attributes\":{\"i\":1}}]}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(rows[i].t, rows[i].doc, rows[i].quote, rows[i].op,
		    rows[i].want);
}

static void
test_refused(void **state)
{
	static const struct {
		const struct ot_type *t;
		const char *doc, *quote;
		int code;
		const char *why;
	} rows[] = {
		{ &ot_type_text, "\"a\"", "[]", OT_EBADLY,
		    "a quotation is an object" },
		{ &ot_type_text, "\"a\"", "{", OT_EJSON, NULL },
		{ &ot_type_text, "\"a\"", "{\"repalce\":\"a\"}", OT_EBADLY,
		    "a field that is none of replace, with, before, after, "
		    "occurrence, at" },
		{ &ot_type_text, "\"a\"", "{\"with\":1}", OT_EBADLY,
		    "\"with\" must be a string" },
		{ &ot_type_text, "\"a\"", "{\"replace\":\"a\",\"occurrence\":0}",
		    OT_EBADLY, "\"occurrence\" must be a whole number from 1" },
		{ &ot_type_text, "\"a\"", "{\"replace\":\"a\",\"occurrence\":1.5}",
		    OT_EBADLY, NULL },
		{ &ot_type_text, "\"a\"", "{\"with\":\"b\"}", OT_EBADLY,
		    "one of \"replace\", \"before\", \"after\" must have something" },
		{ &ot_type_text, "\"a\"", "{\"at\":\"/a\",\"replace\":\"a\"}",
		    OT_EBADLY, "\"at\" is for JSON; a document of text is one text" },
		{ &ot_type_text, "\"a\"", "{\"replace\":\"b\"}", OT_EAPPLY,
		    "what is quoted is not in the text" },
		{ &ot_type_text, "\"aaa\"", "{\"replace\":\"aa\"}", OT_EAPPLY,
		    "what is quoted is 2 times in the text; quote more around it, "
		    "or say which \"occurrence\"" },
		{ &ot_type_text, "\"aaa\"",
		    "{\"replace\":\"aa\",\"occurrence\":3}", OT_EAPPLY,
		    "occurrence 3 is wanted, but what is quoted is only 2 times in "
		    "the text" },
		{ &ot_type_text_unicode, "\"a\"",
		    "{\"replace\":\"a\",\"with\":\"\\ud83d\"}", OT_EBADLY,
		    "\"with\" has half of a surrogate pair" },
		/* No half of a pair is found. */
		{ &ot_type_text, "\"\xf0\x9f\x98\x80\"",
		    "{\"replace\":\"\\ud83d\"}", OT_EAPPLY, NULL },
		{ &ot_type_json0, "{\"a\":1}", "{\"at\":\"/a\",\"replace\":\"a\"}",
		    OT_EAPPLY, "there is no string at \"at\"" },
		{ &ot_type_json0, NULL, "{\"at\":\"\",\"replace\":\"a\"}",
		    OT_EAPPLY, NULL },
		{ &ot_type_json0, "{}", "{\"at\":\"a\",\"replace\":\"a\"}",
		    OT_EBADLY,
		    "\"at\": a JSON Pointer begins with \"/\" or is empty" },
		{ &ot_type_rich_text, "[{\"insert\":{\"img\":1}}]",
		    "{\"replace\":\"\\u0000\"}", OT_EAPPLY, NULL },
	};
	struct buf out = BUF_INIT;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err.code = 0;
		if (run(rows[i].t, rows[i].doc, rows[i].quote, &out, &err) !=
		    rows[i].code || err.code != rows[i].code ||
		    (rows[i].why != NULL &&
		    strcmp(err.text, rows[i].why) != 0))
			fail_msg("%s: %d %s", rows[i].quote, err.code,
			    err.text);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
