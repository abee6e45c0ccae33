/*
 * op1's drops, inserts and edits, where their places are after op2 and the
 * picks that are written already: writeOp1Drop.
 */
#include "ot/json1/subtype.h"
#include "ot/json1/transform_run.h"

/* A place of the document after op1. */
struct place {
	const struct json1_node	*d1;		/* op1's node there */
	const struct json1_node	*p1, *p2;	/* the ops', where it was */
	const struct json1_node	*d2;		/* op2's, where it is after op2 */
	struct json1_node	*w;		/* write here */
	const struct json1_node	*rm2;		/* op2's remove around it */
};

/* Do both drop one thing, or insert equal ones, at this place? */
static bool
is_identical(const struct json1_transforming *t, const struct place *at)
{
	int32_t slot1 = json1_drop_slot(at->d1);
	int32_t slot2 = json1_drop_slot(at->d2);

	if (slot2 >= 0)
		return slot1 >= 0 && t->moves2[slot2].shared == slot1;
	return slot1 < 0 && json_deep_equal(at->d2->comp->insert,
	    at->d1->comp->insert);
}

/* Does op2 put something at this place? */
static bool
is_taken(const struct json1_transforming *t, const struct place *at)
{
	int32_t slot2 = json1_drop_slot(at->d2);

	return slot2 >= 0 ? !t->moves2[slot2].cancelled : json1_drops(at->d2);
}

/*
 * A drop whose pick is alive, or an insert.  *identical_out: op2 does the
 * same, so that nothing is written.  Returns whether something was.
 */
static bool
write_drop(struct json1_transforming *t, const struct place *at,
    bool *identical_out)
{
	const struct json1_comp *comp = at->d1->comp;
	int32_t slot2 = json1_drop_slot(at->d2);
	struct json1_move_out *out;

	*identical_out = false;
	if (is_taken(t, at)) {
		*identical_out = is_identical(t, at);
		if (!*identical_out && (slot2 < 0 ||
		    json1_move2_counts(t, slot2)))
			json1_conflict_found(t, JSON1_DROP_COLLISION,
			    json1_does_drop(t, at->d1, true),
			    json1_does_drop(t, at->d2, false));
	}
	if (*identical_out)
		return false;
	if (at->rm2 != NULL) {
		json1_conflict_found(t, JSON1_RM_UNEXPECTED_CONTENT,
		    json1_does_drop(t, at->d1, true),
		    json1_does_remove(at->rm2));
		return false;
	}
	if (comp->drop < 0) {
		json1_put_insert(t->s, at->w, comp->insert);
		return true;
	}
	out = &t->moves_out[t->n_out];
	out->slot1 = comp->drop;
	t->moves1[comp->drop].live->pick = t->n_out;
	json1_put_drop(t->s, at->w, t->n_out++);
	return true;
}

/* The drop of this place, and where the place was before it. */
static bool
turn_drop(struct json1_transforming *t, struct place *at)
{
	int32_t slot1 = json1_drop_slot(at->d1);
	bool dropped = false, identical = false;
	struct json1_move1 *move = NULL;

	if (!json1_drops(at->d1)) {
		if (json1_picks(at->p1))
			at->p1 = at->p2 = at->d2 = NULL;
		return false;
	}
	if (slot1 >= 0) {
		move = &t->moves1[slot1];
		move->drop = at->d1;
	}
	if (move == NULL || move->live != NULL)
		dropped = write_drop(t, at, &identical);
	else if (move->rm2 != NULL)
		at->rm2 = move->rm2;
	if (move != NULL) {
		at->p1 = move->pick;
		at->p2 = move->pick2;
		at->d2 = move->drop2;
	} else {
		at->p1 = at->p2 = NULL;
		if (!identical)
			at->d2 = NULL;
	}
	return dropped;
}

/* What op2 does to the place; d2 is op2's node at it to begin with. */
static void
turn_pick(struct json1_transforming *t, struct place *at,
    const struct json1_node *d2)
{
	int32_t slot2 = json1_pick_slot(at->p2);
	struct json1_move2 *move;

	if (!json1_picks(at->p2)) {
		if (!json1_drops(at->d1) && json1_drops(d2))
			at->d2 = NULL;
		return;
	}
	if (slot2 < 0) {
		if (!json1_removes(at->p1)) {
			at->d2 = NULL;
			at->rm2 = at->p2;
		}
		return;
	}
	move = &t->moves2[slot2];
	if (move->cancelled) {
		at->d2 = NULL;
		at->rm2 = at->p2;
		return;
	}
	at->d2 = move->drop;
	if (json1_move2_counts(t, slot2)) {
		if (move->drops == NULL)
			move->drops = json1_node_new(t->s);
		t->any_drops = true;
		at->w = move->drops;
		at->rm2 = NULL;
	}
}

static void
write_change(struct json1_transforming *t, const struct place *at)
{
	if (!json1_changes(at->d1))
		return;
	if (at->rm2 != NULL)
		json1_conflict_found(t, JSON1_RM_UNEXPECTED_CONTENT,
		    json1_does_edit(at->d1), json1_does_remove(at->rm2));
	else if (json1_changes(at->d2))
		json1_put_transformed(t->s, at->w, at->d1->comp, at->d2->comp,
		    t->side);
	else
		json1_put_change(t->s, at->w, at->d1->comp, false);
}

/* ---- children in a list ---- */

/* How far the walk over the children has come, and how indices differ. */
struct shifts {
	const struct json1_node	*n1;		/* op1's next pick */
	const struct json1_node	*n2;		/* op2's next drop */
	struct json1_walk	 picks2;
	int64_t			 drops1, picks1, drops2;
	int64_t			 out_picks, out_drops;	/* of the result */
};

