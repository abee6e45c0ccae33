/*
 * verify_tool: "otd verify": all documents, or those of some collections.
 *
 * Several threads replay, each with connections of its own; also next to
 * servers, on the embedded store too.
 */
#ifndef RUN_VERIFY_TOOL_H
#define RUN_VERIFY_TOOL_H

#include <stdio.h>

#include "run/config.h"

/* Options of its own, see words_take. */
#define VERIFY_TOOL_OPTIONS	"jobs json/"

/*
 * words: collections, none is all of them; jobs=N, json=.  What is wrong goes
 * to out, a line for each document with its first bad operation, and a line
 * at the end that counts.  An exit code: 0, 1 when something is wrong, or
 * EX_UNAVAILABLE when not all could be looked at; EX_USAGE.
 */
int	 verify_tool(const struct config *config, char **words, int n,
	    FILE *out);

#endif
