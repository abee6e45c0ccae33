/*
 * project: what is shown of snapshots and ops, what may be submitted, and
 * readers of one document by several names.
 */
#include "tests/core/rig.h"

#include <stdlib.h>
#include <string.h>

#include "core/project.h"
#include "ot/json_value.h"
#include "tests/proto/quoted.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define JSON1_URI	"http://sharejs.org/types/JSONv1"
#define OUTSIDE		"ERR_OP_NOT_ALLOWED_IN_PROJECTION"

static const char *const fields[] = { "b", "a", "0" };

/* Whose projections show a and b, and 0. */
static struct catalog *
catalog_ab(void)
{
	const struct projection p[] = {
		{ .name = "c_ab", .target = "c", .fields = fields,
		  .n_fields = 3 },
		{ .name = "c_b", .target = "c", .fields = fields,
		  .n_fields = 1 },
		{ .name = "*_ab", .target = "*_all", .fields = fields,
		  .n_fields = 3 },
	};
	struct catalog_plan plan = { .fallback = {
		.types = COLLECTION_ALL_TYPES, .checkpoint_ops = 200,
		.keep_every = 1000, .document_bytes = 1 << 20 },
	    .projections = p, .n_projections = COUNT(p) };

	return catalog_new(&plan);
}

static const struct projection *
projection_ab(const struct catalog *c)
{
	return catalog_next_projection(c, "c", NULL);
}

static void
equal(const char *text, size_t len, const char *wanted)
{
	char *w = quoted(wanted);
	struct json *a, *b;
	struct ot_err err;

	assert_int_equal(json_parse(text, len, 0, &a, &err), 0);
	assert_int_equal(json_parse(w, strlen(w), 0, &b, &err), 0);
	if (!json_deep_equal(a, b))
		fail_msg("%.*s\nwanted %s", (int)len, text, w);
	json_unref(a);
	json_unref(b);
	free(w);
}

/* ---- snapshots ---- */

static void
test_snapshots(void **state)
{
	static const struct { const char *type, *data, *shown; } rows[] = {
		{ "json0", "{'a':1,'x':2,'b':{'x':3}}",
		  "{'v':7,'data':{'a':1,'b':{'x':3}}}" },
		{ "json0", "{'x':2}", "{'v':7,'data':{}}" },
		{ "json0", "{'0':1,'00':2,'a.':3}", "{'v':7,'data':{'0':1}}" },
		/* What is no object looks like null. */
		{ "json0", "[1,2]", "{'v':7,'data':null}" },
		{ "json0", "'abc'", "{'v':7,'data':null}" },
		{ "json0", "null", "{'v':7,'data':null}" },
		{ "json0", NULL, "{'v':7}" },
		{ "json1", "{'a':null,'x':2}",
		  "{'v':7,'data':{'a':null},'type':'" JSON1_URI "'}" },
		{ "json1", "5", "{'v':7,'data':null,'type':'" JSON1_URI "'}" },
		{ "json1", NULL, "{'v':7,'type':'" JSON1_URI "'}" },
	};
	struct catalog *c = catalog_ab();
	struct buf b = BUF_INIT;
	struct snapshot s;
	struct ot_err err;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s = (struct snapshot){ 7, ot_type_find(rows[i].type), NULL };
		text = rows[i].data != NULL ? quoted(rows[i].data) : NULL;
		assert_int_equal(s.type->load(text, text != NULL ?
		    strlen(text) : 0, &s.data, &err), 0);
		buf_reset(&b);
		assert_int_equal(project_snapshot(projection_ab(c), &s, &b), 0);
		equal(b.data, b.len, rows[i].shown);
		snapshot_done(&s);
		free(text);
	}
	s = (struct snapshot){ 7, NULL, NULL };
	buf_reset(&b);
	assert_int_equal(project_snapshot(projection_ab(c), &s, &b), 0);
	equal(b.data, b.len, "{'v':7,'type':null}");
	s.type = &ot_type_text;
	assert_int_equal(s.type->load("\"abc\"", 5, &s.data, &err), 0);
	buf_reset(&b);
	assert_int_equal(project_snapshot(projection_ab(c), &s, &b),
	    ERR_UNPROJECTED);
	assert_int_equal(b.len, 0);
	assert_int_equal(project_snapshot(NULL, &s, &b), 0);
	snapshot_done(&s);
	buf_done(&b);
	catalog_free(c);
}

