/*
 * hub: conversations, each about one thing it promises.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URI	"http://sharejs.org/types/text-unicode"
#define CREATE	"{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':" \
		"{'type':'text-unicode','data':'abc'}}"

/* Say it and throw the one answer away. */
static void
say(struct rig *r, struct session *ss, const char *text)
{
	struct frame *f;

	rig_say(r, ss, text);
	f = session_shift(ss);
	assert_non_null(f);
	frame_unref(f);
}

/* One more character, at the head. */
static void
insert(struct rig *r, struct session *ss, int seq)
{
	char text[100];

	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','seq':%d,"
	    "'op':['1']}", seq);
	say(r, ss, text);
}

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

/* ---- one document, one node ---- */

static void
test_greets(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	start(&r);
	ss = hub_open(r.hub, NULL, "A");
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
	rig_say(&r, a, CREATE);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" URI "','data':'abc'}}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[3,'d']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':1}");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':2,'type':'" URI
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
	say(&r, a, CREATE);
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
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
	say(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, CREATE);
	rig_say(&r, b, "{'a':'f','c':'c','d':'x'}");
	rig_hear_nothing(a);
	rig_hear_nothing(b);
	assert_false(hub_is_quiet(r.hub));
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" URI "','data':'abc'}}");
	rig_hear(b, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" URI
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
	say(&r, a, CREATE);
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['2']}");
	rig_say(&r, b, "{'a':'s','c':'c','d':'x','v':1}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':3,"
	    "'op':['2']}");
	rig_hear(b, "{'a':'s','c':'c','d':'x'}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'del':true}");
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
	say(&r, a, CREATE);
	rig_say(&r, a, CREATE);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':['b']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':2,'op':['a']}");
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
	say(&r, a, "{'a':'op','c':'c','d':'x','seq':3,'op':['x']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','seq':4,'op':['x']}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':1,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','seq':5,'create':"
	    "{'type':'text-unicode'}}");
	rig_hear_error(a, "ERR_DOC_ALREADY_CREATED");
	say(&r, a, "{'a':'op','c':'c','d':'x','seq':6,'del':true}");
	say(&r, a, "{'a':'op','c':'c','d':'x','seq':7,'del':true}");
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
	say(&r, a, CREATE);
	say(&r, a, "{'a':'op','c':'c','d':'gone','v':0,'seq':1,'create':"
	    "{'type':'text'}}");
	say(&r, a, "{'a':'op','c':'c','d':'gone','v':1,'seq':9,'del':true}");
	say(&r, a, "{'a':'op','c':'c','d':'json','v':0,'seq':1,'create':"
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
	say(&r, a, CREATE);
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[2,{'d':1}]}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'del':true}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'create':"
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
	say(&r, a, CREATE);
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
	say(&r, a, CREATE);
	rig_say(&r, b, "{'a':'bf','c':'c','b':['x','y','x']}");
	rig_hear(b, "{'a':'bf','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" URI "'},'y':{'v':0,'type':null}}}");
	rig_say(&r, b, "{'a':'bs','c':'c','b':{'x':0,'y':0}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'" URI "','data':'abc'}}");
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
	say(&r, a, CREATE);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':['2']}");
	rig_hear_nothing(b);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(b, "{'a':'bs','c':'c','data':{'x':{'v':1,'data':'abc','type':"
	    "'" URI "'},'y':{'v':0,'type':null}}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':2}");
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
	say(&r, a, CREATE);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':{'x':1,'y':0}}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
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
	say(&r, a, CREATE);
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, b, "{'a':'bs','c':'c','b':['x','y']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	hub_leave(r.hub, b);
	rig_settle(&r, JOB_LOAD, ERR_STORE_AWAY, false);
	say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	rig_done(&r);
}

/* ---- ceilings ---- */

