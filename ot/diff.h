/*
 * diff: the edit that leads from one content of a document to another.
 *
 *	from, to --diff_edit--> {"si": ...}, [5, "abc"], ... of the type
 *
 * For whoever knows what a document shall be, not what somebody did: the edit
 * says as little as it can, so that what others write meanwhile, and their
 * cursors, stay where they are.
 *
 * 1. Text is compared by characters where little changed, else by words,
 *    and by stretches of about a line before.  A cut never falls into a
 *    character.  What is alike by chance (a letter or two between changes) is
 *    not kept.
 * 2. Lists are aligned by equal items.  What is left between them is paired by
 *    kind, in order, and looked into: an item that changed in place is edited
 *    there.  An item that is only somewhere else is moved, if there is just
 *    one like it.
 * 3. Objects are compared by member.  The order of members does not count.
 * 4. Strings in json0 and json1 are edited as text, but replaced when they are
 *    short and little of them stays ("open" to "done").  Numbers are replaced:
 *    that is what was asked for, not to add something.
 * 5. rich-text: as Delta.diff of quill-delta: inserts and deletes, and retains
 *    with the attributes that changed.
 *
 * Least effort is not promised, only looked for: with as many steps as
 * DIFF_STEPS says for the size.  What is not told apart by then is replaced
 * as a whole.  So the work is linear in the size of both contents.
 */
#ifndef OT_DIFF_H
#define OT_DIFF_H

#include <stddef.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"
#include "ot/type.h"

/* Steps of comparing for contents of so many bytes together. */
#define DIFF_STEPS(bytes)	(((size_t)1 << 20) + (size_t)(bytes))

/*
 * Append to edit_out, as JSON, the edit of the type that makes to of from.
 * Both are contents as the type prints them (or as create takes them); NULL,
 * or a slice that is absent: undefined.  1: there is an edit; 0: they are the same,
 * and nothing was appended.  OT_EJSON, OT_EBADLY, OT_ETYPE, OT_ELIMIT: a
 * content is none of the type's; OT_EUNSUP: another type.  On failure what edit_out has is of no use.
 */
int	diff_edit(const struct ot_type *type, const struct json_slice *from,
	    const struct json_slice *to, struct buf *edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

#endif
