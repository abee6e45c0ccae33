/*
 * conn: one TCP connection; private to server/net.
 *
 * Made when accepted, freed when lws has forgotten it.  Each state is a list
 * of struct net, and conn_move is the only mover.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#include "base/list.h"
#include "core/principal.h"
#include "core/rate.h"
#include "net/ip.h"
#include "net/crowd.h"
#include "net/net.h"
#include "ot/buf.h"

struct exchange;
struct listener;
struct tls_pair;

enum conn_state {
	CONN_HTTP,	/* a request is read or answered */
	CONN_ASKING,	/* a WebSocket; who it is is being found out */
	CONN_WAITING,	/* one that is known, until its turn comes to be let in */
	CONN_OPEN,	/* a WebSocket; in the order of the last receipt */
	CONN_LEAVING,	/* what it asked is answered, then it is told to go */
	CONN_CLOSING,	/* frames, then our close frame, then the peer's */
	CONN_CUT,	/* shut down; lws is about to notice */
	CONN_GONE,	/* lws has closed it and still frees it */
};
#define CONN_STATES	(CONN_GONE + 1)

struct conn {
	struct outlet	 outlet;	/* of its session: ws_flush_session */
	struct list	 node;		/* net->conns[state] */
	enum conn_state	 state;
	struct net	*net;
	struct lws	*wsi;
	int		 plain_fd;	/* its socket; -1: with TLS */
	unsigned	 serves;	/* enum net_serves, of its listener */
	uint64_t	 deadline_ms;	/* then it is cut; 0: none */
	char		 address[IP_TEXT];	/* the client's */
	bool		 secure;	/* TLS, as far as we know all the way */
	struct guest	*guest;		/* of that address; NULL: not counted */
	size_t		 incoming;	/* bytes of what is not yet whole */

	/* Who it is; who.c.  With no gate everybody is in. */
	enum { WHO_IN, WHO_OUT, WHO_ASKED } who_state;
	struct principal *who;		/* counted, until a session has it */
	bool		 was_shown;	/* a token, ticket or link */
	const char	*who_why;	/* WHO_OUT: static text */
	void		*who_wait;	/* WHO_ASKED: the gate's */
	char		*trace;		/* id, until there is a session; NULL: none */

	/* HTTP; http.c */
	struct exchange	*exchange;	/* NULL until a request has come */

	/* WebSocket; ws.c */
	struct session	*session;	/* NULL before hub_open, after hub_leave */
	struct buf	 message;	/* pieces so far; most messages need none */
	unsigned	 fragments;	/* that these pieces came in */
	uint64_t	 heard_ms;	/* last receipt */
	bool		 pinged;	/* since then */
	bool		 paused;	/* we do not read: the inbox is full */
	bool		 deaf;		/* nor will we again: it sends too much */
	bool		 close_sent;	/* nothing is written after it */
	bool		 close_heard;
};

struct net {
	struct loop		*loop;
	struct hub		*hub;
	struct net_settings	 settings;
	struct gate		*gate;		/* NULL: everybody is welcome */
	const struct net_site	*site;
	const struct net_api	*apis;
	size_t			 n_apis;
	struct asset_tags {
		char	 plain[20];
		char	 gzip[23];		/* of the bytes compressed */
	}			*etags;		/* one an asset */
	struct ip_block	*proxies;	/* trusted; as many as the settings say */
	struct crowd		 addresses;	/* connections by address */
	struct crowd		 streamers;	/* streams by principal */
	size_t			 incoming;	/* bytes, of all connections */
	size_t			 n_streams;	/* open */
	struct rate_meter	 door;		/* WebSockets that are let in */

	struct lws_context	*cx;		/* lws sets it to NULL */
	struct lws_vhost	*vhost;
	struct lws_vhost	*tls_vhost;	/* NULL: no TLS */
	struct {
		struct tls_pair *pair;	/* certificate and key; NULL: not yet */
		int64_t	 stamp;		/* of the files as last read */
		uint64_t look_ms;	/* when to look at them again */
	} tls;
	struct lws_protocols	 protocols[2];
	struct list		 listeners;
	struct loop_timer	*accept_again;	/* after running out of descriptors */

