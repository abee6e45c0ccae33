/*
 * Ids of clients: whom they are given to, and that nobody else can use them.
 */
#include "tests/core/live_rig.h"

#include <stdio.h>

#include "core/src.h"
#include "core/trace.h"

#define TRACE	"0af7651916cd43dd8448eb211c80319c"

static const unsigned char key[SIPHASH_KEY] = "0123456789abcdef";
static const unsigned char none[SIPHASH_KEY];

/* The first of the vectors in SipHash's reference, vectors.h. */
static void
test_siphash(void **state)
{
	static const struct { size_t len; unsigned char is[SIPHASH_LEN]; } rows[] = {
		{ 0, { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d,
		    0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 } },
		{ 1, { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34,
		    0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 } },
		{ 7, { 0xa1, 0xf1, 0xeb, 0xbe, 0xd8, 0xdb, 0xc1, 0x53, 0xc0,
		    0xb8, 0x4a, 0xa6, 0x1f, 0xf0, 0x82, 0x39 } },
		{ 8, { 0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f,
		    0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97, 0xb4 } },
		{ 15, { 0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e,
		    0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9 } },
	};
	unsigned char k[SIPHASH_KEY], in[64], out[SIPHASH_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)i;
	memcpy(k, in, sizeof(k));
	for (i = 0; i < COUNT(rows); i++) {
		siphash(k, in, rows[i].len, out);
		assert_memory_equal(out, rows[i].is, SIPHASH_LEN);
	}
}

static void
test_ids_are_somebodys(void **state)
{
	const unsigned char chance[SRC_RANDOM] = "15 bytes, a NUL";
	struct principal *who[] = {
		NULL, principal_of("{'sub':'ann'}", NULL),
		principal_of("{'sub':'bob'}", NULL), principal_of(NULL, "ann"),
		principal_of("{'sub':'ann'}", "bob"),
	};
	char id[SRC_TEXT], traced[TRACE_MORE + SRC_TEXT];
	size_t i, j, at;

	(void)state;
	for (i = 0; i < COUNT(who); i++) {
		src_make(key, who[i], chance, id);
		assert_int_equal(strlen(id), 32);
		for (j = 0; j < COUNT(who); j++)
			/* A link beside a subject makes nobody else of it. */
			assert_int_equal(src_check(key, who[j], id),
			    i == j || i * j == 4);
		for (at = 0; at < 32; at++) {
			id[at] ^= 1;
			assert_false(src_check(key, who[i], id));
			id[at] ^= 1;
		}
	}
	/* A trace before it makes it nobody else's, and no other one's. */
	src_make(key, who[1], chance, id);
	trace_sign(TRACE, id, traced, sizeof(traced));
	assert_true(src_check(key, who[1], traced));
	assert_false(src_check(key, who[2], traced));
	assert_false(src_check(key, who[1], "trace:" TRACE "-mine"));
	assert_false(src_check(key, who[1], ""));
	assert_false(src_check(key, who[1], "mine"));
	for (i = 0; i < COUNT(who); i++)
		principal_unref(who[i]);
}

/* With the key of nobody they are as they come. */
static void
test_without_a_key(void **state)
{
	const unsigned char chance[SRC_RANDOM] = { 0xab, 0, 1 };
	char id[SRC_TEXT];

	(void)state;
	src_make(none, NULL, chance, id);
	assert_string_equal(id, "ab000100000000000000000000000000");
	assert_true(src_check(none, NULL, "whatever"));
	assert_false(src_check(none, NULL, "once:1"));
}

static void
give_id(const struct live *w, const char *claims, unsigned char n, char *id)
{
	const unsigned char chance[SRC_RANDOM] = { n };
	struct principal *who = principal_of(claims, NULL);

	hub_client_id(w->r.hub, who, chance, id);
	principal_unref(who);
}

