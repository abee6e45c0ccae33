#include "auth/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/keys_in.h"
#include "base/mem.h"

#define RSA_BITS_LEAST	2048	/* RFC 7518, 3.3 */

static const struct {
	const char	*name;
	unsigned	 algorithm;
} named[] = {
	{ "HS256", KEY_HS256 }, { "HS384", KEY_HS384 }, { "HS512", KEY_HS512 },
	{ "RS256", KEY_RS256 }, { "RS384", KEY_RS384 }, { "RS512", KEY_RS512 },
	{ "ES256", KEY_ES256 }, { "ES384", KEY_ES384 }, { "ES512", KEY_ES512 },
};

unsigned
key_algorithm_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i].name, name) == 0)
			return named[i].algorithm;
	return 0;
}

void
keys_init(struct keys *ks)
{
	*ks = (struct keys){ NULL, 0 };
}

/* Forget what was added from the n-th on. */
static void
keys_cut(struct keys *ks, size_t n)
{
	struct key *k;

	while (ks->n > n) {
		k = &ks->all[--ks->n];
		OPENSSL_cleanse(k->bytes, k->len);
		free(k->bytes);
		free(k->id);
	}
}

void
keys_done(struct keys *ks)
{
	keys_cut(ks, 0);
	free(ks->all);
	keys_init(ks);
}

bool
keys_put(struct keys *ks, const char *id, const void *bytes, size_t len,
    unsigned algorithms, char *why)
{
	struct key *k;

	if (ks->n == KEYS_MAX) {
		snprintf(why, KEYS_WHY, "more than %d keys", KEYS_MAX);
		return false;
	}
	ks->all = mem_grow(ks->all, ks->n + 1, sizeof(*k));
	k = &ks->all[ks->n++];
	k->id = id != NULL ? mem_copy(id, strlen(id)) : NULL;
	k->algorithms = algorithms;
	k->bytes = (unsigned char *)mem_copy(bytes, len);
	k->len = len;
	return true;
}

/* ---- secrets ---- */

unsigned
keys_secret_algorithms(size_t len)
{
	return (len >= 32 ? KEY_HS256 : 0) | (len >= 48 ? KEY_HS384 : 0) |
	    (len >= 64 ? KEY_HS512 : 0);
}

bool
keys_add_secret(struct keys *ks, const void *secret, size_t len,
    unsigned allowed, char *why)
{
	unsigned good = keys_secret_algorithms(len);

	if (good == 0) {
		snprintf(why, KEYS_WHY,
		    "a secret has at least 32 bytes, and this has %zu", len);
		return false;
	}
	if ((good & allowed) == 0) {
		snprintf(why, KEYS_WHY,
		    "no allowed algorithm goes with a secret of %zu bytes",
		    len);
		return false;
	}
	return keys_put(ks, NULL, secret, len, good & allowed, why);
}

/* ---- public keys ---- */

unsigned
keys_public_algorithms(const EVP_PKEY *pkey)
{
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(pkey) >= RSA_BITS_LEAST ? KEY_RS : 0;
	case EVP_PKEY_EC:
		/* P-256, P-384, P-521: RFC 7518, 3.4. */
		switch (EVP_PKEY_get_bits(pkey)) {
		case 256:
			return keys_is_curve(pkey, "prime256v1") ?
			    KEY_ES256 : 0;
		case 384:
			return keys_is_curve(pkey, "secp384r1") ?
			    KEY_ES384 : 0;
		case 521:
			return keys_is_curve(pkey, "secp521r1") ?
			    KEY_ES512 : 0;
		}
		return 0;
	default:
		return 0;
	}
}

bool
keys_is_curve(const EVP_PKEY *pkey, const char *name)
{
	char curve[32];

	return EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL) == 1 &&
	    strcmp(curve, name) == 0;
}

bool
keys_put_public(struct keys *ks, const char *id, EVP_PKEY *pkey,
    unsigned algorithms, char *why)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *pem;
	long len;
	bool done = false;

	if (out == NULL || PEM_write_bio_PUBKEY(out, pkey) != 1 ||
	    (len = BIO_get_mem_data(out, &pem)) <= 0)
		snprintf(why, KEYS_WHY, "the key cannot be written as PEM");
	else
		done = keys_put(ks, id, pem, (size_t)len, algorithms, why);
	BIO_free(out);
	return done;
}

/* The key in one block of PEM, or NULL. */
static EVP_PKEY *
pem_key(const char *name, const unsigned char *der, long len, char *why)
{
	EVP_PKEY *pkey = NULL;
	X509 *cert;

	if (strcmp(name, PEM_STRING_PUBLIC) == 0) {
		pkey = d2i_PUBKEY(NULL, &der, len);
	} else if (strcmp(name, PEM_STRING_RSA_PUBLIC) == 0) {
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, len);
	} else if (strcmp(name, PEM_STRING_X509) == 0) {
		cert = d2i_X509(NULL, &der, len);
		pkey = cert != NULL ? X509_get_pubkey(cert) : NULL;
		X509_free(cert);
	} else if (strstr(name, "PRIVATE KEY") != NULL) {
		snprintf(why, KEYS_WHY, "a private key: give the public one");
		return NULL;
	} else {
		snprintf(why, KEYS_WHY, "\"%.60s\" is no public key", name);
		return NULL;
	}
	if (pkey == NULL)
		snprintf(why, KEYS_WHY, "a broken block of \"%.60s\"", name);
	return pkey;
}

static bool
add_block(struct keys *ks, const char *name, const unsigned char *der,
    long len, unsigned allowed, char *why)
{
	EVP_PKEY *pkey = pem_key(name, der, len, why);
	unsigned good;
	bool done = false;

	if (pkey == NULL)
		return false;
	good = keys_public_algorithms(pkey);
	if (good == 0)
		snprintf(why, KEYS_WHY, "not an RSA key of 2048 bits or more, "
		    "nor one on P-256, P-384 or P-521");
	else if ((good & allowed) == 0)
		snprintf(why, KEYS_WHY,
		    "no allowed algorithm goes with this kind of key");
	else
		done = keys_put_public(ks, NULL, pkey, good & allowed, why);
	EVP_PKEY_free(pkey);
	return done;
}

bool
keys_add_pem(struct keys *ks, const char *pem, size_t len, unsigned allowed,
    char *why)
{
	BIO *in = BIO_new_mem_buf(pem, (int)len);
	char *name, *header;
	unsigned char *der;
	size_t before = ks->n;
	long der_len;
	bool good = true;

	while (good && in != NULL && PEM_read_bio(in, &name, &header, &der,
	    &der_len) == 1) {
		good = add_block(ks, name, der, der_len, allowed, why);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)der_len);
	}
	BIO_free(in);
	ERR_clear_error();
	if (good && ks->n == before) {
		snprintf(why, KEYS_WHY, "there is no PEM in it");
		good = false;
	}
	if (!good)
		keys_cut(ks, before);
	return good;
}
