#include "tests/auth/gate_rig.h"

#include <stdio.h>
#include <unistd.h>

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/link.h"
#include "auth/sign.h"
#include "base/log.h"
#include "base/mem.h"

/* ---- tokens ---- */

static void
nobody_is_asked_without_auth(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	r.settings.asks = false;
	rig_open(&r);
	assert_int_equal(ask_token(&r, "nonsense"), GATE_IN);
	assert_null(r.who);
	assert_null(desk_next(&r.desk));
	rig_done(&r);
}

static void
who_shows_nothing_may_be_welcome(void **state)
{
	void *wait;

	(void)state;
	for (int anonymous = 0; anonymous < 2; anonymous++) {
		struct rig r;

		rig_init(&r);
		r.settings.anonymous = anonymous;
		rig_open(&r);
		assert_int_equal(ask(&r, (struct gate_shown){ .token = NULL }, &wait),
		    anonymous ? GATE_IN : GATE_OUT);
		assert_null(r.who);
		if (!anonymous)
			assert_out(&r, "there is no token");
		/* A bad token is never nobody. */
		assert_int_equal(ask_token(&r, "a.b.c"), GATE_OUT);
		rig_done(&r);
	}
}

static void
tokens_wait_until_revocations_are_known(void **state)
{
	struct rig r;
	char *token = hs(CLAIMS);
	char why[KEYS_WHY];
	void *wait;

	(void)state;
	rig_init(&r);
	r.is_away = true;
	r.gate = gate_new(&r.settings, &r.desk, NULL, why);
	rig_turn(&r, 1);
	assert_int_equal(ask_token(&r, token), GATE_LATER);
	assert_int_equal(ask(&r, (struct gate_shown){ .token = token }, &wait),
	    GATE_LATER);
	gate_forget(r.gate, wait);
	rig_turn(&r, 400);
	assert_int_equal(r.n_settled, 0);
	r.is_away = false;
	rig_turn(&r, 400);
	assert_int_equal(r.n_settled, 1);
	assert_int_equal(r.verdict, GATE_IN);
	assert_string_equal(r.who->subject, "ann");
	rig_done(&r);
	free(token);
}

static void
nobody_waits_for_ever(void **state)
{
	struct rig r;
	char *token = hs(CLAIMS);
	char why[KEYS_WHY];

	(void)state;
	rig_init(&r);
	r.is_away = true;
	r.gate = gate_new(&r.settings, &r.desk, NULL, why);
	rig_turn(&r, 1);
	assert_int_equal(ask_token(&r, token), GATE_LATER);
	for (int i = 0; i < 25; i++)
		rig_turn(&r, 400);
	assert_int_equal(r.n_settled, 1);
	assert_out(&r, "the server could not check it in time; come again");
	rig_done(&r);
	free(token);
}

static void
own_tokens_are_taken_beside_others(void **state)
{
	static const unsigned char own[GATE_OWN_KEY] = "owned";
	struct rig r;
	char *mine = sign_token("{\"sub\":\"bob\",\"exp\":1800000100,"
	    "\"iss\":\"otd\",\"aud\":\"otd\"}", GATE_OWN_NAME, own, 32);
	char *old = sign_token("{\"sub\":\"bob\",\"exp\":1799999999,"
	    "\"iss\":\"otd\",\"aud\":\"otd\"}", GATE_OWN_NAME, own, 32);
	char *strange = sign_token("{\"sub\":\"bob\",\"exp\":1800000100,"
	    "\"iss\":\"them\",\"aud\":\"otd\"}", GATE_OWN_NAME, own, 32);
	char *theirs = hs(CLAIMS ",\"iss\":\"them\"");
	/* The operator's secret does not sign in the name of our service. */
	char *posing = hs(CLAIMS ",\"iss\":\"otd\",\"aud\":\"otd\"");

	(void)state;
	rig_init(&r);
	r.settings.own_key = own;
	r.settings.issuer = "them";
	rig_open(&r);
	assert_int_equal(ask_token(&r, mine), GATE_IN);
	assert_string_equal(r.who->subject, "bob");
	assert_int_equal(ask_token(&r, theirs), GATE_IN);
	assert_string_equal(r.who->subject, "ann");
	ask_token(&r, old);
	assert_out(&r, "the token has expired");
	ask_token(&r, strange);
	assert_out(&r, "the token is from another issuer");
	ask_token(&r, posing);
	assert_out(&r, "the token is from another issuer");
	rig_done(&r);
	/* Not even when others may be of any issuer. */
	rig_init(&r);
	r.settings.own_key = own;
	rig_open(&r);
	ask_token(&r, posing);
	assert_out(&r, "the token is from another issuer");
	rig_done(&r);
	free(mine);
	free(old);
	free(strange);
	free(theirs);
	free(posing);
}

