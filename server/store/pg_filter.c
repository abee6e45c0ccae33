/*
 * A filter's tree is walked with a wish: an upper bound, true wherever the
 * condition is, or a lower one, true only where it is.  NOT of a lower bound
 * is an upper one and the other way round; where a condition cannot be said
 * in SQL, it is TRUE or FALSE.  Where both bounds are the same it is exact.
 *
 * Values under a path come from a jsonpath in lax mode, which goes through
 * lists one level deep at each name and each filter, as MongoDB does; except
 * for names that are indexes too, of which nothing is said here.  Comparing
 * goes one level deeper than MongoDB would, so that lists among the values
 * are left out by their type.
 */
#include "store/pg_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter_tree.h"
#include "ot/utf.h"

enum wish { UPPER, LOWER };

struct maker {
	struct pg_filter	*p;
	bool			 exact;		/* so far */
	bool			 no_memory;
};

/* ---- pieces ---- */

static void
put(struct maker *m, const char *sql)
{
	buf_puts(&m->p->sql, sql);
}

/* The bound that says nothing. */
static void
put_unknown(struct maker *m, enum wish wish)
{
	m->exact = false;
	put(m, wish == UPPER ? "TRUE" : "FALSE");
}

static void
put_truth(struct maker *m, bool truth)
{
	put(m, truth ? "TRUE" : "FALSE");
}

/* b becomes a parameter, and its name goes into the SQL.  b is done. */
static void
put_param(struct maker *m, struct buf *b, const char *type)
{
	struct pg_filter *p = m->p;
	char name[32];
	size_t len;

	buf_putc(b, '\0');
	if (p->n == PG_FILTER_PARAMS_MAX ||
	    (p->texts[p->n] = buf_take(b, &len)) == NULL) {
		m->no_memory = true;
		buf_done(b);
		return;
	}
	snprintf(name, sizeof(name), "$%d::%s", p->first + p->n++, type);
	put(m, name);
}

/* Does the document satisfy this jsonpath? */
static void
put_path(struct maker *m, struct buf *path, enum wish wish)
{
	/* Null is no answer; it must not make a lower bound's NOT null. */
	put(m, wish == UPPER ? "data @? " : "coalesce(data @? ");
	put_param(m, path, "jsonpath");
	if (wish == LOWER)
		put(m, ", false)");
}

/* ---- jsonpath ---- */

/* PostgreSQL's strings hold neither U+0000 nor lone surrogates. */
static bool
is_plain(const char *wtf8, size_t len)
{
	return memchr(wtf8, '\0', len) == NULL && !utf_has_surrogate(wtf8, len);
}

/* Append "$"."a"."b" after prefix (NULL: none); false: it cannot be said. */
static bool
put_names(struct buf *b, const char *prefix, const struct filter_path *path)
{
	size_t i;

	buf_puts(b, prefix != NULL ? prefix : "$");
	for (i = 0; i < path->n; i++) {
		const struct json_key *name = path->names[i];

		if (path->index[i] != SIZE_MAX ||
		    !is_plain(name->text, name->len))
			return false;
		buf_putc(b, '.');
		json_put_string(b, name->text, name->len);
	}
	return true;
}

static bool
is_scalar(const struct json *v)
{
	char room[JSON_STRING_ROOM];
	size_t len;
	const char *text;

	switch (json_kind(v)) {
	case JSON_STRING:
		text = json_string_flat(v, room, &len);
		return text != NULL && is_plain(text, len);
	case JSON_NUMBER:
	case JSON_FALSE:
	case JSON_TRUE:
		return true;
	default:
		return false;
	}
}

static const char *
sign_of(enum filter_op op)
{
	switch (op) {
	case FILTER_LT:
		return " < ";
	case FILTER_LTE:
		return " <= ";
	case FILTER_GT:
		return " > ";
	case FILTER_GTE:
		return " >= ";
	default:
		return " == ";
	}
}

static void
put_comparison(struct buf *b, enum filter_op op, const struct json *v)
{
	buf_puts(b, "@");
	buf_puts(b, sign_of(op));
	json_print(v, b);
}

#define NO_LIST	" ? (@.type() != \"array\" && "

/* Values equal to one of the scalars; n is not 0. */
static void
put_one_of(struct buf *b, struct json *const *values, size_t n)
{
	size_t i;

	buf_puts(b, NO_LIST "(");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(b, " || ");
		put_comparison(b, FILTER_EQ, values[i]);
	}
	buf_puts(b, "))");
}

/* ---- conditions about data ---- */

