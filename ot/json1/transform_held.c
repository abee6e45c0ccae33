/*
 * What was written apart because op2 moved what it lies in, put in its place:
 * the end of tryTransform, with writeHeldOp2Drop.
 */
#include "ot/json1/transform_run.h"

/* op1's picks go to where op2 dropped what they lie in. */
static void
merge_picks(struct json1_transforming *t, const struct json1_node *d2,
    struct json1_node *w)
{
	int32_t slot2 = json1_drop_slot(d2);
	const struct json1_node *child;
	struct json1_move2 *move;

	if (slot2 >= 0) {
		move = &t->moves2[slot2];
		if (move->cancelled && !move->discarded)
			json1_put_remove(t->s, w, json_bool_new(true));
		json1_merge(t->s, w, move->picks);
	}
	for (child = d2->first; child != NULL; child = child->next)
		merge_picks(t, child, json1_child(t->s, w, &child->key));
}

/* Where the result drops. */
static void
find_drops(struct json1_transforming *t, const struct json1_node *node)
{
	const struct json1_node *child;

	if (json1_drop_slot(node) >= 0)
		t->moves_out[node->comp->drop].drop = node;
	for (child = node->first; child != NULL; child = child->next)
		find_drops(t, child);
}

/*
 * op1's drops go to where op2 dropped what they lie in, and that is where the
 * result, which op1's own moves are part of, put it: d2 in the document after
 * op2, pick and drop the result's nodes there.
 */
static void
merge_drops(struct json1_transforming *t, const struct json1_node *d2,
    const struct json1_node *pick, const struct json1_node *drop,
    struct json1_node *w)
{
	struct json1_walk walk_pick, walk_drop;
	const struct json1_node *child, *sub_pick, *sub_drop;
	int32_t slot = json1_pick_slot(pick), slot2 = json1_drop_slot(d2);
	struct json1_key key;

	if (slot >= 0) {
		drop = t->moves_out[slot].drop;
		if (drop == NULL) {
			json1_scratch_fail(t->s, OT_ETYPE,
			    "Internal consistency error: no drop for a pick");
			return;
		}
		w = t->moves_out[slot].held = json1_node_new(t->s);
	} else if (json1_removes(pick) || json1_drops(drop)) {
		drop = NULL;
	}
	if (slot2 >= 0 && t->moves2[slot2].drops != NULL) {
		json1_merge(t->s, w, t->moves2[slot2].drops);
		drop = t->moves2[slot2].drops;
	}
	walk_pick = json1_walk(pick);
	walk_drop = json1_walk(drop);
	for (child = d2->first; child != NULL; child = child->next) {
		key = child->key;
		sub_pick = json1_seek_count(&walk_pick, &key, json1_picks);
		if (key.name == NULL)
			key.index -= walk_pick.off;
		sub_drop = json1_seek_skip(&walk_drop, &key, json1_drops);
		if (key.name == NULL)
			key.index += walk_drop.off;
		merge_drops(t, child, sub_pick, sub_drop,
		    json1_child(t->s, w, &key));
	}
}

/* What goes into things that the result moves. */
static void
merge_held(struct json1_transforming *t, const struct json1_node *shape,
    struct json1_node *w)
{
	int32_t slot = json1_drop_slot(shape);
	const struct json1_node *child;

	if (slot >= 0 && !json1_is_empty(t->moves_out[slot].held)) {
		json1_merge(t->s, w, t->moves_out[slot].held);
		t->moves_out[slot].held = NULL;
	}
	for (child = shape->first; child != NULL; child = child->next)
		merge_held(t, child, json1_child(t->s, w, &child->key));
}

/* Slots of the two ops of the conflict. */
struct blackhole {
	int32_t	next1, next2;
};

static void
write_move(struct json1_transforming *t, struct json1_node *root,
    const struct json1_node *pick, const struct json1_node *drop,
    int32_t slot)
{
	json1_put_pick(t->s, json1_same_path(t->s, root, pick), slot);
	json1_put_drop(t->s, json1_same_path(t->s, root, drop), slot);
}

/* The moves that what is left over has to do with, of op1 and of op2. */
static void
blackhole(struct json1_transforming *t, struct blackhole *b,
    const struct json1_node *held)
{
	int32_t slot = json1_drop_slot(held), slot2;
	const struct json1_node *child;
	struct json1_move1 *move;

	if (slot >= 0) {
		move = &t->moves1[t->moves_out[slot].slot1];
		write_move(t, t->black1, move->pick, move->drop, b->next1++);
		for (slot2 = move->inside_first; slot2 >= 0;
		    slot2 = t->moves2[slot2].inside_next)
			if (!t->moves2[slot2].cancelled &&
			    json1_move2_counts(t, slot2))
				write_move(t, t->black2,
				    t->moves2[slot2].pick,
				    t->moves2[slot2].drop, b->next2++);
	}
	for (child = held->first; child != NULL; child = child->next)
		blackhole(t, b, child);
}

/* Things moved into one another have no place left to go to. */
static void
find_blackhole(struct json1_transforming *t)
{
	struct blackhole b = { 0, 0 };
	int32_t slot;

	for (slot = 0; slot < t->n_out; slot++) {
		if (json1_is_empty(t->moves_out[slot].held))
			continue;
		if (t->conflict == JSON1_NO_CONFLICT) {
			t->conflict = JSON1_BLACKHOLE;
			t->black1 = json1_node_new(t->s);
			t->black2 = json1_node_new(t->s);
		}
		blackhole(t, &b, t->moves_out[slot].held);
	}
}

void
json1_transform_held(struct json1_transforming *t)
{
	const struct json1_node *root2 = json1_root(t->op2), *shape;
	size_t i;

	if (t->any_cancelled || t->any_picks)
		merge_picks(t, root2, t->w);
	if (!t->any_drops && !t->any_cancelled)
		return;
	if ((shape = json1_shape(t->s, t->w)) == NULL)
		return;
	find_drops(t, shape);
	for (i = 0; i < t->op2->n_slots; i++)
		if (t->moves2[i].drops != NULL)
			find_drops(t, t->moves2[i].drops);
	merge_drops(t, root2, shape, shape, t->w);
	if (json1_scratch_failed(t->s) ||
	    (shape = json1_shape(t->s, t->w)) == NULL)
		return;
	merge_held(t, shape, t->w);
	find_blackhole(t);
}
