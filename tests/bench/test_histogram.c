#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "bench/load/histogram.h"
#include "bench/load/lots.h"

#define VALUES	5000

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
is_empty_at_first(void **state)
{
	static struct histogram h;

	(void)state;
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_true(histogram_mean(&h) == 0);
}

/* What is below 256 comes back as it went in. */
static void
small_values_are_exact(void **state)
{
	for (uint64_t value = 0; value < 256; value++) {
		struct histogram *h = calloc(1, sizeof(*h));

		(void)state;
		assert_non_null(h);
		histogram_record(h, value);
		histogram_record(h, 100000);
		assert_int_equal(histogram_quantile(h, 0.5), value);
		free(h);
	}
}

/* At every power of two and beside it: never too low, at most 1/128 high. */
static void
every_size_has_its_bucket(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (int beside = -1; beside <= 1; beside++) {
			uint64_t value = ((uint64_t)1 << bit) + (uint64_t)(int64_t)beside;
			struct histogram *h = calloc(1, sizeof(*h));
			uint64_t got;

			assert_non_null(h);
			histogram_record(h, value);
			histogram_record(h, UINT64_MAX);
			got = histogram_quantile(h, 0.5);
			assert_true(got >= value);
			assert_true(got - value <= value / 128);
			assert_int_equal(h->max, UINT64_MAX);
			free(h);
		}
	}
}

/* Beside all values, sorted. */
static void
quantiles_are_those_of_the_values(void **state)
{
	static const double quantiles[] = { 0, 0.001, 0.5, 0.9, 0.99, 0.999, 1 };
	static uint64_t values[VALUES];
	static struct histogram h;
	uint64_t chance = 7;
	double sum = 0;

	(void)state;
	for (size_t i = 0; i < VALUES; i++) {
		/* Of all sizes alike. */
		values[i] = lots_next(&chance) >> lots_below(&chance, 40);
		histogram_record(&h, values[i]);
		sum += (double)values[i];
	}
	qsort(values, VALUES, sizeof(values[0]), compare);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		double rank = quantiles[i] * VALUES;
		size_t at = rank <= 1 ? 0 : (size_t)rank - ((double)(size_t)rank == rank);
		uint64_t got = histogram_quantile(&h, quantiles[i]);

		assert_true(got >= values[at]);
		assert_true(got - values[at] <= values[at] / 128);
	}
	assert_int_equal(histogram_quantile(&h, 1), values[VALUES - 1]);
	assert_true(histogram_mean(&h) == sum / VALUES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_at_first),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(every_size_has_its_bucket),
		cmocka_unit_test(quantiles_are_those_of_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
