#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/token.h"
#include "base/mem.h"

#define NOW	1800000000u
#define SECRET	"0123456789abcdef0123456789abcdef"
#define CLAIMS	"\"sub\":\"ann\",\"exp\":1800000100"

/* ---- the other side: who signs ---- */

struct signer {
	char	*private, *public;	/* PEM */
};

static char *
pem_of(EVP_PKEY *pkey, bool is_private)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes, *pem;
	long len;

	if (is_private)
		assert_int_equal(PEM_write_bio_PrivateKey(out, pkey, NULL,
		    NULL, 0, NULL, NULL), 1);
	else
		assert_int_equal(PEM_write_bio_PUBKEY(out, pkey), 1);
	len = BIO_get_mem_data(out, &bytes);
	pem = mem_copy(bytes, (size_t)len);
	BIO_free(out);
	return pem;
}

static struct signer
signer_new(EVP_PKEY *pkey)
{
	struct signer s = { pem_of(pkey, true), pem_of(pkey, false) };

	EVP_PKEY_free(pkey);
	return s;
}

static void
signer_done(struct signer *s)
{
	free(s->private);
	free(s->public);
}

static char *
sign_with(jwt_alg_t alg, const char *kid, const char *crit,
    const char *members, const void *key, size_t len)
{
	jwt_t *jwt;
	char json[1024], *text;

	snprintf(json, sizeof(json), "{%s}", members);
	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grants_json(jwt, json), 0);
	if (kid != NULL)
		assert_int_equal(jwt_add_header(jwt, "kid", kid), 0);
	if (crit != NULL)
		assert_int_equal(jwt_add_headers_json(jwt, crit), 0);
	assert_int_equal(jwt_set_alg(jwt, alg, key, (int)len), 0);
	text = jwt_encode_str(jwt);
	assert_non_null(text);
	jwt_free(jwt);
	return text;
}

static char *
sign(jwt_alg_t alg, const char *members, const char *key)
{
	return sign_with(alg, NULL, NULL, members, key,
	    key != NULL ? strlen(key) : 0);
}

/* ---- asking ---- */

static struct token_rules rules;

static struct tokens *
tokens_of(struct keys *ks)
{
	struct tokens *t;

	t = tokens_new(&rules, 7);
	tokens_set_keys(t, ks);
	return t;
}

static struct tokens *
tokens_of_secret(void)
{
	struct keys ks;
	char why[KEYS_WHY];

	rules = (struct token_rules){ .leeway_s = 10, .remember = 4 };
	keys_init(&ks);
	assert_true(keys_add_secret(&ks, SECRET, strlen(SECRET), KEY_HS, why));
	return tokens_of(&ks);
}

/* Frees the token.  NULL: it was accepted. */
static const char *
fault_at(struct tokens *t, char *token, uint64_t now_s)
{
	const char *why = "no reason";
	struct principal *p = tokens_check(t, token, strlen(token), now_s,
	    &why);

	free(token);
	if (p == NULL)
		return why;
	principal_unref(p);
	return NULL;
}

static const char *
fault(struct tokens *t, char *token)
{
	return fault_at(t, token, NOW);
}

static char *
hs(const char *members)
{
	return sign(JWT_ALG_HS256, members, SECRET);
}

/* ---- what a token says ---- */

static void
a_good_token_names_its_bearer(void **state)
{
	struct tokens *t = tokens_of_secret();
	char *token = hs(CLAIMS ",\"iss\":\"us\",\"jti\":\"t1\",\"iat\":1799999000,"
	    "\"tenant\":\"blue\"");
	const char *why;
	struct principal *p = tokens_check(t, token, strlen(token), NOW, &why);

	(void)state;
	assert_non_null(p);
	assert_string_equal(p->subject, "ann");
	assert_string_equal(p->issuer, "us");
	assert_string_equal(p->token_id, "t1");
	assert_int_equal(p->issued_s, 1799999000);
	assert_int_equal(p->expires_s, 1800000110);
	assert_true(json_object_has(p->claims, "tenant"));
	principal_unref(p);
	free(token);
	tokens_free(t);
}

