/* rope beside a plain array of UTF-16 units, which needs no joining rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/rope.h"
#include "ot/utf.h"
#include "starve.h"

#define TWIN_MAX	100000

/* ---- the twin ---- */

struct twin {
	uint16_t	 unit[TWIN_MAX];
	size_t		 len;
};

static bool
is_pair(const uint16_t *u, size_t left)
{
	return left > 1 && (u[0] & 0xfc00) == 0xd800 &&
	    (u[1] & 0xfc00) == 0xdc00;
}

static size_t
twin_length(const struct twin *t, enum rope_unit unit)
{
	size_t i, n = 0;

	if (unit == ROPE_U16)
		return t->len;
	for (i = 0; i < t->len; i += is_pair(t->unit + i, t->len - i) ? 2 : 1)
		n++;
	return n;
}

/* The UTF-16 position of pos. */
static size_t
twin_pos(const struct twin *t, enum rope_unit unit, size_t pos)
{
	size_t i;

	if (unit == ROPE_U16)
		return pos;
	for (i = 0; pos > 0; pos--)
		i += is_pair(t->unit + i, t->len - i) ? 2 : 1;
	return i;
}

static void
twin_insert(struct twin *t, size_t at, const uint16_t *units, size_t n)
{
	assert_true(t->len + n <= TWIN_MAX);
	memmove(t->unit + at + n, t->unit + at,
	    (t->len - at) * sizeof(*units));
	memcpy(t->unit + at, units, n * sizeof(*units));
	t->len += n;
}

static void
twin_delete(struct twin *t, size_t at, size_t n)
{
	memmove(t->unit + at, t->unit + at + n,
	    (t->len - at - n) * sizeof(t->unit[0]));
	t->len -= n;
}

/* WTF-8 in normal form. */
static void
put_units(struct buf *b, const uint16_t *u, size_t n)
{
	char text[UTF_SEQUENCE_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_pair(u + i, n - i)) {
			buf_put(b, text,
			    utf_encode(utf_pair(u[i], u[i + 1]), text));
			i++;
		} else
			buf_put(b, text, utf_encode(u[i], text));
	}
}

static void
assert_same(const struct rope *r, const struct twin *t)
{
	struct buf want = BUF_INIT, got = BUF_INIT;
	const char *text;
	struct tree_walk w;
	size_t len;

	rope_check(r);
	put_units(&want, t->unit, t->len);
	rope_walk_init(&w, r);
	while (rope_walk_next(&w, &text, &len))
		buf_put(&got, text, len);
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.data, want.data, want.len);
	assert_int_equal(rope_length(r, ROPE_BYTES), want.len);
	assert_int_equal(rope_length(r, ROPE_U16), t->len);
	assert_int_equal(rope_length(r, ROPE_CP), twin_length(t, ROPE_CP));
	buf_done(&want);
	buf_done(&got);
}

/* ---- random edits ---- */

static size_t
random_units(struct chance *c, uint16_t *u, size_t max, bool ascii)
{
	size_t n = 0, want = 1 + chance_below(c, max);

	while (n < want) {
		switch (ascii ? 0 : chance_below(c, 6)) {
		case 0:
			u[n++] = (uint16_t)('a' + chance_below(c, 26));
			break;
		case 1:
			u[n++] = (uint16_t)(0x80 + chance_below(c, 0x400));
			break;
		case 2:
			u[n++] = (uint16_t)(0x4e00 + chance_below(c, 0x1000));
			break;
		case 3:
			u[n++] = (uint16_t)(0xd800 + chance_below(c, 4));
			break;
		case 4:
			u[n++] = (uint16_t)(0xdc00 + chance_below(c, 4));
			break;
		case 5:
			u[n++] = 0xd83d;
			u[n++] = (uint16_t)(0xde00 + chance_below(c, 64));
			break;
		}
	}
	return n;
}

struct habit {
	size_t	 len;		/* where the length settles */
	size_t	 max;		/* longest insert, units */
	bool	 ascii;
	bool	 typing;	/* edits near the last one */
	bool	 hungry;	/* memory runs out now and then */
};

/* One random edit of both; returns what the rope said. */
static int
random_edit(struct chance *c, const struct habit *h, struct rope *r,
    struct twin *t, size_t *near)
{
	static uint16_t u[4096];
	struct buf b = BUF_INIT;
	enum rope_unit unit = chance_below(c, 2) ? ROPE_U16 : ROPE_CP;
	size_t len = twin_length(t, unit), pos, n, at;
	int rc;

