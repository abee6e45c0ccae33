/*
 * Regular expressions: what matches, what is refused, and that no pattern is
 * slow.  tests/filter holds them to JavaScript's at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/regex.h"

static void
matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		unsigned options;
		bool matches;
	} rows[] = {
		{ "", "", 0, true },
		{ "b", "abc", 0, true },
		{ "^b", "abc", 0, false },
		{ "c$", "abc", 0, true },
		{ "c$", "abc\n", 0, false },
		{ "^b", "a\nb", 0, false },
		{ "^b$", "a\nb\nc", REGEX_MULTILINE, true },
		{ "a.c", "a\nc", 0, false },
		{ "a.c", "a\nc", REGEX_DOT_ALL, true },
		{ "a|bc|d", "xbcx", 0, true },
		{ "^(a|b)*$", "abba", 0, true },
		{ "^(?:ab)+$", "abab", 0, true },
		{ "^(?<n>ab)?$", "", 0, true },
		{ "^a{2,3}$", "aaaa", 0, false },
		{ "^a{2,3}?$", "aaa", 0, true },
		{ "^a{2}$", "aa", 0, true },
		{ "^a{2,}$", "a", 0, false },
		{ "a{", "a{", 0, true },
		{ "a{,2}", "a{,2}", 0, true },
		{ "^[a-c]+$", "abc", 0, true },
		{ "^[^a-c]+$", "xbz", 0, false },
		{ "^[\\w-]+$", "a-b_1", 0, true },
		{ "^[]]", "]", 0, false },
		{ "^\\d\\D\\w\\W\\s\\S$", "1aa- x", 0, true },
		{ "\\bfoo\\b", "a foo b", 0, true },
		{ "\\bfoo\\b", "afoo", 0, false },
		{ "\\Boo", "foo", 0, true },
		{ "^\\x41\\u0042\\u{43}$", "ABC", 0, true },
		{ "^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", 0, true },
		{ "^.$", "\xf0\x9f\x98\x80", 0, true },
		{ "^\\.\\/\\-$", "./-", 0, true },
		{ "ABC", "xabcx", REGEX_IGNORE_CASE, true },
		{ "^[A-C]+$", "abc", REGEX_IGNORE_CASE, true },
		{ "^[^a]$", "A", REGEX_IGNORE_CASE, false },
		{ "\xc3\x89t\xc3\xa9", "\xc3\xa9T\xc3\x89", REGEX_IGNORE_CASE, true },
		{ "\xd0\x96", "\xd0\xb6", REGEX_IGNORE_CASE, true },
		{ "^(a*)*$", "aaab", 0, false },
		{ "(|a)+b", "aab", 0, true },
		{ "\\s", "\xc2\xa0", 0, true },
	};
	struct regex *re;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (regex_new(rows[i].pattern, strlen(rows[i].pattern),
		    rows[i].options, &re, &err) != 0)
			fail_msg("/%s/: %s", rows[i].pattern, err.text);
		if (regex_match(re, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].matches)
			fail_msg("/%s/ on \"%s\"", rows[i].pattern,
			    rows[i].text);
		regex_free(re);
	}
}

static void
refusals(void **state)
{
	static const struct { const char *pattern, *text; } rows[] = {
		{ "(a", "a ( without its ), at byte 2" },
		{ "a)", "a ) without its (, at byte 1" },
		{ "[a", "a [ without its ], at byte 2" },
		{ "*a", "nothing to repeat, at byte 0" },
		{ "a**", "nothing to repeat, at byte 2" },
		{ "^*", "nothing to repeat, at byte 2" },
		{ "a{3,2}", "a repeat out of order, at byte 6" },
		{ "a{1001}", "too many repeats, at byte 7" },
		{ "(a)\\1", "backreferences are not offered, at byte 4" },
		{ "(?=a)", "look-around is not offered, at byte 1" },
		{ "(?<!a)", "look-around is not offered, at byte 1" },
		{ "(?i)a", "this kind of group is not offered, at byte 1" },
		{ "\\p{L}", "an escape that is not offered, at byte 1" },
		{ "[[:alpha:]]", "[: :] is not offered, at byte 1" },
		{ "[b-a]", "a range out of order, at byte 4" },
		{ "[\\d-z]", "a range out of order, at byte 5" },
		{ "\\xg0", "bad hexadecimal digits, at byte 2" },
		{ "a\\", "a backslash at the end, at byte 2" },
		{ "((a{1000}){1000}){1000}",
		  "too long with its repeats unfolded" },
	};
	const size_t head = strlen("regular expression: ");
	struct regex *re = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (regex_new(rows[i].pattern, strlen(rows[i].pattern), 0,
		    &re, &err) == 0)
			fail_msg("/%s/ is not refused", rows[i].pattern);
		assert_null(re);
		assert_string_equal(err.text + head, rows[i].text);
	}
}

static void
prefixes(void **state)
{
	static const struct { const char *pattern, *prefix; unsigned options; }
	rows[] = {
		{ "^abc", "abc", 0 }, { "^ab*", "a", 0 }, { "^(ab)+c", "ab", 0 },
		{ "^a|b", "", 0 }, { "abc", "", 0 }, { "^a?b", "", 0 },
		{ "^\\.a.b", ".a", 0 }, { "^abc", "", REGEX_IGNORE_CASE },
		{ "^abc", "", REGEX_MULTILINE }, { "^a{2}", "aa", 0 },
	};
	struct regex *re;
	struct ot_err err;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(regex_new(rows[i].pattern,
		    strlen(rows[i].pattern), rows[i].options, &re, &err), 0);
		buf_reset(&b);
		regex_prefix(re, &b);
		buf_putc(&b, '\0');
		assert_string_equal(b.data, rows[i].prefix);
		regex_free(re);
	}
	buf_done(&b);
}

/* Patterns that keep backtracking engines busy for years. */
static void
no_pattern_is_slow(void **state)
{
	static const char *const patterns[] = {
		"^(a+)+$", "^(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]$",
		"((){1000}){1000}", "(a?){500}a{500}$"
	};
	static char text[5000];
	struct regex *re;
	struct ot_err err;
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		assert_int_equal(regex_new(patterns[i], strlen(patterns[i]),
		    0, &re, &err), 0);
		assert_int_equal(regex_match(re, text, sizeof(text)), i == 4);
		regex_free(re);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(refusals),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(no_pattern_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
