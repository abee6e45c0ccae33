/*
 * trace: whose request an operation was, for who follows requests through many
 * services (W3C Trace Context).
 *
 * A write that comes with a traceparent is signed with a src that begins with
 * its trace id.  So the id is with the operation for ever, in its row and in
 * what readers are told of it, and costs others nothing.  One that names
 * itself by an Idempotency-Key, or by a src of its own, keeps that.
 */
#ifndef REST_TRACE_H
#define REST_TRACE_H

#include <stdbool.h>

#include "rest/call.h"

#define TRACE_ID	33	/* 32 digits and a NUL */

/*
 * The trace id of a traceparent (Trace Context, 3.2.2: version, trace-id,
 * parent-id, trace-flags).  False: it is none, or NULL; such a one is passed
 * over (3.2.2.3).
 */
bool		 trace_read(const char *traceparent, char id_out[TRACE_ID]);
/*
 * The src of what this call writes, the same each time, in its arena:
 * "trace:", the trace id, "-", and what makes it one that nobody else has.
 * NULL: the call comes without a trace.
 */
const char	*trace_src(struct rest_call *call);

#endif