static void
times_are_kept(void **state)
{
	static const struct { const char *members, *why; } rows[] = {
		{ "\"sub\":\"a\",\"exp\":1800000000", NULL },	/* in the leeway */
		{ "\"sub\":\"a\",\"exp\":1799999991", NULL },
		{ "\"sub\":\"a\",\"exp\":1799999990", "the token has expired" },
		{ "\"sub\":\"a\",\"exp\":0", "the token has expired" },
		{ "\"sub\":\"a\"", "the token has no \"exp\"" },
		{ "\"sub\":\"a\",\"exp\":\"1800000100\"",
		    "the token's \"exp\" is no date" },
		{ "\"sub\":\"a\",\"exp\":-1", "the token's \"exp\" is no date" },
		{ "\"sub\":\"a\",\"exp\":1e300", "the token's \"exp\" is no date" },
		{ "\"sub\":\"a\",\"exp\":null", "the token's \"exp\" is no date" },
		{ "\"sub\":\"a\",\"exp\":1800000050.5", NULL },
		{ CLAIMS ",\"nbf\":1800000010", NULL },
		{ CLAIMS ",\"nbf\":1800000011", "the token is not valid yet" },
		{ CLAIMS ",\"nbf\":true", "the token's \"nbf\" is no date" },
		{ CLAIMS ",\"iat\":[]", "the token's \"iat\" is no date" },
		{ "\"exp\":1800000100", "the token has no \"sub\"" },
		{ "\"exp\":1800000100,\"sub\":\"\"", "the token has no \"sub\"" },
		{ "\"exp\":1800000100,\"sub\":7", "the token has no \"sub\"" },
		{ "\"exp\":1800000100,\"sub\":\"link:x\"",
		    "the token's \"sub\" is that of a link" },
	};
	struct tokens *t = tokens_of_secret();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = fault(t, hs(rows[i].members));

		if (rows[i].why == NULL)
			assert_null(why);
		else
			assert_string_equal(why, rows[i].why);
	}
	tokens_free(t);
}

static void
issuer_and_audience_are_asked_for(void **state)
{
	static const char *const audiences[] = { "editors", "readers" };
	struct tokens *t = tokens_of_secret();

	(void)state;
	rules.issuer = "us";
	rules.audiences = audiences;
	rules.n_audiences = 2;
	assert_null(fault(t, hs(CLAIMS ",\"iss\":\"us\",\"aud\":\"readers\"")));
	assert_null(fault(t, hs(CLAIMS ",\"iss\":\"us\","
	    "\"aud\":[\"x\",\"editors\"]")));
	assert_string_equal(fault(t, hs(CLAIMS ",\"aud\":\"readers\"")),
	    "the token is from another issuer");
	assert_string_equal(fault(t, hs(CLAIMS ",\"iss\":[\"us\"],"
	    "\"aud\":\"readers\"")), "the token is from another issuer");
	assert_string_equal(fault(t, hs(CLAIMS ",\"iss\":\"us\"")),
	    "the token is for another audience");
	assert_string_equal(fault(t, hs(CLAIMS ",\"iss\":\"us\","
	    "\"aud\":[\"editor\",\"readersx\",{\"readers\":1}]")),
	    "the token is for another audience");
	tokens_free(t);
}

/* ---- forged ones ---- */

static void
forged_tokens_are_refused(void **state)
{
	struct tokens *t = tokens_of_secret();
	char *token, *long_one;
	const char *why;

	(void)state;
	assert_string_equal(fault(t, sign(JWT_ALG_NONE, CLAIMS, NULL)),
	    "the token is not signed");
	assert_string_equal(fault(t, sign(JWT_ALG_HS256, CLAIMS,
	    "another secret, another secret, an")),
	    "the token's signature is wrong");
	/* Too short for these hashes, so not allowed with this secret. */
	assert_string_equal(fault(t, sign(JWT_ALG_HS512, CLAIMS, SECRET)),
	    "no key of the token's name and algorithm is known");
	assert_string_equal(fault(t, sign_with(JWT_ALG_HS256, NULL,
	    "{\"crit\":[\"x\"],\"x\":1}", CLAIMS, SECRET, strlen(SECRET))),
	    "the token has a critical extension");
	assert_string_equal(fault(t, strdup("a.b.c")),
	    "the token is not a JSON Web Token");
	assert_string_equal(fault(t, strdup("")), "there is no token");
	token = hs(CLAIMS);
	token[strlen(token) - 3] ^= 1;
	assert_string_equal(fault(t, token), "the token's signature is wrong");
	token = hs(CLAIMS);
	assert_null(tokens_check(t, token, strlen(token) + 1, NOW, &why));
	assert_string_equal(why, "the token is not a JSON Web Token");
	free(token);
	long_one = mem_get(TOKEN_BYTES_MAX + 2);
	memset(long_one, 'a', TOKEN_BYTES_MAX + 1);
	assert_string_equal(fault(t, long_one), "the token is too long");
	tokens_free(t);
}

