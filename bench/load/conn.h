/*
 * conn: WebSocket connections to servers on this machine, many of them, in
 * one thread.
 *
 *	connecting --> asking --> open --> closed
 *
 * The loop waits for all of them at once (epoll).  What one
 * has received is read in a single call into memory that they share; only
 * what is left of a frame that has not come whole is kept with the connection,
 * so an idle one costs no buffer.  What is sent during a call is written in
 * one system call when it returns.
 *
 * Pings are answered.  No connection comes back by itself: to a load
 * generator a lost connection is a fault of the run.
 */
#ifndef LOAD_CONN_H
#define LOAD_CONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

/* Where a server listens: on this machine, nowhere else. */
struct conn_place {
	struct sockaddr_in	 address;
	char			 host[64];	/* "127.0.0.1:7007" */
	char			 path[256];	/* "/" */
};

/*
 * Read "ws://127.0.0.1:7007/path".  NULL, or what is wrong with it: only
 * 127.0.0.0/8 and localhost, which means 127.0.0.1 here, are loaded.
 */
const char *conn_place_read(const char *url, struct conn_place *out);

enum conn_state {
	CONN_IDLE,		/* not begun */
	CONN_CONNECTING,	/* TCP */
	CONN_ASKING,		/* for the upgrade */
	CONN_OPEN,
	CONN_CLOSED,		/* by either side; nothing more is heard */
};

/* Embedded first in what the caller has for each; all zero before it begins. */
struct conn {
	enum conn_state		 state;
	bool			 is_dirty;	/* on the loop's list of those with something to send */
	bool			 is_dozing;	/* not woken for what has come */
	bool			 is_blocked;	/* the socket takes no more: epoll tells when */
	int			 fd;
	const struct conn_place	*place;
	struct conn		*next_dirty;
	char			*rest;		/* received, not yet a whole frame; heap */
	size_t			 rest_len;
	size_t			 rest_cap;
	struct buf		 out;		/* to be sent */
	size_t			 sent;		/* bytes of it that are */
};

/* What the loop tells; none may free a connection. */
struct conn_calls {
	void	(*opened)(struct conn *);
	/* A text message; valid during the call. */
	void	(*heard)(struct conn *, const char *text, size_t len_bytes);
	/* It was open, or never came to be; why is a sentence's end. */
	void	(*closed)(struct conn *, const char *why);
};

struct loop {
	int			 epoll_fd;	/* -1: not begun */
	bool			 is_coarse;	/* it waits in milliseconds */
	const struct conn_calls	*calls;
	uint32_t		 mask;		/* key of all frames; see wire.h */
	uint64_t		 now_ns;	/* when the latest bytes were read */
	struct conn		*dirty;
	char			*space;		/* LOOP_SPACE bytes that reads share */
};

uint64_t loop_clock_ns(void);			/* monotonic */

/* 0, or -1 with errno. */
int	loop_init(struct loop *l, const struct conn_calls *calls,
	    uint32_t mask);
void	loop_done(struct loop *l);
/*
 * Send what waits, wait for something to happen until until_ns at most, and
 * handle it.
 */
void	loop_turn(struct loop *l, uint64_t until_ns);

/* Begin; calls tell how it ends, maybe before this returns. */
void	conn_open(struct loop *l, struct conn *c, const struct conn_place *at);
/* Send a text message; copied.  Nothing happens unless it is open. */
void	conn_say(struct loop *l, struct conn *c, const char *text,
	    size_t len_bytes);
/* Be woken no more for what has come (but for the end): look for it. */
void	conn_doze(struct loop *l, struct conn *c);
/* Read what has come; calls hear it. */
void	conn_look(struct loop *l, struct conn *c);
/* Hang up, silently; frees what c holds.  Fine in every state. */
void	conn_shut(struct loop *l, struct conn *c);

#endif
