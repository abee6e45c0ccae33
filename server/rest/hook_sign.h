/*
 * hook_sign: secrets and signatures of webhooks (Standard Webhooks 1.0.0,
 * "Signature scheme"): HMAC-SHA256 over "id.timestamp.payload".
 */
#ifndef REST_HOOK_SIGN_H
#define REST_HOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

#define HOOK_SECRET_TEXT	56	/* room for a new one */

/* A new secret: "whsec_" and 32 random bytes in base64. */
void	 hook_secret_new(char text[HOOK_SECRET_TEXT]);
/* "whsec_" and 24 to 64 bytes in base64? */
bool	 hook_secret_is_good(const char *text);
/*
 * Append "v1," and the signature; a blank before unless out is empty.  The
 * secret must be good.
 */
void	 hook_sign(struct buf *out, const char *secret, const char *id,
	    int64_t timestamp_s, const void *payload, size_t len_bytes);

#endif
