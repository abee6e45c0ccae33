#include "bench/load/run.h"

#include <stdio.h>

#include "bench/load/client.h"
#include "bench/load/replica.h"
#include "bench/load/scenario.h"
#include "bench/load/verify.h"

/* Clients under way at once, in what is only preparation. */
#define WIDTH	64

static uint64_t
ns_of(double seconds)
{
	return (uint64_t)(seconds * 1e9);
}

/* ---- processes ---- */

static bool
processes_begin(struct run *run, const struct options *o)
{
	for (unsigned i = 0; i < o->n_pids; i++) {
		struct run_process *p = &run->process[i];

		p->group.root = o->pid[i].pid;
		if (process_group_find(&p->group) == 0) {
			fprintf(stderr, "otd-load: there is no process %d (%s)\n",
			    (int)o->pid[i].pid, o->pid[i].name);
			return false;
		}
		p->rss_start = process_group_rss(&p->group);
	}
	return true;
}

/* All is open; whoever was born for it is known from now on. */
static void
processes_opened(struct run *run)
{
	for (unsigned i = 0; i < run->rig.options->n_pids; i++) {
		process_group_find(&run->process[i].group);
		run->process[i].rss_open =
		    process_group_rss(&run->process[i].group);
	}
}

/* For who measures more than we do. */
static void
mark(const struct run *run, const char *what)
{
	if (run->rig.options->is_marking)
		fprintf(stderr, "counting %s\n", what);
}

static void
counting_begins(struct run *run)
{
	mark(run, "begins");
	for (unsigned i = 0; i < run->rig.options->n_pids; i++)
		run->process[i].cpu_from_ns =
		    process_group_cpu_ns(&run->process[i].group);
	run->own = process_own();
}

static void
counting_ends(struct run *run, uint64_t from_ns)
{
	struct process_own own = process_own();

	run->own.cpu_ns = own.cpu_ns - run->own.cpu_ns;
	run->own.system_ns = own.system_ns - run->own.system_ns;
	run->seconds = (double)(loop_clock_ns() - from_ns) / 1e9;
	for (unsigned i = 0; i < run->rig.options->n_pids; i++) {
		struct run_process *p = &run->process[i];
		uint64_t now = process_group_cpu_ns(&p->group);

		p->cpu_ns = now > p->cpu_from_ns ? now - p->cpu_from_ns : 0;
	}
	mark(run, "ends");
}

/* Once nothing is measured any more. */
static void
processes_end(struct run *run)
{
	for (unsigned i = 0; i < run->rig.options->n_pids; i++) {
		struct run_process *p = &run->process[i];

		p->n = process_group_find(&p->group);
		p->rss_end = process_group_rss(&p->group);
		p->pss_end = process_group_pss(&p->group);
	}
}

/* ---- steps ---- */

/* Lead a stretch of clients through requests. */
static bool
run_stage(struct run *run, const char *what, stage_ask *ask, uint32_t first,
    uint32_t n, uint32_t width)
{
	struct rig *rig = &run->rig;

	stage_begin(&rig->stage, ask, rig->clients + first, n, width);
	rig_run(rig, stage_is_over, UINT64_MAX);
	if (rig->stage.left == 0)
		return true;
	fprintf(stderr, "otd-load: could not %s: %u of %u connections are not through\n",
	    what, rig->stage.left, n);
	return false;
}

/* All at work, or those whose turn it is. */
static void
writers_begin(struct rig *rig, double rate)
{
	rig->pace.period_ns = rate > 0 ? 1e9 / rate : 0;
	rig->pace.start_ns = rig->loop.now_ns = loop_clock_ns();
	rig->pace.next = 0;
	rig->is_writing = true;
	rig->tally.is_paced = rate > 0;
	if (rate > 0)
		return;
	for (uint32_t i = 0; i < rig->pace.n; i++)
		replica_write(rig->writers[i]);
}

/* Every writer has made all the ops that it may. */
static bool
all_is_written(const struct rig *rig)
{
	const struct options *o = rig->options;

	if (rig->busy > 0 || o->ops == 0)
		return false;
	for (uint32_t i = 0; i < rig->pace.n; i++)
		if (rig->writers[i]->is_writer &&
		    rig->writers[i]->made < o->ops)
			return false;
	return true;
}

/* Nothing is in flight or due, and all who follow have heard all. */
static bool
all_is_quiet(const struct rig *rig)
{
	if (rig->busy > 0)
		return false;
	for (uint32_t i = 0; i < rig->n_replicas; i++) {
		const struct replica *r = &rig->replicas[i];

		if (r->due > r->made ||
		    (r->is_following && r->v < r->doc->head))
			return false;
	}
	return true;
}

