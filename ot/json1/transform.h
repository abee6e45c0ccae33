/*
 * transform: a json1 op carried past another that was applied first.
 */
#ifndef OT_JSON1_TRANSFORM_H
#define OT_JSON1_TRANSFORM_H

#include "ot/json1/edit.h"

/* As ot-json1 numbers them. */
enum json1_conflict_type {
	JSON1_NO_CONFLICT = 0,
	JSON1_RM_UNEXPECTED_CONTENT = 1, /* one removes what the other fills */
	JSON1_DROP_COLLISION = 2,	/* both put something at one key */
	JSON1_BLACKHOLE = 3		/* each moves a thing into the other's */
};

/* Two parts of the ops that do not go together. */
struct json1_conflict {
	enum json1_conflict_type type;
	struct json1_edit	*op1, *op2;	/* counted */
};

void	 json1_conflict_done(struct json1_conflict *conflict);

/*
 * What op becomes after other.  When they are in conflict, *edit_out stays as
 * it is and the conflict is handed out; that is no failure, 0 is returned.
 * With conflict_out->type JSON1_NO_CONFLICT there was none.
 */
int	 json1_try_transform(const struct json1_edit *op,
	    const struct json1_edit *other, enum ot_side side,
	    struct json1_edit **edit_out, struct json1_conflict *conflict_out,
	    struct ot_err *err) OT_MUST_CHECK;

/* The default policy: a conflict is refused. */
int	 json1_transform(const struct json1_edit *op,
	    const struct json1_edit *other, enum ot_side side,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
/*
 * The policy "auto": the side that loses a conflict is taken back there; so
 * there is always a result.  But one kind of conflict has no loser, and then
 * this too refuses (the reference would not end).
 */
int	 json1_transform_auto(const struct json1_edit *op,
	    const struct json1_edit *other, enum ot_side side,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;

/*
 * Where path, a list of keys, leads after op, as JSON; null: it was removed
 * (position.c).
 */
int	 json1_transform_position(const struct json_slice *path,
	    const struct json1_edit *op, struct buf *out, struct ot_err *err)
	    OT_MUST_CHECK;

#endif
