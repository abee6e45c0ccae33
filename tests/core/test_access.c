/*
 * The rules of access: who is meant, what is allowed, and why.
 */
#include "tests/core/access_rig.h"

#include <stdio.h>

#include "base/mem.h"

/* ---- every action, who and pattern against every question ---- */

/* Who may ask; NULL, NULL: nobody known. */
static const struct { const char *claims, *link; } askers[] = {
	{ NULL, NULL },
	{ NULL, "link:1" },
	{ "{'sub':'ann'}", NULL },
	{ "{'sub':'bob','roles':['author','editor'],'tenant':'acme'}", NULL },
	{ "{'sub':'cid','roles':'reader editor','tenant':'umbra','n':7}",
	    "link:1" },
	{ "{'sub':'dan','roles':'editors','org':{'tenant':'acme'},"
	    "'groups':['x','acme'],'tenant':['acme']}", NULL },
};

/* Who is meant, and which of them that is. */
static const struct { const char *who; bool is[COUNT(askers)]; } whos[] = {
	{ "'anybody'", { 1, 1, 1, 1, 1, 1 } },
	{ "'authenticated'", { 0, 0, 1, 1, 1, 1 } },
	{ "{'subjects':['ann','cid','link:1']}", { 0, 0, 1, 0, 1, 0 } },
	{ "{'roles':['editor']}", { 0, 0, 0, 1, 1, 0 } },
	{ "{'roles':['reader','editors']}", { 0, 0, 0, 0, 1, 1 } },
	{ "{'roles':['reader editor']}", { 0, 0, 0, 0, 0, 0 } },
	/* A claim that is a list has each of its items. */
	{ "{'claims':{'tenant':['acme']}}", { 0, 0, 0, 1, 0, 1 } },
	{ "{'claims':{'tenant':['acme','umbra'],'n':[7]}}",
	    { 0, 0, 0, 0, 1, 0 } },
	{ "{'claims':{'n':['7']}}", { 0, 0, 0, 0, 0, 0 } },
	{ "{'claims':{'org.tenant':['acme']}}", { 0, 0, 0, 0, 0, 1 } },
	{ "{'claims':{'groups':['acme']}}", { 0, 0, 0, 0, 0, 1 } },
	{ "{'subjects':['bob'],'roles':['author']}", { 0, 0, 0, 1, 0, 0 } },
	{ "{'subjects':['ann'],'roles':['author']}", { 0, 0, 0, 0, 0, 0 } },
	{ "{'grant':'viewer'}", { 0, 1, 0, 1, 1, 0 } },
	{ "{'grant':'editor'}", { 0, 0, 0, 1, 0, 0 } },
	{ "{'grant':'owner'}", { 0, 0, 0, 0, 0, 0 } },
	{ "{'grant':'viewer','roles':['editor']}", { 0, 0, 0, 1, 1, 0 } },
};

/* What the documents are granted, all of them. */
static const struct grant granted[] = {
	{ (char *)"link:1", ROLE_VIEWER, 0 },
	{ (char *)"bob", ROLE_EDITOR, 2000 },
	{ (char *)"bob", ROLE_OWNER, 1000 },	/* is over */
	{ (char *)"ann", ROLE_OWNER, 999 },
};
#define NOW	1000

/* Where, and which of these fits: collections and ids. */
static const struct { const char *collection, *id; } places[] = {
	{ "notes", "1" }, { "notes_x", "1" }, { "notes", "acme/1" },
	{ "notes_x", "acme/1" }, { "x_notes", "umbra/acme/1" }, { "", "" },
};
static const struct { const char *about; bool is[COUNT(places)]; } abouts[] = {
	{ "", { 1, 1, 1, 1, 1, 1 } },
	{ ",'collections':['*']", { 1, 1, 1, 1, 1, 1 } },
	{ ",'collections':['notes']", { 1, 0, 1, 0, 0, 0 } },
	{ ",'collections':['notes*']", { 1, 1, 1, 1, 0, 0 } },
	{ ",'collections':['*notes','notes_x']", { 1, 1, 1, 1, 1, 0 } },
	{ ",'collections':['*'],'documents':['*']", { 1, 1, 1, 1, 1, 1 } },
	{ ",'collections':['*'],'documents':['1']", { 1, 1, 0, 0, 0, 0 } },
	{ ",'collections':['notes'],'documents':['acme/*','1']",
	    { 1, 0, 1, 0, 0, 0 } },
	{ ",'collections':['*'],'documents':['*/1']", { 0, 0, 1, 1, 1, 0 } },
	{ ",'collections':['*'],'documents':['*acme/*']",
	    { 0, 0, 1, 1, 1, 0 } },
	{ ",'channels':['*']", { 0, 0, 0, 0, 0, 0 } },
	{ ",'channels':['*'],'collections':['notes']", { 1, 0, 1, 0, 0, 0 } },
};

