/*
 * What a client hears, and what it makes of it.
 */
#include <string.h>

#include "base/mem.h"
#include "tests/sim/client.h"
#include "tests/sim/guest.h"
#include "tests/sim/heard.h"
#include "tests/sim/mate.h"
#include "tests/sim/watcher.h"
#include "tests/sim/world.h"

#define WHERE(cd)	(cd)->client->src, (cd)->id

/* ---- ops ---- */

/* op with another edit; takes the edit. */
static struct op *
with_edit(const struct op *op, struct ot_edit *edit)
{
	struct op *next = op_new(OP_EDIT, op->v, op->src, op->seq, NULL, 0);
	struct buf b = BUF_INIT;

	op->type->edit_print(edit, &b);
	next->type = op->type;
	next->edit = edit;
	next->body = buf_take(&b, &next->body_len);
	return next;
}

/*
 * Carry the server's op over a local one, and that over it: sharedb's
 * transformX.  *server NULL: it has become nothing.  False: they clash, and
 * what is local cannot stay.
 */
static bool
carry(struct client_doc *cd, struct op **server, struct op **local)
{
	struct ot_edit *s, *l;
	struct op *next;
	struct ot_err err;

	if (*server == NULL)
		return true;
	if ((*local)->kind == OP_DELETE) {
		op_unref(*server);
		*server = NULL;
		return true;
	}
	if ((*server)->kind != OP_EDIT || (*local)->kind != OP_EDIT)
		return false;
	if ((*server)->type != (*local)->type ||
	    (*server)->type->transform((*server)->edit, (*local)->edit,
	    OT_RIGHT, &s, &err) != 0 ||
	    (*server)->type->transform((*local)->edit, (*server)->edit,
	    OT_LEFT, &l, &err) != 0)
		violation(cd->client->world, "%s %s: cannot transform",
		    WHERE(cd));
	next = with_edit(*server, s);
	op_unref(*server);
	*server = next;
	next = with_edit(*local, l);
	op_unref(*local);
	*local = next;
	return true;
}

/* What was in flight is committed, at the version that is next. */
static void
committed(struct client_doc *cd)
{
	struct op *op = cd->inflight;

	if (op->kind == OP_CREATE)
		cd->server_type = op->type;
	else if (op->kind == OP_DELETE)
		cd->server_type = NULL;
	cd->v++;
	cd->inflight = NULL;
	op_unref(op);
	client_doc_flush(cd);
}

/* It knows of a version that it has no ops for. */
static void
fetch_missed(struct client_doc *cd, uint64_t to)
{
	if (cd->missed_to < to)
		cd->missed_to = to;
	client_doc_fetch(cd);
}

static void
hear_own(struct client_doc *cd, uint64_t v)
{
	if (cd->inflight->kind == OP_CREATE && !cd->has_v) {
		cd->v = v;
		cd->has_v = true;
	}
	if (v == cd->v) {
		committed(cd);
		if (cd->v < cd->missed_to)
			client_doc_fetch(cd);
		return;
	}
	/*
	 * Told that an op sent again was there, without those before it: they
	 * have to be asked for.  Not when the document is read.
	 */
	if (v < cd->v || (cd->missed_to == 0 && (cd->reading == READING ||
	    (!cd->is_resent && !cd->client->world->was_unsure))))
		violation(cd->client->world,
		    "%s %s: acknowledged at %llu, but it has %llu", WHERE(cd),
		    (unsigned long long)v, (unsigned long long)cd->v);
	fetch_missed(cd, v + 1);
}

