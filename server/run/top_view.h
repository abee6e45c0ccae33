/*
 * top_view: the screen of "otd top": two scrapes made into lines of text.
 */
#ifndef RUN_TOP_VIEW_H
#define RUN_TOP_VIEW_H

#include "ot/buf.h"
#include "run/scrape.h"

struct top_view {
	const char		*url;		/* where they are from */
	const struct scrape	*before, *now;	/* before: empty at first */
	double			 seconds;	/* between them; 0: there is one only */
	double			 time_s;	/* of now, since 1970 */
	const char		*trouble;	/* now is old: why; NULL: it is not */
};

/* Append the lines, in ASCII, each with a newline, cut to so many columns. */
void	 top_view_show(const struct top_view *v, unsigned columns,
	    struct buf *out);

#endif
