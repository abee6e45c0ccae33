/*
 * window: the latest ops of one document, by version.
 *
 *	start                     end
 *	  | op | op | op | op | op |
 *	     durable ----^ staged: with an undo
 *
 * A ring; pushing, popping and looking up are O(1).  Holds a count of each
 * op and owns the undos.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"
#include "ot/op.h"

struct window_slot {
	struct op	*op;
	struct op_undo	 undo;		/* empty once the op is durable */
	size_t		 cost;		/* counted in bytes; parsing may rewrite the body */
};

struct window {
	struct window_slot	*slots;	/* ring; cap is a power of two, or 0 */
	size_t			 cap, first, n;
	uint64_t		 start;	/* version of the first op */
	size_t			 bytes;	/* of op bodies, and a sum for the rest */
};

/* Empty, beginning at version v. */
void	 window_init(struct window *w, uint64_t v);
void	 window_done(struct window *w);
/* One past the last op's version. */
uint64_t window_end(const struct window *w);
/* v must be within [start, end). */
struct window_slot *window_at(const struct window *w, uint64_t v);
/* Append op, whose version must be the end; takes a count and the undo. */
void	 window_push(struct window *w, struct op *op,
	    const struct op_undo *undo);
/* Take the last one off; its count and undo go to the caller. */
struct window_slot window_pop(struct window *w);
/*
 * Put older ops before the start, with a count of their own.  Only those
 * that join on without a gap; returns how many did.
 */
size_t	 window_prepend(struct window *w, const struct op_list *older);
/* Drop the oldest until within the ceilings, but nothing from version keep on. */
void	 window_trim(struct window *w, uint64_t keep, size_t max_ops,
	    size_t max_bytes);
/* No more memory than what is in it needs. */
void	 window_fit(struct window *w);

#endif
