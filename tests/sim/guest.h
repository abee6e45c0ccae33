/*
 * guest: somebody who may do what is granted to them, and tries the rest.
 *
 * It asks in every way there is, follows what it can, and believes nothing:
 * what it is told the witness looks at (rights.c).
 */
#ifndef TESTS_SIM_GUEST_H
#define TESTS_SIM_GUEST_H

struct client;

struct guest {
	struct client	*client;
	unsigned	 seq;		/* of ps and pu */
};

struct guest	*guest_new(struct client *c);
void	guest_act(struct guest *g);

#endif
