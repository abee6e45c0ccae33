#include "bench/load/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench/load/client.h"
#include "bench/load/replica.h"
#include "bench/load/run.h"
#include "bench/load/scenario.h"
#include "bench/load/text.h"

#define CHECKERS	8	/* connections that ask */
#define FAULTS_TOLD	10

/*
 * One connection that goes through its share of the documents: content, then
 * history, of one after the other.
 */
struct checker {
	struct client	 client;	/* has no replicas */
	struct rig	*rig;
	struct run_check *check;
	uint32_t	 doc;		/* index of the one it is at */
	bool		 has_content;	/* else that is what it has asked for */
	bool		 is_cut;	/* the connection was lost: a new one is wanted */
	bool		 is_at_fault;	/* the document it is at */
	uint64_t	 v_at_cut;	/* what it had got to when it last was */

	char		*content;	/* as it was told; heap */
	size_t		 content_len;
	uint64_t	 content_v;

	struct text	 text;		/* as it should be, up to v */
	uint64_t	 v;		/* of the op that comes next */
	uint64_t	 len;		/* characters */
	uint64_t	 digest;
	uint64_t	 told;		/* ops that somebody was told of */
	uint64_t	 chance;	/* lots, of documents that others prepared */
};

static void __attribute__((format(printf, 2, 3)))
checker_fault(struct checker *k, const char *format, ...)
{
	va_list args;

	k->is_at_fault = true;
	if (k->check->faults++ >= FAULTS_TOLD)
		return;
	fprintf(stderr, "otd-load: verify %s: ", k->rig->docs[k->doc].id);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static const struct doc *
checker_doc(const struct checker *k)
{
	return &k->rig->docs[k->doc];
}

/* Written by another process: what it drew is drawn again. */
static bool
is_prepared_elsewhere(const struct rig *rig)
{
	return rig->options->phase == PHASE_OPEN;
}

/* ---- asking ---- */

static void
checker_ask(struct checker *k, bool history)
{
	const struct options *o = k->rig->options;
	struct buf *line = &k->rig->line;

	buf_reset(line);
	buf_puts(line, "{\"a\":\"f\",\"c\":\"");
	buf_puts(line, o->collection);
	buf_puts(line, "\",\"d\":\"");
	buf_puts(line, checker_doc(k)->id);
	buf_putc(line, '"');
	if (history) {
		buf_puts(line, ",\"v\":");
		buf_put_u64(line, k->v);
	}
	buf_putc(line, '}');
	client_say_line(&k->client);
}

/* Begin with a document, or none: then it has done its share. */
static void
checker_begin(struct checker *k, uint32_t doc)
{
	const struct options *o = k->rig->options;

	k->doc = doc;
	if (doc >= k->rig->n_docs)
		return;
	text_done(&k->text);
	k->has_content = k->is_at_fault = false;
	k->v = k->v_at_cut = k->len = k->digest = k->told = 0;
	k->chance = replica_chance(o->seed, doc, 0);
	checker_ask(k, false);
}

/* ---- content ---- */

static void
checker_take_content(struct checker *k, const struct message *m)
{
	struct message at;
	struct span text;

	if (m->data.at == NULL ||
	    !message_scan(m->data.at, m->data.len, &at) || !at.has_v ||
	    (text = insert_text(k->rig->options->type, at.data)).at == NULL) {
		checker_fault(k, "its content is none");
		text = (struct span){ "", 0 };
		at.v = 0;
	}
	free(k->content);
	k->content = mem_copy(text.at, text.len);
	k->content_len = text.len;
	k->content_v = at.v;
	k->has_content = true;
	checker_ask(k, true);
}

/* ---- history ---- */

/*
 * Is the op at k->v the one that somebody was told became it?  What nobody
 * was told of may only be what was unanswered when time was up.
 */
static void
checker_match(struct checker *k, const struct message *m,
    const struct client *author)
{
	struct doc_entry entry = doc_entry(checker_doc(k), k->v);
	const struct replica *r = client_replica(author, k->doc);

	if (entry.client != 0) {
		k->told++;
		if (entry.client != author->index + 1 || entry.seq != m->seq)
			checker_fault(k, "version %llu is another op than the one that was acknowledged",
			    (unsigned long long)k->v);
	} else if (r == NULL || r->seq != m->seq) {
		checker_fault(k, "version %llu is an op that nobody was told of: op %llu of connection %u",
		    (unsigned long long)k->v, (unsigned long long)m->seq,
		    author->index);
	}
}

/* The create at version 0. */
static void
checker_take_create(struct checker *k, const struct message *m)
{
	const struct options *o = k->rig->options;
	struct buf first = BUF_INIT;

	if (m->create.at == NULL || k->v != 0) {
		checker_fault(k, "version %llu is no %s",
		    (unsigned long long)k->v, k->v == 0 ? "create" : "edit");
		return;
	}
	replica_first_text(o->seed, k->doc, o->size, &first);
	if (buf_failed(&first))
		bug("out of memory for a document");
	text_insert(&k->text, 0, first.data, first.len);
	k->len = first.len;
	buf_done(&first);
}

static void
checker_take_insert(struct checker *k, const struct message *m,
    const struct client *author)
{
	const struct client_sent *sent =
	    author != NULL ? client_sent(author, m->seq) : NULL;
	struct insert in, drawn;

	if (!insert_scan(k->rig->options->type, m->op, &in)) {
		checker_fault(k, "version %llu is no edit that was made",
		    (unsigned long long)k->v);
		return;
	}
	if (author == NULL) {
		drawn = replica_draw(&k->chance, k->len);
		if (drawn.pos != in.pos ||
		    memcmp(drawn.text, in.text, INSERT_LEN) != 0)
			checker_fault(k, "version %llu is not the edit that was drawn",
			    (unsigned long long)k->v);
	} else if (sent == NULL ||
	    memcmp(sent->text, in.text, INSERT_LEN) != 0) {
		checker_fault(k, "version %llu has another text than was sent",
		    (unsigned long long)k->v);
	}
	if (!text_insert(&k->text, in.pos, in.text, INSERT_LEN))
		checker_fault(k, "version %llu is past the end of the text",
		    (unsigned long long)k->v);
	k->digest = replica_digest(k->digest, &in,
	    author != NULL ? author->index : 0, m->seq);
	k->len += INSERT_LEN;
}

static void
checker_take_op(struct checker *k, const struct message *m)
{
	const struct client *author = NULL;

	if (!m->has_v || !m->has_seq || m->v != k->v) {
		checker_fault(k, "its history has version %llu where %llu should be",
		    (unsigned long long)m->v, (unsigned long long)k->v);
		return;
	}
	if (!is_prepared_elsewhere(k->rig)) {
		author = client_by_src(k->rig, m->src);
		if (author == NULL) {
			checker_fault(k, "version %llu is nobody's op: src \"%.*s\"",
			    (unsigned long long)k->v,
			    m->src.len < 64 ? (int)m->src.len : 64,
			    m->src.at != NULL ? m->src.at : "");
			k->v++;
			return;
		}
		checker_match(k, m, author);
	}
	if (m->op.at == NULL)
		checker_take_create(k, m);
	else
		checker_take_insert(k, m, author);
	k->v++;
	k->check->ops++;
}

/* Whoever followed to the end has the same edits in the same order. */
static void
checker_compare_replicas(struct checker *k)
{
	const struct replica *r = checker_doc(k)->replicas;

	for (; r != NULL; r = r->beside)
		if (r->v == k->v && r->digest_v == 1 && r->digest != k->digest)
			checker_fault(k, "connection %u followed other edits",
			    r->client->index);
}

/* The history is whole. */
static void
checker_conclude(struct checker *k)
{
	const struct doc *d = checker_doc(k);
	const struct options *o = k->rig->options;

	if (k->content_v != k->v)
		checker_fault(k, "its content is version %llu, its history has %llu ops",
		    (unsigned long long)k->content_v, (unsigned long long)k->v);
	if (is_prepared_elsewhere(k->rig)) {
		if (k->v != o->ops + 1)
			checker_fault(k, "its history has %llu ops, not %llu",
			    (unsigned long long)k->v,
			    (unsigned long long)o->ops + 1);
	} else if (k->told != d->acked) {
		checker_fault(k, "%llu ops were acknowledged, %llu of them are there",
		    (unsigned long long)d->acked, (unsigned long long)k->told);
	}
	if (!text_is(&k->text, k->content, k->content_len))
		checker_fault(k, "its content (%zu characters) is not its history's (%zu)",
		    k->content_len, k->text.len);
	if (!is_prepared_elsewhere(k->rig))
		checker_compare_replicas(k);
	k->check->docs += !k->is_at_fault;
	checker_begin(k, k->doc + CHECKERS);
}

static void
checker_hear(struct client *c, const char *text, size_t len)
{
	struct checker *k = c->owner;
	struct message m;

	if (k->doc >= k->rig->n_docs || !message_scan(text, len, &m) ||
	    !span_is(m.d, checker_doc(k)->id))
		return;
	if (m.error.at != NULL) {
		checker_fault(k, "asked for, it is refused: %.*s",
		    m.error.len < 300 ? (int)m.error.len : 300, m.error.at);
		checker_begin(k, k->doc + CHECKERS);
	} else if (span_is(m.a, "op")) {
		checker_take_op(k, &m);
	} else if (span_is(m.a, "f")) {
		if (k->has_content)
			checker_conclude(k);
		else
			checker_take_content(k, &m);
	}
}

/* ---- all of them ---- */

/* Hands are shaken, at first or again: go on where it was. */
static void
checker_greeted(struct client *c)
{
	struct checker *k = c->owner;

	if (k->doc < k->rig->n_docs)
		checker_ask(k, k->has_content);
}

/*
 * A server may cut off who has much to read, for it to come back by version
 * (otd --max-outbox).  It may do so as long as that leads on.
 */
static void
checker_lost(struct client *c, const char *why)
{
	struct checker *k = c->owner;

	if (k->doc >= k->rig->n_docs)
		return;
	if (k->v > k->v_at_cut) {
		k->is_cut = true;
	} else {
		checker_fault(k, "the connection is lost: %s", why);
		k->doc = k->rig->n_docs;
	}
	k->v_at_cut = k->v;
}

static const struct client_calls checker_calls = {
	.greeted = checker_greeted, .heard = checker_hear,
	.lost = checker_lost,
};

/* All have done their shares, or one wants a new connection. */
static bool
checkers_pause(const struct rig *rig)
{
	bool is_over = true;

	for (uint32_t i = 0; i < CHECKERS; i++) {
		if (rig->checkers[i].is_cut)
			return true;
		is_over &= rig->checkers[i].doc >= rig->n_docs;
	}
	return is_over;
}

static void
checker_connect(struct checker *k)
{
	const struct options *o = k->rig->options;

	k->is_cut = false;
	k->client.src[0] = '\0';
	conn_open(&k->rig->loop, &k->client.conn,
	    &o->place[k->client.index % o->n_urls]);
}

/* False: time was up. */
static bool
checkers_run(struct rig *rig)
{
	bool was_cut;

	do {
		if (!rig_run(rig, checkers_pause, UINT64_MAX))
			return false;
		was_cut = false;
		for (uint32_t i = 0; i < CHECKERS; i++)
			if (rig->checkers[i].is_cut) {
				was_cut = true;
				checker_connect(&rig->checkers[i]);
			}
	} while (was_cut);
	return true;
}

void
verify(struct rig *rig, struct run_check *out)
{
	struct checker *checkers = mem_get(CHECKERS * sizeof(*checkers));

	*out = (struct run_check){ .faults = 0 };
	rig->checkers = checkers;
	for (uint32_t i = 0; i < CHECKERS; i++) {
		struct checker *k = &checkers[i];

		*k = (struct checker){ .rig = rig, .check = out };
		k->client.rig = rig;
		k->client.index = i;
		k->client.calls = &checker_calls;
		k->client.owner = k;
		checker_begin(k, i);
		if (i < rig->n_docs)
			checker_connect(k);
	}
	out->is_done = checkers_run(rig);
	if (!out->is_done)
		fprintf(stderr, "otd-load: not all was verified in time (--limit)\n");
	for (uint32_t i = 0; i < CHECKERS; i++) {
		client_done(&checkers[i].client);
		text_done(&checkers[i].text);
		free(checkers[i].content);
	}
	free(checkers);
	rig->checkers = NULL;
}
