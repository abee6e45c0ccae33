/*
 * Which page, asset or api answers a request.  They are tables of the
 * caller's; paths are exact but for apis, so a look-up is a walk over a
 * handful.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/conn.h"
#include "net/http.h"
#include "net/origin.h"
#include "net/who.h"

/* Revalidated each time, which costs a 304: a new release shows at once. */
#define ASSET_CACHE	"no-cache"
/* RFC 8246: not even when the page is loaded again. */
#define LASTING_CACHE	"public, max-age=31536000, immutable"
#define VARY		"Vary: Accept-Encoding\r\n"

static void
refuse(struct exchange *ex, int status, const char *detail)
{
	answer_problem(ex, &(struct answer){ .status = status }, detail);
}

bool
route_is_socket(const char *path)
{
	return strcmp(path, "/") == 0 || strcmp(path, "/ws") == 0;
}

/* ---- pages ---- */

static const struct net_page *
page_find(const struct conn *c, const char *path)
{
	const struct net_site *site = c->net->site;

	if ((c->serves & NET_SERVES_PAGES) == 0)
		return NULL;
	for (size_t i = 0; i < site->n_pages; i++)
		if (strcmp(site->pages[i].path, path) == 0)
			return &site->pages[i];
	return NULL;
}

bool
route_is_bodiless(const struct conn *c, const char *path)
{
	const struct net_page *page = page_find(c, path);

	return page != NULL && page->bodiless;
}

static void
page_answer(struct exchange *ex, const struct net_page *page)
{
	const struct net_request request = {
		.method = ex->call.method,
		.path = ex->call.path,
		.body = ex->body.data,
		.body_len = ex->body.len,
		.apart = (ex->conn->serves & NET_SERVES_CLIENTS) == 0,
		.by_page = ex->from_page,
	};
	struct buf body = BUF_INIT;
	struct answer a = { .type = page->content_type };

	a.status = page->call(&request, &body, page->arg);
	if (buf_failed(&body)) {
		refuse(ex, 500, "out of memory");
	} else {
		answer_bytes(ex, &a, body.data, body.len);
		/* A large body is only lent to the answer: give it the bytes. */
		buf_put(&ex->out, ex->tail, ex->tail_len);
		ex->tail_len = 0;
	}
	buf_done(&body);
}

static void
page_route(struct exchange *ex, const struct net_page *page)
{
	unsigned allow = page->methods;

	if (allow & NET_GET)
		allow |= NET_HEAD;
	ex->from_page = header_has(ex->conn, WSI_TOKEN_ORIGIN);
	if ((page->methods & ex->call.method) == 0)
		answer_problem(ex, &(struct answer){ .status = 405,
		    .allow = allow }, "the method is not known here");
	else if (ex->body_wanted != 0)
		ex->page = page;
	else
		page_answer(ex, page);
}

void
route_body(struct exchange *ex)
{
	if (ex->page != NULL)
		page_answer(ex, ex->page);
	else
		call_begin(ex);
}

/* ---- apis ---- */

static const struct net_api *
api_find(const struct conn *c, const char *path)
{
	const struct net *net = c->net;

	if ((c->serves & NET_SERVES_CLIENTS) == 0)
		return NULL;
	for (size_t i = 0; i < net->n_apis; i++)
		if (strncmp(net->apis[i].prefix, path,
		    strlen(net->apis[i].prefix)) == 0)
			return &net->apis[i];
	return NULL;
}

/* Fetch standard, "CORS-preflight request": asked by the browser itself. */
static bool
is_preflight(const struct conn *c, struct exchange *ex)
{
	return c->net->settings.n_origins != 0 &&
	    ex->call.method == NET_OPTIONS &&
	    ex->call.headers[NET_ORIGIN] != NULL &&
	    header_named(c, &ex->arena, "access-control-request-method:") != NULL;
}

static void
preflight_answer(struct conn *c, struct exchange *ex, enum origin_verdict from)
{
	if (from == ORIGIN_LISTED || from == ORIGIN_SAME) {
		answer_bytes(ex, &(struct answer){ .status = 204,
		    .headers = from == ORIGIN_LISTED ? origin_preflight : NULL },
		    NULL, 0);
		return;
	}
	c->net->counts.origins_refused++;
	refuse(ex, 403, "pages of this origin are not allowed");
}

/* Who asks is known, or has been asked for: begin, or wait for the rest. */
static void
api_go_on(struct conn *c, struct exchange *ex)
{
	if (c->who_state == WHO_IN && c->who == NULL && c->net->gate != NULL &&
	    ex->body_wanted > c->net->settings.unknown_body_bytes)
		refuse(ex, 413, "the body is too large for who is not known");
	else if (c->who_state != WHO_ASKED && !http_wants_body(c))
		call_begin(ex);
}