static void
test_line_ceiling(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.line_requests = 2;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_say(&r, a, "{'a':'bf','c':'c','b':['x']}");
	rig_hear(a, "{'a':'bf','c':'c','data':{'x':{'error':{'code':"
	    "'ERR_OTD_BUSY','message':'The document has too many requests "
	    "waiting; try again'}}}}");
	rig_say(&r, a, "{'a':'bf','c':'c','b':{'x':1}}");
	rig_hear_error(a, "ERR_OTD_BUSY");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear_error(a, "ERR_OTD_BUSY");
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_hear_nothing(a);
	rig_done(&r);
}

static void
test_slow_reader(void **state)
{
	struct rig r;
	struct session *a, *b;
	const char *reason;
	int i;

	(void)state;
	rig_init(&r);
	r.limits.outbox_bytes = 300;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	say(&r, a, CREATE);
	say(&r, b, "{'a':'s','c':'c','d':'x'}");
	for (i = 2; i < 20; i++)
		insert(&r, a, i);
	assert_int_equal(session_closing(b, &reason), CLOSE_TRY_LATER);
	assert_null(session_peek(b));
	assert_int_equal(session_closing(a, &reason), CLOSE_NONE);
	hub_leave(r.hub, b);
	rig_done(&r);
}

/*
 * A document larger than the outbox can be read, and followed while it is on
 * its way; but it is no licence for everything after it.
 */
static void
test_large_frame(void **state)
{
	struct rig r;
	struct session *a, *b;
	const char *reason;
	char text[2000];
	int i;

	(void)state;
	rig_init(&r);
	r.limits.outbox_bytes = 300;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'text-unicode','data':'%01000d'}}", 7);
	say(&r, a, text);
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	assert_int_equal(session_closing(b, &reason), CLOSE_NONE);
	for (i = 4; i < 14; i++)
		insert(&r, a, i);
	assert_int_equal(session_closing(b, &reason), CLOSE_TRY_LATER);
	rig_done(&r);
}

static void
test_document_limit(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.document_bytes = 20000;
	rig_start(&r);
	a = rig_open(&r, "A");
	say(&r, a, CREATE);
	char text[40000];
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':['%030000d']}", 7);
	rig_say(&r, a, text);
	rig_hear_error(a, "ERR_OTD_DOCUMENT_TOO_LARGE");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" URI
	    "','data':'abc'}}");
	rig_done(&r);
}

static void
test_inbox_full(void **state)
{
	static const char ping[] = "{\"a\":\"pp\"}";
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.inbox_messages = 2;
	rig_start(&r);
	a = rig_open(&r, "A");
	while (hub_next_ready(r.hub) != NULL)
		;
	assert_true(hub_receive(r.hub, a, ping, sizeof(ping) - 1));
	assert_false(hub_receive(r.hub, a, ping, sizeof(ping) - 1));
	assert_true(session_is_full(a));
	rig_run(&r);
	assert_false(session_is_full(a));
	assert_ptr_equal(hub_next_ready(r.hub), a);
	rig_hear(a, "{'a':'pp'}");
	rig_hear(a, "{'a':'pp'}");
	rig_done(&r);
}

static void
test_subscription_ceiling(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.subscriptions = 2;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_LOAD);
	/* Those that wait count too. */
	rig_say(&r, a, "{'a':'bs','c':'c','b':['x','y']}");
	rig_say(&r, a, "{'a':'s','c':'c','d':'z'}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(a, "{'a':'bs','c':'c','data':{'x':{'v':0,'type':null},"
	    "'y':{'v':0,'type':null}}}");
	rig_say(&r, a, "{'a':'s','c':'c','d':'z'}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	say(&r, a, "{'a':'u','c':'c','d':'x'}");
	rig_say(&r, a, "{'a':'s','c':'c','d':'z'}");
	rig_hear(a, "{'a':'s','c':'c','d':'z','data':{'v':0,'type':null}}");
	rig_done(&r);
}

static void
test_message_too_long(void **state)
{
	struct rig r;
	struct session *a;
	const char *reason;

	(void)state;
	rig_init(&r);
	r.limits.message_bytes = 10;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'pp','x':1}");
	assert_int_equal(session_closing(a, &reason), CLOSE_TOO_BIG);
	rig_done(&r);
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
	rig_say(&r, a, CREATE);
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
		say(&r, a, CREATE);
		say(&r, a, "{'a':'s','c':'c','d':'x'}");
		say(&r, b, "{'a':'s','c':'c','d':'x'}");
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
	rig_say(&r, a, CREATE);
	rig_say(&r, a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'text'}}");
	rig_settle(&r, JOB_COMMIT, ERR_STORE_BROKEN, false);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0}");
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(a, "{'a':'op','c':'c','d':'y','src':'A','seq':2,'v':0}");
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
	say(&r, a, CREATE);
	say(&r, b, "{'a':'s','c':'c','d':'x'}");
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
	say(&r, a, CREATE);
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

