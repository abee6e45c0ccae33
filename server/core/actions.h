/*
 * actions: one function for each action of the wire (proto/actions.def).
 *
 * An action answers at once, or makes requests that join documents' lines.
 */
#ifndef CORE_ACTIONS_H
#define CORE_ACTIONS_H

#include "base/err.h"

struct incoming;
struct refusal;
struct session;

typedef void action_call(struct session *ss, struct incoming *in);

/* Decode and carry out one message; takes it over. */
action_call	action_run;

/* The handlers; each takes the message over. */
#define ACTION(name, code, needs, handler) action_call handler;
#include "proto/actions.def"
#undef ACTION

/* Answer a message with a refusal; they take it over. */
void	action_refuse(struct session *ss, struct incoming *in,
	    const struct refusal *r);
void	action_error(struct session *ss, struct incoming *in, enum err err);

#endif
