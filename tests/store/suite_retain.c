/*
 * What is kept of documents: ops that were made one, versions with a name,
 * documents that were erased.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define EMPTY	"[]"
#define ONE	"[{\"p\":[\"a\"],\"na\":10}]"

static char *
copy(const char *text)
{
	return text == NULL ? NULL : mem_copy(text, strlen(text));
}

/* By who may, where that is somebody else. */
static struct job *
keep(struct job *job)
{
	struct store *s;

	if (suite_keeper_url == NULL)
		return rig_do(suite_store, job);
	s = rig_open(suite_keeper_url);
	rig_do(s, job);
	rig_close(s);
	return job;
}

/* snap NULL: without. */
static struct job *
compact(const char *collection, uint64_t was, uint64_t from, uint64_t to,
    const char *snap, bool kept)
{
	struct job *job = job_new(JOB_COMPACT, NULL);
	struct job_compact *c = &job->compact;

	c->collection = copy(collection);
	c->id = copy("x");
	c->was = was;
	c->from = from;
	c->to = to;
	if (from < to) {
		c->empty = copy(EMPTY);
		c->body = copy(ONE);
		c->len = strlen(ONE);
	}
	if (snap != NULL) {
		c->has_snapshot = true;
		c->kept = kept;
		c->type = TYPE;
		c->snap_body = copy(snap);
		c->snap_len = strlen(snap);
	}
	return keep(job);
}

/* Done, with so many bodies changed; or not done. */
static void
assert_compacted(struct job *job, bool done, uint64_t n_ops)
{
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->compact.done, done);
	assert_int_equal(job->compact.n_ops, n_ops);
	job_free(job);
}

/* The log as it is now, from its beginning to v. */
static struct job *
log_of(const char *collection, uint64_t v)
{
	struct job *job = job_new(JOB_HISTORY, NULL);

	job->history.load.collection = collection;
	job->history.load.id = "x";
	job->history.load.v = v;
	job->history.from = 0;
	job->history.max_ops = 1000;
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	return job;
}

/* What load begins with at v. */
static void
assert_begins(const char *collection, uint64_t v, uint64_t snap_v,
    const char *snap)
{
	struct job *job = job_new(JOB_HISTORY, NULL);

	job->history.load.collection = collection;
	job->history.load.id = "x";
	job->history.load.v = v;
	job->history.from = JOB_NO_VERSION;
	job->history.max_ops = 1;
	rig_do(suite_store, job);
	assert_int_equal(job->history.load.snap_v, snap_v);
	if (snap != NULL)
		assert_string_equal(job->history.load.snap_body, snap);
	job_free(job);
}

/* Ops are answered from there on, n of them. */
static void
assert_ops(const char *collection, uint64_t from, uint64_t to,
    uint64_t starts, size_t n)
{
	struct job *job = rig_do(suite_store, rig_ops(collection, "x", from,
	    to));

	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->ops.v, 20);
	rig_assert_row(&job->ops.ops, starts, n);
	job_free(job);
}

/* Refused as base_v is not the head: what is told of what was missed. */
static void
assert_missed(const char *collection, uint64_t base_v, uint64_t starts,
    size_t n)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, "x", base_v);

	rig_op(job, p, OP_EDIT, "late", 1, EDIT);
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(p->accepted);
	assert_int_equal(p->head_v, 20);
	rig_assert_row(&p->missed, starts, n);
	job_free(job);
}

/* Bodies change; who and when, the count of ops and the head do not. */
void
compact_makes_one(void **state)
{
	struct job *before, *after;
	size_t i;

	(void)state;
	suite_history("one", "x", 20);
	suite_checkpoint("one", "x", 5, TYPE, "{\"a\":4}", true);
	suite_checkpoint("one", "x", 12, TYPE, "{\"a\":11}", false);
	before = log_of("one", 20);
	assert_compacted(compact("one", 0, 5, 15, "{\"a\":14}", false), true,
	    10);
	after = log_of("one", 20);
	assert_int_equal(after->history.load.ops.n, 20);
	for (i = 0; i < 20; i++) {
		struct op *was = before->history.load.ops.ops[i];
		struct op *is = after->history.load.ops.ops[i];

		assert_int_equal(is->v, i);
		assert_string_equal(is->src, was->src);
		assert_int_equal(is->seq, was->seq);
		assert_int_equal(is->kind, was->kind);
		assert_string_equal(is->body, i < 5 || i >= 15 ? was->body :
		    i == 14 ? ONE : EMPTY);
	}
	job_free(before);
	job_free(after);
	/* The snapshot within is gone, another stands at its end. */
	assert_begins("one", 14, 5, "{\"a\":4}");
	assert_begins("one", 15, 15, "{\"a\":14}");
	assert_begins("one", 20, 15, "{\"a\":14}");
	/* What is there does not change again. */
	assert_compacted(compact("one", 15, 15, 17, NULL, false), true, 2);
	assert_compacted(compact("one", 17, 15, 17, NULL, false), true, 0);
}

