/*
 * witness: what was promised, looked at from outside.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json_value.h"
#include "tests/sim/heard.h"
#include "tests/sim/mate.h"
#include "tests/sim/watcher.h"
#include "tests/sim/world.h"

/* ---- while it runs: nobody is told of what the store does not have ---- */

static void
must_be_stored(struct world *w, const struct conn *c, const struct frame *f,
    const struct heard *h)
{
	const struct pretend_doc *d = pretend_find(&w->store, "c", h->d);
	const struct op *op;

	if (d == NULL || h->v >= d->v)
		violation(w, "node %u: told before it is stored: %.*s",
		    c->at->number, (int)frame_payload_len(f),
		    frame_payload(f));
	op = d->log[h->v];
	if (op->seq != h->seq || strcmp(op->src, h->src) != 0)
		violation(w, "node %u: another op is stored at %llu, by "
		    "%s:%llu: %.*s", c->at->number, (unsigned long long)h->v,
		    op->src, (unsigned long long)op->seq,
		    (int)frame_payload_len(f), frame_payload(f));
}

static void
snapshot_must_be_stored(struct world *w, const struct conn *c,
    const char *id, const struct json_slice *data)
{
	struct heard_snapshot s;

	heard_snapshot_read(data, &s);
	if (!s.is_error && s.v > pretend_version(&w->store, "c", id))
		violation(w, "node %u: shows %s at %llu before it is stored",
		    c->at->number, id, (unsigned long long)s.v);
}

static bool
is_same_json(const struct buf *a, const struct buf *b)
{
	struct json *x, *y;
	struct ot_err err;
	bool is_same;

	if (json_parse(a->data, a->len, 0, &x, &err) != 0 ||
	    json_parse(b->data, b->len, 0, &y, &err) != 0)
		bug("content is not JSON");
	is_same = json_deep_equal(x, y);
	json_unref(x);
	json_unref(y);
	return is_same;
}

static void
model_print(const struct pretend_doc *d, struct buf *b)
{
	struct client_doc cd = { .seen = { 0, NULL, NULL } };

	if (d != NULL)
		cd.seen = d->head;
	client_doc_print(&cd, b);
}

/* A document as it was is what the log made, then. */
static void
history_must_be_true(struct world *w, const struct conn *c,
    const struct frame *f, const struct heard *h)
{
	uint64_t asked = (h->id - 1) / 16;
	unsigned doc = (unsigned)((h->id - 1) / 2 % 8);
	bool or_newer = (h->id - 1) % 2;
	const struct json_slice whole = { frame_payload(f),
	    frame_payload_len(f), JSON_OBJECT };
	struct client_doc shown = { .seen = { 0, NULL, NULL } }, was = shown;
	struct buf a = BUF_INIT, b = BUF_INIT;
	const struct pretend_doc *d;
	struct heard_snapshot s;
	struct ot_err err;
	char id[8];

	if (h->is_error) {
		if (strcmp(h->code, "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT")
		    == 0 || (strcmp(h->code, "ERR_OTD_HISTORY_NOT_KEPT") == 0 &&
		    !w->forgets))
			violation(w, "node %u: refuses what there is: %.*s",
			    c->at->number, (int)whole.len, whole.p);
		return;
	}
	heard_snapshot_read(&whole, &s);
	snprintf(id, sizeof(id), "d%u", doc);
	d = pretend_find(&w->store, "c", id);
	if (or_newer ? s.v < asked || s.v > (d != NULL ? d->v : 0) :
	    s.v != asked)
		violation(w, "node %u: asked for %s at %llu, shows %llu",
		    c->at->number, id, (unsigned long long)asked,
		    (unsigned long long)s.v);
	if (s.is_there) {
		shown.seen.type = ot_type_find(s.type);
		if (shown.seen.type->load(s.data.p, s.data.len,
		    &shown.seen.data, &err) != 0)
			violation(w, "node %u: %s cannot be read",
			    c->at->number, id);
	}
	if (d != NULL)
		pretend_replay(&w->store, d, s.v, &was.seen);
	client_doc_print(&shown, &a);
	client_doc_print(&was, &b);
	/* Below the horizon it may have been read before that moved there. */
	if ((d == NULL || s.v >= d->horizon) && !is_same_json(&a, &b))
		violation(w, "node %u: shows %s at %llu as %.*s, it was %.*s",
		    c->at->number, id, (unsigned long long)s.v, (int)a.len,
		    a.data, (int)b.len, b.data);
	snapshot_done(&shown.seen);
	snapshot_done(&was.seen);
	buf_done(&a);
	buf_done(&b);
}

