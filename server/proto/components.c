#include "proto/components.h"

/* 0; or negative: they are more, or it is no JSON. */
static int
count_items(struct json_reader *r, size_t *left)
{
	int rc = json_enter(r, JSON_LIST), more = 0;

	while (rc == 0 && (more = json_next_item(r)) > 0) {
		if (*left == 0)
			return -1;
		--*left;
		rc = json_peek(r) == JSON_LIST ? count_items(r, left) :
		    json_skip(r, NULL);
	}
	return rc != 0 ? rc : more;
}

/* Of rich-text as an object; "ops" may stand there several times. */
static int
count_ops(struct json_reader *r, size_t *left)
{
	int rc = json_enter(r, JSON_OBJECT), more = 0;
	struct json_slice key;

	while (rc == 0 && (more = json_next_member(r, &key)) > 0)
		rc = json_slice_is(&key, "ops") && json_peek(r) == JSON_LIST ?
		    count_items(r, left) : json_skip(r, NULL);
	return rc != 0 ? rc : more;
}

bool
components_within(const struct json_slice *op, size_t most)
{
	struct json_reader r;
	struct ot_err err;

	json_reader_init(&r, op->p, op->len, &err);
	switch (op->kind) {
	case JSON_LIST:
		return count_items(&r, &most) == 0;
	case JSON_OBJECT:
		return count_ops(&r, &most) == 0;
	default:
		return true;
	}
}
