/*
 * payer: who is over a rate waits and loses nothing; who shares one, shares.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/hub_in.h"
#include "core/principal.h"
#include "core/session_in.h"

static struct principal *
somebody(const char *subject, const char *link)
{
	struct principal *p = mem_get(sizeof(*p));

	p->refs = 1;
	if (subject != NULL)
		p->subject = mem_copy(subject, strlen(subject));
	if (link != NULL)
		p->link = mem_copy(link, strlen(link));
	return p;
}

static struct session *
open_as(struct rig *r, const char *src, struct principal *who,
    const char *address, unsigned flags)
{
	struct session *ss = hub_open(r->hub, NULL, src, who, flags);

	if (address != NULL)
		session_set_address(ss, address);
	frame_unref(session_shift(ss));
	return ss;
}

/* How many answers have come since the last time. */
static size_t
answers(struct session *ss)
{
	struct frame *f;
	size_t n = 0;

	for (; (f = session_shift(ss)) != NULL; n++)
		frame_unref(f);
	return n;
}

static void
ask(struct rig *r, struct session *ss, size_t n)
{
	while (n-- > 0)
		rig_say(r, ss, "{'a':'f','c':'c','d':'x'}");
}

/* ---- waiting ---- */

static void
edits_wait_and_come(void **state)
{
	struct rig r;
	struct session *a, *b;
	char text[100];
	size_t n = 0, i;

	(void)state;
	rig_init(&r);
	r.limits.session_rate.ops = 10;
	rig_start(&r);
	a = rig_open(&r, "A");
	b = rig_open(&r, "B");
	rig_say_over(&r, a, CREATE_X);
	rig_say_over(&r, b, "{'a':'s','c':'c','d':'x'}");
	for (i = 2; i <= 40; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'seq':%zu,'op':['1']}", i);
		rig_say(&r, a, text);
	}
	/* One is spent on the create. */
	assert_int_equal(answers(a), 9);
	assert_false(hub_has_work(r.hub));
	assert_true(r.hub->counts.slowed > 0);
	/* A ping costs nothing, but comes after what was said before. */
	rig_say(&r, a, "{'a':'pp'}");
	assert_int_equal(answers(a), 0);
	/* Others are not concerned. */
	assert_int_equal(answers(b), 9);
	ask(&r, b, 1);
	assert_int_equal(answers(b), 1);
	for (i = 0; i < 29; i++) {
		rig_tick(&r, 100);
		n += answers(a);
		assert_in_range(n, i, i + 1);
	}
	for (i = 0; i < 10; i++)
		rig_tick(&r, 100);
	assert_int_equal(n + answers(a), 31);
	assert_int_equal(answers(b), 30);
	assert_int_equal(r.hub->counts.ops_refused, 0);
	assert_int_equal(r.hub->counts.ops_committed, 40);
	rig_done(&r);
}

/* A query is dearer than an edit, and so is an edit far behind. */
static void
work_is_paid(void **state)
{
	struct rig r;
	struct session *a, *b;
	char text[100];
	int i;

	(void)state;
	rig_init(&r);
	r.limits.address_rate.ops = 1000;
	rig_start(&r);
	a = open_as(&r, "A", NULL, "192.0.2.1", 0);
	b = open_as(&r, "B", NULL, "192.0.2.2", 0);
	rig_say_over(&r, a, "{'a':'qf','c':'c','id':1,'q':{}}");
	assert_int_equal(a->payer->address.payer->meter.ops, 990 * 1000);
	rig_say_over(&r, b, CREATE_X);
	for (i = 2; i <= 300; i++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x',"
		    "'seq':%d,'op':['1']}", i);
		rig_say_over(&r, b, text);
	}
	assert_int_equal(b->payer->address.payer->meter.ops, 700 * 1000);
	rig_say_over(&r, a, "{'a':'op','c':'c','d':'x','v':90,'seq':1,'op':['1']}");
	assert_int_equal(a->payer->address.payer->meter.ops, 987 * 1000);
	rig_done(&r);
}

/* A full inbox stops its socket; room in it lets it go on. */
static void
the_socket_waits(void **state)
{
	static const char fetch[] = "{\"a\":\"f\",\"c\":\"c\",\"d\":\"x\"}";
	struct rig r;
	struct session *a;
	size_t n = 0;

	(void)state;
	rig_init(&r);
	r.limits.session_rate.ops = 1;
	r.limits.inbox_messages = 4;
	rig_start(&r);
	a = rig_open(&r, "A");
	while (hub_next_ready(r.hub) != NULL)
		;
	do {
		n++;
		rig_run(&r);
	} while (hub_receive(r.hub, a, fetch, strlen(fetch)));
	assert_int_equal(n, 5);
	rig_run(&r);
	assert_true(session_is_full(a));
	answers(a);
	while (hub_next_ready(r.hub) != NULL)
		;
	rig_tick(&r, 1001);
	assert_false(session_is_full(a));
	assert_ptr_equal(hub_next_ready(r.hub), a);
	rig_done(&r);
}

