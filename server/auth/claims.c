#include "auth/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json.h"

/* Seconds beyond which no date lies; a double holds all below exactly. */
#define DATE_MAX	9007199254740991.0

static bool
is_text(const struct json *value, const char *text)
{
	struct buf b = BUF_INIT;
	bool same;

	if (json_kind(value) != JSON_STRING)
		return false;
	json_string_put(value, &b, 0);
	same = !buf_failed(&b) && b.len == strlen(text) &&
	    (b.len == 0 || memcmp(b.data, text, b.len) == 0);
	buf_done(&b);
	return same;
}

/* A copy of a claim that is a string without U+0000; NULL: it is none. */
char *
claim_text(const struct json *claims, const char *name)
{
	const struct json *value = json_object_value(claims, name);
	struct buf b = BUF_INIT;
	char *text = NULL;

	if (json_kind(value) != JSON_STRING)
		return NULL;
	json_string_put(value, &b, 0);
	if (!buf_failed(&b) &&
	    (b.len == 0 || memchr(b.data, '\0', b.len) == NULL))
		text = mem_copy(b.len > 0 ? b.data : "", b.len);
	buf_done(&b);
	return text;
}

/* A date, in whole seconds; false: the claim is there and is none. */
static bool
claim_date(const struct json *claims, const char *name, bool *has_out,
    uint64_t *seconds_out)
{
	const struct json *value = json_object_value(claims, name);
	double d;

	*has_out = value != NULL;
	*seconds_out = 0;
	if (value == NULL)
		return true;
	if (json_kind(value) != JSON_NUMBER)
		return false;
	d = json_number_get(value);
	if (!(d >= 0 && d <= DATE_MAX))
		return false;
	*seconds_out = (uint64_t)floor(d);
	return true;
}

static bool
has_audience(const struct token_rules *rules, const struct json *claims)
{
	const struct json *aud = json_object_value(claims, "aud");
	size_t i, j;

	for (i = 0; i < rules->n_audiences; i++) {
		if (is_text(aud, rules->audiences[i]))
			return true;
		for (j = 0; json_kind(aud) == JSON_LIST &&
		    j < json_list_len(aud); j++)
			if (is_text(json_list_at(aud, j), rules->audiences[i]))
				return true;
	}
	return rules->n_audiences == 0;
}

/* What is wrong with the time, or NULL. */
static const char *
time_fault(const struct token_rules *rules, const struct json *claims,
    uint64_t now_s, struct principal *p)
{
	bool has_exp, has_nbf, has_iat;
	uint64_t nbf;

	if (!claim_date(claims, "exp", &has_exp, &p->expires_s))
		return "the token's \"exp\" is no date";
	if (!has_exp)
		return "the token has no \"exp\"";
	if (!claim_date(claims, "nbf", &has_nbf, &nbf))
		return "the token's \"nbf\" is no date";
	if (!claim_date(claims, "iat", &has_iat, &p->issued_s))
		return "the token's \"iat\" is no date";
	if (now_s >= p->expires_s + rules->leeway_s)
		return "the token has expired";
	if (has_nbf && nbf > now_s + rules->leeway_s)
		return "the token is not valid yet";
	p->expires_s += rules->leeway_s;
	return NULL;
}

struct principal *
claims_principal(const struct token_rules *rules, const char *text, uint64_t now_s,
    const char **why)
{
	struct principal *p = mem_get(sizeof(*p));
	struct ot_err err;

	p->refs = 1;
	if (json_parse(text, strlen(text), 0, &p->claims, &err) != 0 ||
	    json_kind(p->claims) != JSON_OBJECT) {
		*why = "the token's claims are no JSON object";
		goto fail;
	}
	if ((*why = time_fault(rules, p->claims, now_s, p)) != NULL)
		goto fail;
	if (rules->issuer != NULL &&
	    !is_text(json_object_value(p->claims, "iss"), rules->issuer)) {
		*why = "the token is from another issuer";
		goto fail;
	}
	if (!has_audience(rules, p->claims)) {
		*why = "the token is for another audience";
		goto fail;
	}
	p->subject = claim_text(p->claims, "sub");
	if (p->subject == NULL || *p->subject == '\0') {
		*why = "the token has no \"sub\"";
		goto fail;
	}
	/* What a share link is called as a subject: auth/link.h. */
	if (strncmp(p->subject, "link:", 5) == 0) {
		*why = "the token's \"sub\" is that of a link";
		goto fail;
	}
	p->issuer = claim_text(p->claims, "iss");
	p->token_id = claim_text(p->claims, "jti");
	return p;
fail:
	principal_unref(p);
	return NULL;
}
