#include "store/pg_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "store/pg.h"
#include "store/pg_commit.h"
#include "store/pg_find.h"
#include "store/pg_hosts.h"
#include "store/pg_job.h"
#include "store/pg_way.h"
#include "store/rows_sql.h"

#define COMMIT_PATIENCE_MS	2000	/* without any connection */
#define READ_PATIENCE_MS	10000
#define SWEEP_MS		200	/* how exactly those are kept */

/*
 * With so many statements under way on the lane for reads, loads wait and
 * then go together: a statement for some costs the server half of one each.
 * Few enough that their answer, which is held whole, stays small.
 */
#define READS_ALONE		2
#define COMPANY_MAX		8

/* Rows have a lane of their own: no document waits for a look at tables. */
enum { LANE_COMMIT, LANE_COMMIT_TOO, LANE_READ, LANE_ROWS, LANES };

static const char *const lane_names[LANES] = {
	"store commits", "store commits 2", "store reads", "store rows"
};

/* So often one job is begun again; commits lock in one order (pg_sql.c, 3). */
#define DEADLOCKS_MAX	5

/* A job on its way. */
struct task {
	struct pg_unit		 unit;		/* first: a unit is its task */
	struct list		 waiting;	/* in one of the store's lists, or a company */
	struct list		 company;	/* of a load sent: tasks answered with it */
	struct job		*job;
	uint64_t		 started_ms;
	struct pg_parcels	 parcels;	/* of a commit */
	bool			 settled;	/* the commit is in; asks what was missed */
	bool			 alone;		/* a load that failed in company */
	unsigned		 n_deadlocks;	/* that it was the victim of */
};

struct pg_store {
	struct store		 base;
	struct loop		*loop;
	struct loop_timer	*sweep;
	struct pg_hosts		*hosts;
	struct pg_way		 way;		/* of all connections */
	struct pg		*lanes[LANES];
	struct finder		*finder;	/* of finds that may read much */
	struct finder		*by_id;		/* of those among given ids */
	struct list		 waiting;	/* tasks, for a connection */
	struct list		 loads;		/* tasks, to be sent in company */
	struct list		 sent;		/* tasks, on some lane */
	unsigned		 in_flight;	/* tasks */
	unsigned		 finding;	/* jobs of the finder */
	bool			 down;		/* no connection for commits */
	uint64_t		 down_since_ms;	/* 0: the next sweep says */
};

/* ---- tasks ---- */

static void
task_free(struct task *t)
{
	list_remove(&t->waiting);
	free(t->parcels.p);
	free(t);
}

static void
task_end(struct pg_store *s, struct task *t, enum err e)
{
	struct job *job = t->job;
	struct list *node;

	job->err = e;
	s->in_flight--;
	list_push(&s->base.done, &job->node);
	while ((node = list_shift(&t->company)) != NULL)
		task_end(s, LIST_ITEM(node, struct task, waiting), e);
	task_free(t);
}

/* A commit that is not known to be in must not be sent twice. */
static bool
is_commit(const struct task *t)
{
	return t->job->kind == JOB_COMMIT && !t->settled;
}

/* What may have been done must not be sent twice. */
static bool
is_once(const struct task *t)
{
	return is_commit(t) || t->job->kind == JOB_ERASE ||
	    t->job->kind == JOB_COMPACT || (t->job->kind == JOB_ROWS &&
	    !rows_is_read(t->job->rows.what));
}

/* The lane to send on now; NULL: none is up. */
static struct pg *
lane_for(const struct pg_store *s, const struct task *t)
{
	struct pg *a = s->lanes[LANE_COMMIT], *b = s->lanes[LANE_COMMIT_TOO];
	struct pg *lane;

	if (is_commit(t)) {
		lane = !pg_is_up(b) || (pg_is_up(a) &&
		    pg_in_flight(a) <= pg_in_flight(b)) ? a : b;
	} else if (t->job->kind == JOB_ROWS || t->job->kind == JOB_COMPACT ||
	    t->job->kind == JOB_ERASE) {
		lane = s->lanes[LANE_ROWS];
	} else {
		lane = t->job->kind == JOB_CHECKPOINT ||
		    t->job->kind == JOB_CONTENT ||
		    t->job->kind == JOB_PLACE ? b : s->lanes[LANE_READ];
	}
	return pg_is_up(lane) ? lane : NULL;
}

