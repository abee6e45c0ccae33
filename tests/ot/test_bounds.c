/*
 * bounds: what the kernel does with ops that mean to be expensive.
 *
 * Steps are counted, not time (steps.h).  Each row of work is done at one size and at four times that size.  What is
 * O(n log n) takes five or six times the steps; the square takes
 * sixteen.  Where the reference's answer needs the square (transforming
 * lists by lists), the work is bounded by LIFT_PAIRS_MAX and then refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edits.h"
#include "ot/lift.h"
#include "steps.h"

#define TIMES		4	/* the larger size by the smaller */
#define GROWTH		7.0	/* most steps for the larger, by the smaller */
#define SQUARE		18.0	/* the same where the square is allowed */
#define ROOT		9.0	/* the same where n edits may cost n sqrt n */
#define SMALL		20000	/* steps that need no comparison */

/* ---- one row's work ---- */

enum verb {
	PARSE, CREATE, APPLY, UNDO, PRINT, TRANSFORM, BACK, COMPOSE, INVERT,
	N_VERBS
};

static const char *const verb_names[N_VERBS] = {
	"parse", "create", "apply", "undo", "print", "transform",
	"transform the other", "compose", "invert",
};

struct work {
	const char		*name;
	const struct ot_type	*type;
	struct pattern		 doc, a, b;	/* b: concurrent with a */
	/* A bit for each verb that may take n * n or n * sqrt(n). */
	unsigned		 square, root;
};

struct spent {
	uint64_t	 steps[N_VERBS];
	int		 rc[N_VERBS];
};

#define SPEND(spent, verb, call) do {					\
	uint64_t before_ = steps;					\
	(spent)->rc[verb] = (call);					\
	(spent)->steps[verb] += steps - before_;			\
} while (0)

static struct ot_edit *
work_parse(const struct ot_type *t, const struct pattern *p, size_t n,
    struct spent *spent)
{
	struct ot_edit *edit = NULL;
	struct ot_err err;
	size_t len;
	char *json = pattern_make(p, n, &len);

	SPEND(spent, PARSE, t->edit_parse(json, len, &edit, &err));
	if (spent->rc[PARSE] != 0)
		fail_msg("%.80s: %s", json, err.text);
	free(json);
	return edit;
}

static int
work_print(const struct ot_type *t, const struct ot_data *data)
{
	struct buf b = BUF_INIT;
	bool printed = t->print(data, &b);

	buf_done(&b);
	return printed ? 0 : -1;
}

/* undo never fails. */
static int
work_undo(const struct ot_type *t, struct ot_data *data, struct ot_undo *undo)
{
	t->undo(data, undo);
	return 0;
}

static void
work_do(const struct work *w, size_t n, struct spent *spent)
{
	const struct ot_type *t = w->type;
	struct ot_data *data = NULL;
	struct ot_undo *undo = NULL;
	struct ot_edit *a, *b, *made = NULL;
	struct ot_err err;
	size_t len;
	char *json = pattern_make(&w->doc, n, &len);

	memset(spent, 0, sizeof(*spent));
	SPEND(spent, CREATE, t->create(json, len, &data, &err));
	if (spent->rc[CREATE] != 0)
		fail_msg("%s: %s", w->name, err.text);
	free(json);
	a = work_parse(t, &w->a, n, spent);
	b = work_parse(t, &w->b, n, spent);
	SPEND(spent, APPLY, t->apply(data, a, &undo, &err));
	if (spent->rc[APPLY] != 0)
		fail_msg("%s: %s", w->name, err.text);
	SPEND(spent, PRINT, work_print(t, data));
	SPEND(spent, UNDO, work_undo(t, data, undo));
	SPEND(spent, TRANSFORM, t->transform(a, b, OT_LEFT, &made, &err));
	t->edit_free(made);
	made = NULL;
	SPEND(spent, BACK, t->transform(b, a, OT_RIGHT, &made, &err));
	t->edit_free(made);
	made = NULL;
	SPEND(spent, COMPOSE, t->compose(a, b, &made, &err));
	t->edit_free(made);
	made = NULL;
	if (t->invert != NULL) {
		SPEND(spent, INVERT, t->invert(a, &made, &err));
		t->edit_free(made);
	}
	t->edit_free(a);
	t->edit_free(b);
	t->data_free(data);
}

