/*
 * scrape: a page of metrics read, what two pages say of the time between, and
 * what is no page at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "run/metrics.h"
#include "run/scrape.h"

static void
assert_near(double a, double b)
{
	if (fabs(a - b) > 1e-9)
		fail_msg("%.12g is not %.12g", a, b);
}

static struct scrape
read_text(const char *text)
{
	struct scrape s;

	assert_true(scrape_read(text, strlen(text), &s));
	return s;
}

/* What metrics_show writes is what scrape_read reads. */
static void
test_own_page(void **state)
{
	struct metrics_board *b = metrics_board_new(2);
	struct buf page = BUF_INIT;
	struct scrape s;

	(void)state;
	metrics_place(b, 0)->ops_committed = 3;
	metrics_place(b, 1)->ops_committed = 4;
	metrics_place(b, 1)->busy_us = 1500000;
	histogram_add(&metrics_place(b, 1)->commit, 700);
	metrics_show(b, &page);
	assert_true(scrape_read(page.data, page.len, &s));
	assert_int_equal(s.workers, 2);
	assert_non_null(s.version);
	assert_near(scrape_value(&s, "otd_ops_committed_total", SCRAPE_ALL), 7);
	assert_near(scrape_value(&s, "otd_ops_committed_total", 1), 4);
	assert_near(scrape_value(&s, "otd_busy_seconds_total", 1), 1.5);
	assert_near(scrape_value(&s, "otd_commit_seconds_count", SCRAPE_ALL), 1);
	assert_near(scrape_value(&s, "otd_nothing", SCRAPE_ALL), 0);
	scrape_done(&s);
	buf_done(&page);
	metrics_board_free(b);
}

static void
test_forms(void **state)
{
	struct scrape s = read_text("# HELP a b\n\na 1\nb{x=\"q\\\"},\"} -2.5e3\n"
	    "c{worker=\"7\",} 4 1395066363000\nd{worker=\"0\"} +Inf\n"
	    "otd_build_info{version=\"1.2\"} 1\n");

	(void)state;
	assert_int_equal(s.n, 5);
	assert_int_equal(s.workers, 8);
	assert_string_equal(s.version, "1.2");
	assert_near(scrape_value(&s, "b", SCRAPE_ALL), -2500);
	assert_near(scrape_value(&s, "c", 7), 4);
	assert_true(isinf(scrape_value(&s, "d", 0)));
	scrape_done(&s);
}

static void
test_no_page(void **state)
{
	static const char *const pages[] = {
		"", "\n", "# only words\n",
		"<!doctype html>\n", "{\"status\":\"alive\"}\n",
		"a\n", "a \n", "a x\n", "a 1", "a 1x\n",
		"a{ 1\n", "a{worker=\"0\" 1\n", "a{worker=\"0\"}1\n",
		"a{worker=0} 1\n", "a{worker=\"x\"} 1\n", "a{worker=\"\"} 1\n",
		"a{worker=\"-1\"} 1\n", "a{worker=\"99999999999\"} 1\n",
		"a{le=\"zero\"} 1\n", "a{le=\"-1\"} 1\n", "a{x=\"\\\n",
		"a{x=\"y\n", "1a 2\n",
	};
	struct scrape s = { .n = 77 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (scrape_read(pages[i], strlen(pages[i]), &s))
			fail_msg("read: %s", pages[i]);
	assert_int_equal(s.n, 77);
}

static void
test_rate(void **state)
{
	struct scrape before = read_text("n{worker=\"0\"} 10\nn{worker=\"1\"} 50\n");
	struct scrape now = read_text("n{worker=\"0\"} 14\nn{worker=\"1\"} 6\n");
	struct scrape none = { 0 };

	(void)state;
	assert_near(scrape_rate(&before, &now, "n", 0, 2), 2);
	/* It began anew. */
	assert_near(scrape_rate(&before, &now, "n", 1, 2), 3);
	assert_near(scrape_rate(&before, &now, "n", SCRAPE_ALL, 2), 5);
	assert_near(scrape_rate(&none, &now, "n", SCRAPE_ALL, 2), 10);
	assert_near(scrape_rate(&before, &now, "n", 0, 0), 0);
	scrape_done(&before);
	scrape_done(&now);
}

static void
test_quantile(void **state)
{
	struct scrape before = read_text(
	    "t_bucket{worker=\"0\",le=\"0.1\"} 5\n"
	    "t_bucket{worker=\"0\",le=\"1\"} 5\n"
	    "t_bucket{worker=\"0\",le=\"+Inf\"} 5\n");
	struct scrape now = read_text(
	    "t_bucket{worker=\"0\",le=\"0.1\"} 9\n"
	    "t_bucket{worker=\"0\",le=\"1\"} 9\n"
	    "t_bucket{worker=\"0\",le=\"+Inf\"} 9\n"
	    "t_bucket{worker=\"1\",le=\"0.1\"} 0\n"
	    "t_bucket{worker=\"1\",le=\"1\"} 4\n"
	    "t_bucket{worker=\"1\",le=\"+Inf\"} 8\n");
	double s = -1;

	(void)state;
	/* Of twelve, four are within 0.1, four more within 1. */
	assert_true(scrape_quantile(&before, &now, "t", 0.25, &s));
	assert_near(s, 0.075);
	assert_true(scrape_quantile(&before, &now, "t", 0.5, &s));
	assert_near(s, 0.1 + 0.9 * 0.5);
	/* Beyond all bounds nothing is known but the last. */
	assert_true(scrape_quantile(&before, &now, "t", 0.99, &s));
	assert_near(s, 1);
	/* Nothing came, or there is no such thing. */
	s = -1;
	assert_false(scrape_quantile(&before, &before, "t", 0.5, &s));
	assert_false(scrape_quantile(&before, &now, "u", 0.5, &s));
	assert_near(s, -1);
	scrape_done(&before);
	scrape_done(&now);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_page),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_no_page),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_quantile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
