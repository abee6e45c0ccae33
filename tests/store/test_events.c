/*
 * Events on PostgreSQL, where transactions end in another order than they
 * begin: whoever reads on from the last one that they saw misses none.
 */
#include "rig.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

static char *url;

static PGresult *
pg_ask(PGconn *pg, const char *sql)
{
	PGresult *res = PQexec(pg, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(res));
	return res;
}

static void
pg_do(PGconn *pg, const char *sql)
{
	PQclear(pg_ask(pg, sql));
}

/* ---- one after the other ---- */

static size_t
events_seen(struct store *s, uint64_t to_v[8])
{
	struct job *job = rig_do(s, rows_new(ROWS_EVENTS_OF, NULL, NULL, "0",
	    "0", "8", "order"));
	size_t i, n = job->rows.n_rows;

	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < n; i++)
		to_v[i] = (uint64_t)rows_number(job, i, 6, 0);
	job_free(job);
	return n;
}

static void
events_put(PGconn *pg, int to_v)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "INSERT INTO otd.event"
	    " (collection, id, from_v, to_v, kind)"
	    " VALUES ('order', 'd%d', 0, %d, 'created')", to_v, to_v);
	pg_do(pg, sql);
}

/*
 * A transaction that began first and ends last: what came after it is held
 * back, so that whoever reads on from there does not pass it.
 */
static void
events_keep_their_order(void **state)
{
	PGconn *slow = PQconnectdb(url), *quick = PQconnectdb(url);
	struct store *s = rig_open(url);
	uint64_t to_v[8];
	int tries = 0;

	(void)state;
	pg_do(slow, "BEGIN");
	events_put(slow, 1);
	events_put(quick, 2);
	events_put(quick, 3);
	assert_int_equal(events_seen(s, to_v), 0);
	events_put(slow, 4);
	pg_do(slow, "COMMIT");
	while (events_seen(s, to_v) < 4 && tries++ < 1000)
		rig_wait(10);
	assert_int_equal(events_seen(s, to_v), 4);
	assert_int_equal(to_v[0], 1);
	assert_int_equal(to_v[1], 4);
	assert_int_equal(to_v[2], 2);
	assert_int_equal(to_v[3], 3);
	rig_close(s);
	PQfinish(slow);
	PQfinish(quick);
}

/* As numbers, not as the texts that they are given as. */
static void
events_are_in_numeric_order(void **state)
{
	static const char *const events[] = {
		"'9', 100", "'9', 11", "'9', 2", "'10', 1", "'100', 1", "'99', 1"
	};
	static const uint64_t order[] = { 3, 2, 1, 4, 6, 5 };
	PGconn *pg = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct job *job;
	char sql[200];
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO otd.event (xid, serial,"
		    " collection, id, from_v, to_v, kind) OVERRIDING SYSTEM"
		    " VALUE VALUES (%s, 'digits', 'd', 0, %zu, 'edited')",
		    events[i], i + 1);
		pg_do(pg, sql);
	}
	for (i = 0; i < 6; i++) {
		job = rig_do(s, i % 2 == 0 ?
		    rows_new(ROWS_EVENTS_OF, NULL, NULL, "1", "0", "100",
		    "digits") : rows_new(ROWS_EVENTS_AFTER, NULL, NULL, "1",
		    "0", "6"));
		assert_int_equal(job->rows.n_rows, 6);
		assert_int_equal(rows_number(job, i, 6, 0), order[i]);
		job_free(job);
	}
	rig_close(s);
	PQfinish(pg);
}

/* ---- many at once ---- */

enum { NODES = 3, DOCS = 9, ROUNDS = 60, SLOW_EACH = 7, PAGE = 5 };

static char ids[DOCS][8];
static char srcs[NODES][8];

/* What a reader has seen so far. */
struct reader {
	struct store	*s;
	char		 xid[24], serial[24];	/* the place it reads on from */
	uint64_t	 v[DOCS];		/* of each document */
	size_t		 n, n_slow;		/* events */
};

static void
reader_ask(struct reader *r)
{
	char page[8];

	snprintf(page, sizeof(page), "%d", PAGE);
	r->s->ops->start(r->s, rows_new(ROWS_EVENTS_AFTER, NULL, NULL, r->xid,
	    r->serial, page));
}

/* Each goes on from where the one before of its document ended. */
static size_t
reader_take(struct reader *r)
{
	struct job *job = rig_next(r->s);
	size_t i, d, n = job->rows.n_rows;

	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < n; i++) {
		snprintf(r->xid, sizeof(r->xid), "%s", rows_cell(job, i, 0));
		snprintf(r->serial, sizeof(r->serial), "%s",
		    rows_cell(job, i, 1));
		if (strcmp(rows_cell(job, i, 3), "slow") == 0) {
			r->n_slow++;
			continue;
		}
		d = (size_t)strtoul(rows_cell(job, i, 4) + 1, NULL, 10);
		assert_in_range(d, 0, DOCS - 1);
		assert_int_equal(rows_number(job, i, 5, -1), r->v[d]);
		r->v[d] = (uint64_t)rows_number(job, i, 6, -1);
		r->n++;
	}
	job_free(job);
	return n;
}

