/*
 * ops: operations of a document, said and read.
 *
 * Said, each is what a client of the socket would submit.  Read, they come
 * from the store, with who wrote them and when, a page at a time or as one
 * stream of lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rest/once.h"
#include "rest/page.h"
#include "rest/rest_in.h"
#include "rest/route.h"
#include "rest/trace.h"

/* ---- saying them ---- */

struct saying {
	struct once	 once;
	const char	*key;		/* NULL: none */
	const char	*collection, *id;
	struct json_slice body;
	bool		 is_list;
	size_t		 n, waits;	/* ops; answers to come */
	struct buf	*results;	/* n of them, heap */
	bool		 has_refused;	/* one of them at least */
	uint64_t	 v;		/* the highest after them */
};

/* Which of them an answer is for. */
struct one {
	struct saying	*saying;
	size_t		 place;
};

static void
leave_saying(struct rest_call *call)
{
	struct saying *s = call->own;
	size_t i;

	once_end(&s->once);
	for (i = 0; s->results != NULL && i < s->n; i++)
		buf_done(&s->results[i]);
}

/* The answer's body, of all of them or of the only one. */
static void
put_results(const struct saying *s, struct buf *b)
{
	size_t i;

	if (!s->is_list) {
		buf_put(b, s->results[0].data, s->results[0].len);
		return;
	}
	buf_puts(b, "{\"results\":[");
	for (i = 0; i < s->n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		buf_put(b, s->results[i].data, s->results[i].len);
	}
	buf_puts(b, "]}");
}

static void
answer_said(struct rest_call *call, uint64_t v, const char *body, size_t len)
{
	rest_header(call, "ETag", "\"v%" PRIu64 "\"", v);
	rest_header(call, "Otd-Version", "%" PRIu64, v);
	rest_answer(call, 200, "application/json", body, len);
}

static void
kept(struct rest_call *call, struct job *job, void *whose)
{
	struct saying *s = whose;
	struct buf b = BUF_INIT;

	(void)job;		/* kept or not, the ops are there */
	put_results(s, &b);
	answer_said(call, s->v, b.data, b.len);
	buf_done(&b);
}

static void
all_said(struct rest_call *call, struct saying *s)
{
	struct buf b = BUF_INIT;

	/*
	 * What failed may be tried again by the same key; what did not is
	 * acknowledged again then.
	 */
	if (s->key == NULL || s->has_refused) {
		kept(call, NULL, s);
		return;
	}
	put_results(s, &b);
	once_keep(&s->once, call, s->collection, s->id, 200, s->v, &b, kept,
	    s);
	buf_done(&b);
}

static void
one_said(struct rest_call *call, const struct rest_reply *reply, void *whose)
{
	struct one *one = whose;
	struct saying *s = one->saying;
	struct buf *b = &s->results[one->place];
	struct json_slice v;

	if (!s->is_list && rest_refused(call, reply))
		return;
	if (reply->status != 200) {
		s->has_refused = true;
		rest_put_problem(b, reply->status, reply->code,
		    reply->message, NULL);
	} else {
		v = rest_member(&reply->whole, "v");
		s->v = (uint64_t)json_slice_number(&v) + 1;
		buf_putc(b, '{');
		if (s->is_list)
			rest_put_number(b, "status", 200);
		rest_put_number(b, "version", (int64_t)s->v);
		buf_putc(b, '}');
	}
	if (--s->waits == 0)
		all_said(call, s);
}

/* ---- what each of them has to be ---- */

/*
 * The src that a service chose.  It is its own: nobody else can sign as it by
 * choosing the same.  NULL: the call is answered.
 */
