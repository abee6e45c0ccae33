/*
 * presence between processes.
 *
 * 1. Each process numbers the changes of its own presences on a channel, one
 *    by one: rev.  A word of a change (SET) has its number; a sight of another
 *    process knows how far it has heard.  The next number is taken; an older
 *    one is dropped; a later one is taken too, and the sight is unsure.
 * 2. A channel that has begun anew begins above every number it ever had
 *    (hub->presence.revs), so numbers never mean two things.
 * 3. FRESH_MS after a change the number is said once more (REV), and again.
 *    Later it is said with every beat, of some channels in turn.  A sight that
 *    knows less, or has heard nothing for long, is unsure.
 * 4. An unsure sight asks (ASK) until it has heard all there is (STATE), which
 *    is taken whole, unless something newer was heard meanwhile.
 * 5. A process that has presences says that it lives (BEAT), several times
 *    within presence_ttl_ms.  One that is not heard for so long is forgotten
 *    and its presences with it.
 * 6. Where one src has one id in two processes, a client has changed its
 *    process and the old one has not noticed: the larger pv counts, and the
 *    old one lets go of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/presence_in.h"
#include "core/presence_word.h"

#define ROUND_MS	50	/* what is due is looked for so often */
#define FRESH_MS	250	/* from a change until its number is said again */
#define FRESH_TIMES	2
#define ASK_MS		300	/* from asking until asking again */
#define BEATS		3	/* in the time to live */
#define BEAT_CHANNELS	1000	/* numbers said with a beat */
#define PART_BYTES	(256u << 10)	/* of a state */

static bool
is_shared(const struct channel *ch)
{
	return ch->hub->limits.shared_store && !ch->hub->presence.is_ending;
}

/* ---- what is followed ---- */

/* NULL: the topic is of no channel, or of none that is here. */
static struct channel *
topic_channel(const struct hub *h, const char *topic)
{
	const char *name = strchr(topic, '/');

	return name != NULL ? channel_find(h, name + 1) : NULL;
}

static void
follow(struct hub *h, enum word_kind kind, const char *topic)
{
	hub_say(h, word_new_topic(kind, topic));
}

void
presence_bus_follow(struct channel *ch)
{
	char *topic;

	if (!is_shared(ch))
		return;
	if (!ch->hub->presence.hears_nodes) {
		ch->hub->presence.hears_nodes = true;
		follow(ch->hub, WORD_FOLLOW, TOPIC_NODES);
	}
	topic = topic_of(ch->name);
	follow(ch->hub, WORD_FOLLOW, topic);
	free(topic);
}

void
presence_bus_unfollow(struct channel *ch)
{
	char *topic;

	if (!is_shared(ch))
		return;
	topic = topic_of(ch->name);
	follow(ch->hub, WORD_UNFOLLOW, topic);
	free(topic);
}

bool
presence_bus_hears(const struct channel *ch)
{
	return ch->is_heard || !is_shared(ch);
}

/* ---- saying ---- */

static struct word *
word_for(const struct channel *ch, enum presence_word_kind kind)
{
	char *topic = topic_of(ch->name);
	struct word *w = presence_word_new(ch->hub, topic, kind, ch->name);

	free(topic);
	return w;
}

/* The number is to be said again, soon and a few times. */
static void
freshen(struct channel *ch)
{
	ch->fresh_left = FRESH_TIMES;
	if (!list_empty(&ch->in_fresh))
		return;
	ch->fresh_ms = ch->hub->now_ms + FRESH_MS;
	list_push(&ch->hub->presence.fresh, &ch->in_fresh);
}

void
presence_bus_say(struct channel *ch, const struct said *said)
{
	struct hub *h = ch->hub;
	struct word *w;

	if (!is_shared(ch))
		return;
	ch->has_changed = true;
	ch->rev++;
	if (h->presence.revs < ch->rev)
		h->presence.revs = ch->rev;
	w = word_for(ch, PRESENCE_SET);
	presence_put_number(w, ch->rev);
	presence_put_said(w, said);
	hub_say(h, w);
	freshen(ch);
}

void
presence_bus_request(struct channel *ch, const char *but)
{
	struct word *w;

	if (!is_shared(ch))
		return;
	w = word_for(ch, PRESENCE_REQUEST);
	presence_put_string(w, but);
	hub_say(ch->hub, w);
}

static void
say_rev(const struct channel *ch)
{
	struct word *w = word_for(ch, PRESENCE_REV);

	presence_put_number(w, ch->rev);
	hub_say(ch->hub, w);
}

/* One part of a state; *node moves on to what is left. */
static void
say_part(const struct channel *ch, uint64_t part, struct list **node)
{
	struct word *w = word_for(ch, PRESENCE_STATE);
	struct list *stop = *node;
	const struct presence *p;
	size_t bytes = 0;
	uint64_t n = 0;

	while (stop != &ch->own && bytes < PART_BYTES) {
		p = LIST_ITEM(stop, struct presence, in_channel);
		bytes += p->said.p.len + p->said.head.len;
		stop = stop->next;
		n++;
	}
	presence_put_number(w, ch->rev);
	presence_put_number(w, part);
	presence_put_byte(w, stop == &ch->own);
	presence_put_number(w, n);
	for (; *node != stop; *node = (*node)->next)
		presence_put_said(w, &LIST_ITEM(*node, struct presence,
		    in_channel)->said);
	hub_say(ch->hub, w);
}

static void
say_state(const struct channel *ch)
{
	struct list *node = ch->own.next;
	uint64_t part = 0;

	do
		say_part(ch, ++part, &node);
	while (node != &ch->own);
}

