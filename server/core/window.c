#include "core/window.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What one op costs in memory beside its body, roughly. */
#define OP_OVERHEAD	256

void
window_init(struct window *w, uint64_t v)
{
	*w = (struct window){ NULL, 0, 0, 0, v, 0 };
}

static struct window_slot *
slot(const struct window *w, size_t i)
{
	return &w->slots[(w->first + i) & (w->cap - 1)];
}

static size_t
cost(const struct op *op)
{
	return op->body_len + OP_OVERHEAD;
}

void
window_done(struct window *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		op_undo_done(&slot(w, i)->undo);
		op_unref(slot(w, i)->op);
	}
	free(w->slots);
	window_init(w, 0);
}

uint64_t
window_end(const struct window *w)
{
	return w->start + w->n;
}

struct window_slot *
window_at(const struct window *w, uint64_t v)
{
	if (v < w->start || v >= window_end(w))
		bug("a version outside the window");
	return slot(w, (size_t)(v - w->start));
}

/* To a ring of cap slots, which begins at 0; cap 0: of none. */
static void
move(struct window *w, size_t cap)
{
	struct window_slot *slots = cap > 0 ?
	    mem_grow(NULL, cap, sizeof(*slots)) : NULL;
	size_t i;

	for (i = 0; i < w->n; i++)
		slots[i] = *slot(w, i);
	free(w->slots);
	w->slots = slots;
	w->cap = cap;
	w->first = 0;
}

/* Room for more beside the n there are. */
static void
reserve(struct window *w, size_t more)
{
	size_t cap = w->cap > 0 ? w->cap : 4;

	if (w->n + more <= w->cap)
		return;
	while (cap < w->n + more)
		cap *= 2;
	move(w, cap);
}

void
window_push(struct window *w, struct op *op, const struct op_undo *undo)
{
	struct window_slot *s;

	if (op->v != window_end(w))
		bug("an op that does not follow its window");
	reserve(w, 1);
	s = slot(w, w->n++);
	s->op = op;
	s->undo = *undo;
	s->cost = cost(op);
	w->bytes += s->cost;
}

struct window_slot
window_pop(struct window *w)
{
	struct window_slot s;

	if (w->n == 0)
		bug("an empty window was popped");
	s = *slot(w, --w->n);
	w->bytes -= s.cost;
	return s;
}

size_t
window_prepend(struct window *w, const struct op_list *older)
{
	struct window_slot *s;
	size_t i = older->n, taken = 0;

	while (i > 0 && older->ops[i - 1]->v >= w->start)
		i--;
	reserve(w, i);
	while (i > 0 && older->ops[i - 1]->v + 1 == w->start) {
		w->first = (w->first + w->cap - 1) & (w->cap - 1);
		s = slot(w, 0);
		*s = (struct window_slot){ op_ref(older->ops[--i]),
		    { OP_EDIT, NULL, NULL, NULL }, 0 };
		s->cost = cost(s->op);
		w->bytes += s->cost;
		w->n++;
		w->start--;
		taken++;
	}
	return taken;
}

void
window_fit(struct window *w)
{
	size_t cap = w->cap;

	while (cap > 0 && cap / 2 >= w->n)
		cap /= 2;
	if (cap < w->cap)
		move(w, cap);
}

void
window_trim(struct window *w, uint64_t keep, size_t max_ops, size_t max_bytes)
{
	struct window_slot *s;

	while (w->n > 0 && w->start < keep &&
	    (w->n > max_ops || w->bytes > max_bytes)) {
		s = slot(w, 0);
		w->bytes -= s->cost;
		op_undo_done(&s->undo);
		op_unref(s->op);
		w->first = (w->first + 1) & (w->cap - 1);
		w->n--;
		w->start++;
	}
	if (w->n == 0) {
		free(w->slots);
		w->slots = NULL;
		w->cap = w->first = 0;
	}
}
