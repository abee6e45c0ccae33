/*
 * seq: which elements of two sequences stay, so that few go and come.
 *
 * Elements are numbers: code points, or the numbers that ot/diff/symbols.h
 * gives to longer things.
 *
 * Myers' O(ND) algorithm in linear space (An O(ND) Difference Algorithm and
 * Its Variations, 1986), exact while no more than 2 * SEQ_EXACT elements
 * differ.  Where more do, the sequences are cut at elements that both have
 * just once (Cohen's patience diff), or else where the search has come
 * furthest, and looked at piece by piece.
 */
#ifndef OT_DIFF_SEQ_H
#define OT_DIFF_SEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/ot_err.h"

#define SEQ_EXACT	128

struct seq {
	const uint32_t	*at;
	size_t		 n;
	/* n of them, all false before: this one has no partner. */
	bool		*changed;
};

/*
 * As little as possible, and no time is spent where that is more than
 * SEQ_EXACT; or come what may.
 */
enum seq_effort { SEQ_IF_FEW, SEQ_IN_ANY_CASE };

/*
 * Set changed.  What is left unchanged in a and b is pairwise equal, in order.
 * symbols: all elements are below it, and it is about as small as may be; 0:
 * not known, and elements are few or frequent.  Takes from *steps what it
 * uses; when there is no more, all that was not looked at is changed.
 * 0, or 1: more changed than was asked for, and changed is of no use; or
 * OT_ENOMEM.
 */
int	diff_seq(const struct seq *a, const struct seq *b, size_t symbols,
	    enum seq_effort effort, size_t *steps) OT_MUST_CHECK;

#endif
