/* Filters: what parses, what matches, what comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/filter.h"
#include "tests/proto/quoted.h"

#define URI	"http://sharejs.org/types/JSONv0"

static int
parse(const char *q, struct filter **f, struct ot_err *err)
{
	struct json_slice slice = { q, strlen(q),
	    q[0] == '{' ? JSON_OBJECT : JSON_LIST };

	return filter_parse(&slice, f, err);
}

static struct filter *
filter_of(const char *text)
{
	char *q = quoted(text);
	struct filter *f;
	struct ot_err err;

	if (parse(q, &f, &err) != 0)
		fail_msg("%s: %s", q, err.text);
	free(q);
	return f;
}

static struct json *
value_of(const char *text)
{
	char *json = quoted(text);
	struct json *v;
	struct ot_err err;

	assert_int_equal(json_parse(json, strlen(json), 0, &v, &err), 0);
	free(json);
	return v;
}

struct row {
	const char	*filter, *content;	/* ' for " */
	bool		 matches;
};

static void
check_rows(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct filter *f = filter_of(rows[i].filter);
		struct json *v = rows[i].content == NULL ? NULL :
		    value_of(rows[i].content);
		struct filter_doc d = { "id", 3, URI, v };

		if (filter_match(f, &d) != rows[i].matches)
			fail_msg("%s on %s", rows[i].filter,
			    rows[i].content != NULL ? rows[i].content : "-");
		json_unref(v);
		filter_unref(f);
	}
}
#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(*(rows)))

/* ---- matching ---- */

