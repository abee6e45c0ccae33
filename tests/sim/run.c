#include "tests/sim/run.h"

#include <stdio.h>

#include "tests/sim/world.h"

static void
count(const struct world *w, struct run_totals *t)
{
	struct hub_counts counts;
	unsigned i;

	t->runs++;
	t->steps += w->steps;
	t->frames += w->told;
	for (i = 0; i < w->n_nodes; i++) {
		hub_count(w->nodes[i].hub, &counts);
		t->ops += counts.ops_committed;
		t->repeated += counts.ops_repeated;
		t->refused_parcels += counts.parcels_refused;
		t->refused_ops += counts.ops_refused;
		t->transformed += counts.ops_transformed;
		t->gaps += counts.gaps;
		t->loads += counts.loads;
		t->evictions += counts.evictions;
		t->checkpoints += counts.checkpoints;
		t->slow_readers += counts.slow_readers;
		t->finds += counts.finds;
		t->known_reads += counts.known_reads;
	}
}

void
run_seed(uint64_t seed, bool is_verbose, struct run_totals *totals)
{
	static struct world w;
	unsigned long steps;

	world_init(&w, seed, is_verbose);
	steps = 200 + below(&w, 1000);
	while (w.steps < steps)
		world_step(&w);
	world_settle(&w);
	witness_end(&w);
	count(&w, totals);
	world_done(&w);
}

static void
line(const char *what, uint64_t n)
{
	printf("%12llu %s\n", (unsigned long long)n, what);
}

void
run_report(const struct run_totals *t)
{
	line("runs", t->runs);
	line("steps", t->steps);
	line("frames", t->frames);
	line("ops committed", t->ops);
	line("ops repeated", t->repeated);
	line("ops refused", t->refused_ops);
	line("ops transformed", t->transformed);
	line("races lost", t->refused_parcels);
	line("gaps heard", t->gaps);
	line("loads", t->loads);
	line("evictions", t->evictions);
	line("checkpoints", t->checkpoints);
	line("slow readers", t->slow_readers);
	line("finds of queries", t->finds);
	line("reads while the store was away", t->known_reads);
}
