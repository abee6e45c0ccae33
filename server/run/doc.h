/*
 * doc: "otd doc": look at one document in the store, without serving.
 *
 * Blocking; asks the store as a server would.  Next to a server it works on
 * PostgreSQL only: the embedded store serves one process.
 */
#ifndef RUN_DOC_H
#define RUN_DOC_H

#include <stdio.h>

/*
 * Print the document at its latest version as one line of JSON:
 * {"collection","id","v","type","data"}; without data when it does not exist.
 * An exit code: 0; 1 when it never was, or could not be read, after having
 * said so on stderr.
 */
int	 doc_show(const char *url, const char *collection, const char *id,
	    FILE *out);

/*
 * Apply its whole log from the beginning, one op after the other, and compare
 * with what the store has: the newest checkpoint on the way, type and
 * content, and the version at the end.  As doc_show; 1 also when they differ.
 */
int	 doc_verify(const char *url, const char *collection, const char *id,
	    FILE *out);

#endif