	pos = chance_below(c, len + 1);
	if (h->typing && *near <= len && chance_below(c, 10) > 0)
		pos = *near;
	*near = pos;
	if (chance_below(c, 2 * h->len) >= t->len) {
		n = random_units(c, u, h->max, h->ascii);
		put_units(&b, u, n);
		if (h->hungry)
			starve_after = (long)chance_below(c, 20);
		rc = rope_insert(r, unit, pos, b.data,
		    rope_measure(b.data, b.len));
		if (rc == 0)
			twin_insert(t, twin_pos(t, unit, pos), u, n);
		*near += unit == ROPE_U16 ? n : 0;
	} else {
		n = chance_below(c, (chance_below(c, 30) ? h->max : len) + 1);
		if (n > len - pos)
			n = len - pos;
		if (h->hungry)
			starve_after = (long)chance_below(c, 20);
		rc = rope_delete(r, unit, pos, n);
		at = twin_pos(t, unit, pos);
		if (rc == 0)
			twin_delete(t, at, twin_pos(t, unit, pos + n) - at);
	}
	starve_after = -1;
	buf_done(&b);
	return rc;
}

static void
edit_and_compare(const char *name, uint64_t seed, const struct habit *h,
    size_t edits, size_t compare_each)
{
	static struct twin t;
	struct chance c;
	struct rope r;
	size_t i, near = 0;

	chance_init(&c, name, seed);
	t.len = 0;
	rope_init(&r);
	for (i = 0; i < edits; i++) {
		assert_int_equal(random_edit(&c, h, &r, &t, &near), 0);
		if (i % compare_each == 0)
			assert_same(&r, &t);
	}
	assert_same(&r, &t);
	rope_done(&r);
	rope_check(&r);
}

static void
test_small_texts(void **state)
{
	const struct habit h = { 60, 8, false, false, false };

	(void)state;
	edit_and_compare("small", 1, &h, 20000, 1);
}

static void
test_large_texts(void **state)
{
	const struct habit any = { 8000, 60, false, false, false };
	const struct habit ascii = { 20000, 40, true, false, false };
	const struct habit pastes = { 20000, 4000, false, false, false };

	(void)state;
	edit_and_compare("any", 2, &any, 4000, 7);
	edit_and_compare("ascii", 3, &ascii, 4000, 7);
	edit_and_compare("pastes", 4, &pastes, 500, 1);
}

static void
test_typing(void **state)
{
	const struct habit h = { 5000, 3, false, true, false };

	(void)state;
	edit_and_compare("typing", 5, &h, 10000, 7);
}

/* ---- reading ---- */

static void
test_read_any_range(void **state)
{
	const struct habit h = { 3000, 50, false, false, false };
	static struct twin t;
	struct buf got = BUF_INIT, want = BUF_INIT;
	enum rope_unit unit;
	struct chance c;
	struct rope r;
	size_t i, near = 0, len, pos, n, at;

	(void)state;
	chance_init(&c, "read", 6);
	t.len = 0;
	rope_init(&r);
	for (i = 0; i < 1000; i++)
		assert_int_equal(random_edit(&c, &h, &r, &t, &near), 0);
	for (i = 0; i < 2000; i++) {
		unit = chance_below(&c, 2) ? ROPE_U16 : ROPE_CP;
		len = twin_length(&t, unit);
		pos = chance_below(&c, len + 1);
		n = chance_below(&c, len - pos + 1);
		at = twin_pos(&t, unit, pos);
		buf_reset(&got);
		buf_reset(&want);
		rope_read(&r, unit, pos, n, &got);
		put_units(&want, t.unit + at, twin_pos(&t, unit, pos + n) - at);
		assert_int_equal(got.len, want.len);
		if (got.len > 0)
			assert_memory_equal(got.data, want.data, got.len);
	}
	buf_done(&got);
	buf_done(&want);
	rope_done(&r);
}

/* ---- surrogates, one case each ---- */

static void
insert_units(struct rope *r, size_t pos_u16, const uint16_t *u, size_t n)
{
	struct buf b = BUF_INIT;

	put_units(&b, u, n);
	assert_int_equal(rope_insert(r, ROPE_U16, pos_u16, b.data,
	    rope_measure(b.data, b.len)), 0);
	buf_done(&b);
}

static void
test_halves_part_and_join(void **state)
{
	static const uint16_t face[] = { 0xd83d, 0xde00 }, x[] = { 'x' };
	struct rope r;

	(void)state;
	rope_init(&r);
	insert_units(&r, 0, face, 2);
	assert_int_equal(rope_length(&r, ROPE_BYTES), 4);
	insert_units(&r, 1, x, 1);			/* parts them */
	rope_check(&r);
	assert_int_equal(rope_length(&r, ROPE_BYTES), 7);
	assert_int_equal(rope_length(&r, ROPE_CP), 3);
	assert_int_equal(rope_length(&r, ROPE_U16), 3);
	assert_int_equal(rope_delete(&r, ROPE_U16, 1, 1), 0);	/* joins */
	rope_check(&r);
	assert_int_equal(rope_length(&r, ROPE_BYTES), 4);
	assert_int_equal(rope_delete(&r, ROPE_U16, 1, 1), 0);	/* half goes */
	assert_int_equal(rope_length(&r, ROPE_BYTES), 3);
	insert_units(&r, 1, face + 1, 1);		/* and comes back */
	assert_int_equal(rope_length(&r, ROPE_BYTES), 4);
	rope_check(&r);
	rope_done(&r);
}

