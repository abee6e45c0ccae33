/*
 * pace: the rate holds over any time, and moments are not in step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pace.h"

#define BEGAN	123456u

static unsigned
due_by(struct pace *p, uint64_t now_ms)
{
	unsigned n = 0;

	while (pace_due(p, now_ms))
		n++;
	return n;
}

/* Never a slot ahead, never more than one behind, whenever one looks. */
static void
test_rate_holds(void **state)
{
	static const unsigned rates[] = { 1, 3, 7, 100, 999, 5000, 1000000 };
	struct pace p;
	uint64_t total, slots, ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		pace_start(&p, rates[i], i + 5, BEGAN);
		for (total = 0, ms = 0; ms <= 3000; ms += 1 + ms % 13) {
			total += due_by(&p, BEGAN + ms);
			slots = ms * rates[i] / 1000;
			assert_true(total >= slots);
			assert_true(total <= slots + 1);
		}
	}
}

/* Waiting as long as it says, and no shorter, finds one. */
static void
test_wait(void **state)
{
	struct pace p;
	uint64_t now_ms = BEGAN, wait_ms;
	int i;

	(void)state;
	pace_start(&p, 20, 99, now_ms);
	for (i = 0; i < 500; i++) {
		wait_ms = pace_wait_ms(&p, now_ms);
		if (wait_ms > 0)
			assert_false(pace_due(&p, now_ms + wait_ms - 1));
		now_ms += wait_ms;
		assert_true(pace_due(&p, now_ms));
	}
	assert_in_range(now_ms - BEGAN, 499 * 50, 500 * 50 + 1);
}

/* By chance: not the same at another seed, the same at the same. */
static void
test_chance(void **state)
{
	struct pace a, b, c;
	uint64_t ms;
	int apart = 0;

	(void)state;
	pace_start(&a, 10, 1, 0);
	pace_start(&b, 10, 1, 0);
	pace_start(&c, 10, 2, 0);
	for (ms = 0; ms < 2000; ms++) {
		unsigned n = due_by(&a, ms);

		assert_int_equal(n, due_by(&b, ms));
		apart += n != due_by(&c, ms);
	}
	assert_true(apart > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate_holds),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
