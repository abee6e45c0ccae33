/*
 * api: an api below /api/ for the tests in this folder.
 *
 *	/api/show	what the request was, as JSON
 *	/api/later	the same after 50 ms
 *	/api/never	nothing
 *	/api/lines	a header of its own, 10 MB of body
 *	/api/stream	"part 0", "part 1" ... each 20 ms; DELETE ends them all
 *	/api/flood	a stream of as much as it takes, up to 100 MB
 *
 * It also counts: api_open calls are with it, api_gone were taken from it, and
 * api_drained streams had room again.
 */
#ifndef TESTS_NET_API_H
#define TESTS_NET_API_H

#include "base/loop.h"
#include "net/call.h"

extern unsigned api_open, api_gone, api_drained;

/* Borrowed from it until api_done. */
const struct net_api	*api_init(struct loop *loop);
/* No call may be open any more. */
void			 api_done(void);

#endif
