/*
 * versions: a document's past: who made which version, and going back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rest/change.h"
#include "rest/page.h"
#include "rest/route.h"
#include "rest/writes.h"

struct listing {
	uint64_t before, limit;
};

static void
put_version(struct buf *b, const struct job *job, size_t row)
{
	static const char *const kinds[] = { "edited", "created", "deleted" };
	int64_t kind = rows_number(job, row, 1, OP_EDIT);

	buf_putc(b, '{');
	rest_put_number(b, "version", rows_number(job, row, 0, 0));
	rest_put_text(b, "kind", kinds[kind >= 0 && kind <= 2 ? kind : 0]);
	rest_put_text(b, "author", rows_cell(job, row, 2));
	rest_put_time(b, "at", rows_number(job, row, 3, -1));
	buf_putc(b, '}');
}

static void
versions_found(struct rest_call *call, struct job *job, void *whose)
{
	const struct listing *l = whose;
	size_t n = job->rows.n_rows, row;
	struct buf b = BUF_INIT;
	char next[24];

	if (rest_failed(call, job))
		return;
	if (n == 0 && rest_query(call, "before") == NULL) {
		rest_problem_code(call, 404, "ERR_DOC_DOES_NOT_EXIST",
		    "There is no such document");
		return;
	}
	buf_puts(&b, "{\"versions\":[");
	for (row = 0; row < n && row < l->limit; row++) {
		if (row > 0)
			buf_putc(&b, ',');
		put_version(&b, job, row);
	}
	buf_putc(&b, ']');
	if (n > l->limit) {
		int64_t last = rows_number(job, l->limit - 1, 0, 0);

		snprintf(next, sizeof(next), "%" PRId64, last);
		rest_put_number(&b, "next", last);
		page_link(call, "before", next);
	}
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
may_list(struct rest_call *call)
{
	struct listing *l = call->own;
	char before[24], n[24];

	snprintf(before, sizeof(before), "%" PRIu64, l->before);
	snprintf(n, sizeof(n), "%" PRIu64, l->limit + 1);
	rest_ask(call, rows_new(ROWS_VERSIONS, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"), before,
	    n), versions_found, l);
}

void
versions_get(struct rest_call *call)
{
	struct listing *l = arena_get(&call->arena, sizeof(*l));

	if (!rest_query_number(call, "before", 1, OP_NUMBER_MAX,
	    OP_NUMBER_MAX, &l->before) || !page_limit(call, &l->limit))
		return;
	call->own = l;
	rest_may(call, "history", rest_param(call, "collection"),
	    rest_param(call, "id"), may_list);
}

void
versions_restore(struct rest_call *call)
{
	struct change *ch = writes_change(call, CHANGE_RESTORE);
	const char *at;
	int64_t v;

	ch->id = rest_param(call, "id");
	if (!rest_json_number(call, "version", false, OP_NUMBER_MAX, &v) ||
	    !rest_json_text(call, "at", false, &at))
		return;
	if ((v >= 0) == (at != NULL)) {
		rest_problem(call, ERR_REQUEST,
		    "the body must have one of \"version\" and \"at\"");
		return;
	}
	ch->past_v = v >= 0 ? (uint64_t)v : 0;
	ch->by_time = at != NULL;
	if (at != NULL && !rest_read_time(at, &ch->past_ms))
		rest_problem(call, ERR_REQUEST, "\"at\" must be a time as "
		    "2026-01-31T12:00:00Z, or milliseconds since 1970");
	else
		change_begin(ch);
}
