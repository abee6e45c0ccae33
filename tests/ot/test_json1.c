/* json1: what is refused; tables of cases; conflicts; how deep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/type_ext.h"

static const struct ot_type *const json1 = &ot_type_json1;

static struct json_slice
slice(const char *json)
{
	struct json_slice s = { NULL, 0, JSON_NONE };
	struct json_reader r;
	struct ot_err err;

	if (json == NULL)
		return s;
	json_reader_init(&r, json, strlen(json), &err);
	if (json_skip(&r, &s) != 0)
		fail_msg("%s: %s", json, err.text);
	return s;
}

/* Does the heap text say what it should?  Frees it. */
static void
assert_json(char *text, const char *want, const char *what)
{
	if (!edits_same(text, want))
		fail_msg("%s: %s, not %s", what, text, want);
	free(text);
}

/* ---- ops by themselves ---- */

static void
test_refused_edits(void **state)
{
	static const char *const rows[] = {
		/* not a descent */
		"true", "5", "{}", "\"a\"", "[]", "[\"a\"]", "[[]]",
		"[\"a\",[]]", "[null]", "[\"a\",true,{\"r\":1}]",
		"[[{\"r\":1}],[\"b\",{\"r\":1}]]",
		/* one child must be inline; children in order; last */
		"[[\"a\",{\"r\":1}]]", "[\"a\",[\"b\",{\"r\":1}]]",
		"[[\"b\",{\"r\":1}],[\"a\",{\"r\":1}]]",
		"[[\"a\",{\"r\":1}],[\"a\",{\"i\":1}]]",
		"[[\"a\",{\"r\":1}],[1,{\"r\":1}]]",
		"[[2,{\"r\":1}],[1,{\"r\":1}]]",
		"[[\"\\ud800\\udc00\",{\"r\":1}],[\"\\ud800\",{\"r\":1}]]",
		"[[\"\\uffff\",{\"r\":1}],[\"\\ud800\\udc00\",{\"r\":1}]]",
		"[[\"a\",{\"r\":1}],[\"b\",{\"r\":1}],\"c\",{\"r\":1}]",
		"[[\"a\",{\"r\":1}],[\"b\",{\"r\":1}],{\"r\":1}]",
		/* keys */
		"[-1,{\"r\":1}]", "[0.5,{\"r\":1}]", "[2147483648,{\"r\":1}]",
		"[\"__proto__\",{\"r\":1}]",
		/* components */
		"[\"a\",{}]", "[{\"r\":1},{\"i\":1}]", "[\"a\",{\"x\":1}]",
		"[\"a\",{\"r\":1,\"p\":0,\"d\":0}]", "[\"a\",{\"i\":1,\"p\":0,\"d\":0}]",
		"[\"a\",{\"p\":0}]", "[\"a\",{\"d\":0}]", "[\"a\",{\"p\":1,\"d\":1}]",
		"[\"a\",{\"p\":-1,\"d\":-1}]", "[\"a\",{\"p\":null,\"d\":null}]",
		"[\"a\",{\"p\":\"0\",\"d\":\"0\"}]",
		"[[\"a\",{\"p\":0}],[\"b\",{\"p\":0}],[\"c\",{\"d\":0}],[\"d\",{\"d\":1}]]",
		/* edits */
		"[\"a\",{\"es\":null}]", "[\"a\",{\"ena\":null}]", "[\"a\",{\"e\":1}]",
		"[\"a\",{\"ena\":1,\"es\":[\"x\"]}]", "[\"a\",{\"et\":\"number\"}]",
		"[\"a\",{\"et\":\"none\",\"e\":1}]", "[\"a\",{\"et\":\"toString\",\"e\":1}]",
		"[\"a\",{\"ena\":\"1\"}]", "[\"a\",{\"es\":\"x\"}]",
		"[\"a\",{\"es\":[1]}]", "[\"a\",{\"es\":[true]}]",
		"[\"a\",{\"es\":[\"\\ud83d\"]}]",
		"[\"a\",{\"et\":\"number\",\"e\":\"1\"}]",
		/* values */
		"[\"a\",{\"i\":{\"__proto__\":1}}]", "[\"a\",{\"r\":[{\"__proto__\":1}]}]",
		"[\"a\",{\"i\":1e999}]", "[\"a\",{\"i\":1}", "[\"a\",{\"i\":1}] 1",
	};
	struct ot_edit *edit = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (json1->edit_parse(rows[i], strlen(rows[i]), &edit,
		    &err) == 0)
			fail_msg("%s was taken", rows[i]);
		assert_null(edit);
		assert_true(err.text[0] != '\0');
	}
}