/* A node adds an op or two to some of the documents, as far as it knows them. */
static struct job *
node_commit(int node, int round, const uint64_t *v)
{
	struct job *job = rig_commit();
	struct parcel *p;
	int d, k;

	for (d = 0; d < DOCS; d++) {
		if ((d + node + round) % 3 == 0)
			continue;
		p = rig_parcel(job, "race", ids[d], v[d]);
		p->doc = (void *)(intptr_t)d;
		p->has_event = true;
		for (k = 0; k <= (node + d) % 2; k++)
			rig_op(job, p, p->base_v + p->ops.n == 0 ? OP_CREATE :
			    OP_EDIT, srcs[node], (uint64_t)round,
			    p->base_v + p->ops.n == 0 ? CREATE : EDIT);
	}
	return job;
}

static size_t
node_settle(struct job *job, uint64_t *v)
{
	struct list *node, *next;
	size_t accepted = 0;

	assert_int_equal(job->err, ERR_NONE);
	LIST_EACH(&job->commit.parcels, node, next) {
		struct parcel *p = LIST_ITEM(node, struct parcel, node);

		v[(intptr_t)p->doc] = p->accepted ? p->base_v + p->ops.n :
		    p->head_v;
		accepted += p->accepted;
	}
	job_free(job);
	return accepted;
}

/*
 * Several nodes write the same documents, somebody's transaction is always
 * open, and a reader follows, a few at a time: it sees each event once, those
 * of a document in their order.
 */
static void
reader_misses_nothing(void **state)
{
	struct reader r = { .s = rig_open(url) };
	PGconn *slow = PQconnectdb(url);
	struct store *nodes[NODES];
	uint64_t v[NODES][DOCS] = { 0 };
	struct job *now = rig_do(r.s, rows_new(ROWS_EVENTS_NOW, NULL, NULL));
	size_t accepted = 0, n_slow = 0;
	int n, round, tries = 0;

	(void)state;
	snprintf(r.xid, sizeof(r.xid), "%s", rows_cell(now, 0, 0));
	snprintf(r.serial, sizeof(r.serial), "%s", rows_cell(now, 0, 1));
	job_free(now);
	for (n = 0; n < DOCS; n++)
		snprintf(ids[n], sizeof(ids[n]), "r%d", n);
	for (n = 0; n < NODES; n++) {
		snprintf(srcs[n], sizeof(srcs[n]), "n%d", n);
		nodes[n] = rig_open(url);
		job_free(rig_do(nodes[n], rig_load("race", "warm")));
	}
	for (round = 0; round < ROUNDS; round++) {
		if (round % SLOW_EACH == 0) {
			pg_do(slow, "BEGIN");
			pg_do(slow, "INSERT INTO otd.event (collection, id,"
			    " from_v, to_v, kind)"
			    " VALUES ('slow', 'x', 0, 1, 'edited')");
			n_slow++;
		}
		for (n = 0; n < NODES; n++)
			nodes[n]->ops->start(nodes[n], node_commit(n, round,
			    v[n]));
		reader_ask(&r);
		if (round % SLOW_EACH == SLOW_EACH - 2 || round == ROUNDS - 1)
			pg_do(slow, "COMMIT");
		reader_take(&r);
		for (n = 0; n < NODES; n++)
			accepted += node_settle(rig_next(nodes[n]), v[n]);
	}
	while ((r.n < accepted || r.n_slow < n_slow) && tries++ < 1000) {
		reader_ask(&r);
		if (reader_take(&r) == 0)
			rig_wait(10);
	}
	assert_int_equal(r.n, accepted);
	assert_int_equal(r.n_slow, n_slow);
	assert_true(accepted > ROUNDS * DOCS / 2);
	for (n = 0; n < NODES; n++)
		rig_close(nodes[n]);
	rig_close(r.s);
	PQfinish(slow);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_keep_their_order),
		cmocka_unit_test(events_are_in_numeric_order),
		cmocka_unit_test(reader_misses_nothing),
	};
	char *folder = rig_folder();
	int failed;

	url = rig_pg_start(folder);
	rig_close(rig_open(url));
	failed = cmocka_run_group_tests_name("events", tests, NULL, NULL);
	rig_pg_stop(folder);
	free(url);
	loop_free(rig_loop);
	return failed;
}
