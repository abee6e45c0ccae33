/*
 * delta_attr: the attributes of a piece of rich text.
 *
 * An object of the value tree, shared and never changed; NULL for none, and
 * never empty.  The rules are quill-delta 4.2.2's, src/AttributeMap.ts.  The
 * functions give 0 and a counted map, or OT_ENOMEM.
 */
#ifndef OT_DELTA_ATTR_H
#define OT_DELTA_ATTR_H

#include <stdbool.h>

#include "ot/json_value.h"
#include "ot/ot_err.h"

static inline struct json *
delta_attr_ref(struct json *attrs)
{
	return attrs != NULL ? json_ref(attrs) : NULL;
}

/* Deeply, the order of names not counting. */
bool	 delta_attr_equal(const struct json *a, const struct json *b);
/*
 * b laid over a.  Unless keep_null, an entry of b that is null takes a's away
 * and vanishes; nulls of a stay.
 */
int	 delta_attr_compose(struct json *a, struct json *b, bool keep_null,
	    struct json **attrs_out) OT_MUST_CHECK;
/* How b changes when a came first; with priority a's entries hold. */
int	 delta_attr_transform(struct json *a, struct json *b, bool priority,
	    struct json **attrs_out) OT_MUST_CHECK;
/* What takes attrs back from text that had base. */
int	 delta_attr_invert(struct json *attrs, struct json *base,
	    struct json **attrs_out) OT_MUST_CHECK;

#endif
