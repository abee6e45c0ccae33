#include "store/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define KEPT_MAX	100000		/* documents sorted in memory */

struct kept {
	struct filter_key	*key;
	struct found		 found;
};

/*
 * While fewer than wanted: in the order they came.  From then on a heap, the
 * last in order at the top, to be replaced by what comes before it.
 */
struct gather {
	struct job_find	*find;
	size_t		 wanted;	/* of the first in order */
	struct kept	*kept;
	size_t		 n, room;
	size_t		 bytes;		/* of their bodies */
	uint64_t	 count;		/* of what matched */
	enum err	 err;
};

static void
kept_done(struct kept *k)
{
	filter_key_free(k->key);
	free(k->found.id);
	free(k->found.type);
	free(k->found.body);
}

/* One more than may be, so that too many are seen. */
static size_t
wanted(const struct job_find *find)
{
	uint64_t limit = filter_limit(find->filter), n;

	n = limit <= find->max_results ? limit : find->max_results + 1;
	n += filter_skip(find->filter);
	return n < SIZE_MAX ? (size_t)n : SIZE_MAX;
}

struct gather *
gather_new(struct job_find *find)
{
	struct gather *g = mem_get(sizeof(*g));

	g->find = find;
	g->wanted = filter_is_count(find->filter) ? SIZE_MAX : wanted(find);
	return g;
}

void
gather_clear(struct gather *g)
{
	while (g->n > 0)
		kept_done(&g->kept[--g->n]);
	g->bytes = 0;
	g->count = 0;
	g->err = ERR_NONE;
	g->find->why[0] = '\0';
}

void
gather_free(struct gather *g)
{
	if (g == NULL)
		return;
	while (g->n > 0)
		kept_done(&g->kept[--g->n]);
	free(g->kept);
	free(g);
}

size_t
gather_wants(const struct gather *g)
{
	return g->wanted;
}

bool
gather_is_full(const struct gather *g)
{
	return g->n == g->wanted && !filter_is_sorted(g->find->filter);
}

/* ---- the heap ---- */

static bool
is_after(const struct gather *g, size_t i, size_t k)
{
	return filter_key_compare(g->find->filter, g->kept[i].key,
	    g->kept[k].key) > 0;
}

static void
swap(struct gather *g, size_t i, size_t k)
{
	struct kept was = g->kept[i];

	g->kept[i] = g->kept[k];
	g->kept[k] = was;
}

/* Of n, only i may be out of place: let it sink. */
static void
sink(struct gather *g, size_t n, size_t i)
{
	size_t k;

	while ((k = 2 * i + 1) < n) {
		if (k + 1 < n && is_after(g, k + 1, k))
			k++;
		if (!is_after(g, k, i))
			return;
		swap(g, i, k);
		i = k;
	}
}

static void
heap_make(struct gather *g)
{
	size_t i;

	for (i = g->n / 2; i-- > 0;)
		sink(g, g->n, i);
}

/* ---- rows ---- */

/* The query does more of what than there may be. */
static bool
fail(struct gather *g, const char *does, size_t most, const char *what)
{
	g->err = ERR_FIND_MANY;
	snprintf(g->find->why, sizeof(g->find->why), "the query %s more than "
	    "%zu %s: give it a $limit", does, most, what);
	return false;
}

static void
put(struct gather *g, const struct kept *k)
{
	if (g->n == g->room) {
		g->room = g->room > 0 ? 2 * g->room : 16;
		g->kept = mem_grow(g->kept, g->room, sizeof(*g->kept));
	}
	g->kept[g->n++] = *k;
	g->bytes += k->found.len;
	if (g->n == g->wanted)
		heap_make(g);
}

static void
replace_last(struct gather *g, const struct kept *k)
{
	g->bytes -= g->kept[0].found.len;
	kept_done(&g->kept[0]);
	g->kept[0] = *k;
	g->bytes += k->found.len;
	sink(g, g->n, 0);
}

/* It matches: keep it, if it is among the first. */
static bool
keep(struct gather *g, const struct filter_doc *d, const char *body,
    size_t len)
{
	const struct filter *f = g->find->filter;
	struct kept k = { .key = filter_key_new(f, d) };

	if (k.key == NULL)
		bug("out of memory");
	if (g->n == g->wanted && (g->n == 0 ||
	    filter_key_compare(f, k.key, g->kept[0].key) > 0)) {
		kept_done(&k);
		return true;
	}
	k.found.id = mem_copy(d->id, strlen(d->id));
	k.found.v = d->v;
	k.found.type = mem_copy(d->type, strlen(d->type));
	if (g->find->with_bodies && body != NULL) {
		k.found.body = mem_copy(body, len);
		k.found.len = len;
	}
	if (g->n == g->wanted)
		replace_last(g, &k);
	else
		put(g, &k);
	if (g->n > KEPT_MAX)
		return fail(g, "finds and skips", KEPT_MAX, "documents");
	if (g->bytes > g->find->max_bytes)
		return fail(g, "finds", g->find->max_bytes, "bytes");
	return true;
}

bool
gather_row(struct gather *g, const char *id, uint64_t v, const char *type,
    const char *body, size_t len)
{
	struct filter_doc d = { id, v, type, NULL };
	struct json *value = NULL;
	struct ot_err err;
	bool goes_on = true;

	if (body != NULL && json_parse(body, len, 0, &value, &err) != 0)
		bug("content in the store is no JSON");
	d.value = value;
	if (filter_match(g->find->filter, &d)) {
		g->count++;
		if (!filter_is_count(g->find->filter))
			goes_on = keep(g, &d, body, len);
	}
	json_unref(value);
	return goes_on;
}

void
gather_count(struct gather *g, uint64_t n)
{
	g->count += n;
}

/* ---- the answer ---- */

/* Heapsort: the last goes to the end, again and again. */
static void
put_in_order(struct gather *g)
{
	size_t n;

	heap_make(g);
	for (n = g->n; n > 1; n--) {
		swap(g, 0, n - 1);
		sink(g, n - 1, 0);
	}
}

static uint64_t
cut(const struct filter *f, uint64_t n)
{
	uint64_t left = n > filter_skip(f) ? n - filter_skip(f) : 0;

	return left < filter_limit(f) ? left : filter_limit(f);
}

enum err
gather_end(struct gather *g)
{
	struct job_find *find = g->find;
	size_t from, n, i;

	if (g->err != ERR_NONE)
		return g->err;
	if (filter_is_count(find->filter)) {
		find->count = cut(find->filter, g->count);
		return ERR_NONE;
	}
	n = (size_t)cut(find->filter, g->n);
	if (n > find->max_results) {
		fail(g, "finds", find->max_results, "documents");
		return g->err;
	}
	put_in_order(g);
	from = n > 0 ? (size_t)filter_skip(find->filter) : 0;
	find->found = mem_grow(NULL, n > 0 ? n : 1, sizeof(*find->found));
	for (i = 0; i < n; i++) {
		find->found[i] = g->kept[from + i].found;
		memset(&g->kept[from + i].found, 0, sizeof(struct found));
	}
	find->n = n;
	return ERR_NONE;
}
