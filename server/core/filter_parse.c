#include "core/filter_parse.h"

#include <stdlib.h>
#include <string.h>

#include "ot/utf.h"

static void
no_memory(struct filter_parser *ps)
{
	FILTER_FAIL(ps, OT_ENOMEM, "out of memory");
}

/* ---- conditions ---- */

/* $and, $or, $nor: a list of whole filters. */
static void
filters(struct filter_parser *ps, struct filter_node *parent,
    const struct json_key *name, const struct json *list, enum filter_op op,
    bool in_list)
{
	struct filter_node *node, *part;
	size_t i;

	if (json_kind(list) != JSON_LIST || json_list_len(list) == 0) {
		FILTER_FAIL(ps, OT_EBADLY, "%.*s wants a list of queries, at least "
		    "one", KEY_ARGS(name));
		return;
	}
	if ((node = filter_node_add(ps, parent, op)) == NULL || !filter_enter(ps))
		return;
	for (i = 0; i < json_list_len(list) && ps->rc == 0; i++) {
		if (json_kind(json_list_at(list, i)) != JSON_OBJECT)
			FILTER_FAIL(ps, OT_EBADLY, "%.*s wants objects in its list",
			    KEY_ARGS(name));
		else if ((part = filter_node_add(ps, node, FILTER_AND)) != NULL)
			filter_parse_where(ps, part, json_list_at(list, i), in_list);
	}
	filter_leave(ps);
}

static void
condition(struct filter_parser *ps, struct filter_node *parent,
    const struct json_member *m, bool in_list)
{
	const struct json_key *name = m->key;
	struct filter_path *path;

	if (json_key_is(name, "$and")) {
		filters(ps, parent, name, m->value, FILTER_AND, in_list);
	} else if (json_key_is(name, "$or")) {
		filters(ps, parent, name, m->value, FILTER_OR, in_list);
	} else if (json_key_is(name, "$nor")) {
		parent = filter_node_add(ps, parent, FILTER_NOT);
		if (parent != NULL)
			filters(ps, parent, name, m->value, FILTER_OR,
			    in_list);
	} else if (filter_is_operator(name)) {
		FILTER_FAIL(ps, OT_EBADLY, "operator \"%.*s\" is not offered%s",
		    KEY_ARGS(name), ps->depth > 0 ? " here" : "");
	} else if ((path = filter_path_new(ps, name, in_list)) != NULL) {
		filter_parse_about(ps, parent, path, m->value);
		filter_path_free(path);
	}
}

void
filter_parse_where(struct filter_parser *ps, struct filter_node *parent,
    const struct json *conditions, bool in_list)
{
	const struct json_member *m;

	for (m = json_object_first(conditions); m != NULL && ps->rc == 0;
	    m = json_object_next(conditions, m))
		if (!json_key_is(m->key, "$comment"))
			condition(ps, parent, m, in_list);
}

/* ---- what stands beside the conditions ---- */

static void
sort(struct filter_parser *ps, const struct json *v)
{
	const struct json_member *m;
	struct filter_sort *s;
	double way;

	if (json_kind(v) != JSON_OBJECT) {
		FILTER_FAIL(ps, OT_EBADLY, "$sort wants an object of paths");
		return;
	}
	for (m = json_object_first(v); m != NULL && ps->rc == 0;
	    m = json_object_next(v, m)) {
		way = json_kind(m->value) == JSON_NUMBER ?
		    json_number_get(m->value) : 0;
		if (way != 1 && way != -1) {
			FILTER_FAIL(ps, OT_EBADLY, "$sort of \"%.*s\" wants 1 or -1",
			    KEY_ARGS(m->key));
			return;
		}
		if (ps->f->n_sort == FILTER_SORT_MAX) {
			FILTER_FAIL(ps, OT_ELIMIT, "$sort names more than %d paths",
			    FILTER_SORT_MAX);
			return;
		}
		s = &ps->f->sort[ps->f->n_sort];
		s->down = way < 0;
		if ((s->path = filter_path_new(ps, m->key, false)) != NULL)
			ps->f->n_sort++;
	}
}

static uint64_t
number(struct filter_parser *ps, const struct json_key *name, const struct json *v)
{
	double n = json_kind(v) == JSON_NUMBER ? json_number_get(v) : -1;

	if (n < 0 || n > INT32_MAX || (double)(uint64_t)n != n) {
		FILTER_FAIL(ps, OT_EBADLY, "%.*s wants a number that counts, up to "
		    "%d", KEY_ARGS(name), INT32_MAX);
		return 0;
	}
	return (uint64_t)n;
}

