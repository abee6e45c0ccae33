/*
 * resolve: the numeric addresses of a host's name.
 */
#ifndef BUS_RESOLVE_H
#define BUS_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESSES_MAX	8	/* of one name; the rest is ignored */

struct addresses {
	char		*text[ADDRESSES_MAX];	/* heap */
	unsigned	 n;
};

/* Blocks.  False, with the reason in why: out is untouched. */
bool	 resolve(const char *host, struct addresses *out, char *why,
	    size_t why_len);
void	 addresses_done(struct addresses *a);

#endif
