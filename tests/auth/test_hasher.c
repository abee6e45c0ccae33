#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/hasher.h"
#include "base/log.h"
#include "base/loop.h"

/* As cheap as the library allows. */
static const struct password_cost cheap = { 8192, 1 };
static const struct password_cost dearer = { 16384, 2 };

struct heard {
	unsigned	n;
	bool		good;
	bool		has_hash;
	char		hash[PASSWORD_HASH];
};

static void
on_done(void *arg, bool good, const char *hash)
{
	struct heard *h = arg;

	h->n++;
	h->good = good;
	h->has_hash = hash != NULL;
	if (hash != NULL)
		memcpy(h->hash, hash, strlen(hash) + 1);
}

static void
on_pulse(void *arg)
{
	(void)arg;
}

static void
wait_for(struct loop *loop, const struct heard *h, unsigned n)
{
	while (h->n < n)
		loop_wait(loop, false);
}

static void
what_is_hashed_is_known_again(void **state)
{
	struct loop *loop = loop_new();
	struct hasher *h = hasher_new(loop, &cheap);
	struct heard made = { .n = 0 }, told = { .n = 0 };

	(void)state;
	assert_non_null(h);
	assert_non_null(hasher_make(h, "correct horse", on_done, &made));
	assert_int_equal(made.n, 0);
	wait_for(loop, &made, 1);
	assert_true(made.good);
	assert_int_equal(strncmp(made.hash, "$argon2id$", 10), 0);
	hasher_check(h, "correct horse", made.hash, on_done, &told);
	wait_for(loop, &told, 1);
	assert_true(told.good);
	assert_false(told.has_hash);
	hasher_check(h, "wrong horse", made.hash, on_done, &told);
	wait_for(loop, &told, 2);
	assert_false(told.good);
	hasher_free(h);
	loop_free(loop);
}

static void
nobody_has_no_password(void **state)
{
	static const char *const tries[] = { "", "nobody's password", "x" };
	struct loop *loop = loop_new();
	struct hasher *h = hasher_new(loop, &cheap);
	struct heard told = { .n = 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		hasher_check(h, tries[i], NULL, on_done, &told);
		wait_for(loop, &told, i + 1);
		assert_false(told.good);
		assert_false(told.has_hash);
	}
	/* Nor has what is no hash at all. */
	hasher_check(h, "x", "not a hash", on_done, &told);
	wait_for(loop, &told, 4);
	assert_false(told.good);
	hasher_free(h);
	loop_free(loop);
}

static void
a_hash_of_another_cost_is_made_anew(void **state)
{
	struct loop *loop = loop_new();
	struct hasher *h = hasher_new(loop, &dearer);
	struct heard told = { .n = 0 };
	char old[PASSWORD_HASH];

	(void)state;
	assert_true(password_hash("correct horse", &cheap, old));
	assert_true(password_is_old(old, &dearer));
	hasher_check(h, "wrong horse", old, on_done, &told);
	wait_for(loop, &told, 1);
	assert_false(told.has_hash);
	hasher_check(h, "correct horse", old, on_done, &told);
	wait_for(loop, &told, 2);
	assert_true(told.good && told.has_hash);
	assert_false(password_is_old(told.hash, &dearer));
	assert_true(password_is("correct horse", told.hash));
	hasher_free(h);
	loop_free(loop);
}

static void
the_queue_has_an_end_and_the_forgotten_hear_nothing(void **state)
{
	struct loop *loop = loop_new();
	struct hasher *h = hasher_new(loop, &cheap);
	struct loop_timer *pulse = loop_timer_new(loop, on_pulse, NULL);
	struct hash_task *tasks[HASHER_QUEUE * 4];
	struct heard told = { .n = 0 }, never = { .n = 0 };
	unsigned n = 0, refused = 0;

	(void)state;
	while (refused == 0 && n < HASHER_QUEUE * 4) {
		tasks[n] = hasher_check(h, "x", NULL, on_done,
		    n % 2 == 0 ? &told : &never);
		if (tasks[n] == NULL)
			refused++;
		else
			n++;
	}
	assert_int_equal(refused, 1);
	assert_true(n >= HASHER_QUEUE);
	for (unsigned i = 1; i < n; i += 2)
		hasher_forget(tasks[i]);
	wait_for(loop, &told, (n + 1) / 2);
	assert_int_equal(never.n, 0);
	/* It goes with work under way. */
	for (unsigned i = 0; i < 5; i++)
		hasher_make(h, "x", on_done, &never);
	hasher_free(h);
	loop_timer_start(pulse, 20);
	loop_wait(loop, false);
	assert_int_equal(never.n, 0);
	loop_timer_free(pulse);
	loop_free(loop);
}

static void
new_passwords_are_looked_at(void **state)
{
	char long_one[PASSWORD_MOST + 2];

	(void)state;
	memset(long_one, 'x', sizeof(long_one));
	long_one[PASSWORD_MOST + 1] = '\0';
	assert_non_null(password_fault(long_one));
	long_one[PASSWORD_MOST] = '\0';
	assert_null(password_fault(long_one));
	assert_non_null(password_fault("7 bytes"));
	assert_null(password_fault("8 bytes."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_hashed_is_known_again),
		cmocka_unit_test(nobody_has_no_password),
		cmocka_unit_test(a_hash_of_another_cost_is_made_anew),
		cmocka_unit_test(
		    the_queue_has_an_end_and_the_forgotten_hear_nothing),
		cmocka_unit_test(new_passwords_are_looked_at),
	};

	log_setup(LOG_ERROR, LOG_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
