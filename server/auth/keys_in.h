/*
 * keys, as its files see it: what keys.c and key_set.c share.
 */
#ifndef AUTH_KEYS_IN_H
#define AUTH_KEYS_IN_H

#include <openssl/evp.h>

#include "auth/keys.h"

/* Copies everything; id may be NULL. */
bool		keys_put(struct keys *ks, const char *id, const void *bytes,
		    size_t len_bytes, unsigned algorithms, char *why);
bool		keys_put_public(struct keys *ks, const char *id, EVP_PKEY *pkey,
		    unsigned algorithms, char *why);
/* What it is good for, whatever is allowed; 0: nothing. */
unsigned	keys_secret_algorithms(size_t len_bytes);
unsigned	keys_public_algorithms(const EVP_PKEY *pkey);
/* OpenSSL's name of the curve. */
bool		keys_is_curve(const EVP_PKEY *pkey, const char *name);

#endif
