/*
 * echo_server: the least that a server can do with a WebSocket message, on
 * libwebsockets set up as otd sets it up: a libuv loop nested in ours,
 * sockets accepted by us, frames joined and written at the end of a turn,
 * past lws's framing (server/net/conn.c tells why).
 */
#ifndef LIMITS_ECHO_SERVER_H
#define LIMITS_ECHO_SERVER_H

#include <stdbool.h>

/*
 * Serve what connects to a listening, non-blocking socket until killed: each
 * text message goes back to who sent it, or to everybody when to_all.  Returns
 * only if it cannot begin.
 */
void	echo_serve(int listening_fd, bool to_all);

#endif
