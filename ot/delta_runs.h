/*
 * delta_runs: how the text of a document is cut into runs.
 *
 * A run is a stretch of text with the same attributes, or one embed.  Runs
 * are kept as they came: neighbours may be alike.  They lie in a tree
 * (ot/tree.h), found by number or by UTF-16 position; the text itself is
 * elsewhere, with a placeholder of one unit for each embed.
 */
#ifndef OT_DELTA_RUNS_H
#define OT_DELTA_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json_value.h"
#include "ot/ot_err.h"
#include "ot/tree.h"

/* The units of the tree's sizes; the second is not used. */
enum { DELTA_RUNS, DELTA_UNUSED, DELTA_U16 };

struct delta_run {
	uint32_t		 len_u16;	/* at least 1 */
	struct json		*embed;		/* NULL: text */
	struct json		*attrs;		/* NULL: none */
};

void	 delta_runs_init(struct tree *t);
/*
 * Put n runs in the place of count runs from number at on, which are there.
 * Holds what the new runs hold once more.  On OT_ENOMEM or OT_ELIMIT the tree
 * is a torso: the caller has kept a share of it.
 */
int	 delta_runs_replace(struct tree *t, size_t at, size_t count,
	    const struct delta_run *run, size_t n) OT_MUST_CHECK;
/*
 * Make the next delta_runs_swap of n runs from number at on possible; false
 * when it is not: they are in several leaves, or memory ran out.
 */
bool	 delta_runs_prepare(struct tree *t, size_t at, size_t n);
/*
 * Put the same number of other runs in the place of these, which come back in
 * run; what they hold moves along.  The same again takes it back.  Cannot
 * fail when prepared, or to take back the latest change of the tree.
 */
void	 delta_runs_swap(struct tree *t, size_t at, struct delta_run *run,
	    size_t n);
/* Hold once more, or let go of, what a run holds. */
void	 delta_run_ref(const struct delta_run *run);
void	 delta_run_unref(const struct delta_run *run);
size_t	 delta_runs_memory(const struct tree *t);

/* Reads runs one after the other. */
struct delta_runs_walk {
	struct tree_walk	 w;
	size_t			 at;	/* number of the next run */
	uint32_t		 i;	/* of it in its leaf */
};

/* Stand before run number at. */
void	 delta_runs_walk_init(struct delta_runs_walk *w, const struct tree *t,
	    size_t at);
/* The next run, borrowed from the tree; NULL at the end. */
const struct delta_run *delta_runs_walk_next(struct delta_runs_walk *w);
/*
 * The number of the run that holds the unit at pos_u16, or the count of runs
 * at the end; *start_out is where the run begins, *run_out the run, borrowed,
 * or NULL at the end.
 */
size_t	 delta_runs_find(const struct tree *t, size_t pos_u16,
	    size_t *start_out, const struct delta_run **run_out);

/* For tests. */
void	 delta_runs_check(const struct tree *t);

#endif
