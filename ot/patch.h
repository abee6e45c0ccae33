/*
 * patch: what a JSON value is after a JSON Patch (RFC 6902) or a merge patch
 * (RFC 7396).
 *
 * Values in, values out, as JSON text; diff_edit (ot/diff.h) makes an edit of
 * it.  Stricter than the RFCs: names that ShareDB refuses in paths are left to
 * the type; the whole document cannot be removed.
 */
#ifndef OT_PATCH_H
#define OT_PATCH_H

#include <stddef.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"

#define PATCH_OPERATIONS_MAX	10000
/*
 * What a patch's add, replace and copy bring, all together: a few copies of
 * what was copied before would else make any size.
 */
#define PATCH_BYTES_MAX		((size_t)64 << 20)

/*
 * Append to out what doc is after the patch, a list of operations.  All of
 * them or none.  err names the operation at fault by its index from 0, and its
 * path.  OT_EJSON: not JSON; OT_EBADLY: no JSON Patch; OT_EAPPLY: it does not
 * fit the document; OT_ETEST: a "test" found something else; OT_ELIMIT: over a
 * ceiling.  On failure what out has is of no use.
 */
int	patch_json(const struct json_slice *doc, const struct json_slice *patch,
	    struct buf *out, struct ot_err *err) OT_MUST_CHECK;
/* The same for a merge patch, which is any JSON and always fits. */
int	patch_merge(const struct json_slice *doc,
	    const struct json_slice *patch, struct buf *out,
	    struct ot_err *err) OT_MUST_CHECK;

#endif
