/*
 * import: documents from elsewhere, with their whole history.
 *
 * Two sources: lines of JSON as otd export writes them (import_ndjson.c), and
 * a database that ShareDB wrote through sharedb-postgres (import_sharedb.c).
 * What is done with them is run/mover.h's.
 */
#ifndef RUN_IMPORT_H
#define RUN_IMPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "run/config.h"

struct mover;

/* Options of its own, see words_take. */
#define IMPORT_TOOL_OPTIONS	"verify/"

/*
 * words: ndjson FILE, or sharedb-postgres URL; verify=.  Reports go to out.
 * An exit code: 0; 1, something could not be taken, or is not the same, or
 * was not all; EX_USAGE.
 */
int	 import_tool(const struct config *config, char **words, int n,
	    FILE *out);

/*
 * All there is goes to the mover.  False: that was not all; told.
 * import_ndjson's file may be "-".
 */
bool	 import_ndjson(struct mover *m, const char *file);
bool	 import_sharedb(struct mover *m, const char *url);

#endif
