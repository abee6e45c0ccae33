#include "core/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/hub_in.h"
#include "core/may.h"
#include "core/query.h"
#include "core/session_in.h"
#include "proto/reply.h"

struct incoming *
incoming_new(const char *text, size_t len)
{
	struct incoming *in = mem_get(sizeof(*in) + len);

	arena_init(&in->arena);
	in->len = len;
	memcpy(in->text, text, len);
	return in;
}

void
incoming_free(struct incoming *in)
{
	if (in == NULL)
		return;
	arena_done(&in->arena);
	free(in);
}

struct request *
request_new(struct hub *h, struct session *ss, enum request_kind kind,
    struct incoming *in)
{
	struct request *req = mem_get(sizeof(*req));

	req->kind = kind;
	req->ss = ss;
	req->who = ss != NULL && ss->who != NULL ?
	    principal_ref(ss->who) : NULL;
	req->in = in;
	req->stamp = ++h->stamp;
	req->came_us = h->now_us;
	list_init(&req->node);
	list_init(&req->in_session);
	if (ss != NULL)
		list_push(&ss->requests, &req->in_session);
	req->unsure_v = JOB_NO_VERSION;
	buf_init(&req->member, SIZE_MAX);
	return req;
}

void
request_unstage(struct request *req)
{
	frame_unref(req->answer);
	req->answer = NULL;
	buf_done(&req->member);
	req->wait_v = req->done_v = 0;
	req->is_op = req->is_refused = false;
	req->asked_created = false;
	/* The head that was meant may be gone. */
	if (req->v_filled)
		req->has_v = false;
}

void
requests_carry_anew(struct list *waiting)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(waiting, node, next) {
		req = LIST_ITEM(node, struct request, node);
		op_unref(req->carried);
		req->carried = NULL;
	}
}

uint64_t
request_needs(const struct request *req)
{
	if (req->kind == REQUEST_OPS)
		return req->from;
	if (req->kind == REQUEST_PRESENCE)
		return offer_needs(req->offer);
	if (req->kind != REQUEST_SUBMIT)
		return JOB_NO_VERSION;
	return req->has_v ? req->op->v : req->unsure_v;
}

void
request_free(struct request *req)
{
	request_unstage(req);
	if (req->subscribe && req->ss != NULL)
		req->ss->n_asked--;
	/* Whatever came of it, nothing is waited for any more. */
	if (req->kind == REQUEST_FOLLOW && req->ss != NULL)
		session_go_on(req->ss);
	list_remove(&req->node);
	list_remove(&req->in_session);
	op_unref(req->op);
	op_unref(req->carried);
	principal_unref(req->who);
	if (req->kind == REQUEST_PRESENCE)
		presence_done(req);
	incoming_free(req->in);
	free(req);
}

struct bulk *
bulk_new(struct session *ss, struct incoming *in)
{
	struct bulk *bulk = mem_get(sizeof(*bulk));

	bulk->ss = ss;
	bulk->in = in;
	buf_init(&bulk->members, SIZE_MAX);
	list_init(&bulk->readers);
	list_push(&ss->bulks, &bulk->in_session);
	return bulk;
}

void
bulk_refuse(struct bulk *bulk, struct buf *members, const char *id,
    const struct refusal *r)
{
	if (bulk->in->msg.bulk_is_list) {
		put_bulk_refusal(members, id, r);
	} else {
		bulk->is_refused = true;
		bulk->refusal = *r;
	}
}

void
bulk_hold(struct bulk *bulk, const struct reader *rd, struct frame *f)
{
	if (bulk->n_held == bulk->cap_held) {
		bulk->cap_held = bulk->cap_held > 0 ? 2 * bulk->cap_held : 8;
		bulk->held = mem_grow(bulk->held, bulk->cap_held,
		    sizeof(*bulk->held));
	}
	bulk->held[bulk->n_held++] = (struct held){ rd, frame_ref(f) };
	bulk->held_bytes += f->wire_len;
	if (bulk->held_bytes > bulk->ss->hub->limits.outbox_bytes)
		session_too_slow(bulk->ss);
}

void
bulk_drop(struct bulk *bulk, const struct reader *rd)
{
	size_t i, n = 0;

	for (i = 0; i < bulk->n_held; i++) {
		if (bulk->held[i].rd == rd) {
			bulk->held_bytes -= bulk->held[i].frame->wire_len;
			frame_unref(bulk->held[i].frame);
		} else {
			bulk->held[n++] = bulk->held[i];
		}
	}
	bulk->n_held = n;
}

static struct frame *
bulk_reply(const struct bulk *bulk)
{
	const struct message *msg = &bulk->in->msg;

	if (msg->action == ACTION_QUERY_SUBSCRIBE && !bulk->is_refused)
		return bulk->members.len > 0 ?
		    reply_bulk(msg, &bulk->members) : reply_plain(msg);
	if (bulk->is_refused)
		return reply_refused(msg, &bulk->refusal);
	if (msg->bulk_is_list && msg->action != ACTION_BULK_UNSUBSCRIBE)
		return reply_bulk(msg, &bulk->members);
	return reply_plain(msg);
}

/* Of some of its documents, or all. */
static void
bulk_post(const struct bulk *bulk, struct frame *f)
{
	struct about about = about_message(bulk->in, NULL);

	session_post_shown(bulk->ss, f, &about, ACCESS_READ);
}

static void
bulk_answer(const struct bulk *bulk)
{
	if (!bulk->in->is_ours)
		bulk_post(bulk, bulk_reply(bulk));
	else if (bulk->is_refused)
		/* It cannot be told, and lacks something: it comes back. */
		session_close_for(bulk->ss, CLOSE_TRY_LATER,
		    "a query could not go on");
}

static void
post_before(const struct bulk *bulk, struct frame *f)
{
	if (f != NULL && bulk->ss != NULL && !bulk->is_refused)
		bulk_post(bulk, f);
	else
		frame_unref(f);
}

void
bulk_count_down(struct bulk *bulk)
{
	struct list *node;
	size_t i;

	if (--bulk->pending > 0)
		return;
	while ((node = list_shift(&bulk->readers)) != NULL)
		LIST_ITEM(node, struct reader, in_bulk)->bulk = NULL;
	if (bulk->sub != NULL)
		bulk->sub->bulk = NULL;
	post_before(bulk, bulk->extra);
	post_before(bulk, bulk->diff);
	if (bulk->ss != NULL)
		bulk_answer(bulk);
	if (bulk->sub != NULL && bulk->is_refused)
		sub_free(bulk->sub);
	else if (bulk->sub != NULL && bulk->sub->must_refresh)
		query_refresh(bulk->sub);
	for (i = 0; i < bulk->n_held; i++) {
		if (bulk->ss != NULL)
			session_post_live(bulk->ss, bulk->held[i].frame);
		else
			frame_unref(bulk->held[i].frame);
	}
	list_remove(&bulk->in_session);
	free(bulk->held);
	buf_done(&bulk->members);
	incoming_free(bulk->in);
	free(bulk);
}
