#include <stdlib.h>
#include <string.h>

#include "core/filter_parse.h"

static void
no_memory(struct filter_parser *ps)
{
	FILTER_FAIL(ps, OT_ENOMEM, "out of memory");
}

/* Where a condition stands, for sentences. */
static const char *
place(const struct filter_path *path)
{
	return path != NULL ? path->text : "$elemMatch";
}

static void	operators(struct filter_parser *ps, struct filter_node *parent,
		    const struct filter_path *path,
		    const struct json *operators);

bool
filter_is_operator(const struct json_key *key)
{
	return key->len > 0 && key->text[0] == '$';
}

/* Does the value begin like operators do? */
static bool
begins_with_operator(const struct json *v)
{
	return json_kind(v) == JSON_OBJECT && json_object_len(v) > 0 &&
	    filter_is_operator(json_object_first(v)->key);
}

/* A new part about path; NULL: failed. */
static struct filter_node *
about(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, enum filter_op op)
{
	struct filter_node *node = filter_node_add(ps, parent, op);

	if (node != NULL)
		node->path = filter_path_copy(ps, path);
	return ps->rc == 0 ? node : NULL;
}

static void
compared(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, enum filter_op op, struct json *value)
{
	struct filter_node *node = about(ps, parent, path, op);

	if (node != NULL)
		node->value = json_ref(value);
}

/* Values of a list; name is of the operator. */
static void
check_values(struct filter_parser *ps, const struct filter_path *path,
    const char *name, const struct json *list)
{
	if (json_kind(list) != JSON_LIST)
		FILTER_FAIL(ps, OT_EBADLY, "%s of \"%.60s\" wants a list", name,
		    place(path));
	else if ((ps->values += json_list_len(list)) > FILTER_VALUES_MAX)
		FILTER_FAIL(ps, OT_ELIMIT, "the query lists more than %d values",
		    FILTER_VALUES_MAX);
}

static int
by_value(const void *a, const void *b)
{
	return filter_compare_values(*(struct json *const *)a,
	    *(struct json *const *)b);
}

static void
in(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const char *name, const struct json *list)
{
	struct filter_node *node;
	size_t i, n;

	check_values(ps, path, name, list);
	if ((node = about(ps, parent, path, FILTER_IN)) == NULL)
		return;
	n = json_list_len(list);
	node->values = calloc(n > 0 ? n : 1, sizeof(*node->values));
	if (node->values == NULL) {
		no_memory(ps);
		return;
	}
	for (i = 0; i < n && ps->rc == 0; i++) {
		struct json *v = json_list_at(list, i);

		if (begins_with_operator(v))
			FILTER_FAIL(ps, OT_EBADLY, "%s of \"%.60s\" cannot hold "
			    "operators", name, place(path));
		else
			node->values[node->n_values++] = json_ref(v);
	}
	qsort(node->values, node->n_values, sizeof(*node->values), by_value);
}

/* MongoDB: is it about the items themselves, or about documents in the list? */
static bool
is_about_items(const struct json *v)
{
	const struct json_key *key;

	if (!begins_with_operator(v))
		return false;
	key = json_object_first(v)->key;
	return !json_key_is(key, "$and") && !json_key_is(key, "$or") &&
	    !json_key_is(key, "$nor");
}

static void
elem_match(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *v)
{
	bool items = is_about_items(v);
	struct filter_node *node, *all;

	if (json_kind(v) != JSON_OBJECT)
		FILTER_FAIL(ps, OT_EBADLY, "$elemMatch of \"%.60s\" wants an object",
		    place(path));
	node = about(ps, parent, path,
	    items ? FILTER_ELEM_VALUE : FILTER_ELEM_OBJECT);
	if (node == NULL || (all = filter_node_add(ps, node, FILTER_AND)) == NULL ||
	    !filter_enter(ps))
		return;
	if (items)
		operators(ps, all, NULL, v);
	else
		filter_parse_where(ps, all, v, true);
	filter_leave(ps);
}

