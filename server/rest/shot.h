/*
 * shot: a document as the hub's answers show it: version, type, content.
 */
#ifndef REST_SHOT_H
#define REST_SHOT_H

#include <stdint.h>

#include "ot/json.h"
#include "ot/type.h"
#include "rest/call.h"

struct shot {
	uint64_t		 v;	/* 0: never was */
	const struct ot_type	*type;	/* NULL: there is no document (now) */
	struct json_slice	 data;	/* absent: undefined, or no document */
};

/*
 * From a snapshot of the wire (docs/PROTOCOL.md, 2.3), or an answer to nf or
 * nt; borrows its text.
 */
struct shot	 shot_read(const struct json_slice *snapshot);
/* The same, its content copied to *kept, which is heap or NULL, and the caller's. */
struct shot	 shot_keep(const struct json_slice *snapshot, char **kept);
/* ETag, Otd-Version, Otd-Type; of a document that is not there the second. */
void		 shot_headers(struct rest_call *call, const struct shot *shot);
/* The content as the answer's body: null when it is undefined. */
void		 shot_answer(struct rest_call *call, int status,
		    const struct shot *shot);
/*
 * Append the content; with fields, a list with commas, the members of the root
 * that it names, and null of what is no object.
 */
void	 shot_put_fields(struct buf *b, const struct json_slice *data,
	    const char *fields);
/* 404, with the version of what was deleted. */
void		 shot_missing(struct rest_call *call,
		    const struct shot *shot);

#endif
