/*
 * The store is away, and documents in memory are read all the same.
 */
#include "tests/core/live_rig.h"

#include "core/doc.h"
#include "core/session_in.h"

#define SHOW_X	"{'a':'f'," SHOWN_X
#define AWAY	"ERR_OTD_STORE_UNAVAILABLE"
#define EDIT(seq) "{'a':'op','c':'c','d':'x','seq':" #seq ",'op':['!']}"
#define ACK(seq, v) "{'a':'op','c':'c','d':'x','src':'A','seq':" #seq \
		",'v':" #v "}"
#define HEARD(src, seq, v, op) "{'a':'op','c':'c','d':'x','src':'" src \
		"','seq':" #seq ",'v':" #v ",'op':" op "}"

struct known {
	struct rig	 r;
	struct session	*a, *b;		/* a has made c/x, which b has not seen */
};

static void
start(struct known *k)
{
	rig_init(&k->r);
	k->r.limits.shared_store = true;
	k->r.limits.sweep_ms = 0;
	rig_start(&k->r);
	k->a = rig_open(&k->r, "A");
	k->b = rig_open(&k->r, "B");
	rig_say_over(&k->r, k->a, CREATE_X);
}

/* Whatever is asked waits from now on. */
static void
hold(struct rig *r)
{
	static const enum job_kind kinds[] = {
		JOB_LOAD, JOB_OPS, JOB_COMMIT, JOB_VERSIONS, JOB_ROWS,
	};
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		rig_hold(r, kinds[i]);
}

static void
away(struct rig *r)
{
	hold(r);
	hub_store_away(r->hub, true);
	rig_run(r);
}

/* What was asked is answered now, with this error or not. */
static void
answer_all(struct rig *r, enum err err)
{
	struct list *node;

	while ((node = list_shift(&r->held)) != NULL) {
		list_push(&r->held, node);
		rig_settle_on(r, LIST_ITEM(node, struct job, node)->kind, err,
		    false);
		if (err != ERR_NONE)
			break;
	}
}

static void
back(struct rig *r)
{
	r->held_kinds = 0;
	hub_store_away(r->hub, false);
	rig_run(r);
	answer_all(r, ERR_NONE);
	rig_tick(r, 1000);
}

/* ---- who reads ---- */

static void
test_who_comes_is_shown(void **state)
{
	struct known k;
	uint64_t reads;

	(void)state;
	start(&k);
	away(&k.r);
	reads = k.r.reads;
	rig_say(&k.r, k.b, FETCH_X);
	rig_hear(k.b, SHOW_X);
	rig_say(&k.r, k.b, "{'a':'bs','c':'c','b':['x']}");
	rig_hear(k.b, "{'a':'bs','c':'c','data':{'x':{'v':1,'data':'abc',"
	    "'type':'" TEXT_URI "'}}}");
	rig_say(&k.r, k.a, "{'a':'s','c':'c','d':'x','v':0}");
	rig_hear(k.a, "{'a':'op','c':'c','d':'x','src':'A','seq':1,'v':0,"
	    "'create':{'type':'" TEXT_URI "','data':'abc'}}");
	rig_hear(k.a, "{'a':'s','c':'c','d':'x'}");
	assert_int_equal(k.r.reads, reads);	/* the store was not asked */
	rig_done(&k.r);
}

/* Others wrote, and nobody told: who was shown the former version gets it. */
static void
test_who_was_shown_catches_up(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	away(&k.r);
	rig_say(&k.r, k.b, READ_X);
	rig_hear(k.b, "{'a':'s'," SHOWN_X);
	rig_rival(&k.r, "x", OP_EDIT, "R", 1, "['1']");
	back(&k.r);
	rig_hear(k.b, HEARD("R", 1, 1, "['1']"));
	rig_done(&k.r);
}

/* It goes again just as it came back: compared when it is there. */
static void
test_comparing_fails(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	away(&k.r);
	rig_say_over(&k.r, k.b, READ_X);
	rig_rival(&k.r, "x", OP_EDIT, "R", 1, "['1']");
	hub_store_away(k.r.hub, false);
	rig_run(&k.r);
	rig_settle_on(&k.r, JOB_VERSIONS, ERR_STORE_AWAY, false);
	hub_store_away(k.r.hub, true);
	rig_tick(&k.r, 1000);
	assert_true(list_empty(&k.r.held));
	hub_store_away(k.r.hub, false);
	rig_run(&k.r);
	rig_settle_on(&k.r, JOB_VERSIONS, ERR_STORE_AWAY, false);
	rig_tick(&k.r, 1000);
	rig_hear_nothing(k.b);
	rig_settle(&k.r, JOB_VERSIONS, ERR_NONE, false);
	back(&k.r);
	rig_hear(k.b, HEARD("R", 1, 1, "['1']"));
	rig_done(&k.r);
}

