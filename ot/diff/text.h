/*
 * text: where two texts differ.
 *
 *	a	the  [old]  brown fox
 *	b	the  [new ] brown fox ...
 *		      hunk
 *
 * Points 1 of ot/diff.h.  Offsets and lengths are in bytes and never fall
 * into a code point.
 */
#ifndef OT_DIFF_TEXT_H
#define OT_DIFF_TEXT_H

#include <stddef.h>

#include "ot/buf.h"
#include "ot/ot_err.h"

struct text_span {
	const char	*p;	/* WTF-8; never NULL */
	size_t		 len;	/* bytes */
};

/* What the buffer holds; borrowed. */
static inline struct text_span
diff_span(const struct buf *b)
{
	return (struct text_span){ b->data != NULL ? b->data : "", b->len };
}

/* A stretch of a in whose place one of b comes; one of them may be empty. */
struct hunk {
	size_t	 a, a_len;
	size_t	 b, b_len;
};

/* In order, with something that stays between any two. */
struct hunks {
	struct hunk	*hunk;
	size_t		 n, room;
};

void	diff_hunks_done(struct hunks *h);
/*
 * The hunks between a and b, in h, which is empty: { NULL, 0, 0 }.  Takes from
 * *steps what it uses.  OT_ENOMEM; h must be done with in any case.
 */
int	diff_text(const struct text_span *a, const struct text_span *b,
	    size_t *steps, struct hunks *h) OT_MUST_CHECK;
/*
 * The same where it is known what goes and what comes: only what both begin
 * or end with stays.  Offsets are from their beginnings.
 */
struct hunk diff_ends(const struct text_span *a, const struct text_span *b);

#endif