void
witness_frame(struct world *w, const struct conn *c, const struct frame *f)
{
	struct heard h;
	struct json_reader r;
	struct json_slice key, value;
	struct ot_err err;
	char id[16];

	w->told++;
	rights_witness(w, c, f);
	heard_read(frame_payload(f), frame_payload_len(f), &h);
	if (h.a[0] == 'n' && c->is_guests)
		return;		/* its questions bear no numbers */
	if (h.a[0] == 'n') {
		history_must_be_true(w, c, f, &h);
		return;
	}
	if (h.is_error)
		return;
	if (strcmp(h.a, "op") == 0) {
		must_be_stored(w, c, f, &h);
	} else if (h.data.kind == JSON_OBJECT && h.a[0] == 'b') {
		json_reader_init(&r, h.data.p, h.data.len, &err);
		if (json_enter(&r, JSON_OBJECT) != 0)
			return;
		while (json_next_member(&r, &key) > 0 &&
		    json_skip(&r, &value) == 0) {
			slice_string(&key, id, sizeof(id));
			snapshot_must_be_stored(w, c, id, &value);
		}
	} else if (h.data.kind == JSON_OBJECT) {
		snapshot_must_be_stored(w, c, h.d, &h.data);
	}
}

/* ---- at the end ---- */

static void
check_client_doc(struct world *w, const struct client_doc *cd)
{
	const struct pretend_doc *d = pretend_find(&w->store, "c", cd->id);
	struct buf seen = BUF_INIT, stored = BUF_INIT;

	if (cd->v != (d != NULL ? d->v : 0))
		violation(w, "%s %s: ends at %llu, the store at %llu",
		    cd->client->src, cd->id, (unsigned long long)cd->v,
		    (unsigned long long)(d != NULL ? d->v : 0));
	client_doc_print(cd, &seen);
	model_print(d, &stored);
	if (!is_same_json(&seen, &stored))
		violation(w, "%s %s: sees %.*s, the store has %.*s",
		    cd->client->src, cd->id, (int)seen.len, seen.data,
		    (int)stored.len, stored.data);
	buf_done(&seen);
	buf_done(&stored);
}

/* What a node shows somebody new. */
static void
check_fetch(struct world *w, struct node *n, const char *id)
{
	const struct pretend_doc *d = pretend_find(&w->store, "c", id);
	struct client_doc cd = { .has_v = false };
	struct session *ss = hub_open(n->hub, NULL, "fresh",
	    rights_principal(w, &w->clients[0]), 0);
	struct buf shown = BUF_INIT, stored = BUF_INIT;
	struct heard_snapshot s;
	struct heard h;
	struct frame *f = session_shift(ss);
	struct ot_err err;
	char text[64];

	frame_unref(f);
	snprintf(text, sizeof(text), "{\"a\":\"f\",\"c\":\"c\",\"d\":\"%s\"}",
	    id);
	hub_receive(n->hub, ss, text, strlen(text));
	while (session_peek(ss) == NULL) {
		struct session *ready;
		struct job *job;

		hub_work(n->hub);
		while ((job = hub_next_job(n->hub)) != NULL) {
			pretend_do(&w->store, job);
			hub_finish(n->hub, job);
		}
		while ((ready = hub_next_ready(n->hub)) != NULL)
			;
	}
	f = session_shift(ss);
	heard_read(frame_payload(f), frame_payload_len(f), &h);
	heard_snapshot_read(&h.data, &s);
	if (s.v != (d != NULL ? d->v : 0))
		violation(w, "node %u: shows %s at %llu", n->number, id,
		    (unsigned long long)s.v);
	if (s.is_there) {
		cd.seen.type = s.type[0] == '\0' ? &ot_type_json0 :
		    ot_type_find(s.type);
		if (cd.seen.type->load(s.data.p, s.data.len, &cd.seen.data,
		    &err) != 0)
			violation(w, "node %u: %s cannot be read", n->number,
			    id);
	}
	client_doc_print(&cd, &shown);
	model_print(d, &stored);
	if (!is_same_json(&shown, &stored))
		violation(w, "node %u: shows %s as %.*s, the store has %.*s",
		    n->number, id, (int)shown.len, shown.data,
		    (int)stored.len, stored.data);
	snapshot_done(&cd.seen);
	buf_done(&shown);
	buf_done(&stored);
	frame_unref(f);
	hub_leave(n->hub, ss);
}

