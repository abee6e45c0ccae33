/*
 * hub: what happens at each ceiling.
 *
 * Where cost matters, steps are counted, not time: libcounted.a is the core
 * with a call of __sanitizer_cov_trace_pc in each basic block
 * (-fsanitize-coverage=trace-pc of gcc and clang).
 */
#include "tests/core/rig.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t steps;

void	__sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
	steps++;
}

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
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	for (i = 2; i < 20; i++)
		rig_insert(&r, a, i);
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
	rig_say_over(&r, a, text);
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'op':['1']}");
	assert_int_equal(session_closing(b, &reason), CLOSE_NONE);
	for (i = 4; i < 14; i++)
		rig_insert(&r, a, i);
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
	rig_say_over(&r, a, CREATE_X);
	char text[40000];
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':['%030000d']}", 7);
	rig_say(&r, a, text);
	rig_hear_error(a, "ERR_OTD_DOCUMENT_TOO_LARGE");
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':1,'type':'" TEXT_URI
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
	rig_say(&r, a, "{'a':'bf','c':'c','b':['x','y','z']}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	rig_say_over(&r, a, "{'a':'u','c':'c','d':'x'}");
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
	rig_say_over(&r, a, CREATE_X);
	rig_tick(&r, 1);
	hub_count(r.hub, &counts);
	assert_int_equal(counts.documents, 0);
	assert_int_equal(counts.hot_bytes, 0);
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_tick(&r, 1);
	hub_count(r.hub, &counts);
	assert_int_equal(counts.documents, 1);
	assert_int_equal(r.loads, 2);
	rig_done(&r);
}

/* A message that names the documents from first to before end; the caller's. */
static char *
many_named(const char *action, unsigned first, unsigned end)
{
	struct buf b = BUF_INIT;
	unsigned i;

	buf_puts(&b, "{'a':'");
	buf_puts(&b, action);
	buf_puts(&b, "','c':'c','b':[");
	for (i = first; i < end; i++) {
		buf_puts(&b, i > first ? ",'" : "'");
		buf_put_u64(&b, i);
		buf_putc(&b, '\'');
	}
	buf_puts(&b, "]}");
	buf_putc(&b, '\0');
	return buf_take(&b, &(size_t){ 0 });
}

/*
 * The steps of taking back the last fifth of the documents asked for, each
 * times each.  The requests go with the hub, their loads refused.
 */
static uint64_t
steps_of_taking_back(unsigned each)
{
	unsigned all = 5 * each, i;
	struct rig r;
	struct list *node;
	struct job *job;
	struct session *a;
	uint64_t before, taken;
	char *text;

	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_hold(&r, JOB_LOAD);
	for (i = 0; i < all; i += each) {
		text = many_named("bf", i, i + each);
		rig_say(&r, a, text);
		free(text);
	}
	text = many_named("bu", all - each, all);
	before = steps;
	rig_say(&r, a, text);
	taken = steps - before;
	free(text);
	rig_hear_nothing(a);
	/* Past rig_settle, which looks at every document each time. */
	while ((node = list_shift(&r.held)) != NULL) {
		job = LIST_ITEM(node, struct job, node);
		job->err = ERR_STORE_AWAY;
		hub_finish(r.hub, job);
	}
	rig_done(&r);
	return taken;
}

/*
 * Who asks for very many documents and takes it back does not stop the others
 * meanwhile: what that costs grows with their number, not with its square.
 */
static void
test_many_taken_back(void **state)
{
	enum { FEW = 500, TIMES = 4 };
	uint64_t few, many;

	(void)state;
	few = steps_of_taking_back(FEW);
	many = steps_of_taking_back(FEW * TIMES);
	assert_true(few > FEW);
	/* The square would be TIMES * TIMES. */
	if (many > few * (TIMES + 2))
		fail_msg("%" PRIu64 " steps for %d, %" PRIu64 " for %d", few,
		    FEW, many, FEW * TIMES);
}

