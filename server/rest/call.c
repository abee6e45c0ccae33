#include "rest/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/desk.h"
#include "ot/utf.h"
#include "rest/rest_in.h"
#include "rest/route.h"

#define QUERY_MAX	16	/* names behind "?" */

/* ---- beginning and ending ---- */

void
rest_call_over(struct rest_call *call)
{
	if (call->is_over)
		return;
	call->is_over = true;
	list_remove(&call->node);
	list_push(&call->rest->over, &call->node);
	talk_end(call);
	if (call->leave != NULL)
		call->leave(call);
}

void
rest_call_free(struct rest_call *call)
{
	list_remove(&call->node);
	json_unref(call->json);
	principal_unref(call->who);
	buf_done(&call->headers);
	buf_done(&call->extra);
	arena_done(&call->arena);
	free(call);
}

void
rest_gone(struct net_call *net, void *arg)
{
	struct rest_call *call = net->own;

	(void)arg;
	if (call == NULL)
		return;
	net->own = NULL;
	call->net = NULL;
	rest_call_over(call);
}

void
rest_drained(struct net_call *net, void *arg)
{
	struct rest_call *call = net->own;

	(void)arg;
	if (call != NULL && call->drained != NULL)
		call->drained(call);
}

/* ---- behind "?" ---- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As HTML forms write it: "+" is a blank.  NULL: bad escapes, a NUL, no UTF-8. */
static const char *
decode(struct arena *arena, const char *p, size_t len)
{
	char *text = arena_copy(arena, p, len), *to = text;
	const char *from = text, *end = text + len;

	while (from < end) {
		char c = *from++;

		if (c == '%') {
			int high = end - from >= 2 ? hex(from[0]) : -1;
			int low = high >= 0 ? hex(from[1]) : -1;

			if (low < 0 || (c = (char)(high << 4 | low)) == '\0')
				return NULL;
			from += 2;
		} else if (c == '+') {
			c = ' ';
		}
		*to++ = c;
	}
	*to = '\0';
	return utf_is_utf8(text, (size_t)(to - text)) ? text : NULL;
}

/* Is name among names, which have blanks between? */
static bool
is_among(const char *names, const char *name)
{
	size_t len = strlen(name);

	while (*names != '\0') {
		size_t n = strcspn(names, " ");

		if (n == len && memcmp(names, name, n) == 0)
			return true;
		names += n + strspn(names + n, " ");
	}
	return false;
}

/* access_token, ticket and share are net's: tokens where no header can be. */
static bool
query_allows(const struct rest_call *call, const char *name)
{
	return is_among(call->route->query, name) ||
	    is_among("access_token ticket share", name);
}

static bool
query_add(struct rest_call *call, const char *p, size_t len)
{
	const char *equals = memchr(p, '=', len);
	size_t n = equals != NULL ? (size_t)(equals - p) : len;
	struct rest_query *q = &call->query[call->n_query];

	q->name = decode(&call->arena, p, n);
	q->value = equals != NULL ?
	    decode(&call->arena, equals + 1, len - n - 1) : "";
	if (q->name == NULL || q->value == NULL) {
		rest_problem(call, ERR_REQUEST,
		    "the query of the URL is badly encoded");
		return false;
	}
	if (!query_allows(call, q->name)) {
		rest_problem(call, ERR_REQUEST,
		    "there is no parameter \"%.64s\" here", q->name);
		return false;
	}
	if (rest_query(call, q->name) != NULL) {
		rest_problem(call, ERR_REQUEST,
		    "the parameter \"%s\" is there twice", q->name);
		return false;
	}
	call->n_query++;
	return true;
}

static bool
query_read(struct rest_call *call)
{
	const char *p = call->net->query;

	call->query = arena_get(&call->arena,
	    QUERY_MAX * sizeof(*call->query));
	while (*p != '\0') {
		size_t len = strcspn(p, "&");

		if (call->n_query == QUERY_MAX) {
			rest_problem(call, ERR_REQUEST,
			    "too many parameters");
			return false;
		}
		if (len > 0 && !query_add(call, p, len))
			return false;
		p += len + (p[len] == '&');
	}
	return true;
}

