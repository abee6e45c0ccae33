/*
 * The actions of queries; sharedb 7.0.0, lib/agent.js, _queryFetch,
 * _querySubscribe and _queryUnsubscribe.
 */
#include "core/actions.h"
#include "core/may.h"
#include "core/query.h"
#include "core/session_in.h"
#include "core/watch.h"
#include "proto/reply.h"

/* The error that stands in the way, or ERR_NONE. */
static enum err
may_ask(const struct session *ss, const struct incoming *in, bool subscribe)
{
	const struct hub_limits *limits = &ss->hub->limits;
	const struct collection *settings = catalog_collection(limits->catalog,
	    in->named.collection);

	if (in->msg.other_db)
		return ERR_DB_UNKNOWN;
	if (settings == NULL)
		return ERR_COLLECTION;
	if (!settings->queries)
		return ERR_QUERIES_OFF;
	if (!payer_has_room(ss, PAYER_QUERIES, 1))
		return ERR_TOO_MANY_QUERIES;
	if (subscribe && in->msg.n_known > limits->subscriptions)
		return ERR_TOO_MANY;
	return ERR_NONE;
}

static void
ask(struct session *ss, struct incoming *in, bool subscribe)
{
	enum err refused = may_ask(ss, in, subscribe);

	if (refused != ERR_NONE)
		action_error(ss, in, refused);
	else
		query_check(ss, in, subscribe);
}

struct sub *
query_begin(struct session *ss, struct incoming *in, bool subscribe,
    struct filter *filter)
{
	/* The same id asked again: the former one ends. */
	struct sub *former = subscribe ? sub_find(ss, in->msg.query_id) : NULL;
	struct watch *w = watch_get(feed_get(ss->hub, in->named.collection),
	    in->msg.c, in->named.projection, filter);
	struct sub *sub = sub_new(ss, w, in, !subscribe);

	if (former != NULL)
		sub_leave(former);
	watch_ask(w);
	return sub;
}

void
action_query_fetch(struct session *ss, struct incoming *in)
{
	ask(ss, in, false);
}

void
action_query_subscribe(struct session *ss, struct incoming *in)
{
	ask(ss, in, true);
}

void
action_query_unsubscribe(struct session *ss, struct incoming *in)
{
	struct sub *sub = sub_find(ss, in->msg.query_id);
	static const struct about any;

	if (sub != NULL)
		sub_leave(sub);
	session_post_left(ss, reply_plain(&in->msg), &any, ACCESS_READ);
	incoming_free(in);
}
