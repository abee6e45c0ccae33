/*
 * users: what the built-in user service is made of: its settings, its hasher,
 * and the tokens that it gives.
 *
 * Accounts are rows; what is done with them is in server/rest.  An access
 * token lives for minutes and is a JSON Web Token as any other, signed with a
 * key that all nodes derive from the database's secret.  A refresh token is a
 * secret of which the store keeps the digest; it is good for one renewal.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/gate.h"
#include "auth/hasher.h"
#include "base/table.h"

struct job;

enum users_signup { SIGNUP_CLOSED, SIGNUP_INVITE, SIGNUP_OPEN };

struct users_settings {
	enum users_signup signup;
	uint64_t	 access_ms;	/* an access token lives so long */
	uint64_t	 refresh_ms;	/* and a refresh token */
	struct password_cost cost;
	/*
	 * Of one address, for one name, so many logins may fail within the
	 * window; of an address for all names five times as many; for a name
	 * from all addresses ten times.
	 */
	uint64_t	 tries;
	uint64_t	 window_ms;
	unsigned char	 key[GATE_OWN_KEY];	/* signs access tokens */
};

#define USERS_SHUT	4096	/* places; a power of two */
#define USERS_SHUT_MS	10000

struct users_counts {
	uint64_t	 logins, failed, limited;
};

struct users {
	struct users_settings settings;
	struct hasher	*hasher;
	struct users_counts counts;
	/*
	 * Who was over the limit a moment ago, by a hash of name, address or
	 * both; so that a flood of attempts does not reach the database.  Of
	 * two at one place the later one stays.
	 */
	struct users_shut {
		uint64_t hash;
		int64_t	 until_ms;	/* since 1970 */
	}		 shut[USERS_SHUT];
	struct table	 hashes;	/* for its seed */
};

/*
 * Is a login with this name from this address refused for now?  wall_ms since
 * 1970.
 */
bool		 users_is_shut(const struct users *u, const char *name,
		    const char *address, int64_t wall_ms);
/* For some seconds: of the name, the address (NULL: of any), or both. */
void		 users_shut_out(struct users *u, const char *name,
		    const char *address, int64_t wall_ms);

/* NULL: the system refuses threads or memory.  Copies the settings. */
struct users	*users_new(const struct users_settings *settings,
		    struct loop *loop, uint64_t seed);
void		 users_free(struct users *u);	/* NULL is fine */

/* ---- accounts as the store answers them ---- */

/* Columns of every statement that answers accounts. */
enum account_column {
	ACCOUNT_SUBJECT, ACCOUNT_NAME, ACCOUNT_ROLES, ACCOUNT_DISPLAY_NAME,
	ACCOUNT_COLOUR, ACCOUNT_AVATAR_URL, ACCOUNT_CREATED, ACCOUNT_DISABLED,
	ACCOUNT_LAST_LOGIN, ACCOUNT_REVOKED_BEFORE, ACCOUNT_PASSWORD,
	ACCOUNT_COLUMNS
};

/* ---- tokens ---- */

/*
 * An access token for the account in that row, issued at now_ms (since 1970),
 * or behind what of its tokens was revoked.  For free(); NULL: the system
 * gave no random bytes.
 */
char		*users_access_token(const struct users *u,
		    const struct job *accounts, size_t row, int64_t now_ms);
/*
 * An invitation: who shows it may make one account, with these roles (a JSON
 * list).  For free(); NULL as above.
 */
char		*users_invitation(const struct users *u, const char *roles,
		    int64_t now_ms, int64_t expires_ms);
/*
 * Is it one?  Its name, for a revocation when it is used, and its roles; both
 * for free().  False: why, static.
 */
bool		 users_invitation_read(const struct users *u,
		    const char *text, int64_t now_ms, char **id_out,
		    char **roles_out, int64_t *expires_ms_out,
		    const char **why_out);

/* ---- what may be in an account ---- */

/* What is wrong with it, static; NULL: nothing. */
const char	*users_name_fault(const char *name);
const char	*users_display_name_fault(const char *name);
const char	*users_colour_fault(const char *colour);
const char	*users_avatar_fault(const char *url);
/* A JSON list of names? */
const char	*users_roles_fault(const char *json);

#endif
