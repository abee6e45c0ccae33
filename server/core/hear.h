/*
 * hear: what the bus says of documents, and the doubt about what it did not
 * say: versions compared with the store's.
 */
#ifndef CORE_HEAR_H
#define CORE_HEAR_H

struct hub;
struct job;
struct job_versions;

/* Whatever has readers here is in doubt. */
void		 hear_sweep(struct hub *h);
/* Ask the store for the versions of what is; NULL: nothing is. */
struct job	*hear_ask(struct hub *h);
/* It has answered. */
void		 hear_versions(struct hub *h,
		    const struct job_versions *versions);

#endif