/* The op as the server's version reads it. */
static struct op *
server_op(struct client_doc *cd, const struct heard *h)
{
	struct op *op;
	struct ot_err err;

	if (h->op.kind != JSON_NONE)
		op = op_new(OP_EDIT, h->v, h->src, h->seq, h->op.p, h->op.len);
	else if (h->create.kind != JSON_NONE)
		op = op_new(OP_CREATE, h->v, h->src, h->seq, h->create.p,
		    h->create.len);
	else
		op = op_new(OP_DELETE, h->v, h->src, h->seq, NULL, 0);
	if (op_parse(op, cd->server_type, &err) != 0)
		violation(cd->client->world, "%s %s: op at %llu is no op: %s",
		    WHERE(cd), (unsigned long long)h->v, err.text);
	return op;
}

static void
hear_op(struct client_doc *cd, const struct heard *h)
{
	struct world *w = cd->client->world;
	struct op *op;
	struct ot_err err;
	unsigned i;
	bool fits = true;

	if (cd->reading == READING_NOT && !cd->fetching &&
	    cd->asked_ops == 0 && !cd->may_read)
		violation(w, "%s %s: op at %llu, not asked for", WHERE(cd),
		    (unsigned long long)h->v);
	if (cd->reading == READING_ASKED && cd->wants_snapshot &&
	    !cd->fetching && cd->asked_ops == 0 && !cd->may_read)
		violation(w, "%s %s: op at %llu before the snapshot",
		    WHERE(cd), (unsigned long long)h->v);
	if (cd->inflight != NULL && h->seq == cd->inflight->seq &&
	    strcmp(h->src, cd->inflight->src) == 0) {
		hear_own(cd, h->v);
		return;
	}
	if (!cd->has_v && h->v >= cd->missed_to)
		cd->missed_to = h->v + 1;
	if (!cd->has_v || h->v < cd->v)
		return;
	if (h->v > cd->v && cd->missed_to > 0) {
		fetch_missed(cd, h->v + 1);
		return;
	}
	if (h->v > cd->v)
		violation(w, "%s %s: op at %llu, but it has %llu", WHERE(cd),
		    (unsigned long long)h->v, (unsigned long long)cd->v);
	op = server_op(cd, h);
	if (op->kind == OP_CREATE)
		cd->server_type = op->type;
	else if (op->kind == OP_DELETE)
		cd->server_type = NULL;
	cd->v++;
	if (cd->inflight != NULL)
		fits = carry(cd, &op, &cd->inflight);
	for (i = 0; fits && i < cd->n_pending; i++)
		fits = carry(cd, &op, &cd->pending[i]);
	if (!fits) {
		op_unref(op);
		client_doc_forget(cd);
		client_doc_fetch(cd);
		return;
	}
	if (op == NULL)
		return;
	op->v = cd->seen.v;
	if (op_apply(&cd->seen, op, NULL, &err) != 0)
		violation(w, "%s %s: op at %llu does not fit: %s", WHERE(cd),
		    (unsigned long long)h->v, err.text);
	op_unref(op);
}

/* ---- answers ---- */

/* False: it is a refusal. */
static bool
hear_snapshot(struct client_doc *cd, const struct json_slice *data,
    uint64_t min)
{
	struct world *w = cd->client->world;
	struct heard_snapshot s;
	const struct ot_type *type = NULL;
	struct ot_err err;

	heard_snapshot_read(data, &s);
	if (s.is_error)
		return false;
	if (s.v < min)
		violation(w, "%s %s: a snapshot of %llu, though %llu was "
		    "stored when it was asked for", WHERE(cd),
		    (unsigned long long)s.v, (unsigned long long)min);
	if (cd->has_v || cd->inflight != NULL || cd->n_pending > 0) {
		/* Without a version there is nothing to fetch from yet. */
		if (!cd->has_v && s.v > cd->missed_to)
			cd->missed_to = s.v;
		if (cd->has_v && s.v > cd->v)
			fetch_missed(cd, s.v);
		return true;
	}
	if (s.is_there)
		type = s.type[0] == '\0' ? &ot_type_json0 :
		    ot_type_find(s.type);
	if (s.is_there && (type == NULL || type->load(s.data.p, s.data.len,
	    &cd->seen.data, &err) != 0))
		violation(w, "%s %s: a snapshot cannot be read", WHERE(cd));
	cd->seen.type = cd->server_type = type;
	cd->v = s.v;
	cd->has_v = true;
	/* An answer from before it was dropped, perhaps. */
	if (cd->v < cd->missed_to)
		client_doc_fetch(cd);
	return true;
}

