/* json0: what is refused and with which words; tables of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/type_ext.h"

static const struct ot_type *const json0 = &ot_type_json0;

static void
test_refused_edits(void **state)
{
	static const struct {
		const char *json;
		int code;
		const char *text;	/* NULL: any */
	} rows[] = {
		/* ShareDB, before anything else */
		{ "{}", OT_EBADLY, "json0 op must be an array" },
		{ "null", OT_EBADLY, "json0 op must be an array" },
		{ "[1]", OT_EBADLY, "Missing path" },
		{ "[{}]", OT_EBADLY, "Missing path" },
		{ "[{\"p\":\"a\",\"oi\":1}]", OT_EBADLY, "Missing path" },
		{ "[{\"p\":[\"__proto__\"],\"oi\":1}]", OT_EAPPLY, "Invalid path segment" },
		{ "[{\"p\":[\"a\",\"constructor\"],\"oi\":1}]", OT_EAPPLY, "Invalid path segment" },
		{ "[{\"p\":[[\"__proto__\"]],\"oi\":1}]", OT_EAPPLY, "Invalid path segment" },
		{ "[{\"p\":[null],\"oi\":1}]", OT_EAPPLY, "Invalid path segment" },
		/* the gravest fault first, wherever it is */
		{ "[{\"p\":[\"a\"]},{\"p\":[\"toString\"],\"oi\":1}]",
		    OT_EAPPLY, "Invalid path segment" },
		{ "[{\"p\":[\"valueOf\"],\"oi\":1},{}]", OT_EBADLY, "Missing path" },
		{ "[{\"p\":[-1,\"__proto__\"],\"oi\":1}]", OT_EAPPLY, "Invalid path segment" },
		/* ot-json0 */
		{ "[{\"p\":[\"a\"]}]", OT_EAPPLY, "invalid / missing instruction in op" },
		{ "[{\"p\":[\"a\"],\"x\":1}]", OT_EAPPLY, "invalid / missing instruction in op" },
		{ "[{\"p\":[\"a\"],\"t\":\"nope\",\"o\":[]}]",
		    OT_EAPPLY, "invalid / missing instruction in op" },
		{ "[{\"p\":[\"a\"],\"t\":\"constructor\",\"o\":[]}]", OT_EAPPLY, NULL },
		{ "[{\"p\":[\"a\"],\"t\":\"text0\"}]", OT_EAPPLY, NULL },
		{ "[{\"p\":[\"a\"],\"si\":\"x\"}]", OT_EAPPLY, "component missing position field" },
		{ "[{\"p\":[],\"si\":\"x\"}]", OT_EAPPLY, "component missing position field" },
		{ "[{\"p\":[\"a\",0],\"si\":5}]", OT_EAPPLY, NULL },
		{ "[{\"p\":[\"a\",0],\"si\":null}]", OT_EAPPLY, NULL },
		/* ours */
		{ "[{\"p\":[\"a\"],\"na\":\"1\"}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"a\"],\"na\":null}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"a\"],\"oi\":1,\"x\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"a\"],\"oi\":1,\"na\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"a\",0],\"si\":\"x\",\"sd\":\"y\"}]", OT_EBADLY, NULL },
		{ "[{\"p\":[0],\"li\":1,\"lm\":2}]", OT_EBADLY, NULL },
		{ "[{\"p\":[0.5],\"li\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[-1],\"li\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"x\"],\"li\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"01\"],\"ld\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[0],\"lm\":-1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[0],\"lm\":\"x\"}]", OT_EBADLY, NULL },
		{ "[{\"p\":[0],\"lm\":null}]", OT_EBADLY, NULL },
		{ "[{\"p\":[1],\"oi\":1}]", OT_EBADLY, NULL },
		{ "[{\"p\":[\"a\"],\"oi\":{\"__proto__\":1}}]", OT_EBADLY, "Invalid key" },
		{ "[{\"p\":[\"a\"],\"oi\":1e999}]", OT_EJSON, NULL },
		{ "[{\"p\":[\"a\"],\"oi\":1}", OT_EJSON, NULL },
	};
	struct ot_edit *edit = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (json0->edit_parse(rows[i].json, strlen(rows[i].json),
		    &edit, &err) != rows[i].code)
			fail_msg("%s: %d %s", rows[i].json, err.code, err.text);
		assert_null(edit);
		if (rows[i].text != NULL)
			assert_string_equal(err.text, rows[i].text);
	}
}

