#include "auth/password.h"

#include <string.h>

#include <sodium.h>

_Static_assert(PASSWORD_HASH >= crypto_pwhash_STRBYTES, "room for a hash");

bool
password_start(void)
{
	return sodium_init() >= 0;
}

const char *
password_fault(const char *password)
{
	size_t len = strlen(password);

	if (len < PASSWORD_LEAST)
		return "a password has at least 8 bytes";
	if (len > PASSWORD_MOST)
		return "a password has at most 1024 bytes";
	return NULL;
}

bool
password_hash(const char *password, const struct password_cost *cost,
    char hash_out[PASSWORD_HASH])
{
	return crypto_pwhash_str_alg(hash_out, password, strlen(password),
	    cost->passes, cost->memory, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
password_is(const char *password, const char *hash)
{
	return crypto_pwhash_str_verify(hash, password,
	    strlen(password)) == 0;
}

bool
password_is_old(const char *hash, const struct password_cost *cost)
{
	return crypto_pwhash_str_needs_rehash(hash, cost->passes,
	    cost->memory) != 0;
}
