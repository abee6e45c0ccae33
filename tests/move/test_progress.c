/*
 * progress: what the line says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/progress.h"

static void
numbers(void **state)
{
	static const struct { uint64_t n; const char *text; } rows[] = {
		{ 0, "0" }, { 7, "7" }, { 999, "999" }, { 1000, "1,000" },
		{ 12345, "12,345" }, { 999999, "999,999" },
		{ 1000000, "1,000,000" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char text[27];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		progress_number(rows[i].n, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void
assert_line(uint64_t total, uint64_t documents, uint64_t ops,
    uint64_t after_ms, const char *wanted)
{
	const struct progress p = { .what = "verify", .total = total };
	char line[200];

	progress_line(&p, documents, ops, after_ms, line, sizeof(line));
	assert_string_equal(line, wanted);
}

static void
lines(void **state)
{
	(void)state;
	assert_line(20000, 0, 0, 0, "verify [........................]   0%  "
	    "0 of 20,000 documents, 0 operations/s");
	assert_line(20000, 8200, 122000, 2000,
	    "verify [#########...............]  41%  "
	    "8,200 of 20,000 documents, 61,000 operations/s");
	assert_line(3, 3, 30, 10, "verify [########################] 100%  "
	    "3 of 3 documents, 3,000 operations/s");
	/* More than there were when they were counted. */
	assert_line(3, 5, 30, 10, "verify [########################] 100%  "
	    "5 of 3 documents, 3,000 operations/s");
	assert_line(0, 5, 30, 1000, "verify  5 documents, 30 operations/s");
}

static void
cut(void **state)
{
	const struct progress p = { .what = "verify", .total = 10 };
	char line[12];

	(void)state;
	progress_line(&p, 5, 0, 0, line, sizeof(line));
	assert_string_equal(line, "verify [###");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(lines),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