static struct principal *
asker(size_t i)
{
	return askers[i].claims == NULL && askers[i].link == NULL ? NULL :
	    principal_of(askers[i].claims, askers[i].link);
}

/* All questions to a rule for the action that allows, and to one that denies. */
static void
ask_all(enum access_action action, size_t w, size_t t)
{
	const struct grants grants = { (struct grant *)granted, COUNT(granted) };
	bool has_grant = strstr(whos[w].who, "grant") != NULL, fits;
	struct access *allows, *denies = NULL;
	struct access_question q = { .grants = &grants, .now_ms = NOW };
	char text[512];
	size_t i, p;

	snprintf(text, sizeof(text), "{'rules':[{'name':'r','who':%s,"
	    "'allow':['presence','%s']%s}]}", whos[w].who,
	    access_action_name(action), abouts[t].about);
	allows = rules_of(text);
	snprintf(text, sizeof(text), "{'rules':[{'name':'a','who':'anybody',"
	    "'allow':'*'},{'name':'r','who':%s,'deny':['presence','%s']%s}]}",
	    whos[w].who, access_action_name(action), abouts[t].about);
	if (!has_grant)
		denies = rules_of(text);
	for (i = 0; i < COUNT(askers); i++) {
		struct principal *who = asker(i);

		q.who = who;
		for (p = 0; p < COUNT(places); p++)
			for (q.action = 0; q.action < ACCESS_ACTIONS;
			    q.action++) {
				q.collection = places[p].collection;
				q.id = places[p].id;
				fits = (q.action == action ||
				    q.action == ACCESS_PRESENCE) &&
				    whos[w].is[i] && abouts[t].is[p];
				assert_int_equal(access_check(allows, &q, NULL),
				    fits ? ACCESS_YES : ACCESS_NO);
				if (denies != NULL)
					assert_int_equal(access_check(denies,
					    &q, NULL), fits ? ACCESS_NO :
					    ACCESS_YES);
			}
		principal_unref(who);
	}
	access_unref(allows);
	access_unref(denies);
}

static void
everything_asked(void **state)
{
	int action;
	size_t w, t;

	(void)state;
	for (action = 0; action < ACCESS_ACTIONS; action++)
		for (w = 0; w < COUNT(whos); w++)
			for (t = 0; t < COUNT(abouts); t++)
				/* Grants are not of channels: refusals. */
				if (strstr(whos[w].who, "grant") == NULL ||
				    strstr(abouts[t].about, ",'ch") == NULL)
					ask_all((enum access_action)
					    action, w, t);
}

/* ---- claims in patterns ---- */

struct hole_row {
	const char		*pattern, *claims, *id;	/* ' for " */
	bool			 fits;
};

static void
check_holes(const struct hole_row *rows, size_t n)
{
	struct access_question q = { .action = ACCESS_READ, .collection = "c" };
	char text[512];
	size_t i;

	for (i = 0; i < n; i++) {
		struct principal *who = rows[i].claims == NULL ? NULL :
		    principal_of(rows[i].claims, NULL);
		struct access *a;

		snprintf(text, sizeof(text), "{'rules':[{'name':'r','who':"
		    "'anybody','allow':['read'],'collections':['c'],"
		    "'documents':['%s']}]}", rows[i].pattern);
		a = rules_of(text);
		q.who = who;
		q.id = rows[i].id;
		if ((access_check(a, &q, NULL) == ACCESS_YES) != rows[i].fits)
			fail_msg("%s for %s: %s", rows[i].pattern,
			    rows[i].claims == NULL ? "nobody" : rows[i].claims,
			    rows[i].id);
		access_unref(a);
		principal_unref(who);
	}
}

