#include "core/grant.h"

#include <string.h>

#include "core/doc.h"
#include "core/may.h"
#include "core/presence_in.h"
#include "core/session_in.h"

/* ---- asking the rules ---- */

static enum access_verdict
verdict(const struct view *w, const struct principal *who,
    enum access_action action, const struct grants *grants)
{
	struct about about = about_view(w, grants);

	return may(w->doc->hub, who, action, &about);
}

static const struct grants *
known(const struct doc *d)
{
	return d->has_grants ? &d->grants : NULL;
}

/* The store does not know of the newest create yet. */
static bool
is_ahead(const struct doc *d)
{
	return d->created_v > d->durable_v;
}

/* And that voids what it knows. */
static bool
is_anew(const struct doc *d)
{
	return is_ahead(d) && d->created_v > 1;
}

/* Point 1: a refusal is by grants as they were when the request was here. */
static enum admission
decide(struct doc *d, struct request *req, enum access_action action)
{
	enum access_verdict v = verdict(req->view, req->who, action, known(d));

	if (v == ACCESS_YES) {
		if (d->has_grants && req->ss != NULL)
			may_until(req->ss, &d->grants);
		return ADMIT_YES;
	}
	if (v == ACCESS_NO && (!d->has_grants || is_anew(d) ||
	    d->grants_stamp >= req->stamp ||
	    verdict(req->view, req->who, action, NULL) == ACCESS_NO))
		return ADMIT_NO;
	doc_ask(d, ASK_GRANTS, req);
	return ADMIT_WAIT;
}

static enum access_action
submit_action(const struct op *op)
{
	return op->kind == OP_CREATE ? ACCESS_CREATE :
	    op->kind == OP_DELETE ? ACCESS_DELETE : ACCESS_EDIT;
}

/* Its author sees what came before it only if it may read. */
static enum admission
admit_submit(struct doc *d, struct request *req)
{
	enum admission a = decide(d, req, submit_action(req->op));

	if (a != ADMIT_YES)
		return a;
	a = decide(d, req, ACCESS_READ);
	req->sees = a == ADMIT_YES;
	return a == ADMIT_WAIT ? a : ADMIT_YES;
}

/* Any answer is one: only whether it may is asked. */
static enum admission
admit_question(struct doc *d, struct request *req)
{
	enum admission a;
	int action;

	req->may = 0;
	for (action = 0; action < ACCESS_ACTIONS; action++) {
		if ((a = decide(d, req, (enum access_action)action)) ==
		    ADMIT_WAIT)
			return a;
		req->may |= (unsigned)(a == ADMIT_YES) << action;
	}
	req->sees = (req->may & 1u << ACCESS_READ) != 0;
	return ADMIT_YES;
}

static enum admission
admit_follower(struct doc *d, struct request *req)
{
	enum admission a = decide(d, req, ACCESS_PRESENCE);

	req->sees = a == ADMIT_YES;
	return a == ADMIT_WAIT ? a : ADMIT_YES;
}

enum admission
doc_admit(struct doc *d, struct request *req)
{
	/* What may be in the store is looked for there first. */
	bool is_known = req->kind != REQUEST_SUBMIT ||
	    req->unsure_v == JOB_NO_VERSION;

	if (req->is_over && is_known)
		return ADMIT_NO;
	req->sees = true;
	if (d->hub->access == NULL) {
		req->may = (1u << ACCESS_ACTIONS) - 1;
		return ADMIT_YES;
	}
	switch (req->kind) {
	case REQUEST_SUBMIT:
		req->sees = is_known;
		return is_known ? admit_submit(d, req) : ADMIT_YES;
	case REQUEST_SNAPSHOT:
	case REQUEST_OPS:
		return decide(d, req, ACCESS_READ);
	case REQUEST_LATEST:
	case REQUEST_HISTORY:
		return decide(d, req, ACCESS_HISTORY);
	case REQUEST_FOLLOW:
		return admit_follower(d, req);
	case REQUEST_MAY:
		return admit_question(d, req);
	case REQUEST_PRESENCE:
		return offer_is_said(req->offer) ?
		    decide(d, req, ACCESS_PRESENCE) : ADMIT_YES;
	case REQUEST_UNSUBSCRIBE:
		break;
	}
	return ADMIT_YES;
}

enum admission
doc_admit_again(struct doc *d, struct request *req)
{
	if (req->unsure_v == JOB_NO_VERSION)
		return ADMIT_YES;
	if (req->is_over)
		return ADMIT_NO;
	return d->hub->access == NULL ? ADMIT_YES : admit_submit(d, req);
}

/* ---- who is here ---- */

/* Asked for anew, would this be shown? */
static void
recheck_request(struct request *req, const struct grants *grants)
{
	enum access_action action = req->kind == REQUEST_LATEST ?
	    ACCESS_HISTORY : ACCESS_READ;

	if (req->ss == NULL || !req->sees || req->is_refused ||
	    verdict(req->view, req->ss->who, action, grants) == ACCESS_YES)
		return;
	req->sees = false;
	if (req->kind == REQUEST_SNAPSHOT || req->kind == REQUEST_OPS ||
	    req->kind == REQUEST_LATEST || req->kind == REQUEST_MAY)
		session_deny(req->ss);
}

static void
recheck_staged(struct doc *d, const struct grants *grants)
{
	struct list *node, *next;

	LIST_EACH(&d->staged, node, next)
		recheck_request(LIST_ITEM(node, struct request, node), grants);
}