/* An op that nothing happened to is printed as it came. */
static void
test_print_as_it_came(void **state)
{
	static const char *const rows[] = {
		"null", "[{\"r\":true}]", "[{\"r\":null,\"i\":null}]",
		"[\"a\",{\"r\":false},2,{\"i\":[1,{\"x\":null}]}]",
		"[[0,{\"p\":1}],[1,{\"d\":1}],[\"0\",{\"p\":0,\"d\":0}]]",
		"[\"a\",[1,{\"r\":true}],[\"b\",\"c\",[0,{\"i\":1}],[1,{\"i\":2}]]]",
		"[\"a\",{\"es\":[]}]", "[\"a\",{\"ena\":0}]",
		"[\"a\",{\"es\":[1,\"x\",\"y\",{\"d\":\"z\"},{\"d\":2}]}]",
		"[\"a\",{\"et\":\"text-unicode\",\"e\":[\"x\"]}]",
		"[\"a\",{\"et\":\"http://sharejs.org/types/text-unicode\",\"e\":[\"x\"]}]",
		"[\"a\",{\"et\":\"number\",\"e\":5}]",
		"[\"\",\"\\ud800\",\"length\",{\"r\":true}]",
	};
	struct ot_edit *edit, *null = edits_parse(json1, "null"), *out;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		edit = edits_parse(json1, rows[i]);
		assert_false(json1->edit_is_empty(edit));
		assert_int_equal(json1->transform(edit, null, OT_LEFT, &out,
		    &err), 0);
		json1->edit_free(edit);
		assert_json(edits_show(json1, out), rows[i], "print");
	}
	json1->edit_free(null);
}

static void
test_normalize(void **state)
{
	static const struct {
		const char *op, *want;
	} rows[] = {
		{ "null", "null" },
		{ "[[\"b\",{\"p\":7}],[[\"a\",{\"d\":7}]]]",
		    "[[\"a\",{\"d\":0}],[\"b\",{\"p\":0}]]" },
		{ "[[\"a\",{\"r\":true}]]", "[\"a\",{\"r\":true}]" },
		{ "[\"a\",{\"es\":[1,2,\"x\",\"\",\"y\",3]}]",
		    "[\"a\",{\"es\":[3,\"xy\"]}]" },
		{ "[\"a\",{\"es\":[]}]", "null" },
		{ "[\"a\",{\"et\":\"number\",\"e\":2}]", "[\"a\",{\"ena\":2}]" },
		{ "[\"a\",\"b\",[],[]]", "null" },
	};
	struct json_slice op;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;
		size_t len;

		op = slice(rows[i].op);
		assert_int_equal(json1->ext->normalize(&op, &b, &err), 0);
		buf_putc(&b, '\0');
		assert_json(buf_take(&b, &len), rows[i].want, rows[i].op);
	}
}

/* ---- documents ---- */

