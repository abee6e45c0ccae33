#include "ot/diff/seq.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE		SIZE_MAX
/* Diagonals that a search may ask for, -SEQ_EXACT - 1 being the first. */
#define DIAGONALS	(2 * SEQ_EXACT + 3)

/* A piece of both sequences, still to be looked at. */
struct piece {
	size_t	 a, n;		/* of a, from element a on */
	size_t	 b, m;		/* of b */
	bool	 cut;		/* elements that both have once are used up */
};

struct run {
	const struct seq	*a, *b;
	size_t			 symbols;
	enum seq_effort		 effort;
	size_t			*steps;
	struct piece		*todo;		/* a stack */
	size_t			 n_todo, room;
	/* By symbol, all 0 between uses; NULL: not needed yet. */
	struct once {
		uint32_t	 in_b;		/* where, plus 1 */
		uint8_t		 a, b;		/* how often, up to 2 */
	}			*once;
};

static bool
spend(struct run *run, size_t steps)
{
	if (*run->steps < steps) {
		*run->steps = 0;
		return false;
	}
	*run->steps -= steps;
	return true;
}

static int
push(struct run *run, struct piece piece)
{
	struct piece *grown;
	size_t room = run->room * 2 + 16;

	if (piece.n == 0 && piece.m == 0)
		return 0;
	if (run->n_todo == run->room) {
		grown = realloc(run->todo, room * sizeof(*grown));
		if (grown == NULL)
			return OT_ENOMEM;
		run->todo = grown;
		run->room = room;
	}
	run->todo[run->n_todo++] = piece;
	return 0;
}

/* Nothing in the piece has a partner. */
static void
mark(struct run *run, const struct piece *p)
{
	if (p->n > 0)
		memset(run->a->changed + p->a, true, p->n);
	if (p->m > 0)
		memset(run->b->changed + p->b, true, p->m);
}

/* Leave away what is equal at both ends. */
static void
trim(struct run *run, struct piece *p)
{
	const uint32_t *a = run->a->at + p->a, *b = run->b->at + p->b;
	size_t most = p->n < p->m ? p->n : p->m, head = 0, tail = 0;

	while (head < most && a[head] == b[head])
		head++;
	while (tail < most - head &&
	    a[p->n - 1 - tail] == b[p->m - 1 - tail])
		tail++;
	spend(run, head + tail);
	p->a += head;
	p->b += head;
	p->n -= head + tail;
	p->m -= head + tail;
}

/* ---- Myers ---- */

/*
 * A search through the piece, from its front, or from its back with all turned
 * round.  x elements of a and y of b are behind it on diagonal x - y.
 */
struct search {
	const uint32_t	*a, *b;		/* the elements to compare first */
	ptrdiff_t	 step;		/* to the next ones: 1 or -1 */
	ptrdiff_t	 n, m;
	size_t		 steps;		/* taken */
	size_t		 x[DIAGONALS];	/* NOWHERE: not reached, or left the piece */
};

static void
search_init(struct search *s, const uint32_t *a, const uint32_t *b,
    ptrdiff_t step, const struct piece *p)
{
	size_t width = p->n + p->m < SEQ_EXACT ? p->n + p->m + 1 :
	    SEQ_EXACT + 1, i;

	s->a = a;
	s->b = b;
	s->step = step;
	s->n = (ptrdiff_t)p->n;
	s->m = (ptrdiff_t)p->m;
	s->steps = 0;
	for (i = SEQ_EXACT + 1 - width; i <= SEQ_EXACT + 1 + width; i++)
		s->x[i] = NOWHERE;
	s->x[SEQ_EXACT + 1] = 0;	/* the ends are trimmed */
}

static size_t *
search_at(struct search *s, ptrdiff_t k)
{
	return &s->x[k + SEQ_EXACT + 1];
}

/* As far as one change more leads on diagonal k. */
static size_t
search_reach(struct search *s, ptrdiff_t k)
{
	size_t below = *search_at(s, k - 1), above = *search_at(s, k + 1);
	ptrdiff_t x, y, from;

	if (below != NOWHERE && (above == NOWHERE || below >= above))
		x = (ptrdiff_t)below + 1;
	else if (above != NOWHERE)
		x = (ptrdiff_t)above;
	else
		return NOWHERE;
	y = x - k;
	if (x > s->n || y > s->m)
		return NOWHERE;
	from = x;
	while (x < s->n && y < s->m && s->a[x * s->step] == s->b[y * s->step]) {
		x++;
		y++;
	}
	s->steps += 1 + (size_t)(x - from);
	return (size_t)x;
}

/*
 * The d-th change.  True: on diagonal *k_out it met the search from the other
 * end.
 */
