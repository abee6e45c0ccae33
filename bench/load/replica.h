/*
 * replica: a client's view of a document: which version it knows, and, if it
 * writes, its op in flight.
 *
 *	closed --> opening --> open
 *
 * It is a real client, of one kind of edit: it keeps versions without a gap,
 * transforms its op in flight by what others did first (sharedb
 * lib/client/doc.js), asks for versions that it missed, and drops those told
 * twice.  It does not keep the text, but a digest of all edits in their order,
 * its own as it became: whoever has the same digest has the same text.  The
 * check at the end (verify) makes both from the server's history.
 */
#ifndef LOAD_REPLICA_H
#define LOAD_REPLICA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load/insert.h"
#include "bench/load/recall.h"

struct client;
struct doc;

enum replica_state {
	REPLICA_CLOSED,		/* has asked for nothing; a lone author may write even so */
	REPLICA_OPENING,	/* asked for the document */
	REPLICA_OPEN,
};

struct replica {
	struct client		*client;
	struct doc		*doc;
	const struct replica	*beside;	/* the next of the same document */
	enum replica_state	 state;
	bool			 is_writer;
	bool			 is_following;	/* hears of what others do */
	bool			 is_asking;	/* for versions that it missed */
	bool			 is_creating;	/* the op in flight creates */
	uint64_t		 v;		/* that it knows; 0: none */
	uint64_t		 len;		/* characters at v */
	uint64_t		 digest;	/* of the edits from digest_v to v */
	uint64_t		 digest_v;	/* the version that it was opened at */
	uint64_t		 asked_ns;	/* when opening began */

	/* A writer's. */
	uint64_t		 chance;	/* state of its lots */
	uint32_t		 turn;		/* among the writers, for its times */
	uint64_t		 due;		/* ops whose time has come, in an open loop */
	uint64_t		 made;		/* ops sent */
	uint64_t		 seq;		/* of the op in flight; 0: none is */
	uint64_t		 due_ns;	/* of the op in flight */
	struct insert		 insert;	/* in flight, as it is at v */
};

/* Requests, as stages make them. */
bool	replica_ask_create(struct client *c, uint32_t at);
bool	replica_ask_open(struct client *c, uint32_t at);

/* What it hears. */
void	replica_hear(struct replica *r, const struct heard *h);
void	replica_opened(struct replica *r, const struct message *m);
/* The server refused something; it writes no more. */
void	replica_refused(struct replica *r);
/* Its connection is no more. */
void	replica_lost(struct replica *r);

/* Send the next op, unless there is none to send. */
void	replica_write(struct replica *r);

/* An edit after others of a digest; who made it counts. */
uint64_t replica_digest(uint64_t digest, const struct insert *in,
	    uint32_t author, uint64_t seq);
/* The next edit that a writer with these lots makes in len characters. */
struct insert replica_draw(uint64_t *chance, uint64_t len);
/* The lots of a writer of a document, the n-th of its connections there. */
uint64_t replica_chance(uint64_t seed, uint32_t doc, uint32_t n);
/* Append the text that a document begins with. */
void	replica_first_text(uint64_t seed, uint32_t doc, size_t size,
	    struct buf *b);

#endif