static void
test_apply(void **state)
{
	static const struct {
		const char *doc, *op;
		const char *want;	/* NULL: refused */
	} rows[] = {
		{ NULL, "null", "undefined" },
		{ NULL, "[{\"i\":{\"a\":1}}]", "{\"a\":1}" },
		{ "1", "[{\"r\":true}]", "undefined" },
		{ "1", "[{\"r\":true,\"i\":null}]", "null" },
		{ "1", "[{\"i\":2}]", NULL },
		{ NULL, "[{\"r\":true}]", NULL },
		{ NULL, "[\"a\",{\"i\":1}]", NULL },
		/* moves */
		{ "{\"x\":1}", "[[\"x\",{\"p\":0}],[\"y\",{\"d\":0}]]", "{\"y\":1}" },
		{ "[1,2,3]", "[[0,{\"p\":0}],[2,{\"d\":0}]]", "[2,3,1]" },
		{ "[1,2,3]", "[[0,{\"p\":1,\"d\":0}],[2,{\"p\":0,\"d\":1}]]", "[3,2,1]" },
		{ "{\"a\":{\"b\":1}}", "[\"a\",{\"p\":0},\"b\",{\"p\":1,\"d\":0},\"c\",{\"d\":1}]",
		    NULL },
		{ "{\"a\":{\"b\":2}}", "[[\"a\",{\"r\":true},\"b\",{\"p\":0}],[\"c\",{\"d\":0}]]",
		    "{\"c\":2}" },
		{ "{\"a\":[1,2]}", "[\"a\",{\"p\":0,\"d\":0},[0,{\"p\":1}],[1,{\"d\":1}]]",
		    "{\"a\":[2,1]}" },
		{ "{\"x\":{\"y\":5}}",
		    "[[\"x\",{\"p\":0},\"y\",{\"p\":1}],[\"y\",{\"d\":1}],[\"z\",{\"i\":{}},\"x\",{\"d\":0}]]",
		    "{\"y\":5,\"z\":{\"x\":{}}}" },
		/* what does not fit */
		{ "{}", "[\"a\",{\"r\":true}]", NULL },
		{ "{\"a\":1}", "[\"a\",\"b\",{\"r\":true}]", NULL },
		{ "{\"a\":1}", "[\"a\",{\"i\":1}]", NULL },
		{ "{}", "[0,{\"i\":1}]", NULL },
		{ "[]", "[\"0\",{\"i\":1}]", NULL },
		{ "[1]", "[\"0\",{\"r\":true}]", NULL },
		{ "[]", "[1,{\"i\":1}]", NULL },
		{ "[]", "[0,{\"i\":1}]", "[1]" },
		{ "{}", "[\"constructor\",{\"i\":1}]", NULL },
		{ "{}", "[\"toString\",{\"r\":true}]", NULL },
		/* values that were inserted can be filled */
		{ "{}", "[\"a\",{\"i\":[]},0,{\"i\":{}},\"b\",{\"i\":\"x\",\"es\":[1,\"y\"]}]",
		    "{\"a\":[{\"b\":\"xy\"}]}" },
		/* edits */
		{ "{\"n\":1}", "[\"n\",{\"ena\":2}]", "{\"n\":3}" },
		{ "{\"n\":\"1\"}", "[\"n\",{\"ena\":2}]", NULL },
		{ "{}", "[\"n\",{\"ena\":2}]", NULL },
		{ "1e308", "[{\"ena\":1e308}]", NULL },
		{ "\"abc\"", "[{\"es\":[1,{\"d\":1},\"X\"]}]", "\"aXc\"" },
		{ "\"abc\"", "[{\"es\":[]}]", "\"abc\"" },
		{ "5", "[{\"es\":[]}]", NULL },
		{ "\"abc\"", "[{\"es\":[4,\"x\"]}]", NULL },
		{ "\"abc\"", "[{\"es\":[2,{\"d\":2}]}]", NULL },
		{ "\"a\\ud83d\\ude00c\"", "[{\"es\":[2,\"x\",{\"d\":1}]}]", "\"a\\ud83d\\ude00x\"" },
		{ "\"a\\ud83d\\ude00c\"", "[{\"es\":[1,{\"d\":1},\"\\u00e9\"]}]", "\"a\\u00e9c\"" },
		{ "\"abcdefghij\"", "[{\"es\":[\"1\",{\"d\":1},\"2\",{\"d\":1},\"3\",{\"d\":1},\"4\","
		    "{\"d\":1},\"5\",{\"d\":1}]}]", "\"12345fghij\"" },
		{ "\"\\ud83d\"", "[{\"es\":[\"x\"]}]", NULL },
	};
	struct ot_data *data;
	struct ot_undo *undo;
	struct ot_edit *edit;
	struct ot_err err;
	char *before, *after;
	size_t i, size;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		data = edits_load(json1, rows[i].doc);
		size = json1->data_size(data);
		before = edits_print(json1, data);
		edit = edits_parse(json1, rows[i].op);
		rc = json1->apply(data, edit, &undo, &err);
		if (rc != 0 && (rows[i].want != NULL || rc != OT_EAPPLY))
			fail_msg("%s: %s", rows[i].op, err.text);
		if (rc == 0 && rows[i].want == NULL)
			fail_msg("%s was applied", rows[i].op);
		if (rc == 0) {
			assert_json(edits_print(json1, data), rows[i].want,
			    rows[i].op);
			json1->undo(data, undo);
		}
		after = edits_print(json1, data);
		assert_string_equal(after, before);
		assert_int_equal(json1->data_size(data), size);
		free(before);
		free(after);
		json1->edit_free(edit);
		json1->data_free(data);
	}
}

