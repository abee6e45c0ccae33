/*
 * once: a request that names itself is carried out once
 * (draft-ietf-httpapi-idempotency-key-header).
 *
 * Its Idempotency-Key, who asks, and the document make a key, and with the
 * request's own hash the src of its op.  So there are two marks: the op, which
 * is durable with the change itself, and the answer, written behind it.
 *
 * What must hold: of requests with one key, at whatever process, at most one
 * op is committed.  An op with a src that is met while the hub carries another
 * with that src forward is acknowledged and not applied.  So it is enough to
 * fetch the document first, to look for both marks then, and to submit with
 * the version fetched: an op that was committed before the look is found by
 * it, a later one lies at or above that version and is met.
 */
#ifndef REST_ONCE_H
#define REST_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "rest/call.h"

#define ONCE_KEY_MAX	255	/* bytes that a client's key may have */

struct once {
	struct table_node in_rest;	/* rest->once: under way here */
	struct rest	*rest;		/* NULL: not under way */
	char		 key[65];	/* SHA-256, hexadecimal */
	char		 fingerprint[65];
	char		 src[5 + 64 + 1];	/* "once:" and another */
};

/* SHA-256 of parts, each with its length; hex_out has 65 bytes. */
struct once_part {
	const void	*bytes;
	size_t		 len;
};
void	 once_hash(const struct once_part *parts, size_t n, char *hex_out);

/*
 * Begin: key as the client wrote it, the document, and the hash of what makes
 * the request another one.  False: one with this key is under way here.
 */
bool	 once_begin(struct once *o, struct rest_call *call, const char *key,
	    const char *collection, const char *id, const char *fingerprint);
/* It is over; harmless when it never began. */
void	 once_end(struct once *o);

/* What was found of it. */
struct once_found {
	enum err	 err;		/* the store could not say */
	bool		 is_other;	/* the key came with another request */
	int		 status;	/* 0: it was not answered before */
	uint64_t	 v;
	const char	*answer;	/* in the call's arena; NULL: none was kept */
	bool		 has_op;	/* and its op is there: */
	uint64_t	 op_v;		/* committed at */
	enum op_kind	 op_kind;
	const char	*op_body;	/* JSON, in the call's arena; NULL: none, or compacted */
};
typedef void once_then(struct rest_call *call, const struct once_found *found,
	    void *whose);

/* Look for both marks; then is called later, unless the call is over. */
void	 once_find(struct once *o, struct rest_call *call,
	    const char *collection, const char *id, once_then *then,
	    void *whose);
/* Keep the answer; then is called when it is kept, or could not be. */
void	 once_keep(struct once *o, struct rest_call *call,
	    const char *collection, const char *id, int status, uint64_t v,
	    const struct buf *answer, rest_done *then, void *whose);

#endif
