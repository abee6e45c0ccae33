/*
 * room: an echo room in place of the hub, so that net can be tested alone.
 *
 * It implements what net calls of core/hub.h and core/session.h.  What a
 * client says comes back to it, except:
 *
 *	all TEXT	TEXT goes to everybody
 *	flood N BYTES	N frames of so many bytes go to everybody
 *	close CODE	the session is closed
 *	slow		from now on its inbox moves once in 20 turns
 *	empty		an answer without a byte
 *	who		the subject and the link it came with, and its address
 */
#ifndef TESTS_NET_ROOM_H
#define TESTS_NET_ROOM_H

#include <stdbool.h>
#include <stddef.h>

struct hub;

/* outbox_bytes: a session over it is closed (1013); inbox: messages. */
struct hub	*room_new(size_t outbox_bytes, size_t inbox_messages);
/* Every session must have left. */
void		 room_free(struct hub *h);
/* Hear what the sessions said; true: there is more. */
bool		 room_work(struct hub *h);

#endif
