/*
 * hook_api: webhooks, made and looked after by whoever may administer the
 * server.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/catalog.h"
#include "rest/events.h"
#include "rest/hook_in.h"
#include "rest/hook_sign.h"
#include "rest/rest_in.h"
#include "rest/route.h"

#define URL_MAX		2048	/* bytes */
#define NAME_MAX_BYTES	255	/* of a collection */
#define PATTERNS_MAX	100
#define KEEP_S		86400	/* how long an old secret signs too */
#define KEEP_MAX_S	(30 * 86400)

/* What a request says of a webhook; texts in the arena. */
struct said_hook {
	const char	*id;
	const char	*url, *secret;	/* NULL: not said */
	const char	*collections, *kinds;	/* JSON; NULL: not said */
	const char	*disabled;	/* "1", "0"; NULL: not said */
};

/* ---- what is said ---- */

/* Has the body no other members than these, with blanks between? */
static bool
has_only(struct rest_call *call, const char *names)
{
	struct json_member *m;

	if (json_kind(call->json) != JSON_OBJECT) {
		rest_problem(call, ERR_REQUEST, "the body must be an object");
		return false;
	}
	for (m = json_object_first(call->json); m != NULL;
	    m = json_object_next(call->json, m)) {
		const char *p = names;

		while (*p != '\0') {
			char name[32];
			size_t n = strcspn(p, " ");

			snprintf(name, sizeof(name), "%.*s", (int)n, p);
			if (json_key_is(m->key, name))
				break;
			p += n + (p[n] == ' ');
		}
		if (*p == '\0') {
			rest_problem(call, ERR_REQUEST,
			    "the body may have these members: %s", names);
			return false;
		}
	}
	return true;
}

