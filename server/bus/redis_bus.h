/*
 * redis_bus: the bus over Redis publish and subscribe.
 *
 *	      start                 both connections stand, login accepted
 *	AWAY -------> CONNECTING ------------------------------> FOLLOWING
 *	 ^                |                                          |
 *	 |  error,        |                     everything followed  |
 *	 |  silence       v                     is followed again    v
 *	 '----------------+------------------------------------------UP
 *
 * 1. Two connections: one publishes, one subscribes (a connection that has
 *    subscribed cannot publish).  They live and die together.
 * 2. Words said while the publishing connection is away, or while it does not
 *    get rid of what it has, are dropped and counted.  Once it is up again it
 *    says so on a channel that everybody is on, and the others file a
 *    WORD_BACK: what was dropped may have been news to them.
 * 3. A heartbeat goes through both: published on a channel of our own, and
 *    expected back.  Silence means lost, whatever TCP believes.
 * 4. After a loss it comes back by itself, when a breaker lets it try: after a
 *    pause that doubles, of which chance takes up to a half.  It follows again
 *    in batches, then files a WORD_BACK.  It files one at the first connection
 *    too: words may have passed before it.
 * 5. Not promised: that a word arrives, once, or in order.
 */
#ifndef BUS_REDIS_BUS_H
#define BUS_REDIS_BUS_H

#include <stddef.h>
#include <stdint.h>

struct bus;
struct loop;

struct redis_bus_times {
	uint64_t	connect_ms;	/* to connect and log in */
	uint64_t	heartbeat_ms;	/* between heartbeats */
	uint64_t	silent_ms;	/* no heartbeat came back: lost */
	uint64_t	pause_min_ms;	/* before the first attempt to come back */
	uint64_t	pause_max_ms;
};

/*
 * As bus_open, for redis:// URLs.  The host's name is looked up here, which
 * blocks, so that a wrong one is found at the start; all its addresses are
 * tried in turn.  When none of them answered it is looked up again, without
 * blocking: the Redis may have moved.  times NULL: the usual ones; else
 * copied, for tests that cannot wait.
 */
struct bus	*redis_bus_open(const char *url, struct loop *loop,
		    const struct redis_bus_times *times, char *why,
		    size_t why_len);

#endif
