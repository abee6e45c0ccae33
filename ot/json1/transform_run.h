/*
 * transform_run: one run of json1_try_transform; for the transform*.c files.
 *
 * The result is op1 as it must be after op2, which came first.  In steps:
 *
 *	scan	(transform_scan.c) what op1 does to the places that op2 picks
 *		up, and so to what op2 drops
 *	picks	(transform_pick.c) op1's picks and removes are written to where
 *		op2 left those places
 *	drops	(transform_drop.c) op1's drops, inserts and edits are written to
 *		where those places are after op2 and the picks just written
 *	held	(transform_held.c) what lies in things that op2 moved, and was
 *		written to tries apart, is put in its place
 *
 * "Shared": both ops pick up the same thing.  "Cancelled": op2 moves what
 * op1 removes, or out of it; the result removes it where op2 put it.
 */
#ifndef OT_JSON1_TRANSFORM_RUN_H
#define OT_JSON1_TRANSFORM_RUN_H

#include "ot/json1/transform.h"
#include "ot/json1/trie.h"

/* A move of op1, by its slot. */
struct json1_move1 {
	const struct json1_node	*pick, *drop;	/* op1's nodes */
	const struct json1_node	*pick2;		/* op2's node where it picks */
	const struct json1_node	*drop2;		/* op2's, to where that went */
	const struct json1_node	*rm2;		/* op2's remove that took it */
	struct json1_comp	*live;		/* the pick in the result */
	bool			 shared;
	int32_t			 inside_first;	/* moves of op2 that drop into */
	int32_t			 inside_last;	/* it; -1: none */
};

/* A move of op2, by its slot. */
struct json1_move2 {
	const struct json1_node	*pick, *drop;	/* op2's nodes */
	const struct json1_node	*pick1;		/* op1's node where it picks */
	const struct json1_node	*rm1;		/* op1's remove that has it */
	bool			 cancelled;
	bool			 discarded;	/* cancelled, and into what goes */
	int32_t			 shared;	/* slot of op1, -1: not shared */
	int32_t			 inside_next;	/* in the list of move1 */
	struct json1_node	*picks;		/* op1's picks within it */
	struct json1_node	*drops;		/* op1's drops within it */
};

/* A move of the result, by its slot. */
struct json1_move_out {
	int32_t			 slot1;		/* op1's */
	const struct json1_node	*drop;		/* in the result so far */
	struct json1_node	*held;		/* what is to go into it */
};

/* One side of a conflict, not yet made into an op. */
struct json1_side {
	enum { JSON1_DOES_REMOVE, JSON1_DOES_MOVE, JSON1_DOES_INSERT,
	    JSON1_DOES_EDIT } what;
	const struct json1_node	*from;		/* of a move, a remove */
	const struct json1_node	*to;		/* of a move, an insert, an edit */
};

struct json1_transforming {
	struct json1_scratch	*s;
	const struct json1_edit	*op1, *op2;
	enum ot_side		 side;		/* op1's */
	struct json1_move1	*moves1;
	struct json1_move2	*moves2;
	struct json1_move_out	*moves_out;	/* as many as moves1 */
	int32_t			 n_out;
	bool			*dead_removes;	/* by component of op1 */
	bool			 any_cancelled, any_picks, any_drops; /* of moves2 */
	struct json1_node	*w;		/* the result */
	enum json1_conflict_type conflict;	/* the first one found */
	struct json1_side	 side1, side2;	/* not with JSON1_BLACKHOLE */
	struct json1_node	*black1, *black2; /* with JSON1_BLACKHOLE */
};

/* Does the component pick up / drop by slot?  -1: no. */
static inline int32_t
json1_pick_slot(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL ? node->comp->pick : -1;
}

static inline int32_t
json1_drop_slot(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL ? node->comp->drop : -1;
}

static inline bool
json1_removes(const struct json1_node *node)
{
	return node != NULL && node->comp != NULL &&
	    node->comp->remove != NULL;
}

/* Is op2's move of what op1 moves too, and gives way to it, kept? */
static inline bool
json1_move2_counts(const struct json1_transforming *t, int32_t slot2)
{
	return t->side == OT_RIGHT || t->moves2[slot2].shared < 0;
}

/* Remember a conflict unless there is one already. */
void	 json1_conflict_found(struct json1_transforming *t,
	    enum json1_conflict_type type, struct json1_side side1,
	    struct json1_side side2);
struct json1_side json1_does_remove(const struct json1_node *node);
/* What the drop or insert of node does. */
struct json1_side json1_does_drop(const struct json1_transforming *t,
	    const struct json1_node *node, bool op1);
struct json1_side json1_does_edit(const struct json1_node *node);

void	 json1_transform_scan(struct json1_transforming *t);
void	 json1_transform_picks(struct json1_transforming *t);
void	 json1_transform_drops(struct json1_transforming *t);
void	 json1_transform_held(struct json1_transforming *t);

#endif
