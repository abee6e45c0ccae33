/*
 * oplog: the operations of one document, read from the store in order.
 *
 * By ROWS_OPS, a page at a time, and so with who and when, and also next to a
 * server on the embedded store.
 */
#ifndef RUN_OPLOG_H
#define RUN_OPLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "run/asker.h"

/* One operation; texts are borrowed until the next is asked for. */
struct oplog_row {
	uint64_t	 v, seq;
	uint64_t	 head_v;	/* the document's version when it was read */
	uint64_t	 horizon;	/* and below which ops stood for others */
	int64_t		 at_ms;		/* stored, since 1970 */
	enum op_kind	 kind;
	const char	*src;
	const char	*author;	/* NULL: not known */
	const char	*body;		/* NULL: a delete */
};

struct oplog {
	struct asker	*a;
	const char	*collection, *id;	/* borrowed */
	uint64_t	 next;		/* version from which to read on */
	struct job	*page;		/* NULL: to be asked for */
	size_t		 i;		/* the next row of it */
};

/* From version from on. */
void	oplog_init(struct oplog *l, struct asker *a, const char *collection,
	    const char *id, uint64_t from);
void	oplog_done(struct oplog *l);
/*
 * 1 and the next operation; 0: there is none, now (asked again, it looks
 * again); -1: the store did not answer, with the reason in *why_out and in
 * l->a->err.
 */
int	oplog_next(struct oplog *l, struct oplog_row *row_out,
	    const char **why_out);

/* A new op of it, counted. */
struct op *oplog_op(const struct oplog_row *row);

#endif
