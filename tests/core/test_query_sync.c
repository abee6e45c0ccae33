/*
 * hub: queries where others write too, and clients that come back.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <string.h>

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

/* The word of the store's ops [from, to) of c/id. */
static struct word *
word_of(struct rig *r, const char *id, uint64_t from, uint64_t to)
{
	struct word *w = word_new(WORD_OPS, "c", id);
	const struct pretend_doc *d = pretend_find(&r->store, "c", id);

	for (; from < to; from++)
		op_list_add(&w->ops, pretend_copy(d->log[from]));
	return w;
}

/* ---- others write ---- */

static void
test_words(void **state)
{
	struct rig r;
	struct session *a;
	char id[8];
	int i;

	(void)state;
	start(&r, true);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'" JSON0
	    "','data':{'n':1}}");
	a = rig_open(&r, "A");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_tick(&r, 1000);
	/* Its op goes out at once; what it means is asked for. */
	rig_hold(&r, JOB_FIND);
	rig_rival(&r, "x", OP_EDIT, "R", 2, "[{'p':['n'],'na':1}]");
	rig_word(&r, "x", 1, 2);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':[{'p':['n'],'na':1}]}");
	for (i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		rig_rival(&r, id, OP_CREATE, "R", (uint64_t)i + 3,
		    i < 2 ? "{'type':'" JSON0 "','data':{'n':1}}" :
		    "{'type':'" JSON0 "','data':{'n':2}}");
		rig_word(&r, id, 0, 1);
	}
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'remove','index':0,"
	    "'howMany':1}]}");
	rig_hear_nothing(a);
	rig_hold(&r, JOB_FIND);
	rig_tick(&r, r.limits.query_ms);
	assert_int_equal(rig_held(&r, JOB_FIND)->find.n_ids, 30);
	rig_settle(&r, JOB_FIND, ERR_NONE, true);
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'insert','index':0,"
	    "'values':[{'d':'r0','v':1,'data':{'n':1}}]}]}");
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'insert','index':1,"
	    "'values':[{'d':'r1','v':1,'data':{'n':1}}]}]}");
	rig_hear_nothing(a);
	assert_int_equal(r.loads, 0);
	rig_done(&r);
}

/* Content that comes with the word: nothing is asked, and late is late. */
static void
test_content(void **state)
{
	struct rig r;
	struct session *a;
	struct word *w;

	(void)state;
	start(&r, true);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c','q':{'n':1}}");
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'" JSON0
	    "','data':{'n':1}}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "[{'p':['n'],'na':1}]");
	w = word_of(&r, "x", 0, 1);
	word_set_content(w, JSON0, "{\"n\":1}", 7);
	hub_hear(r.hub, w);
	rig_run(&r);
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'insert','index':0,"
	    "'values':[{'d':'x','v':1,'data':{'n':1}}]}]}");
	w = word_of(&r, "x", 1, 2);
	word_set_content(w, JSON0, "{\"n\":2}", 7);
	hub_hear(r.hub, w);
	rig_run(&r);
	/* The diff before the op that did it. */
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'remove','index':0,"
	    "'howMany':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':[{'p':['n'],'na':1}]}");
	/* The first one again, late. */
	w = word_of(&r, "x", 0, 1);
	word_set_content(w, JSON0, "{\"n\":1}", 7);
	hub_hear(r.hub, w);
	rig_run(&r);
	rig_tick(&r, 1000);
	rig_hear_nothing(a);
	assert_int_equal(finds(&r), 1);
	rig_done(&r);
}

/* A lost word: the next one shows the gap. */
static void
test_gap(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r, true);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'" JSON0
	    "','data':{'n':1}}");
	a = rig_open(&r, "A");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c'}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "[{'p':['n'],'na':1}]");
	rig_rival(&r, "x", OP_EDIT, "R", 3, "[{'p':['n'],'na':2}]");
	rig_word(&r, "x", 2, 3);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':[{'p':['n'],'na':1}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':2,'src':'R','seq':3,"
	    "'op':[{'p':['n'],'na':2}]}");
	rig_hear_nothing(a);
	rig_done(&r);
}

