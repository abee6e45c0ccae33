/*
 * sync: a document and the truth.
 *
 * What the store answers, what others have written, and how the staged ops
 * find their place behind it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/content.h"
#include "core/doc.h"
#include "core/feed.h"
#include "core/grant.h"
#include "core/session_in.h"

/* Content up to so many bytes goes with the word of a change. */
#define WORD_CONTENT	16384

static uint64_t
max_v(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- asking ---- */

void
doc_ask(struct doc *d, enum doc_question q, const struct request *req)
{
	struct job *job;

	d->question = q;
	d->asker = req;
	d->asked_stamp = d->hub->stamp;
	doc_move(d, q == ASK_LOAD ? DOC_LOADING : DOC_BEHIND);
	switch (q) {
	case ASK_LOAD:
		d->hub->counts.loads++;
		job = job_new(JOB_LOAD, d);
		job->load.collection = d->collection;
		job->load.id = d->id;
		break;
	case ASK_OLDER:
	case ASK_NEWER:
		job = job_new(JOB_OPS, d);
		job->ops.collection = d->collection;
		job->ops.id = d->id;
		job->ops.from = d->durable_v;
		job->ops.to = JOB_NO_VERSION;
		if (q == ASK_NEWER) {
			/* The answer tells; words from now on count anew. */
			d->heard_v = 0;
		} else {
			job->ops.from = request_needs(req);
			job->ops.to = d->window.start;
		}
		break;
	case ASK_CREATED:
		job = job_new(JOB_CREATED, d);
		job->created.collection = d->collection;
		job->created.id = d->id;
		job->created.src = mem_copy(req->op->src,
		    strlen(req->op->src));
		job->created.seq = req->op->seq;
		break;
	case ASK_GRANTS:
		job = grants_job(d);
		break;
	case ASK_NOTHING:
	default:
		bug("nothing was asked");
	}
	hub_ask(d->hub, job);
}

static void
back_to_live(struct doc *d)
{
	d->question = ASK_NOTHING;
	doc_move(d, DOC_LIVE);
	doc_wake(d);
}

/* ---- loading ---- */

/* Forget the content; what was staged waits again. */
static void
content_drop(struct doc *d)
{
	doc_rewind(d);
	requests_carry_anew(&d->waiting);
	window_done(&d->window);
	snapshot_done(&d->head);
	doc_drop_folded(d);
	doc_forget_shots(d, 0);
	d->durable_v = 0;
	doc_drop_checkpoint(d);
}

/*
 * What is in memory cannot be brought to what the store has (history is
 * missing, or an op there does not apply): start from the store.  Readers
 * cannot be carried across; they come back by version.
 */
static void
doc_reload(struct doc *d)
{
	if (d->question != ASK_NOTHING) {
		d->must_reload = true;
		return;
	}
	LOG_LIMITED(LOG_WARN, "store", "\"%s/%s\" is out of step at version "
	    "%" PRIu64 ": loading it anew, %zu readers come back", d->collection,
	    d->id, d->durable_v, d->n_readers);
	/* One that reads by several names leaves with all of them. */
	while (!list_empty(&d->readers))
		session_close_for(LIST_ITEM(d->readers.next, struct reader,
		    in_doc)->ss, CLOSE_TRY_LATER, "out of step with the store");
	content_drop(d);
	feed_lost(d->hub, d->collection, d->id);
	doc_ask(d, ASK_LOAD, NULL);
}

/* The content as of a checkpoint. */
static int
load_checkpoint(struct doc *d, const struct job_load *load,
    struct ot_err *err)
{
	int rc = job_snapshot(load, &d->head, err);

	if (rc != 0)
		return rc;
	d->durable_v = load->snap_v;
	d->kept_v = d->handed_v = load->snap_v;
	d->since_bytes = 0;
	window_init(&d->window, load->snap_v);
	return 0;
}

/* One durable op of others, at the end of everything. */
static int
apply_durable(struct doc *d, struct op *op, struct ot_err *err)
{
	static const struct op_undo nothing = { OP_EDIT, NULL, NULL, NULL };
	int rc;

	if ((rc = op_parse(op, d->head.type, err)) != 0 ||
	    (rc = op_apply(&d->head, op, NULL, err)) != 0)
		return rc;
	d->since_bytes += op->body_len;
	window_push(&d->window, op_ref(op), &nothing);
	d->durable_v = d->head.v;
	return 0;
}

static int
load_content(struct doc *d, const struct job_load *load, struct ot_err *err)
{
	size_t i;
	int rc;

	if ((rc = load_checkpoint(d, load, err)) != 0)
		return rc;
	for (i = 0; i < load->ops.n; i++) {
		if ((rc = apply_durable(d, load->ops.ops[i], err)) != 0)
			return rc;
		/* One to be kept, and it was not found: it is missing. */
		doc_keep(d);
		doc_checkpoint(d);
		/* Not all of a long history at once. */
		window_trim(&d->window, d->durable_v,
		    d->hub->limits.window_ops, d->hub->limits.window_bytes);
	}
	/* What stands for others is for loads, and for no reader or author. */
	window_trim(&d->window, load->horizon, 0, 0);
	if (d->head.v != load->v)
		return ot_fail(err, OT_EVERSION,
		    "the log ends before the document's version");
	return 0;
}

/* Everybody in line gets the refusal. */
static void
refuse_line(struct doc *d, enum err err)
{
	while (!list_empty(&d->waiting))
		doc_refuse(d, LIST_ITEM(d->waiting.next, struct request,
		    node), err);
}

void
doc_loaded(struct doc *d, struct job *job)
{
	struct ot_err err;
	enum err failed = job->err;

	d->question = ASK_NOTHING;
	if (failed == ERR_NONE && load_content(d, &job->load, &err) != 0) {
		/* Nobody can use it until it is mended; err may quote it. */
		LOG_LIMITED(LOG_ERROR, "store", "cannot load \"%s/%s\": its "
		    "log cannot be applied at version %" PRIu64 " of %" PRIu64,
		    d->collection, d->id, d->head.v, job->load.v);
		failed = ERR_STORE_BROKEN;
	}
	if (failed != ERR_NONE) {
		content_drop(d);
		refuse_line(d, failed);
		doc_grants_lost(d);
		/* Not kept: the next request asks the store again. */
		hub_forget(d->hub, d);
		return;
	}
	d->fresh_stamp = max_v(d->fresh_stamp, d->asked_stamp);
	d->said_v = job->load.v;
	content_loaded(d, job);
	feed_loaded(d);
	back_to_live(d);
}

/* ---- catching up ---- */

void
doc_rewind(struct doc *d)
{
	struct window_slot slot;
	struct list *node, *next;

	if (d->in_flight)
		bug("staged ops were taken back while at the store");
	while (d->head.v > d->durable_v) {
		slot = window_pop(&d->window);
		op_unapply(&d->head, &slot.undo);
		op_unref(slot.op);
	}
	LIST_EACH(&d->staged, node, next)
		request_unstage(LIST_ITEM(node, struct request, node));
	list_splice(&d->staged, &d->waiting);
	list_splice(&d->waiting, &d->staged);
	list_remove(&d->in_dirty);
	doc_drop_checkpoint(d);
	doc_forget_shots(d, d->durable_v + 1);
	doc_grants_taken_back(d);
}

static void
hear_creates(struct doc *d, const struct op_list *ops, size_t from, size_t to)
{
	for (; from < to; from++)
		if (ops->ops[from]->kind == OP_CREATE)
			doc_grants_heard(d, ops->ops[from]);
}

/*
 * ops are durable, in a row, some of them new: put them under what is staged.
 * No parcel is out.
 */
static void
catch_up(struct doc *d, const struct op_list *ops)
{
	struct ot_err err;
	size_t i = 0, n;

	while (i < ops->n && ops->ops[i]->v < d->durable_v)
		i++;
	if (i == ops->n)
		return;
	if (ops->ops[i]->v > d->durable_v) {
		doc_reload(d);
		return;
	}
	doc_rewind(d);
	doc_unfold(d);
	d->is_edited = true;
	list_remove(&d->in_yield);	/* others had their turn */
	for (n = i; n < ops->n; n++)
		if (apply_durable(d, ops->ops[n], &err) != 0)
			break;
	hear_creates(d, ops, i, n);
	feed_head(d);
	for (; i < n; i++)
		doc_publish(d, ops->ops[i], NULL);
	feed_settled(d);
	if (n < ops->n)
		doc_reload(d);
	else
		doc_wake(d);
}

static void
answered_newer(struct doc *d, const struct job_ops *ops)
{
	d->heard_v = max_v(d->heard_v, ops->v);
	d->said_v = ops->v;
	d->fresh_stamp = max_v(d->fresh_stamp, d->asked_stamp);
	back_to_live(d);
	if (d->in_flight)
		return;		/* the parcel's verdict tells the rest */
	if (ops->v < ops->from) {
		doc_reload(d);	/* the store is behind what it was */
		return;
	}
	catch_up(d, &ops->ops);
	if (d->state != DOC_LOADING && d->durable_v < ops->v)
		doc_reload(d);	/* the store has no ops to lead there */
}

/* The one who asked is refused; it still waits, unless it is gone. */
static void
refuse_asker(struct doc *d, enum err err)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(&d->waiting, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (req == d->asker) {
			doc_refuse(d, req, err);
			return;
		}
	}
}

