/*
 * etag: versions as validators (RFC 9110, section 8.8.3): "v12".
 *
 * Strong, and the same by every route to the document: a version is applied
 * once, and never given out before it is durable.
 */
#ifndef REST_ETAG_H
#define REST_ETAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a list of validators says (RFC 9110, section 13.1). */
enum etag_kind {
	ETAG_NONE,		/* the header is not there */
	ETAG_ANY,		/* "*" */
	ETAG_LIST,		/* some; see etag_list_v */
	ETAG_BAD,		/* none that could be read */
};

enum etag_kind	 etag_kind(const char *header);
/* Is version v one of those of a list? Weak ones count if weak. */
bool		 etag_has(const char *header, uint64_t v, bool weak);
/* If-None-Match of a GET: has the client version v? */
bool		 etag_is_known(const char *header, uint64_t v);

/* Is text among the words of a list with commas? */
bool		 etag_list_has(const char *list, const char *text,
		    size_t len_bytes);

#endif
