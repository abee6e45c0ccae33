#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <uv.h>

#include "base/loop.h"

struct fixture {
	struct loop	*loop;
	unsigned	 calls;		/* of whatever is tested */
	bool		 readable, writable;
	int		 pipe[2];
};

static int
setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.loop = loop_new();
	if (f.loop == NULL || pipe(f.pipe) != 0)
		return -1;
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	close(f->pipe[0]);
	close(f->pipe[1]);
	return 0;
}

static void
count(void *arg)
{
	((struct fixture *)arg)->calls++;
}

/* Turn until something was called, or a second is over. */
static void
turn_until_called(struct fixture *f, unsigned calls)
{
	uint64_t end = loop_now_ms(f->loop) + 1000;
	struct fixture nobody = { 0 };
	struct loop_timer *limit = loop_timer_new(f->loop, count, &nobody);

	loop_timer_start(limit, 1000);
	while (f->calls < calls && loop_now_ms(f->loop) < end)
		loop_wait(f->loop, false);
	loop_timer_free(limit);
	assert_int_equal(f->calls, calls);
}

static void
coming_straight_back_does_not_sleep(void **state)
{
	struct fixture *f = *state;
	uint64_t before = loop_now_ms(f->loop);

	for (int i = 0; i < 100; i++)
		loop_wait(f->loop, true);
	assert_in_range(loop_now_ms(f->loop) - before, 0, 500);
}

static void
a_timer_runs_once_and_not_early(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *t = loop_timer_new(f->loop, count, f);
	uint64_t before = loop_now_ms(f->loop);

	loop_timer_start(t, 30);
	turn_until_called(f, 1);
	assert_in_range(loop_now_ms(f->loop) - before, 29, 900);
	usleep(40000);
	loop_wait(f->loop, true);
	assert_int_equal(f->calls, 1);
	loop_timer_free(t);
}

static void
a_stopped_timer_does_not_run(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *t = loop_timer_new(f->loop, count, f);

	loop_timer_start(t, 1);
	loop_timer_stop(t);
	usleep(3000);
	loop_wait(f->loop, true);
	assert_int_equal(f->calls, 0);
	loop_timer_free(t);
}

static void
on_fd(int fd, bool readable, bool writable, void *arg)
{
	struct fixture *f = arg;
	char byte;

	f->calls++;
	f->readable = readable;
	f->writable = writable;
	if (readable)
		assert_int_equal(read(fd, &byte, 1), 1);
}

static void
a_watch_tells_what_was_asked_for(void **state)
{
	struct fixture *f = *state;
	struct loop_watch *in = loop_watch_new(f->loop, f->pipe[0], on_fd, f);
	struct loop_watch *out = loop_watch_new(f->loop, f->pipe[1], on_fd, f);

	assert_int_equal(write(f->pipe[1], "ab", 2), 2);
	loop_wait(f->loop, true);
	assert_int_equal(f->calls, 0);		/* made deaf */
	loop_watch_set(in, true, false);
	turn_until_called(f, 1);
	assert_true(f->readable && !f->writable);
	turn_until_called(f, 2);		/* level: there is one more byte */
	loop_watch_set(in, false, false);
	loop_watch_set(out, false, true);
	turn_until_called(f, 3);
	assert_true(!f->readable && f->writable);
	loop_watch_free(in);
	loop_watch_free(out);
}

static void *
ring(void *arg)
{
	usleep(20000);
	for (int i = 0; i < 100; i++)
		loop_wake_ring(arg);
	return NULL;
}

static void
a_bell_wakes_from_another_thread(void **state)
{
	struct fixture *f = *state;
	struct loop_wake *w = loop_wake_new(f->loop, count, f);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, ring, w), 0);
	loop_wait(f->loop, false);
	pthread_join(thread, NULL);
	loop_wait(f->loop, true);
	assert_in_range(f->calls, 1, 2);	/* rings are not counted */
	loop_wake_ring(w);
	f->calls = 0;
	turn_until_called(f, 1);
	loop_wake_free(w);
}

