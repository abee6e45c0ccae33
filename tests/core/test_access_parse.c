/*
 * Texts of rules: what is refused, and with which words.
 */
#include "tests/core/access_rig.h"

#include "ot/utf.h"
#include "tests/proto/quoted.h"

static void
names(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ACCESS_ACTIONS; i++)
		assert_int_equal(access_action_named(access_action_name(
		    (enum access_action)i)), i);
	for (i = ROLE_VIEWER; i <= ROLE_OWNER; i++)
		assert_int_equal(access_role_named(access_role_name(
		    (enum access_role)i)), i);
	assert_int_equal(access_action_named("Read"), -1);
	assert_int_equal(access_role_named("none"), -1);
	assert_null(access_role_name(ROLE_NONE));
	assert_null(access_action_name((enum access_action)ACCESS_ACTIONS));
}

static void
refusals(void **state)
{
	static const struct { const char *rules, *why; } rows[] = {
		{ "", "" },
		{ "[]", "rules are an object" },
		{ "{}", "\"rules\" must be a list" },
		{ "{'rules':{}}", "\"rules\" must be a list" },
		{ "{'rules':[],'rule':1}", "\"rule\" is none of" },
		{ "{'rules':[],'comment':1}",
		    "\"comment\": it must be a string" },
		{ "{'rules':[],'$schema':[]}",
		    "\"$schema\": it must be a string" },
		/* Names of these lengths have no NUL behind them. */
		{ "{'rules':[],'eightlen':1}", "\"eightlen\" is none of" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'sixteenbyteslong':1}]}", "no member \"sixteenbyteslong\"" },
		{ "{'rules':[{'name':'r','who':{'eightlen':1}}]}",
		    "\"eightlen\" is none of" },
		{ "{'eightlen':1,'eightlen':1}", "\"eightlen\" stands twice" },
		{ "{'rules':[],'rules':[]}", "\"rules\" stands twice" },
		{ "{'rules':[],'roles_claim':1}",
		    "\"roles_claim\": it must be a string" },
		{ "{'rules':[],'grants':['a{']}",
		    "\"grants\": \"a{\": { without }" },
		{ "{'rules':[],'grants':[]}", "\"grants\": it names none" },
		{ "{'rules':[1]}", "rule 1: it must be an object" },
		{ "{'rules':[{}]}", "rule 1, \"name\": it is missing" },
		{ "{'rules':[{'name':''}]}",
		    "rule 1, \"name\": it must not be empty" },
		{ "{'rules':[{'name':'r','deny':['read'],'deny':['edit']}]}",
		    "\"deny\" stands twice" },
		{ "{'rules':[{'name':'r'}]}",
		    "rule \"r\", \"who\": it is missing" },
		{ "{'rules':[{'name':'r','who':'me'}]}",
		    "rule \"r\", \"who\": \"me\" is none of" },
		{ "{'rules':[{'name':'r','who':{}}]}",
		    "rule \"r\", \"who\": it says nothing" },
		{ "{'rules':[{'name':'r','who':{'role':['a']}}]}",
		    "rule \"r\", \"who\": \"role\" is none of" },
		{ "{'rules':[{'name':'r','who':{'roles':'a'}}]}",
		    "rule \"r\", \"who.roles\": it must be a list" },
		{ "{'rules':[{'name':'r','who':{'roles':[]}}]}",
		    "rule \"r\", \"who.roles\": it names none" },
		{ "{'rules':[{'name':'r','who':{'subjects':[7]}}]}",
		    "rule \"r\", \"who.subjects\": each of them must be a" },
		{ "{'rules':[{'name':'r','who':{'claims':{}}}]}",
		    "rule \"r\", \"who.claims\": it must be an object" },
		{ "{'rules':[{'name':'r','who':{'claims':{'a':'b'}}}]}",
		    "rule \"r\", \"who.claims\": it must be a list" },
		{ "{'rules':[{'name':'r','who':{'claims':{'a':[null]}}}]}",
		    "rule \"r\", \"who.claims\": values of a claim" },
		{ "{'rules':[{'name':'r','who':{'grant':'none'}}]}",
		    "rule \"r\", \"who.grant\": \"none\" is none of" },
		{ "{'rules':[{'name':'r','who':'anybody'}]}",
		    "rule \"r\": it neither allows nor denies" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':['read'],"
		    "'deny':['edit']}]}",
		    "rule \"r\", \"deny\": a rule either allows or denies" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':['write']}]}",
		    "rule \"r\", \"allow\": \"write\" is none of read," },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'read'}]}",
		    "rule \"r\", \"allow\": it must be a list" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':['*']}]}",
		    "rule \"r\", \"allow\": \"*\" is none of read," },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'documents':['x']}]}",
		    "rule \"r\": \"documents\" without \"collections\"" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':['read'],"
		    "'channels':['x']}]}",
		    "rule \"r\": \"channels\" without the action presence" },
		{ "{'rules':[{'name':'r','who':{'grant':'viewer'},"
		    "'deny':['read']}]}",
		    "rule \"r\": \"who.grant\" in a rule that denies" },
		{ "{'rules':[{'name':'r','who':{'grant':'viewer'},"
		    "'allow':'*','channels':['x']}]}",
		    "rule \"r\": \"who.grant\" with \"channels\" only" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['{claim.x}']}]}",
		    "rule \"r\", \"collections\": \"{claim.x}\": {claim.x} is" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['{claims.}']}]}", "{claims.} is none of" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['{}']}]}", "{} is none of" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['']}]}", "must not be empty" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['\\ud800']}]}", "half a character" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'collections':['*a*b*c*d*e*f*g*h*']}]}", "more than 16" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*',"
		    "'when':1}]}", "rule \"r\": a rule has no member \"when\"" },
		{ "{'rules':[{'name':'r','who':'anybody','allow':'*'},"
		    "{'name':'r','who':'anybody','allow':'*'}]}",
		    "rule 2, \"name\": another rule has this name" },
		{ "{'rules':[[[[[[[[[[[]]]]]]]]]]]}", "in one another" },
	};
	struct access *a = NULL;
	struct ot_err err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		char *json = quoted(rows[i].rules);

		if (access_parse(json, strlen(json), &a, &err) == 0)
			fail_msg("%s is taken", json);
		if (strstr(err.text, rows[i].why) == NULL)
			fail_msg("%s: %s", json, err.text);
		assert_true(utf_is_utf8(err.text, strlen(err.text)));
		assert_null(a);
		free(json);
	}
}

/* Any beginning of rules is refused, too. */
static void
cut_short(void **state)
{
	char *json = quoted("{'roles_claim':'a.b','grants':['x'],'rules':["
	    "{'name':'r','comment':'c','who':{'subjects':['a'],'roles':['b'],"
	    "'claims':{'c':[1,true,'x']},'grant':'owner'},'allow':['read'],"
	    "'collections':['*'],'documents':['{sub}/*']}]}");
	struct access *a = NULL;
	struct ot_err err;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(json); len++)
		assert_int_not_equal(access_parse(json, len, &a, &err), 0);
	assert_int_equal(access_parse(json, len, &a, &err), 0);
	access_unref(access_ref(a));
	access_unref(a);
	free(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(refusals),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