static bool
is_url(const char *url, bool inside)
{
	size_t skip;

	if (strncmp(url, "https://", 8) == 0)
		skip = 8;
	else if (inside && strncmp(url, "http://", 7) == 0)
		skip = 7;
	else
		return false;
	if (strlen(url) > URL_MAX || strcspn(url + skip, "/?#") == 0)
		return false;
	for (const unsigned char *p = (const unsigned char *)url; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return false;
	return true;
}

static bool
read_url(struct rest_call *call, bool must, struct said_hook *s)
{
	bool inside = call->rest->events->settings.hooks.inside;

	if (!rest_json_text(call, "url", must, &s->url))
		return false;
	if (s->url == NULL || is_url(s->url, inside))
		return true;
	rest_problem(call, ERR_REQUEST, "\"url\" must be an https URL of at "
	    "most %d bytes of ASCII", URL_MAX);
	return false;
}

static bool
is_pattern(const char *text)
{
	return strlen(text) <= NAME_MAX_BYTES && catalog_name_is_good(text);
}

static bool
is_kind(const char *text)
{
	return hook_kind_bit(text) != 0;
}

/* A list of texts that are good, as JSON in the arena. */
static bool
read_list(struct rest_call *call, const char *name, bool must,
    bool (*is_good)(const char *text), const char *what,
    const char **json_out)
{
	struct json *list = json_object_value(call->json, name);
	struct buf b = BUF_INIT;
	size_t i, n = json_kind(list) == JSON_LIST ? json_list_len(list) : 0;

	*json_out = NULL;
	if (json_kind(list) == JSON_NONE && !must)
		return true;
	for (i = 0; i < n; i++) {
		struct json *item = json_list_at(list, i);
		const char *text = json_kind(item) == JSON_STRING ?
		    rest_string(call, item) : NULL;

		if (text == NULL || !is_good(text))
			break;
	}
	if (n == 0 || i < n || n > PATTERNS_MAX) {
		rest_problem(call, ERR_REQUEST, "\"%s\" must be a list of %s, "
		    "one at least and %d at most", name, what, PATTERNS_MAX);
		return false;
	}
	json_print(list, &b);
	if (!buf_failed(&b))
		*json_out = arena_copy(&call->arena, b.data, b.len);
	buf_done(&b);
	return *json_out != NULL;
}

static bool
read_secret(struct rest_call *call, const char **secret_out)
{
	if (!rest_json_text(call, "secret", false, secret_out))
		return false;
	if (*secret_out == NULL) {
		char *secret = arena_get(&call->arena, HOOK_SECRET_TEXT);

		hook_secret_new(secret);
		*secret_out = secret;
		return true;
	}
	if (hook_secret_is_good(*secret_out))
		return true;
	rest_problem(call, ERR_REQUEST, "\"secret\" must be \"whsec_\" and 24 "
	    "to 64 bytes in base64");
	return false;
}

static bool
read_disabled(struct rest_call *call, const char **disabled_out)
{
	struct json *v = json_object_value(call->json, "disabled");

	*disabled_out = json_kind(v) == JSON_TRUE ? "1" :
	    json_kind(v) == JSON_FALSE ? "0" : NULL;
	if (*disabled_out != NULL || json_kind(v) == JSON_NONE)
		return true;
	rest_problem(call, ERR_REQUEST, "\"disabled\" must be true or false");
	return false;
}

static bool
read_hook(struct rest_call *call, bool is_new, struct said_hook *s)
{
	return read_url(call, is_new, s) &&
	    read_list(call, "collections", is_new, is_pattern,
	    "names of collections, with one * each at most",
	    &s->collections) &&
	    read_list(call, "kinds", false, is_kind,
	    "\"created\", \"edited\", \"deleted\"", &s->kinds) &&
	    read_disabled(call, &s->disabled);
}

/* ---- what is answered ---- */

/* A column of JSON that we wrote. */
static void
put_json(struct buf *b, const char *name, const char *json)
{
	rest_put_raw(b, name, json != NULL ? json : "[]",
	    json != NULL ? strlen(json) : 2);
}

/* Columns as ROWS_HOOKS says; without the closing brace. */
static void
put_hook(struct buf *b, const struct job *job, size_t row)
{
	buf_putc(b, '{');
	rest_put_text(b, "id", rows_cell(job, row, 0));
	rest_put_text(b, "url", rows_cell(job, row, 1));
	put_json(b, "collections", rows_cell(job, row, 2));
	put_json(b, "kinds", rows_cell(job, row, 3));
	rest_put_text(b, "created_by", rows_cell(job, row, 4));
	rest_put_time(b, "created_at", rows_number(job, row, 5, -1));
	rest_put_bool(b, "disabled", rows_cell(job, row, 6) != NULL);
	rest_put_number(b, "failures", rows_number(job, row, 7, 0));
	rest_put_time(b, "paused_until", rows_number(job, row, 8, -1));
	rest_put_time(b, "old_secret_until", rows_number(job, row, 9, -1));
	rest_put_number(b, "dead", rows_number(job, row, 10, 0));
}

void
hook_missing(struct rest_call *call)
{
	rest_problem(call, ERR_NO_ROUTE, "there is no such webhook");
}

/* whose: a secret to be shown, or NULL. */
static void
show_one(struct rest_call *call, struct job *job, void *whose)
{
	const char *secret = whose;
	struct buf b = BUF_INIT;
	bool is_new = call->route->handler == hooks_make;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		hook_missing(call);
		return;
	}
	put_hook(&b, job, 0);
	if (secret != NULL) {
		rest_put_text(&b, "secret", secret);
		rest_header(call, "Cache-Control", "no-store");
	}
	buf_putc(&b, '}');
	if (is_new)
		rest_header(call, "Location", "/v1/hooks/%s",
		    rows_cell(job, 0, 0));
	rest_answer_json(call, is_new ? 201 : 200, &b);
}

static void
ask_one(struct rest_call *call, const char *id, const char *secret)
{
	/* Only the answer is shown to whoever asked; it is not changed. */
	rest_ask(call, rows_new(ROWS_HOOK, NULL, NULL, id), show_one,
	    (void *)(uintptr_t)secret);
}

/* A change came back: show what it made, with the secret in whose. */
static void
changed(struct rest_call *call, struct job *job, void *whose)
{
	const struct said_hook *s = whose;

	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		hook_missing(call);
		return;
	}
	hooks_changed(call->rest->events->hooks);
	ask_one(call, s->id, s->secret);
}

