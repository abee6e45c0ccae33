/*
 * notify: what arrives at a service manager's socket, by path and by abstract
 * name, and when it is watched at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "run/notify.h"

static unsigned said;		/* lines of the log */

static void
count_line(const char *line, void *arg)
{
	(void)line;
	(void)arg;
	said++;
}

/* A manager that listens at the address; its descriptor. */
static int
manager(const struct sockaddr_un *at, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)at, len), 0);
	return fd;
}

static void
assert_heard(int fd, const char *lines)
{
	char text[256];
	ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);

	assert_int_equal(n, strlen(lines));
	assert_memory_equal(text, lines, (size_t)n);
}

static void
test_path(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/otd-notify-%d",
	    (int)getpid());
	fd = manager(&at, sizeof(at));
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	assert_true(notify_say(NOTIFY_READY));
	assert_true(notify_say(NOTIFY_ALIVE));
	assert_heard(fd, "READY=1\nSTATUS=serving");
	assert_heard(fd, "WATCHDOG=1");
	close(fd);
	unlink(at.sun_path);
}

static void
test_abstract(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char name[64];
	int fd, len;

	(void)state;
	len = snprintf(name, sizeof(name), "@otd-notify-%d", (int)getpid());
	memcpy(at.sun_path + 1, name + 1, (size_t)len - 1);
	fd = manager(&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    (size_t)len));
	setenv("NOTIFY_SOCKET", name, 1);
	assert_true(notify_say(NOTIFY_STOPPING));
	assert_heard(fd, "STOPPING=1\nSTATUS=draining");
	close(fd);
}

/* Nobody wants it; or nobody is there, or what is named is no socket. */
static void
test_nobody(void **state)
{
	char too_long[200];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_true(notify_say(NOTIFY_READY));
	setenv("NOTIFY_SOCKET", "", 1);
	assert_true(notify_say(NOTIFY_READY));
	assert_int_equal(said, 0);

	setenv("NOTIFY_SOCKET", "/tmp/otd-notify-nobody", 1);
	assert_false(notify_say(NOTIFY_READY));
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	assert_false(notify_say(NOTIFY_READY));
	setenv("NOTIFY_SOCKET", "@", 1);
	assert_false(notify_say(NOTIFY_READY));
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = '\0';
	setenv("NOTIFY_SOCKET", too_long, 1);
	assert_false(notify_say(NOTIFY_READY));
	assert_int_equal(said, 4);
}

static void
test_beat(void **state)
{
	static const struct {
		const char	*usec;
		const char	*pid;		/* NULL: not said; "": ours */
		uint64_t	 beat_ms;
	} rows[] = {
		{ NULL, NULL, 0 },
		{ "30000000", NULL, 10000 },
		{ "30000000", "", 10000 },
		{ "30000000", "1", 0 },		/* another's */
		{ "1000", NULL, 1 },
		{ "0", NULL, 0 },
		{ "-1", NULL, 0 },
		{ "3s", NULL, 0 },
		{ "", NULL, 0 },
	};
	char own[32];
	size_t i;

	(void)state;
	snprintf(own, sizeof(own), "%d", (int)getpid());
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (rows[i].usec != NULL)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", *rows[i].pid != '\0' ?
			    rows[i].pid : own, 1);
		assert_int_equal(notify_beat_ms(), rows[i].beat_ms);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_beat),
	};

	log_to(count_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
