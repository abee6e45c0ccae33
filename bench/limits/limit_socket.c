/*
 * limit_socket: how many messages the set-up of sockets, libwebsockets and
 * loop that otd stands on carries when nothing is done with them.
 *
 *	limit_socket echo CONNECTIONS SECONDS
 *	limit_socket broadcast CONNECTIONS SECONDS RATE
 *
 * echo: each connection has one message under way, always.  broadcast: one of
 * them sends RATE messages a second, which go to all.  Server and clients are
 * two processes; the clients are those of otd-load.  Prints a line of JSON, with
 * the server's processor time for each message that came back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/limits/echo_server.h"
#include "bench/load/conn.h"
#include "bench/load/histogram.h"

#define MESSAGE_BYTES	150		/* about what an op takes on the wire */
#define STAMP_BYTES	20		/* of them: when it was sent, in ns */
#define WARM_NS		300000000u
#define MASK		0x5bd1e995u
#define SECOND_NS	1000000000u
#define CONNECTIONS_MAX	60000

static struct loop loop;
static struct histogram latency_ns;
static size_t n_open, n_messages;
static bool measuring, echoing;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "limit_socket: %s: %s\n", what, why);
	exit(1);
}

/* ---- clients ---- */

static void
say(struct conn *c)
{
	char message[MESSAGE_BYTES + 1];

	snprintf(message, sizeof(message), "%020llu%*s",
	    (unsigned long long)loop_clock_ns(), MESSAGE_BYTES - STAMP_BYTES,
	    "");
	conn_say(&loop, c, message, MESSAGE_BYTES);
}

static void
on_opened(struct conn *c)
{
	(void)c;
	n_open++;
}

static void
on_heard(struct conn *c, const char *text, size_t len)
{
	char stamp[STAMP_BYTES + 1];

	if (len != MESSAGE_BYTES)
		die("a message", "is not what was sent");
	if (measuring) {
		memcpy(stamp, text, STAMP_BYTES);
		stamp[STAMP_BYTES] = '\0';
		histogram_record(&latency_ns,
		    loop.now_ns - strtoull(stamp, NULL, 10));
		n_messages++;
	}
	if (echoing)
		say(c);
}

static void
on_closed(struct conn *c, const char *why)
{
	(void)c;
	die("a connection", why);
}

static void
open_all(struct conn *conns, size_t n, const struct conn_place *place)
{
	uint64_t deadline_ns = loop_clock_ns() + 60ull * SECOND_NS;
	size_t begun = 0;

	while (n_open < n) {
		/* So many at a time, that the server's queue holds. */
		while (begun < n && begun - n_open < 128)
			conn_open(&loop, &conns[begun++], place);
		loop_turn(&loop, loop_clock_ns() + SECOND_NS / 100);
		if (loop_clock_ns() > deadline_ns)
			die("connections", "are not accepted");
	}
}

/* Run for so long; messages per second from the first connection, 0: none. */
static void
run(struct conn *first, uint64_t for_ns, unsigned rate)
{
	uint64_t began_ns = loop_clock_ns(), end_ns = began_ns + for_ns;
	uint64_t next_ns = end_ns, sent = 0;

	for (;;) {
		uint64_t now_ns = loop_clock_ns();

		if (now_ns >= end_ns)
			return;
		if (rate != 0) {
			next_ns = began_ns + sent * SECOND_NS / rate;
			if (now_ns >= next_ns) {
				say(first);
				sent++;
				continue;
			}
		}
		loop_turn(&loop, next_ns < end_ns ? next_ns : end_ns);
	}
}

/* ---- the server beside us ---- */

static pid_t
server_start(bool to_all, struct conn_place *place_out)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char url[64];
	pid_t pid;

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("listen", strerror(errno));
	if ((pid = fork()) < 0)
		die("fork", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		echo_serve(fd, to_all);
		die("libwebsockets", "does not begin");
	}
	close(fd);
	snprintf(url, sizeof(url), "ws://127.0.0.1:%u/", ntohs(at.sin_port));
	if (conn_place_read(url, place_out) != NULL)
		bug("an address of our own is none");
	return pid;
}

static double
cpu_s(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		die("the server", "is gone");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
number(const char *text, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0' || n < 1 || n > most)
		die(text, "not a number in range");
	return n;
}

static void
allow_descriptors(size_t n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n) {
		limit.rlim_cur = n < limit.rlim_max ? n : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	static const struct conn_calls calls = { .opened = on_opened,
	    .heard = on_heard, .closed = on_closed };
	struct conn_place place;
	struct conn *conns;
	double server_s, own_s, took_s;
	uint64_t began_ns;
	size_t n, seconds, i;
	unsigned rate = 0;
	pid_t server;

	echoing = argc == 4 && strcmp(argv[1], "echo") == 0;
	if (!echoing && (argc != 5 || strcmp(argv[1], "broadcast") != 0)) {
		fprintf(stderr, "usage: limit_socket echo CONNECTIONS SECONDS\n"
		    "       limit_socket broadcast CONNECTIONS SECONDS RATE\n");
		return 2;
	}
	n = number(argv[2], CONNECTIONS_MAX);
	seconds = number(argv[3], 3600);
	if (!echoing)
		rate = (unsigned)number(argv[4], 1000000);
	allow_descriptors(n + 256);
	server = server_start(!echoing, &place);
	if (loop_init(&loop, &calls, MASK) != 0)
		die("epoll", strerror(errno));
	conns = mem_get(n * sizeof(*conns));
	open_all(conns, n, &place);
	for (i = 0; echoing && i < n; i++)
		say(&conns[i]);
	run(&conns[0], WARM_NS, rate);

	server_s = cpu_s(server);
	own_s = cpu_s(getpid());
	began_ns = loop_clock_ns();
	measuring = true;
	run(&conns[0], seconds * SECOND_NS, rate);
	measuring = false;
	took_s = (double)(loop_clock_ns() - began_ns) / SECOND_NS;
	server_s = cpu_s(server) - server_s;
	own_s = cpu_s(getpid()) - own_s;

	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	if (n_messages == 0)
		die("messages", "none came back");
	printf("{\"limit\":\"%s\",\"connections\":%zu,\"rate\":%u,"
	    "\"seconds\":%.3f,\"messages_per_s\":%.1f,\"p50_ms\":%.3f,"
	    "\"p99_ms\":%.3f,\"server_cpu_us\":%.3f,\"client_cpu_us\":%.3f}\n",
	    argv[1], n, rate, took_s, (double)n_messages / took_s,
	    (double)histogram_quantile(&latency_ns, 0.5) / 1e6,
	    (double)histogram_quantile(&latency_ns, 0.99) / 1e6,
	    1e6 * server_s / (double)n_messages,
	    1e6 * own_s / (double)n_messages);
	for (i = 0; i < n; i++)
		conn_shut(&loop, &conns[i]);
	loop_done(&loop);
	free(conns);
	return 0;
}