/* ---- ops ---- */

static struct op *
op_of(enum op_kind kind, const char *body)
{
	char *text = quoted(body);
	struct op *op = op_new(kind, 3, "A", 5, text, strlen(text));

	free(text);
	return op;
}

/* shown NULL: it cannot be.  within: it may be submitted. */
static void
look(const char *type, enum op_kind kind, const char *body, const char *shown,
    bool within)
{
	struct catalog *c = catalog_ab();
	const struct projection *p = projection_ab(c);
	struct op *raw = op_of(kind, body), *op = op_of(kind, body), *out;
	struct ot_err err;
	enum err rc;

	if (op_parse(op, ot_type_find(type), &err) != 0)
		fail_msg("%s: %s", body, err.text);
	rc = project_op(p, op, NULL, &out);
	assert_int_equal(rc, shown != NULL ? ERR_NONE : ERR_UNPROJECTED);
	if (rc == ERR_NONE) {
		equal(out->body, out->body_len, shown);
		assert_int_equal(out->v, 3);
		assert_int_equal(out->seq, 5);
		assert_string_equal(out->src, "A");
		op_unref(out);
	}
	assert_int_equal(project_check_op(p, op), within ? ERR_NONE :
	    ERR_OUTSIDE_PROJECTION);
	/* Out of the store, where nobody knows its type any more. */
	rc = project_op(p, raw, &ot_type_text, &out);
	assert_int_equal(rc, shown != NULL ? ERR_NONE : ERR_UNPROJECTED);
	if (rc == ERR_NONE) {
		equal(out->body, out->body_len, shown);
		op_unref(out);
	}
	op_unref(raw);
	op_unref(op);
	catalog_free(c);
}

