/*
 * What the gate knows from the store: revocations, grants, tickets, links.
 */
#include "tests/auth/gate_rig.h"

#include "auth/link.h"
#include "auth/ticket.h"
#include "base/log.h"

/* ---- revocations ---- */

/* Of ROWS_ACCESS_CHANGES: one revocation, which holds. */
#define REVOKED_ROW(cursor, name, subject, token, before_ms)		\
	(cursor), (name), (token) != NULL ? "token" : "subject", NULL,	\
	NULL, (subject), (token), "1", (before_ms), NULL

static void
revoked_tokens_are_refused_also_remembered_ones(void **state)
{
	struct rig r;
	char *one = hs(CLAIMS ",\"jti\":\"t1\",\"iat\":1799999990");
	char *two = hs(CLAIMS ",\"jti\":\"t2\",\"iat\":1799999990");
	char *young = hs(CLAIMS ",\"jti\":\"t3\",\"iat\":1799999995");
	char *ageless = hs(CLAIMS);
	struct gate_change change;

	(void)state;
	rig_init(&r);
	rig_open(&r);
	assert_int_equal(ask_token(&r, one), GATE_IN);
	assert_int_equal(ask_token(&r, two), GATE_IN);
	rig_answer(&r, ROWS_ACCESS_CHANGES, 10, 10,
	    REVOKED_ROW("7", "7/1", NULL, "t1", NULL));
	rig_turn(&r, 400);
	ask_token(&r, one);
	assert_out(&r, "the token was revoked");
	assert_int_equal(ask_token(&r, two), GATE_IN);
	assert_true(gate_next_change(r.gate, &change));
	assert_int_equal(change.kind, GATE_REVOKED);
	assert_string_equal(change.token_id, "t1");
	assert_null(change.subject);
	gate_change_done(&change);
	assert_false(gate_next_change(r.gate, &change));
	/* Read again, it is not told again; another is. */
	rig_answer(&r, ROWS_ACCESS_CHANGES, 10, 20,
	    REVOKED_ROW("7", "7/1", NULL, "t1", NULL),
	    REVOKED_ROW("7", "8/2", "ann", NULL, "1799999995000"));
	rig_turn(&r, 400);
	assert_true(gate_next_change(r.gate, &change));
	assert_string_equal(change.subject, "ann");
	assert_int_equal(change.before_s, 1799999995);
	gate_change_done(&change);
	assert_false(gate_next_change(r.gate, &change));
	assert_int_equal(ask_token(&r, two), GATE_OUT);
	assert_int_equal(ask_token(&r, ageless), GATE_OUT);
	assert_int_equal(ask_token(&r, young), GATE_IN);
	/* Taken back. */
	rig_answer(&r, ROWS_ACCESS_CHANGES, 10, 10, "9", "9/3", "subject",
	    NULL, NULL, "ann", NULL, "0", NULL, NULL);
	rig_turn(&r, 400);
	assert_false(gate_next_change(r.gate, &change));
	assert_int_equal(ask_token(&r, two), GATE_IN);
	assert_int_equal(ask_token(&r, one), GATE_OUT);
	rig_done(&r);
	free(one);
	free(two);
	free(young);
	free(ageless);
}

static void
revocations_of_before_the_start_hold_and_end(void **state)
{
	struct rig r;
	char *one = hs("\"sub\":\"ann\",\"exp\":1800000100,\"jti\":\"t1\"");

	(void)state;
	rig_init(&r);
	rig_answer(&r, ROWS_REVOCATIONS, 6, 6, "token", "t1", NULL,
	    "1800000050000", "0", NULL);
	rig_open(&r);
	assert_int_equal(ask_token(&r, one), GATE_OUT);
	rig_turn(&r, 51000);
	assert_int_equal(ask_token(&r, one), GATE_IN);
	rig_done(&r);
	free(one);
}

static void
changed_grants_are_told(void **state)
{
	struct rig r;
	struct gate_change change;

	(void)state;
	rig_init(&r);
	rig_open(&r);
	rig_answer(&r, ROWS_ACCESS_CHANGES, 10, 10, "3", "3/1", "grant",
	    "notes", "a/b", "ann", NULL, "0", NULL, NULL);
	rig_turn(&r, 400);
	assert_true(gate_next_change(r.gate, &change));
	assert_int_equal(change.kind, GATE_REGRANTED);
	assert_string_equal(change.collection, "notes");
	assert_string_equal(change.id, "a/b");
	assert_string_equal(change.subject, "ann");
	gate_change_done(&change);
	rig_done(&r);
}

