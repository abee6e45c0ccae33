#include "core/payer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/hub_in.h"
#include "core/principal.h"
#include "core/session_in.h"
#include "proto/message.h"

#define IDLE_MS	1000	/* idle payers are looked at this often */
#define QUERY_COST	10	/* of a query, in edits: it is read, and the database asked */

static bool
is_limited(const struct rate *r)
{
	return r->ops > 0 || r->bytes > 0;
}

static const struct rate *
rate_of(const struct hub *h, const struct payer *p)
{
	return p->is_address ? &h->limits.address_rate :
	    &h->limits.principal_rate;
}

/* ---- payers by key ---- */

struct key {
	char		 kind;
	const char	*text;
};

static bool
key_match(const struct table_node *node, const void *key)
{
	const struct payer *p = LIST_ITEM(node, struct payer, in_table);
	const struct key *k = key;

	return p->key[0] == k->kind && strcmp(p->key + 1, k->text) == 0;
}

static struct payer *
payer_of(struct hub *h, struct key key)
{
	size_t len = strlen(key.text);
	uint64_t hash = table_hash_more(table_hash(&h->payers.all, &key.kind,
	    1), key.text, len);
	struct table_node *node = table_find(&h->payers.all, hash, key_match,
	    &key);
	struct payer *p;

	if (node != NULL)
		return LIST_ITEM(node, struct payer, in_table);
	p = mem_get(sizeof(*p) + 1 + len + 1);
	p->is_address = key.kind == 'a';
	p->key[0] = key.kind;
	memcpy(p->key + 1, key.text, len);
	list_init(&p->in_idle);
	list_init(&p->sessions);
	rate_meter_init(&p->meter, rate_of(h, p), h->now_ms);
	table_add(&h->payers.all, &p->in_table, hash);
	return p;
}

static void
payer_free(struct hub *h, struct payer *p)
{
	table_remove(&h->payers.all, &p->in_table);
	list_remove(&p->in_idle);
	free(p);
}

static void
member_leave(struct hub *h, struct payer_member *m)
{
	struct payer *p = m->payer;

	list_remove(&m->node);
	m->payer = NULL;
	if (p != NULL && list_empty(&p->sessions))
		list_push(&h->payers.idle, &p->in_idle);
}

static void
member_join(struct hub *h, struct payer_member *m, struct key key)
{
	m->payer = payer_of(h, key);
	list_remove(&m->payer->in_idle);
	list_push(&m->payer->sessions, &m->node);
}

/* ---- sessions ---- */

static bool
counts_principals(const struct hub *h)
{
	const struct hub_limits *l = &h->limits;

	return is_limited(&l->principal_rate) ||
	    l->principal_subscriptions > 0 || l->principal_queries > 0 ||
	    l->principal_presences > 0;
}

void
payer_session_init(struct session *ss)
{
	const struct hub_limits *l = &ss->hub->limits;
	struct payer_session *p;

	if (!is_limited(&l->session_rate) && !is_limited(&l->address_rate) &&
	    !counts_principals(ss->hub))
		return;
	ss->payer = p = mem_get(sizeof(*p));
	list_init(&p->principal.node);
	list_init(&p->address.node);
	p->principal.ss = p->address.ss = ss;
	rate_meter_init(&p->own, &ss->hub->limits.session_rate,
	    ss->hub->now_ms);
}

static void
members_leave(struct session *ss)
{
	member_leave(ss->hub, &ss->payer->principal);
	member_leave(ss->hub, &ss->payer->address);
}

void
payer_session_done(struct session *ss)
{
	if (ss->payer == NULL)
		return;
	members_leave(ss);
	free(ss->payer);
	ss->payer = NULL;
}

void
payer_session_changed(struct session *ss)
{
	struct hub *h = ss->hub;
	const struct principal *who = ss->who;

	if (ss->payer == NULL)
		return;
	members_leave(ss);
	if (ss->address != NULL && is_limited(&h->limits.address_rate))
		member_join(h, &ss->payer->address,
		    (struct key){ 'a', ss->address });
	if (who == NULL || !counts_principals(h))
		return;
	if (who->subject != NULL)
		member_join(h, &ss->payer->principal,
		    (struct key){ 's', who->subject });
	else if (who->link != NULL)
		member_join(h, &ss->payer->principal,
		    (struct key){ 'l', who->link });
}

/* ---- asking ---- */

uint64_t
payer_cost(const struct message *msg)
{
	switch (msg->action) {
	case ACTION_HANDSHAKE:
	case ACTION_PING:
	case ACTION_UNSUBSCRIBE:
	case ACTION_BULK_UNSUBSCRIBE:
	case ACTION_QUERY_UNSUBSCRIBE:
	case ACTION_PRESENCE:
	case ACTION_PRESENCE_UNSUBSCRIBE:
		return 0;
	case ACTION_BULK_FETCH:
	case ACTION_BULK_SUBSCRIBE:
		return msg->n_bulk;
	case ACTION_QUERY_FETCH:
	case ACTION_QUERY_SUBSCRIBE:
		return QUERY_COST;
	default:
		return 1;
	}
}