/* It was being asked when the store went. */
static void
test_who_waits_is_shown(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	hold(&k.r);
	rig_say(&k.r, k.b, READ_X);
	rig_hear_nothing(k.b);
	hub_store_away(k.r.hub, true);
	rig_run(&k.r);
	rig_hear(k.b, "{'a':'s'," SHOWN_X);
	rig_settle_on(&k.r, JOB_OPS, ERR_STORE_AWAY, false);
	rig_say(&k.r, k.a, FETCH_X);
	rig_hear(k.a, SHOW_X);
	rig_rival(&k.r, "x", OP_EDIT, "R", 1, "['1']");
	rig_tick(&k.r, 1000);
	back(&k.r);
	rig_hear(k.b, HEARD("R", 1, 1, "['1']"));
	rig_done(&k.r);
}

/* ---- edits ---- */

static void
test_edits_wait(void **state)
{
	struct known k;
	struct session *c;

	(void)state;
	start(&k);
	hold(&k.r);
	rig_say(&k.r, k.a, EDIT(2));
	away(&k.r);
	rig_say(&k.r, k.a, EDIT(3));
	rig_say(&k.r, k.b, READ_X);
	/* What is at the store may be there: not until that is over. */
	rig_hear_nothing(k.b);
	rig_settle_on(&k.r, JOB_COMMIT, ERR_STORE_AWAY, false);
	rig_hear(k.b, "{'a':'s'," SHOWN_X);
	rig_say(&k.r, k.a, EDIT(4));
	c = rig_open(&k.r, "C");
	rig_say(&k.r, c, FETCH_X);
	rig_hear(c, SHOW_X);
	rig_tick(&k.r, 1000);
	rig_hear_nothing(k.a);
	rig_hear_nothing(k.b);
	back(&k.r);
	rig_hear(k.a, ACK(2, 1));
	rig_hear(k.a, ACK(3, 2));
	rig_hear(k.a, ACK(4, 3));
	rig_hear(k.b, HEARD("A", 2, 1, "['!']"));
	rig_hear(k.b, HEARD("A", 3, 2, "['!']"));
	rig_hear(k.b, HEARD("A", 4, 3, "['!']"));
	rig_done(&k.r);
}

/* It is there, and only the answer was lost: shown before that is known, not it. */
static void
test_an_edit_that_may_be_there(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	hold(&k.r);
	rig_say(&k.r, k.a, EDIT(2));
	away(&k.r);
	rig_say(&k.r, k.b, READ_X);
	rig_settle_on(&k.r, JOB_COMMIT, ERR_STORE_UNSURE, true);
	rig_hear(k.b, "{'a':'s'," SHOWN_X);
	rig_hear_nothing(k.a);
	back(&k.r);
	rig_hear(k.a, ACK(2, 1));
	rig_hear(k.b, HEARD("A", 2, 1, "['!']"));
	rig_hear_nothing(k.b);
	rig_done(&k.r);
}

static void
test_edits_reach_their_ceiling(void **state)
{
	struct known k;

	(void)state;
	rig_init(&k.r);
	k.r.limits.shared_store = true;
	k.r.limits.line_requests = 2;
	rig_start(&k.r);
	k.a = rig_open(&k.r, "A");
	rig_say_over(&k.r, k.a, CREATE_X);
	away(&k.r);
	rig_say(&k.r, k.a, EDIT(2));
	rig_say(&k.r, k.a, EDIT(3));
	rig_say(&k.r, k.a, EDIT(4));
	rig_hear_error(k.a, AWAY);
	/* Not of those who read. */
	k.b = rig_open(&k.r, "B");
	rig_say(&k.r, k.b, FETCH_X);
	rig_hear(k.b, SHOW_X);
	rig_say(&k.r, k.b, "{'a':'s','c':'c','d':'x','v':3}");
	rig_hear_error(k.b, AWAY);
	back(&k.r);
	rig_hear(k.a, ACK(2, 1));
	rig_hear(k.a, ACK(3, 2));
	rig_say(&k.r, k.a, EDIT(4));
	rig_hear(k.a, ACK(4, 3));
	rig_done(&k.r);
}

/* ---- who waits ---- */

/* Answers of one session keep their order. */
static void
test_who_edits_waits(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	away(&k.r);
	rig_say(&k.r, k.a, EDIT(2));
	rig_say(&k.r, k.a, FETCH_X);
	rig_hear_nothing(k.a);
	back(&k.r);
	rig_hear(k.a, ACK(2, 1));
	rig_hear(k.a, "{'a':'f','c':'c','d':'x','data':{'v':2,'data':'!abc',"
	    "'type':'" TEXT_URI "'}}");
	rig_done(&k.r);
}

static void
test_who_knows_better_waits(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	away(&k.r);
	rig_say(&k.r, k.b, "{'a':'s','c':'c','d':'x','v':2}");
	rig_hear_nothing(k.b);
	rig_rival(&k.r, "x", OP_EDIT, "R", 1, "['1']");
	rig_rival(&k.r, "x", OP_EDIT, "R", 2, "['2']");
	back(&k.r);
	rig_hear(k.b, HEARD("R", 2, 2, "['2']"));
	rig_hear(k.b, "{'a':'s','c':'c','d':'x'}");
	rig_hear_nothing(k.b);
	rig_done(&k.r);
}

