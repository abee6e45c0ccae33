/*
 * Lists of the value tree: a few items in the node, else an array, cut into
 * rings when it is long.
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
#define ARRAY_MIN	16

/* JSON_MANY: the node points at it. */
struct json_array {
	struct json	**items;
	uint32_t	 *heads;	/* long: where each ring begins; NULL: one array */
	uint32_t	  n;
	uint32_t	  room;		/* never shrinks */
	unsigned	  shift;	/* long: a ring holds 1 << shift items */
};

static struct json **
few_of(const struct json *list)
{
	return json_body(list);
}

static struct json_array *
many_of(const struct json *list)
{
	return *(struct json_array **)json_body(list);
}

/* Nodes come in steps of 16 bytes, so one item more costs nothing. */
static struct json *
few_new(size_t room)
{
	struct json *list;

	room = room == 0 ? 2 : room + (room & 1);
	list = json_node_new(JSON_LIST, JSON_FEW, room * sizeof(list));
	if (list != NULL)
		list->room = (uint8_t)room;
	return list;
}

struct json *
json_list_new(void)
{
	return few_new(0);
}

size_t
json_list_len(const struct json *list)
{
	return list->form == JSON_FEW ? list->n : many_of(list)->n;
}

/* ---- rings ---- */

/* Where the item at offset of a ring is held. */
static struct json **
ring_slot(const struct json_array *l, size_t ring, size_t offset)
{
	size_t mask = ((size_t)1 << l->shift) - 1;

	return &l->items[ring << l->shift |
	    ((l->heads[ring] + offset) & mask)];
}

/* The first item's place becomes that of the second, or the other way. */
static void
ring_turn(const struct json_array *l, size_t ring, uint32_t by)
{
	uint32_t mask = ((uint32_t)1 << l->shift) - 1;

	l->heads[ring] = (l->heads[ring] + by) & mask;
}

/* Move the items from to to - 1 of a ring one place on or, if !on, back. */
static void
ring_shift(const struct json_array *l, size_t ring, size_t from,
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
ring_open(const struct json_array *l, size_t ring, size_t offset, size_t n)
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
ring_close(const struct json_array *l, size_t ring, size_t offset,
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
rings_insert(struct json_array *l, size_t i, struct json *v)
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
rings_remove(struct json_array *l, size_t i)
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
rings_reserve(struct json_array *l, size_t room)
{
	struct json_array now = { NULL, NULL, l->n, 0, 0 };
	size_t rings, i;

	while ((size_t)1 << 2 * now.shift < room)
		now.shift++;
	rings = (room >> now.shift) + 1;
	now.room = (uint32_t)(rings << now.shift);
	now.items = malloc(now.room * sizeof(now.items[0]));
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

/* See to it that there is room for so many items. */
static int
array_reserve(struct json_array *l, size_t room)
{
	struct json **items;

	if (room > ARRAY_MAX)
		return rings_reserve(l, room);
	if ((items = realloc(l->items, room * sizeof(items[0]))) == NULL)
		return OT_ENOMEM;
	l->items = items;
	l->room = (uint32_t)room;
	return 0;
}

/* The items of a list of a few are to be in an array of that room. */
static int
few_to_many(struct json *list, size_t room)
{
	struct json_array *l = calloc(1, sizeof(*l));

	if (l == NULL || array_reserve(l, room) != 0) {
		free(l);
		return OT_ENOMEM;
	}
	memcpy(l->items, few_of(list), list->n * sizeof(l->items[0]));
	l->n = list->n;
	list->form = JSON_MANY;
	*(struct json_array **)json_body(list) = l;
	return 0;
}

int
json_list_reserve(struct json *list, size_t n)
{
	size_t have = json_list_len(list), room;

	room = list->form == JSON_FEW ? list->room : many_of(list)->room;
	if (n <= room - have)
		return 0;
	if (n > UINT32_MAX / 4 - have)
		return OT_ENOMEM;
	room = room + room / 2 < have + n ? have + n : room + room / 2;
	if (list->form == JSON_FEW)
		return few_to_many(list, room < ARRAY_MIN ? ARRAY_MIN : room);
	return array_reserve(many_of(list), room);
}

/* One whose items, so many, are not there yet; they begin at *items_out. */
static struct json *
list_unset(size_t n, struct json ***items_out)
{
	struct json *list = few_new(n <= JSON_FEW_MAX ? n : 0);

	if (list == NULL)
		return NULL;
	if (n <= JSON_FEW_MAX) {
		list->n = (uint8_t)n;
		*items_out = few_of(list);
		return list;
	}
	if (n > UINT32_MAX / 4 || few_to_many(list, n) != 0) {
		json_unref(list);
		return NULL;
	}
	/* New rings begin at their first place. */
	many_of(list)->n = (uint32_t)n;
	*items_out = many_of(list)->items;
	return list;
}

struct json *
json_list_of(const struct json_member *items, size_t n)
{
	struct json **to, *list = list_unset(n, &to);
	size_t i;

	for (i = 0; list != NULL && i < n; i++)
		to[i] = items[i].value;
	return list;
}

struct json *
json_list_copy(const struct json *list)
{
	size_t i, n = json_list_len(list);
	struct json **to, *copy = list_unset(n, &to);

	for (i = 0; copy != NULL && i < n; i++)
		to[i] = json_ref(json_list_at(list, i));
	return copy;
}

void
json_list_done(struct json *list)
{
	size_t i, n = json_list_len(list);

	for (i = 0; i < n; i++)
		json_unref(json_list_at(list, i));
	if (list->form == JSON_MANY) {
		free(many_of(list)->items);
		free(many_of(list)->heads);
		free(many_of(list));
	}
}

/* ---- items ---- */

struct json **
json_list_slot(struct json *list, size_t i)
{
	const struct json_array *l;

	if (list->form == JSON_FEW)
		return few_of(list) + i;
	l = many_of(list);
	return l->heads == NULL ? &l->items[i] :
	    ring_slot(l, i >> l->shift, i & (((size_t)1 << l->shift) - 1));
}

struct json *
json_list_at(const struct json *list, size_t i)
{
	return *json_list_slot((struct json *)list, i);
}

/* Open or close the place of item i of an array that holds n. */
static void
array_insert(struct json **items, size_t i, size_t n, struct json *v)
{
	memmove(items + i + 1, items + i, (n - i) * sizeof(v));
	items[i] = v;
}

static struct json *
array_remove(struct json **items, size_t i, size_t n)
{
	struct json *v = items[i];

	memmove(items + i, items + i + 1, (n - 1 - i) * sizeof(v));
	return v;
}

void
json_list_insert(struct json *list, size_t i, struct json *v)
{
	struct json_array *l;

	if (list->form == JSON_FEW) {
		array_insert(few_of(list), i, list->n++, v);
		return;
	}
	l = many_of(list);
	if (l->heads != NULL)
		rings_insert(l, i, v);
	else
		array_insert(l->items, i, l->n, v);
	l->n++;
}

struct json *
json_list_remove(struct json *list, size_t i)
{
	struct json_array *l;
	struct json *v;

	if (list->form == JSON_FEW)
		return array_remove(few_of(list), i, list->n--);
	l = many_of(list);
	v = l->heads != NULL ? rings_remove(l, i) :
	    array_remove(l->items, i, l->n);
	l->n--;
	return v;
}

void
json_list_move(struct json *list, size_t from, size_t to)
{
	json_list_insert(list, to, json_list_remove(list, from));
}
