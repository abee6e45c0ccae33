/*
 * A json0 path after an op, component by component.
 *
 * Edits of a text move an offset into that very text, as text0's cursors move.
 * All others move the path as json0 moves that of an op which adds 0 there;
 * that op vanishes when what it was for is removed.
 */
#include "ot/presence.h"

#include "ot/json_value.h"
#include "ot/type_ext.h"

static const struct json *
find(const struct json *object, const char *name)
{
	struct json_member *m;

	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m))
		if (json_key_is(m->key, name))
			return m->value;
	return NULL;
}

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* Is path one longer than the first n items of at, and the same so far? */
static bool
is_within(const struct json *path, const struct json *at, size_t n)
{
	size_t i;

	if (json_list_len(path) != n + 1 ||
	    json_kind(json_list_at(path, n)) != JSON_NUMBER)
		return false;
	for (i = 0; i < n; i++)
		if (!json_same_scalar(json_list_at(path, i),
		    json_list_at(at, i)))
			return false;
	return true;
}

/* Put text0's list of parts that c, an edit of a text, makes in it. */
static void
put_text_edit(const struct json *c, const struct json *at, struct buf *b)
{
	const struct json *inserted = find(c, "si"), *deleted = find(c, "sd");

	if (inserted == NULL && deleted == NULL) {
		json_print(find(c, "o"), b);
		return;
	}
	buf_puts(b, "[{\"p\":");
	json_print(json_list_at(at, json_list_len(at) - 1), b);
	buf_puts(b, inserted != NULL ? ",\"i\":" : ",\"d\":");
	json_print(inserted != NULL ? inserted : deleted, b);
	buf_puts(b, "}]");
}

/* The last item of the path is an offset into the text that c edits. */
static int
move_offset(struct json **path, const struct json *c, const struct json *at,
    struct ot_err *err)
{
	size_t last = json_list_len(*path) - 1;
	struct buf edit = BUF_INIT, from = BUF_INIT, to = BUF_INIT;
	struct json_slice op, cursor, side = { "\"left\"", 6, JSON_STRING };
	struct json *moved;
	int rc;

	put_text_edit(c, at, &edit);
	json_print(json_list_at(*path, last), &from);
	op = (struct json_slice){ edit.data, edit.len, JSON_LIST };
	cursor = (struct json_slice){ from.data, from.len, JSON_NUMBER };
	rc = buf_failed(&edit) || buf_failed(&from) ? no_memory(err) :
	    ot_type_text0.ext->transform_cursor(&cursor, &op, &side, &to, err);
	if (rc == 0 && buf_failed(&to))
		rc = no_memory(err);
	if (rc == 0 && (rc = json_parse(to.data, to.len, 0, &moved,
	    err)) == 0) {
		json_unref(json_list_remove(*path, last));
		json_list_insert(*path, last, moved);
	}
	buf_done(&edit);
	buf_done(&from);
	buf_done(&to);
	return rc;
}

static int
parse_one(struct buf *text, struct ot_edit **edit_out, struct ot_err *err)
{
	int rc = buf_failed(text) ? no_memory(err) :
	    ot_type_json0.ext->edit_parse_unapplied(text->data, text->len,
	    edit_out, err);

	buf_done(text);
	return rc;
}

/* The path in the one component that is left; NULL: none is. */
static int
read_back(const struct ot_edit *edit, struct json **path_out,
    struct ot_err *err)
{
	struct buf b = BUF_INIT;
	struct json *parts;
	const struct json *path;
	int rc;

	ot_type_json0.edit_print(edit, &b);
	rc = buf_failed(&b) ? no_memory(err) :
	    json_parse(b.data, b.len, 0, &parts, err);
	buf_done(&b);
	if (rc != 0)
		return rc;
	*path_out = NULL;
	if (json_list_len(parts) > 0 &&
	    (path = find(json_list_at(parts, 0), "p")) != NULL)
		*path_out = json_ref((struct json *)path);
	json_unref(parts);
	return *path_out == NULL || json_own(path_out) == 0 ? 0 :
	    no_memory(err);
}

/* *path becomes NULL when its place is removed. */
static int
move_path(struct json **path, const struct json *c, struct ot_err *err)
{
	struct buf b = BUF_INIT;
	struct ot_edit *here = NULL, *other = NULL, *moved = NULL;
	struct json *to;
	int rc;

	buf_puts(&b, "[{\"p\":");
	json_print(*path, &b);
	buf_puts(&b, ",\"na\":0}]");
	if ((rc = parse_one(&b, &here, err)) != 0)
		goto out;
	buf_putc(&b, '[');
	json_print(c, &b);
	buf_putc(&b, ']');
	if ((rc = parse_one(&b, &other, err)) != 0 ||
	    (rc = ot_type_json0.transform(here, other, OT_LEFT, &moved,
	    err)) != 0 || (rc = read_back(moved, &to, err)) != 0)
		goto out;
	json_unref(*path);
	*path = to;
out:
	ot_type_json0.edit_free(here);
	ot_type_json0.edit_free(other);
	ot_type_json0.edit_free(moved);
	return rc;
}

static int
move_by(struct json **path, const struct json *c, struct ot_err *err)
{
	const struct json *at;
	bool is_sub;

	if (json_kind(c) != JSON_OBJECT || (at = find(c, "p")) == NULL ||
	    json_kind(at) != JSON_LIST)
		return ot_fail(err, OT_EBADLY, "Missing path");
	is_sub = find(c, "t") != NULL && find(c, "o") != NULL;
	if (!is_sub && find(c, "si") == NULL && find(c, "sd") == NULL)
		return move_path(path, c, err);
	if (!is_sub && json_list_len(at) == 0)
		return ot_fail(err, OT_EBADLY, "Missing path");
	if (!is_within(*path, at, json_list_len(at) - !is_sub))
		return 0;
	return move_offset(path, c, at, err);
}

int
json0_transform_path(const struct json_slice *path,
    const struct json_slice *op, struct buf *out, struct ot_err *err)
{
	struct json *at = NULL, *parts = NULL;
	size_t i;
	int rc;

	if ((rc = json_parse(path->p, path->len, 0, &at, err)) != 0 ||
	    (rc = json_parse(op->p, op->len, 0, &parts, err)) != 0)
		goto out;
	if (json_kind(at) != JSON_LIST)
		rc = ot_fail(err, OT_EBADLY, "Invalid path");
	else if (json_kind(parts) != JSON_LIST)
		rc = ot_fail(err, OT_EBADLY, "json0 op must be an array");
	for (i = 0; rc == 0 && at != NULL && i < json_list_len(parts); i++)
		rc = move_by(&at, json_list_at(parts, i), err);
	if (rc == 0 && at != NULL)
		json_print(at, out);
	else if (rc == 0)
		buf_puts(out, "null");
out:
	json_unref(at);
	json_unref(parts);
	return rc;
}
