/*
 * limits: see limits.h.  What has no setting keeps the default of its layer;
 * a test compares the defaults of both.
 */
#include "run/limits.h"

void
limits_of_hub(const struct config *c, struct hub_limits *out)
{
	hub_limits_default(out);
	out->message_bytes = c->max_message;
	out->inbox_messages = c->max_inbox;
	out->outbox_bytes = c->max_outbox;
	out->line_requests = c->max_line;
	out->window_ops = c->window_ops;
	out->window_bytes = c->window_bytes;
	out->hot_bytes = c->hot_memory;
	out->document_bytes = c->max_document;
	out->batch_ops = c->batch_ops;
	out->batch_bytes = c->batch_bytes;
	out->batches = (unsigned)c->batches;
	out->subscriptions = c->max_subscriptions;
	out->checkpoint_ops = c->checkpoint_ops;
	out->keep_every = c->keep_every;
	out->sweep_ms = c->sweep_interval;
	out->idle_ms = c->idle_document;
	out->shared_store = config_shares_store(c);
}

void
limits_of_net(const struct config *c, struct net_settings *out)
{
	net_settings_default(out);
	out->message_bytes = c->max_message;
	out->body_bytes = c->max_body;
	out->read_bytes = c->read_buffer;
	out->send_buffer_bytes = (int)c->send_buffer;
	out->connections = (unsigned)c->max_connections;
	out->header_ms = c->header_timeout;
	out->request_ms = c->request_timeout;
	out->ping_ms = c->ping_interval;
	out->idle_ms = c->idle_timeout;
	out->drain_ms = c->close_timeout;
}