static int
work_check(const struct work *w, size_t n)
{
	struct spent small, large;
	double growth, most;
	int verb, faults = 0;

	work_do(w, n, &small);
	work_do(w, TIMES * n, &large);
	for (verb = 0; verb < N_VERBS; verb++) {
		growth = (double)large.steps[verb] /
		    (double)(small.steps[verb] + 1);
		most = w->square & 1u << verb ? SQUARE :
		    w->root & 1u << verb ? ROOT : GROWTH;
		if (large.steps[verb] < SMALL || growth <= most)
			continue;
		print_error("%s: to %s takes %llu steps of %zu, %llu of %zu\n",
		    w->name, verb_names[verb],
		    (unsigned long long)small.steps[verb], n,
		    (unsigned long long)large.steps[verb], TIMES * n);
		faults++;
	}
	return faults;
}

/* ---- what costs what its size warrants ---- */

#define TRANSFORMS	(1u << TRANSFORM | 1u << BACK)
/* Short strings are arrays: an edit moves up to 32 KiB, and then no more. */
#define EDITS		(1u << APPLY | 1u << UNDO)

static const struct work rows[] = {
	{ "text: an insert after each letter", &ot_type_text,
	    { "\"", "abcd", "", "\"" }, { "[", "1,\"x\"", ",", "]" },
	    { "[", "2,{\"d\":1}", ",", "]" }, 0, 0 },
	{ "text-unicode: an insert after each letter", &ot_type_text_unicode,
	    { "\"", "ab\xf0\x9f\x98\x80" "d", "", "\"" },
	    { "[", "1,\"x\"", ",", "]" },
	    { "[", "2,{\"d\":1}", ",", "]" }, 0, 0 },
	{ "text0: inserts everywhere", &ot_type_text0,
	    { "\"", "abcd", "", "\"" },
	    { "[", "{\"p\":#,\"i\":\"x\"},{\"p\":0,\"i\":\"y\"}", ",", "]" },
	    { "[", "{\"p\":1,\"i\":\"z\"},{\"p\":4,\"i\":\"y\"}", ",", "]" },
	    TRANSFORMS | EDITS, 0 },
	{ "text0: inserts everywhere in a long text", &ot_type_text0,
	    { "\"", "abcdefghijklmnopqrstuvwxyz012345", "", "\"" },
	    { "[", "{\"p\":@,\"i\":\"x\"},{\"p\":0,\"i\":\"y\"}", ",", "]" },
	    { "[{\"p\":1,\"i\":\"z\"}]", "", "", "" }, 0, 0 },
	{ "rich-text: each letter formatted", &ot_type_rich_text,
	    { "[", "{\"insert\":\"a\"},{\"insert\":\"b\",\"attributes\":"
	    "{\"k\":#}}", ",", "]" },
	    { "[", "{\"retain\":1},{\"retain\":1,\"attributes\":{\"b\":#}}",
	    ",", "]" },
	    { "[", "{\"insert\":\"x\"},{\"delete\":1},{\"retain\":1,"
	    "\"attributes\":{\"k\":null}}", ",", "]" }, 0, 0 },
	{ "rich-text: many attributes", &ot_type_rich_text,
	    { "[{\"insert\":\"a\",\"attributes\":{", "\"k#\":1", ",", "}}]" },
	    { "[{\"retain\":1,\"attributes\":{", "\"k#\":2", ",", "}}]" },
	    { "[{\"retain\":1,\"attributes\":{", "\"k@\":3", ",", "}}]" }, 0, 0 },
	{ "json0: keys of one object", &ot_type_json0,
	    { "{", "\"k#\":0", ",", "}" },
	    { "[", "{\"p\":[\"k#\"],\"od\":0,\"oi\":1}", ",", "]" },
	    { "[", "{\"p\":[\"k@\"],\"od\":0,\"oi\":2}", ",", "]" },
	    TRANSFORMS, 0 },
	{ "json0: the same key again and again", &ot_type_json0,
	    { "{", "\"k\":0", ",", "}" },
	    { "[", "{\"p\":[\"k\"],\"na\":1},{\"p\":[\"l\"],\"oi\":1}", ",",
	    "]" }, { "[", "{\"p\":[\"k\"],\"oi\":2}", ",", "]" },
	    TRANSFORMS, 0 },
	{ "json0: letters of a string", &ot_type_json0,
	    { "{\"s\":\"", "abcdefgh", "", "\"}" },
	    { "[", "{\"p\":[\"s\",#],\"si\":\"x\"}", ",", "]" },
	    { "[", "{\"p\":[\"s\",8],\"sd\":\"ab\"},"
	    "{\"p\":[\"s\",8],\"si\":\"ab\"}", ",", "]" },
	    TRANSFORMS | EDITS, 0 },
	{ "json0: letters of a long string", &ot_type_json0,
	    { "{\"s\":\"", "abcdefghijklmnopqrstuvwxyz012345", "", "\"}" },
	    { "[", "{\"p\":[\"s\",#],\"si\":\"x\"},"
	    "{\"p\":[\"s\",9],\"si\":\"y\"}", ",", "]" },
	    { "[{\"p\":[\"s\",7],\"si\":\"x\"}]", "", "", "" }, 0, 0 },
	{ "json0: letters deleted from a long string", &ot_type_json0,
	    { "{\"s\":\"", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	    "\xc3\xa9\xc3\xa9", "", "\"}" },
	    { "[", "{\"p\":[\"s\",7],\"sd\":\"\xc3\xa9\"}", ",", "]" },
	    { "[{\"p\":[\"s\",3],\"si\":\"x\"}]", "", "", "" },
	    0, 0 },
	{ "json0: items of a long list", &ot_type_json0,
	    { "[", "0,1,2,3", ",", "]" },
	    { "[", "{\"p\":[0],\"li\":#},{\"p\":[#],\"lm\":0}", ",", "]" },
	    { "[{\"p\":[0],\"li\":1}]", "", "", "" }, 0, EDITS },
	{ "json0: items of a list", &ot_type_json0,
	    { "[", "0", ",", "]" },
	    { "[", "{\"p\":[0],\"li\":#}", ",", "]" },
	    /* A list as short as this is one array. */
	    { "[", "{\"p\":[@],\"lm\":0}", ",", "]" },
	    TRANSFORMS | EDITS, 0 },
	{ "json1: names and what they hold swapped", &ot_type_json1_auto,
	    { "{", "\"k#\":#", ",", "}" },
	    { "[[\"k\",{\"d\":0}],[\"k0\",{\"p\":0}]", "", "", "]" },
	    { "[[\"k\",{\"d\":0}],[\"k0\",{\"p\":0}]", "", "", "]" }, 0, 0 },
	{ "json1: every item moved", &ot_type_json1_auto,
	    { "[", "0", ",", "]" },
	    { "[", "[#,{\"p\":#,\"d\":@}]", ",", "]" },
	    { "[", "[#,{\"p\":#,\"d\":@}]", ",", "]" }, 0, 0 },
	{ "json1: every item removed, others inserted", &ot_type_json1_auto,
	    { "[", "0", ",", "]" },
	    { "[", "[#,{\"r\":true}]", ",", "]" },
	    { "[", "[#,{\"i\":1}]", ",", "]" }, 0, 0 },
	{ "json1: an edit in each item", &ot_type_json1_auto,
	    { "[", "{\"a\":\"abc\",\"n\":1}", ",", "]" },
	    { "[", "[#,[\"a\",{\"es\":[1,\"x\"]}],[\"n\",{\"ena\":1}]]",
	    ",", "]" },
	    { "[", "[#,\"a\",{\"es\":[2,{\"d\":1}]}]", ",", "]" }, 0, 0 },
};

