/*
 * payer: who pays for what sessions ask: each session itself, all sessions of
 * a principal together, and all from an address.
 *
 *	session --own meter--------------.
 *	   |---> payer of its principal --+--> the longest wait of the three
 *	   '---> payer of its address ---'
 *
 * A session that owes is slowed: what it sent waits in its inbox, on
 * hub->slowed, and a full inbox stops the reading of its socket; nothing is
 * lost.  One that speaks for a client (HUB_INSIDE) has no meter of its own, as
 * it may last for one request only, and is refused (ERR_RATE) instead.
 *
 * A payer without sessions is kept until it has paid and its credit is full,
 * so that to leave and come again brings nothing.  Without limits there are no
 * payers, and nothing is counted.
 */
#ifndef CORE_PAYER_H
#define CORE_PAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/table.h"
#include "core/rate.h"

struct hub;
struct message;
struct session;

struct payer {
	struct table_node	 in_table;	/* payer_hub.all */
	struct list		 in_idle;	/* payer_hub.idle: has no sessions */
	struct list		 sessions;	/* payer_member.node */
	bool			 is_address;
	struct rate_meter	 meter;
	size_t			 len;		/* of the key, bytes */
	char			 key[];		/* 'a' address, 's' subject, 'l' link */
};

/* A session among those of a payer. */
struct payer_member {
	struct list	 node;
	struct session	*ss;
	struct payer	*payer;		/* NULL: none */
};

/* What a session has of it. */
struct payer_session {
	struct rate_meter	 own;
	struct payer_member	 principal, address;
	uint64_t		 until_ms;	/* on hub->slowed until then */
};

/* What the hub has of it. */
struct payer_hub {
	struct table	 all;
	struct list	 idle;
	struct list	 slowed;	/* struct session.in_work */
	uint64_t	 next_ms;	/* when idle ones are looked at again */
};

void	 payer_hub_init(struct hub *h, uint64_t seed);
void	 payer_hub_done(struct hub *h);		/* no sessions are left */
void	 payer_session_init(struct session *ss);
void	 payer_session_done(struct session *ss);
/* It is somebody else's now, or of another address. */
void	 payer_session_changed(struct session *ss);

/* How much of a rate's ops the message is. */
uint64_t payer_cost(const struct message *msg);
/* It has asked for so much. */
void	 payer_take(struct session *ss, uint64_t ops, uint64_t bytes);
/* How long it has to wait before it is listened to again, ms; 0: not at all. */
uint64_t payer_wait(struct session *ss);
/* Speaks it for a client that would have to wait? */
bool	 payer_refuses(struct session *ss);
/* Let it wait for so long. */
void	 payer_slow(struct session *ss, uint64_t ms);
/* Those whose wait is over talk again; and idle payers may go. */
void	 payer_tick(struct hub *h);
/* All that wait talk, and nobody waits any more: the hub drains. */
void	 payer_drain(struct hub *h);

enum payer_thing { PAYER_SUBSCRIPTIONS, PAYER_QUERIES, PAYER_PRESENCES };

/*
 * May it have n more of them: by its own ceiling, and by that of all sessions
 * of its principal?  O(sessions of the principal) where that has one.
 */
bool	 payer_has_room(const struct session *ss, enum payer_thing thing,
	    size_t n);

#endif
