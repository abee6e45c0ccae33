/*
 * pretend_compact: old ops made few, as otd compact leaves them
 * (run/compact_doc.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/span.h"
#include "tests/sim/pretend_store.h"

/* Is there something at v that has to stay as it is? */
static bool
is_mark(const struct pretend_doc *d, uint64_t v)
{
	size_t i;

	if (v == 0 || v == d->gone)
		return true;
	for (i = 0; i < d->n_checkpoints; i++)
		if (d->checkpoints[i].kept && d->checkpoints[i].v == v)
			return true;
	return false;
}

static void
replace(struct pretend_doc *d, uint64_t v, const char *body, size_t len)
{
	struct op *was = d->log[v];
	struct op *op = op_new(OP_EDIT, v, was->src, was->seq, body, len);

	if (op == NULL || (was->author != NULL &&
	    !op_set_author(op, was->author)))
		bug("no memory for an op");
	d->log[v] = op;
	op_unref(was);
}

static void
drop_checkpoints(struct pretend_doc *d, uint64_t from, uint64_t to)
{
	struct pretend_checkpoint *c;
	size_t i = 0;

	while (i < d->n_checkpoints) {
		c = &d->checkpoints[i];
		if (c->v <= from || c->v >= to) {
			i++;
			continue;
		}
		free(c->type);
		free(c->body);
		*c = d->checkpoints[--d->n_checkpoints];
	}
}

/* The span ends at what shot shows, and the next begins. */
static void
cut(struct pretend_store *s, struct pretend_doc *d, struct span *sp,
    const struct snapshot *shot)
{
	const char *empty;
	struct ot_err err;
	uint64_t v;
	size_t len;
	char *body;

	if (sp->n > 0 && span_end(sp, shot, &body, &len, &err) != 0)
		s->complain("%s/%s: %llu edits from %llu on cannot be made "
		    "one: %s", d->collection, d->id, (unsigned long long)sp->n,
		    (unsigned long long)sp->from, err.text);
	if (sp->n > 0) {
		empty = span_empty(sp->type);
		for (v = sp->from; v < shot->v - 1; v++)
			replace(d, v, empty, strlen(empty));
		replace(d, v, body, len);
		free(body);
		drop_checkpoints(d, sp->from, shot->v);
	}
	span_begin(sp, shot);
}

static void
take(struct pretend_store *s, struct pretend_doc *d, struct span *sp,
    struct snapshot *shot, uint64_t end)
{
	struct op *op = pretend_copy(d->log[shot->v]);
	bool is_edit = op->kind == OP_EDIT;
	struct ot_err err;

	if (!is_edit)
		cut(s, d, sp, shot);
	if ((is_edit && span_add(sp, op, &err) != 0) ||
	    op_parse(op, shot->type, &err) != 0 ||
	    op_apply(shot, op, NULL, &err) != 0)
		s->complain("%s/%s: the log cannot be compacted: %s",
		    d->collection, d->id, err.text);
	op_unref(op);
	if (!is_edit)
		span_begin(sp, shot);
	else if (is_mark(d, shot->v) || shot->v == end)
		cut(s, d, sp, shot);
}

void
pretend_compact(struct pretend_store *s, struct pretend_doc *d, uint64_t end)
{
	struct span sp = { .n = 0 };
	struct snapshot shot;
	uint64_t begin = d->horizon;

	while (!is_mark(d, begin))
		begin--;
	if (begin < d->gone)
		begin = d->gone;
	if (begin >= end)
		return;
	pretend_replay(s, d, begin, &shot);
	span_begin(&sp, &shot);
	while (shot.v < end)
		take(s, d, &sp, &shot, end);
	d->horizon = end;
	span_done(&sp);
	snapshot_done(&shot);
}