static void
test_json0_ops(void **state)
{
	static const struct { const char *op, *shown; bool within; } rows[] = {
		{ "[]", "[]", true },
		{ "[{'p':['a'],'oi':1}]", "[{'p':['a'],'oi':1}]", true },
		{ "[{'p':['x'],'oi':1}]", "[]", false },
		{ "[{'p':['a','x',2],'ld':1,'li':2},{'p':['x','a'],'na':1}]",
		  "[{'p':['a','x',2],'ld':1,'li':2}]", false },
		{ "[{'p':['b','x'],'t':'text0','o':[{'p':0,'i':'y'}]}]",
		  "[{'p':['b','x'],'t':'text0','o':[{'p':0,'i':'y'}]}]", true },
		/* A number is the name that JavaScript makes of it. */
		{ "[{'p':[0],'li':1},{'p':[1],'li':1}]", "[{'p':[0],'li':1}]",
		  false },
		/* The root. */
		{ "[{'p':[],'od':{'a':1,'x':2},'oi':{'x':3}}]",
		  "[{'p':[],'od':{'a':1},'oi':{}}]", false },
		{ "[{'p':[],'oi':[1]}]", "[{'p':[],'oi':null}]", false },
		{ "[{'p':[],'od':null}]", "[{'p':[],'od':null}]", false },
		{ "[{'p':[],'na':1}]", "[]", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		look("json0", OP_EDIT, rows[i].op, rows[i].shown,
		    rows[i].within);
}

static void
test_json1_ops(void **state)
{
	static const struct { const char *op, *shown; bool within; } rows[] = {
		{ "null", "null", true },
		{ "['a',{'i':1}]", "['a',{'i':1}]", true },
		{ "['x',{'r':true}]", "null", false },
		{ "[['a','x',{'r':1}],['x',{'i':2}]]", "['a','x',{'r':1}]",
		  false },
		{ "['b','x',{'es':['y']}]", "['b','x',{'es':['y']}]", true },
		{ "[0,{'i':1}]", "null", false },
		/* Moves within, out of and beside what is shown. */
		{ "[['a',{'p':0}],['b',{'d':0}]]",
		  "[['a',{'p':0}],['b',{'d':0}]]", true },
		{ "[['a',{'p':0}],['x',{'d':0}]]", "['a',{'r':true}]", false },
		{ "[['x',{'p':0}],['y',{'d':0}]]", "null", false },
		{ "[['a',{'d':0}],['x',{'p':0}]]", NULL, false },
		/* Slots are numbered anew. */
		{ "[['a','k',{'p':1}],['b',{'d':1}],['x',{'p':0}],"
		  "['y',{'d':0}]]", "[['a','k',{'p':0}],['b',{'d':0}]]",
		  false },
		/* What is inside of what leaves may stay. */
		{ "[['a',{'p':1},'k',{'p':0}],['b',{'d':0}],['x',{'d':1}]]",
		  "[['a',{'r':true},'k',{'p':0}],['b',{'d':0}]]", false },
		/* The root. */
		{ "[{'r':true,'i':{'a':1,'x':2}},'b',{'i':3}]",
		  "[{'r':true,'i':{'a':1}},'b',{'i':3}]", false },
		{ "[{'r':true,'i':{'a':1}},'x',{'i':3}]",
		  "[{'r':true,'i':{'a':1}}]", false },
		{ "[{'r':true,'i':'abc'}]", "[{'r':true,'i':null}]", false },
		{ "[{'r':true}]", "[{'r':true}]", false },
		{ "[{'es':['y']}]", "null", false },
		{ "[{'p':0,'i':{}},'x',{'d':0}]", "[{'r':true,'i':{}}]",
		  false },
		{ "[{'p':0,'i':{}},'a',{'d':0}]", NULL, false },
		{ "[{'r':true,'d':0},'a',{'p':0}]", NULL, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		look("json1", OP_EDIT, rows[i].op, rows[i].shown,
		    rows[i].within);
}

static void
test_creates(void **state)
{
	static const struct { const char *body, *shown; bool within; } rows[] = {
		{ "{'type':'json0','data':{'a':1,'x':2}}",
		  "{'type':'http://sharejs.org/types/JSONv0','data':{'a':1}}",
		  false },
		{ "{'type':'json0','data':{'a':1}}",
		  "{'type':'http://sharejs.org/types/JSONv0','data':{'a':1}}",
		  true },
		{ "{'type':'json0','data':null}",
		  "{'type':'http://sharejs.org/types/JSONv0','data':null}",
		  true },
		{ "{'type':'json0'}",
		  "{'type':'http://sharejs.org/types/JSONv0'}", true },
		{ "{'type':'json0','data':[]}",
		  "{'type':'http://sharejs.org/types/JSONv0','data':null}",
		  false },
		{ "{'type':'json1','data':{'x':1}}",
		  "{'type':'" JSON1_URI "','data':{}}", false },
		{ "{'type':'text','data':'abc'}", NULL, false },
	};
	struct catalog *c = catalog_ab();
	struct op *del = op_new(OP_DELETE, 1, "A", 1, NULL, 0), *out;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		look("json0", OP_CREATE, rows[i].body, rows[i].shown,
		    rows[i].within);
	assert_int_equal(project_check_op(projection_ab(c), del), ERR_NONE);
	assert_int_equal(project_op(projection_ab(c), del, NULL, &out), 0);
	assert_ptr_equal(out, del);
	op_unref(out);
	op_unref(del);
	catalog_free(c);
}

/* ---- in the hub ---- */

struct scene {
	struct rig	 r;
	struct catalog	*catalog;
	struct session	*a, *b;
};

static void
begin(struct scene *s)
{
	s->catalog = catalog_ab();
	rig_init(&s->r);
	s->r.limits.catalog = s->catalog;
	rig_start(&s->r);
	s->a = rig_open(&s->r, "A");
	s->b = rig_open(&s->r, "B");
	rig_say_over(&s->r, s->a, "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'json0','data':{'a':1,'x':2}}}");
}

static void
end(struct scene *s)
{
	rig_done(&s->r);
	catalog_free(s->catalog);
}

/* One session, one document, three names: three documents to it. */
static void
test_readers(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say(&s.r, s.b, "{'a':'s','c':'c','d':'x'}");
	rig_hear(s.b, "{'a':'s','c':'c','d':'x','data':{'v':1,"
	    "'data':{'a':1,'x':2}}}");
	rig_say(&s.r, s.b, "{'a':'s','c':'c_ab','d':'x'}");
	rig_hear(s.b, "{'a':'s','c':'c_ab','d':'x','data':{'v':1,"
	    "'data':{'a':1}}}");
	rig_say(&s.r, s.b, "{'a':'s','c':'c_b','d':'x'}");
	rig_hear(s.b, "{'a':'s','c':'c_b','d':'x','data':{'v':1,'data':{}}}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['a'],'na':1},{'p':['x'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'c','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[{'p':['a'],'na':1},{'p':['x'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'c_b','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[]}");
	/* Leaving one of them leaves the others. */
	rig_say(&s.r, s.b, "{'a':'u','c':'c_ab','d':'x'}");
	rig_hear(s.b, "{'a':'u','c':'c_ab','d':'x'}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,"
	    "'del':true}");
	rig_hear(s.b, "{'a':'op','c':'c','d':'x','v':2,'src':'A','seq':3,"
	    "'del':true}");
	rig_hear(s.b, "{'a':'op','c':'c_b','d':'x','v':2,'src':'A','seq':3,"
	    "'del':true}");
	rig_hear_nothing(s.b);
	end(&s);
}

/* Its own ops come to the author by every name but that it used. */
static void
test_author(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say_over(&s.r, s.b, "{'a':'s','c':'c','d':'x'}");
	rig_say_over(&s.r, s.b, "{'a':'s','c':'c_ab','d':'x'}");
	rig_say(&s.r, s.b, "{'a':'op','c':'c_ab','d':'x','v':1,'seq':1,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','src':'B','seq':1,'v':1}");
	rig_hear(s.b, "{'a':'op','c':'c','d':'x','v':1,'src':'B','seq':1,"
	    "'op':[{'p':['a'],'na':1}]}");
	rig_hear_nothing(s.b);
	/* What an author missed comes by the name that it used. */
	rig_say(&s.r, s.a, "{'a':'op','c':'c_b','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['b'],'oi':1}]}");
	rig_hear(s.a, "{'a':'op','c':'c_b','d':'x','v':1,'src':'B','seq':1,"
	    "'op':[]}");
	rig_hear(s.a, "{'a':'op','c':'c_b','d':'x','src':'A','seq':2,'v':2}");
	/* Sent again: acknowledged again. */
	rig_say(&s.r, s.a, "{'a':'op','c':'c_b','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['b'],'oi':1}]}");
	rig_hear(s.a, "{'a':'op','c':'c_b','d':'x','src':'A','seq':2,'v':2}");
	end(&s);
}

static void
test_submits_outside(void **state)
{
	static const char *const outside[] = {
		"{'a':'op','c':'c_b','d':'x','v':1,'seq':2,"
		    "'op':[{'p':['a'],'na':1}]}",
		"{'a':'op','c':'c_b','d':'x','v':1,'seq':2,"
		    "'op':[{'p':['b'],'oi':1},{'p':['a'],'na':1}]}",
		"{'a':'op','c':'c_b','d':'x','v':1,'seq':2,"
		    "'op':[{'p':[],'od':{},'oi':{}}]}",
		"{'a':'op','c':'c_b','d':'y','v':0,'seq':2,"
		    "'create':{'type':'json0','data':{'a':1}}}",
		"{'a':'op','c':'c_b','d':'y','v':0,'seq':2,"
		    "'create':{'type':'text','data':'abc'}}",
	};
	struct scene s;
	size_t i;

	(void)state;
	begin(&s);
	for (i = 0; i < COUNT(outside); i++) {
		rig_say(&s.r, s.a, outside[i]);
		rig_hear_error(s.a, OUTSIDE);
	}
	rig_say(&s.r, s.a, "{'a':'bf','c':'c','b':['x','y']}");
	rig_hear(s.a, "{'a':'bf','c':'c','data':{'x':{'v':1,"
	    "'data':{'a':1,'x':2}},'y':{'v':0,'type':null}}}");
	/* Within: made, edited and deleted through the projection. */
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c_b','d':'y','v':0,'seq':3,"
	    "'create':{'type':'json0','data':{'b':1}}}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c_b','d':'y','v':1,'seq':4,"
	    "'op':[{'p':['b'],'na':1}]}");
	rig_say(&s.r, s.a, "{'a':'f','c':'c','d':'y'}");
	rig_hear(s.a, "{'a':'f','c':'c','d':'y','data':{'v':2,"
	    "'data':{'b':2}}}");
	rig_say(&s.r, s.a, "{'a':'op','c':'c_b','d':'y','v':2,'seq':5,"
	    "'del':true}");
	rig_hear(s.a, "{'a':'op','c':'c_b','d':'y','src':'A','seq':5,'v':2}");
	end(&s);
}

static void
test_bulks_and_history(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['x'],'na':1}]}");
	rig_say(&s.r, s.b, "{'a':'bs','c':'c_ab','b':['x','y']}");
	rig_hear(s.b, "{'a':'bs','c':'c_ab','data':{'x':{'v':2,"
	    "'data':{'a':1}},'y':{'v':0,'type':null}}}");
	rig_say(&s.r, s.b, "{'a':'bu','c':'c_ab','b':['x']}");
	rig_hear(s.b, "{'a':'bu','c':'c_ab','b':['x']}");
	rig_say(&s.r, s.b, "{'a':'f','c':'c_ab','d':'x','v':0}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','v':0,'src':'A','seq':1,"
	    "'create':{'type':'http://sharejs.org/types/JSONv0',"
	    "'data':{'a':1}}}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[]}");
	rig_hear(s.b, "{'a':'f','c':'c_ab','d':'x'}");
	rig_say(&s.r, s.b, "{'a':'bs','c':'c_ab','b':{'x':1}}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','v':1,'src':'A','seq':2,"
	    "'op':[]}");
	rig_hear(s.b, "{'a':'bs','c':'c_ab','b':{'x':1}}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,"
	    "'op':[{'p':['a'],'na':5}]}");
	rig_hear(s.b, "{'a':'op','c':'c_ab','d':'x','v':2,'src':'A','seq':3,"
	    "'op':[{'p':['a'],'na':5}]}");
	end(&s);
}

