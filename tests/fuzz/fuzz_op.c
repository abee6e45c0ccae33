/*
 * The envelope: what comes out of the store and off the bus.  Line 0 is the
 * body of a create, lines 1 and 2 those of concurrent edits of what it made.
 */
#include "fuzz/input.h"
#include "ot/op.h"

static void
snapshot_print(const struct snapshot *s, struct buf *out)
{
	buf_init(out, SIZE_MAX);
	if (s->type == NULL)
		buf_puts(out, "none");
	else
		(void)s->type->print(s->data, out);
	must(!buf_failed(out), "memory to print");
}

/* NULL if the body is refused.  Parsing its canonical body changes nothing. */
static struct op *
op_of(enum op_kind kind, uint64_t v, const struct input_line *body,
    const struct ot_type *type)
{
	struct op *op = op_new(kind, v, "src", v + 1, body->p, body->len);
	struct op *copy;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct ot_err err;
	int rc;

	must(op != NULL, "memory for an op");
	if ((rc = op_parse(op, type, &err)) != 0) {
		must_be_refusal(rc, &err);
		op_unref(op);
		return NULL;
	}
	copy = op_new(kind, v, "src", v + 1, op->body, op->body_len);
	must(copy != NULL && op_parse(copy, type, &err) == 0,
	    "a canonical body is refused");
	buf_put(&a, op->body, op->body_len);
	buf_put(&b, copy->body, copy->body_len);
	must_equal(&a, &b, "a canonical body changes");
	buf_done(&a);
	buf_done(&b);
	op_unref(copy);
	return op;
}

static void
apply(struct snapshot *s, const struct op *op)
{
	struct op_undo undo;
	struct buf before, after;
	struct ot_err err;
	uint64_t v = s->v;
	int rc;

	if (op == NULL)
		return;
	snapshot_print(s, &before);
	if ((rc = op_apply(s, op, &undo, &err)) == 0)
		op_unapply(s, &undo);
	else
		must_be_refusal(rc, &err);
	snapshot_print(s, &after);
	must_equal(&before, &after, "not as it was before");
	must(s->v == v, "another version");
	buf_done(&before);
	buf_done(&after);
	must((op_apply(s, op, NULL, &err) == 0) == (rc == 0),
	    "the same op again ends otherwise");
}

static void
edit(struct snapshot *s, const struct input *in)
{
	struct op *a = op_of(OP_EDIT, s->v, &in->lines[1], s->type);
	struct op *b = op_of(OP_EDIT, s->v, &in->lines[2], s->type);
	struct op *gone, *carried = NULL;
	struct ot_err err;
	uint64_t v = s->v;
	int rc;

	apply(s, b);
	if (a != NULL && b != NULL) {
		if ((rc = op_transform(a, b, s->type, &carried, &err)) != 0)
			must_be_refusal(rc, &err);
		else
			must(carried->v == v + 1, "carried to another version");
	}
	if (s->v > v)
		apply(s, carried);
	must((gone = op_new(OP_DELETE, s->v, "src", 9, NULL, 0)) != NULL,
	    "memory for an op");
	must(op_parse(gone, s->type, &err) == 0, "a delete is refused");
	apply(s, gone);
	must(s->type == NULL, "a delete leaves something");
	op_unref(gone);
	op_unref(carried);
	op_unref(a);
	op_unref(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct snapshot s = { 0, NULL, NULL };
	struct input in;
	struct op *create;

	input_init(&in, bytes, len);
	if ((create = op_of(OP_CREATE, 0, &in.lines[0], NULL)) != NULL) {
		apply(&s, create);
		if (s.type != NULL)
			edit(&s, &in);
	}
	op_unref(create);
	snapshot_done(&s);
	input_done(&in);
	return 0;
}
