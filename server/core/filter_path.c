#include <stdlib.h>
#include <string.h>

#include "core/filter_parse.h"

static void
no_memory(struct filter_parser *ps)
{
	FILTER_FAIL(ps, OT_ENOMEM, "out of memory");
}

/* ---- nodes ---- */

struct filter_node *
filter_node_add(struct filter_parser *ps, struct filter_node *parent, enum filter_op op)
{
	struct filter_node *node, **more;
	size_t n = parent->n_parts;

	if (ps->rc != 0)
		return NULL;
	if (++ps->clauses > FILTER_CLAUSES_MAX) {
		FILTER_FAIL(ps, OT_ELIMIT, "the query has more than %d conditions",
		    FILTER_CLAUSES_MAX);
		return NULL;
	}
	if ((n & (n - 1)) == 0) {		/* grows at powers of two */
		more = realloc(parent->parts,
		    (n > 0 ? 2 * n : 1) * sizeof(*more));
		if (more == NULL) {
			no_memory(ps);
			return NULL;
		}
		parent->parts = more;
	}
	if ((node = calloc(1, sizeof(*node))) == NULL) {
		no_memory(ps);
		return NULL;
	}
	node->op = op;
	parent->parts[parent->n_parts++] = node;
	return node;
}

bool
filter_enter(struct filter_parser *ps)
{
	if (++ps->depth > FILTER_DEPTH_MAX)
		FILTER_FAIL(ps, OT_ELIMIT, "the query's conditions are nested deeper "
		    "than %d", FILTER_DEPTH_MAX);
	return ps->rc == 0;
}

void
filter_leave(struct filter_parser *ps)
{
	ps->depth--;
}

/* ---- paths ---- */

static enum filter_root
root_of(const struct json_key *name)
{
	return json_key_is(name, "_id") ? FILTER_ID :
	    json_key_is(name, "_type") ? FILTER_TYPE :
	    json_key_is(name, "_v") ? FILTER_V : FILTER_DATA;
}

/* MongoDB, FieldRef: digits only, and no 0 before others. */
static size_t
index_of(const char *name, size_t len)
{
	size_t n = 0, i;

	if (len == 0 || len > 9 || (len > 1 && name[0] == '0'))
		return SIZE_MAX;
	for (i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return SIZE_MAX;
		n = 10 * n + (size_t)(name[i] - '0');
	}
	return n;
}

static void
path_add_name(struct filter_parser *ps, struct filter_path *path, const char *name,
    size_t len)
{
	struct json_key *key;

	if (len == 0 || name[0] == '$') {
		FILTER_FAIL(ps, OT_EBADLY, "path \"%.60s\": %s", path->text,
		    len == 0 ? "a name in it is empty" :
		    "a name in it begins with \"$\"");
		return;
	}
	if (path->n == FILTER_PATH_MAX) {
		FILTER_FAIL(ps, OT_ELIMIT, "path \"%.60s\": more than %d names",
		    path->text, FILTER_PATH_MAX);
		return;
	}
	if ((key = json_key_new(name, len)) == NULL) {
		no_memory(ps);
		return;
	}
	json_key_hash(key);			/* now, not in some thread */
	path->index[path->n] = index_of(name, len);
	path->names[path->n++] = key;
}

struct filter_path *
filter_path_new(struct filter_parser *ps, const struct json_key *written, bool in_list)
{
	struct filter_path *path;
	size_t from = 0, i;

	if (memchr(written->text, '\0', written->len) != NULL) {
		FILTER_FAIL(ps, OT_EBADLY, "a path holds U+0000");
		return NULL;
	}
	if ((path = calloc(1, sizeof(*path))) == NULL ||
	    (path->text = malloc(written->len + 1)) == NULL) {
		no_memory(ps);
		free(path);
		return NULL;
	}
	memcpy(path->text, written->text, written->len);
	path->text[written->len] = '\0';
	for (i = 0; i <= written->len && ps->rc == 0; i++) {
		if (i < written->len && written->text[i] != '.')
			continue;
		path_add_name(ps, path, written->text + from, i - from);
		from = i + 1;
	}
	if (ps->rc == 0 && !in_list) {
		path->root = root_of(path->names[0]);
		if (json_key_is(path->names[0], "_m") ||
		    json_key_is(path->names[0], "_o"))
			FILTER_FAIL(ps, OT_EBADLY, "path \"%.60s\" is not offered",
			    path->text);
	}
	if (ps->rc == 0)
		return path;
	filter_path_free(path);
	return NULL;
}

struct filter_path *
filter_path_copy(struct filter_parser *ps, const struct filter_path *path)
{
	struct filter_path *copy;
	size_t i;

	if (path == NULL || ps->rc != 0)
		return NULL;
	if ((copy = calloc(1, sizeof(*copy))) == NULL ||
	    (copy->text = strdup(path->text)) == NULL) {
		no_memory(ps);
		free(copy);
		return NULL;
	}
	copy->root = path->root;
	copy->n = path->n;
	for (i = 0; i < path->n; i++) {
		copy->names[i] = json_key_ref(path->names[i]);
		copy->index[i] = path->index[i];
	}
	return copy;
}
