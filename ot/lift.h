/*
 * lift: from "transform one component" to "transform a list of them".
 *
 * Shared by text0 and json0, whose ops are lists of components that are
 * executed one after the other.  The algorithm and where it merges are
 * ot-json0's lib/bootstrapTransform.js: results must equal its results.
 */
#ifndef OT_LIFT_H
#define OT_LIFT_H

#include <stddef.h>

#include "ot/ot_err.h"
#include "ot/type.h"

/* Components in one op, those of embedded text ops counted too. */
#define LIFT_PARTS_MAX	65536u
/*
 * Pairs of components that one transform may look at.  The work grows with
 * the product of both lengths, and a client chooses both.
 */
#define LIFT_PAIRS_MAX	(4u << 20)

struct lift_list;

/* What lift must know of a component ("part"). */
struct lift_kind {
	size_t	  size;		/* bytes of a part */
	/* Make to a copy of from, by counting what it holds. */
	void	(*copy)(void *to, const void *from);
	void	(*done)(void *part);
	/* Append a copy of part to list, merging by the type's rule. */
	int	(*append)(struct lift_list *list, const void *part,
		    struct ot_err *err);
	/* Append what part becomes after other. */
	int	(*transform)(struct lift_list *list, const void *part,
		    const void *other, enum ot_side side, struct ot_err *err);
};

struct lift_list {
	const struct lift_kind	*kind;
	void			*parts;	/* heap or lent; NULL: no room yet */
	size_t			 n;
	size_t			 cap;
	const void		*lent;	/* room that is not ours to free */
};

void	 lift_list_init(struct lift_list *list, const struct lift_kind *kind);
/*
 * The same with room for one part at first, which the caller lends for the
 * list's life: most ops have one part.
 */
void	 lift_list_init_lent(struct lift_list *list,
	    const struct lift_kind *kind, void *part);
void	 lift_list_done(struct lift_list *list);
/* Forget the parts, keep the allocation. */
void	 lift_list_clear(struct lift_list *list);

void	*lift_list_at(const struct lift_list *list, size_t i);
/* The last part, NULL when there is none. */
void	*lift_list_last(const struct lift_list *list);
/* Add a copy at the end, merging nothing. */
int	 lift_list_push(struct lift_list *list, const void *part,
	    struct ot_err *err) OT_MUST_CHECK;
/* The same, but takes what part holds, except on failure. */
int	 lift_list_take(struct lift_list *list, const void *part,
	    struct ot_err *err) OT_MUST_CHECK;
void	 lift_list_pop(struct lift_list *list);
/* Add copies of all parts of from, merging nothing. */
int	 lift_list_extend(struct lift_list *list,
	    const struct lift_list *from, struct ot_err *err) OT_MUST_CHECK;
/* Append each part of from by the type's rule. */
int	 lift_list_append(struct lift_list *list,
	    const struct lift_list *from, struct ot_err *err) OT_MUST_CHECK;

/*
 * What op becomes when other was applied first; out is empty and of the same
 * kind.  OT_ELIMIT when it would be too much work.  On failure out holds
 * something of no use.
 */
int	 lift_transform(const struct lift_list *op,
	    const struct lift_list *other, enum ot_side side,
	    struct lift_list *out, struct ot_err *err) OT_MUST_CHECK;

#endif
