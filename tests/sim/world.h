/*
 * world: nodes, their store and bus, and clients, in one pretended time.
 *
 *	client --- conn ---> node (a hub) --- jobs ---> the store
 *	                          |
 *	                          '--- words ---> the other nodes
 *
 * Everything between two of them is a queue, and what moves next is drawn by
 * lot: a slow network, a slow store, a bus that loses, repeats and reorders.
 * Faults are drawn the same way, until the world is calm.  A run is a
 * function of its seed.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "core/hub.h"
#include "tests/ot/chance.h"
#include "tests/sim/client.h"
#include "tests/sim/guest.h"
#include "tests/sim/mate.h"
#include "tests/sim/pretend_store.h"

#define WORLD_NODES	3
#define WORLD_CLIENTS	5
#define WORLD_WATCHERS	3
#define WORLD_MATES	4
#define WORLD_GUESTS	3
/* Of each document, of the collection, of all nodes, and of presence. */
#define WORLD_CHANNELS	(CLIENT_DOCS + 2 + MATE_CHANNELS)

/* Bytes on their way, in order. */
struct letter {
	struct list	 node;
	size_t		 len;
	char		 text[];
};

struct conn {
	struct list	 in_world;
	struct list	 to_server, to_client;	/* struct letter */
	struct node	*at;
	struct session	*ss;		/* NULL: the server has closed */
	struct client	*client;	/* NULL: the client has gone */
	bool		 is_guests;	/* it was one */
	bool		 is_slow;	/* takes nothing from the outbox */
};

struct node {
	struct world	*world;
	unsigned	 number;
	struct hub	*hub;		/* NULL: it is down */
	bool		 is_draining;	/* ends once it is quiet */
	struct list	 asked;		/* jobs the store has not carried out */
	size_t		 n_asked;
	struct list	 answered;	/* and those it has */
	struct list	 heard;		/* words on their way here */
	struct list	 regrants;	/* struct regrant on their way here */
	bool		 bus_is_away;
	bool		 store_is_away;	/* and it was told so */
	bool		 follows[WORLD_CHANNELS];	/* it said so */
	bool		 hears[WORLD_CHANNELS];	/* and the bus has heard */
};

struct world {
	uint64_t	 seed;
	bool		 is_verbose;
	unsigned long	 steps;
	struct chance	 chance;
	uint64_t	 now_ms;
	struct hub_limits limits;
	struct pretend_store store;
	struct node	 nodes[WORLD_NODES];
	unsigned	 n_nodes;
	struct client	 clients[WORLD_CLIENTS + WORLD_WATCHERS +
			    WORLD_MATES + WORLD_GUESTS];
	unsigned	 n_clients;	/* watchers, mates and guests included, they come last */
	struct access	*access;	/* NULL: no rules, no guests */
	struct list	 conns;
	uint64_t	 rival_seq;
	uint64_t	 starts;	/* of nodes; names each */
	bool		 has_rivals;
	bool		 forgets;	/* old history is removed now and then */
	bool		 is_mild;	/* nothing breaks, it is only slow */
	bool		 is_lossy;	/* nothing breaks but words are lost, and no sweep */
	bool		 is_calm;	/* no more faults */
	bool		 was_unsure;	/* some commit's outcome was not known */
	uint64_t	 told;		/* frames looked at */
};

void	world_init(struct world *w, uint64_t seed, bool is_verbose);
void	world_done(struct world *w);
/* One thing happens. */
void	world_step(struct world *w);
/* No more faults; everything comes to rest, or it is a violation. */
void	world_settle(struct world *w);

/* ---- for those in it ---- */

void	world_send(struct client *c, const char *text, size_t len);
/* The world's lot: one of 0 to n - 1. */
size_t	below(struct world *w, size_t n);
bool	maybe(struct world *w, unsigned percent);
/* The same for what goes wrong, which needs a world that is not calm. */
bool	fault(struct world *w, unsigned percent);
/* For -v. */
void	trace(const struct world *w, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Something that was promised does not hold: say it, with the seed, and end. */
_Noreturn void violation(const struct world *w, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* ---- world's parts ---- */

/* rights.c */
/* With some luck there are rules from now on. */
void	rights_begin(struct world *w);
void	rights_end(struct world *w);
/* Who a client is; NULL without rules.  The caller's count. */
struct principal *rights_principal(const struct world *w,
	    const struct client *c);
/* Something is granted, or no more; a node gets rules; a guest is revoked. */
void	rights_turn(struct world *w);
/* Judge the tokens that its sessions show. */
void	rights_renew(struct node *n);
/* A node is told of a change of grants; false: there is none. */
bool	rights_tell(struct node *n);
/* It is down, and will look itself. */
void	rights_drop(struct node *n);
/* A frame leaves for a client: it may be told what it says. */
void	rights_witness(struct world *w, const struct conn *c,
	    const struct frame *f);

/* node.c */
void	node_init(struct node *n, struct world *w, unsigned number);
void	node_start(struct node *n);
void	node_crash(struct node *n);
/* No more requests; what is in lines is finished, then it ends. */
void	node_drain(struct node *n);
/* Let the hub work and carry out what it says. */
void	node_turn(struct node *n);
/* The bus takes what its hub has to say. */
void	node_say(struct node *n);
/* The store carries out one of its jobs; false: there is none. */
bool	node_store(struct node *n);
/* One answer comes back. */
bool	node_answer(struct node *n);
/* One word comes. */
bool	node_hear(struct node *n);
void	node_bus_away(struct node *n);
void	node_bus_back(struct node *n);
/* The same of the store: commits fail, the rest waits. */
void	node_store_away(struct node *n);
void	node_store_back(struct node *n);

/* conn.c */
struct conn *conn_new(struct node *n, struct client *c);
/* The client goes: some of what it sent still arrives, perhaps later. */
void	conn_cut(struct conn *c);
/* The server has gone. */
void	conn_dropped(struct conn *c);
/* One message arrives at the server, or at the client. */
bool	conn_to_server(struct conn *c);
bool	conn_to_client(struct conn *c);
/* Take what waits in the outbox, and see to closing. */
void	conn_flush(struct conn *c);
/* Freed, if neither side holds it any more. */
void	conn_reap(struct conn *c);

/* witness.c */
void	witness_frame(struct world *w, const struct conn *c,
	    const struct frame *f);
/* At the end: the store, every client and every node agree. */
void	witness_end(struct world *w);

#endif
