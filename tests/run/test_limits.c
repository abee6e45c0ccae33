/*
 * limits: a setting that nobody touched changes nothing, and one that
 * somebody did arrives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/limits.h"

#define SAME(a, b, field)						\
	assert_true((a).field == (b).field)

static void
test_defaults(void **state)
{
	struct hub_limits hub, hub_own;
	struct net_settings net, net_own;
	struct rest_settings rest, rest_own;
	struct events_settings events, events_own;
	struct config c;

	(void)state;
	config_init(&c);
	limits_of_hub(&c, &hub);
	limits_of_net(&c, &net);
	hub_limits_default(&hub_own);
	net_settings_default(&net_own);
	limits_of_rest(&c, &rest);
	rest_settings_default(&rest_own);
	limits_of_events(&c, &events);
	events_settings_default(&events_own);
	SAME(hub, hub_own, message_bytes);
	SAME(hub, hub_own, inbox_messages);
	SAME(hub, hub_own, outbox_bytes);
	SAME(hub, hub_own, line_requests);
	SAME(hub, hub_own, window_ops);
	SAME(hub, hub_own, window_bytes);
	SAME(hub, hub_own, hot_bytes);
	SAME(hub, hub_own, document_bytes);
	SAME(hub, hub_own, batch_ops);
	SAME(hub, hub_own, batch_bytes);
	SAME(hub, hub_own, batches);
	SAME(hub, hub_own, subscriptions);
	SAME(hub, hub_own, session_queries);
	SAME(hub, hub_own, query_results);
	SAME(hub, hub_own, query_bytes);
	SAME(hub, hub_own, query_ms);
	SAME(hub, hub_own, finds);
	SAME(hub, hub_own, checkpoint_ops);
	SAME(hub, hub_own, keep_every);
	SAME(hub, hub_own, queries);
	SAME(hub, hub_own, sweep_ms);
	SAME(hub, hub_own, idle_ms);
	SAME(hub, hub_own, session_rate.ops);
	SAME(hub, hub_own, session_rate.bytes);
	SAME(hub, hub_own, principal_rate.ops);
	SAME(hub, hub_own, principal_rate.bytes);
	SAME(hub, hub_own, address_rate.ops);
	SAME(hub, hub_own, address_rate.bytes);
	SAME(hub, hub_own, principal_subscriptions);
	SAME(hub, hub_own, principal_queries);
	SAME(hub, hub_own, principal_presences);
	SAME(hub, hub_own, op_components);
	SAME(hub, hub_own, depth);
	SAME(hub, hub_own, shared_store);
	SAME(net, net_own, message_bytes);
	SAME(net, net_own, body_bytes);
	SAME(net, net_own, outbox_bytes);
	SAME(net, net_own, read_bytes);
	SAME(net, net_own, send_buffer_bytes);
	SAME(net, net_own, connections);
	SAME(net, net_own, connections_address);
	SAME(net, net_own, connection_rate);
	SAME(net, net_own, streams);
	SAME(net, net_own, head_bytes);
	SAME(net, net_own, incoming_bytes);
	SAME(net, net_own, incoming_address_bytes);
	SAME(net, net_own, header_ms);
	SAME(net, net_own, request_ms);
	SAME(net, net_own, ping_ms);
	SAME(net, net_own, idle_ms);
	SAME(net, net_own, drain_ms);
	SAME(rest, rest_own, heartbeat_ms);
	SAME(events, events_own, retention_ms);
	SAME(events, events_own, hooks.timeout_ms);
	SAME(events, events_own, hooks.attempts);
	SAME(events, events_own, hooks.retry_ms);
	SAME(events, events_own, hooks.retry_max_ms);
	SAME(events, events_own, hooks.parallel);
	SAME(events, events_own, hooks.breaker);
	SAME(events, events_own, hooks.breaker_ms);
	SAME(events, events_own, hooks.lease_ms);
	SAME(events, events_own, hooks.inside);
	config_done(&c);
}

static void
test_said(void **state)
{
	char *env[] = {
		"OTD_MAX_MESSAGE=1K", "OTD_MAX_BODY=2K", "OTD_MAX_INBOX=3",
		"OTD_MAX_OUTBOX=64K", "OTD_MAX_LINE=5", "OTD_WINDOW_OPS=6",
		"OTD_WINDOW_BYTES=7K", "OTD_HOT_MEMORY=8M",
		"OTD_MAX_DOCUMENT=9K", "OTD_BATCH_OPS=10", "OTD_BATCH_BYTES=11K",
		"OTD_BATCHES=12", "OTD_MAX_SUBSCRIPTIONS=13",
		"OTD_MAX_QUERIES=31", "OTD_MAX_RESULTS=32",
		"OTD_MAX_RESULT_BYTES=33K", "OTD_QUERY_INTERVAL=34",
		"OTD_QUERY_JOBS=35",
		"OTD_CHECKPOINT_OPS=14", "OTD_KEEP_EVERY=15",
		"OTD_SWEEP_INTERVAL=16", "OTD_IDLE_DOCUMENT=17",
		"OTD_MAX_CONNECTIONS=18", "OTD_READ_BUFFER=768",
		"OTD_SEND_BUFFER=20", "OTD_HEADER_TIMEOUT=2s",
		"OTD_REQUEST_TIMEOUT=3s", "OTD_PING_INTERVAL=4s",
		"OTD_IDLE_TIMEOUT=5s", "OTD_CLOSE_TIMEOUT=6s",
		"OTD_MAX_OPS_SECOND=41", "OTD_MAX_OPS_SECOND_PRINCIPAL=42",
		"OTD_MAX_OPS_SECOND_ADDRESS=43", "OTD_MAX_BYTES_SECOND=44",
		"OTD_MAX_BYTES_SECOND_PRINCIPAL=45",
		"OTD_MAX_BYTES_SECOND_ADDRESS=46",
		"OTD_MAX_SUBSCRIPTIONS_PRINCIPAL=47",
		"OTD_MAX_QUERIES_PRINCIPAL=48",
		"OTD_MAX_PRESENCES_PRINCIPAL=49", "OTD_MAX_OP_COMPONENTS=50",
		"OTD_MAX_DEPTH=51",
		"OTD_STORE=postgres://h", NULL,
	};
	struct hub_limits hub;
	struct net_settings net;
	struct config c;
	char why[CONFIG_WHY];
	int none = 0;

	(void)state;
	config_init(&c);
	if (config_load(&c, NULL, &none, env, why) != 0)
		fail_msg("%s", why);
	limits_of_hub(&c, &hub);
	limits_of_net(&c, &net);
	assert_int_equal(hub.message_bytes, 1024);
	assert_int_equal(net.message_bytes, 1024);
	assert_int_equal(net.body_bytes, 2048);
	assert_int_equal(hub.inbox_messages, 3);
	assert_int_equal(hub.outbox_bytes, 65536);
	assert_int_equal(hub.line_requests, 5);
	assert_int_equal(hub.window_ops, 6);
	assert_int_equal(hub.window_bytes, 7168);
	assert_int_equal(hub.hot_bytes, 8u << 20);
	assert_int_equal(hub.document_bytes, 9216);
	assert_int_equal(hub.batch_ops, 10);
	assert_int_equal(hub.batch_bytes, 11264);
	assert_int_equal(hub.batches, 12);
	assert_int_equal(hub.subscriptions, 13);
	assert_int_equal(hub.session_queries, 31);
	assert_int_equal(hub.query_results, 32);
	assert_int_equal(hub.query_bytes, 33792);
	assert_int_equal(hub.query_ms, 34);
	assert_int_equal(hub.finds, 35);
	assert_int_equal(hub.session_rate.ops, 41);
	assert_int_equal(hub.principal_rate.ops, 42);
	assert_int_equal(hub.address_rate.ops, 43);
	assert_int_equal(hub.session_rate.bytes, 44);
	assert_int_equal(hub.principal_rate.bytes, 45);
	assert_int_equal(hub.address_rate.bytes, 46);
	assert_int_equal(hub.principal_subscriptions, 47);
	assert_int_equal(hub.principal_queries, 48);
	assert_int_equal(hub.principal_presences, 49);
	assert_int_equal(hub.op_components, 50);
	assert_int_equal(hub.depth, 51);
	assert_int_equal(hub.checkpoint_ops, 14);
	assert_int_equal(hub.keep_every, 15);
	assert_int_equal(hub.sweep_ms, 16);
	assert_int_equal(hub.idle_ms, 17);
	assert_true(hub.shared_store);
	assert_int_equal(net.connections, 18);
	assert_int_equal(net.read_bytes, 768);
	assert_int_equal(net.send_buffer_bytes, 20);
	assert_int_equal(net.header_ms, 2000);
	assert_int_equal(net.request_ms, 3000);
	assert_int_equal(net.ping_ms, 4000);
	assert_int_equal(net.idle_ms, 5000);
	assert_int_equal(net.drain_ms, 6000);
	config_done(&c);
}

/* A collection has what it says, and of the rest what is said of all. */
static void
test_catalog(void **state)
{
	static const char file[] = "{\"keep_every\": 7, \"collections\": {"
	    "\"posts\": {\"types\": [\"json0\", \"json1\"], \"queries\": false,"
	    " \"events\": true, \"checkpoint_ops\": 5, \"raw-days\": 30}, "
	    "\"*\": {\"max-document\": \"2K\", \"queries\": \"on\"}},"
	    "\"projections\": {\"*_p\": {\"of\": \"*\", \"fields\": [\"x\"]}}}";
	char path[] = "/tmp/otd-test-limits-XXXXXX", why[CONFIG_WHY];
	char *env[] = { "OTD_MAX_DOCUMENT=9K", "OTD_KEEP_EVERY=8",
	    "OTD_QUERIES=off", "OTD_RAW_DAYS=90", NULL };
	char *args[] = { "--config", path, NULL };
	const struct collection *e;
	struct catalog *cat;
	struct arena arena;
	struct named named;
	struct config c;
	int fd = mkstemp(path), n = 2;

	(void)state;
	assert_true(fd >= 0 && write(fd, file, sizeof(file) - 1) ==
	    (ssize_t)sizeof(file) - 1);
	close(fd);
	config_init(&c);
	if (config_load(&c, args, &n, env, why) != 0 ||
	    config_check(&c, why) != 0)
		fail_msg("%s", why);
	unlink(path);
	cat = limits_of_catalog(&c);
	e = catalog_collection(cat, "posts");
	assert_true(collection_allows(e, &ot_type_json0));
	assert_true(collection_allows(e, &ot_type_json1));
	assert_false(collection_allows(e, &ot_type_text));
	assert_false(e->queries);
	assert_true(e->events);
	assert_int_equal(e->checkpoint_ops, 5);
	assert_int_equal(e->keep_every, 8);
	assert_int_equal(e->raw_days, 30);
	assert_int_equal(e->document_bytes, 9216);
	e = catalog_collection(cat, "other");
	assert_true(collection_allows(e, &ot_type_text));
	assert_true(e->queries);
	assert_false(e->events);
	assert_int_equal(e->checkpoint_ops, 200);
	assert_int_equal(e->raw_days, 90);
	assert_int_equal(e->document_bytes, 2048);
	arena_init(&arena);
	assert_int_equal(catalog_resolve(cat, "posts_p", &arena, &named), 0);
	assert_string_equal(named.collection, "posts");
	assert_string_equal(named.projection->fields[0], "x");
	arena_done(&arena);
	catalog_free(cat);
	config_done(&c);
	/* Without a file. */
	config_init(&c);
	n = 0;
	assert_int_equal(config_load(&c, NULL, &n, env, why), 0);
	cat = limits_of_catalog(&c);
	e = catalog_collection(cat, "any");
	assert_int_equal(e->document_bytes, 9216);
	assert_false(e->queries);
	assert_true(collection_allows(e, &ot_type_rich_text));
	catalog_free(cat);
	config_done(&c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