	struct list		 conns[CONN_STATES];
	size_t			 n_conns[CONN_STATES];
	bool			 leaving;	/* net_stop_accepting was called */
	bool			 closing;	/* net_close_all was called */
	enum session_close	 close_code;	/* given there, or to net_move */
	const char		*close_reason;	/* static */

	struct net_counts	 counts;
	unsigned char		*scratch;	/* LWS_PRE + JOIN_BYTES: joined frames */
};

/* Frames are joined up to this, and a larger one goes alone. */
#define JOIN_BYTES	(16 * 1024)

/* What comes by such a listener is without TLS. */
static inline bool
net_is_plain(const struct net *net, unsigned serves)
{
	return net->tls_vhost == NULL || (serves & NET_SERVES_PLAIN) != 0;
}

/* ---- conn.c ---- */

/* One more from this peer; takes the socket over. */
void		 conn_accept(struct net *net, int fd,
		    const struct sockaddr *peer, unsigned serves);
size_t		 conn_count(const struct net *net);	/* in all states */
/* lws has closed it, and then: frees it. */
void		 conn_gone(struct conn *c);
void		 conn_free(struct conn *c);

void		 conn_move(struct conn *c, enum conn_state state);
/* Cut it without another word; lws closes it in the next turn. */
void		 conn_cut(struct conn *c);
/*
 * Send whole frames; lws keeps what the socket does not take, and while it
 * does (lws_partial_buffered) nothing more may be written.  False: cut.
 */
bool		 conn_write(struct conn *c, const void *bytes, size_t len);
void		 conn_deadline(struct conn *c, uint64_t after_ms);
/*
 * It holds so many bytes more of what is not yet whole.  False: too much is
 * held already, by its address or by all.
 */
bool		 conn_holds(struct conn *c, size_t bytes);
void		 conn_holds_none(struct conn *c);
/* Count it with its address; false: that has too many. */
bool		 conn_enter(struct conn *c);

/* ---- listen.c ---- */

typedef void	 listen_call(struct net *net, int fd,
		    const struct sockaddr *peer, unsigned serves);
void		 listener_new(struct net *net, int fd, unsigned serves,
		    listen_call *call);
/* Close those that serve any of these (enum net_serves). */
void		 listeners_close(struct net *net, unsigned serves);
void		 listeners_free(struct net *net);

/* ---- ws.c: callbacks return as lws wants: not 0 closes ---- */

int		 ws_established(struct conn *c);
void		 ws_settled(struct conn *c);	/* who it is is known */
int		 ws_receive(struct conn *c, const char *bytes, size_t len);
void		 ws_heard(struct conn *c);
int		 ws_peer_close(struct conn *c);
void		 ws_flush(struct conn *c);
void		 ws_leave(struct conn *c);
/* One that waits to be let in is not; the reason is static. */
void		 ws_turn_back(struct conn *c, enum session_close code,
		    const char *reason);
/* Answer what it asked, hear no more of it, then close it as net_move said. */
void		 ws_see_off(struct conn *c);
void		 ws_tick(struct net *net, uint64_t now_ms);

/* ---- http.c ---- */

int		 http_request(struct conn *c, const char *path, size_t len);
/*
 * A request to change the protocol: 0 goes on with it.  protocol is the
 * header's own text in lws.
 */
int		 http_upgrade(struct conn *c, char *protocol);
int		 http_body(struct conn *c, const char *bytes, size_t len);
int		 http_body_end(struct conn *c);
void		 http_stop(struct conn *c);	/* let go of the socket */
/* Its time is over: is it to be cut?  Else it has been answered. */
bool		 http_is_late(struct conn *c);
void		 http_settled(struct conn *c);	/* who it is is known */
bool		 http_wants_body(const struct conn *c);	/* the call waits for it */
void		 http_done(struct conn *c);

#endif
