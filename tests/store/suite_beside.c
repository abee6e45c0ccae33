/*
 * What is written beside ops: authors, owners, events.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- authors ---- */

static void
put_by(struct job *job, struct parcel *p, enum op_kind kind,
    const char *author)
{
	struct op *op;

	rig_op(job, p, kind, "src", p->base_v + p->ops.n,
	    kind == OP_CREATE ? CREATE : kind == OP_EDIT ? EDIT : NULL);
	op = p->ops.ops[p->ops.n - 1];
	if (author != NULL)
		assert_true(op_set_author(op, author));
}

/* By every way that commits go: whoever made an op is known. */
void
authors_are_kept(void **state)
{
	static const char *const authors[] = {
		"ann", "bob", NULL, "ann", "\xc3\xa9ve", "carl", NULL
	};
	struct job *job;
	struct parcel *p;
	char number[8];
	int64_t before = suite_now_ms() - 5;
	size_t i;

	(void)state;
	for (i = 0; i < 7; i++) {		/* create, edits, alone */
		if (i == 3)
			continue;		/* came with the one before */
		job = rig_commit();
		p = rig_parcel(job, "authors", "x", i);
		put_by(job, p, i == 0 ? OP_CREATE : OP_EDIT, authors[i]);
		if (i == 2)
			put_by(job, p, OP_EDIT, authors[3]);
		if (i == 4) {
			p->has_content = true;
			p->body = mem_copy("{}", 2);
			p->len = 2;
		}
		p->has_event = i == 5;
		rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_NONE);
		assert_true(p->accepted);
		job_free(job);
	}
	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "authors", "x", "0",
	    "1000"));
	assert_int_equal(job->rows.n_rows, 7);
	assert_int_equal(job->rows.n_columns, 9);
	for (i = 0; i < 7; i++) {
		snprintf(number, sizeof(number), "%zu", i);
		suite_assert_cell(job, i, 0, number);
		suite_assert_cell(job, i, 1, i == 0 ? "1" : "0");
		suite_assert_cell(job, i, 2, "src");
		suite_assert_cell(job, i, 3, number);
		suite_assert_cell(job, i, 4, i == 0 ? CREATE : EDIT);
		suite_assert_cell(job, i, 5, authors[i]);
		assert_in_range(rows_number(job, i, 6, 0), before,
		    suite_now_ms() + 5);
	}
	job_free(job);

	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "authors", "x", "5", "1"));
	assert_int_equal(job->rows.n_rows, 1);
	suite_assert_cell(job, 0, 0, "5");
	job_free(job);
	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "authors", "never", "0",
	    "10"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = suite_asked(rows_new(ROWS_OPS, NULL, NULL, "authors", "x",
	    "9007199254740991", "10"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
}

/* A request that names itself is found by its name, however old. */
void
once_is_found(void **state)
{
	struct job *job;

	(void)state;
	assert_true(rig_put(suite_store, "once", "x", 0, OP_CREATE, "once:a",
	    1, CREATE));
	assert_true(rig_put(suite_store, "once", "x", 1, OP_EDIT, "once:b", 1,
	    EDIT));
	assert_true(rig_put(suite_store, "once", "y", 0, OP_CREATE, "once:b",
	    1, CREATE));
	job = suite_asked(rows_new(ROWS_OP_ONCE, NULL, NULL, "once", "x", "once:b"));
	assert_int_equal(job->rows.n_rows, 1);
	suite_assert_cell(job, 0, 0, "1");
	suite_assert_cell(job, 0, 1, "1");
	suite_assert_cell(job, 0, 2, "0");
	job_free(job);
	job = suite_asked(rows_new(ROWS_OP_ONCE, NULL, NULL, "once", "y", "once:a"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
}

/* ---- owners ---- */

/* Create it, alone or beside another; was it accepted? */
static bool
create_owned(const char *id, uint64_t base_v, const char *owner,
    const char *beside)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, "owned", id, base_v);
	bool accepted;

	p->is_created = true;
	p->owner = owner;
	put_by(job, p, OP_CREATE, owner);
	if (beside != NULL) {
		struct parcel *q = rig_parcel(job, "owned", beside, 0);

		put_by(job, q, OP_CREATE, NULL);
	}
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	accepted = p->accepted;
	job_free(job);
	return accepted;
}

static void
assert_owner(const char *id, const char *owner, size_t n_grants)
{
	struct job *job = suite_asked(rows_new(ROWS_GRANTS_OF, NULL, NULL, "owned",
	    id));

	assert_int_equal(job->rows.n_rows, n_grants + (owner != NULL));
	if (owner != NULL) {
		suite_assert_cell(job, n_grants, 0, owner);
		suite_assert_cell(job, n_grants, 1, "owner");
		suite_assert_cell(job, n_grants, 2, NULL);
	}
	job_free(job);
}

void
owners_and_grants(void **state)
{
	struct suite_place place = { "", 0 };
	struct job *job;
	struct parcel *p;

	(void)state;
	/* Made for whoever will create it, a grant stays. */
	suite_done(rows_new(ROWS_GRANT_PUT, NULL, NULL, "owned", "x", "bob",
	    "editor", NULL, NULL));
	job_free(suite_changes(&place));
	assert_true(create_owned("x", 0, "ann", NULL));
	assert_owner("x", "ann", 1);
	assert_true(create_owned("y", 0, "ann", "z"));
	assert_owner("y", "ann", 0);
	assert_owner("z", NULL, 0);
	assert_true(create_owned("nobody", 0, NULL, NULL));
	assert_owner("nobody", NULL, 0);

	/* Two ops in one parcel, also. */
	job = rig_commit();
	p = rig_parcel(job, "owned", "two", 0);
	p->is_created = true;
	p->owner = "dora";
	put_by(job, p, OP_CREATE, "dora");
	put_by(job, p, OP_EDIT, "dora");
	suite_done(job);
	assert_owner("two", "dora", 0);
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 0);	/* it was known to nobody */
	job_free(job);

	/* Refused: nothing changes. */
	assert_false(create_owned("x", 0, "eve", NULL));
	assert_false(create_owned("x", 7, "eve", NULL));
	assert_false(create_owned("x", 7, "eve", "beside"));
	assert_owner("x", "ann", 1);

	/* An edit leaves owner and grants. */
	assert_true(rig_put(suite_store, "owned", "x", 1, OP_EDIT, "s", 2,
	    EDIT));
	assert_true(rig_put(suite_store, "owned", "x", 2, OP_DELETE, "s", 3,
	    NULL));
	assert_owner("x", "ann", 1);
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);

	/* Created anew: somebody else's, and all nodes hear of it. */
	assert_true(create_owned("x", 3, "carl", NULL));
	assert_owner("x", "carl", 0);
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 2);
	suite_assert_cell(job, 0, 2, "grant");
	suite_assert_cell(job, 0, 3, "owned");
	suite_assert_cell(job, 0, 4, "x");
	suite_assert_cell(job, 1, 4, "x");
	job_free(job);
	assert_true(rig_put(suite_store, "owned", "x", 4, OP_DELETE, "s", 4,
	    NULL));
	assert_true(create_owned("x", 5, NULL, "other"));
	assert_owner("x", NULL, 0);

	job = suite_asked(rows_new(ROWS_GRANTED, NULL, NULL, "ann", NULL, "owned",
	    "10"));
	assert_int_equal(job->rows.n_rows, 1);
	suite_assert_cell(job, 0, 0, "y");
	suite_assert_cell(job, 0, 1, "owner");
	job_free(job);
	suite_done(rows_new(ROWS_GRANT_PUT, NULL, NULL, "owned", "two", "link:1",
	    "viewer", "1800000000000", NULL));
	job = suite_asked(rows_new(ROWS_GRANTED, NULL, NULL, "ann", "link:1",
	    "owned", "10"));
	assert_int_equal(job->rows.n_rows, 2);
	suite_assert_cell(job, 0, 0, "two");
	suite_assert_cell(job, 0, 1, "viewer");
	suite_assert_cell(job, 0, 2, "1800000000000");
	job_free(job);
}

