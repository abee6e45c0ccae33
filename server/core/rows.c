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
