/*
 * type_ext: what some types can do beyond the contract of ot/type.h.
 *
 * A server needs transform_presence only; bindings, ot-tool and the tests
 * need the others.  So they are written for convenience: JSON in, JSON out.  A slice is a whole
 * JSON value; each function checks it as strictly as edit_parse does.  out is
 * appended to on success only.  Any member may be NULL: the type has none.
 */
#ifndef OT_TYPE_EXT_H
#define OT_TYPE_EXT_H

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"
#include "ot/type.h"

struct ot_type_ext {
	/*
	 * edit_parse without the checks that the reference leaves to apply
	 * (json0: dangerous names in paths).  For edits that are only
	 * transformed, composed or inverted.
	 */
	int	(*edit_parse_unapplied)(const char *json, size_t len_bytes,
		    struct ot_edit **edit_out, struct ot_err *err);
	/* The op in the type's canonical form. */
	int	(*normalize)(const struct json_slice *op, struct buf *out,
		    struct ot_err *err);
	/* The op with what it removes spelt out from the document. */
	int	(*make_invertible)(const struct json_slice *op,
		    const struct json_slice *doc, struct buf *out,
		    struct ot_err *err);
	int	(*invert_with_doc)(const struct json_slice *op,
		    const struct json_slice *doc, struct buf *out,
		    struct ot_err *err);
	/*
	 * A cursor or selection after op; how is the type's third argument
	 * (a side, or whether the op is one's own), absent if not given.
	 */
	int	(*transform_cursor)(const struct json_slice *cursor,
		    const struct json_slice *op, const struct json_slice *how,
		    struct buf *out, struct ot_err *err);
	/*
	 * transform that tells about a conflict instead of refusing: as JSON,
	 * {"ok":true,"result":op} or {"ok":false,"conflict":{...}}.
	 */
	int	(*try_transform)(const struct ot_edit *op,
		    const struct ot_edit *other, enum ot_side side,
		    struct buf *out, struct ot_err *err);
	/* transform that resolves conflicts instead of refusing. */
	int	(*transform_auto)(const struct ot_edit *op,
		    const struct ot_edit *other, enum ot_side side,
		    struct ot_edit **edit_out, struct ot_err *err);
	/*
	 * Somebody's presence in the document after op; own as above.  The
	 * server needs this one for presence in documents.
	 */
	int	(*transform_presence)(const struct json_slice *presence,
		    const struct json_slice *op, const struct json_slice *own,
		    struct buf *out, struct ot_err *err);
};

#endif
