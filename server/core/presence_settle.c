/*
 * Presence in documents that are being edited while it is told.
 *
 * A client that gets a presence while an op of its own is under way finds it
 * stale once that is acknowledged: it is of a version before.  The stock
 * client cannot carry it over its own op (lib/client/presence/
 * remote-doc-presence.js: _cacheOp files it under the version before), waits
 * for another, and shows what was before, or somebody who has left.  So what
 * was told is told once more when the editing pauses, at the version that the
 * document has by then; unless it had that already.
 */
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/presence_in.h"

#define LOOK_MS		350	/* a document is at rest that stays the same so long */
#define SETTLED_MS	2000	/* no op that was under way takes longer */

void
presence_unsettle(struct presence *p)
{
	struct hub *h = p->ch->hub;

	if (p->said.c == NULL || list_empty(&p->ch->followers))
		return;
	p->is_unsettled = true;
	p->told_ms = h->now_ms;
	p->checked_v = JOB_NO_VERSION;
	if (!list_empty(&p->ch->in_settling))
		return;
	p->ch->settle_ms = h->now_ms + LOOK_MS;
	list_push(&h->presence.settling, &p->ch->in_settling);
}

/* The followers have been told this; p is of the same id. */
static void
move(struct presence *p, const struct said *told)
{
	struct buf *value = &p->said.p;

	if (p->said.pv != told->pv)
		return;
	buf_reset(value);
	buf_put(value, told->p.data, told->p.len);
	if (buf_failed(value))
		bug("no memory for a presence that was within its limit");
	p->said.v = told->v;
}

void
presence_note_told(struct channel *ch, const struct said *told)
{
	struct list *node, *next;
	struct presence *p;

	if (said_is_gone(told)) {
		LIST_EACH(&ch->gone, node, next) {
			p = LIST_ITEM(node, struct presence, in_channel);
			if (strcmp(p->said.id, told->id) == 0 &&
			    strcmp(p->said.src, told->src) == 0)
				move(p, told);
		}
		return;
	}
	if ((p = presence_find(ch, NULL, told->src, told->id)) != NULL)
		move(p, told);
	LIST_EACH(&ch->sights, node, next) {
		p = presence_find(ch, LIST_ITEM(node, struct sight, in_channel),
		    told->src, told->id);
		if (p != NULL)
			move(p, told);
	}
}

/* True: it has to be looked at again. */
static bool
look(struct presence *p)
{
	struct hub *h = p->ch->hub;
	const struct doc *d;

	if (!p->is_unsettled)
		return false;
	d = hub_doc_here(h, p->said.c, p->said.d);
	if (d != NULL && d->durable_v != p->checked_v) {
		p->checked_v = d->durable_v;
		return true;
	}
	if (d != NULL && p->said.v < d->durable_v)
		channel_tell(p->ch, &p->said);
	p->is_unsettled = d != NULL && h->now_ms - p->told_ms < SETTLED_MS;
	return p->is_unsettled;
}

static bool
look_at(const struct list *presences)
{
	struct list *node, *next;
	bool again = false;

	LIST_EACH(presences, node, next)
		again |= look(LIST_ITEM(node, struct presence, in_channel));
	return again;
}

void
presence_settle(struct hub *h)
{
	struct list *node, *next;
	struct channel *ch;
	bool again;

	while (!list_empty(&h->presence.settling)) {
		ch = LIST_ITEM(h->presence.settling.next, struct channel,
		    in_settling);
		if (ch->settle_ms > h->now_ms)
			break;
		list_remove(&ch->in_settling);
		again = look_at(&ch->own);
		again |= look_at(&ch->gone);
		LIST_EACH(&ch->sights, node, next)
			again |= look_at(&LIST_ITEM(node, struct sight,
			    in_channel)->presences);
		if (!again)
			continue;
		ch->settle_ms = h->now_ms + LOOK_MS;
		list_push(&h->presence.settling, &ch->in_settling);
	}
}
