#include "ot/utf.h"

#include <string.h>

#define HIGH_FIRST	0xd800u
#define LOW_FIRST	0xdc00u

static inline bool
is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Eight bytes at a time where all are ASCII; returns how many bytes were. */
static size_t
ascii_run(const char *s, size_t len_bytes)
{
	size_t i = 0;
	uint64_t word;

	while (len_bytes - i >= sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
		i += sizeof(word);
	}
	while (i < len_bytes && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

bool
utf_is_ascii(const char *s, size_t len_bytes)
{
	return ascii_run(s, len_bytes) == len_bytes;
}

/* Bytes of the strict UTF-8 sequence at p, 0 if there is none. */
static size_t
strict_sequence(const unsigned char *p, size_t left)
{
	/* Second bytes have narrower bounds after some leads: Unicode, table 3-7. */
	unsigned char low = 0x80, high = 0xbf;
	size_t size, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	size = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (size > left)
		return 0;
	switch (p[0]) {
	case 0xe0: low = 0xa0; break;
	case 0xed: high = 0x9f; break;	/* no surrogates */
	case 0xf0: low = 0x90; break;
	case 0xf4: high = 0x8f; break;
	}
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < size; i++)
		if (!is_continuation(p[i]))
			return 0;
	return size;
}

bool
utf_is_utf8(const char *s, size_t len_bytes)
{
	size_t i = 0, size;

	for (;;) {
		i += ascii_run(s + i, len_bytes - i);
		if (i == len_bytes)
			return true;
		size = strict_sequence((const unsigned char *)s + i,
		    len_bytes - i);
		if (size == 0)
			return false;
		i += size;
	}
}

bool
utf_has_surrogate(const char *s, size_t len_bytes)
{
	const char *end = s + len_bytes;

	while ((s = memchr(s, 0xed, (size_t)(end - s))) != NULL) {
		if ((unsigned char)s[1] >= 0xa0)
			return true;
		s++;
	}
	return false;
}

void
utf_mend(char *text)
{
	size_t left = strlen(text), n;

	for (; left > 0; text += n, left -= n) {
		for (n = 1; n < UTF_SEQUENCE_MAX && n < left &&
		    !utf_is_utf8(text, n); n++)
			;
		if (!utf_is_utf8(text, n)) {
			*text = '?';
			n = 1;
		}
	}
}

size_t
utf_sequence(char lead)
{
	unsigned char c = (unsigned char)lead;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

uint32_t
utf_decode(const char *s, size_t *size_out)
{
	const unsigned char *p = (const unsigned char *)s;

	switch (*size_out = utf_sequence(*s)) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
		    (p[2] & 0x3fu);
	default:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
		    (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	}
}

size_t
utf_encode(uint32_t cp, char out[UTF_SEQUENCE_MAX])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* ED A0..AF xx is high, ED B0..BF xx low. */
bool
utf_ends_high(const char *s, size_t len_bytes)
{
	const unsigned char *p = (const unsigned char *)s + len_bytes;

	return len_bytes >= 3 && p[-3] == 0xed && (p[-2] & 0xf0) == 0xa0;
}

bool
utf_starts_low(const char *s, size_t len_bytes)
{
	const unsigned char *p = (const unsigned char *)s;

	return len_bytes >= 3 && p[0] == 0xed && (p[1] & 0xf0) == 0xb0;
}

uint32_t
utf_pair(uint32_t high, uint32_t low)
{
	return 0x10000 + ((high - HIGH_FIRST) << 10) + (low - LOW_FIRST);
}

uint32_t
utf_high_of(uint32_t cp)
{
	return HIGH_FIRST + ((cp - 0x10000) >> 10);
}

uint32_t
utf_low_of(uint32_t cp)
{
	return LOW_FIRST + ((cp - 0x10000) & 0x3ff);
}

/* ---- counting ---- */

#define EACH_BYTE	UINT64_C(0x0101010101010101)

/* How many of the eight bytes, each 0 or 1, are 1. */
static size_t
count_bytes(uint64_t word)
{
	return (size_t)((word * EACH_BYTE) >> 56);
}

size_t
utf_len_cp(const char *s, size_t len_bytes)
{
	size_t i, n = 0;
	uint64_t w;

	for (i = 0; len_bytes - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		/* Continuations are the bytes that begin with 10. */
		n += sizeof(w) - count_bytes(w >> 7 & ~w >> 6 & EACH_BYTE);
	}
	for (; i < len_bytes; i++)
		n += !is_continuation((unsigned char)s[i]);
	return n;
}

size_t
utf_len_u16(const char *s, size_t len_bytes)
{
	size_t i, n = utf_len_cp(s, len_bytes);
	uint64_t w;

	for (i = 0; len_bytes - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		/* Pairs are what a byte opens that begins with 1111. */
		n += count_bytes(w >> 7 & w >> 6 & w >> 5 & w >> 4 & EACH_BYTE);
	}
	for (; i < len_bytes; i++)
		n += (unsigned char)s[i] >= 0xf0;
	return n;
}

size_t
utf_seek_cp(const char *s, size_t len_bytes, size_t pos_cp)
{
	size_t i = ascii_run(s, pos_cp < len_bytes ? pos_cp : len_bytes);

	for (pos_cp -= i; pos_cp > 0 && i < len_bytes; pos_cp--)
		i += utf_sequence(s[i]);
	return i;
}

size_t
utf_seek_u16(const char *s, size_t len_bytes, size_t pos_u16, bool *inside_out)
{
	size_t i = ascii_run(s, pos_u16 < len_bytes ? pos_u16 : len_bytes);
	size_t size;

	*inside_out = false;
	pos_u16 -= i;
	while (pos_u16 > 0 && i < len_bytes) {
		size = utf_sequence(s[i]);
		if (size == 4 && pos_u16 == 1) {
			*inside_out = true;
			break;
		}
		pos_u16 -= size == 4 ? 2 : 1;
		i += size;
	}
	return i;
}

void
utf_units_init(struct utf_units *u, const char *s, size_t len_bytes)
{
	u->p = s;
	u->end = s + len_bytes;
	u->low = -1;
}

int32_t
utf_units_next(struct utf_units *u)
{
	int32_t low = u->low;
	size_t size;
	uint32_t cp;

	if (low >= 0) {
		u->low = -1;
		return low;
	}
	if (u->p == u->end)
		return -1;
	cp = utf_decode(u->p, &size);
	u->p += size;
	if (size < UTF_SEQUENCE_MAX)
		return (int32_t)cp;
	u->low = (int32_t)utf_low_of(cp);
	return (int32_t)utf_high_of(cp);
}

/* ---- building ---- */

void
utf_put(struct buf *b, size_t start_bytes, const char *s, size_t len_bytes)
{
	char joined[UTF_SEQUENCE_MAX];
	size_t size;
	uint32_t high, low;

	if (!b->failed && b->len - start_bytes >= 3 &&
	    utf_starts_low(s, len_bytes) &&
	    utf_ends_high(b->data + start_bytes, b->len - start_bytes)) {
		high = utf_decode(b->data + b->len - 3, &size);
		low = utf_decode(s, &size);
		b->len -= 3;
		buf_put(b, joined, utf_encode(utf_pair(high, low), joined));
		s += 3;
		len_bytes -= 3;
	}
	buf_put(b, s, len_bytes);
}

void
utf_put_cp(struct buf *b, size_t start_bytes, uint32_t cp)
{
	char bytes[UTF_SEQUENCE_MAX];

	utf_put(b, start_bytes, bytes, utf_encode(cp, bytes));
}

void
utf_put_slice_u16(struct buf *b, size_t start_bytes, const char *s,
    size_t len_bytes, size_t from_u16, size_t to_u16)
{
	size_t from, to, size;
	bool from_inside, to_inside;
	uint32_t cp;

	if (to_u16 <= from_u16)
		return;
	from = utf_seek_u16(s, len_bytes, from_u16, &from_inside);
	if (from_inside) {
		cp = utf_decode(s + from, &size);
		utf_put_cp(b, start_bytes, utf_low_of(cp));
		from += size;
		from_u16++;
	}
	to = from + utf_seek_u16(s + from, len_bytes - from,
	    to_u16 - from_u16, &to_inside);
	utf_put(b, start_bytes, s + from, to - from);
	if (to_inside) {
		cp = utf_decode(s + to, &size);
		utf_put_cp(b, start_bytes, utf_high_of(cp));
	}
}

/* ---- comparing ---- */

/* The first UTF-16 unit of what starts at p; a pair's is its high surrogate. */
static uint32_t
first_unit(const char *p)
{
	size_t size;
	uint32_t cp = utf_decode(p, &size);

	return cp < 0x10000 ? cp : utf_high_of(cp);
}

int
utf_compare_u16(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	size_t n = a_bytes < b_bytes ? a_bytes : b_bytes, i, a_size, b_size;
	uint32_t x, y;

	for (i = 0; i < n && a[i] == b[i]; i++)
		;
	if (i == n)
		return a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
	while (is_continuation((unsigned char)a[i]))
		i--;
	x = first_unit(a + i);
	y = first_unit(b + i);
	if (x != y)
		return x < y ? -1 : 1;
	x = utf_decode(a + i, &a_size);
	y = utf_decode(b + i, &b_size);
	if (a_size == b_size)
		return x < y ? -1 : 1;
	/* A pair against its high half alone: what follows that half decides. */
	if (a_size == 4) {
		i += b_size;
		return i == b_bytes || first_unit(b + i) < utf_low_of(x) ?
		    1 : -1;
	}
	i += a_size;
	return i == a_bytes || first_unit(a + i) < utf_low_of(y) ? -1 : 1;
}
