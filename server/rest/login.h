/*
 * login: what the handlers of the user service share.
 */
#ifndef REST_LOGIN_H
#define REST_LOGIN_H

#include "auth/users.h"
#include "rest/call.h"

/* What a handler goes on with; whose is what it gave. */
typedef void login_then(struct rest_call *call, void *whose);
typedef void login_hashed(struct rest_call *call, bool good,
	    const char *hash, void *whose);

/* The user service; NULL: there is none, and the call is answered. */
struct users	*login_users(struct rest_call *call);
/*
 * Has somebody tried too often with this name, or from this address?  Then
 * the call is answered.  Until login_forgive this counts as a failure.
 */
void		 login_limit(struct rest_call *call, const char *name,
		    login_then *then, void *whose);
void		 login_forgive(struct rest_call *call, const char *name);
/*
 * Compare (hash NULL: with nobody's), or hash (login_hash); then is not called
 * when the client is gone.
 */
void		 login_check(struct rest_call *call, const char *password,
		    const char *hash, login_hashed *then, void *whose);
void		 login_hash(struct rest_call *call, const char *password,
		    login_hashed *then, void *whose);
/* What tokens are given for. */
struct login_for {
	const char	*family;	/* NULL: a new login */
	const char	*taken;		/* hash of a refresh token; or NULL */
	const char	*password;	/* hash of what was right; or NULL */
	bool		 in_cookies;
};
/*
 * Answer with tokens for the account, if it is there and not disabled, and
 * what they are given for still holds.  Browsers keep them if in_cookies, or
 * if the body says "cookies".
 */
void		 login_answer(struct rest_call *call, int status,
		    const char *subject, const struct login_for *for_what);
/* Tokens of the subject issued until now are refused; then go on. */
void		 login_revoke(struct rest_call *call, const char *subject,
		    bool for_ever, login_then *then, void *whose);
/* Take the browser's cookies back. */
void		 login_clear_cookies(struct rest_call *call);
/*
 * The refresh token of the body, or of the cookie; NULL: none.  False: the
 * call is answered.
 */
bool		 login_refresh_token(struct rest_call *call,
		    const char **token_out, bool *in_cookie_out);
/* A copy in the arena; NULL of NULL. */
const char	*login_copy(struct rest_call *call, const char *text);
/* A number in decimal, in the arena. */
const char	*login_number(struct rest_call *call, int64_t n);

#endif
