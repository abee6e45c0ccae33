#include "rest/login.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/link.h"
#include "base/log.h"
#include "core/desk.h"
#include "rest/rest_in.h"

#define ACCESS_COOKIE	"otd_token"
#define REFRESH_COOKIE	"otd_refresh"
#define ADDRESS_TIMES	5	/* as often may fail, of an address */
#define NAME_TIMES	10	/* and of a name */
#define SLACK_MS	60000	/* clocks of nodes differ */

struct users *
login_users(struct rest_call *call)
{
	struct users *u = call->rest->settings.users;

	if (u == NULL)
		rest_problem(call, ERR_NO_ROUTE,
		    "the user service is off: --users on");
	return u;
}

const char *
login_copy(struct rest_call *call, const char *text)
{
	return text == NULL ? NULL :
	    arena_copy(&call->arena, text, strlen(text));
}

const char *
login_number(struct rest_call *call, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	return login_copy(call, text);
}

/* ---- how often ---- */

struct limit {
	const char	*name;
	login_then	*then;
	void		*whose;
};

static void
too_often(struct rest_call *call)
{
	struct users *u = call->rest->settings.users;

	u->counts.limited++;
	LOG_LIMITED(LOG_WARN, "users", "too many logins from %s, or with one "
	    "name", call->net->address);
	rest_header(call, "Retry-After", "%" PRIu64,
	    u->settings.window_ms / 1000);
	rest_problem(call, ERR_RATE, "too many attempts; try again later");
}

static void
counted(struct rest_call *call, struct job *job, void *whose)
{
	const struct limit *l = whose;
	struct users *u = call->rest->settings.users;
	const char *address = call->net->address;
	int64_t tries = (int64_t)u->settings.tries;
	int64_t wall_ms = call->rest->wall_ms;
	bool both, name, any;

	if (rest_failed(call, job))
		return;
	both = rows_number(job, 0, 0, 0) > tries;
	name = rows_number(job, 0, 1, 0) > tries * NAME_TIMES;
	any = rows_number(job, 0, 2, 0) > tries * ADDRESS_TIMES;
	if (both)
		users_shut_out(u, l->name, address, wall_ms);
	if (name)
		users_shut_out(u, l->name, NULL, wall_ms);
	if (any)
		users_shut_out(u, NULL, address, wall_ms);
	if (both || name || any)
		too_often(call);
	else
		l->then(call, l->whose);
}

static void
noted(struct rest_call *call, struct job *job, void *whose)
{
	const struct limit *l = whose;
	const struct users_settings *s = &call->rest->settings.users->settings;

	if (rest_failed(call, job))
		return;
	rest_ask(call, rows_new(ROWS_LOGIN_TRIES, NULL, NULL, l->name,
	    call->net->address, login_number(call, (int64_t)s->window_ms)),
	    counted, whose);
}

/*
 * Noted first and counted then: of many that come at once no more than the
 * limit can find that they are below it.
 */
void
login_limit(struct rest_call *call, const char *name, login_then *then,
    void *whose)
{
	struct limit *l = arena_get(&call->arena, sizeof(*l));

	if (users_is_shut(call->rest->settings.users, name,
	    call->net->address, call->rest->wall_ms)) {
		too_often(call);
		return;
	}
	*l = (struct limit){ name, then, whose };
	rest_ask(call, rows_new(ROWS_LOGIN_TRY, NULL, NULL, name,
	    call->net->address), noted, l);
}

/* What is not waited for; it may fail. */
static void
on_aside(struct job *job)
{
	job_free(job);
}

void
login_forgive(struct rest_call *call, const char *name)
{
	desk_ask(call->rest->desk, rows_new(ROWS_LOGIN_FORGET, on_aside, NULL,
	    name, call->net->address));
}

/* ---- passwords ---- */

struct hashing {
	struct rest_call *call;
	struct hash_task *task;		/* NULL: none is under way */
	login_hashed	 *then;
	void		 *whose;
};

