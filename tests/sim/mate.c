#include "tests/sim/mate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/heard.h"
#include "tests/sim/world.h"

#define HS "{\"a\":\"hs\",\"id\":\"%s\",\"protocol\":1,\"protocolMinor\":2," \
	"\"x\":{\"presence\":[\"json0\",\"text\",\"text-unicode\",\"text0\"]}}"

struct mate *
mate_new(struct client *c)
{
	struct mate *m = mem_get(sizeof(*m));

	m->client = c;
	return m;
}

/* As a client of ShareDB names those of documents. */
const char *
mate_channel_name(unsigned channel)
{
	static const char *const names[] = {
		"ch0", "ch1", "c.d0", "c.d1", "c.d2", "c.d3", "c.d4",
	};

	return names[channel];
}

unsigned
mate_channel_named(const char *name)
{
	return name[1] == '.' ? 2 + (unsigned)(name[3] - '0') :
	    (unsigned)(name[2] - '0');
}

static bool
has_doc(unsigned channel)
{
	return channel >= 2;
}

static void
say(struct mate *m, const char *text)
{
	m->unanswered++;
	world_send(m->client, text, strlen(text));
}

static void
say_of(struct mate *m, const char *a, unsigned channel)
{
	char text[100];

	snprintf(text, sizeof(text),
	    "{\"a\":\"%s\",\"ch\":\"%s\",\"seq\":%llu}", a,
	    mate_channel_name(channel),
	    (unsigned long long)++m->seq);
	say(m, text);
}

/* ---- documents ---- */

static void
read_doc(struct mate *m, unsigned doc)
{
	char text[64];

	if (m->reading[doc] != READING_NOT)
		return;
	m->reading[doc] = READING_ASKED;
	snprintf(text, sizeof(text),
	    "{\"a\":\"s\",\"c\":\"c\",\"d\":\"d%u\"}", doc);
	say(m, text);
}

static void
hear_op(struct mate *m, const struct heard *h)
{
	unsigned doc = (unsigned)(h->d[1] - '0');

	if (m->reading[doc] == READING && h->v == m->v[doc])
		m->v[doc]++;
}

static void
hear_snapshot(struct mate *m, const struct heard *h)
{
	unsigned doc = (unsigned)(h->d[1] - '0');
	struct heard_snapshot s;

	m->reading[doc] = READING_NOT;
	if (h->is_error)
		return;
	heard_snapshot_read(&h->data, &s);
	m->reading[doc] = READING;
	m->v[doc] = s.v;
}

/* ---- saying where it is ---- */

static const struct pretend_doc *
doc_of(const struct mate *m, unsigned channel)
{
	char id[16];

	snprintf(id, sizeof(id), "d%u", channel - 2);
	return pretend_find(&m->client->world->store, "c", id);
}

/* In what is stored, or a little behind it; false: there is no document. */
static bool
put_place(struct mate *m, unsigned channel, struct buf *b)
{
	const struct pretend_doc *d = doc_of(m, channel);
	const struct ot_type *type = d != NULL ? d->head.type : NULL;
	uint64_t behind = below(m->client->world, 3);

	if (type == NULL)
		return false;
	buf_puts(b, ",\"c\":\"c\",\"d\":\"d");
	buf_put_u64(b, channel - 2);
	buf_puts(b, "\",\"t\":\"");
	buf_puts(b, type->uri);
	buf_puts(b, "\",\"v\":");
	buf_put_u64(b, behind < d->v ? d->v - behind : d->v);
	buf_puts(b, type == &ot_type_json0 ? ",\"p\":{\"path\":[]}" :
	    ",\"p\":{\"index\":0,\"length\":0}");
	return true;
}

