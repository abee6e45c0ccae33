/*
 * config: where settings come from, what is refused and how it is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "run/address.h"
#include "run/config.h"
#include "run/mask.h"

#define WORDS	8

static char file_path[] = "/tmp/otd-test-config-XXXXXX";

static void
write_file(const char *text)
{
	FILE *f = fopen(file_path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* FILE at the end of a word stands for the path of the file. */
static char *
with_path(const char *word)
{
	size_t len = strlen(word), size = len + sizeof(file_path);
	bool ends = len >= 4 && strcmp(word + len - 4, "FILE") == 0;
	char *out = malloc(size);

	snprintf(out, size, "%.*s%s", (int)(ends ? len - 4 : len), word,
	    ends ? file_path : "");
	return out;
}

/* Load from these places; *left_out is how many words were no settings. */
static int
load(struct config *c, const char *file, const char *const *env,
    const char *const *args, int *left_out, char *why)
{
	char *args_copy[WORDS + 1] = { NULL }, *all[WORDS + 1];
	char *env_copy[WORDS + 1] = { NULL };
	int i, rc, n = 0, n_env = 0;

	write_file(file);
	for (; args[n] != NULL; n++)
		all[n] = args_copy[n] = with_path(args[n]);
	for (; env[n_env] != NULL; n_env++)
		env_copy[n_env] = with_path(env[n_env]);
	*left_out = n;
	config_init(c);
	rc = config_load(c, args_copy, left_out, env_copy, why);
	for (i = 0; i < n; i++)
		free(all[i]);
	for (i = 0; i < n_env; i++)
		free(env_copy[i]);
	return rc;
}

static void
test_defaults_stand(void **state)
{
	struct config c;
	char why[CONFIG_WHY];

	(void)state;
	config_init(&c);
	if (config_check(&c, why) != 0)
		fail_msg("%s", why);
	assert_string_equal(c.store, "sqlite:data/otd.db");
	assert_string_equal(c.bus, "local");
	assert_int_equal(c.listen.n, 1);
	assert_string_equal(c.listen.text[0], "127.0.0.1:7007");
	assert_int_equal(c.workers, 1);
	assert_int_equal(c.auth, AUTH_NONE);
	assert_false(config_shares_store(&c));
	config_done(&c);
}

/* flag > environment > file > default */
static void
test_precedence(void **state)
{
	static const struct {
		const char *file, *env[WORDS], *args[WORDS], *want;
	} rows[] = {
		{ "{}", { NULL }, { NULL }, "sqlite:data/otd.db" },
		{ "{\"store\":\"sqlite:f\"}", { NULL }, { NULL },
		    "sqlite:data/otd.db" },	/* nobody named the file */
		{ "{\"store\":\"sqlite:f\"}", { NULL }, { "--config", "FILE" },
		    "sqlite:f" },
		{ "{\"store\":\"sqlite:f\"}", { "OTD_CONFIG=FILE" }, { NULL },
		    "sqlite:f" },
		{ "{\"store\":\"sqlite:f\"}", { "OTD_CONFIG=FILE",
		    "OTD_STORE=sqlite:e" }, { NULL }, "sqlite:e" },
		{ "{\"store\":\"sqlite:f\"}", { "OTD_STORE=sqlite:e",
		    "OTD_CONFIG=FILE" }, { "--store", "sqlite:a" }, "sqlite:a" },
		{ "{\"store\":\"sqlite:f\"}", { "OTD_STORE=sqlite:e",
		    "OTD_CONFIG=/nowhere" }, { "--store=sqlite:a=b",
		    "--config=FILE" }, "sqlite:a=b" },
		{ "{}", { NULL }, { "--store", "sqlite:1", "--store",
		    "sqlite:2" }, "sqlite:2" },
		{ "sqlite:secret\n", { "OTD_STORE_FILE=FILE" }, { NULL },
		    "sqlite:secret" },
		{ "sqlite:secret", { "OTD_STORE_FILE=FILE" },
		    { "--store", "sqlite:a" }, "sqlite:a" },
	};
	struct config c;
	char why[CONFIG_WHY];
	size_t i;
	int left;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&c, rows[i].file, rows[i].env, rows[i].args, &left,
		    why) != 0)
			fail_msg("row %zu: %s", i, why);
		if (strcmp(c.store, rows[i].want) != 0)
			fail_msg("row %zu: %s", i, c.store);
		assert_int_equal(left, 0);
		config_done(&c);
	}
}

