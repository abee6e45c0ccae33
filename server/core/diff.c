#include "core/diff.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* Stretches that are looked at with each other. */
#define STRETCHES_MAX	2000

static void
add(struct diff *d, enum diff_kind kind, size_t from, size_t to, size_t n)
{
	if (d->n == d->cap) {
		d->cap = d->cap > 0 ? 2 * d->cap : 4;
		d->steps = mem_grow(d->steps, d->cap, sizeof(*d->steps));
	}
	d->steps[d->n++] = (struct diff_step){ kind, from, to, n };
}

static void
put_removes(struct diff *d, const size_t *places, size_t n)
{
	size_t i = 0, start, kept = 0;

	while (i < n) {
		for (start = i; i < n && places[i] == DIFF_NONE; i++)
			;
		if (i > start)
			add(d, DIFF_REMOVE, kept, 0, i - start);
		for (; i < n && places[i] != DIFF_NONE; i++)
			kept++;
	}
}

static void
put_inserts(struct diff *d, const bool *is_kept, size_t n)
{
	size_t i = 0, start;

	while (i < n) {
		for (start = i; i < n && !is_kept[i]; i++)
			;
		if (i > start)
			add(d, DIFF_INSERT, 0, start, i - start);
		for (; i < n && is_kept[i]; i++)
			;
	}
}

/*
 * What stays, in stretches that stay together, as moves among what stays:
 * from and to count the kept ones alone.
 */
static void
gather_moves(struct diff *moves, const size_t *places, size_t n_before,
    const bool *is_kept, size_t n_after)
{
	size_t *rank = mem_grow(NULL, n_after + 1, sizeof(*rank));
	size_t i, kept = 0, n;

	for (i = 0; i < n_after; i++) {
		rank[i] = kept;
		kept += is_kept[i];
	}
	for (i = 0, kept = 0; i < n_before; i += n, kept += n) {
		while (i < n_before && places[i] == DIFF_NONE)
			i++;
		if (i == n_before)
			break;
		for (n = 1; i + n < n_before &&
		    places[i + n] == places[i] + n; n++)
			;
		add(moves, DIFF_MOVE, kept, rank[places[i]], n);
	}
	free(rank);
}

/*
 * Each move as it is after those before it.  First where each has to go so
 * that the later ones bring it to its place, then where each begins once the
 * earlier ones are done.  Many turn out to stay where they are.
 */
static void
put_moves(struct diff *d, struct diff *moves)
{
	struct diff_step *m, *o;
	size_t i, j;

	for (i = moves->n; i-- > 1;) {
		m = &moves->steps[i];
		for (j = i; m->to != m->from && j-- > 0;) {
			o = &moves->steps[j];
			if (o->to >= m->to)
				o->to -= m->n;
			if (o->to >= m->from)
				o->to += m->n;
		}
	}
	for (i = 0; i < moves->n; i++) {
		m = &moves->steps[i];
		if (m->to == m->from)
			continue;
		add(d, DIFF_MOVE, m->from, m->to, m->n);
		for (j = i + 1; j < moves->n; j++) {
			o = &moves->steps[j];
			if (o->from >= m->from)
				o->from -= m->n;
			if (o->from >= m->to)
				o->from += m->n;
		}
	}
}

void
diff_make(struct diff *d, const size_t *places, size_t n_before,
    size_t n_after)
{
	struct diff moves = { NULL, 0, 0 };
	bool *is_kept = mem_get(n_after + 1);
	size_t i;

	*d = (struct diff){ NULL, 0, 0 };
	for (i = 0; i < n_before; i++)
		if (places[i] != DIFF_NONE)
			is_kept[places[i]] = true;
	gather_moves(&moves, places, n_before, is_kept, n_after);
	if (moves.n > STRETCHES_MAX) {
		add(d, DIFF_REMOVE, 0, 0, n_before);
		add(d, DIFF_INSERT, 0, 0, n_after);
	} else {
		put_removes(d, places, n_before);
		put_moves(d, &moves);
		put_inserts(d, is_kept, n_after);
	}
	diff_done(&moves);
	free(is_kept);
}

void
diff_done(struct diff *d)
{
	free(d->steps);
	*d = (struct diff){ NULL, 0, 0 };
}
