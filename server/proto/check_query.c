/*
 * The id, o and r of qf, qs and qu: sharedb 7.0.0, lib/agent.js,
 * checkQueryResults and getQueryOptions.
 */
#include <string.h>

#include "proto/check.h"

static void
known_add(struct message *msg, struct arena *arena, size_t *cap,
    const struct bulk_item *item)
{
	struct bulk_item *grown;

	if (msg->n_known == *cap) {
		*cap = *cap > 0 ? *cap * 2 : 16;
		grown = arena_get(arena, *cap * sizeof(*grown));
		if (msg->n_known > 0)
			memcpy(grown, msg->known,
			    msg->n_known * sizeof(*grown));
		msg->known = grown;
	}
	msg->known[msg->n_known++] = *item;
}

/* One [id, version] of r; what follows in it is not looked at. */
static enum message_verdict
known_read(const struct json_slice *pair, struct arena *arena,
    struct bulk_item *item, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice value, part[2] = { { NULL, 0, JSON_NONE },
	    { NULL, 0, JSON_NONE } };
	struct ot_err err;
	size_t i;

	if (pair->kind != JSON_LIST)
		return check_malformed(r, "Invalid query results");
	json_reader_init(&reader, pair->p, pair->len, &err);
	if (json_enter(&reader, JSON_LIST) != 0)
		return check_malformed(r, "Invalid query results");
	for (i = 0; json_next_item(&reader) > 0 &&
	    json_skip(&reader, &value) == 0; i++)
		if (i < 2)
			part[i] = value;
	if ((item->id = field_name(&part[0], arena)) == NULL)
		return check_malformed(r, "Invalid id");
	item->v = 0;
	if (!field_version(&part[1], &item->has_v, &item->v))
		return check_malformed(r, "Invalid version");
	return MESSAGE_OK;
}

static enum message_verdict
check_known(const struct json_slice *list, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	struct json_reader reader;
	struct json_slice pair;
	struct bulk_item item;
	struct ot_err err;
	enum message_verdict verdict;
	size_t cap = 0;

	if (list->kind != JSON_LIST)
		return check_malformed(r, "Invalid query results");
	msg->has_known = true;
	json_reader_init(&reader, list->p, list->len, &err);
	if (json_enter(&reader, JSON_LIST) != 0)
		return check_malformed(r, "Invalid query results");
	while (json_next_item(&reader) > 0) {
		if (json_skip(&reader, &pair) != 0)
			return check_malformed(r, "Invalid query results");
		verdict = known_read(&pair, arena, &item, r);
		if (verdict != MESSAGE_OK)
			return verdict;
		known_add(msg, arena, &cap, &item);
	}
	return MESSAGE_OK;
}

/* Of the options only db means anything here: sharedb drops the poll times. */
static bool
names_db(const struct json_slice *options)
{
	struct json_slice db = field_member(options, "db");

	return json_slice_truthy(&db);
}

enum message_verdict
check_query(const struct fields *f, struct arena *arena, struct message *msg,
    struct refusal *r)
{
	enum message_verdict verdict;

	if (f->id.kind != JSON_NUMBER)
		return check_malformed(r, "Missing query ID");
	msg->query_id = json_slice_number(&f->id);
	if (field_given(&f->r) &&
	    (verdict = check_known(&f->r, arena, msg, r)) != MESSAGE_OK)
		return verdict;
	msg->q = f->q;
	msg->other_db = names_db(&f->o);
	return MESSAGE_OK;
}
