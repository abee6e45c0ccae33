/*
 * The filter that goes with queries says of every id what the rules say of it:
 * random rules, principals and ids, from a seed.
 */
#include "tests/core/access_rig.h"

#include <stdio.h>

#include "base/mem.h"
#include "core/filter.h"
#include "tests/ot/chance.h"

#define ROUNDS	3000
#define IDS	40

/* Made of these, ids and patterns often fit, and often nearly. */
static const char *const bits[] = {
	"a", "b", "/", ".", "+", "(", ")", "[", "]", "^", "$", "|", "?", "\\",
	"-", "\n", "\u00e9", "\U0001f600", "ann", "acme", "{", "}", "*", "0",
};

static const char *const claims[] = {
	NULL,
	"{'sub':'ann'}",
	"{'sub':'a','t':'acme','roles':['r']}",
	"{'sub':'*','t':'.*','n':0,'roles':['r']}",
	"{'sub':'\\\\','t':['acme'],'n':1.5}",
	"{'sub':'\u00e9','t':'','n':0}",
	"{'sub':'a/b','t':'\\ud83d\\ude00','roles':'r s'}",
	"{'sub':'a','t':'\\ud83d'}",
};

static const char *const whos[] = {
	"'anybody'", "'anybody'", "'authenticated'", "{'roles':['r']}",
	"{'subjects':['a']}", "{'grant':'viewer'}", "{'grant':'editor'}",
};

static const char *
bit(struct chance *c)
{
	return bits[chance_below(c, COUNT(bits))];
}

/* A text as JSON in a JSON text that has ' for ". */
static void
put_escaped(char *to, size_t size, const char *text)
{
	size_t len = strlen(to);

	if (strcmp(text, "\\") == 0)
		text = "\\\\";
	else if (strcmp(text, "\n") == 0)
		text = "\\n";
	else if (strcmp(text, "{") == 0)
		text = "{{}";
	else if (strcmp(text, "*") == 0)
		text = "{*}";
	snprintf(to + len, size - len, "%s", text);
}

static void
put_pattern(struct chance *c, char *to, size_t size)
{
	static const char *const holes[] = { "*", "*", "*", "{sub}",
	    "{claims.t}", "{claims.n}" };
	size_t n = 1 + chance_below(c, 4);

	while (n-- > 0) {
		if (chance_below(c, 2) == 0)
			put_escaped(to, size, bit(c));
		else
			snprintf(to + strlen(to), size - strlen(to), "%s",
			    holes[chance_below(c, COUNT(holes))]);
	}
}

static struct access *
random_rules(struct chance *c)
{
	size_t n = 1 + chance_below(c, 5), i, k;
	char text[4096] = "{'rules':[";

#define PUT(...)							\
	snprintf(text + strlen(text), sizeof(text) - strlen(text), __VA_ARGS__)
	for (i = 0; i < n; i++) {
		const char *who = whos[chance_below(c, COUNT(whos))];
		bool denies = chance_below(c, 3) == 0 &&
		    strstr(who, "grant") == NULL;

		PUT("%s{'name':'%zu','who':%s,'%s':['read']", i > 0 ? "," : "",
		    i, who, denies ? "deny" : "allow");
		if (chance_below(c, 8) > 0) {
			PUT(",'collections':['%s']",
			    chance_below(c, 4) > 0 ? "c" : "d");
			k = chance_below(c, 4);
			if (k > 0)
				PUT(",'documents':[");
			while (k > 0) {
				PUT("'");
				put_pattern(c, text, sizeof(text));
				PUT("'%s", --k > 0 ? "," : "]");
			}
		}
		PUT("}");
	}
	PUT("]}");
#undef PUT
	return rules_of(text);
}

/* An id with what is granted of it. */
struct given {
	char		 id[64];
	struct grants	 grants;
	bool		 may;
};

/* One that is not among the first n. */
static void
random_id(struct chance *c, struct given *ids, size_t n)
{
	char *id = ids[n].id;
	size_t left, i;

	do {
		id[0] = '\0';
		for (left = chance_below(c, 5); left > 0; left--)
			snprintf(id + strlen(id), sizeof(ids[n].id) -
			    strlen(id), "%s", bit(c));
		for (i = 0; i < n && strcmp(ids[i].id, id) != 0; i++)
			;
	} while (i < n);
}

static struct filter *
filter_of(const struct buf *b)
{
	struct json_slice slice = { b->data, b->len, JSON_OBJECT };
	struct filter *f = NULL;
	struct ot_err err;

	if (b->len == 0)
		slice.kind = JSON_NONE;
	if (filter_parse(&slice, &f, &err) != 0)
		fail_msg("%.*s: %s", (int)b->len, b->data, err.text);
	return f;
}

static void
compare(const struct access *a, const struct principal *who,
    struct given *ids)
{
	struct access_question q = { .who = who, .action = ACCESS_READ,
	    .collection = "c" };
	char *granted[IDS];
	size_t i, n = 0, seen = 0;
	struct buf b = BUF_INIT;
	struct filter *f;
	bool sees;