static void
answered_older(struct doc *d, const struct job_ops *ops)
{
	window_prepend(&d->window, &ops->ops);
	back_to_live(d);
	if (d->window.start > ops->from)
		refuse_asker(d, ERR_OPS_MISSING);
}

static void
answered_created(struct doc *d, const struct job_created *created)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(&d->waiting, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (req == d->asker) {
			req->asked_created = true;
			req->created_v = created->v;
		}
	}
	back_to_live(d);
}

/* The store could not answer. */
static void
answer_failed(struct doc *d, enum err err)
{
	if (d->question == ASK_NEWER) {
		/* Nothing may go on before this is known. */
		d->ask_failed = true;
		doc_retry_later(d);
		return;
	}
	if (d->question == ASK_GRANTS)
		doc_grants_failed(d);
	back_to_live(d);
	refuse_asker(d, err);
}

void
doc_answered(struct doc *d, struct job *job)
{
	if (d->must_reload) {
		d->must_reload = false;
		d->must_recheck |= d->is_rechecking;
		d->is_rechecking = false;
		d->question = ASK_NOTHING;
		doc_reload(d);
	} else if (job->err != ERR_NONE) {
		answer_failed(d, job->err);
	} else if (job->kind == JOB_CREATED) {
		answered_created(d, &job->created);
	} else if (job->kind == JOB_ROWS) {
		back_to_live(d);
		doc_grants_answered(d, job);
	} else if (d->question == ASK_OLDER) {
		answered_older(d, &job->ops);
	} else {
		answered_newer(d, &job->ops);
	}
}

