/*
 * view: a document under one of its names: whole, or through a projection.
 *
 *	doc --- whole -------- "dogs"		readers
 *	    '-- views -------- "dogs_summary"	readers
 *
 * A session may read a document by several names at once; to each it is a
 * document of its own.  What is shown is rendered once and shared by all who
 * read by that name.  A document has at most one view for each projection of
 * its collection, kept as long as the document is.
 */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include <stdint.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/list.h"
#include "core/catalog.h"
#include "ot/buf.h"
#include "ot/op.h"

struct doc;

struct view {
	struct list	 in_doc;	/* doc->views; of the whole: alone */
	struct doc	*doc;
	const struct projection *projection;	/* NULL: the whole */
	char		*name;		/* of the collection, to readers; of the whole: the document's */
	uint64_t	 ordinal;
	struct buf	 shot;		/* the head as put_snapshot wrote it */
	uint64_t	 shot_v;	/* of that version; JOB_NO_VERSION: none */
	struct frame	*frame;		/* of the op that is being published, counted; else NULL */
};

/* The whole view of a document, which it is part of. */
void		 view_init(struct view *w, struct doc *d);
void		 view_done(struct view *w);

/* The one of that name, which is found or made. */
struct view	*doc_view(struct doc *d, const char *name,
		    const struct projection *p);
/* Only if it is here. */
struct view	*doc_view_here(struct doc *d, const struct projection *p);
/* All but the whole go. */
void		 doc_drop_views(struct doc *d);

/*
 * The head as it is shown, as a snapshot goes into messages; valid until the
 * head changes.
 */
enum err	 view_shot(struct view *w, const struct buf **shot_out);
/* Forget renderings of versions from v on, whose ops are taken back. */
void		 doc_forget_shots(struct doc *d, uint64_t v);
/* Free all of them. */
void		 doc_drop_shots(struct doc *d);
/* Free those that are not worth keeping now; returns the bytes kept. */
size_t		 doc_trim_shots(struct doc *d);

/*
 * An op as readers of the view get it, one count the caller's; NULL: it
 * cannot be shown.  The document's type is that of its head.
 */
struct frame	*view_frame(struct view *w, struct op *op);

#endif
