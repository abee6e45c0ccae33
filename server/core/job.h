/*
 * job: what may be asked of the store.
 *
 * The hub makes jobs, the turn carries them to the store, the store fills in
 * the answer and they come back.  The store never looks into whose.  What a
 * job points to is the job's own, except where marked borrowed: borrowed
 * things live until the job has come back.
 *
 * job->err after it came back: ERR_NONE, or
 *	ERR_STORE_AWAY	 nothing was done; asking again later may work
 *	ERR_STORE_UNSURE a commit whose outcome is unknown (connection lost)
 *	ERR_STORE_BROKEN it will not work: logged by the store
 * and of JOB_FIND too, with the reason for people in find.why:
 *	ERR_FIND_MANY	 more results than find.max_results or find.max_bytes
 *	ERR_FIND_SLOW	 find.timeout_ms went by
 *	ERR_FIND_UNREADY content of some documents of the collection was never
 *			 written down for queries (otd doc index)
 * and of JOB_ROWS
 *	ERR_ROWS_CLASH	 a key or a check of the table says no
 * A store away keeps reads for a while and answers when it is back; it does
 * not keep commits.  Of what is written otherwise ERR_STORE_UNSURE is possible
 * too.
 */
#ifndef CORE_JOB_H
#define CORE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "core/filter.h"
#include "core/rows.h"
#include "ot/op.h"

enum job_kind {
	JOB_LOAD,	/* a document: newest checkpoint and the ops after it */
	JOB_OPS,	/* ops of a document from a version on */
	JOB_COMMIT,	/* a batch of parcels, one verdict each */
	JOB_CREATED,	/* which version created the document by (src, seq) */
	JOB_CHECKPOINT,	/* keep a snapshot's body */
	JOB_PLACE,	/* a document whose history begins late */
	JOB_VERSIONS,	/* head versions of many documents */
	JOB_HISTORY,	/* a document as it was */
	JOB_FIND,	/* the documents of a collection that match a filter */
	JOB_LACKING,	/* those whose content finds do not see, or see old */
	JOB_CONTENT,	/* let finds see a document's content */
	JOB_ROWS,	/* a statement of schema/rows.def */
	JOB_COMPACT,	/* many old ops become one (otd compact) */
	JOB_ERASE,	/* a document is erased for good (otd purge) */
};

#define JOB_NO_VERSION	UINT64_MAX

/*
 * How what finds see of a document lags behind what was committed; the store
 * keeps it with the document (core/content.h).  Numbers are stored.
 */
enum content_lag {
	LAG_NONE = 0,	/* it does not, or finds do not look there */
	LAG_DUE = 1,	/* finds see an older content: it is written before they look */
	LAG_LATE = 2,	/* they see an older one of a long document */
	LAG_KEEP = 3,	/* of a parcel: as it is */
};

/* What a find begins with; whoever makes it may set others. */
#define JOB_FIND_RESULTS	1000
#define JOB_FIND_BYTES		(64u << 20)
#define JOB_FIND_MS		5000

/* Documents whose content is due that a find names at once. */
#define JOB_FIND_DUE		1000

/* Ops in version order, without gap; counted. */
struct op_list {
	struct op	**ops;		/* heap */
	size_t		  n;
};

struct job_load {
	const char	*collection, *id;	/* borrowed */
	/* answer */
	uint64_t	 v;		/* head version; 0: never was */
	/*
	 * A checkpoint at or below v; snap_v 0 and no type: start from
	 * nothing.  Then ops lead from snap_v to v.
	 */
	uint64_t	 snap_v;
	char		*snap_type;	/* URI; NULL: did not exist at snap_v */
	char		*snap_body;	/* JSON; NULL: undefined */
	size_t		 snap_len;	/* bytes */
	enum content_lag lag;		/* of a load, never LAG_KEEP */
	/*
	 * Below it ops are not those that were sent, but stand for them
	 * (job_compact); 0: they all are.
	 */
	uint64_t	 horizon;
	struct op_list	 ops;
};

/*
 * A document at a version, or after the last op that was stored no later than
 * a time.  Times of a document's ops never go back (store.h), so the store can
 * look among them by halves.
 */
struct job_history {
	/*
	 * As of a load, but at load.v instead of the head: asked for, or (by
	 * time) answered.  Beyond the head: only head_v is answered.  ops begin
	 * at the checkpoint, or at from, and may end before load.v.  Parts that
	 * were answered with different horizons do not fit together.
	 */
	struct job_load	 load;
	bool		 by_time;
	int64_t		 time_ms;	/* since 1970; -1: before */
	uint64_t	 from;		/* go on, without a checkpoint; or JOB_NO_VERSION */
	uint64_t	 max_ops;	/* in one answer */
	/* answer */
	uint64_t	 head_v;	/* 0: never was */
};

