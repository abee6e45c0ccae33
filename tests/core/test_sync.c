/*
 * hub: the store in trouble, and others who write to it.
 */
#include "tests/core/rig.h"

#include <stdio.h>

static void
start(struct rig *r)
{
	rig_init(r);
	rig_start(r);
}

static void
start_shared(struct rig *r)
{
	rig_init(r);
	r->limits.shared_store = true;
	rig_start(r);
}

/* ---- the store ---- */

static void
test_store_away(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_settle(&r, JOB_LOAD, ERR_STORE_AWAY, false);
	rig_hear_error(a, "ERR_OTD_STORE_UNAVAILABLE");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	rig_settle(&r, JOB_COMMIT, ERR_STORE_AWAY, false);
	rig_hear_nothing(a);
	rig_tick(&r, 1000);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_done(&r);
}

/* Done or not, the log tells; the op is in it once. */
static void
test_store_unsure(void **state)
{
	struct rig r;
	struct session *a, *b;
	int is_done;

	(void)state;
	for (is_done = 0; is_done < 2; is_done++) {
		start(&r);
		a = rig_open(&r, "A");
		b = rig_open(&r, "B");
		rig_say_over(&r, a, CREATE_X);
		rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
		rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
		rig_hold(&r, JOB_COMMIT);
		/* One with its version and one without. */
		rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
		    "'op':['1']}");
		rig_say(&r, b, "{'a':'op','c':'c','d':'x','seq':1,"
		    "'op':['2']}");
		rig_settle(&r, JOB_COMMIT, ERR_STORE_UNSURE, is_done);
		rig_tick(&r, 1000);
		assert_int_equal(pretend_version(&r.store, "c", "x"), 3);
		if (is_done)
			/* The author may not know that it is its own. */
			rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,"
			    "'src':'A','seq':2,'op':['1']}");
		else
			rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A',"
			    "'seq':2,'v':1}");
		rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A',"
		    "'seq':2,'op':['1']}");
		rig_done(&r);
	}
}

/* A commit that cannot work is tried alone, then refused. */
static void
test_store_broken(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	rig_say(&r, a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'text'}}");
	/* The other, which has waited meanwhile, goes first. */
	rig_settle(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_hear(a, "{'a':'op','c':'c','d':'y','src':'A','seq':2,'v':0}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':3,'op':['1']}");
	rig_settle_on(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_hear_nothing(a);
	rig_settle(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_hear_error(a, "ERR_OTD_STORE_BROKEN");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':4,'op':['1']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':4,'v':1}");
	rig_done(&r);
}

/*
 * A commit that may have been done, and then cannot be: its op is refused,
 * and if it is there the next reader sees it.
 */
static void
test_store_unsure_then_broken(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	rig_settle_on(&r, JOB_COMMIT, ERR_STORE_UNSURE, true);
	rig_tick(&r, 1000);
	rig_settle_on(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_settle(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_hear_error(a, "ERR_OTD_STORE_UNAVAILABLE");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" TEXT_URI
	    "','data':'abc'}}");
	rig_done(&r);
}

/* ---- others write too ---- */

static void
test_race_lost(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[3,'1']}");
	rig_rival(&r, "x", OP_EDIT, "R", 1, "['r']");
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':1,"
	    "'op':['r']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':2,"
	    "'op':[4,'1']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':1,"
	    "'op':['r']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':2}");
	rig_done(&r);
}

/* Taken back, an op without a version means the head that is there then. */
static void
test_race_lost_without_version(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':3,'op':['2']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':4,'del':true}");
	rig_rival(&r, "x", OP_DELETE, "R", 1, NULL);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear_error(a, "ERR_DOC_WAS_DELETED");
	rig_hear_error(a, "ERR_DOC_WAS_DELETED");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':4,'v':2}");
	rig_done(&r);
}

/*
 * An edit staged upon a create that lost its race: the document is of another
 * type then, and the edit was made for that one.
 */
static void
test_race_lost_to_another_type(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text','data':'r'}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[1,'b']}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['r']");
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear_error(a, "ERR_DOC_ALREADY_CREATED");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':['r']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':2}");
	rig_done(&r);
}

