#include "core/filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/filter_tree.h"

/* ---- life ---- */

void
filter_path_free(struct filter_path *path)
{
	size_t i;

	if (path == NULL)
		return;
	for (i = 0; i < path->n; i++)
		json_key_unref(path->names[i]);
	free(path->text);
	free(path);
}

void
filter_node_free(struct filter_node *node)
{
	size_t i;

	if (node == NULL)
		return;
	for (i = 0; i < node->n_parts; i++)
		filter_node_free(node->parts[i]);
	for (i = 0; i < node->n_values; i++)
		json_unref(node->values[i]);
	free(node->parts);
	free(node->values);
	json_unref(node->value);
	regex_free(node->regex);
	filter_path_free(node->path);
	free(node);
}

struct filter *
filter_ref(struct filter *f)
{
	f->refs++;
	return f;
}

void
filter_unref(struct filter *f)
{
	size_t i;

	if (f == NULL || --f->refs > 0)
		return;
	for (i = 0; i < f->n_sort; i++)
		filter_path_free(f->sort[i].path);
	filter_node_free(f->where);
	free(f->text);
	free(f);
}

/* ---- what it asks for beside conditions ---- */

const char *
filter_text(const struct filter *f, size_t *len_out)
{
	*len_out = f->text_len;
	return f->text;
}

static bool
path_is_about(const struct filter_path *path, const char *const *names,
    size_t n)
{
	const struct json_key *name = path->names[0];
	size_t i;

	if (path->root != FILTER_DATA)
		return true;
	for (i = 0; i < n; i++)
		if (strlen(names[i]) == name->len &&
		    memcmp(names[i], name->text, name->len) == 0)
			return true;
	return false;
}

/* What is in a list is below a path that was looked at. */
static bool
node_is_about(const struct filter_node *node, const char *const *names,
    size_t n)
{
	size_t i;

	if (node->path != NULL)
		return path_is_about(node->path, names, n);
	for (i = 0; i < node->n_parts; i++)
		if (!node_is_about(node->parts[i], names, n))
			return false;
	return true;
}

bool
filter_is_about(const struct filter *f, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < f->n_sort; i++)
		if (!path_is_about(f->sort[i].path, names, n))
			return false;
	return node_is_about(f->where, names, n);
}

bool
filter_is_window(const struct filter *f)
{
	return f->n_sort > 0 || f->skip > 0 || f->limit != FILTER_NO_LIMIT ||
	    f->count;
}

bool
filter_is_sorted(const struct filter *f)
{
	return f->n_sort > 0;
}

bool
filter_is_count(const struct filter *f)
{
	return f->count;
}

uint64_t
filter_skip(const struct filter *f)
{
	return f->skip;
}

uint64_t
filter_limit(const struct filter *f)
{
	return f->limit;
}

const struct filter_node *
filter_about_id(const struct filter *f)
{
	const struct filter_node *part;
	size_t i;

	for (i = 0; i < f->where->n_parts; i++) {
		part = f->where->parts[i];
		if ((part->op == FILTER_EQ || part->op == FILTER_IN) &&
		    part->path->root == FILTER_ID && part->path->n == 1)
			return part;
	}
	return NULL;
}
