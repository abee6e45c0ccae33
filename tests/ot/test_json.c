/* json: what the reader takes and refuses, and how everything prints. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chance.h"
#include "ot/json.h"
#include "ot/json_value.h"
#include "starve.h"

/* ---- helpers ---- */

static int
skip_all(const char *text, size_t len, struct ot_err *err)
{
	struct json_reader r;
	int rc;

	json_reader_init(&r, text, len, err);
	if ((rc = json_skip(&r, NULL)) != 0)
		return rc;
	return json_finish(&r);
}

/* What text prints as, once read. */
static void
assert_reads_as(const char *text, const char *want)
{
	struct buf b = BUF_INIT;
	struct json *v = NULL;
	struct ot_err err;

	if (json_parse(text, strlen(text), 0, &v, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	json_print(v, &b);
	buf_putc(&b, '\0');
	assert_string_equal(b.data, want);
	buf_done(&b);
	json_unref(v);
}

/* ---- the grammar ---- */

static const char *const taken[] = {
	"null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "1e5",
	"1E+5", "1e-5", "0.0", "-0.0e-0", "\"\"", "\"a\"", "[]", "[ ]", "{}",
	"{ }", "[1]", "[1,2]", "{\"a\":1}", "{\"a\":1,\"a\":2}", " \t\r\n1 ",
	"[[],[[]]]", "{\"\":{}}", "\"\\u0000\"", "\"\\ud83d\"", "\"\\uDE00\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\x7f\"", "1e308", "1e-400",
};

static const char *const refused[] = {
	"", " ", "nul", "nullx", "True", "01", "-", "-a", "+1", ".5", "5.",
	"1.e5", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "\"",
	"\"a", "'a'", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
	"\"\\u", "\"\n\"", "\"\t\"", "\"\x01\"", "[", "]", "[1", "[1,", "[1,]",
	"[,]", "[,1]", "[1 2]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1",
	"{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\" 1}",
	"{\"a\":}", "[}", "{]", "[1}", "{\"a\":1]", "1 2", "[] []", "//x\n1",
	"\xef\xbb\xbf" "1", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"",
	"\"\xe2\x82\"", "1e309", "-1e309", "[1e999]", "{\"a\":1e999}",
	"\xc2\xa0" "1", "\v1",
};

static void
test_grammar(void **state)
{
	struct ot_err err;
	struct json *v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (skip_all(taken[i], strlen(taken[i]), &err) != 0)
			fail_msg("%s: %s", taken[i], err.text);
		assert_int_equal(json_parse(taken[i], strlen(taken[i]), 0, &v,
		    &err), 0);
		json_unref(v);
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (skip_all(refused[i], strlen(refused[i]), &err) == 0)
			fail_msg("taken: %s", refused[i]);
		assert_int_equal(err.code, OT_EJSON);
		assert_true(err.text[0] != '\0');
		assert_int_equal(json_parse(refused[i], strlen(refused[i]), 0,
		    &v, &err), OT_EJSON);
	}
	assert_int_equal(skip_all("1\0", 2, &err), OT_EJSON);
	assert_int_equal(skip_all("\"\0\"", 3, &err), OT_EJSON);
}

/* Every beginning of a good text is bad, unless it is a number. */
static void
test_cut_short(void **state)
{
	static const char text[] =
	    "{\"a\":[1,true,null,\"x\\n\\ud83d\xc3\xa9\"],\"b\":{\"c\":false}}";
	struct ot_err err;
	char *copy;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text) - 1; n++) {
		copy = malloc(n > 0 ? n : 1);	/* so that ASan sees a step too far */
		memcpy(copy, text, n);
		assert_int_equal(skip_all(copy, n, &err), OT_EJSON);
		free(copy);
	}
	assert_int_equal(skip_all(text, n, &err), 0);
}

static void
test_depth(void **state)
{
	char text[4 * JSON_DEPTH_MAX];
	struct ot_err err;
	struct json *v;
	size_t i;

	(void)state;
	for (i = 0; i < JSON_DEPTH_MAX; i++) {
		text[i] = '[';
		text[2 * JSON_DEPTH_MAX - 1 - i] = ']';
	}
	assert_int_equal(json_parse(text, 2 * JSON_DEPTH_MAX, 0, &v, &err), 0);
	assert_int_equal(json_height(v), JSON_DEPTH_MAX);
	json_unref(v);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	assert_int_equal(json_parse(text, JSON_DEPTH_MAX + 1, 0, &v, &err),
	    OT_ELIMIT);
	assert_int_equal(skip_all(text, JSON_DEPTH_MAX + 1, &err), OT_ELIMIT);
}

