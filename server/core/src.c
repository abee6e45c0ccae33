#include "core/src.h"

#include <stddef.h>
#include <string.h>

#include "core/principal.h"
#include "core/trace.h"
#include "ot/buf.h"
#include "base/mem.h"

#define PART	8	/* bytes of chance that stay, and of the code */

bool
src_is_bound(const unsigned char key[SIPHASH_KEY])
{
	static const unsigned char none[SIPHASH_KEY];

	return memcmp(key, none, sizeof(none)) != 0;
}

/* What an id is bound to: the kind tells a subject from a link of that name. */
static void
code_of(const unsigned char key[SIPHASH_KEY], const struct principal *who,
    const unsigned char random[PART], unsigned char out[SIPHASH_LEN])
{
	struct buf b = BUF_INIT;

	buf_put(&b, random, PART);
	if (who != NULL && who->subject != NULL) {
		buf_putc(&b, 's');
		buf_puts(&b, who->subject);
	} else if (who != NULL && who->link != NULL) {
		buf_putc(&b, 'l');
		buf_puts(&b, who->link);
	}
	if (buf_failed(&b))
		bug("no memory for a name");
	siphash(key, b.data, b.len, out);
	buf_done(&b);
}

static void
put_digits(char *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	while (n-- > 0) {
		*out++ = digits[*bytes >> 4];
		*out++ = digits[*bytes++ & 15];
	}
}

static bool
take_digits(const char *text, unsigned char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;

	for (; n-- > 0; text += 2) {
		if (text[0] == '\0' || text[1] == '\0' ||
		    (high = strchr(digits, text[0])) == NULL ||
		    (low = strchr(digits, text[1])) == NULL)
			return false;
		*out++ = (unsigned char)((high - digits) << 4 | (low - digits));
	}
	return *text == '\0';
}

void
src_make(const unsigned char key[SIPHASH_KEY], const struct principal *who,
    const unsigned char random[SRC_RANDOM], char out[SRC_TEXT])
{
	unsigned char id[2 * PART], code[SIPHASH_LEN];

	memcpy(id, random, sizeof(id));
	if (src_is_bound(key)) {
		code_of(key, who, id, code);
		memcpy(id + PART, code, PART);
	}
	put_digits(out, id, sizeof(id));
	out[4 * PART] = '\0';
}

bool
src_check(const unsigned char key[SIPHASH_KEY], const struct principal *who,
    const char *src)
{
	unsigned char id[2 * PART], code[SIPHASH_LEN], differ = 0;

	if (strncmp(src, SRC_INSIDE, strlen(SRC_INSIDE)) == 0)
		return false;
	if (!src_is_bound(key))
		return true;
	if (!take_digits(trace_behind(src), id, sizeof(id)))
		return false;
	code_of(key, who, id, code);
	/* In a time that tells nothing. */
	for (size_t i = 0; i < PART; i++)
		differ |= id[PART + i] ^ code[i];
	return differ == 0;
}
