/*
 * reply: what goes out, byte by byte; sharedb's lib/agent.js, _reply, _sendOp
 * and getSnapshotData.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "proto/reply.h"
#include "tests/proto/quoted.h"

#define JSON0	"http://sharejs.org/types/JSONv0"
#define TEXT	"http://sharejs.org/types/textv1"

/* The request in the middle of being answered. */
static struct arena arena;
static struct message req;
static char *req_text;

static const struct message *
request(const char *text)
{
	struct refusal r;

	req_text = quoted(text);
	arena_init(&arena);
	if (message_decode(req_text, strlen(req_text), JSON_DEPTH_MAX, &arena,
	    &req, &r) == MESSAGE_FATAL)
		fail_msg("no message: %s", text);
	return &req;
}

/* The frame must say so; it and the request are let go. */
static void
says(struct frame *f, const char *text)
{
	char *wanted = quoted(text);

	if (frame_payload_len(f) != strlen(wanted) ||
	    memcmp(frame_payload(f), wanted, strlen(wanted)) != 0)
		fail_msg("%.*s\ninstead of %s", (int)frame_payload_len(f),
		    frame_payload(f), wanted);
	free(wanted);
	frame_unref(f);
	arena_done(&arena);
	free(req_text);
	req_text = NULL;
}

