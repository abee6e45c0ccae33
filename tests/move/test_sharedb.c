/*
 * sharedb_doc: operations as ShareDB stored them, and how far back a content
 * can be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/sharedb_doc.h"

#define JSON0 "http://sharejs.org/types/JSONv0"

/* ---- operations ---- */

static struct op *
made(const char *json, const struct ot_type *type, int64_t *at_ms)
{
	struct ot_err err;

	return sharedb_op(json, strlen(json), 7, type, at_ms, &err);
}

static void
operations(void **state)
{
	static const struct {
		const char *json;
		const struct ot_type *type;
		enum op_kind kind;
		const char *src, *body;
		uint64_t seq;
		int64_t at_ms;
	} rows[] = {
		{ "{\"v\":7,\"src\":\"a\",\"seq\":3,\"m\":{\"ts\":1700000000123},"
		    "\"op\":[{\"p\":[\"n\"],\"na\":1}]}", &ot_type_json0, OP_EDIT,
		    "a", "[{\"p\":[\"n\"],\"na\":1}]", 3, 1700000000123 },
		{ "{\"src\":\"a\",\"seq\":3,\"create\":{\"type\":\"json0\"}}",
		    NULL, OP_CREATE, "a", "{\"type\":\"json0\"}", 3, 0 },
		{ "{\"src\":\"a\",\"seq\":3,\"del\":true,\"m\":{\"data\":{}}}",
		    &ot_type_json0, OP_DELETE, "a", NULL, 3, 0 },
		/* lib/ot.js looks at create first, at del before op. */
		{ "{\"src\":\"a\",\"seq\":3,\"del\":true,\"op\":[]}",
		    &ot_type_json0, OP_DELETE, "a", NULL, 3, 0 },
		{ "{\"src\":\"a\",\"seq\":3,\"del\":false,\"op\":[1]}",
		    &ot_type_text, OP_EDIT, "a", "[1]", 3, 0 },
		{ "{\"src\":\"a\",\"seq\":3,\"op\":null}", &ot_type_json1,
		    OP_EDIT, "a", "null", 3, 0 },
		/* What does nothing. */
		{ "{\"src\":\"a\",\"seq\":3}", &ot_type_json0, OP_EDIT, "a",
		    "[]", 3, 0 },
		{ "{\"src\":\"a\",\"seq\":3}", &ot_type_json1, OP_EDIT, "a",
		    "null", 3, 0 },
		{ "{\"src\":\"a\",\"seq\":3}", NULL, OP_DELETE, "a", NULL, 3,
		    0 },
		/* Who did it is not said, or only half. */
		{ "{\"op\":[]}", &ot_type_json0, OP_EDIT, "moved", "[]", 8, 0 },
		{ "{\"src\":\"a\",\"op\":[]}", &ot_type_json0, OP_EDIT, "moved",
		    "[]", 8, 0 },
		{ "{\"src\":\"\",\"seq\":1,\"m\":{\"ts\":-1},\"op\":[]}",
		    &ot_type_json0, OP_EDIT, "moved", "[]", 8, 0 },
		{ "{\"src\":5,\"seq\":1,\"m\":7,\"op\":[]}", &ot_type_json0,
		    OP_EDIT, "moved", "[]", 8, 0 },
	};
	int64_t at_ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op *op = made(rows[i].json, rows[i].type, &at_ms);

		assert_non_null(op);
		assert_int_equal(op->v, 7);
		assert_int_equal(op->kind, rows[i].kind);
		assert_string_equal(op->src, rows[i].src);
		assert_int_equal(op->seq, rows[i].seq);
		assert_int_equal(at_ms, rows[i].at_ms);
		if (rows[i].body == NULL)
			assert_null(op->body);
		else
			assert_string_equal(op->body, rows[i].body);
		op_unref(op);
	}
	assert_null(made("[]", NULL, &at_ms));
	assert_null(made("{\"src\":", NULL, &at_ms));
}

/* An edit that does nothing is one in every type. */
static void
nothing_in_every_type(void **state)
{
	const struct ot_type *type;
	struct ot_err err;
	int64_t at_ms;
	size_t i;

	(void)state;
	for (i = 0; (type = ot_type_at(i)) != NULL; i++) {
		struct op *op = made("{\"src\":\"a\",\"seq\":1}", type, &at_ms);

		assert_int_equal(op_parse(op, type, &err), 0);
		op_unref(op);
	}
}

