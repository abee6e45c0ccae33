/*
 * sharedb_doc: one document as ShareDB stored it.
 *
 * Operations are those of sharedb 7.0.0 (lib/ot.js): {"src", "seq", "v", "m"}
 * and one of "create", "op", "del", or none of them: an operation that does
 * nothing, which is what a delete becomes that met another one.
 */
#ifndef RUN_SHAREDB_DOC_H
#define RUN_SHAREDB_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "run/mover.h"

/*
 * The op of a row, counted, and when it was made, 0 if that is not said.  v is
 * the version that it applies to; type what it finds there, NULL: nothing.
 * NULL, with the reason in err.
 */
struct op *sharedb_op(const char *json, size_t len_bytes, uint64_t v,
	    const struct ot_type *type, int64_t *at_ms_out,
	    struct ot_err *err);

/* Content as a snapshot has it; refused when its type does not know it. */
int	 sharedb_snapshot(const struct mover_content *c, struct snapshot *out,
	    struct ot_err *err);

/*
 * Of a document whose early operations are gone: how far the content can be
 * taken back from c, which the ops lead to, operation by operation.  The
 * index of the first that can be kept, ops->n: none; *base_out is the content
 * before it.  What is kept leads from there to c again.
 */
int	 sharedb_walk_back(const struct op_list *ops,
	    const struct mover_content *c, size_t *first_out,
	    struct snapshot *base_out, struct ot_err *err);

#endif