	for (i = 0; i < IDS; i++) {
		q.id = ids[i].id;
		q.grants = &ids[i].grants;
		ids[i].may = access_check(a, &q, NULL) == ACCESS_YES;
		if (ids[i].may && ids[i].grants.n > 0)
			granted[n++] = ids[i].id;
	}
	sees = access_filter(a, who, "c", granted, n, &b);
	assert_false(buf_failed(&b));
	f = filter_of(&b);
	for (i = 0; i < IDS; i++) {
		struct filter_doc d = { .id = ids[i].id, .v = 1, .type = "t" };

		seen += ids[i].may;
		if ((sees && filter_match(f, &d)) != ids[i].may)
			fail_msg("%.*s: \"%s\" %s", (int)b.len, b.data,
			    ids[i].id, ids[i].may ? "may be read" :
			    "must not be read");
	}
	if (!sees)
		assert_int_equal(seen, 0);
	filter_unref(f);
	buf_done(&b);
}

/* Both sides say what the other says, and neither always the same. */
static void
filter_says_what_rules_say(void **state)
{
	struct given ids[IDS];
	size_t round, i, may = 0;
	struct chance c;

	(void)state;
	chance_init(&c, "access_filter", 1);
	for (round = 0; round < ROUNDS; round++) {
		struct access *a = random_rules(&c);
		const char *text = claims[chance_below(&c, COUNT(claims))];
		const char *link = chance_below(&c, 3) == 0 ? "l" : NULL;
		struct principal *who = text == NULL && link == NULL ? NULL :
		    principal_of(text, link);

		for (i = 0; i < IDS; i++) {
			ids[i].grants = (struct grants){ NULL, 0 };
			random_id(&c, ids, i);
			if (chance_below(&c, 6) == 0)
				grants_add(&ids[i].grants,
				    chance_below(&c, 2) == 0 ? "a" : "l",
				    chance_below(&c, 2) == 0 ? ROLE_VIEWER :
				    ROLE_OWNER, 0);
		}
		compare(a, who, ids);
		for (i = 0; i < IDS; i++) {
			may += ids[i].may;
			grants_done(&ids[i].grants);
		}
		principal_unref(who);
		access_unref(a);
	}
	assert_true(may > ROUNDS * IDS / 10 && may < ROUNDS * IDS * 9 / 10);
}

/* ---- what it looks like ---- */

static void
check_text(const char *rules, const char *who, bool sees, const char *filter)
{
	struct access *a = rules != NULL ? rules_of(rules) : NULL;
	struct principal *p = principal_of(who, NULL);
	struct buf b = BUF_INIT;

	assert_int_equal(access_filter(a, p, "c", NULL, 0, &b), sees);
	buf_putc(&b, '\0');
	assert_string_equal(b.data, filter);
	buf_done(&b);
	principal_unref(p);
	access_unref(a);
}

static void
texts(void **state)
{
	(void)state;
	check_text(NULL, "{'sub':'u'}", true, "");
	check_text("{'rules':[]}", "{'sub':'u'}", false, "");
	check_text("{'rules':[{'name':'r','who':'anybody','allow':['read']}]}",
	    "{'sub':'u'}", true, "");
	check_text("{'rules':[{'name':'r','who':'anybody','allow':['read'],"
	    "'collections':['c'],'documents':['{sub}/*','x','*.md']}]}",
	    "{'sub':'a+b'}", true,
	    "{\"$or\":[{\"_id\":{\"$regex\":\"^a\\\\+b\\\\/\",\"$options\":"
	    "\"s\"}},{\"_id\":\"x\"},"
	    "{\"_id\":{\"$regex\":\"\\\\.md$\",\"$options\":\"s\"}}]}");
	check_text("{'rules':[{'name':'r','who':'anybody','allow':['read']},"
	    "{'name':'n','who':'anybody','deny':['read'],"
	    "'collections':['c'],'documents':['x']}]}",
	    "{'sub':'u'}", true, "{\"$nor\":[{\"_id\":\"x\"}]}");
	check_text("{'rules':[{'name':'r','who':'anybody','allow':['read']},"
	    "{'name':'n','who':'anybody','deny':['read'],"
	    "'collections':['c']}]}", "{'sub':'u'}", false, "");
	check_text("{'rules':[{'name':'r','who':'anybody','allow':['edit']}]}",
	    "{'sub':'u'}", false, "");
}

/* The longest that a pattern may become is a filter still. */
static void
longest(void **state)
{
	struct access *a = rules_of("{'rules':[{'name':'r','who':'anybody',"
	    "'allow':['read'],'collections':['c'],"
	    "'documents':['*{sub}*']}]}");
	struct principal *p = principal_of("{'sub':'u'}", NULL);
	struct buf b = BUF_INIT;
	char sub[451];

	(void)state;
	memset(sub, '.', 450);
	sub[450] = '\0';
	free(p->subject);
	p->subject = mem_copy(sub, 450);
	assert_true(access_filter(a, p, "c", NULL, 0, &b));
	filter_unref(filter_of(&b));
	buf_done(&b);
	principal_unref(p);
	access_unref(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_says_what_rules_say),
		cmocka_unit_test(texts),
		cmocka_unit_test(longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
