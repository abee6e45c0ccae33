/*
 * hub: documents as they were.  In the rig's store, the time of an op is its
 * version.
 */
#include <stdio.h>
#include <string.h>

#include "tests/core/rig.h"

/* The text c/x: version n + 1 has n characters after "abc". */
static void
start(struct rig *r, struct session **a, unsigned ops, uint64_t keep_every)
{
	unsigned i;

	rig_init(r);
	r->limits.keep_every = keep_every;
	rig_start(r);
	*a = rig_open(r, "A");
	rig_say_over(r, *a, CREATE_X);
	for (i = 2; i <= ops; i++)
		rig_insert(r, *a, (int)i);
}

static void
ask(struct rig *r, struct session *ss, const char *code, const char *field,
    uint64_t value)
{
	char text[128];

	snprintf(text, sizeof(text), "{'a':'%s','id':1,'c':'c','d':'x',"
	    "'%s':%llu}", code, field, (unsigned long long)value);
	rig_say(r, ss, text);
}

/* What the version of a document made by start is. */
static void
hear_version(struct session *ss, const char *code, uint64_t v)
{
	char text[2048];
	size_t n;

	if (v == 0) {
		snprintf(text, sizeof(text), "{'a':'%s','id':1,'v':0,"
		    "'type':null,'m':null}", code);
	} else {
		n = (size_t)snprintf(text, sizeof(text), "{'a':'%s','id':1,"
		    "'v':%llu,'type':'" TEXT_URI "','m':null,'data':'", code,
		    (unsigned long long)v);
		memset(text + n, '1', v - 1);
		snprintf(text + n + v - 1, sizeof(text) - n - v + 1, "abc'}");
	}
	rig_hear(ss, text);
}

static const struct pretend_doc *
stored(struct rig *r)
{
	return pretend_find(&r->store, "c", "x");
}

/* Kept at exactly these versions. */
static void
assert_kept(struct rig *r, uint64_t every, uint64_t last)
{
	const struct pretend_doc *d = stored(r);
	bool seen[1000] = { false };
	uint64_t v;
	size_t i;

	for (i = 0; i < d->n_checkpoints; i++)
		if (d->checkpoints[i].kept)
			seen[d->checkpoints[i].v] = true;
	for (v = 1; v < 1000; v++)
		if (seen[v] != (v % every == 0 && v <= last))
			fail_msg("version %llu is%s kept",
			    (unsigned long long)v, seen[v] ? "" : " not");
}

static void
test_versions_and_times(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v;

	(void)state;
	start(&r, &a, 30, 7);
	for (v = 0; v <= 30; v++) {
		ask(&r, a, "nf", "v", v);
		hear_version(a, "nf", v);
		/* The op that made version v + 1 is of the time v. */
		ask(&r, a, "nt", "ts", v);
		hear_version(a, "nt", v < 30 ? v + 1 : 30);
	}
	rig_say(&r, a, "{'a':'nt','id':1,'c':'c','d':'x','ts':-1}");
	hear_version(a, "nt", 0);
	ask(&r, a, "nf", "v", 31);
	rig_hear_error(a, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
	rig_done(&r);
}

/* The latest waits in line, as a fetch does; a version does not. */
static void
test_latest_is_durable(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r, &a, 2, 7);
	b = rig_open(&r, "B");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	rig_say(&r, b, "{'a':'nf','id':1,'c':'c','d':'x','v':null}");
	rig_say(&r, b, "{'a':'nt','id':1,'c':'c','d':'x'}");
	rig_hear_nothing(b);
	ask(&r, b, "nf", "v", 3);	/* not there, as far as anybody knows */
	rig_hear_error(b, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
	ask(&r, b, "nf", "v", 2);
	hear_version(b, "nf", 2);
	rig_hear_nothing(b);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	hear_version(b, "nf", 3);
	hear_version(b, "nt", 3);
	rig_done(&r);
}

/* Every keep_every-th version, exactly, however many come at once. */
static void
test_kept_versions(void **state)
{
	struct rig r;
	struct session *a;
	char text[128];
	int i;

	(void)state;
	start(&r, &a, 1, 4);
	rig_hold(&r, JOB_COMMIT);
	for (i = 1; i < 23; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'v':%d,'seq':%d,'op':['1']}", i, i + 1);
		rig_say(&r, a, text);
	}
	assert_kept(&r, 4, 0);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	assert_kept(&r, 4, 20);
	rig_done(&r);
}

