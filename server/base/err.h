/*
 * err: every error of the server, from one table (err.def).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_NONE = 0,
#define ERR(name, wire, http, sentence) name,
#include "base/err.def"
#undef ERR
};

/* The wire code, "ERR_..."; "" for ERR_NONE. */
const char	*err_wire(enum err e);
/* The HTTP status; 200 for ERR_NONE. */
int		 err_http(enum err e);
/* The standing sentence; "" for ERR_NONE. */
const char	*err_text(enum err e);

#endif
