#include "run/policy_tool.h"

#include <string.h>
#include <sysexits.h>

#include "core/access.h"
#include "run/policy.h"
#include "run/policy_json.h"

#define WHY	POLICY_JSON_WHY

static int
complain(const char *what)
{
	fprintf(stderr, "otd: %s\n", what);
	return EX_DATAERR;
}

/* As in the shell: who_out may become NULL, which is nobody. */
static int
who_of_word(const char *word, struct principal **who_out, char *why)
{
	struct json *claims = NULL;
	struct ot_err err;

	*who_out = NULL;
	if (strcmp(word, "anybody") == 0)
		return 0;
	if (word[0] != '{')
		claims = policy_json_read(word, why);
	else if (json_parse(word, strlen(word), 0, &claims, &err) != 0)
		snprintf(why, WHY, "claims: %s", err.text);
	if (claims != NULL)
		*who_out = policy_json_who(claims, why);
	json_unref(claims);
	return *who_out != NULL ? 0 : -1;
}

/* ---- check ---- */

int
policy_tool_check(const char *rules, FILE *out)
{
	char why[WHY];
	struct access *a = policy_load(rules, why, sizeof(why));

	if (a == NULL)
		return complain(why);
	access_unref(a);
	fprintf(out, "the rules are right\n");
	return 0;
}

/* ---- explain ---- */

/* What each role would be allowed, if it were granted. */
static void
print_roles(const struct access *a, struct access_question *q, FILE *out)
{
	struct grants one = { NULL, 0 };
	char why[ACCESS_WHY];
	int role;

	fprintf(out, "grants decide it:\n");
	for (role = ROLE_NONE; role <= ROLE_OWNER; role++) {
		grants_add(&one, q->who->subject, (enum access_role)role, 0);
		q->grants = &one;
		access_check(a, q, why);
		fprintf(out, "  %-10s%s\n", role == ROLE_NONE ? "none" :
		    access_role_name((enum access_role)role), why);
		grants_done(&one);
	}
}

int
policy_tool_explain(const char *rules, const char *who, const char *action,
    const char *collection, const char *id, FILE *out)
{
	struct access_question q = { .collection = collection, .id = id };
	int named = access_action_named(action), code = EX_DATAERR;
	struct principal *asks = NULL;
	enum access_verdict verdict;
	struct access *a;
	char why[WHY];

	if (named < 0) {
		snprintf(why, sizeof(why), "\"%.40s\" is none of read, create, "
		    "edit, delete, history, presence, query and admin", action);
		return complain(why);
	}
	q.action = (enum access_action)named;
	if ((a = policy_load(rules, why, sizeof(why))) == NULL ||
	    who_of_word(who, &asks, why) != 0) {
		complain(why);
		goto out;
	}
	q.who = asks;
	verdict = access_check(a, &q, why);
	code = verdict == ACCESS_YES ? 0 : 1;
	if (verdict == ACCESS_ASK_GRANTS)
		print_roles(a, &q, out);
	else
		fprintf(out, "%s\n", why);
out:
	principal_unref(asks);
	access_unref(a);
	return code;
}
