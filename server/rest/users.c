/*
 * users: accounts: made, looked at, changed by administrators; invitations;
 * profiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rest/login.h"
#include "rest/rest_in.h"
#include "rest/route.h"

#define PAGE_MOST	1000
#define INVITED_MS	(7 * 86400000LL)	/* unless the body says otherwise */

/* ---- what is shown ---- */

static void
put_profile(struct buf *b, const struct job *job, size_t row)
{
	const char *display = rows_cell(job, row, ACCOUNT_DISPLAY_NAME);

	rest_put_text(b, "subject", rows_cell(job, row, ACCOUNT_SUBJECT));
	rest_put_text(b, "display_name", display != NULL ? display :
	    rows_cell(job, row, ACCOUNT_NAME));
	rest_put_text(b, "colour", rows_cell(job, row, ACCOUNT_COLOUR));
	rest_put_text(b, "avatar_url",
	    rows_cell(job, row, ACCOUNT_AVATAR_URL));
}

static void
put_account(struct buf *b, const struct job *job, size_t row)
{
	const char *roles = rows_cell(job, row, ACCOUNT_ROLES);

	put_profile(b, job, row);
	rest_put_text(b, "name", rows_cell(job, row, ACCOUNT_NAME));
	rest_put_raw(b, "roles", roles, strlen(roles));
	rest_put_bool(b, "disabled",
	    rows_cell(job, row, ACCOUNT_DISABLED) != NULL);
	rest_put_time(b, "created_at",
	    rows_number(job, row, ACCOUNT_CREATED, -1));
	rest_put_time(b, "disabled_at",
	    rows_number(job, row, ACCOUNT_DISABLED, -1));
	rest_put_time(b, "last_login_at",
	    rows_number(job, row, ACCOUNT_LAST_LOGIN, -1));
}

static bool
is_missing(struct rest_call *call, const struct job *job)
{
	if (rest_failed(call, job))
		return true;
	if (job->rows.n_rows > 0)
		return false;
	rest_problem(call, ERR_NO_ROUTE, "there is no such account");
	return true;
}

static void
answer_account(struct rest_call *call, struct job *job, void *whose)
{
	const int *status = whose;
	struct buf b = BUF_INIT;

	if (is_missing(call, job))
		return;
	buf_putc(&b, '{');
	put_account(&b, job, 0);
	buf_putc(&b, '}');
	rest_answer_json(call, *status, &b);
}

static void
show_account(struct rest_call *call, const char *subject, const int *status)
{
	rest_ask(call, rows_new(ROWS_ACCOUNT_OF, NULL, NULL, subject),
	    answer_account, (void *)status);
}

static const int ok = 200, made = 201;

/* ---- making ---- */

struct newcomer {
	const char	*name, *password, *display_name, *roles;
	char		*invitation_id;		/* heap */
	const char	*invited_until;		/* ms, decimal */
};

static void
account_made(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (job->err == ERR_ROWS_CLASH) {
		rest_problem(call, ERR_ROWS_CLASH, "the name is taken");
		return;
	}
	if (rest_failed(call, job))
		return;
	rest_header(call, "Location", "/v1/users/%s", rows_cell(job, 0, 0));
	show_account(call, rows_cell(job, 0, 0), &made);
}

static void
newcomer_hashed(struct rest_call *call, bool good, const char *hash,
    void *whose)
{
	struct newcomer *n = whose;

	if (good)
		rest_ask(call, rows_new(ROWS_ACCOUNT_ADD, NULL, NULL, n->name,
		    hash, n->roles, n->display_name), account_made, n);
	else
		rest_problem(call, ERR_BUSY,
		    "there is no memory for the hash; try again");
}

static void
newcomer_hash(struct rest_call *call, void *whose)
{
	struct newcomer *n = whose;

	login_hash(call, n->password, newcomer_hashed, n);
}

static void
invitation_used(struct rest_call *call, struct job *job, void *whose)
{
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0)
		rest_problem(call, ERR_DENIED, "the invitation was used");
	else
		newcomer_hash(call, whose);
}

