/*
 * keys: what tokens are verified with.
 *
 * Every key is bound, when it is added, to the algorithms that it is good
 * for: a secret to HS, an RSA key to RS, a point of P-256 to ES256 and so on.
 * A token says which algorithm it was signed with, and that is compared with
 * the key's, never believed: a public key is never taken for a secret
 * (RFC 8725, 3.1).
 */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Algorithms, or-ed.  RFC 7518, 3.1. */
enum key_algorithm {
	KEY_HS256 = 1 << 0, KEY_HS384 = 1 << 1, KEY_HS512 = 1 << 2,
	KEY_RS256 = 1 << 3, KEY_RS384 = 1 << 4, KEY_RS512 = 1 << 5,
	KEY_ES256 = 1 << 6, KEY_ES384 = 1 << 7, KEY_ES512 = 1 << 8,
};

#define KEY_HS		(KEY_HS256 | KEY_HS384 | KEY_HS512)
#define KEY_RS		(KEY_RS256 | KEY_RS384 | KEY_RS512)
#define KEY_ES		(KEY_ES256 | KEY_ES384 | KEY_ES512)

struct key {
	char		*id;		/* "kid"; NULL: goes with any */
	unsigned	 algorithms;	/* enum key_algorithm, or-ed */
	unsigned char	*bytes;		/* a secret, or PEM */
	size_t		 len;		/* bytes */
};

struct keys {
	struct key	*all;
	size_t		 n;
};

#define KEYS_MAX	64	/* of one set */
#define KEYS_WHY	200	/* room for a reason, bytes */

void	keys_init(struct keys *ks);
void	keys_done(struct keys *ks);

/*
 * All that follow add to ks, within the allowed algorithms; or add nothing
 * and answer false, with the reason in why (KEYS_WHY bytes).
 */

/* HS: at least as long as the hash, 32 bytes (RFC 7518, 3.2). */
bool	keys_add_secret(struct keys *ks, const void *secret, size_t len_bytes,
	    unsigned allowed, char *why);
/*
 * PEM: one or more public keys or certificates; RSA of 2048 bits and more, or
 * EC.  A private key is refused: it has no business here.
 */
bool	keys_add_pem(struct keys *ks, const char *pem, size_t len_bytes,
	    unsigned allowed, char *why);
/*
 * A JSON Web Key Set (RFC 7517).  Keys that are of another kind, for another
 * use, or not allowed are passed over; a set without a good one is refused.
 * Secrets ("oct") are taken only if with_secrets: a set that came over the
 * network may not bring any.
 */
bool	keys_add_set(struct keys *ks, const char *json, size_t len_bytes,
	    unsigned allowed, bool with_secrets, char *why);

/* "RS256" and so on; 0: no such. */
unsigned key_algorithm_named(const char *name);

#endif
