/*
 * gate: a stand-in for auth/gate, so that net can be tested alone.
 *
 *	good-NAME	is NAME
 *	slow-NAME	the same, after 50 ms; so is every ticket
 *	slow-bad	refused after 50 ms
 *	anything else	refused
 *	nothing		nobody known, and let in if anonymous
 *
 * A link adds itself to who it is.
 */
#ifndef TESTS_NET_GATE_H
#define TESTS_NET_GATE_H

#include <stdbool.h>

#include "base/loop.h"

struct gate;

struct gate	*gate_open(struct loop *loop, bool anonymous);
/* Nobody may wait any more. */
void		 gate_close(struct gate *g);

#endif
