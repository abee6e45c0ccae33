#include "ot/diff/list.h"

#include <stdbool.h>
#include <stdlib.h>

#include "ot/diff/seq.h"

/* A gap in which so many pairs may be looked at for a likeness. */
#define LIKENESS_MAX	4096

struct run {
	const struct json	*a, *b;
	struct hashes		*hashes;
	size_t			*steps;
	struct alignment	*l;
	uint32_t		*symbol;	/* of a's items, then b's */
	bool			*changed;	/* the same */
	size_t			 symbols;
};

static void
pair(struct alignment *l, size_t i, size_t j, enum fate fate)
{
	l->a[i] = (struct item){ fate, (uint32_t)j };
	l->b[j] = (struct item){ fate, (uint32_t)i };
}

/* ---- equal items ---- */

static int
number_items(struct run *run)
{
	struct alignment *l = run->l;
	struct symbols symbols;
	struct symbol s = { 0, NULL, 0, NULL };
	size_t i;

	diff_symbols_init(&symbols, run->steps);
	for (i = 0; i < l->n + l->m && !symbols.failed &&
	    !run->hashes->failed; i++) {
		s.value = i < l->n ? json_list_at(run->a, i) :
		    json_list_at(run->b, i - l->n);
		s.hash = diff_hash(run->hashes, s.value);
		run->symbol[i] = diff_symbol(&symbols, &s);
	}
	run->symbols = symbols.n;
	diff_symbols_done(&symbols);
	return symbols.failed || run->hashes->failed ? OT_ENOMEM : 0;
}

static int
pair_equal(struct run *run)
{
	struct alignment *l = run->l;
	bool *a_changed = run->changed, *b_changed = run->changed + l->n;
	size_t i = 0, j = 0;
	int rc;

	rc = diff_seq(&(struct seq){ run->symbol, l->n, a_changed },
	    &(struct seq){ run->symbol + l->n, l->m, b_changed },
	    run->symbols, SEQ_IN_ANY_CASE, run->steps);
	if (rc != 0)
		return rc;
	for (;; i++, j++) {
		while (i < l->n && a_changed[i])
			i++;
		while (j < l->m && b_changed[j])
			j++;
		if (i == l->n || j == l->m)
			return 0;
		pair(l, i, j, FATE_SAME);
	}
}

/* ---- moved items ---- */

/* Only what one can know again: no number or truth value. */
static bool
can_move(const struct json *v)
{
	switch (json_kind(v)) {
	case JSON_STRING:
		return json_string_len_bytes(v) > 0;
	case JSON_LIST:
		return json_list_len(v) > 0;
	case JSON_OBJECT:
		return json_object_len(v) > 0;
	default:
		return false;
	}
}

/* Items without a partner, by symbol. */
struct left {
	uint32_t	 a, b;		/* the last of them */
	uint8_t		 in_a, in_b;	/* how many, up to 2 */
};

static void
count_left(struct run *run, struct left *left)
{
	const struct alignment *l = run->l;
	struct left *s;
	size_t i;

	for (i = 0; i < l->n; i++) {
		s = &left[run->symbol[i]];
		if (l->a[i].fate != FATE_NONE)
			continue;
		s->in_a += s->in_a < 2;
		s->a = (uint32_t)i;
	}
	for (i = 0; i < l->m; i++) {
		s = &left[run->symbol[l->n + i]];
		if (l->b[i].fate != FATE_NONE)
			continue;
		s->in_b += s->in_b < 2;
		s->b = (uint32_t)i;
	}
}

static int
pair_moved(struct run *run)
{
	struct alignment *l = run->l;
	struct left *left, *s;
	size_t i;

	if ((left = calloc(run->symbols, sizeof(*left))) == NULL)
		return OT_ENOMEM;
	count_left(run, left);
	for (i = 0; i < run->symbols && l->moves < LIST_MOVES_MAX; i++) {
		s = &left[i];
		if (s->in_a != 1 || s->in_b != 1 ||
		    !can_move(json_list_at(run->a, s->a)))
			continue;
		pair(l, s->a, s->b, FATE_MOVED);
		l->moves++;
	}
	free(left);
	return 0;
}

/* ---- edited items ---- */

static bool
is_scalar(const struct json *v)
{
	return json_kind(v) < JSON_STRING;
}

/* Could one have become the other by edits inside? */
static bool
is_of_kind(const struct json *a, const struct json *b)
{
	return json_kind(a) == json_kind(b) || (is_scalar(a) && is_scalar(b));
}

/* Are they equal, as far as the steps go? */
static bool
looks_equal(struct run *run, const struct json *a, const struct json *b)
{
	size_t steps = 1;

	if (json_kind(a) != json_kind(b))
		return false;
	if (json_kind(a) == JSON_STRING) {
		if (json_string_len_bytes(a) != json_string_len_bytes(b))
			return false;
		steps += json_string_len_bytes(a) / 8;
	}
	if (*run->steps < steps)
		return false;
	*run->steps -= steps;
	return diff_hash(run->hashes, a) == diff_hash(run->hashes, b);
}