static void
bytes_count(void **state)
{
	struct rig r;
	struct session *a;
	char text[2100];

	(void)state;
	rig_init(&r);
	r.limits.session_rate.bytes = 1000;
	rig_start(&r);
	a = rig_open(&r, "A");
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'text-unicode','data':'%02000d'}}", 7);
	/* Larger than what a second brings, it goes through, on credit. */
	rig_say(&r, a, text);
	assert_int_equal(answers(a), 1);
	rig_say(&r, a, "{'a':'pp'}");
	rig_tick(&r, 1000);
	assert_int_equal(answers(a), 0);
	rig_tick(&r, 200);
	assert_int_equal(answers(a), 1);
	rig_done(&r);
}

/* A message about many documents is as many. */
static void
bulks_count_each(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.session_rate.ops = 10;
	rig_start(&r);
	a = rig_open(&r, "A");
	rig_say(&r, a, "{'a':'bf','c':'c','b':['1','2','3','4','5','6','7','8',"
	    "'9','10','11','12','13','14','15']}");
	assert_int_equal(answers(a), 1);
	ask(&r, a, 1);
	rig_tick(&r, 500);
	assert_int_equal(answers(a), 0);
	rig_tick(&r, 1);
	assert_int_equal(answers(a), 1);
	rig_done(&r);
}

/* ---- sharing ---- */

static void
principals_share(void **state)
{
	struct rig r;
	struct session *a, *b, *other, *link, *nobody;

	(void)state;
	rig_init(&r);
	r.limits.principal_rate.ops = 10;
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), "::1", 0);
	b = open_as(&r, "B", somebody("ann", "l"), "::2", 0);
	other = open_as(&r, "C", somebody("bob", NULL), "::1", 0);
	/* A link is not the subject of its name. */
	link = open_as(&r, "D", somebody(NULL, "ann"), "::1", 0);
	nobody = open_as(&r, "E", NULL, "::1", 0);
	ask(&r, a, 8);
	ask(&r, b, 8);
	assert_int_equal(answers(a) + answers(b), 10);
	ask(&r, other, 8);
	ask(&r, link, 8);
	ask(&r, nobody, 20);
	assert_int_equal(answers(other), 8);
	assert_int_equal(answers(link), 8);
	assert_int_equal(answers(nobody), 20);
	rig_tick(&r, 601);
	assert_int_equal(answers(a) + answers(b), 6);
	rig_done(&r);
}

static void
addresses_share(void **state)
{
	struct rig r;
	struct session *a, *b, *c, *untold;

	(void)state;
	rig_init(&r);
	r.limits.address_rate.ops = 10;
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), "192.0.2.1", 0);
	b = open_as(&r, "B", NULL, "192.0.2.1", 0);
	c = open_as(&r, "C", somebody("ann", NULL), "192.0.2.2", 0);
	untold = open_as(&r, "D", NULL, NULL, 0);
	ask(&r, a, 8);
	ask(&r, b, 8);
	ask(&r, c, 8);
	ask(&r, untold, 20);
	assert_int_equal(answers(a) + answers(b), 10);
	assert_int_equal(answers(c), 8);
	assert_int_equal(answers(untold), 20);
	rig_done(&r);
}

/* A fetch has 25 bytes: the fifth is on credit, the sixth waits for that. */
static void
check_shared_bytes(struct rig *r)
{
	struct session *a, *b;

	rig_start(r);
	a = open_as(r, "A", somebody("ann", NULL), "::1", 0);
	b = open_as(r, "B", somebody("ann", NULL), "::1", 0);
	ask(r, a, 3);
	ask(r, b, 3);
	assert_int_equal(answers(a), 3);
	assert_int_equal(answers(b), 1);
	rig_tick(r, 80);
	assert_int_equal(answers(b), 1);
	rig_tick(r, 170);
	assert_int_equal(answers(b), 0);
	rig_tick(r, 1);
	assert_int_equal(answers(b), 1);
	rig_done(r);
}

static void
bytes_are_shared(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	r.limits.principal_rate.bytes = 100;
	check_shared_bytes(&r);
	rig_init(&r);
	r.limits.address_rate.bytes = 100;
	check_shared_bytes(&r);
}

/* To leave and come again is no way round, and payers do not stay for ever. */
static void
leaving_pays_nothing(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.address_rate.ops = 10;
	r.limits.principal_rate.ops = 1000;
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), "192.0.2.1", 0);
	ask(&r, a, 15);
	assert_int_equal(answers(a), 10);
	hub_leave(r.hub, a);		/* what was said before counts */
	a = open_as(&r, "B", somebody("ann", NULL), "192.0.2.1", 0);
	assert_int_equal(r.hub->payers.all.n, 2);
	ask(&r, a, 1);
	assert_int_equal(answers(a), 0);
	rig_tick(&r, 500);
	assert_int_equal(answers(a), 0);
	rig_tick(&r, 1);
	assert_int_equal(answers(a), 1);
	hub_leave(r.hub, a);
	assert_int_equal(r.hub->payers.all.n, 2);
	rig_tick(&r, 1000);
	rig_tick(&r, 2000);
	assert_int_equal(r.hub->payers.all.n, 0);
	rig_done(&r);
}

