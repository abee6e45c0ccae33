/*
 * The bytes of an answer.  Made by hand, in one piece with a small body, so
 * that an answer is one write: lws's helpers would add keep-alive of their
 * own (http.c tells why there is none).
 */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/err.h"
#include "net/http.h"

#define JOINED_BODY	16384	/* a body up to this is copied behind its head */

static const struct {
	enum net_method	 method;
	const char	*name;
} methods[] = {
	{ NET_GET, "GET" }, { NET_HEAD, "HEAD" }, { NET_POST, "POST" },
	{ NET_PUT, "PUT" }, { NET_PATCH, "PATCH" }, { NET_DELETE, "DELETE" },
	{ NET_OPTIONS, "OPTIONS" },
};

/* RFC 9110, section 15; those that anything here answers with. */
static const struct {
	int		 status;
	const char	*title;
} statuses[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 207, "Multi-Status" }, { 303, "See Other" },
	{ 304, "Not Modified" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
	{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" },
	{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
	{ 424, "Failed Dependency" }, { 426, "Upgrade Required" },
	{ 428, "Precondition Required" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 507, "Insufficient Storage" },
};

/* What the errors of err.def of these statuses mean is meant here as well. */
static const struct {
	int		 status;
	enum err	 err;
} codes[] = {
	{ 400, ERR_REQUEST }, { 401, ERR_TOKEN }, { 403, ERR_DENIED },
	{ 404, ERR_NO_ROUTE }, { 405, ERR_METHOD }, { 406, ERR_NOT_ACCEPTABLE },
	{ 413, ERR_BODY_LIMIT }, { 429, ERR_RATE }, { 504, ERR_LATE },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

const char *
method_name(enum net_method method)
{
	for (size_t i = 0; i < COUNT(methods); i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "?";
}

static const char *
status_title(int status)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].title;
	return "Unknown";
}

static void
put_header(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, name);
	buf_puts(b, ": ");
	buf_puts(b, value);
	buf_puts(b, "\r\n");
}

static void
put_date(struct buf *b)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[64];

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	put_header(b, "Date", text);
}

static void
put_allow(struct buf *b, unsigned allow)
{
	bool first = true;

	buf_puts(b, "Allow: ");
	for (size_t i = 0; i < COUNT(methods); i++) {
		if ((allow & methods[i].method) == 0)
			continue;
		if (!first)
			buf_puts(b, ", ");
		buf_puts(b, methods[i].name);
		first = false;
	}
	buf_puts(b, "\r\n");
}

/*
 * A page may load and call its own origin only, and sits in no frame.  Styles
 * may stand in it: editors make theirs as they go.
 */
static void
put_html_headers(struct buf *b)
{
	put_header(b, "Content-Security-Policy", "default-src 'self'; "
	    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
	    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
	    "object-src 'none'");
	put_header(b, "Referrer-Policy", "no-referrer");
	put_header(b, "Cross-Origin-Opener-Policy", "same-origin");
}

/* Is there a line that begins so?  The name ends with its colon. */
static bool
names_header(const char *lines, const char *name)
{
	const char *line = lines;

	while (strncasecmp(line, name, strlen(name)) != 0) {
		if ((line = strchr(line, '\n')) == NULL)
			return false;
		line++;
	}
	return true;
}

static void
put_head(struct buf *b, const struct answer *a, const char *cors, size_t len)
{
	buf_puts(b, "HTTP/1.1 ");
	buf_put_u64(b, (uint64_t)a->status);
	buf_putc(b, ' ');
	buf_puts(b, status_title(a->status));
	buf_puts(b, "\r\n");
	put_date(b);
	if (a->status != 204 && a->status != 304 && !a->endless) {
		buf_puts(b, "Content-Length: ");
		buf_put_u64(b, len);
		buf_puts(b, "\r\n");
	}
	if (a->type != NULL)
		put_header(b, "Content-Type", a->type);
	if (a->type != NULL && strncmp(a->type, "text/html", 9) == 0)
		put_html_headers(b);
	put_header(b, "X-Content-Type-Options", "nosniff");
	if (a->headers != NULL)
		buf_puts(b, a->headers);
	if (cors != NULL)
		buf_puts(b, cors);
	if (a->headers == NULL || !names_header(a->headers, "Cache-Control:"))
		put_header(b, "Cache-Control",
		    a->cache != NULL ? a->cache : "no-store");
	if (a->etag != NULL)
		put_header(b, "ETag", a->etag);
	if (a->allow != 0)
		put_allow(b, a->allow);
	if (a->upgrade)
		put_header(b, "Upgrade", "websocket");
	put_header(b, "Connection", a->upgrade ? "upgrade, close" : "close");
	buf_puts(b, "\r\n");
}

void
answer_bytes(struct exchange *ex, const struct answer *a, const char *body,
    size_t len)
{
	ex->state = EX_ANSWERED;
	put_head(&ex->out, a, ex->cors, len);
	if (ex->call.head || len == 0)
		return;
	if (len <= JOINED_BODY) {
		buf_put(&ex->out, body, len);
	} else {
		ex->tail = body;
		ex->tail_len = len;
	}
}

void
answer_problem(struct exchange *ex, const struct answer *a, const char *detail)
{
	struct answer problem = *a;
	struct buf body = BUF_INIT;

	buf_puts(&body, "{\"type\":\"about:blank\",\"title\":\"");
	buf_puts(&body, status_title(a->status));
	buf_puts(&body, "\",\"status\":");
	buf_put_u64(&body, (uint64_t)a->status);
	buf_puts(&body, ",\"detail\":\"");
	for (; *detail != '\0'; detail++) {
		if (*detail == '"' || *detail == '\\')
			buf_putc(&body, '\\');
		buf_putc(&body, *detail);
	}
	buf_putc(&body, '"');
	for (size_t i = 0; i < COUNT(codes); i++) {
		if (codes[i].status != a->status)
			continue;
		buf_puts(&body, ",\"code\":\"");
		buf_puts(&body, err_wire(codes[i].err));
		buf_putc(&body, '"');
	}
	buf_puts(&body, "}\n");
	problem.type = "application/problem+json";
	answer_bytes(ex, &problem, body.data, body.len);
	buf_done(&body);
}
