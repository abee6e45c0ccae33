/* op1's picks and removes, where op2 left their places: writeOp1Pick. */
#include "ot/json1/transform_run.h"

/* A place of the document before both. */
struct place {
	const struct json1_node	*p1, *p2;	/* the ops' nodes there */
	const struct json1_node	*d2;		/* op2's, where it is after op2 */
	struct json1_node	*w;		/* write here */
	const struct json1_node	*rm2;		/* op2's remove around it */
};

static void
write_pick(struct json1_transforming *t, const struct place *at, bool moved)
{
	struct json1_move1 *move;
	const struct json1_comp *comp = at->p1->comp;

	if (comp == NULL)
		return;
	if (comp->pick >= 0) {
		move = &t->moves1[comp->pick];
		move->rm2 = at->rm2;
		if (at->rm2 == NULL && (t->side == OT_LEFT || !moved))
			move->live = json1_comp(t->s, at->w);
		move->pick = at->p1;
		move->drop2 = at->d2;
	} else if (comp->remove != NULL) {
		if (at->rm2 == NULL)
			json1_put_remove(t->s, at->w, json_bool_new(true));
		if (at->rm2 != NULL || moved)
			t->dead_removes[json1_comp_at(t->op1, comp)] = true;
	}
}

static void
write_picks(struct json1_transforming *t, struct place at)
{
	int32_t slot2 = json1_pick_slot(at.p2);
	struct json1_walk walk_p2, walk_d2;
	const struct json1_node *child;
	struct json1_key key;
	struct place sub;

	if (slot2 >= 0) {
		at.d2 = t->moves2[slot2].drop;
		at.w = t->moves2[slot2].picks = json1_node_new(t->s);
		at.rm2 = NULL;
		t->any_picks = true;
	} else if (json1_removes(at.p2)) {
		at.d2 = NULL;
		at.rm2 = at.p2;
	} else if (json1_drops(at.d2)) {
		at.d2 = NULL;
	}
	write_pick(t, &at, slot2 >= 0);
	walk_p2 = json1_walk(at.p2);
	walk_d2 = json1_walk(at.d2);
	sub = at;
	for (child = at.p1->first; child != NULL; child = child->next) {
		key = child->key;
		sub.p1 = child;
		sub.p2 = json1_seek_count(&walk_p2, &key, json1_picks);
		sub.d2 = NULL;
		if (key.name == NULL) {
			key.index -= walk_p2.off;
			if (!json1_picks(sub.p2))
				sub.d2 = json1_seek_skip(&walk_d2, &key,
				    json1_drops);
			key.index += walk_d2.off;
		} else {
			sub.d2 = json1_seek_skip(&walk_d2, &key, json1_drops);
		}
		sub.w = json1_child(t->s, at.w, &key);
		write_picks(t, sub);
	}
}

void
json1_transform_picks(struct json1_transforming *t)
{
	const struct json1_node *root2 = json1_root(t->op2);

	write_picks(t, (struct place){ .p1 = json1_root(t->op1), .p2 = root2,
	    .d2 = root2, .w = t->w });
}
