/*
 * hub: the collaboration itself, one closed object.
 *
 * It has a few inputs, one function that works, and a few outputs.  It
 * includes no I/O library, reads no clock, draws no random number and calls
 * nobody: a run is a function of its inputs.
 *
 *	open receive leave   finish   hear   tick
 *	       |                |       |      |
 *	       v                v       v      v
 *	+--------------------- hub_work ----------------------+
 *	       |                |       |
 *	       v                v       v
 *	  next_ready         next_job  next_word
 *
 * What otd promises:
 *
 * 1. Nobody is told of an op before the store has it: acknowledgement,
 *    broadcast and any snapshot that contains it wait in the document's line
 *    until it is durable.
 * 2. A reader gets the ops of a document in version order, without gap, from
 *    the version it asked for.
 * 3. (src, seq) identifies an op: sent twice it is applied once and
 *    acknowledged twice.  As far as history is kept; and an edit that names
 *    no version is not looked for in it.
 * 4. Any otd process may write any document.  The key (collection, id,
 *    version) in the store decides; the loser takes its staged ops back,
 *    catches up by what it missed, transforms and tries again.
 * 5. The bus may lose, repeat or reorder.  Versions reveal it and the store
 *    repairs it.
 * 6. Not promised: order between documents; fairness between processes.
 * 7. Ops are transformed over history one by one, never over a composition
 *    of it (transform is not closed under compose).
 * 8. A query's subscriber gets a result and steps that always fit it; when
 *    writing pauses, it has what the store finds, and the ops of all that is
 *    in it.  How many subscribers there are the store does not notice.
 */
#ifndef CORE_HUB_H
#define CORE_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "core/access.h"
#include "core/catalog.h"
#include "core/job.h"
#include "core/rate.h"
#include "core/session.h"
#include "core/src.h"
#include "core/word.h"

struct hub;

/* Every ceiling, from the settings; hub_limits_default fills all. */
struct hub_limits {
	size_t	message_bytes;		/* one client message */
	size_t	inbox_messages;		/* waiting in one session */
	size_t	outbox_bytes;		/* ops waiting for one slow reader */
	size_t	line_requests;		/* waiting in one document */
	size_t	window_ops;		/* history kept in memory, one document */
	size_t	window_bytes;
	size_t	hot_bytes;		/* all documents together, then idle ones go */
	size_t	document_bytes;		/* one document; an edit beyond is refused: see catalog */
	size_t	batch_ops;		/* one commit */
	size_t	batch_bytes;
	unsigned batches;		/* commits under way at once, if the others take long */
	size_t	subscriptions;		/* of one session */
	size_t	session_queries;	/* queries of one session */
	size_t	query_results;		/* documents in one result */
	size_t	query_bytes;		/* of all their contents */
	uint64_t query_timeout_ms;	/* one question of a query; 0: for ever */
	uint64_t query_ms;		/* a result is asked for anew once in this */
	unsigned finds;			/* questions of queries at once */
	uint64_t checkpoint_ops;	/* a snapshot body is due after so many ops: see catalog */
	uint64_t keep_every;		/* versions between kept snapshots: see catalog */
	bool	queries;		/* collections may be queried: see catalog */
	/*
	 * What is settled of each collection; borrowed, outlives the hub.
	 * NULL: all are allowed and as said here.
	 */
	const struct catalog *catalog;
	uint64_t sweep_ms;		/* compare versions this often; 0: never */
	uint64_t echo_ms;		/* after a last op its version is said again; 0: never */
	uint64_t idle_ms;		/* a document nobody uses may go after this */
	uint64_t quiet_ms;		/* after an edit a document rests, and keeps less in memory */
	uint64_t content_ms;		/* what was edited is written for queries so late: content.h */
	/* Presence: core/presence.h. */
	size_t	presence_bytes;		/* the value of one */
	size_t	presences;		/* of one session */
	size_t	channels;		/* that one session follows */
	unsigned presence_rate;		/* a second, of one session; beyond, the last counts */
	uint64_t presence_ttl_ms;	/* of a process that is not heard any more */
	/* Rates, here: of a session, of a principal, of an address; core/payer.h. */
	struct rate session_rate, principal_rate, address_rate;
	/* Of all sessions of one principal here; 0: each session's is enough. */
	size_t	principal_subscriptions, principal_queries,
		principal_presences;
	unsigned depth;			/* lists and objects in one another, of one message */
	size_t	op_components;		/* of one op; 0: as many as its type takes */
	uint64_t node;			/* this process among all; never 0 */
	char	epoch[48];		/* the store's: another one when it came from a backup; "": none */
	/* The same of all processes: see core/src.h.  Zeros: with --auth none. */
	unsigned char src_key[SIPHASH_KEY];
	/*
	 * Do others write to the store too?  Then what is in memory may be old
	 * although nobody said so, and a read makes sure first.
	 */
	bool	shared_store;
	bool	is_heard;		/* does the bus reach them?  Else nothing is said of ops */
};

/* Totals since the start, and what is there now; for /metrics. */
struct hub_counts {
	uint64_t messages, bad_messages, ops_committed, ops_refused,
		 ops_repeated, commits, parcels_refused, ops_transformed,
		 frames_sent, gaps, loads, evictions, checkpoints,
		 slow_readers, finds, slowed, rate_refused;
	uint64_t known_reads;		/* shown while the store was away */
	uint64_t over_limit;		/* refused for a ceiling, rates not among them */
	uint64_t denied;		/* refused for want of a right */
	uint64_t closed_renew;		/* sessions whose token was over, or revoked */
	uint64_t closed_access;		/* sessions whose rights became less */
	uint64_t sessions, documents, readers, waiting, hot_bytes, queries,
		 watches, presences, presences_seen;
	/*
	 * Edits, from the turn that took one up to the one that acknowledged it;
	 * without hub_stopwatch all took no time.
	 */
	struct histogram acks;
};

