#include "bench/load/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/load/wire.h"

#define LOOP_SPACE	((size_t)1 << 18)	/* bytes of one read */
#define LOOP_EVENTS	256			/* of one wait */
#define OUT_KEPT	4096			/* bytes of buffer an idle connection may keep */

const char *
conn_place_read(const char *url, struct conn_place *out)
{
	static const char scheme[] = "ws://";
	struct conn_place place = { .address = { .sin_family = AF_INET } };
	const char *host = url + sizeof(scheme) - 1, *slash, *colon;
	char name[48], *end;
	unsigned long port;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
		return "does not begin with ws://";
	slash = strchrnul(host, '/');
	colon = memchr(host, ':', (size_t)(slash - host));
	if (colon == NULL)
		return "names no port";
	if ((size_t)(colon - host) >= sizeof(name))
		return "is not on this machine";
	port = strtoul(colon + 1, &end, 10);
	if (end != slash || end == colon + 1 || port == 0 || port > 65535)
		return "has no port from 1 to 65535";
	memcpy(name, host, (size_t)(colon - host));
	name[colon - host] = '\0';
	if (strcmp(name, "localhost") == 0)
		snprintf(name, sizeof(name), "127.0.0.1");
	if (inet_pton(AF_INET, name, &place.address.sin_addr) != 1 ||
	    ntohl(place.address.sin_addr.s_addr) >> 24 != 127)
		return "is not on this machine: only 127.0.0.0/8 and localhost are loaded";
	if (strlen(slash) >= sizeof(place.path))
		return "has too long a path";
	place.address.sin_port = htons((uint16_t)port);
	snprintf(place.host, sizeof(place.host), "%s:%lu", name, port);
	snprintf(place.path, sizeof(place.path), "%s", *slash != '\0' ? slash : "/");
	*out = place;
	return NULL;
}

uint64_t
loop_clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int
loop_init(struct loop *l, const struct conn_calls *calls, uint32_t mask)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return -1;
	*l = (struct loop){ .epoll_fd = fd, .calls = calls, .mask = mask,
	    .now_ns = loop_clock_ns(), .space = mem_grow(NULL, LOOP_SPACE, 1) };
	return 0;
}

void
loop_done(struct loop *l)
{
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	free(l->space);
}

/*
 * Edge-triggered: level-triggered, the kernel looks at each socket once more
 * after it was read.  So whoever reads or writes goes on until a short count
 * or EAGAIN says that there is no more (epoll(7), question 9).
 */
static void
conn_watch(struct loop *l, struct conn *c, int how, uint32_t events)
{
	struct epoll_event e = {
	    .events = events | EPOLLRDHUP | EPOLLET, .data.ptr = c };

	if (c->is_dozing)
		e.events &= ~(uint32_t)EPOLLIN;
	if (epoll_ctl(l->epoll_fd, how, c->fd, &e) != 0)
		bug("a socket cannot be watched");
}

void
conn_shut(struct loop *l, struct conn *c)
{
	if (c->state == CONN_IDLE || c->state == CONN_CLOSED)
		return;
	c->state = CONN_CLOSED;
	if (c->is_dirty) {
		struct conn **at = &l->dirty;

		while (*at != c)
			at = &(*at)->next_dirty;
		*at = c->next_dirty;
		c->is_dirty = false;
	}
	close(c->fd);		/* leaves the epoll, too */
	free(c->rest);
	c->rest = NULL;
	c->rest_len = c->rest_cap = 0;
	buf_done(&c->out);
	c->sent = 0;
}

static void
conn_fail(struct loop *l, struct conn *c, const char *why)
{
	conn_shut(l, c);
	l->calls->closed(c, why);
}

/* ---- sending ---- */

static void
conn_flush(struct loop *l, struct conn *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent,
		    c->out.len - c->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			c->sent += (size_t)n;
		} else if (errno == EAGAIN) {
			if (!c->is_blocked)
				conn_watch(l, c, EPOLL_CTL_MOD,
				    EPOLLIN | EPOLLOUT);
			c->is_blocked = true;
			return;
		} else if (errno != EINTR) {
			/* The reader meets the end, and what came before it. */
			c->sent = c->out.len;
		}
	}
	c->sent = 0;
	if (c->out.cap > OUT_KEPT)
		buf_done(&c->out);
	else
		buf_reset(&c->out);
	if (c->is_blocked)
		conn_watch(l, c, EPOLL_CTL_MOD, EPOLLIN);
	c->is_blocked = false;
}

