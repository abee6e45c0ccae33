/* text0: tables of cases, then undo against what was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "edits.h"
#include "ot/json_value.h"
#include "ot/type_ext.h"
#include "starve.h"

static const struct ot_type *const text0 = &ot_type_text0;

static void
test_refused_edits(void **state)
{
	static const struct {
		const char *json;
		int code;
	} rows[] = {
		{ "{}", OT_EBADLY }, { "null", OT_EBADLY }, { "[", OT_EJSON },
		{ "[1]", OT_EAPPLY }, { "[{}]", OT_EAPPLY }, { "[[]]", OT_EAPPLY },
		{ "[{\"i\":\"a\"}]", OT_EAPPLY },
		{ "[{\"p\":\"0\",\"i\":\"a\"}]", OT_EAPPLY },
		{ "[{\"p\":0}]", OT_EAPPLY }, { "[{\"p\":0,\"i\":1}]", OT_EAPPLY },
		{ "[{\"p\":0,\"i\":\"a\",\"d\":\"b\"}]", OT_EAPPLY },
		{ "[{\"p\":-1,\"i\":\"a\"}]", OT_EAPPLY },
		{ "[{\"p\":0.5,\"i\":\"a\"}]", OT_EBADLY },
		{ "[{\"p\":0,\"i\":\"a\",\"x\":1}]", OT_EBADLY },
		{ "[{\"p\":0,\"i\":\"a\",\"d\":null}]", OT_EBADLY },
	};
	struct ot_edit *edit = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text0->edit_parse(rows[i].json, strlen(rows[i].json),
		    &edit, &err) != rows[i].code)
			fail_msg("%s: %d %s", rows[i].json, err.code, err.text);
		assert_null(edit);
	}
}

static void
test_create(void **state)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ NULL, "\"\"" }, { "null", "\"\"" }, { "\"\"", "\"\"" },
		{ "\"a\\u00e9\"", "\"a\xc3\xa9\"" }, { "1", NULL },
		{ "false", NULL }, { "[]", NULL },
	};
	struct ot_data *data;
	struct ot_err err;
	char *text;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = text0->create(rows[i].json, rows[i].json != NULL ?
		    strlen(rows[i].json) : 0, &data, &err);
		assert_int_equal(rc, rows[i].want != NULL ? 0 : OT_ETYPE);
		if (rc != 0)
			continue;
		text = edits_print(text0, data);
		assert_string_equal(text, rows[i].want);
		free(text);
		text0->data_free(data);
	}
}

static void
test_apply(void **state)
{
	static const struct {
		const char *doc, *op, *want;	/* want NULL: refused */
	} rows[] = {
		{ "\"abc\"", "[]", "\"abc\"" },
		{ "\"abc\"", "[{\"p\":1,\"i\":\"x\"}]", "\"axbc\"" },
		{ "\"abc\"", "[{\"p\":3,\"i\":\"x\"},{\"p\":4,\"i\":\"y\"}]", "\"abcxy\"" },
		{ "\"abc\"", "[{\"p\":4,\"i\":\"x\"}]", NULL },
		{ "\"abc\"", "[{\"p\":1,\"d\":\"bc\"}]", "\"a\"" },
		{ "\"abc\"", "[{\"p\":1,\"d\":\"bx\"}]", NULL },
		{ "\"abc\"", "[{\"p\":1,\"d\":\"bcd\"}]", NULL },
		{ "\"abc\"", "[{\"p\":9,\"d\":\"\"}]", "\"abc\"" },
		{ "\"abc\"", "[{\"p\":0,\"i\":\"x\"},{\"p\":0,\"d\":\"y\"}]", NULL },
		/* One half of a pair for another, as clients' diffs do it. */
		{ "\"\\ud83d\\ude00\"", "[{\"p\":1,\"i\":\"\\ude01\"},{\"p\":2,\"d\":\"\\ude00\"}]",
		    "\"\xf0\x9f\x98\x81\"" },
		{ "\"\\ud83d\\ude00\"", "[{\"p\":0,\"d\":\"\\ud83d\"}]", "\"\\ude00\"" },
		{ "\"\\ud83d\\ude00\"", "[{\"p\":1,\"i\":\"-\"}]", "\"\\ud83d-\\ude00\"" },
	};
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;
	char *text;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		data = edits_load(text0, rows[i].doc);
		edit = edits_parse(text0, rows[i].op);
		rc = text0->apply(data, edit, NULL, &err);
		assert_int_equal(rc, rows[i].want != NULL ? 0 : OT_EAPPLY);
		text = edits_print(text0, data);
		if (!edits_same(text, rows[i].want != NULL ? rows[i].want :
		    rows[i].doc))
			fail_msg("%s %s: %s", rows[i].doc, rows[i].op, text);
		free(text);
		text0->edit_free(edit);
		text0->data_free(data);
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
		{ "[{\"p\":1,\"i\":\"a\"}]", "[{\"p\":1,\"i\":\"bc\"}]",
		    OT_LEFT, "[{\"p\":1,\"i\":\"a\"}]" },
		{ "[{\"p\":1,\"i\":\"a\"}]", "[{\"p\":1,\"i\":\"bc\"}]",
		    OT_RIGHT, "[{\"p\":3,\"i\":\"a\"}]" },
		{ "[{\"p\":1,\"i\":\"a\"}]", "[]", OT_LEFT, "[{\"p\":1,\"i\":\"a\"}]" },
		{ "[]", "[{\"p\":1,\"i\":\"a\"}]", OT_LEFT, "[]" },
		{ "[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":1,\"i\":\"x\"}]", OT_LEFT,
		    "[{\"p\":0,\"d\":\"a\"},{\"p\":1,\"d\":\"bc\"}]" },
		{ "[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":0,\"i\":\"x\"}]",
		    OT_LEFT, "[{\"p\":1,\"d\":\"abc\"}]" },
		{ "[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":3,\"i\":\"x\"}]",
		    OT_LEFT, "[{\"p\":0,\"d\":\"abc\"}]" },
		{ "[{\"p\":0,\"d\":\"abcd\"}]", "[{\"p\":1,\"d\":\"bc\"}]",
		    OT_LEFT, "[{\"p\":0,\"d\":\"ad\"}]" },
		{ "[{\"p\":1,\"d\":\"b\"}]", "[{\"p\":0,\"d\":\"abc\"}]", OT_LEFT, "[]" },
		{ "[{\"p\":1,\"d\":\"b\"}]", "[{\"p\":0,\"d\":\"axc\"}]", OT_LEFT, NULL },
		{ "[{\"p\":0,\"i\":\"a\"},{\"p\":1,\"i\":\"b\"}]",
		    "[{\"p\":0,\"i\":\"x\"},{\"p\":0,\"i\":\"y\"}]",
		    OT_RIGHT, "[{\"p\":2,\"i\":\"ab\"}]" },
	};
	struct ot_edit *op, *other, *result;
	struct ot_err err;
	char *text;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = edits_parse(text0, rows[i].op);
		other = edits_parse(text0, rows[i].other);
		rc = text0->transform(op, other, rows[i].side, &result, &err);
		assert_int_equal(rc, rows[i].want != NULL ? 0 : OT_ETYPE);
		if (rc == 0) {
			text = edits_show(text0, result);
			if (!edits_same(text, rows[i].want))
				fail_msg("%s after %s: %s", rows[i].op,
				    rows[i].other, text);
			free(text);
		}
		text0->edit_free(op);
		text0->edit_free(other);
	}
}

