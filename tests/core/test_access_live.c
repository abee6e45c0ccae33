/*
 * Rights that change while somebody is here: grants that come and go, rules
 * that are replaced; and what the store does meanwhile.
 */
#include "tests/core/live_rig.h"

#include "core/doc.h"
#include "core/session_in.h"

/* ---- grants ---- */

static void
test_a_grant_opens(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_hear_error(w.bob, DENIED);
	/* Nobody told the hub: it looks before it refuses. */
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, READ_X);
	rig_hear(w.bob, "{'a':'s'," SHOWN_X);
	rig_say(&w.r, w.bob, EDIT_X);
	rig_hear_error(w.bob, DENIED);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_say(&w.r, w.bob, EDIT_X);
	rig_hear(w.bob, "{'a':'op','c':'c','d':'x','src':'B','seq':9,'v':1}");
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_done(&w.r);
}

static void
test_a_grant_that_goes_closes(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_say_over(&w.r, w.bob, READ_X);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_say(&w.r, w.bob, EDIT_X);
	rig_hear_error(w.bob, DENIED);
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_insert(&w.r, w.ann, 2);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

/* What was answered and has not left yet may be what is lost now. */
static void
test_what_was_not_sent_is_not(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, FETCH_X);
	assert_non_null(session_peek(w.bob));
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

/* Many ask at once: the store is asked once. */
static void
test_grants_are_asked_once(void **state)
{
	struct live w;
	int i;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_VIEWER, 0);
	rig_hold(&w.r, JOB_ROWS);
	for (i = 0; i < 5; i++)
		rig_say(&w.r, w.bob, FETCH_X);
	rig_say(&w.r, w.ann, FETCH_X);
	rig_hear_nothing(w.bob);
	/* What came later stands behind: answers keep their order. */
	rig_hear_nothing(w.ann);
	rig_settle_on(&w.r, JOB_ROWS, ERR_NONE, false);
	for (i = 0; i < 5; i++)
		rig_hear(w.bob, "{'a':'f'," SHOWN_X);
	rig_hear(w.ann, "{'a':'f'," SHOWN_X);
	assert_true(list_empty(&w.r.held));
	rig_done(&w.r);
}

