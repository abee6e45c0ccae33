/*
 * Lists of the value tree: an array, cut into rings when it is long.
 *
 *	heads	  2	      0		  3
 *	items	[ c d a b ] [ e f g h ] [ . . . i ]	a to i
 *
 * A long list is a tiered vector (Goodrich and Kloss, 1999): all rings but
 * the last are full, so the ring of an index is known at once.  An insert
 * moves items within one ring, and then one item from each ring to the next,
 * which costs a step each since rings turn: O(sqrt n), where moving half of
 * an array would let a client choose n for each of its components.  And
 * unlike a tree it needs no memory for an insert once there is room, so
 * taking an edit back cannot fail.
 */
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

#define ARRAY_MAX	1024	/* room of a list that is one array */

struct json *
json_list_new(void)
{
	return json_node_new(JSON_LIST, 0);
}

size_t
json_list_len(const struct json *list)
{
	return list->u.list.n;
}

/* ---- rings ---- */

/* Where the item at offset of a ring is held. */
static struct json **
ring_slot(const struct json_node_list *l, size_t ring, size_t offset)
{
	size_t mask = ((size_t)1 << l->shift) - 1;

	return &l->items[ring << l->shift |
	    ((l->heads[ring] + offset) & mask)];
}

/* The first item's place becomes that of the second, or the other way. */
static void
ring_turn(const struct json_node_list *l, size_t ring, uint32_t by)
{
	uint32_t mask = ((uint32_t)1 << l->shift) - 1;

	l->heads[ring] = (l->heads[ring] + by) & mask;
}

/* Move the items from to to - 1 of a ring one place on or, if !on, back. */
static void
ring_shift(const struct json_node_list *l, size_t ring, size_t from,
    size_t to, bool on)
{
	size_t i;

	if (on)
		for (i = to; i > from; i--)
			*ring_slot(l, ring, i) = *ring_slot(l, ring, i - 1);
	else
		for (i = from; i < to; i++)
			*ring_slot(l, ring, i - 1) = *ring_slot(l, ring, i);
}

/* Make a free place at offset of a ring that holds n items, not full. */
static void
ring_open(const struct json_node_list *l, size_t ring, size_t offset, size_t n)
{
	if (offset < n / 2) {
		ring_turn(l, ring, UINT32_MAX);
		ring_shift(l, ring, 1, offset + 1, false);
	} else {
		ring_shift(l, ring, offset, n, true);
	}
}

/* Close the place at offset of a ring that holds n items with it. */
static void
ring_close(const struct json_node_list *l, size_t ring, size_t offset,
    size_t n)
{
	if (offset < n / 2) {
		ring_shift(l, ring, 0, offset, true);
		ring_turn(l, ring, 1);
	} else {
		ring_shift(l, ring, offset + 1, n, false);
	}
}

static void
rings_insert(struct json_node_list *l, size_t i, struct json *v)
{
	size_t full = (size_t)1 << l->shift, offset = i & (full - 1);
	size_t ring = i >> l->shift, last = l->n >> l->shift, r;

	/* The last item of each ring becomes the first of the next. */
	for (r = last; r > ring; r--) {
		ring_turn(l, r, UINT32_MAX);
		*ring_slot(l, r, 0) = *ring_slot(l, r - 1, full - 1);
	}
	ring_open(l, ring, offset, ring < last ? full - 1 : l->n - (ring <<
	    l->shift));
	*ring_slot(l, ring, offset) = v;
}

static struct json *
rings_remove(struct json_node_list *l, size_t i)
{
	size_t full = (size_t)1 << l->shift, offset = i & (full - 1);
	size_t ring = i >> l->shift, last = (l->n - 1) >> l->shift, r;
	struct json *v = *ring_slot(l, ring, offset);

	ring_close(l, ring, offset, ring < last ? full : l->n - (ring <<
	    l->shift));
	for (r = ring; r < last; r++) {
		*ring_slot(l, r, full - 1) = *ring_slot(l, r + 1, 0);
		ring_turn(l, r + 1, 1);
	}
	return v;
}

