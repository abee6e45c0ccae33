/*
 * Channels: what is on them, and telling those who follow.
 */
#include "core/presence_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/may.h"
#include "proto/reply_presence.h"

/* What went not long ago, kept for clients that missed it. */
#define GONE_MAX	64
#define GONE_MS		60000
/* So many pr's of a channel in a second go out one by one. */
#define REQUESTS_MAX	20
#define REQUESTS_MS	1000

/* ---- what is said ---- */

static char *
copy_or_null(const char *s)
{
	return s != NULL ? mem_copy(s, strlen(s)) : NULL;
}

static void
buf_copy(struct buf *to, const struct buf *from)
{
	buf_init(to, SIZE_MAX);
	buf_put(to, from->data, from->len);
	if (buf_failed(to))
		bug("no memory for a presence that was within its limit");
}

void
said_done(struct said *s)
{
	free(s->src);
	free(s->id);
	free(s->c);
	free(s->d);
	buf_done(&s->head);
	buf_done(&s->p);
}

void
said_copy(struct said *to, const struct said *from)
{
	*to = *from;
	to->src = copy_or_null(from->src);
	to->id = copy_or_null(from->id);
	to->c = copy_or_null(from->c);
	to->d = copy_or_null(from->d);
	buf_copy(&to->head, &from->head);
	buf_copy(&to->p, &from->p);
}

bool
said_is_gone(const struct said *s)
{
	return s->p.len == 4 && memcmp(s->p.data, "null", 4) == 0;
}

void
said_go(struct said *s)
{
	buf_reset(&s->p);
	buf_puts(&s->p, "null");
}

/* ---- channels ---- */

static bool
channel_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct channel, in_hub)->name, key) == 0;
}

struct channel *
channel_find(const struct hub *h, const char *name)
{
	const struct table *t = &h->presence.channels;
	struct table_node *node = table_find(t,
	    table_hash(t, name, strlen(name)), channel_match, name);

	return node != NULL ? LIST_ITEM(node, struct channel, in_hub) : NULL;
}

struct channel *
channel_get(struct hub *h, const char *name)
{
	struct channel *ch = channel_find(h, name);
	struct table *t = &h->presence.channels;

	if (ch != NULL)
		return ch;
	ch = mem_get(sizeof(*ch));
	ch->hub = h;
	ch->name = mem_copy(name, strlen(name));
	ch->ordinal = ++h->presence.ordinals;
	ch->rev = h->presence.revs;
	list_init(&ch->in_fresh);
	list_init(&ch->in_stating);
	list_init(&ch->in_requesting);
	list_init(&ch->in_resting);
	list_init(&ch->in_settling);
	list_init(&ch->greeting);
	list_init(&ch->in_greeting);
	list_init(&ch->followers);
	list_init(&ch->own);
	list_init(&ch->gone);
	list_init(&ch->sights);
	list_push(&h->presence.all, &ch->in_all);
	table_add(t, &ch->in_hub, table_hash(t, name, strlen(name)));
	presence_bus_follow(ch);
	return ch;
}

void
channel_free(struct channel *ch)
{
	struct list *node, *next;

	presence_bus_unfollow(ch);
	LIST_EACH(&ch->own, node, next)
		presence_drop(LIST_ITEM(node, struct presence, in_channel));
	LIST_EACH(&ch->gone, node, next)
		presence_drop(LIST_ITEM(node, struct presence, in_channel));
	LIST_EACH(&ch->sights, node, next)
		sight_free(LIST_ITEM(node, struct sight, in_channel));
	table_remove(&ch->hub->presence.channels, &ch->in_hub);
	list_remove(&ch->in_all);
	list_remove(&ch->in_fresh);
	list_remove(&ch->in_stating);
	list_remove(&ch->in_requesting);
	list_remove(&ch->in_resting);
	list_remove(&ch->in_settling);
	list_remove(&ch->in_greeting);
	free(ch->name);
	free(ch);
}

