/*
 * call: one request below /v1/, from its route to its answer.
 *
 * A handler is called once with a call, whose path, query and body have been
 * checked as its line in routes.def says.  It answers, or says something to
 * the hub (rest_say), or asks the store (rest_ask), and goes on in what it
 * gave as then.  Exactly one answer ends a call; after it the call may be
 * looked at until the caller returns, and nothing of it is called any more.
 * When the client hangs up it ends without one: what was said stays said.
 *
 * What a call needs lives in its arena, and goes with it.
 */
#ifndef REST_CALL_H
#define REST_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "core/job.h"
#include "core/session.h"
#include "net/call.h"
#include "ot/json.h"
#include "ot/json_value.h"
#include "rest/rest.h"

#define REST_PARAMS	3	/* names in one path */

struct rest_call;

typedef void rest_handler(struct rest_call *call);

/* What a route needs; or-ed. */
enum rest_needs {
	REST_ANY = 0,		/* whoever may come in; the hub's rules decide */
	REST_OPEN = 1,		/* anybody, even with a token that was refused */
	REST_WHO = 2,		/* somebody known by a subject */
	REST_JSON = 4,		/* a body of application/json: call->json */
	REST_MAY_JSON = 8,	/* the same, or none: then call->json is NULL */
};

struct rest_route {
	enum net_method	 method;
	const char	*path;		/* "/v1/...", {name} for one segment or more */
	rest_handler	*handler;
	unsigned	 needs;		/* enum rest_needs, or-ed */
	const char	*query;		/* names that "?" may have, with blanks between */
};

struct rest_query {
	const char	*name, *value;	/* decoded */
};

/* What the hub says to what a call said. */
struct rest_reply {
	struct json_slice whole;	/* the message; borrowed for the call of then */
	int		 status;	/* HTTP; 200: done */
	const char	*code;		/* wire code of a refusal, "" for none */
	const char	*message;	/* its sentence */
};

/* whose is what was given to rest_say or rest_ask. */
typedef void rest_then(struct rest_call *call, const struct rest_reply *reply,
	    void *whose);
typedef void rest_done(struct rest_call *call, struct job *job, void *whose);

struct rest_call {
	struct outlet		 outlet;	/* of its session */
	struct list		 node;		/* rest->calls; rest->over */
	struct rest		*rest;
	struct net_call		*net;		/* NULL: answered or gone */
	const struct rest_route	*route;
	struct arena		 arena;
	struct principal	*who;		/* counted; NULL: nobody known */
	const char		*params[REST_PARAMS];	/* in the path's order */
	struct rest_query	*query;		/* in the arena */
	size_t			 n_query;
	struct json		*json;		/* owned; the body, see enum rest_needs */
	const char		*trace_src;	/* trace.c; in the arena; NULL: not asked yet, or none */
	struct buf		 headers;	/* of the answer */
	struct buf		 extra;		/* members of a problem */
	bool			 is_stream;	/* its head is out */
	bool			 is_over;	/* nothing of it is called any more */
	unsigned		 asked;		/* jobs that are out */
	/* talk.c */
	struct session		*session;	/* NULL: nothing was said yet */
	struct list		 said;		/* struct said: not answered yet */
	uint64_t		 ordinal;	/* of the last thing said */

	/* The handler's: */
	void			*own;
	/* The call ends, however: let go of own.  NULL: it is in the arena. */
	void			(*leave)(struct rest_call *call);
	/* The hub says what nobody asked for; text is borrowed.  NULL: passed over. */
	void			(*heard)(struct rest_call *call,
				    const struct json_slice *message);
	/* The hub closes the session.  NULL: a problem, or the stream's end. */
	void			(*closed)(struct rest_call *call,
				    enum session_close code,
				    const char *reason);
	/* What was waiting of the stream is sent.  NULL: so be it. */
	void			(*drained)(struct rest_call *call);
};

/* ---- the request ---- */

/* A name of the path, decoded. */
const char	*rest_param(const struct rest_call *call, const char *name);
/* A value behind "?"; NULL: it is not there. */
const char	*rest_query(const struct rest_call *call, const char *name);
/*
 * The same as a whole number from min to max, otherwise when it is not there.
 * False: it is none; the call is answered.
 */
bool		 rest_query_number(struct rest_call *call, const char *name,
		    uint64_t min, uint64_t max, uint64_t otherwise,
		    uint64_t *number_out);
/* A header; NULL: it is not there. */
const char	*rest_asked(const struct rest_call *call,
		    enum net_header header);
/*
 * Is the request's Content-Type this one, parameters aside?  A type that is
 * not said is none.
 */
bool		 rest_is_type(const struct rest_call *call, const char *type);
/*
 * A member of the body, which is an object, as text in the arena; NULL when it
 * is not there or null and may be.  False: it is no string, or not there and
 * has to be; the call is answered.
 */
bool		 rest_json_text(struct rest_call *call, const char *name,
		    bool must, const char **text_out);
