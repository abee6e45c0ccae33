/*
 * json0_journal: what an op changed in a document, newest last; private to
 * json0_apply.c, which makes the steps, and json0_journal.c, which takes them
 * back.
 *
 * Steps point at containers.  That is sound because a container that was
 * changed belongs to the document alone (json_own), nothing in the document
 * is ever shared with anybody later, and steps are taken back newest first;
 * so until then the container is where it was, and has the keys that it had.
 */
#ifndef OT_JSON0_JOURNAL_H
#define OT_JSON0_JOURNAL_H

#include "ot/json0.h"

enum json0_step_kind {
	STEP_VALUE,	/* a value replaced: in the root, a list or a member */
	STEP_ADDED,	/* a member added to an object */
	STEP_REMOVED,	/* a member taken out of an object; key is counted */
	STEP_INSERTED,	/* an item put into a list */
	STEP_DELETED,	/* an item taken out of a list */
	STEP_MOVED,	/* an item moved within a list */
	STEP_TEXT,	/* text put into or taken out of a string */
};

struct json0_step {
	enum json0_step_kind	 kind;
	bool			 insert;	/* STEP_TEXT */
	struct json		*in;		/* container or string; NULL: the root */
	size_t			 index;		/* in a list; of text, in units */
	size_t			 to;		/* STEP_MOVED */
	struct json_key		*key;		/* in an object; the object's own */
	struct json_key		*after;		/* STEP_REMOVED: as in json_gone */
	struct json		*old;		/* what was there; the text.  Counted. */
};

/* The type's struct ot_undo. */
struct json0_journal {
	size_t			 size;		/* of the data before, bytes */
	size_t			 n;
	struct json0_step	 steps[];
};

/* Free what the step holds: it will not be taken back. */
void	json0_step_free(struct json0_step *s);

#endif
