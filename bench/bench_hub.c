/*
 * bench_hub: the hub alone, with a store that says yes to everything, doing
 * the same work each time: what an op costs without sockets and database.
 *
 *	bench_hub DOCUMENTS WRITERS ROUNDS [shared]
 *
 * Each document has so many writers, who all follow it.  In a round everybody
 * inserts four characters, all of it arrives in one turn, and everybody takes
 * what there is to hear.  Prints "ops deliveries".  Two runs that differ in
 * rounds differ by the cost of ops: under callgrind, in instructions.
 * "shared": others write to the store too, so that they are told of ops.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/hub.h"

#define TURN_MS		2	/* of the hub's clock, a round */

struct writer {
	struct session	*ss;
	unsigned	 doc;
	uint64_t	 seq, v;
};

static uint64_t deliveries;

/* ---- the store ---- */

static void
job_answer(struct job *job)
{
	struct list *node, *next;

	if (job->kind == JOB_COMMIT)
		LIST_EACH(&job->commit.parcels, node, next)
			LIST_ITEM(node, struct parcel, node)->accepted = true;
	else if (job->kind == JOB_OPS)
		job->ops.v = job->ops.from;
	else if (job->kind != JOB_LOAD && job->kind != JOB_CHECKPOINT &&
	    job->kind != JOB_VERSIONS)
		bug("a job that this store has no answer to");
	if (job->kind == JOB_VERSIONS)
		job->err = ERR_STORE_AWAY;
}

/* ---- the turn ---- */

static void
writer_hear(struct writer *w)
{
	struct frame *f;

	while ((f = session_shift(w->ss)) != NULL) {
		deliveries++;
		frame_unref(f);
	}
}

static void
run(struct hub *h, struct writer *writers, unsigned n)
{
	struct job *job;
	struct word *word;
	bool more;
	unsigned i;

	do {
		more = hub_work(h);
		while ((job = hub_next_job(h)) != NULL) {
			job_answer(job);
			hub_finish(h, job);
			more = true;
		}
		while ((word = hub_next_word(h)) != NULL)
			word_free(word);
	} while (more);
	while (hub_next_ready(h) != NULL)
		continue;
	for (i = 0; i < n; i++)
		writer_hear(&writers[i]);
}

/* ---- the clients ---- */

static void
say(struct hub *h, struct writer *w, const char *text, int len)
{
	if (!hub_receive(h, w->ss, text, (size_t)len))
		bug("an inbox is full");
}

static void
writer_begin(struct hub *h, struct writer *w, unsigned i, bool makes)
{
	char text[256], id[33];

	snprintf(id, sizeof(id), "%032x", i + 1);
	w->ss = hub_open(h, NULL, id, NULL, 0);
	if (makes) {
		say(h, w, text, snprintf(text, sizeof(text), "{\"a\":\"op\","
		    "\"c\":\"bench\",\"d\":\"document-%u\",\"v\":0,\"seq\":1,"
		    "\"x\":{},\"create\":{\"type\":\"http://sharejs.org/types/"
		    "text-unicode\",\"data\":\"abcdefghijklmnopqrstuvwxyz\"}}",
		    w->doc));
		w->seq = 1;
	}
	say(h, w, text, snprintf(text, sizeof(text),
	    "{\"a\":\"s\",\"c\":\"bench\",\"d\":\"document-%u\"}", w->doc));
}

static void
writer_edit(struct hub *h, struct writer *w)
{
	char text[256];

	w->seq++;
	say(h, w, text, snprintf(text, sizeof(text), "{\"a\":\"op\",\"c\":"
	    "\"bench\",\"d\":\"document-%u\",\"v\":%" PRIu64 ",\"seq\":%" PRIu64
	    ",\"x\":{},\"op\":[%u,\"four\"]}", w->doc, w->v, w->seq,
	    (unsigned)(w->seq % 20 + 1)));
}

static unsigned
number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int
main(int argc, char **argv)
{
	unsigned docs, each, rounds, n, i, round;
	struct hub_limits limits;
	struct writer *writers;
	struct hub_counts counts;
	struct hub *h;

	docs = argc > 3 ? number(argv[1]) : 0;
	each = argc > 3 ? number(argv[2]) : 0;
	if (docs == 0 || each == 0) {
		fprintf(stderr, "usage: bench_hub DOCUMENTS WRITERS ROUNDS"
		    " [shared]\n");
		return 2;
	}
	rounds = number(argv[3]);
	n = docs * each;
	hub_limits_default(&limits);
	limits.shared_store = argc > 4;
	h = hub_new(&limits, 1);
	writers = mem_get(n * sizeof(*writers));
	for (i = 0; i < n; i++) {
		writers[i].doc = i % docs;
		writer_begin(h, &writers[i], i, i < docs);
		if (i + 1 == docs)
			run(h, writers, i + 1);
	}
	run(h, writers, n);
	deliveries = 0;
	for (round = 0; round < rounds; round++) {
		hub_tick(h, round * TURN_MS);
		for (i = 0; i < n; i++) {
			writers[i].v = 1 + (uint64_t)round * each;
			writer_edit(h, &writers[i]);
		}
		run(h, writers, n);
	}
	hub_count(h, &counts);
	printf("%" PRIu64 " %" PRIu64 "\n", counts.ops_committed - docs,
	    deliveries);
	hub_free(h);
	free(writers);
	return 0;
}
