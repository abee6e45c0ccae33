/*
 * watch: one query, whoever asked it.
 *
 *	subscribers with the same collection, filter and projection share
 *	one watch: its result is known once, a change is decided once, a diff
 *	is made and encoded once
 *
 *	              a find goes out           it is back
 *	wants: subs ------------------> awaits ------------> subs (or gone)
 *
 * 1. The result is the ids in order, each with the version up to which every
 *    subscriber has the ops.  Content is not kept.
 * 2. Where the filter alone decides (no sort, limit, skip, count), a changed
 *    document is matched in memory: it leaves, or comes to the end.  A window
 *    is asked for anew when a changed document is in it or might come in; at
 *    most once in limits.query_ms, however many changes there were.
 * 3. Whoever comes waits for a find that begins after it came, so that it
 *    sees what had been acknowledged to it; all who came meanwhile share it.
 * 4. A subscriber's answer and its later diffs fit together: it joins at the
 *    very place where its answer stands.
 */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include "core/catalog.h"
#include "core/diff.h"
#include "core/feed.h"
#include "core/filter.h"

struct buf;
struct refusal;
struct sub;

#define WATCH_EXTRA	24	/* bytes that a count takes */

/* A document of the result. */
struct item {
	struct table_node by_id;	/* watch->items */
	const struct ot_type *type;
	uint64_t	 v;		/* every subscriber has the ops below */
	uint64_t	 lag_v;		/* the store was seen to be further; 0: not */
	bool		 is_leaving;	/* out of the order; has its last ops to send */
	/* while an answer is looked at */
	const struct found *row;	/* as it was found; NULL: not in the result */
	size_t		 place;		/* in the order to be, or DIFF_NONE */
	bool		 is_new;	/* it came with the answer */
	char		 id[];
};

struct watch {
	struct feed	*feed;
	struct list	 in_feed;
	struct table_node in_hub;	/* hub->watches, by name and filter */
	char		*name;		/* the collection, as the clients call it */
	const struct projection *projection;	/* NULL: the whole documents */
	struct filter	*filter;	/* counted */
	struct item	**order;	/* heap */
	size_t		 n, cap;
	struct table	 items;		/* those in order, and those leaving */
	uint64_t	 count;		/* of $count, once known */

	struct list	 wants, awaits, subs;	/* struct sub.in_watch */
	bool		 is_known;	/* order is the result */
	bool		 is_stale;	/* to be asked anew */
	bool		 is_out;	/* a find is at the store */
	uint64_t	 out_serial;	/* feed->serial when it went */
	struct seek	 seek;
};

/* The one with these; made if need be.  filter's count is taken over. */
struct watch	*watch_get(struct feed *f, const char *name,
		    const struct projection *p, struct filter *filter);
/* Nobody is left, perhaps. */
void		 watch_rest(struct watch *w);
void		 watch_free(struct watch *w);

/* A subscriber waits in w->wants. */
void		 watch_ask(struct watch *w);
/* Who has waited the longest; NULL: nobody waits any more. */
struct session	*watch_asker(const struct watch *w);
/* They have waited too long, and are refused. */
void		 watch_give_up(struct watch *w);
/* The result may be another by now. */
void		 watch_stale(struct watch *w);
/* The find; NULL: it is not needed any more. */
struct job	*watch_find(struct watch *w);
void		 watch_found(struct watch *w, struct job *job);

/* ---- what the feed tells ---- */

void		 watch_content(struct watch *w, const char *id,
		    struct content *c);
/* d: where the op was published; NULL: the document is not in memory. */
void		 watch_op(struct watch *w, const char *id, struct op *op,
		    struct doc *d, const struct request *by);
void		 watch_settled(struct watch *w, const char *id);

/* Its subscribers get the tail of a message, each with its own query id. */
void		 watch_tell(struct watch *w, const struct buf *tail);
/* The document in the result, or NULL. */
struct item	*watch_item(const struct watch *w, const char *id);
/*
 * Is a document of this type (URI) ever in the result?  Through a projection
 * those that cannot be projected are not.
 */
bool		 watch_shows(const struct watch *w, const char *type);
/* Append a document to results, as the watch's clients see it. */
void		 watch_put(const struct watch *w, struct buf *results,
		    const struct found *row);
/* The count as it stands after "extra":, in text; or NULL. */
const char	*watch_extra(const struct watch *w, char text[WATCH_EXTRA]);
/*
 * Append the steps that lead from the list of places (core/diff.h) to the
 * order, as they stand in a message.
 */
void		 watch_put_diff(const struct watch *w, struct buf *b,
		    const size_t *places, size_t n_before);

/* ---- between watch's files ---- */

struct item	*watch_item_new(struct watch *w, const struct found *row);
void		 watch_item_free(struct watch *w, struct item *item);
/* At the end of the order. */
void		 watch_order_add(struct watch *w, struct item *item);
/* Nothing is known any more. */
void		 watch_forget(struct watch *w);
/* It cannot go on: those who wait are refused, subscribers told so and let go. */
void		 watch_fail(struct watch *w, const struct refusal *r);

/* Abort when an invariant does not hold. */
void		 watch_check(const struct watch *w);

#endif
