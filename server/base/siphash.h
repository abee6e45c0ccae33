/*
 * siphash: a keyed hash of short things, SipHash-2-4 with 128 bits.
 *
 * Who does not have the key can neither make the hash of anything nor learn
 * from hashes what they are of: a message authentication code (Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF"; the 128 bits are those of the
 * authors' reference implementation).
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>

#define SIPHASH_KEY	16	/* bytes */
#define SIPHASH_LEN	16	/* bytes */

void	siphash(const unsigned char key[SIPHASH_KEY], const void *bytes,
	    size_t len_bytes, unsigned char out[SIPHASH_LEN]);

#endif
