/*
 * commit and checkpoint: when ops go to the store, and when content is written
 * down beside them.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/job.h"

#define LONG_MS		10	/* a batch that is out so long holds up nobody */
#define LONG_BYTES	(128 << 10)	/* nor does one so large */
#define YIELD_MS	2	/* beside the time of two commits: others may go first */
#define QUIET_MS	10000	/* so long after an edit a document rests */
#define REST_OPS	16	/* fewer are not worth a checkpoint then */

static size_t
n_held(const struct rig *r)
{
	const struct list *node;
	size_t n = 0;

	for (node = r->held.next; node != &r->held; node = node->next)
		n++;
	return n;
}

/* ---- commits ---- */

/* While one is out the others gather, and then go together. */
static void
test_one_batch_at_a_time(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	assert_int_equal(r.limits.batches, 2);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'w','v':0,'seq':1,'create':"
	    "{'type':'text-unicode','data':''}}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'text-unicode','data':''}}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'z','v':0,'seq':3,'create':"
	    "{'type':'text-unicode','data':''}}");
	assert_int_equal(n_held(&r), 1);
	assert_int_equal(rig_held(&r, JOB_COMMIT)->commit.n_parcels, 1);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, true);
	assert_int_equal(n_held(&r), 1);
	assert_int_equal(rig_held(&r, JOB_COMMIT)->commit.n_parcels, 2);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_drop(a);
	rig_done(&r);
}

/* One that waits for something holds up its own documents, no others. */
static void
test_beside_a_slow_one(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'w','v':0,'seq':1,'create':"
	    "{'type':'text-unicode','data':''}}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'text-unicode','data':''}}");
	rig_tick(&r, LONG_MS - 1);
	assert_int_equal(n_held(&r), 1);
	rig_tick(&r, 1);
	assert_int_equal(n_held(&r), 2);
	/* No more than --batches, however long they take. */
	rig_say(&r, a, "{'a':'op','c':'c','d':'z','v':0,'seq':3,'create':"
	    "{'type':'text-unicode','data':''}}");
	rig_tick(&r, 10 * LONG_MS);
	assert_int_equal(n_held(&r), 2);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_drop(a);
	rig_done(&r);
}

static void
test_beside_a_large_one(void **state)
{
	static const char begins[] = "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'text-unicode','data':'";
	size_t len = strlen(begins);
	struct rig r;
	struct session *a;
	char *large;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	large = malloc(len + LONG_BYTES + 4);
	assert_non_null(large);
	memcpy(large, begins, len);
	memset(large + len, 'x', LONG_BYTES);
	memcpy(large + len + LONG_BYTES, "'}}", 4);
	rig_say(&r, a, large);
	free(large);
	rig_say(&r, a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'text-unicode','data':''}}");
	assert_int_equal(n_held(&r), 2);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_drop(a);
	rig_done(&r);
}

/* ---- turns ---- */

/*
 * c/x of two characters at version 2: the second by somebody elsewhere, who was
 * sooner; then A's commit, the third, came through.
 */
static struct session *
begin_with_rival(struct rig *r)
{
	struct session *a;

	rig_init(r);
	r->limits.shared_store = true;
	rig_start(r);
	a = rig_open(r, "A");
	rig_say_over(r, a, CREATE_X);
	rig_hold(r, JOB_COMMIT);
	rig_say(r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['a']}");
	rig_rival(r, "x", OP_EDIT, "R", 1, "['r']");
	rig_settle_on(r, JOB_COMMIT, ERR_NONE, true);	/* refused */
	assert_int_equal(pretend_find(&r->store, "c", "x")->v, 2);
	rig_settle_on(r, JOB_COMMIT, ERR_NONE, true);
	assert_int_equal(pretend_find(&r->store, "c", "x")->v, 3);
	rig_drop(a);
	return a;
}

/* Who was refused lets the others go first, and commits when it has heard. */
static void
test_others_have_their_turn(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	a = begin_with_rival(&r);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':3,'op':['b']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'op':['c']}");
	assert_int_equal(n_held(&r), 0);
	assert_true(hub_yields(r.hub));
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['s']");
	rig_word(&r, "x", 3, 4);
	assert_false(hub_yields(r.hub));
	assert_int_equal(rig_held(&r, JOB_COMMIT)->commit.n_ops, 2);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, true);
	assert_int_equal(pretend_find(&r.store, "c", "x")->v, 6);
	/* And so on, as long as they are heard. */
	assert_true(hub_yields(r.hub));
	rig_drop(a);
	rig_done(&r);
}

