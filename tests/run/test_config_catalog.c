/*
 * config_catalog: collections and projections in the file.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/config_catalog.h"

static char file_path[] = "/tmp/otd-test-catalog-XXXXXX";

static int
load(struct config *c, const char *file, char *why)
{
	char *args[] = { "--config", file_path, NULL }, *env[] = { NULL };
	FILE *f = fopen(file_path, "w");
	int n = 2;

	assert_non_null(f);
	assert_true(fputs(file, f) >= 0);
	assert_int_equal(fclose(f), 0);
	config_init(c);
	return config_load(c, args, &n, env, why);
}

static void
test_taken(void **state)
{
	struct config_collection whole;
	struct config c;
	char why[CONFIG_WHY];

	(void)state;
	if (load(&c, "{\"collections\":{\"a\":{\"keep_every\":3},\"b*\":{"
	    "\"keep-every\":\"4\",\"queries\":\"off\"}},\"keep_every\":5,"
	    "\"projections\":{\"p*\":{\"fields\":[\"x\",\"\"],"
	    "\"of\":\"*b\"}}}", why) != 0 || config_check(&c, why) != 0)
		fail_msg("%s", why);
	assert_int_equal(c.catalog->n_collections, 2);
	whole = config_collection_whole(&c, &c.catalog->collections[0]);
	assert_string_equal(whole.name, "a");
	assert_int_equal(whole.keep_every, 3);
	assert_int_equal(whole.checkpoint_ops, c.checkpoint_ops);
	assert_true(whole.queries);
	whole = config_collection_whole(&c, &c.catalog->collections[1]);
	assert_int_equal(whole.keep_every, 4);
	assert_false(whole.queries);
	assert_int_equal(c.catalog->n_projections, 1);
	assert_string_equal(c.catalog->projections[0].of, "*b");
	assert_int_equal(c.catalog->projections[0].fields.n, 2);
	assert_string_equal(c.catalog->projections[0].fields.text[1], "");
	config_done(&c);
}

/* Collections and projections: what is said where something is wrong. */
static void
test_refused(void **state)
{
#define IN_C(entry)	"{\"collections\":" entry "}"
#define IN_P(entry)	"{\"projections\":" entry "}"
	static const struct {
		const char *file, *says[3];
	} rows[] = {
		{ IN_C("[]"), { "\"collections\" in", "object" } },
		{ IN_C("{\"a\":5}"), { "\"collections.a\" in", "object" } },
		{ IN_C("{\"\":{}}"), { "\"collections.\" in", "name" } },
		{ IN_C("{\"a**\":{}}"), { "\"collections.a**\"", "one *" } },
		{ IN_C("{\"a\":{\"querys\":true}}"),
		    { "\"collections.a.querys\" in", "did you mean queries?" } },
		{ IN_C("{\"a\":{\"store\":\"x\"}}"),
		    { "\"collections.a.store\" in", "no such" } },
		{ IN_C("{\"a\":{\"queries\":\"perhaps\"}}"),
		    { "\"collections.a.queries\" in", "perhaps", "on or off" } },
		{ IN_C("{\"a\":{\"keep_every\":0}}"),
		    { "\"collections.a.keep_every\" in", "\"0\"", "1 to" } },
		{ IN_C("{\"a\":{\"max-document\":\"1T\"}}"),
		    { "\"collections.a.max-document\"", "\"1T\"", "K, M" } },
		{ IN_C("{\"a\":{\"types\":[]}}"),
		    { "\"collections.a.types\" in", "at least one" } },
		{ IN_C("{\"a\":{\"types\":[\"json0\",\"html\"]}}"),
		    { "\"collections.a.types\" in", "\"html\"",
		      "json0, json1," } },
		{ IN_C("{\"a\":{\"types\":{}}}"), { "collections.a.types" } },
		{ IN_P("[]"), { "\"projections\" in", "object" } },
		{ IN_P("{\"p\":{\"fields\":[]}}"),
		    { "\"projections.p\" in", "\"of\" is missing" } },
		{ IN_P("{\"p\":{\"of\":\"a\"}}"),
		    { "\"projections.p\" in", "\"fields\" is missing" } },
		{ IN_P("{\"p\":{\"of\":5,\"fields\":[]}}"),
		    { "\"projections.p.of\" in", "name" } },
		{ IN_P("{\"p\":{\"of\":\"a\",\"fields\":{\"x\":true}}}"),
		    { "\"projections.p.fields\" in", "list" } },
		{ IN_P("{\"p\":{\"of\":\"a\",\"fields\":[\"x\",5]}}"),
		    { "\"projections.p.fields\" in", "string" } },
		{ IN_P("{\"p\":{\"of\":\"a\",\"fields\":[\"x\",\"x\"]}}"),
		    { "\"projections.p.fields\" in", "twice" } },
		{ IN_P("{\"p\":{\"of\":\"a\",\"fields\":[],\"x\":1}}"),
		    { "\"projections.p.x\" in", "no such" } },
		{ IN_P("{\"p*\":{\"of\":\"a\",\"fields\":[]}}"),
		    { "\"projections.p*.of\" in", "both" } },
		{ IN_P("{\"p\":{\"of\":\"a*\",\"fields\":[]}}"),
		    { "\"projections.p.of\" in", "both" } },
		/* One by one right, and wrong together. */
		{ IN_P("{\"p\":{\"of\":\"q\",\"fields\":[]},"
		    "\"q\":{\"of\":\"a\",\"fields\":[]}}"),
		    { "\"projections.p.of\" in", "a projection itself" } },
		{ IN_P("{\"p\":{\"of\":\"p\",\"fields\":[]}}"),
		    { "\"projections.p.of\" in", "a projection itself" } },
		{ "{\"collections\":{\"p\":{}},\"projections\":{\"p\":"
		    "{\"of\":\"a\",\"fields\":[]}}}",
		    { "\"projections.p\" in", "this name too" } },
		{ "{\"unknown_collections\":\"refuse\"}",
		    { "--unknown-collections refuse", "every collection" } },
		{ "{\"unknown-collections\":\"refuse\",\"collections\":"
		    "{\"*\":{}}}", { "none is unknown" } },
		{ "{\"unknown-collections\":\"refuse\",\"collections\":"
		    "{\"a*\":{}},\"projections\":{\"p\":{\"of\":\"b\","
		    "\"fields\":[]}}}",
		    { "\"projections.p.of\" in", "does not have it" } },
	};
	struct config c;
	char why[CONFIG_WHY];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&c, rows[i].file, why) == 0 &&
		    config_check(&c, why) == 0)
			fail_msg("row %zu: taken", i);
		for (k = 0; k < 3 && rows[i].says[k] != NULL; k++)
			if (strstr(why, rows[i].says[k]) == NULL)
				fail_msg("row %zu: \"%s\" does not say \"%s\"",
				    i, why, rows[i].says[k]);
		config_done(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};
	int fd = mkstemp(file_path), failed;

	assert(fd >= 0);
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file_path);
	return failed;
}
