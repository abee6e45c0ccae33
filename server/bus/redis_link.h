/*
 * redis_link: one connection to Redis, connected and logged in, or gone.
 *
 * Its owner hears of two things only: that it is ready, and that it is lost.
 * A link that was dropped says nothing more, whatever was under way.
 */
#ifndef BUS_REDIS_LINK_H
#define BUS_REDIS_LINK_H

#include <stdbool.h>

#include <hiredis/hiredis.h>
#include <hiredis/async.h>

struct loop;
struct redis_url;

struct redis_link {
	redisAsyncContext	*ac;	/* for commands; NULL: none */
	bool			 ready;	/* connected and logged in */
	void			*owner;
	void			(*on_ready)(void *owner);
	/* The link is gone already.  why is borrowed for the call. */
	void			(*on_lost)(void *owner, const char *why);
	const struct redis_url	*url;	/* borrowed: port, user, password */
};

/* Begin to connect; on_lost may come at once.  address is numeric. */
void	 redis_link_start(struct redis_link *l, const char *address,
	    struct loop *loop);
/*
 * Write the commands given so far, in one piece; what the socket does not take
 * follows by itself.  Until then they wait: who gives many flushes once.  The
 * link may be lost by this.
 */
void	 redis_link_flush(struct redis_link *l);
/* Harmless when there is none. */
void	 redis_link_drop(struct redis_link *l);
/* In a reply callback: whose it is; NULL when it was dropped. */
void	*redis_link_owner(const redisAsyncContext *ac);

#endif
