#include "auth/link.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/sha.h>

bool
link_is(const char *text)
{
	return strncmp(text, LINK_BEGINS, strlen(LINK_BEGINS)) == 0;
}

bool
link_is_subject(const char *text)
{
	return strncmp(text, LINK_SUBJECT_BEGINS,
	    strlen(LINK_SUBJECT_BEGINS)) == 0;
}

size_t
secret_encode(const void *from, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *bytes = from;
	unsigned bits, n = 0;
	char *at = out;
	size_t i;

	for (bits = 0, i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (n += 8; n >= 6; n -= 6)
			*at++ = digits[bits >> (n - 6) & 63];
	}
	if (n > 0)
		*at++ = digits[bits << (6 - n) & 63];
	*at = '\0';
	return (size_t)(at - out);
}

bool
secret_new(char text_out[SECRET_ROOM])
{
	unsigned char bytes[SECRET_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	secret_encode(bytes, sizeof(bytes), text_out);
	return true;
}

void
secret_digest(const char *text, char digest_out[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t i;

	SHA256((const unsigned char *)text, strlen(text), digest);
	for (i = 0; i < sizeof(digest); i++) {
		digest_out[2 * i] = digits[digest[i] >> 4];
		digest_out[2 * i + 1] = digits[digest[i] & 15];
	}
	digest_out[2 * sizeof(digest)] = '\0';
}

bool
link_new(char text_out[LINK_TEXT])
{
	memcpy(text_out, LINK_BEGINS, strlen(LINK_BEGINS));
	return secret_new(text_out + strlen(LINK_BEGINS));
}

void
link_subject(const char *text, char subject_out[LINK_TEXT])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)text, strlen(text), digest);
	memcpy(subject_out, LINK_SUBJECT_BEGINS, strlen(LINK_SUBJECT_BEGINS));
	secret_encode(digest, sizeof(digest),
	    subject_out + strlen(LINK_SUBJECT_BEGINS));
}
