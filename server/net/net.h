/*
 * net: clients over WebSocket and HTTP, on one port.
 *
 *	listening socket --accept--> connection --upgrade--> session of the hub
 *	                                  `------request---> page or asset
 *
 * net makes the hub's sessions, hands it whole messages, and moves frames
 * from outboxes to sockets.  It decides nothing about documents.
 *
 * Everything runs in the loop's thread.  Callbacks of lws file messages with
 * the hub; frames leave by the outlet, called by the turn for each session
 * that hub_next_ready names.
 *
 * To leave: net_stop_accepting, net_move as often as wanted, net_close_all,
 * turns with net_tick until net_is_empty or a deadline of the caller's,
 * net_free.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/session.h"
#include "ot/buf.h"

struct gate;
struct hub;
struct loop;
struct net;
struct net_api;

/* ---- settings ---- */

/* Every ceiling and time; net_settings_default fills all. */
struct net_settings {
	size_t	 message_bytes;	/* one client message; beyond it: close 1009 */
	size_t	 body_bytes;	/* body of one HTTP request; beyond it: 413 */
	size_t	 outbox_bytes;	/* waiting for one reader of a stream; more: cut */
	/*
	 * The most that is read at once from a WebSocket.  Each connection
	 * keeps a buffer of this size: memory against turns per large message.
	 */
	size_t	 read_bytes;
	int	 send_buffer_bytes;	/* of the kernel, a connection; 0: its own */
	unsigned connections;	/* at once; later ones are closed at once */
	/*
	 * By address, trusted proxies excepted: at once, and new ones a second
	 * (20 s' worth after a rest); 0: any.  Later ones are closed at once,
	 * or, when a proxy brings them, told 429.
	 */
	unsigned connections_address;
	unsigned connection_rate;
	unsigned accept_rate;	/* WebSockets let in a second; later ones wait; 0: any */
	unsigned streams;	/* at once, of one principal or address; 0: any */
	/* Bytes of messages and bodies that are not yet whole: of all, by address. */
	size_t	 incoming_bytes;
	size_t	 incoming_address_bytes;
	size_t	 unknown_body_bytes;	/* body from nobody known, behind a gate */
	unsigned head_bytes;	/* of one request; beyond it it is closed */
	uint64_t header_ms;	/* from accepting until a request is whole */
	uint64_t request_ms;	/* from there until it is answered and taken */
	uint64_t ping_ms;	/* of silence, then the client is pinged */
	uint64_t idle_ms;	/* of silence, then it is cut */
	uint64_t drain_ms;	/* a closing client may take its frames so long */
	uint64_t close_ms;	/* wait for the answer to our close frame */
	/* Pages that may speak to us: net/origin.h; n_origins 0: any. */
	char *const *origins;
	size_t	 n_origins;
	/* Who is believed X-Forwarded-For: addresses, or blocks "10.0.0.0/8". */
	char *const *proxies;
	size_t	 n_proxies;
	/* PEM: the certificate and those above it, its key; "", NULL: no TLS. */
	const char *tls_cert, *tls_key;
};

void		 net_settings_default(struct net_settings *settings);

/* An origin; "*." may begin its host and stands for all below.  A port may follow. */
bool		 net_origin_is_valid(const char *text);
/* An address of IPv4 or IPv6, or a block of them. */
bool		 net_address_is_valid(const char *text);

/* ---- what HTTP serves ---- */

enum net_method {
	NET_GET = 1, NET_HEAD = 2, NET_POST = 4, NET_PUT = 8, NET_PATCH = 16,
	NET_DELETE = 32, NET_OPTIONS = 64,
};

struct net_request {
	enum net_method	 method;	/* HEAD is shown as GET */
	const char	*path;		/* decoded */
	const char	*body;		/* not terminated; NULL if empty */
	size_t		 body_len;	/* bytes */
	bool		 apart;		/* it came where no clients are served */
	bool		 by_page;	/* a web page sends it: it has an Origin */
};

/*
 * Append the body of the answer; returns its status.  The request is lent
 * for the call.
 */
typedef int net_page_call(const struct net_request *request, struct buf *body,
	    void *arg);

