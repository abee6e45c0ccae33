/*
 * principal: who a client is, as the rules of access see it.
 *
 * Made by auth/ from a token, immutable from then on, counted; a session
 * holds one.  Its claims are the token's, to be named by rules.
 */
#ifndef CORE_PRINCIPAL_H
#define CORE_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>
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
	uint64_t	 expires_s;	/* "exp" and the leeway; from this second on it is over */
};

struct principal *principal_ref(struct principal *p);
void		  principal_unref(struct principal *p);	/* NULL is fine */
/* The same bearer, who holds a share link besides; one count. */
struct principal *principal_with_link(const struct principal *p,
		    const char *link);

/*
 * The claim at a dotted path, borrowed; NULL: it is not there or null.  Names
 * of claims may hold dots themselves ("https://example.com/team"): of the
 * names at a place the longest that fits is taken, and no other.  Nobody, and
 * who has no subject, has no claims.  O(members on the way).
 */
const struct json *principal_claim(const struct principal *p,
		    const char *path);

enum principal_text {
	PRINCIPAL_TEXT,		/* *text_out, *len_out say it */
	PRINCIPAL_ABSENT,	/* there is no such claim */
	PRINCIPAL_UNFIT,	/* there is, but it cannot stand in a name */
};
#define PRINCIPAL_ROOM	24	/* bytes */

/*
 * The same as it may stand in a name: a string of UTF-8 without NUL and not
 * empty, or a whole number up to 2^53 in decimal.  Borrowed from the claim, or
 * in room.
 */
enum principal_text principal_text(const struct principal *p,
		    const char *path, char room[PRINCIPAL_ROOM],
		    const char **text_out, size_t *len_out);
/*
 * Does the claim at the path name the role: a list of strings, or a string
 * of words between blanks?
 */
bool		  principal_has_role(const struct principal *p,
		    const char *path, const char *role);

#endif