struct job_ops {
	const char	*collection, *id;	/* borrowed */
	uint64_t	 from;		/* first version wanted */
	uint64_t	 to;		/* one past the last; JOB_NO_VERSION: head */
	/* answer */
	uint64_t	 v;		/* head version */
	/* Shorter if history was removed or compacted: starts late. */
	struct op_list	 ops;
};

/*
 * The staged ops of one document on their way to the store; or its content
 * alone, without ops.
 */
struct parcel {
	struct list	 node;		/* batch */
	void		*doc;		/* the hub's; the store never looks */
	const char	*collection, *id;	/* borrowed */
	uint64_t	 base_v;	/* the version they build on */
	struct op_list	 ops;		/* counted; ops[i]->v is base_v + i */
	const char	*type_after;	/* URI; NULL: deleted.  Borrowed. */
	/*
	 * Its newest create: whose the document is from then on, and grants of
	 * what it was before are void.
	 */
	bool		 is_created;
	const char	*owner;		/* a subject; NULL: nobody's.  Borrowed. */
	bool		 has_event;	/* leave word of it in the outbox, event */
	/*
	 * Ops that were stored elsewhere, in the past: when each was,
	 * milliseconds since 1970; NULL: now.  Never going back, nor before
	 * what the document has; grants stay and there is no event.  Borrowed.
	 */
	const int64_t	*at_ms;
	/*
	 * For collections with queries: the content once all the ops are
	 * applied, to be written with them.  When the document is deleted,
	 * that is to be forgotten instead.
	 */
	bool		 has_content;	/* the lag is none from then on; else: */
	enum content_lag lag;		/* what the ops make of it */
	bool		 is_whole;	/* body is known, for the hub, written or not */
	char		*body;		/* owned JSON; NULL: undefined, deleted */
	size_t		 len;		/* bytes */
	/* verdict */
	bool		 accepted;
	uint64_t	 head_v;	/* when refused: the store's version */
	struct op_list	 missed;	/* when refused: the ops from base_v to head_v */
};

struct job_commit {
	struct list	 parcels;	/* struct parcel, of different documents */
	size_t		 n_parcels, n_ops;
	size_t		 bytes;		/* of op bodies and contents */
};

struct job_created {
	const char	*collection, *id;	/* borrowed */
	char		*src;		/* owned */
	uint64_t	 seq;
	uint64_t	 v;		/* answer; JOB_NO_VERSION: no such create */
};

struct job_checkpoint {
	char		*collection, *id;	/* owned: the document may go before */
	uint64_t	 v;
	const char	*type;		/* URI; NULL: does not exist */
	char		*body;		/* owned; NULL: undefined */
	size_t		 len;		/* bytes */
	bool		 kept;		/* a milestone; else the newest replaces it */
};

/*
 * The document is there from now on, at version v, with a snapshot of that
 * which is kept; operations before it there are none.  Everything borrowed.
 */
struct job_place {
	const char	*collection, *id;
	uint64_t	 v;
	const char	*type;		/* URI; NULL: does not exist */
	const char	*body;		/* NULL: undefined */
	size_t		 len;		/* bytes */
	const char	*owner;		/* a subject; NULL: nobody's */
	int64_t		 at_ms;		/* its newest op, since 1970 */
	bool		 has_content;	/* of a collection with queries */
	bool		 placed;	/* answer; false: it was there already */
};

struct job_version {
	char		*collection, *id;	/* owned */
	uint64_t	 v;		/* answer; 0: never was */
	bool		 must;		/* the asker's: it has to be known */
};

struct job_versions {
	struct job_version	*docs;	/* heap */
	size_t			 n;
};

/* A document that was found; all owned by the job. */
struct found {
	char		*id;
	uint64_t	 v;
	char		*type;		/* URI */
	char		*body;		/* JSON; NULL: undefined, or not asked for */
	size_t		 len;		/* bytes */
};

/*
 * What is found is content as it was committed, of each document at some
 * moment after the job was made: never older than what had been settled by
 * then, where the collection has had queries switched on since; but for
 * documents of LAG_LATE.
 *
 * Content that is due the store does not have.  Then it only says of which
 * documents, and whoever asked has it written and asks again, with is_settled.
 */
struct job_find {
	char		*collection;	/* owned */
	struct filter	*filter;	/* a count of it */
	bool		 with_bodies;
	char		**ids;		/* only among these; owned; NULL: all */
	size_t		 n_ids;
	bool		 is_settled;	/* do not look what is due; else */
	char		*settled;	/* only after this id; owned; NULL: anywhere */
	size_t		 max_results;	/* more is ERR_FIND_MANY */
	size_t		 max_bytes;	/* of bodies */
	uint64_t	 timeout_ms;	/* 0: none */
	/* answer */
	struct found	*found;		/* in the filter's order; heap */
	size_t		 n;
	uint64_t	 count;		/* of a filter with $count: instead */
	char		**due;		/* ids; then there is no answer; owned */
	size_t		 n_due;		/* JOB_FIND_DUE: in order, and more may follow */
	char		 why[200];	/* "" unless one of ERR_FIND_* */
};

