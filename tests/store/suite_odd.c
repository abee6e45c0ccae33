#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- odd and large things ---- */

void
odd_bytes_come_back(void **state)
{
	static const char *const names[] = {
		"'; DROP TABLE document; --", "\"double\"", "back\\slash",
		"{a,b}", "{\"x\"}", "NULL", "null", "\\N", " ", "\t\n\r", ",",
		"$1", "%s%n", "\xc3\xa9", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		"\x01\x7f", "a.b", "*", "\xef\xbf\xbd",
	};
	static const char *const bodies[] = {
		"\"\\u0000\"", "\"\\ud800 \\udfff\"", "\"\xf0\x9f\x98\x80\"",
		"{\"b\":1,\"a\":2,\"b2\":1e21,\"0\":-0.1}", "\"\\\\ \\\" '\"",
		"\"{NULL,\\\"x\\\"}\"", "null", "\"\\n\\t\"", "0", "\"\"",
	};
	const size_t n_names = sizeof(names) / sizeof(names[0]);
	const size_t n_bodies = sizeof(bodies) / sizeof(bodies[0]);
	char long_name[1025];
	struct job *job = rig_commit();
	struct parcel *p;
	size_t i, k;

	(void)state;
	/* One by one, then many at once: two ways into the database. */
	for (i = 0; i < 1024; i++)	/* as long as a name may be; random */
		long_name[i] = (char)('!' + (i * i * 7919 + i / 7) % 90);
	long_name[1024] = '\0';
	assert_true(rig_put(suite_store, long_name, long_name, 0, OP_CREATE,
	    long_name, OP_NUMBER_MAX, "{}"));
	for (i = 0; i < n_names; i++)
		assert_true(rig_put(suite_store, "odd", names[i], 0, OP_CREATE,
		    names[i], 1, bodies[i % n_bodies]));
	for (i = 0; i < n_names; i++) {
		p = rig_parcel(job, "odd", names[i], 1);
		for (k = 0; k < n_bodies; k++)
			rig_op(job, p, OP_EDIT, names[i], k, bodies[k]);
		p = rig_parcel(job, names[i], "odd", 0);
		rig_op(job, p, OP_CREATE, names[i], OP_NUMBER_MAX, CREATE);
	}
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < 2 * n_names; i++)
		assert_true(rig_parcel_at(job, i)->accepted);
	job_free(job);
	for (i = 0; i < n_names; i++) {
		suite_checkpoint("odd", names[i], 3, TYPE, bodies[i % n_bodies],
		    false);
		job = rig_do(suite_store, rig_ops("odd", names[i], 0,
		    JOB_NO_VERSION));
		rig_assert_row(&job->ops.ops, 0, n_bodies + 1);
		for (k = 0; k < n_bodies; k++) {
			const struct op *op = job->ops.ops.ops[k + 1];

			assert_string_equal(op->src, names[i]);
			assert_string_equal(op->body, bodies[k]);
			assert_int_equal(op->body_len, strlen(bodies[k]));
		}
		job_free(job);
		job = rig_do(suite_store, rig_load("odd", names[i]));
		assert_string_equal(job->load.snap_body, bodies[i % n_bodies]);
		job_free(job);
		job = rig_do(suite_store, rig_created(names[i], "odd", names[i],
		    OP_NUMBER_MAX));
		assert_int_equal(job->created.v, 0);
		job_free(job);
		job = rig_versions(1);
		rig_version_set(job, 0, "odd", names[i]);
		rig_do(suite_store, job);
		assert_int_equal(job->versions.docs[0].v, n_bodies + 1);
		job_free(job);
	}
}

void
thousand_parcels(void **state)
{
	enum { N = 1000 };
	static char ids[N][16];
	struct job *job;
	struct parcel *p;
	size_t i, round;

	(void)state;
	for (i = 0; i < N; i++)
		snprintf(ids[i], sizeof(ids[i]), "d%zu", (i * 7919) % N);
	for (round = 0; round < 3; round++) {
		job = rig_commit();
		for (i = 0; i < N; i++) {
			p = rig_parcel(job, "many", ids[i], round);
			rig_op(job, p, round == 0 ? OP_CREATE : OP_EDIT, "s",
			    round, round == 0 ? CREATE : EDIT);
		}
		rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_NONE);
		for (i = 0; i < N; i++)
			assert_true(rig_parcel_at(job, i)->accepted);
		job_free(job);
	}
	job = rig_do(suite_store, rig_load("many", "d999"));
	rig_assert_row(&job->load.ops, 0, 3);
	job_free(job);
}