/* A path that is answered by a call. */
struct net_page {
	const char	*path;		/* exact */
	unsigned	 methods;	/* enum net_method, or-ed; GET brings HEAD */
	const char	*content_type;
	net_page_call	*call;
	void		*arg;
	bool		 bodiless;	/* reads no body: none needs to be announced */
};

/* A path that is answered by fixed bytes. */
struct net_asset {
	const char	*path;		/* exact; "/" only to those who accept HTML */
	const char	*content_type;
	const void	*bytes;
	size_t		 len;		/* bytes */
	const void	*gzip;		/* the same compressed (RFC 1952); NULL: it is not */
	size_t		 gzip_len;	/* bytes */
	bool		 lasting;	/* never another content at this path: kept for a year */
};

/* Borrowed until net_free, as is all it points to. */
struct net_site {
	const struct net_page	*pages;
	size_t			 n_pages;
	const struct net_asset	*assets;
	size_t			 n_assets;
};

/* What a listening socket leads to; or-ed. */
enum net_serves {
	NET_SERVES_CLIENTS = 1,		/* WebSocket at / and /ws, the assets */
	NET_SERVES_PAGES = 2,
	NET_SERVES_PLAIN = 4,		/* without TLS, even if there is a certificate */
};

/* ---- listening sockets; they may be made before forking ---- */

/*
 * Make n sockets that listen on HOST:PORT or [IPV6]:PORT and share what
 * arrives (SO_REUSEPORT when n > 1).  [::] is IPv6 alone.  Port 0 takes a
 * free one.  A port that
 * another program listens on is refused even if it would share.  False: why
 * says so in one sentence, and nothing was made.  Looks up names, blocking.
 */
bool		 net_listen_sockets(const char *host_port, int *fds, unsigned n,
		    char *why, size_t why_size);
/* HOST:PORT of a socket, as above, with the port it really has. */
void		 net_socket_name(int fd, char *name, size_t size);

/* ---- net ---- */

/* May raise the process's limit on descriptors.  NULL: why says. */
struct net	*net_new(struct loop *loop, struct hub *hub,
		    const struct net_settings *settings,
		    const struct net_site *site, char *why, size_t why_size);
/* What answers below their prefixes: net/call.h; borrowed until net_free. */
void		 net_set_apis(struct net *net, const struct net_api *apis,
		    size_t n);
/* Who says who may come in; borrowed until net_free.  NULL: everybody. */
void		 net_set_gate(struct net *net, struct gate *gate);
/* Read the certificate again; a bad one is logged, and the old one kept. */
void		 net_reload(struct net *net);
/* Accept from now on; takes the socket over.  serves: enum net_serves, or-ed. */
void		 net_listen(struct net *net, int fd, unsigned serves);

/* Deadlines, pings, idle clients; call a few times a second. */
void		 net_tick(struct net *net, uint64_t now_ms);

/*
 * Close the listening sockets that serve clients, and open no WebSocket any
 * more.  What the kernel has connected already is still answered.  Those for
 * pages alone stay until net_close_all.
 */
void		 net_stop_accepting(struct net *net);
/*
 * Send one WebSocket elsewhere, of those that have been silent the longest:
 * what it asked is answered, then it is closed for this reason, which is that
 * of all others, too.  False: none is left.
 */
bool		 net_move(struct net *net, enum session_close code,
		    const char *reason);
/* WebSockets that net_move has not begun with. */
size_t		 net_clients(const struct net *net);
/*
 * Close every session for this reason, and all that is not yet one.  Those
 * that come later are turned away.
 */
void		 net_close_all(struct net *net, enum session_close code,
		    const char *reason);
/* No connection is left. */
bool		 net_is_empty(const struct net *net);
/* Cuts what is left; turns the loop until lws is gone.  NULL is fine. */
void		 net_free(struct net *net);

/* Totals since the start, and what is there now; for /metrics. */
struct net_counts {
	uint64_t accepted, turned_away, upgraded, requests, messages,
		 bytes_in, bytes_out, writes, pings, cut_idle, cut_late,
		 slow_streams, address_refused, incoming_refused,
		 streams_refused, origins_refused, tokens_refused, moved;
	uint64_t connections, sockets, incoming, streams, addresses,
		 waiting;	/* now */
};
void		 net_count(const struct net *net, struct net_counts *counts_out);

#endif
