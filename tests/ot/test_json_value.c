/* json_value: sharing and owning, strings by units, objects with many keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/json_value.h"
#include "ot/utf.h"

static struct json *
value(const char *text)
{
	struct json *v = NULL;
	struct ot_err err;

	if (json_parse(text, strlen(text), 0, &v, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return v;
}

static void
assert_prints(const struct json *v, const char *want)
{
	struct buf b = BUF_INIT;

	json_print(v, &b);
	buf_putc(&b, '\0');
	assert_string_equal(b.data, want);
	buf_done(&b);
}

static void
test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "1", "1.0", true }, { "0", "-0", true }, { "1", "2", false },
		{ "1", "\"1\"", false }, { "null", "false", false },
		{ "[1,[2]]", "[1,[2]]", true }, { "[1]", "[1,2]", false },
		{ "{\"a\":1,\"b\":[]}", "{\"b\":[],\"a\":1}", true },
		{ "{\"a\":1}", "{\"b\":1}", false }, { "{}", "[]", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "\"\\u00e9\"", "\"\xc3\xa9\"", true },
	};
	struct json *a, *b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = value(rows[i].a);
		b = value(rows[i].b);
		assert_int_equal(json_deep_equal(a, b), rows[i].equal);
		json_unref(a);
		json_unref(b);
	}
	a = value("[]");
	assert_false(json_same_scalar(a, a));
	assert_true(json_same_scalar(NULL, NULL));
	assert_false(json_same_scalar(NULL, json_null_new()));
	json_unref(a);
}

/* A change after json_own is not seen by the other holder. */
static void
test_owning(void **state)
{
	struct json *a = value("{\"l\":[1,2],\"s\":\"x\"}"), *b = json_ref(a);
	struct json **slot, *text = value("\"yz\"");

	(void)state;
	assert_int_equal(json_own(&b), 0);
	assert_ptr_not_equal(a, b);
	slot = &json_object_first(b)->value;
	assert_int_equal(json_own(slot), 0);
	json_unref(json_list_remove(*slot, 0));
	slot = &json_object_next(b, json_object_first(b))->value;
	assert_int_equal(json_string_edit(slot, 1, 1, text, NULL), 0);
	assert_prints(a, "{\"l\":[1,2],\"s\":\"x\"}");
	assert_prints(b, "{\"l\":[2],\"s\":\"xyz\"}");
	assert_int_equal(json_own(&b), 0);	/* ours alone already */
	json_unref(a);
	json_unref(b);
	json_unref(text);
}

/* A string that was edited to be short is edited on when somebody holds it. */
static void
test_owning_what_shrank(void **state)
{
	struct json *a = value("\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\""), *b;
	struct json *x = value("\"x\""), *before;

	(void)state;
	assert_int_equal(json_string_edit(&a, 1, 4, NULL, NULL), 0);
	b = json_ref(a);
	assert_int_equal(json_string_edit(&b, 1, 1, x, &before), 0);
	assert_prints(a, "\"\xc3\xa9\"");
	assert_prints(b, "\"\xc3\xa9x\"");
	json_unref(before);
	json_unref(a);
	json_unref(b);
	json_unref(x);
}

/* Strings beside arrays of units: splices, slices, comparisons. */
struct model {
	uint32_t	unit[4096];
	size_t		n;
};

static struct json *
random_string(struct chance *c, size_t max, struct model *m)
{
	static const uint32_t some[] = { 'a', 'b', 'c', 0xe9, 0x4e2d, 0xd83d,
	    0xdbff, 0xde00, 0xdfff };
	struct buf b = BUF_INIT;
	struct json *s;
	size_t i, kinds = chance_below(c, 2) == 0 ? 3 : 9;

	m->n = chance_below(c, max + 1);
	for (i = 0; i < m->n; i++) {
		m->unit[i] = some[chance_below(c, kinds)];
		utf_put_cp(&b, 0, m->unit[i]);
	}
	s = json_string_new(b.data, b.len);
	assert_non_null(s);
	buf_done(&b);
	return s;
}

static void
assert_is(const struct json *s, const struct model *m)
{
	struct buf b = BUF_INIT, want = BUF_INIT;
	size_t i;

	for (i = 0; i < m->n; i++)
		utf_put_cp(&want, 0, m->unit[i]);
	json_string_put(s, &b, 0);
	assert_int_equal(json_string_len_u16(s), m->n);
	assert_int_equal(b.len, want.len);
	if (b.len > 0)
		assert_memory_equal(b.data, want.data, b.len);
	buf_done(&b);
	buf_done(&want);
}

