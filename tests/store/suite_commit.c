#include "suite.h"

#include <stdio.h>
#include <string.h>

/* ---- loading, committing ---- */

void
load_of_nothing(void **state)
{
	struct job *job = rig_do(suite_store, rig_load("nothing", "x"));

	(void)state;
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.snap_v, 0);
	assert_null(job->load.snap_type);
	assert_null(job->load.snap_body);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);

	job = rig_do(suite_store, rig_ops("nothing", "x", 0, JOB_NO_VERSION));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->ops.v, 0);
	assert_int_equal(job->ops.ops.n, 0);
	job_free(job);
}

void
create_edit_delete(void **state)
{
	const char *const bodies[] = { CREATE, EDIT, NULL };
	const enum op_kind kinds[] = { OP_CREATE, OP_EDIT, OP_DELETE };
	struct job *job;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_true(rig_put(suite_store, "ced", "x", i, kinds[i], "alice",
		    7 + i, bodies[i]));
	job = rig_do(suite_store, rig_load("ced", "x"));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, 3);
	rig_assert_row(&job->load.ops, 0, 3);
	for (i = 0; i < 3; i++) {
		const struct op *op = job->load.ops.ops[i];

		assert_int_equal(op->kind, kinds[i]);
		assert_string_equal(op->src, "alice");
		assert_int_equal(op->seq, 7 + i);
		if (bodies[i] == NULL) {
			assert_null(op->body);
		} else {
			assert_string_equal(op->body, bodies[i]);
			assert_int_equal(op->body_len, strlen(bodies[i]));
		}
	}
	job_free(job);

	/* Deleted, it goes on from its version; it does not begin anew. */
	assert_false(rig_put(suite_store, "ced", "x", 0, OP_CREATE, "bob", 1, CREATE));
	assert_true(rig_put(suite_store, "ced", "x", 3, OP_CREATE, "bob", 2, CREATE));
}

void
ops_by_range(void **state)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, "range", "x", 0);
	static const struct { uint64_t from, to; size_t n; } rows[] = {
		{ 0, JOB_NO_VERSION, 10 }, { 3, JOB_NO_VERSION, 7 },
		{ 3, 5, 2 }, { 3, 100, 7 }, { 0, 1, 1 }, { 4, 4, 0 },
		{ 10, JOB_NO_VERSION, 0 }, { 11, JOB_NO_VERSION, 0 },
	};
	size_t i;

	(void)state;
	rig_op(job, p, OP_CREATE, "s", 0, CREATE);
	for (i = 1; i < 10; i++)
		rig_op(job, p, OP_EDIT, "s", i, EDIT);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(p->accepted);
	job_free(job);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		job = rig_do(suite_store, rig_ops("range", "x", rows[i].from,
		    rows[i].to));
		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->ops.v, 10);
		rig_assert_row(&job->ops.ops, rows[i].from, rows[i].n);
		job_free(job);
	}
}

/* ---- verdicts ---- */

void
refused_with_what_was_missed(void **state)
{
	struct job *job;
	struct parcel *p;
	uint64_t i;

	(void)state;
	rig_put(suite_store, "late", "x", 0, OP_CREATE, "a", 0, CREATE);
	for (i = 1; i < 5; i++)
		assert_true(rig_put(suite_store, "late", "x", i, OP_EDIT, "a", i, EDIT));

	job = rig_commit();
	p = rig_parcel(job, "late", "x", 2);
	rig_op(job, p, OP_EDIT, "b", 1, EDIT);
	rig_op(job, p, OP_EDIT, "b", 2, EDIT);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(p->accepted);
	assert_int_equal(p->head_v, 5);
	rig_assert_row(&p->missed, 2, 3);
	assert_string_equal(p->missed.ops[0]->src, "a");
	assert_int_equal(p->missed.ops[2]->seq, 4);
	assert_string_equal(p->missed.ops[0]->body, EDIT);
	job_free(job);

	/* Nothing of it was stored. */
	job = rig_do(suite_store, rig_load("late", "x"));
	assert_int_equal(job->load.v, 5);
	rig_assert_row(&job->load.ops, 0, 5);
	job_free(job);
}

void
gaps_are_impossible(void **state)
{
	struct job *job;
	struct parcel *p;

	(void)state;
	/* No such document, and a version beyond the head. */
	assert_false(rig_put(suite_store, "gap", "never", 3, OP_EDIT, "a", 1, EDIT));
	rig_put(suite_store, "gap", "x", 0, OP_CREATE, "a", 1, CREATE);
	assert_false(rig_put(suite_store, "gap", "x", 2, OP_EDIT, "a", 2, EDIT));

	/* The same when it is not alone. */
	job = rig_commit();
	p = rig_parcel(job, "gap", "never2", 3);
	rig_op(job, p, OP_EDIT, "a", 3, EDIT);
	p = rig_parcel(job, "gap", "x", 2);
	rig_op(job, p, OP_EDIT, "a", 4, EDIT);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(rig_parcel_at(job, 0)->accepted);
	assert_int_equal(rig_parcel_at(job, 0)->head_v, 0);
	assert_int_equal(rig_parcel_at(job, 0)->missed.n, 0);
	assert_false(rig_parcel_at(job, 1)->accepted);
	assert_int_equal(rig_parcel_at(job, 1)->head_v, 1);
	assert_int_equal(rig_parcel_at(job, 1)->missed.n, 0);
	job_free(job);

	job = rig_do(suite_store, rig_load("gap", "x"));
	assert_int_equal(job->load.v, 1);
	assert_int_equal(job->load.ops.n, 1);
	job_free(job);
	job = rig_do(suite_store, rig_load("gap", "never"));
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);
}