static void
test_create_and_load(void **state)
{
	struct ot_data *data;
	struct ot_err err;

	(void)state;
	assert_int_equal(json1->create(NULL, 0, &data, &err), 0);
	assert_json(edits_print(json1, data), "undefined", "create");
	json1->data_free(data);
	assert_int_equal(json1->create("{\"__proto__\":1}", 15, &data, &err),
	    OT_ETYPE);
	assert_int_equal(json1->create("{", 1, &data, &err), OT_EJSON);
}

/* n lists inside one another. */
static char *
lists(const char *before, size_t n, const char *after)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	buf_puts(&b, before);
	for (i = 0; i < n; i++)
		buf_putc(&b, '[');
	for (i = 0; i < n; i++)
		buf_putc(&b, ']');
	buf_puts(&b, after);
	buf_putc(&b, '\0');
	return buf_take(&b, &len);
}

/* Neither documents nor ops get deeper than they may. */
static void
test_depth(void **state)
{
	char *doc = lists("{\"a\":", 400, ",\"b\":[[]]}");
	char *most = lists("[\"b\",0,0,{\"i\":", 501, "}]");
	char *more = lists("[\"b\",0,0,{\"i\":", 502, "}]");
	struct ot_data *data = edits_load(json1, doc);
	struct ot_edit *edit = edits_parse(json1, more);
	struct buf b = BUF_INIT;
	struct ot_undo *undo;
	struct ot_err err;
	char *text;
	size_t i;

	(void)state;
	assert_int_equal(json1->apply(data, edit, NULL, &err), OT_ELIMIT);
	json1->edit_free(edit);
	edit = edits_parse(json1, most);
	assert_int_equal(json1->apply(data, edit, &undo, &err), 0);
	json1->undo(data, undo);
	json1->edit_free(edit);

	/* A move to where it would be too deep. */
	buf_puts(&b, "[[\"a\",{\"p\":0}],[\"b\",1");
	buf_puts(&b, ",{\"i\":[]}");
	for (i = 0; i < 110; i++)
		buf_puts(&b, ",0,{\"i\":[]}");
	buf_puts(&b, ",0,{\"d\":0}]]");
	assert_int_equal(json1->edit_parse(b.data, b.len, &edit, &err), 0);
	assert_int_equal(json1->apply(data, edit, NULL, &err), OT_ELIMIT);
	text = edits_print(json1, data);
	assert_non_null(strstr(text, "\"b\":[[]]"));
	json1->edit_free(edit);
	free(text);

	/* A path too long. */
	buf_reset(&b);
	buf_putc(&b, '[');
	for (i = 0; i < 100000; i++)
		buf_puts(&b, "0,");
	buf_puts(&b, "{\"r\":true}]");
	assert_int_equal(json1->edit_parse(b.data, b.len, &edit, &err),
	    OT_ELIMIT);
	buf_done(&b);
	json1->data_free(data);
	free(doc);
	free(most);
	free(more);
}

/* ---- ops together ---- */

