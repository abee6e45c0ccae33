/*
 * delta_transform: how deltas combine.
 *
 * As rich-text 4.1.0 does through quill-delta 4.2.2 (src/Delta.ts), whose way
 * of joining neighbours decides how a result is cut into ops.
 */
#ifndef OT_DELTA_TRANSFORM_H
#define OT_DELTA_TRANSFORM_H

#include "ot/delta_edit.h"
#include "ot/type.h"

int	 delta_transform(const struct ot_edit *op, const struct ot_edit *other,
	    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
	    OT_MUST_CHECK;
int	 delta_compose(const struct ot_edit *first,
	    const struct ot_edit *second, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;
/*
 * The part of compose after the retain at the start: push onto d what b makes
 * of a, until what is left of a stays as it is.
 */
void	 delta_compose_onto(struct delta_draft *d, struct delta_cursor *a,
	    struct delta_cursor *b);

/* The edit that takes op back from the document after it; doc is a delta. */
int	 delta_invert(const struct ot_edit *op, const struct ot_edit *doc,
	    struct ot_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
/* Where a cursor is after the edit; one's own insert at it moves it. */
uint64_t delta_move_cursor(const struct ot_edit *edit, uint64_t cursor,
	    bool own);

#endif
