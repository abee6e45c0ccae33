/*
 * hub: queries, and those that stay.
 */
#include "tests/core/rig.h"

#include <stdio.h>

#define CREATE(d, seq, data) "{'a':'op','c':'c','d':'" d "','v':0,'seq':" \
		seq ",'create':{'type':'json0','data':" data "}}"
#define JSON0 "http://sharejs.org/types/JSONv0"

static void
start(struct rig *r, bool shared)
{
	rig_init(r);
	r->limits.shared_store = shared;
	rig_start(r);
}

/* Documents a, b and c with n of 1, 2 and 3, by somebody. */
static struct session *
with_three(struct rig *r)
{
	struct session *ss = rig_open(r, "W");

	rig_say_over(r, ss, CREATE("a", "1", "{'n':1}"));
	rig_say_over(r, ss, CREATE("b", "2", "{'n':2}"));
	rig_say_over(r, ss, CREATE("c", "3", "{'n':3}"));
	return ss;
}

static uint64_t
finds(const struct rig *r)
{
	struct hub_counts counts;

	hub_count(r->hub, &counts);
	return counts.finds;
}

static void
test_fetch(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r, false);
	with_three(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear(a, "{'a':'qf','id':1,'data':[{'d':'a','v':1,'data':{'n':1}},"
	    "{'d':'b','v':1,'data':{'n':2}},{'d':'c','v':1,'data':{'n':3}}]}");
	rig_say(&r, a, "{'a':'qf','id':2,'c':'c','q':{'n':{'$gt':1}},"
	    "'o':{'pollInterval':5}}");
	rig_hear(a, "{'a':'qf','id':2,'data':["
	    "{'d':'b','v':1,'data':{'n':2}},{'d':'c','v':1,'data':{'n':3}}]}");
	rig_say(&r, a, "{'a':'qf','id':3,'c':'c',"
	    "'q':{'$sort':{'n':-1},'$limit':1}}");
	rig_hear(a, "{'a':'qf','id':3,'data':["
	    "{'d':'c','v':1,'data':{'n':3}}]}");
	rig_say(&r, a, "{'a':'qf','id':4,'c':'c','q':{'$count':true}}");
	rig_hear(a, "{'a':'qf','id':4,'data':[],'extra':3}");
	/* An id that is no truth to JavaScript is not repeated. */
	rig_say(&r, a, "{'a':'qf','id':0,'c':'none'}");
	rig_hear(a, "{'a':'qf','c':'none','data':[]}");
	rig_hear_nothing(a);
	rig_done(&r);
}