static void
test_words(void **state)
{
	struct rig r;
	struct session *b;

	(void)state;
	start_shared(&r);
	b = rig_open(&r, "B");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text'}");
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "['2']");
	rig_rival(&r, "x", OP_EDIT, "R", 3, "['3']");
	rig_rival(&r, "x", OP_EDIT, "R", 4, "['4']");
	rig_word(&r, "x", 1, 2);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':['2']}");
	rig_word(&r, "x", 1, 2);	/* again */
	rig_hear_nothing(b);
	rig_word(&r, "x", 3, 4);	/* one was lost */
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'R','seq':3,"
	    "'op':['3']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':3,'src':'R','seq':4,"
	    "'op':['4']}");
	rig_word(&r, "x", 2, 3);	/* late */
	rig_hear_nothing(b);
	/* Nobody says so: the sweep finds it. */
	rig_rival(&r, "x", OP_EDIT, "R", 5, "['5']");
	rig_tick(&r, r.limits.sweep_ms + 1);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':4,'src':'R','seq':5,"
	    "'op':['5']}");
	rig_done(&r);
}

/* What the client learnt from another process is not refused here. */
static void
test_reads_and_refusals_are_fresh(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text-unicode'}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':['1']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':1}");
	rig_rival(&r, "x", OP_DELETE, "R", 2, NULL);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':2,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':3}");
	rig_rival(&r, "x", OP_EDIT, "R", 3, "['3']");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':5,'type':'" TEXT_URI
	    "','data':'3'}}");
	rig_done(&r);
}

/* The rendering of a version that was taken back is not shown later. */
static void
test_rendering_after_rewind(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" TEXT_URI
	    "','data':'abc'}}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_settle(&r, JOB_COMMIT, ERR_STORE_UNSURE, false);
	rig_tick(&r, 1000);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':[9]}");
	rig_hear_error(a, "ERR_OT_OP_NOT_APPLIED");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':2,'type':'" TEXT_URI
	    "','data':'1abc'}}");
	rig_done(&r);
}

/* A database put back to an earlier state: readers start anew. */
static void
test_store_behind(void **state)
{
	struct rig r;
	struct session *a, *b;
	const char *reason;

	(void)state;
	start_shared(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	pretend_done(&r.store);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text-unicode'}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':3,'op':['1']}");
	assert_int_equal(session_closing(b, &reason), CLOSE_TRY_LATER);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':3,'v':1}");
	rig_done(&r);
}

/*
 * Who knows of epochs is told of a version that never was, once the store has
 * been asked; ShareDB's clients are told nothing.
 */
static void
test_versions_that_never_were(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	snprintf(r.limits.epoch, sizeof(r.limits.epoch), "e-1");
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say(&r, a, "{'a':'hs','id':null,'x':{'epoch':true}}");
	rig_hear(a, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'A',"
	    "'type':'http://sharejs.org/types/JSONv0','x':{'epoch':'e-1'}}");
	rig_say(&r, b, "{'a':'hs','id':null,'x':{'epoch':false}}");
	rig_hear(b, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'B',"
	    "'type':'http://sharejs.org/types/JSONv0'}");
	rig_say_over(&r, a, CREATE_X);
	rig_say(&r, a, "{'a':'s','c':'c','d':'x','v':1}");
	rig_hear(a, "{'a':'s','c':'c','d':'x'}");
	rig_say(&r, a, "{'a':'u','c':'c','d':'x'}");
	rig_hear(a, "{'a':'u','c':'c','d':'x'}");
	/* Another process wrote it, and so it is there. */
	rig_rival(&r, "x", OP_EDIT, "R", 1, "['1']");
	rig_say(&r, a, "{'a':'s','c':'c','d':'x','v':2}");
	rig_hear(a, "{'a':'s','c':'c','d':'x'}");
	rig_say(&r, a, "{'a':'s','c':'c','d':'x','v':3}");
	rig_hear_error(a, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
	rig_say(&r, a, "{'a':'f','c':'c','d':'y','v':1}");
	rig_hear_error(a, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
	rig_say(&r, a, "{'a':'bs','c':'c','b':{'x':9,'y':0}}");
	rig_hear_error(a, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
	rig_hear_nothing(a);
	rig_say(&r, b, "{'a':'s','c':'c','d':'x','v':3}");
	rig_hear(b, "{'a':'s','c':'c','d':'x'}");
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_away),
		cmocka_unit_test(test_store_unsure),
		cmocka_unit_test(test_store_broken),
		cmocka_unit_test(test_store_unsure_then_broken),
		cmocka_unit_test(test_race_lost),
		cmocka_unit_test(test_race_lost_without_version),
		cmocka_unit_test(test_race_lost_to_another_type),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_reads_and_refusals_are_fresh),
		cmocka_unit_test(test_rendering_after_rewind),
		cmocka_unit_test(test_store_behind),
		cmocka_unit_test(test_versions_that_never_were),
	};

	return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