/* The document is known to be further than it is here. */
static void
test_what_is_old_is_not_shown(void **state)
{
	struct known k;

	(void)state;
	start(&k);
	away(&k.r);
	rig_rival(&k.r, "x", OP_EDIT, "R", 1, "['1']");
	rig_rival(&k.r, "x", OP_EDIT, "R", 2, "['2']");
	rig_word(&k.r, "x", 2, 3);
	rig_say(&k.r, k.b, FETCH_X);
	rig_hear_nothing(k.b);
	rig_settle_on(&k.r, JOB_OPS, ERR_STORE_AWAY, false);
	rig_hear_nothing(k.b);
	back(&k.r);
	rig_hear(k.b, "{'a':'f','c':'c','d':'x','data':{'v':3,'data':'21abc',"
	    "'type':'" TEXT_URI "'}}");
	rig_done(&k.r);
}

static void
test_what_is_cold_is_refused(void **state)
{
	struct known k;
	struct session *c;

	(void)state;
	start(&k);
	away(&k.r);
	rig_say(&k.r, k.b, "{'a':'f','c':'c','d':'cold'}");
	rig_hear_nothing(k.b);
	c = rig_open_as(&k.r, "C", NULL, HUB_INSIDE);
	rig_say(&k.r, c, "{'a':'f','c':'c','d':'cold'}");
	rig_hear_error(c, AWAY);
	rig_hear_nothing(k.b);
	rig_settle_on(&k.r, JOB_LOAD, ERR_STORE_AWAY, false);
	rig_hear_error(k.b, AWAY);
	rig_done(&k.r);
}

/* Who speaks for a client reads, and does not wait. */
static void
test_who_does_not_wait(void **state)
{
	struct known k;
	struct session *c;

	(void)state;
	start(&k);
	c = rig_open_as(&k.r, "C", NULL, HUB_INSIDE);
	hold(&k.r);
	rig_say(&k.r, c, EDIT(1));
	away(&k.r);
	rig_settle_on(&k.r, JOB_COMMIT, ERR_STORE_UNSURE, false);
	rig_hear_error(c, AWAY);
	rig_say(&k.r, c, FETCH_X);
	rig_hear(c, SHOW_X);
	rig_say(&k.r, c, EDIT(2));
	rig_hear_error(c, AWAY);
	rig_say(&k.r, c, "{'a':'x-may','c':'c','d':'x'}");
	rig_hear_error(c, AWAY);
	rig_say(&k.r, c, "{'a':'s','c':'c','d':'x','v':7}");
	rig_hear_error(c, AWAY);
	rig_say(&k.r, k.a, EDIT(2));
	back(&k.r);
	rig_hear(k.a, ACK(2, 1));
	rig_say(&k.r, c, EDIT(2));
	rig_hear(c, "{'a':'op','c':'c','d':'x','src':'C','seq':2,'v':2}");
	rig_done(&k.r);
}

/* ---- rights ---- */

static void
test_rights_are_those_that_are_known(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	w.r.limits.shared_store = true;
	live_begin(&w);
	rig_say_over(&w.r, w.ann, READ_X);
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_VIEWER, 0);
	away(&w.r);
	/* Rules alone let ann read; of bob nothing is known. */
	rig_say(&w.r, w.ann, FETCH_X);
	rig_hear(w.ann, SHOW_X);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_hear_nothing(w.bob);
	back(&w.r);
	rig_hear(w.bob, SHOW_X);
	/* Now it is; until there is doubt. */
	away(&w.r);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_hear(w.bob, SHOW_X);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_run(&w.r);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_hear_nothing(w.bob);
	rig_say(&w.r, w.ann, "{'a':'pp'}");
	rig_hear(w.ann, "{'a':'pp'}");
	back(&w.r);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

/* Nobody else writes to the store: what is here is fresh. */
static void
test_a_store_of_ones_own(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say_over(&r, a, CREATE_X);
	hub_store_away(r.hub, true);
	rig_say(&r, a, EDIT(2));
	rig_hear(a, ACK(2, 1));
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_comes_is_shown),
		cmocka_unit_test(test_who_was_shown_catches_up),
		cmocka_unit_test(test_comparing_fails),
		cmocka_unit_test(test_who_waits_is_shown),
		cmocka_unit_test(test_edits_wait),
		cmocka_unit_test(test_an_edit_that_may_be_there),
		cmocka_unit_test(test_edits_reach_their_ceiling),
		cmocka_unit_test(test_who_edits_waits),
		cmocka_unit_test(test_who_knows_better_waits),
		cmocka_unit_test(test_what_is_old_is_not_shown),
		cmocka_unit_test(test_what_is_cold_is_refused),
		cmocka_unit_test(test_who_does_not_wait),
		cmocka_unit_test(test_rights_are_those_that_are_known),
		cmocka_unit_test(test_a_store_of_ones_own),
	};

	return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
