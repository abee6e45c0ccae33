/*
 * tokens: who asks, tickets, revocations, share links.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/gate.h"
#include "auth/link.h"
#include "auth/ticket.h"
#include "core/access.h"
#include "rest/rest_in.h"
#include "rest/route.h"

#define NUMBER_TEXT	24	/* room for an int64_t, bytes */

static const char *
number_text(struct rest_call *call, int64_t n)
{
	char *text = arena_get(&call->arena, NUMBER_TEXT);

	snprintf(text, NUMBER_TEXT, "%" PRId64, n);
	return text;
}

/*
 * "expires_in" (seconds) or "expires_at" of the body, as milliseconds since
 * 1970 in decimal; NULL: neither.  False: the call is answered.
 */
static bool
read_expiry(struct rest_call *call, const char **ms_out)
{
	const char *at = NULL;
	int64_t in_s, ms;

	if (!rest_json_number(call, "expires_in", false, 10LL * 365 * 86400,
	    &in_s) || !rest_json_text(call, "expires_at", false, &at))
		return false;
	if (at != NULL && in_s >= 0) {
		rest_problem(call, ERR_REQUEST, "\"expires_in\" and "
		    "\"expires_at\" exclude each other");
		return false;
	}
	*ms_out = NULL;
	if (in_s >= 0)
		*ms_out = number_text(call, call->rest->wall_ms +
		    in_s * 1000);
	if (at == NULL)
		return true;
	if (!rest_read_time(at, &ms)) {
		rest_problem(call, ERR_REQUEST, "\"expires_at\" must be a "
		    "time as 2026-01-31T12:00:00Z");
		return false;
	}
	*ms_out = number_text(call, ms);
	return true;
}

static int64_t
ms_of(const char *text)
{
	return text != NULL ? strtoll(text, NULL, 10) : -1;
}

static void
open_object(struct buf *b)
{
	buf_putc(b, '{');
}

static void
answer_object(struct rest_call *call, int status, struct buf *b)
{
	buf_putc(b, '}');
	rest_answer_json(call, status, b);
}

/* Answers that hold a secret are nobody's to keep (RFC 9111, 5.2.2.5). */
static void
answer_secret(struct rest_call *call, struct buf *b)
{
	rest_header(call, "Cache-Control", "no-store");
	answer_object(call, 201, b);
}

/* ---- who asks ---- */

void
whoami_get(struct rest_call *call)
{
	const struct principal *who = call->who;
	struct buf b = BUF_INIT;

	open_object(&b);
	rest_put_text(&b, "subject", who != NULL ? who->subject : NULL);
	rest_put_text(&b, "issuer", who != NULL ? who->issuer : NULL);
	rest_put_text(&b, "token_id", who != NULL ? who->token_id : NULL);
	rest_put_text(&b, "link", who != NULL ? who->link : NULL);
	rest_put_time(&b, "expires_at", who != NULL &&
	    who->expires_s < INT64_MAX / 1000 ?
	    (int64_t)who->expires_s * 1000 : -1);
	rest_put_name(&b, "claims");
	if (who != NULL)
		json_print(who->claims, &b);
	else
		buf_puts(&b, "{}");
	rest_header(call, "Cache-Control", "no-store");
	answer_object(call, 200, &b);
}

/* ---- tickets ---- */

static void
ticket_kept(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;

	if (rest_failed(call, job))
		return;
	open_object(&b);
	rest_put_text(&b, "ticket", whose);
	rest_put_number(&b, "expires_in", TICKET_MS / 1000);
	answer_secret(call, &b);
}

