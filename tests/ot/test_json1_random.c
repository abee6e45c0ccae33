/*
 * json1 by chance: documents and ops from a seed.  An op that is refused, or
 * taken back, or that runs out of memory, leaves the document's very bytes as
 * they were; and the promises of OT hold with the policy "auto".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "json1_chance.h"
#include "starve.h"

/* ---- whole or not at all ---- */

#define DEEP	6	/* ops on top of one another */

static void
test_undo(void **state)
{
	struct ot_undo *undo[DEEP];
	struct ot_edit *edit[DEEP];
	struct ot_data *data, *other;
	size_t size[DEEP], round, n, i, applied = 0, refused = 0;
	char *before[DEEP];
	struct ot_err err;
	struct chance c;

	(void)state;
	chance_init(&c, __func__, 16);
	for (round = 0; round < 3000; round++) {
		data = random_data(&c);
		other = random_data(&c);
		for (n = 0; n < DEEP; n++) {
			before[n] = edits_print(json1, data);
			size[n] = json1->data_size(data);
			edit[n] = random_edit(&c, chance_below(&c, 4) == 0 ?
			    other : data, 1 + chance_below(&c, 4));
			if (json1->apply(data, edit[n], &undo[n], &err) == 0) {
				applied++;
				continue;
			}
			refused++;
			assert_int_equal(err.code, OT_EAPPLY);
			assert_prints(data, before[n]);
			assert_int_equal(json1->data_size(data), size[n]);
			json1->edit_free(edit[n]);
			free(before[n]);
			break;
		}
		/* The edits may go first: what was put is shared, not lent. */
		if (chance_below(&c, 2) == 0) {
			for (i = 0; i < n; i++) {
				json1->edit_free(edit[i]);
				edit[i] = NULL;
			}
		}
		while (n-- > 0) {
			json1->undo(data, undo[n]);
			assert_prints(data, before[n]);
			assert_int_equal(json1->data_size(data), size[n]);
			json1->edit_free(edit[n]);
			free(before[n]);
		}
		json1->data_free(data);
		json1->data_free(other);
	}
	assert_true(applied > 5000 && refused > 500);
}

/* An edit stays what it is, whatever happens to the document it went into. */
static void
test_edits_are_immutable(void **state)
{
	struct ot_edit *edit, *later;
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct ot_undo *undo;
	struct ot_data *data;
	struct ot_err err;
	struct chance c;
	size_t round, i;

	(void)state;
	chance_init(&c, __func__, 17);
	for (round = 0; round < 1000; round++) {
		data = random_data(&c);
		edit = random_edit(&c, data, 3);
		buf_reset(&before);
		buf_reset(&after);
		json1->edit_print(edit, &before);
		assert_int_equal(json1->apply(data, edit, NULL, &err), 0);
		for (i = 0; i < 5; i++) {
			later = random_edit(&c, data, 2);
			assert_int_equal(json1->apply(data, later, &undo,
			    &err), 0);
			json1->undo_free(undo);
			json1->edit_free(later);
		}
		json1->edit_print(edit, &after);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.data, after.data, after.len);
		json1->edit_free(edit);
		json1->data_free(data);
	}
	buf_done(&before);
	buf_done(&after);
}

/* Each allocation fails in turn. */
static void
test_apply_without_memory(void **state)
{
	struct ot_undo *undo;
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;
	struct chance c;
	char *before;
	size_t round;
	long n;
	int rc;

	(void)state;
	chance_init(&c, __func__, 18);
	for (round = 0; round < 300; round++) {
		data = random_data(&c);
		before = edits_print(json1, data);
		edit = random_edit(&c, data, 1 + chance_below(&c, 8));
		for (n = 0, rc = OT_ENOMEM; rc == OT_ENOMEM; n++) {
			starve_after = n;
			rc = json1->apply(data, edit, &undo, &err);
			starve_after = 0;	/* to undo takes no memory */
			if (rc == 0)
				json1->undo(data, undo);
			starve_after = -1;
			assert_prints(data, before);
		}
		assert_int_equal(rc, 0);
		free(before);
		json1->edit_free(edit);
		json1->data_free(data);
	}
}

