/*
 * otd-load: load for a server that speaks ShareDB's protocol.  README.md says
 * what the scenarios are, and the files.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bench/load/options.h"
#include "bench/load/report.h"
#include "bench/load/run.h"

int
main(int argc, char **argv)
{
	struct options options;
	struct run *run;
	bool is_through, is_well;

	switch (options_read(argc, argv, &options)) {
	case OPTIONS_HELPED:
		return 0;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	run = mem_get(sizeof(*run));	/* its histograms are large */
	is_through = run_do(run, &options);
	is_well = is_through && run_is_well(run);
	if (is_through)
		report(run);
	run_done(run);
	free(run);
	return is_well ? 0 : 1;
}
