/*
 * span: edits of a document in a row, to be made one.
 *
 *	from                         to
 *	  | e0 | e1 | e2 | e3 | e4 |		as they were sent
 *	  | .  | .  | .  | .  | E  |		E = e0 e1 e2 e3 e4, . does nothing
 *
 * 1. Versions stay: each of them still has its op, with who sent it and when.
 * 2. E stands at the end, not at the beginning: whoever asks for the document
 *    at a version within, or at a time, gets what it was before, never what
 *    it was to become.
 * 3. E is what the type's compose makes of them, read back from the text that
 *    will be stored, and proved: applied to the content at from it prints the
 *    content at to, byte for byte.
 * 4. Transforming over E is not the same as transforming over e0 to e4 one by
 *    one, and an author who comes back would not find its op in it: clients
 *    are not caught up across a span (core/job.h, job_ops).
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"

/* Of the composition: 2^SPAN_LEVELS edits at most. */
#define SPAN_LEVELS	40

struct span {
	uint64_t	 from;
	uint64_t	 n;		/* edits so far */
	uint64_t	 n_full;	/* of them, that do anything */
	int		 is_last_full;	/* does the newest? */
	size_t		 bytes;		/* of their bodies, as they were stored */
	const struct ot_type *type;	/* NULL: there is no document at from */
	char		*before;	/* the content at from; NULL: undefined.  Owned. */
	size_t		 before_len;	/* bytes */
	/* Compositions of 2^i edits each, or NULL; older ones above.  Owned. */
	struct ot_edit	*levels[SPAN_LEVELS];
};

/* JSON of the type's edit that does nothing; static. */
const char	*span_empty(const struct ot_type *type);

/* Empty, at what s shows.  What sp held before is gone. */
void		 span_begin(struct span *sp, const struct snapshot *s);
void		 span_done(struct span *sp);	/* and begun no more */
/*
 * The next edit, as it was stored; not yet parsed.  As the type's edit_parse
 * and compose; the span is of no use then.
 */
int		 span_add(struct span *sp, const struct op *op,
		    struct ot_err *err) OT_MUST_CHECK;
/*
 * All of them as one, in *body_out, heap, with a NUL behind len; after is the document behind them.
 * At least one must have been added.  As compose; OT_EAPPLY when it does not
 * lead to after.
 */
int		 span_end(struct span *sp, const struct snapshot *after,
		    char **body_out, size_t *len_out,
		    struct ot_err *err) OT_MUST_CHECK;

#endif