/* ---- long texts ---- */

/* A text op that fits n code points, mostly, as JSON. */
static void
put_text_op(struct chance *c, struct buf *b, size_t n)
{
	size_t parts = 1 + chance_below(c, chance_below(c, 8) == 0 ? 20 : 3);
	size_t skip;

	buf_putc(b, '[');
	while (parts-- > 0) {
		skip = 1 + chance_below(c, n / 4 + 2);
		n -= skip < n ? skip : n;
		buf_put_u64(b, skip);
		switch (chance_below(c, 3)) {
		case 0:
			buf_puts(b, ",{\"d\":2}");
			break;
		case 1:
			buf_puts(b, ",\"\\u00e9\\ud83d\\ude00\"");
			break;
		default:
			buf_puts(b, ",\"plain\",{\"d\":1}");
		}
		buf_puts(b, parts > 0 ? "," : "]");
	}
}

/* Text is edited as the type text-unicode edits it, and back again. */
static void
check_long_text(struct chance *c, const char *piece, size_t pieces)
{
	static const struct ot_type *const text = &ot_type_text_unicode;
	struct buf s = BUF_INIT, doc = BUF_INIT, op = BUF_INIT;
	struct ot_data *data, *model;
	struct ot_undo *undo[DEEP], *model_undo;
	struct ot_edit *edit, *model_edit;
	char *before[DEEP], *now;
	struct ot_err err;
	size_t n = 0, len;
	int rc;

	buf_putc(&s, '"');
	while (pieces-- > 0)
		buf_puts(&s, piece);
	buf_puts(&s, "\"");
	buf_putc(&s, '\0');
	buf_puts(&doc, s.data);
	buf_putc(&doc, '\0');
	data = edits_load(json1, doc.data);
	model = edits_load(text, s.data);
	len = s.len;
	while (n < DEEP) {
		buf_reset(&op);
		put_text_op(c, &op, len);
		model_edit = NULL;
		if (text->edit_parse(op.data, op.len, &model_edit, &err) != 0)
			fail_msg("%.*s: %s", (int)op.len, op.data, err.text);
		buf_reset(&doc);
		buf_puts(&doc, "[{\"es\":");
		buf_put(&doc, op.data, op.len);
		buf_puts(&doc, "}]");
		buf_putc(&doc, '\0');
		edit = edits_parse(json1, doc.data);
		before[n] = edits_print(json1, data);
		starve_after = chance_below(c, 3) == 0 ?
		    (long)chance_below(c, 12) : -1;
		rc = json1->apply(data, edit, &undo[n], &err);
		starve_after = -1;
		json1->edit_free(edit);
		if (rc == 0 && text->apply(model, model_edit, &model_undo,
		    &err) != 0)
			fail_msg("%s", err.text);
		if (rc == 0)
			text->undo_free(model_undo);
		else
			assert_prints(data, before[n]);
		text->edit_free(model_edit);
		now = edits_print(text, model);
		assert_prints(data, now);
		free(now);
		if (rc == 0)
			n++;
		else
			free(before[n]);
	}
	while (n-- > 0) {
		json1->undo(data, undo[n]);
		assert_prints(data, before[n]);
		free(before[n]);
	}
	json1->data_free(data);
	text->data_free(model);
	buf_done(&s);
	buf_done(&doc);
	buf_done(&op);
}

