/*
 * content: when what was edited is written for queries.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/content.h"

#define LONG_BYTES	(3 * CONTENT_SHORT)

/* Create c/x as a text of so many letters. */
static void
create(struct rig *r, struct session *ss, size_t len)
{
	static const char head[] = "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'text','data':'";
	char *text = mem_get(sizeof(head) + len + 8), *p = text;

	memcpy(p, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	memset(p, 'a', len);
	memcpy(p + len, "'}}", 4);
	rig_say(r, ss, text);
	free(text);
}

static void
edit(struct rig *r, struct session *ss, int v)
{
	char text[128];

	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':%d,"
	    "'seq':%d,'op':['b']}", v, v + 1);
	rig_say(r, ss, text);
}

/* The parcel of the commit that is held back. */
static struct parcel *
held_parcel(struct rig *r)
{
	struct job *job = rig_held(r, JOB_COMMIT);

	assert_int_equal(job->commit.n_parcels, 1);
	return LIST_ITEM(job->commit.parcels.next, struct parcel, node);
}

/* Does it bring the content? */
static bool
brings_content(struct rig *r, size_t *len_out)
{
	struct parcel *p = held_parcel(r);
	bool brings = p->has_content;

	*len_out = p->len;
	rig_settle_on(r, JOB_COMMIT, ERR_NONE, true);
	return brings;
}

static const struct pretend_doc *
stored(struct rig *r)
{
	return pretend_find(&r->store, "c", "x");
}

static struct session *
start(struct rig *r)
{
	struct session *ss;

	rig_init(r);
	rig_start(r);
	ss = rig_open(r, "A");
	rig_hold(r, JOB_COMMIT);
	return ss;
}

/* An edit notes that finds see an older content, and later one parcel brings it. */
static void
test_short_goes_later(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	struct parcel *p;
	size_t len;

	(void)state;
	create(&r, ss, 100);
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 102);
	for (int v = 1; v < 5; v++) {
		edit(&r, ss, v);
		assert_int_equal(held_parcel(&r)->lag, LAG_DUE);
		assert_false(brings_content(&r, &len));
	}
	rig_tick(&r, r.limits.content_ms - 1);
	assert_true(list_empty(&r.held));
	rig_tick(&r, 1);
	p = held_parcel(&r);
	assert_int_equal(p->ops.n, 0);
	assert_int_equal(p->base_v, 5);
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 106);
	assert_int_equal(stored(&r)->lag, LAG_NONE);
	rig_tick(&r, 2 * r.limits.content_ms);
	assert_true(list_empty(&r.held));
	rig_done(&r);
}

/* What is staged when the time has come takes the content along. */
static void
test_goes_with_ops(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len;

	(void)state;
	create(&r, ss, 100);
	assert_true(brings_content(&r, &len));
	edit(&r, ss, 1);
	assert_false(brings_content(&r, &len));
	edit(&r, ss, 2);
	rig_tick(&r, r.limits.content_ms);	/* a parcel is out */
	edit(&r, ss, 3);
	assert_false(brings_content(&r, &len));
	assert_int_equal(held_parcel(&r)->ops.n, 1);
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 105);
	assert_int_equal(stored(&r)->seen_v, 4);
	rig_done(&r);
}

