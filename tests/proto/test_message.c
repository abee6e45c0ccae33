/*
 * message_decode: each check with its sentence, in the order of sharedb's
 * lib/agent.js (_checkRequest, createClientOp) and lib/ot.js (checkOp); and
 * what is decoded.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "proto/message.h"
#include "tests/proto/quoted.h"

#define BAD	"ERR_MESSAGE_BADLY_FORMED"
#define FORM	"ERR_OT_OP_BADLY_FORMED"

struct decoded {
	char		*text;
	struct arena	 arena;
	struct message	 msg;
	struct refusal	 refusal;
	enum message_verdict verdict;
};

static void
decode(struct decoded *d, const char *text)
{
	memset(d, 0, sizeof(*d));
	d->text = quoted(text);
	arena_init(&d->arena);
	d->verdict = message_decode(d->text, strlen(d->text), JSON_DEPTH_MAX,
	    &d->arena, &d->msg, &d->refusal);
}

static void
decoded_done(struct decoded *d)
{
	arena_done(&d->arena);
	free(d->text);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text, *code, *sentence;
	} rows[] = {
		/* actions */
		{ "{}", BAD, "Invalid or unknown message" },
		{ "{'a':null}", BAD, "Invalid or unknown message" },
		{ "{'a':1}", BAD, "Invalid or unknown message" },
		{ "{'a':'opp'}", BAD, "Invalid or unknown message" },
		/* names: id before version before collection */
		{ "{'a':'f','c':1,'d':2,'v':'x'}", BAD, "Invalid id" },
		{ "{'a':'f','c':1,'d':'x','v':'x'}", BAD, "Invalid version" },
		{ "{'a':'f','c':1,'d':'x','v':1}", BAD, "Invalid collection" },
		{ "{'a':'f','c':'c'}", BAD, "Invalid id" },
		{ "{'a':'f','d':'x'}", BAD, "Invalid collection" },
		{ "{'a':'s','c':'c','d':null}", BAD, "Invalid id" },
		{ "{'a':'u','c':'c','d':{}}", BAD, "Invalid id" },
		{ "{'a':'op','c':'c','d':true}", BAD, "Invalid id" },
		{ "{'a':'f','c':'c','d':'__proto__'}", BAD, "Invalid id" },
		{ "{'a':'f','c':'c','d':'constructor'}", BAD, "Invalid id" },
		{ "{'a':'f','c':'toString','d':'x'}", BAD,
		  "Invalid collection" },
		{ "{'a':'f','c':'hasOwn\\u0050roperty','d':'x'}", BAD,
		  "Invalid collection" },
		{ "{'a':'f','c':'c','d':'a\\u0000b'}", BAD, "Invalid id" },
		{ "{'a':'f','c':'c','d':'\\ud800'}", BAD, "Invalid id" },
		{ "{'a':'f','c':'\\udc00','d':'x'}", BAD,
		  "Invalid collection" },
		/* otd's own */
		{ "{'a':'x-token'}", BAD, "Invalid token" },
		{ "{'a':'x-token','token':''}", BAD, "Invalid token" },
		{ "{'a':'x-token','token':['t']}", BAD, "Invalid token" },
		{ "{'a':'x-token','token':'t\\u0000'}", BAD, "Invalid token" },
		{ "{'a':'x-may','d':'x'}", BAD, "Invalid collection" },
		{ "{'a':'x-may','c':'c','d':1}", BAD, "Invalid id" },
		{ "{'a':'x-may','c':'__proto__'}", BAD, "Invalid collection" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'op':[],"
		  "'x':{'strict':true}}", BAD,
		  "A strict op must name its version" },
		/* queries: the id before r before the collection */
		{ "{'a':'qf'}", BAD, "Missing query ID" },
		{ "{'a':'qs','id':'1','c':'c'}", BAD, "Missing query ID" },
		{ "{'a':'qu','id':null}", BAD, "Missing query ID" },
		{ "{'a':'qf','id':1}", BAD, "Invalid collection" },
		{ "{'a':'qu','id':1,'c':1}", BAD, "Invalid collection" },
		{ "{'a':'qs','id':1,'r':1}", BAD, "Invalid query results" },
		{ "{'a':'qs','id':1,'r':{}}", BAD, "Invalid query results" },
		{ "{'a':'qs','id':1,'r':[['x',1],1]}", BAD,
		  "Invalid query results" },
		{ "{'a':'qs','id':1,'r':[[]]}", BAD, "Invalid id" },
		{ "{'a':'qs','id':1,'r':[['__proto__',1]]}", BAD,
		  "Invalid id" },
		{ "{'a':'qs','id':1,'r':[['x',-1]]}", BAD, "Invalid version" },
		{ "{'a':'qs','id':1,'r':[['x','1']]}", BAD,
		  "Invalid version" },
		/* versions */
		{ "{'a':'f','c':'c','d':'x','v':-1}", BAD, "Invalid version" },
		{ "{'a':'f','c':'c','d':'x','v':0.5}", BAD, "Invalid version" },
		{ "{'a':'f','c':'c','d':'x','v':true}", BAD,
		  "Invalid version" },
		{ "{'a':'f','c':'c','d':'x','v':9007199254740992}", BAD,
		  "Invalid version" },
		{ "{'a':'f','c':'c','d':'x','v':1e300}", BAD,
		  "Invalid version" },
		/* other fields, whatever the action */
		{ "{'a':'pp','c':1}", BAD, "Invalid collection" },
		{ "{'a':'pp','ch':1}", BAD, "Invalid presence channel" },
		{ "{'a':'pp','seq':'1'}", BAD, "Invalid seq" },
		{ "{'a':'xx','seq':[]}", BAD, "Invalid seq" },
		/* presence */
		{ "{'a':'p','ch':'x','pv':0,'p':1}", BAD,
		  "Invalid presence ID" },
		{ "{'a':'p','ch':'x','id':1,'pv':0,'p':1}", BAD,
		  "Invalid presence ID" },
		{ "{'a':'p','ch':'x','id':'i','p':1}", BAD,
		  "Invalid presence version" },
		{ "{'a':'p','ch':'x','id':'i','pv':-1,'p':1}", BAD,
		  "Invalid presence version" },
		{ "{'a':'p','ch':'x','id':'i','pv':0.5,'p':1}", BAD,
		  "Invalid presence version" },
		{ "{'a':'p','ch':'x','id':'i','pv':0}", BAD,
		  "Invalid presence value" },
		{ "{'a':'p','id':'i','pv':0,'p':1}", BAD,
		  "Invalid presence channel" },
		{ "{'a':'p','ch':'toString','id':'i','pv':0,'p':1}", BAD,
		  "Invalid presence channel" },
		{ "{'a':'p','ch':'x','id':'i','pv':0,'p':1,'d':1}", BAD,
		  "Invalid id" },
		{ "{'a':'p','ch':'x','id':'i','pv':0,'p':1,'v':-1}", BAD,
		  "Invalid version" },
		{ "{'a':'p','ch':'x','id':'i','pv':0,'p':1,'c':[]}", BAD,
		  "Invalid collection" },
		{ "{'a':'p','ch':'x','id':'i','pv':0,'p':1,'t':{'a':1}}",
		  "ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE",
		  "Type does not support presence: {\"a\":1}" },
		{ "{'a':'ps','seq':1}", BAD, "Invalid presence channel" },
		{ "{'a':'pu','ch':null}", BAD, "Invalid presence channel" },
		{ "{'a':'pr','ch':7}", BAD, "Invalid presence channel" },
		{ "{'a':'ps','ch':'x','seq':'1'}", BAD, "Invalid seq" },
		/* handshake */
		{ "{'a':'hs','protocol':[]}", BAD, "Invalid protocol" },
		{ "{'a':'hs','protocolMinor':true}", BAD, "Invalid protocol" },
		{ "{'a':'hs','id':7}", BAD, "Invalid id" },
		{ "{'a':'hs','id':'valueOf'}", BAD, "Invalid id" },
		/* bulk */
		{ "{'a':'bf','c':'c'}", BAD, "Invalid bulk subscribe data" },
		{ "{'a':'bs','c':'c','b':'x'}", BAD,
		  "Invalid bulk subscribe data" },
		{ "{'a':'bu','c':'c','b':null}", BAD,
		  "Invalid bulk subscribe data" },
		{ "{'a':'bf','c':'c','b':['x',1]}", BAD, "Invalid id" },
		{ "{'a':'bf','c':'c','b':{'__proto__':1}}", BAD,
		  "Invalid id" },
		{ "{'a':'bf','c':'c','b':{'x':-1}}", BAD, "Invalid version" },
		{ "{'a':'bf','c':'c','b':{'x':'1'}}", BAD,
		  "Invalid version" },
		{ "{'a':'bf','b':['x']}", BAD, "Invalid collection" },
		/* ops */
		{ "{'a':'op','c':'c','d':'x','seq':1}", BAD,
		  "Invalid op message" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':0,'del':''}", BAD,
		  "Invalid op message" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':'x'}", FORM,
		  "Create data must be an object" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':1}", FORM,
		  "Create data must be an object" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':{}}", FORM,
		  "Missing create type" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':[]}", FORM,
		  "Missing create type" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'create':{'type':1}}",
		  FORM, "Missing create type" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'del':1}", FORM,
		  "del value must be true" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'del':{}}", FORM,
		  "del value must be true" },
		{ "{'a':'op','c':'c','d':'x','seq':1,'src':5,'op':[]}", FORM,
		  "src must be a string" },
		{ "{'a':'op','c':'c','d':'x','op':[]}", FORM,
		  "Both src and seq must be set together" },
		{ "{'a':'op','c':'c','d':'x','seq':null,'op':[]}", FORM,
		  "Both src and seq must be set together" },
		{ "{'a':'op','c':'c','d':'x','seq':-1,'op':[]}", BAD,
		  "Invalid seq" },
		{ "{'a':'op','c':'c','d':'x','seq':1.5,'op':[]}", BAD,
		  "Invalid seq" },
		{ "{'a':'op','c':'c','d':'x','seq':9007199254740991,'op':[]}",
		  "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW", "Connection seq has "
		  "exceeded the max safe integer, maybe from being open for too "
		  "long" },
		{ "{'a':'op','c':'c','d':'x','seq':1e17,'op':[]}",
		  "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW", NULL },
	};
	struct decoded d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		decode(&d, rows[i].text);
		if (d.verdict != MESSAGE_REFUSED)
			fail_msg("not refused: %s", rows[i].text);
		if (strcmp(d.refusal.code, rows[i].code) != 0 ||
		    (rows[i].sentence != NULL &&
		    strcmp(d.refusal.text, rows[i].sentence) != 0))
			fail_msg("%s: %s: %s", rows[i].text, d.refusal.code,
			    d.refusal.text);
		/* It comes back whole. */
		assert_int_equal(d.msg.whole.len, strlen(d.text));
		decoded_done(&d);
	}
}

