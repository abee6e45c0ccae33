#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "bench/load/scan.h"

static bool
scan(const char *text, struct message *m)
{
	return message_scan(text, strlen(text), m);
}

static void
finds_members_in_any_order(void **state)
{
	static const char *const rows[] = {
		"{\"a\":\"op\",\"c\":\"load\",\"d\":\"S1-x-3\",\"v\":12,\"src\":\"f00\",\"seq\":7,\"op\":[5,\"abcd\"]}",
		"{\"op\":[5,\"abcd\"],\"seq\":7,\"src\":\"f00\",\"v\":12,\"d\":\"S1-x-3\",\"c\":\"load\",\"a\":\"op\"}",
		(" { \"x\" : {\"v\":1,\"d\":[\"}\"]} , \"v\" : 12 ,\n\"a\":\"op\", \"d\":\"S1-x-3\",\t\"m\":null,"
		"\"src\":\"f00\" ,\"seq\": 7,\"op\" :[5,\"abcd\"] , \"c\":\"load\" } "),
	};
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(scan(rows[i], &m));
		assert_true(span_is(m.a, "op"));
		assert_true(span_is(m.c, "load"));
		assert_true(span_is(m.d, "S1-x-3"));
		assert_true(span_is(m.src, "f00"));
		assert_true(span_is(m.op, "[5,\"abcd\"]"));
		assert_true(m.has_seq && m.seq == 7);
		assert_null(m.data.at);
		assert_null(m.error.at);
	}
	assert_true(scan(rows[0], &m) && m.has_v && m.v == 12);
}

/* Quotes, brackets and backslashes in strings end nothing. */
static void
strings_are_whole(void **state)
{
	struct message m;

	(void)state;
	assert_true(scan("{\"a\":\"f\",\"data\":{\"v\":3,\"data\":\"}]\\\"{\\\\\"},\"d\":\"x\"}", &m));
	assert_true(span_is(m.data, "{\"v\":3,\"data\":\"}]\\\"{\\\\\"}"));
	assert_true(span_is(m.d, "x"));
	assert_true(message_scan(m.data.at, m.data.len, &m));
	assert_true(m.has_v && m.v == 3);
	assert_true(span_is(m.data, "\"}]\\\"{\\\\\""));
}

static void
what_is_not_there_is_not_found(void **state)
{
	struct message m;

	(void)state;
	assert_true(scan("{}", &m));
	assert_null(m.a.at);
	assert_false(m.has_v);
	/* other types than theirs; names that only begin so */
	assert_true(scan("{\"a\":1,\"v\":-1,\"seq\":\"7\",\"data2\":1,\"srcs\":\"x\",\"vv\":3}", &m));
	assert_null(m.a.at);
	assert_false(m.has_v);
	assert_false(m.has_seq);
	assert_null(m.data.at);
	assert_null(m.src.at);
	/* numbers that no version is */
	assert_true(scan("{\"v\":1.5}", &m) && !m.has_v);
	assert_true(scan("{\"v\":1e3}", &m) && !m.has_v);
	assert_true(scan("{\"v\":99999999999999999999}", &m) && !m.has_v);
	assert_true(scan("{\"v\":null}", &m) && !m.has_v);
}

/* No part of a message is one, and none is read past its end. */
static void
parts_are_refused(void **state)
{
	static const char whole[] =
	    "{\"a\":\"s\",\"data\":{\"v\":1,\"data\":[\"\\\\\",{}]},\"d\":\"x\"}";
	struct message m;

	(void)state;
	assert_true(scan(whole, &m));
	for (size_t part = 0; part < sizeof(whole) - 1; part++) {
		char copy[sizeof(whole)];

		memcpy(copy, whole, part);
		memset(copy + part, '}', sizeof(copy) - part);
		assert_false(message_scan(copy, part, &m));
	}
	assert_false(scan("[]", &m));
	assert_false(scan("\"a\"", &m));
	assert_false(scan("{a:1}", &m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_members_in_any_order),
		cmocka_unit_test(strings_are_whole),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(parts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
