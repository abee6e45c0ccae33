/*
 * presence: what sessions say of themselves, and that they follow.
 */
#include "core/presence_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Channels that a session has left, of which the seq is still known. */
#define OFF_MAX		64

/* ---- sessions ---- */

bool
presence_say(struct session *ss, const char *name, const struct said *said)
{
	struct channel *ch = channel_get(ss->hub, name);
	struct presence *p = presence_find(ch, NULL, said->src, said->id);
	struct said copy;

	if (p != NULL && said->pv < p->said.pv)
		return false;
	said_copy(&copy, said);
	if (!said_is_gone(said)) {
		presence_put(ch, NULL, ss, &copy);
	} else {
		if (p != NULL)
			presence_drop(p);
		channel_keep_gone(ch, &copy);
		said_done(&copy);
	}
	/* A document's is here in its line already. */
	if (!channel_has_newer(ch, NULL, said))
		channel_post(ch, NULL, said);
	presence_bus_say(ch, said);
	channel_rest(ch);
	return true;
}

/* What a session had on a channel is no more. */
static void
presence_go(struct presence *p)
{
	struct channel *ch = p->ch;
	struct said said;

	said_copy(&said, &p->said);
	presence_drop(p);
	if (!channel_has_newer(ch, NULL, &said))
		channel_tell_gone(ch, &said);
	said_go(&said);
	presence_bus_say(ch, &said);
	said_done(&said);
	channel_rest(ch);
}

void
presence_end(struct session *ss, const struct channel *ch)
{
	struct list *node, *next;
	struct presence *p;

	LIST_EACH(&ss->presence.own, node, next) {
		p = LIST_ITEM(node, struct presence, in_session);
		if (ch == NULL || p->ch == ch)
			presence_go(p);
	}
}

struct follower_key {
	const struct session	*ss;
	const char		*name;
};

static bool
follower_match(const struct table_node *node, const void *key)
{
	const struct follower *f = LIST_ITEM(node, struct follower, in_hub);
	const struct follower_key *k = key;

	return f->ss == k->ss && strcmp(f->name, k->name) == 0;
}

static uint64_t
follower_hash(const struct session *ss, const char *name)
{
	return table_hash_more(table_hash(&ss->hub->presence.followers,
	    &ss->ordinal, sizeof(ss->ordinal)), name, strlen(name));
}

struct follower *
follower_find(const struct session *ss, const char *name)
{
	struct follower_key key = { ss, name };
	struct table_node *node = table_find(&ss->hub->presence.followers,
	    follower_hash(ss, name), follower_match, &key);

	return node != NULL ? LIST_ITEM(node, struct follower, in_hub) : NULL;
}

static void
follower_free(struct follower *f)
{
	struct presence_session *ps = &f->ss->presence;

	follower_off(f);
	ps->n_off--;
	table_remove(&f->ss->hub->presence.followers, &f->in_hub);
	list_remove(&f->in_session);
	free(f->name);
	free(f);
}

struct follower *
follower_on(struct session *ss, const char *name)
{
	struct follower *f = follower_find(ss, name);

	if (f == NULL) {
		f = mem_get(sizeof(*f));
		f->ss = ss;
		f->name = mem_copy(name, strlen(name));
		list_init(&f->in_session);
		list_init(&f->in_greeting);
		list_init(&f->in_about);
		table_add(&ss->hub->presence.followers, &f->in_hub,
		    follower_hash(ss, name));
	} else {
		list_remove(&f->in_session);
		ss->presence.n_off--;
	}
	f->ch = channel_get(ss->hub, name);
	list_remove(&f->ch->in_resting);
	list_push(&f->ch->followers, &f->in_channel);
	list_push(&ss->presence.followers, &f->in_session);
	ss->presence.n_followers++;
	return f;
}

void
follower_off(struct follower *f)
{
	struct presence_session *ps = &f->ss->presence;
	struct channel *ch = f->ch;

	if (ch == NULL)
		return;
	f->ch = NULL;
	if (f->asked != NULL) {
		list_remove(&f->in_greeting);
		incoming_free(f->asked);
		f->asked = NULL;
	}
	follower_forget(f);
	list_remove(&f->in_channel);
	list_remove(&f->in_session);
	ps->n_followers--;
	list_push(&ps->off, &f->in_session);
	if (++ps->n_off > OFF_MAX)
		follower_free(LIST_ITEM(ps->off.next, struct follower,
		    in_session));
	channel_rest(ch);
}

