/*
 * hook_dead: dead letters of webhooks, shown and sent again; and a trial
 * delivery, whose answer is told.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rest/events.h"
#include "rest/hook_in.h"
#include "rest/rest_in.h"
#include "rest/route.h"

/* ---- dead letters ---- */

/* Columns as ROWS_HOOK_DEAD says. */
static void
put_dead(struct buf *b, const struct job *job, size_t row)
{
	const char *status = rows_cell(job, row, 4);
	char id[PLACE_TEXT + 8];

	snprintf(id, sizeof(id), "evt_%s.%s", rows_cell(job, row, 0),
	    rows_cell(job, row, 1));
	buf_putc(b, '{');
	rest_put_text(b, "id", id);
	rest_put_raw(b, "payload", rows_cell(job, row, 2),
	    strlen(rows_cell(job, row, 2)));
	rest_put_number(b, "attempts", rows_number(job, row, 3, 0));
	rest_put_raw(b, "status", status != NULL ? status : "null",
	    status != NULL ? strlen(status) : 4);
	rest_put_text(b, "error", rows_cell(job, row, 5));
	rest_put_time(b, "failed_at", rows_number(job, row, 6, -1));
	rest_put_bool(b, "replay", rows_cell(job, row, 7) != NULL);
	buf_putc(b, '}');
}

static void
dead_listed(struct rest_call *call, struct job *job, void *whose)
{
	size_t i, n = job->rows.n_rows, page = *(size_t *)whose;
	struct buf b = BUF_INIT;
	char next[PLACE_TEXT];

	if (rest_failed(call, job))
		return;
	buf_puts(&b, "{\"items\":[");
	for (i = 0; i < n && i < page; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		put_dead(&b, job, i);
	}
	buf_putc(&b, ']');
	if (n > page) {
		snprintf(next, sizeof(next), "%s.%s",
		    rows_cell(job, page - 1, 0), rows_cell(job, page - 1, 1));
		rest_put_text(&b, "next", next);
	}
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
dead_list(struct rest_call *call)
{
	size_t *page = arena_get(&call->arena, sizeof(*page));
	const char *after = rest_query(call, "after");
	char xid[24], serial[24], limit[24];
	struct place place = { 0, 0 };
	uint64_t n;

	if (!rest_query_number(call, "limit", 1, 1000,
	    call->rest->settings.page, &n))
		return;
	if (after != NULL && !place_read(after, &place, NULL)) {
		rest_problem(call, ERR_REQUEST, "\"after\" must be the "
		    "\"next\" of an answer");
		return;
	}
	*page = (size_t)n;
	snprintf(xid, sizeof(xid), "%" PRIu64, place.xid);
	snprintf(serial, sizeof(serial), "%" PRIu64, place.serial);
	snprintf(limit, sizeof(limit), "%" PRIu64, n + 1);
	rest_ask(call, rows_new(ROWS_HOOK_DEAD, NULL, NULL,
	    rest_param(call, "hook"), xid, serial, limit), dead_listed, page);
}

void
hooks_dead(struct rest_call *call)
{
	hook_as_admin(call, dead_list);
}

static void
replayed(struct rest_call *call, struct job *job, void *whose)
{
	struct buf b = BUF_INIT;

	(void)whose;
	if (rest_failed(call, job))
		return;
	hooks_changed(call->rest->events->hooks);
	buf_putc(&b, '{');
	rest_put_number(&b, "replayed", (int64_t)job->rows.n_rows);
	buf_putc(&b, '}');
	rest_answer_json(call, 202, &b);
}

static void
replay(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_HOOK_REPLAY, NULL, NULL,
	    rest_param(call, "hook")), replayed, NULL);
}

void
hooks_replay(struct rest_call *call)
{
	hook_as_admin(call, replay);
}

/* ---- a trial ---- */

static void
trial_told(void *arg, const struct fetch_answer *a)
{
	struct rest_call *call = arg;
	struct buf b = BUF_INIT;

	call->own = NULL;
	buf_putc(&b, '{');
	rest_put_bool(&b, "delivered", a->status >= 200 && a->status < 300);
	if (a->status > 0)
		rest_put_number(&b, "status", a->status);
	else
		rest_put_text(&b, "error", a->why);
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
trial_leave(struct rest_call *call)
{
	if (call->own != NULL)
		fetch_drop(call->own);
}

static void
trial_send(struct rest_call *call, struct job *job, void *whose)
{
	struct hooks *hs = call->rest->events->hooks;
	const char *old = rows_cell(job, 0, 2);
	char id[48], random[33];
	struct buf b = BUF_INIT;

	(void)whose;
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0) {
		hook_missing(call);
		return;
	}
	if (rows_number(job, 0, 3, 0) < call->rest->wall_ms)
		old = NULL;
	rest_random_id(random);
	snprintf(id, sizeof(id), "test_%s", random);
	buf_putc(&b, '{');
	rest_put_text(&b, "type", "test");
	rest_put_time(&b, "timestamp", call->rest->wall_ms);
	rest_put_raw(&b, "data", "{}", 2);
	buf_putc(&b, '}');
	buf_putc(&b, '\0');
	if (buf_failed(&b)) {
		rest_problem(call, ERR_UNKNOWN, NULL);
	} else {
		call->leave = trial_leave;
		call->own = hook_post(hs, rows_cell(job, 0, 0),
		    rows_cell(job, 0, 1), old, id, b.data,
		    hs->settings.timeout_ms, trial_told, call);
	}
	buf_done(&b);
}

static void
trial(struct rest_call *call)
{
	rest_ask(call, rows_new(ROWS_HOOK_TARGET, NULL, NULL,
	    rest_param(call, "hook")), trial_send, NULL);
}

void
hooks_test(struct rest_call *call)
{
	hook_as_admin(call, trial);
}
