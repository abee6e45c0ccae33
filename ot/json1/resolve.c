/* The policy "auto": transformWithConflictsPred of ot-json1 1.0.2. */
#include "ot/json1/compose.h"
#include "ot/json1/transform.h"
#include "ot/json1/trie.h"

/*
 * Each round takes back one conflict, and looks at both ops again.  A client
 * chooses how many there are, so rounds and places looked at are bounded.
 */
#define ROUNDS_MAX	1000
#define PLACES_MAX	((size_t)4 << 20)

/* Remove what is dropped, inserted or edited. */
static void
kill_node(struct json1_scratch *s, struct json1_node *w,
    const struct json1_node *node)
{
	const struct json1_node *child;

	if (json1_drops(node) || json1_changes(node))
		json1_put_remove(s, w, json_bool_new(true));
	for (child = node->first; child != NULL; child = child->next)
		kill_node(s, json1_child(s, w, &child->key), child);
}

static int
kill_op(const struct json1_edit *op, struct json1_edit **edit_out,
    struct ot_err *err)
{
	struct json1_scratch s;
	struct json1_node *w;
	int rc;

	json1_scratch_init(&s, err);
	w = json1_node_new(&s);
	if (w != NULL && json1_root(op) != NULL)
		kill_node(&s, w, json1_root(op));
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}

static bool
has_remove(const struct json1_edit *op)
{
	size_t i;

	for (i = 0; i < op->n_comps; i++)
		if (op->comps[i].remove != NULL)
			return true;
	return false;
}

/* Who loses? */
static void
find_losers(const struct json1_conflict *c, enum ot_side side, bool *loses1,
    bool *loses2)
{
	*loses1 = *loses2 = true;
	if (c->type == JSON1_DROP_COLLISION)
		*loses1 = side == OT_RIGHT;
	else if (c->type == JSON1_RM_UNEXPECTED_CONTENT)
		*loses1 = !has_remove(c->op1);
	if (c->type != JSON1_BLACKHOLE)
		*loses2 = !*loses1;
}

/* *op := normalize(*op), then what kill(part) does. */
static int
take_back(struct json1_edit **op, const struct json1_edit *undo,
    struct ot_err *err)
{
	struct json1_edit *normal = NULL, *result;
	int rc;

	if ((rc = json1_normalize(*op, &normal, err)) == 0 &&
	    (rc = json1_compose(normal, undo, &result, err)) == 0) {
		json1_edit_unref(*op);
		*op = result;
	}
	json1_edit_unref(normal);
	return rc;
}

/* *op := *op, then next. */
static int
extend(struct json1_edit **op, const struct json1_edit *next,
    struct ot_err *err)
{
	struct json1_edit *result;
	int rc;

	if ((rc = json1_compose(*op, next, &result, err)) == 0) {
		json1_edit_unref(*op);
		*op = result;
	}
	return rc;
}

/* What has been taken back so far. */
struct resolving {
	struct json1_edit	*op, *other;	/* with that taken back */
	struct json1_edit	*undo2;		/* of other; NULL: nothing yet */
	struct json1_edit	*nothing;	/* the op null; NULL: not needed yet */
	struct ot_err		*err;
};

static int
resolve(struct resolving *r, const struct json1_conflict *c,
    enum ot_side side)
{
	struct json1_edit *undo1, *undo2 = NULL;
	bool loses1, loses2;
	int rc;

	if (r->nothing == NULL) {
		if ((rc = json1_edit_new(NULL, &r->nothing, r->err)) != 0)
			return rc;
		r->undo2 = json1_edit_ref(r->nothing);
	}
	find_losers(c, side, &loses1, &loses2);
	if ((rc = kill_op(loses1 ? c->op1 : r->nothing, &undo1, r->err)) != 0)
		return rc;
	if ((rc = kill_op(loses2 ? c->op2 : r->nothing, &undo2, r->err)) != 0)
		goto out;
	if (json1_root(undo1) == NULL && json1_root(undo2) == NULL) {
		rc = ot_fail(r->err, OT_ETYPE,
		    "Transform detected write conflict");
		goto out;
	}
	if ((rc = take_back(&r->op, undo1, r->err)) == 0 &&
	    (rc = take_back(&r->other, undo2, r->err)) == 0)
		rc = extend(&r->undo2, undo2, r->err);
out:
	json1_edit_unref(undo1);
	json1_edit_unref(undo2);
	return rc;
}

/* Hand out the result, which it takes, after what was taken back of other. */
static int
finish(struct resolving *r, struct json1_edit *result,
    struct json1_edit **edit_out)
{
	int rc = 0;

	if (r->undo2 != NULL)
		rc = json1_compose(r->undo2, result, edit_out, r->err);
	else if (result->unsound)	/* which compose refuses */
		rc = ot_fail(r->err, OT_ETYPE,
		    "Picks and drops in the op do not match");
	else
		*edit_out = json1_edit_ref(result);
	json1_edit_unref(result);
	return rc;
}

static int
rounds(struct resolving *r, enum ot_side side, struct json1_edit **edit_out)
{
	struct json1_conflict conflict;
	struct json1_edit *result;
	size_t places = 0;
	int i, rc;

	for (i = 0; i < ROUNDS_MAX && places < PLACES_MAX; i++) {
		places += r->op->n_nodes + r->other->n_nodes;
		if ((rc = json1_try_transform(r->op, r->other, side, &result,
		    &conflict, r->err)) != 0)
			return rc;
		if (conflict.type == JSON1_NO_CONFLICT)
			return finish(r, result, edit_out);
		rc = resolve(r, &conflict, side);
		json1_conflict_done(&conflict);
		if (rc != 0)
			return rc;
	}
	return ot_fail(r->err, OT_ETYPE, "Transform detected write conflict");
}

int
json1_transform_auto(const struct json1_edit *op,
    const struct json1_edit *other, enum ot_side side,
    struct json1_edit **edit_out, struct ot_err *err)
{
	struct resolving r = { .err = err };
	int rc;

	r.op = json1_edit_ref(op);
	r.other = json1_edit_ref(other);
	rc = rounds(&r, side, edit_out);
	json1_edit_unref(r.op);
	json1_edit_unref(r.other);
	json1_edit_unref(r.undo2);
	json1_edit_unref(r.nothing);
	return rc;
}
