/*
 * What other processes have on channels that are followed here, and how that
 * is learnt: points 1, 4, 5 and 6 of presence_bus.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/presence_in.h"
#include "core/presence_word.h"

/* ---- others ---- */

static struct presence_node *
node_find(const struct hub *h, uint64_t id)
{
	struct list *node, *next;
	struct presence_node *n;

	LIST_EACH(&h->presence.nodes, node, next) {
		n = LIST_ITEM(node, struct presence_node, in_hub);
		if (n->id == id)
			return n;
	}
	return NULL;
}

static struct presence_node *
node_heard(struct hub *h, uint64_t id)
{
	struct presence_node *n = node_find(h, id);

	if (n == NULL) {
		n = mem_get(sizeof(*n));
		n->id = id;
		list_init(&n->sights);
		list_push(&h->presence.nodes, &n->in_hub);
	}
	n->heard_ms = h->now_ms;
	return n;
}

void
presence_node_free(struct presence_node *n)
{
	list_remove(&n->in_hub);
	free(n);
}

static struct sight *
sight_find(const struct channel *ch, const struct presence_node *n)
{
	struct list *node, *next;
	struct sight *v;

	LIST_EACH(&ch->sights, node, next) {
		v = LIST_ITEM(node, struct sight, in_channel);
		if (v->node == n)
			return v;
	}
	return NULL;
}

void
sight_doubt(struct sight *v)
{
	v->is_unsure = true;
	if (list_empty(&v->in_doubt))
		list_push(&v->ch->hub->presence.doubtful, &v->in_doubt);
}

/* Nothing is known of it yet: so it is unsure. */
static struct sight *
sight_get(struct channel *ch, struct presence_node *n)
{
	struct sight *v = sight_find(ch, n);

	if (v == NULL) {
		v = mem_get(sizeof(*v));
		v->node = n;
		v->ch = ch;
		list_init(&v->presences);
		list_init(&v->in_doubt);
		list_push(&n->sights, &v->in_node);
		list_push(&ch->sights, &v->in_channel);
		sight_doubt(v);
	}
	v->sure_ms = ch->hub->now_ms;
	return v;
}

void
sight_free(struct sight *v)
{
	struct list *node, *next;

	LIST_EACH(&v->presences, node, next)
		presence_drop(LIST_ITEM(node, struct presence, in_channel));
	list_remove(&v->in_node);
	list_remove(&v->in_channel);
	list_remove(&v->in_doubt);
	free(v);
}

/* p of a sight is no more: followers hear of it, unless others have it. */
static void
sight_drop(struct presence *p)
{
	struct channel *ch = p->ch;
	struct said said;

	said_copy(&said, &p->said);
	if (!channel_has_newer(ch, p->sight, &said))
		channel_tell_gone(ch, &said);
	said_done(&said);
	presence_drop(p);
}

static bool
is_same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static bool
is_same_said(const struct said *a, const struct said *b)
{
	return a->v == b->v && is_same_text(&a->p, &b->p) &&
	    is_same_text(&a->head, &b->head);
}

/* Point 6: the client is there now, not here. */
static void
let_go(struct channel *ch, const struct said *said)
{
	struct presence *p = presence_find(ch, NULL, said->src, said->id);
	struct said gone;

	if (p == NULL || p->said.pv >= said->pv)
		return;
	said_copy(&gone, &p->said);
	said_go(&gone);
	presence_drop(p);
	presence_bus_say(ch, &gone);
	said_done(&gone);
}

/* The sight has this now; said is taken over. */
static struct presence *
sight_put(struct sight *v, struct said *said)
{
	struct channel *ch = v->ch;
	struct presence *p = presence_find(ch, v, said->src, said->id);

	if (p != NULL && is_same_said(&p->said, said)) {
		said_done(said);
		return p;
	}
	let_go(ch, said);
	p = presence_put(ch, v, NULL, said);
	if (!channel_has_newer(ch, v, said))
		channel_tell(ch, &p->said);
	return p;
}

static void
sight_take(struct sight *v, struct said *said)
{
	struct channel *ch = v->ch;
	struct presence *p;

	if (!said_is_gone(said)) {
		(void)sight_put(v, said);
		return;
	}
	let_go(ch, said);
	p = presence_find(ch, v, said->src, said->id);
	/* As a client says it, even if it had not been there. */
	if (!channel_has_newer(ch, v, said))
		channel_tell_gone(ch, said);
	if (p != NULL)
		presence_drop(p);
	said_done(said);
}

/* ---- hearing ---- */

static void
hear_set(struct channel *ch, struct presence_node *n,
    struct presence_reader *r)
{
	uint64_t rev = presence_take_number(r);
	struct sight *v;
	struct said said;

