/*
 * Calls below /v1/ with the real hub, a store in memory and a pretended net.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "core/desk.h"
#include "rest/rest.h"
#include "tests/rest/pretend_net.h"

struct room {
	struct rig		 rig;
	struct desk		 desk;
	struct rest		*rest;
	struct pretend_call	 net;
	bool			 is_asked;	/* net was set up */
};

static struct room room;

static int
set_up(void **state)
{
	struct rest_settings settings;
	struct session *ss;

	(void)state;
	memset(&room, 0, sizeof(room));
	rig_init(&room.rig);
	rig_start(&room.rig);
	desk_init(&room.desk);
	rest_settings_default(&settings);
	room.rest = rest_new(room.rig.hub, &room.desk, NULL, &settings);
	rest_tick(room.rest, 0, 0);
	ss = rig_open(&room.rig, "somebody");
	rig_say(&room.rig, ss, CREATE_X);
	rig_say(&room.rig, ss, "{'a':'op','c':'c','d':'j','v':0,'seq':2,"
	    "'create':{'type':'json0','data':{'a':1,'b':[2],'c':'x'}}}");
	hub_leave(room.rig.hub, ss);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (room.is_asked)
		pretend_call_done(&room.net);
	rest_free(room.rest);
	rig_done(&room.rig);
	desk_done(&room.desk);
	return 0;
}

/* What the turn does with sessions that have something to say. */
static void
turn(void)
{
	struct session *ss;
	bool moved;

	do {
		moved = false;
		rig_run(&room.rig);
		while ((ss = hub_next_ready(room.rig.hub)) != NULL) {
			((struct outlet *)session_owner(ss))->flush(ss);
			moved = true;
		}
	} while (moved);
	rest_tick(room.rest, 1, 1);
}

static void
prepare(enum net_method method, const char *path, const char *query)
{
	if (room.is_asked)
		pretend_call_done(&room.net);
	room.is_asked = true;
	pretend_call_init(&room.net, method, path, query);
}

static void
begin(void)
{
	const struct net_api *api = rest_api(room.rest);

	api->begin(&room.net.call, api->arg);
}

static void
ask(enum net_method method, const char *path, const char *query)
{
	prepare(method, path, query);
	begin();
	turn();
}

#define X "/v1/collections/c/docs/x"
#define J "/v1/collections/c/docs/j"

static void
a_document(void **state)
{
	(void)state;
	ask(NET_GET, X, "");
	assert_int_equal(room.net.status, 200);
	assert_string_equal(room.net.type, "application/json");
	assert_string_equal(pretend_body(&room.net), "\"abc\"");
	assert_true(pretend_has_header(&room.net, "ETag: \"v1\""));
	assert_true(pretend_has_header(&room.net, "Otd-Version: 1"));
	assert_true(pretend_has_header(&room.net, "Otd-Type: text-unicode"));
}

static void
a_document_that_is_known(void **state)
{
	(void)state;
	prepare(NET_GET, X, "");
	room.net.call.headers[NET_IF_NONE_MATCH] = "\"v0\", W/\"v1\"";
	begin();
	turn();
	assert_int_equal(room.net.status, 304);
	assert_string_equal(pretend_body(&room.net), "");
	assert_true(pretend_has_header(&room.net, "ETag: \"v1\""));
}

static void
some_fields(void **state)
{
	(void)state;
	ask(NET_GET, J, "fields=c,a,%62x");
	assert_string_equal(pretend_body(&room.net), "{\"a\":1,\"c\":\"x\"}");
	ask(NET_GET, X, "fields=c");
	assert_string_equal(pretend_body(&room.net), "null");
}

static void
what_was(void **state)
{
	(void)state;
	ask(NET_GET, X, "version=0");
	assert_int_equal(room.net.status, 404);
	ask(NET_GET, X, "version=1");
	assert_int_equal(room.net.status, 200);
	assert_string_equal(pretend_body(&room.net), "\"abc\"");
	ask(NET_GET, X, "version=2");
	assert_int_equal(room.net.status, 409);
	assert_non_null(strstr(pretend_body(&room.net),
	    "\"code\":\"ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT\""));
}