void
tickets_make(struct rest_call *call)
{
	char *ticket = arena_get(&call->arena, SECRET_ROOM);
	char digest[DIGEST_TEXT], *principal;

	if (call->who == NULL) {
		rest_problem(call, ERR_TOKEN, "a ticket stands for a token, "
		    "and there is none");
		return;
	}
	if (!secret_new(ticket)) {
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	secret_digest(ticket, digest);
	principal = ticket_principal(call->who);
	rest_ask(call, rows_new(ROWS_TICKET_PUT, NULL, NULL, digest,
	    principal, number_text(call, TICKET_MS)), ticket_kept, ticket);
	free(principal);
}

/* ---- revocations ---- */

static void
revoked(struct rest_call *call, struct job *job, void *whose)
{
	const char *const *r = whose;	/* kind, value, before, expires */
	struct buf b = BUF_INIT;

	if (rest_failed(call, job))
		return;
	if (call->rest->gate != NULL)
		gate_hurry(call->rest->gate);
	open_object(&b);
	rest_put_text(&b, strcmp(r[0], "token") == 0 ? "jti" : "subject", r[1]);
	if (strcmp(r[0], "subject") == 0)
		rest_put_time(&b, "before", ms_of(r[2]));
	rest_put_time(&b, "expires_at", ms_of(r[3]));
	answer_object(call, 201, &b);
}

static void
revoke(struct rest_call *call)
{
	const char *jti, *subject, *before = NULL;
	const char **r = arena_get(&call->arena, 4 * sizeof(*r));
	int64_t before_ms;

	if (!rest_json_text(call, "jti", false, &jti) ||
	    !rest_json_text(call, "subject", false, &subject) ||
	    !rest_json_text(call, "before", false, &before) ||
	    !read_expiry(call, &r[3]))
		return;
	if ((jti == NULL) == (subject == NULL)) {
		rest_problem(call, ERR_REQUEST, "either \"jti\" or "
		    "\"subject\" must be given");
		return;
	}
	if (before != NULL && (jti != NULL ||
	    !rest_read_time(before, &before_ms))) {
		rest_problem(call, ERR_REQUEST, "\"before\" goes with "
		    "\"subject\", and must be a time as 2026-01-31T12:00:00Z");
		return;
	}
	r[0] = jti != NULL ? "token" : "subject";
	r[1] = jti != NULL ? jti : subject;
	/* All that there are, those of this very second too. */
	if (before == NULL)
		before_ms = (call->rest->wall_ms / 1000 + 1) * 1000;
	r[2] = jti == NULL ? number_text(call, before_ms) : NULL;
	rest_ask(call, rows_new(ROWS_REVOKE, NULL, NULL, r[0], r[1], r[2],
	    r[3], call->who != NULL ? call->who->subject : NULL), revoked, r);
}

void
revocations_make(struct rest_call *call)
{
	rest_may(call, "admin", NULL, NULL, revoke);
}

static void
put_revocations(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;

	(void)whose;
	if (rest_failed(call, job))
		return;
	buf_puts(&b, "{\"revocations\":[");
	for (size_t row = 0; row < job->rows.n_rows; row++) {
		const char *kind = rows_cell(job, row, 0);
		bool is_token = strcmp(kind, "token") == 0;

		buf_puts(&b, row > 0 ? ",{" : "{");
		rest_put_text(&b, is_token ? "jti" : "subject",
		    rows_cell(job, row, 1));
		if (!is_token)
			rest_put_time(&b, "before", rows_number(job, row, 2,
			    -1));
		rest_put_time(&b, "expires_at", rows_number(job, row, 3, -1));
		rest_put_time(&b, "revoked_at", rows_number(job, row, 4, -1));
		rest_put_text(&b, "revoked_by", rows_cell(job, row, 5));
		buf_putc(&b, '}');
	}
	buf_puts(&b, "]");
	answer_object(call, 200, &b);
}

static void
ask_revocations(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_REVOCATIONS, NULL, NULL),
	    put_revocations, NULL);
}

void
revocations_list(struct rest_call *call)
{
	rest_may(call, "admin", NULL, NULL, ask_revocations);
}

/* What was asked to go is gone; missing says that it was not there. */
static void
dropped(struct rest_call *call, struct job *job, void *missing)
{
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		rest_problem(call, ERR_NO_ROUTE, "%s", (const char *)missing);
		return;
	}
	if (call->rest->gate != NULL)
		gate_hurry(call->rest->gate);
	rest_answer_empty(call, 204);
}

