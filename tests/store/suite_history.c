/* Documents as they were: at a version, at a time, a part at a time. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>
#include <sqlite3.h>

#define SQLITE	"sqlite:"

/* Somebody with a hand in the database. */
static void
by_hand(const char *pg_sql, const char *lite_sql)
{
	PGconn *pg;
	PGresult *res;
	sqlite3 *db;

	if (strncmp(suite_url, SQLITE, strlen(SQLITE)) == 0) {
		assert_int_equal(sqlite3_open(suite_url + strlen(SQLITE), &db),
		    SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, lite_sql, NULL, NULL, NULL),
		    SQLITE_OK);
		sqlite3_close(db);
		return;
	}
	pg = PQconnectdb(suite_owner_url);
	res = PQexec(pg, pg_sql);
	assert_int_equal(PQresultStatus(res), PGRES_COMMAND_OK);
	PQclear(res);
	PQfinish(pg);
}

static struct job *
history(const char *collection, uint64_t v, uint64_t from, uint64_t max_ops)
{
	struct job *job = job_new(JOB_HISTORY, NULL);

	job->history.load.collection = collection;
	job->history.load.id = "x";
	job->history.load.v = v;
	job->history.from = from;
	job->history.max_ops = max_ops;
	return job;
}

/* The document at v begins at snap_v, and n ops follow. */
static void
assert_at(const char *collection, uint64_t v, uint64_t snap_v, size_t n)
{
	struct job *job = rig_do(suite_store, history(collection, v,
	    JOB_NO_VERSION, 1000));

	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->history.head_v, 20);
	assert_int_equal(job->history.load.v, v);
	assert_int_equal(job->history.load.snap_v, snap_v);
	rig_assert_row(&job->history.load.ops, snap_v, n);
	if (n > 0)
		assert_int_equal(job->history.load.ops.ops[n - 1]->v, v - 1);
	job_free(job);
}

void
history_at_versions(void **state)
{
	struct job *job;
	uint64_t v;

	(void)state;
	suite_history("hi", "x", 20);
	for (v = 0; v <= 20; v += 5)
		assert_at("hi", v, 0, v);
	suite_checkpoint("hi", "x", 5, TYPE, "{\"v\":5}", true);
	suite_checkpoint("hi", "x", 10, NULL, NULL, true);
	suite_checkpoint("hi", "x", 17, TYPE, "{\"v\":17}", false);
	for (v = 0; v <= 20; v++)
		assert_at("hi", v, v < 5 ? 0 : v < 10 ? 5 : v < 17 ? 10 : 17,
		    v < 5 ? v : v < 10 ? v - 5 : v < 17 ? v - 10 : v - 17);
	job = rig_do(suite_store, history("hi", 7, JOB_NO_VERSION, 1000));
	assert_string_equal(job->history.load.snap_type, TYPE);
	assert_string_equal(job->history.load.snap_body, "{\"v\":5}");
	assert_int_equal(job->history.load.snap_len, 7);
	job_free(job);
	job = rig_do(suite_store, history("hi", 12, JOB_NO_VERSION, 1000));
	assert_null(job->history.load.snap_type);
	assert_null(job->history.load.snap_body);
	job_free(job);
}

/* No more than was asked for at once, and on from there. */
void
history_in_parts(void **state)
{
	struct job *job;

	(void)state;
	suite_history("hip", "x", 20);
	suite_checkpoint("hip", "x", 5, TYPE, "{}", true);
	job = rig_do(suite_store, history("hip", 18, JOB_NO_VERSION, 4));
	assert_int_equal(job->history.load.snap_v, 5);
	assert_int_equal(job->history.load.v, 18);
	rig_assert_row(&job->history.load.ops, 5, 4);
	assert_int_equal(job->history.load.ops.n, 4);
	job_free(job);
	job = rig_do(suite_store, history("hip", 18, 9, 4));
	assert_int_equal(job->history.load.snap_v, 0);
	assert_null(job->history.load.snap_body);
	rig_assert_row(&job->history.load.ops, 9, 4);
	job_free(job);
	job = rig_do(suite_store, history("hip", 18, 16, 4));
	rig_assert_row(&job->history.load.ops, 16, 2);
	assert_int_equal(job->history.load.ops.n, 2);
	job_free(job);
}

