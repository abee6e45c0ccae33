/*
 * op: the envelope around a type's edit, and the snapshot it is applied to.
 *
 * What a type need not know: create and delete, versions, who wrote it.  The
 * rules are ShareDB's (sharedb 7.0.0, lib/ot.js).
 *
 * An op is immutable once it has a version and then shared by count; until
 * then its maker alone holds it.  An op read from the store or the bus has
 * its body only; op_parse gives it its edit when somebody needs it.
 */
#ifndef OT_OP_H
#define OT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/ot_err.h"
#include "ot/type.h"

/* Versions and seq are whole numbers that JavaScript holds exactly. */
#define OP_NUMBER_MAX	9007199254740991u

/* Stored as these numbers; never renumber. */
enum op_kind { OP_EDIT = 0, OP_CREATE = 1, OP_DELETE = 2 };

struct op {
	unsigned		 refs;
	enum op_kind		 kind;
	uint64_t		 v;	/* version it applies to; result is v + 1 */
	uint64_t		 seq;	/* with src names the op for ever */
	char			*src;	/* NUL terminated, owned */
	char			*author;	/* a principal's subject; NULL: not known.  Owned. */
	/*
	 * JSON: the wire's "op" for an edit, "create" ({"type":URI,"data":...})
	 * for a create; NULL for a delete.  Owned.
	 */
	char			*body;
	size_t			 body_len;	/* bytes */
	const struct ot_type	*type;	/* whose edit, or what is created; NULL: not parsed yet */
	struct ot_edit		*edit;	/* OP_EDIT, parsed; else NULL.  Owned. */
};

/* A document's content at a version. */
struct snapshot {
	uint64_t		 v;	/* 0: never was */
	const struct ot_type	*type;	/* NULL: does not exist (now) */
	struct ot_data		*data;	/* of that type; NULL with type NULL.  Owned. */
};

/* How to take one op_apply back. */
struct op_undo {
	enum op_kind		 kind;
	const struct ot_type	*type;	/* before */
	struct ot_data		*data;	/* before, for a delete */
	struct ot_undo		*edit;	/* for an edit */
};

/*
 * A new op with one count.  Copies src and body (body NULL for a delete).
 * Parses nothing.  NULL when out of memory.
 */
struct op	*op_new(enum op_kind kind, uint64_t v, const char *src,
		    uint64_t seq, const char *body, size_t body_len);
struct op	*op_ref(struct op *op);
/* While its maker alone holds it.  Copies; false: out of memory. */
bool		 op_set_author(struct op *op, const char *author);
void		 op_unref(struct op *op);	/* NULL is fine */

/*
 * Make sure that the body is understood: for an edit of a document of type,
 * its edit; for a create, that its type is known (type is ignored).  The body
 * becomes canonical JSON, a create's type its URI.
 */
int	op_parse(struct op *op, const struct ot_type *type, struct ot_err *err)
	    OT_MUST_CHECK;

/*
 * Can op, of whatever content, be carried over applied?  0 or one of
 * OT_EDELETED, OT_ECREATED.  Looks at the kinds only; neither need be parsed.
 */
int	op_clash(const struct op *op, const struct op *applied,
	    struct ot_err *err) OT_MUST_CHECK;

/*
 * A new op that is op after applied, which has the same version: version one
 * higher, body as transformed.  Both parsed.  type is the document's.
 * Refusals: OT_EDELETED, OT_ECREATED, OT_ENODOC, or the type's own.
 */
int	op_transform(const struct op *op, const struct op *applied,
	    const struct ot_type *type, struct op **op_out,
	    struct ot_err *err) OT_MUST_CHECK;

/*
 * Apply op to s wholly or not at all; op->v must be s->v.  undo_out may be
 * NULL.
 */
int	op_apply(struct snapshot *s, const struct op *op,
	    struct op_undo *undo_out, struct ot_err *err) OT_MUST_CHECK;
/* Take back the latest op_apply; consumes the undo. */
void	op_unapply(struct snapshot *s, struct op_undo *undo);
void	op_undo_done(struct op_undo *undo);	/* the op stays */

void	snapshot_done(struct snapshot *s);	/* frees the data; s is version 0 */

#endif
