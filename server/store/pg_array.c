#include "store/pg_array.h"

#include <limits.h>
#include <string.h>

enum { AT_TYPE = 8, AT_N = 12 };		/* offsets in the header */

static void
write_be(char *to, uint64_t n, size_t len)
{
	while (len-- > 0) {
		to[len] = (char)(n & 0xff);
		n >>= 8;
	}
}

static void
put_be(struct buf *b, uint64_t n, size_t len)
{
	char *to = buf_room(b, len);

	if (to == NULL)
		return;
	write_be(to, n, len);
	b->len += len;
}

void
pg_array_init(struct pg_array *a, enum pg_element type)
{
	buf_init(&a->b, INT_MAX);
	a->n = 0;
	put_be(&a->b, 1, 4);		/* dimensions */
	put_be(&a->b, 1, 4);		/* there may be nulls */
	put_be(&a->b, type, 4);
	put_be(&a->b, 0, 4);		/* elements: not known yet */
	put_be(&a->b, 1, 4);		/* lower bound */
}

void
pg_array_done(struct pg_array *a)
{
	buf_done(&a->b);
}

void
pg_array_put_int(struct pg_array *a, uint64_t n)
{
	size_t len = 8;

	if (!buf_failed(&a->b) && a->b.data[AT_TYPE + 3] == PG_INT2)
		len = 2;
	put_be(&a->b, len, 4);
	put_be(&a->b, n, len);
	a->n++;
}

void
pg_array_put_text(struct pg_array *a, const char *text, size_t len)
{
	if (text == NULL) {
		put_be(&a->b, UINT32_MAX, 4);	/* a length of -1: null */
	} else {
		put_be(&a->b, len, 4);
		buf_put(&a->b, text, len);
	}
	a->n++;
}

void
pg_array_put_str(struct pg_array *a, const char *text)
{
	pg_array_put_text(a, text, text != NULL ? strlen(text) : 0);
}

const char *
pg_array_bytes(struct pg_array *a, int *len_out)
{
	if (buf_failed(&a->b))
		return NULL;
	write_be(a->b.data + AT_N, a->n, 4);
	*len_out = (int)a->b.len;
	return a->b.data;
}
