/*
 * How long somebody is who they are: tokens that end, are renewed and revoked.
 */
#include "tests/core/live_rig.h"

#include "base/mem.h"

/* ---- tokens ---- */

static void
test_a_token_ends(void **state)
{
	struct live w;
	struct session *cid;
	struct principal *who = principal_of("{'sub':'cid'}", NULL);
	struct hub_counts counts;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	who->expires_s = NOW_S + 100;
	cid = rig_open_as(&w.r, "C", who, 0);
	rig_say(&w.r, cid, "{'a':'hs','id':null,'x':{'token':true}}");
	rig_hear(cid, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'C',"
	    "'type':'http://sharejs.org/types/JSONv0','x':{'exp':1000100}}");
	hub_clock(w.r.hub, (NOW_S + 39) * 1000LL);
	rig_hear_nothing(cid);
	hub_clock(w.r.hub, (NOW_S + 40) * 1000LL);
	rig_hear(cid, "{'a':'x-token','soon':true,'exp':1000100}");
	hub_clock(w.r.hub, (NOW_S + 99) * 1000LL);
	rig_hear_nothing(cid);
	live_must_be_closed(cid, CLOSE_NONE);
	hub_clock(w.r.hub, (NOW_S + 100) * 1000LL);
	live_must_be_closed(cid, CLOSE_RENEW);
	live_must_be_closed(w.bob, CLOSE_NONE);
	hub_count(w.r.hub, &counts);
	assert_int_equal(counts.closed_renew, 1);
	rig_done(&w.r);
}

/* Show a token, and take it out for who knows tokens. */
static void
show(struct live *w, struct session *ss)
{
	const char *token = NULL;

	rig_say(&w->r, ss, "{'a':'x-token','token':'T2'}");
	assert_ptr_equal(hub_next_renewal(w->r.hub, &token), ss);
	assert_string_equal(token, "T2");
	assert_null(hub_next_renewal(w->r.hub, &token));
}

static void
test_renewed(void **state)
{
	struct live w;
	struct principal *who = principal_of("{'sub':'bob'}", NULL);

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	who->expires_s = NOW_S + 200;
	live_grant(&w, "bob", ROLE_VIEWER, 0);
	rig_say_over(&w.r, w.bob, READ_X);
	show(&w, w.bob);
	rig_say(&w.r, w.bob, "{'a':'pp'}");
	rig_hear_nothing(w.bob);
	hub_renew(w.r.hub, w.bob, who, NULL);
	rig_run(&w.r);
	rig_hear(w.bob, "{'a':'x-token','exp':1000200}");
	rig_hear(w.bob, "{'a':'pp'}");
	live_must_be_closed(w.bob, CLOSE_NONE);
	/* Not good: it stays who it was. */
	show(&w, w.bob);
	hub_renew(w.r.hub, w.bob, NULL, "the token is over");
	rig_hear(w.bob, "{'a':'x-token','error':{'code':"
	    "'ERR_OTD_UNAUTHENTICATED','message':'the token is over'}}");
	live_must_be_closed(w.bob, CLOSE_NONE);
	hub_clock(w.r.hub, (NOW_S + 200) * 1000LL);
	live_must_be_closed(w.bob, CLOSE_RENEW);
	rig_done(&w.r);
}

/* The link that was shown beside the former token still counts. */
static void
test_renewed_with_a_link(void **state)
{
	struct live w;
	struct session *cid;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	live_grant(&w, "link:1", ROLE_VIEWER, 0);
	cid = rig_open_as(&w.r, "C", principal_of("{'sub':'cid'}", "link:1"),
	    0);
	rig_say_over(&w.r, cid, READ_X);
	show(&w, cid);
	hub_renew(w.r.hub, cid, principal_of("{'sub':'cid','jti':'2'}", NULL),
	    NULL);
	rig_run(&w.r);
	rig_hear(cid, "{'a':'x-token'}");
	live_must_be_closed(cid, CLOSE_NONE);
	live_grant(&w, "link:1", ROLE_NONE, 0);
	live_must_be_closed(cid, CLOSE_ACCESS);
	rig_done(&w.r);
}

static void
test_renewed_as_somebody_else(void **state)
{
	struct live w;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	show(&w, w.bob);
	rig_say(&w.r, w.bob, CREATE_Y);
	hub_renew(w.r.hub, w.bob, principal_of("{'sub':'ann'}", NULL), NULL);
	rig_run(&w.r);
	rig_hear_error(w.bob, "ERR_OTD_UNAUTHENTICATED");
	live_must_be_closed(w.bob, CLOSE_RENEW);
	assert_null(pretend_find(&w.r.store, "c", "y"));
	rig_done(&w.r);
}

