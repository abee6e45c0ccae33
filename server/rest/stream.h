/*
 * stream: an answer that goes on, as server-sent events (HTML Living Standard,
 * 9.2).
 *
 * A stream that is silent is sent a comment now and then, so that nobody on
 * the way takes it for dead.  A reader that is too slow is cut, and comes back
 * with the id of the last event it has.
 */
#ifndef REST_STREAM_H
#define REST_STREAM_H

#include "rest/call.h"

struct stream {
	struct list	  node;		/* rest->streams; on none: not begun */
	struct rest_call *call;
	uint64_t	  spoke_ms;	/* when something was sent last */
};

void	 stream_init(struct stream *s, struct rest_call *call);
/* The call ends: for its leave. */
void	 stream_done(struct stream *s);
/* Answer to HEAD: the head alone.  False: it was not HEAD. */
bool	 stream_is_head(struct rest_call *call);
/* Send the head; once. */
void	 stream_begin(struct stream *s);
bool	 stream_has_begun(const struct stream *s);
/*
 * Send an event, beginning if need be.  id NULL: the last one stays.  data is
 * JSON.  False: the reader was too slow, the call is over.
 */
bool	 stream_send(struct stream *s, const char *event, const char *id,
	    const struct buf *data);
/* An event "error" says why, and it ends. */
void	 stream_close(struct stream *s, enum session_close code,
	    const char *reason);

/* ---- for rest.c ---- */

void	 streams_tick(struct rest *r);
/* All end: the server does. */
void	 streams_stop(struct rest *r);

#endif
