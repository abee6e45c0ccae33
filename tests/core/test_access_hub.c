/*
 * What must not be read never leaves: rights x ways.
 *
 * One document holds a secret, in its content, its ops, its former versions
 * and the presence of its author.  Somebody with each set of rights tries
 * each way to it.  Whatever they then find in their outbox is searched.
 */
#include "tests/core/access_rig.h"
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/session_in.h"
#include "tests/proto/quoted.h"

#define SECRET	"hush"
#define DENIED	"ERR_OTD_FORBIDDEN"

#define READ		(1u << ACCESS_READ)
#define CREATE		(1u << ACCESS_CREATE)
#define EDIT		(1u << ACCESS_EDIT)
#define DELETE		(1u << ACCESS_DELETE)
#define HISTORY		(1u << ACCESS_HISTORY)
#define PRESENCE	(1u << ACCESS_PRESENCE)
#define QUERY		(1u << ACCESS_QUERY)
#define ALWAYS		0u
#define NEVER		(1u << 31)

/* ---- the ways ---- */

static const struct way {
	const char	*say;		/* ' for "; NULL: nothing */
	unsigned	 shows;		/* rights with which the secret comes */
	unsigned	 allowed;	/* rights with which it is not refused */
	bool		 is_live;	/* then the author goes on */
} ways[] = {
	{ "{'a':'f','c':'c','d':'x'}", READ, READ, false },
	{ "{'a':'f','c':'c','d':'x','v':0}", READ, READ, false },
	{ "{'a':'f','c':'c','d':'x','v':2}", NEVER, READ, false },
	{ "{'a':'s','c':'c','d':'x'}", READ, READ, false },
	{ "{'a':'s','c':'c','d':'x','v':1}", READ, READ, false },
	{ "{'a':'s','c':'c','d':'x','v':2}", READ, READ, true },
	{ "{'a':'bf','c':'c','b':['x','none']}", READ, READ, false },
	{ "{'a':'bf','c':'c','b':{'x':0}}", READ, READ, false },
	{ "{'a':'bs','c':'c','b':['none','x']}", READ, READ, true },
	{ "{'a':'bs','c':'c','b':{'x':0,'none':0}}", READ, READ, true },
	/* What was, and what is, as a history. */
	{ "{'a':'nf','c':'c','d':'x','v':1}", HISTORY, HISTORY, false },
	{ "{'a':'nf','c':'c','d':'x','v':null}", HISTORY, HISTORY, false },
	{ "{'a':'nt','c':'c','d':'x','ts':1}", HISTORY, HISTORY, false },
	{ "{'a':'nt','c':'c','d':'x','ts':null}", HISTORY, HISTORY, false },
	/* Queries find what may be read. */
	{ "{'a':'qf','id':1,'c':'c','q':{}}", QUERY | READ, QUERY, false },
	{ "{'a':'qf','id':1,'c':'c','q':{'_id':'x'}}", QUERY | READ, QUERY,
	    false },
	{ "{'a':'qf','id':1,'c':'c','q':{'$or':[{'t':'no'},{}],"
	    "'$sort':{'t':1},'$limit':2}}", QUERY | READ, QUERY, false },
	{ "{'a':'qs','id':1,'c':'c','q':{}}", QUERY | READ, QUERY, true },
	{ "{'a':'qs','id':1,'c':'c','q':{},'r':[['x',0]]}", QUERY | READ,
	    QUERY, true },
	{ "{'a':'qs','id':1,'c':'c','q':{},'r':[['x',null]]}", QUERY | READ,
	    QUERY, true },
	{ "{'a':'qs','id':1,'c':'shown','q':{},'r':[['x',0]]}", QUERY | READ,
	    QUERY, true },
	/* A projection shows a part of the same document. */
	{ "{'a':'f','c':'shown','d':'x'}", READ, READ, false },
	{ "{'a':'s','c':'shown','d':'x','v':0}", READ, READ, true },
	{ "{'a':'bf','c':'shown','b':['x']}", READ, READ, false },
	{ "{'a':'nf','c':'shown','d':'x','v':1}", HISTORY, HISTORY, false },
	{ "{'a':'qf','id':1,'c':'shown','q':{}}", QUERY | READ, QUERY, false },
	/* An author is told what was written before its op. */
	{ "{'a':'op','c':'c','d':'x','v':1,'seq':1,'op':[{'p':['n'],'na':1}]}",
	    EDIT | READ, EDIT, false },
	{ "{'a':'op','c':'shown','d':'x','v':1,'seq':1,"
	    "'op':[{'p':['t'],'od':'a','oi':'me'}]}", EDIT | READ, EDIT, false },
	{ "{'a':'op','c':'c','d':'x','v':2,'seq':1,'del':true}", NEVER, DELETE,
	    false },
	{ "{'a':'op','c':'c','d':'y','v':0,'seq':1,"
	    "'create':{'type':'json0','data':{}}}", NEVER, CREATE, false },
	/* Who is there, and where. */
	{ "{'a':'ps','ch':'c.x','seq':1}", PRESENCE, PRESENCE, true },
	{ "{'a':'ps','ch':'shown.x','seq':1}", NEVER, PRESENCE, true },
	{ "{'a':'ps','ch':'room','seq':1}", NEVER, NEVER, true },
	{ "{'a':'pr','ch':'c.x','seq':1}", NEVER, NEVER, true },
	{ "{'a':'p','ch':'c.x','id':'i','pv':1,'c':'c','d':'x','v':2,"
	    "'p':{'n':1}}", NEVER, PRESENCE, false },
	{ "{'a':'p','ch':'room','id':'i','pv':1,'c':'c','d':'x','v':2,"
	    "'p':{'n':1}}", NEVER, NEVER, false },
	{ "{'a':'p','ch':'room','id':'i','pv':1,'p':{'n':1}}", NEVER, NEVER, false },
	/* Asking what may be done shows nothing of what is there. */
	{ "{'a':'x-may','c':'c','d':'x'}", NEVER, ALWAYS, true },
	{ "{'a':'x-may','c':'c'}", NEVER, ALWAYS, true },
	{ "{'a':'u','c':'c','d':'x'}", NEVER, ALWAYS, true },
	{ "{'a':'bu','c':'c','b':['x']}", NEVER, ALWAYS, true },
	{ "{'a':'qu','id':1}", NEVER, ALWAYS, true },
	{ "{'a':'pu','ch':'c.x','seq':1}", NEVER, ALWAYS, true },
};

