#include "ot/presence.h"

#include "ot/json_value.h"
#include "ot/type_ext.h"

#define LONGEST	9007199254740991.0	/* 2^53 - 1: whole numbers are exact */

static struct json_member *
member(const struct json *object, const char *name)
{
	struct json_member *m;

	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m))
		if (json_key_is(m->key, name))
			return m;
	return NULL;
}

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

static struct json_slice
whole(const struct buf *b, enum json_kind kind)
{
	return (struct json_slice){ b->data, b->len, kind };
}

/* ---- ranges ---- */

/* The type's third argument: whose op it is, as text0 and the others ask. */
static struct json_slice
how(const struct ot_type *type, bool own)
{
	if (type == &ot_type_text0)
		return own ? (struct json_slice){ "\"right\"", 7, JSON_STRING } :
		    (struct json_slice){ "\"left\"", 6, JSON_STRING };
	return own ? (struct json_slice){ "true", 4, JSON_TRUE } :
	    (struct json_slice){ "false", 5, JSON_FALSE };
}

static int
move_end(const struct ot_type *type, double at, const struct json_slice *op,
    bool own, double *moved_out, struct ot_err *err)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct json_slice cursor, moved, third = how(type, own);
	int rc;

	json_put_number(&in, at);
	cursor = whole(&in, JSON_NUMBER);
	rc = buf_failed(&in) ? no_memory(err) :
	    type->ext->transform_cursor(&cursor, op, &third, &out, err);
	if (rc == 0 && buf_failed(&out))
		rc = no_memory(err);
	if (rc == 0) {
		moved = whole(&out, JSON_NUMBER);
		*moved_out = json_slice_number(&moved);
	}
	buf_done(&in);
	buf_done(&out);
	return rc;
}

static int
set_number(struct json_member *m, double n, struct ot_err *err)
{
	struct json *v = json_number_new(n);

	if (v == NULL)
		return no_memory(err);
	json_unref(m->value);
	m->value = v;
	return 0;
}

/* value is ours alone. */
static int
move_range(const struct ot_type *type, struct json *value,
    const struct json_slice *op, bool own, struct ot_err *err)
{
	struct json_member *index = member(value, "index");
	struct json_member *length = member(value, "length");
	double start, end;
	int rc;

	if (index == NULL || length == NULL ||
	    json_kind(index->value) != JSON_NUMBER ||
	    json_kind(length->value) != JSON_NUMBER ||
	    !(json_number_get(index->value) >= 0) ||
	    !(json_number_get(length->value) >= 0))
		return ot_fail(err, OT_EBADLY, "Invalid range");
	start = json_number_get(index->value);
	end = start + json_number_get(length->value);
	if ((rc = move_end(type, start, op, own, &start, err)) != 0 ||
	    (rc = move_end(type, end, op, own, &end, err)) != 0 ||
	    (rc = set_number(index, start, err)) != 0)
		return rc;
	return set_number(length, end - start, err);
}

/* ---- places ---- */

static int
move_path(const struct ot_type *type, const struct json *path,
    const struct json_slice *op, struct json **moved_out, struct ot_err *err)
{
	struct json_slice from, none = { NULL, 0, JSON_NONE };
	struct buf in = BUF_INIT, out = BUF_INIT;
	int rc;

	json_print(path, &in);
	from = whole(&in, JSON_LIST);
	if (buf_failed(&in))
		rc = no_memory(err);
	else if (type == &ot_type_json0)
		rc = json0_transform_path(&from, op, &out, err);
	else
		rc = type->ext->transform_cursor(&from, op, &none, &out, err);
	if (rc == 0 && buf_failed(&out))
		rc = no_memory(err);
	if (rc == 0)
		rc = json_parse(out.data, out.len, 0, moved_out, err);
	buf_done(&in);
	buf_done(&out);
	return rc;
}

/* The number that a path ends with; false: it ends otherwise. */
static bool
offset_of(const struct json *path, double *offset_out)
{
	const struct json *last;

	if (json_kind(path) != JSON_LIST || json_list_len(path) == 0)
		return false;
	last = json_list_at(path, json_list_len(path) - 1);
	if (json_kind(last) != JSON_NUMBER)
		return false;
	*offset_out = json_number_get(last);
	return true;
}

/* The same path, to another offset; NULL: out of memory. */
static struct json *
path_to(const struct json *path, double offset)
{
	struct json *other = json_ref((struct json *)path);
	struct json *n = json_number_new(offset);
	size_t last = json_list_len(path) - 1;

	if (n == NULL || json_own(&other) != 0) {
		json_unref(n);
		json_unref(other);
		return NULL;
	}
	json_unref(json_list_remove(other, last));
	json_list_insert(other, last, n);
	return other;
}

/*
 * Where the stretch from path on ends, of which length is so long as it was;
 * moved is the path as it is now.  One that is nowhere has no length.
 */
static int
move_length(const struct ot_type *type, const struct json *path,
    const struct json *moved, struct json_member *length,
    const struct json_slice *op, struct ot_err *err)
{
	struct json *end, *moved_end = NULL;
	double from, to, n;
	int rc;

	if (length == NULL || json_kind(length->value) != JSON_NUMBER ||
	    !offset_of(path, &from))
		return 0;
	n = json_number_get(length->value);
	if (!(n >= 0 && n <= LONGEST))
		return ot_fail(err, OT_EBADLY, "Invalid length");
	if ((end = path_to(path, from + n)) == NULL)
		return no_memory(err);
	rc = move_path(type, end, op, &moved_end, err);
	if (rc == 0)
		rc = set_number(length, offset_of(moved, &from) &&
		    offset_of(moved_end, &to) && to > from ? to - from : 0,
		    err);
	json_unref(end);
	json_unref(moved_end);
	return rc;
}

static int
move_place(const struct ot_type *type, struct json *value,
    const struct json_slice *op, struct ot_err *err)
{
	struct json_member *path = member(value, "path");
	struct json *moved = NULL;
	int rc;

	if (path != NULL && json_kind(path->value) == JSON_NULL)
		return 0;
	if (path == NULL || json_kind(path->value) != JSON_LIST)
		return ot_fail(err, OT_EBADLY, "Invalid path");
	if ((rc = move_path(type, path->value, op, &moved, err)) == 0 &&
	    (rc = move_length(type, path->value, moved,
	    member(value, "length"), op, err)) == 0) {
		json_unref(path->value);
		path->value = json_ref(moved);
	}
	json_unref(moved);
	return rc;
}

/* ---- any ---- */

int
ot_presence_transform(const struct ot_type *type,
    const struct json_slice *presence, const struct json_slice *op, bool own,
    struct buf *out, struct ot_err *err)
{
	bool is_place = type == &ot_type_json0 || type == &ot_type_json1;
	struct json_slice own_slice = how(type, own);
	struct json *value;
	int rc;

	if (type->ext != NULL && type->ext->transform_presence != NULL)
		return type->ext->transform_presence(presence, op, &own_slice,
		    out, err);
	if (!json_slice_truthy(presence)) {
		buf_puts(out, "null");
		return 0;
	}
	if (presence->kind != JSON_OBJECT)
		return ot_fail(err, OT_EBADLY, is_place ? "Invalid path" :
		    "Invalid range");
	if ((rc = json_parse(presence->p, presence->len, JSON_NO_PROTO, &value,
	    err)) != 0)
		return rc;
	rc = is_place ? move_place(type, value, op, err) :
	    move_range(type, value, op, own, err);
	if (rc == 0)
		json_print(value, out);
	json_unref(value);
	return rc;
}
