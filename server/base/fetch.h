/*
 * fetch: HTTP requests of our own, on the loop: JWKS, webhooks.
 *
 * The only file that names libcurl.  https and http; redirects are not
 * followed; certificates are checked; proxies of the environment are ignored.
 */
#ifndef BASE_FETCH_H
#define BASE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fetcher;		/* one a process */
struct fetch;		/* one request under way */
struct loop;

struct fetch_request {
	const char		*url;
	const char		*method;	/* NULL: GET */
	const char *const	*headers;	/* "Name: value", no line breaks */
	size_t			 n_headers;
	const void		*body;		/* NULL: none */
	size_t			 body_len;	/* bytes */
	uint64_t		 timeout_ms;	/* all in all */
	size_t			 max_bytes;	/* of the answer's body; more: it failed */
	/*
	 * May it go to addresses of this machine and of private networks?
	 * Else such an address (inside.h) fails, also when a name leads there.
	 */
	bool			 inside;
};

struct fetch_answer {
	int		 status;	/* of HTTP; 0: it failed */
	const char	*why;		/* it failed: one sentence; else NULL */
	const char	*body;		/* NUL terminated */
	size_t		 len;		/* bytes */
	uint64_t	 max_age_s;	/* Cache-Control, 0: not said */
	uint64_t	 retry_after_s;	/* 0: not said */
};

typedef void fetch_done(void *arg, const struct fetch_answer *answer);

/* NULL: the system refuses. */
struct fetcher	*fetcher_new(struct loop *loop);
void		 fetcher_free(struct fetcher *f);	/* drops what is under way; NULL is fine */
/*
 * Begin; copies everything.  done is called once, from the loop, never before
 * this returns; the answer is lent for the call.
 */
struct fetch	*fetch_start(struct fetcher *f, const struct fetch_request *r,
		    fetch_done *done, void *arg);
/* Drop it; done is not called any more.  From done itself: nothing. */
void		 fetch_drop(struct fetch *one);

#endif
