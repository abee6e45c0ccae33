/*
 * redis_url: which URLs are taken, and what they mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bus/redis_url.h"

#define FORTY	"0123456789012345678901234567890123456789"

static void
assert_text(const char *want, const char *got)
{
	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(want, got);
}

static void
test_taken(void **state)
{
	static const struct {
		const char *url, *user, *password, *host;
		int port;
		const char *prefix;
	} rows[] = {
		{ "redis://h", NULL, NULL, "h", 6379, "otd" },
		{ "redis://h/", NULL, NULL, "h", 6379, "otd" },
		{ "redis://h:1/p", NULL, NULL, "h", 1, "p" },
		{ "redis://127.0.0.1:65535", NULL, NULL, "127.0.0.1", 65535, "otd" },
		{ "redis://[::1]", NULL, NULL, "::1", 6379, "otd" },
		{ "redis://[::1]:7/a:b", NULL, NULL, "::1", 7, "a:b" },
		{ "redis://:s%40%3a@h", NULL, "s@:", "h", 6379, "otd" },
		{ "redis://:a@b@h", NULL, "a@b", "h", 6379, "otd" },
		{ "redis://me:pw@h:9/x", "me", "pw", "h", 9, "x" },
		{ "redis://:@h", NULL, "", "h", 6379, "otd" },
	};
	struct redis_url u;
	char why[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (redis_url_parse(rows[i].url, &u, why, sizeof(why)) != 0)
			fail_msg("%s: %s", rows[i].url, why);
		assert_text(rows[i].user, u.user);
		assert_text(rows[i].password, u.password);
		assert_text(rows[i].host, u.host);
		assert_int_equal(rows[i].port, u.port);
		assert_text(rows[i].prefix, u.prefix);
		redis_url_done(&u);
	}
}

static void
test_refused(void **state)
{
	static const char *const urls[] = {
		"", "redis:", "http://h", "redis://", "redis://:1", "redis://h:",
		"redis://h:0", "redis://h:65536", "redis://h:x", "redis://h:1x",
		"redis://h?db=1", "redis://h/p?x", "redis://h#f", "redis://[::1",
		"redis://[]", "redis://[::1]x", "redis://[::1]:", "redis://me@h",
		"redis://:%zz@h", "redis://:%0@h", "redis://:%00@h",
		"redis://h%", "redis://:secret@", "redis://:secret@h/%",
		"redis://h/" FORTY "0123456789012345678901234",
	};
	struct redis_url u;
	char why[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		why[0] = '\0';
		if (redis_url_parse(urls[i], &u, why, sizeof(why)) == 0)
			fail_msg("taken: %s", urls[i]);
		assert_true(why[0] != '\0');
		assert_null(strstr(why, "secret"));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