/* ---- keys that come and go ---- */

/* A key of RSA with a name: what it signs with, and its JWKS. */
struct issuer {
	char	*private;
	char	 jwk[1024];
};

static void
issuer_make(struct issuer *is, const char *kid)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	BIGNUM *n = NULL;
	unsigned char bytes[256];
	char modulus[400], *pem;
	BIO *out = BIO_new(BIO_s_mem());
	long len;

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, "n", &n), 1);
	assert_int_equal(BN_bn2bin(n, bytes), sizeof(bytes));
	secret_encode(bytes, sizeof(bytes), modulus);
	snprintf(is->jwk, sizeof(is->jwk), "{\"kty\":\"RSA\",\"kid\":\"%s\","
	    "\"alg\":\"RS256\",\"n\":\"%s\",\"e\":\"AQAB\"}", kid, modulus);
	PEM_write_bio_PrivateKey(out, pkey, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(out, &pem);
	is->private = mem_copy(pem, (size_t)len);
	BIO_free(out);
	BN_free(n);
	EVP_PKEY_free(pkey);
}

static char *
issuer_sign(const struct issuer *is, const char *kid)
{
	jwt_t *jwt;
	char *text;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grants_json(jwt, "{" CLAIMS "}"), 0);
	assert_int_equal(jwt_add_header(jwt, "kid", kid), 0);
	assert_int_equal(jwt_set_alg(jwt, JWT_ALG_RS256,
	    (const unsigned char *)is->private, (int)strlen(is->private)), 0);
	text = jwt_encode_str(jwt);
	jwt_free(jwt);
	return text;
}

static void
a_rotated_key_is_fetched_while_its_token_waits(void **state)
{
	struct issuer first, second;
	struct rig r;
	char set[4096], *one, *two, *three;

	(void)state;
	issuer_make(&first, "k1");
	issuer_make(&second, "k2");
	one = issuer_sign(&first, "k1");
	two = issuer_sign(&second, "k2");
	three = issuer_sign(&second, "k3");
	rig_init(&r);
	r.settings.keys = (struct keyring_settings){ .jwks = "https://x/keys",
	    .allowed = KEY_RS };
	rig_open(&r);
	assert_string_equal(fetch_url(), "https://x/keys");
	/* The first fetch is under way: wait for it. */
	assert_int_equal(ask_token(&r, one), GATE_LATER);
	snprintf(set, sizeof(set), "{\"keys\":[%s]}", first.jwk);
	fetch_answers(200, set, 0);
	rig_turn(&r, 1);
	assert_int_equal(r.n_settled, 1);
	assert_int_equal(r.verdict, GATE_IN);
	/* Rotated: the unknown name brings about a fetch. */
	assert_int_equal(ask_token(&r, two), GATE_LATER);
	assert_int_equal(fetch_count(), 2);
	snprintf(set, sizeof(set), "{\"keys\":[%s,%s]}", first.jwk,
	    second.jwk);
	rig_turn(&r, 400);
	assert_int_equal(r.n_settled, 1);
	fetch_answers(200, set, 0);
	rig_turn(&r, 1);
	assert_int_equal(r.n_settled, 2);
	assert_int_equal(r.verdict, GATE_IN);
	assert_int_equal(ask_token(&r, one), GATE_IN);
	/* A name that never comes: asked for once, then refused. */
	assert_int_equal(ask_token(&r, three), GATE_LATER);
	fetch_answers(200, set, 0);
	rig_turn(&r, 1);
	assert_out(&r, "no key of the token's name and algorithm is known");
	/* And only so often. */
	for (int i = 0; i < 10; i++)
		if (ask_token(&r, three) == GATE_LATER) {
			fetch_answers(200, set, 0);
			rig_turn(&r, 1);
		}
	assert_in_range(fetch_count(), 4, 6);
	rig_turn(&r, 10000);
	assert_int_equal(ask_token(&r, three), GATE_LATER);
	rig_done(&r);
	free(first.private);
	free(second.private);
	free(one);
	free(two);
	free(three);
}

