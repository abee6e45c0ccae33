/*
 * Which path leads where, and how names stand in paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rest/base64url.h"
#include "rest/etag.h"
#include "rest/route.h"

static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void
names_take_segments(void **state)
{
	static const struct {
		const char *path, *collection, *id;
	} rows[] = {
		{ "/v1/collections/c/docs/x", "c", "x" },
		{ "/v1/collections/a/b/docs/x", "a/b", "x" },
		{ "/v1/collections/c/docs/a/b/c", "c", "a/b/c" },
		{ "/v1/collections/c/docs/docs/docs", "c", "docs/docs" },
		{ "/v1/collections/c/docs/~YS8vYg", "c", "a//b" },
		{ "/v1/collections/~Li4/docs/x", "..", "x" },
		{ "/v1/collections/c/docs/a~b", "c", "a~b" },
	};
	const char *params[REST_PARAMS];
	const struct rest_route *route;
	unsigned allow;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(route_find(NET_GET, rows[i].path, &arena,
		    &route, params, &allow), ROUTE_FOUND);
		assert_string_equal(route->path,
		    "/v1/collections/{collection}/docs/{id}");
		assert_string_equal(params[route_param(route, "collection")],
		    rows[i].collection);
		assert_string_equal(params[route_param(route, "id")],
		    rows[i].id);
		assert_int_equal(route_param(route, "other"), -1);
	}
}

static void
what_is_no_path(void **state)
{
	static const struct {
		const char *path;
		enum net_method method;
		enum route_verdict verdict;
	} rows[] = {
		{ "/v1/", NET_GET, ROUTE_NONE },
		{ "/v1", NET_GET, ROUTE_NONE },
		{ "", NET_GET, ROUTE_NONE },
		{ "/v1/collections", NET_GET, ROUTE_NONE },
		{ "/v1/collections/docs/x", NET_GET, ROUTE_NONE },
		{ "/v1/collections/c/docs/", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~Y", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~YR", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~AA", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~Y=", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/a\xff", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/~_w", NET_GET, ROUTE_NAME },
		{ "/v1/collections/\xff/docs/a", NET_GET, ROUTE_NAME },
		{ "/v1/collections/c/docs/x", NET_OPTIONS, ROUTE_METHOD },
	};
	const char *params[REST_PARAMS];
	const struct rest_route *route;
	unsigned allow;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(route_find(rows[i].method, rows[i].path,
		    &arena, &route, params, &allow), rows[i].verdict);
	assert_true(allow & NET_GET && allow & NET_HEAD &&
	    allow & NET_OPTIONS);
}

/* A path of nothing but slashes or pieces costs no more than its length. */
static void
long_paths_end(void **state)
{
	static char path[3000] = "/v1/collections/";
	size_t len = strlen(path);
	const char *params[REST_PARAMS];
	const struct rest_route *route;
	unsigned allow;

	(void)state;
	for (; len < 1000; len += 5)
		memcpy(path + len, "docs/", 5);
	assert_int_not_equal(route_find(NET_GET, path, &arena, &route, params,
	    &allow), ROUTE_METHOD);
	memset(path + len, '/', 2900 - len);
	assert_int_equal(route_find(NET_GET, path, &arena, &route, params,
	    &allow), ROUTE_NONE);
}

/* What put_segment writes, route_find reads. */
static void
segments_come_back(void **state)
{
	static const char *const ids[] = {
		"x", "a/b", "a//b", "/", "..", "a/../b", "~x", "x y%/",
		"a/docs", "docs", "\xc3\xa4", "a/", "100%", "?#", "a\nb", "\r",
	};
	const char *params[REST_PARAMS];
	const struct rest_route *route;
	unsigned allow;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct buf b = BUF_INIT;
		char path[200];
		size_t from, to;

		buf_puts(&b, "/v1/collections/c/docs/");
		rest_put_segment(&b, ids[i]);
		/* As lws decodes it. */
		for (from = to = 0; from < b.len; to++) {
			unsigned c = (unsigned char)b.data[from++];

			if (c == '%') {
				char hex[3] = { b.data[from],
				    b.data[from + 1], '\0' };

				c = (unsigned)strtoul(hex, NULL, 16);
				from += 2;
			}
			path[to] = (char)c;
		}
		path[to] = '\0';
		buf_done(&b);
		assert_int_equal(route_find(NET_GET, path, &arena, &route,
		    params, &allow), ROUTE_FOUND);
		assert_string_equal(params[1], ids[i]);
	}
}

static void
base64url_both_ways(void **state)
{
	char out[8];
	size_t len, n;

	(void)state;
	for (n = 0; n < 6; n++) {
		struct buf b = BUF_INIT;

		base64url_put(&b, "\xff\xfe\0ab", n);
		assert_true(base64url_read(b.len > 0 ? b.data : "", b.len,
		    out, &len));
		assert_int_equal(len, n);
		assert_memory_equal(out, "\xff\xfe\0ab", n);
		buf_done(&b);
	}
	assert_false(base64url_read("+A", 2, out, &len));
}

static void
validators(void **state)
{
	(void)state;
	assert_int_equal(etag_kind(NULL), ETAG_NONE);
	assert_int_equal(etag_kind(" * "), ETAG_ANY);
	assert_int_equal(etag_kind("\"v1\""), ETAG_LIST);
	assert_int_equal(etag_kind("v1"), ETAG_BAD);
	assert_true(etag_has("\"v1\"", 1, false));
	assert_true(etag_has("\"a,b\", \"v12\"", 12, false));
	assert_false(etag_has("\"v12\"", 1, false));
	assert_false(etag_has("\"x, \"v1\"", 1, false));
	assert_false(etag_has("W/\"v1\"", 1, false));
	assert_true(etag_has("W/\"v1\"", 1, true));
	assert_true(etag_is_known("*", 3));
	assert_false(etag_is_known(NULL, 3));
}

static void
times(void **state)
{
	static const struct { const char *text; int64_t ms; } rows[] = {
		{ "0", 0 }, { "1700000000123", 1700000000123 },
		{ "1970-01-01T00:00:01Z", 1000 },
		{ "1970-01-01T00:00:01.5Z", 1500 },
		{ "1970-01-01T02:00:00+02:00", 0 },
		{ "1970-01-01T02:00:00.123456+01:30", 1800123 },
		{ "yesterday", -1 }, { "", -1 }, { "-1", -1 },
		{ "1970-01-01", -1 }, { "1970-01-01T00:00:00", -1 },
		{ "1970-01-01T00:00:00+2:00", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;

		assert_int_equal(rest_read_time(rows[i].text, &ms),
		    rows[i].ms >= 0);
		assert_int_equal(ms, rows[i].ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_take_segments, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_path, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(long_paths_end, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(segments_come_back, set_up,
		    tear_down),
		cmocka_unit_test(base64url_both_ways),
		cmocka_unit_test(validators),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