/* It is good once: a name that is taken is found before it is used. */
static void
invited_named(struct rest_call *call, struct job *job, void *whose)
{
	struct newcomer *n = whose;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows > 0)
		rest_problem(call, ERR_ROWS_CLASH, "the name is taken");
	else
		rest_ask(call, rows_new(ROWS_TOKEN_USE, NULL, NULL,
		    n->invitation_id, n->invited_until), invitation_used, n);
}

static void
invited_limited(struct rest_call *call, void *whose)
{
	struct newcomer *n = whose;

	rest_ask(call, rows_new(ROWS_ACCOUNT_NAMED, NULL, NULL, n->name),
	    invited_named, n);
}

static void
by_administrator(struct rest_call *call)
{
	newcomer_hash(call, call->own);
}

/* A list of names as JSON, "[]" when it is not said. */
static bool
read_roles(struct rest_call *call, const char **roles_out)
{
	const struct json *v = json_kind(call->json) != JSON_OBJECT ? NULL :
	    json_object_value(call->json, "roles");
	struct buf b = BUF_INIT;
	const char *fault;

	*roles_out = NULL;
	if (v == NULL)
		return true;
	json_print(v, &b);
	*roles_out = arena_copy(&call->arena, b.data, b.len);
	buf_done(&b);
	if ((fault = users_roles_fault(*roles_out)) == NULL)
		return true;
	rest_problem(call, ERR_REQUEST, "\"roles\": %s", fault);
	return false;
}

static bool
is_faulty(struct rest_call *call, const char *member, const char *text,
    const char *(*fault_of)(const char *text))
{
	const char *fault = text != NULL ? fault_of(text) : NULL;

	if (fault != NULL)
		rest_problem(call, ERR_REQUEST, "\"%s\": %s", member, fault);
	return fault != NULL;
}

/* Sign-ups of an address are counted as logins with a name of its own. */
static void
limit_newcomer(struct rest_call *call, login_then *then, void *whose)
{
	char name[128];

	snprintf(name, sizeof(name), "sign-up from %s", call->net->address);
	login_limit(call, login_copy(call, name), then, whose);
}

static void
come_invited(struct rest_call *call, const struct users *u,
    struct newcomer *n, const char *invitation)
{
	char *id, *roles;
	const char *why;
	int64_t until_ms;

	if (!users_invitation_read(u, invitation, call->rest->wall_ms, &id,
	    &roles, &until_ms, &why)) {
		rest_problem(call, ERR_DENIED, "\"invitation\": %s", why);
		return;
	}
	n->invitation_id = (char *)login_copy(call, id);
	n->roles = login_copy(call, roles);
	n->invited_until = login_number(call, until_ms);
	free(id);
	free(roles);
	limit_newcomer(call, invited_limited, n);
}

void
users_make(struct rest_call *call)
{
	struct newcomer *n = arena_get(&call->arena, sizeof(*n));
	const struct users *u = login_users(call);
	const char *invitation, *roles;

	*n = (struct newcomer){ .name = NULL };
	if (u == NULL || !rest_json_text(call, "name", true, &n->name) ||
	    !rest_json_text(call, "password", true, &n->password) ||
	    !rest_json_text(call, "display_name", false, &n->display_name) ||
	    !rest_json_text(call, "invitation", false, &invitation) ||
	    !read_roles(call, &roles) ||
	    is_faulty(call, "name", n->name, users_name_fault) ||
	    is_faulty(call, "password", n->password, password_fault) ||
	    is_faulty(call, "display_name", n->display_name,
	    users_display_name_fault))
		return;
	n->roles = roles != NULL ? roles : "[]";
	if (invitation != NULL && u->settings.signup != SIGNUP_CLOSED) {
		come_invited(call, u, n, invitation);
	} else if (u->settings.signup == SIGNUP_OPEN && roles == NULL) {
		limit_newcomer(call, newcomer_hash, n);
	} else {
		call->own = n;
		rest_may(call, "admin", NULL, NULL, by_administrator);
	}
}

/* ---- invitations ---- */

