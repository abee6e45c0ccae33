/*
 * workers: several processes that share the addresses, and who watches them.
 *
 *	supervisor -+- worker 0: its own listening sockets, loop, connections
 *	            +- worker 1: the same
 *	            '- ...
 *
 * 1. The supervisor makes the listening sockets, one a worker and address,
 *    and keeps them open: while a worker is away, the connections that the
 *    kernel gave to its sockets wait for its successor.
 * 2. Each worker builds everything after the fork.  They meet in the store
 *    and on the bus only.
 * 3. A worker that ends is started again, after a pause if it lived shortly.
 *    One that ends before all were up has the others ended as well.
 * 4. One whose loop has not turned for --hang-timeout is ended, and started
 *    again as well.
 * 5. SIGTERM and SIGINT to the supervisor drain all workers; again: they
 *    leave at once.  SIGUSR1, by which a worker says that it was asked to
 *    drain, does it once.  When the supervisor dies, its workers drain.
 */
#ifndef RUN_WORKERS_H
#define RUN_WORKERS_H

#include "run/config.h"
#include "run/metrics.h"

struct worker_sockets {
	int	*listen_fds;	/* one for each --listen */
	int	 admin_fd;	/* -1: none */
};

/*
 * Run config->workers workers, each on its sockets; the sockets are taken
 * over, the arrays stay the caller's.  all_up is called once, when all accept
 * connections.  Returns the exit code of the program; in the workers
 * themselves it does not return.
 */
int	 workers_run(const struct config *config,
	    const struct worker_sockets *sockets, const char *secret,
	    const char *epoch, struct metrics_board *board,
	    void (*all_up)(void *arg), void *arg);

#endif