/* ---- back ---- */

/* Ops from v on, and where they lead; how many of them cannot be kept. */
static size_t
walk(const char *type, uint64_t v, const char *const *bodies, size_t n,
    const char *data, struct snapshot *base)
{
	const struct mover_content c = { .v = v + n, .type = type,
	    .data = data, .len = strlen(data) };
	struct op_list ops = { NULL, 0 };
	struct ot_err err;
	size_t i, first;

	for (i = 0; i < n; i++)
		op_list_add(&ops, op_new(strncmp(bodies[i], "{\"type\"", 7) == 0 ?
		    OP_CREATE : OP_EDIT, v + i, "a", i, bodies[i],
		    strlen(bodies[i])));
	assert_int_equal(sharedb_walk_back(&ops, &c, &first, base, &err), 0);
	assert_int_equal(base->v, v + first);
	op_list_done(&ops);
	return first;
}

static void
assert_prints(struct snapshot *s, const char *wanted)
{
	struct buf b = BUF_INIT;

	assert_non_null(s->type);
	assert_true(s->type->print(s->data, &b));
	buf_putc(&b, '\0');
	assert_string_equal(b.data, wanted);
	buf_done(&b);
	snapshot_done(s);
}

static void
back_by_inverses(void **state)
{
	static const char *const edits[] = {
		"[{\"p\":[\"n\"],\"na\":1}]", "[{\"p\":[\"k\"],\"oi\":\"x\"}]",
		"[{\"p\":[\"k\",1],\"si\":\"y\"}]",
	};
	struct snapshot base;

	(void)state;
	assert_int_equal(walk(JSON0, 10, edits, 3, "{\"n\":5,\"k\":\"xy\"}",
	    &base), 0);
	assert_prints(&base, "{\"n\":4}");
}

/* What an edit removed without saying what it was, nobody knows. */
static void
back_to_what_is_not_known(void **state)
{
	static const char *const edits[] = { "[\"a\"]", "[{\"d\":2}]", "[\"b\"]" };
	struct snapshot base;

	(void)state;
	assert_int_equal(walk("text-unicode", 5, edits, 3, "\"bc\"", &base), 2);
	assert_prints(&base, "\"c\"");
}

static void
back_to_a_create(void **state)
{
	static const char *const ops[] = {
		"[{\"p\":[\"n\"],\"na\":1}]",
		"{\"type\":\"" JSON0 "\",\"data\":{\"n\":1}}",
		"[{\"p\":[\"n\"],\"na\":1}]",
	};
	struct snapshot base;

	(void)state;
	assert_int_equal(walk(JSON0, 20, ops, 3, "{\"n\":2}", &base), 1);
	assert_null(base.type);
	assert_int_equal(base.v, 21);
}

/* An inverse that leads elsewhere: the edit lied about what it replaced. */
static void
back_is_proven(void **state)
{
	static const char *const ops[] = {
		"{\"type\":\"" JSON0 "\",\"data\":{\"n\":1}}",
		"[{\"p\":[\"n\"],\"na\":1}]",
	};
	struct snapshot base;

	(void)state;
	assert_int_equal(walk(JSON0, 20, ops, 2, "{\"n\":7}", &base), 2);
	assert_prints(&base, "{\"n\":7}");
}

static void
back_from_nothing(void **state)
{
	const struct mover_content gone = { .v = 3 }, strange = { .v = 3,
	    .type = "http://example.com/own", .data = "1", .len = 1 };
	struct op_list ops = { NULL, 0 };
	struct snapshot base;
	struct ot_err err;
	size_t first;

	(void)state;
	op_list_add(&ops, op_new(OP_DELETE, 2, "a", 1, NULL, 0));
	assert_int_equal(sharedb_walk_back(&ops, &gone, &first, &base, &err),
	    0);
	assert_int_equal(first, 1);
	assert_int_equal(base.v, 3);
	assert_null(base.type);
	assert_int_not_equal(sharedb_walk_back(&ops, &strange, &first, &base,
	    &err), 0);
	op_list_done(&ops);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations),
		cmocka_unit_test(nothing_in_every_type),
		cmocka_unit_test(back_by_inverses),
		cmocka_unit_test(back_to_what_is_not_known),
		cmocka_unit_test(back_to_a_create),
		cmocka_unit_test(back_is_proven),
		cmocka_unit_test(back_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
