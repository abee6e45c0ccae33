/*
 * policy_json: what "otd policy" reads besides rules: claims, expectations.
 */
#ifndef RUN_POLICY_JSON_H
#define RUN_POLICY_JSON_H

#include "core/principal.h"

#define POLICY_JSON_WHY	512	/* room for a reason, bytes */

/* For "%.*s": a key, which has no NUL, cut to what fits into a sentence. */
#define KEY_ARGS(key)	(int)((key)->len < 40 ? (key)->len : 40), (key)->text

/* What a file holds, one count; NULL: why says. */
struct json	*policy_json_read(const char *path, char *why);
/* A string without NUL, heap; NULL: it is none. */
char		*policy_json_text(const struct json *v);
/* Who has these claims, of which it takes a count of its own; NULL: why says. */
struct principal *policy_json_who(struct json *claims, char *why);

#endif