static void
test_growth(void **state)
{
	size_t i;
	int faults = 0;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		faults += work_check(&rows[i],
		    rows[i].square != 0 ? 250 : 2000);
	assert_int_equal(faults, 0);
}

/* The counter counts: twice the bytes, twice the steps or so. */
static void
test_counting(void **state)
{
	static const struct pattern list = { "[", "1", ",", "]" };
	uint64_t spent[2];
	struct json *v;
	struct ot_err err;
	size_t i, len;
	char *text;

	(void)state;
	for (i = 0; i < 2; i++) {
		text = pattern_make(&list, 300 * (i + 1), &len);
		spent[i] = steps;
		assert_int_equal(json_parse(text, len, 0, &v, &err), 0);
		spent[i] = steps - spent[i];
		json_unref(v);
		free(text);
	}
	assert_true(spent[0] > 2000);
	assert_true(spent[1] > spent[0] * 19 / 10);
	assert_true(spent[1] < spent[0] * 21 / 10);
}

/* ---- what is refused, at once and with words ---- */

struct refusal {
	const char		*name;
	const struct ot_type	*type;
	struct pattern		 a, b;		/* b.unit NULL: parsing refuses */
	size_t			 n;
	int			 code;
	const char		*words;		/* part of what is said */
	uint64_t		 most;		/* steps, all in all */
};

