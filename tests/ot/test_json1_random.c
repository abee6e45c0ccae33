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

#include "chance.h"
#include "edits.h"
#include "ot/json_value.h"
#include "ot/type_ext.h"
#include "starve.h"

static const struct ot_type *const json1 = &ot_type_json1_auto;

/* ---- documents ---- */

static void
put_value(struct chance *c, struct buf *b, unsigned depth)
{
	static const char *const scalars[] = { "null", "true", "0", "1", "-7",
	    "\"\"", "\"abc\"", "\"x\\ud83d\\ude00y\"", "\"words, words\"",
	    "12" };
	size_t n, i;

	switch (depth == 0 ? 0 : chance_below(c, 3)) {
	case 0:
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

static struct ot_data *
random_data(struct chance *c)
{
	struct buf b = BUF_INIT;
	struct ot_data *data;

	buf_puts(&b, "{\"a\":");
	put_value(c, &b, 3);
	buf_puts(&b, ",\"b\":");
	put_value(c, &b, 3);
	buf_puts(&b, "}");
	buf_putc(&b, '\0');
	data = edits_load(json1, b.data);
	buf_done(&b);
	return data;
}

static struct ot_data *
copy_data(const struct ot_data *data)
{
	char *text = edits_print(json1, data);
	struct ot_data *copy = edits_load(json1,
	    strcmp(text, "undefined") == 0 ? NULL : text);

	free(text);
	return copy;
}

/* The data as a value; NULL: undefined. */
static struct json *
value_of(const struct ot_data *data)
{
	char *text = edits_print(json1, data);
	struct json *v = NULL;
	struct ot_err err;

	if (strcmp(text, "undefined") != 0)
		assert_int_equal(json_parse(text, strlen(text), 0, &v, &err),
		    0);
	free(text);
	return v;
}

static void
assert_prints(const struct ot_data *data, const char *want)
{
	char *text = edits_print(json1, data);

	assert_string_equal(text, want);
	free(text);
}

/* ---- ops ---- */

/* A way down into a document: keys, each with a comma after it. */
struct way {
	struct buf		 keys;
	const struct json	*in;		/* container; NULL: v is the root */
	const struct json	*v;
};

static bool
has_children(const struct json *v)
{
	return (json_kind(v) == JSON_LIST && json_list_len(v) > 0) ||
	    (json_kind(v) == JSON_OBJECT && json_object_len(v) > 0);
}

static void
way_down(struct chance *c, const struct json *doc, struct way *way)
{
	const struct json_member *m;
	size_t at;

	*way = (struct way){ .keys = BUF_INIT, .v = doc };
	while (has_children(way->v) && chance_below(c, 4) > 0) {
		way->in = way->v;
		if (json_kind(way->v) == JSON_LIST) {
			at = chance_below(c, json_list_len(way->v));
			buf_put_u64(&way->keys, at);
			way->v = json_list_at(way->v, at);
		} else {
			m = json_object_first(way->v);
			at = chance_below(c, json_object_len(way->v));
			while (at-- > 0)
				m = m->next;
			json_put_string(&way->keys, m->key->text, m->key->len);
			way->v = m->value;
		}
		buf_putc(&way->keys, ',');
	}
}

/* A free place under the way's end, or false. */
static bool
way_to_free(struct chance *c, struct way *way)
{
	struct json_key *key;
	char name = (char)('a' + (int)chance_below(c, 6));
	bool is_free;

	if (json_kind(way->v) == JSON_LIST) {
		buf_put_u64(&way->keys,
		    chance_below(c, json_list_len(way->v) + 1));
		buf_putc(&way->keys, ',');
		return true;
	}
	if (json_kind(way->v) != JSON_OBJECT)
		return false;
	key = json_key_new(&name, 1);
	is_free = json_object_find(way->v, key) == NULL;
	json_key_unref(key);
	json_put_string(&way->keys, &name, 1);
	buf_putc(&way->keys, ',');
	return is_free;
}

static void
put_keys(struct buf *b, const struct way *way)
{
	buf_put(b, way->keys.data, way->keys.len);
}

static void
put_text(struct chance *c, struct buf *b, const struct json *s)
{
	struct buf text = BUF_INIT;
	size_t len = json_string_len_u16(s), at;

	json_string_put(s, &text, 0);
	at = chance_below(c, len + 1);
	buf_puts(b, "{\"es\":[");
	/* The pair in "x😀y" is one code point. */
	if (len != text.len)
		at = at > 2 ? 2 : at;
	if (at > 0) {
		buf_put_u64(b, at);
		buf_putc(b, ',');
	}
	if (at + 1 < len && chance_below(c, 2) == 0)
		buf_puts(b, "{\"d\":1}");
	else
		buf_puts(b, chance_below(c, 3) == 0 ? "\"\\u00e9\"" : "\"zz\"");
	buf_puts(b, "]}");
	buf_done(&text);
}

/* What doc, NULL being undefined, is after op, which is JSON. */
static struct json *
after_op(const struct json *doc, const char *op)
{
	struct buf b = BUF_INIT;
	struct ot_data *data;
	struct ot_edit *edit;
	struct ot_err err;
	struct json *v;

	json_print(doc, &b);
	buf_putc(&b, '\0');
	data = edits_load(json1, b.data);
	edit = edits_parse(json1, op);
	if (json1->apply(data, edit, NULL, &err) != 0)
		fail_msg("%s on %s: %s", op, b.data, err.text);
	v = value_of(data);
	json1->edit_free(edit);
	json1->data_free(data);
	buf_done(&b);
	return v;
}

/* The way's value moved to anywhere. */
static bool
put_move(struct chance *c, struct buf *b, const struct json *doc,
    const struct way *from)
{
	struct buf op = BUF_INIT;
	struct json *rest;
	struct way to;
	bool found;

	buf_putc(&op, '[');
	put_keys(&op, from);
	buf_puts(&op, "{\"r\":true}]");
	buf_putc(&op, '\0');
	rest = after_op(doc, op.data);
	way_down(c, rest, &to);
	found = way_to_free(c, &to);
	if (found) {
		buf_puts(b, "[[");
		put_keys(b, from);
		buf_puts(b, "{\"p\":0}],[");
		put_keys(b, &to);
		buf_puts(b, "{\"d\":0}]]");
	}
	buf_done(&to.keys);
	buf_done(&op);
	json_unref(rest);
	return found;
}

/* One thing done to doc, as loose JSON; false: nothing came to mind. */
static bool
put_part(struct chance *c, struct buf *b, const struct json *doc)
{
	struct way way;
	bool done = true;

	if (doc == NULL) {
		buf_puts(b, "[{\"i\":{\"a\":[1,2,3]}}]");
		return true;
	}
	way_down(c, doc, &way);
	switch (chance_below(c, 6)) {
	case 0:
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"r\":true}]");
		break;
	case 1:
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"r\":true,\"i\":");
		put_value(c, b, 2);
		buf_puts(b, "}]");
		break;
	case 2:
		if (!(done = way_to_free(c, &way)))
			break;
		buf_putc(b, '[');
		put_keys(b, &way);
		buf_puts(b, "{\"i\":");
		put_value(c, b, 2);
		buf_puts(b, "}]");
		break;
	case 3:
	case 4:
		done = way.in != NULL && put_move(c, b, doc, &way);
		break;
	default:
		done = json_kind(way.v) == JSON_NUMBER ||
		    json_kind(way.v) == JSON_STRING;
		if (!done)
			break;
		buf_putc(b, '[');
		put_keys(b, &way);
		if (json_kind(way.v) == JSON_NUMBER)
			buf_puts(b, "{\"ena\":3}");
		else
			put_text(c, b, way.v);
		buf_putc(b, ']');
	}
	buf_done(&way.keys);
	return done;
}