static void
holes(void **state)
{
	static const struct hole_row rows[] = {
		{ "{sub}/*", "{'sub':'ann'}", "ann/1", true },
		{ "{sub}/*", "{'sub':'ann'}", "anna/1", false },
		{ "{sub}/*", "{'sub':'ann'}", "ann", false },
		{ "{sub}/*", NULL, "/1", false },
		{ "*/{sub}", "{'sub':'ann'}", "a/ann", true },
		{ "*-{sub}-*", "{'sub':'a'}", "-a-", true },
		{ "*-{sub}-*", "{'sub':'a'}", "x-b-aa-b-", false },
		{ "*-{sub}-*", "{'sub':'a'}", "x-aa-a-b", true },
		{ "{claims.t}/*", "{'sub':'u','t':'acme'}", "acme/1", true },
		{ "{claims.t}/*", "{'sub':'u','t':'acme'}", "acmeX/1", false },
		{ "{claims.a.b}", "{'sub':'u','a':{'b':'x'}}", "x", true },
		/* A name with dots in it goes first. */
		{ "{claims.a.b}", "{'sub':'u','a':{'b':'x'},'a.b':'y'}", "y",
		    true },
		{ "{claims.a.b}", "{'sub':'u','a':{'b':'x'},'a.b':'y'}", "x",
		    false },
		{ "{claims.http://x.y/t.id}", "{'sub':'u','http://x.y/t':"
		    "{'id':'z'}}", "z", true },
		{ "{claims.n}/{sub}", "{'sub':'u','n':42}", "42/u", true },
		{ "{claims.n}", "{'sub':'u','n':-0}", "0", true },
		{ "{claims.n}", "{'sub':'u','n':-7}", "-7", true },
		{ "{claims.n}", "{'sub':'u','n':9007199254740992}",
		    "9007199254740992", true },
		{ "{*}{{}{}}", "{'sub':'u'}", "*{}", true },
		{ "a}b", "{'sub':'u'}", "a}b", true },
		{ "a**b", "{'sub':'u'}", "a-b", true },
		{ "\u00e9*", "{'sub':'u'}", "\u00e9", true },
	};

	(void)state;
	check_holes(rows, COUNT(rows));
}

/* What a claim holds is a name and nothing else. */
static void
hostile_claims(void **state)
{
	static const struct hole_row rows[] = {
		{ "{claims.t}/*", "{'sub':'u','t':'*'}", "acme/1", false },
		{ "{claims.t}/*", "{'sub':'u','t':'*'}", "*/1", true },
		{ "{claims.t}/*", "{'sub':'u','t':'a*'}", "acme/1", false },
		{ "{claims.t}", "{'sub':'u','t':'{sub}'}", "u", false },
		{ "{claims.t}", "{'sub':'u','t':'{sub}'}", "{sub}", true },
		{ "{claims.t}*", "{'sub':'u','t':''}", "acme/1", false },
		{ "*{claims.t}", "{'sub':'u','t':''}", "acme/1", false },
		{ "{claims.t}*", "{'sub':'u'}", "acme/1", false },
		{ "{claims.t}*", "{'sub':'u','t':null}", "null", false },
		{ "{claims.t}*", "{'sub':'u','t':true}", "true", false },
		{ "{claims.t}*", "{'sub':'u','t':['acme']}", "acme/1", false },
		{ "{claims.t}*", "{'sub':'u','t':{'acme':1}}", "acme/1",
		    false },
		{ "{claims.t}*", "{'sub':'u','t':1.5}", "1.5", false },
		{ "{claims.t}*", "{'sub':'u','t':1e300}", "1", false },
		{ "{claims.t}*", "{'sub':'u','t':'acme\\u0000x'}", "acme",
		    false },
		{ "{claims.t}*", "{'sub':'u','t':'\\u0000'}", "acme", false },
		{ "{claims.t}*", "{'sub':'u','t':'\\ud800'}", "acme", false },
		{ "{claims.t}", "{'sub':'u','t':'..'}", "ab", false },
		{ "{claims.t}", "{'sub':'u','t':'^a'}", "a", false },
		{ "{claims.toString}*", "{'sub':'u'}", "a", false },
		{ "{claims.a.b}*", "{'sub':'u','a':'b'}", "b", false },
		{ "{claims.a.b}*", "{'sub':'u','a':['b']}", "b", false },
		/* Without a subject nothing that is claimed counts. */
		{ "{claims.t}*", "{'t':'acme'}", "acme", false },
		{ "{sub}*", "{'t':'acme'}", "acme", false },
	};

	(void)state;
	check_holes(rows, COUNT(rows));
}

