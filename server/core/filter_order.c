/*
 * How documents are ordered: MongoDB's index keys (db/index,
 * btree_key_generator.cpp).  A list at the end of a path stands for its
 * items, one level deep; the least of all values counts, downwards the
 * greatest.  An empty list is less than null, which is what missing is.
 */
#include <stdlib.h>
#include <string.h>

#include "core/filter_tree.h"

struct value {
	bool		 is_empty;	/* an empty list: less than all */
	struct json	*v;		/* counted; NULL: null or missing */
};

struct filter_key {
	char		*id;
	size_t		 n;
	struct value	 values[];	/* of each $sort */
};

struct pick {
	const struct filter_sort *sort;
	bool			  any;	/* best is set */
	struct value		  best;	/* borrowed */
};

static int
compare(const struct value *a, const struct value *b)
{
	if (a->is_empty || b->is_empty)
		return (int)b->is_empty - (int)a->is_empty;
	return filter_compare_values(a->v, b->v);
}

static void
consider(struct pick *p, const struct json *v, bool is_empty)
{
	struct value value = { is_empty, (struct json *)v };
	int c;

	if (p->any) {
		c = compare(&value, &p->best);
		if (p->sort->down ? c <= 0 : c >= 0)
			return;
	}
	p->any = true;
	p->best = value;
}

static const struct json *
member(const struct json *object, const struct json_key *name)
{
	const struct json_member *m = json_kind(object) == JSON_OBJECT ?
	    json_object_find(object, name) : NULL;

	return m != NULL ? m->value : NULL;
}

/* v is what stands at name i. */
static void
gather(struct pick *p, size_t i, const struct json *v)
{
	const struct filter_path *path = p->sort->path;
	size_t k, n;

	for (; i + 1 < path->n && json_kind(v) != JSON_LIST; i++)
		v = member(v, path->names[i + 1]);
	if (json_kind(v) != JSON_LIST) {
		consider(p, v, false);
		return;
	}
	n = json_list_len(v);
	if (i + 1 == path->n) {
		if (n == 0)
			consider(p, NULL, true);
		for (k = 0; k < n; k++)
			consider(p, json_list_at(v, k), false);
		return;
	}
	if (path->index[i + 1] < n) {
		gather(p, i + 1, json_list_at(v, path->index[i + 1]));
		return;
	}
	if (n == 0)
		consider(p, NULL, false);
	for (k = 0; k < n; k++)
		gather(p, i + 1, member(json_list_at(v, k),
		    path->names[i + 1]));
}

static struct value
value_of(const struct filter_sort *sort, const struct filter_doc *d)
{
	struct pick p = { .sort = sort };
	struct json *made = NULL;

	gather(&p, 0, filter_root_value(sort->path, d, &made));
	json_ref(p.best.v);
	json_unref(made);
	return p.best;
}

struct filter_key *
filter_key_new(const struct filter *f, const struct filter_doc *d)
{
	struct filter_key *key;
	size_t i;

	key = calloc(1, sizeof(*key) + f->n_sort * sizeof(key->values[0]));
	if (key == NULL)
		return NULL;
	if ((key->id = strdup(d->id)) == NULL) {
		free(key);
		return NULL;
	}
	for (i = 0; i < f->n_sort; i++)
		key->values[i] = value_of(&f->sort[i], d);
	key->n = f->n_sort;
	return key;
}

void
filter_key_free(struct filter_key *key)
{
	size_t i;

	if (key == NULL)
		return;
	for (i = 0; i < key->n; i++)
		json_unref(key->values[i].v);
	free(key->id);
	free(key);
}

int
filter_key_compare(const struct filter *f, const struct filter_key *a,
    const struct filter_key *b)
{
	size_t i;
	int c;

	for (i = 0; i < f->n_sort; i++) {
		c = compare(&a->values[i], &b->values[i]);
		if (c != 0)
			return f->sort[i].down ? -c : c;
	}
	return strcmp(a->id, b->id);
}
