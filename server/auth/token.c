#include "auth/token.h"

#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/sha.h>

#include "auth/claims.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"

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
	enum token_fault	 fault;		/* of the last that was refused */
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
verified_claims(struct tokens *t, const char *text, const char **why)
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
	t->fault = claims != NULL ? TOKEN_BAD_CLAIMS :
	    algorithm != 0 && !fits ? TOKEN_NO_KEY : TOKEN_BAD_SIGNATURE;
	if (claims == NULL)
		*why = algorithm == 0 ? "the token is not signed" :
		    fits ? "the token's signature is wrong" :
		    "no key of the token's name and algorithm is known";
out:
	jwt_free(unsure);
	return claims;
}

struct principal *
tokens_check(struct tokens *t, const char *text, size_t len, uint64_t now_s,
    const char **why_out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct principal *p;
	struct accepted *a;
	char *copy, *claims;

	t->fault = TOKEN_BAD_FORM;
	if (len == 0 || len > TOKEN_BYTES_MAX || memchr(text, '\0', len)) {
		*why_out = len == 0 ? "there is no token" :
		    len > TOKEN_BYTES_MAX ? "the token is too long" :
		    "the token is not a JSON Web Token";
		return NULL;
	}
	SHA256((const unsigned char *)text, len, digest);
	if ((a = recall(t, digest)) != NULL) {
		if (now_s < a->principal->expires_s)
			return principal_ref(a->principal);
		forget(t, a);
		t->fault = TOKEN_BAD_CLAIMS;
		*why_out = "the token has expired";
		return NULL;
	}
	copy = mem_copy(text, len);
	claims = verified_claims(t, copy, why_out);
	free(copy);
	if (claims == NULL)
		return NULL;
	p = claims_principal(t->rules, claims, now_s, why_out);
	free(claims);
	if (p != NULL)
		remember(t, digest, p);
	return p;
}

enum token_fault
tokens_fault(const struct tokens *t)
{
	return t->fault;
}