/* The public key as a secret: RFC 8725, 2.1. */
static void
keys_are_not_confused(void **state)
{
	struct signer all[] = {
		signer_new(EVP_RSA_gen(2048)), signer_new(EVP_EC_gen("P-256")),
	};
	static const jwt_alg_t right[] = { JWT_ALG_RS256, JWT_ALG_ES256 };
	char why[KEYS_WHY];

	(void)state;
	rules = (struct token_rules){ .remember = 4 };
	for (size_t i = 0; i < 2; i++) {
		struct tokens *t;
		struct keys ks;

		keys_init(&ks);
		assert_true(keys_add_pem(&ks, all[i].public,
		    strlen(all[i].public), KEY_HS | KEY_RS | KEY_ES, why));
		t = tokens_of(&ks);
		assert_null(fault(t, sign(right[i], CLAIMS, all[i].private)));
		assert_string_equal(fault(t, sign(JWT_ALG_HS256, CLAIMS,
		    all[i].public)),
		    "no key of the token's name and algorithm is known");
		assert_non_null(fault(t, sign(right[1 - i], CLAIMS,
		    all[1 - i].private)));
		tokens_free(t);
	}
	signer_done(&all[0]);
	signer_done(&all[1]);
}

/* ---- keys ---- */

static void
the_wrong_keys_are_refused(void **state)
{
	struct signer small = signer_new(EVP_RSA_gen(1024));
	struct signer odd = signer_new(EVP_EC_gen("secp256k1"));
	struct signer good = signer_new(EVP_RSA_gen(2048));
	struct keys ks;
	char why[KEYS_WHY], two[4096];

	(void)state;
	keys_init(&ks);
	assert_false(keys_add_secret(&ks, SECRET, 31, KEY_HS, why));
	assert_string_equal(why,
	    "a secret has at least 32 bytes, and this has 31");
	assert_false(keys_add_secret(&ks, SECRET, 32, KEY_HS512 | KEY_RS, why));
	assert_false(keys_add_pem(&ks, small.public, strlen(small.public),
	    KEY_RS, why));
	assert_false(keys_add_pem(&ks, odd.public, strlen(odd.public), KEY_ES,
	    why));
	assert_false(keys_add_pem(&ks, good.private, strlen(good.private),
	    KEY_RS, why));
	assert_string_equal(why, "a private key: give the public one");
	assert_false(keys_add_pem(&ks, good.public, strlen(good.public),
	    KEY_HS | KEY_ES, why));
	assert_false(keys_add_pem(&ks, "nothing", 7, KEY_RS, why));
	assert_string_equal(why, "there is no PEM in it");
	/* All of it or nothing. */
	snprintf(two, sizeof(two), "%s%s", good.public, small.public);
	assert_false(keys_add_pem(&ks, two, strlen(two), KEY_RS, why));
	assert_int_equal(ks.n, 0);
	snprintf(two, sizeof(two), "%s%s", good.public, good.public);
	assert_true(keys_add_pem(&ks, two, strlen(two), KEY_RS256, why));
	assert_int_equal(ks.n, 2);
	assert_int_equal(ks.all[1].algorithms, KEY_RS256);
	keys_done(&ks);
	signer_done(&small);
	signer_done(&odd);
	signer_done(&good);
}

/*
 * RFC 7515, A.3 and RFC 7517, A.1: the keys and a signature that others made.
 */
#define RFC_EC	"{\"kty\":\"EC\",\"crv\":\"P-256\"," \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define RFC_ES256_TOKEN	"eyJhbGciOiJFUzI1NiJ9" \
	".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" \
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ" \
	".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA" \
	"pmWQxfKTUJqPP3-Kg6NU1Q"

static void
a_key_set_verifies_what_others_signed(void **state)
{
	struct keys ks;
	struct tokens *t;
	char why[KEYS_WHY];

	(void)state;
	rules = (struct token_rules){ 0 };
	keys_init(&ks);
	assert_true(keys_add_set(&ks, "{\"keys\":[" RFC_EC "}]}",
	    strlen("{\"keys\":[" RFC_EC "}]}"), KEY_ES, false, why));
	t = tokens_of(&ks);
	/* The signature is right: what remains is that it names nobody. */
	assert_string_equal(fault_at(t, strdup(RFC_ES256_TOKEN), 1300819379),
	    "the token has no \"sub\"");
	assert_string_equal(fault_at(t, strdup(RFC_ES256_TOKEN), 1300819380),
	    "the token has expired");
	tokens_free(t);
}