static void
invite(struct rest_call *call)
{
	const struct users *u = call->rest->settings.users;
	int64_t now_ms = call->rest->wall_ms, in_s, until_ms;
	const char *roles;
	struct buf b = BUF_INIT;
	char *text;

	if (!read_roles(call, &roles) || !rest_json_number(call, "expires_in",
	    false, 365 * 86400, &in_s))
		return;
	until_ms = now_ms + (in_s >= 0 ? in_s * 1000 : INVITED_MS);
	text = users_invitation(u, roles != NULL ? roles : "[]", now_ms,
	    until_ms);
	if (text == NULL) {
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	buf_putc(&b, '{');
	rest_put_text(&b, "invitation", text);
	rest_put_time(&b, "expires_at", until_ms);
	buf_putc(&b, '}');
	free(text);
	rest_header(call, "Cache-Control", "no-store");
	rest_answer_json(call, 201, &b);
}

void
invitations_make(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_may(call, "admin", NULL, NULL, invite);
}

/* ---- looking ---- */

static void
put_accounts(struct rest_call *call, struct job *job, void *whose)
{
	const uint64_t *limit = whose;
	struct buf b = BUF_INIT;
	size_t n = job->rows.n_rows;

	if (rest_failed(call, job))
		return;
	buf_puts(&b, "{\"users\":[");
	for (size_t row = 0; row < n && row < *limit; row++) {
		buf_puts(&b, row > 0 ? ",{" : "{");
		put_account(&b, job, row);
		buf_putc(&b, '}');
	}
	buf_puts(&b, "]");
	rest_put_text(&b, "next", n <= *limit ? NULL :
	    rows_cell(job, *limit - 1, ACCOUNT_NAME));
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
list_accounts(struct rest_call *call)
{
	const char *after = rest_query(call, "after");
	uint64_t *limit = arena_get(&call->arena, sizeof(*limit));

	if (!rest_query_number(call, "limit", 1, PAGE_MOST, 100, limit))
		return;
	rest_ask(call, rows_new(ROWS_ACCOUNTS, NULL, NULL,
	    after != NULL ? after : "",
	    login_number(call, (int64_t)*limit + 1)), put_accounts, limit);
}

void
users_list(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_may(call, "admin", NULL, NULL, list_accounts);
}

static void
show_any(struct rest_call *call)
{
	show_account(call, rest_param(call, "subject"), &ok);
}

/* An own account may be looked at by whoever it is. */
void
users_get(struct rest_call *call)
{
	if (login_users(call) == NULL)
		return;
	if (call->who != NULL && call->who->subject != NULL &&
	    strcmp(call->who->subject, rest_param(call, "subject")) == 0)
		show_any(call);
	else
		rest_may(call, "admin", NULL, NULL, show_any);
}

/* ---- changing ---- */

struct change {
	const char	*subject, *roles;	/* NULL: as they are */
	bool		 has_disabled, disabled;
};

static void
show_changed(struct rest_call *call, void *whose)
{
	const struct change *c = whose;

	show_account(call, c->subject, &ok);
}

static void
refresh_gone(struct rest_call *call, struct job *job, void *whose)
{
	const struct change *c = whose;

	if (!rest_failed(call, job))
		login_revoke(call, c->subject, true, show_changed, whose);
}

static void
disabled(struct rest_call *call, struct job *job, void *whose)
{
	const struct change *c = whose;

	if (is_missing(call, job))
		return;
	if (c->disabled)
		rest_ask(call, rows_new(ROWS_REFRESH_DROP_ALL, NULL, NULL,
		    c->subject), refresh_gone, whose);
	else
		/* Tokens of before stay refused. */
		login_revoke(call, c->subject, false, show_changed, whose);
}

/* Then, because tokens carry the roles, others are to be fetched. */
static void
change_disabled(struct rest_call *call, void *whose)
{
	const struct change *c = whose;

	if (c->has_disabled)
		rest_ask(call, rows_new(ROWS_ACCOUNT_DISABLE, NULL, NULL,
		    c->subject, c->disabled ? "1" : "0"), disabled, whose);
	else
		show_changed(call, whose);
}

static void
roles_changed(struct rest_call *call, struct job *job, void *whose)
{
	const struct change *c = whose;

	if (!is_missing(call, job))
		login_revoke(call, c->subject, false, change_disabled, whose);
}

static void
change_account(struct rest_call *call)
{
	struct change *c = arena_get(&call->arena, sizeof(*c));
	const struct json *v;

	*c = (struct change){ .subject = rest_param(call, "subject") };
	if (json_kind(call->json) != JSON_OBJECT) {
		rest_problem(call, ERR_REQUEST, "the body must be an object");
		return;
	}
	v = json_object_value(call->json, "disabled");
	c->has_disabled = v != NULL;
	c->disabled = json_kind(v) == JSON_TRUE;
	if (!read_roles(call, &c->roles))
		return;
	if (v != NULL && !c->disabled && json_kind(v) != JSON_FALSE)
		rest_problem(call, ERR_REQUEST,
		    "\"disabled\" must be true or false");
	else if (c->roles == NULL && v == NULL)
		rest_problem(call, ERR_REQUEST,
		    "\"roles\" or \"disabled\" must be given");
	else if (c->roles != NULL)
		rest_ask(call, rows_new(ROWS_ACCOUNT_ROLES, NULL, NULL,
		    c->subject, c->roles), roles_changed, c);
	else
		change_disabled(call, c);
}

void
users_change(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_may(call, "admin", NULL, NULL, change_account);
}

static void
removed_revoked(struct rest_call *call, void *whose)
{
	(void)whose;
	rest_answer_empty(call, 204);
}

static void
removed_refresh(struct rest_call *call, struct job *job, void *whose)
{
	if (!rest_failed(call, job))
		login_revoke(call, rest_param(call, "subject"), false,
		    removed_revoked, whose);
}

static void
removed(struct rest_call *call, struct job *job, void *whose)
{
	if (!is_missing(call, job))
		rest_ask(call, rows_new(ROWS_REFRESH_DROP_ALL, NULL, NULL,
		    rest_param(call, "subject")), removed_refresh, whose);
}

static void
remove_account(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_ACCOUNT_REMOVE, NULL, NULL,
	    rest_param(call, "subject")), removed, NULL);
}