static void
test_words(void **state)
{
	struct rig r;
	struct session *b;

	(void)state;
	start_shared(&r);
	b = rig_open(&r, "B");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text'}");
	say(&r, b, "{'a':'s','c':'c','d':'x'}");
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
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':5,'type':'" URI
	    "','data':'3'}}");
	rig_done(&r);
}

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
	say(&r, old, CREATE);
	new = rig_open(&r, "B");
	say(&r, new, "{'a':'hs','id':'A','protocol':1}");
	say(&r, new, "{'a':'s','c':'c','d':'x','v':1}");
	say(&r, old, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(new, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['1']}");
	rig_say(&r, new, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_hear(new, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
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
	say(&r, a, CREATE);
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" URI
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
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':2,'type':'" URI
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
	say(&r, a, CREATE);
	say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	say(&r, b, "{'a':'s','c':'c','d':'x'}");
	pretend_done(&r.store);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'text-unicode'}");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':3,'op':['1']}");
	assert_int_equal(session_closing(b, &reason), CLOSE_TRY_LATER);
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':3,'v':1}");
	rig_done(&r);
}

static void
test_eviction(void **state)
{
	struct rig r;
	struct session *a;
	struct hub_counts counts;

	(void)state;
	rig_init(&r);
	r.limits.hot_bytes = 1;
	rig_start(&r);
	a = rig_open(&r, "A");
	say(&r, a, CREATE);
	rig_tick(&r, 1);
	hub_count(r.hub, &counts);
	assert_int_equal(counts.documents, 0);
	assert_int_equal(counts.hot_bytes, 0);
	say(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_tick(&r, 1);
	hub_count(r.hub, &counts);
	assert_int_equal(counts.documents, 1);
	assert_int_equal(r.loads, 2);
	rig_done(&r);
}

static void
test_checkpoints(void **state)
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
	say(&r, a, CREATE);
	for (i = 2; i <= 17; i++)
		insert(&r, a, i);
	d = pretend_find(&r.store, "c", "x");
	assert_int_equal(d->n_checkpoints, 3);	/* two are kept, and the newest */
	assert_int_equal(d->v, 17);
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
	rig_say(&r, a, CREATE);
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
		cmocka_unit_test(test_bulk_of_versions_does_not_hold),
		cmocka_unit_test(test_bulk_whose_session_left),
		cmocka_unit_test(test_line_ceiling),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_large_frame),
		cmocka_unit_test(test_document_limit),
		cmocka_unit_test(test_inbox_full),
		cmocka_unit_test(test_subscription_ceiling),
		cmocka_unit_test(test_message_too_long),
		cmocka_unit_test(test_store_away),
		cmocka_unit_test(test_store_unsure),
		cmocka_unit_test(test_store_broken),
		cmocka_unit_test(test_race_lost),
		cmocka_unit_test(test_race_lost_without_version),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_reads_and_refusals_are_fresh),
		cmocka_unit_test(test_own_op_of_another_session),
		cmocka_unit_test(test_rendering_after_rewind),
		cmocka_unit_test(test_store_behind),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_checkpoints),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