static void
a_signal_is_a_call(void **state)
{
	struct fixture *f = *state;

	assert_true(loop_signal(f->loop, SIGUSR1, count, f));
	raise(SIGUSR1);
	turn_until_called(f, 1);
	raise(SIGUSR1);
	turn_until_called(f, 2);
	assert_false(loop_signal(f->loop, SIGKILL, count, f));
}

/* ---- the nested loop, with libuv handles in place of lws's ---- */

static void
on_uv_timer(uv_timer_t *t)
{
	count(t->data);
}

static void
on_uv_poll(uv_poll_t *p, int status, int events)
{
	struct fixture *f = p->data;

	(void)status;
	(void)events;
	on_fd(f->pipe[0], true, false, f);
}

static void
nested_timers_run(void **state)
{
	struct fixture *f = *state;
	uv_timer_t t;

	uv_timer_init(loop_uv(f->loop), &t);
	t.data = f;
	uv_timer_start(&t, on_uv_timer, 20, 20);
	turn_until_called(f, 3);
	uv_close((uv_handle_t *)&t, NULL);
	loop_wait(f->loop, true);
}

static void
nested_watchers_started_from_outside_are_noticed(void **state)
{
	struct fixture *f = *state;
	uv_poll_t p;

	uv_poll_init(loop_uv(f->loop), &p, f->pipe[0]);
	p.data = f;
	loop_wait(f->loop, true);
	uv_poll_start(&p, UV_READABLE, on_uv_poll);
	assert_int_equal(write(f->pipe[1], "a", 1), 1);
	loop_wait(f->loop, false);		/* files it in this very wait */
	assert_int_equal(f->calls, 1);
	uv_close((uv_handle_t *)&p, NULL);
	loop_wait(f->loop, true);
}

static void
on_uv_async(uv_async_t *async)
{
	count(async->data);
}

static void *
send_async(void *arg)
{
	usleep(20000);
	uv_async_send(arg);
	return NULL;
}

static void
what_comes_while_asleep_is_filed_before_the_wait_returns(void **state)
{
	struct fixture *f = *state;
	uv_async_t async;
	pthread_t thread;

	uv_async_init(loop_uv(f->loop), &async, on_uv_async);
	async.data = f;
	loop_wait(f->loop, true);
	assert_int_equal(pthread_create(&thread, NULL, send_async, &async), 0);
	loop_wait(f->loop, false);
	assert_int_equal(f->calls, 1);
	pthread_join(thread, NULL);
	uv_close((uv_handle_t *)&async, NULL);
	loop_wait(f->loop, true);
}

/* Without a handle uv_backend_timeout() is 0 for ever. */
static void
an_empty_nested_loop_does_not_spin(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *t = loop_timer_new(f->loop, count, f);
	unsigned turns = 0;

	loop_timer_start(t, 50);
	while (f->calls == 0) {
		loop_wait(f->loop, false);
		turns++;
	}
	assert_in_range(turns, 1, 3);
	loop_timer_free(t);
}

/* As on a full disk, not the end of the program. */
static void
a_file_at_its_limit_is_an_error_of_the_write(void **state)
{
	FILE *file = tmpfile();
	struct rlimit before, limit;
	ssize_t first, second;
	int error;

	(void)state;
	assert_non_null(file);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	first = write(fileno(file), "a", 1);
	second = write(fileno(file), "b", 1);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(first, 1);
	assert_int_equal(second, -1);
	assert_int_equal(error, EFBIG);
	fclose(file);
}

#define LOOP_TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(coming_straight_back_does_not_sleep),
		LOOP_TEST(a_timer_runs_once_and_not_early),
		LOOP_TEST(a_stopped_timer_does_not_run),
		LOOP_TEST(a_watch_tells_what_was_asked_for),
		LOOP_TEST(a_bell_wakes_from_another_thread),
		LOOP_TEST(a_signal_is_a_call),
		LOOP_TEST(nested_timers_run),
		LOOP_TEST(nested_watchers_started_from_outside_are_noticed),
		LOOP_TEST(what_comes_while_asleep_is_filed_before_the_wait_returns),
		LOOP_TEST(an_empty_nested_loop_does_not_spin),
		LOOP_TEST(a_file_at_its_limit_is_an_error_of_the_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
