#include "auth/revoked.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct revocation {
	struct table_node	 in_table;
	struct list		 node;		/* revoked->order */
	enum revoked_kind	 kind;
	char			*value;
	uint64_t		 before_s;
	int64_t			 expires_ms;
};

struct named {
	enum revoked_kind	 kind;
	const char		*value;
};

void
revoked_init(struct revoked *r, uint64_t seed)
{
	table_init(&r->all, seed);
	list_init(&r->order);
}

static void
forget(struct revoked *r, struct revocation *one)
{
	table_remove(&r->all, &one->in_table);
	list_remove(&one->node);
	free(one->value);
	free(one);
}

void
revoked_done(struct revoked *r)
{
	while (!list_empty(&r->order))
		forget(r, LIST_ITEM(r->order.next, struct revocation, node));
	table_done(&r->all);
}

static bool
match(const struct table_node *node, const void *key)
{
	const struct revocation *one = LIST_ITEM(node, struct revocation,
	    in_table);
	const struct named *named = key;

	return one->kind == named->kind &&
	    strcmp(one->value, named->value) == 0;
}

static struct revocation *
find(const struct revoked *r, enum revoked_kind kind, const char *value)
{
	const struct named named = { kind, value };
	struct table_node *node = table_find(&r->all,
	    table_hash(&r->all, value, strlen(value)), match, &named);

	return node != NULL ? LIST_ITEM(node, struct revocation, in_table) :
	    NULL;
}

void
revoked_put(struct revoked *r, enum revoked_kind kind, const char *value,
    uint64_t before_s, int64_t expires_ms)
{
	struct revocation *one = find(r, kind, value);

	if (one == NULL) {
		one = mem_get(sizeof(*one));
		one->kind = kind;
		one->value = mem_copy(value, strlen(value));
		table_add(&r->all, &one->in_table,
		    table_hash(&r->all, value, strlen(value)));
		list_push(&r->order, &one->node);
	}
	one->before_s = before_s;
	one->expires_ms = expires_ms;
}

void
revoked_drop(struct revoked *r, enum revoked_kind kind, const char *value)
{
	struct revocation *one = find(r, kind, value);

	if (one != NULL)
		forget(r, one);
}

static bool
is_over(const struct revocation *one, int64_t wall_ms)
{
	return one->expires_ms != 0 && wall_ms >= one->expires_ms;
}

void
revoked_sweep(struct revoked *r, int64_t wall_ms)
{
	struct list *node, *next;

	LIST_EACH(&r->order, node, next) {
		struct revocation *one = LIST_ITEM(node, struct revocation,
		    node);

		if (is_over(one, wall_ms))
			forget(r, one);
	}
}

bool
revoked_has(const struct revoked *r, const struct principal *who,
    int64_t wall_ms)
{
	const struct revocation *one;

	if (who->token_id != NULL && (one = find(r, REVOKED_TOKEN,
	    who->token_id)) != NULL && !is_over(one, wall_ms))
		return true;
	/* A token that does not say when it was issued is of any time. */
	return who->subject != NULL && (one = find(r, REVOKED_SUBJECT,
	    who->subject)) != NULL && !is_over(one, wall_ms) &&
	    (one->before_s == 0 || who->issued_s < one->before_s);
}
