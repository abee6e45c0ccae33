/*
 * name_tool: "otd name": versions of a document that are to stay as they are.
 *
 * Blocking; next to running servers, on the embedded store too.  Exit codes:
 * 0; 1, or EX_USAGE for what cannot be a name or a version, having said on
 * stderr why not.
 */
#ifndef RUN_NAME_TOOL_H
#define RUN_NAME_TOOL_H

#include <stdio.h>

/*
 * Name the version, decimal (NULL: the latest), which has to be one that is
 * kept as it was; and print it.
 */
int	 name_tool_add(const char *url, const char *collection, const char *id,
	    const char *name, const char *version, FILE *out);
int	 name_tool_remove(const char *url, const char *collection,
	    const char *id, const char *name);
/* A line of JSON for each: name, version, at, by. */
int	 name_tool_list(const char *url, const char *collection,
	    const char *id, FILE *out);

#endif
