#include "core/actions.h"

#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/may.h"
#include "core/renew.h"
#include "core/session_in.h"
#include "proto/components.h"
#include "proto/reply.h"

#define BEHIND_COST	100	/* so many versions count as one edit more */

static action_call *const handlers[] = {
	[ACTION_NONE] = NULL,
#define ACTION(name, code, needs, handler) [name] = handler,
#include "proto/actions.def"
#undef ACTION
};

void
action_refuse(struct session *ss, struct incoming *in,
    const struct refusal *r)
{
	hub_note_refusal(ss->hub, r->err);
	session_post(ss, reply_refused(&in->msg, r));
	incoming_free(in);
}

void
action_error(struct session *ss, struct incoming *in, enum err err)
{
	struct refusal r;

	refuse(&r, err, NULL);
	action_refuse(ss, in, &r);
}

/* Here alone it is decided what the name of a collection stands for. */
static void
carry_out(struct session *ss, struct incoming *in)
{
	const char *name = in->msg.c;

	if (name != NULL && catalog_resolve(ss->hub->limits.catalog, name,
	    &in->arena, &in->named) != ERR_NONE) {
		action_error(ss, in, ERR_COLLECTION);
		return;
	}
	handlers[in->msg.action](ss, in);
}

/* What it costs is taken; false: the rate refuses it, and in is taken over. */
static bool
is_paid(struct session *ss, struct incoming *in, enum message_verdict verdict)
{
	uint64_t ops = verdict == MESSAGE_OK ? payer_cost(&in->msg) : 1;

	if (verdict == MESSAGE_OK && ops > 0 && payer_refuses(ss)) {
		ss->hub->counts.rate_refused++;
		action_error(ss, in, ERR_RATE);
		return false;
	}
	payer_take(ss, ops, in->len);
	return true;
}

void
action_run(struct session *ss, struct incoming *in)
{
	enum message_verdict verdict;
	struct refusal r;

	ss->hub->counts.messages++;
	verdict = message_decode(in->text, in->len, ss->hub->limits.depth,
	    &in->arena, &in->msg, &r);
	if (!is_paid(ss, in, verdict))
		return;
	switch (verdict) {
	case MESSAGE_FATAL:
		/* sharedb closes the connection here; say why first. */
		ss->hub->counts.bad_messages++;
		session_post(ss, reply_error(&r));
		session_close_for(ss, CLOSE_POLICY, "not a JSON object");
		incoming_free(in);
		break;
	case MESSAGE_REFUSED:
		ss->hub->counts.bad_messages++;
		action_refuse(ss, in, &r);
		break;
	case MESSAGE_OK:
		carry_out(ss, in);
		break;
	}
}

/* ---- the connection ---- */

/* May it sign with this?  Whoever speaks for clients has looked itself. */
static bool
may_sign(const struct session *ss, const char *src)
{
	return src == NULL || (ss->flags & HUB_INSIDE) != 0 ||
	    strcmp(src, ss->client_id) == 0 ||
	    src_check(ss->hub->limits.src_key, ss->who, src);
}

void
action_handshake(struct session *ss, struct incoming *in)
{
	if (!may_sign(ss, in->msg.src)) {
		action_error(ss, in, ERR_SRC);
		return;
	}
	if (in->msg.src != NULL)
		session_set_src(ss, in->msg.src);
	ss->presence.types = in->msg.presence_types;
	ss->wants_word = in->msg.wants_word;
	ss->wants_epoch = in->msg.wants_epoch;
	renew_watch(ss);
	session_post(ss, reply_handshake(&in->msg, session_src(ss),
	    ss->wants_word && ss->who != NULL ? ss->who->expires_s : 0,
	    ss->wants_epoch ? ss->hub->limits.epoch : ""));
	incoming_free(in);
}

void
action_ping(struct session *ss, struct incoming *in)
{
	session_post(ss, reply_plain(&in->msg));
	incoming_free(in);
}

