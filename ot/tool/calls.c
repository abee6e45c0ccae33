/*
 * calls: see calls.h.
 */
#include "ot/tool/calls.h"

#include <stdlib.h>
#include <string.h>

#include "ot/fields.h"
#include "ot/type_ext.h"

static int
need_args(struct call *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (c->args[i].kind == JSON_NONE)
			return ot_fail(c->err, OT_EJSON,
			    "argument %zu is missing", i);
	return 0;
}

static int
parse_edit(struct call *c, const struct json_slice *op, bool to_apply,
    struct ot_edit **edit_out)
{
	const struct ot_type_ext *ext = c->type->ext;

	if (!to_apply && ext != NULL && ext->edit_parse_unapplied != NULL)
		return ext->edit_parse_unapplied(op->p, op->len, edit_out,
		    c->err);
	return c->type->edit_parse(op->p, op->len, edit_out, c->err);
}

static void
print_data(struct call *c, const struct ot_data *data)
{
	c->undefined = !c->type->print(data, c->out);
}

static int
call_create(struct call *c)
{
	struct ot_data *data = NULL;
	int rc;

	if ((rc = c->type->create(c->args[0].p, c->args[0].len, &data,
	    c->err)) == 0)
		print_data(c, data);
	c->type->data_free(data);
	return rc;
}

static int
call_apply(struct call *c)
{
	const struct json_slice *snapshot = &c->args[0], *op = &c->args[1];
	struct ot_data *data = NULL;
	struct ot_edit *edit = NULL;
	int rc;

	if (op->kind == JSON_NONE)
		return ot_fail(c->err, OT_EJSON, "op is missing");
	if ((rc = c->type->load(snapshot->p, snapshot->len, &data,
	    c->err)) != 0)
		goto out;
	/* Types whose documents cannot be undefined load something else. */
	if (snapshot->kind == JSON_NONE) {
		if (c->type->print(data, c->out)) {
			buf_reset(c->out);
			rc = ot_fail(c->err, OT_EJSON, "snapshot is missing");
			goto out;
		}
	}
	if ((rc = parse_edit(c, op, true, &edit)) != 0 ||
	    (rc = c->type->apply(data, edit, NULL, c->err)) != 0)
		goto out;
	print_data(c, data);
out:
	c->type->edit_free(edit);
	c->type->data_free(data);
	return rc;
}

static int
fail_unsupported(struct call *c)
{
	return ot_fail(c->err, OT_EUNSUP, "this type has no such function");
}

/* The ops and the side of a transform; both ops are the caller's to free. */
static int
parse_transform(struct call *c, struct ot_edit **op, struct ot_edit **other,
    enum ot_side *side_out)
{
	int rc;

	if ((rc = need_args(c, 3)) != 0)
		return rc;
	if (json_slice_is(&c->args[2], "left"))
		*side_out = OT_LEFT;
	else if (json_slice_is(&c->args[2], "right"))
		*side_out = OT_RIGHT;
	else
		return ot_fail(c->err, OT_ETYPE,
		    "side must be 'left' or 'right'");
	if ((rc = parse_edit(c, &c->args[0], false, op)) != 0)
		return rc;
	return parse_edit(c, &c->args[1], false, other);
}

static int
call_transform(struct call *c)
{
	int (*transform)(const struct ot_edit *op, const struct ot_edit *other,
	    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err) =
	    c->type->transform;
	struct ot_edit *op = NULL, *other = NULL, *result = NULL;
	enum ot_side side;
	int rc;

	if (json_slice_is(&c->args[3], "auto") && c->type->ext != NULL &&
	    c->type->ext->transform_auto != NULL)
		transform = c->type->ext->transform_auto;
	if ((rc = parse_transform(c, &op, &other, &side)) == 0 &&
	    (rc = transform(op, other, side, &result, c->err)) == 0)
		c->type->edit_print(result, c->out);
	c->type->edit_free(op);
	c->type->edit_free(other);
	c->type->edit_free(result);
	return rc;
}