static void
test_pulling(void **state)
{
	static const char text[] = " { \"a\" : [ 1 , \"x\" ] , \"b\\u0063\" : {} } ";
	struct json_slice key, value;
	struct buf b = BUF_INIT;
	struct json_reader r;
	struct ot_err err;
	double number;

	(void)state;
	json_reader_init(&r, text, sizeof(text) - 1, &err);
	assert_int_equal(json_peek(&r), JSON_OBJECT);
	assert_int_not_equal(json_enter(&r, JSON_LIST), 0);
	assert_int_equal(json_enter(&r, JSON_OBJECT), 0);
	assert_int_equal(json_next_member(&r, &key), 1);
	assert_true(json_slice_is(&key, "a"));
	assert_false(json_slice_is(&key, ""));
	assert_false(json_slice_is(&key, "ab"));
	assert_int_equal(json_enter(&r, JSON_LIST), 0);
	assert_int_equal(json_next_item(&r), 1);
	assert_int_equal(json_read_number(&r, &number), 0);
	assert_true(number == 1);
	assert_int_equal(json_next_item(&r), 1);
	assert_int_equal(json_read_string(&r, &b), 0);
	assert_int_equal(json_next_item(&r), 0);
	assert_int_equal(json_next_member(&r, &key), 1);
	assert_true(json_slice_is(&key, "bc"));
	assert_int_equal(json_skip(&r, &value), 0);
	assert_int_equal(value.kind, JSON_OBJECT);
	assert_int_equal(value.len, 2);
	assert_int_equal(json_next_member(&r, &key), 0);
	assert_int_equal(json_finish(&r), 0);
	assert_int_equal(r.depth, 0);
	assert_int_equal(json_peek(&r), JSON_NONE);
	buf_done(&b);
}

static void
test_truthiness(void **state)
{
	static const struct {
		const char *text;
		bool truthy;
	} rows[] = {
		{ "null", false }, { "false", false }, { "0", false },
		{ "-0", false }, { "0e5", false }, { "\"\"", false },
		{ "true", true }, { "1", true }, { "\"0\"", true },
		{ "[]", true }, { "{}", true }, { "1e-300", true },
	};
	struct json_slice slice = { NULL, 0, JSON_NONE };
	struct json_reader r;
	struct ot_err err;
	size_t i;

	(void)state;
	assert_false(json_slice_truthy(&slice));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_reader_init(&r, rows[i].text, strlen(rows[i].text), &err);
		assert_int_equal(json_skip(&r, &slice), 0);
		assert_int_equal(json_slice_truthy(&slice), rows[i].truthy);
	}
}

/* ---- numbers ---- */

/* As JSON.stringify(JSON.parse(text)) has them. */
static const struct {
	const char *text, *want;
} numbers[] = {
	{ "0", "0" }, { "-0", "0" }, { "-0.0", "0" }, { "0e99999", "0" },
	{ "1e-999999999999", "0" }, { "12345678901234567890", "12345678901234567000" },
	{ "9007199254740993", "9007199254740992" }, { "9007199254740991", "9007199254740991" },
	{ "-9007199254740992", "-9007199254740992" },
	{ "9007199254740994", "9007199254740994" },
	{ "100000000000000000000", "100000000000000000000" },
	{ "1e21", "1e+21" }, { "1e20", "100000000000000000000" },
	{ "123456789012345680000000", "1.2345678901234569e+23" },
	{ "0.000001", "0.000001" }, { "0.0000001", "1e-7" },
	{ "1.5e-7", "1.5e-7" }, { "123e-20", "1.23e-18" }, { "0.1", "0.1" },
	{ "0.30000000000000004", "0.30000000000000004" }, { "1.10", "1.1" },
	{ "5e-324", "5e-324" }, { "4.9e-324", "5e-324" }, { "2e-324", "0" },
	{ "2.2250738585072014e-308", "2.2250738585072014e-308" },
	{ "2.2250738585072011e-308", "2.225073858507201e-308" },
	{ "1.7976931348623157e308", "1.7976931348623157e+308" },
	{ "1.7976931348623158e308", "1.7976931348623157e+308" },
	/* A power of two, where the nearest sixteen digits do not come back. */
	{ "5.684341886080802e-14", "5.684341886080802e-14" },
	{ "9.5367431640625e-7", "9.5367431640625e-7" },
	{ "1e23", "1e+23" }, { "8.41e21", "8.41e+21" },
	{ "2.5e15", "2500000000000000" }, { "25e-1", "2.5" },
	{ "0.1e1", "1" }, { "1e5", "100000" }, { "-1.5", "-1.5" },
	{ "4503599627370496.5", "4503599627370496" },
	{ "2251799813685248.5", "2251799813685248.5" },
	{ "123456789.0123456789", "123456789.01234567" },
};

static void
test_numbers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_reads_as(numbers[i].text, numbers[i].want);
}

/* The middle between two doubles: the digit after 800 zeros decides. */
static void
test_many_digits(void **state)
{
	char text[900];
	size_t len;

	(void)state;
	memcpy(text, "9007199254740993.", 17);
	memset(text + 17, '0', 850);
	len = 17 + 850;
	text[len] = '\0';
	assert_reads_as(text, "9007199254740992");
	text[len - 1] = '1';
	assert_reads_as(text, "9007199254740994");
}