static void
loop_flush(struct loop *l)
{
	struct conn *c;

	while ((c = l->dirty) != NULL) {
		l->dirty = c->next_dirty;
		c->is_dirty = false;
		if (buf_failed(&c->out))
			bug("out of memory for what is to be sent");
		if (!c->is_blocked)
			conn_flush(l, c);
	}
}

static void
conn_mark(struct loop *l, struct conn *c)
{
	if (c->is_dirty)
		return;
	c->is_dirty = true;
	c->next_dirty = l->dirty;
	l->dirty = c;
}

void
conn_say(struct loop *l, struct conn *c, const char *text, size_t len_bytes)
{
	if (c->state != CONN_OPEN)
		return;
	wire_write(&c->out, WIRE_TEXT, text, len_bytes, l->mask);
	conn_mark(l, c);
}

/* ---- coming to be ---- */

void
conn_open(struct loop *l, struct conn *c, const struct conn_place *at)
{
	static const int on = 1;

	*c = (struct conn){ .state = CONN_CONNECTING, .place = at,
	    .out = BUF_INIT };
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		c->state = CONN_CLOSED;
		l->calls->closed(c, strerror(errno));
		return;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn_watch(l, c, EPOLL_CTL_ADD, EPOLLOUT);
	if (connect(c->fd, (const struct sockaddr *)&at->address,
	    sizeof(at->address)) != 0 && errno != EINPROGRESS)
		conn_fail(l, c, strerror(errno));
}

static void
conn_connected(struct loop *l, struct conn *c)
{
	int fault = 0;
	socklen_t len = sizeof(fault);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &len);
	if (fault != 0) {
		conn_fail(l, c, strerror(fault));
		return;
	}
	c->state = CONN_ASKING;
	conn_watch(l, c, EPOLL_CTL_MOD, EPOLLIN);
	wire_ask(&c->out, c->place->host, c->place->path);
	conn_mark(l, c);
}

/* ---- receiving ---- */

/* One frame; false: the connection is no more. */
static bool
conn_take(struct loop *l, struct conn *c, const struct wire_frame *frame)
{
	char why[64];

	switch (frame->opcode) {
	case WIRE_TEXT:
		l->calls->heard(c, frame->payload, frame->len);
		break;
	case WIRE_PING:
		wire_write(&c->out, WIRE_PONG, frame->payload, frame->len,
		    l->mask);
		conn_mark(l, c);
		break;
	case WIRE_PONG:
		break;
	case WIRE_CLOSE:
		snprintf(why, sizeof(why), "the server closed it with %d",
		    frame->len < 2 ? 1005 :
		    (unsigned char)frame->payload[0] << 8 |
		    (unsigned char)frame->payload[1]);
		conn_fail(l, c, why);
		break;
	}
	return c->state == CONN_OPEN;
}

/*
 * Handle what is whole.  How many bytes were; *need_out is how many the next
 * frame needs.  The connection may be no more afterwards.
 */
static size_t
conn_parse(struct loop *l, struct conn *c, const char *bytes, size_t len,
    size_t *need_out)
{
	size_t done = 0, size;
	struct wire_frame frame;
	enum wire_result result;

	*need_out = 0;
	if (c->state == CONN_ASKING) {
		result = wire_agreed(bytes, len, &size);
		if (result == WIRE_MORE)
			return 0;
		if (result == WIRE_FAULT) {
			conn_fail(l, c, "it is no WebSocket");
			return 0;
		}
		done = size;
		c->state = CONN_OPEN;
		l->calls->opened(c);
	}
	while (c->state == CONN_OPEN && done < len) {
		result = wire_read(bytes + done, len - done, &frame, &size);
		if (result == WIRE_MORE) {
			*need_out = size;
			break;
		}
		if (result == WIRE_FAULT) {
			conn_fail(l, c, "a frame is none that we asked for");
			break;
		}
		done += size;
		conn_take(l, c, &frame);
	}
	return done;
}