static void
say_place(struct mate *m, unsigned channel, bool is_null)
{
	struct mate_channel *ch = &m->channels[channel];
	struct buf b = BUF_INIT;
	char text[256];

	if (m->client->conn == NULL)
		return;
	/* There may be nowhere to be. */
	ch->wants_own = !is_null && (!has_doc(channel) ||
	    put_place(m, channel, &b));
	is_null |= !ch->wants_own;
	ch->pv++;
	ch->is_refused = false;
	ch->said_null = is_null;
	m->unanswered++;
	buf_puts(&b, is_null ? ",\"p\":null" : has_doc(channel) ? "" :
	    ",\"p\":1");
	snprintf(text, sizeof(text), "{\"a\":\"p\",\"id\":\"i\",\"ch\":\"%s\","
	    "\"pv\":%llu%.*s}", mate_channel_name(channel),
	    (unsigned long long)ch->pv, (int)b.len, b.data);
	world_send(m->client, text, strlen(text));
	buf_done(&b);
}

/* ---- following ---- */

static void
follow(struct mate *m, unsigned channel)
{
	if (m->channels[channel].wants)
		return;
	m->channels[channel].wants = true;
	say_of(m, "ps", channel);
}

static void
leave(struct mate *m, unsigned channel)
{
	struct mate_channel *ch = &m->channels[channel];

	if (!ch->wants || !ch->is_on)
		return;
	ch->wants = ch->is_on = false;
	memset(ch->others, 0, sizeof(ch->others));
	/* What it said itself ends with it. */
	ch->wants_own = ch->is_there = false;
	say_of(m, "pu", channel);
}

void
mate_connected(struct mate *m)
{
	char text[256];
	unsigned i;

	snprintf(text, sizeof(text), HS, m->client->src);
	world_send(m->client, text, strlen(text));
	for (i = 0; i < MATE_CHANNELS; i++) {
		if (m->channels[i].wants)
			say_of(m, "ps", i);
		else
			m->channels[i].wants_own = false;
	}
}

void
mate_lost(struct mate *m)
{
	struct mate_channel *ch;
	unsigned i;

	m->unanswered = 0;
	memset(m->reading, 0, sizeof(m->reading));
	for (i = 0; i < MATE_CHANNELS; i++) {
		ch = &m->channels[i];
		ch->is_on = ch->is_there = ch->is_refused = false;
		memset(ch->others, 0, sizeof(ch->others));
	}
}

void
mate_act(struct mate *m)
{
	struct world *w = m->client->world;
	unsigned channel = (unsigned)below(w, MATE_CHANNELS);
	unsigned what = (unsigned)below(w, 100);

	if (m->client->conn == NULL)
		return;
	if (what < 55)
		say_place(m, channel, what < 8);
	else if (what < 80)
		follow(m, channel);
	else if (what < 88)
		leave(m, channel);
	else if (what < 92)
		say_of(m, "pr", channel);
	else
		read_doc(m, (unsigned)below(w, CLIENT_DOCS));
}

bool
mate_settle(struct mate *m)
{
	struct mate_channel *ch;
	bool is_settled;
	unsigned i;

	if (m->client->conn == NULL)
		return false;
	is_settled = m->unanswered == 0;
	for (i = 0; i < MATE_CHANNELS; i++) {
		ch = &m->channels[i];
		/* Most follow, and some are only there. */
		if ((m->client->number + i) % 3 != 0)
			follow(m, i);
		is_settled &= ch->is_on == ch->wants;
		if (ch->is_refused)
			say_place(m, i, ch->said_null);
		is_settled &= !ch->is_refused;
	}
	return is_settled;
}

/* ---- hearing ---- */

static void
hear_own(struct mate *m, struct mate_channel *ch, const struct heard *h)
{
	m->unanswered--;
	if (h->pv != ch->pv)
		return;
	ch->is_refused = h->is_error;
	ch->is_there = !h->is_error && h->p.kind != JSON_NULL &&
	    ch->wants_own;
	ch->v = h->v;
}