static const struct refusal refusals[] = {
	{ "json0: nested too deeply", &ot_type_json0,
	    { "[{\"p\":[],\"oi\":", "[", "", "" }, { 0 }, 100000,
	    OT_ELIMIT, "nested", 100000 },
	{ "json1: nested too deeply", &ot_type_json1,
	    { "[{\"i\":", "[", "", "" }, { 0 }, 100000, OT_ELIMIT, "nested",
	    100000 },
	{ "rich-text: nested too deeply", &ot_type_rich_text,
	    { "[{\"insert\":", "[", "", "" }, { 0 }, 100000, OT_ELIMIT,
	    "nested", 100000 },
	{ "json1: too many places deep", &ot_type_json1,
	    { "[", "0", ",", ",{\"r\":true}]" }, { 0 }, 100000, OT_ELIMIT,
	    "deep", 12000000 },
	{ "json0: too many components", &ot_type_json0,
	    { "[", "{\"p\":[0],\"li\":1}", ",", "]" }, { 0 }, 100000,
	    OT_ELIMIT, "too many components", 100000000 },
	{ "text0: too many components", &ot_type_text0,
	    { "[", "{\"p\":#,\"d\":\"x\"}", ",", "]" }, { 0 }, 100000,
	    OT_ELIMIT, "too many components", 100000000 },
	{ "json0: too many text components within", &ot_type_json0,
	    { "[{\"p\":[\"s\"],\"t\":\"text0\",\"o\":[",
	    "{\"p\":#,\"d\":\"x\"}", ",", "]}]" }, { 0 }, 100000,
	    OT_ELIMIT, "too many components", 100000000 },
	{ "json0: many by many", &ot_type_json0,
	    { "[", "{\"p\":[0],\"li\":1}", ",", "]" },
	    { "[", "{\"p\":[1],\"lm\":0}", ",", "]" }, 20000,
	    OT_ELIMIT, "too much work", 400ull * LIFT_PAIRS_MAX },
	{ "text0: many by many", &ot_type_text0,
	    { "[", "{\"p\":#,\"d\":\"x\"}", ",", "]" },
	    { "[", "{\"p\":@,\"i\":\"x\"}", ",", "]" }, 20000,
	    OT_ELIMIT, "too much work", 400ull * LIFT_PAIRS_MAX },
};

