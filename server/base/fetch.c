/*
 * libcurl's multi interface on the loop: it tells which sockets to watch and
 * when to call again, we tell it what has happened.
 *
 * 1. Callbacks of libcurl note and return; answers are told when the call into
 *    libcurl is over (pool_settle), so that done may start and drop requests.
 * 2. Connections are kept for the next request to the same place.  What may go
 *    inside and what may not have a pool each: an open connection is used
 *    again without asking where it leads.
 * 3. Where a connection leads is decided at the socket, by the address itself:
 *    a name that is looked up twice may give two answers.
 */
#include "base/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/inside.h"
#include "base/list.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "ot/buf.h"

#define CONNECT_MS	10000	/* and never more than the request has */
#define HEAD_MAX	65536	/* bytes of the answer's head */
#define KEPT_MAX	64L	/* connections of a pool that wait for use */

/* Requests that may share connections. */
struct pool {
	struct fetcher	  *fetcher;
	CURLM		  *multi;
	struct loop_timer *timer;
	struct list	   going;	/* struct fetch.node */
};

enum { OUTSIDE, INSIDE, POOLS };

struct fetcher {
	struct loop	*loop;
	struct pool	 pools[POOLS];
};

struct fetch {
	struct list	   node;	/* pool->going */
	struct pool	  *pool;
	CURL		  *easy;
	struct curl_slist *headers;	/* of the request */
	fetch_done	  *done;	/* NULL: it has been called */
	void		  *arg;
	struct buf	   body;	/* of the answer so far, and room for a NUL */
	size_t		   head_bytes;	/* of the answer so far */
	uint64_t	   max_age_s;
	bool		   has_left;	/* a socket was opened for it */
	const char	  *why;	/* we ended it: why; else NULL */
	char		   error[CURL_ERROR_SIZE];	/* libcurl's words */
};

/* ---- what libcurl asks for ---- */

static void	 pool_settle(struct pool *p);

static void
on_socket(int fd, bool readable, bool writable, void *arg)
{
	struct pool *p = arg;
	int running;
	int what = (readable ? CURL_CSELECT_IN : 0) |
	    (writable ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(p->multi, fd, what, &running);
	pool_settle(p);
}

static void
on_timer(void *arg)
{
	struct pool *p = arg;
	int running;

	curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	pool_settle(p);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
	struct pool *p = arg;
	struct loop_watch *w = watched;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(p->multi, fd, NULL);
		loop_watch_free(w);
		return 0;
	}
	if (w == NULL) {
		w = loop_watch_new(p->fetcher->loop, fd, on_socket, p);
		curl_multi_assign(p->multi, fd, w);
	}
	loop_watch_set(w, what & CURL_POLL_IN, what & CURL_POLL_OUT);
	return 0;
}

static int
want_timer(CURLM *multi, long after_ms, void *arg)
{
	struct pool *p = arg;

	(void)multi;
	if (after_ms < 0)
		loop_timer_stop(p->timer);
	else
		loop_timer_start(p->timer, (uint64_t)after_ms);
	return 0;
}

static curl_socket_t
open_outside(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct fetch *one = arg;

	(void)purpose;
	if (inside_has(&a->addr, a->addrlen)) {
		/* One of several addresses is no reason yet. */
		if (!one->has_left)
			one->why = "its address is one of this machine or of "
			    "a private network";
		return CURL_SOCKET_BAD;
	}
	one->has_left = true;
	one->why = NULL;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* ---- the answer as it comes ---- */

static uint64_t
max_age_read(const char *value, size_t len)
{
	static const char name[] = "max-age=";
	char copy[256];
	const char *at;

	if (len >= sizeof(copy))
		return 0;
	memcpy(copy, value, len);
	copy[len] = '\0';
	if (strcasestr(copy, "no-store") != NULL ||
	    strcasestr(copy, "no-cache") != NULL ||
	    (at = strcasestr(copy, name)) == NULL)
		return 0;
	at += sizeof(name) - 1;
	if (*at < '0' || *at > '9')
		return 0;
	return strtoull(at, NULL, 10);
}

static size_t
on_head(char *line, size_t size, size_t n, void *arg)
{
	static const char status[] = "HTTP/", name[] = "cache-control:";
	struct fetch *one = arg;
	size_t len = size * n;

	if (len > HEAD_MAX - one->head_bytes) {
		one->why = "the head of the answer is too large";
		return 0;
	}
	one->head_bytes += len;
	if (len >= sizeof(status) - 1 &&
	    memcmp(line, status, sizeof(status) - 1) == 0)
		one->max_age_s = 0;	/* what came before was provisional */
	else if (len >= sizeof(name) - 1 &&
	    strncasecmp(line, name, sizeof(name) - 1) == 0)
		one->max_age_s = max_age_read(line + sizeof(name) - 1,
		    len - (sizeof(name) - 1));
	return len;
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct fetch *one = arg;
	size_t len = size * n;

	if (len > one->body.max - 1 - one->body.len) {
		one->why = "the body of the answer is too large";
		return 0;
	}
	buf_put(&one->body, bytes, len);
	return len;
}

/* ---- one request ---- */

static void
fetch_free(struct fetch *one)
{
	curl_multi_remove_handle(one->pool->multi, one->easy);
	curl_easy_cleanup(one->easy);
	curl_slist_free_all(one->headers);
	list_remove(&one->node);
	buf_done(&one->body);
	free(one);
}

static const char *
fetch_why(const struct fetch *one, CURLcode code)
{
	if (one->why != NULL)
		return one->why;
	return one->error[0] != '\0' ? one->error : curl_easy_strerror(code);
}

/* It is over: tell, and let it go. */
static void
fetch_settle(struct fetch *one, CURLcode code)
{
	struct fetch_answer a = { .status = 0 };
	fetch_done *done = one->done;
	curl_off_t wait_s = 0;
	long status = 0;

	buf_putc(&one->body, '\0');
	if (code == CURLE_OK && buf_failed(&one->body))
		code = CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OK) {
		curl_easy_getinfo(one->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(one->easy, CURLINFO_RETRY_AFTER, &wait_s);
		a.status = (int)status;
		a.body = one->body.data;
		a.len = one->body.len - 1;
		a.max_age_s = one->max_age_s;
		a.retry_after_s = wait_s > 0 ? (uint64_t)wait_s : 0;
	} else {
		a.why = fetch_why(one, code);
	}
	one->done = NULL;
	done(one->arg, &a);
	fetch_free(one);
}

/* Requests that are over are told. */
static void
pool_settle(struct pool *p)
{
	CURLMsg *msg;
	int n;

	while ((msg = curl_multi_info_read(p->multi, &n)) != NULL) {
		struct fetch *one = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &one);
		fetch_settle(one, code);	/* msg is gone now */
	}
}

