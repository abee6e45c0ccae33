/*
 * One suite for every store: what core/job.h promises, asked of SQLite in a
 * new folder and of a PostgreSQL of our own.  Each test has a collection of
 * its own, named after it.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/mem.h"

#define EDIT "[{\"p\":[\"a\"],\"na\":1}]"
#define CREATE "{\"type\":\"" TYPE "\",\"data\":{\"a\":0}}"

static struct store *store;

/* ---- loading, committing ---- */

static void
load_of_nothing(void **state)
{
	struct job *job = rig_do(store, rig_load("nothing", "x"));

	(void)state;
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.snap_v, 0);
	assert_null(job->load.snap_type);
	assert_null(job->load.snap_body);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);

	job = rig_do(store, rig_ops("nothing", "x", 0, JOB_NO_VERSION));
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->ops.v, 0);
	assert_int_equal(job->ops.ops.n, 0);
	job_free(job);
}

static void
create_edit_delete(void **state)
{
	const char *const bodies[] = { CREATE, EDIT, NULL };
	const enum op_kind kinds[] = { OP_CREATE, OP_EDIT, OP_DELETE };
	struct job *job;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_true(rig_put(store, "ced", "x", i, kinds[i], "alice",
		    7 + i, bodies[i]));
	job = rig_do(store, rig_load("ced", "x"));
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
	assert_false(rig_put(store, "ced", "x", 0, OP_CREATE, "bob", 1, CREATE));
	assert_true(rig_put(store, "ced", "x", 3, OP_CREATE, "bob", 2, CREATE));
}

static void
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
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(p->accepted);
	job_free(job);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		job = rig_do(store, rig_ops("range", "x", rows[i].from,
		    rows[i].to));
		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->ops.v, 10);
		rig_assert_row(&job->ops.ops, rows[i].from, rows[i].n);
		job_free(job);
	}
}

/* ---- verdicts ---- */

static void
refused_with_what_was_missed(void **state)
{
	struct job *job;
	struct parcel *p;
	uint64_t i;

	(void)state;
	rig_put(store, "late", "x", 0, OP_CREATE, "a", 0, CREATE);
	for (i = 1; i < 5; i++)
		assert_true(rig_put(store, "late", "x", i, OP_EDIT, "a", i, EDIT));

	job = rig_commit();
	p = rig_parcel(job, "late", "x", 2);
	rig_op(job, p, OP_EDIT, "b", 1, EDIT);
	rig_op(job, p, OP_EDIT, "b", 2, EDIT);
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(p->accepted);
	assert_int_equal(p->head_v, 5);
	rig_assert_row(&p->missed, 2, 3);
	assert_string_equal(p->missed.ops[0]->src, "a");
	assert_int_equal(p->missed.ops[2]->seq, 4);
	assert_string_equal(p->missed.ops[0]->body, EDIT);
	job_free(job);

	/* Nothing of it was stored. */
	job = rig_do(store, rig_load("late", "x"));
	assert_int_equal(job->load.v, 5);
	rig_assert_row(&job->load.ops, 0, 5);
	job_free(job);
}

static void
gaps_are_impossible(void **state)
{
	struct job *job;
	struct parcel *p;

	(void)state;
	/* No such document, and a version beyond the head. */
	assert_false(rig_put(store, "gap", "never", 3, OP_EDIT, "a", 1, EDIT));
	rig_put(store, "gap", "x", 0, OP_CREATE, "a", 1, CREATE);
	assert_false(rig_put(store, "gap", "x", 2, OP_EDIT, "a", 2, EDIT));

	/* The same when it is not alone. */
	job = rig_commit();
	p = rig_parcel(job, "gap", "never2", 3);
	rig_op(job, p, OP_EDIT, "a", 3, EDIT);
	p = rig_parcel(job, "gap", "x", 2);
	rig_op(job, p, OP_EDIT, "a", 4, EDIT);
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(rig_parcel_at(job, 0)->accepted);
	assert_int_equal(rig_parcel_at(job, 0)->head_v, 0);
	assert_int_equal(rig_parcel_at(job, 0)->missed.n, 0);
	assert_false(rig_parcel_at(job, 1)->accepted);
	assert_int_equal(rig_parcel_at(job, 1)->head_v, 1);
	assert_int_equal(rig_parcel_at(job, 1)->missed.n, 0);
	job_free(job);

	job = rig_do(store, rig_load("gap", "x"));
	assert_int_equal(job->load.v, 1);
	assert_int_equal(job->load.ops.n, 1);
	job_free(job);
	job = rig_do(store, rig_load("gap", "never"));
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);
}

