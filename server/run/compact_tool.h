/*
 * compact_tool: "otd compact": of operations that are old, few are left.
 *
 * Blocking; next to running servers, on the embedded store too.  What it does
 * to a document is in compact_doc.h.
 */
#ifndef RUN_COMPACT_TOOL_H
#define RUN_COMPACT_TOOL_H

#include <stdio.h>

struct config;

/* Options of its own, for words_take. */
#define COMPACT_TOOL_OPTIONS	"older-than rate dry-run/"

/*
 * [COLLECTION]... of the words, or all that the store has; each by its
 * raw_days, or by older-than, which may not be less.  Prints a line of JSON
 * for each collection.  An exit code: 0; 1 when something could not be done,
 * after having said so on stderr; EX_USAGE.
 */
int	 compact_tool(const struct config *config, char **words, int n,
	    FILE *out);

#endif
