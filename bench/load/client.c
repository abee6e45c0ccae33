#include "bench/load/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench/load/replica.h"
#include "bench/load/rig.h"

void
client_done(struct client *c)
{
	conn_shut(&c->rig->loop, &c->conn);
	free(c->sent);
	c->sent = NULL;
	c->sent_cap = 0;
}

void
client_say_line(struct client *c)
{
	const struct buf *line = &c->rig->line;

	if (buf_failed(line))
		bug("out of memory for a message");
	conn_say(&c->rig->loop, &c->conn, line->data, line->len);
}

uint64_t
client_next_seq(struct client *c, uint64_t due_ns, const char text[INSERT_LEN])
{
	uint64_t seq = ++c->seq;

	if (seq > c->sent_cap) {
		c->sent_cap = (size_t)seq + (size_t)seq / 2 + 4;
		c->sent = mem_grow(c->sent, c->sent_cap, sizeof(*c->sent));
	}
	c->sent[seq - 1].due_ns = due_ns;
	memcpy(c->sent[seq - 1].text, text, INSERT_LEN);
	return seq;
}

const struct client_sent *
client_sent(const struct client *c, uint64_t seq)
{
	return seq >= 1 && seq <= c->seq ? &c->sent[seq - 1] : NULL;
}

struct replica *
client_replica(const struct client *c, uint32_t doc)
{
	uint32_t low = 0, high = c->n_replicas;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t at = c->replicas[middle].doc->index;

		if (at == doc)
			return &c->replicas[middle];
		if (at < doc)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- connecting ---- */

bool
client_connect(struct client *c, uint32_t at)
{
	const struct options *o = c->rig->options;

	if (at > 0)
		return false;
	conn_open(&c->rig->loop, &c->conn, &o->place[c->url]);
	return true;
}

static void
opened(struct conn *conn)
{
	static const char hello[] = "{\"a\":\"hs\",\"id\":null,"
	    "\"protocol\":1,\"protocolMinor\":2}";
	struct client *c = (struct client *)conn;

	conn_say(&c->rig->loop, conn, hello, sizeof(hello) - 1);
}

static void
closed(struct conn *conn, const char *why)
{
	struct client *c = (struct client *)conn;

	if (c->calls != NULL) {
		c->calls->lost(c, why);
		return;
	}
	rig_fault(c->rig, "connection %u to %s is lost: %s", c->index,
	    conn->place->host, why);
	for (uint32_t i = 0; i < c->n_replicas; i++)
		replica_lost(&c->replicas[i]);
}

/* The answer to the handshake: from now on its ops have this src. */
static void
greeted(struct client *c, const struct message *m)
{
	if (m->id.at == NULL || m->id.len == 0 || m->id.len >= sizeof(c->src)) {
		rig_fault(c->rig, "connection %u got no id", c->index);
		return;
	}
	memcpy(c->src, m->id.at, m->id.len);
	c->src[m->id.len] = '\0';
	if (c->calls != NULL) {
		c->calls->greeted(c);
		return;
	}
	table_add(&c->rig->authors, &c->by_src,
	    table_hash(&c->rig->authors, c->src, m->id.len));
	stage_answered(&c->rig->stage, c);
}

/* ---- hearing ---- */

static bool
is_src(const struct table_node *node, const void *key)
{
	const struct client *c = (const struct client *)
	    ((const char *)node - offsetof(struct client, by_src));

	return span_is(*(const struct span *)key, c->src);
}

const struct client *
client_by_src(const struct rig *rig, struct span src)
{
	const struct table_node *node;

	if (src.at == NULL)
		return NULL;
	node = table_find(&rig->authors,
	    table_hash(&rig->authors, src.at, src.len), is_src, &src);
	return node == NULL ? NULL : (const struct client *)
	    ((const char *)node - offsetof(struct client, by_src));
}

/* The document that a message names: its id ends in its index. */
static uint32_t
doc_of(const struct rig *rig, struct span d)
{
	struct span digits = { d.at, 0 };
	uint64_t n;

	if (d.at == NULL)
		return RECALL_NONE;
	for (size_t i = d.len; i > 0 && d.at[i - 1] != '-'; i--)
		digits = (struct span){ d.at + i - 1, d.len - i + 1 };
	if (!span_number(digits, &n) || n >= rig->n_docs ||
	    !span_is(d, rig->docs[n].id))
		return RECALL_NONE;
	return (uint32_t)n;
}

/* Everything of a message that is the same for all who hear it. */
static bool
heard_read(const struct rig *rig, const char *text, size_t len,
    struct heard *out)
{
	const struct client *author;

	if (!message_scan(text, len, &out->message))
		return false;
	author = client_by_src(rig, out->message.src);
	out->doc = doc_of(rig, out->message.d);
	out->author = author == NULL ? RECALL_NONE : author->index;
	out->is_insert = insert_scan(rig->options->type, out->message.op,
	    &out->insert);
	return true;
}

static void
client_take(struct client *c, const struct heard *h)
{
	const struct message *m = &h->message;
	struct replica *r = NULL;

	if (span_is(m->a, "init"))
		return;
	if (span_is(m->a, "hs") && m->error.at == NULL) {
		greeted(c, m);
		return;
	}
	if (h->doc != RECALL_NONE)
		r = client_replica(c, h->doc);
	if (m->error.at != NULL) {
		rig_fault(c->rig, "connection %u heard %.*s", c->index,
		    m->error.len < 300 ? (int)m->error.len : 300, m->error.at);
		if (r != NULL)
			replica_refused(r);
	} else if (r == NULL) {
		rig_fault(c->rig, "connection %u heard of what it did not ask for",
		    c->index);
	} else if (span_is(m->a, "op")) {
		replica_hear(r, h);
	} else if (span_is(m->a, "s") || span_is(m->a, "f")) {
		replica_opened(r, m);
	}
}

static void
heard(struct conn *conn, const char *text, size_t len)
{
	struct client *c = (struct client *)conn;
	struct recall_slot *slot;
	struct heard once;
	bool is_known;

	if (c->calls != NULL && c->src[0] != '\0') {
		c->calls->heard(c, text, len);
		return;
	}
	slot = recall_find(&c->rig->recall, text, len, &is_known);
	if (slot == NULL) {
		if (heard_read(c->rig, text, len, &once))
			client_take(c, &once);
		else
			rig_fault(c->rig, "connection %u heard what is no message", c->index);
		return;
	}
	if (!is_known && !heard_read(c->rig, slot->bytes, len, &slot->heard)) {
		recall_forget(slot);
		rig_fault(c->rig, "connection %u heard what is no message", c->index);
		return;
	}
	client_take(c, &slot->heard);
}

const struct conn_calls client_conn_calls = { opened, heard, closed };