static void
test_plain(void **state)
{
	static const struct {
		const char *asked, *answer;
	} rows[] = {
		{ "{'a':'pp'}", "{'a':'pp'}" },
		/* A truthy id stands for all the rest. */
		{ "{'a':'u','id':7,'c':'c','d':'x'}", "{'a':'u','id':7}" },
		{ "{'a':'u','id':{},'c':'c','d':'x'}", "{'a':'u','id':{}}" },
		{ "{'a':'u','id':0,'c':'c','d':'x'}",
		  "{'a':'u','c':'c','d':'x'}" },
		{ "{'a':'u','id':'','c':'c','d':''}", "{'a':'u','c':'c'}" },
		{ "{'a':'bu','c':'c','b':[ 'x' ]}",
		  "{'a':'bu','c':'c','b':[ 'x' ]}" },
		/* As it was written. */
		{ "{'a':'\\u0075','c':'\\u0063','d':'x'}",
		  "{'a':'\\u0075','c':'\\u0063','d':'x'}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		says(reply_plain(request(rows[i].asked)), rows[i].answer);
}

static void
test_greetings(void **state)
{
	(void)state;
	says(reply_init("A\"b"), "{'a':'init','protocol':1,'protocolMinor':2,"
	    "'id':'A\\'b','type':'" JSON0 "'}");
	says(reply_handshake(request("{'a':'hs','id':'A'}"), "A", 0, ""),
	    "{'a':'hs','protocol':1,'protocolMinor':2,'id':'A','type':'" JSON0
	    "'}");
	says(reply_handshake(request("{'a':'hs','id':'A'}"), "A", 0, "e-1"),
	    "{'a':'hs','protocol':1,'protocolMinor':2,'id':'A','type':'" JSON0
	    "','x':{'epoch':'e-1'}}");
	says(reply_handshake(request("{'a':'hs','id':'A'}"), "A", 9, "e-1"),
	    "{'a':'hs','protocol':1,'protocolMinor':2,'id':'A','type':'" JSON0
	    "','x':{'exp':9,'epoch':'e-1'}}");
}

static void
test_acknowledgements(void **state)
{
	(void)state;
	says(reply_ack(request("{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[]}"), "s", 2, 5),
	    "{'a':'op','c':'c','d':'x','src':'s','seq':2,'v':5}");
	says(reply_ack(request("{'a':'op','id':1,'c':'c','d':'x','seq':2,"
	    "'del':true}"), "s", 2, 9007199254740991u),
	    "{'a':'op','id':1,'src':'s','seq':2,'v':9007199254740991}");
}

static void
test_refusals(void **state)
{
	struct refusal r;
	struct ot_err e;

	(void)state;
	refuse(&r, ERR_MESSAGE, "Say \"%s\"", "why");
	says(reply_refused(request("{'a':'xx','deep':{'b':[1, 2]} } \n"), &r),
	    "{'a':'xx','deep':{'b':[1, 2]} ,'error':{'code':"
	    "'ERR_MESSAGE_BADLY_FORMED','message':'Say \\'why\\''}}");
	refuse(&r, ERR_BUSY, NULL);
	says(reply_refused(request("{ }"), &r), "{ 'error':{'code':"
	    "'ERR_OTD_BUSY','message':'The document has too many requests "
	    "waiting; try again'}}");
	says(reply_error(&r), "{'error':{'code':'ERR_OTD_BUSY','message':'The "
	    "document has too many requests waiting; try again'}}");
	/* What a type throws has no code. */
	ot_fail(&e, OT_ETYPE, "no");
	refuse_ot(&r, &e);
	says(reply_error(&r), "{'error':{'message':'no'}}");
}

/* What put_snapshot makes of a document. */
static void
shows(const struct ot_type *type, const char *data, uint64_t v,
    const char *text)
{
	struct snapshot s = { v, type, NULL };
	struct ot_err err;
	struct buf b = BUF_INIT;
	char *json = data != NULL ? quoted(data) : NULL, *wanted = quoted(text);

	if (type != NULL)
		assert_int_equal(type->load(json, json != NULL ?
		    strlen(json) : 0, &s.data, &err), 0);
	put_snapshot(&b, &s);
	assert_int_equal(b.len, strlen(wanted));
	assert_memory_equal(b.data, wanted, b.len);
	buf_done(&b);
	snapshot_done(&s);
	free(json);
	free(wanted);
}

static void
test_snapshots(void **state)
{
	(void)state;
	shows(NULL, NULL, 0, "{'v':0,'type':null}");
	shows(NULL, NULL, 7, "{'v':7,'type':null}");
	shows(&ot_type_text, "'abc'", 2,
	    "{'v':2,'data':'abc','type':'" TEXT "'}");
	/* The default type is left out; null is data, undefined is none. */
	shows(&ot_type_json0, "{'b':1,'a':[]}", 2,
	    "{'v':2,'data':{'b':1,'a':[]}}");
	shows(&ot_type_json0, "null", 2, "{'v':2,'data':null}");
	shows(&ot_type_json0, NULL, 2, "{'v':2}");
}

static void
test_data(void **state)
{
	struct snapshot none = { 3, NULL, NULL };
	struct buf shot = BUF_INIT, members = BUF_INIT;
	struct refusal r;

	(void)state;
	put_snapshot(&shot, &none);
	says(reply_snapshot(request("{'a':'f','c':'c','d':'x'}"), &shot),
	    "{'a':'f','c':'c','d':'x','data':{'v':3,'type':null}}");
	says(reply_bulk(request("{'a':'bf','c':'c','b':[]}"), &members),
	    "{'a':'bf','c':'c','data':{}}");
	put_bulk_snapshot(&members, "x\"y", &shot);
	refuse(&r, ERR_STORE_AWAY, NULL);
	put_bulk_refusal(&members, "z", &r);
	says(reply_bulk(request("{'a':'bs','id':1,'c':'c','b':['z']}"),
	    &members), "{'a':'bs','id':1,'data':{'x\\'y':{'v':3,'type':null},"
	    "'z':{'error':{'code':'ERR_OTD_STORE_UNAVAILABLE','message':'The "
	    "database is not available; try again'}}}}");
	buf_done(&shot);
	buf_done(&members);
}

static void
test_ops(void **state)
{
	static const struct {
		enum op_kind kind;
		const char *body, *text;
	} rows[] = {
		{ OP_EDIT, "[1]", "'op':[1]" },
		{ OP_EDIT, "null", "'op':null" },
		{ OP_CREATE, "{'type':'" TEXT "'}",
		  "'create':{'type':'" TEXT "'}" },
		{ OP_DELETE, NULL, "'del':true" },
	};
	struct op *op;
	char *body, text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		body = rows[i].body != NULL ? quoted(rows[i].body) : NULL;
		op = op_new(rows[i].kind, 4, "s", 5, body,
		    body != NULL ? strlen(body) : 0);
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':4,"
		    "'src':'s','seq':5,%s}", rows[i].text);
		says(reply_op("c", "x", op), text);
		op_unref(op);
		free(body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_acknowledgements),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_ops),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
