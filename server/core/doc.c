/*
 * doc: the line and what leaves it.  Staging is in stage.c, what comes from
 * the store and from others in sync.c, checkpoints in checkpoint.c.
 */
#include "core/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/content.h"
#include "core/feed.h"
#include "core/grant.h"
#include "core/may.h"
#include "core/query.h"
#include "core/session_in.h"
#include "proto/reply.h"

/* Requests staged in one go, before others have their turn. */
#define WORK_REQUESTS	256

/* The store is asked again after this. */
#define RETRY_MS	200

struct doc *
doc_new(struct hub *h, const char *collection, const char *id)
{
	struct doc *d = mem_get(sizeof(*d));

	d->hub = h;
	d->ordinal = ++h->ordinals;
	d->collection = mem_copy(collection, strlen(collection));
	d->id = mem_copy(id, strlen(id));
	d->settings = catalog_collection(h->limits.catalog, collection);
	if (d->settings == NULL)
		bug("a document of a collection that there is not");
	list_init(&d->place);
	list_init(&d->in_work);
	list_init(&d->in_dirty);
	list_init(&d->in_retry);
	list_init(&d->in_doubt);
	list_init(&d->in_echo);
	list_init(&d->in_fold);
	list_init(&d->in_yield);
	list_init(&d->in_regrant);
	list_init(&d->in_due);
	list_init(&d->content_wishes);
	list_init(&d->waiting);
	list_init(&d->staged);
	list_init(&d->readers);
	list_init(&d->views);
	view_init(&d->whole, d);
	list_init(&d->checkpoints);
	window_init(&d->window, 0);
	h->counts.documents++;
	if (h->limits.shared_store)
		hub_say(h, word_new(WORD_FOLLOW, collection, id));
	doc_ask(d, ASK_LOAD, NULL);
	return d;
}

void
doc_free(struct doc *d)
{
	struct hub *h = d->hub;

	doc_echo_now(d);
	content_gone(d);
	if (h->limits.shared_store)
		hub_say(h, word_new(WORD_UNFOLLOW, d->collection, d->id));
	d->durable_v = 0;
	doc_drop_checkpoint(d);
	list_remove(&d->place);
	list_remove(&d->in_work);
	list_remove(&d->in_dirty);
	list_remove(&d->in_retry);
	list_remove(&d->in_doubt);
	list_remove(&d->in_fold);
	list_remove(&d->in_yield);
	list_remove(&d->in_regrant);
	window_done(&d->window);
	snapshot_done(&d->head);
	doc_drop_folded(d);
	doc_drop_views(d);
	view_done(&d->whole);
	doc_grants_drop(d);
	h->counts.hot_bytes -= d->counted;
	h->counts.documents--;
	free(d->collection);
	free(d->id);
	free(d);
}

void
doc_move(struct doc *d, enum doc_state state)
{
	struct hub *h = d->hub;
	struct list *places[] = {
		[DOC_LOADING] = &h->loading, [DOC_LIVE] = &h->live,
		[DOC_BEHIND] = &h->behind, [DOC_IDLE] = &h->idle,
	};

	d->state = state;
	list_remove(&d->place);
	list_push(places[state], &d->place);
}

void
doc_wake(struct doc *d)
{
	if (list_empty(&d->in_work))
		list_push(&d->hub->working, &d->in_work);
}

void
doc_dirty(struct doc *d)
{
	struct hub *h = d->hub;
	bool has_ops = d->head.v > d->durable_v;

	if (d->in_flight || !list_empty(&d->in_retry) ||
	    !list_empty(&d->in_yield))
		return;
	/* Content goes only once it is what the store has. */
	if (!has_ops && (!d->content_wanted || d->state != DOC_LIVE ||
	    d->heard_v > d->durable_v))
		return;
	if (!list_empty(&d->in_dirty) && (!has_ops || !d->is_unwritten))
		return;
	list_remove(&d->in_dirty);
	d->is_unwritten = !has_ops;
	list_push(has_ops ? &h->dirty : &h->unwritten, &d->in_dirty);
}

void
doc_retry_later(struct doc *d)
{
	d->retry_ms = d->hub->now_ms + RETRY_MS;
	list_remove(&d->in_retry);
	list_push(&d->hub->retrying, &d->in_retry);
}