static void
equality(void **state)
{
	static const struct row rows[] = {
		{ "{}", "{'a':1}", true },
		{ "{'a':1}", "{'a':1}", true },
		{ "{'a':1}", "{'a':1.0}", true },
		{ "{'a':1}", "{'a':'1'}", false },
		{ "{'a':1}", "{'a':true}", false },
		{ "{'a':0}", "{'a':false}", false },
		{ "{'a':-0}", "{'a':0}", true },
		{ "{'a':1}", "{'a':[0,1]}", true },
		{ "{'a':1}", "{'a':[[1]]}", false },
		{ "{'a':[1]}", "{'a':[[1]]}", true },
		{ "{'a':[1,2]}", "{'a':[1,2]}", true },
		{ "{'a':[1,2]}", "{'a':[2,1]}", false },
		{ "{'a':{'x':1,'y':2}}", "{'a':{'x':1,'y':2}}", true },
		{ "{'a':{'x':1,'y':2}}", "{'a':{'y':2,'x':1}}", false },
		{ "{'a':{}}", "{'a':{}}", true },
		{ "{'a':null}", "{'a':null}", true },
		{ "{'a':null}", "{}", true },
		{ "{'a':null}", "{'a':[]}", false },
		{ "{'a':null}", "{'a':[1,null]}", true },
		{ "{'a':null}", "{'a':0}", false },
		{ "{'a':{'$ne':1}}", "{'a':[1,2]}", false },
		{ "{'a':{'$ne':1}}", "{}", true },
		{ "{'a':{'$ne':null}}", "{}", false },
		{ "{'a':{'$in':[]}}", "{'a':1}", false },
		{ "{'a':{'$in':[3,'x',null]}}", "{}", true },
		{ "{'a':{'$in':[3,'x']}}", "{'a':['y','x']}", true },
		{ "{'a':{'$in':[[1]]}}", "{'a':[1]}", true },
		{ "{'a':{'$nin':[1,2]}}", "{'a':[3,2]}", false },
		{ "{'a':{'$nin':[]}}", "{}", true },
		{ "{'a':{'$all':[]}}", "{'a':[]}", false },
		{ "{'a':{'$all':[1,2]}}", "{'a':[2,3,1]}", true },
		{ "{'a':{'$all':[1]}}", "{'a':1}", true },
		{ "{'a':{'$all':[1,2]}}", "{'a':1}", false },
		{ "{'a':{'$all':[{'$elemMatch':{'b':1}},{'$elemMatch':{'b':2}}]}}",
		  "{'a':[{'b':1},{'b':2}]}", true },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
order_of_values(void **state)
{
	static const struct row rows[] = {
		{ "{'a':{'$gt':1}}", "{'a':2}", true },
		{ "{'a':{'$gt':1}}", "{'a':'2'}", false },
		{ "{'a':{'$gt':1}}", "{}", false },
		{ "{'a':{'$lt':1}}", "{'a':null}", false },
		{ "{'a':{'$gte':null}}", "{}", true },
		{ "{'a':{'$lte':null}}", "{'a':null}", true },
		{ "{'a':{'$gt':null}}", "{'a':1}", false },
		{ "{'a':{'$gt':1,'$lt':3}}", "{'a':[0,5]}", true },
		{ "{'a':{'$gt':'B'}}", "{'a':'a'}", true },
		{ "{'a':{'$lt':'ab'}}", "{'a':'a'}", true },
		/* UTF-8, not UTF-16: U+FFFF before U+10000 */
		{ "{'a':{'$lt':'\\ud800\\udc00'}}", "{'a':'\\uffff'}", true },
		{ "{'a':{'$gt':false}}", "{'a':true}", true },
		{ "{'a':{'$lt':[2]}}", "{'a':[1,9]}", true },
		{ "{'a':{'$lt':[2]}}", "{'a':1}", false },
		{ "{'a':{'$lt':{'x':2}}}", "{'a':{'x':1}}", true },
		/* objects: kind before name */
		{ "{'a':{'$lt':{'a':'s'}}}", "{'a':{'z':1}}", true },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
paths(void **state)
{
	static const struct row rows[] = {
		{ "{'a.b':1}", "{'a':{'b':1}}", true },
		{ "{'a.b':1}", "{'a':[{'b':2},{'b':1}]}", true },
		{ "{'a.b':1}", "{'a':[[{'b':1}]]}", false },
		{ "{'a.b':null}", "{'a':1}", true },
		{ "{'a.b':null}", "{'a':[1,2]}", false },
		{ "{'a.b':null}", "{'a':[]}", false },
		{ "{'a.b':null}", "{'a':[{'b':1},{}]}", true },
		{ "{'a.b':{'$exists':false}}", "{'a':[1]}", true },
		{ "{'a.b':{'$exists':true}}", "{'a':[{},{'b':null}]}", true },
		{ "{'a.0':1}", "{'a':[1,2]}", true },
		{ "{'a.0':2}", "{'a':[1,2]}", false },
		{ "{'a.0':1}", "{'a':{'0':1}}", true },
		{ "{'a.0':1}", "{'a':[{'0':1}]}", true },
		{ "{'a.00':1}", "{'a':[1]}", false },
		{ "{'a.1.b':1}", "{'a':[0,{'b':1}]}", true },
		{ "{'a.0.b':1}", "{'a':[[{'b':1}]]}", true },
		{ "{'a.0':1}", "{'a':[[1]]}", false },
		{ "{'a.0.0':1}", "{'a':[[1]]}", true },
		{ "{'a.b.c':1}", "{'a':[{'b':[{'c':1}]}]}", true },
		{ "{'_id':'id'}", "{'_id':'other'}", true },
		{ "{'_id':{'$in':['x','id']}}", "1", true },
		{ "{'_v':{'$gte':3}}", "{}", true },
		{ "{'_type':'" URI "'}", "{}", true },
		{ "{'_type':null}", "{}", false },
		{ "{'_data':'text'}", "'text'", true },
		{ "{'_data':2}", "[1,2]", true },
		{ "{'_data':{'$exists':true}}", "{'a':1}", false },
		{ "{'_data':{'$exists':true}}", NULL, false },
		{ "{'a':null}", NULL, true },
		{ "{'a':null}", "'text'", true },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
operators(void **state)
{
	static const struct row rows[] = {
		{ "{'$and':[{'a':1},{'b':2}]}", "{'a':1,'b':2}", true },
		{ "{'$or':[{'a':1},{'b':2}]}", "{'b':2}", true },
		{ "{'$nor':[{'a':1},{'b':2}]}", "{'b':2}", false },
		{ "{'$nor':[{'a':1},{'b':2}]}", "{}", true },
		{ "{'a':{'$not':{'$gt':1}}}", "{'a':'x'}", true },
		{ "{'a':{'$not':{'$gt':1,'$lt':5}}}", "{'a':3}", false },
		{ "{'a':{'$size':2}}", "{'a':[1,2]}", true },
		{ "{'a':{'$size':2}}", "{'a':[[1,2]]}", false },
		{ "{'a':{'$size':0}}", "{}", false },
		{ "{'a':{'$elemMatch':{'$gt':1,'$lt':3}}}", "{'a':[0,5]}", false },
		{ "{'a':{'$elemMatch':{'$gt':1,'$lt':3}}}", "{'a':[0,2]}", true },
		{ "{'a':{'$elemMatch':{'$gt':1}}}", "{'a':2}", false },
		{ "{'a':{'$elemMatch':{'$eq':[1]}}}", "{'a':[[1]]}", true },
		{ "{'a':{'$elemMatch':{'$eq':1}}}", "{'a':[[1]]}", false },
		{ "{'a':{'$elemMatch':{'$elemMatch':{'$eq':1}}}}", "{'a':[[1]]}", true },
		{ "{'a':{'$elemMatch':{'b':1,'c':2}}}", "{'a':[{'b':1},{'c':2}]}", false },
		{ "{'a':{'$elemMatch':{'b':1,'c':2}}}", "{'a':[{'b':1,'c':2}]}", true },
		{ "{'a':{'$elemMatch':{'0':1}}}", "{'a':[[1]]}", true },
		{ "{'a':{'$elemMatch':{'_id':1}}}", "{'a':[{'_id':1}]}", true },
		{ "{'a':{'$elemMatch':{'$or':[{'b':1},{'b':2}]}}}", "{'a':[{'b':2}]}", true },
		{ "{'a':{'$elemMatch':{}}}", "{'a':[1]}", false },
		{ "{'a':{'$elemMatch':{}}}", "{'a':[{}]}", true },
		{ "{'a':{'$regex':'^b'}}", "{'a':['x','bc']}", true },
		{ "{'a':{'$regex':'^B','$options':'i'}}", "{'a':'bc'}", true },
		{ "{'a':{'$regex':'1'}}", "{'a':1}", false },
		{ "{'a':{'$not':{'$regex':'b'}}}", "{}", true },
		{ "{'$comment':'why','a':1}", "{'a':1}", true },
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* The longest path of indexes through lists of objects of the same names. */
static void
many_ways(void **state)
{
	struct filter *f = filter_of("{'0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0':'x'}");
	struct buf b = BUF_INIT;
	struct json *v;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_puts(&b, "{'0':[");
	for (i = 0; i < 100; i++)
		buf_puts(&b, "]}");
	buf_putc(&b, '\0');
	v = value_of(b.data);
	assert_false(filter_match(f, &(struct filter_doc){ "id", 3, URI, v }));
	json_unref(v);
	filter_unref(f);
	buf_done(&b);
}

/* ---- refusals ---- */

static void
refusals(void **state)
{
	static const struct { const char *q, *text; } rows[] = {
		{ "[]", "the query is no object" },
		{ "{'$where':'x'}", "operator \"$where\" is not offered" },
		{ "{'$distinct':{'field':'a'}}", "operator \"$distinct\" is not offered" },
		{ "{'$or':[{'$limit':1}]}", "operator \"$limit\" is not offered here" },
		{ "{'a':{'$type':2}}", "operator \"$type\" of \"a\" is not offered" },
		{ "{'a':{'$gt':1,'b':2}}", "\"b\" stands among the operators of \"a\"" },
		{ "{'a':{'$in':1}}", "$in of \"a\" wants a list" },
		{ "{'a.b':{'$nin':{}}}", "$nin of \"a.b\" wants a list" },
		{ "{'a':{'$in':[{'$gt':1}]}}", "$in of \"a\" cannot hold operators" },
		{ "{'a':{'$size':-1}}", "$size of \"a\" wants a number that counts" },
		{ "{'a':{'$size':1.5}}", "$size of \"a\" wants a number that counts" },
		{ "{'a':{'$exists':'x'}}", "$exists of \"a\" wants true or false" },
		{ "{'a':{'$not':1}}", "$not of \"a\" wants operators" },
		{ "{'a':{'$elemMatch':1}}", "$elemMatch of \"a\" wants an object" },
		{ "{'a':{'$elemMatch':{'$gt':{},'$foo':1}}}",
		  "operator \"$foo\" of \"$elemMatch\" is not offered" },
		{ "{'a':{'$regex':'('}}",
		  "$regex of \"a\": regular expression: a ( without its ), at byte 1" },
		{ "{'a':{'$regex':'a','$options':'x'}}",
		  "$options of \"a\" knows i, m and s" },
		{ "{'a':{'$options':'i'}}",
		  "$options of \"a\" wants a $regex beside it" },
		{ "{'$and':[]}", "$and wants a list of queries, at least one" },
		{ "{'$or':[1]}", "$or wants objects in its list" },
		{ "{'a..b':1}", "path \"a..b\": a name in it is empty" },
		{ "{'a.$b':1}", "path \"a.$b\": a name in it begins with \"$\"" },
		{ "{'_m.mtime':1}", "path \"_m.mtime\" is not offered" },
		/* sentences are UTF-8, whatever they quote */
		{ "{'$a\\ud800':1}", "operator \"$a\?\?\?\" is not offered" },
		{ "{'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9':{'$in':1}}",
		  "$in of \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?\" wants a list" },
		{ "{'$sort':{'a':2}}", "$sort of \"a\" wants 1 or -1" },
		{ "{'$sort':['a']}", "$sort wants an object of paths" },
		{ "{'$limit':-1}", "$limit wants a number that counts, up to 2147483647" },
		{ "{'$count':1}", "$count wants true" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *q = quoted(rows[i].q);
		struct filter *f = NULL;
		struct ot_err err;

		assert_int_not_equal(parse(q, &f, &err), 0);
		assert_null(f);
		assert_string_equal(err.text, rows[i].text);
		free(q);
	}
}

/* n times before, then middle, then n times after. */
static char *
nested(size_t n, const char *before, const char *middle, const char *after)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	for (i = 0; i < n; i++)
		buf_puts(&b, before);
	buf_puts(&b, middle);
	for (i = 0; i < n; i++)
		buf_puts(&b, after);
	buf_putc(&b, '\0');
	assert_false(buf_failed(&b));
	return buf_take(&b, &len);
}

static void
ceilings(void **state)
{
	static const char *const rows[][4] = {
		{ "{\"$or\":[", "{}", "]}",
		  "the query's conditions are nested deeper than 24" },
		{ "{\"a\":{\"$elemMatch\":", "{}", "}}",
		  "the query's conditions are nested deeper than 24" },
	};
	struct filter *f = NULL;
	struct ot_err err;
	struct buf b = BUF_INIT;
	size_t i;
	char *q;

	(void)state;
	for (i = 0; i < 2; i++) {
		q = nested(FILTER_DEPTH_MAX, rows[i][0], rows[i][1], rows[i][2]);
		assert_int_equal(parse(q, &f, &err), 0);
		filter_unref(f);
		free(q);
		q = nested(FILTER_DEPTH_MAX + 1, rows[i][0], rows[i][1],
		    rows[i][2]);
		assert_int_equal(parse(q, &f, &err), OT_ELIMIT);
		assert_string_equal(err.text, rows[i][3]);
		free(q);
	}
	q = nested(FILTER_PATH_MAX, "0.", "0", "");
	buf_puts(&b, "{\"");
	buf_puts(&b, q);
	buf_puts(&b, "\":1}");
	buf_putc(&b, '\0');
	free(q);
	assert_int_equal(parse(b.data, &f, &err), OT_ELIMIT);
	assert_non_null(strstr(err.text, "more than 20 names"));
	buf_reset(&b);
	buf_puts(&b, "{\"$or\":[{}");
	for (i = 0; i < FILTER_CLAUSES_MAX; i++)
		buf_puts(&b, ",{\"a\":1}");
	buf_puts(&b, "]}");
	buf_putc(&b, '\0');
	assert_int_equal(parse(b.data, &f, &err), OT_ELIMIT);
	assert_string_equal(err.text,
	    "the query has more than 256 conditions");
	buf_reset(&b);
	buf_puts(&b, "{\"a\":{\"$in\":[0");
	for (i = 0; i < FILTER_VALUES_MAX; i++)
		buf_puts(&b, ",1");
	buf_puts(&b, "]}}");
	buf_putc(&b, '\0');
	assert_int_equal(parse(b.data, &f, &err), OT_ELIMIT);
	assert_string_equal(err.text, "the query lists more than 4096 values");
	buf_done(&b);
}

/* ---- text, window, order ---- */

static void
equal_texts(void **state)
{
	struct filter *f = filter_of("{ 'a' : 1.0, '$comment':'x', '$hint':{} }");
	struct filter *g = filter_of("{'a':1,'$limit':0}");
	size_t len;

	(void)state;
	assert_string_equal(filter_text(f, &len), "{\"a\":1}");
	assert_int_equal(len, 7);
	assert_false(filter_is_window(f));
	assert_false(filter_is_window(g));
	filter_unref(f);
	filter_unref(g);
}

static void
windows(void **state)
{
	static const char *const q[] = {
		"{'$sort':{'a':1}}", "{'$limit':3}", "{'$skip':2}",
		"{'$count':true}"
	};
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct filter *f = filter_of(q[i]);

		assert_true(filter_is_window(f));
		assert_int_equal(filter_is_sorted(f), i == 0);
		assert_int_equal(filter_limit(f), i == 1 ? 3 : FILTER_NO_LIMIT);
		assert_int_equal(filter_skip(f), i == 2 ? 2 : 0);
		assert_int_equal(filter_is_count(f), i == 3);
		filter_unref(f);
	}
}

/* Each row is before the next under the sort, whatever the ids. */
static void
check_order(const char *sort, const char *const *contents, size_t n)
{
	struct filter *f = filter_of(sort);
	struct filter_key **keys = calloc(n, sizeof(*keys));
	size_t i, k;

	for (i = 0; i < n; i++) {
		struct json *v = value_of(contents[i]);
		struct filter_doc d = { "same", 1, URI, v };

		keys[i] = filter_key_new(f, &d);
		json_unref(v);
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			int c = filter_key_compare(f, keys[i], keys[k]);

			if ((c > 0) - (c < 0) != (i > k) - (i < k))
				fail_msg("%s: %s and %s", sort, contents[i],
				    contents[k]);
		}
	}
	for (i = 0; i < n; i++)
		filter_key_free(keys[i]);
	free(keys);
	filter_unref(f);
}

static void
order_of_documents(void **state)
{
	static const char *const up[] = {
		"{'a':[]}", "{}", "{'a':-1}", "{'a':[2,0]}", "{'a':1}",
		"{'a':'B'}", "{'a':'a'}", "{'a':{}}", "{'a':{'x':1}}",
		"{'a':[[]]}", "{'a':[[1]]}", "{'a':false}", "{'a':true}"
	};
	static const char *const down[] = {
		"{'a':true}", "{'a':{}}", "{'a':[2,0,'x']}", "{'a':[0,3]}",
		"{'a':2}", "{'a':null}", "{'a':[]}"
	};
	static const char *const both[] = {
		"{'a':1,'b':2}", "{'a':1,'b':1}", "{'a':2,'b':3}"
	};
	static const char *const deep[] = {
		"{'a':[]}", "{'a':[{'b':3},{'b':1}]}", "{'a':{'b':2}}"
	};

	(void)state;
	check_order("{'$sort':{'a':1}}", up, sizeof(up) / sizeof(*up));
	check_order("{'$sort':{'a':-1}}", down, sizeof(down) / sizeof(*down));
	check_order("{'$sort':{'a':1,'b':-1}}", both, 3);
	check_order("{'$sort':{'a.b':1}}", deep, 3);
}

static void
ids_decide(void **state)
{
	struct filter *f = filter_of("{}");
	struct filter_doc a = { "a", 1, URI, NULL }, b = { "b", 1, URI, NULL };
	struct filter_key *x = filter_key_new(f, &a), *y = filter_key_new(f, &b);

	(void)state;
	assert_true(filter_key_compare(f, x, y) < 0);
	assert_int_equal(filter_key_compare(f, x, x), 0);
	filter_key_free(x);
	filter_key_free(y);
	filter_unref(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(order_of_values),
		cmocka_unit_test(paths),
		cmocka_unit_test(operators),
		cmocka_unit_test(many_ways),
		cmocka_unit_test(refusals),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(equal_texts),
		cmocka_unit_test(windows),
		cmocka_unit_test(order_of_documents),
		cmocka_unit_test(ids_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
