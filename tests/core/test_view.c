/*
 * view: a document read through a projection while others write to the store
 * too, ops are taken back and history has to be asked for.
 */
#include "tests/core/rig.h"

#include <stdio.h>

#include "core/catalog.h"

#define JSON1_URI	"http://sharejs.org/types/JSONv1"

static const char *const field[] = { "a" };

struct scene {
	struct rig	 r;
	struct catalog	*catalog;
	struct session	*a, *b;
};

/* c_a shows a of c; c/x is made with that data. */
static void
begin(struct scene *s, size_t window_ops, const char *type)
{
	const struct projection p = { .name = "c_a", .target = "c",
	    .fields = field, .n_fields = 1 };
	struct catalog_plan plan = { .fallback = {
		.types = COLLECTION_ALL_TYPES, .checkpoint_ops = 200,
		.keep_every = 1000, .document_bytes = 1 << 20 },
	    .projections = &p, .n_projections = 1 };
	char text[200];

	s->catalog = catalog_new(&plan);
	rig_init(&s->r);
	s->r.limits.catalog = s->catalog;
	s->r.limits.shared_store = true;
	s->r.limits.window_ops = window_ops;
	rig_start(&s->r);
	s->a = rig_open(&s->r, "A");
	s->b = rig_open(&s->r, "B");
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':0,"
	    "'seq':1,'create':{'type':'%s','data':{'a':1,'h':1}}}", type);
	rig_say_over(&s->r, s->a, text);
}

static void
end(struct scene *s)
{
	rig_done(&s->r);
	catalog_free(s->catalog);
}

/* Its op is refused by the store, taken back, and staged behind a rival's. */
static void
test_taken_back(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1000, "json0");
	rig_say_over(&s.r, s.b, "{'a':'s','c':'c_a','d':'x'}");
	rig_hold(&s.r, JOB_COMMIT);
	rig_say(&s.r, s.a, "{'a':'op','c':'c_a','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['a'],'na':5}]}");
	/* Rendered with what is about to be taken back. */
	rig_say(&s.r, s.b, "{'a':'f','c':'c_a','d':'x'}");
	rig_hear_nothing(s.b);
	rig_rival(&s.r, "x", OP_EDIT, "R", 1,
	    "[{'p':['h'],'na':1},{'p':['a'],'na':10}]");
	rig_settle(&s.r, JOB_COMMIT, ERR_NONE, true);
	/* An author who does not read is told what came before. */
	rig_hear(s.a, "{'a':'op','c':'c_a','d':'x','v':1,'src':'R','seq':1,"
	    "'op':[{'p':['a'],'na':10}]}");
	rig_hear(s.a, "{'a':'op','c':'c_a','d':'x','src':'A','seq':2,'v':2}");
	rig_hear_nothing(s.a);
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':1,'src':'R','seq':1,"
	    "'op':[{'p':['a'],'na':10}]}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':2,'src':'A','seq':2,"
	    "'op':[{'p':['a'],'na':5}]}");
	rig_hear(s.b, "{'a':'f','c':'c_a','d':'x','data':{'v':3,"
	    "'data':{'a':16}}}");
	rig_hear_nothing(s.b);
	end(&s);
}

/* Within when it was sent; carried past another's op it is not any more. */
static void
test_carried_outside(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1000, "json1");
	rig_say_over(&s.r, s.b, "{'a':'s','c':'c_a','d':'x'}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[['a',{'p':0}],['z',{'d':0}]]}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':1,'src':'A','seq':2,"
	    "'op':['a',{'r':true}]}");
	rig_say(&s.r, s.b, "{'a':'op','c':'c_a','d':'x','v':1,'seq':1,"
	    "'op':['a',{'ena':1}]}");
	rig_hear_error(s.b, "ERR_OP_NOT_ALLOWED_IN_PROJECTION");
	rig_say(&s.r, s.b, "{'a':'f','c':'c','d':'x'}");
	rig_hear(s.b, "{'a':'f','c':'c','d':'x','data':{'v':2,"
	    "'data':{'h':1,'z':1},'type':'" JSON1_URI "'}}");
	end(&s);
}

