/*
 * top: "otd top", a view of a running otd in a terminal, from its page of
 * metrics.
 *
 * Words are those of words_take: a URL (else where the settings say that otd
 * serves its pages), every=TERM, count=N.  Exit codes: 0; EX_UNAVAILABLE when
 * it does not answer and there is no terminal to wait in; EX_USAGE; both
 * having said why on stderr.
 */
#ifndef RUN_TOP_H
#define RUN_TOP_H

#include "run/config.h"

#define TOP_OPTIONS	"every count"

/*
 * In a terminal until q or SIGINT; elsewhere (or with a count) so many screens
 * one after the other, one if it is not said.
 */
int	 top(const struct config *config, char **words, int n);

#endif