/*
 * Equal to null: there and null, or not there.  The latter can be said only
 * of a member of the document itself.
 */
static void
put_null(struct maker *m, const struct filter_path *path, struct buf *b,
    enum wish wish)
{
	struct buf name = BUF_INIT;

	if (path->n > 1 && wish == UPPER) {
		put_unknown(m, wish);
		buf_done(b);
		return;
	}
	m->exact = m->exact && path->n == 1;
	buf_puts(b, " ? (@.type() == \"null\")");
	put(m, "(");
	put_path(m, b, wish);
	if (path->n == 1) {
		buf_put(&name, path->names[0]->text, path->names[0]->len);
		put(m, " OR NOT data ? ");
		put_param(m, &name, "text");
	}
	put(m, ")");
}

/*
 * In SQL's own words, each value apart: those that jsonpath can compare, and
 * of the others only their type.
 */
static void
put_in(struct maker *m, const struct filter_node *node, struct buf *b,
    enum wish wish)
{
	struct buf one = BUF_INIT;
	size_t i, from = 0;
	bool is_null = false;

	for (i = 0; i < node->n_values; i++) {
		is_null |= json_kind(node->values[i]) == JSON_NULL;
		if (json_kind(node->values[i]) != JSON_NULL &&
		    !is_scalar(node->values[i]))
			break;
	}
	if (i < node->n_values) {
		put_unknown(m, wish);
		buf_done(b);
		return;
	}
	while (from < node->n_values &&		/* they are in order */
	    json_kind(node->values[from]) == JSON_NULL)
		from++;
	put(m, "(FALSE");
	if (is_null) {
		buf_put(&one, b->data, b->len);
		put(m, " OR ");
		put_null(m, node->path, &one, wish);
	}
	if (from < node->n_values) {
		put(m, " OR ");
		put_one_of(b, node->values + from, node->n_values - from);
		put_path(m, b, wish);
	} else {
		buf_done(b);
	}
	put(m, ")");
}

static void
put_compared(struct maker *m, const struct filter_node *node, struct buf *b,
    enum wish wish)
{
	bool null = json_kind(node->value) == JSON_NULL;

	if (null && (node->op == FILTER_LT || node->op == FILTER_GT)) {
		put_truth(m, false);
		buf_done(b);
	} else if (null) {
		put_null(m, node->path, b, wish);
	} else if (!is_scalar(node->value)) {
		put_unknown(m, wish);
		buf_done(b);
	} else {
		buf_puts(b, NO_LIST);
		put_comparison(b, node->op, node->value);
		buf_putc(b, ')');
		put_path(m, b, wish);
	}
}

/* There must be a list; what is in it, the filter itself decides. */
static void
put_list(struct maker *m, const struct filter_node *node, struct buf *b,
    enum wish wish)
{
	m->exact = false;
	if (wish == LOWER) {
		put_truth(m, false);
		buf_done(b);
		return;
	}
	if (node->op == FILTER_SIZE) {
		buf_puts(b, ".size() ? (@ == ");	/* 1 without a list */
		buf_put_u64(b, node->n);
		buf_putc(b, ')');
	} else {
		buf_puts(b, ".type() ? (@ == \"array\")");
	}
	put_path(m, b, wish);
}

/* There must be a string, and it must begin as the expression says. */
static void
put_regex(struct maker *m, const struct regex *re, struct buf *b,
    enum wish wish)
{
	struct buf prefix = BUF_INIT;

	m->exact = false;
	if (wish == LOWER) {
		put_truth(m, false);
		buf_done(b);
		return;
	}
	buf_puts(b, " ? (@.type() == \"string\"");
	regex_prefix(re, &prefix);
	if (prefix.len > 0 && is_plain(prefix.data, prefix.len)) {
		buf_puts(b, " && @ starts with ");
		json_put_string(b, prefix.data, prefix.len);
	}
	buf_putc(b, ')');
	buf_done(&prefix);
	put_path(m, b, wish);
}

static void
put_about_data(struct maker *m, const struct filter_node *node,
    enum wish wish)
{
	struct buf b = BUF_INIT;

	if (!put_names(&b, NULL, node->path)) {
		put_unknown(m, wish);
		buf_done(&b);
		return;
	}
	switch (node->op) {
	case FILTER_IN:
		put_in(m, node, &b, wish);
		break;
	case FILTER_EXISTS:
		put_path(m, &b, wish);
		break;
	case FILTER_REGEX:
		put_regex(m, node->regex, &b, wish);
		break;
	case FILTER_SIZE:
	case FILTER_ELEM_OBJECT:
	case FILTER_ELEM_VALUE:
		put_list(m, node, &b, wish);
		break;
	default:
		put_compared(m, node, &b, wish);
	}
}

