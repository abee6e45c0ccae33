/*
 * docs: reading one document.
 */
#include <inttypes.h>
#include <string.h>

#include "rest/etag.h"
#include "rest/route.h"
#include "rest/shot.h"

/* What the URL asks for. */
struct wanted {
	const char	*fields;	/* NULL: all */
	bool		 is_past;
};

static void
answer_shot(struct rest_call *call, const struct wanted *wanted,
    const struct shot *shot)
{
	struct buf b = BUF_INIT;

	if (shot->type == NULL) {
		shot_missing(call, shot);
		return;
	}
	if (etag_is_known(rest_asked(call, NET_IF_NONE_MATCH), shot->v)) {
		shot_headers(call, shot);
		rest_answer_empty(call, 304);
		return;
	}
	if (wanted->fields == NULL) {
		shot_answer(call, 200, shot);
		return;
	}
	shot_put_fields(&b, &shot->data, wanted->fields);
	shot_headers(call, shot);
	rest_answer_json(call, 200, &b);
}

static void
got(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	const struct wanted *wanted = whose;
	struct json_slice data;
	struct shot shot;

	if (rest_refused(call, reply))
		return;
	data = wanted->is_past ? reply->whole :
	    rest_member(&reply->whole, "data");
	shot = shot_read(&data);
	answer_shot(call, wanted, &shot);
}

/* "version" or "at", into a message; false: the call is answered. */
static bool
put_past(struct rest_call *call, struct buf *m, bool *is_past_out)
{
	const char *at = rest_query(call, "at");
	uint64_t v;
	int64_t ms;

	*is_past_out = true;
	if (at != NULL && rest_query(call, "version") != NULL) {
		rest_problem(call, ERR_REQUEST,
		    "\"version\" and \"at\" exclude each other");
		return false;
	}
	if (at != NULL) {
		if (!rest_read_time(at, &ms)) {
			rest_problem(call, ERR_REQUEST, "\"at\" must be a "
			    "time as 2026-01-31T12:00:00Z, or milliseconds "
			    "since 1970");
			return false;
		}
		rest_put_text(m, "a", "nt");
		rest_put_number(m, "ts", ms);
	} else if (rest_query(call, "version") != NULL) {
		if (!rest_query_number(call, "version", 0, OP_NUMBER_MAX, 0,
		    &v))
			return false;
		rest_put_text(m, "a", "nf");
		rest_put_number(m, "v", (int64_t)v);
	} else {
		rest_put_text(m, "a", "f");
		*is_past_out = false;
	}
	return true;
}

void
docs_get(struct rest_call *call)
{
	struct wanted *wanted = arena_get(&call->arena, sizeof(*wanted));
	struct buf m = BUF_INIT;

	wanted->fields = rest_query(call, "fields");
	if (put_past(call, &m, &wanted->is_past)) {
		rest_put_text(&m, "c", rest_param(call, "collection"));
		rest_put_text(&m, "d", rest_param(call, "id"));
		rest_say(call, &m, got, wanted);
	}
	buf_done(&m);
}
