/*
 * base64url: bytes as text that may stand in a URL (RFC 4648, section 5),
 * without padding.
 */
#ifndef REST_BASE64URL_H
#define REST_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

/*
 * Read len bytes of text into out, which has room for 3 bytes of 4.  False: it
 * is none.
 */
bool	 base64url_read(const char *text, size_t len, char *out,
	    size_t *len_out);
void	 base64url_put(struct buf *b, const void *bytes, size_t len);

#endif