#define N_WAYS	(sizeof(ways) / sizeof(ways[0]))

/* ---- the world ---- */

struct world {
	struct rig	 r;
	struct catalog	*catalog;
	struct session	*ann;		/* may do all */
};

static const char *const shown[] = { "t" };

static void
world_begin(struct world *w, const char *rules)
{
	const struct projection p = { "shown", "c", shown, 1, NULL };
	struct catalog_plan plan = {
		.fallback = {
			.types = COLLECTION_ALL_TYPES, .queries = true,
			.checkpoint_ops = 200, .keep_every = 1000,
			.document_bytes = 1 << 20,
		},
		.projections = &p, .n_projections = 1,
	};

	rig_init(&w->r);
	w->r.limits.catalog = w->catalog = catalog_new(&plan);
	rig_start(&w->r);
	hub_set_access(w->r.hub, rules_of(rules));
	w->ann = rig_open_as(&w->r, "A", principal_of("{'sub':'ann'}", NULL),
	    0);
	rig_say_over(&w->r, w->ann, "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'json0','data':{'t':'" SECRET "','n':0}}}");
	rig_say_over(&w->r, w->ann, "{'a':'op','c':'c','d':'x','v':1,'seq':2,"
	    "'op':[{'p':['t'],'od':'" SECRET "','oi':'" SECRET "!'}]}");
	rig_drop(w->ann);
}

static void
world_end(struct world *w)
{
	rig_done(&w->r);
	catalog_free(w->catalog);
}

/* More of the secret, by every way that leads to others. */
static void
ann_goes_on(struct world *w)
{
	rig_say(&w->r, w->ann, "{'a':'op','c':'c','d':'x','v':2,'seq':3,"
	    "'op':[{'p':['t'],'od':'" SECRET "!','oi':'" SECRET "?'}]}");
	rig_say(&w->r, w->ann, "{'a':'op','c':'c','d':'z','v':0,'seq':4,"
	    "'create':{'type':'json0','data':{'t':'" SECRET "'}}}");
	rig_say(&w->r, w->ann, "{'a':'p','ch':'c.x','id':'i','pv':1,'c':'c',"
	    "'d':'x','v':3,'p':{'at':'" SECRET "'}}");
	rig_say(&w->r, w->ann, "{'a':'p','ch':'room','id':'i','pv':1,"
	    "'p':{'at':'" SECRET "'}}");
	rig_tick(&w->r, 1000);
	rig_drop(w->ann);
}

static bool
holds(unsigned set, unsigned all)
{
	return (set & all) == all;
}