/* ---- tickets and links ---- */

/* Whose token was revoked comes in by no ticket while that is being read. */
static void
a_ticket_wants_what_is_revoked(void **state)
{
	struct rig r;
	void *wait = NULL;

	(void)state;
	rig_init(&r);
	r.is_away = true;
	rig_open(&r);
	assert_int_equal(ask(&r, (struct gate_shown){ .ticket = "t" }, &wait),
	    GATE_OUT);
	assert_out(&r, "the server cannot tell yet whether the token was "
	    "revoked; come again");
	assert_null(wait);
	rig_done(&r);
}

static void
a_ticket_stands_for_who_asked_for_it(void **state)
{
	struct rig r;
	char *token = hs(CLAIMS ",\"jti\":\"t1\",\"tenant\":\"blue\""), *kept;
	void *wait;

	(void)state;
	rig_init(&r);
	rig_open(&r);
	ask_token(&r, token);
	kept = ticket_principal(r.who);
	rig_answer(&r, ROWS_TICKET_TAKE, 1, 1, kept);
	assert_int_equal(ask(&r, (struct gate_shown){ .ticket = "t" }, &wait),
	    GATE_LATER);
	rig_store(&r);
	assert_int_equal(r.verdict, GATE_IN);
	assert_string_equal(r.who->subject, "ann");
	assert_string_equal(r.who->token_id, "t1");
	assert_int_equal(r.who->expires_s, 1800000110);
	assert_true(json_object_has(r.who->claims, "tenant"));
	/* It was deleted: nothing comes back. */
	rig_answer(&r, ROWS_TICKET_TAKE, 1, 0);
	ask(&r, (struct gate_shown){ .ticket = "t" }, &wait);
	rig_store(&r);
	assert_out(&r, "the ticket is used, over, or was never given");
	r.is_away = true;
	ask(&r, (struct gate_shown){ .ticket = "t" }, &wait);
	rig_store(&r);
	assert_int_equal(r.verdict, GATE_OUT);
	/* Whoever waited is gone; the job comes back nevertheless. */
	r.n_settled = 0;
	ask(&r, (struct gate_shown){ .ticket = "t" }, &wait);
	gate_forget(r.gate, wait);
	rig_store(&r);
	assert_int_equal(r.n_settled, 0);
	/* The gate goes while one is asked about; its job never comes back. */
	ask(&r, (struct gate_shown){ .ticket = "t" }, &wait);
	rig_done(&r);
	assert_int_equal(r.n_settled, 0);
	free(token);
	free(kept);
}

static void
a_link_adds_to_who_it_is_or_stands_alone(void **state)
{
	struct rig r;
	char *token = hs(CLAIMS), link[LINK_TEXT], subject[LINK_TEXT];
	void *wait;

	(void)state;
	assert_true(link_new(link));
	link_subject(link, subject);
	rig_init(&r);
	rig_open(&r);
	assert_int_equal(ask(&r, (struct gate_shown){ .token = token,
	    .link = link }, &wait), GATE_IN);
	assert_string_equal(r.who->subject, "ann");
	assert_string_equal(r.who->link, subject);
	/* The remembered token has not changed. */
	assert_int_equal(ask_token(&r, token), GATE_IN);
	assert_null(r.who->link);
	/* Alone: only if something was shared by it, and as long. */
	rig_answer(&r, ROWS_LINK_GRANTS, 2, 2, "1", "1800000050500");
	assert_int_equal(ask_token(&r, link), GATE_LATER);
	rig_store(&r);
	assert_int_equal(r.verdict, GATE_IN);
	assert_null(r.who->subject);
	assert_string_equal(r.who->link, subject);
	assert_int_equal(r.who->expires_s, 1800000051);
	rig_answer(&r, ROWS_LINK_GRANTS, 2, 2, "0", NULL);
	assert_int_equal(ask(&r, (struct gate_shown){ .link = link }, &wait),
	    GATE_LATER);
	rig_store(&r);
	assert_out(&r, "the link is over, or was never given");
	rig_done(&r);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revoked_tokens_are_refused_also_remembered_ones),
		cmocka_unit_test(revocations_of_before_the_start_hold_and_end),
		cmocka_unit_test(changed_grants_are_told),
		cmocka_unit_test(a_ticket_wants_what_is_revoked),
		cmocka_unit_test(a_ticket_stands_for_who_asked_for_it),
		cmocka_unit_test(a_link_adds_to_who_it_is_or_stands_alone),
	};

	log_setup(LOG_ERROR, LOG_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
