/*
 * Presence of a document: carried to its newest version, in its line.
 *
 * The rules are those of sharedb 7.0.0, lib/backend.js,
 * transformPresenceToLatestVersion, and lib/ot.js, transformPresence: a create
 * or a delete removes a presence from before; else it is the type's to move
 * it, and whose op it was.  What names a version above the head goes as it
 * is: its readers fetch.
 *
 * What is kept of others goes through the line too before it is told, here
 * and now: a client that is handed a presence from before an op that it has
 * cannot carry it there itself (lib/client/presence/remote-doc-presence.js
 * keeps no ops for it), and would wait for the next.
 */
#include "core/presence_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "ot/presence.h"
#include "proto/reply_presence.h"

void
presence_offer(struct doc *d, enum offer_kind kind, struct session *ss,
    struct incoming *in, const char *ch, struct said *said)
{
	struct request *req = request_new(d->hub, ss, REQUEST_PRESENCE, in);
	struct offer *o = mem_get(sizeof(*o));

	o->kind = kind;
	o->hub = d->hub;
	o->ch = mem_copy(ch, strlen(ch));
	o->said = *said;
	buf_init(&o->moved, SIZE_MAX);
	req->offer = o;
	doc_join(&d->whole, req);
}

void
presence_done(struct request *req)
{
	struct offer *o = req->offer;
	struct channel *ch = NULL;

	if (o->kind != OFFER_SAID && !o->is_over && !o->hub->presence.is_ending)
		ch = channel_find(o->hub, o->ch);
	if (ch != NULL && !channel_is_so(ch, &o->said))
		ch = NULL;
	if (ch != NULL && o->kind == OFFER_TOLD)
		channel_post(ch, NULL, &o->said);
	else if (ch != NULL && req->ss != NULL)
		channel_post(ch, req->ss, &o->said);
	free(o->ch);
	said_done(&o->said);
	buf_done(&o->moved);
	free(o);
}

void
presence_withdraw(struct session *ss, const char *ch)
{
	struct list *node, *next;
	struct request *req;

	LIST_EACH(&ss->requests, node, next) {
		req = LIST_ITEM(node, struct request, in_session);
		if (req->kind == REQUEST_PRESENCE &&
		    req->offer->kind == OFFER_SAID &&
		    strcmp(req->offer->ch, ch) == 0)
			req->offer->is_withdrawn = true;
	}
}

bool
offer_is_said(const struct offer *o)
{
	return o->kind == OFFER_SAID;
}

uint64_t
offer_needs(const struct offer *o)
{
	/* Where nobody is, nothing moves. */
	return said_is_gone(&o->said) ? JOB_NO_VERSION : o->said.v;
}

/* ---- staging ---- */

static int
carry_over(const struct said *said, struct buf *p, const struct op *op,
    struct ot_err *err)
{
	struct json_slice from, edit = { op->body, op->body_len, JSON_LIST };
	struct json_reader r;
	struct buf to = BUF_INIT;
	int rc;

	if (said->type == NULL)
		return ot_fail(err, OT_EUNKNOWN, "Unknown type");
	if (op->kind != OP_EDIT) {
		buf_reset(p);
		buf_puts(p, "null");
		return 0;
	}
	json_reader_init(&r, p->data, p->len, err);
	if ((rc = json_skip(&r, &from)) != 0)
		return rc;
	json_reader_init(&r, op->body, op->body_len, err);
	edit.kind = json_peek(&r);
	rc = ot_presence_transform(said->type, &from, &edit,
	    strcmp(op->src, said->src) == 0, &to, err);
	if (rc == 0 && buf_failed(&to))
		bug("no memory for a presence that was within its limit");
	if (rc == 0) {
		buf_done(p);
		*p = to;
	} else {
		buf_done(&to);
	}
	return rc;
}

static int
carry_to_head(const struct doc *d, const struct said *said, struct buf *p,
    struct ot_err *err)
{
	uint64_t v;
	int rc;

	buf_put(p, said->p.data, said->p.len);
	if (said_is_gone(said))
		return 0;
	for (v = said->v; v < d->head.v; v++)
		if ((rc = carry_over(said, p, window_at(&d->window, v)->op,
		    err)) != 0)
			return rc;
	return 0;
}

/* The said of an offer as it goes out; borrows the rest. */
static struct said
as_moved(const struct request *req)
{
	struct said s = req->offer->said;

	s.p = req->offer->moved;
	s.v = req->done_v;
	return s;
}

static void
refuse_transform(struct request *req, const struct ot_err *e)
{
	struct refusal r;

	if (e->code == OT_EUNKNOWN)
		refuse_ot(&r, e);
	else
		refuse(&r, ERR_PRESENCE_FAILED, "%s", e->text);
	request_refuse(req, &r);
}

bool
presence_is_ahead(const struct doc *d, const struct request *req)
{
	return req->offer->said.v > d->head.v;
}

bool
presence_stage(struct doc *d, struct request *req)
{
	struct offer *o = req->offer;
	struct said said;
	struct ot_err err;

	/* Who said it, or asked for it, has gone. */
	if (req->ss == NULL && o->kind != OFFER_TOLD)
		return true;
	if (offer_needs(o) < d->window.start) {
		doc_ask(d, ASK_OLDER, req);
		return false;
	}
	o->is_over = false;
	req->done_v = o->said.v > d->head.v ? o->said.v : d->head.v;
	buf_reset(&o->moved);
	if (carry_to_head(d, &o->said, &o->moved, &err) != 0) {
		o->is_over = true;
		refuse_transform(req, &err);
		return true;
	}
	if (o->kind == OFFER_SAID) {
		said = as_moved(req);
		req->answer = reply_presence(&said.head, said.p.data,
		    said.p.len, true, said.v);
	}
	return true;
}

/* ---- release ---- */

void
presence_release(struct doc *d, struct request *req)
{
	struct offer *o = req->offer;
	struct channel *ch;
	struct said said;

	if (req->is_refused || (req->ss == NULL && o->kind != OFFER_TOLD))
		return;
	o->is_over = true;
	said = as_moved(req);
	if (o->is_withdrawn)
		return;
	if (o->kind == OFFER_SAID) {
		presence_say(req->ss, o->ch, &said);
		return;
	}
	/* Said meanwhile, a later one has been told, or will be. */
	if ((ch = channel_find(d->hub, o->ch)) == NULL ||
	    !channel_is_so(ch, &o->said))
		return;
	channel_post(ch, o->kind == OFFER_ANSWER ? req->ss : NULL, &said);
	if (o->kind == OFFER_TOLD)
		presence_note_told(ch, &said);
}
