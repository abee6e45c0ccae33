/*
 * JSON Web Key Sets: RFC 7517 for the form, RFC 7518, 6 for what keys hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "auth/keys_in.h"
#include "ot/json_value.h"

#define PART_BYTES	1024	/* a modulus of 8192 bits */
#define NAME_BYTES	256

/* A member that is a string without U+0000: its bytes; else NULL. */
static const char *
member_text(const struct json *object, const char *name, char *text,
    size_t size)
{
	struct buf b;
	const struct json *value = json_object_value(object, name);
	const char *found = NULL;

	if (json_kind(value) != JSON_STRING)
		return NULL;
	buf_init(&b, size - 1);
	json_string_put(value, &b, 0);
	if (!buf_failed(&b) && (b.len == 0 ||
	    memchr(b.data, '\0', b.len) == NULL)) {
		if (b.len > 0)
			memcpy(text, b.data, b.len);
		text[b.len] = '\0';
		found = text;
	}
	buf_done(&b);
	return found;
}

/* RFC 7515, 2: base64url without padding.  How many bytes; 0: it is not. */
static size_t
base64url_read(const char *text, unsigned char *bytes, size_t size)
{
	unsigned char padded[PART_BYTES * 4 / 3 + 8], out[PART_BYTES + 8];
	size_t len = strlen(text), i;
	int n;

	if (len % 4 == 1 || len + 3 > sizeof(padded) ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_") != len || len * 3 / 4 > size)
		return 0;
	for (i = 0; i < len; i++)
		padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' :
		    (unsigned char)text[i];
	for (; i % 4 != 0; i++)
		padded[i] = '=';
	if ((n = EVP_DecodeBlock(out, padded, (int)i)) < 0)
		return 0;
	memcpy(bytes, out, len * 3 / 4);
	OPENSSL_cleanse(out, (size_t)n);
	return len * 3 / 4;
}

/* A member that is bytes: how many; 0: it is not. */
static size_t
member_bytes(const struct json *object, const char *name, unsigned char *bytes,
    size_t size)
{
	char text[PART_BYTES * 4 / 3 + 4];

	if (member_text(object, name, text, sizeof(text)) == NULL)
		return 0;
	return base64url_read(text, bytes, size);
}

static EVP_PKEY *
key_of_params(const char *kind, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *cx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *pkey = NULL;

	if (cx == NULL || params == NULL || EVP_PKEY_fromdata_init(cx) != 1 ||
	    EVP_PKEY_fromdata(cx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(cx);
	return pkey;
}

static EVP_PKEY *
rsa_key(const struct json *jwk)
{
	unsigned char n[PART_BYTES], e[16];
	size_t n_len = member_bytes(jwk, "n", n, sizeof(n));
	size_t e_len = member_bytes(jwk, "e", e, sizeof(e));
	OSSL_PARAM_BLD *build;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *pkey = NULL;

	if (n_len == 0 || e_len == 0)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn(n, (int)n_len, NULL);
	exponent = BN_bin2bn(e, (int)e_len, NULL);
	if (build != NULL && modulus != NULL && exponent != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		pkey = key_of_params("RSA", build);
	BN_free(modulus);
	BN_free(exponent);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static const struct curve {
	const char	*name;		/* "crv" */
	const char	*group;		/* OpenSSL's name */
	size_t		 len;		/* bytes of a coordinate */
} curves[] = {
	{ "P-256", "prime256v1", 32 },
	{ "P-384", "secp384r1", 48 },
	{ "P-521", "secp521r1", 66 },
};

static const struct curve *
curve_named(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

static EVP_PKEY *
ec_key(const struct json *jwk)
{
	char name[NAME_BYTES];
	const struct curve *curve = curve_named(member_text(jwk, "crv", name,
	    sizeof(name)));
	unsigned char point[1 + 2 * 66] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *build;
	EVP_PKEY *pkey = NULL;

	/* Coordinates have their full length: RFC 7518, 6.2.1.2. */
	if (curve == NULL ||
	    member_bytes(jwk, "x", point + 1, curve->len) != curve->len ||
	    member_bytes(jwk, "y", point + 1 + curve->len, curve->len) !=
	    curve->len)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	    curve->group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point, 1 + 2 * curve->len))
		pkey = key_of_params("EC", build);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* Is it there to verify signatures?  RFC 7517, 4.2 and 4.3. */
static bool
is_to_verify(const struct json *jwk)
{
	char use[NAME_BYTES];
	const struct json *ops = json_object_value(jwk, "key_ops");
	struct buf b;
	bool found = ops == NULL;
	size_t i;

	if (json_object_has(jwk, "use") &&
	    (member_text(jwk, "use", use, sizeof(use)) == NULL ||
	    strcmp(use, "sig") != 0))
		return false;
	for (i = 0; json_kind(ops) == JSON_LIST && !found &&
	    i < json_list_len(ops); i++) {
		if (json_kind(json_list_at(ops, i)) != JSON_STRING)
			continue;
		buf_init(&b, NAME_BYTES);
		json_string_put(json_list_at(ops, i), &b, 0);
		found = b.len == 6 && memcmp(b.data, "verify", 6) == 0;
		buf_done(&b);
	}
	return found;
}

/* Of those that it is good for, the one that it names, if it does. */
static unsigned
narrowed(const struct json *jwk, unsigned algorithms)
{
	char name[NAME_BYTES];

	if (!json_object_has(jwk, "alg"))
		return algorithms;
	if (member_text(jwk, "alg", name, sizeof(name)) == NULL)
		return 0;
	return algorithms & key_algorithm_named(name);
}

static bool
add_secret(struct keys *ks, const char *id, const struct json *jwk,
    unsigned allowed, char *why)
{
	unsigned char k[PART_BYTES];
	size_t len = member_bytes(jwk, "k", k, sizeof(k));
	unsigned good = allowed & narrowed(jwk, keys_secret_algorithms(len));
	bool done = good == 0 || keys_put(ks, id, k, len, good, why);

	OPENSSL_cleanse(k, sizeof(k));
	return done;
}

/* One that does not serve is passed over; false: there is no room. */
static bool
add_key(struct keys *ks, const struct json *jwk, unsigned allowed,
    bool with_secrets, char *why)
{
	char kind[NAME_BYTES], id[NAME_BYTES];
	const char *kid;
	EVP_PKEY *pkey = NULL;
	unsigned good;
	bool done = true;

	if (json_kind(jwk) != JSON_OBJECT || !is_to_verify(jwk) ||
	    member_text(jwk, "kty", kind, sizeof(kind)) == NULL)
		return true;
	kid = member_text(jwk, "kid", id, sizeof(id));
	if (kid == NULL && json_object_has(jwk, "kid"))
		return true;
	if (strcmp(kind, "oct") == 0)
		return !with_secrets || add_secret(ks, kid, jwk, allowed, why);
	if (strcmp(kind, "RSA") == 0)
		pkey = rsa_key(jwk);
	else if (strcmp(kind, "EC") == 0)
		pkey = ec_key(jwk);
	if (pkey == NULL)
		return true;
	good = allowed & narrowed(jwk, keys_public_algorithms(pkey));
	if (good != 0)
		done = keys_put_public(ks, kid, pkey, good, why);
	EVP_PKEY_free(pkey);
	return done;
}

bool
keys_add_set(struct keys *ks, const char *text, size_t len, unsigned allowed,
    bool with_secrets, char *why)
{
	struct keys added;
	struct json *set = NULL;
	const struct json *list;
	struct ot_err err;
	size_t i;
	bool good = false;

	keys_init(&added);
	if (json_parse(text, len, 0, &set, &err) != 0) {
		snprintf(why, KEYS_WHY, "not JSON: %.150s", err.text);
		return false;
	}
	list = json_kind(set) == JSON_OBJECT ? json_object_value(set, "keys") :
	    NULL;
	if (json_kind(list) != JSON_LIST) {
		snprintf(why, KEYS_WHY, "there is no list \"keys\" in it");
		goto out;
	}
	for (i = 0; i < json_list_len(list); i++)
		if (!add_key(&added, json_list_at(list, i), allowed,
		    with_secrets, why))
			goto out;
	if (added.n == 0) {
		snprintf(why, KEYS_WHY, "none of its %zu keys serves to "
		    "verify with an allowed algorithm", json_list_len(list));
		goto out;
	}
	good = true;
	for (i = 0; good && i < added.n; i++)
		good = keys_put(ks, added.all[i].id, added.all[i].bytes,
		    added.all[i].len, added.all[i].algorithms, why);
out:
	keys_done(&added);
	json_unref(set);
	ERR_clear_error();
	return good;
}
