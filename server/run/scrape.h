/*
 * scrape: the numbers of a running otd, read off its page of metrics as
 * Prometheus would, and what two such pages say of the time between them.
 */
#ifndef RUN_SCRAPE_H
#define RUN_SCRAPE_H

#include <stdbool.h>
#include <stddef.h>

#define SCRAPE_ALL	(-1)	/* of all workers together */

struct sample {
	const char	*name;		/* in scrape.text */
	int		 worker;	/* SCRAPE_ALL: it has no such label */
	double		 le;		/* bound of a bucket, in seconds; 0: none */
	double		 value;
};

/* All zero is an empty one: nothing is known. */
struct scrape {
	char		*text;		/* heap; names end in it with NUL */
	const char	*version;	/* in text; NULL: not said */
	struct sample	*of;		/* heap, in the page's order */
	size_t		 n;
	unsigned	 workers;	/* one more than the highest number */
};

/*
 * Read a page in Prometheus' text format; copies it.  False when a line is
 * none of that: it is no page of metrics, and *out is untouched.
 */
bool	 scrape_read(const char *page, size_t len_bytes, struct scrape *out);
void	 scrape_done(struct scrape *s);

/* The worker's sample of that name, or the sum of all; 0 when there is none. */
double	 scrape_value(const struct scrape *s, const char *name, int worker);
/*
 * How much a counter has grown a second.  A worker's that has become less
 * began anew, and has grown by what it is.
 */
double	 scrape_rate(const struct scrape *before, const struct scrape *now,
	    const char *name, int worker, double seconds);
/*
 * Within how many seconds the share q (0 to 1) of what came between the two
 * was over, by a histogram of all workers: straight lines between its bounds,
 * and beyond the last one that bound.  False: nothing came.
 */
bool	 scrape_quantile(const struct scrape *before, const struct scrape *now,
	    const char *name, double q, double *seconds_out);

#endif