static void
api_route(struct conn *c, struct exchange *ex, const struct net_api *api)
{
	const struct net_settings *settings = &c->net->settings;
	const char *origin, *wrong;
	enum origin_verdict from;
	struct who_shown shown;

	header_fill_call(c, ex);
	origin = ex->call.headers[NET_ORIGIN];
	from = origin_judge(settings, origin, ex->call.host);
	ex->cors = origin_cors(&ex->arena, settings, from, origin);
	if (is_preflight(c, ex)) {
		preflight_answer(c, ex, from);
		return;
	}
	if ((wrong = who_read(c, &ex->arena, &shown)) != NULL) {
		refuse(ex, 400, wrong);
	} else if (shown.gate.ticket != NULL) {
		refuse(ex, 400, "a ticket opens a WebSocket and nothing else");
	} else if (ex->call.method != NET_GET &&
	    !origin_may_write(from, shown.by_cookie)) {
		c->net->counts.origins_refused++;
		refuse(ex, 403, "a page of another origin may not write with "
		    "the cookie");
	} else {
		ex->api = api;
		who_ask(c, &shown.gate);
		api_go_on(c, ex);
	}
}

/* ---- assets ---- */

static bool
accepts_html(const struct conn *c)
{
	char accept[512];

	/* Absent: all is well (RFC 9110, 12.5.1); endless: a browser's. */
	return !header_copy(c, WSI_TOKEN_HTTP_ACCEPT, accept, sizeof(accept)) ||
	    *accept == '\0' || strstr(accept, "text/html") != NULL ||
	    strstr(accept, "text/*") != NULL || strstr(accept, "*/*") != NULL;
}

/* RFC 9110, 12.5.3: "gzip", and not with a weight of nothing. */
static bool
accepts_gzip(const struct conn *c)
{
	char accept[256], *next = accept, *coding, *weight;

	if (!header_copy(c, WSI_TOKEN_HTTP_ACCEPT_ENCODING, accept,
	    sizeof(accept)))
		return false;
	while ((coding = strsep(&next, ",")) != NULL) {
		coding += strspn(coding, " \t");
		if (strncasecmp(coding, "gzip", 4) != 0 ||
		    strchr(" \t;", coding[4]) == NULL)
			continue;
		weight = strstr(coding, "q=");
		return weight == NULL || strtod(weight + 2, NULL) > 0;
	}
	return false;
}

static bool
has_it_already(const struct conn *c, const char *etag)
{
	char known[256];

	return header_copy(c, WSI_TOKEN_HTTP_IF_NONE_MATCH, known,
	    sizeof(known)) &&
	    (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

static void
asset_answer(struct conn *c, struct exchange *ex, size_t i)
{
	const struct net_asset *asset = &c->net->site->assets[i];
	bool gzip = asset->gzip != NULL && accepts_gzip(c);
	struct answer a = {
		.status = 200,
		.type = asset->content_type,
		.etag = gzip ? c->net->etags[i].gzip : c->net->etags[i].plain,
		.cache = asset->lasting ? LASTING_CACHE : ASSET_CACHE,
		.headers = gzip ? VARY "Content-Encoding: gzip\r\n" :
		    asset->gzip != NULL ? VARY : NULL,
	};

	if (ex->call.method != NET_GET) {
		answer_problem(ex, &(struct answer){ .status = 405,
		    .allow = NET_GET | NET_HEAD }, "it can only be read");
	} else if (strcmp(asset->path, "/") == 0 && !accepts_html(c)) {
		refuse(ex, 406, "there is only HTML here, and WebSocket");
	} else if (has_it_already(c, a.etag)) {
		a.status = 304;
		a.type = NULL;
		a.headers = asset->gzip != NULL ? VARY : NULL;
		answer_bytes(ex, &a, NULL, 0);
	} else if (gzip) {
		answer_bytes(ex, &a, asset->gzip, asset->gzip_len);
	} else {
		answer_bytes(ex, &a, asset->bytes, asset->len);
	}
}

static bool
asset_find(const struct conn *c, const char *path, size_t *i_out)
{
	const struct net_site *site = c->net->site;

	if ((c->serves & NET_SERVES_CLIENTS) == 0)
		return false;
	for (size_t i = 0; i < site->n_assets; i++)
		if (strcmp(site->assets[i].path, path) == 0) {
			*i_out = i;
			return true;
		}
	return false;
}

void
route(struct conn *c, struct exchange *ex)
{
	const struct net_page *page = page_find(c, ex->call.path);
	const struct net_api *api = api_find(c, ex->call.path);
	size_t i;

	if (page != NULL)
		page_route(ex, page);
	else if (api != NULL)
		api_route(c, ex, api);
	else if (asset_find(c, ex->call.path, &i))
		asset_answer(c, ex, i);
	else if (route_is_socket(ex->call.path) &&
	    (c->serves & NET_SERVES_CLIENTS) != 0)
		answer_problem(ex, &(struct answer){ .status = 426,
		    .upgrade = true }, "this is a WebSocket");
	else
		refuse(ex, 404, "there is nothing here");
}