void
doc_retry(struct doc *d)
{
	if (d->ask_failed) {
		d->ask_failed = false;
		doc_ask(d, ASK_NEWER, NULL);
	}
	doc_dirty(d);
	doc_wake(d);
}

/* ---- in and out of the line ---- */

void
doc_join(struct view *w, struct request *req)
{
	struct doc *d = w->doc;
	struct hub *h = d->hub;

	req->doc = d;
	req->view = w;
	d->is_visitor = false;
	h->waiting++;
	d->n_waiting++;
	list_push(&d->waiting, &req->node);
	if (d->n_waiting > h->limits.line_requests &&
	    req->kind != REQUEST_UNSUBSCRIBE && !doc_is_known(d, req)) {
		doc_refuse(d, req, h->store_is_away ? ERR_STORE_AWAY :
		    ERR_BUSY);
		return;
	}
	doc_known_joins(d, req);
	if (d->state == DOC_IDLE)
		doc_move(d, DOC_LIVE);
	doc_wake(d);
}

void
request_refuse(struct request *req, const struct refusal *r)
{
	struct bulk *bulk = req->bulk;

	req->is_refused = true;
	hub_note_refusal(req->doc->hub, r->err);
	if (bulk == NULL) {
		if (req->in != NULL)
			req->answer = reply_refused(&req->in->msg, r);
	} else {
		bulk_refuse(bulk, &req->member, req->doc->id, r);
	}
}

void
doc_refuse(struct doc *d, struct request *req, enum err err)
{
	struct refusal r;

	/* Once that is so, no other refusal would be the truth. */
	if (req->unsure_v != JOB_NO_VERSION)
		err = ERR_STORE_UNSURE;
	refuse(&r, err, NULL);
	request_unstage(req);
	request_refuse(req, &r);
	doc_answer(d, req);
}

/*
 * By which right what the answer shows is seen; false: it shows nothing, as an
 * acknowledgement to who may not read.
 */
static bool
is_shown(const struct request *req, enum access_action *action_out)
{
	*action_out = req->kind == REQUEST_LATEST ? ACCESS_HISTORY :
	    ACCESS_READ;
	switch (req->kind) {
	case REQUEST_SUBMIT:
	case REQUEST_MAY:
		return req->sees;
	case REQUEST_SNAPSHOT:
	case REQUEST_LATEST:
	case REQUEST_OPS:
		return !req->is_refused;
	case REQUEST_UNSUBSCRIBE:
	case REQUEST_PRESENCE:
	case REQUEST_HISTORY:
	case REQUEST_FOLLOW:
		break;
	}
	return false;
}

/* Gives the answer up. */
static void
post_answer(struct request *req)
{
	struct about about = about_view(req->view, NULL);
	enum access_action action;

	if (req->kind == REQUEST_UNSUBSCRIBE)
		session_post_left(req->ss, req->answer, &about, ACCESS_READ);
	else if (is_shown(req, &action))
		session_post_shown(req->ss, req->answer, &about, action);
	else
		session_post(req->ss, req->answer);
	req->answer = NULL;
}

void
doc_answer(struct doc *d, struct request *req)
{
	struct bulk *bulk = req->bulk;

	d->hub->waiting--;
	d->n_waiting--;
	if (d->asker == req)
		d->asker = NULL;
	if (req->ss != NULL && req->answer != NULL)
		post_answer(req);
	if (bulk != NULL && req->member.len > 0) {
		if (bulk->members.len > 0)
			buf_putc(&bulk->members, ',');
		buf_put(&bulk->members, req->member.data, req->member.len);
	}
	request_free(req);
	if (bulk != NULL)
		bulk_count_down(bulk);
}

/* ---- release ---- */

/* Send the ops [from, to) of the window, which are durable. */
static void
send_ops(struct view *w, struct session *ss, uint64_t from, uint64_t to)
{
	struct about about = about_view(w, NULL);
	struct frame *f;
	uint64_t v;

	for (v = from; v < to; v++) {
		f = view_frame(w, window_at(&w->doc->window, v)->op);
		if (f != NULL)
			session_post_shown(ss, f, &about, ACCESS_READ);
	}
}

/*
 * sharedb's _isOwnOp compares src and the collection's name.  But the same
 * client may be here in two sessions, an old one that submitted and a new one
 * that reads: there the acknowledgement goes to the old one, and the new one
 * would have a gap.
 */
