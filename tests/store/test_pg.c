/*
 * What only PostgreSQL can do to a store: rivals in other processes, a server
 * that dies, is demoted, moves, or says nothing.
 */
#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

static char *folder, *url;

static void
pg_sql(const char *sql)
{
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' postgres "
	    "\"%s\" >/dev/null", folder, sql), 0);
}

/* ---- rivals ---- */

enum { NODES = 3, DOCS = 40, ROUNDS = 15 };

static struct job *
batch(const char ids[][16], int node, int round)
{
	struct job *job = rig_commit();
	char src[16];
	int i;

	snprintf(src, sizeof(src), "node%d", node);
	for (i = 0; i < DOCS; i++) {
		/* Each in another order; half of them new in each round. */
		int d = node % 2 == 0 ? i : DOCS - 1 - i;
		bool fresh = d % 2 == 0;
		struct parcel *p = rig_parcel(job,
		    fresh ? ids[round * DOCS + d] : "race-old", ids[d],
		    fresh ? 0 : (uint64_t)round);

		p->doc = (void *)(intptr_t)d;
		rig_op(job, p, p->base_v == 0 ? OP_CREATE : OP_EDIT, src,
		    (uint64_t)(round * DOCS + d),
		    p->base_v == 0 ? CREATE : EDIT);
	}
	return job;
}

/*
 * Batches over the same documents, in different order, again and again: no
 * deadlock, one winner per document and version, and losers see what they
 * missed.
 */
static void
batches_race(void **state)
{
	static char ids[ROUNDS * DOCS][16];
	struct store *nodes[NODES];
	int winners[DOCS], losers = 0, i, n, round;

	(void)state;
	for (i = 0; i < ROUNDS * DOCS; i++)
		snprintf(ids[i], sizeof(ids[i]), "r%d", i);
	for (n = 0; n < NODES; n++) {
		nodes[n] = rig_open(url);
		job_free(rig_do(nodes[n], rig_load("race", "warm")));
	}
	for (round = 0; round < ROUNDS; round++) {
		memset(winners, 0, sizeof(winners));
		for (n = 0; n < NODES; n++)
			nodes[n]->ops->start(nodes[n],
			    batch((const char (*)[16])ids, n, round));
		for (n = 0; n < NODES; n++) {
			struct job *job = rig_next(nodes[n]);

			assert_int_equal(job->err, ERR_NONE);
			for (i = 0; i < DOCS; i++) {
				struct parcel *p = rig_parcel_at(job, (size_t)i);

				if (p->accepted) {
					winners[(intptr_t)p->doc]++;
					continue;
				}
				losers++;
				assert_int_equal(p->head_v, p->base_v + 1);
				rig_assert_row(&p->missed, p->base_v, 1);
				assert_string_not_equal(p->missed.ops[0]->src,
				    p->ops.ops[0]->src);
			}
			job_free(job);
		}
		for (i = 0; i < DOCS; i++)
			assert_int_equal(winners[i], 1);
	}
	assert_int_equal(losers, ROUNDS * DOCS * (NODES - 1));
	for (n = 0; n < NODES; n++)
		rig_close(nodes[n]);
}

