/*
 * verify: is what the store keeps of a document what its operations make?
 *
 *	operation 0, 1, 2, ...   applied one after the other
 *	     |        |             each where its predecessor left off, later
 *	  snapshot  snapshot        than it, and written as otd writes it
 *	                 |
 *	              content    document: version, type
 *
 * The operations are the truth; snapshots, the content that queries read and
 * the document's row are what they have to agree with.  A log may begin late
 * where a kept snapshot stands at its first version, or where it was erased.
 *
 * What only one row says, nobody can hold against anything: who wrote an
 * operation, or the letter in one after which no snapshot or content was
 * written.  Page checksums of the database see those (docs/MOVING.md).
 */
#ifndef RUN_VERIFY_H
#define RUN_VERIFY_H

#include <stdint.h>

#include "run/asker.h"

enum verify_verdict {
	VERIFY_GOOD,
	VERIFY_BAD,	/* where and why say what */
	VERIFY_NEVER,	/* there never was such a document */
	VERIFY_AWAY,	/* the store does not answer: why */
};

struct verify_result {
	uint64_t	 v;		/* the document's version */
	uint64_t	 kept_v;	/* newest snapshot that agreed; 0: none */
	uint64_t	 n_ops;		/* applied */
	/* of VERIFY_BAD */
	const char	*where;		/* the table; static */
	uint64_t	 bad_v;		/* the version there */
	char		 why[320];
};

/*
 * Replay one document.  Also next to servers that write it, on the embedded
 * store too; the asker may have been opened "beside".
 */
enum verify_verdict verify_document(struct asker *a, const char *collection,
	    const char *id, struct verify_result *out);

#endif
