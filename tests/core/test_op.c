/*
 * op: the envelope's transform and apply, all kinds against all kinds
 * (sharedb, lib/ot.js), and how an apply is taken back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "ot/op.h"
#include "tests/proto/quoted.h"

#define TEXT_URI "http://sharejs.org/types/textv1"

static struct op *
make(enum op_kind kind, uint64_t v, const char *body)
{
	char *text = body != NULL ? quoted(body) : NULL;
	struct op *op = op_new(kind, v, "s", 1, text,
	    text != NULL ? strlen(text) : 0);
	struct ot_err err;

	assert_int_equal(op_parse(op, &ot_type_text, &err), 0);
	free(text);
	return op;
}

static struct op *
make_kind(enum op_kind kind, uint64_t v)
{
	return make(kind, v, kind == OP_EDIT ? "[1,'x']" :
	    kind == OP_CREATE ? "{'type':'text','data':'abc'}" : NULL);
}

static void
test_transform(void **state)
{
	static const struct {
		enum op_kind op, applied;
		int rc;
		const char *text;
	} rows[] = {
		{ OP_EDIT,   OP_EDIT,   0, NULL },
		{ OP_EDIT,   OP_CREATE, OT_ECREATED,
		  "Document was created remotely" },
		{ OP_EDIT,   OP_DELETE, OT_EDELETED, "Document was deleted" },
		{ OP_CREATE, OP_EDIT,   OT_ECREATED,
		  "Document was created remotely" },
		{ OP_CREATE, OP_CREATE, OT_ECREATED,
		  "Document was created remotely" },
		{ OP_CREATE, OP_DELETE, OT_EDELETED, "Document was deleted" },
		{ OP_DELETE, OP_EDIT,   0, NULL },
		{ OP_DELETE, OP_CREATE, OT_ECREATED,
		  "Document was created remotely" },
		{ OP_DELETE, OP_DELETE, 0, NULL },
	};
	struct op *op, *applied, *out;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = make_kind(rows[i].op, 3);
		applied = make_kind(rows[i].applied, 3);
		out = NULL;
		assert_int_equal(op_transform(op, applied, &ot_type_text, &out,
		    &err), rows[i].rc);
		if (rows[i].rc != 0) {
			assert_null(out);
			assert_string_equal(err.text, rows[i].text);
			assert_int_equal(op_clash(op, applied, &err),
			    rows[i].rc);
		} else {
			assert_int_equal(out->v, 4);
			assert_int_equal(out->kind, rows[i].op);
			assert_string_equal(out->src, "s");
			assert_int_equal(out->seq, 1);
			assert_int_equal(op_clash(op, applied, &err), 0);
		}
		op_unref(out);
		op_unref(op);
		op_unref(applied);
	}
}

/* As the left side: at the same place, the newcomer comes first. */
static void
test_transform_side(void **state)
{
	struct op *op = make(OP_EDIT, 0, "[1,'x']");
	struct op *applied = make(OP_EDIT, 0, "[1,'y']"), *out;
	struct ot_err err;

	(void)state;
	assert_int_equal(op_transform(op, applied, &ot_type_text, &out, &err),
	    0);
	assert_int_equal(out->body_len, strlen("[1,\"x\"]"));
	assert_memory_equal(out->body, "[1,\"x\"]", out->body_len);
	op_unref(out);
	op_unref(applied);
	applied = make(OP_EDIT, 1, "['y']");
	assert_int_equal(op_transform(op, applied, &ot_type_text, &out, &err),
	    OT_EVERSION);
	op_unref(op);
	op_unref(applied);
}

static void
test_transform_of_other_types(void **state)
{
	struct op *op = make(OP_EDIT, 0, "['x']");
	struct op *applied = op_new(OP_EDIT, 0, "s", 1, "[]", 2), *out;
	struct ot_err err;

	(void)state;
	assert_int_equal(op_parse(applied, &ot_type_json0, &err), 0);
	assert_int_equal(op_transform(op, applied, &ot_type_text, &out, &err),
	    OT_ETYPE);
	assert_int_equal(op_transform(op, op, NULL, &out, &err), OT_ENODOC);
	op_unref(op);
	op_unref(applied);
}

/* The content as JSON, NUL terminated; "" for no document. */
static void
content_is(const struct snapshot *s, const char *wanted)
{
	struct buf b = BUF_INIT;

	if (s->type != NULL)
		s->type->print(s->data, &b);
	buf_putc(&b, '\0');
	assert_string_equal(b.data, wanted);
	buf_done(&b);
}