static void
test_names_pass_where_nothing_is_applied(void **state)
{
	static const char op[] = "[{\"p\":[\"constructor\"],\"oi\":1}]";
	struct ot_edit *edit;
	struct ot_err err;
	char *text;

	(void)state;
	assert_int_equal(json0->ext->edit_parse_unapplied(op, strlen(op),
	    &edit, &err), 0);
	text = edits_show(json0, edit);
	assert_string_equal(text, op);
	free(text);
}

static void
test_create_and_load(void **state)
{
	struct ot_data *data;
	struct ot_err err;
	char *text;

	(void)state;
	assert_int_equal(json0->create(NULL, 0, &data, &err), 0);
	text = edits_print(json0, data);
	assert_string_equal(text, "null");
	free(text);
	json0->data_free(data);
	assert_int_equal(json0->create("{\"__proto__\":1}", 15, &data, &err),
	    OT_ETYPE);
	assert_int_equal(json0->create("{", 1, &data, &err), OT_EJSON);
	data = edits_load(json0, NULL);
	text = edits_print(json0, data);
	assert_string_equal(text, "undefined");
	free(text);
	json0->data_free(data);
}

/* want NULL: refused with words */
static const struct {
	const char *doc, *op, *want, *words;
} applied[] = {
	{ "{}", "[]", "{}", NULL },
	{ NULL, "[]", "undefined", NULL },
	{ "{\"a\":1}", "[{\"p\":[\"a\"],\"na\":2}]", "{\"a\":3}", NULL },
	{ "1", "[{\"p\":[],\"na\":-1}]", "0", NULL },
	{ "0.1", "[{\"p\":[],\"na\":0.2}]", "0.30000000000000004", NULL },
	{ "1.7e+308", "[{\"p\":[],\"na\":1.7e308}]", NULL, NULL },
	{ "\"a\"", "[{\"p\":[],\"na\":1}]", NULL, "Referenced element not a number" },
	{ "[1,2]", "[{\"p\":[\"length\"],\"na\":1}]", NULL, "Referenced element not a number" },
	{ "[1,2]", "[{\"p\":[2],\"li\":3}]", "[1,2,3]", NULL },
	{ "[1,2]", "[{\"p\":[3],\"li\":3}]", NULL, NULL },
	{ "[1,2]", "[{\"p\":[0],\"li\":null}]", "[null,1,2]", NULL },
	{ "[1,2]", "[{\"p\":[1],\"ld\":\"wrong\"}]", "[1]", NULL },
	{ "[1,2]", "[{\"p\":[2],\"ld\":3}]", NULL, NULL },
	{ "[1,2]", "[{\"p\":[0],\"ld\":1,\"li\":[]}]", "[[],2]", NULL },
	{ "[1,2]", "[{\"p\":[2],\"ld\":1,\"li\":[]}]", NULL, NULL },
	{ "[1,2,3]", "[{\"p\":[0],\"lm\":2}]", "[2,3,1]", NULL },
	{ "[1,2,3]", "[{\"p\":[2],\"lm\":0}]", "[3,1,2]", NULL },
	{ "[1,2,3]", "[{\"p\":[1],\"lm\":1}]", "[1,2,3]", NULL },
	{ "[1,2,3]", "[{\"p\":[1],\"lm\":3}]", NULL, NULL },
	{ "[]", "[{\"p\":[0],\"lm\":0}]", NULL, NULL },
	/* Indices spelt as strings. */
	{ "[1,2,3]", "[{\"p\":[\"1\"],\"li\":9}]", "[1,9,2,3]", NULL },
	{ "[1,2,3]", "[{\"p\":[\"1\"],\"ld\":2}]", "[1,3]", NULL },
	{ "[1,2,3]", "[{\"p\":[\"0\"],\"lm\":\"2\"}]", "[2,3,1]", NULL },
	{ "[{\"a\":1}]", "[{\"p\":[\"0\",\"a\"],\"na\":1}]", "[{\"a\":2}]", NULL },
	{ "{\"0\":{\"a\":1}}", "[{\"p\":[0,\"a\"],\"na\":1}]", NULL, NULL },
	{ "{}", "[{\"p\":[\"x\",0],\"li\":1}]", NULL, "Referenced element not a list" },
	{ "{}", "[{\"p\":[0],\"li\":1}]", NULL, "Referenced element not a list" },
	{ "[]", "[{\"p\":[],\"li\":1}]", NULL, "Referenced element not a list" },
	{ "{}", "[{\"p\":[\"x\",\"y\",\"z\"],\"oi\":1}]", NULL, "Path invalid" },
	{ "{\"a\":null}", "[{\"p\":[\"a\",\"b\",\"c\"],\"oi\":1}]", NULL, NULL },
	{ "{}", "[{\"p\":[\"b\"],\"oi\":1},{\"p\":[\"a\"],\"oi\":2}]", "{\"b\":1,\"a\":2}", NULL },
	{ "{\"a\":1}", "[{\"p\":[\"a\"],\"od\":9,\"oi\":2}]", "{\"a\":2}", NULL },
	{ "{\"a\":1}", "[{\"p\":[\"a\"],\"oi\":2}]", "{\"a\":2}", NULL },
	{ "{\"a\":1}", "[{\"p\":[\"a\"],\"od\":1}]", "{}", NULL },
	{ "{\"a\":1}", "[{\"p\":[\"z\"],\"od\":1}]", "{\"a\":1}", NULL },
	{ "{}", "[{\"p\":[\"a\"],\"oi\":{}},{\"p\":[\"a\",\"b\"],\"oi\":1}]",
	    "{\"a\":{\"b\":1}}", NULL },
	{ "[1]", "[{\"p\":[\"a\"],\"oi\":1}]", NULL,
	    "Referenced element not an object (it was [1])" },
	{ "{}", "[{\"p\":[\"a\",\"b\"],\"oi\":1}]", NULL,
	    "Referenced element not an object (it was undefined)" },
	{ "{\"a\":5}", "[{\"p\":[\"a\",\"b\"],\"od\":1}]", NULL,
	    "Referenced element not an object (it was 5)" },
	{ "{\"constructor\":1}", "[{\"p\":[\"a\"],\"oi\":1}]", NULL,
	    "Referenced element not an object (it was {\"constructor\":1})" },
	{ "{}", "[{\"p\":[],\"od\":{}}]", "undefined", NULL },
	{ NULL, "[{\"p\":[],\"od\":{}}]", "undefined", NULL },
	{ "1", "[{\"p\":[],\"od\":1},{\"p\":[],\"oi\":2}]", "2", NULL },
	{ NULL, "[{\"p\":[\"a\"],\"oi\":2}]", NULL, NULL },
	{ "{\"a\":\"bc\"}", "[{\"p\":[\"a\",1],\"si\":\"x\"}]", "{\"a\":\"bxc\"}", NULL },
	{ "{\"a\":\"bc\"}", "[{\"p\":[\"a\",1],\"sd\":\"c\"}]", "{\"a\":\"b\"}", NULL },
	{ "{\"a\":\"bc\"}", "[{\"p\":[\"a\",1],\"sd\":\"b\"}]", NULL, NULL },
	{ "{\"a\":\"bc\"}", "[{\"p\":[\"a\",3],\"si\":\"x\"}]", NULL, NULL },
	{ "\"bc\"", "[{\"p\":[0],\"si\":\"a\"}]", "\"abc\"", NULL },
	{ "\"bc\"", "[{\"p\":[],\"t\":\"text0\",\"o\":[{\"p\":0,\"i\":\"a\"},{\"p\":1,\"d\":\"bc\"}]}]",
	    "\"a\"", NULL },
	{ "5", "[{\"p\":[],\"t\":\"text0\",\"o\":[]}]", "5", NULL },
	{ "[\"a\"]", "[{\"p\":[],\"t\":\"text0\",\"o\":[{\"p\":0,\"i\":\"a\"}]}]", NULL, NULL },
	{ "{}", "[{\"p\":[\"a\"],\"t\":\"text0\",\"o\":[]}]", NULL, NULL },
	{ "[\"abc\"]", "[{\"p\":[0,0],\"na\":1}]", NULL, NULL },
};

