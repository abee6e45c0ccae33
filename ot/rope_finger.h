/*
 * rope_finger: going to a leaf of a rope and changing it.  For rope.c only.
 *
 * Every change of a rope is one rope_finger_replace or several.
 */
#ifndef OT_ROPE_FINGER_H
#define OT_ROPE_FINGER_H

#include "ot/rope.h"

#define ROPE_REPLACE_MAX 252	/* bytes that one replace can bring in */

/*
 * Put the finger on the leaf that holds the unit at pos; with end_will_do, on
 * one that pos is in or at the end of.  The rope is not empty.  Copies what
 * is shared on the way, so it may fail with OT_ENOMEM, the text unchanged.
 */
int	 rope_finger_seek(struct rope *r, enum rope_unit unit, size_t pos,
	    bool end_will_do) OT_MUST_CHECK;
/*
 * Replace the bytes [from, to) of the leaf under the finger, whose size is
 * gone, by text of size add, at most ROPE_REPLACE_MAX bytes; both end between
 * code points.  The rope may lose its finger.  OT_ENOMEM, OT_ELIMIT; then
 * nothing is changed.
 */
int	 rope_finger_replace(struct rope *r, uint32_t from, uint32_t to,
	    struct rope_size gone, const char *text, struct rope_size add)
	    OT_MUST_CHECK;

#endif
