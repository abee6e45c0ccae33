/*
 * session: one connected client, as the hub sees it.
 *
 *	net --- bytes ---> inbox --- requests ---> documents' lines
 *	net <-- frames --- outbox <-- release ----'
 *
 * The part of it that net may see: it makes sessions (hub_open), hands over
 * messages, takes frames from the outbox, and learns from the session that it
 * should be closed.  The session belongs to the hub; net holds a pointer from
 * hub_open until it calls hub_leave.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

struct session;

/*
 * Whoever takes what sessions have to send; the first member of what is given
 * to hub_open as owner.  Called by the turn for each that hub_next_ready names.
 */
struct outlet {
	void	(*flush)(struct session *ss);
};

/* WebSocket close codes we use: RFC 6455, section 7.4, and its registry. */
enum session_close {
	CLOSE_NONE = 0,
	CLOSE_NORMAL = 1000,
	CLOSE_GOING_AWAY = 1001,
	CLOSE_BAD_DATA = 1003,		/* a binary frame */
	CLOSE_BAD_TEXT = 1007,		/* not UTF-8, not JSON */
	CLOSE_POLICY = 1008,		/* a message that is no object */
	CLOSE_TOO_BIG = 1009,
	CLOSE_RESTART = 1012,
	CLOSE_TRY_LATER = 1013,		/* a reader too slow; come back by version */
	/* Of the range for applications. */
	CLOSE_RENEW = 4401,		/* the token is over, or refused: come with another */
	CLOSE_ACCESS = 4403,		/* what it may do has changed: come again */
	CLOSE_RATE = 4429,		/* over a limit of its own: come again later */
};

/* Its number, never reused in a process; for logs. */
uint64_t	 session_ordinal(const struct session *ss);
/* What net gave to hub_open. */
void		*session_owner(const struct session *ss);

/*
 * Where its client is, as text, copied: limits are counted by address too.
 * Right after hub_open; never called, it has none and shares no limit.
 */
void		 session_set_address(struct session *ss, const char *address);

/* The oldest frame that waits to be sent, borrowed; NULL if none. */
struct frame	*session_peek(const struct session *ss);
/* Take the oldest frame off; the caller now holds its count. */
struct frame	*session_shift(struct session *ss);
/* Bytes in the outbox, as on the wire. */
size_t		 session_waiting_bytes(const struct session *ss);

/*
 * Why the session is to be closed once its outbox has drained (CLOSE_NONE: it
 * is not); reason is a short ASCII sentence, static.
 */
enum session_close session_closing(const struct session *ss,
		    const char **reason_out);
/* Has all that it said been answered?  What it follows does not count. */
bool		 session_is_answered(const struct session *ss);
/* Is the inbox full?  Then net stops reading until it is ready again. */
bool		 session_is_full(const struct session *ss);

#endif
