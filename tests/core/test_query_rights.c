/*
 * What queries find for those who have rights by grants, and when that
 * becomes more or less.
 */
#include "tests/core/live_rig.h"

/* ---- queries ---- */

static void
test_queries_find_what_is_granted(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_say_over(&w.r, w.ann, "{'a':'op','c':'c','d':'z','v':0,'seq':5,"
	    "'create':{'type':'text-unicode','data':'z'}}");
	rig_say(&w.r, w.bob, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear(w.bob, "{'a':'qf','id':1,'data':[]}");
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, "{'a':'qs','id':2,'c':'c','q':{'$count':true}}");
	rig_hear(w.bob, "{'a':'qs','id':2,'data':[],'extra':1}");
	/* Another grant, another filter. */
	pretend_grant(&w.r.store, "c", "z", "bob", ROLE_VIEWER, 0);
	hub_regrant(w.r.hub, "c", "z", "bob");
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* What is said after a query waits until its rights are known. */
static void
test_a_query_waits_for_its_rights(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_hold(&w.r, JOB_ROWS);
	rig_say(&w.r, w.bob, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_say(&w.r, w.bob, "{'a':'pp'}");
	rig_hear_nothing(w.bob);
	/* Granted meanwhile: the answer may be from before. */
	pretend_do(&w.r.store, rig_held(&w.r, JOB_ROWS));
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_VIEWER, 0);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'qf','id':1,'data':[{'d':'x','v':1,'data':'abc',"
	    "'type':'" TEXT_URI "'}]}");
	rig_hear(w.bob, "{'a':'pp'}");
	rig_done(&w.r);
}

/* One that is being found is found again, by the rights of now. */
static void
test_a_query_is_asked_again(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_hold(&w.r, JOB_FIND);
	rig_say(&w.r, w.bob, "{'a':'qf','id':1,'c':'c','q':{}}");
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_settle_on(&w.r, JOB_FIND, ERR_NONE, false);	/* as it was */
	rig_hear_nothing(w.bob);
	rig_settle(&w.r, JOB_FIND, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'qf','id':1,'data':[{'d':'x','v':1,'data':'abc',"
	    "'type':'" TEXT_URI "'}]}");
	/* Less: it is not found any more. */
	rig_hold(&w.r, JOB_FIND);
	rig_say(&w.r, w.bob, "{'a':'qs','id':2,'c':'c','q':{}}");
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_settle_on(&w.r, JOB_FIND, ERR_NONE, false);	/* as it was */
	rig_hear_nothing(w.bob);
	rig_settle(&w.r, JOB_FIND, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'qs','id':2,'data':[]}");
	rig_done(&w.r);
}

static void
test_a_query_without_the_store(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_hold(&w.r, JOB_ROWS);
	rig_say(&w.r, w.bob, "{'a':'qs','id':1,'c':'c','q':{}}");
	rig_settle_on(&w.r, JOB_ROWS, ERR_STORE_AWAY, false);
	rig_hear_error(w.bob, "ERR_OTD_STORE_UNAVAILABLE");
	/* And who asks and leaves is forgotten. */
	rig_say(&w.r, w.bob, "{'a':'qs','id':1,'c':'c','q':{}}");
	hub_leave(w.r.hub, w.bob);
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_done(&w.r);
}

/* Who makes a document finds it: in queries that are there, too. */
static void
test_queries_find_what_is_made(void **state)
{
	struct live w;
	struct session *other;
	struct hub_counts counts;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	other = live_enter(&w, "C", "{'sub':'bob'}");
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say_over(&w.r, w.bob, "{'a':'qs','id':1,'c':'c','q':{}}");
	rig_say_over(&w.r, other, "{'a':'qs','id':5,'c':'c',"
	    "'q':{'$count':true}}");
	rig_say(&w.r, w.bob, CREATE_Y);
	rig_hear(w.bob, "{'a':'op','c':'c','d':'y','src':'B','seq':1,'v':0}");
	rig_hear(w.bob, "{'a':'q','id':1,'diff':[{'type':'insert','index':1,"
	    "'values':[{'d':'y','v':1,'data':'mine','type':'" TEXT_URI
	    "'}]}]}");
	rig_hear(other, "{'a':'q','id':5,'extra':2}");
	/* From then on as any other: once each. */
	rig_say(&w.r, w.ann, "{'a':'op','c':'c','d':'y','v':1,'seq':3,"
	    "'op':['1']}");
	rig_hear(w.bob, "{'a':'op','c':'c','d':'y','v':1,'src':'A','seq':3,"
	    "'op':['1']}");
	rig_say(&w.r, w.ann, "{'a':'op','c':'c','d':'x','v':1,'seq':4,"
	    "'op':['1']}");
	rig_hear(w.bob, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':4,"
	    "'op':['1']}");
	rig_hear_nothing(w.bob);
	rig_say(&w.r, w.bob, "{'a':'qu','id':1}");
	rig_hear(w.bob, "{'a':'qu','id':1}");
	rig_say_over(&w.r, other, "{'a':'qu','id':5}");
	hub_count(w.r.hub, &counts);
	assert_int_equal(counts.queries, 0);
	assert_int_equal(counts.watches, 0);
	rig_done(&w.r);
}

/* The store is slow, and what it says is from before. */
static void
test_made_while_it_is_asked(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	/* While the rights of the first answer are asked for. */
	rig_say_over(&w.r, w.bob, CREATE_Y);
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, "{'a':'op','c':'c','d':'z','v':0,'seq':2,"
	    "'create':{'type':'text-unicode','data':'z'}}");
	rig_hold(&w.r, JOB_ROWS);
	rig_say(&w.r, w.bob, "{'a':'qs','id':1,'c':'c','q':{}}");
	pretend_do(&w.r.store, rig_held(&w.r, JOB_ROWS));
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'op','c':'c','d':'z','src':'B','seq':2,'v':0}");
	rig_hear(w.bob, "{'a':'qs','id':1,'data':["
	    "{'d':'y','v':1,'data':'mine','type':'" TEXT_URI "'},"
	    "{'d':'z','v':1,'data':'z','type':'" TEXT_URI "'}]}");
	/* While the query itself is: then once it is answered. */
	rig_hold(&w.r, JOB_FIND);
	rig_say(&w.r, w.bob, "{'a':'qs','id':1,'c':'c','q':{'$limit':9}}");
	rig_say(&w.r, w.bob, "{'a':'op','c':'c','d':'u','v':0,'seq':3,"
	    "'create':{'type':'text-unicode','data':'u'}}");
	rig_hear(w.bob, "{'a':'op','c':'c','d':'u','src':'B','seq':3,'v':0}");
	rig_settle(&w.r, JOB_FIND, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'qs','id':1,'data':["
	    "{'d':'y','v':1,'data':'mine','type':'" TEXT_URI "'},"
	    "{'d':'z','v':1,'data':'z','type':'" TEXT_URI "'}]}");
	rig_hear(w.bob, "{'a':'q','id':1,'diff':[{'type':'insert','index':0,"
	    "'values':[{'d':'u','v':1,'data':'u','type':'" TEXT_URI
	    "'}]}]}");
	rig_hear_nothing(w.bob);
	/* It leaves while it is asked for anew. */
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, "{'a':'op','c':'c','d':'v','v':0,'seq':4,"
	    "'create':{'type':'text-unicode','data':'v'}}");
	rig_hold(&w.r, JOB_ROWS);
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_drop(w.bob);
	rig_say_over(&w.r, w.bob, "{'a':'qu','id':1}");
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries_find_what_is_granted),
		cmocka_unit_test(test_a_query_waits_for_its_rights),
		cmocka_unit_test(test_a_query_is_asked_again),
		cmocka_unit_test(test_a_query_without_the_store),
		cmocka_unit_test(test_queries_find_what_is_made),
		cmocka_unit_test(test_made_while_it_is_asked),
	};

	return cmocka_run_group_tests_name("query_rights", tests, NULL, NULL);
}