static void
test_star(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say_over(&s.r, s.a, "{'a':'op','c':'t1_all','d':'x','v':0,"
	    "'seq':2,'create':{'type':'json0','data':{'a':1,'x':2}}}");
	rig_say(&s.r, s.b, "{'a':'s','c':'t1_ab','d':'x'}");
	rig_hear(s.b, "{'a':'s','c':'t1_ab','d':'x','data':{'v':1,"
	    "'data':{'a':1}}}");
	rig_say(&s.r, s.b, "{'a':'f','c':'t2_ab','d':'x'}");
	rig_hear(s.b, "{'a':'f','c':'t2_ab','d':'x','data':{'v':0,"
	    "'type':null}}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'t1_all','d':'x','v':1,"
	    "'seq':3,'op':[{'p':['a'],'na':1}]}");
	rig_hear(s.b, "{'a':'op','c':'t1_ab','d':'x','v':1,'src':'A','seq':3,"
	    "'op':[{'p':['a'],'na':1}]}");
	end(&s);
}

static void
test_other_types(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'t','v':0,'seq':2,"
	    "'create':{'type':'text','data':'abc'}}");
	rig_say(&s.r, s.b, "{'a':'f','c':'c_ab','d':'t'}");
	rig_hear_error(s.b, "ERR_TYPE_CANNOT_BE_PROJECTED");
	rig_say(&s.r, s.b, "{'a':'f','c':'c_ab','d':'t','v':0}");
	rig_hear_error(s.b, "ERR_TYPE_CANNOT_BE_PROJECTED");
	/* Refused, it does not follow. */
	rig_say(&s.r, s.b, "{'a':'s','c':'c_ab','d':'t'}");
	rig_hear_error(s.b, "ERR_TYPE_CANNOT_BE_PROJECTED");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'t','v':1,'seq':3,"
	    "'del':true}");
	rig_hear_nothing(s.b);
	/* In a bulk it is refused alone. */
	rig_say(&s.r, s.b, "{'a':'bf','c':'c_ab','b':['x','t']}");
	rig_hear(s.b, "{'a':'bf','c':'c_ab','data':{'x':{'v':1,"
	    "'data':{'a':1}},'t':{'v':2,'type':null}}}");
	rig_say(&s.r, s.b, "{'a':'op','c':'c_ab','d':'t','v':2,'seq':1,"
	    "'op':[5]}");
	rig_hear_error(s.b, "ERR_DOC_DOES_NOT_EXIST");
	end(&s);
}

