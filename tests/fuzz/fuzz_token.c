/*
 * Tokens: the first line is a token as it comes; the second claims, which are
 * signed here, so that what lies behind the signature is reached; the third a
 * key set.  What is accepted names somebody, and is accepted again.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/sign.h"
#include "auth/token.h"
#include "base/mem.h"
#include "fuzz/input.h"

#define NOW_S	1800000000
#define SECRET	"0123456789abcdef0123456789abcdef"

static void
check(struct tokens *t, const char *text, size_t len, bool is_signed)
{
	const char *why = NULL;
	struct principal *p = tokens_check(t, text, len, NOW_S, &why);
	struct principal *again;

	if (p == NULL) {
		must(why != NULL && *why != '\0', "a refusal without a reason");
		return;
	}
	must(is_signed, "a token that nobody signed");
	must(p->subject != NULL && *p->subject != '\0', "nobody's token");
	must(p->expires_s > NOW_S, "a token that is over");
	again = tokens_check(t, text, len, NOW_S, &why);
	must(again == p, "a token that was not remembered");
	principal_unref(again);
	principal_unref(p);
}

/* Foreign keys first: nobody here has what signs for them. */
static void
check_all(struct tokens *t, const struct input_line *token,
    const struct input_line *claims, const struct input_line *set)
{
	struct keys keys;
	char why[KEYS_WHY] = "", *text, *made;

	keys_init(&keys);
	if (!keys_add_set(&keys, set->p, set->len, KEY_HS | KEY_RS | KEY_ES,
	    false, why))
		must(why[0] != '\0' && keys.n == 0, "a refused key set");
	tokens_set_keys(t, &keys);
	check(t, token->p, token->len, false);
	keys_init(&keys);
	must(keys_add_secret(&keys, SECRET, strlen(SECRET), KEY_HS, why),
	    "a good secret");
	tokens_set_keys(t, &keys);
	check(t, token->p, token->len, false);
	text = mem_copy(claims->p, claims->len);
	made = sign_token(text, NULL, SECRET, strlen(SECRET));
	check(t, made, strlen(made), true);
	free(made);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const audiences[] = { "a", "b" };
	const struct token_rules rules = {
		.audiences = audiences, .n_audiences = len % 3,
		.leeway_s = 5, .remember = 2,
	};
	struct tokens *t = tokens_new(&rules, 7);
	struct input in;

	input_init(&in, bytes, len);
	if (in.n >= 3)
		check_all(t, &in.lines[0], &in.lines[1], &in.lines[2]);
	input_done(&in);
	tokens_free(t);
	return 0;
}
