/*
 * client: a connection that speaks ShareDB's protocol, and where what it
 * hears goes.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "bench/load/conn.h"
#include "bench/load/insert.h"

struct replica;
struct rig;

/* An op that was sent, by its seq. */
struct client_sent {
	uint64_t	due_ns;
	char		text[INSERT_LEN];	/* NUL: it was a create */
};

struct client;

/* What a client that is not of the load does. */
struct client_calls {
	void	(*greeted)(struct client *);	/* hands are shaken */
	void	(*heard)(struct client *, const char *text, size_t len_bytes);
	void	(*lost)(struct client *, const char *why);
};

struct client {
	struct conn		 conn;		/* first: its calls know the client by it */
	struct rig		*rig;
	uint32_t		 index;		/* among the rig's; of a checker, its own */
	uint32_t		 url;		/* the server that it is at: index of the options' */
	uint32_t		 stage_at;	/* request of the stage that it is at */
	struct table_node	 by_src;
	char			 src[96];	/* NUL terminated; empty before the handshake */
	uint64_t		 seq;		/* of the op sent last; 0: none */
	bool			 is_dozing;	/* what it hears is not timed (doze.h) */
	struct client_sent	*sent;		/* by seq - 1 */
	size_t			 sent_cap;
	struct replica		*replicas;	/* of the rig's, by document */
	uint32_t		 n_replicas;
	const struct client_calls *calls;	/* NULL: it works for its replicas */
	void			*owner;		/* theirs */
};

extern const struct conn_calls client_conn_calls;

/* A stage_ask of one request: connect, and answer when hands are shaken. */
bool	client_connect(struct client *c, uint32_t at);
void	client_done(struct client *c);
/* Send rig->line, which the caller has filled. */
void	client_say_line(struct client *c);
/* Take the next seq for an op. */
uint64_t client_next_seq(struct client *c, uint64_t due_ns,
	    const char text[INSERT_LEN]);
/* The op it sent by this number; NULL: it never did. */
const struct client_sent *client_sent(const struct client *c, uint64_t seq);
/* Whose src it is, of those that work for replicas; NULL: nobody's. */
const struct client *client_by_src(const struct rig *rig, struct span src);
/* NULL: it has none of this document. */
struct replica *client_replica(const struct client *c, uint32_t doc);

#endif
