#include "store/pg_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* ---- parameters ---- */

void
pg_request_init(struct pg_request *r, unsigned statement)
{
	r->statement = statement;
	r->n = 0;
	r->n_arrays = 0;
}

void
pg_request_done(struct pg_request *r)
{
	while (r->n_arrays > 0)
		pg_array_done(&r->arrays[--r->n_arrays]);
}

void
pg_request_put_str(struct pg_request *r, const char *text)
{
	r->params[r->n++] = (struct pg_param){ .bytes = text };
}

void
pg_request_put_bytes(struct pg_request *r, const char *bytes, size_t len)
{
	r->params[r->n++] = (struct pg_param){
		.bytes = bytes, .len = (int)len, .binary = true
	};
}

void
pg_request_put_u64(struct pg_request *r, uint64_t n)
{
	char *text = r->numbers[r->n];

	/* JOB_NO_VERSION is past every version there can be. */
	snprintf(text, sizeof(r->numbers[0]), "%" PRIu64,
	    n > INT64_MAX ? (uint64_t)INT64_MAX : n);
	pg_request_put_str(r, text);
}

void
pg_request_put_i64(struct pg_request *r, int64_t n)
{
	char *text = r->numbers[r->n];

	snprintf(text, sizeof(r->numbers[0]), "%" PRId64, n);
	pg_request_put_str(r, text);
}

struct pg_array *
pg_request_put_array(struct pg_request *r, enum pg_element type)
{
	struct pg_array *a = &r->arrays[r->n_arrays++];

	pg_array_init(a, type);
	return a;
}

bool
pg_request_seal(struct pg_request *r)
{
	int i;

	for (i = 0; i < r->n_arrays; i++) {
		struct pg_param *p = &r->params[r->n++];

		p->binary = true;
		p->bytes = pg_array_bytes(&r->arrays[i], &p->len);
		if (p->bytes == NULL)
			return false;
	}
	return true;
}

/* ---- answers ---- */

uint64_t
pg_get_u64(const PGresult *res, int row, int column)
{
	return strtoull(PQgetvalue(res, row, column), NULL, 10);
}

char *
pg_get_text(const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return NULL;
	return mem_copy(PQgetvalue(res, row, column),
	    (size_t)PQgetlength(res, row, column));
}

struct op *
pg_get_op(const PGresult *res, int row, int column)
{
	const char *body = PQgetisnull(res, row, column + 4) ? NULL :
	    PQgetvalue(res, row, column + 4);
	struct op *op;

	op = op_new((enum op_kind)pg_get_u64(res, row, column),
	    pg_get_u64(res, row, column + 1), PQgetvalue(res, row, column + 3),
	    pg_get_u64(res, row, column + 2), body,
	    (size_t)PQgetlength(res, row, column + 4));
	if (op == NULL)
		bug("out of memory");
	return op;
}