static void
test_halves_join_at_every_seam(void **state)
{
	static const uint16_t face[] = { 0xd83d, 0xde00 }, x[] = { 'x' };
	struct rope r;
	size_t pad, i;

	(void)state;
	/* With every padding the pair meets the end of a leaf once. */
	for (pad = 400; pad < 1100; pad++) {
		rope_init(&r);
		for (i = 0; i < pad; i++)
			insert_units(&r, i, x, 1);
		insert_units(&r, pad, face, 1);
		insert_units(&r, pad + 1, x, 1);
		insert_units(&r, pad + 2, face + 1, 1);
		for (i = 0; i < 300; i++)
			insert_units(&r, pad + 3, x, 1);
		rope_check(&r);
		assert_int_equal(rope_delete(&r, ROPE_U16, pad + 1, 1), 0);
		rope_check(&r);
		assert_int_equal(rope_length(&r, ROPE_BYTES), pad + 304);
		assert_int_equal(rope_length(&r, ROPE_CP), pad + 301);
		rope_done(&r);
	}
}

/* ---- sharing ---- */

static void
test_shares_are_independent(void **state)
{
	const struct habit h = { 6000, 40, false, false, false };
	static struct twin t[3];
	struct chance c;
	struct rope r[3];
	size_t i, k, near = 0;

	(void)state;
	chance_init(&c, "share", 7);
	for (i = 0; i < 3; i++) {
		t[i].len = 0;
		rope_init(&r[i]);
	}
	for (i = 0; i < 3000; i++) {
		k = chance_below(&c, 3);
		assert_int_equal(random_edit(&c, &h, &r[k], &t[k], &near), 0);
		if (i % 20 == 0) {
			rope_done(&r[(k + 1) % 3]);
			rope_share(&r[k], &r[(k + 1) % 3]);
			t[(k + 1) % 3] = t[k];
		}
		if (i % 5 == 0)
			for (k = 0; k < 3; k++)
				assert_same(&r[k], &t[k]);
	}
	for (i = 0; i < 3; i++)
		rope_done(&r[i]);
}

/* ---- memory ---- */

static void
test_starved_edit_changes_nothing(void **state)
{
	const struct habit h = { 6000, 800, false, false, true };
	static struct twin t;
	struct chance c;
	struct rope r, other;
	size_t i, near = 0, failed = 0;

	(void)state;
	chance_init(&c, "starve", 8);
	t.len = 0;
	rope_init(&r);
	for (i = 0; i < 6000; i++) {
		rope_init(&other);
		if (chance_below(&c, 3) == 0)
			rope_share(&r, &other);
		if (random_edit(&c, &h, &r, &t, &near) != 0)
			failed++;
		rope_done(&other);
		if (i % 3 == 0)
			assert_same(&r, &t);
	}
	assert_in_range(failed, 500, 5500);
	assert_same(&r, &t);
	rope_done(&r);
}

static void
test_memory_is_at_most_double(void **state)
{
	struct chance c;
	struct tree_size one = { { 1, 1, 1 } };
	struct rope r;
	size_t i;

	(void)state;
	chance_init(&c, "memory", 9);
	rope_init(&r);
	for (i = 0; i < 200000; i++)
		assert_int_equal(rope_insert(&r, ROPE_CP,
		    chance_below(&c, i + 1), "x", one), 0);
	assert_true(rope_memory(&r) <= 2 * i);
	for (; i > 100000; i--)
		assert_int_equal(rope_delete(&r, ROPE_CP,
		    chance_below(&c, i), 1), 0);
	rope_check(&r);
	assert_true(rope_memory(&r) <= 2 * i + i / 4);
	rope_done(&r);
	assert_int_equal(rope_memory(&r), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_texts),
		cmocka_unit_test(test_large_texts),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_read_any_range),
		cmocka_unit_test(test_halves_part_and_join),
		cmocka_unit_test(test_halves_join_at_every_seam),
		cmocka_unit_test(test_shares_are_independent),
		cmocka_unit_test(test_starved_edit_changes_nothing),
		cmocka_unit_test(test_memory_is_at_most_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