static void
test_refusals(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.session_queries = 1;
	r.limits.query_results = 2;
	r.limits.subscriptions = 1;
	rig_start(&r);
	with_three(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qf','id':1,'c':'c','o':{'db':'other'}}");
	rig_hear_error(a, "ERR_DATABASE_ADAPTER_NOT_FOUND");
	rig_say(&r, a, "{'a':'qf','id':1,'c':'c','q':{'$where':'1'}}");
	rig_hear_error(a, err_wire(ERR_FILTER));
	rig_say(&r, a, "{'a':'qf','id':1,'c':'c'}");
	rig_hear_error(a, err_wire(ERR_FIND_MANY));
	rig_say(&r, a, "{'a':'qs','id':1,'c':'c','r':[['a',1],['b',1]]}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_say(&r, a, "{'a':'qs','id':2,'c':'c','q':{'n':1}}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_QUERIES");
	rig_say(&r, a, "{'a':'qu','id':1}");
	rig_hear(a, "{'a':'qu','id':1}");
	rig_hold(&r, JOB_FIND);
	rig_say(&r, a, "{'a':'qs','id':2,'c':'c','q':{'n':1}}");
	rig_settle(&r, JOB_FIND, ERR_STORE_AWAY, false);
	rig_hear_error(a, "ERR_OTD_STORE_UNAVAILABLE");
	rig_done(&r);
}

static void
test_off(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.queries = false;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qs','id':1,'c':'c'}");
	rig_hear_error(a, "ERR_OTD_QUERIES_OFF");
	rig_done(&r);
}

static void
ask(struct rig *r, struct session *ss, int id)
{
	char text[80];

	snprintf(text, sizeof(text),
	    "{'a':'qf','id':%d,'c':'c','q':{'x':%d}}", id, id);
	rig_say(r, ss, text);
}

/* Somebody's many questions do not make the others wait for all of them. */
static void
test_turns(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.finds = 1;
	r.limits.query_timeout_ms = 1000;
	rig_start(&r);
	with_three(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_hold(&r, JOB_FIND);
	for (int id = 1; id <= 20; id++)
		ask(&r, a, id);
	ask(&r, b, 21);
	rig_settle_on(&r, JOB_FIND, ERR_NONE, true);
	rig_hear(a, "{'a':'qf','id':1,'data':[]}");
	rig_hear_nothing(b);
	rig_settle_on(&r, JOB_FIND, ERR_NONE, true);
	rig_hear(b, "{'a':'qf','id':21,'data':[]}");
	rig_done(&r);
}

/* Nobody waits for ever. */
static void
test_waiting_ends(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.finds = 1;
	r.limits.query_timeout_ms = 1000;
	rig_start(&r);
	with_three(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_FIND);
	ask(&r, a, 1);
	ask(&r, a, 2);
	rig_tick(&r, 3000);
	rig_hear_nothing(a);
	rig_tick(&r, 2000);
	rig_hear_error(a, err_wire(ERR_FIND_SLOW));
	rig_hear_nothing(a);
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	rig_hear(a, "{'a':'qf','id':1,'data':[]}");
	rig_done(&r);
}

/* Documents come, change and go; whoever wrote gets the answer alone. */
static void
test_subscribe(void **state)
{
	struct rig r;
	struct session *w, *a;

	(void)state;
	start(&r, false);
	w = with_three(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qs','id':7,'c':'c','q':{'n':{'$gt':1}}}");
	rig_say_over(&r, w, "{'a':'qs','id':1,'c':'c','q':{'n':{'$gt':1}}}");
	rig_hear(a, "{'a':'qs','id':7,'data':["
	    "{'d':'b','v':1,'data':{'n':2}},{'d':'c','v':1,'data':{'n':3}}]}");
	/* In it, and stays. */
	rig_say(&r, w, "{'a':'op','c':'c','d':'b','v':1,'seq':4,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'b','v':1,'src':'W','seq':4,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear(w, "{'a':'op','c':'c','d':'b','v':1,'src':'W','seq':4}");
	/* Comes: the snapshot has the op. */
	rig_say(&r, w, "{'a':'op','c':'c','d':'a','v':1,'seq':5,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear(a, "{'a':'q','id':7,'diff':[{'type':'insert','index':2,"
	    "'values':[{'d':'a','v':2,'data':{'n':6}}]}]}");
	rig_hear(w, "{'a':'op','c':'c','d':'a','v':1,'src':'W','seq':5}");
	rig_hear(w, "{'a':'q','id':1,'diff':[{'type':'insert','index':2,"
	    "'values':[{'d':'a','v':2,'data':{'n':6}}]}]}");
	/* Goes: first out of the order, then the op that did it. */
	rig_say(&r, w, "{'a':'op','c':'c','d':'b','v':2,'seq':6,"
	    "'op':[{'p':['n'],'na':-9}]}");
	rig_hear(a, "{'a':'q','id':7,'diff':[{'type':'remove','index':0,"
	    "'howMany':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'b','v':2,'src':'W','seq':6,"
	    "'op':[{'p':['n'],'na':-9}]}");
	/* Out of it: nothing more. */
	rig_say(&r, w, "{'a':'op','c':'c','d':'b','v':3,'seq':7,"
	    "'op':[{'p':['n'],'na':1}]}");
	rig_hear_nothing(a);
	/* Deleted. */
	rig_say(&r, w, "{'a':'op','c':'c','d':'c','v':1,'seq':8,'del':true}");
	rig_hear(a, "{'a':'q','id':7,'diff':[{'type':'remove','index':0,"
	    "'howMany':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'c','v':1,'src':'W','seq':8,"
	    "'del':true}");
	rig_say(&r, a, "{'a':'qu','id':7}");
	rig_hear(a, "{'a':'qu','id':7}");
	rig_say(&r, w, "{'a':'op','c':'c','d':'a','v':2,'seq':9,'del':true}");
	rig_hear_nothing(a);
	assert_int_equal(finds(&r), 2);
	rig_done(&r);
}

/* All who come while a find is out share the next one. */
static void
test_shared(void **state)
{
	struct rig r;
	struct session *s[50];
	char text[100];
	size_t i;

	(void)state;
	start(&r, false);
	with_three(&r);
	rig_hold(&r, JOB_FIND);
	for (i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "S%zu", i);
		s[i] = rig_open(&r, text);
		rig_say(&r, s[i], i % 2 == 0 ?
		    "{'a':'qs','id':1,'c':'c','q':{'n':1,'$comment':'x'}}" :
		    "{'a':'qs','id':1,'c':'c','q':{'$comment':'y','n':1}}");
	}
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	for (i = 0; i < 50; i++)
		rig_hear(s[i], "{'a':'qs','id':1,'data':["
		    "{'d':'a','v':1,'data':{'n':1}}]}");
	assert_int_equal(finds(&r), 2);
	rig_done(&r);
}

/* A window is asked for anew once, however much happened. */
static void
test_window(void **state)
{
	struct rig r;
	struct session *w, *a;
	char text[160];
	int i;

	(void)state;
	start(&r, false);
	w = with_three(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qs','id':1,'c':'c',"
	    "'q':{'n':{'$gt':0},'$sort':{'n':1},'$limit':2}}");
	rig_hear(a, "{'a':'qs','id':1,'data':["
	    "{'d':'a','v':1,'data':{'n':1}},{'d':'b','v':1,'data':{'n':2}}]}");
	rig_tick(&r, 1000);
	/* c is beyond the window and stays out of what it is about. */
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'c','v':1,'seq':4,"
	    "'op':[{'p':['n'],'na':-7}]}");
	rig_tick(&r, 1000);
	assert_int_equal(finds(&r), 1);
	rig_hear_nothing(a);
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'a',"
		    "'v':%d,'seq':%d,'op':[{'p':['n'],'na':1}]}", i + 1,
		    i + 5);
		rig_say_over(&r, w, text);
	}
	assert_int_equal(finds(&r), 2);
	rig_tick(&r, r.limits.query_ms);
	assert_int_equal(finds(&r), 3);
	rig_tick(&r, 10000);
	assert_int_equal(finds(&r), 3);
	for (i = 0; i < 101; i++) {
		struct frame *f = session_shift(a);

		assert_non_null(f);
		if (i == 1 || i == 100)
			assert_true(frame_payload_len(f) > 0);
		frame_unref(f);
	}
	rig_hear_nothing(a);
	rig_done(&r);
}

static void
test_count(void **state)
{
	struct rig r;
	struct session *w, *a;

	(void)state;
	start(&r, false);
	w = with_three(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'qs','id':1,'c':'c',"
	    "'q':{'n':{'$gt':1},'$count':true}}");
	rig_hear(a, "{'a':'qs','id':1,'data':[],'extra':2}");
	rig_tick(&r, 1000);
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'c','v':1,'seq':4,"
	    "'del':true}");
	rig_hear(a, "{'a':'q','id':1,'extra':1}");
	rig_tick(&r, 1000);
	/* The same number is not worth saying. */
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'a','v':1,'seq':5,"
	    "'del':true}");
	rig_hear_nothing(a);
	rig_say(&r, a, "{'a':'qs','id':1,'c':'c','r':[],"
	    "'q':{'n':{'$gt':1},'$count':true}}");
	rig_hear(a, "{'a':'q','id':1,'extra':1}");
	rig_hear(a, "{'a':'qs','id':1}");
	rig_done(&r);
}

/* The find that is held has been carried out already. */
static void
answer_held(struct rig *r)
{
	struct job *job = rig_held(r, JOB_FIND);

	r->held_kinds = 0;
	list_remove(&job->node);
	hub_finish(r->hub, job);
	rig_run(r);
}

/* What happens while a find is out, before or after what it found. */
static void
test_meanwhile(void **state)
{
	struct rig r;
	struct session *w, *a, *b;
	int is_found_first;

	(void)state;
	for (is_found_first = 0; is_found_first < 2; is_found_first++) {
		start(&r, false);
		w = with_three(&r);
		a = rig_open(&r, "A");
		b = rig_open(&r, "B");
		rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c',"
		    "'q':{'n':{'$gt':1}}}");
		rig_hold(&r, JOB_FIND);
		rig_say(&r, b, "{'a':'qs','id':2,'c':'c',"
		    "'q':{'n':{'$gt':1}}}");
		if (is_found_first)
			pretend_do(&r.store, rig_held(&r, JOB_FIND));
		rig_say_over(&r, w, "{'a':'op','c':'c','d':'b','v':1,"
		    "'seq':4,'op':[{'p':['n'],'na':-9}]}");
		rig_say_over(&r, w, "{'a':'op','c':'c','d':'a','v':1,"
		    "'seq':5,'op':[{'p':['n'],'na':9}]}");
		rig_say_over(&r, w, "{'a':'op','c':'c','d':'c','v':1,"
		    "'seq':6,'op':[{'p':['n'],'na':9}]}");
		rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'remove',"
		    "'index':0,'howMany':1}]}");
		rig_hear(a, "{'a':'op','c':'c','d':'b','v':1,'src':'W',"
		    "'seq':4,'op':[{'p':['n'],'na':-9}]}");
		rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'insert',"
		    "'index':1,'values':[{'d':'a','v':2,'data':{'n':10}}]}]}");
		rig_hear(a, "{'a':'op','c':'c','d':'c','v':1,'src':'W',"
		    "'seq':6,'op':[{'p':['n'],'na':9}]}");
		if (is_found_first)
			answer_held(&r);
		else
			rig_settle(&r, JOB_FIND, ERR_NONE, true);
		rig_hear(b, is_found_first ?
		    "{'a':'qs','id':2,'data':[{'d':'c','v':1,'data':{'n':3}},"
		    "{'d':'a','v':2,'data':{'n':10}}]}" :
		    "{'a':'qs','id':2,'data':[{'d':'c','v':2,'data':{'n':12}},"
		    "{'d':'a','v':2,'data':{'n':10}}]}");
		if (is_found_first) {
			/* It is told again, to all. */
			rig_hear(b, "{'a':'op','c':'c','d':'c','v':1,"
			    "'src':'W','seq':6,'op':[{'p':['n'],'na':9}]}");
			rig_hear(a, "{'a':'op','c':'c','d':'c','v':1,"
			    "'src':'W','seq':6,'op':[{'p':['n'],'na':9}]}");
		}
		rig_hear_nothing(a);
		rig_hear_nothing(b);
		rig_done(&r);
	}
}

