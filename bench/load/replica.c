#include "bench/load/replica.h"

#include <string.h>

#include "bench/load/client.h"
#include "bench/load/lots.h"
#include "bench/load/rig.h"
#include "bench/load/scenario.h"

/* ---- what follows from the seed ---- */

uint64_t
replica_chance(uint64_t seed, uint32_t doc, uint32_t n)
{
	return lots_mix(lots_mix(seed + 1) ^ ((uint64_t)doc << 32 | n));
}

struct insert
replica_draw(uint64_t *chance, uint64_t len)
{
	struct insert in = { .pos = lots_below(chance, len + 1) };

	lots_text(chance, in.text, INSERT_LEN);
	return in;
}

void
replica_first_text(uint64_t seed, uint32_t doc, size_t size, struct buf *b)
{
	uint64_t chance = replica_chance(seed, doc, UINT32_MAX);
	char *to = buf_room(b, size);

	if (to == NULL)
		return;
	lots_text(&chance, to, size);
	b->len += size;
}

uint64_t
replica_digest(uint64_t digest, const struct insert *in, uint32_t author,
    uint64_t seq)
{
	uint32_t text;

	memcpy(&text, in->text, sizeof(text));
	digest = (digest ^ in->pos) * 0x9e3779b97f4a7c15u;
	digest ^= digest >> 32;
	digest = (digest ^ ((uint64_t)text << 32 | author)) *
	    0xbf58476d1ce4e5b9u;
	digest ^= digest >> 29;
	digest = (digest ^ seq) * 0x94d049bb133111ebu;
	return digest ^ digest >> 32;
}

/* ---- asking ---- */

/* The beginning of every message about a document. */
static struct buf *
line_begin(const struct replica *r, const char *action)
{
	const struct rig *rig = r->client->rig;
	struct buf *line = &r->client->rig->line;

	buf_reset(line);
	buf_puts(line, "{\"a\":\"");
	buf_puts(line, action);
	buf_puts(line, "\",\"c\":\"");
	buf_puts(line, rig->options->collection);
	buf_puts(line, "\",\"d\":\"");
	buf_puts(line, r->doc->id);
	buf_putc(line, '"');
	return line;
}

/* An op as the stock client sends it (sharedb lib/client/connection.js). */
static struct buf *
line_begin_op(const struct replica *r, uint64_t v, uint64_t seq)
{
	struct buf *line = line_begin(r, "op");

	buf_puts(line, ",\"v\":");
	buf_put_u64(line, v);
	buf_puts(line, ",\"src\":\"");
	buf_puts(line, r->client->src);
	buf_puts(line, "\",\"seq\":");
	buf_put_u64(line, seq);
	buf_puts(line, ",\"x\":{},");
	return line;
}

static void
replica_create(struct replica *r)
{
	static const char none[INSERT_LEN];
	struct client *c = r->client;
	const struct options *o = c->rig->options;
	struct buf *line;

	r->is_creating = true;
	r->due_ns = loop_clock_ns();
	r->seq = client_next_seq(c, r->due_ns, none);
	line = line_begin_op(r, 0, r->seq);
	buf_puts(line, "\"create\":{\"type\":\"");
	buf_puts(line, o->type->uri);
	buf_puts(line, "\",\"data\":");
	buf_puts(line, o->type->open);
	replica_first_text(o->seed, r->doc->index, o->size, line);
	buf_puts(line, o->type->close);
	buf_puts(line, "}}");
	client_say_line(c);
}

bool
replica_ask_create(struct client *c, uint32_t at)
{
	struct replica *r;

	/* A document's first writer creates it. */
	for (; at < c->n_replicas; at = ++c->stage_at) {
		r = &c->replicas[at];
		if (r->is_writer && r->doc->creator == r) {
			replica_create(r);
			return true;
		}
	}
	return false;
}

bool
replica_ask_open(struct client *c, uint32_t at)
{
	struct replica *r;

	if (at >= c->n_replicas)
		return false;
	r = &c->replicas[at];
	r->state = REPLICA_OPENING;
	r->asked_ns = loop_clock_ns();
	buf_putc(line_begin(r, c->rig->options->is_fetching ? "f" : "s"), '}');
	client_say_line(c);
	return true;
}

/* What lies between its version and the server's, as the stock client does. */
static void
replica_ask_missed(struct replica *r)
{
	struct buf *line;

	if (r->is_asking)
		return;
	r->is_asking = true;
	r->client->rig->tally.gaps++;
	line = line_begin(r, "f");
	buf_puts(line, ",\"v\":");
	buf_put_u64(line, r->v);
	buf_putc(line, '}');
	client_say_line(r->client);
}

/* ---- writing ---- */

/* Is there an op to send, and when was it due? */
static bool
replica_may_write(const struct replica *r, uint64_t *due_ns_out)
{
	const struct rig *rig = r->client->rig;

	if (!r->is_writer || r->seq != 0 || r->client->conn.state != CONN_OPEN ||
	    (rig->options->ops != 0 && r->made >= rig->options->ops))
		return false;
	if (rig->pace.period_ns > 0) {
		*due_ns_out = pace_due_ns(&rig->pace,
		    r->turn + r->made * rig->pace.n);
		return r->made < r->due;
	}
	*due_ns_out = rig->loop.now_ns;
	return rig->is_writing;
}

void
replica_write(struct replica *r)
{
	struct rig *rig = r->client->rig;
	struct buf *line;

	if (!replica_may_write(r, &r->due_ns))
		return;
	r->insert = replica_draw(&r->chance, r->len);
	r->seq = client_next_seq(r->client, r->due_ns, r->insert.text);
	r->made++;
	rig->busy++;
	line = line_begin_op(r, r->v, r->seq);
	buf_puts(line, "\"op\":");
	insert_print(rig->options->type, &r->insert, line);
	buf_putc(line, '}');
	client_say_line(r->client);
}

