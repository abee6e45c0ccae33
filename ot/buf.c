#include "ot/buf.h"

#include <stdlib.h>
#include <string.h>

#define BUF_CAP_MIN	64	/* first allocation, bytes */
#define BUF_CAP_SMALL	1024
#define BUF_SLACK_MAX	128	/* what may be left of one that is taken */

void
buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ NULL, 0, 0, max_bytes, false };
}

void
buf_done(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

/*
 * Make the allocation hold need bytes.  Growing by a part of it n appends cost
 * O(n): by half, but small ones double, most of which are a message soon sent.
 */
static bool
buf_grow(struct buf *b, size_t need)
{
	size_t cap = b->cap < BUF_CAP_MIN ? BUF_CAP_MIN : b->cap;
	char *data;

	while (cap < need) {
		if (cap > SIZE_MAX / 2)
			cap = need;
		else
			cap += cap < BUF_CAP_SMALL ? cap : cap / 2;
	}
	if (cap > b->max && need <= b->max)
		cap = b->max;
	if ((data = realloc(b->data, cap)) == NULL)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

char *
buf_room(struct buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (b->len > b->max || n > b->max - b->len) {
		b->failed = true;
		return NULL;
	}
	/* One byte is always there, so that room for nothing is not NULL. */
	if (b->data == NULL || n > b->cap - b->len) {
		if (!buf_grow(b, b->len + n)) {
			b->failed = true;
			return NULL;
		}
	}
	return b->data + b->len;
}

void
buf_put(struct buf *b, const void *bytes, size_t len_bytes)
{
	char *room;

	if (len_bytes == 0 || (room = buf_room(b, len_bytes)) == NULL)
		return;
	memcpy(room, bytes, len_bytes);
	b->len += len_bytes;
}

void
buf_puts(struct buf *b, const char *cstr)
{
	buf_put(b, cstr, strlen(cstr));
}

void
buf_putc(struct buf *b, char c)
{
	char *room;

	if (!b->failed && b->len < b->cap && b->len < b->max) {
		b->data[b->len++] = c;
		return;
	}
	if ((room = buf_room(b, 1)) == NULL)
		return;
	*room = c;
	b->len++;
}

void
buf_put_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	buf_put(b, digits + at, sizeof(digits) - at);
}

bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

char *
buf_take(struct buf *b, size_t *len_out)
{
	char *data = NULL;

	*len_out = 0;
	if (!b->failed && b->len > 0) {
		data = b->data;
		if (b->cap - b->len >= BUF_SLACK_MAX &&
		    (data = realloc(data, b->len)) == NULL)
			data = b->data;
		*len_out = b->len;
		b->data = NULL;
	}
	buf_done(b);
	return data;
}