/*
 * Of a long document fewer are kept, so that it costs no more to write than
 * it would to replay: 18 KB of memory are worth 128 ops, not 4.
 */
static void
test_kept_of_a_long_document(void **state)
{
	static char text[13000];
	struct rig r;
	struct session *a;
	size_t n;
	int i;

	(void)state;
	rig_init(&r);
	r.limits.keep_every = 4;
	rig_start(&r);
	a = rig_open(&r, "A");
	n = (size_t)snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
	    "'v':0,'seq':1,'create':{'type':'text-unicode','data':'");
	memset(text + n, 'l', 12000);
	n += 12000;
	snprintf(text + n, sizeof(text) - n, "'}}");
	rig_say_over(&r, a, text);
	for (i = 2; i <= 300; i++)
		rig_insert(&r, a, i);
	assert_kept(&r, 128, 256);
	r.replayed = 0;
	ask(&r, a, "nf", "v", 127);
	assert_int_equal(r.replayed, 127);
	rig_done(&r);
}

/* A race lost takes back what was rendered of versions that are not. */
static void
test_kept_after_a_race(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.keep_every = 2;
	r.limits.shared_store = true;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_rival(&r, "x", OP_EDIT, "R", 1, "['r']");
	/* The pretended store complains of a checkpoint that is not so. */
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	rig_tick(&r, 2);	/* whoever was sooner might have been again */
	rig_drop(a);
	assert_int_equal(pretend_version(&r.store, "c", "x"), 4);
	ask(&r, a, "nf", "v", 3);
	rig_done(&r);
}

/* What was never written is written by the first who comes by. */
static void
test_missing_are_made(void **state)
{
	struct rig r;
	struct session *a;
	uint64_t v;

	(void)state;
	start(&r, &a, 50, 1000);
	assert_kept(&r, 1000, 0);
	/* The same store, and a setting that has changed. */
	hub_free(r.hub);
	r.limits.keep_every = 10;
	rig_start(&r);
	a = rig_open(&r, "A");
	ask(&r, a, "nf", "v", 38);
	hear_version(a, "nf", 38);
	assert_kept(&r, 10, 30);
	rig_say_over(&r, a, "{'a':'f','c':'c','d':'x'}");
	assert_kept(&r, 10, 50);
	for (v = 0; v <= 50; v++) {
		r.replayed = 0;
		ask(&r, a, "nf", "v", v);
		hear_version(a, "nf", v);
		assert_in_range(r.replayed, 0, 9);
	}
	rig_done(&r);
}

/* A long one goes in parts: the hub does other things in between. */
static void
test_long(void **state)
{
	struct rig r;
	struct session *a, *b;
	unsigned works = 0;
	struct job *job;

	(void)state;
	start(&r, &a, 1, 100000);
	b = rig_open(&r, "B");
	for (works = 2; works <= 4000; works++)
		rig_rival(&r, "x", OP_EDIT, "R", works,
		    works % 2 == 0 ? "['1']" : "[{'d':1}]");
	rig_hold(&r, JOB_HISTORY);
	ask(&r, a, "nf", "v", 4000);
	job = rig_held(&r, JOB_HISTORY);
	assert_int_equal(job->history.load.v, 4000);
	list_remove(&job->node);
	pretend_do(&r.store, job);
	assert_in_range(job->history.load.ops.n, 1, 2000);
	hub_finish(r.hub, job);
	assert_true(hub_has_work(r.hub));
	for (works = 0; hub_work(r.hub); works++)
		rig_hear_nothing(a);
	assert_true(works >= 4);
	/* It asks for the next part, and goes on. */
	rig_run(&r);
	assert_non_null(rig_held(&r, JOB_HISTORY));
	rig_say_over(&r, b, "{'a':'pp'}");
	rig_settle(&r, JOB_HISTORY, ERR_NONE, true);
	rig_hear(a, "{'a':'nf','id':1,'v':4000,'type':'" TEXT_URI
	    "','m':null,'data':'1abc'}");
	rig_done(&r);
}

