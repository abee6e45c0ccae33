#include "run/secret.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/mem.h"

void
secret_derive(const char *secret, const char *purpose, unsigned char *key_out,
    size_t len_bytes)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int len;

	assert(len_bytes <= SECRET_KEY_MAX);
	if (HMAC(EVP_sha256(), secret, (int)strlen(secret),
	    (const unsigned char *)purpose, strlen(purpose), sum,
	    &len) == NULL || len < len_bytes)
		bug("libcrypto has no HMAC with SHA-256");
	memcpy(key_out, sum, len_bytes);
	OPENSSL_cleanse(sum, sizeof(sum));
}