static bool
is_own(const struct reader *rd, const struct request *by, const struct op *op)
{
	return by != NULL && rd->ss == by->ss && rd->view == by->view &&
	    strcmp(session_src(rd->ss), op->src) == 0;
}

static void
drop_frames(struct doc *d)
{
	struct list *node, *next;
	struct view *w;

	frame_unref(d->whole.frame);
	d->whole.frame = NULL;
	LIST_EACH(&d->views, node, next) {
		w = LIST_ITEM(node, struct view, in_doc);
		frame_unref(w->frame);
		w->frame = NULL;
	}
}

/*
 * What a view cannot show (a document made anew of a type that cannot be
 * projected) its readers do not get, as in sharedb; they find a gap, ask for
 * what was in it, and are refused.
 */
void
doc_publish(struct doc *d, struct op *op, const struct request *by)
{
	struct list *node, *next;
	struct reader *rd;
	struct view *w;

	LIST_EACH(&d->readers, node, next) {
		rd = LIST_ITEM(node, struct reader, in_doc);
		w = rd->view;
		if (is_own(rd, by, op))
			continue;
		if (w->frame == NULL && (w->frame = view_frame(w, op)) == NULL)
			continue;
		reader_send(rd, w->frame);
	}
	drop_frames(d);
	feed_op(d, op, by);
}

/* Unless the ops before it are held back: so is the acknowledgement then. */
static void
acknowledge(struct request *req)
{
	struct reader *rd = reader_find(req->ss, req->view);

	if (rd != NULL && rd->bulk != NULL) {
		bulk_hold(rd->bulk, NULL, req->answer);
		frame_unref(req->answer);
		req->answer = NULL;
	} else {
		post_answer(req);
	}
}

/*
 * An author gets the ops that came before its own and that it has not seen:
 * all of them, or, as a reader, those from before it joined.  What it reads by
 * other names comes after the acknowledgement, as in sharedb.
 */
static void
release_op(struct doc *d, struct request *req)
{
	struct op *op = window_at(&d->window, req->done_v)->op;
	struct reader *rd;
	uint64_t to = req->done_v;

	if (req->ss != NULL) {
		rd = reader_find(req->ss, req->view);
		if (rd != NULL && rd->since < to)
			to = rd->since;
		if (req->sees)
			send_ops(req->view, req->ss, req->from, to);
		acknowledge(req);
	}
	doc_publish(d, op, req);
	if (op->kind == OP_CREATE && op->author != NULL)
		query_owned(d->hub, d->collection, op->author);
	d->hub->counts.ops_committed++;
	histogram_add(&d->hub->counts.acks, d->hub->now_us - req->came_us);
}

static void
release_read(struct request *req)
{
	if (req->ss == NULL || req->is_refused)
		return;
	if (req->kind == REQUEST_OPS)
		send_ops(req->view, req->ss, req->from, req->done_v);
	if (!req->subscribe || req->ss->closing != CLOSE_NONE)
		return;
	/* Who named a version can have ops before the reply of the bulk. */
	if (req->kind == REQUEST_OPS)
		reader_join(req->ss, req->view, req->from, NULL);
	else
		reader_join(req->ss, req->view, req->done_v, req->bulk);
}

static void
release_unsubscribe(struct request *req)
{
	struct reader *rd;

	if (req->ss != NULL && (rd = reader_find(req->ss, req->view)) != NULL)
		reader_leave(rd);
}

void
doc_release(struct doc *d)
{
	struct request *req;

	while (!list_empty(&d->staged)) {
		req = LIST_ITEM(d->staged.next, struct request, node);
		if (req->wait_v > d->durable_v)
			break;
		if (req->ss != NULL)
			session_begin_answer(req->ss);
		if (req->is_op)
			release_op(d, req);
		else if (req->kind == REQUEST_UNSUBSCRIBE)
			release_unsubscribe(req);
		else if (req->kind == REQUEST_PRESENCE)
			presence_release(d, req);
		else if (req->kind != REQUEST_SUBMIT)
			release_read(req);
		doc_answer(d, req);
	}
}

/* ---- work ---- */

/* The store is further than we are, or may be: that comes first. */
static bool
is_catching_up(struct doc *d)
{
	if (d->in_flight || d->heard_v <= d->durable_v)
		return false;
	doc_ask(d, ASK_NEWER, NULL);
	return true;
}

