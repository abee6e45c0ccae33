/*
 * actions: one function for each action of the wire (proto/actions.def).
 *
 * An action answers at once, or makes requests that join documents' lines.
 */
#ifndef CORE_ACTIONS_H
#define CORE_ACTIONS_H

struct incoming;
struct session;

/* Decode and carry out one message; takes it over. */
void	action_run(struct session *ss, struct incoming *in);

#endif
