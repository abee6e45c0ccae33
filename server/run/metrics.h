/*
 * metrics: numbers for Prometheus, of all workers.
 *
 * A scrape reaches whichever worker accepts it; so the workers keep their
 * numbers on a board in memory that they share, each in a place of its own,
 * and any of them can show all.  A number is one aligned word that one
 * process writes: readers see it old or new, never torn.
 */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include <stdint.h>

#include "auth/users.h"
#include "base/breaker.h"
#include "base/histogram.h"
#include "bus/bus.h"
#include "core/hub.h"
#include "net/net.h"
#include "ot/buf.h"
#include "rest/hook.h"
#include "store/store.h"

struct metrics_values {
#define METRIC(field, kind, name, help)	uint64_t field;
#define HISTOGRAM(field, name, help)	struct histogram field;
#include "run/metrics.def"
#undef HISTOGRAM
#undef METRIC
};

struct metrics_board;

/* For n workers; made before they fork.  NULL, with errno: no memory. */
struct metrics_board	*metrics_board_new(unsigned n);
void			 metrics_board_free(struct metrics_board *b);
/* A worker's place, borrowed; zero at first. */
struct metrics_values	*metrics_place(struct metrics_board *b, unsigned worker);

/* Copy in what the parts count. */
void	 metrics_take_hub(struct metrics_values *v, const struct hub_counts *c);
void	 metrics_take_net(struct metrics_values *v, const struct net_counts *c);
void	 metrics_take_store(struct metrics_values *v,
	    const struct store_health *h);
void	 metrics_take_bus(struct metrics_values *v, const struct bus_health *h);
void	 metrics_take_hooks(struct metrics_values *v,
	    const struct hook_counts *c);
/* Of the URL that keys come from. */
void	 metrics_take_keys(struct metrics_values *v,
	    const struct breaker_counts *c);
void	 metrics_take_users(struct metrics_values *v,
	    const struct users_counts *c);
/* Ask the system about this process. */
void	 metrics_take_process(struct metrics_values *v);

/*
 * Append all workers' numbers, in Prometheus' text format 0.0.4, and of which
 * version they are.
 */
void	 metrics_show(const struct metrics_board *b, struct buf *out);

#endif