static void
test_apply(void **state)
{
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;
	const char *want;
	char *text;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(applied) / sizeof(applied[0]); i++) {
		data = edits_load(json0, applied[i].doc);
		edit = edits_parse(json0, applied[i].op);
		rc = json0->apply(data, edit, NULL, &err);
		if (rc != (applied[i].want != NULL ? 0 : OT_EAPPLY))
			fail_msg("%s: %d %s", applied[i].op, rc, err.text);
		if (applied[i].words != NULL)
			assert_string_equal(err.text, applied[i].words);
		want = rc == 0 ? applied[i].want :
		    applied[i].doc != NULL ? applied[i].doc : "undefined";
		text = edits_print(json0, data);
		assert_string_equal(text, want);
		free(text);
		json0->edit_free(edit);
		json0->data_free(data);
	}
}

static void
test_transform(void **state)
{
	static const struct {
		const char *op, *other;
		enum ot_side side;
		const char *want;	/* NULL: refused */
	} rows[] = {
		{ "[{\"p\":[0],\"li\":1}]", "[{\"p\":[0],\"li\":2}]",
		    OT_LEFT, "[{\"p\":[0],\"li\":1}]" },
		{ "[{\"p\":[0],\"li\":1}]", "[{\"p\":[0],\"li\":2}]",
		    OT_RIGHT, "[{\"p\":[1],\"li\":1}]" },
		{ "[{\"p\":[\"a\"],\"oi\":1}]", "[{\"p\":[\"a\"],\"oi\":2}]",
		    OT_LEFT, "[{\"p\":[\"a\"],\"od\":2,\"oi\":1}]" },
		{ "[{\"p\":[\"a\"],\"oi\":1}]", "[{\"p\":[\"a\"],\"oi\":2}]", OT_RIGHT, "[]" },
		{ "[{\"p\":[1,\"a\"],\"na\":1}]", "[{\"p\":[1],\"ld\":{}}]", OT_LEFT, "[]" },
		{ "[{\"p\":[1,\"a\"],\"na\":1}]", "[{\"p\":[0],\"ld\":{}}]",
		    OT_LEFT, "[{\"p\":[0,\"a\"],\"na\":1}]" },
		{ "[{\"p\":[0,\"a\"],\"na\":1}]", "[{\"p\":[0],\"lm\":3}]",
		    OT_LEFT, "[{\"p\":[3,\"a\"],\"na\":1}]" },
		/* What c removes is kept as o left it. */
		{ "[{\"p\":[\"a\"],\"od\":{\"n\":1}}]", "[{\"p\":[\"a\",\"n\"],\"na\":2}]",
		    OT_LEFT, "[{\"p\":[\"a\"],\"od\":{\"n\":3}}]" },
		{ "[{\"p\":[\"a\"],\"od\":true}]",
		    "[{\"p\":[\"a\",\"n\"],\"na\":2}]", OT_LEFT, NULL },
		{ "[{\"p\":[\"a\"],\"od\":[1]}]", "[{\"p\":[\"a\",3],\"ld\":1,\"li\":9}]",
		    OT_LEFT, "[{\"p\":[\"a\"],\"od\":[1,null,null,9]}]" },
		{ "[{\"p\":[\"a\"],\"od\":[]}]", "[{\"p\":[\"a\",5],\"lm\":0}]",
		    OT_LEFT, "[{\"p\":[\"a\"],\"od\":[null]}]" },
		{ "[{\"p\":[\"a\"],\"od\":\"x\"}]", "[{\"p\":[\"a\",9],\"si\":\"y\"}]",
		    OT_LEFT, "[{\"p\":[\"a\"],\"od\":\"xy\"}]" },
		/* The two ways to edit text do not see each other. */
		{ "[{\"p\":[\"a\",5],\"si\":\"x\"}]",
		    "[{\"p\":[\"a\"],\"t\":\"text0\",\"o\":[{\"p\":0,\"i\":\"y\"}]}]",
		    OT_LEFT, "[{\"p\":[\"a\",5],\"si\":\"x\"}]" },
		{ "[{\"p\":[\"a\",5],\"si\":\"x\"}]", "[{\"p\":[\"a\",0],\"si\":\"y\"}]",
		    OT_LEFT, "[{\"p\":[\"a\",6],\"si\":\"x\"}]" },
		{ "[{\"p\":[\"a\",0],\"sd\":\"xyz\"}]", "[{\"p\":[\"a\",1],\"si\":\"-\"}]", OT_LEFT,
		    "[{\"p\":[\"a\",0],\"sd\":\"x\"},{\"p\":[\"a\",1],\"sd\":\"yz\"}]" },
		/* String indices stay strings until arithmetic makes numbers of them. */
		{ "[{\"p\":[\"3\"],\"li\":1}]", "[{\"p\":[5],\"li\":2}]",
		    OT_LEFT, "[{\"p\":[\"3\"],\"li\":1}]" },
		{ "[{\"p\":[\"3\"],\"li\":1}]", "[{\"p\":[1],\"li\":2}]",
		    OT_LEFT, "[{\"p\":[4],\"li\":1}]" },
		{ "[{\"p\":[\"b\"],\"oi\":1}]", "[{\"p\":[\"1\"],\"li\":2}]", OT_LEFT, NULL },
	};
	struct ot_edit *op, *other, *result;
	struct ot_err err;
	char *text;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = edits_parse(json0, rows[i].op);
		other = edits_parse(json0, rows[i].other);
		rc = json0->transform(op, other, rows[i].side, &result, &err);
		assert_int_equal(rc, rows[i].want != NULL ? 0 : OT_ETYPE);
		if (rc == 0) {
			text = edits_show(json0, result);
			if (!edits_same(text, rows[i].want))
				fail_msg("%s after %s: %s", rows[i].op,
				    rows[i].other, text);
			free(text);
		}
		json0->edit_free(op);
		json0->edit_free(other);
	}
}

