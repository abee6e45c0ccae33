/*
 * What PostgreSQL asks of a store while it works: rivals in other processes,
 * documents that cannot be read, roles that may do little.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/loop.h"
#include "base/mem.h"
#include "store/pg_sql.h"

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

/* ---- who compacts, names and erases takes turns ---- */

static PGresult *
ask(PGconn *pg, const char *sql, int n, const char *const *params)
{
	PGresult *res = PQexecParams(pg, sql, n, NULL, params, NULL, NULL, 0);

	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(res));
	return res;
}

static void
pg_do(PGconn *pg, const char *sql)
{
	PQclear(ask(pg, sql, 0, NULL));
}

/* So many sessions wait for a lock. */
static void
await_waiting(int n)
{
	PGconn *pg = PQconnectdb(url);
	PGresult *res;
	int is, i;

	for (is = -1, i = 0; is != n; i++) {
		assert_true(i < 3000);
		rig_wait(10);
		res = ask(pg, "SELECT count(DISTINCT pid) FROM pg_locks"
		    " WHERE NOT granted", 0, NULL);
		is = atoi(PQgetvalue(res, 0, 0));
		PQclear(res);
	}
	PQfinish(pg);
}

static char *
copy(const char *text)
{
	return mem_copy(text, strlen(text));
}

/* A document of ten ops. */
static void
put_turns(struct store *s, const char *id)
{
	uint64_t v;

	assert_true(rig_put(s, "turns", id, 0, OP_CREATE, "a", 1, CREATE));
	for (v = 1; v < 10; v++)
		assert_true(rig_put(s, "turns", id, v, OP_EDIT, "a", v + 1,
		    EDIT));
}

/* Its ops from 1 to 9 become one. */
static struct job *
compact_job(const char *id)
{
	struct job *job = job_new(JOB_COMPACT, NULL);

	job->compact.collection = copy("turns");
	job->compact.id = copy(id);
	job->compact.from = 1;
	job->compact.to = 9;
	job->compact.empty = copy("[]");
	job->compact.body = copy(EDIT);
	job->compact.len = strlen(EDIT);
	return job;
}

static struct job *
name_job(const char *id)
{
	return rows_new(ROWS_NAME_PUT, NULL, NULL, "turns", id, "signed", "5",
	    NULL);
}

/* A version is named while the document is compacted: one of them waits. */
static void
names_and_compaction_take_turns(void **state)
{
	static const char *const compact[] = { "turns", "late", "0", "1", "9",
	    "[]", EDIT, "f", "f", NULL, NULL };
	static const char *const name[] = { "turns", "named", "signed", "5",
	    NULL };
	PGconn *rival = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct job *job;

	(void)state;
	put_turns(s, "named");
	pg_do(rival, "BEGIN");
	PQclear(ask(rival, pg_sql_text(PG_ROWS + ROWS_NAME_PUT), 5, name));
	s->ops->start(s, compact_job("named"));
	await_waiting(1);
	pg_do(rival, "COMMIT");
	job = rig_next(s);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(job->compact.done);
	assert_int_equal(job->compact.n_ops, 0);
	job_free(job);
	job = rig_do(s, compact_job("named"));
	assert_false(job->compact.done);
	job_free(job);

	put_turns(s, "late");
	pg_do(rival, "BEGIN");
	PQclear(ask(rival, pg_sql_text(PG_COMPACT), 11, compact));
	s->ops->start(s, name_job("late"));
	await_waiting(1);
	pg_do(rival, "COMMIT");
	job = rig_next(s);		/* ask again */
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->rows.n_rows, 1);
	assert_null(rows_cell(job, 0, 0));
	job_free(job);
	job = rig_do(s, name_job("late"));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	rig_close(s);
	PQfinish(rival);
}

static struct job *
erase_job(const char *id)
{
	struct job *job = job_new(JOB_ERASE, NULL);

	job->erase.collection = copy("turns");
	job->erase.id = copy(id);
	job->erase.src = copy("purge:1");
	job->erase.by = copy("ann");
	job->erase.reason = copy("asked");
	return job;
}

/* Erased in the middle, compacted from below: they met in a circle once. */
static void
erasing_and_compaction_take_turns(void **state)
{
	PGconn *rival = PQconnectdb(url);
	struct store *erasing = rig_open(url), *compacting = rig_open(url);
	struct job *job;

	(void)state;
	put_turns(erasing, "gone");
	pg_do(rival, "BEGIN");
	pg_do(rival, "SELECT FROM otd.operation WHERE version = 5 AND doc_pk ="
	    " (SELECT doc_pk FROM otd.document WHERE collection = 'turns'"
	    " AND id = 'gone') FOR UPDATE");
	erasing->ops->start(erasing, erase_job("gone"));
	await_waiting(1);
	compacting->ops->start(compacting, compact_job("gone"));
	await_waiting(2);
	pg_do(rival, "COMMIT");
	job = rig_next(erasing);
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->erase.v, 11);
	assert_int_equal(job->erase.n_ops, 10);
	job_free(job);
	job = rig_next(compacting);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(job->compact.done);
	job_free(job);
	rig_close(erasing);
	rig_close(compacting);
	PQfinish(rival);
}