/* ---- who may ---- */

/* Go on with then when whoever calls may administer the server. */
void
hook_as_admin(struct rest_call *call, rest_may_then *then)
{
	if (call->rest->events == NULL)
		rest_problem(call, ERR_EVENTS_OFF, NULL);
	else
		rest_may(call, "admin", NULL, NULL, then);
}

/* ---- making and changing ---- */

static void
make(struct rest_call *call)
{
	struct said_hook *s = arena_get(&call->arena, sizeof(*s));
	char random[33], *id = arena_get(&call->arena, 40);

	if (!has_only(call, "url collections kinds secret disabled") ||
	    !read_hook(call, true, s) || !read_secret(call, &s->secret))
		return;
	rest_random_id(random);
	snprintf(id, 40, "hook_%s", random);
	s->id = id;
	rest_ask(call, rows_new(ROWS_HOOK_PUT, NULL, NULL, s->id, s->url,
	    s->secret, s->collections, s->kinds != NULL ? s->kinds :
	    "[\"created\",\"edited\",\"deleted\"]",
	    s->disabled != NULL ? s->disabled : "0",
	    call->who != NULL ? call->who->subject : NULL), changed, s);
}

void
hooks_make(struct rest_call *call)
{
	hook_as_admin(call, make);
}

static void
change(struct rest_call *call)
{
	struct said_hook *s = arena_get(&call->arena, sizeof(*s));

	if (!has_only(call, "url collections kinds disabled") ||
	    !read_hook(call, false, s))
		return;
	s->id = rest_param(call, "hook");
	rest_ask(call, rows_new(ROWS_HOOK_CHANGE, NULL, NULL, s->id, s->url,
	    s->collections, s->kinds, s->disabled), changed, s);
}

void
hooks_change(struct rest_call *call)
{
	hook_as_admin(call, change);
}

static void
rotate(struct rest_call *call)
{
	struct said_hook *s = arena_get(&call->arena, sizeof(*s));
	char *until = arena_get(&call->arena, 24);
	int64_t keep_s = -1;

	if (call->json != NULL) {
		if (!has_only(call, "secret keep") ||
		    !rest_json_number(call, "keep", false, KEEP_MAX_S,
		    &keep_s))
			return;
	}
	if (!read_secret(call, &s->secret))
		return;
	if (keep_s < 0)
		keep_s = KEEP_S;
	snprintf(until, 24, "%" PRId64, call->rest->wall_ms + keep_s * 1000);
	s->id = rest_param(call, "hook");
	rest_ask(call, rows_new(ROWS_HOOK_ROTATE, NULL, NULL, s->id,
	    s->secret, until), changed, s);
}

void
hooks_rotate(struct rest_call *call)
{
	hook_as_admin(call, rotate);
}

static void
dropped(struct rest_call *call, struct job *job, void *whose)
{
	(void)whose;
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		hook_missing(call);
		return;
	}
	hooks_changed(call->rest->events->hooks);
	rest_answer_empty(call, 204);
}

static void
drop(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_HOOK_DROP, NULL, NULL,
	    rest_param(call, "hook")), dropped, NULL);
}

void
hooks_drop(struct rest_call *call)
{
	hook_as_admin(call, drop);
}

/* ---- looking ---- */

static void
show(struct rest_call *call)
{
	ask_one(call, rest_param(call, "hook"), NULL);
}

void
hooks_get(struct rest_call *call)
{
	hook_as_admin(call, show);
}

static void
listed(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)whose;
	if (rest_failed(call, job))
		return;
	buf_puts(&b, "{\"items\":[");
	for (i = 0; i < job->rows.n_rows; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		put_hook(&b, job, i);
		buf_putc(&b, '}');
	}
	buf_puts(&b, "]}");
	rest_answer_json(call, 200, &b);
}

static void
list(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_HOOKS, NULL, NULL), listed, NULL);
}

void
hooks_list(struct rest_call *call)
{
	hook_as_admin(call, list);
}