/* One hot document, one op a commit, each node catching up when refused. */
static void
lone_ops_race(void **state)
{
	enum { EACH = 60 };
	struct store *nodes[NODES];
	uint64_t v[NODES] = { 0 }, seq[NODES] = { 0 };
	int n, busy = NODES, refused = 0;
	char srcs[NODES][8];
	struct job *job;
	size_t i;

	(void)state;
	for (n = 0; n < NODES; n++) {
		nodes[n] = rig_open(url);
		job_free(rig_do(nodes[n], rig_load("race", "warm")));
		snprintf(srcs[n], sizeof(srcs[n]), "n%d", n);
	}
	while (busy > 0) {
		for (n = 0; n < NODES; n++) {
			if (seq[n] == EACH)
				continue;
			job = rig_commit();
			rig_op(job, rig_parcel(job, "race-hot", "x", v[n]),
			    v[n] == 0 ? OP_CREATE : OP_EDIT, srcs[n], seq[n],
			    v[n] == 0 ? CREATE : EDIT);
			nodes[n]->ops->start(nodes[n], job);
		}
		busy = 0;
		for (n = 0; n < NODES; n++) {
			struct parcel *p;

			if (seq[n] == EACH)
				continue;
			job = rig_next(nodes[n]);
			assert_int_equal(job->err, ERR_NONE);
			p = rig_parcel_at(job, 0);
			if (p->accepted) {
				v[n]++;
				seq[n]++;
			} else {
				assert_true(p->head_v > v[n]);
				rig_assert_row(&p->missed, v[n],
				    p->head_v - v[n]);
				v[n] = p->head_v;
				refused++;
			}
			busy += seq[n] < EACH;
			job_free(job);
		}
	}
	assert_true(refused > 0);
	job = rig_do(nodes[0], rig_load("race-hot", "x"));
	assert_int_equal(job->load.v, NODES * EACH);
	rig_assert_row(&job->load.ops, 0, NODES * EACH);
	for (i = 0; i < job->load.ops.n; i++)	/* each once, in its order */
		for (n = 0; n < NODES; n++)
			if (strcmp(job->load.ops.ops[i]->src, srcs[n]) == 0)
				assert_int_equal(job->load.ops.ops[i]->seq,
				    EACH - seq[n]--);
	job_free(job);
	for (n = 0; n < NODES; n++)
		rig_close(nodes[n]);
}

/* ---- one bad document ---- */

/* Loads go several in a statement; one that cannot be read fails alone. */
static void
one_bad_document(void **state)
{
	enum { N = 40, BAD = 17 };
	static char ids[N][8];
	struct store *s = rig_open(url);
	struct job *job, *bad = NULL;
	int i;

	(void)state;
	for (i = 0; i < N; i++) {
		snprintf(ids[i], sizeof(ids[i]), "b%d", i);
		assert_true(rig_put(s, "bad", ids[i], 0, OP_CREATE, "a",
		    (uint64_t)i, CREATE));
	}
	job_free(rig_do(s, rig_checkpoint("bad", ids[BAD], 1, TYPE, "{}",
	    true)));
	pg_sql("ALTER TABLE otd.snapshot RENAME TO damaged;"
	    "CREATE VIEW otd.snapshot AS SELECT doc_pk,"
	    " version / (doc_pk - (SELECT doc_pk FROM otd.document"
	    "  WHERE collection = 'bad' AND id = 'b17')) AS version,"
	    " type, body FROM otd.damaged");
	for (i = 0; i < N; i++) {
		s->ops->start(s, job = rig_load("bad", ids[i]));
		if (i == BAD)
			bad = job;
	}
	for (i = 0; i < N; i++) {
		job = rig_next(s);
		if (job == bad) {
			assert_int_not_equal(job->err, ERR_NONE);
		} else {
			assert_int_equal(job->err, ERR_NONE);
			rig_assert_row(&job->load.ops, 0, 1);
		}
		job_free(job);
	}
	pg_sql("DROP VIEW otd.snapshot;"
	    "ALTER TABLE otd.damaged RENAME TO snapshot");
	job = rig_do(s, rig_load("bad", ids[BAD]));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.snap_v, 1);
	job_free(job);
	rig_close(s);
}

/* ---- the server dies ---- */

enum { STREAMS = 8 };

static char stream_ids[STREAMS][8];

/* One commit a stream under way, until stop says so. */
struct streams {
	struct store	*s;
	uint64_t	 acked[STREAMS];	/* version after the last yes */
	enum err	 last[STREAMS];
	int		 under_way;
};

static void
stream_send(struct streams *st, intptr_t i)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, "dying", stream_ids[i],
	    st->acked[i]);

	p->doc = (void *)i;
	rig_op(job, p, p->base_v == 0 ? OP_CREATE : OP_EDIT, "dying",
	    p->base_v, p->base_v == 0 ? CREATE : EDIT);
	if (i % 2 == 0 && p->base_v > 0)
		rig_op(job, p, OP_EDIT, "dying", p->base_v + 1, EDIT);
	st->s->ops->start(st->s, job);
	st->under_way++;
}

