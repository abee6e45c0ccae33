#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"

static struct {
	char		last[8192];
	unsigned	lines;
} heard;

static void
hear(const char *line, void *arg)
{
	assert_ptr_equal(arg, &heard);
	snprintf(heard.last, sizeof(heard.last), "%s", line);
	heard.lines++;
}

static int
setup(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	log_to(hear, &heard);
	log_setup(LOG_INFO, LOG_TEXT);
	return 0;
}

/* The line without its time, which is checked for its shape. */
static const char *
after_time(void)
{
	int year, month, day, hour, minute, second, ms, n = 0;

	assert_int_equal(sscanf(heard.last, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n",
	    &year, &month, &day, &hour, &minute, &second, &ms, &n), 7);
	return heard.last + n;
}

static void
text_has_level_subject_and_facts(void **state)
{
	(void)state;
	log_line(LOG_WARN, "doc 17", "commit refused, v=%d", 8);
	assert_string_equal(after_time(), "warn doc 17: commit refused, v=8");
	log_line(LOG_ERROR, "", "alone");
	assert_string_equal(after_time(), "error alone");
}

static void
only_wanted_levels_are_shown(void **state)
{
	(void)state;
	assert_true(log_enabled(LOG_INFO));
	assert_false(log_enabled(LOG_DEBUG));
	log_line(LOG_DEBUG, "", "hidden");
	assert_int_equal(heard.lines, 0);
	log_setup(LOG_ERROR, LOG_TEXT);
	log_line(LOG_WARN, "", "hidden");
	assert_int_equal(heard.lines, 0);
	log_always("", "listening on %s", "http://127.0.0.1:7007");
	assert_int_equal(heard.lines, 1);
	assert_non_null(strstr(heard.last, "listening on http://127.0.0.1"));
}

static void
text_cannot_be_forged(void **state)
{
	(void)state;
	log_line(LOG_INFO, "a\nb", "x\r\n2030 y\x1b[0m caf\xc3\xa9");
	assert_string_equal(after_time(),
	    "info a\\x0ab: x\\x0d\\x0a2030 y\\x1b[0m caf\xc3\xa9");
}

static void
json_is_escaped(void **state)
{
	(void)state;
	log_setup(LOG_INFO, LOG_JSON);
	log_line(LOG_INFO, "session 4", "say \"%s\"\n\\ \xc3\xa9 \xff \xed\xa0\x80.",
	    "hi");
	assert_non_null(strstr(heard.last, "\"level\":\"info\",\"subject\":"
	    "\"session 4\",\"msg\":\"say \\\"hi\\\"\\u000a\\\\ \xc3\xa9 \\ufffd "
	    "\\ufffd\\ufffd\\ufffd.\"}"));
	assert_int_equal(strncmp(heard.last, "{\"time\":\"2", 10), 0);
}

static void
a_long_message_is_cut_and_stays_json(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 1, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_setup(LOG_INFO, LOG_JSON);
	log_line(LOG_INFO, "", "%s", text);
	assert_string_equal(heard.last + strlen(heard.last) - 2, "\"}");
}

static void
a_limit_holds_back_and_tells(void **state)
{
	struct log_limit limit = { 0, 0, 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(log_allow(&limit, 3));
	/* A minute may have passed just now; then there is one more burst. */
	if (limit.said == 3)
		assert_false(log_allow(&limit, 3));
	limit.window--;			/* a minute ago */
	limit.kept = 5;
	assert_true(log_allow(&limit, 3));
	assert_non_null(strstr(heard.last, "5 lines like the next"));
	assert_int_equal(limit.kept, 0);
	assert_int_equal(limit.said, 1);
}

static void
limited_lines_are_counted_by_place(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		LOG_LIMITED(LOG_WARN, "", "again %d", i);
	assert_in_range(heard.lines, 10, 21);
}

/* The last one: a process does not cease to be a worker. */
static void
json_names_its_worker(void **state)
{
	(void)state;
	log_as_worker(17);
	log_line(LOG_INFO, "net", "x");
	assert_string_equal(after_time(), "info net: x");
	log_setup(LOG_INFO, LOG_JSON);
	log_line(LOG_INFO, "net", "x");
	assert_non_null(strstr(heard.last, "Z\",\"level\":\"info\","
	    "\"worker\":17,\"subject\":\"net\",\"msg\":\"x\"}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(text_has_level_subject_and_facts, setup),
		cmocka_unit_test_setup(only_wanted_levels_are_shown, setup),
		cmocka_unit_test_setup(text_cannot_be_forged, setup),
		cmocka_unit_test_setup(json_is_escaped, setup),
		cmocka_unit_test_setup(a_long_message_is_cut_and_stays_json,
		    setup),
		cmocka_unit_test_setup(a_limit_holds_back_and_tells, setup),
		cmocka_unit_test_setup(limited_lines_are_counted_by_place,
		    setup),
		cmocka_unit_test_setup(json_names_its_worker, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
