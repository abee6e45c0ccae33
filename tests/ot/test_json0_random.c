/*
 * json0 by chance: documents and ops from a seed.  An op that is refused, or
 * taken back, or that runs out of memory, leaves the document's very bytes as
 * they were; and the promises of OT hold for ops that tell the truth.
 */
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
#include "starve.h"

static const struct ot_type *const json0 = &ot_type_json0;

/* ---- documents and ops ---- */

static void
put_value(struct chance *c, struct buf *b, unsigned depth)
{
	static const char *const scalars[] = { "null", "true", "0", "1", "-7",
	    "\"\"", "\"abc\"", "\"x\\ud83d\\ude00\"", "\"\\ud83d\"", "12" };
	size_t n, i;

	switch (depth == 0 ? 0 : chance_below(c, 3)) {
	case 0:
		if (chance_below(c, 40) == 0) {		/* long: becomes a rope */
			buf_putc(b, '"');
			for (i = 0; i < 300; i++)
				buf_puts(b, "h\xc3\xa9\xf0\x9f\x98\x80 \\ude00");
			buf_putc(b, '"');
			return;
		}
		buf_puts(b, scalars[chance_below(c, 10)]);
		return;
	case 1:
		n = chance_below(c, 5);
		buf_putc(b, '[');
		for (i = 0; i < n; i++) {
			if (i > 0)
				buf_putc(b, ',');
			put_value(c, b, depth - 1);
		}
		buf_putc(b, ']');
		return;
	default:
		n = chance_below(c, 12) == 0 ? 12 : chance_below(c, 4);
		buf_putc(b, '{');
		for (i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? ",\"" : "\"");
			buf_putc(b, (char)('a' + i));
			buf_puts(b, "\":");
			put_value(c, b, depth - 1);
		}
		buf_putc(b, '}');
	}
}

/* One step of the way down: its text, and where it leads. */
static struct json *
put_step(struct chance *c, struct buf *b, const struct json *v)
{
	const struct json_member *m;
	size_t at;

	if (json_kind(v) == JSON_LIST) {
		at = chance_below(c, json_list_len(v));
		buf_put_u64(b, at);
		return json_list_at(v, at);
	}
	m = json_object_first(v);
	for (at = chance_below(c, json_object_len(v)); at > 0; at--)
		m = json_object_next(v, m);
	json_put_string(b, m->key->text, m->key->len);
	return m->value;
}

static bool
has_children(const struct json *v)
{
	return (json_kind(v) == JSON_LIST && json_list_len(v) > 0) ||
	    (json_kind(v) == JSON_OBJECT && json_object_len(v) > 0);
}

static void
put_field(struct buf *b, const char *name, const struct json *v)
{
	buf_puts(b, name);
	json_print(v, b);
}

/* What is done to v, which is at the path in b and in the container in. */
static void
put_action(struct chance *c, struct buf *b, const struct json *in,
    const struct json *v, bool honest)
{
	struct json *cut;
	size_t at;

	if (json_kind(v) == JSON_NUMBER && chance_below(c, 2) == 0) {
		buf_puts(b, "],\"na\":3");
		return;
	}
	if (json_kind(v) == JSON_STRING && chance_below(c, 4) > 0) {
		at = chance_below(c, json_string_len_u16(v) + 1);
		buf_putc(b, in != NULL ? ',' : ' ');
		buf_put_u64(b, at);
		if (chance_below(c, 2) == 0) {
			buf_puts(b, "],\"si\":\"\\ud83dz\"");
		} else {
			cut = json_string_slice(v, at, at + chance_below(c, 3));
			put_field(b, "],\"sd\":", cut);
			json_unref(cut);
		}
		return;
	}
	if (!honest && chance_below(c, 3) == 0)
		v = json_null_new();
	buf_putc(b, ']');
	if (json_kind(in) == JSON_LIST) {
		switch (chance_below(c, 4)) {
		case 0:
			put_field(b, ",\"ld\":", v);
			break;
		case 1:
			put_field(b, ",\"ld\":", v);
			/* FALLTHROUGH */
		case 2:
			buf_puts(b, ",\"li\":");
			put_value(c, b, 2);
			break;
		default:
			buf_puts(b, ",\"lm\":");
			buf_put_u64(b, chance_below(c, json_list_len(in)));
		}
	} else if (chance_below(c, 2) == 0) {
		put_field(b, ",\"od\":", v);
	} else {
		put_field(b, ",\"od\":", v);
		buf_puts(b, ",\"oi\":");
		put_value(c, b, 2);
	}
}

