#include "tests/sim/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/edits.h"
#include "tests/sim/guest.h"
#include "tests/sim/mate.h"
#include "tests/sim/heard.h"
#include "tests/sim/watcher.h"
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
void
client_doc_forget(struct client_doc *cd)
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
		client_doc_forget(&c->docs[i]);
	free(c->watcher);
	free(c->mate);
	free(c->guest);
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

/* What an answer must show at least: a node without the store cannot know. */
static uint64_t
due_v(const struct client_doc *cd)
{
	return cd->client->conn->at->store_is_away ? 0 : stored_v(cd);
}

void
client_excuse(struct client *c)
{
	unsigned i;

	for (i = 0; i < CLIENT_DOCS; i++)
		c->docs[i].fetch_min = c->docs[i].read_min = 0;
}

void
client_doc_fetch(struct client_doc *cd)
{
	if (cd->fetching || cd->client->conn == NULL)
		return;
	cd->fetching = true;
	cd->fetch_min = due_v(cd);
	say(cd, "f", cd->has_v);
}

static void
subscribe(struct client_doc *cd)
{
	cd->reading = READING_ASKED;
	cd->wants_snapshot = !cd->has_v;
	cd->read_min = due_v(cd);
	say(cd, "s", cd->has_v);
}

/* Alone, or with all others that are read. */
static void
unsubscribe(struct client_doc *cd)
{
	struct client *c = cd->client;
	char text[64];

	if (cd->reading != READING)
		return;
	cd->reading = READING_LEAVING;
	if (maybe(c->world, 50)) {
		say(cd, "u", false);
		return;
	}
	snprintf(text, sizeof(text), "{\"a\":\"bu\",\"c\":\"c\",\"b\":[\"%s\"]}",
	    cd->id);
	world_send(c, text, strlen(text));
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
void
client_doc_flush(struct client_doc *cd)
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
	if (c->watcher != NULL) {
		watcher_connected(c->watcher);
		return;
	}
	if (c->mate != NULL) {
		mate_connected(c->mate);
		return;
	}
	if (c->guest != NULL)
		return;
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
		client_doc_flush(cd);
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
	if (c->watcher != NULL)
		watcher_lost(c->watcher);
	if (c->mate != NULL)
		mate_lost(c->mate);
	if (c->guest != NULL)
		guest_lost(c->guest);
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
	client_doc_flush(cd);
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
			cd->read_min = due_v(cd);
		} else {
			cd->fetching = true;
			cd->fetch_min = due_v(cd);
		}
	}
	buf_puts(&b, is_list ? "]}" : "}}");
	world_send(c, b.data, b.len);
	buf_done(&b);
}

/*
 * A document as it was, at a version that the store has by now; its number
 * tells the witness what was asked.  The latest: at least that version.
 */
static void
ask_history(const struct client_doc *cd)
{
	struct world *w = cd->client->world;
	uint64_t v = stored_v(cd);
	unsigned doc = (unsigned)(cd->id[1] - '0');
	size_t lot = below(w, 4);
	char text[128];
	int n;

	if (lot == 0) {
		n = snprintf(text, sizeof(text), "{\"a\":\"nf\",\"id\":%llu,"
		    "\"c\":\"c\",\"d\":\"%s\",\"v\":null}",
		    (unsigned long long)HISTORY_ID(v, doc, true), cd->id);
	} else if (lot == 1 && v > 0) {
		/* In the pretended store an op's time is its version. */
		v = 1 + below(w, v);
		n = snprintf(text, sizeof(text), "{\"a\":\"nt\",\"id\":%llu,"
		    "\"c\":\"c\",\"d\":\"%s\",\"ts\":%llu}",
		    (unsigned long long)HISTORY_ID(v, doc, false), cd->id,
		    (unsigned long long)v - 1);
	} else {
		v = below(w, v + 1);
		n = snprintf(text, sizeof(text), "{\"a\":\"nf\",\"id\":%llu,"
		    "\"c\":\"c\",\"d\":\"%s\",\"v\":%llu}",
		    (unsigned long long)HISTORY_ID(v, doc, false), cd->id,
		    (unsigned long long)v);
	}
	world_send(cd->client, text, (size_t)n);
}

void
client_act(struct client *c)
{
	struct client_doc *cd = &c->docs[below(c->world, CLIENT_DOCS)];
	unsigned what = (unsigned)below(c->world, 100);

	if (c->watcher != NULL) {
		watcher_act(c->watcher);
	} else if (c->mate != NULL) {
		mate_act(c->mate);
	} else if (c->guest != NULL) {
		guest_act(c->guest);
	} else if (c->is_loose) {
		type_loosely(cd);
	} else if (what < 60) {
		type_op(cd);
	} else if (c->conn == NULL) {
		return;
	} else if (what < 78) {
		if (cd->reading == READING_NOT)
			subscribe(cd);
	} else if (what < 80) {
		unsubscribe(cd);
	} else if (what < 90) {
		client_doc_fetch(cd);
	} else if (what < 95) {
		ask_bulk(c);
	} else if (what < 98) {
		ask_history(cd);
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

	if (c->watcher != NULL)
		return watcher_settle(c->watcher);
	if (c->mate != NULL)
		return mate_settle(c->mate);
	if (c->guest != NULL)
		return guest_settle(c->guest);
	if (c->conn == NULL)
		return false;
	for (i = 0; i < CLIENT_DOCS; i++) {
		cd = &c->docs[i];
		is_settled &= cd->asked_ops == 0;
		if (c->is_loose)
			continue;
		client_doc_flush(cd);
		if (cd->reading == READING_NOT)
			subscribe(cd);
		if (cd->has_v ? cd->v < cd->missed_to : cd->inflight == NULL)
			client_doc_fetch(cd);
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