const char *
rest_query(const struct rest_call *call, const char *name)
{
	size_t i;

	for (i = 0; i < call->n_query; i++)
		if (strcmp(call->query[i].name, name) == 0)
			return call->query[i].value;
	return NULL;
}

bool
rest_query_number(struct rest_call *call, const char *name, uint64_t min,
    uint64_t max, uint64_t otherwise, uint64_t *number_out)
{
	const char *text = rest_query(call, name);
	unsigned long long number;
	char *end;

	if (text == NULL) {
		*number_out = otherwise;
		return true;
	}
	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    number < min || number > max) {
		rest_problem(call, ERR_REQUEST,
		    "\"%s\" must be a whole number from %llu to %llu", name,
		    (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*number_out = number;
	return true;
}

/* ---- the rest of the request ---- */

const char *
rest_param(const struct rest_call *call, const char *name)
{
	int place = route_param(call->route, name);

	if (place < 0)
		bug("rest: the route has no such name");
	return call->params[place];
}

const char *
rest_asked(const struct rest_call *call, enum net_header header)
{
	return call->net->headers[header];
}

bool
rest_is_type(const struct rest_call *call, const char *type)
{
	const char *said = rest_asked(call, NET_CONTENT_TYPE);
	size_t len = strlen(type);

	return said != NULL && strncasecmp(said, type, len) == 0 &&
	    (said[len] == '\0' || strchr("; \t", said[len]) != NULL);
}

const char *
rest_string(struct rest_call *call, const struct json *v)
{
	struct buf b = BUF_INIT;
	const char *text = NULL;

	json_string_put(v, &b, 0);
	if (buf_failed(&b))
		bug("rest: no memory for a text that was within its limit");
	if (b.len == 0)
		text = "";
	else if (memchr(b.data, '\0', b.len) == NULL)
		text = arena_copy(&call->arena, b.data, b.len);
	buf_done(&b);
	return text;
}

/* NULL, and answered or not: false when it is. */
static bool
json_value(struct rest_call *call, const char *name, bool must,
    struct json **value_out)
{
	struct json *v = json_kind(call->json) == JSON_OBJECT ?
	    json_object_value(call->json, name) : NULL;

	if (json_kind(v) == JSON_NULL)
		v = NULL;
	if (v == NULL && must) {
		rest_problem(call, ERR_REQUEST, "\"%s\" is missing", name);
		return false;
	}
	*value_out = v;
	return true;
}

bool
rest_json_text(struct rest_call *call, const char *name, bool must,
    const char **text_out)
{
	const char *text = NULL;
	struct json *v;

	if (!json_value(call, name, must, &v))
		return false;
	if (v != NULL && (json_kind(v) != JSON_STRING ||
	    (text = rest_string(call, v)) == NULL)) {
		rest_problem(call, ERR_REQUEST, "\"%s\" must be a string",
		    name);
		return false;
	}
	*text_out = text;
	return true;
}

bool
rest_json_number(struct rest_call *call, const char *name, bool must,
    int64_t max, int64_t *number_out)
{
	struct json *v;
	double number;

	if (!json_value(call, name, must, &v))
		return false;
	number = json_kind(v) == JSON_NUMBER ? json_number_get(v) : -1;
	if (v != NULL && (number < 0 || number > (double)max ||
	    (double)(int64_t)number != number)) {
		rest_problem(call, ERR_REQUEST,
		    "\"%s\" must be a whole number from 0 to %lld", name,
		    (long long)max);
		return false;
	}
	*number_out = (int64_t)number;
	return true;
}

/* ---- the store ---- */

/* A job that is out; in the arena, which waits for it. */
struct waiter {
	struct rest_call *call;
	rest_done	*then;
	void		*whose;
};

static void
settle(struct job *job)
{
	struct waiter *w = job->whose;
	struct rest_call *call = w->call;

	call->asked--;
	if (!call->is_over)
		w->then(call, job, w->whose);
	job_free(job);
}

void
rest_ask(struct rest_call *call, struct job *job, rest_done *then,
    void *whose)
{
	struct waiter *w;

	if (call->is_over) {
		job_free(job);
		return;
	}
	w = arena_get(&call->arena, sizeof(*w));
	*w = (struct waiter){ call, then, whose };
	job->settle = settle;
	job->whose = w;
	call->asked++;
	desk_ask(call->rest->desk, job);
}

/* ---- coming in ---- */

static void
answer_allow(struct rest_call *call, enum net_method method, unsigned allow)
{
	static const struct { unsigned method; const char *name; } all[] = {
		{ NET_GET, "GET" }, { NET_HEAD, "HEAD" },
		{ NET_POST, "POST" }, { NET_PUT, "PUT" },
		{ NET_PATCH, "PATCH" }, { NET_DELETE, "DELETE" },
		{ NET_OPTIONS, "OPTIONS" },
	};
	struct buf names = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(allow & all[i].method))
			continue;
		if (names.len > 0)
			buf_puts(&names, ", ");
		buf_puts(&names, all[i].name);
	}
	rest_header(call, "Allow", "%.*s", (int)names.len, names.data);
	buf_done(&names);
	if (method == NET_OPTIONS)
		rest_answer_empty(call, 204);
	else
		rest_problem(call, ERR_METHOD, NULL);
}

