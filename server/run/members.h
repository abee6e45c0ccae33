/*
 * members: what is wanted of a JSON object, in one pass over its text.
 */
#ifndef RUN_MEMBERS_H
#define RUN_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json.h"

/*
 * The members of these names, each in its place in out; JSON_NONE: it is not
 * there.  Others are passed over.  0; or a refusal: not an object, or not
 * JSON.
 */
int	 members_read(const char *text, size_t len_bytes,
	    const char *const *names, struct json_slice *out, size_t n,
	    struct ot_err *err) OT_MUST_CHECK;

/*
 * A string, to be freed; NULL: it is none, or holds what UTF-8 that ends with
 * NUL cannot.
 */
char	*members_text(const struct json_slice *s);
/* A whole number from 0 that JavaScript holds exactly; false: it is none. */
bool	 members_number(const struct json_slice *s, uint64_t *out);

#endif
