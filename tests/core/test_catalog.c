/*
 * catalog: which settings a collection has, and what a name stands for.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <string.h>

#include "core/catalog.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct catalog *
catalog_of(const char *const *names, size_t n, bool only_known)
{
	struct collection entries[8] = { 0 };
	struct catalog_plan plan = { .fallback = { .keep_every = 99 },
	    .only_known = only_known, .collections = entries,
	    .n_collections = n };
	size_t i;

	for (i = 0; i < n; i++) {
		entries[i].name = names[i];
		entries[i].keep_every = i;
	}
	return catalog_new(&plan);
}

static void
test_most_specific(void **state)
{
	static const char *const names[] = { "*", "notes_*", "*_old",
	    "notes_*_old", "notes_x_old", "n*_x_old" };
	static const struct { const char *name, *entry; } rows[] = {
		{ "", "*" }, { "notes", "*" }, { "notes_", "notes_*" },
		{ "notes_1", "notes_*" }, { "a_old", "*_old" },
		/* More beside the star; the star is not the same byte twice. */
		{ "notes_1_old", "notes_*_old" }, { "notes_old", "notes_*" },
		{ "notes__old", "notes_*_old" },
		{ "notes_x_old", "notes_x_old" }, { "nb_x_old", "n*_x_old" },
		/* A name may have any bytes, a star too. */
		{ "notes_*", "notes_*" }, { "*", "*" },
	};
	struct catalog *c = catalog_of(names, COUNT(names), false);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(catalog_collection(c, rows[i].name)->name,
		    rows[i].entry);
	catalog_free(c);
}

/* Of equals the one with more before the star, in either order. */
static void
test_equally_long(void **state)
{
	static const char *const one[] = { "ab*", "*ab", "a*b" };
	static const char *const other[] = { "a*b", "*ab", "ab*" };
	struct catalog *c = catalog_of(one, 3, false);

	(void)state;
	assert_string_equal(catalog_collection(c, "abab")->name, "ab*");
	assert_string_equal(catalog_collection(c, "acab")->name, "a*b");
	assert_string_equal(catalog_collection(c, "bab")->name, "*ab");
	catalog_free(c);
	c = catalog_of(other, 3, false);
	assert_string_equal(catalog_collection(c, "abab")->name, "ab*");
	assert_string_equal(catalog_collection(c, "acab")->name, "a*b");
	assert_string_equal(catalog_collection(c, "bab")->name, "*ab");
	catalog_free(c);
}

static void
test_unknown(void **state)
{
	static const char *const names[] = { "posts", "notes_*" };
	struct catalog *c = catalog_of(names, COUNT(names), false);
	struct arena a;
	struct named n;

	(void)state;
	arena_init(&a);
	assert_int_equal(catalog_collection(c, "other")->keep_every, 99);
	assert_int_equal(catalog_collection(c, "posts")->keep_every, 0);
	catalog_free(c);
	c = catalog_of(names, COUNT(names), true);
	assert_null(catalog_collection(c, "other"));
	assert_null(catalog_collection(c, "post"));
	assert_null(catalog_collection(c, "posts2"));
	assert_int_equal(catalog_resolve(c, "other", &a, &n), ERR_COLLECTION);
	assert_int_equal(catalog_resolve(c, "posts", &a, &n), ERR_NONE);
	assert_string_equal(n.collection, "posts");
	assert_null(n.projection);
	catalog_free(c);
	arena_done(&a);
}

