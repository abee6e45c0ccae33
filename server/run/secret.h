/*
 * secret: keys that all nodes of a database share.
 *
 *	otd.secret --HMAC-SHA-256, by purpose--> a key of that purpose alone
 *
 * The database is where nodes meet, so it holds one secret, made by the
 * migration.  Nothing uses it as it is: who learns the key of one purpose
 * learns nothing of another's.
 */
#ifndef RUN_SECRET_H
#define RUN_SECRET_H

#include <stddef.h>

#define SECRET_TEXT	65	/* 64 hexadecimal digits and a NUL */
#define SECRET_KEY_MAX	32	/* bytes of a key */

/*
 * The key of a purpose, a short name that is never given to another: len_bytes
 * of it, at most SECRET_KEY_MAX.
 */
void	secret_derive(const char *secret, const char *purpose,
	    unsigned char *key_out, size_t len_bytes);

#endif
