/*
 * What is a traceparent: the examples and the rules of W3C Trace Context, 3.2;
 * and a src that a trace is before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/trace.h"

#define ID	"0af7651916cd43dd8448eb211c80319c"
#define PARENT	"b7ad6b7169203331"

static void
ids_are_read(void **state)
{
	static const char *const good[] = {
		"00-" ID "-" PARENT "-01", "00-" ID "-" PARENT "-00",
		"00-" ID "-" PARENT "-ff",
		/* A later version, with and without more behind. */
		"01-" ID "-" PARENT "-01", "cc-" ID "-" PARENT "-01-what.the.future",
		"cc-" ID "-" PARENT "-01-",
	};
	char id[TRACE_ID];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(id, 'x', sizeof(id));
		if (!trace_read(good[i], id))
			fail_msg("refused: %s", good[i]);
		assert_string_equal(id, ID);
	}
}

static void
others_are_passed_over(void **state)
{
	static const char *const bad[] = {
		"", "-", "00", "00-", "00-" ID, "00-" ID "-" PARENT,
		"00-" ID "-" PARENT "-", "00-" ID "-" PARENT "-1",
		"00-" ID "-" PARENT "-001", "00-" ID "-" PARENT "-01-",
		"00-" ID "-" PARENT "-01 ", " 00-" ID "-" PARENT "-01",
		"00-" ID "-" PARENT "-0x", "0-" ID "-" PARENT "-01",
		"ff-" ID "-" PARENT "-01", "cc-" ID "-" PARENT "-01.what",
		"00_" ID "-" PARENT "-01", "00-" ID "0-" PARENT "-01",
		"00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01",
		"00-00000000000000000000000000000000-" PARENT "-01",
		"00-" ID "-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319-" PARENT "-01",
		"00-" ID "-b7ad6b716920333-01", "00-" ID "-" PARENT "\"-01",
	};
	char id[TRACE_ID] = "untouched";
	size_t i;

	(void)state;
	assert_false(trace_read(NULL, id));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (trace_read(bad[i], id))
			fail_msg("taken: %s", bad[i]);
	assert_string_equal(id, "untouched");
}

static void
a_src_is_found_behind_its_trace(void **state)
{
	static const char *const others[] = {
		"", "trace:", "trace:" ID, "trace:" ID "_x", "Trace:" ID "-x",
		"trace:0AF7651916CD43DD8448EB211C80319C-x", "once:" ID "-x",
		"trace:0af7651916cd43dd8448eb211c80319-x",
	};
	char src[TRACE_MORE + 4];
	size_t i;

	(void)state;
	trace_sign(ID, "abc", src, sizeof(src));
	assert_string_equal(src, "trace:" ID "-abc");
	assert_string_equal(trace_behind(src), "abc");
	assert_string_equal(trace_behind("trace:" ID "-"), "");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_ptr_equal(trace_behind(others[i]), others[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_read),
		cmocka_unit_test(others_are_passed_over),
		cmocka_unit_test(a_src_is_found_behind_its_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
