/*
 * run: one world from its seed to its end.
 */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* What happened, to see that everything that should happen does. */
struct run_totals {
	uint64_t	 runs, steps, frames, ops, repeated, refused_parcels,
			 refused_ops, transformed, gaps, loads, evictions,
			 checkpoints, slow_readers, finds, known_reads;
};

/* Exits when something does not hold. */
void	run_seed(uint64_t seed, bool is_verbose, struct run_totals *totals);
void	run_report(const struct run_totals *totals);

#endif
