/*
 * who: what a client shows of itself, and what the gate says to it; private to
 * server/net.
 */
#ifndef NET_WHO_H
#define NET_WHO_H

#include <stdbool.h>

#include "auth/gate.h"
#include "base/arena.h"

struct conn;

struct who_shown {
	struct gate_shown	 gate;
	bool			 by_cookie;	/* by nothing else; or otd_refresh is there */
};

/*
 * Read it from the request's head: "Authorization: Bearer", the cookie
 * otd_token, access_token, ticket and share of the query; into the arena.
 * NULL, or what is wrong: a token may come in several places, if it is the
 * same.
 */
const char	*who_read(const struct conn *c, struct arena *a,
		    struct who_shown *shown_out);
/* Ask the gate; what it says is in c->who, at once or when it has settled. */
void		 who_ask(struct conn *c, const struct gate_shown *shown);
/* Nobody waits for it any more. */
void		 who_done(struct conn *c);

/*
 * A header for 401, with its end of line (RFC 6750, 3); why NULL: nothing was
 * shown.
 */
const char	*who_challenge(struct arena *a, const char *why);

#endif
