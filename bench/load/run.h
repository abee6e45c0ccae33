/*
 * run: a scenario from beginning to end.
 *
 *	connect, create, open, write (warm-up, then what counts), drain, verify
 *
 * S7 writes its documents first, uncounted, then opens them: that counts.
 * --phase ends before the opening, or begins with it.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/load/options.h"
#include "bench/load/process.h"
#include "bench/load/rig.h"

/* What is known of a process that was named. */
struct run_process {
	struct process_group	 group;
	uint64_t		 cpu_from_ns;	/* when counting began */
	uint64_t		 cpu_ns;	/* while it counted */
	uint64_t		 rss_start;	/* bytes: before any connection */
	uint64_t		 rss_open;	/* when all was connected and open */
	uint64_t		 rss_end;	/* when counting ended */
	uint64_t		 pss_end;
	size_t			 n;		/* processes at the end */
};

struct run_check {
	bool			 is_done;	/* --verify, and it came that far */
	uint64_t		 docs;		/* that are as they should be */
	uint64_t		 ops;		/* found in histories */
	uint64_t		 faults;
};

struct run {
	struct rig		 rig;
	struct run_process	 process[OPTIONS_PIDS];
	struct process_own	 own;		/* while it counted */
	double			 seconds;	/* that it counted */
	struct run_check	 check;
};

/*
 * Do it all; the caller calls run_done whatever comes of it.  False: it could
 * not be carried through, as was said on stderr.
 */
bool	run_do(struct run *run, const struct options *options);
void	run_done(struct run *run);
/* Nothing went wrong, as far as was looked. */
bool	run_is_well(const struct run *run);

#endif