	if (!presence_take_said(r, &said))
		return;
	if (list_empty(&ch->followers)) {
		let_go(ch, &said);
		said_done(&said);
		channel_rest(ch);
		return;
	}
	v = sight_get(ch, n);
	if (rev <= v->rev) {
		said_done(&said);
		return;
	}
	if (rev != v->rev + 1)
		sight_doubt(v);
	v->rev = rev;
	sight_take(v, &said);
}

/* The whole has come: what it did not have is no more. */
static void
state_end(struct sight *v, uint64_t rev)
{
	struct list *node, *next;
	struct presence *p;

	LIST_EACH(&v->presences, node, next) {
		p = LIST_ITEM(node, struct presence, in_channel);
		if (p->mark != rev)
			sight_drop(p);
	}
	v->rev = rev;
	v->is_unsure = false;
	v->asked_ms = 0;
	list_remove(&v->in_doubt);
}

static void
hear_state(struct channel *ch, struct presence_node *n,
    struct presence_reader *r)
{
	uint64_t rev = presence_take_number(r);
	uint64_t part = presence_take_number(r);
	bool is_last = presence_take_byte(r) != 0;
	uint64_t i, n_said = presence_take_number(r);
	struct said said;
	struct sight *v;

	if (r->bad || list_empty(&ch->followers))
		return;
	v = sight_get(ch, n);
	if (!v->is_unsure || rev < v->rev)
		return;
	if (part == 1) {
		v->state_rev = rev;
		v->state_next = 1;
	}
	/* Parts in a row, and no change between them. */
	if (part != v->state_next || rev != v->state_rev) {
		v->state_next = 0;
		return;
	}
	for (i = 0; i < n_said && presence_take_said(r, &said); i++)
		sight_put(v, &said)->mark = rev;
	v->state_next = r->bad || is_last ? 0 : part + 1;
	if (!r->bad && is_last)
		state_end(v, rev);
}

static void
hear_rev(struct channel *ch, struct presence_node *n,
    struct presence_reader *r)
{
	uint64_t rev = presence_take_number(r);
	struct sight *v;

	if (r->bad || list_empty(&ch->followers))
		return;
	v = sight_get(ch, n);
	if (rev > v->rev)
		sight_doubt(v);
}

static void
hear_ask(struct hub *h, struct channel *ch, struct presence_reader *r)
{
	uint64_t whom = presence_take_number(r);
	uint64_t n = presence_take_number(r), id, rev;

	if (r->bad || (whom != 0 && whom != h->limits.node))
		return;
	for (; n > 0 && !r->bad; n--) {
		id = presence_take_number(r);
		rev = presence_take_number(r);
		if (whom == 0 && id == h->limits.node && ch != NULL &&
		    rev == ch->rev)
			return;
	}
	if (ch == NULL) {
		if (whom != 0)
			presence_bus_say_empty(h, r->channel);
	} else if (whom != 0 || ch->has_changed) {
		if (list_empty(&ch->in_stating))
			list_push(&h->presence.stating, &ch->in_stating);
	}
}

static void
hear_request(struct channel *ch, struct presence_reader *r)
{
	char *src = presence_take_string(r);

	if (src != NULL)
		channel_request(ch, src);
	free(src);
}

void
presence_read(struct hub *h, struct presence_reader *r)
{
	struct presence_node *n = node_heard(h, r->node);
	struct channel *ch = channel_find(h, r->channel);

	if (r->kind == PRESENCE_ASK)
		hear_ask(h, ch, r);
	if (ch == NULL)
		return;
	switch (r->kind) {
	case PRESENCE_SET:
		hear_set(ch, n, r);
		break;
	case PRESENCE_STATE:
		hear_state(ch, n, r);
		break;
	case PRESENCE_REV:
		hear_rev(ch, n, r);
		break;
	case PRESENCE_REQUEST:
		hear_request(ch, r);
		break;
	case PRESENCE_ASK:
	case PRESENCE_BEAT:
		break;
	}
}

/* ---- silence ---- */

/* The process is dead, or cut off: so are its presences. */
static void
node_lose(struct presence_node *n)
{
	struct list *node, *next, *inner, *after;
	struct sight *v;

	LIST_EACH(&n->sights, node, next) {
		v = LIST_ITEM(node, struct sight, in_node);
		LIST_EACH(&v->presences, inner, after)
			sight_drop(LIST_ITEM(inner, struct presence,
			    in_channel));
		sight_free(v);
	}
	presence_node_free(n);
}

void
presence_lose_silent(struct hub *h)
{
	struct list *node, *next;
	struct presence_node *n;

	LIST_EACH(&h->presence.nodes, node, next) {
		n = LIST_ITEM(node, struct presence_node, in_hub);
		if (h->now_ms - n->heard_ms > h->limits.presence_ttl_ms)
			node_lose(n);
	}
}