/* ---- conditions about _id, _type and _v ---- */

static const char *const columns[] = {
	[FILTER_ID] = "id", [FILTER_TYPE] = "type", [FILTER_V] = "version"
};

static void
put_column_value(struct maker *m, enum filter_root root, enum filter_op op,
    const struct json *v)
{
	static const char *const signs[] = {
		[FILTER_EQ] = " = ", [FILTER_LT] = " < ",
		[FILTER_LTE] = " <= ", [FILTER_GT] = " > ",
		[FILTER_GTE] = " >= "
	};
	bool number = root == FILTER_V;
	struct buf b = BUF_INIT;

	if (json_kind(v) != (number ? JSON_NUMBER : JSON_STRING)) {
		put_truth(m, false);
		return;
	}
	if (number)
		json_print(v, &b);
	else
		json_string_put(v, &b, 0);
	put(m, columns[root]);
	put(m, signs[op]);
	put_param(m, &b, number ? "numeric" : "text");
}

/* Values that the column cannot hold are left out: they equal none. */
static void
put_column_in(struct maker *m, const struct filter_node *node)
{
	bool number = node->path->root == FILTER_V;
	struct buf b = BUF_INIT;
	size_t i, n = 0;

	buf_putc(&b, '[');
	for (i = 0; i < node->n_values; i++) {
		if (json_kind(node->values[i]) !=
		    (number ? JSON_NUMBER : JSON_STRING) ||
		    !is_scalar(node->values[i]))
			continue;
		if (n++ > 0)
			buf_putc(&b, ',');
		json_print(node->values[i], &b);
	}
	buf_putc(&b, ']');
	put(m, columns[node->path->root]);
	put(m, number ? " = ANY (ARRAY(SELECT v::numeric" :
	    " = ANY (ARRAY(SELECT v");
	put(m, " FROM jsonb_array_elements_text(");
	put_param(m, &b, "jsonb");
	put(m, ") AS v))");
}

static void
put_about_column(struct maker *m, const struct filter_node *node,
    enum wish wish)
{
	enum filter_root root = node->path->root;

	if (node->path->n > 1) {
		put_unknown(m, wish);
		return;
	}
	switch (node->op) {
	case FILTER_EQ:
	case FILTER_LT:
	case FILTER_LTE:
	case FILTER_GT:
	case FILTER_GTE:
		if (!is_scalar(node->value) &&
		    json_kind(node->value) == JSON_STRING)
			put_unknown(m, wish);
		else
			put_column_value(m, root, node->op, node->value);
		break;
	case FILTER_IN:
		put_column_in(m, node);
		break;
	case FILTER_EXISTS:
		put_truth(m, true);
		break;
	case FILTER_REGEX:
		put_unknown(m, wish);
		break;
	default:
		put_truth(m, false);		/* it is no list */
	}
}

/* ---- the tree ---- */

static void
put_node(struct maker *m, const struct filter_node *node, enum wish wish)
{
	bool and = node->op == FILTER_AND;
	size_t i;

	switch (node->op) {
	case FILTER_AND:
	case FILTER_OR:
		put(m, and ? "(TRUE" : "(FALSE");
		for (i = 0; i < node->n_parts; i++) {
			put(m, and ? " AND " : " OR ");
			put_node(m, node->parts[i], wish);
		}
		put(m, ")");
		break;
	case FILTER_NOT:
		put(m, "NOT ");
		put_node(m, node->parts[0], wish == UPPER ? LOWER : UPPER);
		break;
	default:
		if (node->path->root == FILTER_DATA)
			put_about_data(m, node, wish);
		else
			put_about_column(m, node, wish);
	}
}

bool
pg_filter_make(struct pg_filter *p, const struct filter *f, int first)
{
	struct maker m = { .p = p, .exact = true };

	buf_init(&p->sql, SIZE_MAX);
	p->first = first;
	p->n = 0;
	put_node(&m, f->where, UPPER);
	buf_putc(&p->sql, '\0');
	p->exact = m.exact;
	if (!m.no_memory && !buf_failed(&p->sql))
		return true;
	pg_filter_done(p);
	return false;
}

void
pg_filter_done(struct pg_filter *p)
{
	while (p->n > 0)
		free(p->texts[--p->n]);
	buf_done(&p->sql);
}
