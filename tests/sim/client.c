#include "tests/sim/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/edits.h"
#include "tests/sim/heard.h"
#include "tests/sim/world.h"

#define WHERE(cd)	(cd)->client->src, (cd)->id

void
client_init(struct client *c, struct world *w, unsigned number)
{
	unsigned i;

	memset(c, 0, sizeof(*c));
	c->world = w;
	c->number = number;
	snprintf(c->src, sizeof(c->src), "c%u", number);
	for (i = 0; i < CLIENT_DOCS; i++) {
		c->docs[i].client = c;
		c->docs[i].number = i;
		snprintf(c->docs[i].id, sizeof(c->docs[i].id), "d%u", i);
	}
}

/* Drop what is local and all that is known. */
static void
forget(struct client_doc *cd)
{
	op_unref(cd->inflight);
	cd->inflight = NULL;
	if (cd->has_v && cd->v > cd->missed_to)
		cd->missed_to = cd->v;
	while (cd->n_pending > 0)
		op_unref(cd->pending[--cd->n_pending]);
	snapshot_done(&cd->seen);
	cd->server_type = NULL;
	cd->has_v = false;
}

void
client_done(struct client *c)
{
	unsigned i;

	for (i = 0; i < CLIENT_DOCS; i++)
		forget(&c->docs[i]);
	free(c->ops);
}

/* ---- saying ---- */

static void
say(struct client_doc *cd, const char *a, bool has_v)
{
	char text[128];

	if (has_v)
		snprintf(text, sizeof(text),
		    "{\"a\":\"%s\",\"c\":\"c\",\"d\":\"%s\",\"v\":%llu}", a,
		    cd->id, (unsigned long long)cd->v);
	else
		snprintf(text, sizeof(text),
		    "{\"a\":\"%s\",\"c\":\"c\",\"d\":\"%s\"}", a, cd->id);
	world_send(cd->client, text, strlen(text));
}

static uint64_t
stored_v(const struct client_doc *cd)
{
	return pretend_version(&cd->client->world->store, "c", cd->id);
}

static void
fetch(struct client_doc *cd)
{
	if (cd->fetching || cd->client->conn == NULL)
		return;
	cd->fetching = true;
	cd->fetch_min = stored_v(cd);
	say(cd, "f", cd->has_v);
}

static void
subscribe(struct client_doc *cd)
{
	cd->reading = READING_ASKED;
	cd->wants_snapshot = !cd->has_v;
	cd->read_min = stored_v(cd);
	say(cd, "s", cd->has_v);
}

static void
send_op(struct client_doc *cd)
{
	const struct op *op = cd->inflight;
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"a\":\"op\",\"c\":\"c\",\"d\":\"");
	buf_puts(&b, cd->id);
	buf_puts(&b, "\",\"v\":");
	if (cd->has_v)
		buf_put_u64(&b, cd->v);
	else
		buf_puts(&b, "null");
	buf_puts(&b, ",\"seq\":");
	buf_put_u64(&b, op->seq);
	if (cd->is_resent) {
		buf_puts(&b, ",\"src\":\"");
		buf_puts(&b, op->src);
		buf_putc(&b, '"');
	}
	if (op->kind == OP_DELETE) {
		buf_puts(&b, ",\"del\":true}");
	} else {
		buf_puts(&b, op->kind == OP_EDIT ? ",\"op\":" : ",\"create\":");
		buf_put(&b, op->body, op->body_len);
		buf_putc(&b, '}');
	}
	cd->asked_ops++;
	world_send(cd->client, b.data, b.len);
	buf_done(&b);
}

/* The next of what is pending, if it may go. */
static void
flush(struct client_doc *cd)
{
	struct client *c = cd->client;

	if (c->conn == NULL || cd->inflight != NULL || cd->n_pending == 0)
		return;
	cd->inflight = cd->pending[0];
	cd->n_pending--;
	memmove(cd->pending, cd->pending + 1,
	    cd->n_pending * sizeof(cd->pending[0]));
	c->ops = mem_grow(c->ops, c->n_ops + 1, sizeof(*c->ops));
	c->ops[c->n_ops++] = (struct client_op){ .doc = cd->number };
	cd->inflight->seq = c->n_ops;
	cd->is_resent = false;
	send_op(cd);
}