static void
no_document(void **state)
{
	(void)state;
	ask(NET_GET, "/v1/collections/c/docs/none", "");
	assert_int_equal(room.net.status, 404);
	assert_string_equal(room.net.type, "application/problem+json");
	assert_string_equal(pretend_body(&room.net),
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\","
	    "\"status\":404,\"detail\":\"There is no such document\","
	    "\"code\":\"ERR_DOC_DOES_NOT_EXIST\",\"version\":0}");
}

static void
bad_requests(void **state)
{
	static const struct { const char *path, *query, *part; int status; }
	    rows[] = {
		{ "/v1/nothing", "", "ERR_OTD_NOT_FOUND", 404 },
		{ X, "what=1", "no parameter \\\"what\\\"", 400 },
		{ X, "fields=%zz", "badly encoded", 400 },
		{ X, "fields=%00", "badly encoded", 400 },
		{ X, "fields=%ff", "badly encoded", 400 },
		{ "/v1/collections/c/docs", "cursor=af8", "cursor", 400 },
		{ X, "version=1&version=1", "twice", 400 },
		{ X, "version=-1", "whole number", 400 },
		{ X, "version=1x", "whole number", 400 },
		{ X, "version=99999999999999999999", "whole number", 400 },
		{ X, "version=1&at=1", "exclude", 400 },
		{ X, "at=now", "must be a time", 400 },
		{ "/v1/collections/c/docs/__proto__", "", "Invalid id", 400 },
		{ "/v1/collections/c/docs/~!", "", "base64url", 400 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(NET_GET, rows[i].path, rows[i].query);
		assert_int_equal(room.net.status, rows[i].status);
		assert_non_null(strstr(pretend_body(&room.net),
		    rows[i].part));
	}
}

static void
methods(void **state)
{
	(void)state;
	ask(NET_OPTIONS, X, "");
	assert_int_equal(room.net.status, 204);
	assert_non_null(strstr(room.net.headers, "Allow: GET, HEAD"));
	ask(NET_POST, X, "");
	assert_int_equal(room.net.status, 405);
	assert_non_null(strstr(room.net.headers, "Allow: GET, HEAD"));
}

static void
a_token_that_was_refused(void **state)
{
	(void)state;
	prepare(NET_GET, X, "");
	room.net.call.who_why = "the token is \"over\"";
	room.net.call.was_shown = true;
	begin();
	assert_int_equal(room.net.status, 401);
	assert_true(pretend_has_header(&room.net, "WWW-Authenticate: Bearer "
	    "realm=\"otd\", error=\"invalid_token\", "
	    "error_description=\"the token is 'over'\""));
	prepare(NET_GET, X, "");
	room.net.call.who_why = "there is no token";
	begin();
	assert_int_equal(room.net.status, 401);
	assert_true(pretend_has_header(&room.net,
	    "WWW-Authenticate: Bearer realm=\"otd\""));
	assert_null(strstr(room.net.headers, "invalid_token"));
}

/* The client hangs up while the hub waits for the store. */
static void
a_client_that_hangs_up(void **state)
{
	const struct net_api *api = rest_api(room.rest);

	(void)state;
	rig_hold(&room.rig, JOB_LOAD);
	ask(NET_GET, "/v1/collections/c/docs/cold", "");
	assert_int_equal(room.net.status, 0);
	api->gone(&room.net.call, api->arg);
	rig_settle(&room.rig, JOB_LOAD, ERR_NONE, true);
	turn();
	assert_int_equal(room.net.status, 0);
}

static void
a_session_that_is_closed(void **state)
{
	static const struct { enum session_close code; int status; } rows[] = {
		{ CLOSE_RENEW, 401 }, { CLOSE_ACCESS, 403 },
		{ CLOSE_RATE, 429 }, { CLOSE_TOO_BIG, 413 },
		{ CLOSE_RESTART, 503 },
	};
	struct rig *r = &room.rig;
	struct session *ss;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_hold(r, JOB_LOAD);
		prepare(NET_GET, "/v1/collections/c/docs/cold", "");
		begin();
		rig_run(r);
		ss = hub_next_ready(r->hub);
		assert_non_null(ss);
		hub_close(r->hub, ss, rows[i].code, "because");
		turn();
		assert_int_equal(room.net.status, rows[i].status);
		rig_settle(r, JOB_LOAD, ERR_STORE_AWAY, false);
		turn();
	}
}

