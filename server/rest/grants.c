/*
 * grants: who may do what with one document, beside the rules.
 *
 * They are for whoever administers the document: its owner, or somebody whom
 * a rule lets.  A change is seen by all processes within a second.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/access.h"
#include "rest/rest_in.h"
#include "rest/route.h"

/* ---- the list ---- */

struct listed {
	unsigned	 waits;		/* answers to come */
	struct buf	 grants;	/* inside of the list */
	const char	*owner;		/* in the arena; NULL: nobody's */
};

static void
leave_listed(struct rest_call *call)
{
	struct listed *l = call->own;

	buf_done(&l->grants);
}

static void
answer_list(struct rest_call *call, struct listed *l)
{
	struct buf b = BUF_INIT;

	if (--l->waits > 0)
		return;
	buf_putc(&b, '{');
	rest_put_text(&b, "owner", l->owner);
	rest_put_name(&b, "grants");
	buf_putc(&b, '[');
	buf_put(&b, l->grants.data, l->grants.len);
	buf_puts(&b, "]}");
	rest_answer_json(call, 200, &b);
}

static void
put_grant(struct buf *b, const char *subject, const char *role,
    int64_t expires_ms)
{
	rest_put_text(b, "subject", subject);
	rest_put_text(b, "role", role);
	rest_put_time(b, "expires_at", expires_ms);
}

static void
grants_found(struct rest_call *call, struct job *job, void *whose)
{
	struct listed *l = whose;
	size_t row;

	if (rest_failed(call, job))
		return;
	for (row = 0; row < job->rows.n_rows; row++) {
		if (row > 0)
			buf_putc(&l->grants, ',');
		buf_putc(&l->grants, '{');
		put_grant(&l->grants, rows_cell(job, row, 0),
		    rows_cell(job, row, 1), rows_number(job, row, 2, -1));
		rest_put_text(&l->grants, "by", rows_cell(job, row, 3));
		rest_put_time(&l->grants, "at", rows_number(job, row, 4, -1));
		buf_putc(&l->grants, '}');
	}
	answer_list(call, l);
}

/* The owner is not among the grants: it comes as a row of what counts. */
static void
owner_found(struct rest_call *call, struct job *job, void *whose)
{
	struct listed *l = whose;
	const char *owner = rows_cell(job, 0, 0);

	if (rest_failed(call, job))
		return;
	if (owner != NULL)
		l->owner = arena_copy(&call->arena, owner, strlen(owner));
	answer_list(call, l);
}

static void
may_list(struct rest_call *call)
{
	struct listed *l = arena_get(&call->arena, sizeof(*l));
	const char *collection = rest_param(call, "collection");
	const char *id = rest_param(call, "id");

	buf_init(&l->grants, SIZE_MAX);
	l->waits = 2;
	call->own = l;
	call->leave = leave_listed;
	rest_ask(call, rows_new(ROWS_GRANT_LIST, NULL, NULL, collection, id),
	    grants_found, l);
	rest_ask(call, rows_new(ROWS_OWNER_OF, NULL, NULL, collection, id),
	    owner_found, l);
}

static void
for_admin(struct rest_call *call, rest_may_then *then)
{
	rest_may(call, "admin", rest_param(call, "collection"),
	    rest_param(call, "id"), then);
}

void
grants_get(struct rest_call *call)
{
	for_admin(call, may_list);
}

/* ---- one of them ---- */

struct wanted {
	const char	*role;
	const char	*expires;	/* milliseconds, in decimal; NULL: never */
	int64_t		 expires_ms;	/* -1: never */
};

static void
put_done(struct rest_call *call, struct job *job, void *whose)
{
	const struct wanted *w = whose;
	struct buf b = BUF_INIT;

	if (rest_failed(call, job))
		return;
	buf_putc(&b, '{');
	put_grant(&b, rest_param(call, "subject"), w->role, w->expires_ms);
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
may_put(struct rest_call *call)
{
	const struct wanted *w = call->own;
	const char *by = call->who != NULL ? call->who->subject : NULL;

	rest_ask(call, rows_new(ROWS_GRANT_PUT, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"),
	    rest_param(call, "subject"), w->role, w->expires, by), put_done,
	    call->own);
}

/* "expires_at", a time, or "expires_in", seconds. */
static bool
read_expires(struct rest_call *call, struct wanted *w)
{
	const char *at;
	char text[24];
	int64_t in_s;

	if (!rest_json_text(call, "expires_at", false, &at) ||
	    !rest_json_number(call, "expires_in", false,
	    100ll * 365 * 24 * 3600, &in_s))
		return false;
	w->expires_ms = in_s >= 0 ? call->rest->wall_ms + in_s * 1000 : -1;
	if (at != NULL && (in_s >= 0 ||
	    !rest_read_time(at, &w->expires_ms))) {
		rest_problem(call, ERR_REQUEST, "one of \"expires_at\", a time as "
		    "2026-01-31T12:00:00Z, and \"expires_in\", seconds");
		return false;
	}
	if (w->expires_ms >= 0) {
		snprintf(text, sizeof(text), "%" PRId64, w->expires_ms);
		w->expires = arena_copy(&call->arena, text, strlen(text));
	}
	return true;
}

void
grants_put(struct rest_call *call)
{
	struct wanted *w = arena_get(&call->arena, sizeof(*w));
	int role;

	if (!rest_json_text(call, "role", true, &w->role) ||
	    !read_expires(call, w))
		return;
	role = access_role_named(w->role);
	if (role <= ROLE_NONE) {
		rest_problem(call, ERR_REQUEST, "\"role\" must be one of "
		    "\"viewer\", \"commenter\", \"editor\", \"owner\"");
		return;
	}
	if (strlen(rest_param(call, "subject")) > 1024) {
		rest_problem(call, ERR_REQUEST,
		    "a subject has at most 1024 bytes");
		return;
	}
	call->own = w;
	for_admin(call, may_put);
}

static void
dropped(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0)
		rest_problem(call, ERR_NO_ROUTE,
		    "nothing was granted to this subject");
	else
		rest_answer_empty(call, 204);
}

static void
may_drop(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_GRANT_DROP, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"),
	    rest_param(call, "subject")), dropped, NULL);
}

void
grants_delete(struct rest_call *call)
{
	for_admin(call, may_drop);
}