/* By the name of a projection; what cannot be projected is not there. */
static void
test_projection(void **state)
{
	static const char *const shown[] = { "n" };
	const struct projection p = { .name = "c_n", .target = "c",
	    .fields = shown, .n_fields = 1 };
	struct catalog_plan plan = { .fallback = {
		.types = COLLECTION_ALL_TYPES, .queries = true,
		.checkpoint_ops = 200, .keep_every = 1000,
		.document_bytes = 1 << 20 },
	    .projections = &p, .n_projections = 1 };
	struct catalog *catalog = catalog_new(&plan);
	struct session *w, *a;
	struct rig r;

	(void)state;
	rig_init(&r);
	r.limits.catalog = catalog;
	rig_start(&r);
	w = rig_open(&r, "W");
	a = rig_open(&r, "A");
	rig_say_over(&r, w, CREATE("a", "1", "{'n':1,'hidden':7}"));
	rig_say_over(&r, w, CREATE_X);
	rig_say(&r, a, "{'a':'qf','id':1,'c':'c_n'}");
	rig_hear(a, "{'a':'qf','id':1,'data':["
	    "{'d':'a','v':1,'data':{'n':1}}]}");
	rig_say(&r, a, "{'a':'qs','id':2,'c':'c_n','q':{}}");
	rig_hear(a, "{'a':'qs','id':2,'data':["
	    "{'d':'a','v':1,'data':{'n':1}}]}");
	rig_say_over(&r, w, CREATE("b", "3", "{'m':1}"));
	rig_hear(a, "{'a':'q','id':2,'diff':[{'type':'insert','index':1,"
	    "'values':[{'d':'b','v':1,'data':{}}]}]}");
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'y','v':0,'seq':4,"
	    "'create':{'type':'text','data':'abc'}}");
	rig_hear_nothing(a);
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'a','v':1,'seq':5,"
	    "'op':[{'p':['hidden'],'na':1}]}");
	rig_hear(a, "{'a':'op','c':'c_n','d':'a','v':1,'src':'W','seq':5,"
	    "'op':[]}");
	rig_hear_nothing(a);
	rig_done(&r);
	catalog_free(catalog);
}

