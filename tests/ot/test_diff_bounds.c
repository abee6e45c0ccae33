/*
 * bounds of diffs, patches and quotations: contents that are meant to be
 * expensive, at one size and at four times that size (steps.h).  All of it is
 * linear; sorting, and tables that grow, may make a little more of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/diff.h"
#include "ot/patch.h"
#include "ot/quote.h"
#include "steps.h"

#define TIMES		4	/* the larger size by the smaller */
#define GROWTH		7.0	/* most steps for the larger, by the smaller */

enum verb { DIFF, PATCH, MERGE, QUOTE };

struct row {
	const char		*name;
	enum verb		 verb;
	const struct ot_type	*type;
	struct pattern		 doc, more;	/* more: where to, patch, quotation */
	int			 code;	/* of a refusal; 0: done */
};

static const struct row rows[] = {
	{ "a text rewritten", DIFF, &ot_type_text_unicode,
	    { "\"", "some words # and so on, ", "", "\"" },
	    { "\"", "others @ that follow\\n", "", "\"" }, 0 },
	{ "a text of one letter, a little longer", DIFF, &ot_type_text,
	    { "\"", "aaaa", "", "\"" }, { "\"b", "aaaaa", "", "c\"" }, 0 },
	{ "few letters in other orders", DIFF, &ot_type_text0,
	    { "\"", "abacabad", "", "\"" }, { "\"", "badcabba", "", "\"" }, 0 },
	{ "the same word replaced everywhere", DIFF, &ot_type_text_unicode,
	    { "\"", "a line # with foo in it\\n", "", "\"" },
	    { "\"", "a line # with bar in it\\n", "", "\"" }, 0 },
	{ "lines turned round", DIFF, &ot_type_text_unicode,
	    { "\"", "this is line #\\n", "", "\"" },
	    { "\"", "this is line @\\n", "", "\"" }, 0 },
	{ "a list turned round", DIFF, &ot_type_json0,
	    { "[", "{\"id\":#}", ",", "]" }, { "[", "{\"id\":@}", ",", "]" }, 0 },
	{ "a list turned round, as json1", DIFF, &ot_type_json1,
	    { "[", "\"k#\"", ",", "]" }, { "[", "\"k@\"", ",", "]" }, 0 },
	{ "a list of few values", DIFF, &ot_type_json0,
	    { "[", "0,1,0,0,1", ",", "]" }, { "[", "1,0,1,1,0", ",", "]" }, 0 },
	{ "all items changed inside", DIFF, &ot_type_json0,
	    { "[", "{\"a\":#,\"b\":\"x#\"}", ",", "]" },
	    { "[", "{\"a\":#,\"b\":\"y#\"}", ",", "]" }, 0 },
	{ "all members new", DIFF, &ot_type_json1,
	    { "{", "\"k#\":[#]", ",", "}" }, { "{", "\"l@\":[#]", ",", "}" }, 0 },
	{ "a long list deep inside", DIFF, &ot_type_json0,
	    { "[[[[[[[[[[[[[[[[[[[[", "#", ",", "]]]]]]]]]]]]]]]]]]]]" },
	    { "[[[[[[[[[[[[[[[[[[[[", "#", ",", ",0]]]]]]]]]]]]]]]]]]]]" }, 0 },
	{ "letters formatted otherwise", DIFF, &ot_type_rich_text,
	    { "[", "{\"insert\":\"a\"},{\"insert\":{\"k\":#}}", ",", "]" },
	    { "[", "{\"insert\":\"a\",\"attributes\":{\"k\":#}},"
	    "{\"insert\":{\"k\":@}}", ",", "]" }, 0 },
	{ "insertions at the front of a list", PATCH, NULL,
	    { "[", "#", ",", "]" }, { "[", "{\"op\":\"add\",\"path\":\"/0\","
	    "\"value\":#}", ",", "]" }, 0 },
	{ "moves in a long list, tested", PATCH, NULL,
	    { "[", "#", ",", "]" }, { "[", "{\"op\":\"move\",\"from\":\"/#\","
	    "\"path\":\"/0\"},{\"op\":\"test\",\"path\":\"/0\",\"value\":#}",
	    ",", "]" }, 0 },
	{ "members that come and go", MERGE, NULL,
	    { "{", "\"k#\":{}", ",", "}" },
	    { "{", "\"k#\":{\"a\":1},\"l#\":null,\"m#\":{\"b\":null}", ",", "}" },
	    0 },
	{ "a quotation that is nearly everywhere", QUOTE, &ot_type_text,
	    { "\"", "aaaaaaaa", "", "\"" },
	    { "{\"replace\":\"", "aaaa", "", "b\"}" }, OT_EAPPLY },
	{ "a quotation that is everywhere", QUOTE, &ot_type_text,
	    { "\"", "aaaaaaaa", "", "\"" },
	    { "{\"replace\":\"", "aaaa", "", "\"}" }, OT_EAPPLY },
	{ "one half replaced", QUOTE, &ot_type_text_unicode,
	    { "\"", "word #, ", "", "\"" },
	    { "{\"before\":\"", "word #, ", "", "\",\"with\":\"x\"}" }, 0 },
};

static int
row_call(const struct row *r, const struct json_slice *doc,
    const struct json_slice *more, struct buf *out, struct ot_err *err)
{
	switch (r->verb) {
	case DIFF:
		return diff_edit(r->type, doc, more, out, err);
	case PATCH:
		return patch_json(doc, more, out, err);
	case MERGE:
		return patch_merge(doc, more, out, err);
	default:
		return quote_edit(r->type, doc, more, out, err);
	}
}

static uint64_t
row_steps(const struct row *r, size_t n)
{
	struct json_slice doc = { .kind = JSON_NONE }, more = doc;
	struct buf out = BUF_INIT;
	struct ot_err err;
	uint64_t before;
	int rc;

	doc.p = pattern_make(&r->doc, n, &doc.len);
	more.p = pattern_make(&r->more, n, &more.len);
	before = steps;
	rc = row_call(r, &doc, &more, &out, &err);
	before = steps - before;
	if (r->code != 0 ? rc != r->code : rc < 0)
		fail_msg("%s: %d %s", r->name, rc, rc < 0 ? err.text : "");
	buf_done(&out);
	free((char *)doc.p);
	free((char *)more.p);
	return before;
}

static void
test_growth(void **state)
{
	uint64_t small, large;
	size_t i, n;
	int faults = 0;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* A patch has only so many operations. */
		n = rows[i].verb == PATCH ? 1000 : 4000;
		small = row_steps(&rows[i], n);
		large = row_steps(&rows[i], TIMES * n);
		if ((double)large <= GROWTH * (double)small)
			continue;
		print_error("%s: %llu steps of %zu, %llu of %zu\n",
		    rows[i].name, (unsigned long long)small, n,
		    (unsigned long long)large, TIMES * n);
		faults++;
	}
	assert_int_equal(faults, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests_name("diff, bounds", tests, NULL, NULL);
}
