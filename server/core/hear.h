/*
 * hear: what the bus says of documents, and the doubt about what it did not
 * say: versions compared with the store's.
 */
#ifndef CORE_HEAR_H
#define CORE_HEAR_H

struct doc;
struct hub;
struct job;

/* Whatever has readers here is in doubt. */
void		 hear_sweep(struct hub *h);
/* Ask the store for the versions of what is; NULL: nothing is. */
struct job	*hear_ask(struct hub *h);
/* It has answered, or could not. */
void		 hear_versions(struct hub *h, const struct job *job);
/* The document is in doubt. */
void		 hear_doubt(struct doc *d);

#endif
