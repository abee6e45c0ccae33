/*
 * gate: who comes in.
 *
 *	token, ticket, link --gate--> principal, or a reason for a refusal
 *
 * One a process.  It owns the keys (from files, or a JWKS that is fetched and
 * kept up to date), remembers accepted tokens, and knows every revocation
 * within half a second, by looking at the store's list of changes; what
 * changed it leaves to be told to the hub.  With --auth none everybody is
 * nobody known, and welcome.
 */
#ifndef AUTH_GATE_H
#define AUTH_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/keyring.h"
#include "core/principal.h"

struct desk;
struct fetcher;
struct gate;

/* Borrowed, until gate_free. */
struct gate_settings {
	bool		 asks;		/* false: --auth none */
	bool		 anonymous;	/* who shows nothing comes in, as nobody known */
	struct keyring_settings keys;
	const char	*issuer;	/* of tokens; NULL: any */
	char *const	*audiences;	/* one of them; n_audiences 0: any */
	size_t		 n_audiences;
	uint64_t	 leeway_s;
	size_t		 remember;	/* accepted tokens kept, at most */
	uint64_t	 poll_ms;	/* between looks at the list of changes */
	/*
	 * What the user service signs its tokens with, 32 bytes; they are
	 * accepted beside all others.  NULL: there is no user service.
	 */
	const unsigned char *own_key;
	uint64_t	 seed;		/* as for table.h */
};

/* "iss" and "aud" of the user service's own tokens, and the name of its key. */
#define GATE_OWN_NAME	"otd"
#define GATE_OWN_KEY	32	/* bytes */

/*
 * Jobs go to the desk.  fetcher may be NULL when no URL is named.  NULL: why
 * (KEYS_WHY bytes) names the setting that is wrong.
 */
struct gate	*gate_new(const struct gate_settings *settings,
		    struct desk *desk, struct fetcher *fetcher, char *why);
/* No job of it may come back after.  NULL is fine. */
void		 gate_free(struct gate *g);
/* A few times a second, and before anything is checked; wall_ms since 1970. */
void		 gate_tick(struct gate *g, uint64_t now_ms, int64_t wall_ms);
/* Of the breaker before the URL that keys come from; all 0 without one. */
struct breaker_counts gate_keys_breaker(const struct gate *g);
/* Look at all key sources again. */
void		 gate_reload(struct gate *g);
/* Grants or revocations were changed by this process: look at once. */
void		 gate_hurry(struct gate *g);

/* ---- who is it? ---- */

/* What a client showed; texts are NULL when it did not.  Borrowed. */
struct gate_shown {
	const char	*token;		/* from Authorization, cookie or access_token */
	const char	*ticket;	/* ?ticket= */
	const char	*link;		/* ?share=: adds to who it is */
};

enum gate_verdict {
	GATE_IN,	/* *who_out is set, with one count; NULL: nobody known, allowed */
	GATE_OUT,	/* *why_out says why, for its bearer: 401 */
	/*
	 * A ticket or a link, which the store knows; or a token whose key is
	 * being fetched: settle is called, within seconds, never before this
	 * returns.
	 */
	GATE_LATER,
};

typedef void gate_settle(void *arg, enum gate_verdict verdict,
	    struct principal *who, const char *why);

/*
 * Who is it?  Of GATE_LATER, settle tells it later, once, with a count of
 * who; a handle for gate_forget, good until then, is in *wait_out.  why is
 * static text.
 */
enum gate_verdict gate_check(struct gate *g, const struct gate_shown *shown,
	    gate_settle *settle, void *arg, struct principal **who_out,
	    const char **why_out, void **wait_out);
/* Whoever waited is gone: settle is not called any more. */
void	 gate_forget(struct gate *g, void *wait);

/* ---- what changed, for the hub ---- */

enum gate_change_kind {
	GATE_REVOKED,		/* hub_revoke */
	GATE_REGRANTED,		/* hub_regrant */
};

/* Heap; each NULL where it does not apply. */
struct gate_change {
	enum gate_change_kind kind;
	char		*token_id;
	char		*subject;
	uint64_t	 before_s;	/* 0: all tokens of the subject */
	char		*collection, *id;
};

/* The next change, moved out; false: none. */
bool	 gate_next_change(struct gate *g, struct gate_change *change_out);
void	 gate_change_done(struct gate_change *change);

#endif