void
client_connected(struct client *c, struct conn *conn)
{
	struct client_doc *cd;
	char text[64];
	unsigned i;
	bool reads_first;

	c->conn = conn;
	snprintf(text, sizeof(text), "{\"a\":\"hs\",\"id\":\"%s\","
	    "\"protocol\":1,\"protocolMinor\":2}", c->src);
	world_send(c, text, strlen(text));
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		/* Usually what was in flight goes first; not always. */
		reads_first = maybe(c->world, 20);
		if (cd->reading == READING_ASKED && reads_first)
			subscribe(cd);
		if (cd->inflight != NULL) {
			cd->is_resent = true;
			send_op(cd);
		}
		flush(cd);
		if (cd->reading == READING_ASKED && !reads_first)
			subscribe(cd);
	}
}

void
client_lost(struct client *c)
{
	struct client_doc *cd;
	unsigned i;

	c->conn = NULL;
	c->bulk[0] = '\0';
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		cd->fetching = false;
		cd->missed_to = 0;
		cd->may_read = false;
		cd->asked_ops = 0;
		cd->reading = cd->reading == READING ||
		    cd->reading == READING_ASKED ? READING_ASKED : READING_NOT;
	}
}

/* ---- typing ---- */

static void
type_op(struct client_doc *cd)
{
	struct client *c = cd->client;
	struct op *op = NULL;
	struct buf b = BUF_INIT;
	struct ot_err err;

	if (cd->n_pending == CLIENT_PENDING || (!cd->has_v &&
	    (cd->inflight != NULL || cd->n_pending > 0)))
		return;
	if (cd->seen.type == NULL) {
		/* Nothing known: a create without a version, now and then. */
		if (!cd->has_v && !maybe(c->world, 3))
			return;
		create_random(&c->world->chance, &b);
		op = op_new(OP_CREATE, cd->seen.v, c->src, 0, b.data, b.len);
	} else if (maybe(c->world, 2)) {
		op = op_new(OP_DELETE, cd->seen.v, c->src, 0, NULL, 0);
	} else {
		edit_random(&c->world->chance, cd->seen.type, cd->seen.data,
		    &b);
		op = op_new(OP_EDIT, cd->seen.v, c->src, 0, b.data, b.len);
	}
	buf_done(&b);
	if (op_parse(op, cd->seen.type, &err) != 0 ||
	    op_apply(&cd->seen, op, NULL, &err) != 0)
		violation(c->world, "%s %s: a fresh op does not fit: %.*s: %s",
		    WHERE(cd), (int)op->body_len, op->body, err.text);
	cd->pending[cd->n_pending++] = op;
	flush(cd);
}

/* An op that fits whatever the document holds, most of the time. */
static void
type_loosely(struct client_doc *cd)
{
	static const char *const edits[] = {
		"[{\"p\":[\"o\",\"k9\"],\"oi\":1}]", "[\"x\"]",
		"[{\"p\":0,\"i\":\"x\"}]",
	};
	struct client *c = cd->client;
	const struct pretend_doc *d = pretend_find(&c->world->store, "c",
	    cd->id);
	const struct ot_type *type = d != NULL ? d->head.type : NULL;
	char text[160];

	if (c->conn == NULL || type == NULL)
		return;
	c->ops = mem_grow(c->ops, c->n_ops + 1, sizeof(*c->ops));
	c->ops[c->n_ops++] = (struct client_op){ .doc = cd->number };
	snprintf(text, sizeof(text), "{\"a\":\"op\",\"c\":\"c\",\"d\":\"%s\","
	    "\"seq\":%llu,\"op\":%s}", cd->id, (unsigned long long)c->n_ops,
	    edits[type == &ot_type_json0 ? 0 : type == &ot_type_text0 ? 2 : 1]);
	cd->asked_ops++;
	world_send(c, text, strlen(text));
}