static void
test_refusals(void **state)
{
	const struct refusal *r;
	struct ot_edit *a, *b, *made;
	struct ot_err err;
	uint64_t before;
	size_t i, a_len, b_len;
	char *a_json, *b_json;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		r = &refusals[i];
		a = b = made = NULL;
		a_json = pattern_make(&r->a, r->n, &a_len);
		before = steps;
		rc = r->type->edit_parse(a_json, a_len, &a, &err);
		if (rc == 0 && r->b.unit != NULL) {
			b_json = pattern_make(&r->b, r->n, &b_len);
			assert_int_equal(r->type->edit_parse(b_json, b_len, &b,
			    &err), 0);
			free(b_json);
			rc = r->type->transform(a, b, OT_LEFT, &made, &err);
		}
		if (rc != r->code || strstr(err.text, r->words) == NULL)
			fail_msg("%s: %d, %s", r->name, rc,
			    rc != 0 ? err.text : "taken");
		if (steps - before > r->most)
			fail_msg("%s: %llu steps", r->name,
			    (unsigned long long)(steps - before));
		r->type->edit_free(a);
		r->type->edit_free(b);
		r->type->edit_free(made);
		free(a_json);
	}
}

/* ---- few bytes that mean much ---- */

struct huge {
	const struct ot_type	*type;
	const char		*a, *b;
};

/* Taken or refused: no more steps than so short an input is worth. */
static void
test_huge(void **state)
{
	static const struct huge ops[] = {
		{ &ot_type_text, "[1000000000000000,\"x\"]",
		    "[1000000000000000,{\"d\":9007199254740991}]" },
		{ &ot_type_text, "[{\"d\":9007199254740991}]",
		    "[\"x\",{\"d\":9007199254740991}]" },
		{ &ot_type_text_unicode, "[1000000000000000,\"x\"]",
		    "[1000000000000000,{\"d\":9007199254740991}]" },
		{ &ot_type_rich_text, "[{\"retain\":9007199254740991},"
		    "{\"insert\":\"x\"}]", "[{\"delete\":9007199254740991}]" },
		{ &ot_type_text0, "[{\"p\":9007199254740991,\"i\":\"x\"}]",
		    "[{\"p\":9007199254740990,\"d\":\"x\"}]" },
		{ &ot_type_json0, "[{\"p\":[9007199254740991],\"li\":1}]",
		    "[{\"p\":[0],\"lm\":9007199254740991}]" },
		{ &ot_type_json0, "[{\"p\":[\"s\",9007199254740991],"
		    "\"si\":\"x\"}]", "[{\"p\":[\"s\",1],\"sd\":\"x\"}]" },
		{ &ot_type_json1, "[[0,{\"p\":0}],[2147483647,{\"d\":0}]]",
		    "[2147483647,{\"p\":0,\"d\":0}]" },
		{ &ot_type_json1, "[[0,{\"p\":2147483647}],"
		    "[1,{\"d\":2147483647}]]", "[0,{\"p\":5,\"d\":5}]" },
		{ &ot_type_json1, "[\"s\",{\"es\":[1000000000000000,\"x\"]}]",
		    "[\"s\",{\"es\":[1000000000000000,\"y\"]}]" },
		{ &ot_type_json0, "[{\"p\":[\"n\"],\"na\":1e308}]",
		    "[{\"p\":[\"n\"],\"na\":1e308}]" },
	};
	const struct ot_type *t;
	struct ot_edit *a, *b, *made;
	struct ot_data *data;
	struct ot_err err;
	uint64_t before;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		t = ops[i].type;
		data = NULL;
		before = steps;
		a = b = NULL;
		if (t->edit_parse(ops[i].a, strlen(ops[i].a), &a, &err) != 0 ||
		    t->edit_parse(ops[i].b, strlen(ops[i].b), &b, &err) != 0)
			goto next;
		if (t->create("\"abc\"", 5, &data, &err) == 0)
			assert_int_not_equal(t->apply(data, a, NULL, &err), 0);
		made = NULL;
		if (t->transform(a, b, OT_LEFT, &made, &err) == 0)
			t->edit_free(made);
		made = NULL;
		if (t->compose(a, b, &made, &err) == 0)
			t->edit_free(made);
next:
		t->edit_free(a);
		t->edit_free(b);
		t->data_free(data);
		if (steps - before > SMALL)
			fail_msg("%s: %llu steps", ops[i].a,
			    (unsigned long long)(steps - before));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