/* ---- who does not wait ---- */

static void
insiders_are_refused(void **state)
{
	struct rig r;
	struct session *a, *b;

	(void)state;
	rig_init(&r);
	r.limits.session_rate.ops = 1;	/* is not for them */
	r.limits.principal_rate.ops = 3;
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), NULL, HUB_INSIDE);
	ask(&r, a, 3);
	assert_int_equal(answers(a), 3);
	ask(&r, a, 1);
	rig_hear_error(a, "ERR_OTD_RATE_LIMIT");
	rig_say(&r, a, CREATE_X);
	rig_hear_error(a, "ERR_OTD_RATE_LIMIT");
	rig_hear_nothing(a);
	assert_int_equal(r.hub->counts.rate_refused, 2);
	/* What was refused costs nothing. */
	rig_tick(&r, 1);
	ask(&r, a, 1);
	assert_int_equal(answers(a), 1);
	b = open_as(&r, "B", somebody("ann", NULL), NULL, HUB_INSIDE);
	ask(&r, b, 1);
	rig_hear_error(b, "ERR_OTD_RATE_LIMIT");
	rig_done(&r);
}

/* What was received is finished before the end. */
static void
draining(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	r.limits.session_rate.ops = 1;
	rig_start(&r);
	a = rig_open(&r, "A");
	ask(&r, a, 20);
	assert_int_equal(answers(a), 1);
	hub_drain(r.hub);
	assert_false(hub_is_quiet(r.hub));
	rig_run(&r);
	assert_int_equal(answers(a), 19);
	assert_true(hub_is_quiet(r.hub));
	rig_done(&r);
}

/* Without limits there is nobody who pays. */
static void
nobody_pays(void **state)
{
	struct rig r;
	struct session *a;

	(void)state;
	rig_init(&r);
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), "192.0.2.1", 0);
	assert_int_equal(r.hub->payers.all.n, 0);
	ask(&r, a, 300);
	assert_int_equal(answers(a), 300);
	assert_int_equal(r.hub->counts.slowed, 0);
	rig_done(&r);
}

/* ---- what all sessions of a principal have ---- */

static void
ceilings_of_principals(void **state)
{
	struct rig r;
	struct session *a, *b, *c;

	(void)state;
	rig_init(&r);
	r.limits.principal_subscriptions = 3;
	r.limits.principal_queries = 1;
	r.limits.principal_presences = 1;
	rig_start(&r);
	a = open_as(&r, "A", somebody("ann", NULL), NULL, 0);
	b = open_as(&r, "B", somebody("ann", NULL), NULL, 0);
	c = open_as(&r, "C", somebody("cid", NULL), NULL, 0);
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'1'}");
	rig_say_over(&r, b, "{'a':'bs','c':'c','b':['1','2']}");
	rig_say(&r, a, "{'a':'s','c':'c','d':'2'}");
	rig_hear_error(a, "ERR_OTD_TOO_MANY_SUBSCRIPTIONS");
	rig_say_over(&r, c, "{'a':'bs','c':'c','b':['1','2','3']}");
	rig_say_over(&r, b, "{'a':'u','c':'c','d':'2'}");
	rig_say_over(&r, a, "{'a':'s','c':'c','d':'2'}");
	rig_say_over(&r, a, "{'a':'qs','c':'c','id':1,'q':{}}");
	rig_say(&r, b, "{'a':'qs','c':'c','id':1,'q':{}}");
	rig_hear_error(b, "ERR_OTD_TOO_MANY_QUERIES");
	rig_say_over(&r, a, "{'a':'p','ch':'c','id':'p','pv':1,'p':1}");
	rig_say(&r, b, "{'a':'p','ch':'c','id':'p','pv':1,'p':1}");
	rig_hear_error(b, "ERR_OTD_TOO_MANY_PRESENCES");
	hub_leave(r.hub, a);
	rig_say_over(&r, b, "{'a':'p','ch':'c','id':'p','pv':2,'p':1}");
	rig_hear_nothing(b);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_wait_and_come),
		cmocka_unit_test(the_socket_waits),
		cmocka_unit_test(bytes_count),
		cmocka_unit_test(bulks_count_each),
		cmocka_unit_test(principals_share),
		cmocka_unit_test(addresses_share),
		cmocka_unit_test(work_is_paid),
		cmocka_unit_test(bytes_are_shared),
		cmocka_unit_test(leaving_pays_nothing),
		cmocka_unit_test(insiders_are_refused),
		cmocka_unit_test(draining),
		cmocka_unit_test(nobody_pays),
		cmocka_unit_test(ceilings_of_principals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
