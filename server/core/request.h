/*
 * request: a message that wants something of one document.
 *
 *	WAITING (doc->waiting) --stage--> STAGED (doc->staged) --release--> gone
 *	      ^------------------rewind------------------'
 *
 * It belongs to the document from the moment it joins its line.  The session
 * may leave before: then ss is NULL, a submit goes on, a read is dropped.
 *
 * bulk: a message about many documents makes a request for each; the bulk
 * counts them down, gathers their answers, and holds back the ops that its
 * new readers would otherwise get before the snapshots in the reply.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/frame.h"
#include "base/list.h"
#include "core/catalog.h"
#include "proto/message.h"

struct doc;
struct hub;
struct offer;
struct reader;
struct session;
struct sub;
struct view;

enum request_kind {
	REQUEST_SUBMIT,		/* an op */
	REQUEST_SNAPSHOT,	/* the content, now */
	REQUEST_LATEST,		/* the same, as a history shows it */
	REQUEST_OPS,		/* the ops from a version on */
	REQUEST_UNSUBSCRIBE,	/* stop reading, after what was asked before */
	REQUEST_PRESENCE,	/* somebody's place in it */
	REQUEST_HISTORY,	/* may it be seen as it was?  Then history.c goes on */
	REQUEST_FOLLOW,		/* may its presence be followed?  presence_rights.c */
	REQUEST_MAY,		/* what may be done with it */
};

/* The text of a message, what was decoded from it, and its memory. */
struct incoming {
	struct list	 node;		/* session's inbox */
	struct arena	 arena;
	struct message	 msg;
	struct named	 named;		/* what msg.c stands for; nothing when it is NULL */
	unsigned	 meant;		/* ps: documents that it was looked up for */
	bool		 is_ours;	/* nobody said it: it is not answered */
	size_t		 len;
	char		 text[];	/* len bytes */
};

/* A frame that waits for the reply of a bulk. */
struct held {
	const struct reader *rd;	/* whose op it is; NULL: an acknowledgement */
	struct frame	*frame;		/* counted */
};

struct bulk {
	struct session	*ss;		/* NULL: left */
	struct incoming	*in;
	size_t		 pending;	/* requests not answered yet */
	struct buf	 members;	/* inside of "data" */
	bool		 is_refused;	/* of a map of versions: one failed */
	struct refusal	 refusal;
	struct list	 readers;	/* struct reader.in_bulk: held back */
	struct held	*held;		/* ops for them, in order */
	size_t		 n_held, cap_held;
	size_t		 held_bytes;	/* as on the wire */
	struct list	 in_session;	/* session->bulks */
	/* Of a query that names what the client has; else all NULL. */
	struct sub	*sub;		/* whose; NULL: it left */
	struct frame	*extra, *diff;	/* counted; before the reply */
};

struct request {
	struct list	 node;		/* doc->waiting or doc->staged */
	struct list	 in_session;	/* session->requests */
	struct session	*ss;		/* NULL: left */
	struct doc	*doc;
	struct view	*view;		/* of doc: the name it was asked by */
	enum request_kind kind;
	struct principal *who;		/* counted: who asks; NULL: nobody known */
	bool		 is_over;	/* who that is was revoked */
	bool		 sees;		/* it may read, as it was asked last */
	unsigned	 may;		/* of a REQUEST_MAY: bits, 1 << enum access_action */
	bool		 subscribe;	/* join the readers at release */
	uint64_t	 stamp;		/* when it came, in requests of the hub */
	uint64_t	 came_us;	/* the same by hub_stopwatch, to measure */
	struct incoming	*in;		/* owned; NULL in a bulk, or for no answer */
	struct bulk	*bulk;		/* NULL: stands alone */
	struct offer	*offer;		/* presence; owned */
	struct op	*op;		/* submit: as sent, counted */
	struct op	*carried;	/* the same, over ops that were durable; counted; or NULL */
	bool		 has_v;		/* submit: op->v is what is meant */
	bool		 v_filled;	/* submit: by us, it came without */
	uint64_t	 unsure_v;	/* submit: may be in the store, from here on; or JOB_NO_VERSION */
	uint64_t	 from;		/* ops and submit: first version to send */
	bool		 asked_created;	/* submit: created_v is the store's answer */
	uint64_t	 created_v;
	/* once staged */
	uint64_t	 wait_v;	/* released when this version is durable */
	uint64_t	 done_v;	/* submit: committed at; ops: one past the last */
	bool		 is_op;		/* it staged an op, that of version done_v */
	bool		 is_refused;
	struct frame	*answer;	/* counted; NULL: none, or in the bulk */
	struct buf	 member;	/* of a bulk: its part of the data */
};

/* in is taken over; ss NULL: nobody's, as when its session has left. */
struct request	*request_new(struct hub *h, struct session *ss,
		    enum request_kind kind, struct incoming *in);
/* Forget what staging made; it is waiting again. */
void		 request_unstage(struct request *req);
/* Those of a document whose history is read anew: what they were carried over. */
void		 requests_carry_anew(struct list *waiting);
/* The first version of history that it has to see; JOB_NO_VERSION: none. */
uint64_t	 request_needs(const struct request *req);
/* Unlinks it from its lists. */
void		 request_free(struct request *req);

/* Copies. */
struct incoming	*incoming_new(const char *text, size_t len_bytes);
void		 incoming_free(struct incoming *in);

struct bulk	*bulk_new(struct session *ss, struct incoming *in);
/* A document's refusal: its own part of a list's answer, or the whole one. */
void		 bulk_refuse(struct bulk *bulk, struct buf *members,
		    const char *id, const struct refusal *r);
/* One of its requests is over; answers when it was the last, and goes. */
void		 bulk_count_down(struct bulk *bulk);
/*
 * Keep an op for its reader rd, or an acknowledgement (NULL), until the reply
 * is out; takes no count.  Over the outbox's ceiling the session is too slow.
 */
void		 bulk_hold(struct bulk *bulk, const struct reader *rd,
		    struct frame *f);
/* The reader leaves: it gets no more ops. */
void		 bulk_drop(struct bulk *bulk, const struct reader *rd);

#endif
