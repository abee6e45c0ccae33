/*
 * call: one HTTP request that somebody else answers, at once or later.
 *
 * An api is a part of the tree of paths (all that begin with its prefix).  net
 * reads the request whole, finds out who it is from, and hands it over with
 * begin; from then until it is answered, or gone was called, the call is the
 * api's.  Everything runs in the loop's thread.
 *
 *	begin --> net_call_answer                      one answer
 *	      `-> net_call_stream, net_call_send ...    one that goes on (SSE)
 *	      `-> gone                                  the client has hung up
 */
#ifndef NET_CALL_H
#define NET_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/principal.h"
#include "net/net.h"

/* Headers of the request that can be asked for. */
enum net_header {
	NET_ACCEPT, NET_AUTHORIZATION, NET_CONTENT_TYPE, NET_COOKIE,
	NET_IDEMPOTENCY_KEY, NET_IF_MATCH, NET_IF_MODIFIED_SINCE,
	NET_IF_NONE_MATCH, NET_IF_UNMODIFIED_SINCE, NET_LAST_EVENT_ID,
	NET_ORIGIN, NET_PREFER, NET_TRACEPARENT, NET_USER_AGENT,
};
#define NET_HEADERS	(NET_USER_AGENT + 1)

/* The request; what it points to lives until it is answered or gone. */
struct net_call {
	enum net_method		 method;	/* HEAD is shown as GET */
	bool			 head;		/* it was HEAD: send no body */
	const char		*path;		/* decoded once, by lws */
	const char		*query;		/* behind "?", encoded: header.c; "" */
	const char		*body;		/* with a NUL after it */
	size_t			 body_len;	/* bytes */
	const char		*headers[NET_HEADERS];	/* NULL: absent */
	const char		*address;	/* the client's, behind trusted proxies too */
	const char		*host;		/* "Host"; "" */
	bool			 secure;	/* it came over TLS, also to the proxy */
	struct principal	*who;		/* counted; NULL: nobody known */
	const char		*who_why;	/* refused: why; else NULL.  Static */
	bool			 was_shown;	/* a token or link was; else who_why says that there is none */
	void			*own;		/* the api's */
};

struct net_api {
	const char	*prefix;		/* "/v1/" */
	void		(*begin)(struct net_call *call, void *arg);
	/*
	 * The client has hung up, or net lets it go, before it was answered or
	 * while it is streamed: the call must not be used after.  Never called
	 * from within begin or a function below.
	 */
	void		(*gone)(struct net_call *call, void *arg);
	/* What was waiting of a stream has been sent: there is room. */
	void		(*drained)(struct net_call *call, void *arg);
	void		*arg;
};

struct net_answer {
	int		 status;
	const char	*type;		/* Content-Type; NULL: none */
	/* Whole lines, each "Name: value\r\n"; NULL: none. */
	const char	*headers;
};

/*
 * The answer; copies everything.  The call is net's again and must not be used
 * after.  Answers to HEAD get their length and no body.
 */
void	 net_call_answer(struct net_call *call, const struct net_answer *a,
	    const void *body, size_t len_bytes);
/*
 * An answer whose end is not known: its head goes out, parts follow by
 * net_call_send, net_call_end closes.  request_ms does not count for it, as
 * long as its client takes what is sent.  When there are too many streams
 * already (--max-streams) the client is told 429, and gone follows.
 */
void	 net_call_stream(struct net_call *call, const struct net_answer *a);
/* Copies.  False: more than max_outbox waits already; the call is cut, gone follows. */
bool	 net_call_send(struct net_call *call, const void *bytes,
	    size_t len_bytes);
/* Bytes that wait for the client. */
size_t	 net_call_waiting(const struct net_call *call);
/* After what waits it is closed; the call must not be used after. */
void	 net_call_end(struct net_call *call);

#endif
