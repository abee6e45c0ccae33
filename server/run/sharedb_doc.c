#include "run/sharedb_doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json_value.h"
#include "ot/type.h"
#include "run/members.h"

enum { OP_SRC, OP_SEQ, OP_M, OP_CREATED, OP_EDITED, OP_DELETED, OP_N };
static const char *const op_names[OP_N] = {
	"src", "seq", "m", "create", "op", "del",
};

/* What it is, and its body. */
static enum op_kind
kind_of(const struct json_slice of[OP_N], const struct ot_type *type,
    const char **body, size_t *len)
{
	static const char nothing[] = "[]", nothing_json1[] = "null";
	const struct json_slice *from = NULL;

	*body = NULL;
	*len = 0;
	/* In the order of sharedb lib/ot.js, exports.apply. */
	if (json_slice_truthy(&of[OP_CREATED]))
		from = &of[OP_CREATED];
	else if (json_slice_truthy(&of[OP_DELETED]))
		return OP_DELETE;
	else if (of[OP_EDITED].kind != JSON_NONE)
		from = &of[OP_EDITED];
	if (from != NULL) {
		*body = from->p;
		*len = from->len;
		return from == &of[OP_CREATED] ? OP_CREATE : OP_EDIT;
	}
	/* Nothing: an edit that edits nothing; there, a delete of nothing. */
	if (type == NULL)
		return OP_DELETE;
	*body = strcmp(type->name, "json1") == 0 ? nothing_json1 : nothing;
	*len = strlen(*body);
	return OP_EDIT;
}

struct op *
sharedb_op(const char *json, size_t json_len, uint64_t v,
    const struct ot_type *type, int64_t *at_ms_out, struct ot_err *err)
{
	static const char *const ts_name[] = { "ts" };
	struct json_slice of[OP_N], ts;
	uint64_t seq = v + 1, at_ms = 0;
	enum op_kind kind;
	const char *body;
	struct op *op;
	size_t len;
	char *src;

	if (members_read(json, json_len, op_names, of, OP_N, err) != 0)
		return NULL;
	kind = kind_of(of, type, &body, &len);
	if (of[OP_M].kind == JSON_OBJECT &&
	    members_read(of[OP_M].p, of[OP_M].len, ts_name, &ts, 1, err) == 0)
		members_number(&ts, &at_ms);
	/* One that names nobody gets a name that nobody else has there. */
	if ((src = members_text(&of[OP_SRC])) == NULL || *src == '\0' ||
	    !members_number(&of[OP_SEQ], &seq))
		op = op_new(kind, v, "moved", v + 1, body, len);
	else
		op = op_new(kind, v, src, seq, body, len);
	if (op == NULL)
		bug("out of memory");
	free(src);
	*at_ms_out = (int64_t)at_ms;
	return op;
}

int
sharedb_snapshot(const struct mover_content *c, struct snapshot *out,
    struct ot_err *err)
{
	struct snapshot s = { .v = c->v };
	int rc;

	if (c->type != NULL) {
		if ((s.type = ot_type_find(c->type)) == NULL)
			return ot_fail(err, OT_EUNKNOWN, "its type is not known");
		rc = s.type->load(c->data, c->len, &s.data, err);
		if (rc != 0)
			return rc;
	}
	*out = s;
	return 0;
}

/* ---- back ---- */

/* Take the edit back by its inverse. */
static bool
step_edit(struct snapshot *s, struct op *op)
{
	struct ot_edit *inverse;
	struct ot_err err;
	bool ok;

	if (s->type == NULL || s->type->invert == NULL ||
	    op_parse(op, s->type, &err) != 0 || op->type != s->type ||
	    s->type->invert(op->edit, &inverse, &err) != 0)
		return false;
	ok = s->type->apply(s->data, inverse, NULL, &err) == 0;
	s->type->edit_free(inverse);
	return ok;
}

/* False: what was before it cannot be said. */
static bool
step_back(struct snapshot *s, struct op *op)
{
	uint64_t v = op->v;

	switch (op->kind) {
	case OP_EDIT:
		if (!step_edit(s, op))
			return false;
		break;
	case OP_CREATE:
		if (s->type == NULL)
			return false;
		snapshot_done(s);
		break;
	case OP_DELETE:
		return false;
	}
	s->v = v;
	return true;
}

static struct json *
content_of(const struct snapshot *s)
{
	struct json *value = NULL;
	struct buf b = BUF_INIT;
	struct ot_err err;

	if (s->type == NULL || !s->type->print(s->data, &b))
		return NULL;
	if (buf_failed(&b) || json_parse(b.data, b.len, 0, &value, &err) != 0)
		bug("a content is not JSON");
	buf_done(&b);
	return value;
}

/* A copy, by what it prints. */
static int
copy(const struct snapshot *s, struct snapshot *out, struct ot_err *err)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	*out = (struct snapshot){ .v = s->v, .type = s->type };
	if (s->type != NULL) {
		bool is_defined = s->type->print(s->data, &b);

		rc = s->type->load(is_defined ? b.data : NULL, b.len,
		    &out->data, err);
	}
	buf_done(&b);
	return rc;
}

/* Do the ops from first on lead from base to what c says? */
static bool
leads_to(const struct snapshot *base, const struct op_list *ops, size_t first,
    const struct snapshot *to)
{
	struct json *there, *wanted;
	struct snapshot s;
	struct ot_err err;
	bool same = true;

	if (copy(base, &s, &err) != 0)
		return false;
	for (; first < ops->n && same; first++)
		same = op_parse(ops->ops[first], s.type, &err) == 0 &&
		    op_apply(&s, ops->ops[first], NULL, &err) == 0;
	if (same && (same = s.type == to->type)) {
		there = content_of(&s);
		wanted = content_of(to);
		same = (there == NULL) == (wanted == NULL) &&
		    (there == NULL || json_deep_equal(there, wanted));
		json_unref(there);
		json_unref(wanted);
	}
	snapshot_done(&s);
	return same;
}

int
sharedb_walk_back(const struct op_list *ops, const struct mover_content *c,
    size_t *first_out, struct snapshot *base_out, struct ot_err *err)
{
	struct snapshot to, base;
	size_t first = ops->n;
	bool goes_on = true;
	int rc;

	if ((rc = sharedb_snapshot(c, &to, err)) != 0)
		return rc;
	if ((rc = copy(&to, &base, err)) != 0) {
		snapshot_done(&to);
		return rc;
	}
	while (goes_on && first > 0 && step_back(&base, ops->ops[first - 1])) {
		first--;
		/* What was before a create nobody needs to know. */
		goes_on = ops->ops[first]->kind != OP_CREATE;
	}
	if (first < ops->n && !leads_to(&base, ops, first, &to)) {
		snapshot_done(&base);
		base = to;
		to = (struct snapshot){ .v = 0 };
		first = ops->n;
	}
	snapshot_done(&to);
	*first_out = first;
	*base_out = base;
	return 0;
}
