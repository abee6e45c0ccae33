/*
 * Rights that change while answers wait to be sent: what is lost is not sent,
 * and nobody else notices.
 */
#include "tests/core/live_rig.h"

#include "core/doc.h"
#include "core/session_in.h"

#define SHOW_X	"{'a':'f'," SHOWN_X
#define BULK	"{'a':'bf','c':'c','b':['x']}"
#define SHOWN_BULK "{'a':'bf','c':'c','data':{'x':{'v':1,'data':'abc'," \
		"'type':'" TEXT_URI "'}}}"

/* bob may see c/x by a grant, has asked for it, and has not read the answer. */
static void
begin(struct live *w, enum access_role role, const char *asks)
{
	rig_init(&w->r);
	live_begin(w);
	live_grant(w, "bob", role, 0);
	rig_say(&w->r, w->bob, asks);
	assert_non_null(session_peek(w->bob));
}

/* ---- the right is as good as it was ---- */

static void
test_more_is_granted(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, FETCH_X);
	live_grant(&w, "bob", ROLE_OWNER, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

static void
test_less_that_is_enough(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_EDITOR, FETCH_X);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

static void
test_of_another_document(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, FETCH_X);
	rig_say_over(&w.r, w.ann, CREATE_Y);
	pretend_grant(&w.r.store, "c", "y", "bob", ROLE_NONE, 0);
	hub_regrant(w.r.hub, "c", "y", "bob");
	rig_run(&w.r);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

/* As a call of REST, which begins with its session. */
static void
test_who_just_came(void **state)
{
	static const char asks[] = "{\"a\":\"f\",\"c\":\"c\",\"d\":\"x\"}";
	struct live w;
	struct session *ss;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	ss = hub_open(w.r.hub, NULL, "new", principal_of("{'sub':'bob'}",
	    NULL), 0);
	hub_receive(w.r.hub, ss, asks, strlen(asks));
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	live_must_be_closed(ss, CLOSE_NONE);
	frame_unref(session_shift(ss));		/* init */
	rig_hear(ss, SHOW_X);
	rig_done(&w.r);
}

static void
test_many_at_once(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, BULK);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, SHOWN_BULK);
	rig_done(&w.r);
}

/* ---- it is less ---- */