void
one_lost_race_does_not_hurt_others(void **state)
{
	static const struct { const char *id; uint64_t base_v; bool accepted;
	    uint64_t head_v; size_t missed; } rows[] = {
		{ "old", 1, true, 0, 0 },	/* there, expected version */
		{ "moved", 1, false, 3, 2 },	/* lost */
		{ "new", 0, true, 0, 0 },	/* to be created */
		{ "taken", 0, false, 1, 1 },	/* somebody else created it */
		{ "absent", 9, false, 0, 0 },	/* not there at all */
		{ "a'\"\\$1", 0, true, 0, 0 },
	};
	struct job *job = rig_commit();
	struct parcel *p;
	size_t i;

	(void)state;
	rig_put(suite_store, "mix", "old", 0, OP_CREATE, "a", 1, CREATE);
	rig_put(suite_store, "mix", "moved", 0, OP_CREATE, "a", 2, CREATE);
	rig_put(suite_store, "mix", "moved", 1, OP_EDIT, "a", 3, EDIT);
	rig_put(suite_store, "mix", "moved", 2, OP_DELETE, "a", 4, NULL);
	rig_put(suite_store, "mix", "taken", 0, OP_CREATE, "a", 5, CREATE);

	for (i = 0; i < 6; i++) {
		p = rig_parcel(job, "mix", rows[i].id, rows[i].base_v);
		rig_op(job, p, rows[i].base_v == 0 ? OP_CREATE : OP_EDIT, "b",
		    2 * i, rows[i].base_v == 0 ? CREATE : EDIT);
		rig_op(job, p, OP_EDIT, "b", 2 * i + 1, EDIT);
	}
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < 6; i++) {
		p = rig_parcel_at(job, i);
		assert_string_equal(p->id, rows[i].id);
		assert_int_equal(p->accepted, rows[i].accepted);
		if (p->accepted)
			continue;
		assert_int_equal(p->head_v, rows[i].head_v);
		rig_assert_row(&p->missed, rows[i].base_v, rows[i].missed);
	}
	assert_int_equal(rig_parcel_at(job, 1)->missed.ops[1]->kind, OP_DELETE);
	assert_null(rig_parcel_at(job, 1)->missed.ops[1]->body);
	job_free(job);

	job = rig_versions(6);
	for (i = 0; i < 6; i++)
		rig_version_set(job, i, "mix", rows[i].id);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < 6; i++)
		assert_int_equal(job->versions.docs[i].v, rows[i].accepted ?
		    rows[i].base_v + 2 : rows[i].head_v);
	job_free(job);
}

/* Many commits under way at once; the rivals for each version get one yes. */
void
rivals_in_flight(void **state)
{
	enum { RIVALS = 6, ROUNDS = 20 };
	static const char *const srcs[RIVALS] = { "r0", "r1", "r2", "r3", "r4",
	    "r5" };
	unsigned accepted[ROUNDS] = { 0 };
	struct job *job;
	struct parcel *p;
	int i, round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < RIVALS; i++) {
			const char *src = srcs[i];

			job = rig_commit();
			job->whose = &accepted[round];
			p = rig_parcel(job, "rivals", "x", (uint64_t)round);
			rig_op(job, p, round == 0 ? OP_CREATE : OP_EDIT, src,
			    (uint64_t)round, round == 0 ? CREATE : EDIT);
			/* Half of them in company: the other path. */
			if (i % 2 == 0) {
				p = rig_parcel(job, "rivals-company", src,
				    (uint64_t)round);
				rig_op(job, p, round == 0 ? OP_CREATE :
				    OP_EDIT, src, (uint64_t)round,
				    round == 0 ? CREATE : EDIT);
			}
			suite_store->ops->start(suite_store, job);
		}
		for (i = 0; i < RIVALS; i++) {
			job = rig_next(suite_store);
			assert_int_equal(job->err, ERR_NONE);
			p = rig_parcel_at(job, 0);
			*(unsigned *)job->whose += p->accepted;
			if (!p->accepted) {
				assert_int_equal(p->head_v, round + 1);
				rig_assert_row(&p->missed, (uint64_t)round, 1);
			}
			if (job->commit.n_parcels == 2)
				assert_true(rig_parcel_at(job, 1)->accepted);
			job_free(job);
		}
		assert_int_equal(accepted[round], 1);
	}
	job = rig_do(suite_store, rig_load("rivals", "x"));
	rig_assert_row(&job->load.ops, 0, ROUNDS);
	job_free(job);
}
