#include "auth/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/sha.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"
#include "ot/json.h"

/* Seconds beyond which no date lies; a double holds all below exactly. */
#define DATE_MAX	9007199254740991.0

/* An accepted token, by its digest: the text itself is not kept. */
struct accepted {
	struct table_node	 in_table;
	struct list		 node;		/* tokens->order, oldest first */
	unsigned char		 digest[SHA256_DIGEST_LENGTH];
	struct principal	*principal;	/* counted */
};

struct tokens {
	const struct token_rules *rules;
	struct keys		 keys;
	struct table		 accepted;
	struct list		 order;
};

struct tokens *
tokens_new(const struct token_rules *rules, uint64_t seed)
{
	struct tokens *t = mem_get(sizeof(*t));

	t->rules = rules;
	keys_init(&t->keys);
	table_init(&t->accepted, seed);
	list_init(&t->order);
	return t;
}

/* ---- what was accepted before ---- */

static void
forget(struct tokens *t, struct accepted *a)
{
	table_remove(&t->accepted, &a->in_table);
	list_remove(&a->node);
	principal_unref(a->principal);
	free(a);
}

static void
forget_all(struct tokens *t)
{
	while (!list_empty(&t->order))
		forget(t, LIST_ITEM(t->order.next, struct accepted, node));
}

static bool
accepted_match(const struct table_node *node, const void *key)
{
	return memcmp(LIST_ITEM(node, struct accepted, in_table)->digest, key,
	    SHA256_DIGEST_LENGTH) == 0;
}

static struct accepted *
recall(const struct tokens *t, const unsigned char *digest)
{
	struct table_node *node = table_find(&t->accepted,
	    table_hash(&t->accepted, digest, SHA256_DIGEST_LENGTH),
	    accepted_match, digest);

	return node != NULL ? LIST_ITEM(node, struct accepted, in_table) : NULL;
}

static void
remember(struct tokens *t, const unsigned char *digest, struct principal *p)
{
	struct accepted *a;

	if (t->rules->remember == 0)
		return;
	if (t->accepted.n >= t->rules->remember)
		forget(t, LIST_ITEM(t->order.next, struct accepted, node));
	a = mem_get(sizeof(*a));
	memcpy(a->digest, digest, sizeof(a->digest));
	a->principal = principal_ref(p);
	table_add(&t->accepted, &a->in_table,
	    table_hash(&t->accepted, digest, SHA256_DIGEST_LENGTH));
	list_push(&t->order, &a->node);
}

void
tokens_free(struct tokens *t)
{
	if (t == NULL)
		return;
	forget_all(t);
	table_done(&t->accepted);
	keys_done(&t->keys);
	free(t);
}

void
tokens_set_keys(struct tokens *t, struct keys *keys)
{
	forget_all(t);
	keys_done(&t->keys);
	t->keys = *keys;
	keys_init(keys);
}

/* ---- the signature ---- */

/*
 * The claims of a token that one of the keys has signed, for the caller to
 * free; else NULL.
 */
static char *
verified_claims(const struct tokens *t, const char *text, const char **why)
{
	jwt_t *unsure = NULL, *sure = NULL;
	const char *kid, *alg;
	char *claims = NULL;
	unsigned algorithm;
	bool fits = false;
	size_t i;

	/* Without a key nothing is verified; this is to see kid and alg. */
	if (jwt_decode(&unsure, text, NULL, 0) != 0) {
		*why = "the token is not a JSON Web Token";
		return NULL;
	}
	kid = jwt_get_header(unsure, "kid");
	alg = jwt_get_header(unsure, "alg");
	algorithm = alg != NULL ? key_algorithm_named(alg) : 0;
	claims = jwt_get_headers_json(unsure, "crit");
	if (claims != NULL) {
		/* RFC 7515, 4.1.11: we understand no extension. */
		*why = "the token has a critical extension";
		free(claims);
		claims = NULL;
		goto out;
	}
	for (i = 0; i < t->keys.n && claims == NULL; i++) {
		const struct key *k = &t->keys.all[i];

		if ((k->algorithms & algorithm) == 0 ||
		    (k->id != NULL && kid != NULL && strcmp(k->id, kid) != 0))
			continue;
		fits = true;
		if (jwt_decode(&sure, text, k->bytes, (int)k->len) == 0 &&
		    jwt_get_alg(sure) == jwt_str_alg(alg))
			claims = jwt_get_grants_json(sure, NULL);
		jwt_free(sure);
		sure = NULL;
	}
	if (claims == NULL)
		*why = algorithm == 0 ? "the token is not signed" :
		    fits ? "the token's signature is wrong" :
		    "no key of the token's name and algorithm is known";
out:
	jwt_free(unsure);
	return claims;
}

/* ---- the claims ---- */

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
static char *
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
	return NULL;
}

static struct principal *
principal_of(const struct token_rules *rules, const char *text, uint64_t now_s,
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
	p->issuer = claim_text(p->claims, "iss");
	p->token_id = claim_text(p->claims, "jti");
	return p;
fail:
	principal_unref(p);
	return NULL;
}

struct principal *
tokens_check(struct tokens *t, const char *text, size_t len, uint64_t now_s,
    const char **why_out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct principal *p;
	struct accepted *a;
	char *copy, *claims;

	if (len == 0 || len > TOKEN_BYTES_MAX || memchr(text, '\0', len)) {
		*why_out = len == 0 ? "there is no token" :
		    len > TOKEN_BYTES_MAX ? "the token is too long" :
		    "the token is not a JSON Web Token";
		return NULL;
	}
	SHA256((const unsigned char *)text, len, digest);
	if ((a = recall(t, digest)) != NULL) {
		if (now_s < a->principal->expires_s + t->rules->leeway_s)
			return principal_ref(a->principal);
		forget(t, a);
		*why_out = "the token has expired";
		return NULL;
	}
	copy = mem_copy(text, len);
	claims = verified_claims(t, copy, why_out);
	free(copy);
	if (claims == NULL)
		return NULL;
	p = principal_of(t->rules, claims, now_s, why_out);
	free(claims);
	if (p != NULL)
		remember(t, digest, p);
	return p;
}
