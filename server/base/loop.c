/*
 * libwebsockets, as distributions build it, runs on libuv; everything else
 * here runs on libevent.  So a libuv loop is nested: libevent watches its
 * backend descriptor and keeps a timer for its next one, and uv_settle lets
 * it do what is due.
 *
 * 1. libuv registers watchers lazily, in its next uv_run, and since 1.44.0
 *    uv_backend_timeout() answers 0 while a registration waits.  Asking it
 *    once before sleeping catches whatever lws was told from outside its own
 *    callbacks (adoption, "tell me when writable"); so nobody kicks the loop.
 * 2. uv_loop_alive() is asked first: without a handle the timeout is 0 for
 *    ever, and the program would spin after lws has gone.
 * 3. lws's libuv plugin serves input that it has buffered itself once and
 *    then forgets it; asking lws_service_adjust_timeout() and cancelling its
 *    sleep serves the rest.
 * 4. After libuv has run, callbacks have filed work: no sleep before the
 *    caller has seen it.
 */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <libwebsockets.h>
#include <uv.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"

#define SETTLE_ROUNDS	8	/* uv_runs in a row before others have their turn */

struct loop {
	struct event_base	 *base;
	uint64_t		  now_ms;
	struct list		  signals;	/* struct loop_sig */

	uv_loop_t		  uv;
	struct event		 *uv_read;	/* on uv's backend descriptor */
	struct event		 *uv_timer;	/* for uv's next timer */
	bool			  uv_ready;	/* one of the two has fired */
	struct lws_context	**cx;		/* NULL: never was */
};

struct loop_watch {
	struct loop	*loop;
	struct event	*event;
	short		 flags;		/* EV_READ, EV_WRITE; 0: not added */
	loop_fd_call	*call;
	void		*arg;
};

struct loop_timer {
	struct loop	*loop;
	struct event	*event;
	loop_call	*call;
	void		*arg;
};

struct loop_wake {
	struct loop	*loop;
	struct event	*event;
	int		 fd;		/* eventfd, ours */
	loop_call	*call;
	void		*arg;
};

struct loop_sig {
	struct list	 node;
	struct loop	*loop;
	struct event	*event;
	loop_call	*call;
	void		*arg;
};

static void
loop_read_clock(struct loop *l)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	l->now_ms = (uint64_t)now.tv_sec * 1000 +
	    (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

/* ---- the nested loop ---- */

static void
uv_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	l->uv_ready = true;
}

static bool
uv_due(struct loop *l)
{
	return uv_loop_alive(&l->uv) &&
	    (l->uv_ready || uv_backend_timeout(&l->uv) == 0);
}

/* Let libuv do what is due, and set its timer for the rest. */
static void
uv_settle(struct loop *l)
{
	struct timeval tv;
	int n = 0, t;

	l->uv_ready = false;
	do {
		uv_run(&l->uv, UV_RUN_NOWAIT);
		t = uv_backend_timeout(&l->uv);
	} while (uv_loop_alive(&l->uv) && t == 0 && ++n < SETTLE_ROUNDS);
	event_del(l->uv_timer);
	if (!uv_loop_alive(&l->uv))
		return;
	if (!loop_lws_gone(l) && !lws_service_adjust_timeout(*l->cx, 1, 0))
		lws_cancel_service(*l->cx);
	if (t < 0)
		return;
	tv.tv_sec = t / 1000;
	tv.tv_usec = t % 1000 * 1000;
	event_add(l->uv_timer, &tv);
}

void *
loop_uv(struct loop *l)
{
	return &l->uv;
}

void
loop_lws_set(struct loop *l, struct lws_context **cx)
{
	l->cx = cx;
}

bool
loop_lws_gone(const struct loop *l)
{
	return l->cx == NULL || *l->cx == NULL;
}

static void
uv_note_handle(uv_handle_t *handle, void *arg)
{
	bool *empty = arg;

	(void)handle;
	*empty = false;
}

bool
loop_uv_empty(struct loop *l)
{
	bool empty = true;

	uv_walk(&l->uv, uv_note_handle, &empty);
	return empty;
}

/* ---- the loop ---- */

struct loop *
loop_new(void)
{
	struct loop *l = mem_get(sizeof(*l));
	int rc;

	/* Writing to a closed socket is an error of that socket only. */
	signal(SIGPIPE, SIG_IGN);
	/* And to a file as large as may be (RLIMIT_FSIZE), of that write. */
	signal(SIGXFSZ, SIG_IGN);
	list_init(&l->signals);
	if ((rc = uv_loop_init(&l->uv)) != 0) {
		log_line(LOG_ERROR, "loop", "cannot make a libuv loop: %s",
		    uv_strerror(rc));
		free(l);
		return NULL;
	}
	if ((l->base = event_base_new()) == NULL ||
	    (l->uv_read = event_new(l->base, uv_backend_fd(&l->uv),
	    EV_READ | EV_PERSIST, uv_fired, l)) == NULL ||
	    (l->uv_timer = event_new(l->base, -1, 0, uv_fired, l)) == NULL ||
	    event_add(l->uv_read, NULL) != 0) {
		log_line(LOG_ERROR, "loop", "cannot make an event base: %s",
		    strerror(errno));
		loop_free(l);
		return NULL;
	}
	loop_read_clock(l);
	return l;
}

