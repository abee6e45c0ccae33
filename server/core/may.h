/*
 * may: what somebody may do, as the hub asks the rules (core/access.h).
 *
 * With no rules (NULL) the answer is yes, and nothing was done.
 *
 * Where a document is asked for through a projection, rules about the
 * collection and rules about the projection's name both count: one that denies
 * by either name denies, one that allows by either allows.  So whoever may read
 * the collection may read its projections, and a right on a projection's name
 * gives the projection and nothing else.  Grants are of the document, by
 * whatever name.
 */
#ifndef CORE_MAY_H
#define CORE_MAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/access.h"

struct frame;
struct hub;
struct incoming;
struct session;
struct snapshot;
struct view;

/* What is asked about; all borrowed. */
struct about {
	const char		*collection;	/* of the store */
	const char		*projection;	/* the name it is asked by; NULL: its own */
	const char		*id;		/* NULL: the collection as a whole */
	const struct grants	*grants;	/* NULL: not looked up */
};

/* The document of this id as the message names its collection. */
struct about	 about_message(const struct incoming *in, const char *id);
/* The document of a view, by these grants; NULL: not looked up. */
struct about	 about_view(const struct view *w, const struct grants *grants);

enum access_verdict may(const struct hub *h, const struct principal *who,
		    enum access_action action, const struct about *about);
/* Presence on a channel that is not about a document. */
bool		 may_channel(const struct session *ss, const char *channel);
/*
 * Would nothing that is in the store make a difference: is it refused?  Then
 * it has been, and in is taken over.  Else the document's line decides.
 */
bool		 may_not(struct session *ss, struct incoming *in,
		    enum access_action action, const char *id);
/*
 * The answer to an x-may: may has a bit, 1 << enum access_action, for each
 * that is allowed.  s: of a document that may be read; else NULL.
 */
struct frame	*may_reply(const struct incoming *in, unsigned may,
		    const struct snapshot *s);
/*
 * The session holds what it may by these grants: until the first of its own
 * expires.
 */
void		 may_until(struct session *ss, const struct grants *grants);

/* ---- recheck.c: what was allowed, looked at again ---- */

/* Its rights are less now: to be closed by recheck_close, with CLOSE_ACCESS. */
void		 session_deny(struct session *ss);
/* Everything that it reads, follows and waits for. */
void		 session_recheck(struct session *ss);
/* Close those that were denied. */
void		 recheck_close(struct hub *h);

#endif