/* What the window has lost comes from the store, not read yet. */
static void
test_history_of_the_store(void **state)
{
	struct scene s;
	char text[100];
	int i;

	(void)state;
	begin(&s, 1, "json0");
	for (i = 1; i < 4; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'v':%d,'seq':%d,'op':[{'p':['%s'],'na':1}]}", i, i + 1,
		    i == 2 ? "h" : "a");
		rig_say_over(&s.r, s.a, text);
	}
	s.r.reads = 0;
	rig_say(&s.r, s.b, "{'a':'s','c':'c_a','d':'x','v':0}");
	assert_int_not_equal(s.r.reads, 0);
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'http://sharejs.org/types/JSONv0',"
	    "'data':{'a':1}}}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':2,'src':'A','seq':3,"
	    "'op':[]}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'x','v':3,'src':'A','seq':4,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.b, "{'a':'s','c':'c_a','d':'x'}");
	rig_hear_nothing(s.b);
	end(&s);
}

/* What another process wrote comes over the bus, by every name. */
static void
test_heard(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1000, "json0");
	rig_say_over(&s.r, s.a, "{'a':'s','c':'c','d':'x'}");
	rig_say_over(&s.r, s.a, "{'a':'s','c':'c_a','d':'x'}");
	rig_rival(&s.r, "x", OP_EDIT, "R", 1, "[{'p':['h'],'na':1}]");
	rig_word(&s.r, "x", 1, 2);
	rig_hear(s.a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':1,"
	    "'op':[{'p':['h'],'na':1}]}");
	rig_hear(s.a, "{'a':'op','c':'c_a','d':'x','v':1,'src':'R','seq':1,"
	    "'op':[]}");
	/* Its own, made at another process: by every name it read by there. */
	rig_rival(&s.r, "x", OP_EDIT, "A", 7, "[{'p':['a'],'na':1}]");
	rig_word(&s.r, "x", 2, 3);
	rig_hear(s.a, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':7,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.a, "{'a':'op','c':'c_a','d':'x','v':2,'src':'A','seq':7,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear_nothing(s.a);
	end(&s);
}

/* A document that was of another type, and one that becomes so. */
static void
test_other_lives(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 1000, "json0");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':0,'seq':2,"
	    "'create':{'type':'json1','data':{'a':1,'h':1}}}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':1,'seq':3,"
	    "'op':['h',{'r':true}]}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':2,'seq':4,"
	    "'del':true}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':3,'seq':5,"
	    "'create':{'type':'json0','data':{'a':2,'h':1}}}");
	rig_say(&s.r, s.b, "{'a':'s','c':'c_a','d':'y','v':1}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'y','v':1,'src':'A','seq':3,"
	    "'op':null}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'y','v':2,'src':'A','seq':4,"
	    "'del':true}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'y','v':3,'src':'A','seq':5,"
	    "'create':{'type':'http://sharejs.org/types/JSONv0',"
	    "'data':{'a':2}}}");
	rig_hear(s.b, "{'a':'s','c':'c_a','d':'y'}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':4,'seq':6,"
	    "'del':true}");
	rig_hear(s.b, "{'a':'op','c':'c_a','d':'y','v':4,'src':'A','seq':6,"
	    "'del':true}");
	/* This it is not told, and when it asks it is told why. */
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'y','v':5,'seq':7,"
	    "'create':{'type':'text','data':'abc'}}");
	rig_hear_nothing(s.b);
	rig_say(&s.r, s.b, "{'a':'f','c':'c_a','d':'y','v':5}");
	rig_hear_error(s.b, "ERR_TYPE_CANNOT_BE_PROJECTED");
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_carried_outside),
		cmocka_unit_test(test_history_of_the_store),
		cmocka_unit_test(test_heard),
		cmocka_unit_test(test_other_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