static void
a_server_that_leaves(void **state)
{
	(void)state;
	rest_stop(room.rest);
	ask(NET_GET, X, "");
	assert_int_equal(room.net.status, 503);
	assert_true(pretend_has_header(&room.net, "Retry-After: 1"));
}

static void
put(const char *path, const char *body)
{
	prepare(NET_PUT, path, "");
	room.net.call.headers[NET_CONTENT_TYPE] = "application/json";
	room.net.call.body = body;
	room.net.call.body_len = strlen(body);
	begin();
	turn();
}

static void
a_put(void **state)
{
	(void)state;
	put(J, "{\"a\":1,\"b\":[2,3],\"c\":\"x\"}");
	assert_int_equal(room.net.status, 200);
	assert_true(pretend_has_header(&room.net, "ETag: \"v2\""));
	assert_string_equal(pretend_body(&room.net),
	    "{\"collection\":\"c\",\"id\":\"j\",\"version\":2,"
	    "\"changed\":true,\"base\":1,"
	    "\"op\":[{\"p\":[\"b\",1],\"li\":3}]}");
	put(J, "{\"a\":1,\"b\":[2,3],\"c\":\"x\"}");
	assert_non_null(strstr(pretend_body(&room.net),
	    "\"changed\":false"));
}

/*
 * The store was away, or cannot say whether it took the change: the hub makes
 * sure and tries again, and the answer is that of one change.
 */
static void
a_put_that_the_store_does_not_answer(void **state)
{
	static const struct { enum err err; bool is_done; } rows[] = {
		{ ERR_STORE_AWAY, false }, { ERR_STORE_UNSURE, false },
		{ ERR_STORE_UNSURE, true },
	};
	char etag[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_hold(&room.rig, JOB_COMMIT);
		put(J, i % 2 == 0 ? "{}" : "[]");
		assert_int_equal(room.net.status, 0);
		rig_settle(&room.rig, JOB_COMMIT, rows[i].err,
		    rows[i].is_done);
		rig_tick(&room.rig, 1000);
		turn();
		assert_int_equal(room.net.status, 200);
		snprintf(etag, sizeof(etag), "ETag: \"v%zu\"", i + 2);
		assert_true(pretend_has_header(&room.net, etag));
		ask(NET_GET, J, "");
		assert_true(pretend_has_header(&room.net, etag));
	}
}

/* It hangs up while its change is on its way: the change is made. */
static void
a_writer_that_hangs_up(void **state)
{
	const struct net_api *api = rest_api(room.rest);

	(void)state;
	rig_hold(&room.rig, JOB_COMMIT);
	put(J, "{}");
	api->gone(&room.net.call, api->arg);
	rig_settle(&room.rig, JOB_COMMIT, ERR_NONE, true);
	turn();
	assert_int_equal(room.net.status, 0);
	ask(NET_GET, J, "");
	assert_string_equal(pretend_body(&room.net), "{}");
}

static void
kept_answers_go(void **state)
{
	const uint64_t day = 24 * 3600 * 1000;
	struct job *job;

	(void)state;
	rest_tick(room.rest, 1000, (int64_t)(100 * day));
	assert_null(desk_next(&room.desk));
	rest_tick(room.rest, 1000 + day, (int64_t)(101 * day));
	job = desk_next(&room.desk);
	assert_non_null(job);
	assert_int_equal(job->kind, JOB_ROWS);
	assert_int_equal(job->rows.what, ROWS_ONCE_PRUNE);
	assert_string_equal(job->rows.params[0], "8121600000");	/* day 94 */
	job->settle(job);
	rest_tick(room.rest, 1000 + day, (int64_t)(101 * day));
	assert_null(desk_next(&room.desk));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document),
		TEST(a_document_that_is_known),
		TEST(some_fields),
		TEST(what_was),
		TEST(no_document),
		TEST(bad_requests),
		TEST(methods),
		TEST(a_token_that_was_refused),
		TEST(a_client_that_hangs_up),
		TEST(a_session_that_is_closed),
		TEST(a_server_that_leaves),
		TEST(a_put),
		TEST(a_put_that_the_store_does_not_answer),
		TEST(a_writer_that_hangs_up),
		TEST(kept_answers_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