/* Only what is young is told. */
void
compact_hides(void **state)
{
	struct job *job;

	(void)state;
	suite_history("hides", "x", 20);
	assert_missed("hides", 3, 3, 17);
	assert_compacted(compact("hides", 0, 1, 15, NULL, false), true, 14);
	assert_ops("hides", 0, JOB_NO_VERSION, 15, 5);
	assert_ops("hides", 0, 15, 0, 0);
	assert_ops("hides", 1, JOB_NO_VERSION, 15, 5);
	assert_ops("hides", 14, JOB_NO_VERSION, 15, 5);
	assert_ops("hides", 3, 10, 0, 0);
	assert_ops("hides", 15, JOB_NO_VERSION, 15, 5);
	assert_ops("hides", 16, 18, 16, 2);
	job = rig_do(suite_store, rig_load("hides", "x"));
	assert_int_equal(job->load.horizon, 15);
	rig_assert_row(&job->load.ops, 0, 20);
	job_free(job);
	suite_history("hides-not", "x", 2);
	job = rig_do(suite_store, rig_load("hides-not", "x"));
	assert_int_equal(job->load.horizon, 0);
	job_free(job);
	assert_missed("hides", 3, 15, 5);
	assert_missed("hides", 15, 15, 5);
	assert_missed("hides", 17, 17, 3);
}

/* Late word of what was before is not taken. */
void
compact_refuses_late_snapshots(void **state)
{
	(void)state;
	suite_history("lates", "x", 20);
	assert_compacted(compact("lates", 0, 1, 15, NULL, false), true, 14);
	suite_checkpoint("lates", "x", 12, TYPE, "{\"a\":11}", true);
	suite_checkpoint("lates", "x", 13, TYPE, "{\"a\":12}", false);
	assert_begins("lates", 14, 0, NULL);
	suite_checkpoint("lates", "x", 15, TYPE, "{\"a\":14}", true);
	assert_begins("lates", 18, 15, "{\"a\":14}");
}

/* Of two that are at it one does nothing; what is not there does nothing. */
void
compact_once(void **state)
{
	struct job *job;
	size_t i;

	(void)state;
	suite_history("compact-rivals", "x", 20);
	assert_compacted(compact("compact-rivals", 3, 1, 10, NULL, false), false, 0);
	assert_compacted(compact("compact-rivals", 0, 1, 10, NULL, false), true, 9);
	assert_compacted(compact("compact-rivals", 0, 1, 15, "{}", true), false, 0);
	assert_compacted(compact("compact-rivals", 9, 1, 15, "{}", true), false, 0);
	assert_begins("compact-rivals", 20, 0, NULL);
	assert_compacted(compact("compact-rivals", 10, 10, 21, NULL, false), false, 0);
	assert_compacted(compact("nobody", 0, 0, 1, NULL, false), false, 0);
	/* The horizon alone. */
	assert_compacted(compact("compact-rivals", 10, 20, 20, NULL, false), true, 0);
	assert_ops("compact-rivals", 12, JOB_NO_VERSION, 0, 0);
	job = log_of("compact-rivals", 20);
	assert_int_equal(job->history.load.horizon, 20);
	for (i = 10; i < 20; i++)
		assert_string_equal(job->history.load.ops.ops[i]->body, EDIT);
	job_free(job);
}

/* A version with a name stays as it is, whoever looked when. */
void
compact_spares_names(void **state)
{
	struct job *job;

	(void)state;
	suite_history("spared", "x", 20);
	suite_done(rows_new(ROWS_NAME_PUT, NULL, NULL, "spared", "x", "signed",
	    "7", NULL));
	assert_compacted(compact("spared", 0, 1, 15, "{}", true), false, 0);
	assert_compacted(compact("spared", 0, 6, 8, NULL, false), false, 0);
	/* All of it or nothing. */
	assert_begins("spared", 20, 0, NULL);
	job = log_of("spared", 20);
	assert_int_equal(job->history.load.horizon, 0);
	job_free(job);
	/* Where a span begins or ends it is as it was. */
	assert_compacted(compact("spared", 0, 1, 7, NULL, false), true, 6);
	assert_compacted(compact("spared", 7, 7, 15, NULL, false), true, 8);
	/* The horizon alone passes over names. */
	suite_done(rows_new(ROWS_NAME_PUT, NULL, NULL, "spared", "x", "later",
	    "17", NULL));
	assert_compacted(compact("spared", 15, 19, 19, NULL, false), true, 0);
}