void
presence_session_init(struct session *ss)
{
	list_init(&ss->presence.followers);
	list_init(&ss->presence.off);
	list_init(&ss->presence.own);
	list_init(&ss->presence.held);
	list_init(&ss->presence.in_holding);
	ss->presence.allowance = ss->hub->limits.presence_rate;
	ss->presence.allowed_ms = ss->hub->now_ms;
}

void
presence_close(struct session *ss)
{
	struct list *node, *next;

	LIST_EACH(&ss->presence.followers, node, next)
		follower_off(LIST_ITEM(node, struct follower, in_session));
}

void
presence_leave(struct session *ss)
{
	struct list *node, *next;

	presence_forget_held(ss);
	LIST_EACH(&ss->presence.followers, node, next)
		follower_free(LIST_ITEM(node, struct follower, in_session));
	LIST_EACH(&ss->presence.off, node, next)
		follower_free(LIST_ITEM(node, struct follower, in_session));
	presence_end(ss, NULL);
}

/* ---- the hub ---- */

void
presence_hub_init(struct hub *h, uint64_t seed)
{
	struct presence_hub *ph = &h->presence;
	struct list *lists[] = {
		&ph->all, &ph->nodes, &ph->fresh, &ph->stating,
		&ph->requesting, &ph->resting, &ph->settling, &ph->doubtful, &ph->holding,
		&ph->greeting, &ph->about,
	};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		list_init(lists[i]);
	table_init(&ph->channels, seed);
	table_init(&ph->presences, seed);
	table_init(&ph->followers, seed);
}

void
presence_hub_done(struct hub *h)
{
	struct presence_hub *ph = &h->presence;
	struct list *node, *next;

	ph->is_ending = true;
	LIST_EACH(&h->sessions, node, next)
		presence_leave(LIST_ITEM(node, struct session, node));
	LIST_EACH(&ph->all, node, next)
		channel_free(LIST_ITEM(node, struct channel, in_all));
	LIST_EACH(&ph->nodes, node, next)
		presence_node_free(LIST_ITEM(node, struct presence_node,
		    in_hub));
	table_done(&ph->channels);
	table_done(&ph->presences);
	table_done(&ph->followers);
}

void
presence_tick(struct hub *h)
{
	struct list *node, *next;
	struct channel *ch;

	presence_go_on(h);
	channel_request_late(h);
	presence_greet_late(h);
	presence_settle(h);
	if (h->limits.shared_store)
		presence_bus_tick(h);
	LIST_EACH(&h->presence.resting, node, next) {
		ch = LIST_ITEM(node, struct channel, in_resting);
		if (h->now_ms - ch->rest_ms > h->limits.presence_ttl_ms)
			channel_free(ch);
	}
}

/* ---- invariants ---- */

static void
must(bool holds, const char *what)
{
	if (!holds)
		bug(what);
}

static size_t
length(const struct list *l)
{
	struct list *node, *next;
	size_t n = 0;

	LIST_EACH(l, node, next)
		n++;
	return n;
}

void
presence_check(const struct hub *h)
{
	struct list *node, *next, *inner, *after;
	const struct channel *ch;
	const struct session *ss;
	uint64_t own = 0, sights = 0;

	LIST_EACH(&h->presence.all, node, next) {
		ch = LIST_ITEM(node, struct channel, in_all);
		own += length(&ch->own);
		must(ch->n_gone == length(&ch->gone), "gone miscounted");
		must(list_empty(&ch->sights) || !list_empty(&ch->followers),
		    "a sight that nobody looks at");
		must(!list_empty(&ch->followers) || !list_empty(&ch->own) ||
		    !list_empty(&ch->in_resting), "a channel of nobody");
		LIST_EACH(&ch->sights, inner, after)
			sights += length(&LIST_ITEM(inner, struct sight,
			    in_channel)->presences);
	}
	must(own == h->presence.n_own, "own presences miscounted");
	must(sights == h->presence.n_sights, "seen presences miscounted");
	must(own + sights == h->presence.presences.n,
	    "presences not found by name");
	LIST_EACH(&h->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		must(ss->presence.n_own == length(&ss->presence.own),
		    "a session's presences miscounted");
		must(ss->presence.n_held == length(&ss->presence.held),
		    "held presences miscounted");
	}
}