static void
test_compose(void **state)
{
	static const struct {
		const char *first, *second, *want;
	} rows[] = {
		{ "[{\"p\":[\"a\"],\"na\":1}]", "[{\"p\":[\"a\"],\"na\":2}]",
		    "[{\"p\":[\"a\"],\"na\":3}]" },
		{ "[{\"p\":[\"a\"],\"na\":1}]", "[{\"p\":[\"a\"],\"na\":-1}]",
		    "[{\"p\":[\"a\"],\"na\":0}]" },
		{ "[{\"p\":[\"a\"],\"od\":1}]", "[{\"p\":[\"a\"],\"oi\":2}]",
		    "[{\"p\":[\"a\"],\"od\":1,\"oi\":2}]" },
		{ "[{\"p\":[\"a\"],\"oi\":1}]", "[{\"p\":[\"a\"],\"od\":1}]", "[]" },
		{ "[{\"p\":[0],\"li\":\"x\"}]", "[{\"p\":[0],\"ld\":\"x\"}]", "[]" },
		{ "[{\"p\":[0],\"li\":[]}]", "[{\"p\":[0],\"ld\":[]}]",
		    "[{\"p\":[0],\"li\":[]},{\"p\":[0],\"ld\":[]}]" },
		{ "[{\"p\":[0],\"ld\":1,\"li\":2}]",
		    "[{\"p\":[0],\"ld\":2}]", "[{\"p\":[0],\"ld\":1}]" },
		{ "[{\"p\":[0],\"lm\":1}]", "[{\"p\":[0],\"lm\":0}]", "[{\"p\":[0],\"lm\":1}]" },
		{ "[]", "[{\"p\":[0],\"lm\":0}]", "[{\"p\":[0],\"lm\":0}]" },
		{ "[{\"p\":[\"a\",1],\"si\":\"b\"}]", "[{\"p\":[\"a\",2],\"si\":\"c\"}]",
		    "[{\"p\":[\"a\",1],\"si\":\"bc\"}]" },
		{ "[{\"p\":[\"a\",1],\"si\":\"b\"}]", "[{\"p\":[\"a\",1],\"sd\":\"b\"}]",
		    "[{\"p\":[\"a\",1],\"si\":\"b\"},{\"p\":[\"a\",1],\"sd\":\"b\"}]" },
		{ "[{\"p\":[\"a\",1],\"si\":\"b\"}]", "[{\"p\":[\"a\",9],\"si\":\"\"}]",
		    "[{\"p\":[\"a\",1],\"si\":\"b\"}]" },
	};
	struct ot_edit *first, *second, *both;
	struct ot_err err;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		first = edits_parse(json0, rows[i].first);
		second = edits_parse(json0, rows[i].second);
		assert_int_equal(json0->compose(first, second, &both, &err), 0);
		text = edits_show(json0, both);
		if (!edits_same(text, rows[i].want))
			fail_msg("%s, %s: %s", rows[i].first, rows[i].second,
			    text);
		free(text);
		json0->edit_free(first);
		json0->edit_free(second);
	}
}

