/*
 * hub: conversations, each about one thing it promises.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
start(struct rig *r)
{
	rig_init(r);
	rig_start(r);
}

/* ---- one document, one node ---- */

static void
test_greets(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	start(&r);
	ss = hub_open(r.hub, NULL, "A", NULL, 0);
	rig_hear(ss, "{'a':'init','protocol':1,'protocolMinor':2,'id':'A',"
	    "'type':'http://sharejs.org/types/JSONv0'}");
	rig_say(&r, ss, "{'a':'hs','id':null,'protocol':1}");
	rig_hear(ss, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'A',"
	    "'type':'http://sharejs.org/types/JSONv0'}");
	rig_say(&r, ss, "{'a':'hs','id':'old','protocol':1}");
	rig_hear(ss, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'old',"
	    "'type':'http://sharejs.org/types/JSONv0'}");
	rig_say(&r, ss, "{'a':'pp'}");
	rig_hear(ss, "{'a':'pp'}");
	rig_say(&r, ss, "{'a':'xx','id':7}");
	rig_hear_error(ss, "ERR_MESSAGE_BADLY_FORMED");
	rig_say(&r, ss, "'text'");
	rig_hear_error(ss, "ERR_MESSAGE_BADLY_FORMED");
	hub_leave(r.hub, ss);
	rig_done(&r);
}

static void
test_reads_and_writes(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_hear(b, "{'a':'s','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_say(&r, a, CREATE_X);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" TEXT_URI "','data':'abc'}}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[3,'d']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':1}");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':2,'type':'" TEXT_URI
	    "','data':'abcd'}}");
	rig_hear_nothing(a);
	rig_hear_nothing(b);
	rig_done(&r);
}

/* An author who does not read hears what came before its op, then the ack. */
static void
test_missed_ops_before_the_ack(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[3,'2']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':2}");
	rig_hear_nothing(b);
	rig_done(&r);
}

static void
test_nothing_before_the_store_has_it(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	rig_say(&r, b, "{'a':'f','c':'c','d':'x'}");
	rig_hear_nothing(a);
	rig_hear_nothing(b);
	assert_false(hub_is_quiet(r.hub));
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" TEXT_URI "','data':'abc'}}");
	rig_hear(b, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" TEXT_URI
	    "','data':'abc'}}");
	rig_tick(&r, 1);
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

static void
test_reading_from_a_version(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.window_ops = 1;	/* so that the store is asked */
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['2']}");
	rig_say(&r, b, "{'a':'s','c':'c','d':'x','v':1}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':3,"
	    "'op':['2']}");
	rig_hear(b, "{'a':'s','c':'c','d':'x'}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'del':true}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':3,'src':'A','seq':4,"
	    "'del':true}");
	rig_say(&r, b, "{'a':'f','c':'c','d':'x','v':9}");
	rig_hear(b, "{'a':'f','c':'c','d':'x'}");
	rig_done(&r);
}

static void
test_repeated_ops(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.window_ops = 1;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say(&r, a, CREATE_X);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_say_over(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':['b']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':2,'op':['a']}");
	/* Under its former src, far behind: no missed ops, its own version. */
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['a']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':2}");
	rig_hear_nothing(b);
	assert_int_equal(pretend_version(&r.store, "c", "x"), 3);
	rig_done(&r);
}

