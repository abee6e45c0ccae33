/*
 * echo: how far a document has come, said once more when its writing pauses.
 *
 * A lost word shows when the next one comes, and after the last of a burst
 * none does: the readers elsewhere would wait for the sweep.  So whoever wrote
 * says the head's version a moment after its last word.  Who has it all drops
 * that; who has not asks the store.  At most once for a document and burst,
 * without ops in it; the sweep stays for when that is lost too.
 */
#include "core/doc.h"

static void
say_head(struct doc *d)
{
	struct word *w = word_new(WORD_HEAD, d->collection, d->id);

	/* What the store is said to have may not be loaded yet. */
	w->head_v = d->heard_v > d->durable_v ? d->heard_v : d->durable_v;
	if (d->settings->queries)
		hub_say(d->hub, word_for_collection(w));
	hub_say(d->hub, w);
}

void
doc_echo_later(struct doc *d)
{
	struct hub *h = d->hub;

	if (!h->limits.shared_store || h->limits.echo_ms == 0)
		return;
	if (h->is_draining) {		/* there may be no later */
		say_head(d);
		return;
	}
	/* All wait equally long, so the list is in order of time. */
	d->echo_ms = h->now_ms + h->limits.echo_ms;
	list_remove(&d->in_echo);
	list_push(&h->echoing, &d->in_echo);
}

void
doc_echo_now(struct doc *d)
{
	if (list_empty(&d->in_echo))
		return;
	list_remove(&d->in_echo);
	say_head(d);
}

void
hub_echo(struct hub *h, bool all)
{
	struct doc *d;

	while (!list_empty(&h->echoing)) {
		d = LIST_ITEM(h->echoing.next, struct doc, in_echo);
		if (!all && d->echo_ms > h->now_ms)
			break;
		doc_echo_now(d);
	}
}