static void
test_compose_and_invert(void **state)
{
	static const struct {
		const char *first, *second, *both, *back;
	} rows[] = {
		{ "[{\"p\":0,\"i\":\"ac\"}]", "[{\"p\":1,\"i\":\"b\"}]",
		    "[{\"p\":0,\"i\":\"abc\"}]", "[{\"p\":0,\"d\":\"abc\"}]" },
		{ "[{\"p\":1,\"d\":\"b\"}]", "[{\"p\":0,\"d\":\"ac\"}]",
		    "[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":0,\"i\":\"abc\"}]" },
		{ "[{\"p\":0,\"i\":\"a\"}]", "[{\"p\":0,\"d\":\"a\"}]",
		    "[{\"p\":0,\"i\":\"a\"},{\"p\":0,\"d\":\"a\"}]",
		    "[{\"p\":0,\"i\":\"a\"},{\"p\":0,\"d\":\"a\"}]" },
		{ "[{\"p\":0,\"i\":\"\"}]", "[{\"p\":3,\"d\":\"\"}]",
		    "[{\"p\":0,\"i\":\"\"}]", "[{\"p\":0,\"d\":\"\"}]" },
	};
	struct ot_edit *first, *second, *both, *back;
	struct ot_err err;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		first = edits_parse(text0, rows[i].first);
		second = edits_parse(text0, rows[i].second);
		assert_int_equal(text0->compose(first, second, &both, &err), 0);
		assert_int_equal(text0->invert(both, &back, &err), 0);
		text = edits_show(text0, both);
		assert_true(edits_same(text, rows[i].both));
		free(text);
		text = edits_show(text0, back);
		assert_true(edits_same(text, rows[i].back));
		free(text);
		text0->edit_free(first);
		text0->edit_free(second);
	}
}

