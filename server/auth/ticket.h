/*
 * ticket: lets its bearer in once, within seconds, in the place of a token,
 * which has no business in a URL that is logged.
 *
 * The store keeps its digest, and who asked for it; whoever shows it deletes
 * that.  gate_check takes tickets; here is what makes them.
 */
#ifndef AUTH_TICKET_H
#define AUTH_TICKET_H

#include "core/principal.h"

#define TICKET_MS	30000	/* good for so long */

/* What the store is to keep of who asks, JSON, for free(). */
char	*ticket_principal(const struct principal *who);

#endif