/* Without a version the head is meant; a create may be one sent again. */
static void
test_no_version(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.window_ops = 1;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':null,'seq':1,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':2,'op':['x']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','seq':3,'op':['x']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','seq':4,'op':['x']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':1,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':5,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear_error(a, "ERR_DOC_ALREADY_CREATED");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','seq':6,'del':true}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','seq':7,'del':true}");
	/* Even when what it made is gone, it is not made again. */
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':1,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	assert_int_equal(pretend_version(&r.store, "c", "x"), 6);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':8,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':8,'v':6}");
	rig_done(&r);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text, *code;
	} rows[] = {
		{ "{'a':'op','c':'c','d':'y','v':0,'seq':2,'op':[]}",
		  "ERR_DOC_DOES_NOT_EXIST" },
		{ "{'a':'op','c':'c','d':'y','v':1,'seq':2,'op':[]}",
		  "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT" },
		{ "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
		  "{'type':'nope'}}", "ERR_DOC_TYPE_NOT_RECOGNIZED" },
		{ "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':{}}",
		  "ERR_OT_OP_NOT_APPLIED" },
		{ "{'a':'op','c':'c','d':'json','v':1,'seq':2,'op':{}}",
		  "ERR_OT_OP_BADLY_FORMED" },
		{ "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[9,'x']}",
		  "ERR_OT_OP_NOT_APPLIED" },
		{ "{'a':'op','c':'c','d':'x','v':0,'seq':2,'create':"
		  "{'type':'text'}}", "ERR_DOC_ALREADY_CREATED" },
		{ "{'a':'op','c':'c','d':'x','v':0,'seq':2,'op':['x']}",
		  "ERR_DOC_ALREADY_CREATED" },
		{ "{'a':'op','c':'c','d':'x','v':1,'seq':2,'create':"
		  "{'type':'text'}}", "ERR_DOC_ALREADY_CREATED" },
		{ "{'a':'op','c':'c','d':'gone','v':1,'seq':2,'op':['x']}",
		  "ERR_DOC_WAS_DELETED" },
	};
	struct rig r;
	struct session *a;
	size_t i;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'gone','v':0,'seq':1,'create':"
	    "{'type':'text'}}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'gone','v':1,'seq':9,'del':true}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'json','v':0,'seq':1,'create':"
	    "{'type':'json0'}}");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_say(&r, a, rows[i].text);
		rig_hear_error(a, rows[i].code);
		rig_hear_nothing(a);
	}
	assert_int_equal(pretend_version(&r.store, "c", "x"), 1);
	rig_done(&r);
}

/*
 * An edit sent again after its document was deleted and made anew with
 * another type is still the edit that was taken.
 */
static void
test_repeated_across_types(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[2,{'d':1}]}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'del':true}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'create':"
	    "{'type':'json0','data':{}}}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[2,{'d':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':5,"
	    "'op':['x']}");
	rig_hear_error(a, "ERR_DOC_WAS_DELETED");
	/* And what was taken then still reads as it was. */
	rig_say(&r, a, "{'a':'f','c':'c','d':'x','v':1}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[2,{'d':1}]}");
	rig_done(&r);
}

static void
test_unsubscribing(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say(&r, b, "{'a':'u','c':'c','d':'x'}");
	rig_hear(b, "{'a':'u','c':'c','d':'x'}");
	/* While the subscribe still waits for the document. */
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_say(&r, b, "{'a':'bu','c':'c','b':['x','y']}");
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_say(&r, b, "{'a':'u','c':'c','d':'x'}");
	rig_hear_nothing(b);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'s','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_hear(b, "{'a':'bu','c':'c','b':['x','y']}");
	rig_hear(b, "{'a':'s','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_hear(b, "{'a':'u','c':'c','d':'x'}");
	rig_say_over(&r, a, CREATE_X);
	rig_hear_nothing(b);
	rig_done(&r);
}

/* ---- bulk ---- */

static void
test_bulk(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say(&r, b, "{'a':'bf','c':'c','b':['x','y','x']}");
	rig_hear(b, "{'a':'bf','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" TEXT_URI "'},'y':{'v':0,'type':null}}}");
	rig_say(&r, b, "{'a':'bs','c':'c','b':{'x':0,'y':0}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" TEXT_URI "','data':'abc'}}");
	rig_hear(b, "{'a':'bs','c':'c','b':{'x':0,'y':0}}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_say(&r, b, "{'a':'bu','c':'c','b':['x']}");
	rig_hear(b, "{'a':'bu','c':'c','b':['x']}");
	rig_say(&r, b, "{'a':'bf','c':'c','b':[]}");
	rig_hear(b, "{'a':'bf','c':'c','data':{}}");
	rig_done(&r);
}

/*
 * While the reply of a bulk waits for its other documents, ops are kept back;
 * so is the acknowledgement of the reader's own, or it would overtake them.
 */
static void
test_bulk_holds_back(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':['2']}");
	rig_hear_nothing(b);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'bs','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" TEXT_URI "'},'y':{'v':0,'type':null}}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':2}");
	rig_done(&r);
}