/* The same as a whole number from 0 to max; -1: not there. */
bool		 rest_json_number(struct rest_call *call, const char *name,
		    bool must, int64_t max, int64_t *number_out);
/* A time as RFC 3339 or a number of milliseconds; false: it is none. */
bool		 rest_read_time(const char *text, int64_t *ms_out);
/* A JSON string's text in the arena, NUL terminated; NULL: it holds a NUL. */
const char	*rest_string(struct rest_call *call, const struct json *v);

/* ---- the answer ---- */

/* A line of the answer's head; the value must hold no line's end. */
void		 rest_header(struct rest_call *call, const char *name,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* Answer; copies. */
void		 rest_answer(struct rest_call *call, int status,
		    const char *type, const void *bytes, size_t len_bytes);
void		 rest_answer_json(struct rest_call *call, int status,
		    struct buf *json);	/* and buf_done */
void		 rest_answer_empty(struct rest_call *call, int status);
/*
 * Answer with a problem (RFC 9457); fmt NULL: the error's own sentence.  It
 * gets the headers that belong to its status: WWW-Authenticate, Retry-After.
 */
void		 rest_problem(struct rest_call *call, enum err err,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* The same from a wire code, which may be "". */
void		 rest_problem_code(struct rest_call *call, int status,
		    const char *code, const char *detail);
/* One more member of the problem that is about to be answered; value is JSON. */
void		 rest_problem_member(struct rest_call *call, const char *name,
		    const char *value, size_t len_bytes);
/* The body of a problem, appended to out: for answers that have several. */
void		 rest_put_problem(struct buf *out, int status,
		    const char *code, const char *detail,
		    const struct buf *extra);
/* The status of a wire code that the hub said; 422 for a type's own refusals. */
int		 rest_status_of(const char *code);

/* An answer that goes on; after it rest_send, and rest_end. */
void		 rest_stream(struct rest_call *call, int status,
		    const char *type);
/* False: the client is too slow, and gone; the call is over. */
bool		 rest_send(struct rest_call *call, const void *bytes,
		    size_t len_bytes);
void		 rest_end(struct rest_call *call);

/* ---- the hub and the store ---- */

/*
 * Say a message of the wire: members is the inside of its object, without
 * braces and without "id", which is set here.  then gets the reply, refusals
 * included.
 */
void		 rest_say(struct rest_call *call, const struct buf *members,
		    rest_then *then, void *whose);
/* The same without a reply to wait for: what carries an id of its own. */
void		 rest_say_only(struct rest_call *call,
		    const struct buf *members);
/* Was it refused?  Then the call is answered. */
bool		 rest_refused(struct rest_call *call,
		    const struct rest_reply *reply);
/* Ask the store; takes the job over.  then borrows it. */
void		 rest_ask(struct rest_call *call, struct job *job,
		    rest_done *then, void *whose);
/* Did it fail?  Then the call is answered. */
bool		 rest_failed(struct rest_call *call, const struct job *job);
/*
 * May who calls do this (see core/access.h)?  collection and id may be NULL;
 * with an id the collection must be no projection, since what is asked for
 * then is kept beside whole documents.
 * then is called when it may; otherwise the call is answered.
 */
typedef void	 rest_may_then(struct rest_call *call);
void		 rest_may(struct rest_call *call, const char *action,
		    const char *collection, const char *id,
		    rest_may_then *then);

/* ---- time ---- */

/* Calls then after a while, unless the call is over; embedded in own. */
struct rest_timer {
	struct list	 node;		/* rest->timers */
	struct rest_call *call;
	uint64_t	 due_ms;
	void		(*then)(struct rest_call *call);
};
void		 rest_timer_init(struct rest_timer *t);
/* Anew, if it runs; then is called once, up to a turn later. */
void		 rest_timer_start(struct rest_timer *t, struct rest_call *call,
		    uint64_t after_ms, void (*then)(struct rest_call *call));
/* Harmless when it does not run; a call's leave has to. */
void		 rest_timer_stop(struct rest_timer *t);

/* ---- JSON that is written ---- */

/* A member of a slice that is an object: absent when it has none. */
struct json_slice rest_member(const struct json_slice *object,
		    const char *name);
/* Append "name":"text", with a comma before unless b ends with an opening. */
void		 rest_put_text(struct buf *b, const char *name,
		    const char *text);	/* NULL: null */
void		 rest_put_number(struct buf *b, const char *name, int64_t n);
void		 rest_put_bool(struct buf *b, const char *name, bool truth);
/* The value is JSON. */
void		 rest_put_raw(struct buf *b, const char *name,
		    const char *json, size_t len_bytes);
/* Only the name and ":"; the value follows. */
void		 rest_put_name(struct buf *b, const char *name);
/* "2026-11-22T15:04:05.678Z", or null for a negative number. */
void		 rest_put_time(struct buf *b, const char *name, int64_t ms);
/* A string as a segment of a path: percent-encoded, or "~" and base64url. */
void		 rest_put_segment(struct buf *b, const char *text);

#endif
