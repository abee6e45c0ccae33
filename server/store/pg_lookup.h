/*
 * pg_lookup: find the addresses of a host's name, in a thread of its own,
 * because getaddrinfo blocks for as long as a name server is silent.
 */
#ifndef STORE_PG_LOOKUP_H
#define STORE_PG_LOOKUP_H

struct loop;
struct pg_lookup;

/*
 * Called once, in the loop's thread, while the lookup is not freed: the
 * numeric addresses with commas between them, or NULL and why.  Both are
 * borrowed.  It may free the lookup.
 */
typedef void pg_lookup_call(const char *addresses, const char *why, void *arg);

struct pg_lookup *pg_lookup_new(struct loop *loop, const char *host,
		    pg_lookup_call *call, void *arg);
/* Does not wait: a thread still at it is left to end by itself.  NULL is fine. */
void		 pg_lookup_free(struct pg_lookup *l);

#endif