/* Will the result pick up what op1 picks up here? */
static bool
is_picked_still(const struct json1_transforming *t,
    const struct json1_node *p1)
{
	int32_t slot1 = json1_pick_slot(p1);

	if (slot1 < 0)
		return !t->dead_removes[json1_comp_at(t->op1, p1->comp)];
	return t->moves1[slot1].live != NULL &&
	    (t->side == OT_RIGHT || !t->moves1[slot1].shared);
}

/* op1's node at index mid of the document after its picks, before drops. */
static const struct json1_node *
seek_pick1(const struct json1_transforming *t, struct shifts *sh, int64_t mid,
    bool drops)
{
	int64_t index;

	for (; sh->n1 != NULL && sh->n1->key.name == NULL;
	    sh->n1 = sh->n1->next) {
		index = sh->n1->key.index - sh->picks1;
		if (index > mid)
			return NULL;
		if (index == mid && (!json1_picks(sh->n1) ||
		    (t->side == OT_LEFT && drops)))
			return sh->n1;
		if (json1_picks(sh->n1)) {
			sh->picks1++;
			sh->out_picks -= is_picked_still(t, sh->n1);
		}
	}
	return NULL;
}

/* op2's node at index mid of the document after its picks, before drops. */
static const struct json1_node *
seek_drop2(const struct json1_transforming *t, struct shifts *sh, int64_t mid,
    bool drops, bool picked2)
{
	int64_t index;
	int32_t slot2;

	for (; sh->n2 != NULL && sh->n2->key.name == NULL;
	    sh->n2 = sh->n2->next) {
		index = sh->n2->key.index - sh->drops2;
		if (index > mid)
			return NULL;
		if (!json1_drops(sh->n2)) {
			if (index == mid)
				return sh->n2;
			continue;
		}
		if (index == mid && t->side == OT_LEFT && (drops || picked2))
			return NULL;
		sh->drops2++;
		slot2 = json1_drop_slot(sh->n2);
		if (slot2 >= 0 && (t->moves2[slot2].cancelled ||
		    !json1_move2_counts(t, slot2)))
			sh->out_drops--;
	}
	return NULL;
}

static bool	write_drops(struct json1_transforming *t, struct place at);

static void
write_item(struct json1_transforming *t, struct shifts *sh, struct place sub,
    struct json1_node *w)
{
	bool drops = json1_drops(sub.d1);
	int64_t mid = sub.d1->key.index - sh->drops1, mid2;
	struct json1_key key;

	sub.p1 = seek_pick1(t, sh, mid, drops);
	key = json1_index(mid + sh->picks1);
	sub.p2 = json1_seek_count(&sh->picks2, &key, json1_picks);
	mid2 = key.index - sh->picks2.off;
	sub.d2 = seek_drop2(t, sh, mid2, drops, json1_picks(sub.p2));
	key.index = mid2 + sh->drops2 + sh->out_picks + sh->out_drops;
	if (key.index < 0) {
		json1_scratch_fail(t->s, OT_ETYPE,
		    "trying to descend to a negative index");
		return;
	}
	sub.w = json1_child(t->s, w, &key);
	if (drops) {
		sub.p1 = sub.p2 = sub.d2 = NULL;
		sh->drops1++;
	}
	sh->out_drops += write_drops(t, sub);
}

/* ---- children of an object ---- */

/* The node of that name, passing all before it. */
static const struct json1_node *
seek_name(const struct json1_node **next, const struct json1_key *key)
{
	int order;

	for (; *next != NULL; *next = (*next)->next) {
		order = json1_key_compare(&(*next)->key, key);
		if (order >= 0)
			return order == 0 ? *next : NULL;
	}
	return NULL;
}

static void
write_member(struct json1_transforming *t, struct shifts *sh, struct place sub,
    struct json1_node *w)
{
	const struct json1_key *key = &sub.d1->key;

	sub.p1 = seek_name(&sh->n1, key);
	sub.p2 = json1_seek_count(&sh->picks2, key, json1_picks);
	sub.d2 = seek_name(&sh->n2, key);
	sub.w = json1_child(t->s, w, key);
	write_drops(t, sub);
}

/* Returns whether something is dropped at the place in the result. */
static bool
write_drops(struct json1_transforming *t, struct place at)
{
	const struct json1_node *child, *d2 = at.d2;
	struct shifts sh = { .n1 = NULL };
	struct place sub;
	bool dropped;

	dropped = turn_drop(t, &at);
	if (json1_scratch_failed(t->s))
		return false;
	turn_pick(t, &at, d2);
	write_change(t, &at);
	sh.n1 = at.p1 != NULL ? at.p1->first : NULL;
	sh.n2 = at.d2 != NULL ? at.d2->first : NULL;
	sh.picks2 = json1_walk(at.p2);
	sub = at;
	for (child = at.d1->first; child != NULL; child = child->next) {
		sub.d1 = child;
		if (child->key.name == NULL)
			write_item(t, &sh, sub, at.w);
		else
			write_member(t, &sh, sub, at.w);
	}
	return dropped;
}

void
json1_transform_drops(struct json1_transforming *t)
{
	const struct json1_node *root1 = json1_root(t->op1);
	const struct json1_node *root2 = json1_root(t->op2);

	write_drops(t, (struct place){ .d1 = root1, .p1 = root1, .p2 = root2,
	    .d2 = root2, .w = t->w });
}
