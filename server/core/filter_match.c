/*
 * How a filter is evaluated on one document.
 *
 * Which values a path leads to is MongoDB's BSONElementIterator
 * (db/exec/matcher, path.cpp), in these words:
 *
 * 1. Names lead through objects.  What is not there, or stands below
 *    something that is neither object nor list, is one missing value.
 * 2. A list at the end gives its items and then itself; for conditions about
 *    lists only itself.
 * 3. A list on the way leads on through each of its items that is an object;
 *    the other items, lists among them, lead nowhere.  It is no missing value
 *    when none does.
 * 4. If the next name is an index, the item there is meant as well: at the
 *    end it is given as it is; on the way an object is gone into, and a list
 *    is gone through as in 3.
 */
#include <string.h>

#include "base/mem.h"
#include "core/filter_tree.h"

/* What conditions are about: a document, or a container in a list. */
struct about {
	const struct filter_doc	*d;		/* NULL: in */
	const struct json	*in;
};

struct walk {
	const struct filter_path *path;
	bool			 leaf_items;
	filter_see		*see;
	void			*arg;
};

/* ---- order and equality ---- */

/* Of a kind; missing counts as null.  The kinds of MongoDB's canonicalType. */
static int
rank(const struct json *v)
{
	switch (json_kind(v)) {
	case JSON_NUMBER:
		return 1;
	case JSON_STRING:
		return 2;
	case JSON_OBJECT:
		return 3;
	case JSON_LIST:
		return 4;
	case JSON_FALSE:
	case JSON_TRUE:
		return 5;
	default:
		return 0;
	}
}