/* The jobs of a load and its company; how many. */
static size_t
task_jobs(struct task *t, struct job *jobs[COMPANY_MAX])
{
	struct list *node, *next;
	size_t n = 0;

	jobs[n++] = t->job;
	LIST_EACH(&t->company, node, next)
		jobs[n++] = LIST_ITEM(node, struct task, waiting)->job;
	return n;
}

static bool
task_request(struct task *t, struct pg_request *r)
{
	struct job *jobs[COMPANY_MAX];

	if (t->settled)
		return pg_request_missed(r, &t->parcels);
	if (t->job->kind == JOB_COMMIT)
		return pg_request_commit(r, &t->job->commit, &t->parcels);
	if (t->job->kind == JOB_LOAD)
		return pg_request_loads(r, jobs, task_jobs(t, jobs));
	return pg_request_make(r, t->job);
}

static void
task_send(struct pg_store *s, struct task *t, struct pg *lane)
{
	struct pg_request r;

	list_remove(&t->waiting);
	list_push(&s->sent, &t->waiting);
	if (task_request(t, &r)) {
		pg_send(lane, &t->unit, r.statement, r.params, r.n);
	} else {
		log_line(LOG_ERROR, "store", "cannot send a job of this size");
		task_end(s, t, ERR_STORE_BROKEN);
	}
	pg_request_done(&r);
}

/* Send it, or let it wait: for a connection, or for company. */
static void
task_place(struct pg_store *s, struct task *t)
{
	struct pg *lane = lane_for(s, t);

	list_remove(&t->waiting);
	if (lane == NULL)
		list_push(&s->waiting, &t->waiting);
	else if (t->job->kind == JOB_LOAD && !t->alone &&
	    pg_in_flight(lane) >= READS_ALONE)
		list_push(&s->loads, &t->waiting);
	else
		task_send(s, t, lane);
}

/* An answer has come on the lane for reads: loads that wait may go. */
static void
loads_send(struct pg_store *s)
{
	struct pg *lane = s->lanes[LANE_READ];
	struct list *node;
	struct task *t;
	size_t n;

	while (pg_is_up(lane) && pg_in_flight(lane) < READS_ALONE &&
	    (node = list_shift(&s->loads)) != NULL) {
		t = LIST_ITEM(node, struct task, waiting);
		for (n = 1; n < COMPANY_MAX &&
		    (node = list_shift(&s->loads)) != NULL; n++)
			list_push(&t->company, node);
		task_send(s, t, lane);
	}
}

/* One of them cannot be loaded: let each try by itself. */
static void
loads_part(struct pg_store *s, struct task *t)
{
	struct list parted, *node;

	list_init(&parted);
	list_remove(&t->waiting);
	list_push(&parted, &t->waiting);
	list_splice(&parted, &t->company);
	while ((node = list_shift(&parted)) != NULL) {
		t = LIST_ITEM(node, struct task, waiting);
		t->alone = true;
		task_place(s, t);
	}
}

/* ---- what the lanes call ---- */

/* A part of an error; never NULL. */
static const char *
field(const PGresult *res, int code)
{
	const char *text = PQresultErrorField(res, code);

	return text != NULL ? text : "?";
}

/*
 * What an error means to whoever waits: the classes that may pass (PostgreSQL,
 * appendix A), a key or a check that says no, or a fault of ours.  (Class 26:
 * whoever was to prepare the statement failed; the next one prepares it.)
 */
