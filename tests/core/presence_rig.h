/*
 * What tests of presence say and hear: the presence i on the channel ch.
 */
#ifndef TESTS_CORE_PRESENCE_RIG_H
#define TESTS_CORE_PRESENCE_RIG_H

#include "tests/core/rig.h"

/* Say this value, and hear the acknowledgement; src is the session's. */
void	say_p(struct rig *r, struct session *ss, const char *src, int pv,
	    const char *value);
void	hear_p(struct session *ss, const char *src, int pv,
	    const char *value);
void	subscribe(struct rig *r, struct session *ss);
/* Whatever it was told, forget it. */
void	drop_all(struct session *ss);

#endif