/* Settle one commit, go on if wanted; false when it did not go through. */
static bool
stream_settle(struct streams *st, bool go_on)
{
	struct job *job = rig_next(st->s);
	struct parcel *p = rig_parcel_at(job, 0);
	intptr_t i = (intptr_t)p->doc;

	st->under_way--;
	st->last[i] = job->err;
	if (job->err == ERR_NONE) {
		assert_true(p->accepted);
		st->acked[i] += p->ops.n;
	} else {
		assert_true(job->err == ERR_STORE_UNSURE ||
		    job->err == ERR_STORE_AWAY);
	}
	job_free(job);
	if (st->last[i] == ERR_NONE && go_on)
		stream_send(st, i);
	return st->last[i] == ERR_NONE;
}

/* Look at what became of each stream. */
static void
streams_check(struct streams *st)
{
	int i;

	for (i = 0; i < STREAMS; i++) {
		struct job *job = rig_do(st->s, rig_load("dying",
		    stream_ids[i]));
		uint64_t v = st->acked[i];

		assert_int_equal(job->err, ERR_NONE);
		rig_assert_row(&job->load.ops, 0, job->load.v);
		if (st->last[i] == ERR_STORE_UNSURE)	/* all of it or nothing */
			assert_true(job->load.v == v || job->load.v == v + 1 +
			    (i % 2 == 0 && v > 0));
		else
			assert_int_equal(job->load.v, v);
		st->acked[i] = job->load.v;
		job_free(job);
	}
}

static void
server_is_killed(void **state)
{
	struct streams st = { .s = rig_open(url) };
	struct store_health health;
	char *again;
	int i, k, unsure = 0, round, n = 0;
	struct job *read;

	(void)state;
	for (i = 0; i < STREAMS; i++)
		snprintf(stream_ids[i], sizeof(stream_ids[i]), "s%d", i);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < STREAMS; i++)
			stream_send(&st, i);
		/* Into the middle of what the loop is doing. */
		rig_shell("(sleep 0.%d; sh " TESTS_LIB "/pg.sh kill '%s') &",
		    2 + round, folder);
		while (stream_settle(&st, true))
			n++;
		while (st.under_way > 0)
			stream_settle(&st, false);
		for (i = 0; i < STREAMS; i++)
			unsure += st.last[i] == ERR_STORE_UNSURE;
		st.s->ops->health(st.s, &health);
		assert_false(health.up);

		/* A read that finds nobody waits for the server's return. */
		st.s->ops->start(st.s, read = rig_load("dying", "s0"));
		again = rig_pg_start(folder);
		assert_string_equal(again, url);
		free(again);
		assert_ptr_equal(rig_next(st.s), read);
		assert_int_equal(read->err, ERR_NONE);
		job_free(read);
		for (k = 0; k < 500; k++) {
			st.s->ops->health(st.s, &health);
			if (health.up)
				break;
			rig_wait(10);
		}
		assert_true(health.up);
		streams_check(&st);
	}
	assert_true(n > 50);		/* it was busy */
	assert_true(unsure > 0);	/* and interrupted */
	st.s->ops->health(st.s, &health);
	assert_true(health.reconnects >= 3);
	rig_close(st.s);
}

/* Connections cut one by one: nobody but commits under way notices. */
static void
connections_are_cut(void **state)
{
	struct streams st = { .s = rig_open(url) };
	int i, k;

	(void)state;
	for (i = 0; i < STREAMS; i++) {
		snprintf(stream_ids[i], sizeof(stream_ids[i]), "c%d", i);
		stream_send(&st, i);
	}
	rig_shell("(sleep 0.2; sh " TESTS_LIB "/pg.sh sql '%s' postgres \""
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
	    "application_name = 'otd'\") >/dev/null &", folder);
	while (stream_settle(&st, true))
		;
	while (st.under_way > 0)
		stream_settle(&st, false);
	streams_check(&st);
	/* Again, with reads only: they never notice. */
	for (i = 0; i < STREAMS; i++)
		st.last[i] = ERR_NONE;
	rig_shell("(sleep 0.1; sh " TESTS_LIB "/pg.sh sql '%s' postgres \""
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
	    "application_name = 'otd'\") >/dev/null &", folder);
	for (k = 0; k < 100; k++)
		streams_check(&st);
	rig_close(st.s);
}

