/*
 * components: how much an op holds, before its type has read it.
 *
 * Counted are the items of the op's list and of lists in it, not what stands
 * in objects: the components of json0, text0 and the text types, with json1
 * the names of the paths too; and of rich-text the items of its "ops".
 */
#ifndef PROTO_COMPONENTS_H
#define PROTO_COMPONENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/json.h"

/* Are there at most so many?  op is checked JSON.  Reads no more than it has to. */
bool	 components_within(const struct json_slice *op, size_t most);

#endif
