/* What op1 does to what op2 picks up and drops: scanOp2Pick, scanOp2Drop. */
#include "ot/json1/transform_run.h"

/*
 * In the document before both: node of op2, n1 op1's node there, rm1 the
 * innermost of op1's removes around it.
 */
static void
scan_picks(struct json1_transforming *t, const struct json1_node *node,
    const struct json1_node *n1, const struct json1_node *rm1)
{
	struct json1_walk walk = json1_walk(n1);
	int32_t slot1 = json1_pick_slot(n1), slot2 = json1_pick_slot(node);
	const struct json1_node *child;
	struct json1_move2 *move;

	if (json1_removes(n1)) {
		rm1 = n1;
	} else if (slot1 >= 0) {
		rm1 = NULL;
		t->moves1[slot1].pick2 = node;
	}
	if (slot2 >= 0) {
		move = &t->moves2[slot2];
		move->pick = node;
		move->pick1 = n1;
		if (rm1 != NULL) {
			move->cancelled = t->any_cancelled = true;
			move->rm1 = rm1;
		}
		if (slot1 >= 0) {
			move->shared = slot1;
			t->moves1[slot1].shared = true;
		}
	}
	for (child = node->first; child != NULL; child = child->next)
		scan_picks(t, child, json1_seek(&walk, &child->key), rm1);
}

/* A place of the document after op2. */
struct place {
	const struct json1_node	*d2;		/* op2's node there */
	const struct json1_node	*p1, *p2;	/* the ops', where it was */
	int32_t			 in1;		/* op1's move around it, -1: none */
	const struct json1_node	*rm1;		/* op1's remove around it */
};

static void
add_inside(struct json1_transforming *t, int32_t slot1, int32_t slot2)
{
	struct json1_move1 *into = &t->moves1[slot1];

	if (into->inside_last >= 0)
		t->moves2[into->inside_last].inside_next = slot2;
	else
		into->inside_first = slot2;
	into->inside_last = slot2;
}

static void
scan_drop(struct json1_transforming *t, struct place *at)
{
	int32_t slot2 = json1_drop_slot(at->d2);
	struct json1_move2 *move = &t->moves2[slot2];

	move->drop = at->d2;
	if (at->in1 >= 0)
		add_inside(t, at->in1, slot2);
	at->p1 = move->pick1;
	at->p2 = move->pick;
	if (move->cancelled) {
		move->discarded = at->rm1 != NULL;
		at->rm1 = move->rm1;
	} else if (at->rm1 != NULL && json1_move2_counts(t, slot2)) {
		json1_conflict_found(t, JSON1_RM_UNEXPECTED_CONTENT,
		    json1_does_remove(at->rm1),
		    json1_does_drop(t, at->d2, false));
	}
}

static void
scan_drops(struct json1_transforming *t, struct place at)
{
	const struct json1_node *child;
	struct json1_walk walk1, walk2;
	struct json1_key key;
	struct place sub;
	int64_t dropped = 0;

	if (json1_drop_slot(at.d2) >= 0) {
		scan_drop(t, &at);
	} else if (json1_drops(at.d2)) {
		at.p1 = at.p2 = NULL;
		if (at.rm1 != NULL)
			json1_conflict_found(t, JSON1_RM_UNEXPECTED_CONTENT,
			    json1_does_remove(at.rm1),
			    json1_does_drop(t, at.d2, false));
	}
	if (json1_removes(at.p1)) {
		at.rm1 = at.p1;
	} else if (json1_pick_slot(at.p1) >= 0) {
		at.in1 = json1_pick_slot(at.p1);
		at.rm1 = NULL;
	}
	if (json1_changes(at.d2) && at.rm1 != NULL)
		json1_conflict_found(t, JSON1_RM_UNEXPECTED_CONTENT,
		    json1_does_remove(at.rm1), json1_does_edit(at.d2));
	walk1 = json1_walk(at.p1);
	walk2 = json1_walk(at.p2);
	sub = at;
	for (child = at.d2->first; child != NULL; child = child->next) {
		key = child->key;
		if (key.name == NULL)
			key.index -= dropped;
		sub.d2 = child;
		sub.p2 = json1_seek_skip(&walk2, &key, json1_picks);
		if (key.name == NULL)
			key.index += walk2.off;
		sub.p1 = json1_seek(&walk1, &key);
		scan_drops(t, sub);
		if (key.name == NULL)
			dropped += json1_drops(child);
	}
}

void
json1_transform_scan(struct json1_transforming *t)
{
	const struct json1_node *root1 = json1_root(t->op1);
	const struct json1_node *root2 = json1_root(t->op2);

	scan_picks(t, root2, root1, NULL);
	scan_drops(t, (struct place){ .d2 = root2, .p1 = root1, .p2 = root2,
	    .in1 = -1 });
}