/* Components are counted before anything else is done with an op. */
static void
test_op_components(void **state)
{
	static const struct { const char *op; bool over; } rows[] = {
		{ "[]", false },
		{ "['a',1,'b']", false },
		{ "['a',1,'b',1]", true },
		{ "[{'p':[1,2,3,4,5],'li':[1,2,3,4,5]}]", false },
		{ "[{'p':[],'oi':1},{'p':[]},{'p':[]},{'p':[]}]", true },
		{ "{'ops':[{'insert':'abcdef'},1,2]}", false },
		{ "{'ops':[1,2,3,4]}", true },
		{ "{'x':[1,2,3,4],'ops':[1]}", false },
		{ "['a',['b',{'i':[1,2,3,4]}]]", true },
		{ "['a',{'i':{'k':[1,2,3,4]}}]", false },
		{ "[[[[[[]]]]]]", true },
		{ "'abcdef'", false },
	};
	struct hub_counts counts;
	struct rig r;
	struct session *a;
	char text[200];
	size_t i;

	(void)state;
	rig_init(&r);
	r.limits.op_components = 3;
	rig_start(&r);
	a = rig_open(&r, "A");
	/* What a create brings is no op. */
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':"
	    "{'type':'json0','data':[1,2,3,4,5,6]}}");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'seq':%zu,'op':%s}", i + 2, rows[i].op);
		rig_say(&r, a, text);
		if (rows[i].over) {
			rig_hear_error(a, "ERR_OTD_OP_TOO_LARGE");
			continue;
		}
		frame_unref(session_shift(a));	/* its type's business */
	}
	hub_count(r.hub, &counts);
	assert_int_equal(counts.over_limit, 5);
	rig_done(&r);
}

/* The connection goes on. */
static void
test_depth(void **state)
{
	struct rig r;
	struct session *a;
	const char *reason;

	(void)state;
	rig_init(&r);
	r.limits.depth = 8;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':"
	    "{'type':'json0','data':[[[[[[[]]]]]]]}}");
	rig_hear_error(a, "ERR_MESSAGE_BADLY_FORMED");
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':"
	    "{'type':'json0','data':[[[[[[]]]]]]}}");
	rig_hear(a, "{'src':'A','seq':1,'v':0,'a':'op','c':'c','d':'x'}");
	assert_int_equal(session_closing(a, &reason), CLOSE_NONE);
	rig_done(&r);
}

/* Quiet, it keeps less; who comes with an old version waits for the store. */
static void
test_quiet(void **state)
{
	struct rig r;
	struct session *a, *b;
	struct hub_counts loud, quiet;
	int seq;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say(&r, a, CREATE_X);
	rig_say(&r, b, "{'a':'s','c':'c','d':'x'}");
	for (seq = 2; seq < 40; seq++)
		rig_insert(&r, a, seq);
	hub_count(r.hub, &loud);
	rig_tick(&r, r.limits.content_ms);	/* that is the last of it */
	rig_tick(&r, r.limits.quiet_ms - 1);
	hub_count(r.hub, &quiet);
	assert_int_equal(quiet.hot_bytes, loud.hot_bytes);
	rig_tick(&r, 1);
	hub_count(r.hub, &quiet);
	assert_in_range(quiet.hot_bytes, 1, loud.hot_bytes / 3);
	rig_drop(a);
	rig_drop(b);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':38,'seq':1,'op':[1,'-']}");
	assert_int_equal(r.reads, 0);		/* the latest are here */
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':39,'seq':1,'src':'B'}");
	rig_tick(&r, r.limits.quiet_ms);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':2,'seq':2,'op':[1,'-']}");
	assert_int_equal(r.reads, 1);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_ceiling),
		cmocka_unit_test(test_op_components),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_large_frame),
		cmocka_unit_test(test_document_limit),
		cmocka_unit_test(test_inbox_full),
		cmocka_unit_test(test_subscription_ceiling),
		cmocka_unit_test(test_message_too_long),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_many_taken_back),
		cmocka_unit_test(test_quiet),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