/* Away, the store gives nothing; who was let in by a grant has to go. */
static void
test_no_store_no_grants(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_OWNER, 0);
	rig_hold(&w.r, JOB_ROWS);
	rig_say(&w.r, w.bob, READ_X);
	rig_settle_on(&w.r, JOB_ROWS, ERR_STORE_AWAY, false);
	rig_hear_error(w.bob, "ERR_OTD_STORE_UNAVAILABLE");
	rig_say(&w.r, w.bob, READ_X);
	rig_settle_on(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'s'," SHOWN_X);
	hub_regrant(w.r.hub, "c", "x", NULL);
	rig_run(&w.r);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_settle_on(&w.r, JOB_ROWS, ERR_STORE_AWAY, false);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* Changed once more while the store was asked: asked once more. */
static void
test_a_change_overtakes_the_answer(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say_over(&w.r, w.bob, READ_X);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_run(&w.r);
	/* Answered as of now, and after that it is taken away. */
	pretend_do(&w.r.store, rig_held(&w.r, JOB_ROWS));
	pretend_ungrant(&w.r.store, "c", "x", "bob");
	hub_regrant(w.r.hub, "c", "x", "bob");
	{
		struct job *job = rig_held(&w.r, JOB_ROWS);

		list_remove(&job->node);
		hub_finish(w.r.hub, job);
		rig_run(&w.r);
	}
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

static void
test_a_grant_expires(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, NOW_S * 1000LL + 5000);
	rig_say_over(&w.r, w.bob, READ_X);
	hub_clock(w.r.hub, NOW_S * 1000LL + 4999);
	live_must_be_closed(w.bob, CLOSE_NONE);
	hub_clock(w.r.hub, NOW_S * 1000LL + 5000);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* An answer that was on its way is not sent to who lost the right to it. */
static void
test_what_waits_is_not_shown(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.ann, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':['?']}");
	rig_say(&w.r, w.bob, READ_X);
	live_grant(&w, "bob", ROLE_NONE, 0);
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_hear_nothing(w.bob);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* ---- owners ---- */

/* At once, and nobody else. */
static void
test_who_creates_owns(void **state)
{
	struct live w;
	struct session *cid;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	cid = live_enter(&w, "C", "{'sub':'cid'}");
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, CREATE_Y);
	rig_say(&w.r, w.bob, EDIT_Y);
	rig_say(&w.r, cid, EDIT_Y);
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'op','c':'c','d':'y','src':'B','seq':1,'v':0}");
	rig_hear(w.bob, "{'a':'op','c':'c','d':'y','src':'B','seq':2,'v':1}");
	rig_hear_error(cid, DENIED);
	assert_string_equal(pretend_find(&w.r.store, "c", "y")->owner, "bob");
	rig_done(&w.r);
}

/* Somebody else was first: it is theirs. */
static void
test_a_create_that_lost_owns_nothing(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	w.r.limits.shared_store = true;
	live_begin(&w);
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, CREATE_Y);
	rig_say(&w.r, w.bob, EDIT_Y);
	rig_rival(&w.r, "y", OP_CREATE, "R", 1,
	    "{'type':'" TEXT_URI "','data':'theirs'}");
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_hear_error(w.bob, "ERR_DOC_ALREADY_CREATED");
	rig_hear_error(w.bob, DENIED);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

/* Made anew by somebody, it is granted to nobody of before. */
static void
test_made_anew_it_is_another(void **state)
{
	struct live w;
	struct session *cid;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say_over(&w.r, w.bob, READ_X);
	rig_say_over(&w.r, w.ann, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'del':true}");
	rig_hear(w.bob, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'del':true}");
	cid = live_enter(&w, "C", "{'sub':'cid'}");
	rig_say_over(&w.r, cid, "{'a':'op','c':'c','d':'x','v':2,'seq':1,"
	    "'create':{'type':'text-unicode','data':'mine'}}");
	rig_hear_nothing(w.bob);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_say(&w.r, cid, FETCH_X);
	rig_hear(cid, "{'a':'f','c':'c','d':'x','data':{'v':3,'data':'mine',"
	    "'type':'" TEXT_URI "'}}");
	rig_done(&w.r);
}

/* The same heard of from another process. */
static void
test_made_anew_elsewhere(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	w.r.limits.shared_store = true;
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say_over(&w.r, w.bob, READ_X);
	rig_rival(&w.r, "x", OP_DELETE, "R", 1, NULL);
	rig_rival(&w.r, "x", OP_CREATE, "R", 2,
	    "{'type':'" TEXT_URI "','data':'theirs'}");
	rig_word(&w.r, "x", 1, 3);
	rig_hear_nothing(w.bob);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* What was granted before there was anything stays. */
static void
test_invited_before_it_was(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	pretend_grant(&w.r.store, "c", "y", "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, "{'a':'s','c':'c','d':'y'}");
	rig_hear(w.bob, "{'a':'s','c':'c','d':'y','data':{'v':0,'type':null}}");
	rig_say_over(&w.r, w.ann, CREATE_Y);
	rig_hear(w.bob, "{'a':'op','c':'c','d':'y','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" TEXT_URI "','data':'mine'}}");
	rig_done(&w.r);
}

/* ---- rules ---- */

static void
test_other_rules(void **state)
{
	struct live w;
	struct hub_counts counts;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_say_over(&w.r, w.ann, READ_X);
	rig_say_over(&w.r, w.ann, "{'a':'ps','ch':'c.x','seq':1}");
	rig_say_over(&w.r, w.ann, "{'a':'qs','id':1,'c':'c','q':{}}");
	/* The same rights in other words. */
	hub_set_access(w.r.hub, rules_of("{'rules':[{'name':'all','who':"
	    "{'subjects':['ann']},'allow':'*'}]}"));
	rig_run(&w.r);
	live_must_be_closed(w.ann, CLOSE_NONE);
	hub_set_access(w.r.hub, rules_of("{'rules':[{'name':'all','who':"
	    "{'subjects':['ann']},'allow':['read','query']}]}"));
	live_must_be_closed(w.ann, CLOSE_ACCESS);
	live_must_be_closed(w.bob, CLOSE_NONE);
	hub_count(w.r.hub, &counts);
	assert_int_equal(counts.closed_access, 1);
	rig_done(&w.r);
}

static void
test_a_narrower_query(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_say_over(&w.r, w.ann, "{'a':'qs','id':1,'c':'c','q':{}}");
	hub_set_access(w.r.hub, rules_of("{'rules':[{'name':'all','who':"
	    "{'subjects':['ann']},'allow':['read','query'],"
	    "'collections':['c'],'documents':['a*']}]}"));
	live_must_be_closed(w.ann, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* ---- x-may ---- */

static void
test_what_may_be_done(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_say(&w.r, w.bob, "{'a':'x-may','c':'c','d':'x'}");
	rig_hear(w.bob, "{'a':'x-may','c':'c','d':'x',"
	    "'may':['create','query']}");
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_say(&w.r, w.bob, "{'a':'x-may','c':'c','d':'x'}");
	rig_hear(w.bob, "{'a':'x-may','c':'c','d':'x','may':['read','create',"
	    "'edit','history','presence','query'],'v':1,'type':'" TEXT_URI
	    "'}");
	rig_say(&w.r, w.ann, "{'a':'x-may','c':'c','d':'none','id':7}");
	rig_hear(w.ann, "{'a':'x-may','id':7,'may':['read','create','edit',"
	    "'delete','history','presence','query','admin'],'v':0,"
	    "'type':null}");
	/* What is seen is durable. */
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, EDIT_X);
	rig_say(&w.r, w.ann, "{'a':'x-may','c':'c','d':'x','id':8}");
	rig_hear_nothing(w.ann);
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	rig_hear(w.ann, "{'a':'x-may','id':8,'may':['read','create','edit',"
	    "'delete','history','presence','query','admin'],'v':2,"
	    "'type':'" TEXT_URI "'}");
	rig_done(&w.r);
}

/* ---- histories ---- */

static void
test_a_history_that_was_begun(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_hold(&w.r, JOB_HISTORY);
	rig_say(&w.r, w.bob, "{'a':'nf','c':'c','d':'x','v':1}");
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_settle(&w.r, JOB_HISTORY, ERR_NONE, false);
	rig_hear_error(w.bob, DENIED);
	/* Still allowed after a change, it is made once more. */
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_hold(&w.r, JOB_HISTORY);
	rig_say(&w.r, w.bob, "{'a':'nf','c':'c','d':'x','v':0}");
	live_grant(&w, "bob", ROLE_OWNER, 0);
	rig_settle(&w.r, JOB_HISTORY, ERR_NONE, false);
	rig_hear(w.bob, "{'a':'nf','c':'c','d':'x','id':'x','v':0,"
	    "'type':null,'m':null}");
	rig_done(&w.r);
}

/* ---- presence ---- */

static void
test_presence_by_a_grant(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.x','seq':1}");
	rig_hear_error(w.bob, DENIED);
	live_grant(&w, "bob", ROLE_COMMENTER, 0);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.x','seq':2}");
	rig_hear(w.bob, "{'a':'ps','ch':'c.x','seq':2}");
	rig_say(&w.r, w.ann, "{'a':'p','ch':'c.x','id':'i','pv':1,'c':'c',"
	    "'d':'x','v':1,'p':{'index':1,'length':0}}");
	rig_drop(w.bob);
	/* The document is nobody's now, and gone from memory. */
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* Refused for what the store is, it is listened to again. */
static void
test_presence_without_the_store(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	rig_hold(&w.r, JOB_ROWS);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.x','seq':1}");
	rig_say(&w.r, w.bob, "{'a':'pp'}");
	rig_hear_nothing(w.bob);
	rig_settle_on(&w.r, JOB_ROWS, ERR_STORE_AWAY, false);
	rig_hear_error(w.bob, "ERR_OTD_STORE_UNAVAILABLE");
	rig_hear(w.bob, "{'a':'pp'}");
	rig_hold(&w.r, JOB_LOAD);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.q','seq':2}");
	rig_settle(&w.r, JOB_LOAD, ERR_STORE_BROKEN, false);
	rig_hear_error(w.bob, "ERR_OTD_STORE_BROKEN");
	rig_say(&w.r, w.bob, "{'a':'pp'}");
	rig_hear(w.bob, "{'a':'pp'}");
	rig_done(&w.r);
}

/* Of another document, on whatever channel, it needs another right. */
static void
test_presence_of_another(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "bob", ROLE_COMMENTER, 0);
	rig_say_over(&w.r, w.bob, "{'a':'ps','ch':'c.x','seq':1}");
	rig_say(&w.r, w.ann, "{'a':'p','ch':'c.x','id':'i','pv':1,'c':'c',"
	    "'d':'y','v':0,'p':{'at':1}}");
	rig_say(&w.r, w.ann, "{'a':'p','ch':'c.x','id':'j','pv':1,"
	    "'p':{'at':1}}");
	rig_hear_nothing(w.bob);
	rig_say(&w.r, w.ann, "{'a':'p','ch':'c.x','id':'k','pv':1,'c':'c',"
	    "'d':'x','v':1,'p':{'at':1}}");
	rig_hear(w.bob, "{'a':'p','ch':'c.x','src':'A','id':'k','pv':1,"
	    "'c':'c','d':'x','v':1,'p':{'at':1}}");
	rig_done(&w.r);
}

/* A channel whose name may mean several documents. */
static void
test_a_channel_of_many_meanings(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	hub_set_access(w.r.hub, rules_of("{'rules':[{'name':'all','who':"
	    "{'subjects':['ann']},'allow':'*'}],'grants':['c','c.x']}"));
	pretend_grant(&w.r.store, "c.x", "y", "bob", ROLE_COMMENTER, 0);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.x.y','seq':1}");
	rig_hear(w.bob, "{'a':'ps','ch':'c.x.y','seq':1}");
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'c.x.z','seq':1}");
	rig_hear_error(w.bob, DENIED);
	rig_say(&w.r, w.bob, "{'a':'ps','ch':'.','seq':1}");
	rig_hear_error(w.bob, DENIED);
	rig_say(&w.r, w.ann, "{'a':'p','ch':'c.x.y','id':'k','pv':1,"
	    "'c':'c','d':'x.y','v':0,'p':{'at':1}}");
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_grant_opens),
		cmocka_unit_test(test_a_grant_that_goes_closes),
		cmocka_unit_test(test_what_was_not_sent_is_not),
		cmocka_unit_test(test_grants_are_asked_once),
		cmocka_unit_test(test_no_store_no_grants),
		cmocka_unit_test(test_a_change_overtakes_the_answer),
		cmocka_unit_test(test_a_grant_expires),
		cmocka_unit_test(test_what_waits_is_not_shown),
		cmocka_unit_test(test_who_creates_owns),
		cmocka_unit_test(test_a_create_that_lost_owns_nothing),
		cmocka_unit_test(test_made_anew_it_is_another),
		cmocka_unit_test(test_made_anew_elsewhere),
		cmocka_unit_test(test_invited_before_it_was),
		cmocka_unit_test(test_other_rules),
		cmocka_unit_test(test_a_narrower_query),
		cmocka_unit_test(test_what_may_be_done),
		cmocka_unit_test(test_a_history_that_was_begun),
		cmocka_unit_test(test_presence_by_a_grant),
		cmocka_unit_test(test_presence_without_the_store),
		cmocka_unit_test(test_presence_of_another),
		cmocka_unit_test(test_a_channel_of_many_meanings),
	};

	return cmocka_run_group_tests_name("access_live", tests, NULL, NULL);
}
