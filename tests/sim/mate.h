/*
 * mate: a client that says where it is, and follows where others are, as
 * sharedb's lib/client/presence does.
 *
 * Channels are two of no document, "ch0" and "ch1", and one of each.  It reads documents by
 * version alone.  Whoever is asked (pr) says it again; who leaves a channel,
 * or loses its connection, is nowhere, until asked or in the mood.
 *
 * It holds the server to its word: a presence of a version that it has the
 * ops for, and each in the order of pv.  At the end it sees of all others
 * exactly what they say.
 */
#ifndef TESTS_SIM_MATE_H
#define TESTS_SIM_MATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/client.h"

#define MATE_CHANNELS	(2 + CLIENT_DOCS)
#define MATE_OTHERS	16

/* Another client on a channel, as it was heard. */
struct mate_seen {
	bool		 is_there;
	uint64_t	 pv;
	uint64_t	 v;		/* of the document */
};

struct mate_channel {
	bool		 wants;		/* to follow */
	bool		 is_on;		/* and it does */
	bool		 wants_own;	/* to be there */
	uint64_t	 pv;		/* said last */
	bool		 said_null;	/* that was the end */
	bool		 is_refused;	/* it was */
	bool		 is_there;	/* it was acknowledged, and is something */
	uint64_t	 v;		/* of the document, acknowledged */
	struct mate_seen others[MATE_OTHERS];
};

struct mate {
	struct client	*client;
	struct mate_channel channels[MATE_CHANNELS];
	uint64_t	 seq;		/* of ps and pu */
	unsigned	 unanswered;	/* of all, on this connection */
	enum reading	 reading[CLIENT_DOCS];
	uint64_t	 v[CLIENT_DOCS];	/* READING: as far as heard */
};

const char	*mate_channel_name(unsigned channel);
unsigned	 mate_channel_named(const char *name);

struct mate	*mate_new(struct client *c);
void	mate_connected(struct mate *m);
void	mate_lost(struct mate *m);
void	mate_act(struct mate *m);
bool	mate_settle(struct mate *m);
void	mate_hear(struct mate *m, const char *text, size_t len);
/* At the end: what it sees is what the others say. */
void	mate_check(const struct mate *m);

#endif
