/*
 * known: what is shown while the store is away.
 *
 * 1. A read of a document makes sure first that nobody else has written to it
 *    (stage.c).  While the store is known to be away nobody can be asked:
 *    then what is known to be in the store is shown instead, as of durable_v,
 *    out of line, with no edit that waits.
 * 2. Not to who has asked for something of the document before and waits for
 *    it; who has heard of a later version; who wants history that is not here,
 *    or a right that has to be looked up: they wait.  Nor when the document
 *    was said to be further in the store than it is here.
 * 3. Edits that were staged are taken back for it, and no edit is staged until
 *    the store is back: none could be acknowledged earlier, and for the next
 *    reader it had to be taken back again.
 * 4. When it is back, documents that were shown so are compared with it, many
 *    in one question; readers get what they lack as if words had been lost.
 * 5. Who speaks for a client, as a call of REST, does not wait for a store
 *    that is away: it is refused, and its client may try again.
 */
#include "base/mem.h"
#include "core/doc.h"
#include "core/hear.h"
#include "core/may.h"
#include "core/session_in.h"

/* Comparing failed: once more after this. */
#define RETRY_MS	200

/* What a query has found is from the store, and fits nothing older. */
static bool
is_read(const struct request *req)
{
	return (req->kind == REQUEST_SNAPSHOT || req->kind == REQUEST_OPS) &&
	    (req->bulk == NULL ||
	    req->bulk->in->msg.action != ACTION_QUERY_SUBSCRIBE);
}

/* Of who does not wait, what has to. */
static bool
is_inside(const struct request *req)
{
	return req->ss != NULL && (req->ss->flags & HUB_INSIDE) != 0 &&
	    req->kind != REQUEST_UNSUBSCRIBE && req->kind != REQUEST_PRESENCE;
}

void
doc_known_joins(struct doc *d, const struct request *req)
{
	if (d->hub->store_is_away && (is_read(req) || is_inside(req)))
		d->must_show = true;
}

/* By what is known here of rights. */
static bool
is_allowed(const struct doc *d, const struct request *req)
{
	struct about about = about_view(req->view,
	    d->has_grants ? &d->grants : NULL);

	return !req->is_over && !d->must_recheck && !d->is_rechecking &&
	    may(d->hub, req->who, ACCESS_READ, &about) == ACCESS_YES;
}

/* The document as it is in the store, as far as that is known. */
static bool
is_known(const struct doc *d, const struct request *req)
{
	if (!is_read(req) || req->ss == NULL || d->state == DOC_LOADING ||
	    d->said_v > d->durable_v || !is_allowed(d, req))
		return false;
	return req->kind == REQUEST_SNAPSHOT ||
	    (req->from >= d->window.start && req->from <= d->durable_v);
}

/* Does its session wait for something else here? */
static bool
is_alone(const struct list *line, const struct request *req)
{
	struct list *node, *next;
	const struct request *other;

	LIST_EACH(line, node, next) {
		other = LIST_ITEM(node, struct request, node);
		if (other != req && other->ss == req->ss)
			return false;
	}
	return true;
}

bool
doc_is_known(const struct doc *d, const struct request *req)
{
	return d->hub->store_is_away && is_known(d, req) &&
	    is_alone(&d->staged, req) && is_alone(&d->waiting, req);
}

/* The first of its session in this line?  Asked of each in order. */
static bool
is_first(const struct request *req, uint64_t pass)
{
	if (req->ss == NULL || req->ss->line_pass == pass)
		return false;
	req->ss->line_pass = pass;
	return true;
}

/* Does somebody in this list want to be shown it, or not to wait? */
static bool
has_wish(const struct doc *d, const struct list *line, uint64_t pass)
{
	struct list *node, *next;
	const struct request *req;

	LIST_EACH(line, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if ((is_first(req, pass) && is_known(d, req)) ||
		    is_inside(req))
			return true;
	}
	return false;
}

static bool
is_wished(const struct doc *d)
{
	uint64_t pass = ++d->hub->line_passes;

	return has_wish(d, &d->staged, pass) ||
	    has_wish(d, &d->waiting, pass);
}

/* Nothing is staged. */
static void
show(struct doc *d)
{
	struct list *node, *next;
	struct request *req;
	uint64_t pass = ++d->hub->line_passes;

	d->shows_known = true;
	LIST_EACH(&d->waiting, node, next) {
		req = LIST_ITEM(node, struct request, node);
		if (is_first(req, pass) && is_known(d, req)) {
			d->was_shown = true;
			d->hub->counts.known_reads++;
			if (!doc_stage(d, req))
				bug("what is known was not shown");
		} else if (is_inside(req)) {
			doc_refuse(d, req, ERR_STORE_AWAY);
		}
	}
	d->shows_known = false;
	doc_release(d);
}

void
doc_show_known(struct doc *d)
{
	if (!d->must_show)
		return;
	/* Edits at the store come back soon, and this is done then. */
	if (d->in_flight && d->head.v > d->durable_v)
		return;
	d->must_show = false;
	if (!d->hub->store_is_away || !is_wished(d))
		return;
	if (d->head.v > d->durable_v)
		doc_rewind(d);
	show(d);
}

/* ---- the store goes, and comes back ---- */

static void
store_went(struct list *docs)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(docs, node, next) {
		d = LIST_ITEM(node, struct doc, place);
		d->must_show = d->n_waiting > 0;
		if (d->must_show)
			doc_wake(d);
	}
}

static void
compare(struct list *docs)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(docs, node, next) {
		d = LIST_ITEM(node, struct doc, place);
		if (d->was_shown)
			hear_doubt(d);
	}
}

static void
store_came(struct list *docs)
{
	struct list *node, *next;
	struct doc *d;

	compare(docs);
	LIST_EACH(docs, node, next) {
		d = LIST_ITEM(node, struct doc, place);
		if (d->n_waiting > 0)
			doc_wake(d);
	}
}

void
doc_not_compared(struct doc *d)
{
	d->was_shown = true;
	d->hub->compare_ms = d->hub->now_ms + RETRY_MS;
}

void
known_tick(struct hub *h)
{
	if (h->compare_ms == 0 || h->now_ms < h->compare_ms ||
	    h->store_is_away)
		return;
	h->compare_ms = 0;
	compare(&h->live);
	compare(&h->behind);
}

void
hub_store_away(struct hub *h, bool is_away)
{
	if (is_away == h->store_is_away || !h->limits.shared_store)
		return;
	h->store_is_away = is_away;
	if (is_away) {
		store_went(&h->loading);
		store_went(&h->live);
		store_went(&h->behind);
	} else {
		store_came(&h->live);
		store_came(&h->behind);
	}
}
