/*
 * resolve: names to addresses, blocking and not; a lookup that nobody waits
 * for any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop.h"
#include "bus/resolve.h"

struct heard {
	unsigned	calls, found;
	char		first[64];
};

static void
on_found(const struct addresses *found, void *arg)
{
	struct heard *h = arg;

	h->calls++;
	if (found == NULL)
		return;
	h->found = found->n;
	snprintf(h->first, sizeof(h->first), "%s", found->text[0]);
}

static void
test_blocking(void **state)
{
	struct addresses a;
	char why[256] = "";

	(void)state;
	assert_true(resolve("127.0.0.1", &a, why, sizeof(why)));
	assert_int_equal(a.n, 1);
	assert_string_equal(a.text[0], "127.0.0.1");
	addresses_done(&a);
	assert_true(resolve("::1", &a, why, sizeof(why)));
	assert_string_equal(a.text[0], "::1");
	addresses_done(&a);
	assert_false(resolve("name.invalid", &a, why, sizeof(why)));
	assert_non_null(strstr(why, "name.invalid"));
}

static void
test_in_a_thread(void **state)
{
	static const struct {
		const char *host, *first;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1" }, { "::1", "::1" },
		{ "name.invalid", "" },
	};
	struct loop *loop = loop_new();
	struct heard h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&h, 0, sizeof(h));
		assert_non_null(lookup_start(loop, rows[i].host, on_found, &h));
		while (h.calls == 0)
			loop_wait(loop, false);
		assert_string_equal(h.first, rows[i].first);
		assert_int_equal(h.found, rows[i].first[0] != '\0');
	}
	loop_free(loop);
}

/* Cancelled before, while and after it is done. */
static void
test_cancelled(void **state)
{
	struct loop *loop = loop_new();
	struct heard h = { 0 };
	struct lookup *l;
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++) {
		l = lookup_start(loop, "127.0.0.1", on_found, &h);
		assert_non_null(l);
		if (i % 2 != 0)
			usleep(i * 5);
		lookup_cancel(l);
		loop_wait(loop, true);
	}
	lookup_cancel(NULL);
	assert_int_equal(h.calls, 0);
	loop_free(loop);
	usleep(100000);		/* for the threads to free what is theirs */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_in_a_thread),
		cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
