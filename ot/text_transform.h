/*
 * text_transform: how edits of text and text-unicode combine.
 *
 * One algorithm, that of ot-text 1.0.2 lib/text.js and ot-text-unicode 4.0.0
 * lib/type.ts: two edits are walked side by side, and what they say about the
 * same stretch of the document is combined.  Both edits have the same unit.
 * The first three are for struct ot_type.
 */
#ifndef OT_TEXT_TRANSFORM_H
#define OT_TEXT_TRANSFORM_H

#include "ot/rope.h"
#include "ot/type.h"

int	 text_transform(const struct ot_edit *op, const struct ot_edit *other,
	    enum ot_side side, struct ot_edit **edit_out, struct ot_err *err)
	    OT_MUST_CHECK;
int	 text_compose(const struct ot_edit *first,
	    const struct ot_edit *second, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;
/* OT_ETYPE when a delete does not know its text. */
int	 text_invert(const struct ot_edit *edit, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

/* Join what stands side by side, drop the skip at the end. */
int	 text_normalize(const struct ot_edit *edit, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;
/*
 * Give each delete the text that it deletes from the document.  OT_EAPPLY
 * when that is not there; other misfits are left for apply to find.
 */
int	 text_make_invertible(const struct ot_edit *edit,
	    const struct rope *document, struct ot_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

/* Where a cursor at pos is after the edit; an insert at it leaves it. */
uint64_t text_move_cursor(const struct ot_edit *edit, uint64_t pos);
/* Where the edit's last part ends, which is where its author's cursor is. */
uint64_t text_own_cursor(const struct ot_edit *edit);

#endif
