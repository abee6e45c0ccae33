/*
 * followed: see followed.h.
 */
#include "bus/followed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

void
followed_init(struct followed *f)
{
	uint64_t seed = 0;
	int i;

	/* Clients choose the names; a seed of 0 would still be correct. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uintptr_t)f;
	table_init(&f->table, seed);
	for (i = 0; i < CHANNEL_STATES; i++) {
		list_init(&f->in[i]);
		f->n[i] = 0;
	}
}

void
followed_done(struct followed *f)
{
	struct channel *c;
	int i;

	for (i = 0; i < CHANNEL_STATES; i++)
		while ((c = followed_first(f, (enum channel_state)i)) != NULL)
			followed_remove(f, c);
	table_done(&f->table);
}

static bool
name_is(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct channel, by_name)->name, key) == 0;
}

struct channel *
followed_find(const struct followed *f, const char *name)
{
	uint64_t hash = table_hash(&f->table, name, strlen(name));
	struct table_node *node = table_find(&f->table, hash, name_is, name);

	return node == NULL ? NULL : LIST_ITEM(node, struct channel, by_name);
}

struct channel *
followed_add(struct followed *f, const char *name)
{
	size_t len = strlen(name);
	struct channel *c = mem_get(sizeof(*c) + len + 1);

	memcpy(c->name, name, len + 1);
	c->wanted = true;
	c->state = CHANNEL_IDLE;
	list_push(&f->in[CHANNEL_IDLE], &c->node);
	f->n[CHANNEL_IDLE]++;
	table_add(&f->table, &c->by_name, table_hash(&f->table, name, len));
	return c;
}

void
followed_remove(struct followed *f, struct channel *c)
{
	table_remove(&f->table, &c->by_name);
	list_remove(&c->node);
	f->n[c->state]--;
	free(c);
}

void
followed_move(struct followed *f, struct channel *c, enum channel_state to)
{
	list_remove(&c->node);
	f->n[c->state]--;
	c->state = to;
	list_push(&f->in[to], &c->node);
	f->n[to]++;
}

struct channel *
followed_first(const struct followed *f, enum channel_state state)
{
	const struct list *head = &f->in[state];

	return list_empty(head) ? NULL :
	    LIST_ITEM(head->next, struct channel, node);
}
