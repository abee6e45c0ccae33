#include "auth/sign.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/link.h"
#include "base/mem.h"
#include "ot/buf.h"
#include "ot/json.h"

/* base64url of bytes, appended. */
static void
put_base64url(struct buf *b, const void *bytes, size_t len)
{
	char *room = mem_get(len * 4 / 3 + 4);

	buf_put(b, room, secret_encode(bytes, len, room));
	free(room);
}

static void
hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
    unsigned char out[EVP_MAX_MD_SIZE])
{
	unsigned n;

	if (HMAC(EVP_sha256(), key, (int)key_len, bytes, len, out, &n) == NULL)
		bug("HMAC-SHA256 is missing");
}

/* RFC 7515, 3.1: header.claims.signature. */
char *
sign_token(const char *claims, const char *kid, const void *key,
    size_t key_len)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct buf header = BUF_INIT, token = BUF_INIT;
	char *text;

	buf_puts(&header, "{\"alg\":\"HS256\",\"typ\":\"JWT\"");
	if (kid != NULL) {
		buf_puts(&header, ",\"kid\":");
		json_put_string(&header, kid, strlen(kid));
	}
	buf_puts(&header, "}");
	put_base64url(&token, header.data, header.len);
	buf_putc(&token, '.');
	put_base64url(&token, claims, strlen(claims));
	hmac_sha256(key, key_len, token.data, token.len, mac);
	buf_putc(&token, '.');
	put_base64url(&token, mac, 32);
	if (buf_failed(&header) || buf_failed(&token))
		bug("out of memory");
	text = mem_copy(token.data, token.len);
	buf_done(&header);
	buf_done(&token);
	return text;
}