static int
call_try_transform(struct call *c)
{
	struct ot_edit *op = NULL, *other = NULL;
	enum ot_side side;
	int rc;

	if (c->type->ext == NULL || c->type->ext->try_transform == NULL)
		return fail_unsupported(c);
	if ((rc = parse_transform(c, &op, &other, &side)) == 0)
		rc = c->type->ext->try_transform(op, other, side, c->out,
		    c->err);
	c->type->edit_free(op);
	c->type->edit_free(other);
	return rc;
}

static int
call_compose(struct call *c)
{
	struct ot_edit *first = NULL, *second = NULL, *result = NULL;
	int rc;

	if ((rc = need_args(c, 2)) != 0)
		return rc;
	if ((rc = parse_edit(c, &c->args[0], false, &first)) == 0 &&
	    (rc = parse_edit(c, &c->args[1], false, &second)) == 0 &&
	    (rc = c->type->compose(first, second, &result, c->err)) == 0)
		c->type->edit_print(result, c->out);
	c->type->edit_free(first);
	c->type->edit_free(second);
	c->type->edit_free(result);
	return rc;
}

static int
call_invert(struct call *c)
{
	struct ot_edit *op = NULL, *result = NULL;
	int rc;

	if (c->type->invert == NULL)
		return fail_unsupported(c);
	if ((rc = need_args(c, 1)) != 0)
		return rc;
	if ((rc = parse_edit(c, &c->args[0], false, &op)) == 0 &&
	    (rc = c->type->invert(op, &result, c->err)) == 0)
		c->type->edit_print(result, c->out);
	c->type->edit_free(op);
	c->type->edit_free(result);
	return rc;
}

static int
call_normalize(struct call *c)
{
	if (c->type->ext == NULL || c->type->ext->normalize == NULL)
		return fail_unsupported(c);
	if (need_args(c, 1) != 0)
		return c->err->code;
	return c->type->ext->normalize(&c->args[0], c->out, c->err);
}

static int
call_make_invertible(struct call *c)
{
	if (c->type->ext == NULL || c->type->ext->make_invertible == NULL)
		return fail_unsupported(c);
	if (need_args(c, 2) != 0)
		return c->err->code;
	return c->type->ext->make_invertible(&c->args[0], &c->args[1], c->out,
	    c->err);
}

static int
call_invert_with_doc(struct call *c)
{
	if (c->type->ext == NULL || c->type->ext->invert_with_doc == NULL)
		return fail_unsupported(c);
	if (need_args(c, 2) != 0)
		return c->err->code;
	return c->type->ext->invert_with_doc(&c->args[0], &c->args[1], c->out,
	    c->err);
}

static int
call_transform_cursor(struct call *c)
{
	if (c->type->ext == NULL || c->type->ext->transform_cursor == NULL)
		return fail_unsupported(c);
	if (need_args(c, 2) != 0)
		return c->err->code;
	return c->type->ext->transform_cursor(&c->args[0], &c->args[1],
	    &c->args[2], c->out, c->err);
}

static int
call_transform_presence(struct call *c)
{
	if (c->type->ext == NULL || c->type->ext->transform_presence == NULL)
		return fail_unsupported(c);
	return c->type->ext->transform_presence(&c->args[0], &c->args[1],
	    &c->args[2], c->out, c->err);
}

/* ---- fields ---- */

/* The names in a list of strings; the caller frees each, and the list. */
static int
read_names(struct call *c, const struct json_slice *list, char ***names_out,
    size_t *n_out)
{
	char **names = NULL, **grown;
	struct buf b = BUF_INIT;
	struct json_reader r;
	size_t n = 0;
	int rc;

	json_reader_init(&r, list->p, list->len, c->err);
	rc = json_enter(&r, JSON_LIST);
	while (rc == 0 && (rc = json_next_item(&r)) > 0) {
		if ((rc = json_read_string(&r, &b)) != 0)
			break;
		buf_putc(&b, '\0');
		if (buf_failed(&b) || (grown = realloc(names,
		    (n + 1) * sizeof(*names))) == NULL) {
			rc = ot_fail(c->err, OT_ENOMEM, "out of memory");
			break;
		}
		names = grown;
		names[n++] = buf_take(&b, &(size_t){ 0 });
	}
	buf_done(&b);
	*names_out = names;
	*n_out = n;
	return rc;
}

