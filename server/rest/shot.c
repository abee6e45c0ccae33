#include "rest/shot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rest/etag.h"

/* A wire's type: absent json0, null none. */
static const struct ot_type *
type_of(const struct json_slice *type)
{
	const struct ot_type *found;
	struct buf b = BUF_INIT;

	if (type->kind == JSON_NONE)
		return &ot_type_json0;
	if (type->kind != JSON_STRING)
		return NULL;
	json_slice_string(type, &b);
	buf_putc(&b, '\0');
	found = buf_failed(&b) ? NULL : ot_type_find(b.data);
	buf_done(&b);
	return found;
}

struct shot
shot_read(const struct json_slice *snapshot)
{
	struct json_slice v = rest_member(snapshot, "v");
	struct json_slice type = rest_member(snapshot, "type");
	struct shot shot = { 0 };

	if (v.kind == JSON_NUMBER)
		shot.v = (uint64_t)json_slice_number(&v);
	shot.type = type_of(&type);
	if (shot.type != NULL)
		shot.data = rest_member(snapshot, "data");
	return shot;
}

struct shot
shot_keep(const struct json_slice *snapshot, char **kept)
{
	struct shot shot = shot_read(snapshot);

	free(*kept);
	*kept = NULL;
	if (shot.data.kind != JSON_NONE)
		shot.data.p = *kept = mem_copy(shot.data.p, shot.data.len);
	return shot;
}

void
shot_headers(struct rest_call *call, const struct shot *shot)
{
	if (shot->type != NULL) {
		rest_header(call, "ETag", "\"v%" PRIu64 "\"", shot->v);
		rest_header(call, "Otd-Type", "%s", shot->type->name);
	}
	rest_header(call, "Otd-Version", "%" PRIu64, shot->v);
}

/* Members that fields names, in the document's order. */
static void
put_named(struct buf *b, const struct json_slice *data, const char *fields)
{
	struct buf name = BUF_INIT;
	struct json_slice key, value;
	struct json_reader r;
	struct ot_err err;

	json_reader_init(&r, data->p, data->len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		return;
	buf_putc(b, '{');
	while (json_next_member(&r, &key) == 1 && json_skip(&r, &value) == 0) {
		buf_reset(&name);
		json_slice_string(&key, &name);
		if (!etag_list_has(fields, name.data, name.len))
			continue;
		if (b->data[b->len - 1] != '{')
			buf_putc(b, ',');
		buf_put(b, key.p, key.len);
		buf_putc(b, ':');
		buf_put(b, value.p, value.len);
	}
	buf_putc(b, '}');
	buf_done(&name);
}

void
shot_put_fields(struct buf *b, const struct json_slice *data,
    const char *fields)
{
	if (data->kind == JSON_NONE ||
	    (fields != NULL && data->kind != JSON_OBJECT))
		buf_puts(b, "null");
	else if (fields != NULL)
		put_named(b, data, fields);
	else
		buf_put(b, data->p, data->len);
}

void
shot_answer(struct rest_call *call, int status, const struct shot *shot)
{
	shot_headers(call, shot);
	if (shot->data.kind == JSON_NONE)
		rest_answer(call, status, "application/json", "null", 4);
	else
		rest_answer(call, status, "application/json", shot->data.p,
		    shot->data.len);
}

void
shot_missing(struct rest_call *call, const struct shot *shot)
{
	char v[24];

	snprintf(v, sizeof(v), "%" PRIu64, shot->v);
	rest_problem_member(call, "version", v, strlen(v));
	rest_header(call, "Otd-Version", "%" PRIu64, shot->v);
	rest_problem_code(call, 404, "ERR_DOC_DOES_NOT_EXIST", shot->v > 0 ?
	    "The document was deleted" : "There is no such document");
}