/* ---- verdicts ---- */

/* Tell the other nodes; they check by version. */
static void
tell_others(struct doc *d, const struct parcel *p, uint64_t from, uint64_t to)
{
	struct word *w, *all;
	uint64_t v;

	if (!d->hub->limits.shared_store || !d->hub->limits.is_heard)
		return;
	w = word_new(WORD_OPS, d->collection, d->id);
	for (v = from; v < to; v++)
		op_list_add(&w->ops, op_ref(window_at(&d->window, v)->op));
	if (d->settings->queries) {
		all = word_for_collection(w);
		if (p->is_whole && p->len <= WORD_CONTENT)
			word_set_content(all, p->type_after, p->body, p->len);
		hub_say(d->hub, all);
	}
	hub_say(d->hub, w);
	doc_echo_later(d);
}

/* Those whose ops are durable now, and are told so in a moment. */
static void
authors_wait(struct doc *d)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(&d->staged, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (req->wait_v > d->durable_v)
			break;
		if (req->is_op && req->ss != NULL)
			session_acks(req->ss);
	}
}

static void
authors_told(struct hub *h)
{
	while (!list_empty(&h->acks))
		session_acked(LIST_ITEM(h->acks.next, struct session,
		    in_acks));
}

/* Its ops are durable: everybody is told. */
static void
ops_accepted(struct doc *d, const struct parcel *p)
{
	uint64_t v, from = d->durable_v;

	for (v = from; v < d->flight_v; v++)
		op_undo_done(&window_at(&d->window, v)->undo);
	d->durable_v = d->flight_v;
	tell_others(d, p, from, d->durable_v);
	authors_wait(d);
	if (p->is_whole)
		feed_content(d, d->durable_v, p->type_after, p->body, p->len);
	else
		feed_head(d);
	doc_release(d);
	feed_settled(d);
	authors_told(d->hub);
}

