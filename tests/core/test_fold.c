/*
 * fold: documents to which nothing happens, and what sessions and documents
 * take in memory.
 */
#include "tests/core/rig.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "core/doc.h"

#define SOON_MS		100	/* one that is not edited is folded */
#define FEW		8	/* ops that it keeps */
#define LATE_MS		10000	/* one that was */

static void
begin(struct rig *r)
{
	rig_init(r);
	assert_int_equal(r->limits.quiet_ms, LATE_MS);
	rig_start(r);
}

static struct doc *
doc_x(struct rig *r)
{
	struct doc *d = hub_doc_here(r->hub, "c", "x");

	assert_non_null(d);
	return d;
}

static bool
is_folded(struct rig *r)
{
	struct doc *d = doc_x(r);

	hub_check(r->hub);
	assert_true((d->folded != NULL) == (d->head.data == NULL));
	if (d->folded != NULL)
		assert_in_range(d->window.n, 0, FEW);
	return d->folded != NULL;
}

/* What everybody would see, read by a client that has just come. */
static void
assert_content(struct rig *r, const char *data, unsigned v)
{
	struct session *ss = rig_open(r, "Z");
	char said[200];

	rig_say(r, ss, "{'a':'f','c':'c','d':'x'}");
	snprintf(said, sizeof(said), "{'a':'f','c':'c','d':'x','data':{'v':%u,"
	    "'type':'" TEXT_URI "','data':'%s'}}", v, data);
	rig_hear(ss, said);
	hub_leave(r->hub, ss);
}

static void
test_read_as_it_is(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	assert_false(is_folded(&r));
	rig_tick(&r, SOON_MS - 1);
	assert_false(is_folded(&r));
	rig_tick(&r, 1);
	assert_true(is_folded(&r));
	assert_content(&r, "abc", 1);
	assert_true(is_folded(&r));
	assert_int_equal(r.loads, 1);
	rig_done(&r);
}

static void
test_edited_again(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_tick(&r, SOON_MS);
	assert_true(is_folded(&r));
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':[3,'d']}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':1}");
	assert_false(is_folded(&r));

	/* Who edits pauses now and then; and queries get to know of it. */
	rig_tick(&r, r.limits.content_ms);
	rig_tick(&r, LATE_MS - 1);
	assert_false(is_folded(&r));
	rig_tick(&r, 1);
	assert_true(is_folded(&r));
	assert_content(&r, "abcd", 2);
	rig_done(&r);
}

/* Whoever is behind is brought up with what the store has. */
static void
test_author_behind(void **state)
{
	struct rig r;
	struct session *a, *b;
	int seq;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	for (seq = 2; seq < 2 + FEW + 1; seq++)
		rig_insert(&r, a, seq);
	rig_drop(a);
	rig_tick(&r, LATE_MS);
	assert_true(is_folded(&r));
	assert_int_equal(r.reads, 0);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[3,'2']}");
	assert_int_equal(r.reads, 1);
	rig_drop(b);
	/* Sent again, it is known. */
	rig_tick(&r, LATE_MS);
	assert_true(is_folded(&r));
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[3,'2']}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','src':'B','seq':1,'v':10}");
	rig_hear_nothing(b);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':11,'seq':11,'op':"
	    "[{'d':9}]}");
	rig_drop(a);
	assert_content(&r, "abc2", 12);
	rig_done(&r);
}

static void
test_edited_elsewhere(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'x'}");
	rig_tick(&r, SOON_MS);
	assert_true(is_folded(&r));
	rig_rival(&r, "x", OP_EDIT, "R", 1, "[\"r\"]");
	rig_word(&r, "x", 1, 2);
	rig_run(&r);
	rig_hear(a, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':1,"
	    "'op':['r']}");
	assert_content(&r, "rabc", 2);
	rig_done(&r);
}

/* Content for queries is written behind the commits: of a folded one, too. */
static void
test_found_by_queries(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'op':['1']}");
	rig_tick(&r, LATE_MS);
	rig_say(&r, b, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear(b, "{'a':'qf','id':1,'data':[{'d':'x','v':2,'type':'" TEXT_URI
	    "','data':'1abc'}]}");
	rig_done(&r);
}

static void
test_deleted(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'del':true}");
	rig_tick(&r, LATE_MS);
	rig_say(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'create':"
	    "{'type':'text-unicode','data':'new'}}");
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':3,'v':2}");
	assert_content(&r, "new", 3);
	rig_done(&r);
}

/* Make c/id, of so many letters. */
static void
create_long(struct rig *r, struct session *ss, const char *id, int seq,
    size_t letters)
{
	static const char end[] = "'}}";
	static char said[30000];
	size_t len = (size_t)snprintf(said, sizeof(said), "{'a':'op','c':'c',"
	    "'d':'%s','v':0,'seq':%d,'create':{'type':'text-unicode',"
	    "'data':'", id, seq);

	assert_true(len + letters + sizeof(end) <= sizeof(said));
	memset(said + len, 'x', letters);
	memcpy(said + len + letters, end, sizeof(end));
	rig_say_over(r, ss, said);
}

/* What is large, or has no text, stays as it is. */
static void
test_left_alone(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	begin(&r);
	a = rig_open(&r, "A");
	create_long(&r, a, "x", 1, 20000);
	rig_tick(&r, SOON_MS);
	assert_false(is_folded(&r));
	assert_non_null(doc_x(&r)->head.data);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':1,'seq':2,'del':true}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':2,'seq':3,'create':"
	    "{'type':'json0','data':1}}");
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':3,'seq':4,'op':"
	    "[{'p':[],'od':1}]}");
	rig_tick(&r, LATE_MS);
	assert_false(is_folded(&r));
	rig_say(&r, a, "{'a':'f','c':'c','d':'x'}");
	rig_hear(a, "{'a':'f','c':'c','d':'x','data':{'v':4}}");
	rig_done(&r);
}

/* ---- memory ---- */

#define CROWD		2000
/* Of a session, its document of 1000 bytes, and that it reads it; with room. */
#define CROWD_EACH	2750

static size_t
heap_used(void)
{
	return mallinfo2().uordblks;
}

static void
test_memory(void **state)
{
	struct rig r;
	struct session *a, *ss;
	char said[100], id[20];
	size_t before, each;
	int i;

	(void)state;
	rig_init(&r);
	r.limits.idle_ms = 1000;
	r.limits.queries = false;
	rig_start(&r);
	a = rig_open(&r, "A");
	for (i = 0; i < CROWD; i++) {
		snprintf(id, sizeof(id), "d%d", i);
		create_long(&r, a, id, i + 1, 1000);
	}
	/* They go, and what the store has of them is not counted. */
	rig_tick(&r, r.limits.idle_ms);
	rig_tick(&r, 1);
	assert_null(hub_doc_here(r.hub, "c", "d0"));

	before = heap_used();
	for (i = 0; i < CROWD; i++) {
		snprintf(said, sizeof(said), "u%d", i);
		ss = rig_open(&r, said);
		snprintf(said, sizeof(said), "{'a':'s','c':'c','d':'d%d'}", i);
		rig_say_over(&r, ss, said);
	}
	for (i = 0; i < CROWD / 200; i++)
		rig_tick(&r, SOON_MS);
	each = (heap_used() - before) / CROWD;
	print_message("%zu bytes a session with a document\n", each);
	assert_true(each < CROWD_EACH);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_as_it_is),
		cmocka_unit_test(test_edited_again),
		cmocka_unit_test(test_author_behind),
		cmocka_unit_test(test_edited_elsewhere),
		cmocka_unit_test(test_found_by_queries),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
