/*
 * presence: who is told what, in one process.
 */
#include "tests/core/presence_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/presence_in.h"

#define RICH	"http://sharejs.org/types/rich-text/v1"
#define CREATE_RICH "{'a':'op','c':'c','d':'x','v':0,'seq':1,'create':" \
		"{'type':'rich-text','data':[{'insert':'abc'}]}}"

static void
start(struct rig *r)
{
	rig_init(r);
	rig_start(r);
}

/* ---- channels ---- */

static void
test_others_are_told(void **state)
{
	struct rig r;
	struct session *a, *b, *c;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	c = rig_open(&r, "C");
	subscribe(&r, a);
	subscribe(&r, b);
	rig_hear(a, "{'a':'pr','ch':'ch'}");
	say_p(&r, a, "A", 0, "{'n':1}");
	hear_p(b, "A", 0, "{'n':1}");
	rig_hear_nothing(a);
	rig_hear_nothing(c);
	/* Who comes later hears of it at once. */
	subscribe(&r, c);
	hear_p(c, "A", 0, "{'n':1}");
	rig_hear_nothing(c);
	rig_done(&r);
}

static void
test_older_is_not_told(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, b);
	say_p(&r, a, "A", 5, "1");
	hear_p(b, "A", 5, "1");
	say_p(&r, a, "A", 4, "2");
	rig_hear_nothing(b);
	say_p(&r, a, "A", 6, "null");
	hear_p(b, "A", 6, "null");
	/* Made anew, its versions begin anew. */
	say_p(&r, a, "A", 0, "3");
	hear_p(b, "A", 0, "3");
	rig_done(&r);
}

static void
test_leaving(void **state)
{
	struct rig r;
	struct session *a, *b, *again;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	again = rig_open(&r, "A");
	subscribe(&r, b);
	say_p(&r, a, "A", 7, "1");
	hear_p(b, "A", 7, "1");
	/* It came back before its old connection was done with. */
	say_p(&r, again, "A", 8, "2");
	hear_p(b, "A", 8, "2");
	hub_leave(r.hub, a);
	rig_run(&r);
	rig_hear_nothing(b);
	hub_leave(r.hub, again);
	rig_run(&r);
	hear_p(b, "A", 8, "null");
	rig_hear_nothing(b);
	assert_int_equal(r.hub->presence.n_own, 0);
	rig_done(&r);
}

static void
test_unsubscribing_takes_presence_along(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, a);
	subscribe(&r, b);
	drop_all(a);
	say_p(&r, a, "A", 1, "1");
	hear_p(b, "A", 1, "1");
	rig_say(&r, a, "{'a':'pu','ch':'ch','seq':2}");
	rig_hear(a, "{'a':'pu','ch':'ch','seq':2}");
	hear_p(b, "A", 1, "null");
	say_p(&r, b, "B", 1, "1");
	rig_hear_nothing(a);
	rig_done(&r);
}

/* More than the rate: every one is acknowledged, the last is told. */
static void
test_rate(void **state)
{
	struct rig r;
	struct session *a, *b;
	char text[100];
	struct frame *f;
	int i, acks = 0, told = 0;

	(void)state;
	rig_init(&r);
	r.limits.presence_rate = 10;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, b);
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i',"
		    "'pv':%d,'p':%d}", i, i);
		rig_say(&r, a, text);
		while ((f = session_shift(a)) != NULL) {
			frame_unref(f);
			acks++;
		}
		while ((f = session_shift(b)) != NULL) {
			frame_unref(f);
			told++;
		}
	}
	assert_int_equal(told, 10);
	assert_int_equal(acks, 99);
	rig_tick(&r, 50);
	rig_hear_nothing(b);
	rig_tick(&r, 50);
	hear_p(b, "A", 99, "99");
	hear_p(a, "A", 99, "99");
	/* What is held when a session unsubscribes goes first. */
	say_p(&r, b, "B", 0, "0");
	subscribe(&r, a);
	drop_all(a);
	drop_all(b);
	rig_say(&r, a, "{'a':'p','ch':'ch','id':'i','pv':100,'p':100}");
	rig_hear_nothing(a);
	rig_say(&r, a, "{'a':'pu','ch':'ch','seq':2}");
	hear_p(a, "A", 100, "100");
	hear_p(b, "A", 100, "100");
	hear_p(b, "A", 100, "null");
	rig_say(&r, a, "{'a':'p','ch':'ch','id':'i','pv':101,'p':101}");
	hub_leave(r.hub, a);
	rig_run(&r);
	rig_tick(&r, 1000);
	rig_hear_nothing(b);
	rig_done(&r);
}

