/*
 * yield: processes that write one document take turns.
 *
 * Of two that commit at once one is refused; it puts the other's ops under its
 * own and tries again.  The other is ready sooner, with the few ops that have
 * come meanwhile, and would win again and again.  So who was refused lately
 * lets the others go first after a commit of its own: it gathers ops until it
 * has heard of theirs.  Then nobody is refused, each commit has all that came
 * meanwhile, and nobody waits for more than the others' turns.
 *
 * If nothing is heard in the time of a commit or two, nobody tries any more.
 */
#include "core/doc.h"

#define YIELD_MS	2	/* beside two commits as the last one */
#define YIELD_MAX_MS	50

void
doc_yield(struct doc *d)
{
	struct hub *h = d->hub;
	uint64_t ms = YIELD_MS + 2 * h->commit_took_ms;

	if (!d->has_rival || h->is_draining)
		return;
	d->yield_ms = h->now_ms + (ms < YIELD_MAX_MS ? ms : YIELD_MAX_MS);
	list_push(&h->yielding, &d->in_yield);
}

void
hub_yield(struct hub *h, bool no_more)
{
	struct list *node, *next;
	struct doc *d;

	LIST_EACH(&h->yielding, node, next) {
		d = LIST_ITEM(node, struct doc, in_yield);
		if (!no_more && d->yield_ms > h->now_ms)
			continue;
		list_remove(&d->in_yield);
		d->has_rival = false;
		doc_dirty(d);
	}
}

bool
hub_yields(const struct hub *h)
{
	return !list_empty(&h->yielding);
}