/* An absent claim denies nothing; one that is no name denies all there. */
static void
holes_that_deny(void **state)
{
	static const struct { const char *claims; enum access_verdict is; }
	rows[] = {
		{ "{'sub':'u'}", ACCESS_YES },
		{ "{'sub':'u','t':null}", ACCESS_YES },
		{ "{'sub':'u','t':'b'}", ACCESS_YES },
		{ "{'sub':'u','t':'a'}", ACCESS_NO },
		{ "{'sub':'u','t':['b']}", ACCESS_NO },
		{ "{'sub':'u','t':''}", ACCESS_NO },
		{ "{'sub':'u','t':{}}", ACCESS_NO },
	};
	struct access *a = rules_of("{'rules':[{'name':'all','who':"
	    "'anybody','allow':'*'},{'name':'not','who':'anybody',"
	    "'deny':['read'],'collections':['c'],"
	    "'documents':['{claims.t}/*']}]}");
	struct access_question q = { .action = ACCESS_READ, .collection = "c",
	    .id = "a/1" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct principal *who = principal_of(rows[i].claims, NULL);

		q.who = who;
		assert_int_equal(access_check(a, &q, NULL), rows[i].is);
		principal_unref(who);
	}
	access_unref(a);
}

/* A pattern that grew too long fits nothing, or all where it denies. */
static void
long_claims(void **state)
{
	static const char rules[] = "{'rules':[{'name':'a','who':'anybody',"
	    "'%s':['read'],'collections':['c'],'documents':['{sub}*']},"
	    "{'name':'b','who':'anybody','allow':['read'],"
	    "'collections':['%s']}]}";
	struct access_question q = { .action = ACCESS_READ, .collection = "c",
	    .id = "" };
	struct principal *who = principal_of("{'sub':'x'}", NULL);
	char text[512], id[500];
	struct access *a;
	size_t len;

	(void)state;
	q.who = who;
	q.id = id;
	for (len = 440; len < 460; len++) {
		memset(id, 'x', len);
		id[len] = '\0';
		free(who->subject);
		who->subject = mem_copy(id, len);
		snprintf(text, sizeof(text), rules, "allow", "d");
		a = rules_of(text);
		assert_int_equal(access_check(a, &q, NULL),
		    len <= 450 ? ACCESS_YES : ACCESS_NO);
		access_unref(a);
		snprintf(text, sizeof(text), rules, "deny", "c");
		a = rules_of(text);
		assert_int_equal(access_check(a, &q, NULL), ACCESS_NO);
		access_unref(a);
	}
	principal_unref(who);
}

/* ---- the order means nothing, and what decides is named ---- */

static void
check_why(const char *rules, const char *id, enum access_verdict verdict,
    const char *why)
{
	struct principal *who = principal_of("{'sub':'ann'}", NULL);
	struct access_question q = { .who = who, .action = ACCESS_EDIT,
	    .collection = "c", .id = id };
	struct access *a = rules_of(rules);
	char said[ACCESS_WHY];

	assert_int_equal(access_check(a, &q, said), verdict);
	assert_string_equal(said, why);
	access_unref(a);
	principal_unref(who);
}

static void
reasons(void **state)
{
	static const char yes[] = "{'name':'yes','who':'anybody',"
	    "'allow':['edit'],'collections':['c']}";
	static const char no[] = "{'name':'no','who':'authenticated',"
	    "'deny':'*','collections':['c'],'documents':['x']}";
	static const char may[] = "{'name':'may','who':{'grant':'editor'},"
	    "'allow':['edit'],'collections':['c']}";
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "{'rules':[%s,%s]}", yes, no);
	check_why(text, "y", ACCESS_YES, "allowed by rule \"yes\"");
	check_why(text, "x", ACCESS_NO, "denied by rule \"no\"");
	snprintf(text, sizeof(text), "{'rules':[%s,%s]}", no, yes);
	check_why(text, "y", ACCESS_YES, "allowed by rule \"yes\"");
	check_why(text, "x", ACCESS_NO, "denied by rule \"no\"");
	snprintf(text, sizeof(text), "{'rules':[%s]}", no);
	check_why(text, "y", ACCESS_NO, "no rule allows it");
	check_why("{'rules':[]}", "y", ACCESS_NO, "no rule allows it");
	/* Grants are asked for only when they would decide. */
	snprintf(text, sizeof(text), "{'rules':[%s,%s]}", may, no);
	check_why(text, "y", ACCESS_ASK_GRANTS, "grants decide it");
	check_why(text, "x", ACCESS_NO, "denied by rule \"no\"");
	snprintf(text, sizeof(text), "{'rules':[%s,%s]}", may, yes);
	check_why(text, "y", ACCESS_YES, "allowed by rule \"yes\"");
}

