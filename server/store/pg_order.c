#include "store/pg_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter_tree.h"
#include "ot/utf.h"

/* b, which is done then, becomes a parameter; its number, or 0. */
static int
param(struct pg_order *o, struct buf *b)
{
	size_t len;

	buf_putc(b, '\0');
	o->texts[o->n] = buf_take(b, &len);
	return o->texts[o->n] != NULL ? o->first + o->n++ : 0;
}

/* The path in SQL's hands: a JSON list of names. */
static bool
put_names(struct buf *b, const struct filter_path *path)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < path->n; i++) {
		const struct json_key *name = path->names[i];

		if (path->index[i] != SIZE_MAX ||
		    utf_has_surrogate(name->text, name->len))
			return false;
		if (i > 0)
			buf_putc(b, ',');
		json_put_string(b, name->text, name->len);
	}
	buf_putc(b, ']');
	return true;
}

/* The values under the first n names of the path are of this type. */
static void
put_type(struct buf *b, const struct filter_path *path, size_t n,
    const char *type)
{
	size_t i;

	buf_putc(b, '@');
	for (i = 0; i < n; i++) {
		buf_putc(b, '.');
		json_put_string(b, path->names[i]->text, path->names[i]->len);
	}
	buf_puts(b, ".type() == \"");
	buf_puts(b, type);
	buf_putc(b, '"');
}

/* A jsonpath: is there a list on the way, or a container at the end? */
static void
put_odd(struct buf *b, const struct filter_path *path)
{
	size_t n;

	buf_puts(b, "$ ? (");
	for (n = 1; n <= path->n; n++) {
		put_type(b, path, n, "array");
		buf_puts(b, " || ");
	}
	put_type(b, path, path->n, "object");
	buf_putc(b, ')');
}

static bool
put_data_key(struct pg_order *o, const struct filter_path *path, size_t i)
{
	struct buf names = BUF_INIT, odd = BUF_INIT;
	int names_n = 0, odd_n = 0;
	char sql[700];

	if (put_names(&names, path)) {
		put_odd(&odd, path);
		names_n = param(o, &names);
		odd_n = param(o, &odd);
	}
	buf_done(&names);
	buf_done(&odd);
	if (names_n == 0 || odd_n == 0)
		return false;
	snprintf(sql, sizeof(sql), " OR data @? $%d::jsonpath", odd_n);
	buf_puts(&o->is_odd, sql);
	/* Kinds as in filter_match.c; true and false as numbers. */
	snprintf(sql, sizeof(sql), "%s(data #> ARRAY(SELECT"
	    " jsonb_array_elements_text($%d::jsonb))) AS v%zu",
	    i > 0 ? ", " : "", names_n, i);
	buf_puts(&o->values, sql);
	return true;
}

/* _id, _type and _v: as if they were in the content. */
static void
put_column_key(struct pg_order *o, const struct filter_path *path, size_t i)
{
	static const char *const columns[] = {
		[FILTER_ID] = "to_jsonb(id)", [FILTER_TYPE] = "to_jsonb(type)",
		[FILTER_V] = "to_jsonb(version)"
	};
	char sql[100];

	snprintf(sql, sizeof(sql), "%s%s AS v%zu", i > 0 ? ", " : "",
	    path->n == 1 ? columns[path->root] : "NULL::jsonb", i);
	buf_puts(&o->values, sql);
}

/* By kind, then by number or truth, then by the bytes of a string. */
static void
put_by(struct pg_order *o, size_t i, bool down)
{
	const char *way = down ? " DESC" : "";
	char sql[600];

	snprintf(sql, sizeof(sql),
	    "CASE jsonb_typeof(v%zu) WHEN 'number' THEN 1 WHEN 'string' THEN 2"
	    " WHEN 'boolean' THEN 5 ELSE 0 END%s,"
	    " CASE jsonb_typeof(v%zu) WHEN 'number' THEN (v%zu)::numeric"
	    " WHEN 'boolean' THEN (v%zu)::boolean::integer::numeric END%s,"
	    " CASE jsonb_typeof(v%zu) WHEN 'string' THEN v%zu #>> '{}' END"
	    " COLLATE \"C\"%s, ", i, way, i, i, i, way, i, i, way);
	buf_puts(&o->by, sql);
}

bool
pg_order_make(struct pg_order *o, const struct filter *f, int first)
{
	bool ok = true;
	size_t i;

	buf_init(&o->is_odd, SIZE_MAX);
	buf_init(&o->values, SIZE_MAX);
	buf_init(&o->by, SIZE_MAX);
	o->first = first;
	o->n = 0;
	buf_puts(&o->is_odd, "FALSE");
	for (i = 0; i < f->n_sort && ok; i++) {
		if (f->sort[i].path->root == FILTER_DATA)
			ok = put_data_key(o, f->sort[i].path, i);
		else
			put_column_key(o, f->sort[i].path, i);
		put_by(o, i, f->sort[i].down);
	}
	buf_puts(&o->by, "id");
	buf_putc(&o->is_odd, '\0');
	buf_putc(&o->values, '\0');
	buf_putc(&o->by, '\0');
	if (ok && !buf_failed(&o->is_odd) && !buf_failed(&o->values) &&
	    !buf_failed(&o->by))
		return true;
	pg_order_done(o);
	return false;
}

void
pg_order_done(struct pg_order *o)
{
	while (o->n > 0)
		free(o->texts[--o->n]);
	buf_done(&o->is_odd);
	buf_done(&o->values);
	buf_done(&o->by);
}
