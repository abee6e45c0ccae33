/*
 * loss: a bus made worse than it is, for tests.
 *
 * The contract of a bus is that words may be lost, repeated and reordered;
 * a Redis on the same machine hardly ever does so.  With a URL
 *
 *	lossy+URL?drop=0.01&repeat=0.01&swap=0.01&seed=7
 *
 * a share of the words that were heard over URL goes astray on its last way to
 * the hub: dropped, given twice, or given after the next one.  Which ones is
 * decided by the seed and the number of words before, in each process by
 * itself.  Never meant are the bus's own words, WORD_FOLLOWED and WORD_BACK: a
 * bus that is up does not lose those.
 */
#ifndef BUS_LOSS_H
#define BUS_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/word.h"

struct loss;

/* Does the URL ask for it? */
bool		 loss_is_asked(const char *url);
/*
 * Take such a URL apart: the URL of the real bus goes to *url_out, heap, the
 * caller's.  At least one of drop, repeat and swap has to be said, shares from
 * 0 to 1; the seed is 1 unless said.  NULL with the reason in why; then
 * *url_out is untouched.
 */
struct loss	*loss_new(const char *url, char **url_out, char *why,
		    size_t why_len);
void		 loss_free(struct loss *l);

/* The next word to hear, out of those in the list; NULL if none. */
struct word	*loss_next(struct loss *l, struct list *heard);
/* How many were dropped so far. */
unsigned long	 loss_count(const struct loss *l);

#endif
