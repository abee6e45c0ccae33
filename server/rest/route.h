/*
 * route: which handler a path and a method lead to.
 *
 * A {name} in a route takes one segment or more, since lws decodes "%2F"
 * before we see it: of a route the first name as few as possible, the last as
 * many.  Of several routes that match, that with more fixed segments is
 * meant, then that with more names;
 * a name that begins with "~" is base64url (RFC 4648, section 5) of what could
 * not be written as it is.
 */
#ifndef REST_ROUTE_H
#define REST_ROUTE_H

#include "rest/call.h"

/* The handlers. */
#define ROUTE(method, path, handler, needs, query) rest_handler handler;
#include "rest/routes.def"
#undef ROUTE

enum route_verdict {
	ROUTE_FOUND,
	ROUTE_NONE,		/* 404 */
	ROUTE_METHOD,		/* 405; allow_out says which there are */
	ROUTE_NAME,		/* 400: a name is empty, or not what "~" promises */
};

/* Methods as in enum net_method, HEAD and OPTIONS included. */
enum route_verdict route_find(enum net_method method, const char *path,
		    struct arena *arena, const struct rest_route **route_out,
		    const char *params_out[REST_PARAMS],
		    unsigned *allow_out);
/* The place of a name among a route's params; -1: it has none of it. */
int		 route_param(const struct rest_route *route,
		    const char *name);

/* Is it a fixed piece of any route? */
bool		 route_has_piece(const char *piece, size_t len);

/* All of routes.def, for tests; n_out of them. */
const struct rest_route *route_all(size_t *n_out);

#endif