/* ---- events ---- */

/*
 * Events behind a place, when there are n of them: whatever writes in the
 * same server, its own housekeeping too, may hold them back for a moment.
 */
static struct job *
events_after(const struct job *place, size_t row, size_t n)
{
	struct job *job;
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		job = suite_asked(rows_new(ROWS_EVENTS_AFTER, NULL, NULL,
		    rows_cell(place, row, 0), rows_cell(place, row, 1),
		    "100"));
		if (job->rows.n_rows >= n)
			break;
		job_free(job);
		rig_wait(10);
	}
	if (tries == 1000)
		fail_msg("less than %zu events", n);
	assert_int_equal(job->rows.n_rows, n);
	return job;
}

/* Commit some ops with word of them. */
static bool
put_told(const char *id, uint64_t base_v, const enum op_kind *kinds, size_t n)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, "told", id, base_v);
	bool accepted;
	size_t i;

	p->has_event = true;
	for (i = 0; i < n; i++) {
		put_by(job, p, kinds[i], NULL);
		p->is_created |= kinds[i] == OP_CREATE;
	}
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	accepted = p->accepted;
	job_free(job);
	return accepted;
}

void
events_are_told(void **state)
{
	static const struct {
		uint64_t	 base_v;
		enum op_kind	 ops[3];
		size_t		 n;
		const char	*to, *kind;
	} rows[] = {
		{ 0, { OP_CREATE }, 1, "1", "created" },
		{ 1, { OP_EDIT }, 1, "2", "edited" },
		{ 2, { OP_EDIT, OP_EDIT }, 2, "4", "edited" },
		{ 4, { OP_DELETE }, 1, "5", "deleted" },
		{ 5, { OP_CREATE, OP_EDIT }, 2, "7", "created" },
		{ 7, { OP_EDIT, OP_DELETE, OP_CREATE }, 3, "10", "created" },
		{ 10, { OP_DELETE, OP_CREATE, OP_DELETE }, 3, "13", "deleted" },
	};
	struct job *now, *job, *next;
	char from[8];
	size_t i;

	(void)state;
	now = suite_asked(rows_new(ROWS_EVENTS_NOW, NULL, NULL));
	assert_int_equal(now->rows.n_columns, 2);
	for (i = 0; i < 7; i++)
		assert_true(put_told("x", rows[i].base_v, rows[i].ops,
		    rows[i].n));
	assert_false(put_told("x", 3, rows[1].ops, 1));
	assert_false(put_told("x", 0, rows[0].ops, 1));
	assert_true(rig_put(suite_store, "told", "quiet", 0, OP_CREATE, "s", 1,
	    CREATE));

	job = events_after(now, 0, 7);
	assert_int_equal(job->rows.n_columns, 8);
	for (i = 0; i < 7; i++) {
		snprintf(from, sizeof(from), "%u", (unsigned)rows[i].base_v);
		assert_in_range(rows_number(job, i, 2, 0), suite_now_ms() - 600000,
		    suite_now_ms() + 5);
		suite_assert_cell(job, i, 3, "told");
		suite_assert_cell(job, i, 4, "x");
		suite_assert_cell(job, i, 5, from);
		suite_assert_cell(job, i, 6, rows[i].to);
		suite_assert_cell(job, i, 7, rows[i].kind);
	}
	/* From any of them on, those behind it. */
	for (i = 0; i < 7; i++) {
		next = events_after(job, i, 6 - i);
		job_free(next);
		next = suite_asked(rows_new(ROWS_EVENTS_OF, NULL, NULL,
		    rows_cell(job, i, 0), rows_cell(job, i, 1), "2", "told"));
		assert_int_equal(next->rows.n_rows, i < 5 ? 2 : 6 - i);
		if (i < 6)
			suite_assert_cell(next, 0, 6, rows[i + 1].to);
		job_free(next);
		next = suite_asked(rows_new(ROWS_EVENTS_OF, NULL, NULL,
		    rows_cell(job, i, 0), rows_cell(job, i, 1), "2", "untold"));
		assert_int_equal(next->rows.n_rows, 0);
		job_free(next);
	}
	suite_done(rows_new(ROWS_EVENTS_PRUNE, NULL, NULL, "253402300799000"));
	next = events_after(now, 0, 0);
	job_free(next);
	assert_true(put_told("x", 13, rows[0].ops, 1));
	next = events_after(job, 6, 1);
	job_free(next);
	job_free(job);
	job_free(now);
}

/* Of a batch each has its event, in whatever company. */
void
events_of_many(void **state)
{
	enum { N = 30 };
	struct job *now = suite_asked(rows_new(ROWS_EVENTS_NOW, NULL, NULL));
	struct job *job = rig_commit();
	struct parcel *p;
	char ids[N][8];
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < N; i++) {
		snprintf(ids[i], sizeof(ids[i]), "m%02zu", i);
		p = rig_parcel(job, "many", ids[i], i % 5 == 4 ? 9 : 0);
		put_by(job, p, OP_CREATE, "ann");
		p->has_event = i % 2 == 0;
		n += p->has_event && p->base_v == 0;
	}
	suite_done(job);
	job = events_after(now, 0, n);
	suite_assert_cell(job, 0, 4, "m00");
	job_free(job);
	job_free(now);
}
