/*
 * text0: text edited by position; json0's strings are edited by it too.
 *
 * A part inserts or deletes at a position that counts UTF-16 units in the
 * string as the parts before it left it:
 *
 *	{"p": 3, "i": "abc"}	insert before unit 3
 *	{"p": 3, "d": "abc"}	delete exactly this text at unit 3
 *
 * Stricter than ot-json0 1.1.0, lib/text0.js: positions are whole and not
 * past the end, there are no other fields, an op is a list.
 */
#ifndef OT_TEXT0_H
#define OT_TEXT0_H

#include <stdbool.h>

#include "ot/json_value.h"
#include "ot/lift.h"

struct text0_part {
	double		 p;		/* position, UTF-16 units, whole, >= 0 */
	bool		 insert;	/* else delete */
	struct json	*text;		/* a string; counted */
};

/* Parts in a lift_list. */
extern const struct lift_kind text0_lift;

/* Read a list of parts into out, which is empty. */
int	text0_read(struct json_reader *r, struct lift_list *out) OT_MUST_CHECK;
/*
 * The same for normalize: a bare component stands for a list of it, a missing
 * position is 0, and parts merge.
 */
int	text0_read_normal(struct json_reader *r, struct lift_list *out)
	    OT_MUST_CHECK;
/* Append the list as JSON. */
void	text0_print(const struct lift_list *parts, struct buf *b);
/* first, then second; out is empty. */
int	text0_compose(const struct lift_list *first,
	    const struct lift_list *second, struct lift_list *out,
	    struct ot_err *err) OT_MUST_CHECK;
int	text0_invert(const struct lift_list *parts, struct lift_list *out,
	    struct ot_err *err) OT_MUST_CHECK;

/*
 * Where position x goes when part was applied; after: an insert at x pushes
 * it on.
 */
double	text0_move_position(double x, const struct text0_part *part,
	    bool after);

/*
 * Apply one part to the string in *slot.  *pos_out is where, in units;
 * *before_out is as json_string_edit leaves it.  With clamp an insert past
 * the end appends, as JavaScript does.
 */
int	text0_apply_part(struct json **slot, const struct text0_part *part,
	    bool clamp, size_t *pos_out, struct json **before_out,
	    struct ot_err *err) OT_MUST_CHECK;
/*
 * Take back the latest part, which was applied at pos_u16 to a string that
 * was changed in place.  Cannot fail.
 */
void	text0_undo_part(struct json *s, bool insert, const struct json *text,
	    size_t pos_u16);

#endif
