#include "store/store.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store/lite_store.h"
#include "store/pg_store.h"

static struct store *
open_as(const char *url, bool is_beside, struct loop *loop, char *why,
    size_t why_len)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return lite_store_open(url + 7, is_beside, loop, why, why_len);
	if (strncmp(url, "postgres://", 11) == 0 ||
	    strncmp(url, "postgresql://", 13) == 0)
		return pg_store_open(url, loop, why, why_len);
	snprintf(why, why_len, "a store is sqlite:PATH or postgres://...");
	return NULL;
}

struct store *
store_open(const char *url, struct loop *loop, char *why, size_t why_len)
{
	return open_as(url, false, loop, why, why_len);
}

struct store *
store_open_beside(const char *url, struct loop *loop, char *why,
    size_t why_len)
{
	return open_as(url, true, loop, why, why_len);
}

int
store_scrub(const char *url, char *why, size_t why_len)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return lite_store_vacuum(url + 7, why, why_len);
	return 0;
}

struct job *
store_next_done(struct store *s)
{
	struct list *node = list_shift(&s->done);

	return node != NULL ? LIST_ITEM(node, struct job, node) : NULL;
}
