/*
 * token_tool: "otd token", which mints a token for development, and "otd
 * revoke".
 *
 * Words are those of words_take.  Exit codes: 0; 1 having said on stderr what
 * went wrong; EX_USAGE having said which word is.
 */
#ifndef RUN_TOKEN_TOOL_H
#define RUN_TOKEN_TOOL_H

#include <stdio.h>

#include "run/config.h"

#define TOKEN_TOOL_OPTIONS	"sub role claim ttl jti"
#define REVOKE_TOOL_OPTIONS	"jti subject ttl undo-jti undo-subject"

/*
 * Signed with --jwt-secret, or with --users on as the user service signs
 * them; printed with a line's end.
 */
int	 token_tool(const struct config *config, char **words, int n,
	    FILE *out);
int	 revoke_tool(const struct config *config, char **words, int n,
	    FILE *out);

#endif