static void
test_long_text(void **state)
{
	struct chance c;
	size_t round;

	(void)state;
	chance_init(&c, __func__, 21);
	for (round = 0; round < 100; round++) {
		check_long_text(&c, "twenty-one characters", 4);
		check_long_text(&c, "twenty-one characters", 2000);
		check_long_text(&c, "\xc3\xa9t\xc3\xa9 \xf0\x9f\x98\x80", 4);
		check_long_text(&c, "\xc3\xa9t\xc3\xa9 \xf0\x9f\x98\x80", 600);
	}
}

/* ---- ops without memory ---- */

/* The functions that take ops and give one, by number. */
static int
edit_function(size_t fn, const struct buf *text, const struct ot_edit *a,
    const struct ot_edit *b, struct ot_edit **out, struct ot_err *err)
{
	switch (fn) {
	case 0:
		return json1->edit_parse(text->data, text->len, out, err);
	case 1:
		return json1->transform(a, b, OT_LEFT, out, err);
	case 2:
		return json1->transform(b, a, OT_RIGHT, out, err);
	case 3:
		return json1->compose(a, b, out, err);
	default:
		return json1->invert(a, out, err);
	}
}

static void
test_edits_without_memory(void **state)
{
	struct ot_edit *a, *b, *result;
	struct buf text = BUF_INIT;
	struct ot_data *data;
	struct ot_err err;
	struct chance c;
	size_t round, fn;
	long n;
	int rc;

	(void)state;
	chance_init(&c, __func__, 19);
	for (round = 0; round < 150; round++) {
		data = random_data(&c);
		a = random_edit(&c, data, 3);
		b = random_edit(&c, data, 3);
		buf_reset(&text);
		json1->edit_print(a, &text);
		for (fn = 0; fn < 5; fn++) {
			for (n = 0, rc = OT_ENOMEM; rc == OT_ENOMEM; n++) {
				result = NULL;
				starve_after = n;
				rc = edit_function(fn, &text, a, b, &result,
				    &err);
				starve_after = -1;
				assert_int_equal(rc == 0, result != NULL);
				json1->edit_free(result);
			}
		}
		json1->edit_free(a);
		json1->edit_free(b);
		json1->data_free(data);
	}
	buf_done(&text);
}

/* ---- the promises ---- */

static void
apply_all(struct ot_data *data, const struct ot_edit *edit)
{
	struct ot_err err;
	char *doc = edits_print(json1, data);
	struct buf b = BUF_INIT;

	if (json1->apply(data, edit, NULL, &err) != 0) {
		json1->edit_print(edit, &b);
		buf_putc(&b, '\0');
		fail_msg("%s on %s: %s", b.data, doc, err.text);
	}
	free(doc);
}

static void
assert_same(const struct ot_data *x, const struct ot_data *y)
{
	char *a = edits_print(json1, x), *b = edits_print(json1, y);

	if (!edits_same(a, b))
		fail_msg("%s is not %s", a, b);
	free(a);
	free(b);
}

/* The op that takes edit back from what it makes of data. */
static struct ot_edit *
inverse(const struct ot_data *data, const struct ot_edit *edit)
{
	struct buf op = BUF_INIT, doc = BUF_INIT, out = BUF_INIT;
	struct json_slice op_slice, doc_slice = { NULL, 0, JSON_NONE };
	struct ot_edit *back;
	struct ot_err err;

	json1->edit_print(edit, &op);
	op_slice = (struct json_slice){ op.data, op.len, JSON_LIST };
	if (json1->print(data, &doc))
		doc_slice = (struct json_slice){ doc.data, doc.len,
		    JSON_OBJECT };
	if (json1->ext->invert_with_doc(&op_slice, &doc_slice, &out,
	    &err) != 0)
		fail_msg("%.*s: %s", (int)op.len, op.data, err.text);
	buf_putc(&out, '\0');
	back = edits_parse(json1, out.data);
	buf_done(&op);
	buf_done(&doc);
	buf_done(&out);
	return back;
}

/*
 * Pairs that conflict are resolved one conflict at a time, and the two ways
 * round may find another one first.  Then, of very many such pairs, one ends
 * apart, and one has a conflict that resolving does not end: both as in
 * ot-json1 1.0.2, which in the latter case never returns.
 */