static enum err
error_of(const PGresult *res, const struct job *job)
{
	static const char *const passing[] = {
		"08", "25", "26", "40", "53", "55", "57", "58"
	};
	const char *state = field(res, PG_DIAG_SQLSTATE);
	size_t i;

	if (job->kind == JOB_ROWS && strncmp(state, "23", 2) == 0)
		return ERR_ROWS_CLASH;
	for (i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (strncmp(state, passing[i], 2) == 0)
			return ERR_STORE_AWAY;
	return ERR_STORE_BROKEN;
}

static void
error_tell(const PGresult *res, const struct job *job)
{
	bool is_rows = job->kind == JOB_ROWS;

	LOG_LIMITED(LOG_ERROR, "store", "postgresql: %s%s%s (%s)",
	    is_rows ? rows_sql(job->rows.what)->name : "",
	    is_rows ? ": " : "", field(res, PG_DIAG_MESSAGE_PRIMARY),
	    field(res, PG_DIAG_SQLSTATE));
}

/* PostgreSQL chose it, so that another could go on. */
static bool
is_deadlock(const PGresult *res)
{
	return strcmp(field(res, PG_DIAG_SQLSTATE), "40P01") == 0;
}

/* Nothing of it was done. */
static void
task_fail(struct pg_store *s, struct task *t, const PGresult *res)
{
	enum err e = error_of(res, t->job);

	if (is_deadlock(res) && !is_commit(t) && list_empty(&t->company) &&
	    t->n_deadlocks++ < DEADLOCKS_MAX) {
		task_place(s, t);
		return;
	}
	if (e != ERR_ROWS_CLASH)
		error_tell(res, t->job);
	if (!list_empty(&t->company))
		loads_part(s, t);
	else
		task_end(s, t, t->settled ? ERR_STORE_UNSURE : e);
}

static void
commit_answered(struct pg_store *s, struct task *t, const PGresult *res)
{
	pg_answer_commit(&t->parcels, res, t->settled);
	t->settled = true;
	if (t->parcels.n == 0) {
		task_end(s, t, ERR_NONE);
		return;
	}
	/* Some lost a race that they had waited for: pg_sql.c, 4. */
	task_place(s, t);
}

static void
on_answered(void *arg, struct pg_unit *u, const PGresult *res)
{
	struct pg_store *s = arg;
	struct task *t = (struct task *)u;
	ExecStatusType status = PQresultStatus(res);
	struct job *jobs[COMPANY_MAX];

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		task_fail(s, t, res);
	} else if (t->job->kind == JOB_COMMIT) {
		commit_answered(s, t, res);
	} else {
		if (t->job->kind == JOB_LOAD)
			pg_answer_loads(jobs, task_jobs(t, jobs), res);
		else
			pg_answer(t->job, res);
		task_end(s, t, ERR_NONE);
	}
	loads_send(s);
}

/* Is any connection up on which commits go? */
static bool
is_up(const struct pg_store *s)
{
	return pg_is_up(s->lanes[LANE_COMMIT]) ||
	    pg_is_up(s->lanes[LANE_COMMIT_TOO]);
}

static void
note_down(struct pg_store *s)
{
	if (is_up(s)) {
		s->down = false;
	} else if (!s->down) {
		s->down = true;
		s->down_since_ms = 0;
		loop_timer_start(s->sweep, SWEEP_MS);
	}
}

static void
on_lost(void *arg, struct pg_unit *u)
{
	struct pg_store *s = arg;
	struct task *t = (struct task *)u;
	struct list *node;

	if (is_once(t)) {
		task_end(s, t, ERR_STORE_UNSURE);
		return;
	}
	while ((node = list_shift(&t->company)) != NULL)
		task_place(s, LIST_ITEM(node, struct task, waiting));
	task_place(s, t);
}

/* Whatever waits may go now; what cannot waits again. */
static void
on_up(void *arg)
{
	struct pg_store *s = arg;
	struct list waited, *node;

	note_down(s);
	list_init(&waited);
	list_splice(&waited, &s->waiting);
	while ((node = list_shift(&waited)) != NULL)
		task_place(s, LIST_ITEM(node, struct task, waiting));
}

static void
on_down(void *arg)
{
	struct pg_store *s = arg;

	note_down(s);
	if (!pg_is_up(s->lanes[LANE_READ]))
		list_splice(&s->waiting, &s->loads);
}

static const struct pg_calls calls = { on_up, on_down, on_answered, on_lost };

/* ---- patience ---- */

/*
 * Has the database been away for so long that commits are refused?  Counted
 * from a sweep: the loop's clock stands still while the program does
 * something long, as when it starts.
 */
static bool
is_away(const struct pg_store *s, uint64_t now_ms)
{
	return s->down && s->down_since_ms != 0 &&
	    now_ms - s->down_since_ms >= COMMIT_PATIENCE_MS;
}

static bool
is_over(const struct pg_store *s, const struct task *t, uint64_t now_ms)
{
	if (is_commit(t))
		return is_away(s, now_ms);
	return now_ms - t->started_ms >= READ_PATIENCE_MS;
}

