/*
 * fold: a document to which nothing happens takes less memory.
 *
 * The form of content that is edited fastest takes some times its text, and
 * the window has ops for those who are behind.  Most documents that somebody
 * reads are not edited just now.  So when nothing has happened for a while,
 * quiet_ms after an edit and else a moment, the content becomes text, as its
 * type prints it, and all but the latest few ops of the window are left to the
 * store.  It is shown and written down as it is; the next op, whosever, finds
 * it unfolded; for who is behind the store is asked, as ever.
 *
 * Only small content is folded: unfolding is loading without the store, some
 * microseconds a kilobyte, and what a large one takes is mostly its text.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/doc.h"

#define FOLD_BYTES	16384	/* content that takes more is left alone */
/* Of the latest ops so many stay, for what is sent again; and of their bytes. */
#define QUIET_OPS	8
#define QUIET_BYTES	1024
#define FOLD_SOON_MS	100	/* for one that has only been loaded, made or read */
#define FOLDS_TICK	256	/* documents of a list looked at in one hub_tick */

void
doc_fold_later(struct doc *d)
{
	struct hub *h = d->hub;
	uint64_t after_ms = h->limits.quiet_ms;

	if (!d->is_edited && after_ms > FOLD_SOON_MS)
		after_ms = FOLD_SOON_MS;
	/* All on a list wait equally long, so it is in order of time. */
	d->fold_ms = h->now_ms + after_ms;
	list_remove(&d->in_fold);
	list_push(d->is_edited ? &h->folding : &h->folding_soon, &d->in_fold);
}

/* Does nobody need more of it than its text? */
static bool
is_quiet(const struct doc *d)
{
	return (d->state == DOC_LIVE || d->state == DOC_IDLE) &&
	    d->question == ASK_NOTHING && d->n_waiting == 0 &&
	    !d->in_flight && d->head.v == d->durable_v &&
	    d->heard_v <= d->durable_v && list_empty(&d->in_retry) &&
	    d->n_checkpoints == 0 && !d->content_wanted &&
	    !d->must_recheck && !d->is_rechecking;
}

static void
fold_content(struct doc *d)
{
	struct snapshot *head = &d->head;
	struct buf b = BUF_INIT;

	if (head->data == NULL || head->type->data_size(head->data) > FOLD_BYTES)
		return;
	/* Content that is undefined has no text, and no size to speak of. */
	if (!head->type->print(head->data, &b))
		return;
	if (buf_failed(&b))
		bug("no memory for a document that is in memory");
	d->folded = mem_copy(b.data, b.len);	/* as large as it is */
	d->folded_len = b.len;
	buf_done(&b);
	head->type->data_free(head->data);
	head->data = NULL;
}

static void
doc_fold(struct doc *d)
{
	if (d->is_edited)
		doc_checkpoint_early(d);
	d->is_edited = false;
	fold_content(d);
	window_trim(&d->window, d->durable_v, QUIET_OPS, QUIET_BYTES);
	window_fit(&d->window);
	doc_drop_shots(d);
	doc_count_bytes(d);
}

void
doc_unfold(struct doc *d)
{
	struct ot_err err;

	if (d->folded == NULL)
		return;
	if (d->head.type->load(d->folded, d->folded_len, &d->head.data,
	    &err) != 0)
		bug("a type cannot read what it has printed");
	doc_drop_folded(d);
}

void
doc_drop_folded(struct doc *d)
{
	free(d->folded);
	d->folded = NULL;
	d->folded_len = 0;
}

static void
fold_due(struct hub *h, struct list *folding)
{
	struct list *node, *next;
	unsigned n = 0;
	struct doc *d;

	LIST_EACH(folding, node, next) {
		d = LIST_ITEM(node, struct doc, in_fold);
		if (d->fold_ms > h->now_ms || n++ == FOLDS_TICK)
			break;
		list_remove(&d->in_fold);
		if (is_quiet(d))
			doc_fold(d);
	}
}

void
hub_fold(struct hub *h)
{
	fold_due(h, &h->folding_soon);
	fold_due(h, &h->folding);
}