struct job_lacking {
	const char	*collection;	/* borrowed */
	const char	*after;		/* ids after this one; "": all.  Borrowed. */
	size_t		 max;		/* of them */
	/* answer */
	char		**ids;		/* in order; owned */
	size_t		 n;
};

/* Nothing is done when the document is no longer at v; else nothing lags then. */
struct job_content {
	bool		 is_owner;	/* of its names and body; else borrowed */
	const char	*collection, *id;
	uint64_t	 v;
	const char	*type;		/* URI; NULL: does not exist.  Borrowed. */
	const char	*body;		/* NULL: undefined */
	size_t		 len;		/* bytes */
};

/*
 * The edits [from, to) of a document become one, at to - 1, with all the
 * others empty: bodies change, who sent what and when does not, and the log
 * has no gap.  Content at to is as before; what was stored of content between
 * from and to goes.  The document's horizon moves to to: below it nobody is
 * caught up any more, by what was sent nor by what stands for it (core/span.h
 * says why); loads and histories go by the latter.
 *
 * All of it or nothing.  Nothing, and not done, when the horizon is not at
 * was (somebody else is at it), when a version between from and to has a name,
 * or, in PostgreSQL, when the document was written at that very moment.
 * from == to: only the horizon moves.
 */
struct job_compact {
	char		*collection, *id;	/* owned, as all that follow */
	uint64_t	 was, from, to;
	char		*empty;		/* JSON of an edit that does nothing */
	char		*body;		/* of the one that stands for all; both NULL: from == to */
	size_t		 len;		/* of body, bytes */
	/*
	 * The content at to, where the store needs it: it is to be kept, or it
	 * has none of a later version.
	 */
	bool		 has_snapshot, kept;
	const char	*type;		/* URI, static; NULL: does not exist */
	char		*snap_body;	/* NULL: undefined */
	size_t		 snap_len;	/* bytes */
	/* answer */
	bool		 done;
	uint64_t	 n_ops;		/* whose bodies changed */
};

/*
 * Nothing stays of a document but its name and version, now one higher and
 * deleted, so that nobody who still has it can bring it back, and the row that
 * says so.  Its log begins there, as if it had been deleted by this op.
 */
struct job_erase {
	char		*collection, *id;	/* owned, as all that follow */
	char		*src;		/* of the deletion; never used before */
	char		*by, *reason;	/* for the record */
	bool		 has_event;	/* leave word of the deletion in the outbox */
	/* answer */
	uint64_t	 v;		/* after it; 0: there never was such a document */
	uint64_t	 n_ops, n_snapshots, n_events;	/* that are gone */
};

struct job {
	struct list	 node;		/* one list at a time */
	enum job_kind	 kind;
	enum err	 err;
	void		*whose;		/* the hub's, or settle's */
	uint64_t	 began_us;	/* when the store got it; the turn's */
	/*
	 * Not the hub's: the turn calls this when the job is back, which it
	 * takes over.
	 */
	void		(*settle)(struct job *job);
	union {
		struct job_load		load;
		struct job_history	history;
		struct job_ops		ops;
		struct job_commit	commit;
		struct job_created	created;
		struct job_checkpoint	checkpoint;
		struct job_place	place;
		struct job_versions	versions;
		struct job_find		find;
		struct job_lacking	lacking;
		struct job_content	content;
		struct job_rows		rows;
		struct job_compact	compact;
		struct job_erase	erase;
	};
};

struct job	*job_new(enum job_kind kind, void *whose);
/*
 * What a load's checkpoint shows, into *out, which is empty before; a new
 * document when there is none.  OT_EUNKNOWN for a type that is not known; or
 * as the type's load.
 */
int		 job_snapshot(const struct job_load *load,
		    struct snapshot *out, struct ot_err *err) OT_MUST_CHECK;
/* Frees the job and what it owns, answers included. */
void		 job_free(struct job *job);

/* Everything of the collection that matches; takes over a count of filter. */
struct job	*job_new_find(const char *collection, struct filter *filter,
		    void *whose);
/* Narrow it to these ids as well; a find without ids finds everything. */
void		 job_find_id(struct job *job, const char *id);
/* The store's answer: the content of this one is due. */
void		 job_find_due(struct job_find *find, const char *id);
/* Ask it again: what it said that was due has been written. */
void		 job_find_again(struct job *job);

/* Take over one count of op. */
void		 op_list_add(struct op_list *l, struct op *op);
void		 op_list_done(struct op_list *l);

struct parcel	*parcel_new(void *doc, const char *collection, const char *id,
		    uint64_t base_v);
/*
 * What its event says has become of the document: "created", "edited" or
 * "deleted", static; NULL: it has none.
 */
const char	*parcel_event(const struct parcel *p);

#endif
