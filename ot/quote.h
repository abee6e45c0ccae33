/*
 * quote: an edit of text that quotes what it changes, so that nobody has to
 * count positions.
 *
 *	{"replace": "colour", "with": "color",		the words, and new ones
 *	    "before": "the ", "after": " of",		right around them
 *	    "occurrence": 2,				which, from 1
 *	    "at": "/body"}				in which string
 *
 * The place is where before, replace and after follow one another exactly.
 * Without occurrence there must be one such place and no other.  replace may
 * be missing or "": with goes between before and after; one of them must
 * have something, unless the text itself is empty.  with missing or "":
 * replace is taken out.
 *
 * Works on text, text-unicode, text0; on the text of rich-text, where with
 * gets the attributes of what it replaces, or of the character before; and
 * on strings in json0 and json1, where "at" is a JSON Pointer (RFC 6901), ""
 * or missing being the document itself.
 */
#ifndef OT_QUOTE_H
#define OT_QUOTE_H

#include <stddef.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/ot_err.h"
#include "ot/type.h"

/*
 * Append to edit_out, as JSON, the edit of the type that does to doc (as the
 * type prints it) what quote, an object as above, says.  1: there is an edit;
 * 0: with is what is there already.  OT_EBADLY: no such object, with the field
 * named; OT_EAPPLY: no such place, or several, err tells how many;
 * OT_EUNSUP: another type.  Linear in the size of doc and quote.  On failure
 * what edit_out has is of no use.
 */
int	quote_edit(const struct ot_type *type, const struct json_slice *doc,
	    const struct json_slice *quote, struct buf *edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

#endif