/* An edit of some parts for the document s; some do not fit. */
static struct ot_edit *
random_edit(struct chance *c, const struct json *s)
{
	static const char *const texts[] = { "a", "bc", "\\ud83d", "\\ude00",
	    "\\ud83d\\ude00", "\xc3\xa9" };
	size_t len = json_string_len_u16(s), n = 1 + chance_below(c, 3), at, i;
	struct buf b = BUF_INIT;
	struct json *cut;
	struct ot_edit *edit;

	buf_putc(&b, '[');
	for (i = 0; i < n; i++) {
		at = chance_below(c, len + 1);
		buf_puts(&b, i > 0 ? ",{\"p\":" : "{\"p\":");
		buf_put_u64(&b, at);
		if (chance_below(c, 2) == 0) {
			buf_puts(&b, ",\"i\":\"");
			buf_puts(&b, texts[chance_below(c, 6)]);
			buf_puts(&b, "\"}");
		} else {
			cut = json_string_slice(s, at, at + chance_below(c, 4));
			buf_puts(&b, ",\"d\":");
			json_print(cut, &b);
			buf_putc(&b, '}');
			json_unref(cut);
		}
	}
	buf_puts(&b, "]");
	buf_putc(&b, '\0');
	edit = edits_parse(text0, b.data);
	buf_done(&b);
	return edit;
}

/* Applied, refused or out of memory: taking back gives the same bytes. */
static void
test_undo(void **state)
{
	struct ot_data *data = edits_load(text0, "\"abc\\ud83d\\ude00\"");
	struct ot_undo *undo;
	struct ot_edit *edit;
	struct ot_err err;
	struct json *now;
	struct chance c;
	char *before, *after;
	size_t round, taken = 0;
	int rc;

	(void)state;
	chance_init(&c, __func__, 5);
	for (round = 0; round < 5000; round++) {
		before = edits_print(text0, data);
		assert_int_equal(json_parse(before, strlen(before), 0, &now,
		    &err), 0);
		edit = random_edit(&c, now);
		starve_after = chance_below(&c, 4) == 0 ?
		    (long)chance_below(&c, 4) : -1;
		rc = text0->apply(data, edit, &undo, &err);
		starve_after = -1;
		if (rc == 0 && chance_below(&c, 2) == 0) {
			text0->undo_free(undo);
			taken++;
		} else {
			if (rc == 0)
				text0->undo(data, undo);
			after = edits_print(text0, data);
			assert_string_equal(before, after);
			free(after);
		}
		if (json_string_len_u16(now) > 40) {
			text0->data_free(data);
			data = edits_load(text0, "\"\\ud83dxyz\"");
		}
		text0->edit_free(edit);
		json_unref(now);
		free(before);
	}
	assert_true(taken > 500);
	text0->data_free(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_edits),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_transform),
		cmocka_unit_test(test_compose_and_invert),
		cmocka_unit_test(test_undo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
