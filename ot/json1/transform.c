/* tryTransform and transform of ot-json1 1.0.2: the frame, and conflicts. */
#include "ot/json1/transform.h"

#include "ot/json1/subtype.h"
#include "ot/json1/transform_run.h"

/* ---- conflicts ---- */

void
json1_conflict_done(struct json1_conflict *conflict)
{
	json1_edit_unref(conflict->op1);
	json1_edit_unref(conflict->op2);
}

void
json1_conflict_found(struct json1_transforming *t,
    enum json1_conflict_type type, struct json1_side side1,
    struct json1_side side2)
{
	if (t->conflict != JSON1_NO_CONFLICT)
		return;
	t->conflict = type;
	t->side1 = side1;
	t->side2 = side2;
}

struct json1_side
json1_does_remove(const struct json1_node *node)
{
	return (struct json1_side){ JSON1_DOES_REMOVE, node, NULL };
}

struct json1_side
json1_does_drop(const struct json1_transforming *t,
    const struct json1_node *node, bool op1)
{
	int32_t slot = json1_drop_slot(node);

	if (slot < 0)
		return (struct json1_side){ JSON1_DOES_INSERT, NULL, node };
	return (struct json1_side){ JSON1_DOES_MOVE,
	    op1 ? t->moves1[slot].pick : t->moves2[slot].pick, node };
}

struct json1_side
json1_does_edit(const struct json1_node *node)
{
	return (struct json1_side){ JSON1_DOES_EDIT, NULL, node };
}

/* A small op that does just this. */
static int
side_edit(struct json1_scratch *s, const struct json1_side *side,
    struct json1_edit **edit_out)
{
	struct json1_node *root = json1_node_new(s);
	bool moves = side->what == JSON1_DOES_MOVE;

	if (moves || side->what == JSON1_DOES_REMOVE) {
		struct json1_node *from = json1_same_path(s, root, side->from);

		if (moves)
			json1_put_pick(s, from, 0);
		else
			json1_put_remove(s, from, json_bool_new(true));
	}
	if (side->to != NULL) {
		struct json1_node *to = json1_same_path(s, root, side->to);

		if (moves)
			json1_put_drop(s, to, 0);
		else if (side->what == JSON1_DOES_INSERT)
			json1_put_insert(s, to, side->to->comp->insert);
		else
			json1_put_change(s, to, side->to->comp, true);
	}
	return json1_scratch_finish(s, root, edit_out);
}

static int
conflict_new(struct json1_transforming *t, struct json1_conflict *conflict_out)
{
	struct json1_conflict conflict = { t->conflict, NULL, NULL };
	int rc;

	if (t->conflict == JSON1_BLACKHOLE) {
		if ((rc = json1_scratch_finish(t->s, t->black1,
		    &conflict.op1)) == 0)
			rc = json1_scratch_finish(t->s, t->black2,
			    &conflict.op2);
	} else if ((rc = side_edit(t->s, &t->side1, &conflict.op1)) == 0) {
		rc = side_edit(t->s, &t->side2, &conflict.op2);
	}
	if (rc == 0)
		*conflict_out = conflict;
	else
		json1_conflict_done(&conflict);
	return rc;
}

/* ---- one try ---- */

static void
tables_init(struct json1_transforming *t)
{
	size_t i;

	t->moves1 = json1_table(t->s, t->op1->n_slots, sizeof(t->moves1[0]));
	t->moves_out = json1_table(t->s, t->op1->n_slots,
	    sizeof(t->moves_out[0]));
	t->moves2 = json1_table(t->s, t->op2->n_slots, sizeof(t->moves2[0]));
	t->dead_removes = json1_table(t->s, t->op1->n_comps,
	    sizeof(t->dead_removes[0]));
	t->w = json1_node_new(t->s);
	if (json1_scratch_failed(t->s))
		return;
	for (i = 0; i < t->op1->n_slots; i++)
		t->moves1[i].inside_first = t->moves1[i].inside_last = -1;
	for (i = 0; i < t->op2->n_slots; i++)
		t->moves2[i].shared = t->moves2[i].inside_next = -1;
}

/*
 * Leaves the result in t->w.  A conflict ends the work only after the step
 * that found it: what fails there fails first.
 */
static void
run(struct json1_transforming *t)
{
	static void (*const steps[])(struct json1_transforming *) = {
		json1_transform_scan, json1_transform_picks,
		json1_transform_drops, json1_transform_held,
	};
	size_t i;

	tables_init(t);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!json1_scratch_failed(t->s) &&
		    t->conflict == JSON1_NO_CONFLICT)
			steps[i](t);
}

