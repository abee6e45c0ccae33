/*
 * stage: from waiting to staged, one request.
 *
 * The order of a submit's checks is sharedb 7.0.0's, lib/submit-request.js.
 */
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/grant.h"
#include "core/history.h"
#include "core/may.h"
#include "core/project.h"
#include "core/session_in.h"
#include "proto/reply.h"

/* Stage with what is there; wait_v: when it may leave. */
static void
staged(struct doc *d, struct request *req)
{
	req->wait_v = d->head.v;
	list_remove(&req->node);
	list_push(&d->staged, &req->node);
}

/*
 * Others write to the same store: what is here may be old although nobody
 * said so.  A read that came after the last time we knew makes sure first; so does
 * a refusal.  (While the store is away: known.c.)
 */
static bool
is_fresh(struct doc *d, const struct request *req)
{
	if (!d->hub->limits.shared_store || d->shows_known)
		return true;
	if (d->fresh_stamp < req->stamp) {
		doc_ask(d, ASK_NEWER, req);
		return false;
	}
	/* Known to be behind, and a parcel is out: its verdict wakes us. */
	return d->heard_v <= d->head.v;
}

/*
 * Refused for what the document is; false: that has to be made sure of first,
 * since the author may have learnt from another process what is not known
 * here yet.
 */
static bool
staged_refused(struct doc *d, struct request *req, const struct refusal *r)
{
	if (!is_fresh(d, req))
		return false;
	d->hub->counts.ops_refused++;
	request_refuse(req, r);
	staged(d, req);
	return true;
}

static bool
staged_error(struct doc *d, struct request *req, enum err err)
{
	struct refusal r;

	refuse(&r, err, NULL);
	return staged_refused(d, req, &r);
}

static bool
staged_ot_error(struct doc *d, struct request *req, const struct ot_err *e)
{
	struct refusal r;

	refuse_ot(&r, e);
	return staged_refused(d, req, &r);
}

/* ---- reads ---- */

/* What is asked for cannot be shown. */
static bool
staged_unshown(struct doc *d, struct request *req, enum err err)
{
	struct refusal r;

	refuse(&r, err, NULL);
	request_refuse(req, &r);
	staged(d, req);
	return true;
}

static bool
stage_snapshot(struct doc *d, struct request *req)
{
	const struct buf *shot;
	enum err err;

	if (!is_fresh(d, req))
		return false;
	if ((err = view_shot(req->view, &shot)) != ERR_NONE)
		return staged_unshown(d, req, err);
	if (req->bulk != NULL)
		put_bulk_snapshot(&req->member, d->id, shot);
	else
		req->answer = reply_snapshot(&req->in->msg, shot);
	req->done_v = d->head.v;
	staged(d, req);
	return true;
}

static bool
stage_latest(struct doc *d, struct request *req)
{
	enum err err;

	if (!is_fresh(d, req))
		return false;
	doc_unfold(d);
	if ((err = history_reply(req->in, &d->head, &req->answer)) != ERR_NONE)
		return staged_unshown(d, req, err);
	req->done_v = d->head.v;
	staged(d, req);
	return true;
}

/* Can all ops from version from on be shown? */
static enum err
check_shown(const struct doc *d, const struct projection *p, uint64_t from)
{
	struct op *shown;
	enum err err;

	for (; p != NULL && from < d->head.v; from++) {
		err = project_op(p, window_at(&d->window, from)->op,
		    d->head.type, &shown);
		if (err != ERR_NONE)
			return err;
		op_unref(shown);
	}
	return ERR_NONE;
}

static bool
stage_ops(struct doc *d, struct request *req)
{
	enum err err;

	if (!is_fresh(d, req))
		return false;
	/*
	 * The store was put back to what it was before.  ShareDB says nothing
	 * then; who knows of epochs would rather be told.
	 */
	if (req->from > d->head.v && req->ss != NULL && req->ss->wants_epoch)
		return staged_unshown(d, req, ERR_NEWER);
	if (req->from < d->window.start) {
		doc_ask(d, ASK_OLDER, req);
		return false;
	}
	err = check_shown(d, req->view->projection, req->from);
	if (err != ERR_NONE)
		return staged_unshown(d, req, err);
	if (req->in != NULL)
		req->answer = reply_plain(&req->in->msg);
	req->done_v = d->head.v;
	staged(d, req);
	return true;
}