/* Of a channel that is no more here. */
void
presence_bus_say_empty(struct hub *h, const char *channel)
{
	char *topic = topic_of(channel);
	struct word *w = presence_word_new(h, topic, PRESENCE_STATE, channel);

	presence_put_number(w, h->presence.revs);
	presence_put_number(w, 1);
	presence_put_byte(w, 1);
	presence_put_number(w, 0);
	hub_say(h, w);
	free(topic);
}

/* All, with what is known of them; or the one whose sight is unsure. */
static void
say_ask(const struct channel *ch, const struct sight *unsure)
{
	struct list *node, *next;
	const struct sight *v;
	struct word *w;
	uint64_t n = 0;

	if (unsure != NULL)
		w = presence_word_new(ch->hub, TOPIC_NODES, PRESENCE_ASK,
		    ch->name);
	else
		w = word_for(ch, PRESENCE_ASK);
	presence_put_number(w, unsure != NULL ? unsure->node->id : 0);
	LIST_EACH(&ch->sights, node, next)
		n += !LIST_ITEM(node, struct sight, in_channel)->is_unsure;
	presence_put_number(w, n);
	LIST_EACH(&ch->sights, node, next) {
		v = LIST_ITEM(node, struct sight, in_channel);
		if (v->is_unsure)
			continue;
		presence_put_number(w, v->node->id);
		presence_put_number(w, v->rev);
	}
	hub_say(ch->hub, w);
}

void
presence_bus_ask(struct channel *ch)
{
	/* Only the first follower here brings the channel something new. */
	if (!is_shared(ch) || ch->followers.next->next != &ch->followers)
		return;
	say_ask(ch, NULL);
	ch->asks_again = true;
	freshen(ch);
}

/* Something may have been said before we listened, or while we could not. */
static void
catch_up(struct channel *ch)
{
	ch->is_heard = true;
	if (!list_empty(&ch->followers)) {
		say_ask(ch, NULL);
		ch->asks_again = true;
	}
	freshen(ch);
	presence_greet(ch);
}

void
presence_hear(struct hub *h, const struct word *w)
{
	struct presence_reader r;
	struct channel *ch;

	if (w->kind == WORD_FOLLOWED) {
		if ((ch = topic_channel(h, w->topic)) != NULL)
			catch_up(ch);
		return;
	}
	/* What we said ourselves may come back. */
	if (presence_reader_init(&r, w) && r.node != h->limits.node)
		presence_read(h, &r);
	presence_reader_done(&r);
}

void
presence_back(struct hub *h)
{
	struct list *node, *next;

	LIST_EACH(&h->presence.all, node, next)
		catch_up(LIST_ITEM(node, struct channel, in_all));
}

/* ---- time ---- */

static void
say_fresh(struct hub *h)
{
	struct channel *ch;

	while (!list_empty(&h->presence.fresh)) {
		ch = LIST_ITEM(h->presence.fresh.next, struct channel,
		    in_fresh);
		if (ch->fresh_ms > h->now_ms)
			break;
		list_remove(&ch->in_fresh);
		if (ch->asks_again && !list_empty(&ch->followers))
			say_ask(ch, NULL);
		ch->asks_again = false;
		if (ch->has_changed)
			say_rev(ch);
		if (--ch->fresh_left == 0)
			continue;
		ch->fresh_ms = h->now_ms + FRESH_MS;
		list_push(&h->presence.fresh, &ch->in_fresh);
	}
}

static void
say_states(struct hub *h)
{
	struct list *node;

	while ((node = list_shift(&h->presence.stating)) != NULL)
		say_state(LIST_ITEM(node, struct channel, in_stating));
}

static void
ask_unsure(struct hub *h)
{
	struct list *node, *next;
	struct sight *v;

	LIST_EACH(&h->presence.doubtful, node, next) {
		v = LIST_ITEM(node, struct sight, in_doubt);
		if (v->asked_ms != 0 && h->now_ms - v->asked_ms < ASK_MS)
			continue;
		v->asked_ms = h->now_ms + 1;	/* never 0 */
		say_ask(v->ch, v);
	}
}

/* Point 3: some channels in turn. */
static void
beat_channel(struct channel *ch)
{
	struct list *node, *next;
	struct sight *v;

	if (ch->has_changed)
		say_rev(ch);
	LIST_EACH(&ch->sights, node, next) {
		v = LIST_ITEM(node, struct sight, in_channel);
		if (ch->hub->now_ms - v->sure_ms >
		    2 * ch->hub->limits.presence_ttl_ms)
			sight_doubt(v);
	}
}

static void
beat(struct hub *h)
{
	struct presence_hub *ph = &h->presence;
	struct list *node, *last = ph->all.prev;
	unsigned n;

	if (h->now_ms < ph->next_beat_ms)
		return;
	ph->next_beat_ms = h->now_ms + h->limits.presence_ttl_ms / BEATS;
	if (ph->n_own > 0 || !list_empty(&ph->resting))
		hub_say(h, presence_word_new(h, TOPIC_NODES, PRESENCE_BEAT,
		    ""));
	for (n = 0; n < BEAT_CHANNELS &&
	    (node = list_shift(&ph->all)) != NULL; n++) {
		list_push(&ph->all, node);
		beat_channel(LIST_ITEM(node, struct channel, in_all));
		if (node == last)
			break;
	}
}

void
presence_bus_tick(struct hub *h)
{
	if (h->now_ms < h->presence.next_ms)
		return;
	h->presence.next_ms = h->now_ms + ROUND_MS;
	say_fresh(h);
	say_states(h);
	ask_unsure(h);
	presence_lose_silent(h);
	beat(h);
}
