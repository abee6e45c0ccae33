/*
 * How long edits wait for their acknowledgement, as the hub counts it: from
 * the turn that took one up to the turn that acknowledged it, once for each.
 */
#include "tests/core/rig.h"

/* One more character, and no answer looked at: it may be held. */
#define INSERT(seq)	"{'a':'op','c':'c','d':'x','v':1,'seq':" seq ",'op':['1']}"

static struct hub_counts
counts(const struct rig *r)
{
	struct hub_counts c;

	hub_count(r->hub, &c);
	return c;
}

static uint64_t
measured(const struct rig *r)
{
	struct hub_counts c = counts(r);
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i <= HISTOGRAM_BOUNDS; i++)
		n += c.acks.bucket[i];
	return n;
}

static struct session *
start(struct rig *r)
{
	struct session *ss;

	rig_init(r);
	rig_start(r);
	ss = rig_open(r, "A");
	rig_say_over(r, ss, CREATE_X);
	return ss;
}

/* Without a stopwatch all of it takes no time, and is counted. */
static void
test_no_stopwatch(void **state)
{
	struct rig r;

	(void)state;
	start(&r);
	assert_int_equal(measured(&r), 1);
	assert_int_equal(counts(&r).acks.bucket[0], 1);
	assert_int_equal(counts(&r).acks.sum_us, 0);
	rig_done(&r);
}

/* Two edits, the second taken up while the first is at the store. */
static void
test_commit_is_waited_for(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	ss = start(&r);
	rig_hold(&r, JOB_COMMIT);
	hub_stopwatch(r.hub, 1000);
	rig_say(&r, ss, INSERT("2"));
	hub_stopwatch(r.hub, 5000);
	rig_say(&r, ss, INSERT("3"));
	assert_int_equal(measured(&r), 1);
	hub_stopwatch(r.hub, 8000);
	rig_settle_on(&r, JOB_COMMIT, ERR_NONE, false);
	assert_int_equal(measured(&r), 2);
	assert_int_equal(counts(&r).acks.sum_us, 7000);
	hub_stopwatch(r.hub, 9000);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, false);
	assert_int_equal(measured(&r), 3);
	assert_int_equal(counts(&r).acks.sum_us, 7000 + 4000);
	assert_int_equal(counts(&r).ops_committed, 3);
	rig_done(&r);
}

/* The store was away meanwhile: the whole wait counts, once. */
static void
test_retries_count(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	ss = start(&r);
	rig_hold(&r, JOB_COMMIT);
	hub_stopwatch(r.hub, 1000);
	rig_say(&r, ss, INSERT("2"));
	rig_settle(&r, JOB_COMMIT, ERR_STORE_AWAY, false);
	hub_stopwatch(r.hub, 2001000);
	rig_tick(&r, 1000);
	assert_int_equal(measured(&r), 2);
	assert_int_equal(counts(&r).acks.sum_us, 2000000);
	rig_done(&r);
}

/* What is refused, or was acknowledged before, is no edit that waited. */
static void
test_others_do_not_count(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	ss = start(&r);
	rig_say_over(&r, ss, CREATE_X);				/* again */
	rig_say(&r, ss, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[9,'1']}");
	rig_hear_error(ss, "ERR_OT_OP_NOT_APPLIED");
	rig_say_over(&r, ss, "{'a':'f','c':'c','d':'x'}");
	assert_int_equal(measured(&r), 1);
	rig_done(&r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_stopwatch),
		cmocka_unit_test(test_commit_is_waited_for),
		cmocka_unit_test(test_retries_count),
		cmocka_unit_test(test_others_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
