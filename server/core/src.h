/*
 * src: ids of clients that cannot be taken from one another.
 *
 *	8 random bytes | the first 8 of siphash(key, whom, random) -> 32 digits
 *
 * A client's id signs its ops, and (src, seq) names each of them for ever: who
 * could sign with somebody else's id would have its own ops taken for theirs.
 * A client may keep its id over reconnects, to any process; so the id itself
 * says whom it was given to.  All processes of a database have the same key.
 * A key of zeros (--auth none): any id is anybody's.  A trace before it
 * (core/trace.h) makes it another id of the same one.
 */
#ifndef CORE_SRC_H
#define CORE_SRC_H

#include <stdbool.h>

#include "base/siphash.h"

struct principal;

#define SRC_RANDOM	16		/* bytes of chance that go in */
#define SRC_TEXT	33		/* of the id, with its NUL */
#define SRC_INSIDE	"once:"		/* begins the ids that only otd gives itself */

/* Does the key make a difference? */
bool	src_is_bound(const unsigned char key[SIPHASH_KEY]);
/* A new id for this principal (NULL: nobody known). */
void	src_make(const unsigned char key[SIPHASH_KEY],
	    const struct principal *who,
	    const unsigned char random[SRC_RANDOM], char out[SRC_TEXT]);
/* Was this id given to this principal, or may anybody take it? */
bool	src_check(const unsigned char key[SIPHASH_KEY],
	    const struct principal *who, const char *src);

#endif
