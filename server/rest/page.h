/*
 * page: lists that are too long for one answer (RFC 8288).
 */
#ifndef REST_PAGE_H
#define REST_PAGE_H

#include "rest/call.h"

#define PAGE_MAX	1000	/* entries, whatever "limit" says */

/* "limit"; false: it is none, the call is answered. */
bool	 page_limit(struct rest_call *call, uint64_t *limit_out);
/*
 * Link: the next page, which is this request with parameter name as value.
 * The value needs no escapes.
 */
void	 page_link(struct rest_call *call, const char *name,
	    const char *value);
/* Does Accept name this type, or a range that ends in it? */
bool	 page_accepts(const struct rest_call *call, const char *type);

#endif
