/*
 * PostgreSQL away: killed, cut off, demoted, moved, silent, not to be found.
 * Nothing acknowledged is lost, and the store comes back by itself.
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

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

static char *folder, *url;

static void
pg_sql(const char *sql)
{
	assert_int_equal(rig_shell("sh " TESTS_LIB "/pg.sh sql '%s' postgres "
	    "\"%s\" >/dev/null", folder, sql), 0);
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
	struct job *read, *put;

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
		/* So do statements beside documents, if none was sent. */
		st.s->ops->start(st.s, put = rows_new(ROWS_GRANT_PUT, NULL,
		    NULL, "dying", "s0", "ann", "viewer", NULL, NULL));
		again = rig_pg_start(folder);
		assert_string_equal(again, url);
		free(again);
		for (k = 0; k < 2; k++) {
			struct job *job = rig_next(st.s);

			assert_true(job == read || job == put);
		}
		assert_int_equal(read->err, ERR_NONE);
		/* Its connection may not have been seen to break yet. */
		if (put->err != ERR_STORE_UNSURE) {
			assert_int_equal(put->err, ERR_NONE);
			assert_int_equal(put->rows.n_rows, 1);
		}
		job_free(read);
		job_free(put);
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
	pg_sql("SELECT pg_reload_conf(), pg_sleep(0.3)");
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
	    rig_port(standby), rig_port(url), silent);
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
	    "localhost:%d/postgres", rig_port(url), rig_port(url));
	s = store_open(hosts, rig_loop, why, sizeof(why));
	assert_non_null(s);
	assert_true(rig_put(s, "named", "x", 0, OP_CREATE, "a", 1, CREATE));
	rig_close(s);

	/* Closed while it looks. */
	s = store_open(hosts, rig_loop, why, sizeof(why));
	assert_non_null(s);
	rig_close(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_is_killed),
		cmocka_unit_test(connections_are_cut),
		cmocka_unit_test(server_is_demoted),
		cmocka_unit_test(primary_fails_over),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(hosts_by_name),
	};
	int failed;

	folder = rig_folder();
	url = rig_pg_start(folder);
	failed = cmocka_run_group_tests_name("postgresql away", tests, NULL,
	    NULL);
	rig_pg_stop(folder);
	free(url);
	loop_free(rig_loop);
	return failed;
}
