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

/* Append normal text to normal text. */
static char *
put(const char *text, struct tree_size add, const char *start, char *end,
    struct tree_size *size)
{
	static const struct tree_size half = { { HALF_BYTES, 1, 1 } };
	static const struct tree_size pair = { { UTF_SEQUENCE_MAX, 1, 2 } };
	size_t len = add.of[ROPE_BYTES];
	uint32_t high, low;
	size_t unused;

	tree_size_add(size, add);
	if (utf_starts_low(text, len) &&
	    utf_ends_high(start, (size_t)(end - start))) {
		high = utf_decode(end - HALF_BYTES, &unused);
		low = utf_decode(text, &unused);
		end -= HALF_BYTES;
		end += utf_encode(utf_pair(high, low), end);
		text += HALF_BYTES;
		len -= HALF_BYTES;
		tree_size_sub(size, half);
		tree_size_sub(size, half);
		tree_size_add(size, pair);
	}
	memcpy(end, text, len);
	return end + len;
}

static char *
put_half(uint32_t half, const char *start, char *end, struct tree_size *size)
{
	static const struct tree_size one = { { HALF_BYTES, 1, 1 } };
	char text[UTF_SEQUENCE_MAX];

	utf_encode(half, text);
	return put(text, one, start, end, size);
}

char *
slice_put(const struct slice *s, const char *start, char *end,
    struct tree_size *size)
{
	if (s->low != 0)
		end = put_half(s->low, start, end, size);
	if (rope_size_ascii(s->size)) {
		memcpy(end, s->text, s->size.of[ROPE_BYTES]);
		end += s->size.of[ROPE_BYTES];
		tree_size_add(size, s->size);
	} else {
		end = put(s->text, s->size, start, end, size);
	}
	if (s->high != 0)
		end = put_half(s->high, start, end, size);
	return end;
}
