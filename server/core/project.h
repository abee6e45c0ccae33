/*
 * project: what is shown of a document through a projection.
 *
 * One piece of code for snapshots, ops, queries, history and presence; pure
 * functions of what they are given.  As in sharedb 7.0.0, lib/projections.js:
 * of the document's root only the fields are there, of an op only what it
 * does to them; an op of which nothing is shown is an empty one, so that
 * versions stay in step.  json1, which ShareDB does not project, is by the
 * same rules (ot/json1/fields.c); other types are ERR_UNPROJECTED.
 *
 * A projection of NULL is the whole, and shows everything.
 */
#ifndef CORE_PROJECT_H
#define CORE_PROJECT_H

#include "base/err.h"
#include "core/catalog.h"
#include "ot/buf.h"
#include "ot/op.h"

/*
 * Append the snapshot as it goes into messages, as put_snapshot does.  A
 * document that is not there shows so.  ERR_UNPROJECTED: b is as before.
 */
enum err	project_snapshot(const struct projection *p,
		    const struct snapshot *s, struct buf *b);
/*
 * Append the content alone, as JSON; *shown_out is false when it is
 * undefined, and nothing was appended.  type and data as in a snapshot, not
 * NULL.
 */
enum err	project_data(const struct projection *p,
		    const struct ot_type *type, const struct ot_data *data,
		    struct buf *b, bool *shown_out);
/*
 * An op as readers get it, counted; op itself when all of it is shown.  type
 * is that of the document it was made for, if known (NULL: not); op need not
 * be parsed.  ERR_UNPROJECTED: its type cannot be projected, or (json1) it
 * moves into view what was hidden.
 */
enum err	project_op(const struct projection *p, struct op *op,
		    const struct ot_type *type, struct op **op_out);
/*
 * May an op be submitted through the projection?  A delete may; what sets or
 * changes anything but the fields is ERR_OUTSIDE_PROJECTION.  op is parsed.
 */
enum err	project_check_op(const struct projection *p,
		    const struct op *op);
/*
 * Can every projection of the collection show the op?  Else it may not be
 * submitted at all: ERR_INTO_VIEW.  op is parsed.
 */
enum err	project_check_views(const struct catalog *c,
		    const char *collection, const struct op *op);

#endif
