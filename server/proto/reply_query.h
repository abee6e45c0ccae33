/*
 * reply_query: what the server says about queries, encoded.
 *
 * What all subscribers of a query get differs in their query ids alone: its
 * tail is encoded once, and each frame is an id before it.
 */
#ifndef PROTO_REPLY_QUERY_H
#define PROTO_REPLY_QUERY_H

#include "base/frame.h"
#include "ot/buf.h"
#include "proto/message.h"

/*
 * Append {"d":id,"v":v,"data":body,"type":type}: a document in a result.
 * body NULL: undefined.  type is the URI; NULL: it does not exist.
 */
void		 put_result(struct buf *b, const char *id, uint64_t v,
		    const char *type, const char *body, size_t len_bytes);

/*
 * The answer to qf and qs: {data: [results]}; results is the inside of the
 * list.  extra NULL: none; else what stands after "extra":.
 */
struct frame	*reply_results(const struct message *req,
		    const struct buf *results, const char *extra);
/* The same, "data" being left out. */
struct frame	*reply_no_results(const struct message *req,
		    const char *extra);

/* A diff, an extra, or an error, for the query with this id. */
struct frame	*reply_query(double id, const struct buf *tail);
/*
 * The tails, appended to b: ,"diff":[...]} around the inside of the list;
 * ,"extra":...}; ,"error":{...}}.
 */
void		 put_diff_tail(struct buf *b, const struct buf *diff);
void		 put_extra_tail(struct buf *b, const char *extra);
void		 put_error_tail(struct buf *b, const struct refusal *r);

#endif
