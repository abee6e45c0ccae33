/*
 * doc: "otd doc": look at documents in the store, without serving.
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
 * with what the store has (run/verify.h).  As doc_show, and also next to a
 * server on the embedded store; 1 also when they differ.
 */
int	 doc_verify(const char *url, const char *collection, const char *id,
	    FILE *out);

/*
 * Write down, for finds, the content of every document of the collection that
 * lacks it, a few at a time; may be broken off and begun again, and run next
 * to servers.  An exit code: 0, or 1 having said on stderr what could not be
 * read.
 */
int	 doc_index(const char *url, const char *collection, FILE *out);

#endif