static void
test_lists(void **state)
{
	static const struct {
		const char *file, *env[WORDS], *args[WORDS], *want;
	} rows[] = {
		{ "{\"listen\":[\"a\",\"b\"],\"config2\":0}", { NULL }, { NULL },
		    "127.0.0.1:7007" },
		{ "{\"listen\":[\"a\",\"b\"]}", { NULL }, { "--config", "FILE" },
		    "a b" },
		{ "{\"listen\":\"a,b\"}", { NULL }, { "--config", "FILE" },
		    "a b" },
		{ "{\"listen\":[\"a\"]}", { "OTD_LISTEN= c,  d " },
		    { "--config", "FILE" }, "c d" },
		{ "{}", { "OTD_LISTEN=c" },
		    { "--listen", "x", "--listen=y", "--listen", "z" }, "x y z" },
		{ "{\"listen\":[]}", { NULL }, { "--config", "FILE" }, "" },
	};
	struct config c;
	char why[CONFIG_WHY], got[128];
	size_t i, n, len;
	int left;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&c, rows[i].file, rows[i].env, rows[i].args, &left,
		    why) != 0)
			fail_msg("row %zu: %s", i, why);
		got[0] = '\0';
		for (n = 0, len = 0; n < c.listen.n; n++)
			len += (size_t)snprintf(got + len, sizeof(got) - len,
			    "%s%s", n > 0 ? " " : "", c.listen.text[n]);
		assert_string_equal(got, rows[i].want);
		config_done(&c);
	}
}

static void
test_values(void **state)
{
	static const struct {
		const char *value;
		uint64_t bytes;
	} bytes[] = {
		{ "2000", 2000 }, { "1K", 1024 }, { "3k", 3072 },
		{ "256M", 256u << 20 }, { "01024", 1024 },
	};
	static const struct {
		const char *value;
		uint64_t ms;
	} times[] = {
		{ "0", 0 }, { "7", 7 }, { "7ms", 7 }, { "9s", 9000 },
		{ "2m", 120000 }, { "1h", 3600000 },
	};
	const char *none[] = { NULL }, *args[] = { "", NULL };
	struct config c;
	char why[CONFIG_WHY], word[64];
	size_t i;
	int left;

	(void)state;
	args[0] = word;
	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		snprintf(word, sizeof(word), "--max-message=%s", bytes[i].value);
		assert_int_equal(load(&c, "", none, args, &left, why), 0);
		assert_true(c.max_message == bytes[i].bytes);
		config_done(&c);
	}
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		snprintf(word, sizeof(word), "--drain-timeout=%s",
		    times[i].value);
		assert_int_equal(load(&c, "", none, args, &left, why), 0);
		assert_true(c.drain_timeout == times[i].ms);
		config_done(&c);
	}
}

static void
test_words_left(void **state)
{
	const char *none[] = { NULL };
	const char *args[] = { "show", "--workers", "1", "notes", "--insecure",
	    "42", "-", NULL };
	struct config c;
	char why[CONFIG_WHY];
	int left;

	(void)state;
	assert_int_equal(load(&c, "", none, args, &left, why), 0);
	assert_int_equal(left, 4);
	assert_true(c.insecure);
	config_done(&c);
}