/* Bob has these rights, on everything or by a grant of x. */
static void
rules_for(char *text, size_t size, unsigned rights, const char *who)
{
	int action, n;

	n = snprintf(text, size, "{'rules':[{'name':'ann','who':"
	    "{'subjects':['ann']},'allow':'*'},{'name':'bob','who':%s,"
	    "'allow':['admin'", who);
	for (action = 0; action < ACCESS_ACTIONS; action++)
		if (rights & 1u << action)
			n += snprintf(text + n, size - (size_t)n, ",'%s'",
			    access_action_name((enum access_action)action));
	snprintf(text + n, size - (size_t)n, "],'collections':['c']}]}");
}

static void
try_way(const char *rules, unsigned rights, const struct way *way,
    bool is_granted)
{
	struct world w;
	struct session *bob;
	char *heard;
	bool sees, is_denied;

	world_begin(&w, rules);
	if (is_granted)
		pretend_grant(&w.r.store, "c", "x", "bob", ROLE_EDITOR, 0);
	bob = rig_open_as(&w.r, "B", principal_of("{'sub':'bob'}", NULL), 0);
	rig_say(&w.r, bob, way->say);
	heard = rig_hear_all(bob);
	is_denied = strstr(heard, DENIED) != NULL;
	/* What is granted is x alone. */
	if (is_denied == holds(rights, way->allowed) &&
	    !(is_granted && (strstr(way->say, "'none'") != NULL ||
	    strstr(way->say, "'y'") != NULL)))
		fail_msg("rights %#x, %s: %s", rights, way->say, heard);
	sees = strstr(heard, SECRET) != NULL;
	free(heard);
	if (way->is_live) {
		ann_goes_on(&w);
		heard = rig_hear_all(bob);
		sees |= strstr(heard, SECRET) != NULL;
		free(heard);
	}
	if (sees != holds(rights, way->shows))
		fail_msg("rights %#x, %s: the secret was %stold", rights,
		    way->say, sees ? "" : "not ");
	world_end(&w);
}

static void
try_all(const char *who, bool is_granted)
{
	char rules[512];
	unsigned rights;
	size_t i;

	for (rights = 0; rights < 1u << ACCESS_ADMIN; rights++) {
		if (rights & 1u << ACCESS_ADMIN)
			continue;
		rules_for(rules, sizeof(rules), rights, who);
		for (i = 0; i < N_WAYS; i++)
			try_way(rules, rights, &ways[i], is_granted);
	}
}

static void
test_by_rules(void **state)
{
	(void)state;
	try_all("{'subjects':['bob']}", false);
}

static void
test_by_grants(void **state)
{
	(void)state;
	try_all("{'grant':'editor'}", true);
}

/* A right on a projection's name gives the projection, and nothing else. */
static void
test_projections(void **state)
{
	static const char *const hidden[] = {
		"{'a':'qf','id':1,'c':'shown','q':{'n':1}}",
		"{'a':'qf','id':1,'c':'shown','q':{'$count':true,"
		    "'$nor':[{'t':1},{'n.m':{'$gt':1}}]}}",
		"{'a':'qf','id':1,'c':'shown','q':{'_data':1}}",
		"{'a':'qf','id':1,'c':'shown','q':{'n':{'$not':{"
		    "'$elemMatch':{'t':1}}}}}",
		"{'a':'qf','id':1,'c':'shown','q':{'$sort':{'n':1}}}",
	};
	struct world w;
	struct session *bob;
	char *said;
	size_t i;

	(void)state;
	world_begin(&w, "{'rules':[{'name':'ann','who':{'subjects':['ann']},"
	    "'allow':'*'},{'name':'part','who':{'subjects':['bob']},"
	    "'allow':['read','query'],'collections':['shown']},"
	    "{'name':'not','who':'anybody','deny':['read'],"
	    "'collections':['c'],'documents':['no*']}]}");
	rig_say_over(&w.r, w.ann, "{'a':'op','c':'c','d':'no1','v':0,'seq':3,"
	    "'create':{'type':'json0','data':{'t':'" SECRET "'}}}");
	bob = rig_open_as(&w.r, "B", principal_of("{'sub':'bob'}", NULL), 0);
	rig_say(&w.r, bob, "{'a':'f','c':'shown','d':'x'}");
	rig_hear(bob, "{'a':'f','c':'shown','d':'x','data':"
	    "{'v':2,'data':{'t':'" SECRET "!'}}}");
	rig_say(&w.r, bob, "{'a':'f','c':'c','d':'x'}");
	rig_hear_error(bob, DENIED);
	/* What is denied by the collection's name is denied by any. */
	rig_say(&w.r, bob, "{'a':'f','c':'shown','d':'no1'}");
	rig_hear_error(bob, DENIED);
	rig_say(&w.r, bob, "{'a':'qf','id':1,'c':'shown','q':{}}");
	rig_hear(bob, "{'a':'qf','id':1,'data':[{'d':'x','v':2,"
	    "'data':{'t':'" SECRET "!'}}]}");
	rig_say(&w.r, bob, "{'a':'qf','id':1,'c':'c','q':{}}");
	rig_hear_error(bob, DENIED);
	/* What is not shown is not told by what is found, either. */
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		rig_say(&w.r, bob, hidden[i]);
		rig_hear_error(bob, DENIED);
		rig_say(&w.r, w.ann, hidden[i]);
		said = rig_hear_all(w.ann);
		assert_null(strstr(said, "error"));
		free(said);
	}
	rig_say(&w.r, bob, "{'a':'qf','id':1,'c':'shown','q':{'$count':true,"
	    "'t.u':null,'_v':2,'$sort':{'t':1,'_id':-1}}}");
	rig_hear(bob, "{'a':'qf','id':1,'data':[],'extra':1}");
	world_end(&w);
}

