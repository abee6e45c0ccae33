/*
 * presence: where somebody is in a document, carried over an op.
 *
 *	rich-text, text,	{"index": n, "length": n, ...}: a range, in the
 *	text-unicode, text0	units of the type
 *	json0, json1		{"path": [...], ...}: a place; its last item may
 *				be an offset into a text that stands there, and
 *				"length" the units from there on that are
 *				selected.  "path": null once the place was
 *				removed
 *
 * Other members are kept as they are.  What is falsy in JavaScript is nobody:
 * null.  Only rich-text has such a
 * function in JavaScript (rich-text 4.1.0, transformPresence); for the others
 * the shape is ours and the moves are those of their cursor functions:
 * ot-text transformSelection, ot-text-unicode transformPosition, text0
 * transformCursor, ot-json1 transformPosition.  json0 has none: a path moves
 * as json0 transforms the path of an op that adds 0 there.
 */
#ifndef OT_PRESENCE_H
#define OT_PRESENCE_H

#include <stdbool.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"
#include "ot/type.h"

/*
 * Append to out, on success only, what presence becomes by op, an edit's JSON
 * of a document of type; own: the same client made both.  OT_EBADLY when
 * presence has not the shape above, or the op is none.
 */
int	ot_presence_transform(const struct ot_type *type,
	    const struct json_slice *presence, const struct json_slice *op,
	    bool own, struct buf *out, struct ot_err *err) OT_MUST_CHECK;

/*
 * The same for a json0 path alone: a list, or null if it was removed
 * (json0_cursor.c).
 */
int	json0_transform_path(const struct json_slice *path,
	    const struct json_slice *op, struct buf *out, struct ot_err *err)
	    OT_MUST_CHECK;

#endif