static void
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
	rig_put(store, "mix", "old", 0, OP_CREATE, "a", 1, CREATE);
	rig_put(store, "mix", "moved", 0, OP_CREATE, "a", 2, CREATE);
	rig_put(store, "mix", "moved", 1, OP_EDIT, "a", 3, EDIT);
	rig_put(store, "mix", "moved", 2, OP_DELETE, "a", 4, NULL);
	rig_put(store, "mix", "taken", 0, OP_CREATE, "a", 5, CREATE);

	for (i = 0; i < 6; i++) {
		p = rig_parcel(job, "mix", rows[i].id, rows[i].base_v);
		rig_op(job, p, rows[i].base_v == 0 ? OP_CREATE : OP_EDIT, "b",
		    2 * i, rows[i].base_v == 0 ? CREATE : EDIT);
		rig_op(job, p, OP_EDIT, "b", 2 * i + 1, EDIT);
	}
	rig_do(store, job);
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
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < 6; i++)
		assert_int_equal(job->versions.docs[i].v, rows[i].accepted ?
		    rows[i].base_v + 2 : rows[i].head_v);
	job_free(job);
}

/* Many commits under way at once; the rivals for each version get one yes. */
static void
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
			store->ops->start(store, job);
		}
		for (i = 0; i < RIVALS; i++) {
			job = rig_next(store);
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
	job = rig_do(store, rig_load("rivals", "x"));
	rig_assert_row(&job->load.ops, 0, ROUNDS);
	job_free(job);
}

/* ---- checkpoints ---- */

static void
put_history(const char *collection, const char *id, uint64_t n)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, id, 0);
	uint64_t i;

	rig_op(job, p, OP_CREATE, "h", 0, CREATE);
	for (i = 1; i < n; i++)
		rig_op(job, p, OP_EDIT, "h", i, EDIT);
	rig_do(store, job);
	assert_true(p->accepted);
	job_free(job);
}

static void
checkpoint(const char *collection, const char *id, uint64_t v,
    const char *type, const char *body, bool kept)
{
	struct job *job = rig_do(store, rig_checkpoint(collection, id, v, type,
	    body, kept));

	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
}

static void
load_from_checkpoint(void **state)
{
	struct job *job;

	(void)state;
	put_history("cp", "x", 10);
	checkpoint("cp", "x", 4, TYPE, "{\"v\":4}", false);
	job = rig_do(store, rig_load("cp", "x"));
	assert_int_equal(job->load.v, 10);
	assert_int_equal(job->load.snap_v, 4);
	assert_string_equal(job->load.snap_type, TYPE);
	assert_string_equal(job->load.snap_body, "{\"v\":4}");
	assert_int_equal(job->load.snap_len, 7);
	rig_assert_row(&job->load.ops, 4, 6);
	job_free(job);

	/* The newest wins; an older one that comes late changes nothing. */
	checkpoint("cp", "x", 10, TYPE, "{\"v\":10}", false);
	checkpoint("cp", "x", 7, TYPE, "{\"v\":7}", false);
	job = rig_do(store, rig_load("cp", "x"));
	assert_int_equal(job->load.snap_v, 10);
	assert_string_equal(job->load.snap_body, "{\"v\":10}");
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);

	/* A document that is not there, a version it does not have: nothing. */
	checkpoint("cp", "never", 3, TYPE, "{}", false);
	job = rig_do(store, rig_load("cp", "never"));
	assert_int_equal(job->load.v, 0);
	assert_int_equal(job->load.snap_v, 0);
	job_free(job);
	checkpoint("cp", "x", 11, TYPE, "{\"v\":11}", true);
	job = rig_do(store, rig_load("cp", "x"));
	assert_int_equal(job->load.snap_v, 10);
	job_free(job);
}