void
ten_megabytes(void **state)
{
	enum { N = 10 * 1024 * 1024 };
	char *body = mem_get(N + 3);
	struct job *job;

	(void)state;
	memset(body, 'x', N + 2);
	body[0] = body[N + 1] = '"';
	assert_true(rig_put(suite_store, "big", "x", 0, OP_CREATE, "s", 1, body));
	suite_checkpoint("big", "x", 1, TYPE, body, true);
	assert_true(rig_put(suite_store, "big", "x", 1, OP_EDIT, "s", 2, body));
	job = rig_do(suite_store, rig_load("big", "x"));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.snap_len, N + 2);
	assert_memory_equal(job->load.snap_body, body, N + 3);
	assert_int_equal(job->load.ops.ops[0]->body_len, N + 2);
	assert_memory_equal(job->load.ops.ops[0]->body, body, N + 3);
	job_free(job);

	/* In company, and as what was missed. */
	job = rig_commit();
	rig_op(job, rig_parcel(job, "big", "y", 0), OP_CREATE, "s", 3, body);
	rig_op(job, rig_parcel(job, "big", "x", 1), OP_EDIT, "s", 4, EDIT);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(rig_parcel_at(job, 0)->accepted);
	assert_false(rig_parcel_at(job, 1)->accepted);
	assert_int_equal(rig_parcel_at(job, 1)->missed.ops[0]->body_len, N + 2);
	job_free(job);
	free(body);
}

/* Reads and commits mixed, far more than are ever under way. */
void
interleaved(void **state)
{
	enum { DOCS = 20, ROUNDS = 25 };
	char ids[DOCS][8];
	size_t i, n = 0, round;
	struct job *job;

	(void)state;
	for (i = 0; i < DOCS; i++)
		snprintf(ids[i], sizeof(ids[i]), "d%zu", i);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < DOCS; i++) {
			job = rig_commit();
			rig_op(job, rig_parcel(job, "inter", ids[i], round),
			    round == 0 ? OP_CREATE : OP_EDIT, "s", round,
			    round == 0 ? CREATE : EDIT);
			suite_store->ops->start(suite_store, job);
			suite_store->ops->start(suite_store, rig_load("inter", ids[i]));
			n += 2;
		}
		while (n > 0) {
			job = rig_next(suite_store);
			n--;
			assert_int_equal(job->err, ERR_NONE);
			if (job->kind == JOB_COMMIT)
				assert_true(rig_parcel_at(job, 0)->accepted);
			else	/* before or after, but whole */
				rig_assert_row(&job->load.ops, 0, job->load.v);
			if (job->kind == JOB_LOAD)
				assert_in_range(job->load.v, round, round + 1);
			job_free(job);
		}
	}
}

void
health(void **state)
{
	struct store_health health;
	struct job *job;

	(void)state;
	suite_store->ops->health(suite_store, &health);
	assert_true(health.up);
	assert_int_equal(health.in_flight, 0);
	suite_store->ops->start(suite_store, rig_load("nothing", "x"));
	suite_store->ops->health(suite_store, &health);
	assert_int_equal(health.in_flight, 1);
	job = rig_next(suite_store);
	job_free(job);
	suite_store->ops->health(suite_store, &health);
	assert_int_equal(health.in_flight, 0);

	/* Closing drops what is under way; the sanitizer says whether freed. */
	assert_null(store_next_done(suite_store));
}

/* What is stored is there after closing and opening again. */
void
survives_reopening(void **state)
{
	struct job *job;
	int i;

	(void)state;
	suite_history("again", "x", 5);
	for (i = 0; i < 3; i++)		/* dropped by the close */
		suite_store->ops->start(suite_store, rig_load("again", "x"));
	rig_close(suite_store);
	suite_store = rig_open(suite_url);
	job = rig_do(suite_store, rig_load("again", "x"));
	assert_int_equal(job->load.v, 5);
	rig_assert_row(&job->load.ops, 0, 5);
	job_free(job);
}
