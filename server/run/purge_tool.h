/*
 * purge_tool: "otd purge": erase a document for good, and keep word of it.
 *
 * Blocking.  Next to running servers on PostgreSQL, whose readers are told
 * that the document was deleted; the embedded store must not be served.
 */
#ifndef RUN_PURGE_TOOL_H
#define RUN_PURGE_TOOL_H

#include <stdio.h>

struct config;

/* Options of its own, for words_take. */
#define PURGE_TOOL_OPTIONS	"reason by"

/*
 * COLLECTION, ID and reason=TEXT of the words.  What job_erase says, until
 * nothing is found any more; word of it where the settings say that the
 * collection has events.  Prints a line of JSON.  An exit code: 0; 1 having
 * said why not on stderr; EX_USAGE.
 */
int	 purge_tool(const struct config *config, char **words, int n,
	    FILE *out);

#endif