static void
leave_hashing(struct rest_call *call)
{
	struct hashing *h = call->own;

	if (h->task != NULL)
		hasher_forget(h->task);
	h->task = NULL;
}

static void
on_hashed(void *arg, bool good, const char *hash)
{
	struct hashing *h = arg;

	h->task = NULL;
	h->then(h->call, good, hash, h->whose);
}

static struct hashing *
hashing_new(struct rest_call *call, login_hashed *then, void *whose)
{
	struct hashing *h = arena_get(&call->arena, sizeof(*h));

	*h = (struct hashing){ call, NULL, then, whose };
	call->own = h;
	call->leave = leave_hashing;
	return h;
}

static void
begun(struct rest_call *call, const struct hashing *h)
{
	if (h->task == NULL)
		rest_problem(call, ERR_BUSY, "too many passwords wait to be "
		    "checked; try again");
}

void
login_check(struct rest_call *call, const char *password, const char *hash,
    login_hashed *then, void *whose)
{
	struct hashing *h = hashing_new(call, then, whose);

	h->task = hasher_check(call->rest->settings.users->hasher, password,
	    hash, on_hashed, h);
	begun(call, h);
}

void
login_hash(struct rest_call *call, const char *password, login_hashed *then,
    void *whose)
{
	struct hashing *h = hashing_new(call, then, whose);

	h->task = hasher_make(call->rest->settings.users->hasher, password,
	    on_hashed, h);
	begun(call, h);
}

/* ---- cookies ---- */

static void
put_cookie(struct rest_call *call, const char *name, const char *value,
    const char *path, uint64_t age_s)
{
	rest_header(call, "Set-Cookie", "%s=%s; Path=%s; Max-Age=%" PRIu64
	    "; HttpOnly; SameSite=Strict%s", name, value, path, age_s,
	    call->net->secure ? "; Secure" : "");
}

void
login_clear_cookies(struct rest_call *call)
{
	put_cookie(call, ACCESS_COOKIE, "", "/", 0);
	put_cookie(call, REFRESH_COOKIE, "", "/v1/", 0);
}

/* RFC 6265, 4.2.1: pairs, "; " between; NULL: there is none of that name. */
static const char *
cookie_of(struct rest_call *call, const char *name)
{
	const char *p = rest_asked(call, NET_COOKIE);
	size_t len = strlen(name);

	while (p != NULL) {
		p += strspn(p, "; ");
		if (strncmp(p, name, len) == 0 && p[len] == '=')
			return arena_copy(&call->arena, p + len + 1,
			    strcspn(p + len + 1, "; "));
		p = strchr(p, ';');
	}
	return NULL;
}

bool
login_refresh_token(struct rest_call *call, const char **token_out,
    bool *in_cookie_out)
{
	const char *token = NULL;

	if (call->json != NULL &&
	    !rest_json_text(call, "refresh_token", false, &token))
		return false;
	*in_cookie_out = token == NULL;
	*token_out = token != NULL ? token : cookie_of(call, REFRESH_COOKIE);
	return true;
}

/* ---- tokens ---- */

struct given {
	int		 status;
	bool		 cookies;
	const char	*subject, *family;
	const char	*taken, *password;	/* what it is given for */
	const char	*access;
	char		 refresh[SECRET_ROOM];
};

/* RFC 6749, 5.1 for the names. */
static void
put_given(struct rest_call *call, struct job *job, void *whose)
{
	const struct users_settings *s = &call->rest->settings.users->settings;
	const struct given *g = whose;
	struct buf b = BUF_INIT;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		rest_problem(call, ERR_TOKEN, "the login is over");
		return;
	}
	desk_ask(call->rest->desk, rows_new(ROWS_LOGIN_DONE, on_aside, NULL,
	    g->subject));
	buf_putc(&b, '{');
	rest_put_text(&b, "subject", g->subject);
	rest_put_text(&b, "token_type", "Bearer");
	rest_put_text(&b, "access_token", g->access);
	rest_put_number(&b, "expires_in", (int64_t)(s->access_ms / 1000));
	if (!g->cookies)
		rest_put_text(&b, "refresh_token", g->refresh);
	rest_put_number(&b, "refresh_expires_in",
	    (int64_t)(s->refresh_ms / 1000));
	buf_putc(&b, '}');
	if (g->cookies) {
		put_cookie(call, ACCESS_COOKIE, g->access, "/",
		    s->access_ms / 1000);
		put_cookie(call, REFRESH_COOKIE, g->refresh, "/v1/",
		    s->refresh_ms / 1000);
	}
	rest_header(call, "Cache-Control", "no-store");
	rest_answer_json(call, g->status, &b);
}

