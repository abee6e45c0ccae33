/*
 * owed: what answers show that wait to be sent.
 *
 * 1. An answer was allowed when it was given.  If its client reads slowly it
 *    may wait, and what it shows may be lost meanwhile: so it says what that
 *    is, where there are rules.
 * 2. When grants of a document have changed, they are looked up (grant.c).
 *    Until they are known, what waits and shows that document waits on, if
 *    rules alone do not allow it; with it all that stands behind.
 * 3. Who has the right all the same is sent it then.  Who has not is closed,
 *    and gets nothing of what waited.
 * 4. Ops for readers say nothing: readers are asked about themselves.  Who
 *    stops reading is answered, behind the ops that wait still.
 */
#ifndef CORE_OWED_H
#define CORE_OWED_H

#include <stdbool.h>

#include "core/access.h"

struct about;
struct doc;
struct grants;
struct hub;
struct list;
struct owed;
struct session;

/*
 * An answer shows this, by this right; copied, without the grants.  With no id
 * it may show any document of the collection, with no collection any at all.
 * NULL where there are no rules.  The caller's.
 */
struct owed	*owed_new(const struct hub *h, const struct about *about,
		    enum access_action action);
void		 owed_free(struct owed *o);	/* NULL is fine */

/* May it be sent now, or are grants being looked up that decide? */
bool		 owed_is_sure(const struct owed *o, const struct session *ss);
/* Does any answer that waits show the document, perhaps? */
bool		 owed_is_about(const struct session *ss,
		    const char *collection, const char *id);
/*
 * These are the document's grants.  Sessions that wait to send what they may
 * not show any more are denied, the others go on.
 */
void		 owed_recheck(struct doc *d, const struct grants *grants);
/* Rules have changed: the same of one session, and of all that it waits with. */
void		 owed_recheck_rules(struct session *ss);

#endif