static void
test_string_model(void **state)
{
	struct model m, t, sliced;
	struct json *s, *text, *slice, *before;
	struct chance c;
	size_t round, from, to, at;

	(void)state;
	chance_init(&c, __func__, 3);
	s = random_string(&c, 10, &m);
	for (round = 0; round < 20000; round++) {
		if (m.n > 60) {
			json_unref(s);
			s = random_string(&c, 10, &m);
		}
		from = chance_below(&c, m.n + 1);
		to = from + chance_below(&c, m.n - from + 1);
		text = random_string(&c, 4, &t);

		slice = json_string_slice(s, from, to);
		sliced.n = to - from;
		memcpy(sliced.unit, m.unit + from, sliced.n * sizeof(m.unit[0]));
		assert_is(slice, &sliced);
		assert_true(json_string_has(s, from, slice));
		at = chance_below(&c, m.n + 2);
		assert_int_equal(json_string_has(s, at, text), at <= m.n &&
		    t.n <= m.n - at && memcmp(m.unit + at, t.unit,
		    t.n * sizeof(t.unit[0])) == 0);

		assert_int_equal(json_string_edit(&s, from, to, text,
		    &before), 0);
		memmove(m.unit + from + t.n, m.unit + to,
		    (m.n - to) * sizeof(m.unit[0]));
		memcpy(m.unit + from, t.unit, t.n * sizeof(t.unit[0]));
		m.n = m.n - (to - from) + t.n;
		assert_is(s, &m);
		if (chance_below(&c, 2) == 0) {		/* and back */
			if (before != NULL) {
				json_unref(s);
				s = before;
				before = NULL;
			} else {
				json_string_revert(s, from, from + t.n, slice);
			}
			memmove(m.unit + to, m.unit + from + t.n,
			    (m.n - from - t.n) * sizeof(m.unit[0]));
			memcpy(m.unit + from, sliced.unit,
			    sliced.n * sizeof(m.unit[0]));
			m.n = m.n - t.n + sliced.n;
			assert_is(s, &m);
		}
		json_unref(before);
		json_unref(slice);
		json_unref(text);
	}
	json_unref(s);
}

/* Splice the model. */
static void
model_splice(struct model *m, size_t from, size_t to, const struct model *t)
{
	assert_true(m->n - (to - from) + t->n <=
	    sizeof(m->unit) / sizeof(m->unit[0]));
	memmove(m->unit + from + t->n, m->unit + to,
	    (m->n - to) * sizeof(m->unit[0]));
	memcpy(m->unit + from, t->unit, t->n * sizeof(t->unit[0]));
	m->n = m->n - (to - from) + t->n;
}

#define EDITS	8	/* on top of one another, then taken back */

/* About the length at which a string becomes a rope, and held by others. */
static void
test_long_strings(void **state)
{
	static struct model m[EDITS + 1], t[EDITS];
	struct json *s, *other, *slice, *text[EDITS], *cut[EDITS];
	struct json *before[EDITS];
	struct chance c;
	size_t round, from[EDITS], to[EDITS], k, replaced = 0, at;

	(void)state;
	chance_init(&c, __func__, 11);
	for (round = 0; round < 1000; round++) {
		do {
			s = random_string(&c, 2500, &m[0]);
			if (m[0].n >= 500)
				break;
			json_unref(s);
		} while (true);
		other = json_ref(s);
		for (k = 0; k < EDITS; k++) {
			from[k] = chance_below(&c, m[k].n + 1);
			to[k] = from[k] + chance_below(&c, chance_below(&c, 2) ==
			    0 ? 3 : m[k].n - from[k] + 1);
			if (to[k] > m[k].n)
				to[k] = m[k].n;
			text[k] = random_string(&c, chance_below(&c, 2) == 0 ?
			    4 : 190, &t[k]);
			cut[k] = json_string_slice(s, from[k], to[k]);
			assert_true(json_string_has(s, from[k], cut[k]));
			assert_int_equal(json_string_edit(&s, from[k], to[k],
			    text[k], &before[k]), 0);
			replaced += before[k] != NULL;
			m[k + 1] = m[k];
			model_splice(&m[k + 1], from[k], to[k], &t[k]);
			assert_is(s, &m[k + 1]);
			at = chance_below(&c, m[k + 1].n + 1);
			slice = json_string_slice(s, at, SIZE_MAX);
			assert_true(json_string_has(s, at, slice));
			assert_int_equal(json_string_equal(s, slice), at == 0);
			json_unref(slice);
		}
		assert_is(other, &m[0]);
		while (k-- > 0) {
			if (before[k] != NULL) {
				json_unref(s);
				s = before[k];
			} else {
				json_string_revert(s, from[k],
				    from[k] + t[k].n, cut[k]);
			}
			assert_is(s, &m[k]);
			json_unref(text[k]);
			json_unref(cut[k]);
		}
		assert_true(json_string_equal(s, other));
		json_unref(s);
		json_unref(other);
	}
	assert_true(replaced > 1000);
}

