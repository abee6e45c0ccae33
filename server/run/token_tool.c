#include "run/token_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "auth/gate.h"
#include "auth/link.h"
#include "auth/sign.h"
#include "auth/users.h"
#include "base/mem.h"
#include "ot/json.h"
#include "run/asker.h"
#include "run/identity.h"
#include "run/migrate.h"
#include "run/words.h"

#define TTL_S	3600	/* unless it is said */

static int
complain(int code, const char *what, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", what, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	return code;
}

/* ---- token ---- */

static void
put_name(struct buf *b, const char *name, size_t len)
{
	if (b->len > 1)
		buf_putc(b, ',');
	json_put_string(b, name, len);
	buf_putc(b, ':');
}

static void
put_text(struct buf *b, const char *name, const char *text)
{
	put_name(b, name, strlen(name));
	json_put_string(b, text, strlen(text));
}

static void
put_number(struct buf *b, const char *name, int64_t n)
{
	put_name(b, name, strlen(name));
	buf_put_u64(b, (uint64_t)n);
}

/* "NAME=JSON", or, when it is none, "NAME=TEXT". */
static int
put_claim(struct buf *b, const char *claim)
{
	static const char *const ours[] = {
		"sub", "iat", "exp", "iss", "aud", "jti", "roles",
	};
	size_t len = strcspn(claim, "=");
	struct json_slice value;
	struct json_reader r;
	struct ot_err err;

	if (claim[len] == '\0' || len == 0)
		return complain(EX_USAGE, "--claim wants NAME=VALUE, not",
		    claim);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strlen(ours[i]) == len && memcmp(ours[i], claim, len) == 0)
			return complain(EX_USAGE, "it has an option of its "
			    "own, or comes from the settings:", claim);
	put_name(b, claim, len);
	claim += len + 1;
	json_reader_init(&r, claim, strlen(claim), &err);
	if (json_skip(&r, &value) == 0 && json_finish(&r) == 0)
		buf_put(b, value.p, value.len);
	else
		json_put_string(b, claim, strlen(claim));
	return 0;
}

static void
put_roles(struct buf *b, char **words, int n)
{
	const char *role;
	bool has_one = false;

	for (int i = 0; i < n; i++) {
		if ((role = words_value(words[i], "role")) == NULL)
			continue;
		if (!has_one)
			put_name(b, "roles", 5);
		buf_putc(b, has_one ? ',' : '[');
		json_put_string(b, role, strlen(role));
		has_one = true;
	}
	if (has_one)
		buf_putc(b, ']');
}

/* What stands in each token, from the words. */
static int
put_words(struct buf *b, char **words, int n)
{
	const char *sub = NULL, *jti = NULL, *value;
	int64_t ttl_s = TTL_S, now_s = (int64_t)time(NULL);
	char fresh[SECRET_ROOM];
	int rc;

	for (int i = 0; i < n; i++) {
		if ((value = words_value(words[i], "sub")) != NULL)
			sub = value;
		else if ((value = words_value(words[i], "jti")) != NULL)
			jti = value;
		else if ((value = words_value(words[i], "ttl")) != NULL &&
		    (ttl_s = words_term_s(value)) < 0)
			return complain(EX_USAGE, "--ttl wants a number and "
			    "s, m, h or d, not", value);
		else if ((value = words_value(words[i], "claim")) != NULL &&
		    (rc = put_claim(b, value)) != 0)
			return rc;
		else if (strchr(words[i], '=') == NULL)
			return complain(EX_USAGE, "token takes options only, "
			    "not", words[i]);
	}
	if (sub == NULL || *sub == '\0')
		return complain(EX_USAGE, "--sub is missing: whose token?",
		    NULL);
	if (jti == NULL && secret_new(fresh))
		jti = fresh;
	put_text(b, "sub", sub);
	if (jti != NULL)
		put_text(b, "jti", jti);
	put_number(b, "iat", now_s);
	put_number(b, "exp", now_s + ttl_s);
	put_roles(b, words, n);
	return 0;
}

/* The key of the user service, from the database. */
static bool
own_key(const struct config *c, unsigned char key[GATE_OWN_KEY])
{
	char secret[SECRET_TEXT], why[512];
	struct users_settings users;

	if (migrate_secret(c->store, secret, why, sizeof(why)) != 0) {
		complain(1, why, NULL);
		return false;
	}
	identity_users_settings(c, secret, &users);
	memcpy(key, users.key, GATE_OWN_KEY);
	explicit_bzero(&users, sizeof(users));
	explicit_bzero(secret, sizeof(secret));
	return true;
}

