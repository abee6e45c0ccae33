/*
 * pg_way: the way to a PostgreSQL server, shared by all connections of one
 * store.
 *
 * While the server is away one of them probes, round by round of the hosts, as
 * a breaker says (base/breaker); when that one is in, the others follow it, to
 * the same host.  So a server that comes back is not met by all connections
 * of all processes at once, again and again.
 *
 * For the loop's thread, but pg_way_is_away, which any may ask.
 */
#ifndef STORE_PG_WAY_H
#define STORE_PG_WAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/breaker.h"

struct pg_hosts;

struct pg_way {
	const struct pg_hosts *hosts;	/* borrowed */
	struct breaker	 breaker;	/* a try is a round of all hosts */
	size_t		 host;		/* where the next round begins */
	atomic_bool	 is_away;	/* the breaker is not closed */
};

void	 pg_way_init(struct pg_way *way, const struct pg_hosts *hosts);
/*
 * May a round begin?  True: it does, at way->host, and found, failed or
 * dropped tells its end; *probes_out: it is the probe, and the others wait.
 */
bool	 pg_way_try(struct pg_way *way, uint64_t now_ms, bool *probes_out);
/* This host has taken a connection. */
void	 pg_way_found(struct pg_way *way, size_t host);
/*
 * A round was in vain, or a connection broke; the next is to begin at host.
 * What others than the probe find out while the server is known to be away
 * does not count.
 */
void	 pg_way_failed(struct pg_way *way, uint64_t now_ms, size_t host,
	    bool probed);
/* The probe ends without a result. */
void	 pg_way_dropped(struct pg_way *way);
/* When it is worth asking again: the probe may be done at any moment. */
uint64_t pg_way_wait_ms(const struct pg_way *way, uint64_t now_ms);
bool	 pg_way_is_away(const struct pg_way *way);

#endif
