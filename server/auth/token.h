/*
 * token: from the text that a client shows to who it is.
 *
 *	text --length--> alg, kid --key--> signature --> exp nbf iss aud
 *	  ^                                                    |
 *	  '---------- accepted before, and not over -----------'
 *
 * JSON Web Tokens as RFC 7519 has them and RFC 8725 wants them checked: the
 * key decides the algorithm; "crit" is refused; "exp" and "sub" must be
 * there.  libjwt verifies the signature and nothing else.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "auth/keys.h"
#include "core/principal.h"

#define TOKEN_BYTES_MAX	8192

/* What is asked of a token beside its signature; borrowed. */
struct token_rules {
	const char		*issuer;	/* "iss" must be it; NULL: any */
	const char *const	*audiences;	/* "aud" must have one of them */
	size_t			 n_audiences;	/* 0: any */
	uint64_t		 leeway_s;	/* clocks differ: for exp and nbf */
	size_t			 remember;	/* accepted tokens kept, at most */
};

/* How far a token came that was refused. */
enum token_fault {
	TOKEN_BAD_FORM,
	TOKEN_NO_KEY,		/* it names a key or an algorithm that is not known */
	TOKEN_BAD_SIGNATURE,
	TOKEN_BAD_CLAIMS,	/* well signed, but over, for others, ... */
};

/* Verifies tokens, and remembers those that it accepted. */
struct tokens;

/* The rules must outlive it; seed as for table.h. */
struct tokens	*tokens_new(const struct token_rules *rules, uint64_t seed);
void		 tokens_free(struct tokens *t);		/* NULL is fine */
/*
 * From now on with these keys; moves them out of *keys.  Tokens accepted with
 * keys that are gone are forgotten.
 */
void		 tokens_set_keys(struct tokens *t, struct keys *keys);

/*
 * Who shows this token?  now_s is seconds since 1970.  A principal with one
 * count; or NULL and in *why_out a static sentence for its bearer, that says
 * what is wrong and nothing of the keys.
 */
struct principal *tokens_check(struct tokens *t, const char *text,
		    size_t len_bytes, uint64_t now_s, const char **why_out);
/* Of the last that tokens_check refused. */
enum token_fault tokens_fault(const struct tokens *t);

#endif
