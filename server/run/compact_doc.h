/*
 * compact_doc: the old ops of one document, made few.
 *
 *	0        kept     named           horizon        end        head
 *	|----------|--------|----------------|............|~~~~~~~~~~~|
 *	   compacted before, a span each        now old    too young
 *
 * 1. It is replayed from the last mark at or below the horizon; what is old
 *    becomes spans (core/span.h) that end at marks: versions whose snapshot is
 *    kept, versions with a name, creations and deletions, and the end.
 * 2. Each span is one transaction (JOB_COMPACT), which moves the horizon too;
 *    killed at any moment it goes on from there.
 * 3. The span before the end grows when it is done again later: what there is
 *    depends on the marks and the end alone, not on how often it was done.
 * 4. What cannot be proved to lead to the same content, byte for byte, stays
 *    as it was sent: a composition of json1 may bring the members of an object
 *    in another order.
 * 5. A log may begin late, where content is kept.
 * 6. A version that is named meanwhile is a mark from then on: the store
 *    refuses a span over it, and this goes on from the horizon with it.
 * 7. Next to servers: content does not change, nor do versions, and who is
 *    younger than the end still finds all ops it needs.
 */
#ifndef RUN_COMPACT_DOC_H
#define RUN_COMPACT_DOC_H

#include <stdbool.h>
#include <stdint.h>

struct asker;
struct collection;

/* What was found and done, or in a forecast would be. */
struct compact_sum {
	uint64_t	 documents;	/* with old ops as they were sent */
	uint64_t	 left;		/* of them, left as they are */
	uint64_t	 spans;
	uint64_t	 spans_left;	/* that could not be proved, and stay as sent */
	uint64_t	 ops;		/* in these spans */
	uint64_t	 emptied;	/* of them, that do nothing any more */
	uint64_t	 bytes_before;	/* of their bodies */
	uint64_t	 bytes_after;
	uint64_t	 snapshots_dropped, snapshots_added;
	uint64_t	 snapshot_bytes_dropped, snapshot_bytes_added;
};

struct compact {
	struct asker	*asker;
	const char	*collection;
	const struct collection *settings;
	int64_t		 old_ms;	/* ops stored by then are old; since 1970 */
	bool		 is_forecast;	/* change nothing */
	uint64_t	 rate;		/* ops a second; 0: as fast as it goes */
	struct compact_sum sum;
};

/*
 * One document, whose horizon was seen at horizon; which was erased at begins,
 * 0: it never was; the first op of which is of version first, where content is
 * kept unless it was erased there.  False: the store does not
 * answer, told on stderr.  A document that cannot be compacted (its log cannot
 * be replayed, somebody else is at it) is told, counted and left.
 */
bool	 compact_doc(struct compact *c, const char *id, uint64_t horizon,
	    uint64_t begins, uint64_t first);

#endif