/* An answer to a fetch has come; what it had to bring may be newer. */
static void
fetched(struct client_doc *cd)
{
	cd->fetching = false;
	if (!cd->has_v)
		return;
	if (cd->v < cd->missed_to)
		client_doc_fetch(cd);
	else
		cd->missed_to = 0;
}

/* What was stored when this answer was asked for. */
static uint64_t
asked_min(const struct client_doc *cd, const struct heard *h)
{
	return strcmp(h->a, "s") == 0 || strcmp(h->a, "bs") == 0 ?
	    cd->read_min : cd->fetch_min;
}

/* An answer without data: the ops have come before it. */
static void
hear_end_of_ops(struct client_doc *cd, uint64_t min)
{
	if (cd->has_v && cd->v < min)
		violation(cd->client->world, "%s %s: ops up to %llu, though "
		    "%llu was stored when they were asked for", WHERE(cd),
		    (unsigned long long)cd->v, (unsigned long long)min);
}

/* May an honest client be told this? */
static bool
is_fair(const struct client_doc *cd, const struct heard *h)
{
	static const char *const fair[] = {
		"ERR_DOC_WAS_DELETED", "ERR_DOC_ALREADY_CREATED",
		"ERR_DOC_DOES_NOT_EXIST",	/* edits, then a delete */
		"ERR_OTD_BUSY", "ERR_OTD_STORE_UNAVAILABLE",
		"ERR_OTD_STORE_BROKEN", "ERR_OTD_DOCUMENT_TOO_LARGE",
	};
	size_t i;

	if (cd->client->is_loose)
		return true;
	if (strcmp(h->code, "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND") == 0)
		return cd->client->world->forgets;
	for (i = 0; i < sizeof(fair) / sizeof(fair[0]); i++)
		if (strcmp(h->code, fair[i]) == 0)
			return true;
	return false;
}

static void
hear_op_refused(struct client_doc *cd, const struct heard *h)
{
	struct client_op *o = &cd->client->ops[h->seq - 1];

	if (strncmp(h->code, "ERR_OTD_", 8) == 0 || !h->has_v ||
	    strcmp(h->code, "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND") == 0)
		/*
		 * It may be there, or come yet: a copy of it, from before the
		 * connection was lost.  Without a version that copy may even
		 * find a document that it fits.
		 */
		o->is_unsure = true;
	else
		o->is_refused = true;
	if (cd->inflight == NULL || cd->inflight->seq != h->seq)
		return;
	client_doc_forget(cd);
	client_doc_fetch(cd);
}

static void
hear_refused(struct client_doc *cd, const struct heard *h)
{
	if (!is_fair(cd, h))
		violation(cd->client->world, "%s %s: %s is refused: %s",
		    WHERE(cd), h->a, h->code);
	if (strcmp(h->a, "op") == 0) {
		cd->asked_ops--;
		hear_op_refused(cd, h);
	} else if (strcmp(h->a, "s") == 0) {
		cd->reading = READING_NOT;
	} else if (strcmp(h->a, "f") == 0) {
		cd->fetching = false;
	}
	/* What it has leads nowhere any more. */
	if (h->has_v &&
	    strcmp(h->code, "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND") == 0) {
		client_doc_forget(cd);
		client_doc_fetch(cd);
	}
}

