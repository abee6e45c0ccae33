/* Lists of the value tree: an array. */
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

struct json *
json_list(void)
{
	return json_node_new(JSON_LIST, 0);
}

struct json *
json_list_copy(const struct json *list)
{
	struct json *copy = json_list();
	size_t i, n = list->u.list.n;

	if (copy == NULL)
		return NULL;
	if (json_list_reserve(copy, n) != 0) {
		json_unref(copy);
		return NULL;
	}
	for (i = 0; i < n; i++)
		copy->u.list.items[i] = json_ref(list->u.list.items[i]);
	copy->u.list.n = n;
	return copy;
}

void
json_list_done(struct json *list)
{
	size_t i;

	for (i = 0; i < list->u.list.n; i++)
		json_unref(list->u.list.items[i]);
	free(list->u.list.items);
}

size_t
json_list_len(const struct json *list)
{
	return list->u.list.n;
}

struct json *
json_list_at(const struct json *list, size_t i)
{
	return list->u.list.items[i];
}

struct json **
json_list_slot(struct json *list, size_t i)
{
	return &list->u.list.items[i];
}

int
json_list_reserve(struct json *list, size_t n)
{
	struct json_node_list *l = &list->u.list;
	size_t max = SIZE_MAX / sizeof(l->items[0]) / 2, cap = l->cap;
	struct json **items;

	if (n <= cap - l->n)
		return 0;
	if (n > max - l->n)
		return OT_ENOMEM;
	cap = cap + cap / 2 < l->n + n ? l->n + n : cap + cap / 2;
	if ((items = realloc(l->items, cap * sizeof(items[0]))) == NULL)
		return OT_ENOMEM;
	l->items = items;
	l->cap = cap;
	return 0;
}

void
json_list_insert(struct json *list, size_t i, struct json *v)
{
	struct json_node_list *l = &list->u.list;

	memmove(l->items + i + 1, l->items + i, (l->n - i) * sizeof(v));
	l->items[i] = v;
	l->n++;
}

struct json *
json_list_remove(struct json *list, size_t i)
{
	struct json_node_list *l = &list->u.list;
	struct json *v = l->items[i];

	l->n--;
	memmove(l->items + i, l->items + i + 1, (l->n - i) * sizeof(v));
	return v;
}

void
json_list_move(struct json *list, size_t from, size_t to)
{
	struct json **items = list->u.list.items, *v = items[from];

	if (from < to)
		memmove(items + from, items + from + 1,
		    (to - from) * sizeof(v));
	else
		memmove(items + to + 1, items + to, (from - to) * sizeof(v));
	items[to] = v;
}
