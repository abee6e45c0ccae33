/*
 * export: documents with their whole history as lines of JSON, as
 * docs/MOVING.md has them.
 *
 * Only reads; also next to servers, on the embedded store too.  Each document
 * is as it was at one moment, not all of them at the same.
 */
#ifndef RUN_EXPORT_H
#define RUN_EXPORT_H

#include <stdio.h>

#include "run/config.h"

/* Options of its own, see words_take. */
#define EXPORT_TOOL_OPTIONS	"out"

/*
 * words: collections, none is all of them; out=FILE, which is written as
 * FILE.part until it is whole, and gone on with when that is there.  Without,
 * lines go to std.  An exit code: 0; 1, something could not be read;
 * EX_UNAVAILABLE, that is not all; EX_USAGE, EX_CANTCREAT.
 */
int	 export_tool(const struct config *config, char **words, int n,
	    FILE *std);
/* One document; words: collection, id, and out=FILE. */
int	 export_one(const struct config *config, char **words, int n,
	    FILE *std);

#endif