static void
a_key_set_gives_only_good_keys(void **state)
{
#define OCT	"{\"kty\":\"oct\",\"k\":\"" \
	"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}"
	static const struct { const char *text; bool secrets; size_t n; } rows[] = {
		{ "{\"keys\":[" RFC_EC "}]}", false, 1 },
		{ "{\"keys\":[" RFC_EC ",\"kid\":\"a\"},{\"kty\":\"OKP\"},7,"
		    RFC_EC ",\"kid\":\"b\"}]}", false, 2 },
		{ "{\"keys\":[" RFC_EC ",\"use\":\"enc\"}]}", false, 0 },
		{ "{\"keys\":[" RFC_EC ",\"use\":\"sig\"}]}", false, 1 },
		{ "{\"keys\":[" RFC_EC ",\"key_ops\":[\"sign\"]}]}", false, 0 },
		{ "{\"keys\":[" RFC_EC ",\"key_ops\":[\"x\",\"verify\"]}]}",
		    false, 1 },
		{ "{\"keys\":[" RFC_EC ",\"alg\":\"ES256\"}]}", false, 1 },
		{ "{\"keys\":[" RFC_EC ",\"alg\":\"RS256\"}]}", false, 0 },
		{ "{\"keys\":[" RFC_EC ",\"alg\":7}]}", false, 0 },
		{ "{\"keys\":[" RFC_EC ",\"kid\":7}]}", false, 0 },
		{ "{\"keys\":[" OCT "]}", false, 0 },
		{ "{\"keys\":[" OCT "]}", true, 1 },
		{ "{\"keys\":[]}", false, 0 },
		{ "{\"keys\":{}}", false, 0 },
		{ "[]", false, 0 },
		{ "{", false, 0 },
		/* Not on the curve; a short coordinate; an RSA key of nothing. */
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
		    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]}",
		    false, 0 },
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83O\","
		    "\"y\":\"x_FE\"}]}", false, 0 },
		{ "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQAB\"}]}",
		    false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keys ks;
		char why[KEYS_WHY];

		keys_init(&ks);
		assert_int_equal(keys_add_set(&ks, rows[i].text,
		    strlen(rows[i].text), KEY_HS | KEY_RS | KEY_ES,
		    rows[i].secrets, why), rows[i].n > 0);
		assert_int_equal(ks.n, rows[i].n);
		keys_done(&ks);
	}
}

static void
a_named_key_is_for_tokens_of_that_name(void **state)
{
	static const char set[] = "{\"keys\":[{\"kid\":\"one\","
	    "\"kty\":\"oct\",\"k\":\""
	    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}";
	struct keys ks;
	struct tokens *t;
	char why[KEYS_WHY];

	(void)state;
	rules = (struct token_rules){ .remember = 4 };
	keys_init(&ks);
	assert_true(keys_add_set(&ks, set, strlen(set), KEY_HS, true, why));
	t = tokens_of(&ks);
	assert_null(fault(t, sign_with(JWT_ALG_HS256, "one", NULL, CLAIMS,
	    SECRET, strlen(SECRET))));
	assert_null(fault(t, hs(CLAIMS)));
	assert_string_equal(fault(t, sign_with(JWT_ALG_HS256, "two", NULL,
	    CLAIMS, SECRET, strlen(SECRET))),
	    "no key of the token's name and algorithm is known");
	tokens_free(t);
}

/* ---- remembering ---- */

static void
what_is_remembered_ends(void **state)
{
	struct tokens *t = tokens_of_secret();
	struct keys none;
	char members[64], *token = hs(CLAIMS);

	(void)state;
	assert_null(fault_at(t, strdup(token), NOW));
	assert_null(fault_at(t, strdup(token), NOW + 109));
	assert_string_equal(fault_at(t, strdup(token), NOW + 110),
	    "the token has expired");
	/* More than it may remember. */
	for (int i = 0; i < 20; i++) {
		snprintf(members, sizeof(members),
		    "\"sub\":\"u%d\",\"exp\":1800000100", i);
		assert_null(fault(t, hs(members)));
	}
	assert_null(fault(t, strdup(token)));
	keys_init(&none);
	tokens_set_keys(t, &none);
	assert_string_equal(fault(t, strdup(token)),
	    "no key of the token's name and algorithm is known");
	free(token);
	tokens_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_token_names_its_bearer),
		cmocka_unit_test(times_are_kept),
		cmocka_unit_test(issuer_and_audience_are_asked_for),
		cmocka_unit_test(forged_tokens_are_refused),
		cmocka_unit_test(keys_are_not_confused),
		cmocka_unit_test(the_wrong_keys_are_refused),
		cmocka_unit_test(a_key_set_verifies_what_others_signed),
		cmocka_unit_test(a_key_set_gives_only_good_keys),
		cmocka_unit_test(a_named_key_is_for_tokens_of_that_name),
		cmocka_unit_test(what_is_remembered_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