/* What no projection could show is not taken, by whatever name. */
static void
test_moves_into_view(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'j','v':0,'seq':2,"
	    "'create':{'type':'json1','data':{'a':1,'x':2}}}");
	rig_say_over(&s.r, s.b, "{'a':'s','c':'c_b','d':'j'}");
	rig_say(&s.r, s.a, "{'a':'op','c':'c','d':'j','v':1,'seq':3,"
	    "'op':[['a',{'p':0}],['b',{'d':0}]]}");
	rig_hear_error(s.a, OUTSIDE);
	rig_hear_nothing(s.b);
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'j','v':1,'seq':4,"
	    "'op':['b',{'i':5}]}");
	rig_hear(s.b, "{'a':'op','c':'c_b','d':'j','v':1,'src':'A','seq':4,"
	    "'op':['b',{'i':5}]}");
	rig_say_over(&s.r, s.a, "{'a':'op','c':'c','d':'j','v':2,'seq':5,"
	    "'op':[['b',{'p':0}],['y',{'d':0}]]}");
	rig_hear(s.b, "{'a':'op','c':'c_b','d':'j','v':2,'src':'A','seq':5,"
	    "'op':['b',{'r':true}]}");
	/* Another collection has no such projection. */
	rig_say_over(&s.r, s.a, "{'a':'op','c':'d','d':'j','v':0,'seq':6,"
	    "'create':{'type':'json1','data':{'a':1,'x':2}}}");
	rig_say(&s.r, s.a, "{'a':'op','c':'d','d':'j','v':1,'seq':7,"
	    "'op':[['a',{'p':0}],['b',{'d':0}]]}");
	rig_hear(s.a, "{'a':'op','c':'d','d':'j','src':'A','seq':7,'v':1}");
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_json0_ops),
		cmocka_unit_test(test_json1_ops),
		cmocka_unit_test(test_creates),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_author),
		cmocka_unit_test(test_submits_outside),
		cmocka_unit_test(test_bulks_and_history),
		cmocka_unit_test(test_star),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_moves_into_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