static void
test_limits(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.presence_bytes = 8;
	r.limits.presences = 2;
	r.limits.channels = 2;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'p','ch':'ch','id':'i','pv':0,'p':'1234567'}");
	rig_hear_error(a, "ERR_OTD_PRESENCE_TOO_LARGE");
	rig_say_over(&r, a, "{'a':'p','ch':'ch','id':'i','pv':0,'p':'123456'}");
	rig_say_over(&r, a, "{'a':'p','ch':'ch','id':'j','pv':0,'p':1}");
	rig_say(&r, a, "{'a':'p','ch':'ch','id':'k','pv':0,'p':1}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_PRESENCES");
	rig_say_over(&r, a, "{'a':'p','ch':'ch','id':'j','pv':1,'p':2}");
	rig_say_over(&r, a, "{'a':'p','ch':'ch','id':'i','pv':1,'p':null}");
	rig_say(&r, a, "{'a':'p','ch':'ch','id':'k','pv':0,'p':1}");
	rig_hear(a, "{'a':'p','ch':'ch','id':'k','pv':0,'p':1,'src':'A'}");
	rig_say_over(&r, a, "{'a':'ps','ch':'a','seq':1}");
	rig_say_over(&r, a, "{'a':'ps','ch':'b','seq':2}");
	rig_say(&r, a, "{'a':'ps','ch':'c','seq':3}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	rig_say_over(&r, a, "{'a':'ps','ch':'a','seq':4}");
	rig_say_over(&r, a, "{'a':'pu','ch':'a','seq':5}");
	rig_say(&r, a, "{'a':'ps','ch':'c','seq':6}");
	rig_hear(a, "{'a':'ps','ch':'c','seq':6}");
	rig_done(&r);
}

/* Many ask at once: the channel is asked a few times, and once more after. */
static void
test_requests_are_put_off(void **state)
{
	struct rig r;
	struct session *a, *b;
	struct frame *f;
	int i, n = 0;

	(void)state;
	start(&r);
	rig_tick(&r, 5000);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, b);
	for (i = 0; i < 100; i++) {
		rig_say(&r, a, "{'a':'pr','ch':'ch'}");
		rig_hear(a, "{'a':'pr'}");
		while ((f = session_shift(b)) != NULL) {
			frame_unref(f);
			n++;
		}
	}
	assert_int_equal(n, 19);	/* and one was its own, on subscribing */
	rig_tick(&r, 900);
	rig_hear_nothing(b);
	rig_tick(&r, 100);
	rig_hear(b, "{'a':'pr','ch':'ch'}");
	rig_hear_nothing(b);
	rig_done(&r);
}

/* ---- documents ---- */

static void
say_place(struct rig *r, struct session *ss, int pv, int v, int index)
{
	char text[300];

	snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i','pv':%d,"
	    "'c':'c','d':'x','v':%d,'t':'" RICH "','p':{'index':%d,"
	    "'length':0}}", pv, v, index);
	rig_say(r, ss, text);
}

static void
hear_place(struct session *ss, int pv, int v, int index)
{
	char text[300];

	snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i','pv':%d,"
	    "'c':'c','d':'x','v':%d,'t':'" RICH "','src':'A','p':"
	    "{'index':%d,'length':0}}", pv, v, index);
	rig_hear(ss, text);
}

/* Nobody hears of a place before the ops that it counts upon. */
static void
test_place_waits_for_the_store(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_RICH);
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	subscribe(&r, b);
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':"
	    "{'ops':[{'insert':'xy'}]}}");
	say_place(&r, a, 0, 1, 1);
	rig_hear_nothing(a);
	rig_hear_nothing(b);
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'B','seq':1}");
	hear_place(b, 0, 2, 3);
	hear_place(a, 0, 2, 3);
	rig_done(&r);
}