static void
unrevoke(struct rest_call *call)
{
	const char *jti = rest_query(call, "jti");
	const char *subject = rest_query(call, "subject");

	if ((jti == NULL) == (subject == NULL)) {
		rest_problem(call, ERR_REQUEST, "either \"jti\" or "
		    "\"subject\" must stand behind \"?\"");
		return;
	}
	rest_ask(call, rows_new(ROWS_UNREVOKE, NULL, NULL,
	    jti != NULL ? "token" : "subject", jti != NULL ? jti : subject),
	    dropped, (void *)"there is no such revocation");
}

void
revocations_drop(struct rest_call *call)
{
	rest_may(call, "admin", NULL, NULL, unrevoke);
}

/* ---- share links ---- */

struct share {
	char		 text[LINK_TEXT], subject[LINK_TEXT];
	const char	*role, *expires_ms;
};

static void
link_kept(struct rest_call *call, struct job *job, void *whose)
{
	const struct share *s = whose;
	struct buf b = BUF_INIT;

	if (rest_failed(call, job))
		return;
	if (call->rest->gate != NULL)
		gate_hurry(call->rest->gate);
	open_object(&b);
	rest_put_text(&b, "link", s->text);
	rest_put_text(&b, "subject", s->subject);
	rest_put_text(&b, "role", s->role);
	rest_put_time(&b, "expires_at", ms_of(s->expires_ms));
	answer_secret(call, &b);
}

static void
make_link(struct rest_call *call)
{
	struct share *s = arena_get(&call->arena, sizeof(*s));
	int role;

	if (!rest_json_text(call, "role", true, &s->role) ||
	    !read_expiry(call, &s->expires_ms))
		return;
	role = access_role_named(s->role);
	if (role < ROLE_VIEWER || role > ROLE_EDITOR) {
		rest_problem(call, ERR_REQUEST, "\"role\" must be viewer, "
		    "commenter or editor");
		return;
	}
	if (!link_new(s->text)) {
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	link_subject(s->text, s->subject);
	rest_ask(call, rows_new(ROWS_GRANT_PUT, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"),
	    s->subject, s->role, s->expires_ms,
	    call->who != NULL ? call->who->subject : NULL), link_kept, s);
}

void
links_make(struct rest_call *call)
{
	rest_may(call, "admin", rest_param(call, "collection"),
	    rest_param(call, "id"), make_link);
}

static void
put_links(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;

	(void)whose;
	if (rest_failed(call, job))
		return;
	buf_puts(&b, "{\"links\":[");
	for (size_t row = 0; row < job->rows.n_rows; row++) {
		if (!link_is_subject(rows_cell(job, row, 0)))
			continue;
		buf_puts(&b, b.data[b.len - 1] == '}' ? ",{" : "{");
		rest_put_text(&b, "subject", rows_cell(job, row, 0));
		rest_put_text(&b, "role", rows_cell(job, row, 1));
		rest_put_time(&b, "expires_at", rows_number(job, row, 2, -1));
		rest_put_text(&b, "granted_by", rows_cell(job, row, 3));
		rest_put_time(&b, "granted_at", rows_number(job, row, 4, -1));
		buf_putc(&b, '}');
	}
	buf_puts(&b, "]");
	answer_object(call, 200, &b);
}

static void
ask_links(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_GRANT_LIST, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id")),
	    put_links, NULL);
}

void
links_list(struct rest_call *call)
{
	rest_may(call, "admin", rest_param(call, "collection"),
	    rest_param(call, "id"), ask_links);
}

/* By its text, or by what grants call it. */
static void
drop_link(struct rest_call *call)
{
	const char *link = rest_param(call, "link");
	char subject[LINK_TEXT];

	if (link_is(link)) {
		link_subject(link, subject);
		link = subject;
	}
	if (!link_is_subject(link)) {
		rest_problem(call, ERR_NO_ROUTE,
		    "the document has no such link");
		return;
	}
	rest_ask(call, rows_new(ROWS_GRANT_DROP, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"), link),
	    dropped, (void *)"the document has no such link");
}

void
links_drop(struct rest_call *call)
{
	rest_may(call, "admin", rest_param(call, "collection"),
	    rest_param(call, "id"), drop_link);
}