static void
stage_unsubscribe(struct doc *d, struct request *req)
{
	if (req->in != NULL)
		req->answer = reply_plain(&req->in->msg);
	staged(d, req);
}

/*
 * Not allowed.  The same words whether there is such a document or not, and
 * none where others of a query are looked at.
 */
static bool
staged_denied(struct doc *d, struct request *req)
{
	d->hub->counts.denied++;
	if (req->bulk != NULL && req->bulk->sub != NULL) {
		req->is_refused = true;
		staged(d, req);
		return true;
	}
	return staged_unshown(d, req, req->is_over ? ERR_TOKEN : ERR_DENIED);
}

static bool
stage_may(struct doc *d, struct request *req)
{
	if (req->sees && !is_fresh(d, req))
		return false;
	req->answer = may_reply(req->in, req->may,
	    req->sees ? &d->head : NULL);
	staged(d, req);
	return true;
}

/* Others answer, with nothing that is in line: it need not wait. */
static bool
stage_passed_on(struct doc *d, struct request *req)
{
	const struct request was = *req;

	req->in = NULL;
	doc_answer(d, req);
	if (was.kind == REQUEST_HISTORY)
		history_join(was.ss, was.in, d->must_recheck ||
		    d->is_rechecking);
	else
		presence_decided(was.ss, was.in, was.view, was.sees);
	return true;
}

/* ---- presence ---- */

static bool
stage_presence(struct doc *d, struct request *req)
{
	/* It was made elsewhere, upon what is not known here yet? */
	if (presence_is_ahead(d, req) && !is_fresh(d, req))
		return false;
	if (!presence_stage(d, req))
		return false;
	staged(d, req);
	return true;
}

/* ---- submits ---- */

static void
stage_ack(struct doc *d, struct request *req, uint64_t v)
{
	const struct op *op = req->op;

	req->answer = reply_ack(&req->in->msg, op->src, op->seq, v);
	req->done_v = v;
	staged(d, req);
}

/* It was submitted before: acknowledged again, not applied again. */
static void
stage_repeated(struct doc *d, struct request *req, uint64_t v)
{
	d->hub->counts.ops_repeated++;
	stage_ack(d, req, v);
}

static bool
is_same_op(const struct op *a, const struct op *b)
{
	return a->seq == b->seq && strcmp(a->src, b->src) == 0;
}

/* Is op among those from version from on? */
static bool
find_same(const struct doc *d, const struct op *op, uint64_t from,
    uint64_t *v_out)
{
	uint64_t v;

	for (v = from; v < d->head.v; v++)
		if (is_same_op(window_at(&d->window, v)->op, op)) {
			*v_out = v;
			return true;
		}
	return false;
}

enum step {
	STEP_ON,	/* nothing stands in the way */
	STEP_WAIT,	/* the store was asked */
	STEP_DONE,	/* it is staged */
};

/* Was it submitted before?  Then it is acknowledged again. */
static enum step
step_repeated(struct doc *d, struct request *req)
{
	uint64_t from = request_needs(req), v;

	if (from < d->window.start) {
		doc_ask(d, ASK_OLDER, req);
		return STEP_WAIT;
	}
	/* A create without a version may be any create there ever was. */
	if (from == JOB_NO_VERSION && req->op->kind == OP_CREATE)
		from = d->window.start;
	if (find_same(d, req->op, from, &v)) {
		stage_repeated(d, req, v);
		return STEP_DONE;
	}
	if (req->has_v || req->op->kind != OP_CREATE || d->window.start == 0)
		return STEP_ON;
	if (!req->asked_created) {
		doc_ask(d, ASK_CREATED, req);
		return STEP_WAIT;
	}
	if (req->created_v == JOB_NO_VERSION)
		return STEP_ON;
	stage_repeated(d, req, req->created_v);
	return STEP_DONE;
}