static void
checkpoint_of_nothing_and_of_undefined(void **state)
{
	struct job *job;

	(void)state;
	put_history("cpn", "x", 2);
	assert_true(rig_put(store, "cpn", "x", 2, OP_DELETE, "h", 9, NULL));
	checkpoint("cpn", "x", 2, TYPE, NULL, false);
	job = rig_do(store, rig_load("cpn", "x"));
	assert_int_equal(job->load.snap_v, 2);
	assert_string_equal(job->load.snap_type, TYPE);
	assert_null(job->load.snap_body);
	rig_assert_row(&job->load.ops, 2, 1);
	job_free(job);

	checkpoint("cpn", "x", 3, NULL, NULL, false);
	job = rig_do(store, rig_load("cpn", "x"));
	assert_int_equal(job->load.v, 3);
	assert_int_equal(job->load.snap_v, 3);
	assert_null(job->load.snap_type);
	assert_null(job->load.snap_body);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);
}

/* ---- finding ---- */

static void
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
	put_history("cr", "x", 3);
	rig_put(store, "cr", "x", 3, OP_DELETE, "h", 8, NULL);
	rig_put(store, "cr", "x", 4, OP_CREATE, "again", 5, CREATE);
	rig_put(store, "cr", "y", 0, OP_CREATE, "k", 1, CREATE);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct job *job = rig_do(store, rig_created("cr", rows[i].id,
		    rows[i].src, rows[i].seq));

		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->created.v, rows[i].v);
		job_free(job);
	}
}

static void
versions_of_many(void **state)
{
	enum { N = 500 };
	struct job *job = rig_versions(N);
	char id[16];
	size_t i;

	(void)state;
	put_history("vs", "three", 3);
	put_history("vs", "one", 1);
	for (i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "no%zu", i);
		rig_version_set(job, i, "vs", i == 17 ? "three" :
		    i == 400 || i == 401 ? "one" : id);
	}
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < N; i++)
		assert_int_equal(job->versions.docs[i].v, i == 17 ? 3 :
		    i == 400 || i == 401 ? 1 : 0);
	job_free(job);
}

/* ---- odd and large things ---- */

static void
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
	assert_true(rig_put(store, long_name, long_name, 0, OP_CREATE,
	    long_name, OP_NUMBER_MAX, "{}"));
	for (i = 0; i < n_names; i++)
		assert_true(rig_put(store, "odd", names[i], 0, OP_CREATE,
		    names[i], 1, bodies[i % n_bodies]));
	for (i = 0; i < n_names; i++) {
		p = rig_parcel(job, "odd", names[i], 1);
		for (k = 0; k < n_bodies; k++)
			rig_op(job, p, OP_EDIT, names[i], k, bodies[k]);
		p = rig_parcel(job, names[i], "odd", 0);
		rig_op(job, p, OP_CREATE, names[i], OP_NUMBER_MAX, CREATE);
	}
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	for (i = 0; i < 2 * n_names; i++)
		assert_true(rig_parcel_at(job, i)->accepted);
	job_free(job);
	for (i = 0; i < n_names; i++) {
		checkpoint("odd", names[i], 3, TYPE, bodies[i % n_bodies],
		    false);
		job = rig_do(store, rig_ops("odd", names[i], 0,
		    JOB_NO_VERSION));
		rig_assert_row(&job->ops.ops, 0, n_bodies + 1);
		for (k = 0; k < n_bodies; k++) {
			const struct op *op = job->ops.ops.ops[k + 1];

			assert_string_equal(op->src, names[i]);
			assert_string_equal(op->body, bodies[k]);
			assert_int_equal(op->body_len, strlen(bodies[k]));
		}
		job_free(job);
		job = rig_do(store, rig_load("odd", names[i]));
		assert_string_equal(job->load.snap_body, bodies[i % n_bodies]);
		job_free(job);
		job = rig_do(store, rig_created(names[i], "odd", names[i],
		    OP_NUMBER_MAX));
		assert_int_equal(job->created.v, 0);
		job_free(job);
		job = rig_versions(1);
		rig_version_set(job, 0, "odd", names[i]);
		rig_do(store, job);
		assert_int_equal(job->versions.docs[0].v, n_bodies + 1);
		job_free(job);
	}
}