void
channel_rest(struct channel *ch)
{
	struct hub *h = ch->hub;
	struct list *node, *next;

	list_remove(&ch->in_resting);
	if (!list_empty(&ch->followers))
		return;
	LIST_EACH(&ch->sights, node, next)
		sight_free(LIST_ITEM(node, struct sight, in_channel));
	if (!list_empty(&ch->own))
		return;
	if (!h->limits.shared_store || !ch->has_changed) {
		channel_free(ch);
		return;
	}
	/* Its last rev is said for a while, lest the last word was lost. */
	ch->rest_ms = h->now_ms;
	list_push(&h->presence.resting, &ch->in_resting);
}

/* ---- presences by name ---- */

struct presence_key {
	const struct channel	*ch;
	const struct sight	*sight;
	const char		*src, *id;
};

static bool
presence_match(const struct table_node *node, const void *key)
{
	const struct presence *p = LIST_ITEM(node, struct presence, in_hub);
	const struct presence_key *k = key;

	return p->ch == k->ch && p->sight == k->sight &&
	    strcmp(p->said.src, k->src) == 0 &&
	    strcmp(p->said.id, k->id) == 0;
}

static uint64_t
presence_hash(const struct presence_key *k)
{
	const struct table *t = &k->ch->hub->presence.presences;
	uint64_t numbers[2] = { k->ch->ordinal,
	    k->sight != NULL ? k->sight->node->id : 0 };
	uint64_t hash = table_hash(t, numbers, sizeof(numbers));

	hash = table_hash_more(hash, k->src, strlen(k->src));
	return table_hash_more(hash, k->id, strlen(k->id));
}

struct presence *
presence_find(const struct channel *ch, const struct sight *sight,
    const char *src, const char *id)
{
	struct presence_key key = { ch, sight, src, id };
	struct table_node *node = table_find(&ch->hub->presence.presences,
	    presence_hash(&key), presence_match, &key);

	return node != NULL ? LIST_ITEM(node, struct presence, in_hub) : NULL;
}

static void
presence_own(struct presence *p, struct session *ss)
{
	if (p->ss == ss)
		return;
	if (p->ss != NULL) {
		list_remove(&p->in_session);
		p->ss->presence.n_own--;
	}
	p->ss = ss;
	list_push(&ss->presence.own, &p->in_session);
	ss->presence.n_own++;
}

/* It is there again. */
static void
forget_gone(struct channel *ch, const struct said *said)
{
	struct list *node, *next;
	struct presence *p;

	LIST_EACH(&ch->gone, node, next) {
		p = LIST_ITEM(node, struct presence, in_channel);
		if (strcmp(p->said.id, said->id) == 0 &&
		    strcmp(p->said.src, said->src) == 0)
			presence_drop(p);
	}
}

struct presence *
presence_put(struct channel *ch, struct sight *sight, struct session *ss,
    struct said *said)
{
	struct presence_key key = { ch, sight, said->src, said->id };
	struct presence *p = presence_find(ch, sight, said->src, said->id);
	struct presence_hub *ph = &ch->hub->presence;

	forget_gone(ch, said);
	if (p == NULL) {
		p = mem_get(sizeof(*p));
		p->ch = ch;
		p->sight = sight;
		list_init(&p->in_session);
		list_push(sight != NULL ? &sight->presences : &ch->own,
		    &p->in_channel);
		table_add(&ph->presences, &p->in_hub, presence_hash(&key));
		*(sight != NULL ? &ph->n_sights : &ph->n_own) += 1;
	} else {
		said_done(&p->said);
	}
	p->said = *said;
	if (ss != NULL)
		presence_own(p, ss);
	list_remove(&ch->in_resting);
	presence_unsettle(p);
	return p;
}