/* The fields in the second argument; the caller's. */
static int
read_fields(struct call *c, struct ot_fields **fields_out)
{
	char **names;
	size_t i, n;
	int rc;

	if (c->type->fields == NULL)
		return fail_unsupported(c);
	if (c->args[1].kind != JSON_LIST)
		return ot_fail(c->err, OT_EJSON, "fields must be a list");
	if ((rc = read_names(c, &c->args[1], &names, &n)) == 0 &&
	    (*fields_out = ot_fields_new((const char *const *)names, n)) ==
	    NULL)
		rc = ot_fail(c->err, OT_ENOMEM, "out of memory");
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return rc;
}

static int
call_project_data(struct call *c)
{
	struct ot_fields *f = NULL;
	struct ot_data *data = NULL;
	int rc;

	if ((rc = read_fields(c, &f)) == 0 &&
	    (rc = c->type->load(c->args[0].p, c->args[0].len, &data,
	    c->err)) == 0)
		c->undefined = !c->type->fields->data_print(data, f, c->out);
	c->type->data_free(data);
	ot_fields_free(f);
	return rc;
}

static int
call_data_is_within(struct call *c)
{
	struct ot_fields *f = NULL;
	struct ot_data *data = NULL;
	int rc;

	if ((rc = read_fields(c, &f)) == 0 &&
	    (rc = c->type->load(c->args[0].p, c->args[0].len, &data,
	    c->err)) == 0)
		buf_puts(c->out, c->type->fields->data_is_within(data, f) ?
		    "true" : "false");
	c->type->data_free(data);
	ot_fields_free(f);
	return rc;
}

static int
call_project_op(struct call *c)
{
	struct ot_fields *f = NULL;
	struct ot_edit *op = NULL, *picked = NULL;
	int rc;

	if ((rc = read_fields(c, &f)) == 0 &&
	    (rc = parse_edit(c, &c->args[0], true, &op)) == 0 &&
	    (rc = c->type->fields->edit_pick(op, f, &picked, c->err)) == 0)
		c->type->edit_print(picked, c->out);
	c->type->edit_free(op);
	c->type->edit_free(picked);
	ot_fields_free(f);
	return rc;
}

static int
call_op_is_within(struct call *c)
{
	struct ot_fields *f = NULL;
	struct ot_edit *op = NULL;
	int rc;

	if ((rc = read_fields(c, &f)) == 0 &&
	    (rc = parse_edit(c, &c->args[0], true, &op)) == 0)
		buf_puts(c->out, c->type->fields->edit_is_within(op, f) ?
		    "true" : "false");
	c->type->edit_free(op);
	ot_fields_free(f);
	return rc;
}

static const struct function {
	const char	*name;
	int		(*call)(struct call *c);
} functions[] = {
	{ "create", call_create },
	{ "apply", call_apply },
	{ "transform", call_transform },
	{ "compose", call_compose },
	{ "invert", call_invert },
	{ "normalize", call_normalize },
	{ "makeInvertible", call_make_invertible },
	{ "invertWithDoc", call_invert_with_doc },
	{ "transformCursor", call_transform_cursor },
	{ "tryTransform", call_try_transform },
	{ "transformPresence", call_transform_presence },
	{ "projectData", call_project_data },
	{ "dataIsWithin", call_data_is_within },
	{ "projectOp", call_project_op },
	{ "opIsWithin", call_op_is_within },
};

int
call_function(const char *fn, struct call *c)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, fn) == 0)
			return functions[i].call(c);
	return ot_fail(c->err, OT_EUNSUP, "no such function");
}