/* A find does not wait for the time: what it needs is written first. */
static void
test_finds_have_it_written(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len;

	(void)state;
	create(&r, ss, 1);
	assert_true(brings_content(&r, &len));
	edit(&r, ss, 1);
	assert_false(brings_content(&r, &len));
	rig_drop(ss);
	rig_say(&r, ss, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear_nothing(ss);
	assert_int_equal(held_parcel(&r)->ops.n, 0);
	assert_true(brings_content(&r, &len));
	rig_hear(ss, "{'a':'qf','id':1,'data':[{'d':'x','v':2,"
	    "'type':'http://sharejs.org/types/textv1','data':'ba'}]}");
	rig_done(&r);
}

/* Whoever left it unwritten, perhaps by dying: it is loaded, written, and goes. */
static void
test_finds_mend_what_others_left(void **state)
{
	struct rig r;
	struct hub_counts counts;
	struct session *ss;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	rig_start(&r);
	ss = rig_open(&r, "A");
	rig_rival(&r, "x", OP_CREATE, "B", 1,
	    "{'type':'" TEXT_URI "','data':'a'}");
	rig_rival(&r, "x", OP_EDIT, "B", 2, "['b']");
	pretend_find(&r.store, "c", "x")->lag = LAG_DUE;
	pretend_find(&r.store, "c", "x")->seen_type = NULL;
	rig_say(&r, ss, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear(ss, "{'a':'qf','id':1,'data':[{'d':'x','v':2,"
	    "'type':'" TEXT_URI "','data':'ba'}]}");
	assert_int_equal(stored(&r)->lag, LAG_NONE);
	rig_tick(&r, 1);
	hub_count(r.hub, &counts);
	assert_int_equal(counts.documents, 0);
	rig_done(&r);
}

/* It is not here although it should be: the find goes on with what there is. */
static void
test_finds_do_not_wait_for_the_broken(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	ss = rig_open(&r, "A");
	rig_rival(&r, "x", OP_CREATE, "B", 1,
	    "{'type':'" TEXT_URI "','data':'a'}");
	pretend_find(&r.store, "c", "x")->lag = LAG_DUE;
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, ss, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_settle(&r, JOB_LOAD, ERR_STORE_BROKEN, false);
	rig_hear(ss, "{'a':'qf','id':1,'data':[{'d':'x','v':1,"
	    "'type':'" TEXT_URI "','data':'a'}]}");
	rig_done(&r);
}

/* A load shows that a process died before it wrote. */
static void
test_loads_mend_what_others_left(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	ss = rig_open(&r, "A");
	rig_rival(&r, "x", OP_CREATE, "B", 1,
	    "{'type':'" TEXT_URI "','data':'a'}");
	pretend_find(&r.store, "c", "x")->lag = LAG_DUE;
	rig_say(&r, ss, "{'a':'f','c':'c','d':'x'}");
	assert_int_equal(stored(&r)->lag, LAG_DUE);
	rig_tick(&r, r.limits.content_ms);
	assert_int_equal(stored(&r)->lag, LAG_NONE);
	rig_done(&r);
}

/* The store does not take the content: the ops go without. */
static void
test_refused_content_takes_no_op_along(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len;

	(void)state;
	create(&r, ss, 1);
	assert_true(brings_content(&r, &len));
	edit(&r, ss, 1);
	assert_false(brings_content(&r, &len));
	rig_drop(ss);
	edit(&r, ss, 2);
	rig_tick(&r, r.limits.content_ms);
	edit(&r, ss, 3);
	assert_false(brings_content(&r, &len));
	assert_true(held_parcel(&r)->has_content);
	rig_settle_on(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	assert_true(held_parcel(&r)->has_content);	/* now alone */
	rig_settle_on(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	assert_false(brings_content(&r, &len));
	rig_hear(ss, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'src':'A'}");
	rig_hear(ss, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'src':'A'}");
	assert_int_equal(stored(&r)->v, 4);
	rig_done(&r);
}

static void
test_long_goes_when_it_is_earned(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len, brought = 0;
	int v;

	(void)state;
	create(&r, ss, LONG_BYTES);
	assert_true(brings_content(&r, &len));
	edit(&r, ss, 1);
	assert_false(brings_content(&r, &len));
	for (v = 2; v < 4000; v++) {
		edit(&r, ss, v);
		if (brings_content(&r, &len)) {
			brought += len;
			assert_int_equal(len, LONG_BYTES + 2 + v);
		}
	}
	/* Some, and less than the ops have earned. */
	assert_in_range(brought, 2 * LONG_BYTES, 4000 * 300);
	/* What is no more must not be found. */
	rig_say(&r, ss, "{'a':'op','c':'c','d':'x','v':4000,'seq':4001,"
	    "'del':true}");
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 0);
	rig_done(&r);
}

/* The process ends, or the document leaves the memory. */
static void
test_the_rest_goes_at_the_end(void **state)
{
	for (int is_drain = 0; is_drain < 2; is_drain++) {
		struct rig r;
		struct session *ss;
		size_t len;

		rig_init(&r);
		r.limits.idle_ms = 1000;
		rig_start(&r);
		ss = rig_open(&r, "A");
		rig_hold(&r, JOB_COMMIT);
		create(&r, ss, LONG_BYTES);
		assert_true(brings_content(&r, &len));
		edit(&r, ss, 1);
		assert_int_equal(held_parcel(&r)->lag, LAG_LATE);
		assert_false(brings_content(&r, &len));
		assert_int_equal(stored(&r)->lag, LAG_LATE);
		if (is_drain) {
			hub_drain(r.hub);
			rig_run(&r);
			assert_false(hub_is_quiet(r.hub));
			assert_true(brings_content(&r, &len));
			assert_true(hub_is_quiet(r.hub));
		} else {
			rig_tick(&r, 2000);
		}
		assert_int_equal(stored(&r)->lag, LAG_NONE);
		assert_int_equal(stored(&r)->seen_v, 2);
		rig_done(&r);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_goes_later),
		cmocka_unit_test(test_goes_with_ops),
		cmocka_unit_test(test_finds_have_it_written),
		cmocka_unit_test(test_finds_mend_what_others_left),
		cmocka_unit_test(test_finds_do_not_wait_for_the_broken),
		cmocka_unit_test(test_loads_mend_what_others_left),
		cmocka_unit_test(test_refused_content_takes_no_op_along),
		cmocka_unit_test(test_long_goes_when_it_is_earned),
		cmocka_unit_test(test_the_rest_goes_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