/* Sessions go at any time. */
static void
test_leaving(void **state)
{
	struct rig r;
	struct session *a, *b, *c;

	(void)state;
	start(&r, true);
	with_three(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	c = rig_open(&r, "C");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_hold(&r, JOB_FIND);
	rig_say(&r, b, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_say(&r, c, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_say(&r, c, "{'a':'qu','id':1}");
	rig_hear(c, "{'a':'qu','id':1}");
	hub_leave(r.hub, a);
	hub_leave(r.hub, b);
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	/* Answered, though it wants no more of it. */
	rig_hear(c, "{'a':'qs','id':1,'data':["
	    "{'d':'a','v':1,'data':{'n':1}}]}");
	rig_hold(&r, JOB_FIND);
	rig_say(&r, c, "{'a':'qf','id':1,'c':'c','q':{'n':1}}");
	hub_leave(r.hub, c);
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	rig_done(&r);
}

/* One session with many queries gets an op once; others get it too. */
static void
test_many_of_one(void **state)
{
	struct rig r;
	struct session *w, *a, *b;

	(void)state;
	start(&r, false);
	w = with_three(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_say_over(&r, a, "{'a':'qs','id':2,'c':'c','q':{'n':1}}");
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'a'}");
	rig_say_over(&r, b, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'a','v':1,'seq':4,"
	    "'op':[{'p':['m'],'oi':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'a','v':1,'src':'W','seq':4,"
	    "'op':[{'p':['m'],'oi':1}]}");
	rig_hear_nothing(a);
	rig_hear(b, "{'a':'op','c':'c','d':'a','v':1,'src':'W','seq':4,"
	    "'op':[{'p':['m'],'oi':1}]}");
	rig_hear_nothing(b);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_waiting_ends),
		cmocka_unit_test(test_subscribe),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_meanwhile),
		cmocka_unit_test(test_projection),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_many_of_one),
	};

	return cmocka_run_group_tests_name("core/query", tests, NULL, NULL);
}