/* Every op in the log was sent; count how often. */
static void
check_log(struct world *w, const struct pretend_doc *d, unsigned doc)
{
	const struct client *c;
	const struct op *op;
	uint64_t v;

	for (v = 0; v < d->v; v++) {
		op = d->log[v];
		if (op->v != v)
			violation(w, "%s: op %llu says %llu", d->id,
			    (unsigned long long)v, (unsigned long long)op->v);
		if (op->src[0] == 'r') {
			if (op->seq > w->rival_seq)
				violation(w, "%s: %llu: no rival wrote this",
				    d->id, (unsigned long long)v);
			continue;
		}
		c = &w->clients[op->src[1] - '0'];
		if (op->seq == 0 || op->seq > c->n_ops ||
		    c->ops[op->seq - 1].doc != doc)
			violation(w, "%s: %llu: nobody sent this", d->id,
			    (unsigned long long)v);
		if (c->ops[op->seq - 1].is_refused)
			violation(w, "%s: %llu: %s:%llu was refused", d->id,
			    (unsigned long long)v, op->src,
			    (unsigned long long)op->seq);
	}
}

static void
check_acks(struct world *w, const struct client *c)
{
	const struct pretend_doc *d;
	const struct client_op *o;
	uint64_t seq;

	for (seq = 1; seq <= c->n_ops; seq++) {
		o = &c->ops[seq - 1];
		if (!o->is_acked)
			continue;
		d = pretend_find(&w->store, "c", c->docs[o->doc].id);
		if (d == NULL || o->v >= d->v || d->log[o->v]->seq != seq ||
		    strcmp(d->log[o->v]->src, c->src) != 0)
			violation(w, "%s:%llu was acknowledged at %llu, and "
			    "is not there", c->src, (unsigned long long)seq,
			    (unsigned long long)o->v);
	}
}

void
witness_end(struct world *w)
{
	const struct pretend_doc *d;
	struct client *c;
	struct node *n;
	unsigned i;

	for (n = w->nodes; n < w->nodes + w->n_nodes; n++)
		if (!hub_is_quiet(n->hub))
			violation(w, "node %u is not quiet", n->number);
	for (c = w->clients; c < w->clients + w->n_clients; c++) {
		if (c->watcher != NULL) {
			watcher_check(c->watcher);
			continue;
		}
		if (c->mate != NULL) {
			mate_check(c->mate);
			continue;
		}
		if (c->guest != NULL)
			continue;
		for (i = 0; !c->is_loose && i < CLIENT_DOCS; i++)
			check_client_doc(w, &c->docs[i]);
		check_acks(w, c);
	}
	for (i = 0; i < CLIENT_DOCS; i++) {
		d = pretend_find(&w->store, "c", w->clients[0].docs[i].id);
		if (d != NULL)
			check_log(w, d, i);
		for (n = w->nodes; n < w->nodes + w->n_nodes; n++)
			check_fetch(w, n, w->clients[0].docs[i].id);
	}
}