/* ---- what the command asks ---- */

/* Ids of a collection, and which of them have old ops. */
static void
assert_old(const char *collection, const char *after, const char *ms,
    const char *wanted)
{
	struct job *job = suite_asked(rows_new(ROWS_OLD, NULL, NULL,
	    collection, after, ms, "3"));
	char text[200] = "";
	size_t i, len = 0;

	for (i = 0; i < job->rows.n_rows; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s:%s:%s:%s ", rows_cell(job, i, 0), rows_cell(job, i, 1),
		    rows_cell(job, i, 2), rows_cell(job, i, 3));
	assert_string_equal(text, wanted);
	job_free(job);
}

void
old_ops_are_found(void **state)
{
	char now[24], before[24];
	struct job *job;

	(void)state;
	snprintf(before, sizeof(before), "%lld", (long long)suite_now_ms() -
	    60000);
	suite_history("old", "a", 1);
	suite_history("old", "b", 2);
	suite_history("old", "c", 20);
	suite_history("old", "x", 3);
	snprintf(now, sizeof(now), "%lld", (long long)suite_now_ms() + 60000);
	assert_old("old", "", now, "a:0:0:0 b:0:0:1 c:0:0:1 ");
	assert_old("old", "c", now, "x:0:0:1 ");
	assert_old("old", "", before, "a:0:0:0 b:0:0:0 c:0:0:0 ");
	assert_old("old", "x", now, "");
	assert_compacted(compact("old", 0, 1, 2, NULL, false), true, 1);
	assert_old("old", "c", now, "x:2:0:0 ");

	job = suite_asked(rows_new(ROWS_COLLECTION_SIZE, NULL, NULL, "old"));
	suite_assert_cell(job, 0, 0, "4");
	job_free(job);
	job = suite_asked(rows_new(ROWS_COLLECTION_NEXT, NULL, NULL, "olc"));
	suite_assert_cell(job, 0, 0, "old");
	job_free(job);
	job = suite_asked(rows_new(ROWS_COLLECTION_NEXT, NULL, NULL, "\x7f"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = suite_asked(rows_new(ROWS_DAYS_AGO, NULL, NULL, "2"));
	assert_in_range(rows_number(job, 0, 0, 0),
	    suite_now_ms() - 2 * 86400000ll - 60000,
	    suite_now_ms() - 2 * 86400000ll + 60000);
	job_free(job);
}

static struct job *
name(const char *text, const char *v)
{
	struct job *job = rig_do(suite_store, rows_new(ROWS_NAME_PUT, NULL,
	    NULL, "names", "x", text, v, "ann"));

	return job;
}

static void
assert_named(struct job *job, const char *v)
{
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->rows.n_rows, v != NULL);
	if (v != NULL)
		suite_assert_cell(job, 0, 0, v);
	job_free(job);
}

void
versions_have_names(void **state)
{
	struct job *job;

	(void)state;
	suite_history("names", "x", 20);
	suite_checkpoint("names", "x", 10, TYPE, "{\"a\":9}", true);
	suite_checkpoint("names", "x", 20, TYPE, "{}", false);
	assert_named(name("final", NULL), "20");
	assert_named(name("draft", "7"), "7");
	assert_named(name("other draft", "7"), "7");
	assert_named(name("none", "21"), NULL);
	assert_named(name("none", "0"), NULL);
	job = name("draft", "8");
	assert_int_equal(job->err, ERR_ROWS_CLASH);
	job_free(job);

	job = suite_asked(rows_new(ROWS_MARKS, NULL, NULL, "names", "x"));
	assert_int_equal(job->rows.n_rows, 5);
	suite_assert_cell(job, 0, 0, "7");
	suite_assert_cell(job, 0, 1, "2");
	suite_assert_cell(job, 2, 0, "10");
	suite_assert_cell(job, 2, 1, "1");
	suite_assert_cell(job, 2, 2, "7");
	suite_assert_cell(job, 3, 0, "20");
	suite_assert_cell(job, 3, 1, "0");
	suite_assert_cell(job, 4, 1, "2");
	job_free(job);

	job = suite_asked(rows_new(ROWS_NAMES, NULL, NULL, "names", "x"));
	assert_int_equal(job->rows.n_rows, 3);
	suite_assert_cell(job, 0, 0, "draft");
	suite_assert_cell(job, 0, 1, "7");
	suite_assert_cell(job, 0, 3, "ann");
	suite_assert_cell(job, 2, 0, "final");
	job_free(job);
	assert_named(rig_do(suite_store, rows_new(ROWS_NAME_DROP, NULL, NULL,
	    "names", "x", "draft")), "7");
	assert_named(rig_do(suite_store, rows_new(ROWS_NAME_DROP, NULL, NULL,
	    "names", "x", "draft")), NULL);

	/* What is no longer as it was gets no name. */
	assert_compacted(compact("names", 0, 10, 15, NULL, false), true, 5);
	assert_named(name("too late", "14"), NULL);
	assert_named(name("in time", "15"), "15");
	job = suite_asked(rows_new(ROWS_HORIZON, NULL, NULL, "names", "x"));
	suite_assert_cell(job, 0, 0, "15");
	suite_assert_cell(job, 0, 1, "0");
	job_free(job);
}

/* ---- erasing ---- */

static struct job *
erase(const char *collection, bool has_event)
{
	struct job *job = job_new(JOB_ERASE, NULL);
	struct job_erase *e = &job->erase;

	e->collection = copy(collection);
	e->id = copy("x");
	e->src = copy("purge:1");
	e->by = copy("ann");
	e->reason = copy("they asked");
	e->has_event = has_event;
	keep(job);
	assert_int_equal(job->err, ERR_NONE);
	return job;
}

static void
assert_traces(const char *collection, const char *v, const char *n)
{
	struct job *job = suite_asked(rows_new(ROWS_TRACES, NULL, NULL,
	    collection, "x", v));

	suite_assert_cell(job, 0, 0, n);
	job_free(job);
}

/* An answer that is remembered, a delivery that was given up. */
static void
late_word(const char *collection)
{
	suite_done(rows_new(ROWS_ONCE_KEEP, NULL, NULL, collection, "print",
	    "200", collection, "x", "2", "{\"op\":[]}"));
	suite_done(rows_new(ROWS_HOOK_DEAD_PUT, NULL, NULL, collection, "1",
	    "1000000000000", collection, "x", "{}", "1", NULL, NULL));
}

/* A document with a row in every table that may have one. */
static void
rich(const char *collection)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, "x", 0);

	rig_op(job, p, OP_CREATE, "s", 1, CREATE);
	rig_op(job, p, OP_EDIT, "s", 2, EDIT);
	rig_op(job, p, OP_EDIT, "s", 3, EDIT);
	p->has_content = true;
	p->body = copy("{\"a\":2}");
	p->len = 7;
	p->has_event = true;
	p->is_created = true;
	p->owner = "ann";
	rig_do(suite_store, job);
	assert_true(p->accepted);
	job_free(job);
	suite_checkpoint(collection, "x", 2, TYPE, "{\"a\":1}", true);
	suite_checkpoint(collection, "x", 3, TYPE, "{\"a\":2}", false);
	suite_done(rows_new(ROWS_GRANT_PUT, NULL, NULL, collection, "x", "bob",
	    "viewer", NULL, NULL));
	suite_done(rows_new(ROWS_HOOK_PUT, NULL, NULL, collection,
	    "https://example.com/", "whsec_", "[\"*\"]", "[\"deleted\"]", "1",
	    NULL));
	suite_done(rows_new(ROWS_NAME_PUT, NULL, NULL, collection, "x", "first",
	    "1", NULL));
	late_word(collection);
}

