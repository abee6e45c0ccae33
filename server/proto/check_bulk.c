/* The b of bf, bs and bu: many documents, once each. */
#include <stdlib.h>
#include <string.h>

#include "proto/check.h"

static void
bulk_add(struct message *msg, struct arena *arena, size_t *cap,
    const struct bulk_item *item)
{
	struct bulk_item *grown;

	if (msg->n_bulk == *cap) {
		*cap = *cap > 0 ? *cap * 2 : 16;
		grown = arena_get(arena, *cap * sizeof(*grown));
		if (msg->n_bulk > 0)
			memcpy(grown, msg->bulk,
			    msg->n_bulk * sizeof(*grown));
		msg->bulk = grown;
	}
	msg->bulk[msg->n_bulk++] = *item;
}

struct bulk_place {
	const char	*id;
	size_t		 at;		/* in the message */
};

static int
bulk_order(const void *a, const void *b)
{
	const struct bulk_place *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order != 0)
		return order;
	return x->at < y->at ? -1 : x->at > y->at;
}

/*
 * Once each, as sharedb's uniqueIds: at the first place; of an object's
 * repeated names the last value counts.  A message may hold many thousands.
 */
static void
bulk_unique(struct message *msg, struct arena *arena)
{
	struct bulk_place *places = arena_get(arena,
	    msg->n_bulk * sizeof(*places));
	struct bulk_item *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < msg->n_bulk; i++)
		places[i] = (struct bulk_place){ msg->bulk[i].id, i };
	qsort(places, msg->n_bulk, sizeof(*places), bulk_order);
	for (i = 0; i < msg->n_bulk; i++) {
		if (i == 0 || strcmp(places[i].id, places[i - 1].id) != 0) {
			first = &msg->bulk[places[i].at];
			continue;
		}
		*first = msg->bulk[places[i].at];
		msg->bulk[places[i].at].id = NULL;
	}
	for (i = 0; i < msg->n_bulk; i++)
		if (msg->bulk[i].id != NULL)
			msg->bulk[n++] = msg->bulk[i];
	msg->n_bulk = n;
}

static enum message_verdict
bulk_list(const struct json_slice *b, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice value;
	struct bulk_item item = { NULL, false, 0 };
	struct ot_err err;
	size_t cap = 0;

	json_reader_init(&reader, b->p, b->len, &err);
	if (json_enter(&reader, JSON_LIST) != 0)
		return check_malformed(r, "Invalid bulk subscribe data");
	while (json_next_item(&reader) > 0) {
		if (json_skip(&reader, &value) != 0 ||
		    (item.id = field_name(&value, arena)) == NULL)
			return check_malformed(r, "Invalid id");
		bulk_add(msg, arena, &cap, &item);
	}
	return MESSAGE_OK;
}

static enum message_verdict
bulk_map(const struct json_slice *b, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice key, value;
	struct bulk_item item;
	struct ot_err err;
	size_t cap = 0;

	json_reader_init(&reader, b->p, b->len, &err);
	if (json_enter(&reader, JSON_OBJECT) != 0)
		return check_malformed(r, "Invalid bulk subscribe data");
	while (json_next_member(&reader, &key) > 0) {
		if ((item.id = field_name(&key, arena)) == NULL)
			return check_malformed(r, "Invalid id");
		item.v = 0;
		if (json_skip(&reader, &value) != 0 ||
		    !field_version(&value, &item.has_v, &item.v))
			return check_malformed(r, "Invalid version");
		/*
		 * sharedb gives a document named with null all its ops, like
		 * one named with 0 (lib/db/memory.js, getOps).
		 */
		item.has_v = true;
		bulk_add(msg, arena, &cap, &item);
	}
	return MESSAGE_OK;
}

enum message_verdict
check_bulk(const struct fields *f, struct arena *arena, struct message *msg,
    struct refusal *r)
{
	enum message_verdict verdict;

	msg->bulk_is_list = f->b.kind == JSON_LIST;
	if (msg->bulk_is_list)
		verdict = bulk_list(&f->b, arena, msg, r);
	else if (f->b.kind == JSON_OBJECT)
		verdict = bulk_map(&f->b, arena, msg, r);
	else
		return check_malformed(r, "Invalid bulk subscribe data");
	if (verdict == MESSAGE_OK && msg->n_bulk > 1)
		bulk_unique(msg, arena);
	return verdict;
}