static const char *
own_src(struct rest_call *call, const struct json_slice *slice)
{
	const struct principal *who = call->who;
	struct buf b = BUF_INIT;
	char hex[65];
	const char *src;

	json_slice_string(slice, &b);
	if (b.len == 0 || b.len > 200 || memchr(b.data, '\0', b.len) != NULL ||
	    strncmp(b.data, "once:", b.len < 5 ? b.len : 5) == 0) {
		buf_done(&b);
		rest_problem(call, ERR_REQUEST, "\"src\" must have 1 to 200 "
		    "bytes, and not begin with \"once:\"");
		return NULL;
	}
	if (who != NULL) {
		/* Bearers of links alone have no subject. */
		const char *texts[] = { who->issuer, who->subject,
		    who->subject == NULL ? who->link : NULL };
		struct once_part parts[3];
		size_t i;

		for (i = 0; i < 3; i++)
			parts[i] = (struct once_part){ texts[i],
			    texts[i] != NULL ? strlen(texts[i]) : 0 };
		once_hash(parts, 3, hex);
		buf_puts(&b, ":");
		buf_put(&b, hex, 24);
	}
	src = arena_copy(&call->arena, b.data, b.len);
	buf_done(&b);
	return src;
}

static bool
is_version(const struct json_slice *s)
{
	double v = s->kind == JSON_NUMBER ? json_slice_number(s) : -1;

	return v >= 0 && v <= (double)OP_NUMBER_MAX &&
	    (double)(uint64_t)v == v;
}

/* What signs it: the key, the service's own src, its trace, or the session. */
static bool
put_signature(struct rest_call *call, const struct saying *s, size_t place,
    const struct json_slice *op, struct buf *m)
{
	struct json_slice src = rest_member(op, "src");
	struct json_slice seq = rest_member(op, "seq");
	const char *text;

	if (src.kind == JSON_NONE && seq.kind == JSON_NONE) {
		if (s->key != NULL)
			rest_put_text(m, "src", s->once.src);
		else if (trace_src(call) != NULL)
			rest_put_text(m, "src", trace_src(call));
		rest_put_number(m, "seq", (int64_t)place + 1);
		return true;
	}
	if (src.kind != JSON_STRING || !is_version(&seq)) {
		rest_problem(call, ERR_REQUEST, "\"src\", a string, and "
		    "\"seq\", a whole number, go together");
		return false;
	}
	if ((text = own_src(call, &src)) == NULL)
		return false;
	rest_put_text(m, "src", text);
	rest_put_raw(m, "seq", seq.p, seq.len);
	return true;
}

static bool
put_op(struct rest_call *call, const struct saying *s, size_t place,
    const struct json_slice *op, struct buf *m)
{
	static const char *const kinds[] = { "op", "create", "del" };
	struct json_slice v = rest_member(op, "v"), kind;
	size_t i, n = 0;

	if (op->kind != JSON_OBJECT || !is_version(&v)) {
		rest_problem(call, ERR_REQUEST, "op %zu must be an object "
		    "with \"v\", the version it was made for", place);
		return false;
	}
	rest_put_text(m, "a", "op");
	rest_put_text(m, "c", s->collection);
	rest_put_text(m, "d", s->id);
	rest_put_raw(m, "v", v.p, v.len);
	for (i = 0; i < 3; i++) {
		kind = rest_member(op, kinds[i]);
		if (kind.kind == JSON_NONE)
			continue;
		rest_put_raw(m, kinds[i], kind.p, kind.len);
		n++;
	}
	if (n != 1) {
		rest_problem(call, ERR_REQUEST, "op %zu must have one of "
		    "\"op\", \"create\" and \"del\"", place);
		return false;
	}
	return put_signature(call, s, place, op, m);
}

/* Say them, or with say false only look whether they can be said. */
static bool
walk_ops(struct rest_call *call, struct saying *s, bool say)
{
	struct json_reader r;
	struct json_slice op = s->body;
	struct ot_err err;
	struct one *one;
	size_t place;
	bool ok = true;

	json_reader_init(&r, s->body.p, s->body.len, &err);
	if (s->is_list && json_enter(&r, JSON_LIST) != 0)
		return false;
	for (place = 0; ok && !call->is_over; place++) {
		struct buf m = BUF_INIT;

		if (s->is_list ? json_next_item(&r) != 1 ||
		    json_skip(&r, &op) != 0 : place > 0)
			break;
		if (!say && place == call->rest->settings.bulk) {
			rest_problem(call, ERR_REQUEST,
			    "more than %zu ops at once", place);
			return false;
		}
		ok = put_op(call, s, place, &op, &m);
		if (ok && say) {
			one = arena_get(&call->arena, sizeof(*one));
			*one = (struct one){ s, place };
			rest_say(call, &m, one_said, one);
		}
		buf_done(&m);
	}
	if (!say)
		s->n = place;
	return ok;
}