static void
test_compose(void **state)
{
	static const struct {
		const char *first, *second;
		const char *want;	/* NULL: refused */
	} rows[] = {
		{ "null", "[\"a\",{\"r\":1}]", "[\"a\",{\"r\":1}]" },
		{ "[\"a\",{\"i\":1}]", "[\"a\",{\"r\":true}]", "null" },
		{ "[\"a\",{\"i\":[1,2]}]", "[\"a\",0,{\"r\":true}]", "[\"a\",{\"i\":[2]}]" },
		{ "[\"a\",{\"i\":{\"x\":1,\"y\":2}}]", "[[\"a\",\"x\",{\"p\":0}],[\"b\",{\"d\":0}]]",
		    "[[\"a\",{\"i\":{\"y\":2}}],[\"b\",{\"i\":1}]]" },
		{ "[[\"a\",{\"p\":0}],[\"b\",{\"d\":0}]]", "[[\"b\",{\"p\":0}],[\"c\",{\"d\":0}]]",
		    "[[\"a\",{\"p\":0}],[\"c\",{\"d\":0}]]" },
		{ "[[\"a\",{\"p\":0}],[\"b\",{\"d\":0}]]", "[\"b\",{\"r\":true}]",
		    "[\"a\",{\"r\":true}]" },
		{ "[\"a\",{\"ena\":1}]", "[\"a\",{\"ena\":2}]", "[\"a\",{\"ena\":3}]" },
		{ "[\"a\",{\"ena\":1e308}]", "[\"a\",{\"ena\":1e308}]", NULL },
		{ "[\"a\",{\"ena\":1}]", "[\"a\",{\"es\":[\"x\"]}]", NULL },
		{ "[\"a\",{\"es\":[\"x\"]}]", "[\"a\",{\"es\":[{\"d\":1}]}]", "null" },
		{ "[[\"a\",{\"ena\":1}],[\"c\",{\"es\":[\"x\"]}]]", "[\"b\",{\"ena\":2}]",
		    "[[\"a\",{\"ena\":1}],[\"b\",{\"ena\":2}],[\"c\",{\"es\":[\"x\"]}]]" },
		{ "[{\"i\":[1]}]", "[\"length\",{\"r\":true}]", NULL },
		{ "[{\"i\":{}}]", "[\"toString\",{\"r\":true}]", NULL },
		{ "[{\"i\":{\"5\":1}}]", "[5,{\"r\":true}]", NULL },
	};
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = edits_parse(json1, rows[i].first);
		b = edits_parse(json1, rows[i].second);
		out = NULL;
		if (json1->compose(a, b, &out, &err) == 0) {
			if (rows[i].want == NULL)
				fail_msg("%s took %s", rows[i].first,
				    rows[i].second);
			assert_json(edits_show(json1, out), rows[i].want,
			    rows[i].first);
		} else if (rows[i].want != NULL) {
			fail_msg("%s: %s", rows[i].first, err.text);
		}
		json1->edit_free(a);
		json1->edit_free(b);
	}
}

#define MOVE_A_B	"[[\"a\",{\"p\":0}],[\"b\",{\"d\":0}]]"
#define A_INTO_B	"[[\"a\",{\"p\":0}],[\"b\",\"x\",{\"d\":0}]]"
#define B_INTO_A	"[[\"a\",\"x\",{\"d\":0}],[\"b\",{\"p\":0}]]"