/* Nobody tries any more: it goes on after a moment, and waits no more. */
static void
test_nobody_takes_the_turn(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	a = begin_with_rival(&r);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':3,'op':['b']}");
	rig_tick(&r, YIELD_MS - 1);
	assert_int_equal(n_held(&r), 0);
	rig_tick(&r, 1);
	assert_int_equal(n_held(&r), 1);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, true);
	assert_false(hub_yields(r.hub));
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':4,'seq':4,'op':['c']}");
	assert_int_equal(n_held(&r), 1);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_drop(a);
	rig_done(&r);
}

/* Others need as long as we do to commit. */
static void
test_a_turn_is_as_long_as_commits(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	a = begin_with_rival(&r);
	rig_tick(&r, YIELD_MS);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':3,'op':['b']}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['s']");
	rig_tick(&r, 7);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, true);	/* refused */
	rig_tick(&r, 7);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, true);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':5,'seq':4,'op':['c']}");
	rig_tick(&r, 2 * 7 + YIELD_MS - 1);
	assert_int_equal(n_held(&r), 0);
	rig_tick(&r, 1);
	assert_int_equal(n_held(&r), 1);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_drop(a);
	rig_done(&r);
}

/* Who leaves waits for nobody. */
static void
test_drain_takes_every_turn(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	a = begin_with_rival(&r);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':3,'op':['b']}");
	assert_int_equal(n_held(&r), 0);
	hub_drain(r.hub);
	rig_run(&r);
	assert_int_equal(n_held(&r), 1);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	assert_true(hub_is_quiet(r.hub));
	rig_drop(a);
	rig_done(&r);
}

/* ---- checkpoints ---- */

static void
test_after_so_many(void **state)
{
	struct rig r;
	struct session *a;
	const struct pretend_doc *d;
	int i;

	(void)state;
	rig_init(&r);
	r.limits.checkpoint_ops = 3;
	r.limits.keep_every = 7;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	for (i = 2; i <= 17; i++)
		rig_insert(&r, a, i);
	d = pretend_find(&r.store, "c", "x");
	assert_int_equal(d->n_checkpoints, 3);	/* two are kept, and the newest */
	assert_int_equal(d->v, 17);
	rig_done(&r);
}

/* How many versions of c/x are written down after so many ops, and at rest. */
static size_t
checkpoints_at_rest(int n_ops, bool drains)
{
	struct rig r;
	struct session *a;
	size_t n;
	int i;

	rig_init(&r);
	assert_int_equal(r.limits.quiet_ms, QUIET_MS);
	r.limits.queries = false;	/* what is written for them is an event, too */
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	for (i = 2; i <= n_ops; i++)
		rig_insert(&r, a, i);
	assert_int_equal(pretend_find(&r.store, "c", "x")->n_checkpoints, 0);
	if (drains)
		hub_drain(r.hub);
	else
		rig_tick(&r, QUIET_MS - 1);
	rig_run(&r);
	n = pretend_find(&r.store, "c", "x")->n_checkpoints;
	if (!drains) {
		assert_int_equal(n, 0);
		rig_tick(&r, 1);
		n = pretend_find(&r.store, "c", "x")->n_checkpoints;
	}
	rig_tick(&r, QUIET_MS);
	assert_int_equal(pretend_find(&r.store, "c", "x")->n_checkpoints, n);
	rig_done(&r);
	return n;
}

static void
test_at_rest(void **state)
{
	(void)state;
	assert_int_equal(checkpoints_at_rest(REST_OPS - 1, false), 0);
	assert_int_equal(checkpoints_at_rest(REST_OPS, false), 1);
	assert_int_equal(checkpoints_at_rest(REST_OPS - 1, true), 0);
	assert_int_equal(checkpoints_at_rest(REST_OPS, true), 1);
}

/* What is acknowledged while the hub drains is written down as well. */
static void
test_drained_with_ops_out(void **state)
{
	struct rig r;
	struct session *a;
	int i;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	for (i = 2; i < REST_OPS; i++)
		rig_insert(&r, a, i);
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':15,'seq':16,'op':['!']}");
	hub_drain(r.hub);
	rig_run(&r);
	assert_int_equal(pretend_find(&r.store, "c", "x")->n_checkpoints, 0);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	assert_int_equal(pretend_find(&r.store, "c", "x")->n_checkpoints, 1);
	assert_true(hub_is_quiet(r.hub));
	rig_drop(a);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_batch_at_a_time),
		cmocka_unit_test(test_beside_a_slow_one),
		cmocka_unit_test(test_beside_a_large_one),
		cmocka_unit_test(test_others_have_their_turn),
		cmocka_unit_test(test_nobody_takes_the_turn),
		cmocka_unit_test(test_a_turn_is_as_long_as_commits),
		cmocka_unit_test(test_drain_takes_every_turn),
		cmocka_unit_test(test_after_so_many),
		cmocka_unit_test(test_at_rest),
		cmocka_unit_test(test_drained_with_ops_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