/* What load refuses, and what the reason must name. */
static void
test_refused(void **state)
{
	static const struct {
		const char *file, *env[WORDS], *args[WORDS], *says[3];
	} rows[] = {
		{ "", { NULL }, { "--nonsense", "1" }, { "--nonsense", "help" } },
		{ "", { NULL }, { "--lisen", "1" },
		    { "--lisen", "--listen" } },
		{ "", { NULL }, { "--max_message", "1M" },
		    { "--max_message", "--max-message" } },
		{ "", { NULL }, { "--store" }, { "--store", "value" } },
		{ "", { NULL }, { "--workers", "0" },
		    { "--workers", "\"0\"", "1 to 256" } },
		{ "", { NULL }, { "--workers", "-1" }, { "\"-1\"" } },
		{ "", { NULL }, { "--workers", "1x" }, { "\"1x\"" } },
		{ "", { NULL }, { "--workers", "" }, { "\"\"" } },
		{ "", { NULL }, { "--workers", "99999999999999999999" },
		    { "99999999999999999999" } },
		{ "", { NULL }, { "--max-message", "1T" }, { "\"1T\"", "K, M" } },
		{ "", { NULL }, { "--max-message", "999999999G" },
		    { "999999999G" } },
		{ "", { NULL }, { "--drain-timeout", "1d" }, { "s, m or h" } },
		{ "", { NULL }, { "--auth", "ldap" },
		    { "--auth", "ldap", "none|jwt" } },
		{ "", { NULL }, { "--auth", "" }, { "none|jwt" } },
		{ "", { NULL }, { "--auth", "none|jwt" }, { "one of" } },
		{ "", { NULL }, { "--insecure=yes" }, { "\"yes\"", "true" } },
		{ "", { "OTD_WORKERS=many" }, { NULL },
		    { "OTD_WORKERS", "many", "256" } },
		{ "", { "OTD_WORKER=2" }, { NULL }, { "OTD_WORKER:" } },
		{ "", { "OTD_WORKERS_FILE=FILE" }, { NULL },
		    { "OTD_WORKERS_FILE" } },
		{ "sqlite:x", { "OTD_STORE_FILE=FILE", "OTD_STORE=sqlite:y" },
		    { NULL }, { "OTD_STORE_FILE", "OTD_STORE is set" } },
		{ "", { "OTD_BUS_FILE=/nowhere/x" }, { NULL },
		    { "OTD_BUS_FILE", "/nowhere/x" } },
		{ "", { NULL }, { "--config", "/nowhere/x" },
		    { "--config", "/nowhere/x" } },
		{ "{\"lissen\":1}", { NULL }, { "--config=FILE" },
		    { "lissen", "--listen" } },
		{ "{\"workers\":\"x\"}", { NULL }, { "--config=FILE" },
		    { "\"workers\" in", "\"x\"" } },
		{ "{\"workers\":1.5}", { NULL }, { "--config=FILE" },
		    { "\"workers\" in", "1.5" } },
		{ "{\"workers\":null}", { NULL }, { "--config=FILE" },
		    { "\"workers\" in" } },
		{ "{\"store\":{}}", { NULL }, { "--config=FILE" },
		    { "\"store\" in" } },
		{ "{\"store\":\"a\\u0000b\"}", { NULL }, { "--config=FILE" },
		    { "\"store\" in" } },
		{ "{\"collections\":{\"a\\u0000b\":{\"queries\":false}}}",
		    { NULL }, { "--config=FILE" }, { "a name with" } },
		{ "[]", { NULL }, { "--config=FILE" },
		    { "is not a JSON object" } },
		{ "{\"listen\":[1.5]}", { NULL }, { "--config=FILE" },
		    { "\"listen\" in", "1.5" } },
		{ "{\"config\":\"x\"}", { NULL }, { "--config=FILE" },
		    { "\"config\" in" } },
		{ "{\"workers\":2", { NULL }, { "--config=FILE" },
		    { "not a JSON object" } },
		{ "{} x", { NULL }, { "--config=FILE" },
		    { "not a JSON object" } },
		{ "[]", { NULL }, { "--config=FILE" }, { "not a JSON object" } },
		{ "", { NULL }, { "--config=FILE" }, { "not a JSON object" } },
	};
	struct config c;
	char why[CONFIG_WHY];
	size_t i, k;
	int left;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&c, rows[i].file, rows[i].env, rows[i].args, &left,
		    why) == 0)
			fail_msg("row %zu: taken", i);
		for (k = 0; k < 3 && rows[i].says[k] != NULL; k++)
			if (strstr(why, rows[i].says[k]) == NULL)
				fail_msg("row %zu: \"%s\" does not say \"%s\"",
				    i, why, rows[i].says[k]);
		config_done(&c);
	}
}

