#include "base/err.h"

#include <stddef.h>

#include "base/mem.h"

static const struct err_row {
	const char	*wire;		/* "ERR_..." */
	int		 http;		/* status */
	const char	*sentence;
} rows[] = {
	[ERR_NONE] = { "", 200, "" },
#define ERR(name, wire, http, sentence) [name] = { wire, http, sentence },
#include "base/err.def"
#undef ERR
};

static const struct err_row *
err_row(enum err e)
{
	if ((size_t)e >= sizeof(rows) / sizeof(rows[0]))
		bug("err: not in the table");
	return &rows[e];
}

const char *
err_wire(enum err e)
{
	return err_row(e)->wire;
}

int
err_http(enum err e)
{
	return err_row(e)->http;
}

const char *
err_text(enum err e)
{
	return err_row(e)->sentence;
}
