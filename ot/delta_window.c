#include "ot/delta_window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/delta_transform.h"

/* The document's runs as a sequence of inserts, whose text is elsewhere. */
struct run_cursor {
	struct delta_cursor	 c;
	struct delta_runs_walk	 walk;
	struct delta_part	 part;		/* the run c stands on */
};

static const struct delta_part *
next_run(struct delta_cursor *c)
{
	struct run_cursor *rc = (struct run_cursor *)c;
	const struct delta_run *run = delta_runs_walk_next(&rc->walk);

	if (run == NULL)
		return NULL;
	rc->part = (struct delta_part){ .kind = DELTA_INSERT,
	    .len = run->len_u16, .embed = run->embed, .attrs = run->attrs };
	return &rc->part;
}

void
delta_window_done(struct delta_window *w)
{
	if (w->run != w->small)
		free(w->run);
	delta_draft_done(&w->draft);
}

/* The pieces of the draft, joined, are the new runs. */
static int
window_fill(struct delta_window *w)
{
	const struct delta_chunk *p;
	uint32_t i;

	w->run = w->small;
	w->n = 0;
	if (w->draft.failed)
		return OT_ENOMEM;
	if (w->draft.n > DELTA_WINDOW_SMALL) {
		w->run = malloc(w->draft.n * sizeof(w->run[0]));
		if (w->run == NULL) {
			w->run = w->small;
			return OT_ENOMEM;
		}
	}
	for (i = 0; i < w->draft.n; i++) {
		p = &w->draft.piece[i];
		assert(p->kind == DELTA_INSERT);
		if (p->more)
			w->run[w->n - 1].len_u16 += (uint32_t)p->len;
		else
			w->run[w->n++] = (struct delta_run){
				(uint32_t)p->len, p->embed, p->attrs
			};
	}
	return 0;
}

static bool
same_run(const struct delta_run *a, const struct delta_run *b)
{
	return a->len_u16 == b->len_u16 && a->embed == b->embed &&
	    a->attrs == b->attrs;
}

/* Leave the first and the last run alone when they are what they were. */
static void
window_narrow(struct delta_window *w, const struct tree *runs)
{
	struct delta_runs_walk walk;

	delta_runs_walk_init(&walk, runs, w->at);
	if (w->n > 0 && w->count > 0 &&
	    same_run(delta_runs_walk_next(&walk), w->run)) {
		w->at++;
		w->count--;
		w->n--;
		memmove(w->run, w->run + 1, w->n * sizeof(w->run[0]));
	}
	if (w->n == 0 || w->count == 0)
		return;
	delta_runs_walk_init(&walk, runs, w->at + w->count - 1);
	if (same_run(delta_runs_walk_next(&walk), &w->run[w->n - 1])) {
		w->count--;
		w->n--;
	}
}

/* Units in a plain retain at the start of the edit. */
static size_t
kept_units(const struct delta_edit *e)
{
	return e->n > 0 && e->part[0].kind == DELTA_RETAIN &&
	    e->part[0].attrs == NULL ? e->part[0].len : 0;
}

static bool
may_join(const struct delta_run *a, const struct delta_run *b)
{
	return a != NULL && b != NULL && a->embed == NULL &&
	    b->embed == NULL && delta_attr_equal(a->attrs, b->attrs);
}

/*
 * Most edits only add text to one run, of its attributes, or take some out of
 * its middle: that run gets longer or shorter, and that is all if its
 * neighbours are unlike it.  The two behind it must be unlike one another as
 * well, since quill-delta pushes them both again.
 */
static bool
window_of_one(struct delta_window *w, const struct tree *runs,
    const struct delta_edit *e)
{
	size_t pos = kept_units(e), i = pos > 0, start;
	const struct delta_run *run, *before = NULL, *next, *after;
	struct delta_runs_walk walk;
	uint64_t more = 0, less = 0;
	const struct delta_part *part;

	w->at = delta_runs_find(runs, pos, &start, &run);
	if (run == NULL && w->at > 0) {		/* the end of the last one */
		delta_runs_walk_init(&walk, runs, --w->at);
		run = delta_runs_walk_next(&walk);
		start -= run->len_u16;
	}
	if (run == NULL || run->embed != NULL || pos == start)
		return false;
	for (; i < e->n; i++) {
		part = &e->part[i];
		if (part->kind == DELTA_DELETE)
			less += part->len;
		else if (part->kind == DELTA_INSERT && part->embed == NULL &&
		    delta_attr_equal(part->attrs, run->attrs))
			more += part->len;
		else
			return false;
	}
	if (less > 0 && pos - start + less >= run->len_u16)
		return false;
	delta_runs_walk_init(&walk, runs, w->at - (w->at > 0));
	if (w->at > 0)
		before = delta_runs_walk_next(&walk);
	delta_runs_walk_next(&walk);
	next = delta_runs_walk_next(&walk);
	after = next != NULL ? delta_runs_walk_next(&walk) : NULL;
	if (may_join(before, run) || may_join(run, next) ||
	    may_join(next, after))
		return false;
	w->run = w->small;
	w->small[0] = *run;
	w->small[0].len_u16 += (uint32_t)(more - less);
	w->n = w->count = 1;
	return true;
}

/*
 * Runs that lie wholly in a plain retain at the start of the edit stay; the
 * last of them is in the window, since what follows may join it.
 */
int
delta_window_init(struct delta_window *w, const struct tree *runs,
    const struct delta_edit *e)
{
	const struct delta_run *unused;
	struct run_cursor a;
	struct delta_cursor b;
	struct delta_chunk kept;
	size_t start, first;
	int rc;

	delta_draft_init(&w->draft);
	if (window_of_one(w, runs, e))
		return 0;
	delta_cursor_init(&b, e);
	first = delta_runs_find(runs, kept_units(e), &start, &unused);
	if (start > 0)
		delta_cursor_skip(&b, start);
	w->at = first > 0 ? first - 1 : 0;
	delta_runs_walk_init(&a.walk, runs, w->at);
	a.c = (struct delta_cursor){ .next = next_run };
	a.c.part = next_run(&a.c);
	if (first > 0) {
		delta_cursor_take_part(&a.c, &kept);
		delta_draft_put(&w->draft, &kept);
	}
	delta_compose_onto(&w->draft, &a.c, &b);
	assert(a.c.off == 0);
	w->count = a.walk.at - w->at - (a.c.part != NULL ? 1 : 0);
	if ((rc = window_fill(w)) != 0) {
		delta_window_done(w);
		return rc;
	}
	window_narrow(w, runs);
	return 0;
}