void
doc_accepted(struct doc *d, const struct parcel *p)
{
	d->in_flight = false;
	d->goes_alone = false;
	d->fresh_stamp = max_v(d->fresh_stamp, d->flight_stamp);
	if (p->ops.n > 0)
		ops_accepted(d, p);
	content_packed(d, p);
	if (p->ops.n > 0)
		doc_yield(d);
	doc_dirty(d);
	doc_wake(d);
}

void
doc_refused(struct doc *d, const struct parcel *p)
{
	d->in_flight = false;
	d->has_rival = true;
	d->hub->counts.parcels_refused++;
	d->heard_v = max_v(d->heard_v, p->head_v);
	d->said_v = max_v(d->said_v, p->head_v);
	if (p->head_v < p->base_v)
		doc_reload(d);	/* the store is behind what it was */
	else
		catch_up(d, &p->missed);
	/* Some of it may be ours, from a commit that nobody answered for. */
	doc_echo_later(d);
	if (d->state != DOC_LOADING)
		doc_rewind(d);		/* even if nothing was said of why */
	doc_wake(d);
}

/* The store will never take this parcel: its requests are refused. */
static void
refuse_submits(struct doc *d, enum err err)
{
	struct list *node, *next;
	struct request *req;

	doc_rewind(d);
	LIST_EACH(&d->waiting, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (req->kind != REQUEST_SUBMIT)
			continue;
		/* Refused, and yet perhaps there: then it has to be heard of. */
		if (req->unsure_v != JOB_NO_VERSION)
			d->heard_v = max_v(d->heard_v, d->durable_v + 1);
		doc_refuse(d, req, err);
	}
}

/* What was in the parcel may be in the store from durable_v on. */
static void
mark_unsure(struct doc *d)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(&d->staged, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (req->is_op && req->done_v < d->flight_v &&
		    req->unsure_v == JOB_NO_VERSION)
			req->unsure_v = d->durable_v;
	}
}

void
doc_failed(struct doc *d, enum err err)
{
	d->in_flight = false;
	switch (err) {
	case ERR_STORE_UNSURE:
		/*
		 * Offered again: if it is there it is refused, and its ops are
		 * found among what was missed.
		 */
		mark_unsure(d);
		doc_retry_later(d);
		break;
	case ERR_STORE_AWAY:
		doc_retry_later(d);
		break;
	default:
		/* One bad document must not stop the others of its batch. */
		if (d->goes_alone && d->content_wanted) {
			content_refused(d);	/* perhaps without */
		} else {
			if (d->goes_alone)
				refuse_submits(d, err);
			d->goes_alone = !d->goes_alone;
		}
		doc_dirty(d);
		break;
	}
	doc_wake(d);
}

/* ---- others ---- */

void
doc_hear(struct doc *d, const struct op_list *ops)
{
	uint64_t end;

	if (ops->n == 0)
		return;
	end = ops->ops[ops->n - 1]->v + 1;
	if (end <= d->durable_v)
		return;
	if (d->state == DOC_LOADING || d->in_flight ||
	    d->question == ASK_NEWER || d->question == ASK_OLDER ||
	    ops->ops[0]->v > d->durable_v) {
		if (ops->ops[0]->v > d->head.v)
			d->hub->counts.gaps++;
		doc_compare(d, end);
		return;
	}
	catch_up(d, ops);
	doc_rest(d);
}

void
doc_compare(struct doc *d, uint64_t v)
{
	d->said_v = max_v(d->said_v, v);
	if (v <= d->durable_v || v <= d->heard_v)
		return;
	d->heard_v = v;
	if (d->state == DOC_IDLE)
		doc_move(d, DOC_LIVE);
	if (d->state == DOC_LIVE)
		doc_wake(d);
}
