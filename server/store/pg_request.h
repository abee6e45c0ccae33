/*
 * pg_request: one statement with its parameters, and what its answer's cells
 * hold.  Knows no connection.
 */
#ifndef STORE_PG_REQUEST_H
#define STORE_PG_REQUEST_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"
#include "store/pg.h"
#include "store/pg_array.h"
#include "store/pg_sql.h"

/* A statement with its parameters; they borrow from the job. */
struct pg_request {
	unsigned	statement;	/* of pg_sql.h */
	struct pg_param	params[PG_PARAMS_MAX];
	int		n;
	char		numbers[PG_PARAMS_MAX][24];	/* for params */
	struct pg_array	arrays[PG_PARAMS_MAX];		/* for params */
	int		n_arrays;
};

void	 pg_request_init(struct pg_request *r, unsigned statement);
void	 pg_request_done(struct pg_request *r);

/* The next parameter, borrowed; NULL: null. */
void	 pg_request_put_str(struct pg_request *r, const char *text);
/* Bytes without a NUL after them: text in its binary form is just these. */
void	 pg_request_put_bytes(struct pg_request *r, const char *bytes,
	    size_t len);
void	 pg_request_put_u64(struct pg_request *r, uint64_t n);
void	 pg_request_put_i64(struct pg_request *r, int64_t n);
/* An array, behind all that are none; to be filled before pg_request_seal. */
struct pg_array *pg_request_put_array(struct pg_request *r,
	    enum pg_element type);
/* Arrays are filled: they become the parameters.  False: one is too large. */
bool	 pg_request_seal(struct pg_request *r);

uint64_t pg_get_u64(const PGresult *res, int row, int column);	/* null: 0 */
/* To be freed; NULL: null. */
char	*pg_get_text(const PGresult *res, int row, int column);
/* The op in the five columns from there on: kind, version, seq, src, body. */
struct op *pg_get_op(const PGresult *res, int row, int column);

#endif