void
users_remove(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_may(call, "admin", NULL, NULL, remove_account);
}

/* ---- profiles ---- */

static void
answer_profile(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;

	(void)whose;
	if (is_missing(call, job))
		return;
	buf_putc(&b, '{');
	put_profile(&b, job, 0);
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

void
users_profile(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_ask(call, rows_new(ROWS_ACCOUNT_OF, NULL, NULL,
		    rest_param(call, "subject")), answer_profile, NULL);
}

void
profile_get(struct rest_call *call)
{
	if (login_users(call) != NULL)
		rest_ask(call, rows_new(ROWS_ACCOUNT_OF, NULL, NULL,
		    call->who->subject), answer_profile, NULL);
}

static void
profile_kept(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (!is_missing(call, job))
		profile_get(call);
}

/* A member for ROWS_ACCOUNT_PROFILE: NULL as it is, "" none. */
static bool
read_profile(struct rest_call *call, const char *name,
    const char *(*fault_of)(const char *text), const char **text_out)
{
	if (json_kind(call->json) == JSON_OBJECT &&
	    json_kind(json_object_value(call->json, name)) == JSON_NULL) {
		*text_out = "";
		return true;
	}
	return rest_json_text(call, name, false, text_out) &&
	    !is_faulty(call, name, *text_out, fault_of);
}

void
profile_change(struct rest_call *call)
{
	const char *name, *colour, *url;

	if (login_users(call) == NULL ||
	    !read_profile(call, "display_name", users_display_name_fault,
	    &name) ||
	    !read_profile(call, "colour", users_colour_fault, &colour) ||
	    !read_profile(call, "avatar_url", users_avatar_fault, &url))
		return;
	rest_ask(call, rows_new(ROWS_ACCOUNT_PROFILE, NULL, NULL,
	    call->who->subject, name, colour, url), profile_kept, NULL);
}