/* All of none is satisfied by nothing. */
static void
all(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *list)
{
	struct filter_node *node;
	size_t i, n;
	bool elem;

	check_values(ps, path, "$all", list);
	if (ps->rc != 0)
		return;
	n = json_list_len(list);
	node = filter_node_add(ps, parent, n > 0 ? FILTER_AND : FILTER_OR);
	if (node == NULL)
		return;
	for (i = 0; i < n && ps->rc == 0; i++) {
		struct json *v = json_list_at(list, i);

		elem = begins_with_operator(v) && json_object_len(v) == 1 &&
		    json_key_is(json_object_first(v)->key, "$elemMatch");
		if (elem)
			elem_match(ps, node, path, json_object_first(v)->value);
		else if (begins_with_operator(v))
			FILTER_FAIL(ps, OT_EBADLY, "$all of \"%.60s\" cannot hold "
			    "operators but $elemMatch", place(path));
		else
			compared(ps, node, path, FILTER_EQ, v);
	}
}

static void
size(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *v)
{
	double n = json_kind(v) == JSON_NUMBER ? json_number_get(v) : -1;
	struct filter_node *node;

	if (n < 0 || n > UINT32_MAX || (double)(uint64_t)n != n)
		FILTER_FAIL(ps, OT_EBADLY, "$size of \"%.60s\" wants a number that "
		    "counts", place(path));
	if ((node = about(ps, parent, path, FILTER_SIZE)) != NULL)
		node->n = (uint64_t)n;
}

/* JavaScript's truth, less what nobody means. */
static bool
truth(struct filter_parser *ps, const char *name, const struct filter_path *path,
    const struct json *v)
{
	switch (json_kind(v)) {
	case JSON_TRUE:
		return true;
	case JSON_FALSE:
		return false;
	case JSON_NUMBER:
		return json_number_get(v) != 0;
	default:
		FILTER_FAIL(ps, OT_EBADLY, "%s of \"%.60s\" wants true or false",
		    name, place(path));
		return false;
	}
}

static void
exists(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *v)
{
	if (!truth(ps, "$exists", path, v) &&
	    (parent = filter_node_add(ps, parent, FILTER_NOT)) == NULL)
		return;
	about(ps, parent, path, FILTER_EXISTS);
}

/* The string's WTF-8 in b, or failed. */
static void
string_get(struct filter_parser *ps, const struct filter_path *path,
    const char *name, const struct json *v, struct buf *b)
{
	if (json_kind(v) != JSON_STRING) {
		FILTER_FAIL(ps, OT_EBADLY, "%s of \"%.60s\" wants a string", name,
		    place(path));
		return;
	}
	json_string_put(v, b, 0);
	if (buf_failed(b))
		no_memory(ps);
}

static unsigned
regex_options(struct filter_parser *ps, const struct filter_path *path,
    const struct json *v)
{
	struct buf b = BUF_INIT;
	unsigned options = 0;
	size_t i;

	string_get(ps, path, "$options", v, &b);
	for (i = 0; i < b.len && ps->rc == 0; i++) {
		if (b.data[i] == 'i')
			options |= REGEX_IGNORE_CASE;
		else if (b.data[i] == 'm')
			options |= REGEX_MULTILINE;
		else if (b.data[i] == 's')
			options |= REGEX_DOT_ALL;
		else
			FILTER_FAIL(ps, OT_EBADLY, "$options of \"%.60s\" knows i, m "
			    "and s", place(path));
	}
	buf_done(&b);
	return options;
}

static struct json *
member(const struct json *object, const char *ascii)
{
	struct json_member *m;

	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m))
		if (json_key_is(m->key, ascii))
			return m->value;
	return NULL;
}

