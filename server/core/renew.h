/*
 * renew: how long a session is who it is.
 *
 *	token --expires--> closed (4401), unless x-token brought another
 *	      '-revoked--> closed at once
 *
 * 1. A session ends with its principal: at the second of its "exp" by the
 *    hub's clock, or with the first of its grants that expires (4403).  Ops
 *    that are staged by then go on.
 * 2. A client renews in band: it says x-token, whose token the hub lends to
 *    whoever knows tokens (hub_next_renewal), and hears nothing else until it
 *    is judged.  The new principal has the same subject, and the rights that
 *    its claims give; what it may no longer have closes it.
 * 3. A client that asked for it in its handshake is told some seconds before.
 */
#ifndef CORE_RENEW_H
#define CORE_RENEW_H

#include <stdint.h>

struct hub;
struct session;

/* Its principal, or what was granted to it, ends then (ms since 1970). */
void	renew_watch(struct session *ss);

#endif
