#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "store/lite_store.h"
#include "store/pg_store.h"

struct store *
store_open(const char *url, struct loop *loop, char *why, size_t why_len)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return lite_store_open(url + 7, loop, why, why_len);
	if (strncmp(url, "postgres://", 11) == 0 ||
	    strncmp(url, "postgresql://", 13) == 0)
		return pg_store_open(url, loop, why, why_len);
	snprintf(why, why_len, "a store is sqlite:PATH or postgres://...");
	return NULL;
}

struct job *
store_next_done(struct store *s)
{
	struct list *node = list_shift(&s->done);

	return node != NULL ? LIST_ITEM(node, struct job, node) : NULL;
}
