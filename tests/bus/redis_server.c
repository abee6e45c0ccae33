/*
 * redis_server: see redis_server.h.
 */
#include "tests/bus/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#define START_MS	10000

struct redis_server {
	int	port;
	pid_t	pid;	/* 0: does not run */
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

struct redis_server *
redis_server_new(void)
{
	struct redis_server *r = mem_get(sizeof(*r));
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		die("no free port");
	close(fd);
	r->port = ntohs(sin.sin_port);
	return r;
}

void
redis_server_free(struct redis_server *r)
{
	redis_server_kill(r);
	free(r);
}

int
redis_server_port(const struct redis_server *r)
{
	return r->port;
}

static int
answers(int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), ok;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)port);
	ok = connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;
	close(fd);
	return ok;
}

static void
run(int port, const char *password)
{
	char text[16];
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	snprintf(text, sizeof(text), "%d", port);
	execlp("redis-server", "redis-server", "--port", text, "--bind",
	    "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/",
	    "--requirepass", password == NULL ? "" : password, (char *)NULL);
	perror("redis-server");
	_exit(127);
}

void
redis_server_start(struct redis_server *r, const char *password)
{
	int waited_ms;

	r->pid = fork();
	if (r->pid < 0)
		die("fork");
	if (r->pid == 0)
		run(r->port, password);
	for (waited_ms = 0; !answers(r->port); waited_ms += 10) {
		if (waited_ms > START_MS || waitpid(r->pid, NULL, WNOHANG) != 0)
			die("redis-server did not start");
		usleep(10000);
	}
}

void
redis_server_signal(struct redis_server *r, int signum)
{
	if (r->pid > 0)
		kill(r->pid, signum);
}

void
redis_server_kill(struct redis_server *r)
{
	if (r->pid == 0)
		return;
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	r->pid = 0;
}
