/*
 * rest: the api below /v1/, for programs that are no clients of the socket.
 *
 *	net --begin--> call --route--> handler --says, asks--> hub, store
 *	net <--answer, stream-- call <------ replies, rows ------'
 *
 * One a process.  A call speaks to the hub as a client would, through a
 * session of its own (talk.c): there is one way to a document, and one place
 * where access is checked.  What is kept beside documents it asks at the desk.
 *
 * To leave: rest_stop, turns until net is empty, rest_free behind net_free and
 * the store, and before hub_free.
 */
#ifndef REST_REST_H
#define REST_REST_H

#include <stddef.h>
#include <stdint.h>

#include "net/call.h"

struct catalog;
struct desk;
struct gate;
struct hub;
struct rest;
struct users;

/* Every ceiling and time; rest_settings_default fills all. */
struct rest_settings {
	const struct catalog *catalog;	/* borrowed; NULL: no name is a projection */
	struct users *users;	/* borrowed; NULL: there is no user service */
	uint64_t once_ms;	/* answers to an Idempotency-Key are kept so long */
	size_t	 page;		/* entries of one page, unless less is asked for */
	uint64_t presence_ms;	/* who asks who is here listens so long */
	size_t	 bulk_bytes;	/* contents in one answer to many gets */
	size_t	 bulk;		/* gets or writes in one request */
	uint64_t heartbeat_ms;	/* a stream that is silent so long gets a comment */
};

void		 rest_settings_default(struct rest_settings *settings);

/* All borrowed, and outlive it; gate may be NULL: nobody is known. */
struct rest	*rest_new(struct hub *hub, struct desk *desk,
		    struct gate *gate, const struct rest_settings *settings);
/* What net hands calls to. */
const struct net_api *rest_api(const struct rest *r);
/* Once a turn; now_ms is monotonic, wall_ms since 1970.  Frees what is over. */
void		 rest_tick(struct rest *r, uint64_t now_ms, int64_t wall_ms);
/* The hub hears no more: calls that want to say something are refused, 503. */
void		 rest_stop(struct rest *r);
/* Event streams that are open. */
size_t		 rest_streams(const struct rest *r);
/* End the oldest of them for this reason; false: there is none. */
bool		 rest_end_stream(struct rest *r, enum session_close code,
		    const char *reason);
/* Behind rest_stop: nothing is under way at others, and what was is written. */
bool		 rest_is_quiet(const struct rest *r);
void		 rest_free(struct rest *r);	/* NULL is fine */

#endif