static void
hear_ack(struct client_doc *cd, const struct heard *h)
{
	struct client *c = cd->client;
	struct client_op *o;

	cd->asked_ops--;
	if (strcmp(h->src, c->src) != 0 || h->seq == 0 || h->seq > c->n_ops)
		violation(c->world, "%s %s: an acknowledgement of what it did "
		    "not send", WHERE(cd));
	o = &c->ops[h->seq - 1];
	if (o->is_acked && o->v != h->v && !c->world->forgets)
		violation(c->world, "%s %s: op %llu is acknowledged at %llu "
		    "and %llu", WHERE(cd), (unsigned long long)h->seq,
		    (unsigned long long)o->v, (unsigned long long)h->v);
	o->is_acked = true;
	o->v = h->v;
	if (cd->inflight != NULL && cd->inflight->seq == h->seq)
		hear_own(cd, h->v);
}

/* The snapshots in a bulk's answer. */
static void
hear_members(struct client *c, const struct heard *h)
{
	struct client_doc *cd;
	struct json_reader r;
	struct json_slice key, value;
	struct ot_err err;
	char id[8];

	json_reader_init(&r, h->data.p, h->data.len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		violation(c->world, "%s: a bulk answer without data", c->src);
	while (json_next_member(&r, &key) > 0) {
		if (json_skip(&r, &value) != 0)
			break;
		slice_string(&key, id, sizeof(id));
		cd = &c->docs[id[1] - '0'];
		if (!hear_snapshot(cd, &value, asked_min(cd, h)) &&
		    strcmp(h->a, "bs") == 0)
			cd->reading = READING_NOT;
	}
}

static void
hear_bulk(struct client *c, const struct heard *h)
{
	struct client_doc *cd;
	unsigned i;

	c->bulk[0] = '\0';
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		if (c->bulk_has[i] && strcmp(h->a, "bs") == 0) {
			cd->reading = h->is_error ? READING_NOT : READING;
			/* One was refused; others are read all the same. */
			cd->may_read |= h->is_error;
		}
		if (c->bulk_has[i] && !h->is_error && !c->bulk_is_list)
			hear_end_of_ops(cd, asked_min(cd, h));
	}
	if (!h->is_error && c->bulk_is_list)
		hear_members(c, h);
	for (i = 0; i < CLIENT_DOCS; i++)
		if (c->bulk_has[i] && strcmp(h->a, "bf") == 0)
			fetched(&c->docs[i]);
}

static void
hear_answer(struct client_doc *cd, const struct heard *h)
{
	uint64_t min = asked_min(cd, h);

	if (h->a[0] == 's') {
		cd->reading = READING;
	} else if (h->a[0] == 'f') {
		fetched(cd);
	}
	if (h->a[0] == 'u')
		cd->reading = READING_NOT;
	else if (h->data.kind != JSON_NONE)
		hear_snapshot(cd, &h->data, min);
	else
		hear_end_of_ops(cd, min);
}

void
client_hear(struct client *c, const char *text, size_t len)
{
	struct client_doc *cd;
	struct heard h;
	char id[8];

	if (c->watcher != NULL) {
		watcher_hear(c->watcher, text, len);
		return;
	}
	if (c->mate != NULL) {
		mate_hear(c->mate, text, len);
		return;
	}
	if (c->guest != NULL) {
		/* Whether it may know it the witness says. */
		guest_hear(c->guest, text, len);
		return;
	}
	heard_read(text, len, &h);
	if (strcmp(h.a, "bu") == 0) {
		slice_string(&h.b_first, id, sizeof(id));
		c->docs[id[1] - '0'].reading = READING_NOT;
		return;
	}
	if (strcmp(h.a, "bs") == 0 || strcmp(h.a, "bf") == 0) {
		hear_bulk(c, &h);
		return;
	}
	if (h.d[0] == '\0' || h.a[0] == 'n')
		return;		/* init, hs, pp; histories are the witness's */
	cd = &c->docs[h.d[1] - '0'];
	if (h.is_error)
		hear_refused(cd, &h);
	else if (heard_is_op(&h))
		hear_op(cd, &h);
	else if (strcmp(h.a, "op") == 0)
		hear_ack(cd, &h);
	else
		hear_answer(cd, &h);
}
