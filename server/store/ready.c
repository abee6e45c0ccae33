#include "store/ready.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct name {
	struct table_node	node;
	char			text[];
};

static bool
is_name(const struct table_node *node, const void *key)
{
	return strcmp(((const struct name *)node)->text, key) == 0;
}

void
ready_init(struct ready *r)
{
	table_init(&r->names, (uint64_t)(uintptr_t)r);
}

void
ready_done(struct ready *r)
{
	struct table_node *node;

	while ((node = table_next(&r->names, NULL)) != NULL) {
		table_remove(&r->names, node);
		free(node);
	}
	table_done(&r->names);
}

bool
ready_has(const struct ready *r, const char *collection)
{
	return table_find(&r->names, table_hash(&r->names, collection,
	    strlen(collection)), is_name, collection) != NULL;
}

void
ready_add(struct ready *r, const char *collection)
{
	size_t len = strlen(collection);
	struct name *name = mem_get(sizeof(*name) + len + 1);

	memcpy(name->text, collection, len + 1);
	table_add(&r->names, &name->node,
	    table_hash(&r->names, collection, len));
}

void
find_is_unready(struct job_find *find)
{
	snprintf(find->why, sizeof(find->why), "documents of \"%.80s\" were "
	    "never prepared for queries: run otd doc index",
	    find->collection);
}

void
find_is_slow(struct job_find *find)
{
	snprintf(find->why, sizeof(find->why), "the query took more than "
	    "%" PRIu64 " ms and was ended", find->timeout_ms);
}