void
history_of_what_is_not(void **state)
{
	struct job *job;

	(void)state;
	job = rig_do(suite_store, history("hin", 0, JOB_NO_VERSION, 9));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->history.head_v, 0);
	assert_int_equal(job->history.load.v, 0);
	job_free(job);
	job = history("hin", 0, JOB_NO_VERSION, 9);
	job->history.by_time = true;
	job->history.time_ms = (int64_t)OP_NUMBER_MAX;
	job = rig_do(suite_store, job);
	assert_int_equal(job->history.head_v, 0);
	assert_int_equal(job->history.load.v, 0);
	job_free(job);

	/* Beyond the head: nothing but where that is. */
	suite_history("hin", "x", 3);
	suite_checkpoint("hin", "x", 2, TYPE, "{}", true);
	job = rig_do(suite_store, history("hin", 4, JOB_NO_VERSION, 9));
	assert_int_equal(job->history.head_v, 3);
	assert_int_equal(job->history.load.v, 4);
	assert_int_equal(job->history.load.snap_v, 0);
	assert_int_equal(job->history.load.ops.n, 0);
	job_free(job);
	job = rig_do(suite_store, history("hin", OP_NUMBER_MAX,
	    JOB_NO_VERSION, 9));
	assert_int_equal(job->history.head_v, 3);
	assert_true(job->history.load.v > 3);
	assert_int_equal(job->history.load.ops.n, 0);
	job_free(job);
}

/* ---- by time ---- */

static int64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* How many ops it had then. */
static uint64_t
version_at(const char *collection, int64_t ms)
{
	struct job *job = history(collection, 0, JOB_NO_VERSION, 1000);
	uint64_t v;

	job->history.by_time = true;
	job->history.time_ms = ms;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	v = job->history.load.v;
	rig_assert_row(&job->history.load.ops, 0, v);
	assert_int_equal(job->history.load.ops.n, v);
	job_free(job);
	return v;
}

void
history_at_times(void **state)
{
	int64_t after[12];
	uint64_t i;

	(void)state;
	for (i = 0; i < 12; i++) {
		assert_true(rig_put(suite_store, "hit", "x", i,
		    i == 0 ? OP_CREATE : OP_EDIT, "h", i, i == 0 ? CREATE : EDIT));
		rig_wait(3);
		after[i] = wall_ms();
		rig_wait(3);
	}
	assert_int_equal(version_at("hit", -1), 0);
	assert_int_equal(version_at("hit", 0), 0);
	assert_int_equal(version_at("hit", after[0] - 60000), 0);
	for (i = 0; i < 12; i++)
		assert_int_equal(version_at("hit", after[i]), i + 1);
	assert_int_equal(version_at("hit", (int64_t)OP_NUMBER_MAX), 12);

	/* The millisecond of an op is included, the one before is not. */
	by_hand("UPDATE otd.operation SET created_at ="
	    " '2001-09-09 01:46:40.000999Z'::timestamptz +"
	    " version * interval '2 milliseconds'"
	    " WHERE doc_pk = (SELECT doc_pk FROM otd.document"
	    " WHERE collection = 'hit')",
	    "UPDATE operation SET created_at = 1000000000000 + version * 2"
	    " WHERE doc_pk = (SELECT doc_pk FROM document"
	    " WHERE collection = 'hit')");
	for (i = 0; i < 12; i++) {
		assert_int_equal(version_at("hit",
		    1000000000000 + (int64_t)i * 2), i + 1);
		assert_int_equal(version_at("hit",
		    1000000000000 + (int64_t)i * 2 - 1), i);
	}
}

/* The clock was an hour ahead, and was set right: times stay in order. */
void
history_after_a_wrong_clock(void **state)
{
	int64_t now = wall_ms(), hour = 3600000;
	struct job *job;
	struct parcel *p;
	uint64_t i;

	(void)state;
	suite_history("hic", "x", 5);
	by_hand("WITH d AS (UPDATE otd.document SET updated_at = now() +"
	    " interval '1 hour' WHERE collection = 'hic' RETURNING *)"
	    " UPDATE otd.operation AS o SET created_at = d.updated_at FROM d"
	    " WHERE o.doc_pk = d.doc_pk AND o.version = 4",
	    "UPDATE document SET updated_at = updated_at + 3600000"
	    " WHERE collection = 'hic';"
	    "UPDATE operation SET created_at = created_at + 3600000"
	    " WHERE version = 4 AND doc_pk = (SELECT doc_pk FROM document"
	    " WHERE collection = 'hic')");
	/* One op, and a batch. */
	assert_true(rig_put(suite_store, "hic", "x", 5, OP_EDIT, "h", 5, EDIT));
	job = rig_commit();
	p = rig_parcel(job, "hic", "x", 6);
	rig_op(job, p, OP_EDIT, "h", 6, EDIT);
	rig_op(job, p, OP_EDIT, "h", 7, EDIT);
	(void)rig_parcel(job, "hic", "y", 0);
	rig_op(job, rig_parcel_at(job, 1), OP_CREATE, "h", 0, CREATE);
	rig_do(suite_store, job);
	assert_true(p->accepted);
	job_free(job);
	for (i = 0; i < 3; i++)
		assert_int_equal(version_at("hic", now + hour / 2), 4);
	assert_int_equal(version_at("hic", now + 2 * hour), 8);
}
