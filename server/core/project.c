#include "core/project.h"

#include <string.h>

#include "base/mem.h"
#include "ot/fields.h"
#include "ot/json.h"
#include "proto/reply.h"

enum err
project_data(const struct projection *p, const struct ot_type *type,
    const struct ot_data *data, struct buf *b, bool *shown_out)
{
	if (p != NULL && type->fields == NULL)
		return ERR_UNPROJECTED;
	*shown_out = p == NULL ? type->print(data, b) :
	    type->fields->data_print(data, p->shown, b);
	return ERR_NONE;
}

enum err
project_snapshot(const struct projection *p, const struct snapshot *s,
    struct buf *b)
{
	struct buf data = BUF_INIT;
	enum err err = ERR_NONE;
	bool shown = false;

	if (p == NULL) {
		put_snapshot(b, s);
		return ERR_NONE;
	}
	if (s->type != NULL)
		err = project_data(p, s->type, s->data, &data, &shown);
	if (err == ERR_NONE)
		put_shown(b, s->v, s->type, shown ? &data : NULL);
	buf_done(&data);
	return err;
}

/* ---- ops ---- */

/* The data of a create, a document of op's type; the caller's. */
static struct ot_data *
create_data(const struct op *op, struct json_slice *data_out)
{
	struct json_slice key, value, data = { NULL, 0, JSON_NONE };
	struct json_reader r;
	struct ot_data *made;
	struct ot_err err;
	int more;

	json_reader_init(&r, op->body, op->body_len, &err);
	if (json_enter(&r, JSON_OBJECT) != 0)
		bug("a parsed create is no object");
	while ((more = json_next_member(&r, &key)) > 0) {
		if (json_skip(&r, &value) != 0)
			bug("a parsed create is no JSON");
		if (json_slice_is(&key, "data"))
			data = value;
	}
	if (more < 0 || op->type->create(data.p, data.len, &made, &err) != 0)
		bug("a parsed create makes no document");
	*data_out = data;
	return made;
}

/* The same envelope around another body. */
static struct op *
op_around(const struct op *op, const struct buf *body)
{
	struct op *out;

	if (buf_failed(body) || (out = op_new(op->kind, op->v, op->src,
	    op->seq, body->data, body->len)) == NULL)
		bug("no memory for a part of an op");
	return out;
}

static struct op *
project_create(const struct projection *p, const struct op *op)
{
	struct buf b = BUF_INIT;
	struct json_slice sent;
	struct ot_data *data = create_data(op, &sent);
	struct op *out;

	buf_puts(&b, "{\"type\":");
	json_put_string(&b, op->type->uri, strlen(op->type->uri));
	if (sent.kind != JSON_NONE) {
		buf_puts(&b, ",\"data\":");
		if (!op->type->fields->data_print(data, p->shown, &b))
			buf_puts(&b, "null");
	}
	buf_putc(&b, '}');
	op->type->data_free(data);
	out = op_around(op, &b);
	buf_done(&b);
	return out;
}

static enum err
project_edit(const struct projection *p, const struct op *op,
    struct op **op_out)
{
	struct buf b = BUF_INIT;
	struct ot_edit *edit;
	struct ot_err err;

	if (op->type->fields->edit_pick(op->edit, p->shown, &edit, &err) != 0)
		return ERR_UNPROJECTED;
	op->type->edit_print(edit, &b);
	op->type->edit_free(edit);
	*op_out = op_around(op, &b);
	buf_done(&b);
	return ERR_NONE;
}

/*
 * What an op out of the store says, which may be older than the document's
 * type of today.  The ops of json0 and json1 cannot be taken for one another,
 * nor others for them, but for an empty one, which shows the same.
 */
static struct op *
parsed(const struct op *op, const struct ot_type *type)
{
	const struct ot_type *const types[] = {
		type != NULL && type->fields != NULL ? type : &ot_type_json0,
		&ot_type_json0, &ot_type_json1,
	};
	struct op *out = op_new(op->kind, op->v, op->src, op->seq, op->body,
	    op->body_len);
	struct ot_err err;
	size_t i;

	if (out == NULL)
		bug("no memory for a copy of an op");
	for (i = 0; i < 3; i++)
		if (op_parse(out, types[i], &err) == 0)
			return out;
	op_unref(out);
	return NULL;
}

enum err
project_op(const struct projection *p, struct op *op,
    const struct ot_type *type, struct op **op_out)
{
	enum err err = ERR_NONE;

	if (p == NULL || op->kind == OP_DELETE) {
		*op_out = op_ref(op);
		return ERR_NONE;
	}
	op = op->type != NULL ? op_ref(op) : parsed(op, type);
	if (op == NULL)
		return ERR_UNPROJECTED;
	if (op->type->fields == NULL)
		err = ERR_UNPROJECTED;
	else if (op->kind == OP_CREATE)
		*op_out = project_create(p, op);
	else
		err = project_edit(p, op, op_out);
	op_unref(op);
	return err;
}

/* ---- submits ---- */

static bool
is_within(const struct projection *p, const struct op *op)
{
	struct json_slice sent;
	struct ot_data *data;
	bool within;

	if (op->kind == OP_DELETE)
		return true;
	if (op->type->fields == NULL)
		return false;
	if (op->kind == OP_EDIT)
		return op->type->fields->edit_is_within(op->edit, p->shown);
	data = create_data(op, &sent);
	within = op->type->fields->data_is_within(data, p->shown);
	op->type->data_free(data);
	return within;
}

enum err
project_check_op(const struct projection *p, const struct op *op)
{
	return p == NULL || is_within(p, op) ? ERR_NONE :
	    ERR_OUTSIDE_PROJECTION;
}

enum err
project_check_views(const struct catalog *c, const char *collection,
    const struct op *op)
{
	const struct projection *p = NULL;
	struct ot_edit *edit;
	struct ot_err err;
	int rc;

	if (op->kind != OP_EDIT || op->type->fields == NULL ||
	    !op->type->fields->may_refuse)
		return ERR_NONE;
	while ((p = catalog_next_projection(c, collection, p)) != NULL) {
		rc = op->type->fields->edit_pick(op->edit, p->shown, &edit,
		    &err);
		if (rc == OT_EAPPLY)
			return ERR_INTO_VIEW;
		if (rc != 0)
			bug("no memory for a part of an op");
		op->type->edit_free(edit);
	}
	return ERR_NONE;
}