static void
test_transform(void **state)
{
	static const struct {
		const char *op, *other;
		enum ot_side side;
		const char *want;	/* NULL: in conflict */
		const char *resolved;	/* by "auto"; NULL: refused */
	} rows[] = {
		{ "[0,{\"i\":1}]", "[0,{\"i\":2}]", OT_LEFT, "[0,{\"i\":1}]", "[0,{\"i\":1}]" },
		{ "[0,{\"i\":1}]", "[0,{\"i\":2}]", OT_RIGHT, "[1,{\"i\":1}]", "[1,{\"i\":1}]" },
		{ "[\"a\",{\"i\":1}]", "[\"a\",{\"i\":1}]", OT_LEFT, "null", "null" },
		{ "[\"a\",{\"i\":1}]", "[\"a\",{\"i\":2}]", OT_LEFT, NULL,
		    "[\"a\",{\"r\":true,\"i\":1}]" },
		{ "[\"a\",{\"i\":1}]", "[\"a\",{\"i\":2}]", OT_RIGHT, NULL, "null" },
		{ "[\"a\",\"b\",{\"ena\":1}]", MOVE_A_B, OT_LEFT, "[\"b\",\"b\",{\"ena\":1}]",
		    "[\"b\",\"b\",{\"ena\":1}]" },
		{ "[\"a\",\"b\",{\"ena\":1}]", "[\"a\",{\"r\":true}]", OT_LEFT, NULL, "null" },
		{ "[\"a\",{\"r\":true}]", "[\"a\",\"b\",{\"ena\":1}]", OT_LEFT, NULL,
		    "[\"a\",{\"r\":true},\"b\",{\"r\":true}]" },
		{ "[\"a\",{\"r\":true}]", "[\"a\",{\"r\":true}]", OT_LEFT, "null", "null" },
		{ MOVE_A_B, MOVE_A_B, OT_LEFT, "null", "null" },
		{ "[[\"a\",{\"p\":0}],[\"c\",{\"d\":0}]]", MOVE_A_B, OT_LEFT,
		    "[[\"b\",{\"p\":0}],[\"c\",{\"d\":0}]]",
		    "[[\"b\",{\"p\":0}],[\"c\",{\"d\":0}]]" },
		{ "[[\"a\",{\"p\":0}],[\"c\",{\"d\":0}]]", MOVE_A_B, OT_RIGHT, "null", "null" },
		{ "[\"a\",{\"es\":[\"x\"]}]", "[\"a\",{\"es\":[\"y\"]}]", OT_RIGHT,
		    "[\"a\",{\"es\":[1,\"x\"]}]", "[\"a\",{\"es\":[1,\"x\"]}]" },
		{ "[\"a\",{\"es\":[]}]", "[\"a\",{\"es\":[\"y\"]}]", OT_RIGHT, "null", "null" },
		/* Things moved into one another. */
		{ A_INTO_B, B_INTO_A, OT_LEFT, NULL, "[\"a\",{\"r\":true},\"x\",{\"r\":true}]" },
		{ A_INTO_B, B_INTO_A, OT_RIGHT, NULL, "[\"a\",{\"r\":true},\"x\",{\"r\":true}]" },
	};
	const struct ot_type *types[] = { json1, &ot_type_json1_auto };
	struct ot_edit *a, *b, *out;
	struct ot_err err;
	const char *want;
	size_t i, k;
	int rc;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		k = i / 2;
		want = i % 2 == 0 ? rows[k].want : rows[k].resolved;
		a = edits_parse(json1, rows[k].op);
		b = edits_parse(json1, rows[k].other);
		rc = types[i % 2]->transform(a, b, rows[k].side, &out, &err);
		if (rc != 0) {
			if (want != NULL)
				fail_msg("%s: %s", rows[k].op, err.text);
			assert_int_equal(rc, OT_ETYPE);
			assert_string_equal(err.text,
			    "Transform detected write conflict");
		} else if (want == NULL) {
			fail_msg("%s: no conflict", rows[k].op);
		} else {
			assert_json(edits_show(json1, out), want, rows[k].op);
		}
		json1->edit_free(a);
		json1->edit_free(b);
	}
}

static void
test_try_transform(void **state)
{
	static const struct {
		const char *op, *other, *want;
	} rows[] = {
		{ "[\"a\",{\"i\":1}]", "null", "{\"ok\":true,\"result\":[\"a\",{\"i\":1}]}" },
		{ "[\"a\",{\"i\":1}]", "[\"a\",{\"i\":2}]", "{\"ok\":false,\"conflict\":"
		    "{\"type\":2,\"op1\":[\"a\",{\"i\":1}],\"op2\":[\"a\",{\"i\":2}]}}" },
		{ "[\"a\",{\"es\":[]}]", "[\"a\",{\"r\":5}]", "{\"ok\":false,\"conflict\":"
		    "{\"type\":1,\"op1\":[\"a\",{\"es\":[]}],\"op2\":[\"a\",{\"r\":true}]}}" },
		{ A_INTO_B, B_INTO_A, "{\"ok\":false,\"conflict\":{\"type\":3,"
		    "\"op1\":" A_INTO_B ",\"op2\":" B_INTO_A "}}" },
	};
	struct ot_edit *a, *b;
	struct ot_err err;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;

		a = edits_parse(json1, rows[i].op);
		b = edits_parse(json1, rows[i].other);
		assert_int_equal(json1->ext->try_transform(a, b, OT_LEFT,
		    &out, &err), 0);
		buf_putc(&out, '\0');
		assert_json(buf_take(&out, &len), rows[i].want, rows[i].op);
		json1->edit_free(a);
		json1->edit_free(b);
	}
}