/* Somebody else was first: it is carried over that as well. */
static void
test_place_is_carried_anew(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.shared_store = true;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_RICH);
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	/* An answer waits until what others say would be heard. */
	rig_say(&r, b, "{'a':'ps','ch':'ch','seq':1}");
	assert_null(session_peek(b));
	hub_hear(r.hub, word_new_topic(WORD_FOLLOWED, "ch/ch"));
	rig_run(&r);
	rig_hear(b, "{'a':'ps','ch':'ch','seq':1}");
	rig_hold(&r, JOB_COMMIT);
	rig_say(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':"
	    "{'ops':[{'insert':'xy'}]}}");
	say_place(&r, a, 0, 1, 1);
	rig_rival(&r, "x", OP_EDIT, "R", 1, "{'ops':[{'insert':'pqr'}]}");
	rig_settle(&r, JOB_COMMIT, ERR_NONE, true);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':1,'src':'R','seq':1,'op':"
	    "{'ops':[{'insert':'pqr'}]}}");
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':2,'src':'B','seq':1}");
	hear_place(b, 0, 3, 6);
	hear_place(a, 0, 3, 6);
	/* Made upon an op that is not known here yet: the store is asked. */
	rig_rival(&r, "x", OP_EDIT, "R", 2, "{'ops':[{'insert':'s'}]}");
	say_place(&r, a, 1, 4, 1);
	rig_hear(b, "{'a':'op','c':'c','d':'x','v':3,'src':'R','seq':2,'op':"
	    "{'ops':[{'insert':'s'}]}}");
	hear_place(b, 1, 4, 1);
	hear_place(a, 1, 4, 1);
	rig_done(&r);
}

static void
test_place_from_before_the_window(void **state)
{
	struct rig r;
	struct session *a, *b;
	char text[100];
	int i;

	(void)state;
	rig_init(&r);
	r.limits.window_ops = 2;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, b);
	rig_say_over(&r, a, CREATE_RICH);
	for (i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'seq':%d,'op':{'ops':[{'insert':'x'}]}}", i + 1);
		rig_say_over(&r, b, text);
	}
	say_place(&r, a, 0, 1, 1);
	hear_place(a, 0, 9, 9);
	hear_place(b, 0, 9, 9);
	assert_int_equal(r.reads, 1);
	/* It leaves: the place that goes is of the head too. */
	rig_say_over(&r, b, "{'a':'op','c':'c','d':'x','seq':10,'op':"
	    "{'ops':[{'insert':'x'}]}}");
	hub_leave(r.hub, a);
	rig_run(&r);
	rig_hear(b, "{'a':'p','ch':'ch','id':'i','pv':0,'c':'c','d':'x',"
	    "'v':10,'t':'" RICH "','src':'A','p':null}");
	/* Who has missed it asks, and is told again. */
	rig_say(&r, b, "{'a':'pr','ch':'ch'}");
	rig_hear(b, "{'a':'pr'}");
	rig_hear(b, "{'a':'p','ch':'ch','id':'i','pv':0,'c':'c','d':'x',"
	    "'v':10,'t':'" RICH "','src':'A','p':null}");
	rig_tick(&r, 70000);
	rig_say(&r, b, "{'a':'pr','ch':'ch'}");
	rig_hear(b, "{'a':'pr'}");
	rig_hear_nothing(b);
	rig_done(&r);
}

/* The document was edited right after: told once more when that pauses. */
static void
test_place_is_told_again(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	subscribe(&r, b);
	rig_say_over(&r, a, CREATE_RICH);
	say_place(&r, a, 0, 1, 1);
	hear_place(b, 0, 1, 1);
	rig_tick(&r, 100);
	rig_say_over(&r, b, "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':"
	    "{'ops':[{'insert':'xy'}]}}");
	rig_tick(&r, 250);
	rig_hear_nothing(b);
	rig_tick(&r, 350);
	hear_place(b, 0, 2, 3);
	/* No more than once, and later edits are the clients' to follow. */
	rig_tick(&r, 3000);
	rig_tick(&r, 3000);
	rig_say_over(&r, b, "{'a':'op','c':'c','d':'x','v':2,'seq':2,'op':"
	    "{'ops':[{'insert':'z'}]}}");
	rig_tick(&r, 3000);
	rig_tick(&r, 3000);
	rig_hear_nothing(b);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others_are_told),
		cmocka_unit_test(test_older_is_not_told),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_unsubscribing_takes_presence_along),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_requests_are_put_off),
		cmocka_unit_test(test_place_waits_for_the_store),
		cmocka_unit_test(test_place_is_carried_anew),
		cmocka_unit_test(test_place_from_before_the_window),
		cmocka_unit_test(test_place_is_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