/* No edit makes a document too deep to be read again. */
static void
test_depth(void **state)
{
	struct ot_data *data = edits_load(json0, "[]");
	struct ot_edit *edit;
	struct buf b = BUF_INIT;
	struct ot_err err;
	char *text;
	size_t depth, i;
	int rc = 0;

	(void)state;
	for (depth = 1; rc == 0 && depth < 2000; depth++) {
		buf_reset(&b);
		buf_puts(&b, "[{\"p\":[0");
		for (i = 1; i < depth; i++)
			buf_puts(&b, ",0");
		buf_puts(&b, "],\"li\":[]}]");
		buf_putc(&b, '\0');
		edit = edits_parse(json0, b.data);
		rc = json0->apply(data, edit, NULL, &err);
		json0->edit_free(edit);
	}
	assert_int_equal(rc, OT_EAPPLY);
	assert_true(depth > 500 && depth < JSON_DEPTH_MAX);
	text = edits_print(json0, data);
	json0->data_free(data);
	json0->data_free(edits_load(json0, text));
	free(text);
	buf_done(&b);
}

/* Two long ops cannot keep the process busy for ever. */
static void
test_too_much_work(void **state)
{
	struct ot_edit *op, *other, *result;
	struct buf b = BUF_INIT;
	struct ot_err err;
	size_t i;

	(void)state;
	buf_putc(&b, '[');
	for (i = 0; i < 5000; i++) {
		buf_puts(&b, i > 0 ? ",{\"p\":[" : "{\"p\":[");
		buf_put_u64(&b, i % 2 == 0 ? 0 : 5);
		buf_puts(&b, "],\"li\":0}");
	}
	buf_puts(&b, "]");
	buf_putc(&b, '\0');
	op = edits_parse(json0, b.data);
	other = edits_parse(json0, b.data);
	assert_int_equal(json0->transform(op, other, OT_LEFT, &result, &err),
	    OT_ELIMIT);
	json0->edit_free(op);
	json0->edit_free(other);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_names_pass_where_nothing_is_applied),
		cmocka_unit_test(test_create_and_load),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_too_much_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