static void
put_part(struct chance *c, struct buf *b, const struct json *doc, bool honest)
{
	const struct json *v = doc, *in = NULL;

	buf_puts(b, "{\"p\":[");
	while (has_children(v) && chance_below(c, 5) > 0) {
		if (in != NULL)
			buf_putc(b, ',');
		in = v;
		v = put_step(c, b, v);
	}
	if (json_kind(v) == JSON_OBJECT && chance_below(c, 2) == 0) {
		buf_puts(b, in != NULL ? ",\"new\"],\"oi\":" :
		    "\"new\"],\"oi\":");
		put_value(c, b, 2);
	} else {
		put_action(c, b, in, v, honest);
	}
	buf_putc(b, '}');
}

/*
 * An op of n parts made for what data prints.  The parts after the first know
 * nothing of those before, so that some do not fit; an honest op has one part.
 */
static struct ot_edit *
random_edit(struct chance *c, const struct ot_data *data, size_t n, bool honest)
{
	char *text = edits_print(json0, data);
	struct buf b = BUF_INIT;
	struct ot_edit *edit;
	struct ot_err err;
	struct json *doc;
	size_t i;

	if (json_parse(text, strlen(text), 0, &doc, &err) != 0)
		doc = json_null_new();		/* undefined */
	buf_putc(&b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		put_part(c, &b, doc, honest);
	}
	buf_puts(&b, "]");
	buf_putc(&b, '\0');
	edit = edits_parse(json0, b.data);
	buf_done(&b);
	json_unref(doc);
	free(text);
	return edit;
}

static struct ot_data *
random_data(struct chance *c)
{
	struct buf b = BUF_INIT;
	struct ot_data *data;

	put_value(c, &b, 4);
	buf_putc(&b, '\0');
	data = edits_load(json0, b.data);
	buf_done(&b);
	return data;
}

static struct ot_data *
copy_data(const struct ot_data *data)
{
	char *text = edits_print(json0, data);
	struct ot_data *copy = edits_load(json0,
	    strcmp(text, "undefined") == 0 ? NULL : text);

	free(text);
	return copy;
}

static void
assert_prints(const struct ot_data *data, const char *want)
{
	char *text = edits_print(json0, data);

	assert_string_equal(text, want);
	free(text);
}

/* ---- whole or not at all ---- */

#define DEEP	6	/* ops on top of one another */

static void
test_undo(void **state)
{
	struct ot_undo *undo[DEEP];
	struct ot_edit *edit[DEEP];
	size_t size[DEEP], round, n, applied = 0, refused = 0;
	char *before[DEEP];
	struct ot_data *data;
	struct ot_err err;
	struct chance c;
	int rc;

	(void)state;
	chance_init(&c, __func__, 6);
	for (round = 0; round < 5000; round++) {
		data = random_data(&c);
		for (n = 0; n < DEEP; n++) {
			before[n] = edits_print(json0, data);
			size[n] = json0->data_size(data);
			edit[n] = random_edit(&c, data,
			    1 + chance_below(&c, 4), false);
			rc = json0->apply(data, edit[n], &undo[n], &err);
			if (rc == 0) {
				applied++;
				continue;
			}
			refused++;
			assert_int_equal(rc, OT_EAPPLY);
			assert_prints(data, before[n]);
			assert_int_equal(json0->data_size(data), size[n]);
			json0->edit_free(edit[n]);
			free(before[n]);
			break;
		}
		/* The edits may go first: what was put is shared, not lent. */
		if (chance_below(&c, 2) == 0) {
			for (size_t i = 0; i < n; i++) {
				json0->edit_free(edit[i]);
				edit[i] = NULL;
			}
		}
		while (n-- > 0) {
			json0->undo(data, undo[n]);
			assert_prints(data, before[n]);
			assert_int_equal(json0->data_size(data), size[n]);
			json0->edit_free(edit[n]);
			free(before[n]);
		}
		json0->data_free(data);
	}
	assert_true(applied > 5000 && refused > 1000);
}

