#include "bench/load/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK	16384		/* bytes that a block holds */

struct text_block {
	char	*bytes;		/* BLOCK of them, heap */
	size_t	 len;
};

void
text_done(struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->blocks[i].bytes);
	free(t->blocks);
	*t = (struct text){ NULL, 0, 0, 0 };
}

/* A new empty block at index i. */
static void
block_add(struct text *t, size_t i)
{
	if (t->n == t->cap) {
		t->cap = t->cap + t->cap / 2 + 4;
		t->blocks = mem_grow(t->blocks, t->cap, sizeof(*t->blocks));
	}
	memmove(t->blocks + i + 1, t->blocks + i,
	    (t->n - i) * sizeof(*t->blocks));
	t->blocks[i] = (struct text_block){ mem_grow(NULL, BLOCK, 1), 0 };
	t->n++;
}

/* What is behind at goes into a block of its own. */
static void
block_split(struct text *t, size_t i, size_t at)
{
	struct text_block *b, *behind;

	block_add(t, i + 1);
	b = &t->blocks[i];
	behind = b + 1;
	behind->len = b->len - at;
	memcpy(behind->bytes, b->bytes + at, behind->len);
	b->len = at;
}

bool
text_insert(struct text *t, size_t pos, const char *bytes, size_t len)
{
	size_t i = 0;

	if (pos > t->len)
		return false;
	t->len += len;
	if (t->n == 0)
		block_add(t, 0);
	while (pos > t->blocks[i].len)
		pos -= t->blocks[i++].len;
	while (len > 0) {
		struct text_block *b = &t->blocks[i];
		size_t part = BLOCK - b->len;

		if (part == 0) {
			block_split(t, i, pos == BLOCK ? BLOCK : BLOCK / 2);
			if (pos > t->blocks[i].len ||
			    t->blocks[i].len == BLOCK)
				pos -= t->blocks[i++].len;
			continue;
		}
		if (part > len)
			part = len;
		memmove(b->bytes + pos + part, b->bytes + pos, b->len - pos);
		memcpy(b->bytes + pos, bytes, part);
		b->len += part;
		pos += part;
		bytes += part;
		len -= part;
	}
	return true;
}

bool
text_is(const struct text *t, const char *bytes, size_t len)
{
	if (len != t->len)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (memcmp(t->blocks[i].bytes, bytes, t->blocks[i].len) != 0)
			return false;
		bytes += t->blocks[i].len;
	}
	return true;
}
