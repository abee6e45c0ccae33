/*
 * op: see op.h.  The table of op_transform is sharedb 7.0.0's lib/ot.js,
 * exports.transform; op_apply follows exports.apply.
 */
#include "ot/op.h"

#include <stdlib.h>
#include <string.h>

#include "ot/json.h"

static char *
copy_bytes(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

struct op *
op_new(enum op_kind kind, uint64_t v, const char *src, uint64_t seq,
    const char *body, size_t body_len)
{
	struct op *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return NULL;
	op->refs = 1;
	op->kind = kind;
	op->v = v;
	op->seq = seq;
	op->src = copy_bytes(src, strlen(src));
	if (body != NULL) {
		op->body = copy_bytes(body, body_len);
		op->body_len = body_len;
	}
	if (op->src == NULL || (body != NULL && op->body == NULL)) {
		op_unref(op);
		return NULL;
	}
	return op;
}

bool
op_set_author(struct op *op, const char *author)
{
	char *copy = copy_bytes(author, strlen(author));

	if (copy == NULL)
		return false;
	free(op->author);
	op->author = copy;
	return true;
}

struct op *
op_ref(struct op *op)
{
	op->refs++;
	return op;
}

void
op_unref(struct op *op)
{
	if (op == NULL || --op->refs > 0)
		return;
	if (op->edit != NULL)
		op->type->edit_free(op->edit);
	free(op->src);
	free(op->author);
	free(op->body);
	free(op);
}

/* Put what b holds in the place of the body; b is used up. */
static int
op_set_body(struct op *op, struct buf *b, struct ot_err *err)
{
	char *body;
	size_t len;

	if (buf_failed(b) || (body = buf_take(b, &len)) == NULL) {
		buf_done(b);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	free(op->body);
	op->body = body;
	op->body_len = len;
	return 0;
}

/* Find "type" and "data" in a create's body. */
static int
create_read(const struct op *op, const struct ot_type **type_out,
    struct json_slice *data_out, struct ot_err *err)
{
	struct json_reader r;
	struct json_slice key, value, type = { NULL, 0, JSON_NONE };
	struct json_slice data = { NULL, 0, JSON_NONE };
	struct buf name = BUF_INIT;
	int rc, more;

	json_reader_init(&r, op->body, op->body_len, err);
	if ((rc = json_enter(&r, JSON_OBJECT)) != 0)
		return rc;
	while ((more = json_next_member(&r, &key)) > 0) {
		if ((rc = json_skip(&r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "type"))
			type = value;
		else if (json_slice_is(&key, "data"))
			data = value;
	}
	if (more < 0)
		return more;
	if (type.kind != JSON_STRING)
		return ot_fail(err, OT_EBADLY, "Missing create type");
	json_slice_string(&type, &name);
	buf_putc(&name, '\0');
	if (buf_failed(&name)) {
		buf_done(&name);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	*type_out = strlen(name.data) + 1 == name.len ?
	    ot_type_find(name.data) : NULL;
	buf_done(&name);
	if (*type_out == NULL)
		return ot_fail(err, OT_EUNKNOWN, "Unknown type");
	*data_out = data;
	return 0;
}

/* A create's body in its one form: the type by URI, then the data if any. */
static int
create_canonical(struct op *op, const struct ot_type *type,
    const struct json_slice *data, struct ot_err *err)
{
	struct ot_data *made;
	struct buf b = BUF_INIT;
	int rc;

	/* The type's own reader finds what is not a document of it. */
	if ((rc = type->create(data->p, data->len, &made, err)) != 0)
		return rc;
	buf_puts(&b, "{\"type\":");
	json_put_string(&b, type->uri, strlen(type->uri));
	if (data->kind != JSON_NONE) {
		buf_puts(&b, ",\"data\":");
		if (!type->print(made, &b))
			buf_puts(&b, "null");
	}
	buf_putc(&b, '}');
	type->data_free(made);
	return op_set_body(op, &b, err);
}

int
op_parse(struct op *op, const struct ot_type *type, struct ot_err *err)
{
	struct json_slice data;
	struct ot_edit *edit;
	struct buf b = BUF_INIT;
	int rc;

	if (op->type != NULL || op->kind == OP_DELETE)
		return 0;
	if (op->kind == OP_CREATE) {
		if ((rc = create_read(op, &type, &data, err)) != 0)
			return rc;
		if ((rc = create_canonical(op, type, &data, err)) != 0)
			return rc;
		op->type = type;
		return 0;
	}
	if (type == NULL)
		return ot_fail(err, OT_ENODOC, "Document does not exist");
	rc = type->edit_parse(op->body, op->body_len, &edit, err);
	if (rc != 0)
		return rc;
	type->edit_print(edit, &b);
	if ((rc = op_set_body(op, &b, err)) != 0) {
		type->edit_free(edit);
		return rc;
	}
	op->type = type;
	op->edit = edit;
	return 0;
}

/* op with the next version and another body; NULL: out of memory. */
static struct op *
op_next(const struct op *op, const char *body, size_t body_len)
{
	struct op *next = op_new(op->kind, op->v + 1, op->src, op->seq, body,
	    body_len);

	if (next != NULL && op->author != NULL &&
	    !op_set_author(next, op->author)) {
		op_unref(next);
		return NULL;
	}
	return next;
}

/* op with the next version and the same content. */
static int
op_step(const struct op *op, struct op **op_out, struct ot_err *err)
{
	struct op *next = op_next(op, op->body, op->body_len);

	if (next == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	if (op->kind == OP_CREATE)
		next->type = op->type;
	*op_out = next;
	return 0;
}

static int
transform_edits(const struct op *op, const struct op *applied,
    const struct ot_type *type, struct op **op_out, struct ot_err *err)
{
	struct ot_edit *edit;
	struct buf b = BUF_INIT;
	struct op *next;
	int rc;

	if (type == NULL)
		return ot_fail(err, OT_ENODOC, "Document does not exist");
	if (op->type != type || applied->type != type)
		return ot_fail(err, OT_ETYPE, "op is of another type");
	rc = type->transform(op->edit, applied->edit, OT_LEFT, &edit, err);
	if (rc != 0)
		return rc;
	if ((next = op_next(op, NULL, 0)) == NULL) {
		type->edit_free(edit);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	next->type = type;
	next->edit = edit;
	type->edit_print(edit, &b);
	if ((rc = op_set_body(next, &b, err)) != 0) {
		op_unref(next);
		return rc;
	}
	*op_out = next;
	return 0;
}

int
op_clash(const struct op *op, const struct op *applied, struct ot_err *err)
{
	if (applied->kind == OP_DELETE)
		return op->kind == OP_DELETE ? 0 :
		    ot_fail(err, OT_EDELETED, "Document was deleted");
	if (applied->kind == OP_CREATE || op->kind == OP_CREATE)
		return ot_fail(err, OT_ECREATED,
		    "Document was created remotely");
	return 0;
}

int
op_transform(const struct op *op, const struct op *applied,
    const struct ot_type *type, struct op **op_out, struct ot_err *err)
{
	int rc;

	if (op->v != applied->v)
		return ot_fail(err, OT_EVERSION, "Version mismatch");
	if ((rc = op_clash(op, applied, err)) != 0)
		return rc;
	if (op->kind == OP_EDIT)
		return transform_edits(op, applied, type, op_out, err);
	return op_step(op, op_out, err);
}

static int
apply_create(struct snapshot *s, const struct op *op, struct ot_err *err)
{
	const struct ot_type *type;
	struct json_slice data;
	int rc;

	if (s->type != NULL)
		return ot_fail(err, OT_ECREATED, "Document already exists");
	if ((rc = create_read(op, &type, &data, err)) != 0)
		return rc;
	if ((rc = type->create(data.p, data.len, &s->data, err)) != 0)
		return rc;
	s->type = type;
	return 0;
}

int
op_apply(struct snapshot *s, const struct op *op, struct op_undo *undo_out,
    struct ot_err *err)
{
	struct op_undo undo = { op->kind, s->type, NULL, NULL };
	int rc;

	if (op->v != s->v)
		return ot_fail(err, OT_EVERSION, "Version mismatch");
	switch (op->kind) {
	case OP_CREATE:
		if ((rc = apply_create(s, op, err)) != 0)
			return rc;
		break;
	case OP_DELETE:
		undo.data = s->data;
		s->type = NULL;
		s->data = NULL;
		break;
	case OP_EDIT:
		if (s->type == NULL)
			return ot_fail(err, OT_ENODOC,
			    "Document does not exist");
		if (op->type != s->type)
			return ot_fail(err, OT_EAPPLY, "op is of another type");
		rc = s->type->apply(s->data, op->edit,
		    undo_out != NULL ? &undo.edit : NULL, err);
		if (rc != 0)
			return rc;
		break;
	}
	s->v++;
	if (undo_out != NULL)
		*undo_out = undo;
	else
		op_undo_done(&undo);
	return 0;
}

void
op_unapply(struct snapshot *s, struct op_undo *undo)
{
	switch (undo->kind) {
	case OP_CREATE:
		s->type->data_free(s->data);
		s->data = NULL;
		s->type = NULL;
		break;
	case OP_DELETE:
		s->type = undo->type;
		s->data = undo->data;
		break;
	case OP_EDIT:
		s->type->undo(s->data, undo->edit);
		break;
	}
	s->v--;
	*undo = (struct op_undo){ OP_EDIT, NULL, NULL, NULL };
}

void
op_undo_done(struct op_undo *undo)
{
	if (undo->data != NULL)
		undo->type->data_free(undo->data);
	if (undo->edit != NULL)
		undo->type->undo_free(undo->edit);
	*undo = (struct op_undo){ OP_EDIT, NULL, NULL, NULL };
}

void
snapshot_done(struct snapshot *s)
{
	if (s->data != NULL)
		s->type->data_free(s->data);
	*s = (struct snapshot){ 0, NULL, NULL };
}
