/*
 * delta_window: what an edit makes of the runs of a document.
 *
 * Applying is composing (rich-text 4.1.0, lib/type.js): the runs that an edit
 * touches are pushed again as quill-delta would, and those before and after
 * stay as they are.  For delta.c only.
 */
#ifndef OT_DELTA_WINDOW_H
#define OT_DELTA_WINDOW_H

#include <stddef.h>

#include "ot/delta_edit.h"
#include "ot/delta_runs.h"

#define DELTA_WINDOW_SMALL	DELTA_DRAFT_SMALL	/* runs that need no memory */

/* n runs in the place of some others. */
struct delta_window {
	size_t			 at, count;	/* those others */
	size_t			 n;
	struct delta_run	*run;		/* small, or heap */
	struct delta_run	 small[DELTA_WINDOW_SMALL];
	struct delta_draft	 draft;		/* holds what the runs hold */
};

/*
 * What the edit, which stays within the document, makes of its runs.  They
 * are not changed meanwhile.  OT_ENOMEM; then there is nothing to be done
 * with.
 */
int	 delta_window_init(struct delta_window *w, const struct tree *runs,
	    const struct delta_edit *e) OT_MUST_CHECK;
void	 delta_window_done(struct delta_window *w);

#endif
