/*
 * trace: whose request an operation was, for who follows requests through many
 * services (W3C Trace Context).
 *
 * The src of what came with a trace begins with it, "trace:ID-SRC".  So the id
 * is with the operation for ever, in its row and in what readers are told of
 * it, and costs others nothing.  Anybody may say any trace: it is no proof.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACE_ID	33	/* 32 digits and a NUL */
#define TRACE_MORE	39	/* bytes before the src: "trace:", the id, "-" */

/*
 * The trace id of a traceparent (Trace Context, 3.2.2: version, trace-id,
 * parent-id, trace-flags).  False: it is none, or NULL; such a one is passed
 * over (3.2.2.3).
 */
bool		 trace_read(const char *traceparent, char id_out[TRACE_ID]);
/* The src with its trace before it; size is TRACE_MORE and room for the src. */
void		 trace_sign(const char id[TRACE_ID], const char *src, char *out,
		    size_t size);
/* What stands behind the trace of a src; the src itself when it has none. */
const char	*trace_behind(const char *src);

#endif
