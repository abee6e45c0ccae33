/*
 * grant: the grants of a document in memory, and what its line lets pass.
 *
 *	request --doc_admit--> rules alone decide ------------> staged, refused
 *	                  '--> grants would: they are asked for, the line waits
 *
 * 1. Grants are looked up when a rule wants them, kept while the document is
 *    used, and looked up again before anybody is refused for lack of one: it
 *    may have been granted meanwhile.
 * 2. Who creates a document is its owner from the moment that is staged.  If
 *    there was one before, what was granted of that is void: until the new
 *    one is durable the store knows nothing of this, and is not asked.  Taken
 *    back, it is forgotten.
 * 3. What others have done to the document's being (created it anew) or to
 *    its grants (hub_regrant) ends what was built upon the former grants:
 *    those who may no longer read are closed, before they are told of
 *    anything new.
 * 4. When the store cannot be asked, grants give nothing.
 */
#ifndef CORE_GRANT_H
#define CORE_GRANT_H

#include <stdbool.h>

struct doc;
struct job;
struct op;
struct principal;
struct request;

enum admission {
	ADMIT_YES,
	ADMIT_NO,
	ADMIT_WAIT,		/* the store has been asked */
};

/* May the request have what it wants?  Sets req->sees, req->may. */
enum admission	 doc_admit(struct doc *d, struct request *req);
/* The same of an op that may be in the store already: checked later. */
enum admission	 doc_admit_again(struct doc *d, struct request *req);

/* A create has been staged. */
void		 doc_grants_made(struct doc *d, const struct op *op);
/* Staged ops are taken back. */
void		 doc_grants_taken_back(struct doc *d);
/* A create was heard of, which is durable; before it is published. */
void		 doc_grants_heard(struct doc *d, const struct op *op);
/* Nobody needs them now. */
void		 doc_grants_drop(struct doc *d);
/* Grants have changed, or rules: look again at everybody here. */
void		 doc_regrant(struct doc *d);
/* If so, and it can be done now: the store is asked. */
void		 doc_regrant_now(struct doc *d);

struct job	*grants_job(struct doc *d);
/* Its answer, or failure. */
void		 doc_grants_answered(struct doc *d, const struct job *job);
void		 doc_grants_failed(struct doc *d);
/* It cannot be loaded, and so is not asked about. */
void		 doc_grants_lost(struct doc *d);

#endif
