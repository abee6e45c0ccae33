/* hook_sign: secrets and signatures, as Standard Webhooks has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rest/hook_in.h"
#include "rest/hook_sign.h"

/* The example that the specification's libraries are tested with. */
static void
a_published_signature_comes_out(void **state)
{
	static const char payload[] = "{\"test\": 2432232314}";
	static const char wanted[] =
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
	struct buf b = BUF_INIT;

	(void)state;
	hook_sign(&b, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload,
	    sizeof(payload) - 1);
	assert_int_equal(b.len, sizeof(wanted) - 1);
	assert_memory_equal(b.data, wanted, b.len);
	/* Another secret's comes behind it. */
	hook_sign(&b, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload,
	    sizeof(payload) - 1);
	assert_int_equal(b.len, 2 * (sizeof(wanted) - 1) + 1);
	assert_int_equal(b.data[sizeof(wanted) - 1], ' ');
	buf_done(&b);
}

#define B64_8	"AAAAAAAA"	/* 6 bytes */
#define B64_32	B64_8 B64_8 B64_8 B64_8

static void
secrets_are_good_or_not(void **state)
{
	static const struct { const char *text; bool is_good; } rows[] = {
		{ "whsec_" B64_32, true },			/* 24 bytes */
		{ "whsec_" B64_32 B64_32 "AAAAAAAAAAAAAAAAAAAAAA==", true },	/* 64 */
		{ "whsec_" B64_32 B64_32 "AAAAAAAAAAAAAAAAAAAAAAA=", false },	/* 65 */
		{ "whsec_" B64_8 B64_8 B64_8 "AAAAAAA=", false },	/* 23 */
		{ "whsec_" B64_32 "A", false },
		{ "whsec_" B64_32 "AAA ", false },
		{ "whsec_" B64_32 "AA?A", false },
		{ "whsec_" B64_8 B64_8 "AA==AAAA" B64_8 B64_8, false },
		{ "whsec_", false },
		{ "", false },
		{ "whsec" B64_32, false },
		{ "WHSEC_" B64_32, false },
		{ B64_32, false },
	};
	char text[HOOK_SECRET_TEXT], other[HOOK_SECRET_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hook_secret_is_good(rows[i].text) != rows[i].is_good)
			fail_msg("\"%s\"", rows[i].text);
	hook_secret_new(text);
	hook_secret_new(other);
	assert_true(hook_secret_is_good(text));
	assert_string_not_equal(text, other);
}

static void
patterns_fit_names(void **state)
{
	static const struct { const char *pattern, *name; bool fits; } rows[] = {
		{ "notes", "notes", true },
		{ "notes", "note", false },
		{ "notes", "notess", false },
		{ "*", "anything", true },
		{ "*", "", true },
		{ "notes_*", "notes_", true },
		{ "notes_*", "notes_1", true },
		{ "notes_*", "notes", false },
		{ "*_p", "x_p", true },
		{ "*_p", "x_pp", false },
		{ "a*a", "aa", true },
		{ "a*a", "a", false },
		{ "ab*ba", "aba", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hook_pattern_fits(rows[i].pattern, rows[i].name) !=
		    rows[i].fits)
			fail_msg("%s, %s", rows[i].pattern, rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_signature_comes_out),
		cmocka_unit_test(secrets_are_good_or_not),
		cmocka_unit_test(patterns_fit_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
