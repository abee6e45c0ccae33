/*
 * gate, as its files see it.
 */
#ifndef AUTH_GATE_IN_H
#define AUTH_GATE_IN_H

#include "auth/changes.h"
#include "auth/gate.h"
#include "auth/keyring.h"
#include "auth/revoked.h"
#include "auth/token.h"

struct gate {
	const struct gate_settings *settings;
	struct desk		*desk;
	struct keyring		*keyring;
	struct token_rules	 rules, own_rules;
	struct tokens		*tokens;	/* of the operator's issuers */
	struct tokens		*own;		/* of the user service; NULL: none */
	struct revoked		 revoked;
	struct changes		 changes;
	bool			 was_loaded;	/* changes, at the last tick */
	struct list		 waits;		/* struct wait, of tokens */
	struct list		 asked;		/* the same, with a job out */
	size_t			 n_waits;
	uint64_t		 now_ms;	/* monotonic */
	int64_t			 wall_ms;	/* since 1970 */
};

/* Somebody who waits for the verdict. */
struct wait {
	struct list	 node;		/* gate->waits or ->asked */
	struct gate	*gate;
	bool		 has_job;	/* and that will want it */
	char		*token, *link;	/* heap, or NULL */
	bool		 has_missed;	/* its key was looked for already */
	uint64_t	 until_ms;	/* then it is refused */
	gate_settle	*settle;	/* NULL: whoever it was is gone */
	void		*arg;
};

/* ---- gate.c ---- */

struct wait	*wait_new(struct gate *g, bool has_job, gate_settle *settle,
		    void *arg);
/* Tell the verdict, if somebody is there to hear it; frees w, takes who. */
void		 wait_settle(struct wait *w, enum gate_verdict verdict,
		    struct principal *who, const char *why);
/* Out if it is revoked; else in, with the link besides.  Takes who. */
enum gate_verdict gate_admit(struct gate *g, struct principal *who,
		    const char *link, struct principal **who_out,
		    const char **why_out);

/* ---- ticket.c: what the store knows ---- */

struct wait	*ticket_ask(struct gate *g, const char *ticket,
		    gate_settle *settle, void *arg);
struct wait	*link_ask(struct gate *g, const char *link,
		    gate_settle *settle, void *arg);
/* A principal that is known by a link alone; link is its subject. */
struct principal *link_principal(const char *link);

#endif