/* A long string that a document is read with is edited where it is. */
static void
test_long_string_read(void **state)
{
	static char text[100000];
	struct json *s, *was, *other, *x = value("\"x\"");
	struct ot_err err;
	size_t len, size;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = text[sizeof(text) - 1] = '"';
	len = sizeof(text) - 2;
	assert_int_equal(json_parse(text, sizeof(text), JSON_TO_EDIT, &s,
	    &err), 0);
	size = json_size(s);
	assert_true(size < 2 * len);
	was = s;
	assert_int_equal(json_string_edit(&s, 5, 5, x, NULL), 0);
	assert_ptr_equal(s, was);
	assert_int_equal(json_string_len_u16(s), len + 1);
	assert_true(json_string_has(s, 5, x));
	assert_true(json_size(s) < size + 2048);

	/* But not when somebody else holds it. */
	other = json_ref(s);
	assert_int_equal(json_string_edit(&s, 5, 6, NULL, NULL), 0);
	assert_ptr_not_equal(s, other);
	assert_int_equal(json_string_len_u16(s), len);
	assert_int_equal(json_string_len_u16(other), len + 1);
	assert_true(json_string_has(other, 5, x));
	json_unref(other);
	json_unref(s);
	json_unref(x);
}

#define KEYS	200

/* Objects beside the numbers of their keys, in order. */
struct order {
	size_t		key[KEYS];
	size_t		n;
};

static void
assert_order(const struct json *object, const struct order *o,
    struct json_key *const *keys)
{
	const struct json_member *m = json_object_first(object);
	size_t i;

	assert_int_equal(json_object_len(object), o->n);
	for (i = 0; i < o->n; i++, m = json_object_next(object, m)) {
		assert_non_null(m);
		assert_ptr_equal(m->key, keys[o->key[i]]);
		assert_true(json_number_get(m->value) == (double)o->key[i]);
		assert_ptr_equal(json_object_find(object, m->key), m);
	}
	assert_null(m);
}

/* Add key k, or take it out if it is there; gone is of use then. */
static bool
toggle(struct json *object, struct order *o, struct json_key *const *keys,
    size_t k, struct json_gone *gone)
{
	struct json_member *m = json_object_find(object, keys[k]), *added;
	size_t i;

	if (m == NULL) {
		assert_int_equal(json_object_add(object, keys[k],
		    json_number_new((double)k), &added), 0);
		assert_ptr_equal(added->key, keys[k]);
		o->key[o->n++] = k;
		return false;
	}
	json_object_unlink(object, m, gone);
	assert_null(json_object_find(object, keys[k]));
	for (i = 0; o->key[i] != k; i++)
		;
	o->n--;
	memmove(o->key + i, o->key + i + 1, (o->n - i) * sizeof(o->key[0]));
	return true;
}

/* Some come and go, and often all that is taken back, newest first. */
static void
toggle_some(struct chance *c, struct json *object, struct order *o,
    struct json_key *const *keys, size_t below)
{
	enum { SOME = 12 };
	struct order before = *o;
	struct json_gone gone[SOME], added;
	size_t k[SOME], n = 0, some = 1 + chance_below(c, SOME);
	bool taken[SOME];

	for (; n < some; n++) {
		k[n] = chance_below(c, below);
		taken[n] = toggle(object, o, keys, k[n], &gone[n]);
	}
	if (chance_below(c, 2) == 0) {
		*o = before;
		while (n-- > 0) {
			if (taken[n]) {
				json_object_relink(object, &gone[n]);
				continue;
			}
			json_object_unlink(object, json_object_find(object,
			    keys[k[n]]), &added);
			json_gone_free(&added);
		}
		return;
	}
	while (n-- > 0)
		if (taken[n])
			json_gone_free(&gone[n]);
}

static void
test_object_model(void **state)
{
	static const size_t below[] = { 4, 12, KEYS };
	struct json_key *keys[KEYS];
	struct json *object, *copy;
	struct order o;
	struct chance c;
	char name[32];
	size_t i, round;

	(void)state;
	chance_init(&c, __func__, 4);
	for (i = 0; i < KEYS; i++) {
		snprintf(name, sizeof(name), "key%zu%s", i,
		    i % 3 == 0 ? "longer than eight" : "");
		keys[i] = json_key_new(name, strlen(name));
	}
	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		object = json_object_new();
		o.n = 0;
		for (round = 0; round < 3000; round++) {
			toggle_some(&c, object, &o, keys, below[i]);
			assert_order(object, &o, keys);
			if (round % 16 != 0)
				continue;
			copy = json_ref(object);
			assert_int_equal(json_own(&copy), 0);
			assert_order(copy, &o, keys);
			json_unref(object);
			object = copy;
		}
		json_unref(object);
	}
	for (i = 0; i < KEYS; i++) {
		assert_int_equal(keys[i]->refs, 1);
		json_key_unref(keys[i]);
	}
}

