/*
 * origin: which web pages may speak to us; private to server/net.
 *
 * Browsers say in Origin which page made a request (RFC 6454).  Other clients
 * say nothing, and are not asked.
 *
 * 1. A WebSocket is not bound by CORS: any page may open one.  Where --origins
 *    is given, only those pages may, and ours.
 * 2. A cookie is sent along by the browser, whoever's page it is.  So a token
 *    that came by cookie counts only for a page of the same host or of
 *    --origins, unless nothing is changed by the request.
 * 3. Pages read answers to requests of theirs only when CORS headers allow it:
 *    those of --origins may.
 */
#ifndef NET_ORIGIN_H
#define NET_ORIGIN_H

#include <stdbool.h>

struct arena;
struct exchange;
struct net_settings;

enum origin_verdict {
	ORIGIN_NONE,	/* no browser, or one that says nothing */
	ORIGIN_SAME,	/* a page of the same host */
	ORIGIN_LISTED,	/* in --origins */
	ORIGIN_OTHER,
};

/* host is the request's Host; both may be NULL. */
enum origin_verdict origin_judge(const struct net_settings *settings,
		    const char *origin, const char *host);
/* May such a page open a WebSocket? */
bool		 origin_may_connect(const struct net_settings *settings,
		    enum origin_verdict verdict, bool by_cookie);
/* May such a page send a request that changes something? */
bool		 origin_may_write(enum origin_verdict verdict, bool by_cookie);

/*
 * The CORS headers of an answer to a listed origin, whole lines; NULL: none
 * are due.
 */
const char	*origin_cors(struct arena *a,
		    const struct net_settings *settings,
		    enum origin_verdict verdict, const char *origin);
/* What an answer to a preflight adds to them. */
extern const char origin_preflight[];

#endif