static bool
search_widen(struct search *s, struct search *other, ptrdiff_t d,
    ptrdiff_t *k_out)
{
	ptrdiff_t delta = s->n - s->m, k, last = d, met;
	size_t x;

	/* Diagonals beyond the corners are never reached. */
	k = d > s->m ? -s->m + ((d - s->m) & 1) : -d;
	if (d > s->n)
		last = s->n;
	for (; k <= last; k += 2) {
		*search_at(s, k) = x = search_reach(s, k);
		met = delta - k;
		if (x == NOWHERE || met < -SEQ_EXACT - 1 ||
		    met > SEQ_EXACT + 1 || *search_at(other, met) == NOWHERE ||
		    x + *search_at(other, met) < (size_t)s->n)
			continue;
		*k_out = k;
		return true;
	}
	return false;
}

/* The diagonal on which most is behind the search. */
static ptrdiff_t
search_best(struct search *s)
{
	ptrdiff_t k, best = 0, most = -1, behind;

	for (k = -SEQ_EXACT; k <= SEQ_EXACT; k++) {
		if (*search_at(s, k) == NOWHERE)
			continue;
		behind = 2 * (ptrdiff_t)*search_at(s, k) - k;
		if (behind > most) {
			most = behind;
			best = k;
		}
	}
	return best;
}

enum found { FOUND_SPLIT, FOUND_FURTHEST, FOUND_NO_TIME };

/*
 * Where to split a trimmed piece: where both searches meet, or else where the
 * one from the front has come furthest.
 */
static enum found
find_split(struct run *run, const struct piece *p, size_t *x_out,
    size_t *y_out)
{
	struct search front, back;
	ptrdiff_t d, k;

	search_init(&front, run->a->at + p->a, run->b->at + p->b, 1, p);
	search_init(&back, run->a->at + p->a + p->n - 1,
	    run->b->at + p->b + p->m - 1, -1, p);
	for (d = 1; d <= SEQ_EXACT; d++) {
		if (search_widen(&front, &back, d, &k)) {
			*x_out = *search_at(&front, k);
			*y_out = (size_t)((ptrdiff_t)*x_out - k);
			break;
		}
		if (search_widen(&back, &front, d, &k)) {
			*x_out = p->n - *search_at(&back, k);
			*y_out = p->m -
			    (size_t)((ptrdiff_t)*search_at(&back, k) - k);
			break;
		}
	}
	if (!spend(run, front.steps + back.steps))
		return FOUND_NO_TIME;
	if (d <= SEQ_EXACT)
		return FOUND_SPLIT;
	k = search_best(&front);
	*x_out = *search_at(&front, k);
	*y_out = (size_t)((ptrdiff_t)*x_out - k);
	return FOUND_FURTHEST;
}

/* ---- elements that both have once ---- */

/* A pair of equal elements that stand alone on both sides. */
struct pair {
	size_t	 a, b;		/* in the piece */
	size_t	 before;	/* pair before it in the longest row; NOWHERE: none */
};

/* The pairs of the piece in the order of a; returns how many. */
static size_t
find_pairs(struct run *run, const struct piece *p, struct pair *pair)
{
	const uint32_t *a = run->a->at + p->a, *b = run->b->at + p->b;
	struct once *once = run->once;
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		once[a[i]].a += once[a[i]].a < 2;
	for (i = 0; i < p->m; i++) {
		once[b[i]].b += once[b[i]].b < 2;
		once[b[i]].in_b = (uint32_t)i;
	}
	for (i = 0; i < p->n; i++)
		if (once[a[i]].a == 1 && once[a[i]].b == 1)
			pair[n++] = (struct pair){ i, once[a[i]].in_b,
			    NOWHERE };
	for (i = 0; i < p->n; i++)
		once[a[i]] = (struct once){ 0, 0, 0 };
	for (i = 0; i < p->m; i++)
		once[b[i]] = (struct once){ 0, 0, 0 };
	return n;
}

/*
 * The longest row of pairs that stand in the same order on both sides, linked
 * from its last one, which is returned; NOWHERE: there are no pairs.  ends has
 * room for n: the last pair of the best row of each length.
 */
static size_t
longest_row(struct pair *pair, size_t n, size_t *ends)
{
	size_t i, len = 0, low, high, middle;

	for (i = 0; i < n; i++) {
		low = 0;
		high = len;
		while (low < high) {
			middle = low + (high - low) / 2;
			if (pair[ends[middle]].b < pair[i].b)
				low = middle + 1;
			else
				high = middle;
		}
		pair[i].before = low > 0 ? ends[low - 1] : NOWHERE;
		ends[low] = i;
		len += low == len;
	}
	return len > 0 ? ends[len - 1] : NOWHERE;
}

/* Take the row's pairs as equal and what is between them as pieces. */
static int
cut_at_row(struct run *run, const struct piece *p, const struct pair *pair,
    size_t last)
{
	size_t a = p->n, b = p->m, i;
	int rc = 0;

	for (i = last; rc == 0 && i != NOWHERE; i = pair[i].before) {
		rc = push(run, (struct piece){ p->a + pair[i].a + 1,
		    a - pair[i].a - 1, p->b + pair[i].b + 1,
		    b - pair[i].b - 1, false });
		a = pair[i].a;
		b = pair[i].b;
	}
	if (rc == 0)
		rc = push(run, (struct piece){ p->a, a, p->b, b, false });
	return rc;
}