/* Objects of which most members are equal, or that have one and the same id. */
static bool
is_like(struct run *run, const struct json *a, const struct json *b)
{
	static const char *const ids[] = { "id", "_id", "key" };
	const struct json_member *m, *other;
	const struct json *x, *y;
	size_t same = 0, most, i;

	if (json_kind(a) != JSON_OBJECT || json_kind(b) != JSON_OBJECT)
		return false;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		x = json_object_value(a, ids[i]);
		y = json_object_value(b, ids[i]);
		if (x != NULL && y != NULL)
			return looks_equal(run, x, y);
	}
	most = json_object_len(a) > json_object_len(b) ? json_object_len(a) :
	    json_object_len(b);
	for (m = json_object_first(a); m != NULL; m = json_object_next(a, m)) {
		other = json_object_find(b, m->key);
		same += other != NULL &&
		    looks_equal(run, m->value, other->value);
		if (*run->steps == 0)
			return false;
	}
	return 2 * same >= most && same > 0;
}

/* The items of a gap, from i to i1 and from j to j1; some are moved. */
struct gap {
	size_t	 i, i1, j, j1;
};

static void
skip_moved(const struct alignment *l, struct gap *g)
{
	while (g->i < g->i1 && l->a[g->i].fate != FATE_NONE)
		g->i++;
	while (g->j < g->j1 && l->b[g->j].fate != FATE_NONE)
		g->j++;
}

static size_t
count_none(const struct item *item, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += item[from].fate == FATE_NONE;
	return n;
}

/* Pair in order, by kind; where kinds differ the longer side goes on. */
static void
pair_in_order(struct run *run, struct gap g)
{
	struct alignment *l = run->l;
	size_t n = count_none(l->a, g.i, g.i1), m = count_none(l->b, g.j, g.j1);

	for (;;) {
		skip_moved(l, &g);
		if (g.i == g.i1 || g.j == g.j1)
			return;
		if (is_of_kind(json_list_at(run->a, g.i),
		    json_list_at(run->b, g.j)) || n == m) {
			pair(l, g.i++, g.j++, FATE_EDITED);
			n--;
			m--;
		} else if (n > m) {
			g.i++;
			n--;
		} else {
			g.j++;
			m--;
		}
	}
}

/* The first of b's items that item i is like; g->j1: none. */
static size_t
find_like(struct run *run, const struct gap *g, size_t i)
{
	size_t j;

	for (j = g->j; j < g->j1; j++)
		if (run->l->b[j].fate == FATE_NONE &&
		    is_like(run, json_list_at(run->a, i),
		    json_list_at(run->b, j)))
			break;
	return j;
}

/* Pair what is alike first, and then what is between in order. */
static void
pair_gap(struct run *run, struct gap g)
{
	struct alignment *l = run->l;
	size_t i, j;

	if (g.i == g.i1 || g.j == g.j1)
		return;
	for (i = g.i; i < g.i1 && (g.i1 - g.i) * (g.j1 - g.j) <= LIKENESS_MAX;
	    i++) {
		if (l->a[i].fate != FATE_NONE ||
		    (j = find_like(run, &g, i)) == g.j1)
			continue;
		pair_in_order(run, (struct gap){ g.i, i, g.j, j });
		pair(l, i, j, FATE_EDITED);
		g.i = i + 1;
		g.j = j + 1;
	}
	pair_in_order(run, g);
}

static void
pair_gaps(struct run *run)
{
	const struct alignment *l = run->l;
	struct gap g = { 0, 0, 0, 0 };

	for (;;) {
		while (g.i1 < l->n && l->a[g.i1].fate != FATE_SAME)
			g.i1++;
		g.j1 = g.i1 < l->n ? l->a[g.i1].partner : l->m;
		pair_gap(run, g);
		if (g.i1 == l->n)
			return;
		g.i = ++g.i1;
		g.j = g.j1 + 1;
	}
}

int
diff_list(const struct json *a, const struct json *b, struct hashes *hashes,
    size_t *steps, struct alignment *out)
{
	struct alignment l = { NULL, NULL, json_list_len(a), json_list_len(b),
	    0 };
	struct run run = { a, b, hashes, steps, &l, NULL, NULL, 0 };
	int rc = OT_ENOMEM;

	l.a = calloc(l.n + 1, sizeof(*l.a));
	l.b = calloc(l.m + 1, sizeof(*l.b));
	run.symbol = malloc((l.n + l.m + 1) * sizeof(*run.symbol));
	run.changed = calloc(l.n + l.m + 1, sizeof(*run.changed));
	if (l.a == NULL || l.b == NULL || run.symbol == NULL ||
	    run.changed == NULL)
		goto out;
	if (l.n > 0 && l.m > 0 && ((rc = number_items(&run)) != 0 ||
	    (rc = pair_equal(&run)) != 0 || (rc = pair_moved(&run)) != 0))
		goto out;
	pair_gaps(&run);
	rc = hashes->failed ? OT_ENOMEM : 0;
out:
	free(run.symbol);
	free(run.changed);
	if (rc != 0)
		diff_list_done(&l);
	else
		*out = l;
	return rc;
}

void
diff_list_done(struct alignment *l)
{
	free(l->a);
	free(l->b);
}
