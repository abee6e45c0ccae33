/*
 * fields: what of a json1 op is shown, when some members of the root are.
 */
#ifndef OT_JSON1_FIELDS_H
#define OT_JSON1_FIELDS_H

#include "ot/fields.h"
#include "ot/json1/edit.h"

/*
 * A new edit of what edit does to the fields.  What leaves them is removed.
 * OT_EAPPLY when something comes from outside, since its content is not known
 * here, or from somewhere to be the root.
 */
int	 json1_pick(const struct json1_edit *edit, const struct ot_fields *f,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
/* Does it touch nothing but the fields? */
bool	 json1_is_within(const struct json1_edit *edit,
	    const struct ot_fields *f);

#endif