static void
test_projections(void **state)
{
	static const char *const fields[] = { "name", "age" };
	static const struct projection projections[] = {
		{ .name = "dogs_summary", .target = "dogs", .fields = fields,
		  .n_fields = 2 },
		{ .name = "*_dogs_summary", .target = "*_dogs", .fields = fields,
		  .n_fields = 1 },
		{ .name = "short_*", .target = "*", .fields = fields,
		  .n_fields = 1 },
		{ .name = "short_*_x", .target = "x_*_y", .fields = fields,
		  .n_fields = 1 },
	};
	static const struct { const char *name, *target; } rows[] = {
		{ "dogs_summary", "dogs" }, { "dogs", NULL },
		{ "a_dogs_summary", "a_dogs" }, { "_dogs_summary", "_dogs" },
		{ "dogs_summary_", NULL }, { "short_a", "a" },
		{ "short_a_x", "x_a_y" }, { "short_", "" },
		/* Not looked up again: what it leads to is a collection. */
		{ "short_short_a", "short_a" },
	};
	struct catalog_plan plan = { .projections = projections,
	    .n_projections = COUNT(projections) };
	struct catalog *c = catalog_new(&plan);
	struct arena a;
	struct named n;
	size_t i;

	(void)state;
	arena_init(&a);
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(catalog_resolve(c, rows[i].name, &a, &n),
		    ERR_NONE);
		assert_string_equal(n.collection, rows[i].target != NULL ?
		    rows[i].target : rows[i].name);
		assert_int_equal(n.projection != NULL, rows[i].target != NULL);
	}
	assert_int_equal(catalog_resolve(c, "dogs_summary", &a, &n), ERR_NONE);
	assert_int_equal(n.projection->n_fields, 2);
	assert_string_equal(n.projection->fields[1], "age");
	catalog_free(c);
	arena_done(&a);
}

/* What a projection leads to may be no name any more, or no collection. */
static void
test_projection_of_nothing(void **state)
{
	static const struct projection projection = { .name = "s*",
	    .target = "sum_*" };
	static const struct collection known = { .name = "sum_a" };
	struct catalog_plan plan = { .projections = &projection,
	    .n_projections = 1, .collections = &known, .n_collections = 1,
	    .only_known = true };
	struct catalog *c = catalog_new(&plan);
	char longest[1024 + 1];
	struct arena a;
	struct named n;

	(void)state;
	arena_init(&a);
	assert_int_equal(catalog_resolve(c, "sa", &a, &n), ERR_NONE);
	assert_int_equal(catalog_resolve(c, "sb", &a, &n), ERR_COLLECTION);
	catalog_free(c);
	plan.only_known = false;
	c = catalog_new(&plan);
	memset(longest, 's', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(catalog_resolve(c, longest, &a, &n), ERR_COLLECTION);
	assert_int_equal(catalog_resolve(c, longest + 3, &a, &n), ERR_NONE);
	assert_int_equal(strlen(n.collection), 1024);
	catalog_free(c);
	arena_done(&a);
}

static void
test_names(void **state)
{
	(void)state;
	assert_true(catalog_name_is_good("a"));
	assert_true(catalog_name_is_good("*"));
	assert_true(catalog_name_is_good("a*b"));
	assert_false(catalog_name_is_good(""));
	assert_false(catalog_name_is_good("**"));
	assert_false(catalog_name_is_good("a*b*"));
}

/* ---- in the hub ---- */

static void
test_hub_unknown(void **state)
{
	static const char *const names[] = { "c" };
	static const char *const all[] = {
		"{'a':'f','c':'d','d':'x'}", "{'a':'s','c':'d','d':'x'}",
		"{'a':'u','c':'d','d':'x'}",
		"{'a':'bf','c':'d','b':['x']}", "{'a':'bs','c':'d','b':['x']}",
		"{'a':'bu','c':'d','b':['x']}",
		"{'a':'op','c':'d','d':'x','v':0,'seq':1,'del':true}",
	};
	struct catalog *c = catalog_of(names, 1, true);
	struct session *ss;
	struct rig r;
	size_t i;

	(void)state;
	rig_init(&r);
	r.limits.catalog = c;
	rig_start(&r);
	ss = rig_open(&r, "A");
	for (i = 0; i < COUNT(all); i++) {
		rig_say(&r, ss, all[i]);
		rig_hear_error(ss, "ERR_OTD_UNKNOWN_COLLECTION");
	}
	assert_int_equal(r.loads, 0);
	rig_say(&r, ss, "{'a':'f','c':'c','d':'x'}");
	rig_hear(ss, "{'a':'f','c':'c','d':'x','data':{'v':0,'type':null}}");
	rig_done(&r);
	catalog_free(c);
}

static void
test_hub_types(void **state)
{
	struct collection entry = { .name = "c", .checkpoint_ops = 200,
	    .keep_every = 1000, .document_bytes = 100000 };
	struct catalog_plan plan = { .collections = &entry,
	    .n_collections = 1 };
	struct catalog *c;
	struct session *ss;
	struct rig r;

	(void)state;
	entry.types = catalog_type_bit(&ot_type_text_unicode) |
	    catalog_type_bit(&ot_type_json1);
	c = catalog_new(&plan);
	rig_init(&r);
	r.limits.catalog = c;
	rig_start(&r);
	ss = rig_open(&r, "A");
	rig_say_over(&r, ss, CREATE_X);
	rig_say(&r, ss, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'json0','data':{}}}");
	rig_hear(ss, "{'a':'op','c':'c','d':'y','v':0,'seq':2,'create':"
	    "{'type':'json0','data':{}},'error':{'code':"
	    "'ERR_DOC_TYPE_NOT_RECOGNIZED','message':'Type json0 is not "
	    "allowed in this collection'}}");
	rig_say(&r, ss, "{'a':'op','c':'c','d':'y','v':0,'seq':3,'create':"
	    "{'type':'json1','data':{}}}");
	rig_hear(ss, "{'a':'op','c':'c','d':'y','src':'A','seq':3,'v':0}");
	rig_done(&r);
	catalog_free(c);
}

