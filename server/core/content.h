/*
 * content: when queries' finds see what is in a document.
 *
 *	        an edit             so long after, or a find wants it
 *	seen ------------> due -----------------------------------> seen
 *	      (LAG_DUE)         with the next ops, or alone
 *
 * 1. In a collection with queries what is acknowledged can be found.  But most
 *    documents are edited many times between two finds, so an edit does not
 *    write the content: its commit notes in the document's row that finds see
 *    an older one (enum content_lag, core/job.h), which costs nothing while it
 *    stays so.
 * 2. Content that is due is written limits.content_ms later at the latest, for
 *    whoever reads the database by other ways.  A find does not wait for that:
 *    the store tells which content is due (job_find.due), this process has it
 *    written, loading what it does not have, and asks again.  So it does not
 *    matter which process edited, nor whether it is still alive.
 * 3. Content goes into a parcel: with ops, if some are staged just then, or
 *    with none; and so in batches, and never over what is newer.
 * 4. Whoever creates or deletes writes at once: a find may rely on a row for
 *    each document.  So does every edit while somebody watches the collection
 *    in this process, who will ask again and again.
 * 5. An op of a long document should cost what one of a short document does.
 *    So beyond CONTENT_SHORT bytes the content goes only once the ops since it
 *    last went have earned its size; and when the document leaves the memory,
 *    or the process ends.  Until then finds see it as it was (LAG_LATE).
 *
 * What is in memory decides of queries that are subscribed in this process,
 * whatever is written.
 */
#ifndef CORE_CONTENT_H
#define CORE_CONTENT_H

#include <stdbool.h>

struct doc;
struct hub;
struct job;
struct parcel;

/* Bytes up to which finds have a document's content written first. */
#define CONTENT_SHORT	(64u << 10)

/* ---- commits ---- */

/*
 * If the content is to go along, or has to be known, put it into the parcel;
 * then all that is staged has to go.
 */
void	content_pack(const struct doc *d, struct parcel *p);
/* The parcel came through. */
void	content_packed(struct doc *d, const struct parcel *p);
/* The store will never take it: who waits for it goes on without. */
void	content_refused(struct doc *d);

/* ---- when ---- */

/* It was loaded: does it lag? */
void	content_loaded(struct doc *d, const struct job *job);
/* Those that have been due for so long. */
void	content_tick(struct hub *h);
/* Everything that lags is to be written: the process ends. */
void	content_drain(struct hub *h);
/* The document leaves: write what finds have not seen, if it is durable. */
void	content_leave(struct doc *d);
/* It is gone: nobody waits for it any more. */
void	content_gone(struct doc *d);

/* ---- finds ---- */

/*
 * The find is back and names content that is due: it is written, and the find
 * goes out again.  It is taken over; false: it names none.
 */
bool	content_settle(struct hub *h, struct job *find);

#endif