int
token_tool(const struct config *c, char **words, int n, FILE *out)
{
	unsigned char key[GATE_OWN_KEY];
	bool has_secret = c->jwt_secret[0] != '\0';
	struct buf b = BUF_INIT;
	char *token;
	int rc;

	buf_putc(&b, '{');
	if ((rc = put_words(&b, words, n)) != 0)
		goto out;
	if (!has_secret && !c->users) {
		rc = complain(EX_USAGE, "--jwt-secret is missing, or --users "
		    "on: what is it signed with?", NULL);
		goto out;
	}
	if (!has_secret && !own_key(c, key)) {
		rc = 1;
		goto out;
	}
	if (!has_secret) {
		put_text(&b, "iss", GATE_OWN_NAME);
		put_text(&b, "aud", GATE_OWN_NAME);
	} else {
		if (c->jwt_issuer[0] != '\0')
			put_text(&b, "iss", c->jwt_issuer);
		if (c->jwt_audience.n > 0)
			put_text(&b, "aud", c->jwt_audience.text[0]);
	}
	buf_putc(&b, '}');
	buf_putc(&b, '\0');
	if (buf_failed(&b))
		bug("out of memory");
	token = has_secret ? sign_token(b.data, NULL, c->jwt_secret,
	    strlen(c->jwt_secret)) :
	    sign_token(b.data, GATE_OWN_NAME, key, sizeof(key));
	fprintf(out, "%s\n", token);
	free(token);
out:
	buf_done(&b);
	return rc;
}

/* ---- revoke ---- */

/* The job's answer; NULL, told on stderr, when there is none. */
static struct job *
ask(const char *url, struct job *job)
{
	const char *why = "the store cannot be opened";
	struct asker a;

	if (!asker_open(&a, url, true)) {
		job_free(job);
		return NULL;
	}
	if ((job = asker_ask(&a, job, &why)) == NULL)
		complain(1, why, NULL);
	asker_close(&a);
	return job;
}

static int
revoke(const char *url, const char *kind, const char *value, int64_t ttl_s)
{
	char before[24], expires[24];
	int64_t now_s = (int64_t)time(NULL);
	struct job *job;

	/* Those of this very second too. */
	snprintf(before, sizeof(before), "%" PRId64, (now_s + 1) * 1000);
	snprintf(expires, sizeof(expires), "%" PRId64, (now_s + ttl_s) * 1000);
	job = ask(url, rows_new(ROWS_REVOKE, NULL, NULL, kind, value,
	    strcmp(kind, "subject") == 0 ? before : NULL,
	    ttl_s > 0 ? expires : NULL, NULL));
	if (job == NULL)
		return 1;
	job_free(job);
	return 0;
}

static int
unrevoke(const char *url, const char *kind, const char *value)
{
	struct job *job = ask(url, rows_new(ROWS_UNREVOKE, NULL, NULL, kind,
	    value));
	int rc = 0;

	if (job == NULL)
		return 1;
	if (job->rows.n_rows == 0)
		rc = complain(1, "this was not revoked:", value);
	job_free(job);
	return rc;
}

static int
list_revocations(const char *url, FILE *out)
{
	struct job *job = ask(url, rows_new(ROWS_REVOCATIONS, NULL, NULL));
	struct buf b = BUF_INIT;

	if (job == NULL)
		return 1;
	for (size_t i = 0; i < job->rows.n_rows; i++) {
		buf_puts(&b, strcmp(rows_cell(job, i, 0), "token") == 0 ?
		    "{\"jti\":" : "{\"subject\":");
		json_put_string(&b, rows_cell(job, i, 1),
		    strlen(rows_cell(job, i, 1)));
		buf_puts(&b, "}\n");
	}
	fwrite(b.data, 1, b.len, out);
	buf_done(&b);
	job_free(job);
	return 0;
}

int
revoke_tool(const struct config *c, char **words, int n, FILE *out)
{
	static const struct { const char *name, *kind; bool undo; } verbs[] = {
		{ "jti", "token", false }, { "subject", "subject", false },
		{ "undo-jti", "token", true },
		{ "undo-subject", "subject", true },
	};
	const char *value = NULL, *text;
	int64_t ttl_s = 0;
	size_t verb = 0, k;

	if (n == 1 && strcmp(words[0], "list") == 0)
		return list_revocations(c->store, out);
	for (int i = 0; i < n; i++) {
		if ((text = words_value(words[i], "ttl")) != NULL) {
			if ((ttl_s = words_term_s(text)) < 0)
				return complain(EX_USAGE, "--ttl wants a "
				    "number and s, m, h or d, not", text);
			continue;
		}
		for (k = 0; k < sizeof(verbs) / sizeof(verbs[0]); k++)
			if ((text = words_value(words[i],
			    verbs[k].name)) != NULL)
				break;
		if (text == NULL || value != NULL)
			return complain(EX_USAGE, "revoke wants one of --jti, "
			    "--subject, --undo-jti and --undo-subject, not",
			    words[i]);
		value = text;
		verb = k;
	}
	if (value == NULL || *value == '\0')
		return complain(EX_USAGE, "revoke wants --jti, --subject, "
		    "--undo-jti or --undo-subject with a value, or list", NULL);
	return verbs[verb].undo ?
	    unrevoke(c->store, verbs[verb].kind, value) :
	    revoke(c->store, verbs[verb].kind, value, ttl_s);
}
