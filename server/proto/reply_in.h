/*
 * reply, as its files see it; reply.h is the part for everybody else.
 */
#ifndef PROTO_REPLY_IN_H
#define PROTO_REPLY_IN_H

#include "proto/reply.h"

/* What every reply begins with; no closing brace yet. */
void		 reply_begin(struct buf *b, const struct message *req,
		    bool has_data);
/* The frame of what b holds; b is empty afterwards. */
struct frame	*reply_seal(struct buf *b);
/* A NUL terminated string as JSON. */
void		 put_text(struct buf *b, const char *s);
/* {"code":..,"message":..} */
void		 put_error(struct buf *b, const struct refusal *r);

#endif
