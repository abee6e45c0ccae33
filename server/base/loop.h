/*
 * loop: the one event loop of a process.
 *
 * The only place that names libevent's base and libuv.  libwebsockets runs
 * on a libuv loop of ours, nested in libevent through its backend
 * descriptor; libpq and hiredis watch their sockets here; the embedded
 * store's thread wakes it.  See server/base/README.md for the rules that
 * nesting obeys.
 *
 * A turn of the program is: loop_wait, then whatever is due.  Callbacks run
 * inside loop_wait only, translate, file and return.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct lws_context;
struct loop;
struct loop_watch;		/* one watched descriptor */
struct loop_timer;
struct loop_wake;		/* a bell that another thread may ring */

typedef void loop_fd_call(int fd, bool readable, bool writable, void *arg);
typedef void loop_call(void *arg);

/* NULL (and logged) when the system refuses.  Ignores SIGPIPE and SIGXFSZ from now on. */
struct loop	*loop_new(void);
/* lws must be gone (loop_lws_gone). */
void		 loop_free(struct loop *l);

/*
 * Run callbacks of what is due; sleep until something is, unless
 * come_straight_back.
 */
void		 loop_wait(struct loop *l, bool come_straight_back);
/* Monotonic milliseconds, as of the last wait. */
uint64_t	 loop_now_ms(const struct loop *l);

/* Watch a descriptor.  Free the watch before the descriptor is closed. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fd_call *call,
		    void *arg);
void		 loop_watch_set(struct loop_watch *w, bool read, bool write);
void		 loop_watch_free(struct loop_watch *w);	/* NULL is fine */

/* Created stopped; one shot. */
struct loop_timer *loop_timer_new(struct loop *l, loop_call *call, void *arg);
void		 loop_timer_start(struct loop_timer *t, uint64_t after_ms);
void		 loop_timer_stop(struct loop_timer *t);
void		 loop_timer_free(struct loop_timer *t);	/* NULL is fine */

/* call runs in the loop's thread, once or more after each ring. */
struct loop_wake *loop_wake_new(struct loop *l, loop_call *call, void *arg);
void		 loop_wake_ring(struct loop_wake *w);	/* from any thread */
void		 loop_wake_free(struct loop_wake *w);	/* NULL is fine */

/* Call on each arrival of a signal until the loop is freed; false: refused. */
bool		 loop_signal(struct loop *l, int signum, loop_call *call,
		    void *arg);

/* ---- for net/ alone: lws on the nested loop ---- */

/* A pointer to the uv_loop_t, for info.foreign_loops. */
void		*loop_uv(struct loop *l);
/* lws exists now; it sets *cx to NULL when it is wholly gone (info.pcontext). */
void		 loop_lws_set(struct loop *l, struct lws_context **cx);
bool		 loop_lws_gone(const struct loop *l);
/* Has libuv no handle any more?  Then lws_context_destroy can be completed. */
bool		 loop_uv_empty(struct loop *l);

#endif
