/*
 * keyring: where keys come from, and how they stay up to date.
 *
 *	secret ----.
 *	PEM files -+--> one set of keys
 *	JWKS ------'    (of a file, or of a URL that is fetched again)
 *
 * Files are looked at every second.  A URL is fetched again as its
 * Cache-Control says, within bounds; at once, now and then, when a token
 * names a key that is not known (so that a rotated key serves without a
 * restart); and ever less often, by a breaker, while it does not answer.  A
 * source that cannot be read leaves the keys that it gave before.
 */
#ifndef AUTH_KEYRING_H
#define AUTH_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/keys.h"
#include "base/breaker.h"

struct fetcher;
struct keyring;

/* Borrowed, until keyring_free. */
struct keyring_settings {
	const char		*secret;	/* plain text; NULL: none */
	char *const		*pem_files;	/* paths */
	size_t			 n_pem_files;
	const char		*jwks;		/* URL or path; NULL: none */
	unsigned		 allowed;	/* enum key_algorithm, or-ed */
};

/*
 * fetcher may be NULL when jwks is no URL.  NULL: why (KEYS_WHY bytes) names
 * the setting and what is wrong with it; a URL is not asked yet.
 */
struct keyring	*keyring_new(const struct keyring_settings *settings,
		    struct fetcher *fetcher, char *why);
void		 keyring_free(struct keyring *k);	/* NULL is fine */

/*
 * Look at what is due.  True: the keys are others than before, or a URL has
 * answered in vain for those who wait.  now_ms is monotonic.
 */
bool		 keyring_tick(struct keyring *k, uint64_t now_ms);
/* Look at everything in the next tick. */
void		 keyring_reload(struct keyring *k);
/* A copy of all the keys, for the caller; *out is empty before. */
void		 keyring_copy(const struct keyring *k, struct keys *out);
/*
 * A token was refused because no key of its name is known.  True: that may
 * change soon, ask again after a tick that says true.
 */
bool		 keyring_missed(struct keyring *k);
/* Of the breaker before the URL; all 0 without one. */
struct breaker_counts keyring_breaker(const struct keyring *k);
/* A URL is being asked. */
bool		 keyring_is_asking(const struct keyring *k);

/* Does this setting name a URL, rather than a file? */
bool		 keyring_is_url(const char *jwks);

#endif