void
loop_free(struct loop *l)
{
	struct list *node, *next;

	if (l == NULL)
		return;
	if (!loop_lws_gone(l))
		bug("loop: freed before lws was gone");
	LIST_EACH(&l->signals, node, next) {
		struct loop_sig *s = LIST_ITEM(node, struct loop_sig, node);

		event_free(s->event);
		free(s);
	}
	if (l->uv_read != NULL)
		event_free(l->uv_read);
	if (l->uv_timer != NULL)
		event_free(l->uv_timer);
	if (l->base != NULL)
		event_base_free(l->base);
	/* Handles that were closed last have their callbacks yet to run. */
	uv_run(&l->uv, UV_RUN_NOWAIT);
	if (uv_loop_close(&l->uv) != 0)
		bug("loop: freed with libuv handles open");
	free(l);
}

void
loop_wait(struct loop *l, bool come_straight_back)
{
	int flags = EVLOOP_ONCE;

	if (uv_due(l)) {
		loop_read_clock(l);
		uv_settle(l);
		come_straight_back = true;
	}
	if (come_straight_back)
		flags |= EVLOOP_NONBLOCK;
	if (event_base_loop(l->base, flags) < 0)
		log_line(LOG_ERROR, "loop", "could not wait for events: %s",
		    strerror(errno));
	loop_read_clock(l);
	if (uv_due(l))
		uv_settle(l);
}

/* ---- descriptors ---- */

static void
watch_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;

	loop_read_clock(w->loop);
	w->call(fd, what & EV_READ, what & EV_WRITE, w->arg);
}

struct loop_watch *
loop_watch_new(struct loop *l, int fd, loop_fd_call *call, void *arg)
{
	struct loop_watch *w = mem_get(sizeof(*w));

	w->loop = l;
	w->call = call;
	w->arg = arg;
	w->event = event_new(l->base, fd, EV_PERSIST, watch_fired, w);
	if (w->event == NULL)
		bug("loop: cannot make a watch");
	return w;
}

void
loop_watch_set(struct loop_watch *w, bool read, bool write)
{
	short flags = (short)((read ? EV_READ : 0) | (write ? EV_WRITE : 0));

	if (flags == w->flags)
		return;
	event_del(w->event);
	w->flags = flags;
	if (flags == 0)
		return;
	event_assign(w->event, w->loop->base, event_get_fd(w->event),
	    flags | EV_PERSIST, watch_fired, w);
	if (event_add(w->event, NULL) != 0)
		log_line(LOG_ERROR, "loop", "could not watch descriptor %d: %s",
		    (int)event_get_fd(w->event), strerror(errno));
}

void
loop_watch_free(struct loop_watch *w)
{
	if (w == NULL)
		return;
	event_free(w->event);
	free(w);
}

/* ---- timers ---- */

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	loop_read_clock(t->loop);
	t->call(t->arg);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_call *call, void *arg)
{
	struct loop_timer *t = mem_get(sizeof(*t));

	t->loop = l;
	t->call = call;
	t->arg = arg;
	t->event = event_new(l->base, -1, 0, timer_fired, t);
	if (t->event == NULL)
		bug("loop: cannot make a timer");
	return t;
}

void
loop_timer_start(struct loop_timer *t, uint64_t after_ms)
{
	struct timeval tv = {
		.tv_sec = (time_t)(after_ms / 1000),
		.tv_usec = (suseconds_t)(after_ms % 1000 * 1000),
	};

	event_add(t->event, &tv);
}

void
loop_timer_stop(struct loop_timer *t)
{
	event_del(t->event);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	event_free(t->event);
	free(t);
}

/* ---- bells ---- */

static void
wake_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_wake *w = arg;
	uint64_t rings;

	(void)what;
	if (read(fd, &rings, sizeof(rings)) != (ssize_t)sizeof(rings))
		return;			/* taken already */
	loop_read_clock(w->loop);
	w->call(w->arg);
}

struct loop_wake *
loop_wake_new(struct loop *l, loop_call *call, void *arg)
{
	struct loop_wake *w = mem_get(sizeof(*w));

	w->loop = l;
	w->call = call;
	w->arg = arg;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->fd >= 0)
		w->event = event_new(l->base, w->fd, EV_READ | EV_PERSIST,
		    wake_fired, w);
	if (w->event == NULL || event_add(w->event, NULL) != 0)
		bug("loop: cannot make a bell");
	return w;
}

void
loop_wake_ring(struct loop_wake *w)
{
	const uint64_t one = 1;
	ssize_t n;

	/* EAGAIN: it has been rung 2^64-2 times and not heard; it will be. */
	n = write(w->fd, &one, sizeof(one));
	(void)n;
}

void
loop_wake_free(struct loop_wake *w)
{
	if (w == NULL)
		return;
	event_free(w->event);
	close(w->fd);
	free(w);
}

/* ---- signals ---- */

static void
signal_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_sig *s = arg;

	(void)fd;
	(void)what;
	loop_read_clock(s->loop);
	s->call(s->arg);
}

bool
loop_signal(struct loop *l, int signum, loop_call *call, void *arg)
{
	struct loop_sig *s = mem_get(sizeof(*s));

	s->loop = l;
	s->call = call;
	s->arg = arg;
	s->event = evsignal_new(l->base, signum, signal_fired, s);
	if (s->event == NULL || event_add(s->event, NULL) != 0) {
		if (s->event != NULL)
			event_free(s->event);
		free(s);
		return false;
	}
	list_push(&l->signals, &s->node);
	return true;
}
