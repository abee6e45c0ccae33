/*
 * feed: what changes in a collection, for the queries that watch it.
 *
 *	an op became durable here ------> content -----.
 *	                                               v
 *	word of the bus --> doubt --(JOB_FIND of ids)--> watches --> subscribers
 *	                 '-------------- ops ------------^
 *
 * 1. Each collection that has watches here (core/watch.h) has one feed.
 * 2. A change is told in two parts: the document's content, by which watches
 *    decide who belongs to their results, and its ops, which go to the
 *    subscribers of the results that hold the document.  Content first, so
 *    that a removal goes out before the op that caused it.
 * 3. What became durable here comes with its content, and so does word of what
 *    others wrote, if it is small.  Otherwise the document is in doubt, and all
 *    that are in doubt are asked for together, so many times a second at most,
 *    however many documents, shapes and subscribers there are.
 * 4. Content is told only when nothing newer is known, to be in the store or
 *    to have been told, and what is asked for is asked again when word of a
 *    later op comes.  So what was told last is the truth, however words and
 *    answers are delayed.
 * 5. While a question of a watch is at the store, what is told is kept, and
 *    told again after the answer, which may have been found before or after.
 * 6. Ops go out in version order without gap, as for readers: a gap is asked
 *    of the store.  Not promised: each only once; clients drop doubles.
 */
#ifndef CORE_FEED_H
#define CORE_FEED_H

#include "base/list.h"
#include "base/table.h"
#include "core/hub_in.h"

struct json;
struct request;
struct watch;

/* A document at a version, as the store has it; all borrowed. */
struct content {
	uint64_t	 v;
	const char	*type;	/* URI; NULL: does not exist */
	const char	*body;	/* JSON; NULL: undefined */
	size_t		 len;	/* bytes */
	struct json	*value;	/* the body parsed, owned; NULL: undefined */
	bool		 is_bad;	/* the body cannot be read: matches nothing */
};

/* Something to be asked of the store, not before a time. */
struct seek {
	struct list	 node;	/* hub->asked, seeking or due; else on none */
	uint64_t	 not_before_ms;	/* after the latest question */
	bool		 is_asked;	/* it is on hub->asked */
	uint64_t	 asked_ms;	/* then: since when */
	bool		 is_watch;	/* struct watch.seek; else struct feed.seek */
};

/* What was told while some question was at the store. */
struct change {
	struct list	 node;		/* feed->changes */
	uint64_t	 serial;
	char		*id;		/* owned */
	struct op	*op;		/* counted; NULL: content */
	struct content	 content;	/* its strings owned */
	struct found	 row;		/* the same, borrowed: for watch_find */
};

struct feed {
	struct hub	*hub;
	struct table_node in_hub;	/* hub->feeds */
	char		*collection;
	struct list	 watches;	/* struct watch.in_feed */
	unsigned	 n_finds;	/* of watches, at the store */
	struct list	 changes;	/* while n_finds > 0 */
	uint64_t	 serial;	/* of the latest change */
	struct table	 doubts;	/* struct doubt, by id */
	struct list	 doubting;	/* the same, oldest first */
	struct seek	 seek;		/* to ask for them */
	bool		 is_asking;	/* they are asked for: a find is at the store */
	unsigned	 n_out;		/* jobs at the store, without finds of watches */
	struct table	 gaps;		/* struct gap, by id */
	uint64_t	 ask_serial;	/* serial when the doubts were asked */
	struct table	 seen;		/* struct seen, by id: what was told last */
	struct list	 seen_order;	/* the same, oldest first */
	uint64_t	 next_sweep_ms;
	/* while an op is told */
	uint64_t	 told;		/* its number; see session.told */
	struct frame	*frame;		/* of it, for whole documents; NULL: not yet */
};

/* The feed of a collection, made if need be. */
struct feed	*feed_get(struct hub *h, const char *collection);
/* Only if there is one. */
struct feed	*feed_here(struct hub *h, const char *collection);
/* A watch has gone, or a job came back: is it still needed? */
void		 feed_rest(struct feed *f);
/* At the end of all. */
void		 feed_free(struct feed *f);

/* ---- what is told; all of it is harmless where nobody watches ---- */

/*
 * Durable ops are about to be published that lead d to this content.  body
 * is borrowed; type NULL: deleted.
 */
void		 feed_content(struct doc *d, uint64_t v, const char *type,
		    const char *body, size_t len);
/* The same, and d's head is that content. */
void		 feed_head(struct doc *d);
/*
 * d came into memory.  What led there may never be told: words that come
 * later are nothing new to it.
 */
void		 feed_loaded(struct doc *d);
/*
 * What was known of the document is no longer so: its versions may even begin
 * anew.
 */
void		 feed_lost(struct hub *h, const char *collection,
		    const char *id);
/* The document changed, and its content is not at hand. */
void		 feed_doubt(struct hub *h, const char *collection,
		    const char *id);
/* One of the ops; by as in doc_publish. */
void		 feed_op(struct doc *d, struct op *op,
		    const struct request *by);
/* All of them are published. */
void		 feed_settled(struct doc *d);
/* Word of a document that is not in memory. */
void		 feed_hear(struct feed *f, const struct word *w);
/* Words may have been lost: everything is asked anew. */
void		 feed_back(struct feed *f);

/* ---- the store ---- */

/* The next question of any feed or watch; NULL if none may go now. */
struct job	*feed_next_job(struct hub *h);
/* A JOB_FIND is back; or a JOB_OPS that no document asked for. */
void		 feed_found(struct hub *h, struct job *job);
void		 feed_filled(struct hub *h, struct job *job);
void		 feed_tick(struct hub *h);

/* ---- for watches ---- */

/* Ask when it may be: now, or when the time has come. */
void		 seek_soon(struct hub *h, struct seek *s);
/* The ops of a document from version from on are missing. */
void		 feed_gap(struct feed *f, const char *id, uint64_t from);
/* Does it match?  Parses the body once. */
bool		 content_matches(struct content *c, const char *id,
		    const struct filter *filter);

/* A feed is looked after this many times less often than documents. */
#define FEED_SWEEPS	4

/* ---- between feed's files ---- */

void		 feed_tell_content(struct feed *f, const char *id,
		    struct content *c);
void		 feed_tell_op(struct feed *f, const char *id, struct op *op,
		    struct doc *d, const struct request *by);
void		 feed_tell_settled(struct feed *f, const char *id);
/*
 * An op is about to be told to several watches: a session that has many gets
 * it once, and it is encoded once; then it has been.
 */
void		 feed_op_begins(struct feed *f);
void		 feed_op_ends(struct feed *f);
/* No answer is on its way that would need them. */
void		 feed_forget_changes(struct feed *f);
/*
 * The version whose content was told last, as far as that is remembered;
 * serial_out may be NULL.
 */
uint64_t	 feed_seen(const struct feed *f, const char *id,
		    uint64_t *serial_out);
/* Ask for its content. */
void		 feed_doubt_id(struct feed *f, const char *id);
/* The document is known to be at v: who has less lacks something. */
void		 feed_find_gaps(struct feed *f, const char *id, uint64_t v);
void		 feed_forget_questions(struct feed *f);

#endif
