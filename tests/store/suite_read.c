#include "suite.h"

#include <stdio.h>

void
suite_history(const char *collection, const char *id, uint64_t n)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, id, 0);
	uint64_t i;

	rig_op(job, p, OP_CREATE, "h", 0, CREATE);
	for (i = 1; i < n; i++)
		rig_op(job, p, OP_EDIT, "h", i, EDIT);
	rig_do(suite_store, job);
	assert_true(p->accepted);
	job_free(job);
}

void
suite_checkpoint(const char *collection, const char *id, uint64_t v,
    const char *type, const char *body, bool kept)
{
	struct job *job = rig_do(suite_store, rig_checkpoint(collection, id, v, type,
	    body, kept));

	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
}

/* ---- checkpoints ---- */

void
load_from_checkpoint(void **state)
{
	struct job *job;

	(void)state;
	suite_history("cp", "x", 10);
	suite_checkpoint("cp", "x", 4, TYPE, "{\"v\":4}", false);
	job = rig_do(suite_store, rig_load("cp", "x"));
	assert_int_equal(job->load.v, 10);
	assert_int_equal(job->load.snap_v, 4);
	assert_string_equal(job->load.snap_type, TYPE);
	assert_string_equal(job->load.snap_body, "{\"v\":4}");
	assert_int_equal(job->load.snap_len, 7);
	rig_assert_row(&job->load.ops, 4, 6);
	job_free(job);

	/* The newest wins; an older one that comes late changes nothing. */
	suite_checkpoint("cp", "x", 10, TYPE, "{\"v\":10}", false);
	suite_checkpoint("cp", "x", 7, TYPE, "{\"v\":7}", false);
	job = rig_do(suite_store, rig_load("cp", "x"));
	assert_int_equal(job->load.snap_v, 10);
	assert_string_equal(job->load.snap_body, "{\"v\":10}");
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);

	/* A document that is not there, a version it does not have: nothing. */
	suite_checkpoint("cp", "never", 3, TYPE, "{}", false);
	job = rig_do(suite_store, rig_load("cp", "never"));
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.snap_v, 0);
	job_free(job);
	suite_checkpoint("cp", "x", 11, TYPE, "{\"v\":11}", true);
	job = rig_do(suite_store, rig_load("cp", "x"));
	assert_int_equal(job->load.snap_v, 10);
	job_free(job);
}

void
checkpoint_of_nothing_and_of_undefined(void **state)
{
	struct job *job;

	(void)state;
	suite_history("cpn", "x", 2);
	assert_true(rig_put(suite_store, "cpn", "x", 2, OP_DELETE, "h", 9, NULL));
	suite_checkpoint("cpn", "x", 2, TYPE, NULL, false);
	job = rig_do(suite_store, rig_load("cpn", "x"));
	assert_int_equal(job->load.snap_v, 2);
	assert_string_equal(job->load.snap_type, TYPE);
	assert_null(job->load.snap_body);
	rig_assert_row(&job->load.ops, 2, 1);
	job_free(job);

	suite_checkpoint("cpn", "x", 3, NULL, NULL, false);
	job = rig_do(suite_store, rig_load("cpn", "x"));
	assert_int_equal(job->load.v, 3);
	assert_int_equal(job->load.snap_v, 3);
	assert_null(job->load.snap_type);
	assert_null(job->load.snap_body);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);
}

/* ---- finding ---- */

void
created_is_found(void **state)
{
	static const struct { const char *id, *src; uint64_t seq, v; } rows[] = {
		{ "x", "h", 0, 0 },
		{ "x", "h", 1, JOB_NO_VERSION },	/* an edit */
		{ "x", "g", 0, JOB_NO_VERSION },	/* somebody else */
		{ "y", "h", 0, JOB_NO_VERSION },	/* another document */
		{ "x", "again", 5, 4 },
	};
	size_t i;

	(void)state;
	suite_history("cr", "x", 3);
	rig_put(suite_store, "cr", "x", 3, OP_DELETE, "h", 8, NULL);
	rig_put(suite_store, "cr", "x", 4, OP_CREATE, "again", 5, CREATE);
	rig_put(suite_store, "cr", "y", 0, OP_CREATE, "k", 1, CREATE);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct job *job = rig_do(suite_store, rig_created("cr", rows[i].id,
		    rows[i].src, rows[i].seq));

		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->created.v, rows[i].v);
		job_free(job);
	}
}

void
versions_of_many(void **state)
{
	enum { N = 500 };
	struct job *job = rig_versions(N);
	char id[16];
	size_t i;

	(void)state;
	suite_history("vs", "three", 3);
	suite_history("vs", "one", 1);
	for (i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "no%zu", i);
		rig_version_set(job, i, "vs", i == 17 ? "three" :
		    i == 400 || i == 401 ? "one" : id);
	}
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < N; i++)
		assert_int_equal(job->versions.docs[i].v, i == 17 ? 3 :
		    i == 400 || i == 401 ? 1 : 0);
	job_free(job);
}
