/*
 * logins: from a name and a password to tokens, and to others for them.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/link.h"
#include "base/log.h"
#include "rest/login.h"
#include "rest/rest_in.h"
#include "rest/route.h"

struct attempt {
	const char	*name, *password, *new_password;
	const char	*subject;	/* NULL: no such account */
	const char	*hash;		/* the store's; NULL: it cannot log in */
	const char	*new_hash;	/* of the same password, at today's cost */
};

/* ---- logging in ---- */

static void
rehashed(struct rest_call *call, struct job *job, void *whose)
{
	struct attempt *a = whose;

	/* The former one is as good, unless it is another now. */
	login_answer(call, 200, a->subject, &(struct login_for){ .password =
	    job->rows.n_rows > 0 ? a->new_hash : a->hash });
}

static void
login_checked(struct rest_call *call, bool good, const char *hash,
    void *whose)
{
	struct attempt *a = whose;

	if (!good) {
		call->rest->settings.users->counts.failed++;
		rest_problem(call, ERR_TOKEN,
		    "the name or the password is wrong");
		return;
	}
	call->rest->settings.users->counts.logins++;
	login_forgive(call, a->name);
	a->new_hash = login_copy(call, hash);
	if (hash != NULL)
		rest_ask(call, rows_new(ROWS_ACCOUNT_REHASH, NULL, NULL,
		    a->subject, a->hash, hash), rehashed, a);
	else
		login_answer(call, 200, a->subject, &(struct login_for){
		    .password = a->hash });
}

/* Whether there is such an account takes as long as whether there is not. */
static void
login_found(struct rest_call *call, struct job *job, void *whose)
{
	struct attempt *a = whose;

	if (rest_failed(call, job))
		return;
	a->subject = login_copy(call, rows_cell(job, 0, ACCOUNT_SUBJECT));
	a->hash = login_copy(call, rows_cell(job, 0, ACCOUNT_PASSWORD));
	login_check(call, a->password, a->hash, login_checked, a);
}

static void
login_find(struct rest_call *call, void *whose)
{
	struct attempt *a = whose;

	rest_ask(call, rows_new(ROWS_ACCOUNT_NAMED, NULL, NULL, a->name),
	    login_found, a);
}

void
login_make(struct rest_call *call)
{
	struct attempt *a = arena_get(&call->arena, sizeof(*a));

	*a = (struct attempt){ .name = NULL };
	if (login_users(call) == NULL ||
	    !rest_json_text(call, "name", true, &a->name) ||
	    !rest_json_text(call, "password", true, &a->password))
		return;
	if (strlen(a->name) > 1024 || strlen(a->password) > PASSWORD_MOST) {
		rest_problem(call, ERR_TOKEN,
		    "the name or the password is wrong");
		return;
	}
	login_limit(call, a->name, login_find, a);
}

/* ---- renewing ---- */

static void
reused(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		rest_problem(call, ERR_TOKEN,
		    "the refresh token is over, or was never given");
		return;
	}
	LOG_LIMITED(LOG_WARN, "users", "a refresh token of \"%s\" was shown "
	    "twice: its login is over", rows_cell(job, 0, 0));
	rest_problem(call, ERR_TOKEN, "the refresh token was used before; all "
	    "that came from its login are over");
}

struct shown {
	char	digest[DIGEST_TEXT];
	bool	in_cookie;		/* then the next one goes there too */
};

static void
taken(struct rest_call *call, struct job *job, void *whose)
{
	const struct shown *t = whose;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows > 0)
		login_answer(call, 200, rows_cell(job, 0, 1),
		    &(struct login_for){ .family = rows_cell(job, 0, 0),
		    .taken = t->digest, .in_cookies = t->in_cookie });
	else
		/* Somebody else has had it: whoever it was has to log in. */
		rest_ask(call, rows_new(ROWS_REFRESH_REUSED, NULL, NULL,
		    t->digest), reused, NULL);
}

void
token_renew(struct rest_call *call)
{
	struct shown *t = arena_get(&call->arena, sizeof(*t));
	const char *token;

	if (login_users(call) == NULL ||
	    !login_refresh_token(call, &token, &t->in_cookie))
		return;
	if (token == NULL) {
		rest_problem(call, ERR_TOKEN, "there is no refresh token");
		return;
	}
	secret_digest(token, t->digest);
	rest_ask(call, rows_new(ROWS_REFRESH_TAKE, NULL, NULL, t->digest),
	    taken, t);
}

/* ---- logging out ---- */

static void
logged_out(struct rest_call *call, void *whose)
{
	(void)whose;
	login_clear_cookies(call);
	rest_answer_empty(call, 204);
}

static void
token_revoked(struct rest_call *call, struct job *job, void *whose)
{
	if (rest_failed(call, job))
		return;
	if (call->rest->gate != NULL)
		gate_hurry(call->rest->gate);
	logged_out(call, whose);
}

/* Is the bearer of an access token of ours. */
static bool
is_ours(const struct rest_call *call)
{
	return call->who != NULL && call->who->subject != NULL &&
	    call->who->issuer != NULL &&
	    strcmp(call->who->issuer, GATE_OWN_NAME) == 0;
}

