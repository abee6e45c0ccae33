/*
 * policy_tool: "otd policy": rules of access looked at, without serving.
 *
 * docs/ACCESS.md says what files of rules and of expectations hold.
 */
#ifndef RUN_POLICY_TOOL_H
#define RUN_POLICY_TOOL_H

#include <stdio.h>

/*
 * Is the file of rules right?  An exit code: 0; EX_DATAERR when it is not or
 * cannot be read, said on stderr.
 */
int	 policy_tool_check(const char *rules, FILE *out);
/*
 * Say what rules decide, and which of them: about somebody ("anybody", claims
 * as JSON, or the path of a file of claims) who wants an action, in a
 * collection (NULL: of the server), on a document (NULL: on any).  0 when it
 * is allowed, 1 when it is not or grants decide it, EX_DATAERR.
 */
int	 policy_tool_explain(const char *rules, const char *who,
	    const char *action, const char *collection, const char *id,
	    FILE *out);
/*
 * Hold rules to a file of expectations; those that they do not meet are
 * printed, and how many there are.  0; 1 when some are not met; EX_DATAERR.
 */
int	 policy_tool_test(const char *path, FILE *out);

#endif
