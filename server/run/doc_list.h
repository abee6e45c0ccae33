/*
 * doc_list: the names of all documents, or of a collection's, in order, a
 * page at a time.
 */
#ifndef RUN_DOC_LIST_H
#define RUN_DOC_LIST_H

#include <stdint.h>

#include "run/asker.h"

struct doc_list {
	struct asker	*a;
	const char	*only;		/* of this collection; borrowed; NULL: of all */
	char		*collection, *id;	/* after these; heap */
	struct job	*page;		/* NULL: to be asked for */
	size_t		 i;		/* the next row of it */
};

/* Of collection only (NULL: all), after that document ("", "": from the first). */
void	 doc_list_init(struct doc_list *l, struct asker *a, const char *only,
	    const char *collection, const char *id);
void	 doc_list_done(struct doc_list *l);
/*
 * 1 and the next, borrowed until the one after it; 0: there is none; -1: the
 * store did not answer, with the reason in *why_out.
 */
int	 doc_list_next(struct doc_list *l, const char **collection_out,
	    const char **id_out, const char **why_out);

/*
 * How many documents there are in these collections, n 0: in all; 0 when that
 * cannot be said.
 */
uint64_t doc_list_count(struct asker *a, char *const *collections, int n);

#endif
