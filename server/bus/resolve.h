/*
 * resolve: the numeric addresses of a host's name.
 */
#ifndef BUS_RESOLVE_H
#define BUS_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESSES_MAX	8	/* of one name; the rest is ignored */

struct loop;

struct addresses {
	char		*text[ADDRESSES_MAX];	/* heap */
	unsigned	 n;
};

/* Blocks.  False, with the reason in why: out is untouched. */
bool	 resolve(const char *host, struct addresses *out, char *why,
	    size_t why_len);
void	 addresses_done(struct addresses *a);

/*
 * The same in a thread of its own, for where nothing may block.  call runs
 * once, in the loop's thread; found is NULL when there is no address, else
 * lent for the call.  The lookup is gone before call runs.
 */
struct lookup;
typedef void lookup_call(const struct addresses *found, void *arg);

/* NULL when the system has no thread for it. */
struct lookup	*lookup_start(struct loop *loop, const char *host,
		    lookup_call *call, void *arg);
/* call will not run.  Does not wait for the thread.  NULL is fine. */
void		 lookup_cancel(struct lookup *l);

#endif
