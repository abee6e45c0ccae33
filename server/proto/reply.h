/*
 * reply: what the server says, encoded into frames.
 *
 * A reply repeats a; and id when the request had a truthy one, else c, d and
 * (when it carries no data) b.  A refused request comes back as the client
 * sent it, with "error" added.  sharedb 7.0.0, lib/agent.js, _reply.
 *
 * Every function returns a new frame with one count.
 */
#ifndef PROTO_REPLY_H
#define PROTO_REPLY_H

#include "base/frame.h"
#include "ot/op.h"
#include "proto/message.h"

#define PROTOCOL_MAJOR	1
#define PROTOCOL_MINOR	2

/* {a:"init", ...}: the server speaks first. */
struct frame	*reply_init(const char *src);
/*
 * The answer to hs; expires_s: when its token is over, 0: not told; epoch of
 * what documents are kept in, letters, digits and hyphens, "": not told.
 */
struct frame	*reply_handshake(const struct message *req, const char *src,
		    uint64_t expires_s, const char *epoch);
/* The answer to x-token; a refusal does not repeat the token. */
struct frame	*reply_token(const struct message *req, uint64_t expires_s);
struct frame	*reply_token_refused(const struct message *req,
		    const struct refusal *r);
/* Its token will soon be over. */
struct frame	*reply_token_ends(uint64_t expires_s);
/*
 * The answer to x-may: the actions that may be done, and of a document that
 * may be read (else NULL) its version and type.
 */
struct frame	*reply_may(const struct message *req,
		    const char *const *actions, size_t n,
		    const struct snapshot *s);
/* Nothing but the echo. */
struct frame	*reply_plain(const struct message *req);
/* The acknowledgement of an op; v is the version it was committed at. */
struct frame	*reply_ack(const struct message *req, const char *src,
		    uint64_t seq, uint64_t v);
struct frame	*reply_refused(const struct message *req,
		    const struct refusal *r);
/* A refusal of something that was no object. */
struct frame	*reply_error(const struct refusal *r);
/* {data: shot}; shot is what put_snapshot wrote. */
struct frame	*reply_snapshot(const struct message *req,
		    const struct buf *shot);
/* {v, data, type, m}: a document as it was, or is; data NULL: undefined. */
struct frame	*reply_history(const struct message *req, uint64_t v,
		    const struct ot_type *type, const struct buf *data);
/* {data: {...}}: members is the inside of the map, without braces. */
struct frame	*reply_bulk(const struct message *req, const struct buf *members);

/* An op as readers get it; the same frame for all of them. */
struct frame	*reply_op(const char *collection, const char *id,
		    const struct op *op);

/* Append {"v":..,"data":..,"type":..}: the one place that knows its rules. */
void		 put_snapshot(struct buf *b, const struct snapshot *s);
/* The same of parts: type NULL: there is none; data NULL: it is undefined. */
void		 put_shown(struct buf *b, uint64_t v,
		    const struct ot_type *type, const struct buf *data);
/* Append one member of a bulk map to members, with a comma if needed. */
void		 put_bulk_snapshot(struct buf *members, const char *id,
		    const struct buf *shot);
void		 put_bulk_refusal(struct buf *members, const char *id,
		    const struct refusal *r);

#endif