/* Ops that only edit: places stay where they are, nothing is in conflict. */
static void
run_still(struct json1_transforming *t, struct json1_node *w,
    const struct json1_node *n1, const struct json1_node *n2)
{
	struct json1_walk walk = json1_walk(n2);
	const struct json1_node *child;

	if (json1_changes(n1) && json1_changes(n2))
		json1_put_transformed(t->s, w, n1->comp, n2->comp, t->side);
	else if (json1_changes(n1))
		json1_put_change(t->s, w, n1->comp, false);
	for (child = n1->first; child != NULL; child = child->next)
		run_still(t, json1_child(t->s, w, &child->key), child,
		    json1_seek(&walk, &child->key));
}

/* May op's child be anywhere beside other's children in a list? */
static bool
shifts(const struct json1_node *child)
{
	return child->key.name == NULL &&
	    (json1_picks(child) || json1_drops(child));
}

/*
 * Do the ops have nothing to do with each other: at no place that both pass
 * does either pick up or drop, nor shift the items of a list that both pass?
 * Adds to one number do not mind each other.
 */
static bool
is_apart(const struct json1_node *n1, const struct json1_node *n2)
{
	const struct json1_node *k1 = n1->first, *k2 = n2->first;
	int order;

	if (json1_picks(n1) || json1_drops(n1) || json1_picks(n2) ||
	    json1_drops(n2))
		return false;
	if (json1_changes(n1) && json1_changes(n2) &&
	    (n1->comp->change != JSON1_ADD || n2->comp->change != JSON1_ADD))
		return false;
	while (k1 != NULL && k2 != NULL) {
		order = json1_key_compare(&k1->key, &k2->key);
		if ((order <= 0 && shifts(k1)) || (order >= 0 && shifts(k2)))
			return false;
		if (order == 0 && !is_apart(k1, k2))
			return false;
		if (order <= 0)
			k1 = k1->next;
		if (order >= 0)
			k2 = k2->next;
	}
	return true;
}

/* The op as it is, but for its spelling. */
static void
run_apart(struct json1_transforming *t, struct json1_node *w,
    const struct json1_node *node)
{
	const struct json1_node *child;

	if (json1_removes(node))
		json1_put_remove(t->s, w, json_bool_new(true));
	if (json1_drops(node))
		json1_put_insert(t->s, w, node->comp->insert);
	if (json1_changes(node))
		json1_put_change(t->s, w, node->comp, false);
	for (child = node->first; child != NULL; child = child->next)
		run_apart(t, json1_child(t->s, w, &child->key), child);
}

/* conflict_out NULL: only *conflicts_out is wanted of it. */
static int
try(const struct json1_edit *op, const struct json1_edit *other,
    enum ot_side side, struct json1_edit **edit_out,
    struct json1_conflict *conflict_out, bool *conflicts_out,
    struct ot_err *err)
{
	struct json1_transforming t = { .op1 = op, .op2 = other,
	    .side = side };
	struct json1_scratch s;
	bool apart;
	int rc;

	*conflicts_out = false;
	if (json1_root(other) == NULL) {
		*edit_out = json1_edit_ref(op);
		return 0;
	}
	if (op->unsound || other->unsound)
		return ot_fail(err, OT_ETYPE,
		    "Picks and drops in the op do not match");
	apart = json1_root(op) == NULL || (op->n_slots == 0 &&
	    is_apart(json1_root(op), json1_root(other)));
	if (apart && op->plain) {
		*edit_out = json1_edit_ref(op);
		return 0;
	}
	json1_scratch_init(&s, err);
	t.s = &s;
	if (apart) {
		t.w = json1_node_new(&s);
		run_apart(&t, t.w, json1_root(op));
	} else if (op->still && other->still) {
		t.w = json1_node_new(&s);
		run_still(&t, t.w, json1_root(op), json1_root(other));
	} else {
		run(&t);
	}
	if (t.conflict == JSON1_NO_CONFLICT || json1_scratch_failed(&s)) {
		rc = json1_scratch_finish(&s, t.w, edit_out);
	} else {
		*conflicts_out = true;
		rc = conflict_out != NULL ? conflict_new(&t, conflict_out) : 0;
	}
	json1_scratch_done(&s);
	return rc;
}

int
json1_try_transform(const struct json1_edit *op,
    const struct json1_edit *other, enum ot_side side,
    struct json1_edit **edit_out, struct json1_conflict *conflict_out,
    struct ot_err *err)
{
	struct json1_conflict conflict = { JSON1_NO_CONFLICT, NULL, NULL };
	bool conflicts;
	int rc;

	if ((rc = try(op, other, side, edit_out, &conflict, &conflicts,
	    err)) == 0)
		*conflict_out = conflict;
	return rc;
}

int
json1_transform(const struct json1_edit *op, const struct json1_edit *other,
    enum ot_side side, struct json1_edit **edit_out, struct ot_err *err)
{
	bool conflicts;
	int rc;

	rc = try(op, other, side, edit_out, NULL, &conflicts, err);
	if (rc == 0 && conflicts)
		return ot_fail(err, OT_ETYPE,
		    "Transform detected write conflict");
	return rc;
}