/* Whatever is printed reads as the same double, and no shorter form does. */
static void
test_number_round_trip(void **state)
{
	struct buf b = BUF_INIT;
	struct chance c;
	uint64_t bits;
	double x, back;
	size_t i;

	(void)state;
	chance_init(&c, __func__, 2);
	for (i = 0; i < 200000; i++) {
		bits = chance_next(&c);
		if (i % 4 == 1)
			bits &= UINT64_C(0xfff0000000000000);
		if (i % 4 == 2)
			bits &= UINT64_C(0x800fffffffffffff);
		memcpy(&x, &bits, sizeof(x));
		if (!isfinite(x))
			continue;
		buf_reset(&b);
		json_put_number(&b, x);
		buf_putc(&b, '\0');
		back = strtod(b.data, NULL);
		if (back != x)
			fail_msg("%s is not %a", b.data, x);
	}
	buf_done(&b);
}

static void
test_any_locale(void **state)
{
	static const char *const commas[] = {
		"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(commas) / sizeof(commas[0]); i++)
		if (setlocale(LC_NUMERIC, commas[i]) != NULL)
			break;
	test_numbers(NULL);	/* in "C" at least */
	setlocale(LC_NUMERIC, "C");
}

/* ---- strings ---- */

static void
test_strings(void **state)
{
	(void)state;
	assert_reads_as("\"\\u0000\\u001f\\u0008\\t\"", "\"\\u0000\\u001f\\b\\t\"");
	assert_reads_as("\"\\/\\\"\\\\\"", "\"/\\\"\\\\\"");
	assert_reads_as("\"\\u00e9\\u4e2d\"", "\"\xc3\xa9\xe4\xb8\xad\"");
	assert_reads_as("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"");
	assert_reads_as("\"\\ud83d\"", "\"\\ud83d\"");
	assert_reads_as("\"\\ude00\\ud83d\"", "\"\\ude00\\ud83d\"");
	assert_reads_as("\"\\ud83d\\ud83d\\ude00x\"", "\"\\ud83d\xf0\x9f\x98\x80x\"");
	assert_reads_as("\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\"");
	assert_reads_as("\"\x7f\xe2\x80\xa8\"", "\"\x7f\xe2\x80\xa8\"");
	/* A lone half beside the raw other half of nothing. */
	assert_reads_as("\"\\ud83d\xf0\x9f\x98\x80\"", "\"\\ud83d\xf0\x9f\x98\x80\"");
	assert_reads_as("{\"\\ud83d\":1,\"\\u0061\":2}", "{\"\\ud83d\":1,\"a\":2}");
}

static void
test_strings_next_to_each_other_stay_apart(void **state)
{
	struct json_reader r;
	struct buf b = BUF_INIT;
	struct ot_err err;

	(void)state;
	json_reader_init(&r, "\"\\ud83d\"", 8, &err);
	assert_int_equal(json_read_string(&r, &b), 0);
	json_reader_init(&r, "\"\\ude00\"", 8, &err);
	assert_int_equal(json_read_string(&r, &b), 0);
	assert_int_equal(b.len, 6);
	buf_done(&b);
}

static void
test_keys(void **state)
{
	struct ot_err err;
	struct json *v;

	(void)state;
	assert_reads_as("{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":3,\"a\":2}");
	assert_reads_as("{\"1\":1,\"0\":2}", "{\"1\":1,\"0\":2}");
	assert_reads_as("{\"__proto__\":1}", "{\"__proto__\":1}");
	assert_int_equal(json_parse("{\"a\":[{\"__pr\\u006fto__\":1}]}", 28,
	    JSON_NO_PROTO, &v, &err), OT_EBADLY);
	assert_string_equal(err.text, "Invalid key");
	assert_int_equal(json_parse("[\"__proto__\"]", 13, JSON_NO_PROTO, &v,
	    &err), 0);
	json_unref(v);
}

/* ---- memory ---- */

static void
test_out_of_memory(void **state)
{
	static const char text[] = "{\"a\":[1,\"xyz\",null,[true]],\"b\":{\"c\":2},"
	    "\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":\"\\n\"}";
	struct ot_err err;
	struct json *v;
	long n;
	int rc = OT_ENOMEM;

	(void)state;
	for (n = 0; rc != 0; n++) {
		starve_after = n;
		rc = json_parse(text, sizeof(text) - 1, 0, &v, &err);
		starve_after = -1;
		if (rc != 0)
			assert_int_equal(rc, OT_ENOMEM);
	}
	assert_true(n > 20);
	json_unref(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_pulling),
		cmocka_unit_test(test_truthiness),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_many_digits),
		cmocka_unit_test(test_number_round_trip),
		cmocka_unit_test(test_any_locale),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_strings_next_to_each_other_stay_apart),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