static void
family_gone(struct rest_call *call, struct job *job, void *whose)
{
	if (rest_failed(call, job))
		return;
	if (is_ours(call) && call->who->token_id != NULL)
		rest_ask(call, rows_new(ROWS_REVOKE, NULL, NULL, "token",
		    call->who->token_id, NULL, login_number(call,
		    (int64_t)call->who->expires_s * 1000),
		    call->who->subject), token_revoked, whose);
	else
		logged_out(call, whose);
}

static void
all_gone(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (!rest_failed(call, job))
		login_revoke(call, call->who->subject, false, logged_out,
		    NULL);
}

void
logout_make(struct rest_call *call)
{
	const struct json *v = json_kind(call->json) != JSON_OBJECT ? NULL :
	    json_object_value(call->json, "everywhere");
	char digest[DIGEST_TEXT];
	const char *token;
	bool in_cookie;

	if (login_users(call) == NULL ||
	    !login_refresh_token(call, &token, &in_cookie))
		return;
	if (v != NULL && json_kind(v) != JSON_TRUE &&
	    json_kind(v) != JSON_FALSE) {
		rest_problem(call, ERR_REQUEST,
		    "\"everywhere\" must be true or false");
	} else if (json_kind(v) == JSON_TRUE && !is_ours(call)) {
		rest_problem(call, ERR_TOKEN, "\"everywhere\" wants an access "
		    "token of the user service");
	} else if (json_kind(v) == JSON_TRUE) {
		rest_ask(call, rows_new(ROWS_REFRESH_DROP_ALL, NULL, NULL,
		    call->who->subject), all_gone, NULL);
	} else {
		secret_digest(token != NULL ? token : "", digest);
		rest_ask(call, rows_new(ROWS_REFRESH_DROP, NULL, NULL, digest),
		    family_gone, NULL);
	}
}

/* ---- another password ---- */

static void
others_revoked(struct rest_call *call, void *whose)
{
	struct attempt *a = whose;

	login_answer(call, 200, a->subject, &(struct login_for){
	    .password = a->new_hash });
}

static void
others_gone(struct rest_call *call, struct job *job, void *whose)
{
	struct attempt *a = whose;

	if (!rest_failed(call, job))
		login_revoke(call, a->subject, false, others_revoked, a);
}

static void
password_kept(struct rest_call *call, struct job *job, void *whose)
{
	struct attempt *a = whose;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0)
		rest_problem(call, ERR_DENIED,
		    "the password has become another meanwhile");
	else
		rest_ask(call, rows_new(ROWS_REFRESH_DROP_ALL, NULL, NULL,
		    a->subject), others_gone, a);
}

static void
password_hashed(struct rest_call *call, bool good, const char *hash,
    void *whose)
{
	struct attempt *a = whose;

	a->new_hash = login_copy(call, hash);
	if (good)
		rest_ask(call, rows_new(ROWS_ACCOUNT_PASSWORD, NULL, NULL,
		    a->subject, hash, a->hash), password_kept, a);
	else
		rest_problem(call, ERR_BUSY,
		    "there is no memory for the hash; try again");
}

static void
password_checked(struct rest_call *call, bool good, const char *hash,
    void *whose)
{
	struct attempt *a = whose;

	(void)hash;
	if (!good) {
		rest_problem(call, ERR_DENIED, "the old password is wrong");
		return;
	}
	login_forgive(call, a->name);
	login_hash(call, a->new_password, password_hashed, a);
}

static void
password_check(struct rest_call *call, void *whose)
{
	struct attempt *a = whose;

	login_check(call, a->password, a->hash, password_checked, a);
}

static void
password_found(struct rest_call *call, struct job *job, void *whose)
{
	struct attempt *a = whose;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		rest_problem(call, ERR_TOKEN,
		    "there is no such account any more");
		return;
	}
	a->name = login_copy(call, rows_cell(job, 0, ACCOUNT_NAME));
	a->hash = login_copy(call, rows_cell(job, 0, ACCOUNT_PASSWORD));
	login_limit(call, a->name, password_check, a);
}

void
password_change(struct rest_call *call)
{
	struct attempt *a = arena_get(&call->arena, sizeof(*a));
	const char *fault;

	*a = (struct attempt){ .name = NULL };
	if (login_users(call) == NULL ||
	    !rest_json_text(call, "old_password", true, &a->password) ||
	    !rest_json_text(call, "new_password", true, &a->new_password))
		return;
	if (!is_ours(call)) {
		rest_problem(call, ERR_DENIED,
		    "the token is not of the user service");
		return;
	}
	if ((fault = password_fault(a->new_password)) != NULL) {
		rest_problem(call, ERR_REQUEST, "\"new_password\": %s", fault);
		return;
	}
	a->subject = call->who->subject;
	rest_ask(call, rows_new(ROWS_ACCOUNT_OF, NULL, NULL, a->subject),
	    password_found, a);
}