/*
 * Do the ops since let it through?  Seen before anything is transformed: what
 * lies before a create or a delete may be of another type than the head's.
 */
static int
find_clash(const struct doc *d, const struct op *op, struct ot_err *err)
{
	uint64_t v;
	int rc;

	for (v = op->v; v < d->head.v; v++) {
		if ((rc = op_clash(op, window_at(&d->window, v)->op, err)) != 0)
			return rc;
		/* sharedb transforms with the type of today, and there is none. */
		if (op->kind == OP_EDIT && d->head.type == NULL)
			return ot_fail(err, OT_ENODOC,
			    "Document does not exist");
	}
	return 0;
}

/* What is durable stays: over that no op is carried twice. */
static void
keep_carried(const struct doc *d, struct request *req, struct op *op)
{
	if (op->v != d->durable_v || op == req->carried)
		return;
	op_unref(req->carried);
	req->carried = op_ref(op);
}

/*
 * Carry its op from its version over everything since, one by one.  op_out is
 * at the head's version, counted.
 */
static int
carry_forward(struct doc *d, struct request *req, struct op **op_out,
    struct ot_err *err)
{
	const struct ot_type *type = d->head.type;
	struct op *cur, *next, *applied;
	int rc = 0;

	cur = op_ref(req->carried != NULL ? req->carried : req->op);
	while (cur->v < d->head.v) {
		applied = window_at(&d->window, cur->v)->op;
		if (cur->kind == OP_EDIT)
			rc = op_parse(applied, type, err);
		if (rc == 0)
			rc = op_transform(cur, applied, type, &next, err);
		op_unref(cur);
		if (rc != 0)
			return rc;
		cur = next;
		keep_carried(d, req, cur);
		d->hub->counts.ops_transformed++;
	}
	*op_out = cur;
	return 0;
}

static size_t
head_size(const struct doc *d)
{
	return d->head.data != NULL ?
	    d->head.type->data_size(d->head.data) : 0;
}

/* The op, at the head's version, becomes part of the head. */
static bool
stage_op(struct doc *d, struct request *req, struct op *op)
{
	struct op_undo undo;
	struct ot_err err;
	size_t before = head_size(d);

	if (op_apply(&d->head, op, &undo, &err) != 0) {
		op_unref(op);
		return staged_ot_error(d, req, &err);
	}
	if (head_size(d) > d->settings->document_bytes &&
	    head_size(d) > before) {
		op_unapply(&d->head, &undo);
		op_unref(op);
		return staged_error(d, req, ERR_DOC_LIMIT);
	}
	if (op->kind == OP_CREATE)
		doc_grants_made(d, op);
	d->is_edited |= op->kind == OP_EDIT;
	d->since_bytes += op->body_len;
	req->is_op = true;
	req->from = req->op->v;
	window_push(&d->window, op, &undo);
	stage_ack(d, req, op->v);
	return true;
}

/* Does every view let the op, carried to the head, through? */
static enum err
check_views(const struct doc *d, const struct request *req,
    const struct op *op)
{
	enum err err = project_check_op(req->view->projection, op);

	return err != ERR_NONE ? err : project_check_views(
	    d->hub->limits.catalog, d->collection, op);
}

/* Not seen before, its history at hand. */
static bool
stage_new(struct doc *d, struct request *req, const struct ot_err *parse_err)
{
	struct op *op = req->op, *carried;
	struct ot_err err;
	enum err hidden;

	if (!req->has_v) {
		if (op->kind == OP_CREATE && d->head.type != NULL)
			return staged_error(d, req, ERR_CREATED);
		op->v = d->head.v;
		req->has_v = req->v_filled = true;
	}
	switch (doc_admit_again(d, req)) {
	case ADMIT_WAIT:
		return false;
	case ADMIT_NO:
		return staged_denied(d, req);
	case ADMIT_YES:
		break;
	}
	if (parse_err->code != 0)
		return staged_ot_error(d, req, parse_err);
	if (carry_forward(d, req, &carried, &err) != 0)
		return staged_ot_error(d, req, &err);
	if ((hidden = check_views(d, req, carried)) != ERR_NONE) {
		op_unref(carried);
		return staged_error(d, req, hidden);
	}
	return stage_op(d, req, carried);
}