static void
say_all(struct rest_call *call, struct saying *s)
{
	size_t i;

	s->results = arena_get(&call->arena, s->n * sizeof(*s->results));
	for (i = 0; i < s->n; i++)
		buf_init(&s->results[i], SIZE_MAX);
	s->waits = s->n;
	walk_ops(call, s, true);
}

static void
found(struct rest_call *call, const struct once_found *found, void *whose)
{
	struct saying *s = whose;

	if (found->err != ERR_NONE) {
		rest_problem(call, found->err, NULL);
	} else if (found->is_other) {
		rest_problem(call, ERR_KEY_OTHER, NULL);
	} else if (found->status != 0) {
		rest_header(call, "Idempotency-Replayed", "true");
		answer_said(call, found->v, found->answer,
		    strlen(found->answer));
	} else {
		/* Those that are there already are acknowledged again. */
		say_all(call, s);
	}
}

static bool
begin_once(struct rest_call *call, struct saying *s)
{
	struct once_part body = { s->body.p, s->body.len };
	char fingerprint[65];

	if (*s->key == '\0' || strlen(s->key) > ONCE_KEY_MAX) {
		rest_problem(call, ERR_REQUEST,
		    "Idempotency-Key must have 1 to %d bytes", ONCE_KEY_MAX);
		return false;
	}
	once_hash(&body, 1, fingerprint);
	if (once_begin(&s->once, call, s->key, s->collection, s->id,
	    fingerprint))
		return true;
	rest_problem(call, ERR_KEY_BUSY, NULL);
	return false;
}

void
ops_post(struct rest_call *call)
{
	struct saying *s = arena_get(&call->arena, sizeof(*s));
	struct buf b = BUF_INIT;

	call->own = s;
	call->leave = leave_saying;
	s->collection = rest_param(call, "collection");
	s->id = rest_param(call, "id");
	s->key = rest_asked(call, NET_IDEMPOTENCY_KEY);
	s->body = (struct json_slice){ call->net->body, call->net->body_len,
	    json_kind(call->json) };
	s->is_list = s->body.kind == JSON_LIST;
	buf_done(&b);
	if ((s->key != NULL && !begin_once(call, s)) ||
	    !walk_ops(call, s, false))
		return;
	if (s->n == 0)
		rest_problem(call, ERR_REQUEST, "there is no op");
	else if (s->key != NULL)
		once_find(&s->once, call, s->collection, s->id, found, s);
	else
		say_all(call, s);
}

/* ---- reading them ---- */

#define STREAM_PAGE	200	/* ops that are in memory at once */
#define STREAM_WAITING	(256u << 10)	/* bytes a reader may be behind */

struct reading {
	uint64_t	 from, limit;
	bool		 is_stream;
	bool		 is_asking;	/* a page is on its way */
};

static void	 ask_page(struct rest_call *call, struct reading *rd);

static void
put_row(struct buf *b, const struct job *job, size_t row)
{
	const char *body = rows_cell(job, row, 4);
	static const char *const kinds[] = { "op", "create" };
	int64_t kind = rows_number(job, row, 1, OP_EDIT);

	buf_putc(b, '{');
	rest_put_number(b, "v", rows_number(job, row, 0, 0));
	rest_put_text(b, "src", rows_cell(job, row, 2));
	rest_put_number(b, "seq", rows_number(job, row, 3, 0));
	if (kind == OP_DELETE || body == NULL)
		rest_put_bool(b, "del", true);
	else
		rest_put_raw(b, kinds[kind == OP_CREATE], body, strlen(body));
	rest_put_text(b, "author", rows_cell(job, row, 5));
	rest_put_time(b, "at", rows_number(job, row, 6, -1));
	if (rows_number(job, row, 0, 0) < rows_number(job, row, 8, 0))
		rest_put_bool(b, "compacted", true);
	buf_putc(b, '}');
}