/* An edit stays what it is, whatever happens to the document it went into. */
static void
test_edits_are_immutable(void **state)
{
	struct ot_edit *edit, *later;
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct ot_data *data;
	struct ot_err err;
	struct chance c;
	size_t round, i;

	(void)state;
	chance_init(&c, __func__, 7);
	for (round = 0; round < 2000; round++) {
		data = random_data(&c);
		edit = random_edit(&c, data, 2, false);
		buf_reset(&before);
		buf_reset(&after);
		json0->edit_print(edit, &before);
		if (json0->apply(data, edit, NULL, &err) == 0) {
			for (i = 0; i < 5; i++) {
				later = random_edit(&c, data, 1, false);
				(void)!json0->apply(data, later, NULL, &err);
				json0->edit_free(later);
			}
		}
		json0->edit_print(edit, &after);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.data, after.data, after.len);
		json0->edit_free(edit);
		json0->data_free(data);
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
	chance_init(&c, __func__, 8);
	for (round = 0; round < 500; round++) {
		data = random_data(&c);
		before = edits_print(json0, data);
		edit = random_edit(&c, data, 3, false);
		for (n = 0, rc = OT_ENOMEM; rc == OT_ENOMEM; n++) {
			starve_after = n;
			rc = json0->apply(data, edit, &undo, &err);
			starve_after = 0;	/* to undo takes no memory */
			if (rc == 0)
				json0->undo(data, undo);
			starve_after = -1;
			assert_prints(data, before);
		}
		free(before);
		json0->edit_free(edit);
		json0->data_free(data);
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
	size_t round;
	long n;
	int rc, verb;

	(void)state;
	chance_init(&c, __func__, 9);
	for (round = 0; round < 300; round++) {
		data = random_data(&c);
		a = random_edit(&c, data, 2, true);
		b = random_edit(&c, data, 2, true);
		buf_reset(&text);
		json0->edit_print(a, &text);
		for (verb = 0; verb < 4; verb++) {
			for (n = 0, rc = OT_ENOMEM; rc == OT_ENOMEM; n++) {
				result = NULL;
				starve_after = n;
				rc = verb == 0 ? json0->edit_parse(text.data,
				    text.len, &result, &err) :
				    verb == 1 ? json0->transform(a, b, OT_LEFT,
				    &result, &err) :
				    verb == 2 ? json0->compose(a, b, &result,
				    &err) : json0->invert(a, &result, &err);
				starve_after = -1;
				assert_int_equal(rc == 0, result != NULL);
				json0->edit_free(result);
			}
		}
		json0->edit_free(a);
		json0->edit_free(b);
		json0->data_free(data);
	}
	buf_done(&text);
}

/* ---- the promises ---- */

static void
apply_all(struct ot_data *data, const struct ot_edit *edit)
{
	struct ot_err err;
	char *doc = edits_print(json0, data);
	struct buf b = BUF_INIT;

	if (json0->apply(data, edit, NULL, &err) != 0) {
		json0->edit_print(edit, &b);
		buf_putc(&b, '\0');
		fail_msg("%s on %s: %s", b.data, doc, err.text);
	}
	free(doc);
}

static void
assert_same(const struct ot_data *x, const struct ot_data *y)
{
	char *a = edits_print(json0, x), *b = edits_print(json0, y);

	if (!edits_same(a, b))
		fail_msg("%s is not %s", a, b);
	free(a);
	free(b);
}

static void
test_promises(void **state)
{
	struct ot_edit *a, *b, *a2, *b2, *both, *back;
	struct ot_data *data, *x, *y;
	struct ot_err err;
	struct chance c;
	size_t round;

	(void)state;
	chance_init(&c, __func__, 10);
	for (round = 0; round < 10000; round++) {
		data = random_data(&c);
		a = random_edit(&c, data, 1, true);
		b = random_edit(&c, data, 1, true);

		/* Both ways round the diamond. */
		assert_int_equal(json0->transform(a, b, OT_LEFT, &a2, &err), 0);
		assert_int_equal(json0->transform(b, a, OT_RIGHT, &b2, &err), 0);
		x = copy_data(data);
		y = copy_data(data);
		apply_all(x, a);
		apply_all(x, b2);
		apply_all(y, b);
		apply_all(y, a2);
		assert_same(x, y);
		json0->data_free(y);

		/* One op for two; and back. */
		assert_int_equal(json0->compose(a, b2, &both, &err), 0);
		y = copy_data(data);
		apply_all(y, both);
		assert_same(x, y);
		assert_int_equal(json0->invert(both, &back, &err), 0);
		apply_all(y, back);
		assert_same(data, y);

		json0->edit_free(a);
		json0->edit_free(b);
		json0->edit_free(a2);
		json0->edit_free(b2);
		json0->edit_free(both);
		json0->edit_free(back);
		json0->data_free(x);
		json0->data_free(y);
		json0->data_free(data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_edits_are_immutable),
		cmocka_unit_test(test_apply_without_memory),
		cmocka_unit_test(test_edits_without_memory),
		cmocka_unit_test(test_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
