/*
 * breaker: its three states, and what chance may do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/breaker.h"

static const struct breaker_settings settings = {
	.failures = 3, .first_ms = 100, .most_ms = 1000,
};

/* Try and fail; it has to be allowed. */
static void
try_in_vain(struct breaker *b, uint64_t now_ms)
{
	assert_true(breaker_try(b, now_ms));
	breaker_failed(b, now_ms);
}

static void
assert_counts(const struct breaker *b, enum breaker_state state,
    uint64_t opened, uint64_t probes)
{
	struct breaker_counts counts = breaker_count(b);

	assert_int_equal(counts.state, state);
	assert_int_equal(counts.opened, opened);
	assert_int_equal(counts.probes, probes);
}

static void
test_opens_after_failures_in_a_row(void **state)
{
	struct breaker b;

	(void)state;
	breaker_init(&b, &settings, 1);
	try_in_vain(&b, 0);
	try_in_vain(&b, 0);
	assert_true(breaker_try(&b, 0));
	breaker_worked(&b);		/* not in a row */
	try_in_vain(&b, 0);
	try_in_vain(&b, 0);
	assert_false(breaker_is_open(&b));
	try_in_vain(&b, 0);
	assert_true(breaker_is_open(&b));
	assert_false(breaker_try(&b, 0));
	assert_counts(&b, BREAKER_OPEN, 1, 0);
}

static void
test_one_probe(void **state)
{
	struct breaker b;
	uint64_t at;

	(void)state;
	breaker_init(&b, &settings, 2);
	assert_counts(&b, BREAKER_CLOSED, 0, 0);
	for (int i = 0; i < 3; i++)
		try_in_vain(&b, 50);
	at = 50 + breaker_wait_ms(&b, 50);
	assert_in_range(at, 50 + 50, 50 + 100);
	assert_false(breaker_try(&b, at - 1));
	assert_true(breaker_try(&b, at));
	assert_false(breaker_try(&b, at));	/* the probe is under way */
	assert_int_equal(breaker_wait_ms(&b, at), UINT64_MAX);
	assert_counts(&b, BREAKER_HALF_OPEN, 1, 1);
	breaker_dropped(&b);
	assert_counts(&b, BREAKER_OPEN, 1, 1);
	assert_int_equal(breaker_wait_ms(&b, at), 0);
	assert_true(breaker_try(&b, at));
	breaker_worked(&b);
	assert_counts(&b, BREAKER_CLOSED, 1, 2);
	assert_true(breaker_try(&b, at));
	assert_true(breaker_try(&b, at));
	breaker_failed(&b, at);		/* begins to count anew */
	assert_false(breaker_is_open(&b));
}

/* 100, 200, 400, 800, 1000, 1000 ms, each less up to a half. */
static void
test_time_doubles_up_to_a_most(void **state)
{
	static const uint64_t most[] = { 100, 200, 400, 800, 1000, 1000, 1000 };
	uint64_t seed, wait_ms, now_ms;
	struct breaker b;
	size_t i;
	int shorter = 0;

	(void)state;
	for (seed = 1; seed < 200; seed++) {
		now_ms = 1000000 * seed;
		breaker_init(&b, &settings, seed * 2654435761u);
		try_in_vain(&b, now_ms);
		try_in_vain(&b, now_ms);
		for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
			try_in_vain(&b, now_ms);
			wait_ms = breaker_wait_ms(&b, now_ms);
			assert_in_range(wait_ms, most[i] / 2, most[i]);
			shorter += wait_ms < most[i] * 3 / 4;
			now_ms += wait_ms;
		}
		assert_int_equal(b.opened, 1);
		assert_true(breaker_try(&b, now_ms));
		breaker_worked(&b);
		for (i = 0; i < 3; i++)
			try_in_vain(&b, now_ms);
		assert_in_range(breaker_wait_ms(&b, now_ms), 50, 100);
		assert_int_equal(b.opened, 2);
	}
	/* About half of them; never in step. */
	assert_in_range(shorter, 199 * 7 / 3, 199 * 7 * 2 / 3);
}

/* Three were under way when it opened: their ends come late. */
static void
test_late_failures(void **state)
{
	struct breaker b;
	uint64_t wait_ms;

	(void)state;
	breaker_init(&b, &settings, 7);
	for (int i = 0; i < 6; i++)
		assert_true(breaker_try(&b, 0));
	for (int i = 0; i < 3; i++)
		breaker_failed(&b, 0);
	wait_ms = breaker_wait_ms(&b, 0);
	for (int i = 0; i < 3; i++)
		breaker_failed(&b, 10);
	assert_int_equal(breaker_wait_ms(&b, 0), wait_ms);
	breaker_hurry(&b);
	assert_true(breaker_try(&b, 10));
	breaker_failed(&b, 10);
	assert_in_range(breaker_wait_ms(&b, 10), 100, 200);
}

/* What another process has kept goes on: one that waits, one that may probe. */
static void
test_restore(void **state)
{
	struct breaker b;

	(void)state;
	breaker_init(&b, &settings, 8);
	breaker_restore(&b, 4, 500);
	assert_true(breaker_is_open(&b));
	assert_false(breaker_try(&b, 499));
	assert_true(breaker_try(&b, 500));
	breaker_failed(&b, 500);	/* the fifth: the third time of OPEN */
	assert_in_range(breaker_wait_ms(&b, 500), 200, 400);
	breaker_restore(&b, 2, 0);
	assert_false(breaker_is_open(&b));
	try_in_vain(&b, 600);
	assert_in_range(breaker_wait_ms(&b, 600), 50, 100);
	breaker_restore(&b, UINT32_MAX - 1, 0);
	try_in_vain(&b, 700);		/* and no sum runs over */
	assert_in_range(breaker_wait_ms(&b, 700), 500, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_after_failures_in_a_row),
		cmocka_unit_test(test_one_probe),
		cmocka_unit_test(test_time_doubles_up_to_a_most),
		cmocka_unit_test(test_late_failures),
		cmocka_unit_test(test_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
