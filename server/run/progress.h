/*
 * progress: how far something long has come: a line that is drawn over and
 * over, on a terminal; elsewhere nothing.
 *
 *	verify [########............]  41%  8,200 of 20,000 documents, 61,000 operations/s
 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	const char	*what;		/* "verify"; static */
	uint64_t	 total;		/* documents; 0: not known */
	bool		 is_shown;	/* stderr is a terminal */
	bool		 is_drawn;	/* the line stands there */
	uint64_t	 began_ms, drawn_ms;	/* monotonic */
};

void	progress_init(struct progress *p, const char *what, uint64_t total);
/* So much is done; drawn a few times a second at most. */
void	progress_show(struct progress *p, uint64_t documents, uint64_t ops);
/* Take the line away, so that something else can be said, or it is over. */
void	progress_clear(struct progress *p);

/* Milliseconds since progress_init. */
uint64_t progress_ms(const struct progress *p);

/*
 * The line itself, NUL terminated and cut to size; after_ms since the
 * beginning.
 */
void	progress_line(const struct progress *p, uint64_t documents,
	    uint64_t ops, uint64_t after_ms, char *out, size_t size);
/* A number as people read it, "12,345"; NUL terminated, 27 bytes suffice. */
void	progress_number(uint64_t n, char *out, size_t size);

#endif
