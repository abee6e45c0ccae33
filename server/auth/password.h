/*
 * password: what is kept of passwords: argon2id (RFC 9106), by libsodium.
 *
 * Dear by design, some 30 ms each: never in the loop, see auth/hasher.h.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_LEAST	8	/* bytes; NIST SP 800-63B, 5.1.1.2 */
#define PASSWORD_MOST	1024
#define PASSWORD_HASH	128	/* room for a hash as crypt writes it, bytes */

/* What one hash costs. */
struct password_cost {
	uint64_t	memory;		/* bytes */
	uint64_t	passes;
};

/* Once, before any thread; false: the library refuses. */
bool	password_start(void);
/* What is wrong with a new one, static; NULL: nothing. */
const char *password_fault(const char *password);
/* False: out of memory. */
bool	password_hash(const char *password, const struct password_cost *cost,
	    char hash_out[PASSWORD_HASH]);
bool	password_is(const char *password, const char *hash);
/* Was it made at another cost? */
bool	password_is_old(const char *hash, const struct password_cost *cost);

#endif