static int
compare_keys(const struct json_key *a, const struct json_key *b)
{
	int c = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

/* Member by member as they stand: kind, then name, then value. */
static int
compare_objects(const struct json *a, const struct json *b)
{
	const struct json_member *x = json_object_first(a);
	const struct json_member *y = json_object_first(b);
	int c;

	for (; x != NULL && y != NULL; x = json_object_next(a, x),
	    y = json_object_next(b, y)) {
		if ((c = rank(x->value) - rank(y->value)) != 0 ||
		    (c = compare_keys(x->key, y->key)) != 0 ||
		    (c = filter_compare_values(x->value, y->value)) != 0)
			return c;
	}
	return (x != NULL) - (y != NULL);
}

static int
compare_lists(const struct json *a, const struct json *b)
{
	size_t n = json_list_len(a), m = json_list_len(b), i;
	int c;

	for (i = 0; i < n && i < m; i++)
		if ((c = filter_compare_values(json_list_at(a, i),
		    json_list_at(b, i))) != 0)
			return c;
	return (n > m) - (n < m);
}

int
filter_compare_values(const struct json *a, const struct json *b)
{
	double x, y;
	int c;

	if ((c = rank(a) - rank(b)) != 0)
		return c;
	switch (json_kind(a)) {
	case JSON_NUMBER:
		x = json_number_get(a);
		y = json_number_get(b);
		return (x > y) - (x < y);
	case JSON_STRING:
		return json_string_compare(a, b);
	case JSON_OBJECT:
		return compare_objects(a, b);
	case JSON_LIST:
		return compare_lists(a, b);
	case JSON_FALSE:
	case JSON_TRUE:
		return (json_kind(a) == JSON_TRUE) -
		    (json_kind(b) == JSON_TRUE);
	default:
		return 0;
	}
}

/* ---- paths ---- */

static bool walk_from(const struct walk *w, size_t i, const struct json *v);

/* Lists in lists are containers whose names are the indexes. */
static const struct json *
member(const struct json *in, const struct filter_path *path, size_t i)
{
	const struct json_member *m;

	if (json_kind(in) == JSON_LIST)
		return path->index[i] < json_list_len(in) ?
		    json_list_at(in, path->index[i]) : NULL;
	m = json_object_find(in, path->names[i]);
	return m != NULL ? m->value : NULL;
}

/* Through the items of list, to name i. */
static bool
walk_items(const struct walk *w, size_t i, const struct json *list)
{
	size_t k, n = json_list_len(list);
	const struct json *item;

	for (k = 0; k < n; k++) {
		item = json_list_at(list, k);
		if (json_kind(item) == JSON_OBJECT &&
		    walk_from(w, i, member(item, w->path, i)))
			return true;
		if (w->path->index[i] != k)
			continue;
		if (i + 1 == w->path->n) {
			if (w->see(item, w->arg))
				return true;
		} else if (json_kind(item) == JSON_OBJECT) {
			if (walk_from(w, i + 1,
			    member(item, w->path, i + 1)))
				return true;
		} else if (json_kind(item) == JSON_LIST) {
			if (walk_items(w, i + 1, item))
				return true;
		}
	}
	return false;
}

static bool
walk_leaf_items(const struct walk *w, const struct json *list)
{
	size_t k, n = json_list_len(list);

	for (k = 0; k < n; k++)
		if (w->see(json_list_at(list, k), w->arg))
			return true;
	return false;
}

/* v is what stands at name i; NULL: nothing. */
static bool
walk_from(const struct walk *w, size_t i, const struct json *v)
{
	bool last = i + 1 == w->path->n;

	while (!last && json_kind(v) == JSON_OBJECT) {
		v = member(v, w->path, ++i);
		last = i + 1 == w->path->n;
	}
	if (json_kind(v) == JSON_LIST) {
		if (!last)
			return walk_items(w, i + 1, v);
		if (w->leaf_items && walk_leaf_items(w, v))
			return true;
	} else if (!last) {
		v = NULL;
	}
	return w->see(v, w->arg);
}

const struct json *
filter_root_value(const struct filter_path *path, const struct filter_doc *d,
    struct json **made_out)
{
	const struct json_member *m;

	*made_out = NULL;
	switch (path->root) {
	case FILTER_ID:
		*made_out = json_string_new(d->id, strlen(d->id));
		break;
	case FILTER_TYPE:
		*made_out = json_string_new(d->type, strlen(d->type));
		break;
	case FILTER_V:
		*made_out = json_number_new((double)d->v);
		break;
	case FILTER_DATA:
		if (json_kind(d->value) != JSON_OBJECT)
			return json_key_is(path->names[0], "_data") ?
			    d->value : NULL;
		m = json_object_find(d->value, path->names[0]);
		return m != NULL ? m->value : NULL;
	}
	if (*made_out == NULL)
		bug("out of memory");
	return *made_out;
}

bool
filter_walk(const struct filter_path *path, const struct filter_doc *d,
    bool leaf_items, filter_see *see, void *arg)
{
	struct walk w = { path, leaf_items, see, arg };
	struct json *made;
	bool found = walk_from(&w, 0,
	    filter_root_value(path, d, &made));

	json_unref(made);
	return found;
}

/* ---- conditions ---- */

static bool satisfies(const struct filter_node *node, const struct about *a);

static bool
is_in(const struct filter_node *node, const struct json *v)
{
	size_t from = 0, to = node->n_values, i;	/* they are sorted */
	int c;

	while (from < to) {
		i = from + (to - from) / 2;
		c = filter_compare_values(v, node->values[i]);
		if (c == 0)
			return true;
		if (c < 0)
			to = i;
		else
			from = i + 1;
	}
	return false;
}

static bool
is_matched(const struct regex *re, const struct json *v)
{
	struct buf b = BUF_INIT;
	char room[JSON_STRING_ROOM];
	const char *text;
	size_t len;
	bool matched;

	if (json_kind(v) != JSON_STRING)
		return false;
	if ((text = json_string_flat(v, room, &len)) != NULL)
		return regex_match(re, text, len);
	json_string_put(v, &b, 0);
	if (buf_failed(&b))
		bug("out of memory");
	matched = regex_match(re, b.data, b.len);
	buf_done(&b);
	return matched;
}

static bool
has_container(const struct filter_node *node, const struct json *list)
{
	size_t i, n = json_kind(list) == JSON_LIST ? json_list_len(list) : 0;

	for (i = 0; i < n; i++) {
		struct about a = { NULL, json_list_at(list, i) };

		if ((json_kind(a.in) == JSON_OBJECT ||
		    json_kind(a.in) == JSON_LIST) &&
		    satisfies(node->parts[0], &a))
			return true;
	}
	return false;
}

/* < and the like hold between values of one kind only. */
static bool
is_ordered(const struct filter_node *node, const struct json *v)
{
	int c;

	if (rank(v) != rank(node->value))
		return false;
	c = filter_compare_values(v, node->value);
	switch (node->op) {
	case FILTER_LT:
		return c < 0;
	case FILTER_LTE:
		return c <= 0;
	case FILTER_GT:
		return c > 0;
	default:
		return c >= 0;
	}
}

/* The condition about this one value; NULL: missing. */
static bool
holds(const struct filter_node *node, const struct json *v)
{
	size_t i, n;

	switch (node->op) {
	case FILTER_EQ:
		return filter_compare_values(v, node->value) == 0;
	case FILTER_LT:
	case FILTER_LTE:
	case FILTER_GT:
	case FILTER_GTE:
		return is_ordered(node, v);
	case FILTER_IN:
		return is_in(node, v);
	case FILTER_EXISTS:
		return v != NULL;
	case FILTER_REGEX:
		return is_matched(node->regex, v);
	case FILTER_SIZE:
		return json_kind(v) == JSON_LIST &&
		    json_list_len(v) == node->n;
	case FILTER_ELEM_OBJECT:
		return has_container(node, v);
	case FILTER_ELEM_VALUE:
		n = json_kind(v) == JSON_LIST ? json_list_len(v) : 0;
		for (i = 0; i < n; i++)
			if (satisfies(node->parts[0], &(struct about){ NULL,
			    json_list_at(v, i) }))
				return true;
		return false;
	case FILTER_AND:
	case FILTER_OR:
	case FILTER_NOT:
		break;
	}
	bug("no condition about a value");
}

static bool
see_condition(const struct json *v, void *arg)
{
	return holds(arg, v);
}

static bool
holds_at_path(const struct filter_node *node, const struct about *a)
{
	bool leaf_items = node->op != FILTER_SIZE &&
	    node->op != FILTER_ELEM_OBJECT && node->op != FILTER_ELEM_VALUE;
	struct walk w = { node->path, leaf_items, see_condition,
	    (void *)node };

	if (a->d != NULL)
		return filter_walk(node->path, a->d, leaf_items,
		    see_condition, (void *)node);
	return walk_from(&w, 0, member(a->in, node->path, 0));
}

static bool
satisfies(const struct filter_node *node, const struct about *a)
{
	size_t i;

	switch (node->op) {
	case FILTER_AND:
		for (i = 0; i < node->n_parts; i++)
			if (!satisfies(node->parts[i], a))
				return false;
		return true;
	case FILTER_OR:
		for (i = 0; i < node->n_parts; i++)
			if (satisfies(node->parts[i], a))
				return true;
		return false;
	case FILTER_NOT:
		return !satisfies(node->parts[0], a);
	default:
		return node->path != NULL ? holds_at_path(node, a) :
		    holds(node, a->in);
	}
}

bool
filter_match(const struct filter *f, const struct filter_doc *d)
{
	return satisfies(f->where, &(struct about){ d, NULL });
}