/* Readers of events hear of one deletion, and of nothing before it. */
static void
assert_told(const char *collection)
{
	struct job *job;
	int tries = 0;

	/* Others who write in the same server may hold it back for a moment. */
	while (job = suite_asked(rows_new(ROWS_EVENTS_OF, NULL, NULL, "0", "0",
	    "100", collection)), job->rows.n_rows == 0 && ++tries < 1000) {
		job_free(job);
		rig_wait(10);
	}
	assert_int_equal(job->rows.n_rows, 1);
	suite_assert_cell(job, 0, 5, "3");
	suite_assert_cell(job, 0, 6, "4");
	suite_assert_cell(job, 0, 7, "deleted");
	job_free(job);
}

void
erased_is_gone(void **state)
{
	struct job *job, *horizon;

	(void)state;
	suite_history("erase-other", "x", 20);
	rich("erase");
	assert_traces("erase", "4", "10");
	horizon = suite_asked(rows_new(ROWS_EVENTS_HORIZON, NULL, NULL));
	job = erase("erase", true);
	assert_int_equal(job->erase.v, 4);
	assert_int_equal(job->erase.n_ops, 3);
	assert_int_equal(job->erase.n_snapshots, 2);
	assert_int_equal(job->erase.n_events, 1);
	job_free(job);
	assert_traces("erase", "4", "0");
	/* Other readers of events have missed nothing. */
	job = suite_asked(rows_new(ROWS_EVENTS_HORIZON, NULL, NULL));
	suite_assert_cell(job, 0, 1, rows_cell(horizon, 0, 1));
	job_free(job);
	job_free(horizon);
	job = suite_asked(rows_new(ROWS_GRANTS_OF, NULL, NULL, "erase", "x"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = suite_asked(rows_new(ROWS_NAMES, NULL, NULL, "erase", "x"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);

	assert_told("erase");
	job = suite_asked(rows_new(ROWS_HOOK_DEAD, NULL, NULL, "erase", "0",
	    "0", "9"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	/* What was under way meanwhile is found, and goes next time. */
	late_word("erase");
	suite_done(rows_new(ROWS_GRANT_PUT, NULL, NULL, "erase", "x", "eve",
	    "viewer", NULL, NULL));
	assert_traces("erase", "4", "2");

	/* Late word of what it was is not taken. */
	suite_checkpoint("erase", "x", 3, TYPE, "{\"a\":2}", true);
	suite_checkpoint("erase", "x", 2, TYPE, "{\"a\":1}", true);
	assert_traces("erase", "4", "2");
	/* It was deleted, for who loads it and for who was there. */
	job = rig_do(suite_store, rig_load("erase", "x"));
	assert_int_equal(job->load.v, 4);
	assert_int_equal(job->load.snap_v, 4);
	assert_null(job->load.snap_type);
	assert_int_equal(job->load.ops.n, 0);
	job_free(job);
	job = rig_do(suite_store, rig_ops("erase", "x", 3, JOB_NO_VERSION));
	rig_assert_row(&job->ops.ops, 3, 1);
	assert_int_equal(job->ops.ops.ops[0]->kind, OP_DELETE);
	job_free(job);
	/* Who was away is refused: what it missed does not begin with it. */
	job = rig_do(suite_store, rig_ops("erase", "x", 1, JOB_NO_VERSION));
	rig_assert_row(&job->ops.ops, 3, 1);
	job_free(job);
	job = rig_do(suite_store, rig_created("erase", "x", "s", 1));
	assert_int_equal(job->created.v, JOB_NO_VERSION);
	job_free(job);

	job = rig_do(suite_store, rig_load("erase-other", "x"));
	assert_int_equal(job->load.v, 20);
	rig_assert_row(&job->load.ops, 0, 20);
	job_free(job);
}

void
erased_may_live_again(void **state)
{
	struct job *job;

	(void)state;
	job = erase("erase-never", true);
	assert_int_equal(job->erase.v, 0);
	job_free(job);
	rich("erase-twice");
	job_free(erase("erase-twice", false));
	late_word("erase-twice");
	assert_traces("erase-twice", "4", "1");
	assert_false(rig_put(suite_store, "erase-twice", "x", 3, OP_EDIT, "s",
	    4, EDIT));
	assert_true(rig_put(suite_store, "erase-twice", "x", 4, OP_CREATE, "t",
	    1, CREATE));
	assert_true(rig_put(suite_store, "erase-twice", "x", 5, OP_EDIT, "t", 2,
	    EDIT));
	job = rig_do(suite_store, rig_load("erase-twice", "x"));
	assert_int_equal(job->load.snap_v, 4);
	rig_assert_row(&job->load.ops, 4, 2);
	job_free(job);
	/* Compacted, erased again: as if it had been for the first time. */
	assert_compacted(compact("erase-twice", 3, 5, 6, NULL, false), true, 1);
	job = erase("erase-twice", false);
	assert_int_equal(job->erase.v, 7);
	assert_int_equal(job->erase.n_ops, 3);
	job_free(job);
	assert_traces("erase-twice", "7", "0");
	job = suite_asked(rows_new(ROWS_HORIZON, NULL, NULL, "erase-twice",
	    "x"));
	suite_assert_cell(job, 0, 0, "6");
	suite_assert_cell(job, 0, 1, "6");
	job_free(job);
}