static void
no_rules(void **state)
{
	struct access_question q = { .action = ACCESS_ADMIN };
	char why[ACCESS_WHY];

	(void)state;
	assert_int_equal(access_check(NULL, &q, why), ACCESS_YES);
	assert_string_equal(why, "there are no rules");
	assert_false(access_has_grants(NULL, "c"));
}

/* ---- collections as a whole, the server, channels ---- */

static enum access_verdict
ask(const char *rules, const char *claims, enum access_action action,
    const char *collection, const char *channel)
{
	struct principal *who = claims != NULL ? principal_of(claims, NULL) :
	    NULL;
	struct access_question q = { .who = who, .action = action,
	    .collection = collection, .channel = channel };
	struct access *a = rules_of(rules);
	enum access_verdict verdict = access_check(a, &q, NULL);

	access_unref(a);
	principal_unref(who);
	return verdict;
}

static void
wholes(void **state)
{
	static const struct {
		const char *rule, *deny, *claims;
		enum access_verdict is;
	} rows[] = {
		{ "'who':'anybody'", "", NULL, ACCESS_YES },
		{ "'who':'anybody','collections':['d']", "", NULL, ACCESS_NO },
		{ "'who':'anybody','collections':['c'],'documents':['x*']", "",
		    NULL, ACCESS_YES },
		{ "'who':'anybody','collections':['c'],'documents':['{sub}*']",
		    "", NULL, ACCESS_NO },
		{ "'who':'anybody','collections':['c'],'documents':['{sub}*']",
		    "", "{'sub':'u'}", ACCESS_YES },
		{ "'who':{'grant':'viewer'}", "", NULL, ACCESS_NO },
		{ "'who':{'grant':'viewer'}", "", "{'sub':'u'}", ACCESS_YES },
		/* Some of it is denied, all of it is denied. */
		{ "'who':'anybody'", ",'collections':['c'],'documents':['x*']",
		    NULL, ACCESS_YES },
		{ "'who':'anybody'", ",'collections':['c'],'documents':['*']",
		    NULL, ACCESS_NO },
		{ "'who':'anybody'", ",'collections':['c']", NULL, ACCESS_NO },
		{ "'who':'anybody'",
		    ",'collections':['c'],'documents':['{claims.t}']",
		    "{'sub':'u'}", ACCESS_YES },
		{ "'who':'anybody'",
		    ",'collections':['c'],'documents':['{claims.t}']",
		    "{'sub':'u','t':[]}", ACCESS_NO },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "{'rules':[{'name':'a',%s,"
		    "'allow':['query']},{'name':'d','who':'anybody',"
		    "'deny':['%s']%s}]}", rows[i].rule, rows[i].deny[0] != '\0' ?
		    "query" : "edit", rows[i].deny);
		assert_int_equal(ask(text, rows[i].claims, ACCESS_QUERY, "c",
		    NULL), rows[i].is);
	}
}

static void
server_and_channels(void **state)
{
	static const char all[] = "{'rules':[{'name':'a','who':'anybody',"
	    "'allow':'*'}]}";
	static const char documents[] = "{'rules':[{'name':'a','who':"
	    "'anybody','allow':'*','collections':['*']}]}";
	static const char channels[] = "{'rules':[{'name':'a','who':'anybody',"
	    "'allow':['presence'],'channels':['room/{sub}/*']}]}";

	(void)state;
	assert_int_equal(ask(all, NULL, ACCESS_ADMIN, NULL, NULL), ACCESS_YES);
	assert_int_equal(ask(all, NULL, ACCESS_PRESENCE, NULL, "x"),
	    ACCESS_YES);
	assert_int_equal(ask(documents, NULL, ACCESS_ADMIN, NULL, NULL),
	    ACCESS_NO);
	assert_int_equal(ask(documents, NULL, ACCESS_PRESENCE, NULL, "x"),
	    ACCESS_NO);
	assert_int_equal(ask(documents, NULL, ACCESS_ADMIN, "c", NULL),
	    ACCESS_YES);
	assert_int_equal(ask(channels, "{'sub':'u'}", ACCESS_PRESENCE, NULL,
	    "room/u/1"), ACCESS_YES);
	assert_int_equal(ask(channels, "{'sub':'v'}", ACCESS_PRESENCE, NULL,
	    "room/u/1"), ACCESS_NO);
	assert_int_equal(ask(channels, "{'sub':'u'}", ACCESS_PRESENCE, "c",
	    NULL), ACCESS_NO);
	assert_int_equal(ask(channels, "{'sub':'u'}", ACCESS_ADMIN, NULL,
	    NULL), ACCESS_NO);
}