static void
recheck_followers(struct doc *d, const struct grants *grants)
{
	struct list *node, *next;
	struct follower *f;
	struct about about;

	LIST_EACH(&d->hub->presence.about, node, next) {
		f = LIST_ITEM(node, struct follower, in_about);
		if (strcmp(f->d, d->id) != 0 ||
		    strcmp(f->c, d->collection) != 0)
			continue;
		about = (struct about){ f->c, f->by, f->d, grants };
		if (may(d->hub, f->ss->who, ACCESS_PRESENCE, &about) !=
		    ACCESS_YES)
			session_deny(f->ss);
		else
			may_until(f->ss, grants);
	}
}

/* Those whose own presence others see here. */
static void
recheck_present(struct doc *d, const struct grants *grants)
{
	struct list *node, *next, *inner, *after;
	struct session *ss;
	struct presence *p;

	LIST_EACH(&d->hub->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		LIST_EACH(&ss->presence.own, inner, after) {
			p = LIST_ITEM(inner, struct presence, in_session);
			if (p->said.c != NULL &&
			    strcmp(p->said.d, d->id) == 0 &&
			    strcmp(p->said.c, d->collection) == 0 &&
			    verdict(&d->whole, ss->who, ACCESS_PRESENCE,
			    grants) != ACCESS_YES)
				session_deny(ss);
		}
	}
}

/* By these grants: nobody stays who might not come. */
static void
recheck(struct doc *d, const struct grants *grants)
{
	struct list *node, *next;
	struct reader *rd;

	LIST_EACH(&d->readers, node, next) {
		rd = LIST_ITEM(node, struct reader, in_doc);
		if (verdict(rd->view, rd->ss->who, ACCESS_READ, grants) ==
		    ACCESS_YES)
			may_until(rd->ss, grants);
		else
			session_deny(rd->ss);
	}
	recheck_staged(d, grants);
	recheck_followers(d, grants);
	recheck_present(d, grants);
	recheck_close(d->hub);
}

static const struct grants nothing;

/* What hub_regrant began; a change since then begins it anew. */
static void
recheck_over(struct doc *d, const struct grants *grants)
{
	d->is_rechecking = false;
	if (!d->must_recheck)
		list_remove(&d->in_regrant);
	owed_recheck(d, grants);
	recheck(d, grants);
}

/* ---- what becomes of grants ---- */

void
doc_grants_drop(struct doc *d)
{
	grants_done(&d->grants);
	d->has_grants = false;
	d->created_v = 0;
}

void
doc_grants_made(struct doc *d, const struct op *op)
{
	if (d->hub->access == NULL)
		return;
	d->created_v = op->v + 1;
	if (is_anew(d)) {
		grants_done(&d->grants);
		d->has_grants = true;
		d->grants_stamp = d->hub->stamp;
	}
	if (d->has_grants && op->author != NULL)
		grants_add(&d->grants, op->author, ROLE_OWNER, 0);
	if (is_anew(d))
		recheck(d, &d->grants);
}

void
doc_grants_taken_back(struct doc *d)
{
	if (is_ahead(d))
		doc_grants_drop(d);
}

void
doc_grants_heard(struct doc *d, const struct op *op)
{
	if (d->hub->access == NULL)
		return;
	doc_grants_drop(d);
	if (op->v > 0)
		recheck(d, &nothing);
	else if (d->n_readers > 0)
		doc_regrant(d);
}

void
doc_regrant(struct doc *d)
{
	d->must_recheck = true;
	if (list_empty(&d->in_regrant))
		list_push(&d->hub->regranting, &d->in_regrant);
	if (d->state == DOC_IDLE)
		doc_move(d, DOC_LIVE);
	doc_wake(d);
}

void
doc_regrant_now(struct doc *d)
{
	if (!d->must_recheck || is_anew(d) || d->state != DOC_LIVE)
		return;
	d->must_recheck = false;
	if (d->hub->access == NULL) {
		recheck_over(d, &nothing);	/* anything goes */
		return;
	}
	d->is_rechecking = true;
	doc_ask(d, ASK_GRANTS, NULL);
}

struct job *
grants_job(struct doc *d)
{
	return rows_new(ROWS_GRANTS_OF, NULL, d, d->collection, d->id);
}

void
doc_grants_answered(struct doc *d, const struct job *job)
{
	const char *subject, *name;
	int role;
	uint64_t created_v = d->created_v;
	size_t i;

	doc_grants_drop(d);
	d->created_v = created_v;
	for (i = 0; i < job->rows.n_rows; i++) {
		subject = rows_cell(job, i, 0);
		name = rows_cell(job, i, 1);
		role = name != NULL ? access_role_named(name) : -1;
		if (subject != NULL && role >= 0)
			grants_add(&d->grants, subject,
			    (enum access_role)role, rows_number(job, i, 2, 0));
	}
	if (is_ahead(d)) {
		subject = window_at(&d->window, created_v - 1)->op->author;
		if (subject != NULL)
			grants_add(&d->grants, subject, ROLE_OWNER, 0);
	}
	d->has_grants = true;
	d->grants_stamp = d->asked_stamp;
	if (d->is_rechecking)
		recheck_over(d, &d->grants);
}

/* Point 4. */
void
doc_grants_failed(struct doc *d)
{
	doc_grants_drop(d);
	if (d->is_rechecking)
		recheck_over(d, &nothing);
}

void
doc_grants_lost(struct doc *d)
{
	if (d->must_recheck || d->is_rechecking) {
		d->must_recheck = false;
		recheck_over(d, &nothing);
	}
}