void		 hub_limits_default(struct hub_limits *limits);
/* seed: against chosen hash collisions. */
struct hub	*hub_new(const struct hub_limits *limits, uint64_t seed);
/* Sessions are freed too; net must have let go of them. */
void		 hub_free(struct hub *h);

/* ---- inputs ---- */

/*
 * A client came.  owner: see struct outlet.  client_id is its src until it
 * names its own: unguessable, copied.  who is one count, taken over; NULL:
 * nobody known.  Its first frame (init) is in the outbox at once.
 */
struct session	*hub_open(struct hub *h, void *owner, const char *client_id,
		    struct principal *who, unsigned flags);
#define HUB_INSIDE	1u	/* speaks for clients: signs with any src */
/*
 * An id for such a client, made from as many random bytes; with a src_key one
 * that nobody else may take (core/src.h).
 */
void		 hub_client_id(const struct hub *h,
		    const struct principal *who,
		    const unsigned char random[SRC_RANDOM],
		    char out[SRC_TEXT]);
/*
 * A client said one whole text message; copied and filed.  False when the
 * inbox is now full: stop reading until the session is ready again.
 */
bool		 hub_receive(struct hub *h, struct session *ss,
		    const char *bytes, size_t len);
/* Close the session for this reason once its outbox is sent. */
void		 hub_close(struct hub *h, struct session *ss,
		    enum session_close code, const char *reason);
/* The client is gone; ss must not be used after.  What it sent still counts. */
void		 hub_leave(struct hub *h, struct session *ss);
/*
 * The rules of access from now on, one count taken over; NULL: everything is
 * allowed.  A session that may no longer read what it reads is closed with
 * CLOSE_ACCESS.
 */
void		 hub_set_access(struct hub *h, struct access *access);
/*
 * A session asked to be renewed (hub_next_renewal): who it is from now on, a
 * count taken over; or NULL and why not.
 */
void		 hub_renew(struct hub *h, struct session *ss,
		    struct principal *who, const char *why);
/*
 * A token (by its "jti"), or all of a subject that were issued before a time
 * (seconds since 1970; 0: all), are revoked: their sessions are closed with
 * CLOSE_RENEW, at once, and what they sent and is not staged is refused.
 */
void		 hub_revoke(struct hub *h, const char *token_id,
		    const char *subject, uint64_t before_s);
/*
 * The grants of a document have changed, for this subject (NULL: for many).
 * Looked up again; sessions that may no longer read it are closed.
 */
void		 hub_regrant(struct hub *h, const char *collection,
		    const char *id, const char *subject);
/* A job has come back; taken over. */
void		 hub_finish(struct hub *h, struct job *job);
/* The bus brought word; taken over. */
void		 hub_hear(struct hub *h, struct word *word);
/*
 * The store is known not to answer, or it does again; told as often as one
 * likes.  Where it is shared, what is known of documents in memory is read
 * meanwhile as if it were fresh (PROTOCOL.md, 4.6); edits wait.
 */
void		 hub_store_away(struct hub *h, bool is_away);
/* Time passed; now_ms is monotonic. */
void		 hub_tick(struct hub *h, uint64_t now_ms);
/* What time it is: milliseconds since 1970, for what expires; before hub_tick. */
void		 hub_clock(struct hub *h, int64_t wall_ms);
/*
 * The same moment as hub_tick's in microseconds, monotonic; before hub_tick.
 * Only for what is counted: nothing is decided by it.
 */
void		 hub_stopwatch(struct hub *h, uint64_t now_us);
/*
 * No new sessions' requests from now on: everything in lines is finished,
 * then hub_is_quiet.
 */
void		 hub_drain(struct hub *h);

/* ---- work ---- */

/* A bounded amount of work; true: there is more, come back soon. */
bool		 hub_work(struct hub *h);
/* Do documents wait a few milliseconds for others?  Then tick soon. */
bool		 hub_yields(const struct hub *h);
/* Is there more?  Taking from an outbox may make some. */
bool		 hub_has_work(const struct hub *h);

/* ---- outputs ---- */

/*
 * The next job for the store; the caller hands it to hub_finish later.  NULL
 * if none.  Staged ops become a commit here when none is out, or only such as
 * take long and fewer than limits.batches: so a busy store means larger batches.
 */
struct job	*hub_next_job(struct hub *h);
/* The next word for the bus; the caller's.  NULL if none. */
struct word	*hub_next_word(struct hub *h);
/*
 * The next session with something to send or to close; NULL if none.  First
 * those that are owed an answer or are to be closed, which hub_next_owed gives
 * alone; then those that only hear what others have written, the longest
 * waiting first.  There may be thousands of these for one op, and who takes
 * them over several turns lets nobody else wait for them; what is written
 * meanwhile joins what they have yet to hear.
 */
struct session	*hub_next_ready(struct hub *h);
struct session	*hub_next_owed(struct hub *h);
bool		 hub_has_ready(const struct hub *h);
/*
 * The next session that shows a new token ("x-token"), and the token, lent
 * until hub_renew; NULL if none.  It may show nothing else meanwhile.
 */
struct session	*hub_next_renewal(struct hub *h, const char **token_out);

/* The session of that ordinal; NULL: it has left.  O(sessions). */
struct session	*hub_session(const struct hub *h, uint64_t ordinal);

/* Nothing waits in any line, no job is out. */
bool		 hub_is_quiet(const struct hub *h);
void		 hub_count(const struct hub *h, struct hub_counts *counts_out);

/* ---- for tests ---- */

/* Abort when an invariant of any document or session does not hold. */
void		 hub_check(const struct hub *h);

#endif
