/*
 * guest: somebody who may do what is granted to them, and tries the rest.
 *
 * It asks in every way there is, follows what it can, and believes nothing:
 * what it is told the witness looks at (rights.c).
 */
#ifndef TESTS_SIM_GUEST_H
#define TESTS_SIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

struct client;

struct guest {
	struct client	*client;
	unsigned	 seq;		/* of ps and pu */
	bool		 has_pinged, is_heard;	/* at the end, on this connection */
};

struct guest	*guest_new(struct client *c);
void	guest_act(struct guest *g);
void	guest_lost(struct guest *g);
/* At the end it is still listened to, whatever it asked and was refused. */
bool	guest_settle(struct guest *g);
void	guest_hear(struct guest *g, const char *text, size_t len);

#endif
