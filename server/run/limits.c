/*
 * limits: see limits.h.  What has no setting keeps the default of its layer;
 * a test compares the defaults of both.
 */
#include "run/limits.h"

#include <stdlib.h>

#include "base/mem.h"
#include "run/config_catalog.h"

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
	out->session_queries = c->max_queries;
	out->query_results = c->max_results;
	out->query_bytes = c->max_result_bytes;
	out->query_timeout_ms = c->query_timeout;
	out->query_ms = c->query_interval;
	out->finds = (unsigned)c->query_jobs;
	out->checkpoint_ops = c->checkpoint_ops;
	out->keep_every = c->keep_every;
	out->queries = c->queries;
	out->sweep_ms = c->sweep_interval;
	out->idle_ms = c->idle_document;
	out->presence_bytes = c->max_presence;
	out->presences = c->max_presences;
	out->channels = c->max_channels;
	out->presence_rate = (unsigned)c->presence_rate;
	out->presence_ttl_ms = c->presence_ttl;
	out->session_rate = (struct rate){ c->max_ops_second,
	    c->max_bytes_second };
	out->principal_rate = (struct rate){ c->max_ops_second_principal,
	    c->max_bytes_second_principal };
	out->address_rate = (struct rate){ c->max_ops_second_address,
	    c->max_bytes_second_address };
	out->principal_subscriptions = c->max_subscriptions_principal;
	out->principal_queries = c->max_queries_principal;
	out->principal_presences = c->max_presences_principal;
	out->depth = (unsigned)c->max_depth;
	out->op_components = c->max_op_components;
	out->shared_store = config_shares_store(c);
	out->is_heard = strcmp(c->bus, "local") != 0;
}

static struct collection
collection_of(const struct config_collection *e)
{
	struct collection out = {
		.name = e->name,
		.types = e->types.n == 0 ? COLLECTION_ALL_TYPES : 0,
		.queries = e->queries,
		.events = e->events,
		.checkpoint_ops = e->checkpoint_ops,
		.keep_every = e->keep_every,
		.raw_days = e->raw_days,
		.document_bytes = e->max_document,
	};
	size_t i;

	for (i = 0; i < e->types.n; i++)
		out.types |= catalog_type_bit(ot_type_find(e->types.text[i]));
	return out;
}

struct catalog *
limits_of_catalog(const struct config *c)
{
	static const struct config_catalog none;
	const struct config_catalog *cat = c->catalog != NULL ? c->catalog :
	    &none;
	const struct config_collection rest = { .name = NULL };
	struct config_collection whole = config_collection_whole(c, &rest);
	struct collection *collections = mem_get((cat->n_collections + 1) *
	    sizeof(*collections));
	struct projection *projections = mem_get((cat->n_projections + 1) *
	    sizeof(*projections));
	struct catalog_plan plan = {
		.fallback = collection_of(&whole),
		.only_known = c->unknown_collections == UNKNOWN_REFUSE,
		.collections = collections,
		.n_collections = cat->n_collections,
		.projections = projections,
		.n_projections = cat->n_projections,
	};
	struct catalog *made;
	size_t i;

	for (i = 0; i < cat->n_collections; i++) {
		whole = config_collection_whole(c, &cat->collections[i]);
		collections[i] = collection_of(&whole);
	}
	for (i = 0; i < cat->n_projections; i++)
		projections[i] = (struct projection){
			.name = cat->projections[i].name,
			.target = cat->projections[i].of,
			.fields = (const char *const *)
			    cat->projections[i].fields.text,
			.n_fields = cat->projections[i].fields.n,
		};
	made = catalog_new(&plan);
	free(collections);
	free(projections);
	return made;
}

void
limits_of_net(const struct config *c, struct net_settings *out)
{
	net_settings_default(out);
	out->message_bytes = c->max_message;
	out->body_bytes = c->max_body;
	out->outbox_bytes = c->max_outbox;
	out->read_bytes = c->read_buffer;
	out->send_buffer_bytes = (int)c->send_buffer;
	out->connections = (unsigned)c->max_connections;
	out->connections_address = (unsigned)c->max_connections_address;
	out->connection_rate = (unsigned)c->connection_rate;
	out->accept_rate = (unsigned)c->accept_rate;
	out->streams = (unsigned)c->max_streams;
	out->head_bytes = (unsigned)c->max_head;
	out->incoming_bytes = c->max_incoming;
	out->incoming_address_bytes = c->max_incoming_address;
	out->unknown_body_bytes = c->auth == AUTH_JWT ? c->max_body_unknown :
	    c->max_body;
	out->origins = c->origins.text;
	out->n_origins = c->origins.n;
	out->proxies = c->trusted_proxies.text;
	out->n_proxies = c->trusted_proxies.n;
	out->tls_cert = c->tls_cert;
	out->tls_key = c->tls_key;
	out->header_ms = c->header_timeout;
	out->request_ms = c->request_timeout;
	out->ping_ms = c->ping_interval;
	out->idle_ms = c->idle_timeout;
	out->drain_ms = c->close_timeout;
}

void
limits_of_rest(const struct config *c, struct rest_settings *out)
{
	rest_settings_default(out);
	out->heartbeat_ms = c->sse_heartbeat;
}

/* Has any collection, or may one that nobody named have, events? */
static bool
has_events(const struct config *c)
{
	size_t i;

	if (c->events || c->catalog == NULL)
		return c->events;
	for (i = 0; i < c->catalog->n_collections; i++)
		if (config_collection_whole(c,
		    &c->catalog->collections[i]).events)
			return true;
	return false;
}

void
limits_of_events(const struct config *c, struct events_settings *out)
{
	events_settings_default(out);
	out->retention_ms = c->event_retention;
	out->is_on = has_events(c);
	out->is_open = c->auth == AUTH_NONE && c->policy[0] == '\0';
	out->hooks.timeout_ms = c->webhook_timeout;
	out->hooks.attempts = (unsigned)c->webhook_attempts;
	out->hooks.retry_ms = c->webhook_retry;
	out->hooks.retry_max_ms = c->webhook_retry_max;
	out->hooks.parallel = (unsigned)c->webhook_parallel;
	out->hooks.breaker = (unsigned)c->webhook_breaker;
	out->hooks.breaker_ms = c->webhook_breaker_time;
	out->hooks.lease_ms = c->webhook_lease;
	out->hooks.inside = c->webhook_inside;
}
