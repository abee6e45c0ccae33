/* utf: strict UTF-8, WTF-8's one normal form, three units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/utf.h"

#define HIGH	"\xed\xa0\xbd"		/* U+D83D */
#define LOW	"\xed\xb8\x80"		/* U+DE00 */
#define PAIR	"\xf0\x9f\x98\x80"	/* U+1F600, both of them */

static void
test_strict_utf8(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true }, { "abc", true }, { "\xc3\xa9", true },
		{ "\xef\xbf\xbf", true }, { PAIR, true },
		{ "\xf4\x8f\xbf\xbf", true }, { "\xed\x9f\xbf", true },
		{ "\xee\x80\x80", true }, { "12345678\xc3\xa9", true },
		{ "\x80", false }, { "\xc3", false }, { "\xc0\xaf", false },
		{ "\xc1\xbf", false }, { "\xe0\x9f\xbf", false },
		{ "\xe2\x82", false }, { "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false },
		{ "\xff", false }, { HIGH, false }, { LOW, false },
		{ HIGH LOW, false }, { "\xc3\x28", false },
		{ "abcdefgh\xff", false }, { "\xf0\x9f\x98", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf_is_utf8(rows[i].text,
		    strlen(rows[i].text)), rows[i].ok);
}

static void
test_every_code_point_there_and_back(void **state)
{
	char bytes[UTF_SEQUENCE_MAX];
	size_t size, back;
	uint32_t cp;

	(void)state;
	for (cp = 0; cp <= 0x10ffff; cp++) {
		size = utf_encode(cp, bytes);
		assert_int_equal(utf_decode(bytes, &back), cp);
		assert_int_equal(back, size);
		assert_int_equal(utf_is_utf8(bytes, size),
		    cp < 0xd800 || cp > 0xdfff);
		if (cp >= 0x10000)
			assert_int_equal(utf_pair(utf_high_of(cp),
			    utf_low_of(cp)), cp);
	}
}

static void
test_lengths_and_seeking(void **state)
{
	static const char s[] = "a\xc3\xa9" PAIR HIGH "z";
	size_t len = sizeof(s) - 1;
	bool inside;

	(void)state;
	assert_int_equal(utf_len_cp(s, len), 5);
	assert_int_equal(utf_len_u16(s, len), 6);
	assert_int_equal(utf_seek_cp(s, len, 0), 0);
	assert_int_equal(utf_seek_cp(s, len, 2), 3);
	assert_int_equal(utf_seek_cp(s, len, 3), 7);
	assert_int_equal(utf_seek_cp(s, len, 99), len);
	assert_int_equal(utf_seek_u16(s, len, 2, &inside), 3);
	assert_false(inside);
	assert_int_equal(utf_seek_u16(s, len, 3, &inside), 3);
	assert_true(inside);
	assert_int_equal(utf_seek_u16(s, len, 4, &inside), 7);
	assert_false(inside);
	assert_int_equal(utf_seek_u16(s, len, 6, &inside), len);
	assert_false(inside);
	assert_int_equal(utf_seek_u16(s, len, 60, &inside), len);
	assert_true(utf_has_surrogate(s, len));
	assert_false(utf_has_surrogate(s, 7));
}

static void
test_joining(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	utf_put(&b, 0, "x" HIGH, 4);
	utf_put(&b, 0, LOW "y", 4);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "x" PAIR "y", 6);
	buf_reset(&b);
	utf_put(&b, 0, HIGH, 3);
	utf_put(&b, 3, LOW, 3);		/* another string begins there */
	assert_int_equal(b.len, 6);
	buf_reset(&b);
	utf_put_cp(&b, 0, 0xde00);
	utf_put_cp(&b, 0, 0xd83d);
	utf_put_cp(&b, 0, 0xde00);
	assert_memory_equal(b.data, LOW PAIR, 7);
	buf_done(&b);
}

static void
test_slices_split_pairs(void **state)
{
	static const struct {
		size_t from, to;
		const char *want;
	} rows[] = {
		{ 0, 4, "a" PAIR "b" }, { 0, 2, "a" HIGH }, { 2, 4, LOW "b" },
		{ 1, 2, HIGH }, { 2, 3, LOW }, { 1, 3, PAIR }, { 3, 3, "" },
		{ 3, 1, "" }, { 3, 99, "b" }, { 2, 99, LOW "b" }, { 9, 10, "" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		utf_put_slice_u16(&b, 0, "a" PAIR "b", 6, rows[i].from,
		    rows[i].to);
		assert_int_equal(b.len, strlen(rows[i].want));
		if (b.len > 0)
			assert_memory_equal(b.data, rows[i].want, b.len);
	}
	buf_done(&b);
}

/* A random string as units, and as WTF-8 put together from them. */
static size_t
random_units(struct chance *c, uint32_t *units, struct buf *b)
{
	static const uint32_t some[] = { 'a', 'b', 0xe9, 0x4e2d, 0xd83d,
	    0xdbff, 0xde00, 0xdfff, 0xe000, 0xffff };
	size_t n = chance_below(c, 9), i;

	buf_reset(b);
	for (i = 0; i < n; i++) {
		units[i] = some[chance_below(c, sizeof(some) /
		    sizeof(some[0]))];
		utf_put_cp(b, 0, units[i]);
	}
	return n;
}

static int
compare_units(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n)
{
	size_t i;

	for (i = 0; i < a_n && i < b_n; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_n < b_n ? -1 : a_n > b_n;
}

/* Beside arrays of units. */
static void
test_model(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	uint32_t a_units[16], b_units[16];
	struct utf_units walk;
	struct chance c;
	size_t a_n, b_n, i, round;
	int order;

	(void)state;
	chance_init(&c, __func__, 1);
	for (round = 0; round < 20000; round++) {
		a_n = random_units(&c, a_units, &a);
		b_n = random_units(&c, b_units, &b);
		assert_int_equal(utf_len_u16(a.data, a.len), a_n);
		utf_units_init(&walk, a.data, a.len);
		for (i = 0; i < a_n; i++)
			assert_int_equal(utf_units_next(&walk), a_units[i]);
		assert_int_equal(utf_units_next(&walk), -1);
		order = utf_compare_u16(a.data, a.len, b.data, b.len);
		assert_int_equal((order > 0) - (order < 0),
		    compare_units(a_units, a_n, b_units, b_n));
	}
	buf_done(&a);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strict_utf8),
		cmocka_unit_test(test_every_code_point_there_and_back),
		cmocka_unit_test(test_lengths_and_seeking),
		cmocka_unit_test(test_joining),
		cmocka_unit_test(test_slices_split_pairs),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
