/*
 * rope: long text that is edited anywhere in O(log n).
 *
 * A tree (ot/tree.h) whose leaves hold some hundreds of bytes of WTF-8.  A
 * leaf whose sizes in all three units agree is ASCII and is never scanned.
 * The tree's finger makes an edit next to the previous one cheap.  A short
 * text is one leaf, no larger than it needs.
 *
 * rope_share copies a rope in O(1).  That is how an edit of many steps is
 * made whole-or-nothing, and how it is taken back without needing memory:
 * keep a share, put it back.
 *
 * Positions and lengths are in the unit given with them.  The text is always
 * in the normal form of ot/utf.h, at leaf seams as everywhere: an edit that
 * makes a high surrogate meet a low one joins them, and one at a UTF-16
 * position between the halves of a pair splits it.
 */
#ifndef OT_ROPE_H
#define OT_ROPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/ot_err.h"
#include "ot/tree.h"

#define ROPE_BYTES_MAX	0x7fffffffu	/* most that a rope holds */

/* The units of a struct tree_size. */
enum rope_unit { ROPE_BYTES, ROPE_CP, ROPE_U16 };

struct rope {
	struct tree	 tree;		/* private */
};

/* An empty rope. */
void	 rope_init(struct rope *r);
/* Free everything; r is empty afterwards. */
void	 rope_done(struct rope *r);
/*
 * Make copy, which must be empty, the same text as r.  O(1); r gives up its
 * finger.  Each is edited and done with on its own afterwards.
 */
void	 rope_share(struct rope *r, struct rope *copy);
/* What r has becomes what from had, and from is empty. */
void	 rope_move(struct rope *r, struct rope *from);

/* One byte for each code point: nothing but ASCII. */
static inline bool
rope_size_ascii(struct tree_size size)
{
	return size.of[ROPE_BYTES] == size.of[ROPE_CP];
}

/* The size of WTF-8 text; at most ROPE_BYTES_MAX bytes. */
struct tree_size rope_measure(const char *text, size_t len_bytes);

static inline size_t
rope_length(const struct rope *r, enum rope_unit unit)
{
	return r->tree.size.of[unit];
}

/* Bytes of memory that the nodes take, shared ones included.  O(1). */
size_t	 rope_memory(const struct rope *r);

/*
 * Insert text, WTF-8 in normal form whose size is as rope_measure tells,
 * before pos (at most the length).  Unit is ROPE_CP or ROPE_U16.  OT_ELIMIT
 * past ROPE_BYTES_MAX, OT_ENOMEM; then r is unchanged.  O(log n + size).
 */
int	 rope_insert(struct rope *r, enum rope_unit unit, size_t pos,
	    const char *text, struct tree_size size) OT_MUST_CHECK;
/*
 * Delete len from pos on, all of it within the text.  OT_ENOMEM; then r is
 * unchanged.
 */
int	 rope_delete(struct rope *r, enum rope_unit unit, size_t pos, size_t len)
	    OT_MUST_CHECK;
/*
 * Append to b the text of len from pos on, all of it within the text, halves
 * of split pairs as lone surrogates.
 */
void	 rope_read(const struct rope *r, enum rope_unit unit, size_t pos,
	    size_t len, struct buf *b);

/* Walk the text in pieces.  The rope must not be edited meanwhile. */
void	 rope_walk_init(struct tree_walk *w, const struct rope *r);
/* The next piece, which holds whole code points; false at the end. */
bool	 rope_walk_next(struct tree_walk *w, const char **text_out,
	    size_t *len_bytes_out);

/* For tests: asserts every invariant.  O(n). */
void	 rope_check(const struct rope *r);

#endif
