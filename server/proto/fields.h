/*
 * fields: the members of a message, found in its text and not looked into.
 */
#ifndef PROTO_FIELDS_H
#define PROTO_FIELDS_H

#include <stddef.h>

#include "ot/json.h"

/* Every field that some action looks at, by its last value in the text. */
struct fields {
	struct json_slice a, id, c, ch, d, v, ts, seq, src, op, create, del, b,
	    q, o, r, p, pv, t, x, token, protocol, protocol_minor;
};

/*
 * Zeroed before.  0, or negative with the reason in err: not a JSON object.
 * A member that is over a limit of ours, not of JSON (depth, a number no
 * double holds), counts as absent and sets limit, code and text.
 */
int	fields_read(const char *text, size_t len_bytes, unsigned depth_max,
	    struct fields *f,
	    struct ot_err *limit, struct ot_err *err);
/*
 * Append an object of what the author of a message knows it again by; where
 * a member was over a limit, the whole of it is not known to be JSON.
 */
void	fields_put(const struct fields *f, struct buf *b);

#endif