static void
on_sweep(void *arg)
{
	struct pg_store *s = arg;
	uint64_t now_ms = loop_now_ms(s->loop);
	struct list *node, *next;
	int i;

	for (i = 0; i < LANES; i++)
		pg_check(s->lanes[i], now_ms);
	if (s->down && s->down_since_ms == 0)
		s->down_since_ms = now_ms;
	LIST_EACH(&s->waiting, node, next) {
		struct task *t = LIST_ITEM(node, struct task, waiting);

		if (is_over(s, t, now_ms))
			task_end(s, t, t->settled ? ERR_STORE_UNSURE :
			    ERR_STORE_AWAY);
	}
	/* While it is down, how long is counted here. */
	if (s->in_flight > 0 || (s->down && !is_away(s, now_ms)))
		loop_timer_start(s->sweep, SWEEP_MS);
}

/* ---- the store's face ---- */

static void
pg_store_found(void *arg, struct job *job)
{
	struct pg_store *s = arg;

	s->finding--;
	list_push(&s->base.done, &job->node);
}

static void
pg_store_start(struct store *base, struct job *job)
{
	struct pg_store *s = (struct pg_store *)base;
	struct task *t;

	if (job->kind == JOB_FIND) {
		s->finding++;
		finder_start(job->find.ids != NULL ? s->by_id : s->finder,
		    job);
		return;
	}
	t = mem_get(sizeof(*t));
	list_init(&t->waiting);
	list_init(&t->company);
	list_init(&t->unit.node);
	t->job = job;
	t->started_ms = loop_now_ms(s->loop);
	if (s->in_flight++ == 0)
		loop_timer_start(s->sweep, SWEEP_MS);
	if (lane_for(s, t) == NULL && is_over(s, t, t->started_ms))
		task_end(s, t, ERR_STORE_AWAY);
	else
		task_place(s, t);
}

static void
pg_store_health(const struct store *base, struct store_health *health)
{
	const struct pg_store *s = (const struct pg_store *)base;
	int i;

	*health = (struct store_health){
		.in_flight = s->in_flight + s->finding
	};
	health->away = is_away(s, loop_now_ms(s->loop));
	health->up = is_up(s) && pg_is_up(s->lanes[LANE_READ]);
	for (i = 0; i < LANES; i++)
		health->reconnects += pg_reconnects(s->lanes[i]);
	health->breaker = breaker_count(&s->way.breaker);
}

static void
tasks_free(struct list *tasks)
{
	struct list *node;

	while ((node = list_shift(tasks)) != NULL) {
		struct task *t = LIST_ITEM(node, struct task, waiting);

		tasks_free(&t->company);
		job_free(t->job);
		task_free(t);
	}
}

static void
pg_store_close(struct store *base)
{
	struct pg_store *s = (struct pg_store *)base;
	struct list *node;
	int i;

	finder_free(s->finder);
	finder_free(s->by_id);
	for (i = 0; i < LANES; i++)
		pg_free(s->lanes[i]);
	loop_timer_free(s->sweep);
	tasks_free(&s->waiting);
	tasks_free(&s->loads);
	tasks_free(&s->sent);
	while ((node = list_shift(&s->base.done)) != NULL)
		job_free(LIST_ITEM(node, struct job, node));
	pg_hosts_free(s->hosts);
	free(s);
}

static const struct store_ops pg_ops = {
	"postgresql", pg_store_start, pg_store_health,
	pg_store_close
};

struct store *
pg_store_open(const char *url, struct loop *loop, char *why, size_t why_len)
{
	struct pg_hosts *hosts = pg_hosts_new(url, why, why_len);
	struct pg_store *s;
	int i;

	if (hosts == NULL)
		return NULL;
	s = mem_get(sizeof(*s));
	s->base.ops = &pg_ops;
	list_init(&s->base.done);
	list_init(&s->waiting);
	list_init(&s->loads);
	list_init(&s->sent);
	s->loop = loop;
	s->hosts = hosts;
	pg_way_init(&s->way, hosts);
	s->down = true;
	s->sweep = loop_timer_new(loop, on_sweep, s);
	loop_timer_start(s->sweep, SWEEP_MS);
	for (i = 0; i < LANES; i++)
		s->lanes[i] = pg_new(loop, &s->way, lane_names[i], &calls, s);
	s->finder = pg_find_new(&s->way, loop, pg_store_found, s);
	s->by_id = pg_find_new(&s->way, loop, pg_store_found, s);
	return &s->base;
}
