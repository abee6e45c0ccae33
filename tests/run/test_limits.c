/*
 * limits: a setting that nobody touched changes nothing, and one that
 * somebody did arrives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/limits.h"

#define SAME(a, b, field)						\
	assert_true((a).field == (b).field)

static void
test_defaults(void **state)
{
	struct hub_limits hub, hub_own;
	struct net_settings net, net_own;
	struct config c;

	(void)state;
	config_init(&c);
	limits_of_hub(&c, &hub);
	limits_of_net(&c, &net);
	hub_limits_default(&hub_own);
	net_settings_default(&net_own);
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
	SAME(hub, hub_own, checkpoint_ops);
	SAME(hub, hub_own, keep_every);
	SAME(hub, hub_own, sweep_ms);
	SAME(hub, hub_own, idle_ms);
	SAME(hub, hub_own, shared_store);
	SAME(net, net_own, message_bytes);
	SAME(net, net_own, body_bytes);
	SAME(net, net_own, read_bytes);
	SAME(net, net_own, send_buffer_bytes);
	SAME(net, net_own, connections);
	SAME(net, net_own, header_ms);
	SAME(net, net_own, request_ms);
	SAME(net, net_own, ping_ms);
	SAME(net, net_own, idle_ms);
	SAME(net, net_own, drain_ms);
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
		"OTD_CHECKPOINT_OPS=14", "OTD_KEEP_EVERY=15",
		"OTD_SWEEP_INTERVAL=16", "OTD_IDLE_DOCUMENT=17",
		"OTD_MAX_CONNECTIONS=18", "OTD_READ_BUFFER=512",
		"OTD_SEND_BUFFER=20", "OTD_HEADER_TIMEOUT=2s",
		"OTD_REQUEST_TIMEOUT=3s", "OTD_PING_INTERVAL=4s",
		"OTD_IDLE_TIMEOUT=5s", "OTD_CLOSE_TIMEOUT=6s",
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
	assert_int_equal(hub.checkpoint_ops, 14);
	assert_int_equal(hub.keep_every, 15);
	assert_int_equal(hub.sweep_ms, 16);
	assert_int_equal(hub.idle_ms, 17);
	assert_true(hub.shared_store);
	assert_int_equal(net.connections, 18);
	assert_int_equal(net.read_bytes, 512);
	assert_int_equal(net.send_buffer_bytes, 20);
	assert_int_equal(net.header_ms, 2000);
	assert_int_equal(net.request_ms, 3000);
	assert_int_equal(net.ping_ms, 4000);
	assert_int_equal(net.idle_ms, 5000);
	assert_int_equal(net.drain_ms, 6000);
	config_done(&c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
