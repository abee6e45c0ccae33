/*
 * pg_array: a one-dimensional array in PostgreSQL's binary format, as a
 * parameter of a statement.  Binary because nothing in it needs escaping.
 * (PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv.)
 */
#ifndef STORE_PG_ARRAY_H
#define STORE_PG_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

/* Object identifiers of element types, fixed in pg_type.dat. */
enum pg_element { PG_INT8 = 20, PG_INT2 = 21, PG_TEXT = 25 };

struct pg_array {
	struct buf	b;
	uint32_t	n;		/* elements */
};

void	 pg_array_init(struct pg_array *a, enum pg_element type);
void	 pg_array_done(struct pg_array *a);
/* n as an element of a's type, in which it must fit. */
void	 pg_array_put_int(struct pg_array *a, uint64_t n);
/* NULL: SQL's null. */
void	 pg_array_put_text(struct pg_array *a, const char *text, size_t len);
void	 pg_array_put_str(struct pg_array *a, const char *text);
/*
 * The finished bytes, borrowed until pg_array_done; NULL when out of memory.
 */
const char *pg_array_bytes(struct pg_array *a, int *len_out);

#endif
