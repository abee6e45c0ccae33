/*
 * top_view: what two pages of metrics look like on the screen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/metrics.h"
#include "run/top_view.h"

struct rig {
	struct metrics_board	*board;		/* of two workers */
	struct scrape		 before, now;
	char			*text;		/* the screen */
};

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	unsigned i;

	assert_non_null(r);
	r->board = metrics_board_new(2);
	for (i = 0; i < 2; i++) {
		struct metrics_values *v = metrics_place(r->board, i);

		v->up = v->store_up = v->bus_up = 1;
		v->start_us = 1000000000;
	}
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	scrape_done(&r->before);
	scrape_done(&r->now);
	metrics_board_free(r->board);
	free(r->text);
	free(r);
	return 0;
}

static void
scrape_board(const struct rig *r, struct scrape *out)
{
	struct buf page = BUF_INIT;

	metrics_show(r->board, &page);
	scrape_done(out);
	assert_true(scrape_read(page.data, page.len, out));
	buf_done(&page);
}

/* The screen of what was between the two, two seconds. */
static const char *
screen(struct rig *r, unsigned columns, const char *trouble)
{
	const struct top_view view = {
		.url = "http://here/metrics", .before = &r->before,
		.now = &r->now, .seconds = 2, .time_s = 1000 + 2 * 86400 + 7300,
		.trouble = trouble,
	};
	struct buf out = BUF_INIT;
	size_t len;

	top_view_show(&view, columns, &out);
	buf_putc(&out, '\0');
	free(r->text);
	r->text = buf_take(&out, &len);
	assert_non_null(r->text);
	return r->text;
}

/* The line that begins with label (blanks aside), for free(). */
static char *
line_of(const char *text, const char *label)
{
	const char *p = text, *end;

	for (; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		p += strspn(p, " ");
		if (strncmp(p, label, strlen(label)) == 0)
			return strndup(p, (size_t)(end - p));
	}
	fail_msg("no line begins with %s:\n%s", label, text);
	return NULL;
}

static void
assert_line(const char *text, const char *label, const char *const *facts)
{
	char *line = line_of(text, label);

	for (; *facts != NULL; facts++)
		if (strstr(line, *facts) == NULL)
			fail_msg("\"%s\" is not in: %s", *facts, line);
	free(line);
}
#define LINE(text, label, ...) \
	assert_line((text), (label), (const char *const[]){ __VA_ARGS__, NULL })

static void
test_facts(void **state)
{
	struct rig *r = *state;
	struct metrics_values *v = metrics_place(r->board, 1);
	const char *text;
	unsigned i;

	scrape_board(r, &r->before);
	v->ops_committed = 3000;
	v->ops_refused = 1;
	v->commits = 200;
	v->parcels_refused = 20;
	v->busy_us = 1000000;
	v->longest_us = 12000;
	v->sockets = 12345;
	v->documents = 7;
	v->rss_bytes = 80 << 20;
	for (i = 0; i < 100; i++)
		histogram_add(&v->commit, 700);
	scrape_board(r, &r->now);
	text = screen(r, 100, NULL);
	LINE(text, "otd ", "at http://here/metrics");
	LINE(text, "2 of 2 workers", "store up", "bus up", "running 2d 2h");
	LINE(text, "edits", "1500/s durable", "0.5/s refused");
	LINE(text, "commits", "100/s", "15.0 edits each", "10.0% lost a race");
	LINE(text, "ack after", "none");
	LINE(text, "a commit", "ms half", "1.0 ms 99 of 100");
	LINE(text, "clients", "12.3K WebSockets");
	LINE(text, "0  up", "0%");
	LINE(text, "1  up", "50%", "12 ms", "1500", "12.3K", "7", "80.0 MB");
}

static void
test_away(void **state)
{
	struct rig *r = *state;
	const char *text;

	metrics_place(r->board, 0)->store_up = 0;
	metrics_place(r->board, 1)->up = 0;
	scrape_board(r, &r->before);
	scrape_board(r, &r->now);
	text = screen(r, 100, "it refuses");
	LINE(text, "DOES NOT ANSWER", "it refuses");
	LINE(text, "1 of 2 workers", "store AWAY for 1 of 2 workers", "bus up");
	LINE(text, "1  DOWN", "0%");
	LINE(text, "commits", "0/s");
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
}

/* The first look: gauges are known, rates are not. */
static void
test_first(void **state)
{
	struct rig *r = *state;
	struct top_view view = { .url = "u", .before = &r->before,
		.now = &r->now };
	struct buf out = BUF_INIT;

	metrics_place(r->board, 0)->sockets = 5;
	metrics_place(r->board, 0)->ops_committed = 1000000;
	scrape_board(r, &r->now);
	top_view_show(&view, 100, &out);
	buf_putc(&out, '\0');
	LINE(out.data, "edits", "0/s durable");
	LINE(out.data, "clients", "5 WebSockets");
	buf_done(&out);
}

static void
test_columns(void **state)
{
	struct rig *r = *state;
	const char *text, *p, *end;

	scrape_board(r, &r->before);
	scrape_board(r, &r->now);
	text = screen(r, 20, NULL);
	for (p = text; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		assert_true(end - p <= 20);
		assert_true(end == p || end[-1] != ' ');
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_facts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