bool
doc_work(struct doc *d)
{
	struct request *req;
	unsigned n = 0;

	doc_regrant_now(d);
	doc_show_known(d);
	while (d->state == DOC_LIVE && !is_catching_up(d) &&
	    !list_empty(&d->waiting) && n++ < WORK_REQUESTS) {
		req = LIST_ITEM(d->waiting.next, struct request, node);
		if (d->hub->store_is_away && req->kind == REQUEST_SUBMIT)
			break;		/* known.c, 3 */
		if (!doc_stage(d, req))
			break;
		doc_keep(d);
		doc_release(d);
	}
	doc_checkpoint(d);
	doc_trim(d);
	doc_dirty(d);
	doc_rest(d);
	doc_fold_later(d);
	return n > WORK_REQUESTS;
}

void
doc_rest(struct doc *d)
{
	if (d->state != DOC_LIVE || d->n_readers > 0 || d->n_waiting > 0 ||
	    d->in_flight || d->head.v > d->durable_v || d->content_wanted ||
	    d->must_recheck)
		return;
	doc_grants_drop(d);
	d->idle_ms = d->hub->now_ms;
	doc_move(d, DOC_IDLE);
	if (d->is_visitor) {
		list_remove(&d->place);
		list_unshift(&d->hub->idle, &d->place);
	}
}

/*
 * What a staged request still has to send from the window, and what the next
 * one will look at: the store may just have been asked for it.
 */
static uint64_t
needed_from(const struct doc *d)
{
	uint64_t keep = d->durable_v;
	struct list *node, *next;
	const struct request *req;

	LIST_EACH(&d->staged, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if ((req->is_op || req->kind == REQUEST_OPS) &&
		    req->from < keep)
			keep = req->from;
	}
	if (!list_empty(&d->waiting)) {
		req = LIST_ITEM(d->waiting.next, struct request, node);
		if (request_needs(req) < keep)
			keep = request_needs(req);
	}
	return keep;
}

void
doc_count_bytes(struct doc *d)
{
	size_t bytes;

	bytes = sizeof(*d) + d->window.bytes + doc_trim_shots(d) +
	    d->folded_len + (d->head.data != NULL ? d->head.type->data_size(d->head.data) : 0);
	d->hub->counts.hot_bytes += bytes - d->counted;
	d->counted = bytes;
}

void
doc_trim(struct doc *d)
{
	const struct hub_limits *limits = &d->hub->limits;

	if (d->question != ASK_OLDER && (d->window.n > limits->window_ops ||
	    d->window.bytes > limits->window_bytes))
		window_trim(&d->window, needed_from(d), limits->window_ops,
		    limits->window_bytes);
	doc_count_bytes(d);
}

/* ---- invariants ---- */

static void
must(bool holds, const char *what)
{
	if (!holds)
		bug(what);
}

void
doc_check(const struct doc *d)
{
	struct list *node, *next;
	const struct request *req;
	uint64_t v, last = d->durable_v;
	size_t n = 0;

	if (d->state != DOC_LOADING) {
		must(d->window.start <= d->durable_v, "window begins too late");
		must(d->durable_v <= d->head.v, "durable beyond the head");
		must(d->head.v == window_end(&d->window), "head is not the end");
	}
	must((d->head.type == NULL) == (d->head.data == NULL &&
	    d->folded == NULL), "type without data");
	must(d->head.data == NULL || d->folded == NULL, "data twice");
	for (v = d->window.start; v < window_end(&d->window); v++)
		must(window_at(&d->window, v)->op->v == v, "version out of place");
	must(!d->in_flight || (d->flight_v >= d->durable_v &&
	    d->flight_v <= d->head.v), "a parcel of nothing");
	must(d->state != DOC_BEHIND || d->question != ASK_NOTHING ||
	    !list_empty(&d->in_retry), "behind without a question");
	LIST_EACH(&d->staged, node, next) {
		req = LIST_ITEM(node, struct request, node);
		must(req->wait_v > d->durable_v, "staged and not released");
		must(req->wait_v >= last, "line out of order");
		last = req->wait_v;
		n++;
	}
	LIST_EACH(&d->waiting, node, next)
		n++;
	must(n == d->n_waiting, "requests miscounted");
	must(d->state != DOC_IDLE || (n == 0 && d->n_readers == 0),
	    "idle with company");
	n = 0;
	LIST_EACH(&d->readers, node, next)
		n++;
	must(n == d->n_readers, "readers miscounted");
}
