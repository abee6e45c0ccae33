/*
 * calls: the functions that ot-tool can be asked for, by name.
 */
#ifndef OT_TOOL_CALLS_H
#define OT_TOOL_CALLS_H

#include <stdbool.h>

#include "ot/json.h"
#include "ot/type.h"

/* A call being answered: the result goes to out. */
struct call {
	const struct ot_type	*type;
	const struct json_slice	*args;
	struct buf		*out;
	bool			 undefined;	/* so is the result */
	struct ot_err		*err;
};

/* 0, or negative with the reason in c->err. */
int	call_function(const char *fn, struct call *c) OT_MUST_CHECK;

#endif
