/*
 * trace: the src of a write that comes with a traceparent (core/trace.h).
 *
 * One that names itself by an Idempotency-Key, or by a src of its own, keeps
 * that: by it the write is known again when it comes twice, perhaps in another
 * trace.
 */
#ifndef REST_TRACE_H
#define REST_TRACE_H

#include "rest/call.h"

/*
 * The src of what this call writes, the same each time, in its arena: the
 * trace, and what makes it one that nobody else has.  NULL: the call comes
 * without a trace.
 */
const char	*trace_src(struct rest_call *call);

#endif