/* ---- with the document ---- */

static void
test_with_document(void **state)
{
	static const struct {
		bool invert;
		const char *op, *doc;
		const char *want;	/* NULL: refused */
	} rows[] = {
		{ false, "[\"a\",{\"r\":true}]", "{\"a\":[1,2]}", "[\"a\",{\"r\":[1,2]}]" },
		{ false, "[\"a\",{\"r\":true},0,{\"r\":true}]", "{\"a\":[1,2]}",
		    "[\"a\",{\"r\":[2]},0,{\"r\":1}]" },
		{ false, "[\"a\",{\"es\":[1,{\"d\":2}]}]", "{\"a\":\"xyz\"}",
		    "[\"a\",{\"es\":[1,{\"d\":\"yz\"}]}]" },
		{ false, MOVE_A_B, "1", MOVE_A_B },
		{ false, "[\"a\",{\"r\":true}]", "{}", NULL },
		{ false, "[\"a\",{\"es\":[1,{\"d\":2}]}]", "{\"a\":5}", NULL },
		{ true, "[\"a\",{\"r\":true}]", "{\"a\":[1]}", "[\"a\",{\"i\":[1]}]" },
		{ true, "[{\"i\":\"\",\"es\":[\"hi\"]}]", NULL, "[{\"r\":\"hi\"}]" },
		{ true, "[[\"a\",{\"p\":0}],[\"b\",{\"d\":0,\"ena\":2}]]",
		    "{\"a\":1}", "[[\"a\",{\"d\":0,\"ena\":-2}],[\"b\",{\"p\":0}]]" },
	};
	struct json_slice op, doc;
	struct ot_err err;
	size_t i, len;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;

		op = slice(rows[i].op);
		doc = slice(rows[i].doc);
		rc = (rows[i].invert ? json1->ext->invert_with_doc :
		    json1->ext->make_invertible)(&op, &doc, &out, &err);
		if (rc != 0) {
			if (rows[i].want != NULL)
				fail_msg("%s: %s", rows[i].op, err.text);
			assert_int_equal(out.len, 0);
			continue;
		}
		buf_putc(&out, '\0');
		assert_non_null(rows[i].want);
		assert_json(buf_take(&out, &len), rows[i].want, rows[i].op);
	}
}

static void
test_cursor(void **state)
{
	static const struct {
		const char *path, *op, *want;
	} rows[] = {
		{ "[\"a\",0]", "[\"a\",{\"r\":true}]", "null" },
		{ "[\"a\",0]", MOVE_A_B, "[\"b\",0]" },
		{ "[2]", "[[0,{\"r\":true}],[1,{\"i\":1}],[2,{\"i\":1}]]", "[3]" },
		{ "[\"a\",3]", "[\"a\",{\"es\":[\"x\"]}]", "[\"a\",4]" },
		{ "[1e21,7]", "[0,{\"r\":true}]", "[1e21,7]" },
		{ "[]", "[0,{\"r\":true}]", "[]" },
	};
	struct json_slice path, op, none = { NULL, 0, JSON_NONE };
	struct ot_err err;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;

		path = slice(rows[i].path);
		op = slice(rows[i].op);
		assert_int_equal(json1->ext->transform_cursor(&path, &op,
		    &none, &out, &err), 0);
		buf_putc(&out, '\0');
		assert_json(buf_take(&out, &len), rows[i].want, rows[i].path);
	}
}

static void
test_registered(void **state)
{
	(void)state;
	assert_ptr_equal(ot_type_find("json1"), json1);
	assert_ptr_equal(ot_type_find("http://sharejs.org/types/JSONv1"),
	    json1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_print_as_it_came),
		cmocka_unit_test(test_normalize),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_create_and_load),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_try_transform),
		cmocka_unit_test(test_with_document),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_registered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
