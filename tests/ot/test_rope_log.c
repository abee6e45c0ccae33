/* rope_log: whatever was done is taken back, latest first, without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/rope_log.h"
#include "starve.h"

#define DEPTH	40	/* logs that wait */
#define CHANGES	3	/* most in a log */

struct habit {
	enum rope_unit	 unit;
	size_t		 len;		/* where the length settles */
	size_t		 kinds;		/* of characters: 2 is ASCII, 7 has halves */
	unsigned	 long_in;	/* one change in so many is long */
};

#define ROOM	(2 * sizeof(struct rope_step) + 32)	/* some changes need more */

/* Logs, and the text that was there before each. */
struct stack {
	size_t		 n;
	struct rope_log	 log[DEPTH];
	struct buf	 text[DEPTH];
};

static void
read_all(const struct rope *r, struct buf *b)
{
	rope_read(r, ROPE_BYTES, 0, rope_length(r, ROPE_BYTES), b);
}

static void
assert_reads(const struct rope *r, const struct buf *want)
{
	struct buf got = BUF_INIT;

	rope_check(r);
	read_all(r, &got);
	assert_int_equal(got.len, want->len);
	if (got.len > 0)
		assert_memory_equal(got.data, want->data, got.len);
	buf_done(&got);
}

/* ---- changes ---- */

static void
random_text(struct chance *c, const struct habit *h, struct buf *b)
{
	static const char *const some[] = {
		"a", "bc", "\xc3\xa9", "\xe4\xb8\x80", "\xf0\x9f\x98\x80",
		"\xed\xb8\x80", "\xed\xa0\xbd"
	};
	size_t n = 1 + chance_below(c, chance_below(c, h->long_in) ? 4 : 1500);
	size_t last = 0, i, k;

	for (i = 0; i < n; i++, last = k) {
		k = chance_below(c, h->kinds);
		if (last == 6 && k == 5)	/* they would be a pair */
			k = 0;
		buf_puts(b, some[k]);
	}
}

/* Text that comes in is put in b; sometimes memory runs out on the way. */
static int
random_change(struct chance *c, const struct habit *h, struct rope_log *log,
    struct rope *r, size_t *near, struct buf *b)
{
	size_t len = rope_length(r, h->unit), pos, n;
	long left = chance_below(c, 6) ? -1 : (long)chance_below(c, 4);

	pos = chance_below(c, 4) && *near <= len ? *near :
	    chance_below(c, len + 1);
	*near = pos;
	if (chance_below(c, 2 * h->len) >= len) {
		random_text(c, h, b);
		starve_after = left;
		return rope_log_insert(log, r, pos, b->data,
		    rope_measure(b->data, b->len));
	}
	n = 1 + chance_below(c, chance_below(c, h->long_in) ? 6 : 1500);
	starve_after = left;
	return rope_log_delete(log, r, pos, n < len - pos ? n : len - pos);
}

/* Some changes; true when they are logged, false when they failed. */
static bool
push(struct chance *c, const struct habit *h, struct rope *r,
    struct stack *s, size_t *near)
{
	size_t changes = 1 + chance_below(c, CHANGES), i;
	struct rope_log *log = &s->log[s->n];
	struct buf b[CHANGES] = { BUF_INIT, BUF_INIT, BUF_INIT };
	int rc = 0;

	s->text[s->n] = (struct buf)BUF_INIT;
	read_all(r, &s->text[s->n]);
	rope_log_init(log, h->unit, test_malloc(ROOM), ROOM);
	for (i = 0; rc == 0 && i < changes; i++) {
		rc = random_change(c, h, log, r, near, &b[i]);
		starve_after = -1;
	}
	for (i = 0; i < CHANGES; i++)
		buf_done(&b[i]);
	s->n++;
	return rc == 0;
}

static void
pop(struct rope *r, struct stack *s)
{
	s->n--;
	starve_after = 0;
	rope_log_undo(&s->log[s->n], r);
	starve_after = -1;
	assert_reads(r, &s->text[s->n]);
	test_free(s->log[s->n].step);
	buf_done(&s->text[s->n]);
}

/* They stay: the oldest is done with first. */
static void
keep_all(struct stack *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		rope_log_done(&s->log[i]);
		test_free(s->log[i].step);
		buf_done(&s->text[i]);
	}
	s->n = 0;
}

static void
push_and_pop(const char *name, uint64_t seed, const struct habit *h,
    size_t times)
{
	static struct stack s;
	struct chance c;
	struct rope r;
	size_t i, n, near = 0, written = 0, whole = 0;

	chance_init(&c, name, seed);
	rope_init(&r);
	for (i = 0; i < times; i++) {
		if (s.n == DEPTH || chance_below(&c, 60) == 0)
			keep_all(&s);
		if (!push(&c, h, &r, &s, &near)) {
			pop(&r, &s);
			continue;
		}
		whole += s.log[s.n - 1].whole;
		written += !s.log[s.n - 1].whole;
		n = chance_below(&c, 3) ? 0 : chance_below(&c, s.n + 1);
		while (n-- > 0)
			pop(&r, &s);
	}
	while (s.n > 0)
		pop(&r, &s);
	rope_done(&r);
	/* Both ways of taking back were gone. */
	assert_true(written > times / 10 && whole > times / 20);
}

static void
test_taken_back(void **state)
{
	const struct habit ascii = { ROPE_U16, 6000, 2, 10 };
	const struct habit units = { ROPE_U16, 3000, 7, 10 };
	const struct habit points = { ROPE_CP, 3000, 5, 10 };
	const struct habit small = { ROPE_U16, 40, 7, 1000 };

	(void)state;
	push_and_pop("ascii", 1, &ascii, 6000);
	push_and_pop("units", 2, &units, 6000);
	push_and_pop("points", 3, &points, 6000);
	push_and_pop("small", 4, &small, 6000);
}

/* One change of one leaf is written down and copies nothing. */
static void
test_small_change_keeps_no_share(void **state)
{
	static const struct tree_size one = { { 1, 1, 1 } };
	static char prose[20000];
	struct rope_step room[2];
	struct rope_log log;
	struct rope r;
	size_t i;

	(void)state;
	memset(prose, 'p', sizeof(prose));
	rope_init(&r);
	assert_int_equal(rope_insert(&r, ROPE_U16, 0, prose,
	    rope_measure(prose, sizeof(prose))), 0);
	/* A text just loaded has some room everywhere. */
	for (i = 0; i < sizeof(prose); i += 1000) {
		rope_log_init(&log, ROPE_U16, room, rope_log_room(1, 1));
		assert_int_equal(rope_log_insert(&log, &r, i, "x", one), 0);
		assert_false(log.whole);
		rope_log_done(&log);
		rope_log_init(&log, ROPE_U16, room, rope_log_room(1, 1));
		assert_int_equal(rope_log_delete(&log, &r, i + 500, 1), 0);
		assert_false(log.whole);
		rope_log_done(&log);
	}
	rope_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_small_change_keeps_no_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