static void
test_who_comes_back_is_known(void **state)
{
	struct live w;
	struct session *ss;
	char former[SRC_TEXT], now[SRC_TEXT], anns[SRC_TEXT], text[200];

	(void)state;
	rig_init(&w.r);
	memcpy(w.r.limits.src_key, key, sizeof(key));
	live_begin(&w);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	give_id(&w, "{'sub':'bob'}", 1, former);
	give_id(&w, "{'sub':'bob'}", 2, now);
	give_id(&w, "{'sub':'ann'}", 3, anns);
	ss = live_enter(&w, now, "{'sub':'bob'}");
	snprintf(text, sizeof(text), "{'a':'hs','id':'%s'}", anns);
	rig_say(&w.r, ss, text);
	rig_hear_error(ss, "ERR_OTD_SRC_NOT_YOURS");
	snprintf(text, sizeof(text), "{'a':'hs','id':'%s'}", former);
	rig_say_over(&w.r, ss, text);
	/* It is who it was, and may sign by its present id as well. */
	rig_say_over(&w.r, ss, "{'a':'op','c':'c','d':'x','v':1,'seq':1,"
	    "'op':['1']}");
	assert_string_equal(pretend_find(&w.r.store, "c", "x")->log[1]->src,
	    former);
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':2,"
	    "'seq':1,'src':'%s','op':['1']}", now);
	rig_say_over(&w.r, ss, text);
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':2,"
	    "'seq':1,'src':'%s','op':['1']}", anns);
	rig_say(&w.r, ss, text);
	rig_hear_error(ss, "ERR_OTD_SRC_NOT_YOURS");
	assert_int_equal(pretend_find(&w.r.store, "c", "x")->v, 3);
	rig_done(&w.r);
}

/* Whoever speaks for clients has looked itself. */
static void
test_inside(void **state)
{
	struct live w;
	struct session *ss;

	(void)state;
	rig_init(&w.r);
	memcpy(w.r.limits.src_key, key, sizeof(key));
	live_begin(&w);
	ss = rig_open_as(&w.r, "I", principal_of("{'sub':'ann'}", NULL),
	    HUB_INSIDE);
	rig_say(&w.r, ss, "{'a':'op','c':'c','d':'x','v':1,'seq':1,"
	    "'src':'once:1','op':['1']}");
	rig_hear(ss, "{'a':'op','c':'c','d':'x','src':'once:1','seq':1,"
	    "'v':1}");
	rig_done(&w.r);
}

/* Nor with --auth none. */
static void
test_ours_is_nobodys(void **state)
{
	struct rig r;
	struct session *ss;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	ss = rig_open(&r, "A");
	rig_say(&r, ss, "{'a':'hs','id':'once:1'}");
	rig_hear_error(ss, "ERR_OTD_SRC_NOT_YOURS");
	rig_say(&r, ss, "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'src':'once:1','create':{'type':'json0','data':1}}");
	rig_hear_error(ss, "ERR_OTD_SRC_NOT_YOURS");
	rig_say_over(&r, ss, "{'a':'hs','id':'anything'}");
	rig_done(&r);
}

/* ---- ops at a version exactly ---- */

#define STRICT(v, seq) "{'a':'op','c':'c','d':'x','v':" v ",'seq':" seq \
		",'op':['1'],'x':{'strict':true}}"

static void
test_strict(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say(&r, a, STRICT("1", "7"));
	rig_hear_error(a, "ERR_OTD_VERSION_MISMATCH");
	rig_say_over(&r, a, CREATE_X);
	rig_insert(&r, b, 1);
	rig_say(&r, a, STRICT("1", "2"));
	rig_hear_error(a, "ERR_OTD_VERSION_MISMATCH");
	rig_say(&r, a, STRICT("3", "2"));
	rig_hear_error(a, "ERR_OTD_VERSION_MISMATCH");
	rig_say(&r, a, STRICT("2", "2"));
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':2}");
	/* Met again, it is acknowledged. */
	rig_insert(&r, b, 2);
	rig_say(&r, a, STRICT("2", "2"));
	rig_hear(a, "{'a':'op','c':'c','d':'x','src':'A','seq':2,'v':2}");
	rig_hear_nothing(a);
	rig_done(&r);
}

/* It fitted, and then somebody else was first. */
static void
test_strict_is_taken_back(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, a, STRICT("1", "2"));
	rig_rival(&r, "x", OP_EDIT, "R", 1, "['?']");
	rig_settle(&r, JOB_COMMIT, ERR_NONE, false);
	rig_hear_error(a, "ERR_OTD_VERSION_MISMATCH");
	assert_int_equal(pretend_find(&r.store, "c", "x")->v, 2);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_ids_are_somebodys),
		cmocka_unit_test(test_without_a_key),
		cmocka_unit_test(test_who_comes_back_is_known),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_ours_is_nobodys),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_strict_is_taken_back),
	};

	return cmocka_run_group_tests_name("src", tests, NULL, NULL);
}
