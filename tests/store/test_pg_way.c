/*
 * pg_way: while the server is away one connection probes, and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/pg_way.h"

enum { CONNECTIONS = 4 };

/* How many of the connections may begin a round now; the probe, if any. */
static unsigned
count_tries(struct pg_way *way, uint64_t now_ms, unsigned *probes_out)
{
	unsigned i, tries = 0;
	bool probes;

	*probes_out = 0;
	for (i = 0; i < CONNECTIONS; i++) {
		if (!pg_way_try(way, now_ms, &probes))
			continue;
		tries++;
		*probes_out += probes;
	}
	return tries;
}

static void
one_probes_the_others_follow(void **state)
{
	struct pg_way way;
	uint64_t now_ms = 1000;
	unsigned i, probes;

	(void)state;
	pg_way_init(&way, NULL);
	assert_int_equal(count_tries(&way, now_ms, &probes), CONNECTIONS);
	assert_int_equal(probes, 0);
	for (i = 0; i < CONNECTIONS; i++)
		pg_way_found(&way, 1);
	assert_int_equal(way.host, 1);

	/* The server dies: all connections break, and that is one outage. */
	for (i = 0; i < CONNECTIONS; i++)
		pg_way_failed(&way, now_ms, 2, false);
	assert_true(pg_way_is_away(&way));
	assert_int_equal(breaker_count(&way.breaker).opened, 1);
	assert_int_equal(way.host, 2);
	assert_int_equal(count_tries(&way, now_ms, &probes), 0);
	for (i = 0; i < 20; i++) {
		/* Who waits looks again soon, whatever the pause. */
		assert_in_range(pg_way_wait_ms(&way, now_ms), 1, 100);
		now_ms += 1000;		/* the longest pause */
		assert_int_equal(count_tries(&way, now_ms, &probes), 1);
		assert_int_equal(probes, 1);
		assert_int_equal(count_tries(&way, now_ms, &probes), 0);
		/* What began before it was away ends: that says nothing. */
		pg_way_failed(&way, now_ms, 0, false);
		assert_int_equal(count_tries(&way, now_ms, &probes), 0);
		pg_way_failed(&way, now_ms, 2, true);
	}
	assert_int_equal(breaker_count(&way.breaker).opened, 1);
	assert_int_equal(breaker_count(&way.breaker).probes, 20);

	now_ms += 1000;
	assert_int_equal(count_tries(&way, now_ms, &probes), 1);
	pg_way_found(&way, 0);
	assert_false(pg_way_is_away(&way));
	assert_int_equal(way.host, 0);
	assert_int_equal(pg_way_wait_ms(&way, now_ms), 0);
	assert_int_equal(count_tries(&way, now_ms, &probes), CONNECTIONS);
	assert_int_equal(probes, 0);
}

/* The connection that probed is given up: another one is the probe. */
static void
a_probe_is_dropped(void **state)
{
	struct pg_way way;
	unsigned probes;

	(void)state;
	pg_way_init(&way, NULL);
	pg_way_failed(&way, 1000, 0, false);
	assert_int_equal(count_tries(&way, 2000, &probes), 1);
	assert_int_equal(count_tries(&way, 9000, &probes), 0);
	pg_way_dropped(&way);
	assert_true(pg_way_is_away(&way));
	assert_int_equal(count_tries(&way, 9000, &probes), 1);
	assert_int_equal(probes, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_probes_the_others_follow),
		cmocka_unit_test(a_probe_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
