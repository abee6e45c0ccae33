#include "rest/hook_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/mem.h"

#define PREFIX		"whsec_"
#define PREFIX_LEN	(sizeof(PREFIX) - 1)
#define NEW_BYTES	32
#define KEY_MIN		24	/* bytes */
#define KEY_MAX		64
#define KEY_TEXT_MAX	88	/* 64 bytes in base64 */
#define DIGEST_BYTES	32

void
hook_secret_new(char text[HOOK_SECRET_TEXT])
{
	unsigned char bytes[NEW_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		bug("hook: no randomness");
	memcpy(text, PREFIX, PREFIX_LEN);
	EVP_EncodeBlock((unsigned char *)text + PREFIX_LEN, bytes, NEW_BYTES);
	OPENSSL_cleanse(bytes, sizeof(bytes));
}

/* Its bytes; 0: it is not good. */
static size_t
secret_read(const char *text, unsigned char key[KEY_MAX + 2])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len, pad = 0;
	int n;

	if (strncmp(text, PREFIX, PREFIX_LEN) != 0)
		return 0;
	text += PREFIX_LEN;
	len = strlen(text);
	if (len > KEY_TEXT_MAX || len % 4 != 0)
		return 0;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	/* It passes over white space, and padding anywhere. */
	if (strspn(text, alphabet) != len - pad)
		return 0;
	n = EVP_DecodeBlock(key, (const unsigned char *)text, (int)len);
	if (n < 0 || (size_t)n < pad + KEY_MIN || (size_t)n - pad > KEY_MAX)
		return 0;
	return (size_t)n - pad;
}

bool
hook_secret_is_good(const char *text)
{
	unsigned char key[KEY_MAX + 2];
	bool is_good = secret_read(text, key) > 0;

	OPENSSL_cleanse(key, sizeof(key));
	return is_good;
}

void
hook_sign(struct buf *out, const char *secret, const char *id,
    int64_t timestamp_s, const void *payload, size_t len_bytes)
{
	unsigned char key[KEY_MAX + 2], digest[EVP_MAX_MD_SIZE];
	char text[4 * ((DIGEST_BYTES + 2) / 3) + 1], seconds[24];
	struct buf signed_text = BUF_INIT;
	size_t key_len = secret_read(secret, key);
	unsigned len = 0;

	if (key_len == 0)
		bug("hook: a secret that is none");
	snprintf(seconds, sizeof(seconds), ".%" PRId64 ".", timestamp_s);
	buf_puts(&signed_text, id);
	buf_puts(&signed_text, seconds);
	buf_put(&signed_text, payload, len_bytes);
	if (buf_failed(&signed_text) || HMAC(EVP_sha256(), key, (int)key_len,
	    (const unsigned char *)signed_text.data, signed_text.len, digest,
	    &len) == NULL || len != DIGEST_BYTES)
		bug("hook: cannot sign");
	EVP_EncodeBlock((unsigned char *)text, digest, DIGEST_BYTES);
	if (out->len > 0)
		buf_putc(out, ' ');
	buf_puts(out, "v1,");
	buf_puts(out, text);
	buf_done(&signed_text);
	OPENSSL_cleanse(key, sizeof(key));
}
