/*
 * histogram: a time falls into the bucket whose bound it does not pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void
test_bounds(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bound_us(i) > histogram_bound_us(i - 1));
	assert_int_equal(histogram_bound_us(HISTOGRAM_BOUNDS - 1), 10000000);
}

static void
test_add(void **state)
{
	struct histogram h = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < HISTOGRAM_BOUNDS; i++) {
		histogram_add(&h, histogram_bound_us(i));	/* at most it */
		histogram_add(&h, histogram_bound_us(i) + 1);	/* the next */
	}
	histogram_add(&h, 0);
	histogram_add(&h, UINT32_MAX);
	assert_int_equal(h.bucket[0], 2);
	for (i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_int_equal(h.bucket[i], 2);
	assert_int_equal(h.bucket[HISTOGRAM_BOUNDS], 2);
}

static void
test_sum(void **state)
{
	struct histogram h = { 0 };

	(void)state;
	histogram_add(&h, 7);
	histogram_add(&h, 20000000);
	assert_int_equal(h.sum_us, 20000007);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