/* Renewed with less: what it may no longer have closes it. */
static void
test_renewed_with_less(void **state)
{
	struct live w;
	struct session *cid;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	hub_set_access(w.r.hub, rules_of("{'rules':[{'name':'r','who':"
	    "{'roles':['reader']},'allow':['read']}]}"));
	cid = live_enter(&w, "C", "{'sub':'cid','roles':['reader']}");
	rig_say_over(&w.r, cid, READ_X);
	show(&w, cid);
	hub_renew(w.r.hub, cid, principal_of("{'sub':'cid'}", NULL), NULL);
	live_must_be_closed(cid, CLOSE_ACCESS);
	rig_done(&w.r);
}

static void
test_nobody_has_a_token(void **state)
{
	struct live w;
	struct session *ss;
	const char *token;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	ss = rig_open(&w.r, "N");
	rig_say(&w.r, ss, "{'a':'x-token','token':'T','id':5}");
	rig_hear(ss, "{'a':'x-token','id':5,'error':{'code':"
	    "'ERR_OTD_UNAUTHENTICATED','message':'nobody is known on this "
	    "connection: there is no token to be renewed'}}");
	assert_null(hub_next_renewal(w.r.hub, &token));
	/* Who leaves is not renewed. */
	rig_say(&w.r, w.bob, "{'a':'x-token','token':'T2'}");
	hub_leave(w.r.hub, w.bob);
	assert_null(hub_next_renewal(w.r.hub, &token));
	rig_done(&w.r);
}

static void
test_revoked(void **state)
{
	struct live w;
	struct session *again, *left;
	const struct pretend_doc *x;

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	pretend_grant(&w.r.store, "c", "x", "bob", ROLE_EDITOR, 0);
	again = live_enter(&w, "B2", "{'sub':'bob'}");
	left = live_enter(&w, "B3", "{'sub':'bob'}");
	rig_say_over(&w.r, w.bob, READ_X);
	/* One op is at the store, one waits in line, one in the inbox. */
	rig_hold(&w.r, JOB_COMMIT);
	rig_say(&w.r, w.bob, EDIT_X);
	live_grant(&w, "bob", ROLE_EDITOR, 0);
	rig_hold(&w.r, JOB_ROWS);
	hub_regrant(w.r.hub, "c", "x", NULL);
	rig_run(&w.r);
	rig_say(&w.r, w.bob, "{'a':'op','c':'c','d':'x','v':1,'seq':10,"
	    "'op':['?']}");
	rig_say(&w.r, left, "{'a':'op','c':'c','d':'x','v':1,'seq':1,"
	    "'op':['?']}");
	hub_leave(w.r.hub, left);
	hub_revoke(w.r.hub, NULL, "bob", NOW_S - 10);
	live_must_be_closed(w.bob, CLOSE_NONE);
	hub_revoke(w.r.hub, NULL, "bob", NOW_S - 9);
	live_must_be_closed(w.bob, CLOSE_RENEW);
	live_must_be_closed(again, CLOSE_RENEW);
	live_must_be_closed(w.ann, CLOSE_NONE);
	rig_settle(&w.r, JOB_ROWS, ERR_NONE, false);
	rig_settle(&w.r, JOB_COMMIT, ERR_NONE, false);
	x = pretend_find(&w.r.store, "c", "x");
	assert_int_equal(x->v, 2);
	assert_string_equal(x->log[1]->author, "bob");
	rig_done(&w.r);
}

static void
test_one_token_revoked(void **state)
{
	struct live w;
	struct session *ss;
	struct principal *who = principal_of("{'sub':'bob'}", NULL);

	(void)state;
	rig_init(&w.r);
	live_begin(&w);
	who->token_id = mem_copy("t1", 2);
	ss = rig_open_as(&w.r, "C", who, 0);
	hub_revoke(w.r.hub, "t2", NULL, 0);
	live_must_be_closed(ss, CLOSE_NONE);
	hub_revoke(w.r.hub, "t1", NULL, 0);
	live_must_be_closed(ss, CLOSE_RENEW);
	live_must_be_closed(w.bob, CLOSE_NONE);
	rig_done(&w.r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_ends),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_renewed_with_a_link),
		cmocka_unit_test(test_renewed_as_somebody_else),
		cmocka_unit_test(test_renewed_with_less),
		cmocka_unit_test(test_nobody_has_a_token),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_one_token_revoked),
	};

	return cmocka_run_group_tests_name("renew", tests, NULL, NULL);
}