static void
test_apply(void **state)
{
	/* In order, to one document; what is refused changes nothing. */
	static const struct {
		enum op_kind kind;
		int rc;
		const char *body, *text, *after;
	} rows[] = {
		{ OP_EDIT, OT_ENODOC, "['x']", "Document does not exist", "" },
		{ OP_DELETE, 0, NULL, NULL, "" },
		{ OP_CREATE, 0, "{'type':'text','data':'abc'}", NULL,
		  "\"abc\"" },
		{ OP_CREATE, OT_ECREATED, "{'type':'text'}",
		  "Document already exists", "\"abc\"" },
		{ OP_EDIT, 0, "[1,'x',{'d':1}]", NULL, "\"axc\"" },
		{ OP_EDIT, OT_EAPPLY, "[9,'x']", NULL, "\"axc\"" },
		{ OP_DELETE, 0, NULL, NULL, "" },
		{ OP_CREATE, 0, "{'type':'" TEXT_URI "'}", NULL, "\"\"" },
	};
	struct snapshot s = { 0, NULL, NULL };
	struct op_undo undo;
	struct op *op;
	struct ot_err err;
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = s.v;
		op = make(rows[i].kind, v, rows[i].body);
		assert_int_equal(op_apply(&s, op, &undo, &err), rows[i].rc);
		content_is(&s, rows[i].after);
		assert_int_equal(s.v, rows[i].rc == 0 ? v + 1 : v);
		if (rows[i].rc != 0 && rows[i].text != NULL)
			assert_string_equal(err.text, rows[i].text);
		if (rows[i].rc == 0) {
			/* Back, and once more for good. */
			op_unapply(&s, &undo);
			assert_int_equal(s.v, v);
			content_is(&s, i > 0 ? rows[i - 1].after : "");
			assert_int_equal(op_apply(&s, op, i % 2 ? &undo : NULL,
			    &err), 0);
			if (i % 2)
				op_undo_done(&undo);
			content_is(&s, rows[i].after);
		}
		op_unref(op);
	}
	op = make(OP_DELETE, s.v + 1, NULL);
	assert_int_equal(op_apply(&s, op, NULL, &err), OT_EVERSION);
	op_unref(op);
	snapshot_done(&s);
	assert_int_equal(s.v, 0);
}

static void
test_parse(void **state)
{
	static const struct {
		enum op_kind kind;
		const char *body;
		int rc;
		const char *text, *canonical;
	} rows[] = {
		{ OP_CREATE, "{'type':'text'}", 0, NULL,
		  "{'type':'" TEXT_URI "'}" },
		{ OP_CREATE, "{ 'data':'x', 'junk':1, 'type':'text' }", 0, NULL,
		  "{'type':'" TEXT_URI "','data':'x'}" },
		{ OP_CREATE, "{'type':'text','type':'" TEXT_URI "'}", 0, NULL,
		  "{'type':'" TEXT_URI "'}" },
		{ OP_CREATE, "{'type':'json0','data':null}", 0, NULL,
		  "{'type':'http://sharejs.org/types/JSONv0','data':null}" },
		{ OP_CREATE, "{'type':'nope'}", OT_EUNKNOWN, "Unknown type",
		  NULL },
		{ OP_CREATE, "{'type':'text\\u0000'}", OT_EUNKNOWN,
		  "Unknown type", NULL },
		{ OP_CREATE, "{'type':7}", OT_EBADLY, "Missing create type",
		  NULL },
		{ OP_CREATE, "{}", OT_EBADLY, "Missing create type", NULL },
		{ OP_EDIT, "[ 1, 'x' ]", 0, NULL, "[1,'x']" },
		{ OP_DELETE, NULL, 0, NULL, NULL },
	};
	struct op *op;
	struct ot_err err;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = rows[i].body != NULL ? quoted(rows[i].body) : NULL;
		op = op_new(rows[i].kind, 0, "s", 1, text,
		    text != NULL ? strlen(text) : 0);
		free(text);
		assert_int_equal(op_parse(op, &ot_type_text, &err),
		    rows[i].rc);
		if (rows[i].rc != 0)
			assert_string_equal(err.text, rows[i].text);
		if (rows[i].canonical != NULL) {
			text = quoted(rows[i].canonical);
			assert_int_equal(op->body_len, strlen(text));
			assert_memory_equal(op->body, text, op->body_len);
			free(text);
		}
		op_unref(op);
	}
	op = op_new(OP_EDIT, 0, "s", 1, "[]", 2);
	assert_int_equal(op_parse(op, NULL, &err), OT_ENODOC);
	op_unref(op);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_transform_side),
		cmocka_unit_test(test_transform_of_other_types),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