/* One after the other for a session, and sessions in turn. */
static void
test_turns(void **state)
{
	struct rig r;
	struct session *a, *b;
	unsigned i;

	(void)state;
	start(&r, &a, 8, 1000);
	b = rig_open(&r, "B");
	rig_hold(&r, JOB_HISTORY);
	for (i = 0; i < 6; i++)
		ask(&r, a, "nf", "v", i);
	ask(&r, b, "nf", "v", 7);
	rig_settle_on(&r, JOB_HISTORY, ERR_NONE, true);
	hear_version(a, "nf", 0);
	rig_hear_nothing(a);
	rig_settle_on(&r, JOB_HISTORY, ERR_NONE, true);
	hear_version(b, "nf", 7);
	assert_false(hub_is_quiet(r.hub));
	rig_settle(&r, JOB_HISTORY, ERR_NONE, true);
	for (i = 1; i < 6; i++)
		hear_version(a, "nf", i);
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

/* The store fails, or has less than it should: an answer, and on. */
static void
test_trouble(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r, &a, 8, 3);
	rig_hold(&r, JOB_HISTORY);
	ask(&r, a, "nf", "v", 5);
	rig_settle(&r, JOB_HISTORY, ERR_STORE_AWAY, false);
	rig_hear_error(a, "ERR_OTD_STORE_UNAVAILABLE");
	/* History was removed up to the last that is kept. */
	pretend_find(&r.store, "c", "x")->gone = 6;
	ask(&r, a, "nf", "v", 5);
	rig_hear_error(a, "ERR_OTD_HISTORY_NOT_KEPT");
	ask(&r, a, "nf", "v", 3);
	hear_version(a, "nf", 3);
	ask(&r, a, "nf", "v", 8);
	hear_version(a, "nf", 8);
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

/* Its first part is what was sent, its second what stands for it. */
static void
test_compacted_meanwhile(void **state)
{
	struct session *a;
	struct rig r;
	int i;

	(void)state;
	rig_init(&r);
	r.limits.keep_every = r.limits.checkpoint_ops = 1000000;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	for (i = 2; i <= 1200; i++)
		rig_insert(&r, a, i);
	rig_hold(&r, JOB_HISTORY);
	ask(&r, a, "nf", "v", 1200);
	rig_settle_on(&r, JOB_HISTORY, ERR_NONE, true);
	pretend_compact(&r.store, pretend_find(&r.store, "c", "x"), 1200);
	rig_settle_on(&r, JOB_HISTORY, ERR_NONE, true);
	rig_hear_nothing(a);
	rig_settle(&r, JOB_HISTORY, ERR_NONE, true);
	hear_version(a, "nf", 1200);
	/* Within, it is what it was at the last version that is kept. */
	ask(&r, a, "nf", "v", 600);
	rig_hear(a, "{'a':'nf','id':1,'v':600,'type':'" TEXT_URI "','m':null,"
	    "'data':'abc'}");
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

/* Who leaves is not waited for, wherever its history is. */
static void
test_leaving(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r, &a, 8, 1000);
	b = rig_open(&r, "B");
	rig_hold(&r, JOB_HISTORY);
	ask(&r, a, "nf", "v", 5);
	ask(&r, a, "nf", "v", 6);
	ask(&r, b, "nf", "v", 7);
	hub_leave(r.hub, a);
	rig_settle_on(&r, JOB_HISTORY, ERR_NONE, true);
	rig_hear_nothing(b);
	rig_settle(&r, JOB_HISTORY, ERR_NONE, true);
	hear_version(b, "nf", 7);
	assert_true(hub_is_quiet(r.hub));
	/* And the hub ends with some under way. */
	rig_hold(&r, JOB_HISTORY);
	ask(&r, b, "nf", "v", 5);
	ask(&r, b, "nf", "v", 5);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_and_times),
		cmocka_unit_test(test_latest_is_durable),
		cmocka_unit_test(test_kept_versions),
		cmocka_unit_test(test_kept_of_a_long_document),
		cmocka_unit_test(test_kept_after_a_race),
		cmocka_unit_test(test_missing_are_made),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_compacted_meanwhile),
		cmocka_unit_test(test_leaving),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