/*
 * Behind the page; then rd is at the next one, if there is one.  Where it ends
 * is what its last op says: a log may begin late (imported so, erased), so
 * that the page does not begin where it was asked for.
 */
static bool
has_more(struct reading *rd, const struct job *job)
{
	size_t n = job->rows.n_rows;

	if (n == 0)
		return false;
	rd->from = (uint64_t)rows_number(job, n - 1, 0, 0) + 1;
	return (int64_t)rd->from < rows_number(job, 0, 7, 0);
}

/* A page as lines; then the next one, when there is room. */
static void
stream_page(struct rest_call *call, struct reading *rd, const struct job *job)
{
	struct buf b = BUF_INIT;
	size_t row;

	for (row = 0; row < job->rows.n_rows; row++) {
		put_row(&b, job, row);
		buf_putc(&b, '\n');
	}
	if (buf_failed(&b) || (b.len > 0 && !rest_send(call, b.data, b.len))) {
		rest_end(call);
	} else if (!has_more(rd, job)) {
		rest_end(call);
	} else if (net_call_waiting(call->net) < STREAM_WAITING) {
		ask_page(call, rd);
	}
	buf_done(&b);
}

static void
answer_page(struct rest_call *call, struct reading *rd, const struct job *job)
{
	struct buf b = BUF_INIT;
	size_t row;
	char next[24];

	buf_puts(&b, "{\"ops\":[");
	for (row = 0; row < job->rows.n_rows; row++) {
		if (row > 0)
			buf_putc(&b, ',');
		put_row(&b, job, row);
	}
	buf_putc(&b, ']');
	if (has_more(rd, job)) {
		snprintf(next, sizeof(next), "%" PRIu64, rd->from);
		rest_put_number(&b, "next", (int64_t)rd->from);
		page_link(call, "from", next);
	}
	buf_putc(&b, '}');
	rest_answer_json(call, 200, &b);
}

static void
page_found(struct rest_call *call, struct job *job, void *whose)
{
	struct reading *rd = whose;

	rd->is_asking = false;
	if (rest_failed(call, job))
		return;
	if (job->rows.n_rows == 0 && rd->from == 0)
		rest_problem_code(call, 404, "ERR_DOC_DOES_NOT_EXIST",
		    "There is no such document");
	else if (!rd->is_stream)
		answer_page(call, rd, job);
	else {
		if (!call->is_stream)
			rest_stream(call, 200, "application/x-ndjson");
		stream_page(call, rd, job);
	}
}

static void
ask_page(struct rest_call *call, struct reading *rd)
{
	char from[24], n[24];

	rd->is_asking = true;
	snprintf(from, sizeof(from), "%" PRIu64, rd->from);
	snprintf(n, sizeof(n), "%" PRIu64,
	    rd->is_stream ? STREAM_PAGE : rd->limit);
	rest_ask(call, rows_new(ROWS_OPS, NULL, NULL,
	    rest_param(call, "collection"), rest_param(call, "id"), from, n),
	    page_found, rd);
}

static void
go_on_reading(struct rest_call *call)
{
	struct reading *rd = call->own;

	if (rd->is_stream && !rd->is_asking)
		ask_page(call, rd);
}

static void
may_read(struct rest_call *call)
{
	ask_page(call, call->own);
}

void
ops_get(struct rest_call *call)
{
	struct reading *rd = arena_get(&call->arena, sizeof(*rd));

	if (!rest_query_number(call, "from", 0, OP_NUMBER_MAX, 0, &rd->from) ||
	    !page_limit(call, &rd->limit))
		return;
	rd->is_stream = page_accepts(call, "application/x-ndjson");
	call->own = rd;
	call->drained = go_on_reading;
	rest_may(call, "history", rest_param(call, "collection"),
	    rest_param(call, "id"), may_read);
}
