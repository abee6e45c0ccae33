/*
 * rate: a meter beside a stupid twin, and over long times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rate.h"
#include "tests/ot/chance.h"

/* Millisecond by millisecond. */
struct twin {
	int64_t		ops, bytes;
	uint64_t	at_ms;
};

static void
twin_go(struct twin *t, const struct rate *r, uint64_t now_ms)
{
	int64_t most_ops = (int64_t)(r->ops * 1000);
	int64_t most_bytes = (int64_t)(r->bytes * 1000);

	for (; t->at_ms < now_ms; t->at_ms++) {
		t->ops += (int64_t)r->ops;
		t->bytes += (int64_t)r->bytes;
		t->ops = t->ops > most_ops ? most_ops : t->ops;
		t->bytes = t->bytes > most_bytes ? most_bytes : t->bytes;
	}
}

static bool
twin_may(const struct twin *t, const struct rate *r)
{
	return (r->ops == 0 || t->ops > 0) && (r->bytes == 0 || t->bytes > 0);
}

static void
beside_a_twin(void **state)
{
	static const struct rate rates[] = { { 0, 0 }, { 1, 0 }, { 7, 0 },
	    { 0, 100 }, { 3, 1000 }, { 1000, 16 } };
	struct chance c;
	size_t i, k;

	(void)state;
	chance_init(&c, "rate", 1);
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct rate *r = &rates[i];
		struct twin t = { (int64_t)r->ops * 1000,
		    (int64_t)r->bytes * 1000, 5 };
		struct rate_meter m;
		uint64_t now_ms = 5, wait;

		rate_meter_init(&m, r, now_ms);
		assert_true(rate_meter_is_full(&m, r, now_ms));
		for (k = 0; k < 2000; k++) {
			now_ms += chance_below(&c, 400);
			twin_go(&t, r, now_ms);
			wait = rate_meter_wait(&m, r, now_ms);
			assert_int_equal(wait == 0, twin_may(&t, r));
			if (wait > 0) {
				/* Not a millisecond earlier. */
				twin_go(&t, r, now_ms + wait - 1);
				assert_false(twin_may(&t, r));
				now_ms += wait;
				twin_go(&t, r, now_ms);
				assert_true(twin_may(&t, r));
			}
			if (chance_below(&c, 3) == 0)
				continue;
			t.ops -= r->ops > 0 ? 1000 : 0;
			t.bytes -= r->bytes > 0 ? 50000 : 0;
			rate_meter_take(&m, r, now_ms, 1, 50);
		}
		assert_true(rate_meter_is_full(&m, r, now_ms + 86400000));
	}
}

/* Whoever asks as soon as he may gets the rate, and a second's credit. */
static void
over_time(void **state)
{
	const struct rate r = { 50, 0 };
	struct rate_meter m;
	uint64_t now_ms, asked = 0;

	(void)state;
	rate_meter_init(&m, &r, 0);
	for (now_ms = 0; now_ms < 60000; now_ms++)
		while (rate_meter_wait(&m, &r, now_ms) == 0) {
			rate_meter_take(&m, &r, now_ms, 1, 1);
			asked++;
		}
	assert_in_range(asked, 60 * 50, 61 * 50 + 1);
}

/* Times and sizes beyond any use, and a clock that stands back. */
static void
extremes(void **state)
{
	const struct rate r = { 1000000000, UINT64_C(1) << 40 };
	struct rate_meter m;

	(void)state;
	rate_meter_init(&m, &r, 1000);
	rate_meter_take(&m, &r, 10, 5, UINT64_C(1) << 44);
	assert_in_range(rate_meter_wait(&m, &r, 1000), 15000, 15001);
	assert_int_equal(rate_meter_wait(&m, &r, UINT64_MAX), 0);
	assert_true(rate_meter_is_full(&m, &r, UINT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_a_twin),
		cmocka_unit_test(over_time),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
