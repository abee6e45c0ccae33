#include "bench/load/rig.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "bench/load/client.h"
#include "bench/load/lots.h"
#include "bench/load/replica.h"
#include "bench/load/scenario.h"

#define FAULTS_TOLD	10
#define FILES_BESIDE	64	/* descriptors for all but connections */
#define SLACK_NS	1000u	/* that a time to wait until may be missed by */

void
rig_fault(struct rig *rig, const char *format, ...)
{
	va_list args;

	if (rig->tally.errors++ >= FAULTS_TOLD)
		return;
	fputs("otd-load: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- who is there ---- */

static void
rig_size(struct rig *rig)
{
	const struct options *o = rig->options;

	rig->n_docs = o->docs;
	if (o->scenario->layout == LAYOUT_SHARED) {
		rig->n_clients = rig->n_replicas = o->connections;
		return;
	}
	/* Those who prepare documents and those who open them are others. */
	rig->n_clients = o->connections;
	rig->n_replicas = o->docs;
	if (o->scenario->is_opening) {
		rig->n_clients *= 2;
		rig->n_replicas *= 2;
	}
}

static struct replica *
replica_add(struct rig *rig, struct client *c, uint32_t doc, bool is_writer,
    uint32_t member)
{
	struct replica *r = &c->replicas[c->n_replicas++];

	*r = (struct replica){ .client = c, .doc = &rig->docs[doc],
	    .is_writer = is_writer,
	    .chance = replica_chance(rig->options->seed, doc, member) };
	r->beside = r->doc->replicas;
	rig->docs[doc].replicas = r;
	if (is_writer) {
		r->turn = rig->pace.n++;
		if (member == 0)
			rig->docs[doc].creator = r;
	}
	return r;
}

/* Documents 0, C, 2C, ... are client 0's, and so on. */
static void
lay_out_spread(struct rig *rig, uint32_t first, bool is_writing)
{
	uint32_t connections = rig->options->connections;
	struct replica *next = rig->replicas + (first > 0 ? rig->n_docs : 0);

	for (uint32_t i = 0; i < connections; i++) {
		struct client *c = &rig->clients[first + i];

		c->replicas = next;
		for (uint32_t d = i; d < rig->n_docs; d += connections)
			replica_add(rig, c, d, is_writing, 0);
		next += c->n_replicas;
	}
}

static void
lay_out_shared(struct rig *rig)
{
	const struct options *o = rig->options;
	uint32_t members = o->writers + o->readers;

	for (uint32_t i = 0; i < rig->n_clients; i++) {
		struct client *c = &rig->clients[i];
		uint32_t member = i % members;

		c->replicas = &rig->replicas[i];
		replica_add(rig, c, i / members, member < o->writers, member);
		if (o->is_by_document)
			c->url = i / members % o->n_urls;
		if (!o->scenario->is_apart || o->n_urls == 1)
			continue;
		c->url = member < o->writers ? 0 :
		    1 + (member - o->writers) % (o->n_urls - 1);
	}
}

static void
rig_lay_out(struct rig *rig)
{
	const struct options *o = rig->options;

	for (uint32_t d = 0; d < rig->n_docs; d++) {
		rig->docs[d].index = d;
		snprintf(rig->docs[d].id, sizeof(rig->docs[d].id), "%s-%s-%u",
		    o->scenario->name, o->run, d);
	}
	for (uint32_t i = 0; i < rig->n_clients; i++) {
		rig->clients[i].rig = rig;
		rig->clients[i].index = i;
		rig->clients[i].url = i % o->n_urls;
	}
	if (o->scenario->layout == LAYOUT_SHARED) {
		lay_out_shared(rig);
	} else {
		lay_out_spread(rig, 0, true);
		if (o->scenario->is_opening)
			lay_out_spread(rig, o->connections, false);
	}
}

static int
rig_raise_files(uint32_t connections)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return -1;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur != RLIM_INFINITY &&
	    files.rlim_cur < (rlim_t)connections + FILES_BESIDE) {
		fprintf(stderr, "otd-load: %u connections want as many open "
		    "files, %llu are allowed (ulimit -n)\n", connections,
		    (unsigned long long)files.rlim_cur);
		return -1;
	}
	return 0;
}

int
rig_init(struct rig *rig, const struct options *o)
{
	*rig = (struct rig){ .options = o, .loop = { .epoll_fd = -1 },
	    .line = BUF_INIT };
	rig->tally.from_ns = rig->tally.until_ns = UINT64_MAX;
	rig_size(rig);
	if (rig_raise_files(rig->n_clients) != 0)
		return -1;
	/* Never 0; see wire.h. */
	if (loop_init(&rig->loop, &client_conn_calls,
	    (uint32_t)lots_mix(o->seed) | 1) != 0) {
		fprintf(stderr, "otd-load: no epoll: %s\n", strerror(errno));
		return -1;
	}
	/* By default it is 50 us: much of a latency that counts from a due time. */
	prctl(PR_SET_TIMERSLACK, SLACK_NS);
	rig->end_ns = rig->loop.now_ns + (uint64_t)(o->limit * 1e9);
	table_init(&rig->authors, o->seed);
	recall_init(&rig->recall);
	rig->docs = mem_get(rig->n_docs * sizeof(*rig->docs));
	rig->clients = mem_get(rig->n_clients * sizeof(*rig->clients));
	rig->replicas = mem_get(rig->n_replicas * sizeof(*rig->replicas));
	rig_lay_out(rig);
	rig->writers = mem_get(rig->pace.n * sizeof(*rig->writers));
	for (uint32_t i = 0; i < rig->n_replicas; i++)
		if (rig->replicas[i].is_writer)
			rig->writers[rig->replicas[i].turn] = &rig->replicas[i];
	return 0;
}

void
rig_done(struct rig *rig)
{
	for (uint32_t i = 0; i < rig->n_clients; i++)
		client_done(&rig->clients[i]);
	for (uint32_t i = 0; i < rig->n_docs; i++)
		doc_done(&rig->docs[i]);
	table_done(&rig->authors);
	recall_done(&rig->recall);
	loop_done(&rig->loop);
	doze_done(&rig->doze);
	free(rig->writers);
	free(rig->docs);
	free(rig->clients);
	free(rig->replicas);
	buf_done(&rig->line);
}

/* ---- time ---- */

/* Ops whose time has come; when the next one's does. */
static uint64_t
rig_pace(struct rig *rig)
{
	struct pace *p = &rig->pace;
	uint64_t now, due;

	if (p->period_ns == 0 || !rig->is_writing)
		return UINT64_MAX;
	now = loop_clock_ns();
	while ((due = pace_due_ns(p, p->next)) <= now &&
	    due < rig->tally.until_ns) {
		struct replica *r = rig->writers[p->next++ % p->n];

		if (rig->options->ops == 0 || r->due < rig->options->ops)
			r->due++;
		replica_write(r);
	}
	return due;
}

bool
rig_run(struct rig *rig, bool (*done)(const struct rig *), uint64_t until_ns)
{
	uint64_t next, look;

	if (until_ns > rig->end_ns)
		until_ns = rig->end_ns;
	while (done == NULL || !done(rig)) {
		next = rig_pace(rig);
		look = doze_turn(rig);
		if (look < next)
			next = look;
		loop_turn(&rig->loop, next < until_ns ? next : until_ns);
		if (rig->loop.now_ns >= until_ns)
			return false;
	}
	return true;
}
