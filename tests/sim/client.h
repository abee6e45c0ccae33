/*
 * client: an honest client, as sharedb's lib/client/doc.js is one.
 *
 *	server's version v --- inflight (1) --- pending (n) --- what is seen
 *
 * One op of a document is in flight; what is typed meanwhile is pending.  A
 * server's op is carried over both, and they over it: own op left, server's
 * right.  When the connection is lost, what is in flight is sent again with
 * the same src and seq, as it reads by then.  Refused, everything local is
 * dropped and the document fetched anew.
 *
 * A loose one is a script: it reads nothing, names no version, and sends
 * nothing again.
 *
 * It holds the server to its word: no gap, nothing that does not fit, nothing
 * refused that is right.
 */
#ifndef TESTS_SIM_CLIENT_H
#define TESTS_SIM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/op.h"

#define CLIENT_DOCS	3
#define CLIENT_PENDING	3

struct client;
struct conn;
struct guest;
struct heard;
struct watcher;
struct world;

enum reading { READING_NOT, READING_ASKED, READING, READING_LEAVING };

struct client_doc {
	struct client	*client;
	unsigned	 number;
	char		 id[8];
	bool		 has_v;		/* else nothing is known of it */
	uint64_t	 v;		/* the server's, as far as heard */
	const struct ot_type *server_type;	/* at v; NULL: no document */
	struct snapshot	 seen;		/* with inflight and pending; its v does not count */
	struct op	*inflight;	/* NULL: none */
	bool		 is_resent;
	uint64_t	 missed_to;	/* the ops up to here are being fetched; 0: none */
	struct op	*pending[CLIENT_PENDING];
	unsigned	 n_pending;
	enum reading	 reading;
	bool		 wants_snapshot;	/* asked without a version */
	bool		 may_read;	/* ops may come, though it was refused */
	bool		 fetching;
	unsigned	 asked_ops;	/* op messages without answer, this connection */
	uint64_t	 fetch_min, read_min;	/* the store's version when asked */
};

/* What became of an op; by seq. */
struct client_op {
	unsigned	 doc;
	bool		 is_acked, is_refused, is_unsure;
	uint64_t	 v;		/* acknowledged at */
};

struct client {
	struct world	*world;
	unsigned	 number;
	char		 src[8];
	struct conn	*conn;		/* NULL: not connected */
	struct client_doc docs[CLIENT_DOCS];
	struct client_op *ops;		/* ops[seq - 1] */
	uint64_t	 n_ops;
	struct watcher	*watcher;	/* it is one, and does nothing else; else NULL */
	struct mate	*mate;		/* the same */
	struct guest	*guest;		/* the same */
	bool		 is_loose;	/* types without reading, and without versions */
	char		 bulk[4];	/* "bs" or "bf" without answer; "" none */
	bool		 bulk_is_list;
	bool		 bulk_has[CLIENT_DOCS];
};

void	client_init(struct client *c, struct world *w, unsigned number);
void	client_done(struct client *c);
/* Connected: says hello, sends again, reads again. */
void	client_connected(struct client *c, struct conn *conn);
void	client_lost(struct client *c);
/* Type, ask, read, stop reading: whatever comes to mind. */
void	client_act(struct client *c);
/* See to it that every document is read; true: nothing is left to do. */
bool	client_settle(struct client *c);
/* The content as seen, with its type, to compare. */
void	client_doc_print(const struct client_doc *cd, struct buf *b);

/* client_hear.c */
void	client_hear(struct client *c, const char *text, size_t len);

/* ---- between client's files ---- */

/* Drop what is local and all that is known. */
void	client_doc_forget(struct client_doc *cd);
/* Ask for what is missing, unless that is asked for already. */
void	client_doc_fetch(struct client_doc *cd);
/* Its node cannot know any more what is stored: answers may be older. */
void	client_excuse(struct client *c);
/* Send the next of what is pending, if it may go. */
void	client_doc_flush(struct client_doc *cd);

#endif
