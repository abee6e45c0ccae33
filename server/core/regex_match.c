/*
 * How the automaton is run: all places it may be at, at once.
 *
 * A place is an index into the code.  Between two characters the set of
 * places is closed over everything that takes no character; each place is in
 * it at most once, so a character costs at most the code's length, and the
 * text its length times that.  A new attempt begins at every character, in
 * the same set, until one is done.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/regex_in.h"
#include "ot/utf.h"

#define NO_CP	UINT32_MAX		/* before the text and after it */

/* Indexes in the order they came; in it: at[seen[i]] == i. */
struct places {
	uint32_t	*at, *seen;
	size_t		 n;
};

struct run {
	const struct regex	*re;
	struct places		 now, next;
	uint32_t		*stack;
	uint32_t		 before, after;	/* characters around; or NO_CP */
};

static bool
places_add(struct places *p, uint32_t i)
{
	if (p->seen[i] < p->n && p->at[p->seen[i]] == i)
		return false;
	p->seen[i] = (uint32_t)p->n;
	p->at[p->n++] = i;
	return true;
}

static bool
is_word_edge(const struct run *r)
{
	return (r->before != NO_CP && regex_is_word(r->before)) !=
	    (r->after != NO_CP && regex_is_word(r->after));
}

/* May one go on from this step here, without a character? */
static bool
holds(const struct run *r, enum regex_step step)
{
	switch (step) {
	case STEP_BEGIN:
		return r->before == NO_CP;
	case STEP_END:
		return r->after == NO_CP;
	case STEP_LINE_BEGIN:
		return r->before == NO_CP || regex_is_line_end(r->before);
	case STEP_LINE_END:
		return r->after == NO_CP || regex_is_line_end(r->after);
	case STEP_WORD:
		return is_word_edge(r);
	case STEP_NO_WORD:
		return !is_word_edge(r);
	default:
		return false;			/* wants a character */
	}
}

/* Add a place and all that it leads to; true: it is done. */
static bool
add(struct run *r, struct places *p, uint32_t from)
{
	size_t n = 0;

	r->stack[n++] = from;
	while (n > 0) {
		uint32_t i = r->stack[--n];
		const struct regex_code *c = &r->re->code[i];

		if (!places_add(p, i))
			continue;
		if (c->step == STEP_DONE)
			return true;
		if (c->step == STEP_JUMP) {
			r->stack[n++] = c->a;
		} else if (c->step == STEP_SPLIT) {
			r->stack[n++] = c->b;
			r->stack[n++] = c->a;
		} else if (holds(r, (enum regex_step)c->step)) {
			r->stack[n++] = i + 1;
		}
	}
	return false;
}

static bool
takes(const struct regex *re, const struct regex_code *c, uint32_t cp)
{
	switch ((enum regex_step)c->step) {
	case STEP_CHAR:
		return (re->ignore_case ? regex_fold(cp) : cp) == c->a;
	case STEP_ANY:
		return !regex_is_line_end(cp);
	case STEP_ALL:
		return true;
	case STEP_CLASS:
		return regex_class_has(&re->classes[c->a], cp,
		    re->ignore_case);
	default:
		return false;
	}
}

static bool
run(struct run *r, const char *p, const char *end)
{
	struct places swap;
	size_t size = 0, i;

	r->before = NO_CP;
	r->after = p < end ? utf_decode(p, &size) : NO_CP;
	for (;;) {
		uint32_t cp = r->after;

		if (add(r, &r->now, 0))
			return true;
		if (p == end)
			return false;
		p += size;
		r->before = cp;
		r->after = p < end ? utf_decode(p, &size) : NO_CP;
		r->next.n = 0;
		for (i = 0; i < r->now.n; i++)
			if (takes(r->re, &r->re->code[r->now.at[i]], cp) &&
			    add(r, &r->next, r->now.at[i] + 1))
				return true;
		swap = r->now;
		r->now = r->next;
		r->next = swap;
	}
}

bool
regex_match(const struct regex *re, const char *text, size_t len)
{
	/*
	 * Each place is put on the stack at most twice over: a place is
	 * expanded once and leads to two.
	 */
	size_t n = re->n_code;
	uint32_t *room = mem_grow(NULL, 6 * n + 1, sizeof(*room));
	struct run r = { .re = re };
	bool found;

	memset(room, 0, (6 * n + 1) * sizeof(*room));
	r.now = (struct places){ room, room + n, 0 };
	r.next = (struct places){ room + 2 * n, room + 3 * n, 0 };
	r.stack = room + 4 * n;
	found = run(&r, text, text + len);
	free(room);
	return found;
}

void
regex_prefix(const struct regex *re, struct buf *prefix)
{
	size_t i;

	if (re->ignore_case || re->code[0].step != STEP_BEGIN)
		return;
	for (i = 1; re->code[i].step == STEP_CHAR; i++)
		utf_put_cp(prefix, prefix->len, re->code[i].a);
}