/*
 * Let what is under way come to its end.  Ops that were due are still sent,
 * for a while; then only answers are waited for, so that nothing changes any
 * more while it is verified.
 */
static void
run_drain(struct rig *rig)
{
	const struct options *o = rig->options;
	struct tally *t = &rig->tally;

	rig->is_writing = false;
	rig_run(rig, all_is_quiet, loop_clock_ns() + ns_of(o->drain));
	for (uint32_t i = 0; i < rig->n_replicas; i++) {
		struct replica *r = &rig->replicas[i];

		if (r->due > r->made)
			t->unsent += r->due - r->made;
		r->due = r->made;
	}
	rig_run(rig, all_is_quiet, loop_clock_ns() + ns_of(o->drain));
	for (uint32_t i = 0; i < rig->n_replicas; i++) {
		const struct replica *r = &rig->replicas[i];

		t->unanswered += r->seq != 0;
		t->behind += r->is_following && r->v < r->doc->head;
	}
}

/* Writers at work, of which a part counts. */
static bool
run_writing(struct run *run)
{
	struct rig *rig = &run->rig;
	const struct options *o = rig->options;
	struct tally *t = &rig->tally;

	doze_begin(rig);
	if (!o->scenario->is_idle)
		writers_begin(rig, o->rate);
	else
		rig->loop.now_ns = loop_clock_ns();
	t->from_ns = rig->loop.now_ns + ns_of(o->warmup);
	t->until_ns = t->from_ns + ns_of(o->seconds);
	rig_run(rig, all_is_written, t->from_ns);
	counting_begins(run);
	rig_run(rig, all_is_written, t->until_ns);
	t->until_ns = loop_clock_ns();
	counting_ends(run, t->from_ns);
	run_drain(rig);
	if (loop_clock_ns() < rig->end_ns)
		return true;
	fprintf(stderr, "otd-load: not done in %g seconds (--limit)\n",
	    o->limit);
	return false;
}

/* S7: make documents with a history. */
static bool
run_prepare(struct run *run)
{
	struct rig *rig = &run->rig;

	writers_begin(rig, 0);
	if (!rig_run(rig, all_is_written, UINT64_MAX)) {
		fprintf(stderr, "otd-load: could not write the documents: time was up\n");
		return false;
	}
	rig->is_writing = false;
	return true;
}

/* S7: open them, in so many closed loops. */
static bool
run_opening(struct run *run)
{
	struct rig *rig = &run->rig;
	uint32_t n = rig->options->connections;
	bool is_through;

	if (!run_stage(run, "connect", client_connect, n, n, WIDTH))
		return false;
	processes_opened(run);
	counting_begins(run);
	rig->tally.from_ns = loop_clock_ns();
	is_through = run_stage(run, "open the documents", replica_ask_open, n,
	    n, n);
	rig->tally.until_ns = loop_clock_ns();
	counting_ends(run, rig->tally.from_ns);
	return is_through;
}

static bool
run_steps(struct run *run)
{
	struct rig *rig = &run->rig;
	const struct options *o = rig->options;
	bool is_opening = o->scenario->is_opening;
	uint32_t n = o->connections;

	if (o->phase != PHASE_OPEN &&
	    (!run_stage(run, "connect", client_connect, 0, n, WIDTH) ||
	    !run_stage(run, "create the documents", replica_ask_create, 0, n,
	    WIDTH)))
		return false;
	if (is_opening)
		return (o->phase == PHASE_OPEN || run_prepare(run)) &&
		    (o->phase == PHASE_PREPARE || run_opening(run));
	if (o->phase == PHASE_PREPARE)
		return true;
	if (o->phase == PHASE_OPEN &&
	    !run_stage(run, "connect", client_connect, 0, n, WIDTH))
		return false;
	if (!run_stage(run, "open the documents", replica_ask_open, 0, n,
	    WIDTH))
		return false;
	processes_opened(run);
	return run_writing(run);
}

bool
run_do(struct run *run, const struct options *options)
{
	bool is_through;

	*run = (struct run){ .seconds = 0 };
	if (rig_init(&run->rig, options) != 0)
		return false;
	is_through = processes_begin(run, options) && run_steps(run);
	processes_end(run);
	if (is_through && options->is_verifying)
		verify(&run->rig, &run->check);
	return is_through;
}

void
run_done(struct run *run)
{
	for (unsigned i = 0; i < OPTIONS_PIDS; i++)
		process_group_done(&run->process[i].group);
	rig_done(&run->rig);
}

bool
run_is_well(const struct run *run)
{
	const struct tally *t = &run->rig.tally;
	const struct run_check *c = &run->check;

	return t->errors == 0 && t->unanswered == 0 && t->behind == 0 &&
	    (!run->rig.options->is_verifying ||
	    (c->is_done && c->faults == 0));
}