static struct ot_edit *
random_part(struct chance *c, const struct json *doc)
{
	struct buf loose = BUF_INIT, strict = BUF_INIT;
	struct json_slice slice;
	struct ot_edit *edit;
	struct ot_err err;

	while (!put_part(c, &loose, doc))
		buf_reset(&loose);
	slice = (struct json_slice){ loose.data, loose.len, JSON_LIST };
	if (json1->ext->normalize(&slice, &strict, &err) != 0)
		fail_msg("%s", err.text);
	buf_putc(&strict, '\0');
	edit = edits_parse(json1, strict.data);
	buf_done(&loose);
	buf_done(&strict);
	return edit;
}

/* An op of n parts that fits data, joined by compose. */
static struct ot_edit *
random_edit(struct chance *c, const struct ot_data *data, size_t n)
{
	struct ot_edit *edit = edits_parse(json1, "null"), *part, *both;
	struct ot_data *live = copy_data(data);
	struct ot_err err;
	struct json *doc;

	while (n-- > 0) {
		doc = value_of(live);
		part = random_part(c, doc);
		json_unref(doc);
		if (json1->apply(live, part, NULL, &err) != 0 ||
		    json1->compose(edit, part, &both, &err) != 0)
			fail_msg("%s", err.text);
		json1->edit_free(part);
		json1->edit_free(edit);
		edit = both;
	}
	json1->data_free(live);
	return edit;
}

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

static void
check_promises(struct chance *c, size_t *resolved)
{
	struct ot_edit *a, *b, *a2, *b2, *both, *back, *plain;
	struct ot_data *data = random_data(c), *x, *y;
	struct ot_err err;

	a = random_edit(c, data, 1 + chance_below(c, 4));
	b = random_edit(c, data, 1 + chance_below(c, 4));
	if (ot_type_json1.transform(a, b, OT_LEFT, &plain, &err) == 0)
		json1->edit_free(plain);
	else
		++*resolved;

	/* Both ways round the diamond. */
	assert_int_equal(json1->transform(a, b, OT_LEFT, &a2, &err), 0);
	assert_int_equal(json1->transform(b, a, OT_RIGHT, &b2, &err), 0);
	x = copy_data(data);
	y = copy_data(data);
	apply_all(x, a);
	apply_all(x, b2);
	apply_all(y, b);
	apply_all(y, a2);
	assert_same(x, y);
	json1->data_free(y);

	/* One op for two; and back. */
	assert_int_equal(json1->compose(a, b2, &both, &err), 0);
	y = copy_data(data);
	apply_all(y, both);
	assert_same(x, y);
	back = inverse(data, both);
	apply_all(y, back);
	assert_same(data, y);

	json1->edit_free(a);
	json1->edit_free(b);
	json1->edit_free(a2);
	json1->edit_free(b2);
	json1->edit_free(both);
	json1->edit_free(back);
	json1->data_free(x);
	json1->data_free(y);
	json1->data_free(data);
}

static void
test_promises(void **state)
{
	size_t round, resolved = 0;
	struct chance c;

	(void)state;
	chance_init(&c, __func__, 20);
	for (round = 0; round < 5000; round++)
		check_promises(&c, &resolved);
	assert_true(resolved > 500);
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