static void
fetch_set_limits(struct fetch *one, const struct fetch_request *r)
{
	CURL *easy = one->easy;
	long connect_ms = r->timeout_ms < CONNECT_MS ? (long)r->timeout_ms :
	    CONNECT_MS;

#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
	    CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* To drop a request never waits for a name that is looked up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");	/* none, whatever the environment says */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	if (!r->inside) {
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION,
		    open_outside);
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, one);
	}
}

static void
fetch_set_request(struct fetch *one, const struct fetch_request *r)
{
	CURL *easy = one->easy;

	curl_easy_setopt(easy, CURLOPT_URL, r->url);
	if (r->body != NULL) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len);
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, r->body);
	}
	if (r->method != NULL)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
	/* We never wait to be told that a body is welcome. */
	one->headers = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; i < r->n_headers; i++)
		one->headers = curl_slist_append(one->headers, r->headers[i]);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, one->headers);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "otd");
}

static void
fetch_set_answer(struct fetch *one)
{
	CURL *easy = one->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, one);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, one->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, one);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, one);
}

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *r,
    fetch_done *done, void *arg)
{
	struct fetch *one = mem_get(sizeof(*one));

	one->pool = &f->pools[r->inside ? INSIDE : OUTSIDE];
	one->done = done;
	one->arg = arg;
	buf_init(&one->body, r->max_bytes + 1);
	if ((one->easy = curl_easy_init()) == NULL)
		bug("fetch: no memory for a request");
	fetch_set_limits(one, r);
	fetch_set_request(one, r);
	fetch_set_answer(one);
	list_push(&one->pool->going, &one->node);
	if (curl_multi_add_handle(one->pool->multi, one->easy) != CURLM_OK)
		bug("fetch: a request was not taken");
	return one;
}

void
fetch_drop(struct fetch *one)
{
	if (one->done != NULL)		/* else it goes when done returns */
		fetch_free(one);
}

/* ---- the fetcher ---- */

static bool
pool_init(struct pool *p, struct fetcher *f)
{
	p->fetcher = f;
	list_init(&p->going);
	if ((p->multi = curl_multi_init()) == NULL)
		return false;
	p->timer = loop_timer_new(f->loop, on_timer, p);
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, KEPT_MAX);
	return true;
}

static void
pool_done(struct pool *p)
{
	struct list *node, *next;

	if (p->multi == NULL)
		return;
	LIST_EACH(&p->going, node, next)
		fetch_free(LIST_ITEM(node, struct fetch, node));
	curl_multi_cleanup(p->multi);	/* lets go of its sockets and the timer */
	loop_timer_free(p->timer);
}

struct fetcher *
fetcher_new(struct loop *loop)
{
	struct fetcher *f;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	if (!(curl_version_info(CURLVERSION_NOW)->features &
	    CURL_VERSION_ASYNCHDNS))
		log_line(LOG_WARN, "fetch", "this libcurl looks up names "
		    "while everything else waits");
	f = mem_get(sizeof(*f));
	f->loop = loop;
	for (size_t i = 0; i < POOLS; i++)
		if (!pool_init(&f->pools[i], f)) {
			fetcher_free(f);
			return NULL;
		}
	return f;
}

void
fetcher_free(struct fetcher *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < POOLS; i++)
		pool_done(&f->pools[i]);
	free(f);
	curl_global_cleanup();
}