static void
the_last_keys_stay_while_their_source_is_away(void **state)
{
	struct issuer first;
	struct rig r;
	char set[2048], *one;
	unsigned before;

	(void)state;
	issuer_make(&first, "k1");
	one = issuer_sign(&first, "k1");
	snprintf(set, sizeof(set), "{\"keys\":[%s]}", first.jwk);
	rig_init(&r);
	r.settings.keys = (struct keyring_settings){ .jwks = "http://x/keys",
	    .allowed = KEY_RS };
	rig_open(&r);
	fetch_answers(200, set, 60);
	rig_turn(&r, 59000);
	assert_false(fetch_is_out());		/* Cache-Control says so */
	rig_turn(&r, 2000);
	fetch_answers(0, "", 0);
	rig_turn(&r, 499);
	assert_false(fetch_is_out());		/* it is left alone for a second, */
	assert_int_equal(gate_keys_breaker(r.gate).state, BREAKER_OPEN);
	rig_turn(&r, 501);			/* or by chance down to half of it */
	assert_int_equal(gate_keys_breaker(r.gate).state, BREAKER_HALF_OPEN);
	fetch_answers(500, "", 0);
	rig_turn(&r, 999);
	assert_false(fetch_is_out());		/* and for two */
	rig_turn(&r, 1001);
	fetch_answers(200, "{\"keys\":[]}", 0);
	rig_turn(&r, 1);
	assert_int_equal(ask_token(&r, one), GATE_IN);
	before = fetch_count();
	rig_turn(&r, 1998);
	assert_false(fetch_is_out());		/* and for four */
	assert_int_equal(fetch_count(), before);
	gate_reload(r.gate);
	rig_turn(&r, 1);
	assert_int_equal(fetch_count(), before + 1);
	fetch_answers(200, set, 60);
	rig_turn(&r, 1);
	assert_int_equal(gate_keys_breaker(r.gate).state, BREAKER_CLOSED);
	assert_int_equal(gate_keys_breaker(r.gate).opened, 1);
	assert_int_equal(gate_keys_breaker(r.gate).probes, 3);
	rig_done(&r);
	free(first.private);
	free(one);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

static void
a_changed_file_is_read_again(void **state)
{
	struct issuer first, second;
	struct rig r;
	char set[2048], path[] = "/tmp/otd-gate-XXXXXX", *one, *two;

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	issuer_make(&first, "k1");
	issuer_make(&second, "k22");
	one = issuer_sign(&first, "k1");
	two = issuer_sign(&second, "k22");
	snprintf(set, sizeof(set), "{\"keys\":[%s]}", first.jwk);
	write_file(path, set);
	rig_init(&r);
	r.settings.keys = (struct keyring_settings){ .jwks = path,
	    .allowed = KEY_RS };
	rig_open(&r);
	assert_int_equal(ask_token(&r, one), GATE_IN);
	assert_int_equal(ask_token(&r, two), GATE_OUT);
	snprintf(set, sizeof(set), "{\"keys\":[%s]}", second.jwk);
	write_file(path, set);
	rig_turn(&r, 1000);
	/* Accepted before, and its key is gone. */
	assert_int_equal(ask_token(&r, one), GATE_OUT);
	assert_int_equal(ask_token(&r, two), GATE_IN);
	write_file(path, "half");
	rig_turn(&r, 1000);
	assert_int_equal(ask_token(&r, two), GATE_IN);
	unlink(path);
	rig_turn(&r, 1000);
	assert_int_equal(ask_token(&r, two), GATE_IN);
	rig_done(&r);
	free(first.private);
	free(second.private);
	free(one);
	free(two);
}

static void
errors_name_the_setting(void **state)
{
	static char *const files[] = { "/nowhere/key.pem" };
	const struct { struct keyring_settings keys; const char *why; } rows[] = {
		{ { .secret = "short", .allowed = KEY_HS },
		    "--jwt-secret: a secret has at least 32 bytes, and this "
		    "has 5" },
		{ { .pem_files = files, .n_pem_files = 1, .allowed = KEY_RS },
		    "--jwt-key \"/nowhere/key.pem\": No such file or "
		    "directory" },
		{ { .jwks = "/dev/null", .allowed = KEY_RS },
		    "--jwt-jwks \"/dev/null\": not JSON: unexpected end at "
		    "byte 0 of the JSON text" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig r;
		char why[KEYS_WHY];

		rig_init(&r);
		r.settings.keys = rows[i].keys;
		assert_null(gate_new(&r.settings, &r.desk, NULL, why));
		assert_string_equal(why, rows[i].why);
		desk_done(&r.desk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_asked_without_auth),
		cmocka_unit_test(who_shows_nothing_may_be_welcome),
		cmocka_unit_test(tokens_wait_until_revocations_are_known),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(own_tokens_are_taken_beside_others),
		cmocka_unit_test(a_rotated_key_is_fetched_while_its_token_waits),
		cmocka_unit_test(the_last_keys_stay_while_their_source_is_away),
		cmocka_unit_test(a_changed_file_is_read_again),
		cmocka_unit_test(errors_name_the_setting),
	};

	log_setup(LOG_ERROR, LOG_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
