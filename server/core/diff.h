/*
 * diff: how one order of things becomes another, in ShareDB's steps.
 *
 *	removes, then moves, then inserts; each counts in the list as the
 *	steps before it left it
 *
 * The steps are those of the npm package arraydiff 0.1, which sharedb 7.0.0
 * sends (lib/query-emitter.js), for lists without doubles: stretches that
 * stay together move together.
 */
#ifndef CORE_DIFF_H
#define CORE_DIFF_H

#include <stddef.h>

#define DIFF_NONE	((size_t)-1)

enum diff_kind { DIFF_REMOVE, DIFF_MOVE, DIFF_INSERT };

struct diff_step {
	enum diff_kind	kind;
	size_t		from;	/* remove, move: index of the first */
	size_t		to;	/* move, insert: index of the first afterwards */
	size_t		n;	/* how many */
};

struct diff {
	struct diff_step	*steps;		/* heap */
	size_t			 n, cap;
};

/*
 * places[i] is where the thing at i goes, an index below n_after, or
 * DIFF_NONE: nowhere.  No two go to one place; where nothing goes something
 * new comes, and its insert's index is that of the list as it will be.
 *
 * O(n) beside the square of the stretches that change their order; when those
 * are too many, everything is removed and inserted anew.
 */
void	diff_make(struct diff *d, const size_t *places, size_t n_before,
	    size_t n_after);
void	diff_done(struct diff *d);

#endif
