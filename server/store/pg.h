/*
 * pg: one connection to PostgreSQL, kept up.
 *
 *	     +------------- when pg_way lets it -------------+
 *	     v                                               |
 *	LOOKING_UP --> CONNECTING --> PREPARING --> READY --> BROKEN
 *
 * and from each of the others to BROKEN.  An address is not looked up.
 *
 * In pipeline mode: what is sent does not wait for the answers before.  A
 * unit is one prepared statement and its sync, so a transaction of its own;
 * it ends when its sync is answered, since only then its commit is known.
 * Statements that are prepared when first used are so by that unit.
 *
 * Through a pooler that gives each transaction some session of its own
 * (PgBouncer's pool_mode transaction) nothing is prepared and no session
 * changed: a unit brings its settings along.  It is recognised when connected.
 *
 * Units end through pg_calls, which are called from pg_send and from within
 * loop_wait; they may call pg_send, not pg_free.
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "store/pg_hosts.h"

struct loop;
struct pg;
struct pg_way;

/* The caller's, embedded in what it does; untouched by it while under way. */
struct pg_unit {
	struct list	 node;		/* pg's queue, in the order sent */
	unsigned	 wanted;	/* results still to come before the sync */
	unsigned	 prepares;	/* the statement that its first result prepares; 0: none */
	bool		 open;		/* a result has come, its end has not */
	PGresult	*res;		/* the last, or the first bad one */
	uint64_t	 sent_ms;
};

struct pg_calls {
	/* The connection is ready, for the first time or again. */
	void	(*up)(void *arg);
	/* It was, and broke; its units were lost before this. */
	void	(*down)(void *arg);
	/*
	 * Answered: res is a good result, or the error; borrowed.  After an
	 * error nothing of the unit was done.
	 */
	void	(*answered)(void *arg, struct pg_unit *u, const PGresult *res);
	/* The connection broke: whether the unit was done is not known. */
	void	(*lost)(void *arg, struct pg_unit *u);
};

struct pg_param {
	const char	*bytes;		/* NULL: SQL's null */
	int		 len;		/* bytes; of binary ones only */
	bool		 binary;	/* else text with a NUL after it */
};

#define PG_PARAMS_MAX	18

/* Starts to connect.  way is borrowed; name is for the log, static. */
struct pg	*pg_new(struct loop *loop, struct pg_way *way, const char *name,
		    const struct pg_calls *calls, void *arg);
/* Units under way are forgotten without a call.  NULL is fine. */
void		 pg_free(struct pg *pg);

bool		 pg_is_up(const struct pg *pg);
unsigned	 pg_in_flight(const struct pg *pg);	/* units */
unsigned long	 pg_reconnects(const struct pg *pg);	/* connections lost */

/*
 * Send a statement of pg_sql.h; pg must be up.  The parameters are copied.
 * When the connection breaks over it, the unit is lost before this returns.
 */
void		 pg_send(struct pg *pg, struct pg_unit *u, unsigned statement,
		    const struct pg_param *params, int n);

/* Time passes: give up on a connection that stays silent. */
void		 pg_check(struct pg *pg, uint64_t now_ms);

#endif