/* No next word comes: what the bus has lost is found by and by. */
static void
test_back(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r, true);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'" JSON0
	    "','data':{'n':1}}");
	a = rig_open(&r, "A");
	rig_say_over(&r, a, "{'a':'qs','id':1,'c':'c'}");
	rig_tick(&r, 1000);
	rig_rival(&r, "x", OP_EDIT, "R", 2, "[{'p':['n'],'na':1}]");
	rig_rival(&r, "y", OP_CREATE, "R", 3, "{'type':'" JSON0 "'}");
	hub_hear(r.hub, word_new(WORD_BACK, NULL, NULL));
	rig_run(&r);
	rig_hear(a, "{'a':'q','id':1,'diff':[{'type':'insert','index':1,"
	    "'values':[{'d':'y','v':1,'data':null}]}]}");
	rig_hear_nothing(a);
	rig_tick(&r, 500);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':[{'p':['n'],'na':1}]}");
	rig_tick(&r, 500);
	rig_hear_nothing(a);
	rig_done(&r);
}

/* ---- coming back ---- */

static void
test_known(void **state)
{
	struct rig r;
	struct session *w, *a;

	(void)state;
	start(&r, false);
	w = with_three(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'b','v':1,'seq':4,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'a','v':1,'seq':5,"
	    "'del':true}");
	rig_say_over(&r, w, CREATE("d", "6", "{'n':4}"));
	rig_say(&r, a, "{'a':'qs','id':3,'c':'c','q':{},"
	    "'r':[['a',1],['b',1],['c',null]]}");
	rig_hear(a, "{'a':'op','c':'c','d':'b','v':1,'src':'W','seq':4,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'a','v':1,'src':'W','seq':5,"
	    "'del':true}");
	rig_hear(a, "{'a':'q','id':3,'diff':[{'type':'remove','index':0,"
	    "'howMany':1},{'type':'insert','index':2,'values':["
	    "{'d':'d','v':1,'data':{'n':4}}]}]}");
	rig_hear(a, "{'a':'qs','id':3,'data':{'c':{'v':1,'data':{'n':3}}}}");
	/* All of it is there already: nothing but the answer. */
	rig_say(&r, a, "{'a':'qs','id':3,'c':'c','q':{},"
	    "'r':[['b',2],['c',1],['d',1]]}");
	rig_hear(a, "{'a':'qs','id':3}");
	rig_say_over(&r, w, "{'a':'op','c':'c','d':'d','v':1,'seq':7,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear(a, "{'a':'op','c':'c','d':'d','v':1,'src':'W','seq':7,"
	    "'op':[{'p':['n'],'na':5}]}");
	rig_hear_nothing(a);
	rig_done(&r);
}

/* What happens before the answer waits for it. */
static void
test_known_meanwhile(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	start(&r, false);
	rig_rival(&r, "x", OP_CREATE, "R", 1, "{'type':'" JSON0
	    "','data':{'n':1}}");
	rig_rival(&r, "x", OP_EDIT, "R", 2, "[{'p':['n'],'na':1}]");
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_LOAD);
	rig_say(&r, a, "{'a':'qs','id':3,'c':'c','q':{},'r':[['x',1]]}");
	rig_say_over(&r, rig_open(&r, "W"), "{'a':'pp'}");
	rig_hear_nothing(a);
	rig_settle(&r, JOB_LOAD, ERR_NONE, true);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':2,"
	    "'op':[{'p':['n'],'na':1}]}");
	rig_hear(a, "{'a':'qs','id':3}");
	rig_hear_nothing(a);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_known_meanwhile),
	};

	return cmocka_run_group_tests_name("core/query_sync", tests, NULL,
	    NULL);
}