/* ---- grants ---- */

/* What each role gives where "grants" names the collection. */
static void
roles_of_grants(void **state)
{
	static const enum access_role least[ACCESS_ACTIONS] = {
		[ACCESS_READ] = ROLE_VIEWER, [ACCESS_QUERY] = ROLE_VIEWER,
		[ACCESS_PRESENCE] = ROLE_COMMENTER,
		[ACCESS_EDIT] = ROLE_EDITOR, [ACCESS_HISTORY] = ROLE_EDITOR,
		[ACCESS_DELETE] = ROLE_OWNER, [ACCESS_ADMIN] = ROLE_OWNER,
		[ACCESS_CREATE] = ROLE_OWNER + 1,	/* none */
	};
	struct access *a = rules_of("{'grants':['notes','team_*'],"
	    "'rules':[]}");
	struct principal *who = principal_of("{'sub':'ann'}", NULL);
	struct access_question q = { .who = who, .id = "1", .now_ms = NOW };
	int role;

	(void)state;
	for (role = ROLE_NONE; role <= ROLE_OWNER; role++) {
		struct grants g = { NULL, 0 };

		grants_add(&g, "ann", (enum access_role)role, 0);
		q.grants = &g;
		for (q.action = 0; q.action < ACCESS_ACTIONS; q.action++) {
			q.collection = "team_1";
			assert_int_equal(access_check(a, &q, NULL),
			    (unsigned)role >= least[q.action] ? ACCESS_YES :
			    ACCESS_NO);
			q.collection = "other";
			assert_int_equal(access_check(a, &q, NULL), ACCESS_NO);
		}
		grants_done(&g);
	}
	assert_true(access_has_grants(a, "notes"));
	assert_true(access_has_grants(a, "team_x"));
	assert_false(access_has_grants(a, "note"));
	access_unref(a);
	a = rules_of("{'rules':[{'name':'g','who':{'grant':'owner'},"
	    "'allow':['delete'],'collections':['{claims.t}_x']}]}");
	assert_true(access_has_grants(a, "any_x"));
	assert_false(access_has_grants(a, "any"));
	access_unref(a);
	principal_unref(who);
}

/* ---- where roles come from ---- */

static void
roles_claim(void **state)
{
	static const char rules[] = "{'roles_claim':'realm.roles','rules':[{"
	    "'name':'r','who':{'roles':['admin']},'allow':'*'}]}";
	static const struct { const char *claims; enum access_verdict is; }
	rows[] = {
		{ "{'sub':'u','realm':{'roles':['x','admin']}}", ACCESS_YES },
		{ "{'sub':'u','realm':{'roles':'x admin'}}", ACCESS_YES },
		{ "{'sub':'u','realm':{'roles':'  admin '}}", ACCESS_YES },
		{ "{'sub':'u','realm':{'roles':'administrator'}}", ACCESS_NO },
		{ "{'sub':'u','realm':{'roles':'x,admin'}}", ACCESS_NO },
		{ "{'sub':'u','realm':{'roles':{'admin':true}}}", ACCESS_NO },
		{ "{'sub':'u','realm':{'roles':[['admin']]}}", ACCESS_NO },
		{ "{'sub':'u','realm':{'roles':['x admin']}}", ACCESS_NO },
		{ "{'sub':'u','roles':['admin']}", ACCESS_NO },
		{ "{'realm':{'roles':['admin']}}", ACCESS_NO },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(ask(rules, rows[i].claims, ACCESS_READ, "c",
		    NULL), rows[i].is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_asked),
		cmocka_unit_test(holes),
		cmocka_unit_test(hostile_claims),
		cmocka_unit_test(holes_that_deny),
		cmocka_unit_test(long_claims),
		cmocka_unit_test(reasons),
		cmocka_unit_test(no_rules),
		cmocka_unit_test(wholes),
		cmocka_unit_test(server_and_channels),
		cmocka_unit_test(roles_of_grants),
		cmocka_unit_test(roles_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
