#include "rest/base64url.h"

#include <stdint.h>
#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool
base64url_read(const char *text, size_t len, char *out, size_t *len_out)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t i, n = 0;

	if (len % 4 == 1)
		return false;
	for (i = 0; i < len; i++) {
		const char *digit = text[i] != '\0' ?
		    strchr(digits, text[i]) : NULL;

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if ((n_bits += 6) < 8)
			continue;
		n_bits -= 8;
		out[n++] = (char)(bits >> n_bits);
		bits &= (1u << n_bits) - 1;
	}
	if (bits != 0)		/* one way to write each text */
		return false;
	*len_out = n;
	return true;
}

void
base64url_put(struct buf *b, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		bits = (bits & 63) << 8 | p[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			buf_putc(b, digits[bits >> (n_bits - 6) & 63]);
	}
	if (n_bits > 0)
		buf_putc(b, digits[bits << (6 - n_bits) & 63]);
}
