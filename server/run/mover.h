/*
 * mover: brings documents with their whole history into the store.
 *
 *	mover_begin   mover_op mover_op ...   mover_end
 *	   |             |
 *	   |          replayed by libot: the content that is written is ours,
 *	   |          and operations that do not apply are not taken
 *	what the store has already is not written again, but must be the same
 *
 * 1. Operations go through the store's own commits, in parcels that build on
 *    a version: so there is no gap and none is there twice, whoever else
 *    writes, and wherever this was broken off.  Begun again, it goes on.
 * 2. Nothing of a document is written before it has ended, or is long; one
 *    that turns out to be broken leaves nothing behind, unless it is long.
 * 3. What was compacted where it comes from is so here: its horizon moves as
 *    well, when all of it is in.  Nothing below goes behind operations that
 *    are not the same to the letter: parts of before and of after compaction
 *    do not fit together.
 * 4. One commit is under way while the next is prepared.
 *
 * It works on a store of its own: not next to a server on the embedded one.
 */
#ifndef RUN_MOVER_H
#define RUN_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ot/op.h"
#include "run/config.h"

struct mover;

enum mover_fate {
	MOVER_ON,
	MOVER_FAILED,	/* this document does not go on; the next may */
	MOVER_OVER,	/* the store is away; told */
};

/* What a document is, says where it comes from. */
struct mover_doc {
	const char	*collection, *id;
	const char	*owner;		/* a subject; NULL: nobody's */
	uint64_t	 v;		/* its version there */
	uint64_t	 horizon;	/* operations below stand for others; 0: none do */
	int64_t		 at_ms;		/* of its base, if no operation follows */
};

/* Who may do what with it beside the rules. */
struct mover_grant {
	const char	*subject, *role;
	const char	*expires_ms;	/* since 1970, as a text; NULL: stays */
	const char	*granted_by;	/* NULL: an administrator */
};

/* Its content there; of mover_end. */
struct mover_content {
	uint64_t	 v;
	const char	*type;		/* by name or URI; NULL: deleted */
	const char	*data;		/* JSON; NULL: undefined */
	size_t		 len;		/* bytes */
};

/*
 * Open the store that the settings name, applying migrations to an empty one.
 * Reports go to out.  verifies: what was brought is read back and compared.
 * NULL, told on stderr, when the store cannot be opened.
 */
struct mover	*mover_open(const struct config *config, bool verifies,
		    FILE *out);
/* How many documents are to come, for the bar. */
void		 mover_expect(struct mover *m, uint64_t documents);
/*
 * Everything is written; tells how much.  is_whole: all there was has come.
 * An exit code: 0; 1, something could not be taken, or is not the same.
 */
int		 mover_close(struct mover *m, bool is_whole);

/*
 * A document begins, from base, or from nothing when base->v is 0; base is
 * moved out of in any case.  MOVER_FAILED: it is not to be had, and mover_why
 * says why.
 */
enum mover_fate	 mover_begin(struct mover *m, const struct mover_doc *doc,
		    struct snapshot *base);
/*
 * Somebody may do something with it, once it is there.  MOVER_FAILED: there is
 * no such role.
 */
enum mover_fate	 mover_grant(struct mover *m, const struct mover_grant *g);
/*
 * Its next operation, taken over; stored at that time, which is moved up when
 * it is before the one of the operation before.
 */
enum mover_fate	 mover_op(struct mover *m, struct op *op, int64_t at_ms);
/*
 * It ends.  Of one that failed the reason is told; else the content is
 * compared, unless NULL.
 */
enum mover_fate	 mover_end(struct mover *m, const struct mover_content *c);
/*
 * Forget that it was begun, without a word; false: something of it was
 * written, or the store has another of its name: it has to end.
 */
bool		 mover_forget(struct mover *m);

/* Why the document failed; borrowed. */
const char	*mover_why(const struct mover *m);
/* Its type as replayed; NULL: it does not exist. */
const struct ot_type *mover_type(const struct mover *m);
/*
 * Tell something about a document; is_bad: it counts as one that could not
 * be taken whole.
 */
void		 mover_tell(struct mover *m, const char *collection,
		    const char *id, bool is_bad, const char *fmt, ...)
		    __attribute__((format(printf, 5, 6)));

#endif
