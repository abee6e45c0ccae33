/*
 * principal: who a client is, as the rules of access see it.
 *
 * Made by auth/ from a token, immutable from then on, counted; a session
 * holds one.  Its claims are the token's, to be named by rules.
 */
#ifndef CORE_PRINCIPAL_H
#define CORE_PRINCIPAL_H

#include <stdint.h>

#include "ot/json_value.h"

struct principal {
	unsigned	 refs;
	char		*subject;	/* "sub"; NULL: only a link is known */
	char		*issuer;	/* "iss"; NULL: not said */
	char		*token_id;	/* "jti"; NULL: not said */
	char		*link;		/* a share link it holds too, as a subject; NULL */
	struct json	*claims;	/* all of them: an object */
	uint64_t	 issued_s;	/* "iat", seconds since 1970; 0: not said */
	uint64_t	 expires_s;	/* "exp"; from this second on it is over */
};

struct principal *principal_ref(struct principal *p);
void		  principal_unref(struct principal *p);	/* NULL is fine */

#endif
