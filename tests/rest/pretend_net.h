/*
 * pretend_net: requests without a socket, for tests of server/rest.
 *
 * It implements net/call.h in memory: what was answered or streamed is kept
 * to be looked at.
 */
#ifndef TESTS_REST_PRETEND_NET_H
#define TESTS_REST_PRETEND_NET_H

#include "net/call.h"
#include "ot/buf.h"

struct pretend_call {
	struct net_call	 call;		/* set what the request has; the rest is "" */
	int		 status;	/* 0: not answered yet */
	char		*type;		/* owned; NULL: none */
	char		*headers;	/* owned; "" */
	struct buf	 body;		/* NUL terminated once it is looked at */
	bool		 is_stream, is_ended;
};

void		 pretend_call_init(struct pretend_call *p,
		    enum net_method method, const char *path,
		    const char *query);
void		 pretend_call_done(struct pretend_call *p);
const char	*pretend_body(struct pretend_call *p);
/* Does the answer's head have this line? */
bool		 pretend_has_header(const struct pretend_call *p,
		    const char *line);

#endif