static void
test_query(void **state)
{
	struct decoded d;

	(void)state;
	decode(&d, "{'a':'qs','id':-1.5,'c':'c','q':{'x':1},'o':{'db':0,"
	    "'pollInterval':3},'r':[['x',3],['y',null],['x']]}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.action, ACTION_QUERY_SUBSCRIBE);
	assert_true(d.msg.query_id == -1.5);
	assert_int_equal(d.msg.q.len, 7);
	assert_false(d.msg.other_db);
	assert_true(d.msg.has_known);
	assert_int_equal(d.msg.n_known, 3);
	assert_string_equal(d.msg.known[0].id, "x");
	assert_true(d.msg.known[0].has_v);
	assert_int_equal(d.msg.known[0].v, 3);
	assert_string_equal(d.msg.known[1].id, "y");
	assert_false(d.msg.known[1].has_v);
	assert_string_equal(d.msg.known[2].id, "x");
	assert_false(d.msg.known[2].has_v);
	decoded_done(&d);
	decode(&d, "{'a':'qf','id':0,'c':'c','o':{'db':'x'},'r':null}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_true(d.msg.other_db);
	assert_false(d.msg.has_known);
	assert_int_equal(d.msg.q.kind, JSON_NONE);
	decoded_done(&d);
	decode(&d, "{'a':'qu','id':4}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_null(d.msg.c);
	decoded_done(&d);
}

static void
test_fatal(void **state)
{
	static const char *const rows[] = {
		"", " ", "null", "1", "'text'", "[]", "[{'a':'pp'}]", "{",
		"{'a':'pp'", "{'a':'pp'}x", "{'a':'pp'} {}", "{a:1}",
		"{'a':'pp',}", "{'a':01}", "{'a':'\x01'}", "\xff",
		"{'a':'\xed\xa0\x80'}", "nul", "{'a':1e999", "{'a':1e999}}",
		"{'a':[1e999],}",
	};
	struct decoded d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		decode(&d, rows[i]);
		if (d.verdict != MESSAGE_FATAL)
			fail_msg("not fatal: %s", rows[i]);
		assert_string_equal(d.refusal.code, BAD);
		decoded_done(&d);
	}
}

/* JSON that is beyond us is refused; its author is told which it was. */
static void
test_over_limit(void **state)
{
	static const struct {
		const char *text, *whole;
	} rows[] = {
		{ "{'a':'f','c':'t','d':'x','v':1e999}",
		    "{\"a\":\"f\",\"c\":\"t\",\"d\":\"x\"}" },
		{ "{'op':[{'z':']\\\\'}, -1e999] ,'a':'op','seq':1,'d':{}}",
		    "{\"a\":\"op\",\"seq\":1}" },
		{ "{'a':1e999}", "{}" },
	};
	struct decoded d;
	char deep[2 * JSON_DEPTH_MAX + 100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		decode(&d, rows[i].text);
		assert_int_equal(d.verdict, MESSAGE_REFUSED);
		assert_string_equal(d.refusal.code, BAD);
		assert_int_equal(d.msg.whole.len, strlen(rows[i].whole));
		assert_memory_equal(d.msg.whole.p, rows[i].whole,
		    d.msg.whole.len);
		decoded_done(&d);
	}
	snprintf(deep, sizeof(deep), "{'a':'op','op':");
	memset(deep + strlen(deep), '[', JSON_DEPTH_MAX + 1);
	memset(deep + 15 + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	snprintf(deep + 15 + 2 * JSON_DEPTH_MAX, 10, ",'id':7}");
	decode(&d, deep);
	assert_int_equal(d.verdict, MESSAGE_REFUSED);
	assert_memory_equal(d.msg.whole.p, "{\"a\":\"op\",\"id\":7}", 17);
	decoded_done(&d);
	/* The same without its end is no JSON at all. */
	deep[15 + 2 * JSON_DEPTH_MAX] = '\0';
	decode(&d, deep);
	assert_int_equal(d.verdict, MESSAGE_FATAL);
	decoded_done(&d);
}

static void
test_long_names(void **state)
{
	struct decoded d;
	char text[NAME_MAX_BYTES + 100];
	int len;

	(void)state;
	for (len = NAME_MAX_BYTES; len <= NAME_MAX_BYTES + 1; len++) {
		snprintf(text, sizeof(text), "{'a':'f','c':'c','d':'%0*d'}",
		    len, 7);
		decode(&d, text);
		assert_int_equal(d.verdict, len <= NAME_MAX_BYTES ?
		    MESSAGE_OK : MESSAGE_REFUSED);
		decoded_done(&d);
	}
}

static void
test_reads(void **state)
{
	struct decoded d;

	(void)state;
	decode(&d, " { 'a' : 'f' , 'c':'\\u0063', 'd':'\\ud83d\\ude00' } ");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.action, ACTION_FETCH);
	assert_string_equal(d.msg.c, "c");
	assert_string_equal(d.msg.d, "\xf0\x9f\x98\x80");
	assert_false(d.msg.has_v);
	decoded_done(&d);

	decode(&d, "{'a':'s','c':'','d':'','v':9007199254740991}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.action, ACTION_SUBSCRIBE);
	assert_string_equal(d.msg.d, "");
	assert_true(d.msg.has_v);
	assert_int_equal(d.msg.v, 9007199254740991);
	decoded_done(&d);

	/* The last of a repeated name counts; null is no version. */
	decode(&d, "{'a':'u','a':'f','c':'c','d':1,'d':'x','v':3,'v':null}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.action, ACTION_FETCH);
	assert_string_equal(d.msg.d, "x");
	assert_false(d.msg.has_v);
	decoded_done(&d);

	decode(&d, "{'a':'f','c':'c','d':'x','v':0}");
	assert_true(d.msg.has_v);
	assert_int_equal(d.msg.v, 0);
	decoded_done(&d);
}

static void
test_extensions(void **state)
{
	struct decoded d;

	(void)state;
	decode(&d, "{'a':'x-token','token':'abc.def'}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.action, ACTION_TOKEN);
	assert_string_equal(d.msg.token, "abc.def");
	decoded_done(&d);
	decode(&d, "{'a':'x-may','c':'c','d':null}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_string_equal(d.msg.c, "c");
	assert_null(d.msg.d);
	decoded_done(&d);
	decode(&d, "{'a':'op','c':'c','d':'x','seq':1,'v':0,'op':[],"
	    "'x':{'strict':true}}");
	assert_true(d.msg.is_strict);
	decoded_done(&d);
	decode(&d, "{'a':'op','c':'c','d':'x','seq':1,'op':[],"
	    "'x':{'strict':'yes'}}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_false(d.msg.is_strict);
	decoded_done(&d);
	decode(&d, "{'a':'hs','id':null,'x':{'token':true}}");
	assert_true(d.msg.wants_word);
	assert_false(d.msg.wants_epoch);
	decoded_done(&d);
	decode(&d, "{'a':'hs','id':null,'x':{'epoch':true}}");
	assert_true(d.msg.wants_epoch);
	decoded_done(&d);
	decode(&d, "{'a':'hs','id':null,'x':[true]}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_false(d.msg.wants_word);
	assert_false(d.msg.wants_epoch);
	decoded_done(&d);
}

static void
test_handshakes(void **state)
{
	static const struct {
		const char *text;
		unsigned major, minor;
		const char *src;
	} rows[] = {
		{ "{'a':'hs'}", 0, 0, NULL },
		{ "{'a':'hs','id':null,'protocol':1,'protocolMinor':2}", 1, 2,
		  NULL },
		{ "{'a':'hs','id':'','protocol':'1','protocolMinor':'2'}", 1, 2,
		  NULL },
		{ "{'a':'hs','id':'old','protocol':'1.1'}", 1, 0, "old" },
		{ "{'a':'hs','protocol':-1,'protocolMinor':1e99}", 0, 0, NULL },
	};
	struct decoded d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		decode(&d, rows[i].text);
		assert_int_equal(d.verdict, MESSAGE_OK);
		assert_int_equal(d.msg.protocol_major, rows[i].major);
		assert_int_equal(d.msg.protocol_minor, rows[i].minor);
		if (rows[i].src == NULL)
			assert_null(d.msg.src);
		else
			assert_string_equal(d.msg.src, rows[i].src);
		decoded_done(&d);
	}
}

static void
test_ops(void **state)
{
	static const struct {
		const char *text;
		enum op_kind kind;
		const char *body;
	} rows[] = {
		/* "op" by being there, then what is truthy. */
		{ "'op':null", OP_EDIT, "null" },
		{ "'op':null,'create':{'type':'x'},'del':true", OP_EDIT,
		  "null" },
		{ "'create':{'type':'x'},'del':true", OP_CREATE,
		  "{'type':'x'}" },
		{ "'create':null,'del':true", OP_DELETE, NULL },
		{ "'create':{'type':'unknown','data':[1]}", OP_CREATE,
		  "{'type':'unknown','data':[1]}" },
		{ "'op':[ 1 , 2 ]", OP_EDIT, "[ 1 , 2 ]" },
		{ "'op':1,'op':2", OP_EDIT, "2" },
	};
	struct decoded d;
	char text[200], *body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':3,"
		    "'seq':4,%s}", rows[i].text);
		decode(&d, text);
		assert_int_equal(d.verdict, MESSAGE_OK);
		assert_int_equal(d.msg.op_kind, rows[i].kind);
		assert_int_equal(d.msg.seq, 4);
		assert_null(d.msg.src);
		if (rows[i].body != NULL) {
			body = quoted(rows[i].body);
			assert_int_equal(d.msg.body.len, strlen(body));
			assert_memory_equal(d.msg.body.p, body, strlen(body));
			free(body);
		}
		decoded_done(&d);
	}
	decode(&d, "{'a':'op','c':'c','d':'x','seq':0,'src':'old','del':true,"
	    "'x':{'anything':1},'m':5}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_string_equal(d.msg.src, "old");
	assert_false(d.msg.has_v);
	decoded_done(&d);
}

static void
test_bulks(void **state)
{
	struct decoded d;

	(void)state;
	decode(&d, "{'a':'bs','c':'c','b':['x','y','\\u0078','','y']}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_true(d.msg.bulk_is_list);
	assert_int_equal(d.msg.n_bulk, 3);	/* once each */
	assert_string_equal(d.msg.bulk[0].id, "x");
	assert_string_equal(d.msg.bulk[1].id, "y");
	assert_string_equal(d.msg.bulk[2].id, "");
	assert_false(d.msg.bulk[0].has_v);
	decoded_done(&d);

	/* null asks for every op there is, like 0. */
	decode(&d, "{'a':'bf','c':'c','b':{'x':null,'y':7,'x':5}}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_false(d.msg.bulk_is_list);
	assert_int_equal(d.msg.n_bulk, 2);
	assert_string_equal(d.msg.bulk[0].id, "x");
	assert_true(d.msg.bulk[0].has_v);
	assert_int_equal(d.msg.bulk[0].v, 5);
	assert_int_equal(d.msg.bulk[1].v, 7);
	decoded_done(&d);

	decode(&d, "{'a':'bu','c':'c','b':[]}");
	assert_int_equal(d.verdict, MESSAGE_OK);
	assert_int_equal(d.msg.n_bulk, 0);
	decoded_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_fatal),
		cmocka_unit_test(test_over_limit),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_handshakes),
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_bulks),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