static void
ask_bulk(struct client *c)
{
	bool is_reading = maybe(c->world, 60), is_list;
	struct client_doc *cd;
	struct buf b = BUF_INIT;
	unsigned i, n = 0;

	if (c->bulk[0] != '\0')
		return;
	is_list = maybe(c->world, 50);
	snprintf(c->bulk, sizeof(c->bulk), "%s", is_reading ? "bs" : "bf");
	c->bulk_is_list = is_list;
	buf_puts(&b, "{\"a\":\"");
	buf_puts(&b, c->bulk);
	buf_puts(&b, is_list ? "\",\"c\":\"c\",\"b\":[" :
	    "\",\"c\":\"c\",\"b\":{");
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		c->bulk_has[i] = !cd->fetching &&
		    cd->reading == READING_NOT && cd->has_v != is_list;
		if (!c->bulk_has[i])
			continue;
		if (n++ > 0)
			buf_putc(&b, ',');
		buf_putc(&b, '"');
		buf_puts(&b, cd->id);
		buf_putc(&b, '"');
		if (!is_list) {
			buf_putc(&b, ':');
			buf_put_u64(&b, cd->v);
		}
		if (is_reading) {
			cd->reading = READING_ASKED;
			cd->wants_snapshot = is_list;
			cd->read_min = stored_v(cd);
		} else {
			cd->fetching = true;
			cd->fetch_min = stored_v(cd);
		}
	}
	buf_puts(&b, is_list ? "]}" : "}}");
	world_send(c, b.data, b.len);
	buf_done(&b);
}

void
client_act(struct client *c)
{
	struct client_doc *cd = &c->docs[below(c->world, CLIENT_DOCS)];
	unsigned what = (unsigned)below(c->world, 100);

	if (c->is_loose) {
		type_loosely(cd);
	} else if (what < 60) {
		type_op(cd);
	} else if (c->conn == NULL) {
		return;
	} else if (what < 78) {
		if (cd->reading == READING_NOT)
			subscribe(cd);
	} else if (what < 80) {
		if (cd->reading == READING) {
			cd->reading = READING_LEAVING;
			say(cd, "u", false);
		}
	} else if (what < 90) {
		fetch(cd);
	} else if (what < 97) {
		ask_bulk(c);
	} else {
		world_send(c, "{\"a\":\"pp\"}", 10);
	}
}

bool
client_settle(struct client *c)
{
	struct client_doc *cd;
	bool is_settled = true;
	unsigned i;

	if (c->conn == NULL)
		return false;
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		if (c->is_loose) {
			is_settled &= cd->asked_ops == 0;
			continue;
		}
		flush(cd);
		if (cd->reading == READING_NOT)
			subscribe(cd);
		if (cd->has_v ? cd->v < cd->missed_to : cd->inflight == NULL)
			fetch(cd);
		if (cd->reading != READING || !cd->has_v || cd->fetching ||
		    cd->inflight != NULL || cd->n_pending > 0)
			is_settled = false;
	}
	return is_settled;
}

void
client_doc_print(const struct client_doc *cd, struct buf *b)
{
	buf_puts(b, "[\"");
	buf_puts(b, cd->seen.type != NULL ? cd->seen.type->uri : "");
	buf_puts(b, "\"");
	if (cd->seen.type != NULL) {
		buf_putc(b, ',');
		if (!cd->seen.type->print(cd->seen.data, b))
			buf_puts(b, "\"undefined\"");
	}
	buf_putc(b, ']');
}

/* ---- hearing ops ---- */

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
	flush(cd);
}

/* It knows of a version that it has no ops for. */
static void
fetch_missed(struct client_doc *cd, uint64_t to)
{
	if (cd->missed_to < to)
		cd->missed_to = to;
	fetch(cd);
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
			fetch(cd);
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
		forget(cd);
		fetch(cd);
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

/* ---- hearing answers ---- */

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
		fetch(cd);
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
		fetch(cd);
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
		"ERR_OTD_BUSY", "ERR_OTD_STORE_UNAVAILABLE",
		"ERR_OTD_STORE_BROKEN",
	};
	size_t i;

	if (cd->client->is_loose)
		return true;
	for (i = 0; i < sizeof(fair) / sizeof(fair[0]); i++)
		if (strcmp(h->code, fair[i]) == 0)
			return true;
	return false;
}

static void
hear_op_refused(struct client_doc *cd, const struct heard *h)
{
	struct client_op *o = &cd->client->ops[h->seq - 1];

	if (strcmp(h->code, "ERR_OTD_STORE_UNAVAILABLE") == 0 ||
	    strcmp(h->code, "ERR_OTD_STORE_BROKEN") == 0 ||
	    strcmp(h->code, "ERR_OTD_BUSY") == 0 || !h->has_v)
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
	forget(cd);
	fetch(cd);
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
	if (o->is_acked && o->v != h->v)
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

	heard_read(text, len, &h);
	if (strcmp(h.a, "bs") == 0 || strcmp(h.a, "bf") == 0) {
		hear_bulk(c, &h);
		return;
	}
	if (h.d[0] == '\0')
		return;		/* init, hs, pp */
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
