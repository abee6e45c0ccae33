#include "store/rows_sql.h"

#include <string.h>

static const struct rows_sql statements[ROWS_N] = {
#define ROWS(name, n_params, pg, lite) [name] = { #name, pg, lite },
#include "schema/rows.def"
#undef ROWS
};

const struct rows_sql *
rows_sql(enum rows_what what)
{
	return &statements[what];
}

bool
rows_is_read(enum rows_what what)
{
	return strncmp(statements[what].pg, "SELECT ", 7) == 0;
}
