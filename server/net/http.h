/*
 * http: one request and its answer; private to server/net.
 *
 *	http.c     lws's side: head, body, upgrades
 *	header.c   what the head says
 *	route.c    which page, asset or api answers
 *	call.c     requests that an api answers, at once or later
 *	answer.c   the bytes of an answer
 *	deliver.c  their way to the client
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "net/call.h"
#include "net/net.h"
#include "ot/buf.h"

struct conn;
struct guest;
struct loop_watch;

enum exchange_state {
	EX_READING,	/* the request */
	EX_CALLED,	/* an api has it */
	EX_STREAMED,	/* an api sends parts; there will be more */
	EX_ANSWERED,	/* all that will be sent is in out and tail */
	EX_LINGERING,	/* all is sent; the client still talks */
};

/* Made with the request, freed with the connection, which serves no second. */
struct exchange {
	struct conn		*conn;
	enum exchange_state	 state;

	/* the request */
	struct net_call		 call;		/* its texts are in arena */
	struct arena		 arena;
	bool			 has_body;	/* of which not all was read */
	uint64_t		 body_wanted;	/* bytes announced */
	struct buf		 body;
	bool			 from_page;	/* a web page asks for ours: it has an Origin */
	const struct net_page	*page;		/* that waits for the body, */
	const struct net_api	*api;		/* or that has the call */
	bool			 is_beginning;	/* begin of the api is running */
	bool			 is_whole;	/* the body, if any, is here */
	struct guest		*streamer;	/* counts as its stream; NULL: none */
	bool			 is_refused;	/* the stream: one too many */

	/* the answer */
	const char		*cors;		/* headers for browsers; NULL: none */
	struct buf		 out;		/* head, and a body that is ours */
	const char		*tail;		/* borrowed bytes after out */
	size_t			 tail_len;
	size_t			 sent;		/* bytes, over out and tail */
	size_t			 unmarked;	/* of them, since the deadline moved */
	struct loop_watch	*watch;		/* NULL: lws reads the socket */
};

/* ---- answer.c ---- */

/* One answer's head; everything but status may be left 0. */
struct answer {
	int		 status;
	const char	*type;		/* NULL: no Content-Type */
	const char	*etag;		/* with quotes */
	const char	*cache;		/* Cache-Control; NULL: no-store */
	unsigned	 allow;		/* enum net_method, for 405 */
	bool		 upgrade;	/* offer WebSocket, for 426 */
	const char	*headers;	/* more lines, each with \r\n; NULL: none */
	bool		 endless;	/* its length is not known: it ends by closing */
};

const char	*method_name(enum net_method method);
/*
 * Fill ex->out, and ex->tail by a large body, which stays borrowed.  To HEAD
 * only the head goes.
 */
void		 answer_bytes(struct exchange *ex, const struct answer *a,
		    const char *body, size_t len);
/*
 * An application/problem+json (RFC 9457), with the code of err.def that goes
 * with its status; detail is ASCII text without control characters.
 */
void		 answer_problem(struct exchange *ex, const struct answer *a,
		    const char *detail);

/* ---- deliver.c ---- */

/*
 * Begin with the answer, in a callback of lws: its verdict, 0 to keep the
 * connection, -1 to close.
 */
int		 deliver_answer(struct conn *c);
/* From now on we watch the socket in place of lws; what it says is dropped. */
void		 deliver_watch(struct conn *c);
/* Send what there is, outside of lws's callbacks, and see to the rest. */
void		 deliver_more(struct conn *c);
/* The same for what an api has seen waiting: a stream is told that it went. */
void		 deliver_waited(struct conn *c);
/* Room in out: forget what was sent. */
void		 deliver_compact(struct exchange *ex);
/* Bytes that wait to be sent. */
size_t		 deliver_waiting(const struct exchange *ex);
/* Let go of the socket. */
void		 deliver_stop(struct exchange *ex);
/* Send what the socket takes, past lws; false when the client is gone. */
bool		 deliver_bytes(struct conn *c, const char *bytes, size_t len,
		    size_t *sent_out);

/* ---- call.c ---- */

/* Give the request to ex->api. */
void		 call_begin(struct exchange *ex);
/* It is the api's no more. */
void		 call_gone(struct exchange *ex);
/* The connection goes: it is nobody's any more. */
void		 call_done(struct exchange *ex);
/* The api took too long, or streams too many: take it back and answer. */
void		 call_late(struct exchange *ex);

/* ---- route.c ---- */

/*
 * Find what answers and let it, unless it waits for a body: then ex->page or
 * ex->api is set and route_body is called with the body.
 */
void		 route(struct conn *c, struct exchange *ex);
void		 route_body(struct exchange *ex);
bool		 route_is_socket(const char *path);
/* Does a page answer there that reads no body? */
bool		 route_is_bodiless(const struct conn *c, const char *path);

/* ---- header.c; token: enum lws_token_indexes ---- */

/* 0: none that we know. */
enum net_method	 header_method(const struct conn *c);
bool		 header_has(const struct conn *c, int token);
/* Copy one; "" when absent, false when longer than size allows. */
bool		 header_copy(const struct conn *c, int token, char *value,
		    size_t size);
/*
 * Copy one into the arena; NULL: absent.  Several lines of one name are joined
 * by lws with commas.
 */
const char	*header_text(const struct conn *c, struct arena *a, int token);
/*
 * The same by its name, in lower case with the colon, for those that lws has
 * no token for.  Of several lines only one is seen.
 */
const char	*header_named(const struct conn *c, struct arena *a,
		    const char *name);
/*
 * An argument of the query, decoded; NULL: absent or empty.  False: it is
 * there twice, and not the same.
 */
bool		 header_argument(const struct conn *c, struct arena *a,
		    const char *name, const char **value_out);
/* All that struct net_call shows of a head, into ex->call. */
void		 header_fill_call(const struct conn *c, struct exchange *ex);

#endif