/* The victim of a deadlock is done again. */
static void
victims_try_again(void **state)
{
	PGconn *pg = PQconnectdb(url);
	struct store *s = rig_open(url);
	struct job *job;

	(void)state;
	put_turns(s, "victim");
	pg_do(pg, "CREATE SEQUENCE public.tries");
	pg_do(pg, "CREATE FUNCTION public.stuck() RETURNS trigger"
	    " LANGUAGE plpgsql AS $$ BEGIN"
	    " IF nextval('public.tries') < 3 THEN RAISE EXCEPTION 'stuck'"
	    " USING ERRCODE = 'deadlock_detected'; END IF;"
	    " RETURN NEW; END $$");
	pg_do(pg, "CREATE TRIGGER stuck BEFORE INSERT ON otd.log_horizon"
	    " FOR EACH ROW EXECUTE FUNCTION public.stuck()");
	job = rig_do(s, compact_job("victim"));
	assert_int_equal(job->err, ERR_NONE);
	assert_true(job->compact.done);
	assert_int_equal(job->compact.n_ops, 7);
	job_free(job);
	pg_do(pg, "DROP TRIGGER stuck ON otd.log_horizon");
	rig_close(s);
	PQfinish(pg);
}

/* ---- finds ---- */

/*
 * A statement that would take 20 seconds is ended by the server in time, and
 * told; the store goes while it looks for documents, and while more would be
 * looked for.
 */
static void
slow_finds(void **state)
{
	static const char q[] = "{\"_id\":{\"$ne\":\"\"}}";
	const struct json_slice slice = { q, sizeof(q) - 1, JSON_OBJECT };
	struct store *s = rig_open(url);
	struct job *job;
	struct ot_err err;
	struct filter *f;
	int i;

	(void)state;
	pg_sql("CREATE VIEW otd.slow AS SELECT * FROM otd.content"
	    "  WHERE pg_sleep(0.05) IS NOT NULL;"
	    "ALTER TABLE otd.content RENAME TO quick;"
	    "ALTER VIEW otd.slow RENAME TO content;"
	    "INSERT INTO otd.quick (version, collection, id, type, body) SELECT 1, 'left', i::text, 'x', '{}'"
	    "  FROM generate_series(1, 400) AS i");
	assert_int_equal(filter_parse(&slice, &f, &err), 0);
	job = job_new_find("left", filter_ref(f), NULL);
	job->find.timeout_ms = 400;
	job = rig_do(s, job);
	assert_int_equal(job->err, ERR_FIND_SLOW);
	assert_string_equal(job->find.why,
	    "the query took more than 400 ms and was ended");
	job_free(job);
	pg_sql("SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END)"
	    " FROM pg_stat_activity WHERE state = 'active'"
	    " AND query LIKE '%otd.content%' AND pid <> pg_backend_pid()");
	for (i = 0; i < 3; i++)
		s->ops->start(s, job_new_find("left", filter_ref(f), NULL));
	rig_wait(300);
	rig_close(s);
	filter_unref(f);
	pg_sql("DROP VIEW otd.content; ALTER TABLE otd.quick RENAME TO content;"
	    "DELETE FROM otd.content");
}

/* ---- who may ---- */

/* Of a database whose roles nobody made: what serving edits takes. */
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
	    "GRANT INSERT, UPDATE, DELETE ON otd.snapshot, otd.content TO plain");
	snprintf(plain, sizeof(plain), "postgres://plain@127.0.0.1:%d/postgres",
	    rig_port(url));
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
		cmocka_unit_test(names_and_compaction_take_turns),
		cmocka_unit_test(erasing_and_compaction_take_turns),
		cmocka_unit_test(victims_try_again),
		cmocka_unit_test(slow_finds),
		cmocka_unit_test(least_privilege),
		cmocka_unit_test(urls_that_cannot_work),
	};
	int failed;

	folder = rig_folder();
	url = rig_pg_start(folder);
	failed = cmocka_run_group_tests_name("postgresql at work", tests, NULL,
	    NULL);
	rig_pg_stop(folder);
	free(url);
	loop_free(rig_loop);
	return failed;
}
