/*
 * http: one request and its answer; private to server/net.
 *
 *	http.c    lws's side: headers, body, writing, closing
 *	route.c   which page or asset answers
 *	answer.c  the bytes of an answer
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"
#include "ot/buf.h"

struct conn;
struct loop_watch;

/* Made with the request, freed with the connection, which serves no second. */
struct exchange {
	/* the request */
	enum net_method		 method;
	bool			 head;		/* HEAD, shown as GET */
	char			*path;		/* decoded; heap */
	bool			 has_body;	/* of which not all was read */
	uint64_t		 body_wanted;	/* bytes announced */
	struct buf		 body;
	const struct net_page	*page;		/* that waits for the body */

	/* the answer; empty until there is one */
	bool			 answered;
	struct buf		 out;		/* head, and a body that is ours */
	const char		*tail;		/* borrowed bytes after out */
	size_t			 tail_len;
	size_t			 sent;		/* bytes, over out and tail */
	struct loop_watch	*watch;		/* NULL: lws reads the socket */
	bool			 lingers;	/* all sent; the client still talks */
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
};

const char	*method_name(enum net_method method);
/*
 * Fill ex->out, and ex->tail by a large body, which stays borrowed.  To HEAD
 * only the head goes.
 */
void		 answer_bytes(struct exchange *ex, const struct answer *a,
		    const char *body, size_t len);
/* An application/problem+json (RFC 9457); detail is plain ASCII text. */
void		 answer_problem(struct exchange *ex, const struct answer *a,
		    const char *detail);

/* ---- route.c ---- */

/*
 * Find what answers and let it, unless it waits for a body: then ex->page is
 * set and route_body is called with the body.
 */
void		 route(struct conn *c, struct exchange *ex);
void		 route_body(struct exchange *ex);
bool		 route_is_socket(const char *path);

/* Copy a header; "" when absent, false when longer than size allows. */
bool		 http_header(const struct conn *c, int token, char *value,
		    size_t size);

#endif
