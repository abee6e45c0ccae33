/*
 * claims: from what a token says of its bearer to who it is.
 */
#ifndef AUTH_CLAIMS_H
#define AUTH_CLAIMS_H

#include <stdint.h>

#include "auth/token.h"
#include "core/principal.h"

/*
 * text: a JSON object, and whoever it is from is believed.  A principal with
 * one count; or NULL, and why is a static sentence for the bearer.
 */
struct principal *claims_principal(const struct token_rules *rules,
		    const char *text, uint64_t now_s, const char **why_out);
/* A copy of a claim that is a string without U+0000; NULL: it is none. */
char		*claim_text(const struct json *claims, const char *name);

#endif