/* A server that turns read-only was demoted: drop it, look elsewhere. */
static void
server_is_demoted(void **state)
{
	struct store *s = rig_open(url);
	struct store_health health;
	struct job *job;

	(void)state;
	assert_true(rig_put(s, "demoted", "x", 0, OP_CREATE, "a", 1, CREATE));
	pg_sql("ALTER SYSTEM SET default_transaction_read_only = on");
	pg_sql("SELECT pg_reload_conf(), pg_sleep(0.3)");

	job = rig_commit();
	rig_op(job, rig_parcel(job, "demoted", "x", 1), OP_EDIT, "a", 2, EDIT);
	rig_do(s, job);
	assert_true(job->err == ERR_STORE_UNSURE || job->err == ERR_STORE_AWAY);
	job_free(job);
	rig_wait(300);

	pg_sql("ALTER SYSTEM RESET default_transaction_read_only");
	pg_sql("SELECT pg_reload_conf()");
	job = rig_do(s, rig_load("demoted", "x"));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, 1);
	job_free(job);
	while (s->ops->health(s, &health), !health.up)
		rig_wait(20);
	assert_true(rig_put(s, "demoted", "x", 1, OP_EDIT, "a", 3, EDIT));
	rig_close(s);
}

/* ---- the server moves, or says nothing ---- */

/* A socket that is connected to and never answered. */
static int
silent_host(int *port_out)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port_out = ntohs(sin.sin_port);
	return fd;
}

static int
port_of(const char *from)
{
	const char *colon = strrchr(from, ':');

	return atoi(colon + 1);
}

static void
primary_fails_over(void **state)
{
	char *standby_folder = rig_folder();
	char *standby = rig_pg_standby(standby_folder, folder);
	struct store_health health;
	struct store *s;
	char hosts[256], why[256];
	int fd, silent, i;

	(void)state;
	/* The standby first: refused.  The silent one last, for later. */
	fd = silent_host(&silent);
	snprintf(hosts, sizeof(hosts),
	    "postgres://otd@127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/postgres",
	    port_of(standby), port_of(url), silent);
	s = store_open(hosts, rig_loop, why, sizeof(why));
	assert_non_null(s);
	assert_true(rig_put(s, "failover", "x", 0, OP_CREATE, "a", 1, CREATE));
	for (i = 0; i < 100; i++) {	/* until the standby has it */
		if (rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' postgres \""
		    "SELECT 1 / count(*) FROM otd.document WHERE collection "
		    "= 'failover'\" >/dev/null 2>&1", standby_folder) == 0)
			break;
		rig_wait(100);
	}
	assert_int_not_equal(i, 100);

	rig_pg_kill(folder);
	rig_shell("sh " TESTS_LIB "/pg.sh promote '%s'", standby_folder);
	while (s->ops->health(s, &health), health.up)
		rig_wait(5);
	/* On the way round it meets the silent host, and leaves it in time. */
	for (i = 0; i < 1000; i++) {
		s->ops->health(s, &health);
		if (health.up)
			break;
		rig_wait(20);
	}
	assert_true(health.up);
	assert_true(rig_put(s, "failover", "x", 1, OP_EDIT, "a", 2, EDIT));
	rig_close(s);
	close(fd);

	rig_pg_stop(standby_folder);
	free(standby);
	free(rig_pg_start(folder));
}

/* Nobody there at all: commits are refused soon, reads after a while. */
static void
nobody_is_there(void **state)
{
	struct store_health health;
	struct store *s;
	struct job *job;
	char nobody[128], why[256];
	int fd, port;

	(void)state;
	fd = silent_host(&port);
	snprintf(nobody, sizeof(nobody), "postgres://otd@127.0.0.1:%d/x", port);
	s = store_open(nobody, rig_loop, why, sizeof(why));
	assert_non_null(s);
	s->ops->health(s, &health);
	assert_false(health.up);
	s->ops->start(s, rig_load("away", "x"));
	job = rig_commit();
	rig_op(job, rig_parcel(job, "away", "x", 0), OP_CREATE, "a", 1, CREATE);
	s->ops->start(s, job);
	assert_ptr_equal(rig_next(s), job);
	assert_int_equal(job->err, ERR_STORE_AWAY);
	job_free(job);

	/* Now it is known, and said at once. */
	job = rig_commit();
	rig_op(job, rig_parcel(job, "away", "x", 0), OP_CREATE, "a", 2, CREATE);
	s->ops->start(s, job);
	assert_ptr_equal(store_next_done(s), job);
	assert_int_equal(job->err, ERR_STORE_AWAY);
	job_free(job);

	job = rig_next(s);
	assert_int_equal(job->kind, JOB_LOAD);
	assert_int_equal(job->err, ERR_STORE_AWAY);
	job_free(job);
	s->ops->start(s, rig_load("away", "x"));	/* dropped */
	rig_close(s);
	close(fd);
}

