/*
 * rows_sql: the statements of schema/rows.def, as stores see them.
 */
#ifndef STORE_ROWS_SQL_H
#define STORE_ROWS_SQL_H

#include <stdbool.h>

#include "core/rows.h"

/* All static. */
struct rows_sql {
	const char	*name;		/* "ROWS_..." */
	const char	*pg, *lite;
};

const struct rows_sql *rows_sql(enum rows_what what);
/*
 * Does it change nothing, so that it may be repeated?  A statement that
 * begins with SELECT does not, by the rule of rows.def.
 */
bool	rows_is_read(enum rows_what what);

#endif