/* Each collection by its own ceilings and intervals. */
static void
test_hub_settings(void **state)
{
	struct collection entries[] = {
		{ .name = "c", .types = COLLECTION_ALL_TYPES,
		  .checkpoint_ops = 2, .keep_every = 1000,
		  .document_bytes = 4096 },
		{ .name = "d", .types = COLLECTION_ALL_TYPES,
		  .checkpoint_ops = 1000, .keep_every = 1000,
		  .document_bytes = 1 << 20 },
	};
	struct catalog_plan plan = { .collections = entries,
	    .n_collections = 2, .only_known = true };
	struct catalog *c = catalog_new(&plan);
	struct hub_counts counts;
	struct session *ss;
	struct rig r;
	char text[16000];
	int seq;

	(void)state;
	rig_init(&r);
	r.limits.catalog = c;
	rig_start(&r);
	ss = rig_open(&r, "A");
	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'y','v':0,"
	    "'seq':1,'create':{'type':'text-unicode','data':'%*s'}}", 8000, "");
	rig_say(&r, ss, text);
	rig_hear_error(ss, "ERR_OTD_DOCUMENT_TOO_LARGE");
	text[15] = 'd';
	rig_say(&r, ss, text);
	rig_hear(ss, "{'a':'op','c':'d','d':'y','src':'A','seq':1,'v':0}");
	for (seq = 2; seq < 10; seq++) {
		snprintf(text, sizeof(text), "{'a':'op','c':'d','d':'y',"
		    "'seq':%d,'op':['1']}", seq);
		rig_say_over(&r, ss, text);
	}
	hub_count(r.hub, &counts);
	assert_int_equal(counts.checkpoints, 0);
	rig_say_over(&r, ss, CREATE_X);
	rig_insert(&r, ss, 11);
	rig_insert(&r, ss, 12);
	hub_count(r.hub, &counts);
	assert_int_not_equal(counts.checkpoints, 0);
	rig_done(&r);
	catalog_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_specific),
		cmocka_unit_test(test_equally_long),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_projections),
		cmocka_unit_test(test_projection_of_nothing),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hub_unknown),
		cmocka_unit_test(test_hub_types),
		cmocka_unit_test(test_hub_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