/* A name is looked up, the next host tried when it has no address. */
static void
hosts_by_name(void **state)
{
	char hosts[256], why[256];
	struct store *s;

	(void)state;
	snprintf(hosts, sizeof(hosts), "postgres://otd@nowhere.invalid:%d,"
	    "localhost:%d/postgres", port_of(url), port_of(url));
	s = store_open(hosts, rig_loop, why, sizeof(why));
	assert_non_null(s);
	assert_true(rig_put(s, "named", "x", 0, OP_CREATE, "a", 1, CREATE));
	rig_close(s);

	/* Closed while it looks. */
	s = store_open(hosts, rig_loop, why, sizeof(why));
	assert_non_null(s);
	rig_close(s);
}

/* What a role that may not change the schema needs: schema/README.md. */
static void
least_privilege(void **state)
{
	char plain[256];
	struct store *s;
	struct job *job;

	(void)state;
	pg_sql("CREATE ROLE plain LOGIN;"
	    "GRANT USAGE ON SCHEMA otd TO plain;"
	    "GRANT SELECT ON ALL TABLES IN SCHEMA otd TO plain;"
	    "GRANT INSERT, UPDATE ON otd.document TO plain;"
	    "GRANT INSERT ON otd.operation TO plain;"
	    "GRANT INSERT, UPDATE, DELETE ON otd.snapshot TO plain");
	snprintf(plain, sizeof(plain), "postgres://plain@127.0.0.1:%d/postgres",
	    port_of(url));
	s = rig_open(plain);
	assert_true(rig_put(s, "plain", "x", 0, OP_CREATE, "a", 1, CREATE));
	assert_true(rig_put(s, "plain", "x", 1, OP_EDIT, "a", 2, EDIT));
	job = rig_do(s, rig_checkpoint("plain", "x", 2, TYPE, "{}", true));
	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
	job = rig_commit();
	rig_op(job, rig_parcel(job, "plain", "x", 2), OP_DELETE, "a", 3, NULL);
	rig_op(job, rig_parcel(job, "plain", "y", 0), OP_CREATE, "a", 4, CREATE);
	rig_do(s, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(rig_parcel_at(job, 0)->accepted);
	assert_true(rig_parcel_at(job, 1)->accepted);
	job_free(job);
	job = rig_do(s, rig_load("plain", "x"));
	assert_int_equal(job->load.snap_v, 2);
	job_free(job);
	rig_close(s);
}

static void
urls_that_cannot_work(void **state)
{
	static const char *const urls[] = {
		"", "mysql://x", "postgres", "postgres://h?nonsense=1",
		"postgresql://[::1", "sqlite",
	};
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		why[0] = '\0';
		assert_null(store_open(urls[i], rig_loop, why, sizeof(why)));
		assert_true(strlen(why) > 5);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_race),
		cmocka_unit_test(lone_ops_race),
		cmocka_unit_test(one_bad_document),
		cmocka_unit_test(server_is_killed),
		cmocka_unit_test(connections_are_cut),
		cmocka_unit_test(server_is_demoted),
		cmocka_unit_test(primary_fails_over),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(hosts_by_name),
		cmocka_unit_test(least_privilege),
		cmocka_unit_test(urls_that_cannot_work),
	};
	int failed;

	folder = rig_folder();
	url = rig_pg_start(folder);
	failed = cmocka_run_group_tests_name("postgresql alone", tests, NULL,
	    NULL);
	rig_pg_stop(folder);
	free(url);
	loop_free(rig_loop);
	return failed;
}