/* ---- one document ---- */

/* The document of this id as the message names its collection. */
static struct view *
view_named(struct session *ss, const struct incoming *in, const char *id)
{
	return doc_view(hub_doc(ss->hub, in->named.collection, id), in->msg.c,
	    in->named.projection);
}

static struct request *
read_request(struct session *ss, struct incoming *in, bool has_v, uint64_t v,
    bool subscribe)
{
	struct request *req = request_new(ss->hub, ss,
	    has_v ? REQUEST_OPS : REQUEST_SNAPSHOT, in);

	req->from = v;
	req->subscribe = subscribe;
	if (subscribe)
		ss->n_asked++;
	return req;
}

void
action_fetch(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;

	if (!may_not(ss, in, ACCESS_READ, msg->d))
		doc_join(view_named(ss, in, msg->d),
		    read_request(ss, in, msg->has_v, msg->v, false));
}

void
action_subscribe(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;
	struct request *req;

	if (!payer_has_room(ss, PAYER_SUBSCRIPTIONS, 1)) {
		action_error(ss, in, ERR_TOO_MANY);
		return;
	}
	if (may_not(ss, in, ACCESS_READ, msg->d))
		return;
	req = read_request(ss, in, msg->has_v, msg->v, true);
	doc_join(view_named(ss, in, msg->d), req);
}

static bool
has_request_of(const struct list *line, const struct session *ss)
{
	struct list *node, *next;

	LIST_EACH(line, node, next)
		if (LIST_ITEM(node, struct request, node)->ss == ss)
			return true;
	return false;
}

/*
 * Does a request of this session stand in the document's line?  The line has
 * a ceiling; the session's requests may be a hundred thousand, of one bulk.
 */
static bool
is_in_line(const struct session *ss, const struct doc *d)
{
	return has_request_of(&d->waiting, ss) ||
	    has_request_of(&d->staged, ss);
}

/*
 * Stop reading.  False: it is done.  True: this session asked for something
 * else of the document before, so a request stands in line to do it, and
 * answers (then the message is taken over), or counts for the bulk.
 */
static bool
unsubscribe(struct session *ss, struct incoming *in, const char *id,
    struct bulk *bulk)
{
	struct doc *d = hub_doc_here(ss->hub, in->named.collection, id);
	struct view *w = d != NULL ?
	    doc_view_here(d, in->named.projection) : NULL;
	struct request *req;
	struct reader *rd;

	if (w == NULL)
		return false;
	if (is_in_line(ss, d)) {
		req = request_new(ss->hub, ss, REQUEST_UNSUBSCRIBE,
		    bulk == NULL ? in : NULL);
		req->bulk = bulk;
		doc_join(w, req);
		return true;
	}
	if ((rd = reader_find(ss, w)) != NULL)
		reader_leave(rd);
	return false;
}

void
action_unsubscribe(struct session *ss, struct incoming *in)
{
	struct about about = about_message(in, in->msg.d);

	if (unsubscribe(ss, in, in->msg.d, NULL))
		return;
	session_post_left(ss, reply_plain(&in->msg), &about, ACCESS_READ);
	incoming_free(in);
}

/* An edit is carried over all that it has not seen: that is work, too. */
static void
pay_for_age(struct session *ss, const struct doc *d, const struct message *msg)
{
	if (msg->has_v && d->head.v > msg->v)
		payer_take(ss, (d->head.v - msg->v) / BEHIND_COST, 0);
}