/* Numbers and short strings, which have no node, come out as they went in. */
static void
test_scalars(void **state)
{
	static const char *const texts[] = {
		"0", "1", "-1", "0.1", "-0.1", "1e+21", "1.7976931348623157e+308",
		"-1.7976931348623157e+308", "5e-324", "-5e-324",
		"2.2250738585072014e-308", "9007199254740991", "\"\"", "\"a\"",
		"\"abcdef\"", "\"abcdefg\"", "\"\\u0000\"", "\"a\\u0000\"",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\\ud83d\"",
		"\"\xf4\x8f\xbf\xbf\xc3\xbf\"", "null", "true", "false",
	};
	struct json *v, *same, *other;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		v = value(texts[i]);
		same = value(texts[i]);
		assert_prints(v, texts[i]);
		assert_true(json_deep_equal(v, same));
		for (k = 0; k < i; k++) {
			other = value(texts[k]);
			assert_false(json_deep_equal(v, other));
			json_unref(other);
		}
		json_unref(v);
		json_unref(same);
	}
}

static void
test_lists(void **state)
{
	struct json *v = value("[0,1,2,3,4]"), *out;

	(void)state;
	json_list_move(v, 1, 3);
	assert_prints(v, "[0,2,3,1,4]");
	json_list_move(v, 3, 1);
	assert_prints(v, "[0,1,2,3,4]");
	json_list_move(v, 2, 2);
	out = json_list_remove(v, 2);
	assert_prints(v, "[0,1,3,4]");
	json_list_insert(v, 4, out);	/* into the room it left */
	assert_prints(v, "[0,1,3,4,2]");
	assert_int_equal(json_list_reserve(v, SIZE_MAX / 2), OT_ENOMEM);
	assert_int_equal(json_list_len(v), 5);
	json_unref(v);
}

/* Lists of every length beside an array. */
static void
test_list_model(void **state)
{
	enum { LONGEST = 5000, STEPS = 30000 };
	static int model[LONGEST + 1];
	struct json *list = json_list_new(), *copy, *v;
	size_t n = 0, most, at, to, i, step;
	struct chance c;
	int moved;

	(void)state;
	chance_init(&c, "list model", 12);
	for (step = 0; step < STEPS; step++) {
		/* Mostly growing, then mostly shrinking. */
		most = step < STEPS / 2 ? LONGEST : n > 0 ? n - 1 : 0;
		at = chance_below(&c, 4) == 0 ? n : chance_below(&c, n + 1);
		if (n < most && chance_below(&c, 3) != 0) {
			assert_int_equal(json_list_reserve(list, 1), 0);
			json_list_insert(list, at, json_number_new((double)step));
			memmove(model + at + 1, model + at,
			    (n - at) * sizeof(model[0]));
			model[at] = (int)step;
			n++;
		} else if (n > 0) {
			at %= n;
			to = chance_below(&c, n);
			moved = model[at];
			memmove(model + at, model + at + 1,
			    (n - at - 1) * sizeof(model[0]));
			if (chance_below(&c, 2) == 0) {
				json_list_move(list, at, to);
				memmove(model + to + 1, model + to,
				    (n - to - 1) * sizeof(model[0]));
				model[to] = moved;
			} else {
				v = json_list_remove(list, at);
				assert_true(json_number_get(v) == moved);
				json_unref(v);
				n--;
			}
		}
		assert_int_equal(json_list_len(list), n);
		if (step % 500 != 0)
			continue;
		copy = json_ref(list);
		assert_int_equal(json_own(&copy), 0);
		assert_ptr_not_equal(copy, list);
		for (i = 0; i < n; i++) {
			v = json_list_at(list, i);
			assert_true(json_number_get(v) == model[i]);
			assert_ptr_equal(*json_list_slot(list, i), v);
			assert_ptr_equal(json_list_at(copy, i), v);
		}
		json_unref(copy);
	}
	json_unref(list);
}

static void
test_size_and_height(void **state)
{
	struct json *v = value("{\"a\":[[1],{\"b\":\"xxxxxxxxxxxxxxxxxxxxxxxx\"}]}");
	struct json *w = value("{\"a\":[[1],{\"b\":\"xxxxxxxx\"}]}");

	(void)state;
	assert_int_equal(json_height(v), 3);
	assert_int_equal(json_height(NULL), 0);
	assert_int_equal(json_size(v) - json_size(w), 16);
	assert_int_equal(json_size(NULL), 0);
	json_unref(v);
	json_unref(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_owning),
		cmocka_unit_test(test_owning_what_shrank),
		cmocka_unit_test(test_string_model),
		cmocka_unit_test(test_long_strings),
		cmocka_unit_test(test_long_string_read),
		cmocka_unit_test(test_object_model),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_list_model),
		cmocka_unit_test(test_size_and_height),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