void
presence_drop(struct presence *p)
{
	struct presence_hub *ph = &p->ch->hub->presence;

	if (p->gone_ms != 0) {
		p->ch->n_gone--;
	} else {
		table_remove(&ph->presences, &p->in_hub);
		*(p->sight != NULL ? &ph->n_sights : &ph->n_own) -= 1;
	}
	if (p->ss != NULL)
		p->ss->presence.n_own--;
	list_remove(&p->in_session);
	list_remove(&p->in_channel);
	said_done(&p->said);
	free(p);
}

/* ---- telling ---- */

/* Has the client a transform for it?  Else it would trip over the next op. */
static bool
understands(const struct session *ss, const struct said *said)
{
	unsigned i;

	if (said->type == NULL || said->type == &ot_type_rich_text)
		return true;
	for (i = 0; ot_type_at(i) != NULL; i++)
		if (ot_type_at(i) == said->type)
			return ss->presence.types & 1u << i;
	return false;
}

/* One's own is not sent back: agent.js, _handlePresenceData. */
static bool
is_for(const struct follower *f, const struct said *said)
{
	return strcmp(session_src(f->ss), said->src) != 0 &&
	    understands(f->ss, said) && follower_may_hear(f, said);
}

/* Of a document it goes by the right to that; of a channel, to follow it. */
static void
post_asked(struct session *ss, struct frame *f, const struct said *said)
{
	const struct about about = { said->c, NULL, said->d, NULL };

	if (said->c != NULL)
		session_post_shown(ss, f, &about, ACCESS_PRESENCE);
	else
		session_post(ss, f);
}

void
channel_post(struct channel *ch, struct session *only, const struct said *said)
{
	struct frame *f = reply_presence(&said->head, said->p.data,
	    said->p.len, said->c != NULL, said->v);
	struct list *node, *next;
	struct follower *fo;

	if (only != NULL) {
		fo = follower_find(only, ch->name);
		/* It asked, so that there is room. */
		if (fo != NULL && fo->ch != NULL && is_for(fo, said))
			post_asked(only, frame_ref(f), said);
		frame_unref(f);
		return;
	}
	LIST_EACH(&ch->followers, node, next) {
		fo = LIST_ITEM(node, struct follower, in_channel);
		if (is_for(fo, said))
			session_post_live(fo->ss, frame_ref(f));
	}
	frame_unref(f);
}

/* Followers, or one of them, hear of it: at once, or in the document's line. */
static void
tell(struct channel *ch, struct session *only, const struct said *said)
{
	struct doc *d = NULL;
	struct said copy;

	if (ch->hub->presence.is_ending || list_empty(&ch->followers))
		return;
	if (said->c != NULL)
		d = hub_doc_here(ch->hub, said->c, said->d);
	if (d == NULL) {
		channel_post(ch, only, said);
		return;
	}
	said_copy(&copy, said);
	presence_offer(d, only != NULL ? OFFER_ANSWER : OFFER_TOLD, only, NULL,
	    ch->name, &copy);
}

void
channel_tell(struct channel *ch, const struct said *said)
{
	tell(ch, NULL, said);
}

/* The one of largest pv that any process but that of sight has; or NULL. */
static const struct presence *
newest_but(const struct channel *ch, const struct said *said, bool but_own,
    const struct sight *but)
{
	struct list *node, *next;
	const struct presence *p, *newest = NULL;
	const struct sight *v;

	if (!but_own)
		newest = presence_find(ch, NULL, said->src, said->id);
	LIST_EACH(&ch->sights, node, next) {
		v = LIST_ITEM(node, struct sight, in_channel);
		p = v == but ? NULL :
		    presence_find(ch, v, said->src, said->id);
		if (p != NULL && (newest == NULL ||
		    p->said.pv > newest->said.pv))
			newest = p;
	}
	return newest;
}

bool
channel_has_newer(const struct channel *ch, const struct sight *sight,
    const struct said *said)
{
	const struct presence *p = newest_but(ch, said, sight == NULL, sight);

	return p != NULL && p->said.pv >= said->pv;
}