/*
 * It was read as an edit of a type that the document no longer has: what it
 * was staged upon has been taken back.  Read it anew, as it was sent.
 */
static void
read_again(struct request *req)
{
	const struct message *msg = &req->in->msg;
	struct op *op = op_new(OP_EDIT, req->op->v, req->op->src,
	    req->op->seq, msg->body.p, msg->body.len);

	if (op == NULL || (req->op->author != NULL &&
	    !op_set_author(op, req->op->author)))
		bug("no memory for an op that was there before");
	op_unref(req->op);
	op_unref(req->carried);
	req->op = op;
	req->carried = NULL;
}

/* Understand the op; and may there be documents of its type here? */
static int
parse(const struct doc *d, struct op *op, struct ot_err *err)
{
	int rc = op_parse(op, d->head.type, err);

	if (rc == 0 && op->kind == OP_CREATE &&
	    !collection_allows(d->settings, op->type))
		rc = ot_fail(err, OT_EUNKNOWN,
		    "Type %s is not allowed in this collection",
		    op->type->name);
	return rc;
}

static bool
stage_submit(struct doc *d, struct request *req)
{
	struct ot_err err, parse_err = { 0, "" };
	bool is_badly;

	doc_unfold(d);
	if (req->op->kind == OP_EDIT && req->op->type != NULL &&
	    req->op->type != d->head.type)
		read_again(req);
	if (parse(d, req->op, &err) != 0)
		parse_err = err;
	is_badly = parse_err.code == OT_EBADLY || parse_err.code == OT_EUNKNOWN;
	if (req->has_v && req->op->v > d->head.v)
		return is_badly ? staged_ot_error(d, req, &parse_err) :
		    staged_error(d, req, req->in->msg.is_strict ?
		    ERR_VERSION : ERR_NEWER);
	switch (step_repeated(d, req)) {
	case STEP_WAIT:
		return false;
	case STEP_DONE:
		return true;
	case STEP_ON:
		break;
	}
	/* As it was meant, or not at all; what the author was told is known. */
	if (req->in->msg.is_strict && req->op->v != d->head.v)
		return staged_error(d, req, ERR_VERSION);
	/*
	 * Before its form, which is looked at with the type of today: the
	 * document it was made for may have been another.  sharedb looks at
	 * the form first, for json0 alone.
	 */
	if (req->has_v && find_clash(d, req->op, &err) != 0)
		return staged_ot_error(d, req, &err);
	return stage_new(d, req, &parse_err);
}

bool
doc_stage(struct doc *d, struct request *req)
{
	/* Nobody wants to know any more. */
	if (req->ss == NULL && req->kind != REQUEST_SUBMIT &&
	    req->kind != REQUEST_PRESENCE) {
		staged(d, req);
		return true;
	}
	switch (doc_admit(d, req)) {
	case ADMIT_WAIT:
		return false;
	case ADMIT_NO:
		return staged_denied(d, req);
	case ADMIT_YES:
		break;
	}
	switch (req->kind) {
	case REQUEST_SUBMIT:
		return stage_submit(d, req);
	case REQUEST_SNAPSHOT:
		return stage_snapshot(d, req);
	case REQUEST_LATEST:
		return stage_latest(d, req);
	case REQUEST_OPS:
		return stage_ops(d, req);
	case REQUEST_UNSUBSCRIBE:
		stage_unsubscribe(d, req);
		return true;
	case REQUEST_PRESENCE:
		return stage_presence(d, req);
	case REQUEST_MAY:
		return stage_may(d, req);
	case REQUEST_HISTORY:
	case REQUEST_FOLLOW:
		return stage_passed_on(d, req);
	}
	return false;
}
