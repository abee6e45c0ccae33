/*
 * pretend_query: what a store finds, by looking at every document.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/json_value.h"
#include "tests/sim/pretend_store.h"

struct candidate {
	const struct pretend_doc *d;
	struct filter_key	*key;
	char			*body;	/* NULL: undefined */
	size_t			 len;
};

/* The order that the filter asks for, for qsort. */
static const struct filter *ordering;

static int
by_key(const void *a, const void *b)
{
	return filter_key_compare(ordering,
	    ((const struct candidate *)a)->key,
	    ((const struct candidate *)b)->key);
}

static bool
is_asked(const struct job_find *find, const char *id)
{
	size_t i;

	for (i = 0; i < find->n_ids; i++)
		if (strcmp(find->ids[i], id) == 0)
			return true;
	return find->ids == NULL;
}

static bool
consider(const struct job_find *find, const struct pretend_doc *d,
    struct candidate *c)
{
	struct filter_doc doc = { d->id, d->seen_v, NULL, NULL };
	struct json *value = NULL;
	struct ot_err err;
	bool matches;

	*c = (struct candidate){ d, NULL, NULL, 0 };
	if (d->seen_type == NULL || strcmp(d->collection,
	    find->collection) != 0 || !is_asked(find, d->id))
		return false;
	if (d->seen != NULL) {
		c->body = mem_copy(d->seen, d->seen_len);
		c->len = d->seen_len;
		if (json_parse(c->body, c->len, 0, &value, &err) != 0)
			bug("a document that is no JSON");
	}
	doc.type = d->seen_type->uri;
	doc.value = value;
	matches = filter_match(find->filter, &doc);
	if (matches)
		c->key = filter_key_new(find->filter, &doc);
	else
		free(c->body);
	json_unref(value);
	return matches;
}

static void
take(struct job_find *find, const struct candidate *c)
{
	struct found *row = &find->found[find->n++];

	*row = (struct found){ mem_copy(c->d->id, strlen(c->d->id)),
	    c->d->seen_v, mem_copy(c->d->seen_type->uri,
	    strlen(c->d->seen_type->uri)), NULL, 0 };
	if (find->with_bodies && c->body != NULL) {
		row->body = mem_copy(c->body, c->len);
		row->len = c->len;
	}
}

/*
 * Content that is not written; true: there is some.  What nobody said to lag
 * must not.
 */
static bool
name_due(const struct pretend_store *s, struct job_find *find)
{
	struct list *node, *next;
	const struct pretend_doc *d;

	LIST_EACH(&s->docs, node, next) {
		d = LIST_ITEM(node, struct pretend_doc, node);
		if (d->lag == LAG_NONE && d->seen_v != d->v)
			s->complain("%s/%s: finds see %llu of %llu, and nobody "
			    "knows", d->collection, d->id,
			    (unsigned long long)d->seen_v,
			    (unsigned long long)d->v);
		if (!find->is_settled && d->lag == LAG_DUE &&
		    strcmp(d->collection, find->collection) == 0 &&
		    is_asked(find, d->id))
			job_find_due(find, d->id);
	}
	return find->n_due > 0;
}

void
pretend_query(struct pretend_store *s, struct job *job)
{
	struct job_find *find = &job->find;
	struct candidate *all = NULL;
	struct list *node, *next;
	size_t n = 0, i;
	uint64_t skip = filter_skip(find->filter), end;

	if (name_due(s, find))
		return;
	LIST_EACH(&s->docs, node, next) {
		all = mem_grow(all, n + 1, sizeof(*all));
		n += consider(find, LIST_ITEM(node, struct pretend_doc, node),
		    &all[n]);
	}
	ordering = find->filter;
	if (n > 0)
		qsort(all, n, sizeof(*all), by_key);
	end = filter_limit(find->filter) < n - (skip < n ? skip : n) ?
	    skip + filter_limit(find->filter) : n;
	find->found = mem_grow(NULL, n + 1, sizeof(*find->found));
	for (i = (size_t)(skip < n ? skip : n); i < end; i++)
		if (filter_is_count(find->filter))
			find->count++;
		else
			take(find, &all[i]);
	for (i = 0; i < n; i++) {
		filter_key_free(all[i].key);
		free(all[i].body);
	}
	free(all);
	if (find->n > find->max_results)
		job->err = ERR_FIND_MANY;
}