/* operators is where $options may stand beside it. */
static void
regex(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *v,
    const struct json *operators)
{
	const struct json *with = member(operators, "$options");
	struct filter_node *node = about(ps, parent, path, FILTER_REGEX);
	struct buf b = BUF_INIT;
	struct ot_err why;
	unsigned options = 0;
	int rc;

	if (node == NULL)
		return;
	if (with != NULL)
		options = regex_options(ps, path, with);
	string_get(ps, path, "$regex", v, &b);
	/* Of the empty text no byte was written anywhere. */
	if (ps->rc == 0 && (rc = regex_new(b.len > 0 ? b.data : "", b.len,
	    options, &node->regex, &why)) != 0)
		FILTER_FAIL(ps, rc, "$regex of \"%.60s\": %s", place(path), why.text);
	buf_done(&b);
}

static void
not(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *v)
{
	struct filter_node *node;

	if (!begins_with_operator(v)) {
		FILTER_FAIL(ps, OT_EBADLY, "$not of \"%.60s\" wants operators",
		    place(path));
		return;
	}
	if ((parent = filter_node_add(ps, parent, FILTER_NOT)) == NULL ||
	    (node = filter_node_add(ps, parent, FILTER_AND)) == NULL || !filter_enter(ps))
		return;
	operators(ps, node, path, v);
	filter_leave(ps);
}

static struct filter_node *
negated(struct filter_parser *ps, struct filter_node *parent)
{
	return filter_node_add(ps, parent, FILTER_NOT);
}

/* One operator and its operand. */
static void
operator(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json_member *m,
    const struct json *around)
{
	static const struct { const char *name; enum filter_op op; } plain[] = {
		{ "$eq", FILTER_EQ }, { "$lt", FILTER_LT },
		{ "$lte", FILTER_LTE }, { "$gt", FILTER_GT },
		{ "$gte", FILTER_GTE }
	};
	const struct json_key *name = m->key;
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (json_key_is(name, plain[i].name)) {
			compared(ps, parent, path, plain[i].op, m->value);
			return;
		}
	}
	if (json_key_is(name, "$ne")) {
		if ((parent = negated(ps, parent)) != NULL)
			compared(ps, parent, path, FILTER_EQ, m->value);
	} else if (json_key_is(name, "$in")) {
		in(ps, parent, path, "$in", m->value);
	} else if (json_key_is(name, "$nin")) {
		if ((parent = negated(ps, parent)) != NULL)
			in(ps, parent, path, "$nin", m->value);
	} else if (json_key_is(name, "$exists")) {
		exists(ps, parent, path, m->value);
	} else if (json_key_is(name, "$all")) {
		all(ps, parent, path, m->value);
	} else if (json_key_is(name, "$size")) {
		size(ps, parent, path, m->value);
	} else if (json_key_is(name, "$elemMatch")) {
		elem_match(ps, parent, path, m->value);
	} else if (json_key_is(name, "$not")) {
		not(ps, parent, path, m->value);
	} else if (json_key_is(name, "$regex")) {
		regex(ps, parent, path, m->value, around);
	} else if (json_key_is(name, "$options")) {
		if (member(around, "$regex") == NULL)
			FILTER_FAIL(ps, OT_EBADLY, "$options of \"%.60s\" wants a "
			    "$regex beside it", place(path));
	} else if (filter_is_operator(name)) {
		FILTER_FAIL(ps, OT_EBADLY, "operator \"%.*s\" of \"%.60s\" is not "
		    "offered", KEY_ARGS(name), place(path));
	} else {
		FILTER_FAIL(ps, OT_EBADLY, "\"%.*s\" stands among the operators of "
		    "\"%.60s\"", KEY_ARGS(name), place(path));
	}
}

static void
operators(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, const struct json *operators)
{
	const struct json_member *m;

	for (m = json_object_first(operators); m != NULL && ps->rc == 0;
	    m = json_object_next(operators, m))
		operator(ps, parent, path, m, operators);
}

void
filter_parse_about(struct filter_parser *ps, struct filter_node *parent,
    const struct filter_path *path, struct json *v)
{
	if (begins_with_operator(v))
		operators(ps, parent, path, v);
	else
		compared(ps, parent, path, FILTER_EQ, v);
}