static bool
has_own(const struct session *ss)
{
	return (ss->flags & HUB_INSIDE) == 0 &&
	    is_limited(&ss->hub->limits.session_rate);
}

/* Of its two payers one; it has any. */
static const struct payer_member *
member_at(const struct session *ss, size_t i)
{
	return i == 0 ? &ss->payer->principal : &ss->payer->address;
}

void
payer_take(struct session *ss, uint64_t ops, uint64_t bytes)
{
	struct hub *h = ss->hub;
	struct payer *p;
	size_t i;

	if (ss->payer == NULL)
		return;
	if (has_own(ss))
		rate_meter_take(&ss->payer->own, &h->limits.session_rate,
		    h->now_ms, ops, bytes);
	for (i = 0; i < 2; i++)
		if ((p = member_at(ss, i)->payer) != NULL)
			rate_meter_take(&p->meter, rate_of(h, p), h->now_ms,
			    ops, bytes);
}

static uint64_t
longest_wait(struct session *ss)
{
	struct hub *h = ss->hub;
	uint64_t longest = 0, ms;
	struct payer *p;
	size_t i;

	if (ss->payer == NULL)
		return 0;
	if (has_own(ss))
		longest = rate_meter_wait(&ss->payer->own,
		    &h->limits.session_rate, h->now_ms);
	for (i = 0; i < 2; i++) {
		if ((p = member_at(ss, i)->payer) == NULL)
			continue;
		ms = rate_meter_wait(&p->meter, rate_of(h, p), h->now_ms);
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

uint64_t
payer_wait(struct session *ss)
{
	return (ss->flags & HUB_INSIDE) != 0 || ss->hub->is_draining ? 0 :
	    longest_wait(ss);
}

bool
payer_refuses(struct session *ss)
{
	return (ss->flags & HUB_INSIDE) != 0 && longest_wait(ss) > 0;
}

void
payer_slow(struct session *ss, uint64_t ms)
{
	ss->hub->counts.slowed++;
	ss->payer->until_ms = ss->hub->now_ms + ms;
	list_push(&ss->hub->payers.slowed, &ss->in_work);
}

static void
talk(struct session *ss)
{
	list_remove(&ss->in_work);
	if (!list_empty(&ss->inbox) && session_is_heard(ss))
		list_push(&ss->hub->talking, &ss->in_work);
}

/* ---- what sessions have ---- */

static size_t
count(const struct session *ss, enum payer_thing thing)
{
	switch (thing) {
	case PAYER_SUBSCRIPTIONS:
		return ss->n_readers + ss->n_asked;
	case PAYER_QUERIES:
		return ss->n_subs;
	case PAYER_PRESENCES:
		return ss->presence.n_own;
	}
	bug("nothing that is counted");
}

static size_t
count_all(const struct payer *p, enum payer_thing thing)
{
	const struct list *node;
	size_t sum = 0;

	for (node = p->sessions.next; node != &p->sessions; node = node->next)
		sum += count(LIST_ITEM(node, struct payer_member, node)->ss,
		    thing);
	return sum;
}

bool
payer_has_room(const struct session *ss, enum payer_thing thing, size_t n)
{
	const struct hub_limits *l = &ss->hub->limits;
	const struct payer *p = ss->payer != NULL ?
	    ss->payer->principal.payer : NULL;
	const struct { size_t each, all; } most[] = {
		[PAYER_SUBSCRIPTIONS] = { l->subscriptions,
		    l->principal_subscriptions },
		[PAYER_QUERIES] = { l->session_queries, l->principal_queries },
		[PAYER_PRESENCES] = { l->presences, l->principal_presences },
	};
	size_t each = most[thing].each, all = most[thing].all;

	if (n > each || count(ss, thing) > each - n)
		return false;
	return p == NULL || all == 0 ||
	    (n <= all && count_all(p, thing) <= all - n);
}

/* ---- the hub ---- */

void
payer_hub_init(struct hub *h, uint64_t seed)
{
	table_init(&h->payers.all, seed);
	list_init(&h->payers.idle);
	list_init(&h->payers.slowed);
}

void
payer_hub_done(struct hub *h)
{
	struct table_node *node;

	while ((node = table_next(&h->payers.all, NULL)) != NULL)
		payer_free(h, LIST_ITEM(node, struct payer, in_table));
	table_done(&h->payers.all);
}

void
payer_tick(struct hub *h)
{
	struct list *node, *next;

	LIST_EACH(&h->payers.slowed, node, next) {
		struct session *ss = LIST_ITEM(node, struct session, in_work);

		if (ss->payer->until_ms <= h->now_ms)
			talk(ss);
	}
	if (h->now_ms < h->payers.next_ms)
		return;
	h->payers.next_ms = h->now_ms + IDLE_MS;
	LIST_EACH(&h->payers.idle, node, next) {
		struct payer *p = LIST_ITEM(node, struct payer, in_idle);

		if (rate_meter_is_full(&p->meter, rate_of(h, p), h->now_ms))
			payer_free(h, p);
	}
}

void
payer_drain(struct hub *h)
{
	while (!list_empty(&h->payers.slowed))
		talk(LIST_ITEM(h->payers.slowed.next, struct session,
		    in_work));
}
