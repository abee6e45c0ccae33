/*
 * reply_presence: what the server says about presence (reply.h for the rest).
 *
 * A presence goes to its author as the acknowledgement and to everybody else
 * alike, in one frame: sharedb 7.0.0, lib/agent.js, _createPresence.
 */
#ifndef PROTO_REPLY_PRESENCE_H
#define PROTO_REPLY_PRESENCE_H

#include "base/frame.h"
#include "proto/message.h"

/* Is it the presence of a document? */
bool		 message_has_doc(const struct message *req);
/*
 * Append the part of a presence that stays as it was sent, with no closing
 * brace: all but p, and but v where c and d name a document.
 */
void		 put_presence(struct buf *b, const struct message *req,
		    const char *src);
/*
 * A presence: head is what put_presence wrote, p its value as JSON; v, where
 * it has one, is written after.
 */
struct frame	*reply_presence(const struct buf *head, const char *p,
		    size_t len_bytes, bool has_v, uint64_t v);
/* The answer to ps and pu. */
struct frame	*reply_channel(const struct message *req);
/* {a:"pr", ch}: say your presence again. */
struct frame	*reply_presence_request(const char *ch);

#endif
