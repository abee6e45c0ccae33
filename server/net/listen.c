/*
 * Listening sockets.  We accept ourselves and lws adopts: lws as distributed
 * cannot share a port among processes.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/net.h"

#define BACKLOG		4096	/* the kernel cuts it to net.core.somaxconn */
#define ACCEPT_MOST	16	/* in one turn, so that others have theirs */
/* A handshake takes as long as a hundred messages: one, and others have theirs. */
#define ACCEPT_MOST_TLS	1
#define ACCEPT_PAUSE_MS	1000	/* after running out of descriptors */

/* ---- making them ---- */

/* HOST:PORT or [IPV6]:PORT into its two parts; false: it is neither. */
static bool
name_split(const char *host_port, char *host, size_t host_size, char *port,
    size_t port_size)
{
	const char *host_end, *colon = strrchr(host_port, ':');
	const char *begin = host_port;
	size_t port_len;

	if (colon == NULL)
		return false;
	port_len = strlen(colon + 1);
	host_end = colon;
	if (*begin == '[') {
		begin++;
		host_end--;
		if (host_end <= begin || *host_end != ']')
			return false;
	} else if (memchr(begin, ':', (size_t)(host_end - begin)) != NULL) {
		return false;		/* an IPv6 address without brackets */
	}
	if (host_end == begin || (size_t)(host_end - begin) >= host_size ||
	    port_len == 0 || port_len >= port_size ||
	    strspn(colon + 1, "0123456789") != port_len ||
	    strtoul(colon + 1, NULL, 10) > 65535)
		return false;
	memcpy(host, begin, (size_t)(host_end - begin));
	host[host_end - begin] = '\0';
	memcpy(port, colon + 1, port_len + 1);
	return true;
}

/* -1: errno says why. */
static int
socket_listen(const struct sockaddr *addr, socklen_t len, bool shared)
{
	int fd = socket(addr->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int one = 1;
	int err;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	/* [::] and 0.0.0.0 are two addresses, and may both be named. */
	if (addr->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, addr, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/*
 * A first socket that shares with nobody tells whether the port is free, and
 * which port 0 becomes; the n that share follow it.
 */
static bool
sockets_listen(const struct sockaddr *addr, socklen_t len, int *fds,
    unsigned n)
{
	struct sockaddr_storage real;
	socklen_t real_len = sizeof(real);
	int err;

	if ((fds[0] = socket_listen(addr, len, false)) < 0)
		return false;
	if (n == 1)
		return true;
	if (getsockname(fds[0], (struct sockaddr *)&real, &real_len) != 0) {
		err = errno;
		close(fds[0]);
		errno = err;
		return false;
	}
	close(fds[0]);
	for (unsigned i = 0; i < n; i++) {
		fds[i] = socket_listen((struct sockaddr *)&real, real_len, true);
		if (fds[i] >= 0)
			continue;
		err = errno;
		while (i-- > 0)
			close(fds[i]);
		errno = err;
		return false;
	}
	return true;
}

bool
net_listen_sockets(const char *host_port, int *fds, unsigned n, char *why,
    size_t why_size)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[256], port[8];
	bool made;
	int rc;

	if (!name_split(host_port, host, sizeof(host), port, sizeof(port))) {
		snprintf(why, why_size, "\"%s\" is not HOST:PORT or "
		    "[IPV6]:PORT", host_port);
		return false;
	}
	if ((rc = getaddrinfo(host, port, &hints, &found)) != 0) {
		snprintf(why, why_size, "cannot listen on %s: %s", host_port,
		    rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return false;
	}
	made = sockets_listen(found->ai_addr, found->ai_addrlen, fds, n);
	if (!made)
		snprintf(why, why_size, "cannot listen on %s: %s", host_port,
		    strerror(errno));
	freeaddrinfo(found);
	return made;
}

void
net_socket_name(int fd, char *name, size_t size)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char host[INET6_ADDRSTRLEN + 32], port[8];

	if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(name, size, "?");
	else
		snprintf(name, size,
		    addr.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* ---- accepting ---- */

struct listener {
	struct list		 node;		/* net->listeners */
	struct net		*net;
	int			 fd;
	struct loop_watch	*watch;
	unsigned		 serves;	/* enum net_serves */
	listen_call		*call;
};

static void
socket_set_up(const struct net *net, int fd)
{
	const int one = 1, bytes = net->settings.send_buffer_bytes;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	if (bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/* Those of one connection that came and went, and not of ours. */
static bool
is_passing(int err)
{
	return err == EINTR || err == ECONNABORTED || err == EPROTO ||
	    err == EPERM || err == ENETDOWN || err == EHOSTUNREACH;
}

/* One connection; false: there is none, or it cannot be had now. */
static bool
listener_accept(struct listener *l)
{
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof(peer);
	int fd = accept4(l->fd, (struct sockaddr *)&peer, &peer_len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		socket_set_up(l->net, fd);
		l->call(l->net, fd, (struct sockaddr *)&peer, l->serves);
		return true;
	}
	if (is_passing(errno))
		return true;
	if (errno == EAGAIN)
		return false;
	/* Out of descriptors: it stays readable, and we would spin. */
	LOG_LIMITED(LOG_ERROR, "net", "could not accept a connection: %s",
	    strerror(errno));
	loop_watch_set(l->watch, false, false);
	loop_timer_start(l->net->accept_again, ACCEPT_PAUSE_MS);
	return false;
}

static void
listener_ready(int listening, bool readable, bool writable, void *arg)
{
	struct listener *l = arg;
	int most = net_is_plain(l->net, l->serves) ? ACCEPT_MOST :
	    ACCEPT_MOST_TLS;

	(void)listening;
	(void)readable;
	(void)writable;
	while (most-- > 0 && listener_accept(l))
		;
}

static void
listeners_resume(void *arg)
{
	struct net *net = arg;
	struct list *node, *next;

	LIST_EACH(&net->listeners, node, next)
		loop_watch_set(LIST_ITEM(node, struct listener, node)->watch,
		    true, false);
}

void
listener_new(struct net *net, int fd, unsigned serves, listen_call *call)
{
	struct listener *l = mem_get(sizeof(*l));

	if (net->accept_again == NULL)
		net->accept_again = loop_timer_new(net->loop, listeners_resume,
		    net);
	l->net = net;
	l->fd = fd;
	l->serves = serves;
	l->call = call;
	l->watch = loop_watch_new(net->loop, fd, listener_ready, l);
	loop_watch_set(l->watch, true, false);
	list_push(&net->listeners, &l->node);
}

/*
 * Closed, not only unwatched: the kernel would go on completing connections
 * that nobody is going to accept.
 */
static void
listener_free(struct listener *l)
{
	list_remove(&l->node);
	loop_watch_free(l->watch);
	close(l->fd);
	free(l);
}

/*
 * Connections that wait in the kernel have sent their request, some of them:
 * closing the socket would reset them, and who wrote something would not know
 * what became of it.
 */
void
listeners_close(struct net *net, unsigned serves)
{
	struct list *node, *next;

	LIST_EACH(&net->listeners, node, next) {
		struct listener *l = LIST_ITEM(node, struct listener, node);
		int most = BACKLOG;

		if ((l->serves & serves) == 0)
			continue;
		while (most-- > 0 && listener_accept(l))
			;
		listener_free(l);
	}
}

void
listeners_free(struct net *net)
{
	while (!list_empty(&net->listeners))
		listener_free(LIST_ITEM(net->listeners.next, struct listener,
		    node));
	loop_timer_free(net->accept_again);
	net->accept_again = NULL;
}