static void
hear_other(struct mate *m, unsigned channel, const struct heard *h)
{
	struct mate_channel *ch = &m->channels[channel];
	unsigned number = (unsigned)strtoul(h->src + 1, NULL, 10);
	struct mate_seen *seen = &ch->others[number];
	struct world *w = m->client->world;
	unsigned doc = channel - 2;

	if (!ch->wants)
		return;		/* it was on its way */
	/* From before it left and came again: that may be older, or newer. */
	if (ch->is_on && seen->is_there && h->pv < seen->pv)
		violation(w, "%s ch%u: %s at %llu after %llu", m->client->src,
		    channel, h->src, (unsigned long long)h->pv,
		    (unsigned long long)seen->pv);
	/* A line that is full, or history that has gone, lets it by. */
	if (has_doc(channel) && h->p.kind != JSON_NULL &&
	    w->limits.line_requests > 1000 && !w->forgets &&
	    m->reading[doc] == READING && h->v > m->v[doc])
		violation(w, "%s ch%u: %s is at version %llu, and the ops at "
		    "%llu", m->client->src, channel, h->src,
		    (unsigned long long)h->v, (unsigned long long)m->v[doc]);
	*seen = (struct mate_seen){ h->p.kind != JSON_NULL, h->pv, h->v };
}

static void
hear_presence(struct mate *m, const struct heard *h)
{
	unsigned channel = mate_channel_named(h->ch);

	if (h->src[0] == '\0' || strcmp(h->src, m->client->src) == 0)
		hear_own(m, &m->channels[channel], h);
	else
		hear_other(m, channel, h);
}

/* Somebody asks; or it was answered. */
static void
hear_request(struct mate *m, const struct heard *h)
{
	struct mate_channel *ch;

	if (h->ch[0] == '\0') {
		m->unanswered--;
		return;
	}
	ch = &m->channels[mate_channel_named(h->ch)];
	if (ch->wants_own && ch->wants)
		say_place(m, mate_channel_named(h->ch), false);
}

static void
hear_following(struct mate_channel *ch)
{
	ch->is_on = ch->wants;
	/* All that is there comes now. */
	memset(ch->others, 0, sizeof(ch->others));
}

void
mate_hear(struct mate *m, const char *text, size_t len)
{
	struct heard h;

	heard_read(text, len, &h);
	if (strcmp(h.a, "p") == 0) {
		hear_presence(m, &h);
	} else if (strcmp(h.a, "pr") == 0) {
		hear_request(m, &h);
	} else if (strcmp(h.a, "ps") == 0) {
		m->unanswered--;
		hear_following(&m->channels[mate_channel_named(h.ch)]);
	} else if (strcmp(h.a, "pu") == 0) {
		m->unanswered--;
	} else if (strcmp(h.a, "s") == 0) {
		m->unanswered--;
		hear_snapshot(m, &h);
	} else if (heard_is_op(&h)) {
		hear_op(m, &h);
	}
}

/* ---- at the end ---- */

/* Was the document made anew since?  Then nobody is anywhere in it. */
static bool
was_made_anew(const struct mate *m, unsigned channel, uint64_t v)
{
	const struct pretend_doc *d = doc_of(m, channel);

	for (; d != NULL && v < d->v; v++)
		if (d->log[v]->kind != OP_EDIT)
			return true;
	return false;
}

static void
check_other(const struct mate *m, unsigned channel, const struct client *c)
{
	const struct mate_seen *seen =
	    &m->channels[channel].others[c->number];
	const struct mate_channel *theirs = &c->mate->channels[channel];

	if (seen->is_there == theirs->is_there &&
	    (!seen->is_there || seen->pv == theirs->pv))
		return;
	if (has_doc(channel) && (was_made_anew(m, channel, theirs->v) ||
	    was_made_anew(m, channel, seen->v)))
		return;
	violation(m->client->world, "%s ch%u: sees %s %s at %llu, who %s at "
	    "%llu", m->client->src, channel, c->src,
	    seen->is_there ? "there" : "gone", (unsigned long long)seen->pv,
	    theirs->is_there ? "is there" : "has gone",
	    (unsigned long long)theirs->pv);
}

void
mate_check(const struct mate *m)
{
	const struct world *w = m->client->world;
	unsigned channel, i;

	for (channel = 0; channel < MATE_CHANNELS; channel++)
		for (i = 0; m->channels[channel].is_on && i < w->n_clients;
		    i++)
			if (&w->clients[i] != m->client &&
			    w->clients[i].mate != NULL)
				check_other(m, channel, &w->clients[i]);
}
