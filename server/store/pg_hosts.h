/*
 * pg_hosts: the hosts that a connection URI names, one attempt each.
 *
 * libpq can walk the list by itself, but a host that accepts and then stays
 * silent would hold every attempt for ever, and always first.  So an attempt
 * is made to one host, the caller keeps the time, and the next attempt goes
 * to the next host.
 */
#ifndef STORE_PG_HOSTS_H
#define STORE_PG_HOSTS_H

#include <libpq-fe.h>
#include <stddef.h>

struct pg_hosts;

/* NULL, with the reason in why, when the URI is none. */
struct pg_hosts	*pg_hosts_new(const char *url, char *why, size_t why_len);
void		 pg_hosts_free(struct pg_hosts *h);	/* NULL is fine */
/* How many there are; at least 1. */
size_t		 pg_hosts_count(const struct pg_hosts *h);
/* "db1:5432", for the log; borrowed. */
const char	*pg_hosts_name(const struct pg_hosts *h, size_t i);
/*
 * The name that must be looked up first; NULL when there is none: an address,
 * or a folder of sockets.  Borrowed.
 */
const char	*pg_hosts_unknown(const struct pg_hosts *h, size_t i);
/*
 * Begin an attempt (PQconnectStartParams).  addresses: those of its name,
 * numeric, with commas; NULL if it has none to be looked up.  A server that
 * does not accept writes is refused unless the URI says otherwise.
 */
PGconn		*pg_hosts_connect(const struct pg_hosts *h, size_t i,
		    const char *addresses);

#endif
