#include "rest/route.h"

#include <string.h>

#include "ot/utf.h"
#include "proto/message.h"
#include "rest/base64url.h"

#define SEGMENTS_MAX	512	/* of a path; names have 1024 bytes at most */

static const struct rest_route routes[] = {
#define ROUTE(method, path, handler, needs, query) \
	{ NET_##method, path, handler, needs, query },
#include "rest/routes.def"
#undef ROUTE
	{ 0, NULL, NULL, 0, NULL },
};

const struct rest_route *
route_all(size_t *n_out)
{
	*n_out = sizeof(routes) / sizeof(routes[0]) - 1;
	return routes;
}

/* A piece of a path between two slashes. */
struct segment {
	const char	*p;
	size_t		 len;	/* bytes */
};

/* Pieces behind the first "/"; their number, 0 if they are too many. */
static size_t
split(const char *path, struct segment *out, size_t max)
{
	size_t n = 0;

	while (*path == '/' && n < max) {
		size_t len = strcspn(++path, "/");

		out[n++] = (struct segment){ path, len };
		path += len;
	}
	return *path == '\0' ? n : 0;
}

static bool
segment_is(const struct segment *a, const struct segment *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

/* From which piece to which each name goes. */
struct range {
	size_t	from, to;
};

/*
 * Match path from its piece i on with route from its piece k on.  The last
 * name is as long as may be, those before as short.
 */
static bool
match(const struct segment *route, size_t n_route, size_t k,
    const struct segment *path, size_t n_path, size_t i,
    struct range *names, size_t n_names)
{
	size_t j, most;

	if (k == n_route)
		return i == n_path;
	if (n_path - i < n_route - k)
		return false;
	if (route[k].len == 0 || route[k].p[0] != '{')
		return segment_is(&route[k], &path[i]) &&
		    match(route, n_route, k + 1, path, n_path, i + 1, names,
		    n_names);
	/*
	 * What stands behind a name is fixed pieces, or those and one name
	 * more, so this goes over the path once for each name.
	 */
	most = n_path - i - (n_route - k) + 1;
	for (j = 1; j <= most; j++) {
		names[n_names] = (struct range){ i, i + j };
		if (match(route, n_route, k + 1, path, n_path, i + j, names,
		    n_names + 1))
			return true;
	}
	return false;
}

bool
route_has_piece(const char *piece, size_t len)
{
	const struct segment asked = { piece, len };
	const struct rest_route *route;
	struct segment pieces[16];
	size_t n, i;

	for (route = routes; route->path != NULL; route++) {
		n = split(route->path, pieces, 16);
		for (i = 0; i < n; i++)
			if (segment_is(&pieces[i], &asked))
				return true;
	}
	return false;
}

static size_t
fixed_of(const struct segment *route, size_t n)
{
	size_t i, fixed = 0;

	for (i = 0; i < n; i++)
		if (route[i].len == 0 || route[i].p[0] != '{')
			fixed++;
	return fixed;
}

/* A name's text; NULL: it is empty, not UTF-8, or not what "~" promises. */
static const char *
name_text(const struct segment *path, const struct range *range,
    struct arena *arena)
{
	const struct segment *last = &path[range->to - 1];
	const char *p = path[range->from].p;
	size_t len = (size_t)(last->p + last->len - p);
	char *text;

	if (len == 0)
		return NULL;
	if (p[0] != '~')
		return utf_is_utf8(p, len) ? arena_copy(arena, p, len) : NULL;
	text = arena_get(arena, len);
	if (!base64url_read(p + 1, len - 1, text, &len) || len == 0 ||
	    memchr(text, '\0', len) != NULL || !utf_is_utf8(text, len))
		return NULL;
	text[len] = '\0';
	return text;
}

/* What the best match so far is. */
struct best {
	size_t		 rank;		/* by fixed pieces, then by names */
	size_t		 n_names;
	struct range	 names[REST_PARAMS];
};

static bool
is_method(const struct rest_route *route, enum net_method method)
{
	return route->method == method ||
	    (method == NET_HEAD && route->method == NET_GET);
}

enum route_verdict
route_find(enum net_method method, const char *path, struct arena *arena,
    const struct rest_route **route_out, const char *params_out[REST_PARAMS],
    unsigned *allow_out)
{
	struct segment asked[SEGMENTS_MAX], fixed[16];
	size_t n_asked = split(path, asked, SEGMENTS_MAX), i;
	struct best best = { 0, 0, { { 0, 0 } } };
	const struct rest_route *route, *found = NULL;
	unsigned allow = 0;

	for (route = routes; n_asked > 0 && route->path != NULL; route++) {
		struct best now = { 0, 0, { { 0, 0 } } };
		size_t n = split(route->path, fixed, 16);

		now.n_names = n - fixed_of(fixed, n);
		now.rank = (n - now.n_names) * (REST_PARAMS + 1) +
		    now.n_names;
		if (now.rank < best.rank || !match(fixed, n, 0, asked,
		    n_asked, 0, now.names, 0))
			continue;
		if (now.rank > best.rank) {
			best = now;
			found = NULL;
			allow = 0;
		}
		allow |= route->method;
		if (is_method(route, method))
			found = route;
	}
	if (allow == 0)
		return ROUTE_NONE;
	*allow_out = allow | NET_OPTIONS | (allow & NET_GET ? NET_HEAD : 0u);
	if (found == NULL)
		return ROUTE_METHOD;
	for (i = 0; i < best.n_names; i++)
		if ((params_out[i] = name_text(asked, &best.names[i],
		    arena)) == NULL)
			return ROUTE_NAME;
	*route_out = found;
	return ROUTE_FOUND;
}

int
route_param(const struct rest_route *route, const char *name)
{
	struct segment fixed[16];
	size_t n = split(route->path, fixed, 16), i, len = strlen(name);
	int place = 0;

	for (i = 0; i < n; i++) {
		if (fixed[i].len == 0 || fixed[i].p[0] != '{')
			continue;
		if (fixed[i].len == len + 2 &&
		    memcmp(fixed[i].p + 1, name, len) == 0)
			return place;
		place++;
	}
	return -1;
}
