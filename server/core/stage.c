/*
 * stage: from waiting to staged, one request.
 *
 * The order of a submit's checks is sharedb 7.0.0's, lib/submit-request.js.
 */
#include <string.h>

#include "core/doc.h"
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

static void
staged_refused(struct doc *d, struct request *req, const struct refusal *r)
{
	d->hub->counts.ops_refused++;
	request_refuse(req, r);
	staged(d, req);
}

static void
staged_error(struct doc *d, struct request *req, enum err err)
{
	struct refusal r;

	refuse(&r, err, NULL);
	staged_refused(d, req, &r);
}

static void
staged_ot_error(struct doc *d, struct request *req, const struct ot_err *e)
{
	struct refusal r;

	refuse_ot(&r, e);
	staged_refused(d, req, &r);
}

/* ---- reads ---- */

/*
 * Others write to the same store: what is here may be old although nobody
 * said so.  A read that came after the last time we knew makes sure first.
 */
static bool
is_fresh(struct doc *d, const struct request *req)
{
	if (!d->hub->limits.shared_store)
		return true;
	if (d->fresh_stamp < req->stamp) {
		doc_ask(d, ASK_NEWER, req);
		return false;
	}
	/* Known to be behind, and a parcel is out: its verdict wakes us. */
	return d->heard_v <= d->head.v;
}

static bool
stage_snapshot(struct doc *d, struct request *req)
{
	const struct buf *shot;

	if (!is_fresh(d, req))
		return false;
	if (req->ss != NULL) {
		shot = doc_shot(d);
		if (req->bulk != NULL)
			put_bulk_snapshot(&req->member, d->id, shot);
		else
			req->answer = reply_snapshot(&req->in->msg, shot);
	}
	req->done_v = d->head.v;
	staged(d, req);
	return true;
}

static bool
stage_ops(struct doc *d, struct request *req)
{
	if (!is_fresh(d, req))
		return false;
	if (req->from < d->window.start) {
		doc_ask(d, ASK_OLDER, req);
		return false;
	}
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

/*
 * Without a version the current one is meant; but a create of a document
 * that is there may be a create sent again.  False: the store is asked.
 */
static bool
resolve_version(struct doc *d, struct request *req, bool *is_done_out)
{
	uint64_t v;

	*is_done_out = false;
	if (req->has_v)
		return true;
	if (req->op->kind != OP_CREATE || d->head.type == NULL) {
		req->op->v = d->head.v;
		req->has_v = true;
		return true;
	}
	*is_done_out = true;
	for (v = d->window.start; v < window_end(&d->window); v++)
		if (window_at(&d->window, v)->op->kind == OP_CREATE &&
		    is_same_op(window_at(&d->window, v)->op, req->op)) {
			stage_repeated(d, req, v);
			return true;
		}
	if (d->window.start > 0 && !req->asked_created) {
		doc_ask(d, ASK_CREATED, req);
		return false;
	}
	if (d->window.start > 0 && req->created_v != JOB_NO_VERSION)
		stage_repeated(d, req, req->created_v);
	else
		staged_error(d, req, ERR_CREATED);
	return true;
}

/* op against one that it cannot even be parsed for: what would have come. */
static int
clash(const struct op *op, const struct op *applied,
    const struct ot_err *parse_err, struct ot_err *err)
{
	struct op *unused;

	if (applied->kind != OP_EDIT || op->kind != OP_EDIT)
		return op_transform(op, applied, NULL, &unused, err);
	*err = *parse_err;
	return err->code;
}

enum forward {
	FORWARD_OK,		/* op_out is at the head's version, counted */
	FORWARD_REPEATED,	/* met itself at version *v_out */
	FORWARD_REFUSED,	/* err says why */
};

/* Carry op from its version over everything since, one by one. */
static enum forward
carry_forward(struct doc *d, struct op *op, const struct ot_err *parse_err,
    struct op **op_out, uint64_t *v_out, struct ot_err *err)
{
	const struct ot_type *type = d->head.type;
	struct op *cur = op_ref(op), *next, *applied;
	int rc;

	while (cur->v < d->head.v) {
		applied = window_at(&d->window, cur->v)->op;
		if (is_same_op(cur, applied)) {
			*v_out = cur->v;
			op_unref(cur);
			return FORWARD_REPEATED;
		}
		if (parse_err->code != 0)
			rc = clash(cur, applied, parse_err, err);
		else if (cur->kind == OP_EDIT && applied->kind == OP_EDIT &&
		    (rc = op_parse(applied, type, err)) != 0)
			;
		else
			rc = op_transform(cur, applied, type, &next, err);
		if (rc != 0) {
			op_unref(cur);
			return FORWARD_REFUSED;
		}
		op_unref(cur);
		cur = next;
		d->hub->counts.ops_transformed++;
	}
	if (parse_err->code != 0) {
		*err = *parse_err;
		op_unref(cur);
		return FORWARD_REFUSED;
	}
	*op_out = cur;
	return FORWARD_OK;
}

static size_t
head_size(const struct doc *d)
{
	return d->head.data != NULL ?
	    d->head.type->data_size(d->head.data) : 0;
}

/* The op, at the head's version, becomes part of the head. */
static void
stage_op(struct doc *d, struct request *req, struct op *op)
{
	struct op_undo undo;
	struct ot_err err;
	size_t before = head_size(d);

	if (op_apply(&d->head, op, &undo, &err) != 0) {
		staged_ot_error(d, req, &err);
		op_unref(op);
		return;
	}
	if (head_size(d) > d->hub->limits.document_bytes &&
	    head_size(d) > before) {
		op_unapply(&d->head, &undo);
		staged_error(d, req, ERR_DOC_LIMIT);
		op_unref(op);
		return;
	}
	d->since_bytes += op->body_len;
	req->is_op = true;
	req->from = req->op->v;
	window_push(&d->window, op, &undo);
	stage_ack(d, req, op->v);
}

static bool
stage_submit(struct doc *d, struct request *req)
{
	struct ot_err err, parse_err = { 0, "" };
	struct op *op = req->op, *carried;
	uint64_t v;
	bool is_done;

	if (op_parse(op, d->head.type, &err) != 0)
		parse_err = err;
	if (parse_err.code == OT_EBADLY || parse_err.code == OT_EUNKNOWN) {
		staged_ot_error(d, req, &parse_err);
		return true;
	}
	if (!resolve_version(d, req, &is_done))
		return false;
	if (is_done)
		return true;
	if (op->v > d->head.v) {
		staged_error(d, req, ERR_NEWER);
		return true;
	}
	if (op->v < d->window.start) {
		doc_ask(d, ASK_OLDER, req);
		return false;
	}
	switch (carry_forward(d, op, &parse_err, &carried, &v, &err)) {
	case FORWARD_OK:
		stage_op(d, req, carried);
		break;
	case FORWARD_REPEATED:
		stage_repeated(d, req, v);
		break;
	case FORWARD_REFUSED:
		staged_ot_error(d, req, &err);
		break;
	}
	return true;
}

bool
doc_stage(struct doc *d, struct request *req)
{
	switch (req->kind) {
	case REQUEST_SUBMIT:
		return stage_submit(d, req);
	case REQUEST_SNAPSHOT:
		return stage_snapshot(d, req);
	case REQUEST_OPS:
		return stage_ops(d, req);
	case REQUEST_UNSUBSCRIBE:
		stage_unsubscribe(d, req);
		return true;
	}
	return false;
}