/* ---- room ---- */

/* Cut into rings, about as many as each is long. */
static int
rings_reserve(struct json_node_list *l, size_t cap)
{
	struct json_node_list now = { NULL, NULL, l->n, 0, 0 };
	size_t rings, i;

	while ((size_t)1 << 2 * now.shift < cap)
		now.shift++;
	rings = (cap >> now.shift) + 1;
	now.cap = rings << now.shift;
	now.items = malloc(now.cap * sizeof(now.items[0]));
	now.heads = calloc(rings, sizeof(now.heads[0]));
	if (now.items == NULL || now.heads == NULL) {
		free(now.items);
		free(now.heads);
		return OT_ENOMEM;
	}
	for (i = 0; i < l->n; i++)
		now.items[i] = l->heads == NULL ? l->items[i] :
		    *ring_slot(l, i >> l->shift,
		    i & (((size_t)1 << l->shift) - 1));
	free(l->items);
	free(l->heads);
	*l = now;
	return 0;
}

int
json_list_reserve(struct json *list, size_t n)
{
	struct json_node_list *l = &list->u.list;
	size_t max = SIZE_MAX / sizeof(l->items[0]) / 4, cap = l->cap;
	struct json **items;

	if (n <= cap - l->n)
		return 0;
	if (n > max - l->n)
		return OT_ENOMEM;
	cap = cap + cap / 2 < l->n + n ? l->n + n : cap + cap / 2;
	if (cap > ARRAY_MAX)
		return rings_reserve(l, cap);
	if ((items = realloc(l->items, cap * sizeof(items[0]))) == NULL)
		return OT_ENOMEM;
	l->items = items;
	l->cap = cap;
	return 0;
}

struct json *
json_list_copy(const struct json *list)
{
	struct json *copy = json_list_new();
	size_t i, n = list->u.list.n;

	if (copy == NULL)
		return NULL;
	if (json_list_reserve(copy, n) != 0) {
		json_unref(copy);
		return NULL;
	}
	/* New rings begin at their first place. */
	for (i = 0; i < n; i++)
		copy->u.list.items[i] = json_ref(json_list_at(list, i));
	copy->u.list.n = n;
	return copy;
}

void
json_list_done(struct json *list)
{
	size_t i;

	for (i = 0; i < list->u.list.n; i++)
		json_unref(json_list_at(list, i));
	free(list->u.list.items);
	free(list->u.list.heads);
}

/* ---- items ---- */

struct json **
json_list_slot(struct json *list, size_t i)
{
	const struct json_node_list *l = &list->u.list;

	return l->heads == NULL ? &l->items[i] :
	    ring_slot(l, i >> l->shift, i & (((size_t)1 << l->shift) - 1));
}

struct json *
json_list_at(const struct json *list, size_t i)
{
	const struct json_node_list *l = &list->u.list;

	return l->heads == NULL ? l->items[i] :
	    *ring_slot(l, i >> l->shift, i & (((size_t)1 << l->shift) - 1));
}

void
json_list_insert(struct json *list, size_t i, struct json *v)
{
	struct json_node_list *l = &list->u.list;

	if (l->heads != NULL) {
		rings_insert(l, i, v);
	} else {
		memmove(l->items + i + 1, l->items + i,
		    (l->n - i) * sizeof(v));
		l->items[i] = v;
	}
	l->n++;
}

struct json *
json_list_remove(struct json *list, size_t i)
{
	struct json_node_list *l = &list->u.list;
	struct json *v;

	if (l->heads != NULL) {
		v = rings_remove(l, i);
		l->n--;
		return v;
	}
	v = l->items[i];
	l->n--;
	memmove(l->items + i, l->items + i + 1, (l->n - i) * sizeof(v));
	return v;
}

void
json_list_move(struct json *list, size_t from, size_t to)
{
	json_list_insert(list, to, json_list_remove(list, from));
}
