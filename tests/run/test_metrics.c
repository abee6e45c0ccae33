/*
 * metrics: what the parts count arrives, for every worker, in the text that
 * Prometheus reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/metrics.h"

static char *
show(const struct metrics_board *b)
{
	struct buf out = BUF_INIT;
	size_t len;

	metrics_show(b, &out);
	buf_putc(&out, '\0');
	assert_false(buf_failed(&out));
	return buf_take(&out, &len);
}

/* The four numbers of a breaker, of worker 1. */
static void
assert_breaker(const char *text, const char *name, int open, int half_open,
    int opened, int probes)
{
	const struct { const char *what; int n; } each[] = {
		{ "open", open }, { "half_open", half_open },
		{ "opened_total", opened }, { "probes_total", probes },
	};
	char line[100];

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		snprintf(line, sizeof(line), "\n%s_%s{worker=\"1\"} %d\n",
		    name, each[i].what, each[i].n);
		assert_non_null(strstr(text, line));
	}
}

static void
test_shown(void **state)
{
	struct metrics_board *b = metrics_board_new(2);
	struct hub_counts hub = { .messages = 11, .hot_bytes = 12 };
	struct net_counts net = { .sockets = 13 };
	struct store_health store = {
		.up = true, .in_flight = 14, .reconnects = 15,
		.breaker = { BREAKER_OPEN, 17, 18 },
	};
	struct bus_health bus = {
		.up = true, .dropped = 16,
		.breaker = { BREAKER_HALF_OPEN, 19, 20 },
	};
	struct breaker_counts keys = { BREAKER_CLOSED, 21, 22 };
	struct hook_counts hooks = { .opened = 23, .probes = 24, .open = 25,
		.half_open = 26 };
	struct metrics_values *v;
	char *text;

	(void)state;
	assert_non_null(b);
	v = metrics_place(b, 1);
	metrics_take_hub(v, &hub);
	metrics_take_net(v, &net);
	metrics_take_store(v, &store);
	metrics_take_bus(v, &bus);
	metrics_take_keys(v, &keys);
	metrics_take_hooks(v, &hooks);
	v->busy_us = 1000002;
	histogram_add(&v->commit, 400);
	histogram_add(&v->commit, 3000);
	histogram_add(&v->commit, 12000000);
	text = show(b);
	assert_non_null(strstr(text, "# TYPE otd_messages_total counter\n"
	    "otd_messages_total{worker=\"0\"} 0\n"
	    "otd_messages_total{worker=\"1\"} 11\n"));
	assert_non_null(strstr(text, "# TYPE otd_documents_bytes gauge\n"));
	assert_non_null(strstr(text, "otd_documents_bytes{worker=\"1\"} 12\n"));
	assert_non_null(strstr(text, "otd_websockets{worker=\"1\"} 13\n"));
	assert_non_null(strstr(text, "otd_store_jobs{worker=\"1\"} 14\n"));
	assert_non_null(strstr(text, "otd_bus_dropped_total{worker=\"1\"} 16\n"));
	assert_non_null(strstr(text, "# TYPE otd_busy_seconds_total counter\n"));
	assert_non_null(strstr(text,
	    "otd_busy_seconds_total{worker=\"1\"} 1.000002\n"));
	assert_non_null(strstr(text, "# TYPE otd_commit_seconds histogram\n"
	    "otd_commit_seconds_bucket{worker=\"0\",le=\"0.0005\"} 0\n"));
	assert_non_null(strstr(text,
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"0.0005\"} 1\n"
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"0.001\"} 1\n"
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"0.0025\"} 1\n"
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"0.005\"} 2\n"));
	assert_non_null(strstr(text,
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"10\"} 2\n"
	    "otd_commit_seconds_bucket{worker=\"1\",le=\"+Inf\"} 3\n"
	    "otd_commit_seconds_sum{worker=\"1\"} 12.003400\n"
	    "otd_commit_seconds_count{worker=\"1\"} 3\n"));
	assert_breaker(text, "otd_store_breaker", 1, 0, 17, 18);
	assert_breaker(text, "otd_bus_breaker", 1, 1, 19, 20);
	assert_breaker(text, "otd_keys_breaker", 0, 0, 21, 22);
	assert_breaker(text, "otd_webhook_breakers", 25, 26, 23, 24);
	free(text);
	metrics_board_free(b);
}

/* A child's numbers are seen here. */
static void
test_shared(void **state)
{
	struct metrics_board *b = metrics_board_new(3);
	int status;
	pid_t pid;
	char *text;

	(void)state;
	pid = fork();
	if (pid == 0) {
		metrics_place(b, 2)->commits = 77;
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	text = show(b);
	assert_non_null(strstr(text, "otd_commits_total{worker=\"2\"} 77\n"));
	free(text);
	metrics_board_free(b);
}

static void
test_process(void **state)
{
	struct metrics_values v = { 0 };
	uint64_t start_us;

	(void)state;
	metrics_take_process(&v);
	assert_true(v.rss_bytes > 100000);
	assert_true(v.open_fds >= 3 && v.open_fds <= v.max_fds);
	start_us = v.start_us;
	assert_true(start_us > 1600000000u * (uint64_t)1000000);
	metrics_take_process(&v);
	assert_true(v.start_us == start_us);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