static void
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
		rig_do(store, job);
		assert_int_equal(job->err, ERR_NONE);
		for (i = 0; i < N; i++)
			assert_true(rig_parcel_at(job, i)->accepted);
		job_free(job);
	}
	job = rig_do(store, rig_load("many", "d999"));
	rig_assert_row(&job->load.ops, 0, 3);
	job_free(job);
}

static void
ten_megabytes(void **state)
{
	enum { N = 10 * 1024 * 1024 };
	char *body = mem_get(N + 3);
	struct job *job;

	(void)state;
	memset(body, 'x', N + 2);
	body[0] = body[N + 1] = '"';
	assert_true(rig_put(store, "big", "x", 0, OP_CREATE, "s", 1, body));
	checkpoint("big", "x", 1, TYPE, body, true);
	assert_true(rig_put(store, "big", "x", 1, OP_EDIT, "s", 2, body));
	job = rig_do(store, rig_load("big", "x"));
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
	rig_do(store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(rig_parcel_at(job, 0)->accepted);
	assert_false(rig_parcel_at(job, 1)->accepted);
	assert_int_equal(rig_parcel_at(job, 1)->missed.ops[0]->body_len, N + 2);
	job_free(job);
	free(body);
}

/* Reads and commits mixed, far more than are ever under way. */
static void
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
			store->ops->start(store, job);
			store->ops->start(store, rig_load("inter", ids[i]));
			n += 2;
		}
		while (n > 0) {
			job = rig_next(store);
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

static void
health(void **state)
{
	struct store_health health;
	struct job *job;

	(void)state;
	store->ops->health(store, &health);
	assert_true(health.up);
	assert_int_equal(health.in_flight, 0);
	store->ops->start(store, rig_load("nothing", "x"));
	store->ops->health(store, &health);
	assert_int_equal(health.in_flight, 1);
	job = rig_next(store);
	job_free(job);
	store->ops->health(store, &health);
	assert_int_equal(health.in_flight, 0);

	/* Closing drops what is under way; the sanitizer says whether freed. */
	assert_null(store_next_done(store));
}

/* What is stored is there after closing and opening again. */
static const char *url;

static void
survives_reopening(void **state)
{
	struct job *job;
	int i;

	(void)state;
	put_history("again", "x", 5);
	for (i = 0; i < 3; i++)		/* dropped by the close */
		store->ops->start(store, rig_load("again", "x"));
	rig_close(store);
	store = rig_open(url);
	job = rig_do(store, rig_load("again", "x"));
	assert_int_equal(job->load.v, 5);
	rig_assert_row(&job->load.ops, 0, 5);
	job_free(job);
}

/* A test that failed halfway must not trouble the next. */
static int
drain(void **state)
{
	struct store_health health;

	(void)state;
	for (;;) {
		store->ops->health(store, &health);
		if (health.in_flight == 0)
			return 0;
		job_free(rig_next(store));
	}
}

#define T(name)	cmocka_unit_test_setup(name, drain)

static const struct CMUnitTest tests[] = {
	T(load_of_nothing),
	T(create_edit_delete),
	T(ops_by_range),
	T(refused_with_what_was_missed),
	T(gaps_are_impossible),
	T(one_lost_race_does_not_hurt_others),
	T(rivals_in_flight),
	T(load_from_checkpoint),
	T(checkpoint_of_nothing_and_of_undefined),
	T(created_is_found),
	T(versions_of_many),
	T(odd_bytes_come_back),
	T(thousand_parcels),
	T(ten_megabytes),
	T(interleaved),
	T(health),
	T(survives_reopening),
};

static int
open_store(void **state)
{
	(void)state;
	store = rig_open(url);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	rig_close(store);
	store = NULL;
	return 0;
}

int
main(void)
{
	char *pg_folder = rig_folder();
	char *pg_url = rig_pg_start(pg_folder);
	char lite_url[600];
	int failed;

	snprintf(lite_url, sizeof(lite_url), "sqlite:%s/data/otd.db",
	    rig_folder());
	url = lite_url;
	failed = cmocka_run_group_tests_name("sqlite", tests, open_store,
	    close_store);
	url = pg_url;
	failed += cmocka_run_group_tests_name("postgresql", tests, open_store,
	    close_store);
	rig_pg_stop(pg_folder);
	free(pg_url);
	loop_free(rig_loop);
	return failed;
}