static bool
may_come_in(struct rest_call *call)
{
	if (call->route->needs & REST_OPEN)
		return true;
	if (call->net->who_why != NULL) {
		rest_problem(call, ERR_TOKEN, "%s", call->net->who_why);
		return false;
	}
	if (call->route->needs & REST_WHO &&
	    (call->who == NULL || call->who->subject == NULL)) {
		rest_problem(call, ERR_TOKEN, NULL);
		return false;
	}
	return true;
}

static bool
read_body(struct rest_call *call)
{
	const struct net_call *net = call->net;
	struct ot_err err;

	if (!(call->route->needs & (REST_JSON | REST_MAY_JSON)) ||
	    (call->route->needs & REST_MAY_JSON && net->body_len == 0))
		return true;
	if (!rest_is_type(call, "application/json")) {
		rest_problem(call, ERR_MEDIA,
		    "the body must be application/json");
		return false;
	}
	if (json_parse(net->body, net->body_len, 0, &call->json, &err) != 0) {
		rest_problem(call, ERR_REQUEST, "the body is not JSON: %s",
		    err.text);
		return false;
	}
	return true;
}

static struct rest_call *
call_new(struct rest *r, struct net_call *net)
{
	struct rest_call *call = mem_get(sizeof(*call));

	call->rest = r;
	call->net = net;
	call->who = net->who != NULL ? principal_ref(net->who) : NULL;
	list_push(&r->calls, &call->node);
	list_init(&call->said);
	arena_init(&call->arena);
	buf_init(&call->headers, SIZE_MAX);
	buf_init(&call->extra, SIZE_MAX);
	net->own = call;
	return call;
}

void
rest_begin(struct net_call *net, void *arg)
{
	struct rest_call *call = call_new(arg, net);
	unsigned allow = 0;

	switch (route_find(net->method, net->path, &call->arena,
	    &call->route, call->params, &allow)) {
	case ROUTE_NONE:
		rest_problem(call, ERR_NO_ROUTE, NULL);
		return;
	case ROUTE_METHOD:
		answer_allow(call, net->method, allow);
		return;
	case ROUTE_NAME:
		rest_problem(call, ERR_REQUEST,
		    "a name in the path is empty, not UTF-8, or not base64url "
		    "behind \"~\"");
		return;
	case ROUTE_FOUND:
		break;
	}
	if (may_come_in(call) && query_read(call) && read_body(call))
		call->route->handler(call);
}
