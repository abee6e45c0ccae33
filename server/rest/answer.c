/*
 * answer: what a call is answered; problems as RFC 9457 has them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ot/ot_err.h"
#include "rest/rest_in.h"

#define RETRY_AFTER_S	"1"	/* RFC 9110, section 10.2.3 */

/* ---- wire codes ---- */

int
rest_status_of(const char *code)
{
	static const struct { const char *wire; int status; } rows[] = {
#define ERR(name, wire, http, sentence) { wire, http },
#include "base/err.def"
#undef ERR
		/* The kernel's own. */
		{ "ERR_DOC_WAS_DELETED", 409 },
		{ "ERR_DOC_DOES_NOT_EXIST", 404 },
		{ "ERR_DOC_TYPE_NOT_RECOGNIZED", 422 },
		{ "ERR_OP_VERSION_MISMATCH_DURING_TRANSFORM", 500 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].wire, code) == 0)
			return rows[i].status;
	return 422;		/* a type's own refusal */
}

static const char *
phrase(int status)
{
	static const struct { int status; const char *phrase; } rows[] = {
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
		{ 409, "Conflict" }, { 410, "Gone" },
		{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return status < 500 ? "Client Error" : "Server Error";
}

/* ---- answers ---- */

void
rest_header(struct rest_call *call, const char *name, const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(line) ||
	    strpbrk(line, "\r\n") != NULL)
		bug("rest: a header that is none");
	buf_puts(&call->headers, name);
	buf_puts(&call->headers, ": ");
	buf_puts(&call->headers, line);
	buf_puts(&call->headers, "\r\n");
}

/* NUL terminated; NULL: none. */
static const char *
headers_of(struct rest_call *call)
{
	if (call->headers.len == 0)
		return NULL;
	buf_putc(&call->headers, '\0');
	if (buf_failed(&call->headers))
		bug("rest: no memory for headers");
	return call->headers.data;
}

void
rest_answer(struct rest_call *call, int status, const char *type,
    const void *bytes, size_t len_bytes)
{
	struct net_answer a = { status, type, NULL };
	struct net_call *net = call->net;

	if (call->is_over)
		return;
	a.headers = headers_of(call);
	/* Before the call ends: the bytes may be its own. */
	net->own = NULL;
	net_call_answer(net, &a, bytes, len_bytes);
	call->net = NULL;
	rest_call_over(call);
}

void
rest_answer_json(struct rest_call *call, int status, struct buf *json)
{
	if (buf_failed(json)) {
		buf_done(json);
		rest_problem(call, ERR_UNKNOWN, NULL);
		return;
	}
	rest_answer(call, status, "application/json", json->data, json->len);
	buf_done(json);
}

void
rest_answer_empty(struct rest_call *call, int status)
{
	rest_answer(call, status, NULL, "", 0);
}

/* ---- problems ---- */

void
rest_put_problem(struct buf *out, int status, const char *code,
    const char *detail, const struct buf *extra)
{
	buf_putc(out, '{');
	rest_put_text(out, "type", "about:blank");
	rest_put_text(out, "title", phrase(status));
	rest_put_number(out, "status", status);
	if (detail[0] != '\0')
		rest_put_text(out, "detail", detail);
	if (code[0] != '\0')
		rest_put_text(out, "code", code);
	if (extra != NULL && extra->len > 0) {
		buf_putc(out, ',');
		buf_put(out, extra->data, extra->len);
	}
	buf_putc(out, '}');
}

void
rest_problem_member(struct rest_call *call, const char *name,
    const char *value, size_t len_bytes)
{
	rest_put_raw(&call->extra, name, value, len_bytes);
}

/* RFC 6750, section 3: why, in what its grammar allows. */
static void
ask_for_token(struct rest_call *call)
{
	char why[160];
	size_t i;

	/* Nor is anything said of a token that there was not. */
	if (call->net->who_why == NULL || !call->net->was_shown) {
		rest_header(call, "WWW-Authenticate", "Bearer realm=\"otd\"");
		return;
	}
	snprintf(why, sizeof(why), "%s", call->net->who_why);
	for (i = 0; why[i] != '\0'; i++)
		if (why[i] < ' ' || why[i] > '~' || why[i] == '"' ||
		    why[i] == '\\')
			why[i] = '\'';
	rest_header(call, "WWW-Authenticate",
	    "Bearer realm=\"otd\", error=\"invalid_token\", "
	    "error_description=\"%s\"", why);
}

void
rest_problem_code(struct rest_call *call, int status, const char *code,
    const char *detail)
{
	struct buf b = BUF_INIT;

	if (call->is_over)
		return;
	if (call->is_stream) {		/* its head is out */
		rest_end(call);
		return;
	}
	if (status == 401)
		ask_for_token(call);
	if (status == 429 || status == 503)
		rest_header(call, "Retry-After", RETRY_AFTER_S);
	rest_put_problem(&b, status, code, detail, &call->extra);
	rest_answer(call, status, "application/problem+json", b.data, b.len);
	buf_done(&b);
}

void
rest_problem(struct rest_call *call, enum err err, const char *fmt, ...)
{
	char detail[400];
	va_list ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		vsnprintf(detail, sizeof(detail), fmt, ap);
		va_end(ap);
	}
	rest_problem_code(call, err_http(err), err_wire(err),
	    fmt != NULL ? detail : err_text(err));
}

bool
rest_failed(struct rest_call *call, const struct job *job)
{
	if (job->err == ERR_NONE)
		return false;
	rest_problem(call, job->err, NULL);
	return true;
}

/* ---- answers that go on ---- */

void
rest_stream(struct rest_call *call, int status, const char *type)
{
	struct net_answer a = { status, type, headers_of(call) };

	call->is_stream = true;
	net_call_stream(call->net, &a);
}

bool
rest_send(struct rest_call *call, const void *bytes, size_t len_bytes)
{
	if (call->is_over)
		return false;
	net_call_send(call->net, bytes, len_bytes);
	return !call->is_over;		/* gone may have been called */
}

void
rest_end(struct rest_call *call)
{
	struct net_call *net = call->net;

	if (call->is_over)
		return;
	net->own = NULL;
	call->net = NULL;
	rest_call_over(call);
	net_call_end(net);
}