/* True in *cut_out if the piece was cut so; false if there are no pairs. */
static int
cut_once(struct run *run, const struct piece *p, bool *cut_out)
{
	struct pair *pair = NULL;
	size_t *ends = NULL, n, last;
	int rc = OT_ENOMEM;

	*cut_out = false;
	if (run->symbols == 0 || !spend(run, 4 * (p->n + p->m)))
		return 0;
	if (run->once == NULL)
		run->once = calloc(run->symbols, sizeof(*run->once));
	pair = malloc(p->n * sizeof(*pair));
	ends = malloc(p->n * sizeof(*ends));
	if (run->once == NULL || pair == NULL || ends == NULL)
		goto out;
	n = find_pairs(run, p, pair);
	last = longest_row(pair, n, ends);
	*cut_out = last != NOWHERE;
	rc = *cut_out ? cut_at_row(run, p, pair, last) : 0;
out:
	free(pair);
	free(ends);
	return rc;
}

/* ---- all of it ---- */

static int
look_at(struct run *run, struct piece p)
{
	struct piece rest;
	enum found found;
	size_t x, y;
	bool cut = false;
	int rc;

	trim(run, &p);
	if (p.n == 0 || p.m == 0) {
		mark(run, &p);
		return 0;
	}
	found = find_split(run, &p, &x, &y);
	if (found != FOUND_SPLIT && run->effort == SEQ_IF_FEW)
		return 1;
	if (found == FOUND_FURTHEST && !p.cut &&
	    (rc = cut_once(run, &p, &cut)) != 0)
		return rc;
	if (cut)
		return 0;
	if (found == FOUND_NO_TIME || (x == 0 && y == 0) ||
	    (x == p.n && y == p.m)) {
		mark(run, &p);
		return 0;
	}
	/* Of the rest nothing new is known. */
	rest = (struct piece){ p.a + x, p.n - x, p.b + y, p.m - y,
	    found == FOUND_FURTHEST };
	if ((rc = push(run, rest)) != 0)
		return rc;
	return push(run, (struct piece){ p.a, x, p.b, y, true });
}

static int
run_all(struct run *run, size_t n, size_t m)
{
	int rc;

	rc = push(run, (struct piece){ 0, n, 0, m, false });
	while (rc == 0 && run->n_todo > 0)
		rc = look_at(run, run->todo[--run->n_todo]);
	free(run->todo);
	free(run->once);
	return rc;
}

/* ---- elements that only one side has ---- */

/* The elements of s that the other side has too, and where they were. */
struct rest {
	struct seq	 seq;
	uint32_t	*at;
	size_t		*from;
};

static int
rest_init(struct rest *r, const struct seq *s, const bool *other_has)
{
	size_t i, n = 0;

	r->at = malloc(s->n * sizeof(*r->at));
	r->from = malloc(s->n * sizeof(*r->from));
	r->seq.changed = calloc(s->n, sizeof(*r->seq.changed));
	if (r->at == NULL || r->from == NULL || r->seq.changed == NULL)
		return OT_ENOMEM;
	for (i = 0; i < s->n; i++) {
		s->changed[i] = !other_has[s->at[i]];
		if (s->changed[i])
			continue;
		r->at[n] = s->at[i];
		r->from[n++] = i;
	}
	r->seq.at = r->at;
	r->seq.n = n;
	return 0;
}

/* Say what became of them. */
static void
rest_tell(const struct rest *r, const struct seq *s)
{
	size_t i;

	for (i = 0; i < r->seq.n; i++)
		s->changed[r->from[i]] = r->seq.changed[i];
}

static void
rest_done(struct rest *r)
{
	free(r->at);
	free(r->from);
	free(r->seq.changed);
}

static bool *
who_has(const struct seq *s, size_t symbols)
{
	bool *has = calloc(symbols, sizeof(*has));
	size_t i;

	for (i = 0; has != NULL && i < s->n; i++)
		has[s->at[i]] = true;
	return has;
}

int
diff_seq(const struct seq *a, const struct seq *b, size_t symbols,
    enum seq_effort effort, size_t *steps)
{
	struct rest ra = { .at = NULL }, rb = { .at = NULL };
	struct run run = { .a = a, .b = b, .symbols = symbols,
	    .effort = effort, .steps = steps };
	bool *in_a = NULL, *in_b = NULL;
	int rc = OT_ENOMEM;

	if (symbols == 0 || a->n == 0 || b->n == 0)
		return run_all(&run, a->n, b->n);
	in_a = who_has(a, symbols);
	in_b = who_has(b, symbols);
	if (in_a == NULL || in_b == NULL || rest_init(&ra, a, in_b) != 0 ||
	    rest_init(&rb, b, in_a) != 0)
		goto out;
	run.a = &ra.seq;
	run.b = &rb.seq;
	if ((rc = run_all(&run, ra.seq.n, rb.seq.n)) == 0) {
		rest_tell(&ra, a);
		rest_tell(&rb, b);
	}
out:
	free(in_a);
	free(in_b);
	rest_done(&ra);
	rest_done(&rb);
	return rc;
}
