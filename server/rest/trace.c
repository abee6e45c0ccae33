#include "rest/trace.h"

#include <string.h>

#include "core/trace.h"
#include "rest/rest_in.h"

#define CHANCE_LEN	16	/* digits: 64 bits */

const char *
trace_src(struct rest_call *call)
{
	char id[TRACE_ID], chance[33], src[TRACE_MORE + sizeof(chance)];

	if (call->trace_src != NULL ||
	    !trace_read(rest_asked(call, NET_TRACEPARENT), id))
		return call->trace_src;
	rest_random_id(chance);
	chance[CHANCE_LEN] = '\0';
	trace_sign(id, chance, src, sizeof(src));
	call->trace_src = arena_copy(&call->arena, src, strlen(src));
	return call->trace_src;
}