/* Keep bytes for the next read, with room for need in all. */
static void
conn_keep(struct conn *c, const char *bytes, size_t len, size_t need)
{
	if (len == 0) {
		free(c->rest);
		c->rest = NULL;
		c->rest_len = c->rest_cap = 0;
		return;
	}
	if (need < len + 1024)
		need = len + 1024;
	if (c->rest == NULL) {
		c->rest = mem_grow(NULL, need, 1);
		c->rest_cap = need;
	} else if (need > c->rest_cap) {
		size_t kept = (size_t)(bytes - c->rest);

		c->rest = mem_grow(c->rest, need, 1);
		c->rest_cap = need;
		bytes = c->rest + kept;
	}
	memmove(c->rest, bytes, len);
	c->rest_len = len;
}

enum read_result {
	READ_NOTHING,	/* there is no more, or the connection is no more */
	READ_SHORT,	/* less than there was room for: no more, but maybe the end */
	READ_FULL,	/* there may be more */
};

static enum read_result
conn_read(struct loop *l, struct conn *c)
{
	char *to = c->rest != NULL ? c->rest : l->space;
	size_t have = c->rest_len, need, done;
	size_t room = (c->rest != NULL ? c->rest_cap : LOOP_SPACE) - have;
	ssize_t n = recv(c->fd, to + have, room, 0);

	if (n < 0 && errno == EINTR)
		return READ_FULL;
	if (n < 0 && errno == EAGAIN)
		return READ_NOTHING;
	if (n <= 0) {
		conn_fail(l, c, n == 0 ? "the server hung up" : strerror(errno));
		return READ_NOTHING;
	}
	l->now_ns = loop_clock_ns();
	have += (size_t)n;
	done = conn_parse(l, c, to, have, &need);
	if (c->state == CONN_CLOSED)
		return READ_NOTHING;
	if (done < have || c->rest != NULL)
		conn_keep(c, to + done, have - done, need);
	return (size_t)n == room ? READ_FULL : READ_SHORT;
}

void
conn_doze(struct loop *l, struct conn *c)
{
	if (c->state != CONN_OPEN)
		return;
	c->is_dozing = true;
	conn_watch(l, c, EPOLL_CTL_MOD, c->is_blocked ? EPOLLOUT : 0);
}

void
conn_look(struct loop *l, struct conn *c)
{
	if (c->state == CONN_OPEN)
		while (conn_read(l, c) == READ_FULL)
			;
}

static void
conn_serve(struct loop *l, struct conn *c, uint32_t events)
{
	enum read_result got;

	if (c->state == CONN_CONNECTING) {
		conn_connected(l, c);
		return;
	}
	if (events == EPOLLOUT) {
		conn_flush(l, c);
		return;
	}
	do
		got = conn_read(l, c);
	while (got == READ_FULL || (got == READ_SHORT && (events &
	    (EPOLLRDHUP | EPOLLHUP | EPOLLERR))));
	if ((events & EPOLLOUT) && c->state != CONN_CLOSED)
		conn_flush(l, c);
}

/*
 * Wait.  Where the kernel, or valgrind, has no epoll_pwait2: in whole
 * milliseconds, the last one spent in going round, so that nothing is late.
 */
static int
loop_wait(struct loop *l, struct epoll_event *events, uint64_t wait_ns)
{
	struct timespec t = { (time_t)(wait_ns / 1000000000u),
	    (long)(wait_ns % 1000000000u) };
	int n = -1;

	if (!l->is_coarse)
		n = epoll_pwait2(l->epoll_fd, events, LOOP_EVENTS, &t, NULL);
	if (n < 0 && errno == ENOSYS)
		l->is_coarse = true;
	if (l->is_coarse)
		n = epoll_wait(l->epoll_fd, events, LOOP_EVENTS,
		    wait_ns < 60000000000u ? (int)(wait_ns / 1000000u) : 60000);
	if (n < 0 && errno != EINTR)
		bug("there is no waiting for sockets");
	return n;
}

void
loop_turn(struct loop *l, uint64_t until_ns)
{
	struct epoll_event events[LOOP_EVENTS];
	uint64_t now;
	int n;

	loop_flush(l);
	now = loop_clock_ns();
	n = loop_wait(l, events, until_ns > now ? until_ns - now : 0);
	l->now_ns = loop_clock_ns();
	for (int i = 0; i < n; i++) {
		struct conn *c = events[i].data.ptr;

		/* An earlier event's call may have shut it. */
		if (c->state == CONN_IDLE || c->state == CONN_CLOSED)
			continue;
		conn_serve(l, c, events[i].events);
		loop_flush(l);
	}
}
