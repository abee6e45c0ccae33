/*
 * message: one client message, decoded and checked.
 *
 * Says nothing about sockets or sessions.  The checks, their order and their
 * sentences are those of sharedb 7.0.0 (lib/agent.js, _checkRequest and
 * createClientOp; lib/ot.js, checkOp), where clients compare them; what is
 * stricter is marked in message.c.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ot/json.h"
#include "ot/op.h"

/* Longest collection name, document id or src, in bytes of UTF-8. */
#define NAME_MAX_BYTES	1024

enum action {
	ACTION_NONE,		/* unknown */
#define ACTION(name, code, needs, handler) name,
#include "proto/actions.def"
#undef ACTION
};

/* One document of a bulk message. */
struct bulk_item {
	const char	*id;
	bool		 has_v;	/* ops from v on are wanted, not a snapshot */
	uint64_t	 v;
};

struct message {
	enum action	 action;
	/* As sent, for echoing; they live as long as the message's text. */
	struct json_slice whole;	/* the object */
	struct json_slice a, id, c_raw, d_raw, b_raw;
	/* Decoded, in the arena, NUL terminated; NULL: absent or null. */
	const char	*c, *d;
	const char	*src;		/* op: given src; hs: given id */
	bool		 has_v;
	uint64_t	 v;
	bool		 has_time;	/* nt */
	int64_t		 time_ms;	/* since 1970; -1: before */
	uint64_t	 seq;		/* op */
	enum op_kind	 op_kind;	/* op */
	struct json_slice body;		/* op: value of op or create */
	bool		 bulk_is_list;	/* b was a list of ids */
	struct bulk_item *bulk;		/* without doubles, in order */
	size_t		 n_bulk;
	double		 query_id;	/* queries */
	struct json_slice q;		/* the filter; absent or null: all */
	bool		 has_known;	/* r was there: known is what the client has */
	struct bulk_item *known;	/* in its order, perhaps with doubles */
	size_t		 n_known;
	bool		 other_db;	/* o names a database */
	unsigned	 protocol_major, protocol_minor;	/* hs */
	unsigned	 presence_types;	/* hs: bits by ot_type_at; see 3.5 */
	bool		 wants_word;	/* hs: before its token is over */
	bool		 wants_epoch;	/* hs: of what the server keeps documents in; see 3.5 */
	bool		 is_strict;	/* op: at version v, or not at all */
	const char	*token;		/* x-token */
	/* presence; the raw ones as sent, absent included */
	const char	*ch;		/* channel */
	const char	*presence_id;
	struct json_slice ch_raw, seq_raw, pv_raw, v_raw, t_raw;
	struct json_slice presence;	/* p: its value */
	uint64_t	 pv;		/* p */
	const char	*t;		/* p: its document's type; NULL: none */
};

/* A refusal: what goes into "error" of the reply. */
struct refusal {
	enum err	 err;
	const char	*code;		/* wire code; "" sends none */
	char		 text[200];	/* the sentence */
};

enum message_verdict {
	MESSAGE_OK,
	MESSAGE_REFUSED,	/* answer with the refusal; the whole is set */
	MESSAGE_FATAL,		/* not a JSON object: close */
};

/*
 * Decode text, which must outlive msg; with more than depth_max (up to
 * JSON_DEPTH_MAX) lists and objects in one another it is refused.  On MESSAGE_REFUSED and MESSAGE_FATAL
 * the refusal says why; on MESSAGE_REFUSED, whole, a, id, c_raw, d_raw and
 * b_raw are set as far as the text has them.
 */
enum message_verdict message_decode(const char *text, size_t len_bytes,
	    unsigned depth_max, struct arena *arena, struct message *msg_out,
	    struct refusal *refusal_out);

/* Fill in a refusal; fmt NULL: the error's own sentence. */
void	refuse(struct refusal *r, enum err err, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* From the kernel's error. */
void	refuse_ot(struct refusal *r, const struct ot_err *e);

#endif
