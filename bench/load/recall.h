/*
 * recall: messages heard lately, read only once.
 *
 * A server tells all followers of a document the same bytes.  They are looked
 * up by what they are, whole, so that of a thousand deliveries one is read and
 * the others are compared.  Each connection still follows its own versions.
 */
#ifndef LOAD_RECALL_H
#define LOAD_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load/insert.h"
#include "bench/load/scan.h"

#define RECALL_BYTES	440	/* longer messages are read each time */
#define RECALL_SLOTS	256	/* a power of two */

/* What a message says, as far as it does not depend on who hears it. */
struct heard {
	struct message	 message;	/* into its bytes */
	uint32_t	 doc;		/* index; RECALL_NONE */
	uint32_t	 author;	/* of an op: index of the client; RECALL_NONE */
	bool		 is_insert;
	struct insert	 insert;	/* if it is one */
};

#define RECALL_NONE	UINT32_MAX

struct recall_slot {
	uint64_t	hash;
	size_t		len;		/* 0: empty */
	struct heard	heard;
	char		bytes[RECALL_BYTES];
};

struct recall {
	struct recall_slot	*slots;		/* RECALL_SLOTS, heap */
};

void	recall_init(struct recall *r);
void	recall_done(struct recall *r);
/*
 * The slot for these bytes; *known_out: it has them already.  If not, they
 * were copied into it and the caller fills heard from slot->bytes, or calls
 * recall_forget.  NULL: too long.
 */
struct recall_slot *recall_find(struct recall *r, const char *bytes,
	    size_t len_bytes, bool *known_out);
void	recall_forget(struct recall_slot *slot);

#endif
