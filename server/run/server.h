/*
 * server: one process of otd: a loop and, around the hub, what it needs.
 *
 * Every worker is one of these.  It serves until SIGTERM or SIGINT, or POST
 * /drain at the admin address, then drains (leave.h): no new connections,
 * clients are told to come back elsewhere, what waits in lines is finished; a
 * second signal ends it at once.
 */
#ifndef RUN_SERVER_H
#define RUN_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "run/config.h"
#include "run/metrics.h"

/* Where a worker stands among the others. */
struct server_place {
	unsigned		 worker;	/* its number, from 0 */
	int			*listen_fds;	/* one for each --listen; taken over */
	int			 admin_fd;	/* taken over; -1: none */
	pid_t			 supervisor;	/* its parent; SIGINT is for that one; 0: none */
	const char		*secret;	/* the database's: see secret.h; NULL: --auth none */
	const char		*epoch;		/* the database's: see migrate.h */
	struct metrics_board	*board;
	void			(*ready)(void *arg);	/* connections are accepted */
	void			*ready_arg;
};

/*
 * Serve until told to leave.  The exit code of the process: 0 after a drain,
 * also one that its deadline cut short; EX_UNAVAILABLE, logged, when it could
 * not start.
 */
int	 server_run(const struct config *config,
	    const struct server_place *place);

#endif
