/*
 * Operations that were stored elsewhere: with their times; and documents
 * whose history begins late.
 */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define BODY "{\"a\":2}"

/* Three ops from base_v on, as of some day in the past. */
static struct parcel *
past(struct job *job, const char *id, uint64_t base_v, const int64_t at_ms[3])
{
	struct parcel *p = rig_parcel(job, "past", id, base_v);
	uint64_t i;

	for (i = 0; i < 3; i++)
		rig_op(job, p, base_v + i == 0 ? OP_CREATE : OP_EDIT, "old",
		    base_v + i, base_v + i == 0 ? CREATE : EDIT);
	p->at_ms = at_ms;
	p->is_created = base_v == 0;
	p->has_content = true;
	p->body = mem_copy(BODY, strlen(BODY));
	p->len = strlen(BODY);
	return p;
}

static void
assert_time(const char *id, uint64_t v, int64_t ms)
{
	char from[24];
	struct job *job;

	snprintf(from, sizeof(from), "%u", (unsigned)v);
	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "past", id, from,
	    "1"));
	assert_int_equal(rows_number(job, 0, 0, -1), v);
	assert_int_equal(rows_number(job, 0, 6, -1), ms);
	job_free(job);
}

void
past_has_its_times(void **state)
{
	static const int64_t first[] = { 1000, 1001, 1700000000123 };
	static const int64_t second[] = { 1700000000123, 1700000000124,
	    1700000000999 };
	static const int64_t other[] = { 0, 5, 5 };
	struct job *job = rig_commit();
	struct parcel *p = past(job, "x", 0, first);
	struct parcel *q = past(job, "y", 0, other);
	uint64_t i;

	(void)state;
	p->owner = "ann";
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(p->accepted);
	assert_true(q->accepted);
	job_free(job);

	job = rig_commit();
	p = past(job, "x", 3, second);
	q = past(job, "y", 0, other);	/* it is there already */
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(p->accepted);
	assert_false(q->accepted);
	assert_int_equal(q->head_v, 3);
	rig_assert_row(&q->missed, 0, 3);
	job_free(job);

	for (i = 0; i < 3; i++) {
		assert_time("x", i, first[i]);
		assert_time("x", 3 + i, second[i]);
		assert_time("y", i, other[i]);
	}
	job = suite_asked(rows_new(ROWS_DOCUMENT, NULL, NULL, "past", "x"));
	suite_assert_cell(job, 0, 0, "6");
	suite_assert_cell(job, 0, 1, TYPE);
	suite_assert_cell(job, 0, 2, "ann");
	job_free(job);
	job = suite_asked(rows_new(ROWS_CONTENT, NULL, NULL, "past", "x"));
	suite_assert_cell(job, 0, 0, "6");
	suite_assert_cell(job, 0, 2, BODY);
	job_free(job);

	/* Whoever writes now comes after it. */
	assert_true(rig_put(suite_store, "past", "x", 6, OP_EDIT, "new", 1,
	    EDIT));
	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "past", "x", "6",
	    "1"));
	assert_true(rows_number(job, 0, 6, -1) > second[2]);
	job_free(job);
}

/* As of one moment: a document created, deleted and created anew in one. */
void
past_keeps_grants(void **state)
{
	static const int64_t times[] = { 7, 8, 9 };
	struct job *job;
	struct parcel *p;

	(void)state;
	suite_done(rows_new(ROWS_GRANT_PUT, NULL, NULL, "past", "g", "bob",
	    "viewer", NULL, NULL));
	job = rig_commit();
	p = rig_parcel(job, "past", "g", 0);
	rig_op(job, p, OP_CREATE, "old", 1, CREATE);
	rig_op(job, p, OP_DELETE, "old", 2, NULL);
	p->at_ms = times;
	p->is_created = true;
	p->type_after = NULL;
	rig_do(suite_store, job);
	assert_true(p->accepted);
	job_free(job);
	job = rig_commit();
	p = rig_parcel(job, "past", "g", 2);
	rig_op(job, p, OP_CREATE, "old", 3, CREATE);
	p->at_ms = times + 2;
	p->is_created = true;
	rig_do(suite_store, job);
	assert_true(p->accepted);
	job_free(job);
	job = suite_asked(rows_new(ROWS_GRANT_LIST, NULL, NULL, "past", "g"));
	assert_int_equal(job->rows.n_rows, 1);
	job_free(job);
}

/* ---- histories that begin late ---- */

static bool
place(const char *id, uint64_t v, const char *type, const char *body)
{
	struct job *job = job_new(JOB_PLACE, NULL);
	bool placed;

	job->place = (struct job_place){ .collection = "past", .id = id,
	    .v = v, .type = type, .body = body,
	    .len = body != NULL ? strlen(body) : 0, .owner = "ann",
	    .at_ms = 1234567890123, .has_content = true };
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	placed = job->place.placed;
	job_free(job);
	return placed;
}

void
placed_begins_late(void **state)
{
	struct job *job;

	(void)state;
	assert_true(place("late", 10, TYPE, BODY));
	assert_false(place("late", 10, TYPE, BODY));
	assert_false(place("late", 20, TYPE, BODY));
	assert_true(rig_put(suite_store, "past", "late", 10, OP_EDIT, "new", 1,
	    EDIT));
	job = rig_do(suite_store, rig_load("past", "late"));
	assert_int_equal(job->load.v, 11);
	assert_int_equal(job->load.snap_v, 10);
	assert_string_equal(job->load.snap_type, TYPE);
	assert_string_equal(job->load.snap_body, BODY);
	rig_assert_row(&job->load.ops, 10, 1);
	job_free(job);

	/* A newer checkpoint does not take the first one's place. */
	suite_checkpoint("past", "late", 11, TYPE, "{\"a\":3}", false);
	job = suite_asked(rows_new(ROWS_SNAPSHOT_FROM, NULL, NULL, "past",
	    "late", "0"));
	suite_assert_cell(job, 0, 0, "10");
	suite_assert_cell(job, 0, 2, BODY);
	suite_assert_cell(job, 0, 3, "1");
	job_free(job);
	job = suite_asked(rows_new(ROWS_CONTENT, NULL, NULL, "past", "late"));
	suite_assert_cell(job, 0, 0, "10");
	job_free(job);
	job = suite_asked(rows_new(ROWS_DOCUMENT, NULL, NULL, "past", "late"));
	suite_assert_cell(job, 0, 2, "ann");
	job_free(job);
}

/* It does not exist, or its content is undefined. */
void
placed_nothing(void **state)
{
	struct job *job;

	(void)state;
	assert_true(place("gone", 3, NULL, NULL));
	assert_true(place("undefined", 4, TYPE, NULL));
	job = rig_do(suite_store, rig_load("past", "gone"));
	assert_int_equal(job->load.v, 3);
	assert_int_equal(job->load.snap_v, 3);
	assert_null(job->load.snap_type);
	job_free(job);
	job = suite_asked(rows_new(ROWS_CONTENT, NULL, NULL, "past", "gone"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = rig_do(suite_store, rig_load("past", "undefined"));
	assert_string_equal(job->load.snap_type, TYPE);
	assert_null(job->load.snap_body);
	job_free(job);
	assert_true(rig_put(suite_store, "past", "gone", 3, OP_CREATE, "new",
	    1, CREATE));
}