/* Names in the environment that others put there. */
static void
test_foreign_names(void **state)
{
	static const char *const env[] = {
		"OTD_SERVICE_HOST=10.0.0.1", "OTD_PORT=tcp://10.0.0.1:7007",
		"OTD_DB_PORT_5432_TCP=x", "OTD_BUILD=build", "OTD_TEST_REDIS=x",
		"OTDX=1", "PATH=/bin", NULL,
	};
	const char *none[] = { NULL };
	struct config c;
	char why[CONFIG_WHY];
	int left;

	(void)state;
	if (load(&c, "", env, none, &left, why) != 0)
		fail_msg("%s", why);
	config_done(&c);
}

/* Together: NULL in says is right. */
static void
test_together(void **state)
{
	static const struct {
		const char *args[WORDS + 1], *says[2];
	} rows[] = {
		{ { NULL }, { NULL } },
		{ { "--listen", "[::1]:1" }, { NULL } },
		{ { "--listen", "localhost:0" }, { NULL } },
		{ { "--listen", "127.9.9.9:7007" }, { NULL } },
		{ { "--listen", "0.0.0.0:7007" }, { "0.0.0.0:7007",
		    "--insecure" } },
		{ { "--listen", "[::]:7007" }, { "[::]:7007", "--insecure" } },
		{ { "--listen", "127.0.0.1:1", "--listen", "10.1.1.1:1" },
		    { "10.1.1.1", "--insecure" } },
		{ { "--listen", "0.0.0.0:7007", "--insecure" }, { NULL } },
		{ { "--listen", "7007" }, { "\"7007\"", "HOST:PORT" } },
		{ { "--listen", "" }, { "--listen", "at least one" } },
		{ { "--admin-listen", "x" }, { "--admin-listen", "\"x\"" } },
		{ { "--admin-listen", "0.0.0.0:9" }, { NULL } },
		{ { "--auth", "jwt" }, { "--auth jwt" } },
		{ { "--store", "mysql://x" }, { "--store", "postgres" } },
		{ { "--store", "sqlite:" }, { "--store", "path" } },
		{ { "--store", "postgres://h/db" }, { NULL } },
		{ { "--store", "postgresql://h1,h2/db" }, { NULL } },
		{ { "--bus", "redis://h:0" }, { "--bus", "port" } },
		{ { "--bus", "rediss://h" }, { "--bus", "TLS" } },
		{ { "--bus", "" }, { "--bus" } },
		{ { "--bus", "redis://h" }, { NULL } },
		{ { "--bus", "redis://h?drop=0.1" }, { "--bus", "query" } },
		{ { "--bus", "lossy+redis://h/p?drop=0.1&seed=7" }, { NULL } },
		{ { "--bus", "lossy+redis://h" }, { "--bus: a lossy bus", "drop=" } },
		{ { "--bus", "lossy+redis://h:0?drop=0.1" },
		    { "--bus", "port" } },
		{ { "--workers", "2" }, { "--workers 2", "postgres" } },
		{ { "--workers", "2", "--bus", "redis://h" },
		    { "--workers 2", "embedded" } },
		{ { "--workers", "2", "--store", "postgres://h" },
		    { "--bus local", "redis" } },
		{ { "--workers", "2", "--store", "postgres://h", "--bus",
		    "redis://h" }, { NULL } },
		{ { "--idle-timeout", "10s", "--ping-interval", "10s" },
		    { "--idle-timeout", "--ping-interval" } },
		{ { "--idle-timeout", "11s", "--ping-interval", "10s" },
		    { NULL } },
	};
	const char *none[] = { NULL };
	struct config c;
	char why[CONFIG_WHY];
	size_t i, k;
	int left, rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load(&c, "", none, rows[i].args, &left, why) != 0)
			fail_msg("row %zu: %s", i, why);
		rc = config_check(&c, why);
		if (rc == 0 && rows[i].says[0] != NULL)
			fail_msg("row %zu: taken", i);
		if (rc != 0 && rows[i].says[0] == NULL)
			fail_msg("row %zu: %s", i, why);
		for (k = 0; k < 2 && rows[i].says[k] != NULL; k++)
			if (strstr(why, rows[i].says[k]) == NULL)
				fail_msg("row %zu: \"%s\" does not say \"%s\"",
				    i, why, rows[i].says[k]);
		config_done(&c);
	}
}