void
replica_refused(struct replica *r)
{
	if (r->seq != 0 && !r->is_creating)
		r->client->rig->busy--;
	r->seq = 0;
	r->is_writer = false;
}

void
replica_lost(struct replica *r)
{
	replica_refused(r);
	r->is_following = false;
}

/* ---- hearing ---- */

static void
replica_fault(const struct replica *r, const char *what)
{
	rig_fault(r->client->rig, "%s, connection %u at version %llu: %s",
	    r->doc->id, r->client->index, (unsigned long long)r->v, what);
}

static void
replica_advance(struct replica *r, const struct insert *in, uint32_t author,
    uint64_t seq)
{
	r->digest = replica_digest(r->digest, in, author, seq);
	r->len += INSERT_LEN;
	r->v++;
}

static void
replica_created(struct replica *r)
{
	struct rig *rig = r->client->rig;

	histogram_record(&rig->tally.create, rig->loop.now_ns - r->due_ns);
	r->is_creating = false;
	r->seq = 0;
	r->v = r->digest_v = 1;
	r->len = rig->options->size;
	stage_answered(&rig->stage, r->client);
}

/*
 * To who must catch up before its op ShareDB's server sends all that it
 * missed, its own former ops among them (sharedb, lib/agent.js); they are what
 * it was told already.
 */
static bool
is_told_again(const struct replica *r, const struct message *m)
{
	struct doc_entry entry = doc_entry(r->doc, m->v);

	return m->v < r->v && entry.client == r->client->index + 1 &&
	    entry.seq == m->seq;
}

/* Its op was acknowledged. */
static void
replica_acknowledged(struct replica *r, const struct message *m)
{
	struct rig *rig = r->client->rig;

	if (is_told_again(r, m)) {
		rig->tally.duplicates++;
		return;
	}
	if (m->seq != r->seq || r->seq == 0) {
		replica_fault(r, "an op that is not in flight was acknowledged");
		return;
	}
	if (m->v != r->v) {
		replica_fault(r, m->v > r->v ?
		    "an acknowledgement came before what came before its op" :
		    "an op was acknowledged for a version that others have");
		replica_refused(r);
		return;
	}
	if (!doc_acknowledge(r->doc, m->v, r->client->index,
	    (uint32_t)m->seq)) {
		replica_fault(r, "two ops were acknowledged for one version");
		replica_refused(r);
		return;
	}
	if (r->is_creating) {
		replica_created(r);
		return;
	}
	tally_op(&rig->tally, r->due_ns, rig->loop.now_ns);
	replica_advance(r, &r->insert, r->client->index, m->seq);
	r->seq = 0;
	rig->busy--;
	replica_write(r);
}

/* Another's op. */
static void
replica_delivered(struct replica *r, const struct heard *h)
{
	struct rig *rig = r->client->rig;
	const struct client_sent *sent = NULL;

	if (h->message.v < r->v) {
		rig->tally.duplicates++;
		return;
	}
	if (h->message.v > r->v) {
		replica_ask_missed(r);
		return;
	}
	if (h->author != RECALL_NONE)
		sent = client_sent(&rig->clients[h->author], h->message.seq);
	if (sent == NULL || !h->is_insert) {
		replica_fault(r, "heard an op that nobody made");
		return;
	}
	if (r->seq != 0)
		insert_transform(&r->insert, &h->insert);
	replica_advance(r, &h->insert, h->author, h->message.seq);
	tally_delivery(&rig->tally, sent->due_ns, rig->loop.now_ns,
	    !r->client->is_dozing);
}

void
replica_hear(struct replica *r, const struct heard *h)
{
	if (!h->message.has_v || !h->message.has_seq)
		replica_fault(r, "an op has no version or no seq");
	else if (h->author == r->client->index)
		replica_acknowledged(r, &h->message);
	else
		replica_delivered(r, h);
}

/* Who opens documents knows how many edits they have. */
static bool
opened_as_expected(const struct rig *rig, const struct message *at,
    struct span text)
{
	const struct options *o = rig->options;
	uint64_t edits = o->scenario->is_opening ? o->ops : 0;

	return at->v == 1 + edits && text.len == o->size + edits * INSERT_LEN;
}

void
replica_opened(struct replica *r, const struct message *m)
{
	struct rig *rig = r->client->rig;
	struct message at;
	struct span text;

	if (r->is_asking && r->state != REPLICA_OPENING) {
		r->is_asking = false;	/* the ops came before */
		return;
	}
	if (r->state != REPLICA_OPENING) {
		replica_fault(r, "an answer to no question");
		return;
	}
	if (m->data.at == NULL || !message_scan(m->data.at, m->data.len, &at) ||
	    !at.has_v) {
		replica_fault(r, "opened without a version");
		return;
	}
	text = insert_text(rig->options->type, at.data);
	if (at.v == 0 || text.at == NULL) {
		replica_fault(r, "opened, but it is no such document");
		return;
	}
	if (!opened_as_expected(rig, &at, text)) {
		replica_fault(r, "opened, but not with the history it was given");
		return;
	}
	r->v = r->digest_v = at.v;
	r->digest = 0;
	r->len = text.len;
	r->state = REPLICA_OPEN;
	r->is_following = !rig->options->is_fetching;
	histogram_record(&rig->tally.open, rig->loop.now_ns - r->asked_ns);
	rig->tally.opens++;
	stage_answered(&rig->stage, r->client);
}