/* sharedb-mongo's cursor methods; false: it is none of them. */
static bool
beside(struct filter_parser *ps, const struct json_member *m)
{
	struct filter *f = ps->f;

	if (json_key_is(m->key, "$sort")) {
		sort(ps, m->value);
	} else if (json_key_is(m->key, "$skip")) {
		f->skip = number(ps, m->key, m->value);
	} else if (json_key_is(m->key, "$limit")) {
		f->limit = number(ps, m->key, m->value);
		if (f->limit == 0)		/* as in MongoDB */
			f->limit = FILTER_NO_LIMIT;
	} else if (json_key_is(m->key, "$count")) {
		if (json_kind(m->value) != JSON_TRUE)
			FILTER_FAIL(ps, OT_EBADLY, "$count wants true");
		f->count = true;
	} else {
		return json_key_is(m->key, "$comment") ||
		    json_key_is(m->key, "$hint");
	}
	return true;
}

/* ---- the face ---- */

/* The text without what makes no difference, and within after it. */
static void
print(struct filter_parser *ps, struct json *q, const char *within)
{
	static const char *const idle[] = { "$comment", "$hint" };
	struct json_member *m;
	struct json_gone gone;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
		for (m = json_object_first(q); m != NULL &&
		    !json_key_is(m->key, idle[i]);
		    m = json_object_next(q, m))
			;
		if (m == NULL)
			continue;
		json_object_unlink(q, m, &gone);
		json_gone_free(&gone);
	}
	json_print(q, &b);
	if (within != NULL)
		buf_puts(&b, within);
	buf_putc(&b, '\0');
	ps->f->text_len = b.len - 1;
	if ((ps->f->text = buf_take(&b, &(size_t){ 0 })) == NULL)
		no_memory(ps);
}

/* Whatever the conditions of q are, these hold too. */
static void
parse_within(struct filter_parser *ps, const char *within)
{
	struct filter_node *part;
	struct json *tree = NULL;

	ps->clauses = ps->values = 0;
	if ((ps->rc = json_parse(within, strlen(within), 0, &tree,
	    ps->err)) != 0)
		return;
	if ((part = filter_node_add(ps, ps->f->where, FILTER_AND)) != NULL)
		filter_parse_where(ps, part, tree, false);
	json_unref(tree);
}

static void
parse(struct filter_parser *ps, struct json *q, const char *within)
{
	struct json_member *m;

	if ((ps->f->where = calloc(1, sizeof(*ps->f->where))) == NULL) {
		no_memory(ps);
		return;
	}
	ps->f->where->op = FILTER_AND;
	for (m = json_object_first(q); m != NULL && ps->rc == 0;
	    m = json_object_next(q, m))
		if (!beside(ps, m))
			condition(ps, ps->f->where, m, false);
	if (ps->rc == 0 && within != NULL)
		parse_within(ps, within);
	if (ps->rc == 0)
		print(ps, q, within);
}

int
filter_parse(const struct json_slice *q, struct filter **filter_out,
    struct ot_err *err)
{
	return filter_parse_within(q, NULL, filter_out, err);
}

int
filter_parse_within(const struct json_slice *q, const char *within,
    struct filter **filter_out, struct ot_err *err)
{
	struct filter_parser ps = { .err = err };
	struct json *tree = NULL;
	int rc;

	if (q->kind != JSON_NONE && q->kind != JSON_OBJECT)
		return ot_fail(err, OT_EBADLY, "the query is no object");
	if (q->len > FILTER_BYTES_MAX)
		return ot_fail(err, OT_ELIMIT, "the query is longer than %d "
		    "bytes", FILTER_BYTES_MAX);
	rc = q->kind == JSON_NONE ? json_parse("{}", 2, 0, &tree, err) :
	    json_parse(q->p, q->len, 0, &tree, err);
	if (rc != 0)
		return rc;
	if ((ps.f = calloc(1, sizeof(*ps.f))) == NULL) {
		json_unref(tree);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	ps.f->refs = 1;
	ps.f->limit = FILTER_NO_LIMIT;
	parse(&ps, tree, within);
	json_unref(tree);
	if (ps.rc == 0) {
		*filter_out = ps.f;
		return 0;
	}
	/* It quotes what was sent, cut at some byte. */
	utf_mend(err->text);
	filter_unref(ps.f);
	return ps.rc;
}
