#include "core/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/project.h"
#include "proto/reply.h"

/* Bytes of a rendering that is not worth keeping. */
#define SHOT_SMALL	4096

void
view_init(struct view *w, struct doc *d)
{
	list_init(&w->in_doc);
	w->doc = d;
	w->name = d->collection;
	w->ordinal = ++d->hub->ordinals;
	buf_init(&w->shot, SIZE_MAX);
	w->shot_v = JOB_NO_VERSION;
}

void
view_done(struct view *w)
{
	list_remove(&w->in_doc);
	buf_done(&w->shot);
	if (w->projection != NULL)
		free(w->name);
}

struct view *
doc_view_here(struct doc *d, const struct projection *p)
{
	struct list *node, *next;
	struct view *w;

	if (p == NULL)
		return &d->whole;
	LIST_EACH(&d->views, node, next) {
		w = LIST_ITEM(node, struct view, in_doc);
		if (w->projection == p)
			return w;
	}
	return NULL;
}

struct view *
doc_view(struct doc *d, const char *name, const struct projection *p)
{
	struct view *w = doc_view_here(d, p);

	if (w != NULL)
		return w;
	w = mem_get(sizeof(*w));
	view_init(w, d);
	w->projection = p;
	w->name = mem_copy(name, strlen(name));
	list_push(&d->views, &w->in_doc);
	return w;
}

void
doc_drop_views(struct doc *d)
{
	struct list *node, *next;
	struct view *w;

	LIST_EACH(&d->views, node, next) {
		w = LIST_ITEM(node, struct view, in_doc);
		view_done(w);
		free(w);
	}
}

/* ---- snapshots ---- */

/* Folded content goes as it is, if all of it is shown. */
static enum err
view_render(struct view *w)
{
	struct doc *d = w->doc;
	struct buf text = BUF_INIT;

	if (w->projection == NULL && d->folded != NULL) {
		text.data = d->folded;
		text.len = d->folded_len;
		put_shown(&w->shot, d->head.v, d->head.type, &text);
		return ERR_NONE;
	}
	doc_unfold(d);
	return project_snapshot(w->projection, &d->head, &w->shot);
}

enum err
view_shot(struct view *w, const struct buf **shot_out)
{
	const struct snapshot *head = &w->doc->head;
	enum err err;

	if (w->shot_v != head->v) {
		buf_reset(&w->shot);
		w->shot_v = JOB_NO_VERSION;
		err = view_render(w);
		if (err != ERR_NONE)
			return err;
		w->shot_v = head->v;
	}
	*shot_out = &w->shot;
	return ERR_NONE;
}

static void
forget_shot(struct view *w, uint64_t v)
{
	if (w->shot_v != JOB_NO_VERSION && w->shot_v >= v)
		w->shot_v = JOB_NO_VERSION;
}

void
doc_forget_shots(struct doc *d, uint64_t v)
{
	struct list *node, *next;

	forget_shot(&d->whole, v);
	LIST_EACH(&d->views, node, next)
		forget_shot(LIST_ITEM(node, struct view, in_doc), v);
}

static void
drop_shot(struct view *w)
{
	buf_done(&w->shot);
	w->shot_v = JOB_NO_VERSION;
}

/*
 * A stale rendering of a large document is not worth its memory; nor is one of
 * a small document, soon made again, unless the next in line wants it.
 */
static size_t
trim_shot(struct view *w)
{
	const struct doc *d = w->doc;

	if (w->shot.cap > 0 && (w->shot_v != d->head.v ||
	    (w->shot.cap <= SHOT_SMALL && list_empty(&d->waiting))))
		drop_shot(w);
	return w->shot.cap;
}

size_t
doc_trim_shots(struct doc *d)
{
	struct list *node, *next;
	size_t bytes = trim_shot(&d->whole);

	LIST_EACH(&d->views, node, next)
		bytes += sizeof(struct view) +
		    trim_shot(LIST_ITEM(node, struct view, in_doc));
	return bytes;
}

void
doc_drop_shots(struct doc *d)
{
	struct list *node, *next;

	drop_shot(&d->whole);
	LIST_EACH(&d->views, node, next)
		drop_shot(LIST_ITEM(node, struct view, in_doc));
}

/* ---- ops ---- */

struct frame *
view_frame(struct view *w, struct op *op)
{
	struct op *shown;
	struct frame *f;

	if (project_op(w->projection, op, w->doc->head.type, &shown) !=
	    ERR_NONE)
		return NULL;
	f = reply_op(w->name, w->doc->id, shown);
	op_unref(shown);
	return f;
}