/* Who may see more shares no watch with who may see less. */
static void
test_watches_are_not_shared(void **state)
{
	struct hub_counts counts;
	struct world w;
	struct session *bob, *cid;

	(void)state;
	world_begin(&w, "{'rules':[{'name':'ann','who':{'subjects':['ann']},"
	    "'allow':'*'},{'name':'own','who':'authenticated','allow':"
	    "['read','query'],'collections':['c'],"
	    "'documents':['{sub}/*']}]}");
	bob = rig_open_as(&w.r, "B", principal_of("{'sub':'bob'}", NULL), 0);
	cid = rig_open_as(&w.r, "C", principal_of("{'sub':'cid'}", NULL), 0);
	rig_say_over(&w.r, bob, "{'a':'qs','id':1,'c':'c','q':{}}");
	rig_say_over(&w.r, cid, "{'a':'qs','id':1,'c':'c','q':{}}");
	rig_say_over(&w.r, w.ann, "{'a':'qs','id':1,'c':'c','q':{}}");
	hub_count(w.r.hub, &counts);
	assert_int_equal(counts.watches, 3);
	rig_say_over(&w.r, w.ann, "{'a':'op','c':'c','d':'bob/1','v':0,"
	    "'seq':3,'create':{'type':'json0','data':1}}");
	rig_hear(bob, "{'a':'q','id':1,'diff':[{'type':'insert','index':0,"
	    "'values':[{'d':'bob/1','v':1,'data':1}]}]}");
	rig_hear_nothing(cid);
	world_end(&w);
}

/* What is heard of saying this, of the document of that name. */
static char *
answers(struct world *w, struct session *ss, const char *say, char id)
{
	char *text = mem_copy(say, strlen(say)), *heard;

	*strchr(text, '@') = id;
	rig_say(&w->r, ss, text);
	heard = rig_hear_all(ss);
	free(text);
	return heard;
}

/* A refusal tells nobody whether there is such a document. */
static void
test_refusals_are_alike(void **state)
{
	static const char *const says[] = {
		"{'a':'f','id':9,'c':'c','d':'@'}",
		"{'a':'s','id':9,'c':'c','d':'@','v':7}",
		"{'a':'nf','id':9,'c':'c','d':'@','v':1}",
		"{'a':'op','id':9,'c':'c','d':'@','v':0,'seq':1,'del':true}",
		"{'a':'op','id':9,'c':'c','d':'@','v':9,'seq':1,'op':[]}",
		"{'a':'x-may','id':9,'c':'c','d':'@'}",
	};
	struct world w;
	struct session *bob;
	char *there, *not_there, *at;
	size_t i;

	(void)state;
	world_begin(&w, "{'rules':[{'name':'ann','who':{'subjects':['ann']},"
	    "'allow':'*'},{'name':'bob','who':{'grant':'viewer'},'allow':'*',"
	    "'collections':['c']}]}");
	bob = rig_open_as(&w.r, "B", principal_of("{'sub':'bob'}", NULL), 0);
	for (i = 0; i < COUNT(says); i++) {
		there = answers(&w, bob, says[i], 'x');
		not_there = answers(&w, bob, says[i], 'q');
		if ((at = strstr(not_there, "\"q\"")) != NULL)
			at[1] = 'x';
		assert_string_equal(there, not_there);
		free(there);
		free(not_there);
	}
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_rules),
		cmocka_unit_test(test_by_grants),
		cmocka_unit_test(test_projections),
		cmocka_unit_test(test_watches_are_not_shared),
		cmocka_unit_test(test_refusals_are_alike),
	};

	return cmocka_run_group_tests_name("access_hub", tests, NULL, NULL);
}