struct tally {
	size_t	conflicts, apart, unresolved;
};

#define RARELY	5	/* of 5000 pairs; it is 1 of some 100000 */

static bool
is_conflict(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side)
{
	struct ot_edit *plain;
	struct ot_err err;
	int rc = ot_type_json1.transform(op, other, side, &plain, &err);

	if (rc == 0) {
		json1->edit_free(plain);
		return false;
	}
	assert_int_equal(rc, OT_ETYPE);
	assert_string_equal(err.text, "Transform detected write conflict");
	return true;
}

/* NULL: the conflict that is there cannot be resolved. */
static struct ot_edit *
transform_auto(const struct ot_edit *op, const struct ot_edit *other,
    enum ot_side side, bool conflict)
{
	struct ot_edit *edit;
	struct ot_err err;
	int rc = json1->transform(op, other, side, &edit, &err);

	if (rc == 0)
		return edit;
	assert_true(conflict);
	assert_int_equal(rc, OT_ETYPE);
	assert_string_equal(err.text, "Transform detected write conflict");
	return NULL;
}

static bool
is_same(const struct ot_data *x, const struct ot_data *y)
{
	char *a = edits_print(json1, x), *b = edits_print(json1, y);
	bool same = edits_same(a, b);

	free(a);
	free(b);
	return same;
}

/* One op for two, a and then b2, which make end of data; and back. */
static void
check_joined(const struct ot_data *data, const struct ot_edit *a,
    const struct ot_edit *b2, const struct ot_data *end)
{
	struct ot_data *x = copy_data(data);
	struct ot_edit *both, *back;
	struct ot_err err;

	assert_int_equal(json1->compose(a, b2, &both, &err), 0);
	apply_all(x, both);
	assert_same(end, x);
	back = inverse(data, both);
	apply_all(x, back);
	assert_same(data, x);
	json1->edit_free(both);
	json1->edit_free(back);
	json1->data_free(x);
}

static void
check_promises(struct chance *c, struct tally *tally)
{
	struct ot_edit *a, *b, *a2, *b2;
	struct ot_data *data = random_data(c), *x, *y;
	bool conflict;

	a = random_edit(c, data, 1 + chance_below(c, 4));
	b = random_edit(c, data, 1 + chance_below(c, 4));
	conflict = is_conflict(a, b, OT_LEFT);
	tally->conflicts += conflict;
	conflict |= is_conflict(b, a, OT_RIGHT);
	a2 = transform_auto(a, b, OT_LEFT, conflict);
	b2 = transform_auto(b, a, OT_RIGHT, conflict);
	x = copy_data(data);
	y = copy_data(data);
	if (a2 != NULL && b2 != NULL) {
		/* Both ways round the diamond. */
		apply_all(x, a);
		apply_all(x, b2);
		apply_all(y, b);
		apply_all(y, a2);
		if (!conflict)
			assert_same(x, y);
		else
			tally->apart += !is_same(x, y);
		check_joined(data, a, b2, x);
	} else {
		tally->unresolved++;
	}
	json1->edit_free(a);
	json1->edit_free(b);
	json1->edit_free(a2);
	json1->edit_free(b2);
	json1->data_free(x);
	json1->data_free(y);
	json1->data_free(data);
}

static void
test_promises(void **state)
{
	struct tally tally = { 0, 0, 0 };
	struct chance c;
	size_t round;

	(void)state;
	chance_init(&c, __func__, 20);
	for (round = 0; round < 5000; round++)
		check_promises(&c, &tally);
	assert_true(tally.conflicts > 500);
	assert_true(tally.apart + tally.unresolved <= RARELY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_edits_are_immutable),
		cmocka_unit_test(test_apply_without_memory),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_edits_without_memory),
		cmocka_unit_test(test_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