static void
give(struct rest_call *call, struct job *job, void *whose)
{
	struct users *u = call->rest->settings.users;
	struct given *g = whose;
	char digest[DIGEST_TEXT], *token;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0 ||
	    rows_cell(job, 0, ACCOUNT_DISABLED) != NULL) {
		rest_problem(call, ERR_TOKEN, "%s", job->rows.n_rows == 0 ?
		    "there is no such account any more" :
		    "the account is disabled");
		return;
	}
	token = users_access_token(u, job, 0, call->rest->wall_ms);
	if (token == NULL || !secret_new(g->refresh)) {
		free(token);
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	g->access = login_copy(call, token);
	free(token);
	secret_digest(g->refresh, digest);
	rest_ask(call, rows_new(ROWS_REFRESH_PUT, NULL, NULL, digest,
	    g->family, g->subject,
	    login_number(call, (int64_t)u->settings.refresh_ms), g->taken,
	    g->password), put_given, g);
}

/* Does the body want cookies?  False: the call is answered. */
static bool
read_cookies(struct rest_call *call, bool *cookies_out)
{
	const struct json *v = json_kind(call->json) != JSON_OBJECT ? NULL :
	    json_object_value(call->json, "cookies");

	if (v != NULL && json_kind(v) != JSON_TRUE &&
	    json_kind(v) != JSON_FALSE) {
		rest_problem(call, ERR_REQUEST,
		    "\"cookies\" must be true or false");
		return false;
	}
	*cookies_out = json_kind(v) == JSON_TRUE;
	return true;
}

void
login_answer(struct rest_call *call, int status, const char *subject,
    const struct login_for *for_what)
{
	const char *family = for_what->family;
	struct given *g = arena_get(&call->arena, sizeof(*g));
	char fresh[SECRET_ROOM];

	g->status = status;
	if (!read_cookies(call, &g->cookies))
		return;
	g->cookies |= for_what->in_cookies;
	if (family == NULL && !secret_new(fresh)) {
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	g->subject = login_copy(call, subject);
	g->family = login_copy(call, family != NULL ? family : fresh);
	g->taken = login_copy(call, for_what->taken);
	g->password = login_copy(call, for_what->password);
	rest_ask(call, rows_new(ROWS_ACCOUNT_OF, NULL, NULL, subject), give,
	    g);
}

/* ---- revoking ---- */

static void
revoked(struct rest_call *call, struct job *job, void *whose)
{
	const struct limit *l = whose;

	if (rest_failed(call, job))
		return;
	if (call->rest->gate != NULL)
		gate_hurry(call->rest->gate);
	l->then(call, l->whose);
}

void
login_revoke(struct rest_call *call, const char *subject, bool for_ever,
    login_then *then, void *whose)
{
	const struct users_settings *s = &call->rest->settings.users->settings;
	struct limit *l = arena_get(&call->arena, sizeof(*l));
	int64_t now_ms = call->rest->wall_ms;

	*l = (struct limit){ NULL, then, whose };
	/* Those of this very second too: the next ones say a later one. */
	rest_ask(call, rows_new(ROWS_REVOKE, NULL, NULL, "subject", subject,
	    for_ever ? NULL : login_number(call, (now_ms / 1000 + 1) * 1000),
	    for_ever ? NULL : login_number(call,
	    now_ms + (int64_t)s->access_ms + SLACK_MS),
	    call->who != NULL ? call->who->subject : NULL), revoked, l);
}