/* Who stops reading meanwhile gets none of them. */
static void
test_bulk_unsubscribed_from(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	rig_insert(&r, a, 2);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':2,'seq':1,'op':['2']}");
	rig_hear_nothing(b);
	rig_say(&r, b, "{'a':'u','c':'c','d':'x'}");
	rig_hear(b, "{'a':'u','c':'c','d':'x'}");
	rig_insert(&r, a, 3);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'bs','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" TEXT_URI "'},'y':{'v':0,'type':null}}}");
	/* The acknowledgement of its own stays due. */
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':2}");
	rig_hear_nothing(b);
	rig_done(&r);
}

/* Two bulks at once: nothing overtakes what the first one holds. */
static void
test_bulk_in_bulk(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	rig_insert(&r, a, 2);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x']}");
	rig_hear(b, "{'a':'bs','c':'c','data':{'x':{'v':2,'data':'1abc','type':"
	    "'" TEXT_URI "'}}}");
	rig_insert(&r, a, 3);
	rig_hear_nothing(b);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'bs','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" TEXT_URI "'},'y':{'v':0,'type':null}}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':3,"
	    "'op':['1']}");
	rig_hear_nothing(b);
	rig_done(&r);
}

/* Who names versions has what it needs: nothing is kept back. */
static void
test_bulk_of_versions_does_not_hold(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':{'x':1,'y':0}}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'bs','c':'c','b':{'x':1,'y':0}}");
	rig_done(&r);
}

static void
test_bulk_whose_session_left(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	hub_leave(r.hub, b);
	rig_settle(&r, JOB_LOAD, ERR_STORE_AWAY, false);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	rig_done(&r);
}

/* ---- and more ---- */

/*
 * A client that came back in a new session, while its old one's op is still
 * on its way: the new one gets the op, for the acknowledgement goes to the
 * old.
 */
static void
test_own_op_of_another_session(void **state)
{
	struct rig r;
	struct session *old, *new;

	(void)state;
	start(&r);
	old = rig_open(&r, "A");
	rig_say_over(&r, old, CREATE_X);
	new = rig_open(&r, "B");
	rig_say_over(&r, new, "{'a':'hs','id':'A','protocol':1}");
	rig_say_over(&r, new, "{'a':'s','c':'c','d':'x','v':1}");
	rig_say_over(&r, old, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(new, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_say(&r, new, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(new, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
	rig_done(&r);
}

static void
test_drain(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE_X);
	hub_drain(r.hub);
	rig_say(&r, a, "{'a':'pp'}");
	rig_hear_nothing(a);
	assert_false(hub_is_quiet(r.hub));
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greets),
		cmocka_unit_test(test_reads_and_writes),
		cmocka_unit_test(test_missed_ops_before_the_ack),
		cmocka_unit_test(test_nothing_before_the_store_has_it),
		cmocka_unit_test(test_reading_from_a_version),
		cmocka_unit_test(test_repeated_ops),
		cmocka_unit_test(test_no_version),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_repeated_across_types),
		cmocka_unit_test(test_unsubscribing),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_bulk_holds_back),
		cmocka_unit_test(test_bulk_unsubscribed_from),
		cmocka_unit_test(test_bulk_in_bulk),
		cmocka_unit_test(test_bulk_of_versions_does_not_hold),
		cmocka_unit_test(test_bulk_whose_session_left),
		cmocka_unit_test(test_own_op_of_another_session),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
