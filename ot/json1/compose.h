/*
 * compose: json1 ops one after the other, and what one op becomes by itself.
 */
#ifndef OT_JSON1_COMPOSE_H
#define OT_JSON1_COMPOSE_H

#include "ot/json1/edit.h"

/* The op that does first and then second. */
int	 json1_compose(const struct json1_edit *first,
	    const struct json1_edit *second, struct json1_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

/*
 * The op with slots numbered as they come and text ops in normal form
 * (invert.c has this and the next).
 */
int	 json1_normalize(const struct json1_edit *edit,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
/*
 * The op that takes edit back: what is removed must be spelt out in it, as
 * json1_make_invertible does (OT_ETYPE else, for text).
 */
int	 json1_invert(const struct json1_edit *edit,
	    struct json1_edit **edit_out, struct ot_err *err) OT_MUST_CHECK;
/*
 * The op with all that it removes from doc (NULL: undefined) spelt out.
 * OT_EAPPLY when it does not fit.
 */
int	 json1_make_invertible(const struct json1_edit *edit,
	    struct json *doc, struct json1_edit **edit_out,
	    struct ot_err *err) OT_MUST_CHECK;

#endif
