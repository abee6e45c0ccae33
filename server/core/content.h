/*
 * content: when queries' finds see what is in a document.
 *
 * In a collection with queries the content goes with the ops, so that a find
 * sees what was acknowledged.  But an op of a long document should cost what
 * one of a short document does.  So beyond CONTENT_AT_ONCE bytes the content
 * goes only once the ops since it last went have earned its size; and when
 * the document leaves the memory, or the process ends.  Until then finds see
 * a long document as it was.  What is in memory decides of queries that are
 * subscribed in this process, whatever the size.
 */
#ifndef CORE_CONTENT_H
#define CORE_CONTENT_H

struct doc;
struct parcel;

/* Bytes up to which a document's content goes with every commit. */
#define CONTENT_AT_ONCE	(64u << 10)

/*
 * If the content is to go along, put it into the parcel; then all that is
 * staged has to go.
 */
void	content_pack(const struct doc *d, struct parcel *p);
/* The parcel came through. */
void	content_packed(struct doc *d, const struct parcel *p);
/* The document leaves: write what finds have not seen, if it is durable. */
void	content_leave(struct doc *d);

#endif
