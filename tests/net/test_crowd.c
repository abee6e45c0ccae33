/*
 * crowd: how many at once, how fast, and forgetting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/crowd.h"

static void
test_most(void **state)
{
	struct crowd crowd;
	struct guest *a, *b;

	(void)state;
	crowd_init(&crowd, 7, 2, 0);
	assert_non_null(a = crowd_enter(&crowd, "a", 0));
	assert_ptr_equal(crowd_enter(&crowd, "a", 0), a);
	assert_null(crowd_enter(&crowd, "a", 0));
	assert_non_null(b = crowd_enter(&crowd, "b", 0));
	assert_ptr_not_equal(a, b);
	crowd_leave(&crowd, a, 0);
	assert_ptr_equal(crowd_enter(&crowd, "a", 0), a);
	crowd_leave(&crowd, a, 0);
	crowd_leave(&crowd, a, 0);
	crowd_leave(&crowd, b, 0);
	crowd_leave(&crowd, NULL, 0);
	crowd_done(&crowd);
}

static unsigned
enter_all(struct crowd *crowd, const char *key, unsigned tries, uint64_t now_ms)
{
	struct guest *guest;
	unsigned n = 0;

	while (tries-- > 0) {
		if ((guest = crowd_enter(crowd, key, now_ms)) == NULL)
			continue;
		crowd_leave(crowd, guest, now_ms);
		n++;
	}
	return n;
}

static void
test_rate(void **state)
{
	struct crowd crowd;

	(void)state;
	crowd_init(&crowd, 7, 0, 3);
	/* 20 s' worth at once, then 3 a second, by the millisecond. */
	assert_int_equal(enter_all(&crowd, "a", 100, 1000), 60);
	assert_int_equal(enter_all(&crowd, "b", 10, 1000), 10);
	assert_int_equal(enter_all(&crowd, "a", 100, 1333), 0);
	assert_int_equal(enter_all(&crowd, "a", 100, 1334), 1);
	assert_int_equal(enter_all(&crowd, "a", 100, 3000), 5);
	/* Going back in time gives nothing. */
	assert_int_equal(enter_all(&crowd, "a", 100, 1000), 0);
	assert_int_equal(enter_all(&crowd, "a", 100, 1000000), 60);
	crowd_done(&crowd);
}

static void
test_forgetting(void **state)
{
	struct crowd crowd;
	struct guest *stays;
	char key[16];

	(void)state;
	crowd_init(&crowd, 7, 0, 1);
	stays = crowd_enter(&crowd, "stays", 0);
	assert_int_equal(enter_all(&crowd, "a", 30, 0), 20);
	enter_all(&crowd, "b", 1, 10000);
	assert_int_equal(crowd.guests.n, 3);
	crowd_tick(&crowd, 20000);
	assert_int_equal(crowd.guests.n, 3);
	crowd_tick(&crowd, 20001);
	assert_int_equal(crowd.guests.n, 2);
	crowd_tick(&crowd, 1000000);
	assert_int_equal(crowd.guests.n, 1);
	crowd_leave(&crowd, stays, 1000000);
	/* The table has an end, however many come. */
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		enter_all(&crowd, key, 1, 1000000);
	}
	assert_int_equal(crowd.guests.n, 65536);
	crowd_done(&crowd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_forgetting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