void
action_op(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;
	static const enum access_action actions[] = {
		[OP_EDIT] = ACCESS_EDIT, [OP_CREATE] = ACCESS_CREATE,
		[OP_DELETE] = ACCESS_DELETE,
	};
	size_t most = ss->hub->limits.op_components;
	struct request *req;
	struct view *view;
	struct op *op;

	if (may_not(ss, in, actions[msg->op_kind], msg->d))
		return;
	if (!may_sign(ss, msg->src)) {
		action_error(ss, in, ERR_SRC);
		return;
	}
	if (msg->op_kind == OP_EDIT && most > 0 &&
	    !components_within(&msg->body, most)) {
		action_error(ss, in, ERR_OP_LIMIT);
		return;
	}
	op = op_new(msg->op_kind, msg->v,
	    msg->src != NULL ? msg->src : session_src(ss), msg->seq,
	    msg->op_kind == OP_DELETE ? NULL : msg->body.p, msg->body.len);
	if (op == NULL || (ss->who != NULL && ss->who->subject != NULL &&
	    !op_set_author(op, ss->who->subject)))
		bug("no memory for a message that was within its limit");
	view = view_named(ss, in, msg->d);
	pay_for_age(ss, view->doc, msg);
	req = request_new(ss->hub, ss, REQUEST_SUBMIT, in);
	req->op = op;
	req->has_v = msg->has_v;
	doc_join(view, req);
}

void
action_may(struct session *ss, struct incoming *in)
{
	struct about about = about_message(in, NULL);
	unsigned bits = 0;
	int action;

	if (in->msg.d != NULL) {
		doc_join(view_named(ss, in, in->msg.d),
		    request_new(ss->hub, ss, REQUEST_MAY, in));
		return;
	}
	for (action = 0; action < ACCESS_ACTIONS; action++)
		bits |= (unsigned)(may(ss->hub, ss->who,
		    (enum access_action)action, &about) == ACCESS_YES) <<
		    action;
	session_post(ss, may_reply(in, bits, NULL));
	incoming_free(in);
}

/* ---- many documents ---- */

/* Is this one refused at once?  Then that is said in its place. */
static bool
bulk_denies(struct bulk *bulk, const char *id)
{
	struct about about = about_message(bulk->in, id);
	struct refusal r;

	if (may(bulk->ss->hub, bulk->ss->who, ACCESS_READ, &about) !=
	    ACCESS_NO)
		return false;
	refuse(&r, ERR_DENIED, NULL);
	bulk->ss->hub->counts.denied++;
	bulk_refuse(bulk, &bulk->members, id, &r);
	bulk->pending--;
	return true;
}

static void
bulk_read(struct session *ss, struct incoming *in, bool subscribe)
{
	const struct message *msg = &in->msg;
	struct bulk *bulk;
	struct request *req;
	size_t i;

	/* No more at once than could be followed, fetched or not. */
	if (msg->n_bulk > ss->hub->limits.subscriptions ||
	    (subscribe &&
	    !payer_has_room(ss, PAYER_SUBSCRIPTIONS, msg->n_bulk))) {
		action_error(ss, in, ERR_TOO_MANY);
		return;
	}
	bulk = bulk_new(ss, in);
	bulk->pending = msg->n_bulk + 1;
	for (i = 0; i < msg->n_bulk; i++) {
		if (bulk_denies(bulk, msg->bulk[i].id))
			continue;
		req = read_request(ss, NULL, msg->bulk[i].has_v,
		    msg->bulk[i].v, subscribe);
		req->bulk = bulk;
		doc_join(view_named(ss, in, msg->bulk[i].id), req);
	}
	bulk_count_down(bulk);		/* the one for this loop */
}

void
action_bulk_fetch(struct session *ss, struct incoming *in)
{
	bulk_read(ss, in, false);
}

void
action_bulk_subscribe(struct session *ss, struct incoming *in)
{
	bulk_read(ss, in, true);
}

void
action_bulk_unsubscribe(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;
	struct bulk *bulk = bulk_new(ss, in);
	size_t i;

	bulk->pending = 1;
	/* sharedb walks b as a list only; a map unsubscribes nothing. */
	for (i = 0; msg->bulk_is_list && i < msg->n_bulk; i++) {
		bulk->pending++;
		if (!unsubscribe(ss, in, msg->bulk[i].id, bulk))
			bulk->pending--;
	}
	bulk_count_down(bulk);
}