static void
must_be_lost(const char *asks, enum access_role before, enum access_role after)
{
	struct live w;

	begin(&w, before, asks);
	live_grant(&w, "bob", after, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
}

static void
test_what_is_lost_is_not_sent(void **state)
{
	static const struct {
		const char		*asks;
		enum access_role	 before, after;
	} cases[] = {
		{ FETCH_X, ROLE_OWNER, ROLE_NONE },
		{ BULK, ROLE_VIEWER, ROLE_NONE },
		{ "{'a':'f','c':'c','d':'x','v':0}", ROLE_VIEWER, ROLE_NONE },
		{ "{'a':'x-may','c':'c','d':'x'}", ROLE_VIEWER, ROLE_NONE },
		{ "{'a':'qf','id':1,'c':'c','q':{}}", ROLE_VIEWER, ROLE_NONE },
		/* Of history, and of the latest version as history shows it. */
		{ "{'a':'nf','c':'c','d':'x','v':1}", ROLE_EDITOR,
		    ROLE_VIEWER },
		{ "{'a':'nf','c':'c','d':'x','v':null}", ROLE_EDITOR,
		    ROLE_VIEWER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		must_be_lost(cases[i].asks, cases[i].before, cases[i].after);
}

/* The document need not be in memory any more. */
static void
test_it_was_evicted(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	w.r.limits.idle_ms = 10;
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_tick(&w.r, 100000);
	rig_tick(&w.r, 100000);
	assert_null(hub_doc_here(w.r.hub, "c", "x"));
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* Ops wait that nobody reads any more. */
static void
test_who_has_left_the_document(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, READ_X);
	rig_drop(w.bob);
	rig_insert(&w.r, w.ann, 2);
	rig_say(&w.r, w.bob, "{'a':'u','c':'c','d':'x'}");
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_hear_nothing(w.bob);
	rig_done(&w.r);
	/* If none do, there is nothing to be kept from anybody. */
	begin(&w, ROLE_VIEWER, READ_X);
	rig_drop(w.bob);
	rig_say(&w.r, w.bob, "{'a':'u','c':'c','d':'x'}");
	live_grant(&w, "bob", ROLE_NONE, 0);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, "{'a':'u','c':'c','d':'x'}");
	rig_done(&w.r);
}

/* ---- until it is known ---- */

static void
test_it_waits_until_it_is_known(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, FETCH_X);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", "bob");
	assert_null(session_peek(w.bob));
	rig_run(&w.r);
	rig_hear_nothing(w.bob);
	/* Rules alone allow it to ann: she need not wait. */
	rig_say(&w.r, w.ann, "{'a':'pp'}");
	rig_hear(w.ann, "{'a':'pp'}");
	/* Changed once more: what is being asked is old. */
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_run(&w.r);
	rig_settle_on(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear_nothing(w.bob);
	rig_settle_on(&w.r, JOB_ROWS, ERR_NONE, false);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

static void
test_what_stands_behind_waits(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, FETCH_X);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_say(&w.r, w.bob, "{'a':'pp'}");
	rig_hear_nothing(w.bob);
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_hear(w.bob, SHOW_X);
	rig_hear(w.bob, "{'a':'pp'}");
	rig_done(&w.r);
}

/* Nothing is known: then nothing is granted. */
static void
test_the_store_cannot_be_asked(void **state)
{
	struct live w;

	(void)state;
	begin(&w, ROLE_VIEWER, FETCH_X);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_run(&w.r);
	rig_settle(&w.r, JOB_ROWS, ERR_STORE_AWAY, false);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

static void
test_it_cannot_be_loaded(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	w.r.limits.idle_ms = 10;
	live_begin(&w);
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say(&w.r, w.bob, FETCH_X);
	rig_tick(&w.r, 100000);
	rig_tick(&w.r, 100000);
	rig_hold(&w.r, JOB_LOAD);
	hub_regrant(w.r.hub, "c", "x", "bob");
	rig_run(&w.r);
	rig_hear_nothing(w.bob);
	rig_settle(&w.r, JOB_LOAD, ERR_STORE_AWAY, false);
	live_must_be_closed(w.bob, CLOSE_ACCESS);
	rig_done(&w.r);
}

/* ---- other rules ---- */

#define GRANTS_COUNT	"{'rules':[],'grants':['c']}"
#define BOB_READS	"{'rules':[{'name':'r','who':{'subjects':['bob']}," \
			"'allow':['read'],'collections':['c']}]}"
#define NOBODY		"{'rules':[]}"

static void
test_other_rules(void **state)
{
	static const struct {
		const char		*rules;
		enum session_close	 code;
	} cases[] = {
		{ GRANTS_COUNT, CLOSE_NONE },
		{ BOB_READS, CLOSE_NONE },
		{ NOBODY, CLOSE_ACCESS },
	};
	struct live w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		begin(&w, ROLE_VIEWER, FETCH_X);
		hub_set_access(w.r.hub, rules_of(cases[i].rules));
		rig_run(&w.r);
		live_must_be_closed(w.bob, cases[i].code);
		if (cases[i].code == CLOSE_NONE)
			rig_hear(w.bob, SHOW_X);
		rig_done(&w.r);
	}
	/* None at all any more: what waits is sent. */
	begin(&w, ROLE_VIEWER, FETCH_X);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", "bob");
	hub_set_access(w.r.hub, NULL);
	rig_run(&w.r);
	rig_hear(w.bob, SHOW_X);
	rig_done(&w.r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_is_granted),
		cmocka_unit_test(test_less_that_is_enough),
		cmocka_unit_test(test_of_another_document),
		cmocka_unit_test(test_who_just_came),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_what_is_lost_is_not_sent),
		cmocka_unit_test(test_it_was_evicted),
		cmocka_unit_test(test_who_has_left_the_document),
		cmocka_unit_test(test_it_waits_until_it_is_known),
		cmocka_unit_test(test_what_stands_behind_waits),
		cmocka_unit_test(test_the_store_cannot_be_asked),
		cmocka_unit_test(test_it_cannot_be_loaded),
		cmocka_unit_test(test_other_rules),
	};

	return cmocka_run_group_tests_name("owed", tests, NULL, NULL);
}
