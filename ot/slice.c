#include "ot/slice.h"

#include <assert.h>
#include <string.h>

#include "ot/utf.h"

#define HALF_BYTES	3	/* of a lone surrogate */

/* The surrogates of the pair at p. */
static void
halves(const char *p, uint16_t *high_out, uint16_t *low_out)
{
	size_t size;
	uint32_t cp = utf_decode(p, &size) - 0x10000;

	*high_out = (uint16_t)(0xD800 + (cp >> 10));
	*low_out = (uint16_t)(0xDC00 + (cp & 0x3FF));
}

struct slice
slice_cut(struct slice_place *place, const char *text, struct tree_size size,
    enum rope_unit unit, uint64_t len, bool rest)
{
	struct slice s = { text, size, 0, 0 };
	uint32_t from = place->bytes, bytes = size.of[ROPE_BYTES], to;
	uint16_t unused;

	if (place->inside) {
		halves(text + from, &unused, &s.low);
		from += 4;
		len--;
		place->inside = false;
	}
	if (rest)
		to = bytes;
	else if (rope_size_ascii(size))
		to = from + (uint32_t)len;
	else if (unit == ROPE_CP)
		to = from + (uint32_t)utf_seek_cp(text + from, bytes - from,
		    len);
	else
		to = from + (uint32_t)utf_seek_u16(text + from, bytes - from,
		    len, &place->inside);
	if (place->inside)
		halves(text + to, &s.high, &unused);
	place->bytes = to;
	s.text = text + from;
	if (from > 0 || to < bytes)
		s.size = rope_measure(s.text, to - from);
	return s;
}

int
slice_of_json(const struct json_slice *json, struct buf *decoded,
    size_t room_bytes, const char **text_out, size_t *len_bytes_out)
{
	size_t len = json->len - 2, start = decoded->len;
	const char *text = json->p + 1;

	if (memchr(text, '\\', len) != NULL) {
		if (decoded->data == NULL &&
		    buf_room(decoded, room_bytes) == NULL)
			return OT_ENOMEM;
		json_slice_string(json, decoded);
		text = decoded->data + start;
		len = decoded->len - start;
		/* A string is never longer than its JSON. */
		assert(decoded->len <= room_bytes);
	}
	*text_out = text;
	*len_bytes_out = len;
	return 0;
}

size_t
slice_bytes(const struct slice *s)
{
	return s->size.of[ROPE_BYTES] + (s->low != 0 ? HALF_BYTES : 0) +
	    (s->high != 0 ? HALF_BYTES : 0);
}

/* Append normal text to normal text. */
static char *
put(const char *text, size_t len, const char *start, char *end)
{
	uint32_t high, low;
	size_t size;

	if (utf_starts_low(text, len) &&
	    utf_ends_high(start, (size_t)(end - start))) {
		high = utf_decode(end - HALF_BYTES, &size);
		low = utf_decode(text, &size);
		end -= HALF_BYTES;
		end += utf_encode(utf_pair(high, low), end);
		text += size;
		len -= size;
	}
	if (len > 0)
		memcpy(end, text, len);
	return end + len;
}

char *
slice_put(const struct slice *s, const char *start, char *end)
{
	char half[UTF_SEQUENCE_MAX];

	if (s->low != 0)
		end = put(half, utf_encode(s->low, half), start, end);
	end = put(s->text, s->size.of[ROPE_BYTES], start, end);
	if (s->high != 0)
		end = put(half, utf_encode(s->high, half), start, end);
	return end;
}
