/*
 * user_tool: "otd user": accounts of the built-in user service.
 *
 * Blocking; works next to servers, which all know of it within a second.
 * Passwords are read from standard input: one line, unseen on a terminal.
 * Exit codes: 0; 1 having said on stderr what went wrong; EX_USAGE having
 * said which word is.
 */
#ifndef RUN_USER_TOOL_H
#define RUN_USER_TOOL_H

#include <stdio.h>

#include "run/config.h"

#define USER_TOOL_OPTIONS	"role display-name ttl"

/* Words are those of words_take. */
int	 user_tool(const struct config *config, char **words, int n,
	    FILE *out);

#endif