bool
channel_is_so(const struct channel *ch, const struct said *said)
{
	const struct presence *p = newest_but(ch, said, false, NULL);

	if (said_is_gone(said))
		return p == NULL || p->said.pv < said->pv;
	return p != NULL && p->said.pv == said->pv;
}

/*
 * Some clients miss that somebody goes: those that were away, and in documents
 * those that had just applied an op of their own, find a null of before it
 * stale and ask (lib/client/presence/remote-doc-presence.js).  The answer has
 * it once more.
 */
void
channel_keep_gone(struct channel *ch, const struct said *said)
{
	struct presence *p;

	forget_gone(ch, said);
	if (list_empty(&ch->followers))
		return;
	if (ch->n_gone == GONE_MAX)
		presence_drop(LIST_ITEM(ch->gone.next, struct presence,
		    in_channel));
	p = mem_get(sizeof(*p));
	p->ch = ch;
	p->gone_ms = ch->hub->now_ms + 1;	/* never 0 */
	list_init(&p->in_session);
	list_push(&ch->gone, &p->in_channel);
	ch->n_gone++;
	said_copy(&p->said, said);
	presence_unsettle(p);
}

void
channel_tell_gone(struct channel *ch, struct said *said)
{
	said_go(said);
	channel_keep_gone(ch, said);
	tell(ch, NULL, said);
}

static void
answer(struct presence *p, struct session *ss, bool was_here)
{
	if (p->gone_ms == 0 && channel_has_newer(p->ch, p->sight, &p->said))
		return;
	tell(p->ch, ss, &p->said);
	if (was_here)
		presence_unsettle(p);
}

void
channel_answer(struct channel *ch, struct session *ss, bool was_here)
{
	struct list *node, *next, *inner, *after;
	struct presence *p;

	LIST_EACH(&ch->own, node, next)
		answer(LIST_ITEM(node, struct presence, in_channel), ss,
		    was_here);
	LIST_EACH(&ch->sights, node, next)
		LIST_EACH(&LIST_ITEM(node, struct sight, in_channel)->presences,
		    inner, after)
			answer(LIST_ITEM(inner, struct presence, in_channel),
			    ss, was_here);
	LIST_EACH(&ch->gone, node, next) {
		p = LIST_ITEM(node, struct presence, in_channel);
		if (ch->hub->now_ms + 1 - p->gone_ms > GONE_MS)
			presence_drop(p);
		else if (was_here)
			answer(p, ss, true);
	}
}

/* All ask for the same: over so many a second one stands for those to come. */
static bool
is_put_off(struct channel *ch)
{
	struct hub *h = ch->hub;

	if (h->now_ms - ch->request_ms >= REQUESTS_MS) {
		ch->request_ms = h->now_ms;
		ch->requests = 0;
	}
	if (ch->requests++ < REQUESTS_MAX)
		return false;
	if (list_empty(&ch->in_requesting))
		list_push(&h->presence.requesting, &ch->in_requesting);
	return true;
}

static void
post_request(struct channel *ch, const char *but)
{
	struct frame *f = reply_presence_request(ch->name);
	struct list *node, *next;
	struct follower *fo;

	LIST_EACH(&ch->followers, node, next) {
		fo = LIST_ITEM(node, struct follower, in_channel);
		if (but == NULL || strcmp(session_src(fo->ss), but) != 0)
			session_post_live(fo->ss, frame_ref(f));
	}
	frame_unref(f);
}

void
channel_request(struct channel *ch, const char *but)
{
	if (!is_put_off(ch))
		post_request(ch, but);
}

void
channel_request_late(struct hub *h)
{
	struct list *node, *next;
	struct channel *ch;

	LIST_EACH(&h->presence.requesting, node, next) {
		ch = LIST_ITEM(node, struct channel, in_requesting);
		if (h->now_ms - ch->request_ms < REQUESTS_MS)
			continue;
		list_remove(&ch->in_requesting);
		channel_request(ch, NULL);
	}
}
