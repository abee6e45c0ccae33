/*
 * sign: tokens of our own, with HS256.
 *
 * For the user service, and for development (otd token).
 */
#ifndef AUTH_SIGN_H
#define AUTH_SIGN_H

#include <stddef.h>

/*
 * A JSON Web Token with these claims, a JSON object; kid NULL: it names no
 * key.  For free().
 */
char	*sign_token(const char *claims, const char *kid, const void *key,
	    size_t key_len);

#endif
