/*
 * gate: who comes in.
 *
 *	token, ticket, link --gate--> principal, or a reason for a refusal
 *
 * One a process.  It owns the keys (from files, or a JWKS that is fetched and
 * kept up to date), remembers accepted tokens, and knows every revocation
 * within half a second, by looking at the store's list of changes; what
 * changed it hands to the hub.  With --auth none everybody is nobody known,
 * and welcome.
 */
#ifndef AUTH_GATE_H
#define AUTH_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/principal.h"

struct gate;

/* What a client showed; texts are NULL when it did not.  Borrowed. */
struct gate_shown {
	const char	*token;		/* from Authorization, cookie or access_token */
	const char	*ticket;	/* ?ticket= */
	const char	*link;		/* ?share=: adds to who it is */
};

enum gate_verdict {
	GATE_IN,	/* *who_out is set, with one count; NULL: nobody known, allowed */
	GATE_OUT,	/* *why_out says why, for its bearer: 401 */
	GATE_LATER,	/* a ticket: settle is called, never before this returns */
};

typedef void gate_settle(void *arg, enum gate_verdict verdict,
	    struct principal *who, const char *why);

/*
 * Who is it?  Of GATE_LATER, settle tells it later, once; a handle for
 * gate_forget is in *wait_out.  why is static text.
 */
enum gate_verdict gate_check(struct gate *g, const struct gate_shown *shown,
	    gate_settle *settle, void *arg, struct principal **who_out,
	    const char **why_out, void **wait_out);
/* Whoever waited is gone: settle is not called any more. */
void	 gate_forget(struct gate *g, void *wait);

#endif
