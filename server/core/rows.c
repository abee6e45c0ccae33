#include "core/rows.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/job.h"

static const unsigned char n_params[ROWS_N] = {
#define ROWS(name, n_params, pg, lite) [name] = n_params,
#include "schema/rows.def"
#undef ROWS
};

size_t
rows_n_params(enum rows_what what)
{
	return n_params[what];
}

struct job *
rows_new(enum rows_what what, void (*settle)(struct job *job), void *whose,
    ...)
{
	struct job *job = job_new(JOB_ROWS, whose);
	struct job_rows *r = &job->rows;
	const char *param;
	va_list params;

	job->settle = settle;
	r->what = what;
	r->n_params = n_params[what];
	va_start(params, whose);
	for (size_t i = 0; i < r->n_params; i++) {
		param = va_arg(params, const char *);
		r->params[i] = param == NULL ? NULL :
		    mem_copy(param, strlen(param));
	}
	va_end(params);
	return job;
}

const char *
rows_cell(const struct job *job, size_t row, size_t column)
{
	const struct job_rows *r = &job->rows;

	if (row >= r->n_rows || column >= r->n_columns)
		return NULL;
	return r->cells[row * r->n_columns + column];
}

int64_t
rows_number(const struct job *job, size_t row, size_t column,
    int64_t otherwise)
{
	const char *cell = rows_cell(job, row, column);

	return cell == NULL ? otherwise : strtoll(cell, NULL, 10);
}

void
rows_clear(struct job_rows *r)
{
	size_t i;

	for (i = 0; i < r->n_rows * r->n_columns; i++)
		free(r->cells[i]);
	free(r->cells);
	r->cells = NULL;
	r->n_rows = r->n_columns = 0;
}

char **
rows_add(struct job_rows *r)
{
	char **row;
	size_t i;

	/* There is room for a power of two of rows. */
	if ((r->n_rows & (r->n_rows - 1)) == 0)
		r->cells = mem_grow(r->cells,
		    (r->n_rows > 0 ? 2 * r->n_rows : 1) * r->n_columns,
		    sizeof(*r->cells));
	row = r->cells + r->n_rows++ * r->n_columns;
	for (i = 0; i < r->n_columns; i++)
		row[i] = NULL;
	return row;
}
