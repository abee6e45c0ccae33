/*
 * Places in documents, type by type, as rows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ot/presence.h"

struct row {
	const struct ot_type	*type;
	const char		*from, *op;
	bool			 own;
	const char		*to;	/* NULL: refused */
};

/* A copy with " for '; the caller frees it. */
static char *
quoted(const char *text)
{
	char *copy = strdup(text), *p;

	assert_non_null(copy);
	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

static struct json_slice
slice(const char *text)
{
	struct json_reader r;
	struct json_slice s = { NULL, 0, JSON_NONE };
	struct ot_err err;

	json_reader_init(&r, text, strlen(text), &err);
	assert_int_equal(json_skip(&r, &s), 0);
	return s;
}

static void
check(const struct row *row)
{
	char *from = quoted(row->from), *op = quoted(row->op);
	char *to = row->to != NULL ? quoted(row->to) : NULL;
	struct json_slice presence = slice(from), edit = slice(op);
	struct buf out = BUF_INIT;
	struct ot_err err;
	int rc;

	rc = ot_presence_transform(row->type, &presence, &edit, row->own, &out,
	    &err);
	if ((rc == 0) != (to != NULL) || (to != NULL &&
	    (out.len != strlen(to) || memcmp(out.data, to, out.len) != 0)))
		fail_msg("%s %s by %s: %.*s", row->type->name, from, op,
		    (int)out.len, rc == 0 ? out.data : "");
	assert_true(rc == 0 || out.len == 0);
	buf_done(&out);
	free(from);
	free(op);
	free(to);
}

static void
check_all(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		check(&rows[i]);
}

#define CHECK_ALL(rows)	check_all(rows, sizeof(rows) / sizeof(rows[0]))

static void
test_ranges(void **state)
{
	static const struct row rows[] = {
		{ &ot_type_rich_text, "{'index':2,'length':3}",
		  "{'ops':[{'insert':'ab'}]}", false,
		  "{'index':4,'length':3}" },
		{ &ot_type_rich_text, "{'index':0,'length':0,'c':'red'}",
		  "{'ops':[{'insert':'ab'}]}", true,
		  "{'index':2,'length':0,'c':'red'}" },
		{ &ot_type_text_unicode, "{'n':'x','index':2,'length':3}",
		  "['ab']", false, "{'n':'x','index':4,'length':3}" },
		{ &ot_type_text_unicode, "{'index':2,'length':3}",
		  "[1,{'d':2}]", false, "{'index':1,'length':2}" },
		{ &ot_type_text_unicode, "{'index':2,'length':3}",
		  "[2,'ab']", false, "{'index':2,'length':5}" },
		{ &ot_type_text_unicode, "{'index':2,'length':3}", "[]", false,
		  "{'index':2,'length':3}" },
		{ &ot_type_text, "{'index':2,'length':3}", "['\\ud83d\\udca1']",
		  false, "{'index':4,'length':3}" },
		{ &ot_type_text, "{'index':2,'length':3}", "[5,'ab']", true,
		  "{'index':7,'length':0}" },
		{ &ot_type_text0, "{'index':2,'length':3}",
		  "[{'p':2,'i':'ab'}]", false, "{'index':2,'length':5}" },
		{ &ot_type_text0, "{'index':2,'length':3}",
		  "[{'p':2,'i':'ab'}]", true, "{'index':4,'length':3}" },
		{ &ot_type_text0, "{'index':2,'length':3}",
		  "[{'p':0,'d':'abc'},{'p':0,'i':'x'}]", false,
		  "{'index':0,'length':3}" },
		{ &ot_type_text, "null", "['a']", false, "null" },
		{ &ot_type_text0, "0", "[]", false, "null" },
		{ &ot_type_rich_text, "false", "{'ops':[]}", false, "null" },
	};

	(void)state;
	CHECK_ALL(rows);
}

static void
test_places(void **state)
{
	static const struct row rows[] = {
		/* in lists */
		{ &ot_type_json0, "{'path':['l',1],'n':1}",
		  "[{'p':['l',0],'li':9}]", false, "{'path':['l',2],'n':1}" },
		{ &ot_type_json0, "{'path':['l',1]}", "[{'p':['l',1],'li':9}]",
		  false, "{'path':['l',2]}" },
		{ &ot_type_json0, "{'path':['l',1]}", "[{'p':['l',0],'ld':9}]",
		  false, "{'path':['l',0]}" },
		{ &ot_type_json0, "{'path':['l',1]}", "[{'p':['l',1],'ld':9}]",
		  false, "{'path':null}" },
		{ &ot_type_json0, "{'path':['l',1,'k']}",
		  "[{'p':['l',1],'ld':{}}]", false, "{'path':null}" },
		{ &ot_type_json0, "{'path':['l',1]}", "[{'p':['l',1],'lm':3}]",
		  false, "{'path':['l',3]}" },
		/* in objects */
		{ &ot_type_json0, "{'path':['k']}", "[{'p':['j'],'oi':1}]",
		  false, "{'path':['k']}" },
		{ &ot_type_json0, "{'path':['k','x']}",
		  "[{'p':['k'],'od':{}}]", false, "{'path':null}" },
		{ &ot_type_json0, "{'path':['k']}",
		  "[{'p':['k'],'od':1,'oi':2}]", false, "{'path':null}" },
		{ &ot_type_json0, "{'path':['n']}", "[{'p':['n'],'na':3}]",
		  false, "{'path':['n']}" },
		{ &ot_type_json0, "{'path':[]}", "[{'p':['n'],'na':3}]",
		  false, "{'path':[]}" },
		/* in texts */
		{ &ot_type_json0, "{'path':['t',4]}", "[{'p':['t',1],"
		  "'si':'ab'}]", false, "{'path':['t',6]}" },
		{ &ot_type_json0, "{'path':['t',4]}", "[{'p':['t',1],"
		  "'sd':'abcdef'}]", false, "{'path':['t',1]}" },
		{ &ot_type_json0, "{'path':['t',4]}", "[{'p':['t'],"
		  "'t':'text0','o':[{'p':0,'i':'x'},{'p':5,'i':'y'}]}]", false,
		  "{'path':['t',5]}" },
		{ &ot_type_json0, "{'path':['t',4]}", "[{'p':['u',1],"
		  "'si':'ab'}]", false, "{'path':['t',4]}" },
		{ &ot_type_json0, "{'path':['l',0,4]}", "[{'p':['l',0],"
		  "'li':1},{'p':['l',1,0],'si':'ab'}]", false,
		  "{'path':['l',1,6]}" },
		/* one part after the other */
		{ &ot_type_json0, "{'path':['t',4],'length':3}",
		  "[{'p':['t',5],'si':'ab'},{'p':['t',0],'sd':'xy'}]", false,
		  "{'path':['t',2],'length':5}" },
		{ &ot_type_json0, "{'path':['t',4],'length':3}",
		  "[{'p':['t',4],'si':'ab'},{'p':['t',9],'si':'cd'}]", false,
		  "{'path':['t',4],'length':5}" },
		{ &ot_type_json0, "{'path':['t',4],'length':3}",
		  "[{'p':['t',2],'sd':'abcdefg'}]", false,
		  "{'path':['t',2],'length':0}" },
		{ &ot_type_json0, "{'path':['t',4],'length':3}",
		  "[{'p':['t'],'od':'abcdefg'}]", false,
		  "{'path':null,'length':0}" },
		{ &ot_type_json0, "{'path':['l',2,'t'],'length':3}",
		  "[{'p':['l',0],'li':1}]", false,
		  "{'path':['l',3,'t'],'length':3}" },
		{ &ot_type_json0, "{'path':['t',4],'length':'3'}",
		  "[{'p':['t',0],'si':'a'}]", false,
		  "{'path':['t',5],'length':'3'}" },
		{ &ot_type_json0, "{'path':['l',0]}", "[{'p':['l',0],'ld':1},"
		  "{'p':['l',0],'li':1}]", false, "{'path':null}" },
		{ &ot_type_json0, "{'path':null,'n':1}",
		  "[{'p':['l',0],'li':9}]", false, "{'path':null,'n':1}" },
		{ &ot_type_json1, "{'path':['l',1],'n':1}", "['l',0,{'i':9}]",
		  false, "{'path':['l',2],'n':1}" },
		{ &ot_type_json1, "{'path':['l',1]}", "['l',1,{'r':true}]",
		  false, "{'path':null}" },
		{ &ot_type_json1, "{'path':['t',4]}", "['t',{'es':[1,'ab']}]",
		  false, "{'path':['t',6]}" },
		{ &ot_type_json1, "{'path':['t',4],'length':2}",
		  "['t',{'es':[5,'ab']}]", false,
		  "{'path':['t',4],'length':4}" },
		{ &ot_type_json1, "{'path':['a','x']}",
		  "[['a',{'p':0}],['b',{'d':0}]]", false,
		  "{'path':['b','x']}" },
		{ &ot_type_json1, "false", "null", false, "null" },
	};

	(void)state;
	CHECK_ALL(rows);
}

static void
test_refusals(void **state)
{
	static const struct row rows[] = {
		{ &ot_type_rich_text, "{'index':1}", "{'ops':[]}", false,
		  NULL },
		{ &ot_type_text, "7", "['a']", false, NULL },
		{ &ot_type_text, "[1,2]", "['a']", false, NULL },
		{ &ot_type_text, "{'index':'1','length':0}", "['a']", false,
		  NULL },
		{ &ot_type_text, "{'index':-1,'length':0}", "['a']", false,
		  NULL },
		{ &ot_type_text_unicode, "{'index':0.5,'length':0}", "['a']",
		  false, NULL },
		{ &ot_type_text_unicode, "{'index':1e300,'length':1e300}",
		  "['a']", false, NULL },
		{ &ot_type_text0, "{'length':0}", "[]", false, NULL },
		{ &ot_type_text, "{'index':0,'length':0}", "{'ops':[]}", false,
		  NULL },
		{ &ot_type_json0, "{'path':'x'}", "[]", false, NULL },
		{ &ot_type_json0, "{'path':['t',1],'length':-1}", "[]", false,
		  NULL },
		{ &ot_type_json0, "{'path':['t',1],'length':1e308}", "[]",
		  false, NULL },
		{ &ot_type_json0, "{}", "[]", false, NULL },
		{ &ot_type_json0, "[]", "[]", false, NULL },
		{ &ot_type_json0, "{'path':[]}", "['a']", false, NULL },
		{ &ot_type_json0, "{'path':[]}", "{}", false, NULL },
		{ &ot_type_json0, "{'path':[{}]}", "[{'p':[0],'li':1}]", false,
		  NULL },
		{ &ot_type_json1, "{'path':[null]}", "['l',0,{'i':9}]", false,
		  NULL },
		{ &ot_type_json1, "{'path':[]}", "[[]]", false, NULL },
		{ &ot_type_json1, "{'path':[],'__proto__':1}", "null", false,
		  NULL },
	};

	(void)state;
	CHECK_ALL(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
