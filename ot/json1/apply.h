/*
 * apply: changing a document by a json1 op, and changing it back.
 */
#ifndef OT_JSON1_APPLY_H
#define OT_JSON1_APPLY_H

#include <stddef.h>

#include "ot/json1/edit.h"

enum json1_step_kind {
	JSON1_TAKEN,	/* a value picked up or removed from a place */
	JSON1_PUT,	/* a value dropped or inserted at a place */
	JSON1_REPLACED,	/* the value at a place */
	JSON1_TEXT_IN,	/* text put into a string */
	JSON1_TEXT_OUT	/* text taken out of a string */
};

/* One change, and what it takes to undo it. */
struct json1_step {
	enum json1_step_kind	 kind;
	struct json		*in;		/* container or string; NULL: the root */
	size_t			 index;		/* in a list; of text, in UTF-16 units */
	size_t			 len_u16;	/* of text */
	struct json_key		*key;		/* in an object, and its own; TAKEN: owned */
	struct json_key		*after;		/* TAKEN: as in json_gone */
	/*
	 * TAKEN: the value, NULL once it is put elsewhere.  REPLACED, TEXT_OUT:
	 * what was there.  Owned.
	 */
	struct json		*old;
	size_t			 from;		/* PUT: the step that took it */
};

#define JSON1_FROM_OP	SIZE_MAX	/* PUT: an inserted value */

#define JSON1_STEPS	8	/* that need no allocation */

/* One run of json1_apply. */
struct json1_run {
	struct json		**root;
	struct json1_held	*held;		/* by slot */
	struct json1_step	*steps;		/* small, or heap */
	size_t			 n, room;
	bool			 once;		/* there is one change, never undone */
	ptrdiff_t		 grown;		/* bytes */
	struct ot_err		*err;
	struct json1_step	 small[JSON1_STEPS];
};

/* Make room for n more steps. */
int	 json1_run_reserve(struct json1_run *run, size_t n) OT_MUST_CHECK;
/* Record a step, for which there is room. */
void	 json1_run_record(struct json1_run *run, struct json1_step step);

/* Change the string at place by text (apply_text.c). */
int	 json1_apply_text(struct json1_run *run,
	    const struct json_place *place, const struct json1_text *text)
	    OT_MUST_CHECK;

/* The steps of a run that succeeded. */
struct json1_journal {
	ptrdiff_t		 grown;		/* bytes */
	size_t			 n;
	struct json1_step	 steps[];
};

/*
 * Apply edit to the value in *root (NULL: undefined), wholly or not at all.
 * The journal is handed out unless journal_out is NULL; *grown_out is by how
 * many bytes the value grew, roughly.
 */
int	 json1_apply(struct json **root, const struct json1_edit *edit,
	    struct json1_journal **journal_out, ptrdiff_t *grown_out,
	    struct ot_err *err) OT_MUST_CHECK;
/* Change *v by comp, which has a change; on failure it is as before. */
int	 json1_apply_change(struct json **v, const struct json1_comp *comp,
	    struct ot_err *err) OT_MUST_CHECK;
/* Take the changes back, the latest first; consumes the journal. */
void	 json1_rollback(struct json **root, struct json1_journal *journal);
void	 json1_journal_free(struct json1_journal *journal);	/* NULL is fine */

#endif