static char *
print(const struct config *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	config_print(c, f);
	fclose(f);
	return text;
}

/* What is printed is a file that means the same. */
static void
test_print(void **state)
{
	const char *none[] = { NULL }, *from_file[] = { "--config=FILE", NULL };
	const char *args[] = { "--listen=127.0.0.1:1", "--listen=[::1]:2",
	    "--max-message=2M", "--insecure", "--log-format=json",
	    "--drain-timeout=1m", NULL };
	const char *secrets[] = { "--store",
	    "postgres://u:hush@h/db?sslpassword=hush2", "--bus",
	    "redis://:hush3@h", NULL };
	struct config c, again;
	char why[CONFIG_WHY], *text, *text_again;
	int left;

	(void)state;
	assert_int_equal(load(&c, "", none, args, &left, why), 0);
	text = print(&c);
	if (load(&again, text, none, from_file, &left, why) != 0)
		fail_msg("%s", why);
	text_again = print(&again);
	assert_string_equal(text, text_again);
	assert_true(again.max_message == 2u << 20);
	assert_int_equal(again.log_format, FORMAT_JSON);
	config_done(&c);
	config_done(&again);
	free(text);
	free(text_again);

	assert_int_equal(load(&c, "", none, secrets, &left, why), 0);
	text = print(&c);
	assert_null(strstr(text, "hush"));
	assert_non_null(strstr(text, "postgres://u:***@h/db"));
	config_done(&c);
	free(text);
}

static void
test_help(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	config_help(f);
	fclose(f);
	assert_non_null(strstr(text, "--listen HOST:PORT"));
	assert_non_null(strstr(text, "--admin-listen HOST:PORT"));
	free(text);
}

static void
test_mask(void **state)
{
	static const struct {
		const char *url, *want;
	} rows[] = {
		{ "local", "local" },
		{ "sqlite:data/a@b:c", "sqlite:data/a@b:c" },
		{ "redis://h:1/p", "redis://h:1/p" },
		{ "redis://:pw@h:1/p", "redis://:***@h:1/p" },
		{ "redis://u:pw@h", "redis://u:***@h" },
		{ "postgres://u@h:5432/db", "postgres://u@h:5432/db" },
		{ "postgres://u:a@b/c:d@h/db", "postgres://u:***@h/db" },
		{ "postgres://u:p?q@h/db", "postgres://u:***@h/db" },
		{ "postgres://h/db?user=u&password=p&x=y",
		    "postgres://h/db?user=u&password=***&x=y" },
		{ "postgres:///db?PassWord=p", "postgres:///db?PassWord=***" },
		{ "postgres://h?sslpassword=p", "postgres://h?sslpassword=***" },
		{ "postgres://h?password", "postgres://h?password" },
		{ "", "" },
	};
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = mask_url(rows[i].url);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

static void
test_address(void **state)
{
	static const char *const wrong[] = {
		"", ":", ":7007", "7007", "h:1", "127.0.0.1", "127.0.0.1:",
		"127.0.0.1:65536", "127.0.0.1:1x", "127.0.0.1:-1", "::1:7007",
		"[::1]", "[::1:7007", "[::1]7007", "[]:1", "[127.0.0.1]:1",
		"127.0.0:1", "127.0.0.1:000001", "[localhost]:1", "*:1",
	};
	struct address a;
	size_t i;

	(void)state;
	assert_true(address_parse("127.0.0.1:7007", &a));
	assert_string_equal(a.host, "127.0.0.1");
	assert_true(a.port == 7007 && a.loopback && !a.v6);
	assert_true(address_parse("[::]:65535", &a));
	assert_string_equal(a.host, "::");
	assert_true(a.port == 65535 && !a.loopback && a.v6);
	assert_true(address_parse("[::1]:0", &a));
	assert_true(a.port == 0 && a.loopback && a.v6);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (address_parse(wrong[i], &a))
			fail_msg("taken: %s", wrong[i]);
}

static int
make_file(void **state)
{
	int fd = mkstemp(file_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file_path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_stand),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_words_left),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_foreign_names),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
