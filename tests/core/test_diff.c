/*
 * diff: the steps lead from one order to the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include <stdio.h>
#include <string.h>

#include "core/diff.h"
#include "tests/ot/chance.h"

#define LONGEST	12

/* A list of places; NEW is what an insert brought. */
struct order {
	size_t	at[3 * LONGEST];
	size_t	n;
};

static void
take_out(struct order *o, size_t from, size_t n)
{
	assert_true(from + n <= o->n);
	memmove(o->at + from, o->at + from + n,
	    (o->n - from - n) * sizeof(o->at[0]));
	o->n -= n;
}

static void
put_in(struct order *o, size_t to, const size_t *what, size_t n)
{
	assert_true(to <= o->n);
	memmove(o->at + to + n, o->at + to, (o->n - to) * sizeof(o->at[0]));
	memcpy(o->at + to, what, n * sizeof(o->at[0]));
	o->n += n;
}

static void
carry_out(struct order *o, const struct diff_step *s)
{
	size_t moved[LONGEST], i;

	assert_true(s->n > 0 && s->n <= LONGEST);
	switch (s->kind) {
	case DIFF_REMOVE:
		take_out(o, s->from, s->n);
		break;
	case DIFF_MOVE:
		assert_true(s->from != s->to);
		memcpy(moved, o->at + s->from, s->n * sizeof(moved[0]));
		take_out(o, s->from, s->n);
		put_in(o, s->to, moved, s->n);
		break;
	case DIFF_INSERT:
		for (i = 0; i < s->n; i++)
			moved[i] = s->to + i;
		put_in(o, s->to, moved, s->n);
		break;
	}
}

/* places: a letter for where it goes, '-' for nowhere. */
static void
expect(const char *places, size_t n_after, const char *steps)
{
	static const char *const names[] = { "remove", "move", "insert" };
	size_t at[LONGEST], i;
	char said[200] = "";
	struct diff d;

	for (i = 0; places[i] != '\0'; i++)
		at[i] = places[i] == '-' ? DIFF_NONE :
		    (size_t)(places[i] - 'a');
	diff_make(&d, at, i, n_after);
	for (i = 0; i < d.n; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said),
		    "%s%s %zu %zu %zu", i > 0 ? ", " : "",
		    names[d.steps[i].kind], d.steps[i].from, d.steps[i].to,
		    d.steps[i].n);
	assert_string_equal(said, steps);
	diff_done(&d);
}

/* As arraydiff 0.1.3 gives them. */
static void
test_known(void **state)
{
	(void)state;
	expect("", 0, "");
	expect("abc", 3, "");
	expect("", 2, "insert 0 0 2");
	expect("--", 0, "remove 0 0 2");
	expect("a-b", 2, "remove 1 0 1");
	expect("ac", 3, "insert 0 1 1");
	expect("-a-b-", 2, "remove 0 0 1, remove 1 0 1, remove 2 0 1");
	expect("cab", 3, "move 1 0 2");
	expect("bca", 3, "move 2 0 1");
	expect("ba-", 3, "remove 2 0 1, move 1 0 1, insert 0 2 1");
}

static void
test_random(void **state)
{
	struct chance c;
	struct order o;
	struct diff d;
	size_t places[LONGEST], n_before, n_after, i, place;
	bool taken[LONGEST];
	int round;

	(void)state;
	chance_init(&c, "diff", 1);
	for (round = 0; round < 200000; round++) {
		n_before = chance_below(&c, LONGEST + 1);
		n_after = chance_below(&c, LONGEST + 1);
		memset(taken, 0, sizeof(taken));
		for (i = 0; i < n_before; i++) {
			places[i] = DIFF_NONE;
			place = chance_below(&c, LONGEST);
			if (place >= n_after || taken[place])
				continue;
			places[i] = place;
			taken[place] = true;
		}
		memcpy(o.at, places, sizeof(places));
		o.n = n_before;
		diff_make(&d, places, n_before, n_after);
		for (i = 0; i < d.n; i++)
			carry_out(&o, &d.steps[i]);
		diff_done(&d);
		assert_int_equal(o.n, n_after);
		for (i = 0; i < o.n; i++)
			assert_int_equal(o.at[i], i);
	}
}

/* Thousands of stretches in another order: all anew, at once. */
static void
test_too_many(void **state)
{
	static size_t places[10000];
	struct diff d;
	size_t i, n = sizeof(places) / sizeof(places[0]);

	(void)state;
	for (i = 0; i < n; i++)
		places[i] = n - 1 - i;
	diff_make(&d, places, n, n);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.steps[0].kind, DIFF_REMOVE);
	assert_int_equal(d.steps[0].n, n);
	assert_int_equal(d.steps[1].kind, DIFF_INSERT);
	assert_int_equal(d.steps[1].n, n);
	diff_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("core/diff", tests, NULL, NULL);
}
