/*
 * json1 ops from JSON.
 *
 * The rules are checkValidOp of ot-json1 1.0.2.  Refused here, though let
 * through there: an op of a subtype that the subtype refuses, et without an
 * op, and "__proto__" within values.
 */
#include "ot/json1/trie.h"

#include <string.h>

#include "ot/type_ext.h"

struct reading {
	struct json_reader	 r;
	struct json1_scratch	 s;
	struct ot_err		*err;
	bool			 normal;	/* reading for normalize */
	/* With normal: slots seen, in the order of their new numbers. */
	int32_t			*slots;		/* of the scratch */
	size_t			 n_slots, slots_room;
};

/* What the reference refuses too, when it applies the op. */
static int
refuse(struct reading *g, const char *why)
{
	return ot_fail(g->err, OT_EAPPLY, "%s", why);
}

/* What only we refuse. */
static int
badly(struct reading *g, const char *why)
{
	return ot_fail(g->err, OT_EBADLY, "%s", why);
}

/* ---- keys ---- */

static int
read_index(struct reading *g, int32_t *index_out)
{
	double number;
	int rc;

	if (json_peek(&g->r) != JSON_NUMBER)
		return refuse(g, "Slots must be whole numbers");
	if ((rc = json_read_number(&g->r, &number)) != 0)
		return rc;
	if (!(number >= 0 && number <= JSON1_INDEX_MAX) ||
	    number != (int32_t)number)
		return refuse(g,
		    "Indices and slots must be whole numbers, 0 or more");
	*index_out = (int32_t)number;
	return 0;
}

static int
read_name(struct reading *g, struct json_key **name_out)
{
	struct json_slice slice;
	int rc;

	if ((rc = json_skip(&g->r, &slice)) != 0)
		return rc;
	if (json_slice_is(&slice, "__proto__"))
		return refuse(g, "Invalid path key");
	*name_out = json1_keep_name(&g->s, json_key_from_slice(&slice));
	if (*name_out == NULL)
		return g->s.rc;
	return 0;
}

static int
read_key(struct reading *g, struct json1_key *key_out)
{
	int32_t index;
	int rc;

	*key_out = json1_index(0);
	if (json_peek(&g->r) == JSON_STRING)
		return read_name(g, &key_out->name);
	if ((rc = read_index(g, &index)) == 0)
		key_out->index = index;
	return rc;
}

/* ---- components ---- */

/* The fields of a component, before they are made sense of. */
struct fields {
	struct json		*remove, *insert;	/* kept by the scratch */
	int32_t			 pick, drop;		/* -1: none */
	struct json_slice	 et, e, es, ena;
};

static int
read_value(struct reading *g, struct json **value_out)
{
	struct json *v;
	int rc;

	if ((rc = json_read(&g->r, JSON_NO_PROTO, &v)) != 0)
		return rc;
	if ((*value_out = json1_keep(&g->s, v)) == NULL)
		return g->s.rc;
	return 0;
}

static int
read_field(struct reading *g, const struct json_slice *name,
    struct fields *f)
{
	if (json_slice_is(name, "r"))
		return read_value(g, &f->remove);
	if (json_slice_is(name, "i"))
		return read_value(g, &f->insert);
	if (json_slice_is(name, "p"))
		return read_index(g, &f->pick);
	if (json_slice_is(name, "d"))
		return read_index(g, &f->drop);
	if (json_slice_is(name, "es"))
		return json_skip(&g->r, &f->es);
	if (json_slice_is(name, "ena"))
		return json_skip(&g->r, &f->ena);
	if (json_slice_is(name, "et"))
		return json_skip(&g->r, &f->et);
	if (json_slice_is(name, "e"))
		return json_skip(&g->r, &f->e);
	if (g->normal)
		return json_skip(&g->r, NULL);
	return refuse(g, "Invalid component item");
}

/* Which subtype: JSON1_NO_CHANGE for none. */
static int
find_subtype(struct reading *g, const struct fields *f,
    enum json1_change *change_out, enum json1_type_field *type_field_out)
{
	*type_field_out = JSON1_NO_TYPE;
	if (!json_slice_truthy(&f->et)) {
		*change_out = json_slice_truthy(&f->es) ? JSON1_TEXT :
		    f->ena.kind > JSON_NULL ? JSON1_ADD : JSON1_NO_CHANGE;
		return 0;
	}
	*type_field_out = JSON1_BY_NAME;
	if (json_slice_is(&f->et, "number")) {
		*change_out = JSON1_ADD;
	} else if (json_slice_is(&f->et, ot_type_text_unicode.name)) {
		*change_out = JSON1_TEXT;
	} else if (json_slice_is(&f->et, ot_type_text_unicode.uri)) {
		*change_out = JSON1_TEXT;
		*type_field_out = JSON1_BY_URI;
	} else {
		return refuse(g, "Missing type");
	}
	return 0;
}

/* Which field has the op. */
static const struct json_slice *
find_change(const struct fields *f, enum json1_change_field *field_out)
{
	if (json_slice_truthy(&f->es)) {
		*field_out = JSON1_ES;
		return &f->es;
	}
	if (f->ena.kind > JSON_NULL) {
		*field_out = JSON1_ENA;
		return &f->ena;
	}
	*field_out = JSON1_E;
	return &f->e;
}

static int
read_text(struct reading *g, const struct json_slice *slice,
    struct json1_text **text_out)
{
	const struct ot_type *type = &ot_type_text_unicode;
	struct buf normal = BUF_INIT;
	struct ot_edit *edit;
	int rc;

	if (slice->kind == JSON_NONE)
		return badly(g, "et without an op");
	if (g->normal) {
		if ((rc = type->ext->normalize(slice, &normal, g->err)) == 0)
			rc = type->edit_parse(normal.data, normal.len, &edit,
			    g->err);
		buf_done(&normal);
	} else {
		rc = type->edit_parse(slice->p, slice->len, &edit, g->err);
	}
	if (rc != 0)
		return rc;
	*text_out = json1_keep_text(&g->s, json1_text_new(edit));
	return g->s.rc;
}

static int
write_change(struct reading *g, const struct fields *f,
    struct json1_node *node)
{
	struct json1_text *text = NULL;
	const struct json_slice *slice;
	enum json1_type_field type_field;
	enum json1_change_field field;
	enum json1_change change = JSON1_NO_CHANGE;
	int rc;

	if ((rc = find_subtype(g, f, &change, &type_field)) != 0)
		return rc;
	slice = find_change(f, &field);
	if (change == JSON1_TEXT) {
		if ((rc = read_text(g, slice, &text)) != 0)
			return rc;
		json1_put_text(&g->s, node, text, !g->normal);
	} else if (change == JSON1_ADD) {
		if (slice->kind != JSON_NUMBER)
			return badly(g, "Not a number to add");
		json1_put_add(&g->s, node, json_slice_number(slice));
	}
	if (change != JSON1_NO_CHANGE && !g->normal && node->comp != NULL) {
		node->comp->type_field = type_field;
		node->comp->change_field = field;
	}
	return g->s.rc;
}

/* The checks of a component's fields together. */
static int
check_fields(struct reading *g, const struct fields *f, bool any)
{
	int changes = (f->e.kind != JSON_NONE) + (f->es.kind != JSON_NONE) +
	    (f->ena.kind != JSON_NONE);

	if (!any)
		return refuse(g, "Empty component");
	if (f->pick >= 0 && f->remove != NULL)
		return refuse(g, "A component cannot both pick up and remove");
	if (f->drop >= 0 && f->insert != NULL)
		return refuse(g, "A component cannot both drop and insert");
	if (changes > 1)
		return refuse(g, "A component cannot have two edits");
	if (f->et.kind != JSON_NONE &&
	    (changes == 0 || !json_slice_truthy(&f->et)))
		return badly(g, "et without an op");
	if (changes > 0 && f->et.kind == JSON_NONE &&
	    !json_slice_truthy(&f->es) && f->ena.kind <= JSON_NULL)
		return refuse(g, "Missing type in edit");
	return 0;
}

/* The new number of a slot; with normal, they count from 0 as they come. */
static int32_t
renumber(struct reading *g, int32_t slot)
{
	int32_t *slots;
	size_t i;

	if (!g->normal || slot < 0)
		return slot;
	for (i = 0; i < g->n_slots; i++)
		if (g->slots[i] == slot)
			return (int32_t)i;
	if (g->n_slots == g->slots_room) {
		slots = json1_table(&g->s, g->slots_room * 2 + 8,
		    sizeof(*slots));
		if (slots == NULL)
			return -1;
		if (g->n_slots > 0)
			memcpy(slots, g->slots, g->n_slots * sizeof(*slots));
		g->slots = slots;
		g->slots_room = g->slots_room * 2 + 8;
	}
	g->slots[g->n_slots] = slot;
	return (int32_t)g->n_slots++;
}

static int
write_fields(struct reading *g, const struct fields *f,
    struct json1_node *node)
{
	int rc;

	if ((rc = write_change(g, f, node)) != 0)
		return rc;
	if (f->remove != NULL)
		json1_put_remove(&g->s, node, f->remove);
	if (f->pick >= 0)
		json1_put_pick(&g->s, node, renumber(g, f->pick));
	if (f->insert != NULL)
		json1_put_insert(&g->s, node, f->insert);
	if (f->drop >= 0)
		json1_put_drop(&g->s, node, renumber(g, f->drop));
	return g->s.rc;
}

static int
read_comp(struct reading *g, struct json1_node *node)
{
	struct fields f = { .pick = -1, .drop = -1 };
	struct json_slice name;
	bool any = false;
	int rc;

	if ((rc = json_enter(&g->r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(&g->r, &name)) > 0) {
		any = true;
		if ((rc = read_field(g, &name, &f)) != 0)
			break;
	}
	if (rc == 0 && !g->normal)
		rc = check_fields(g, &f, any);
	if (rc == 0)
		rc = write_fields(g, &f, node);
	return rc;
}

/* ---- lists, strictly ---- */

static int	read_children(struct reading *g, struct json1_node *node);

/*
 * The items of a list that the reader has entered.  Inner lists begin with a
 * key, which is handed out.
 */
static int
read_items(struct reading *g, struct json1_node *node,
    struct json1_key *first_out)
{
	enum { KEY, COMPONENT } last = KEY;
	struct json1_key key;
	bool any = false;
	int rc;

	while ((rc = json_next_item(&g->r)) > 0) {
		switch (json_peek(&g->r)) {
		case JSON_LIST:
			if (!any && first_out != NULL)
				return refuse(g, "A descent begins with a key");
			return read_children(g, node);
		case JSON_OBJECT:
			if (last == COMPONENT || (!any && first_out != NULL))
				return refuse(g, "A component follows a key");
			last = COMPONENT;
			rc = read_comp(g, node);
			break;
		case JSON_NUMBER:
		case JSON_STRING:
			last = KEY;
			if ((rc = read_key(g, &key)) != 0)
				return rc;
			node = json1_child(&g->s, node, &key);
			if (!any && first_out != NULL)
				*first_out = key;
			rc = g->s.rc;
			break;
		default:
			return refuse(g, "Op must be null or a list");
		}
		if (rc != 0)
			return rc;
		any = true;
	}
	if (rc == 0 && !any)
		return refuse(g, "Empty descent");
	if (rc == 0 && last == KEY)
		return refuse(g, "A descent ends in a component");
	return rc;
}

/* The first of the child lists is next; nothing else follows them. */
static int
read_children(struct reading *g, struct json1_node *node)
{
	struct json1_key key, before = json1_index(-1);
	size_t n = 0;
	int rc;

	do {
		if (json_peek(&g->r) != JSON_LIST)
			return refuse(g, "Child descents come last");
		if ((rc = json_enter(&g->r, JSON_LIST)) != 0 ||
		    (rc = read_items(g, node, &key)) != 0)
			return rc;
		if (json1_key_compare(&before, &key) >= 0)
			return refuse(g, "descent keys are not in order");
		before = key;
		n++;
	} while ((rc = json_next_item(&g->r)) > 0);
	if (rc == 0 && n == 1)
		return refuse(g,
		    "Operation makes multiple descents. Remove some []");
	return rc;
}

/* ---- lists, for normalize ---- */

static int
read_loosely(struct reading *g, struct json1_node *node)
{
	struct json1_key key;
	int rc, more;

	if ((rc = json_enter(&g->r, JSON_LIST)) != 0)
		return rc;
	while ((more = json_next_item(&g->r)) > 0) {
		switch (json_peek(&g->r)) {
		case JSON_LIST:
			rc = read_loosely(g, node);
			break;
		case JSON_OBJECT:
			rc = read_comp(g, node);
			break;
		default:
			if ((rc = read_key(g, &key)) == 0) {
				node = json1_child(&g->s, node, &key);
				rc = g->s.rc;
			}
		}
		if (rc != 0)
			return rc;
	}
	return more;
}

/* ---- whole ops ---- */

static int
read_op(struct reading *g, struct json1_node **root_out)
{
	struct json1_node *root;
	int rc;

	if (json_peek(&g->r) == JSON_NULL)
		return json_skip(&g->r, NULL);
	if (json_peek(&g->r) != JSON_LIST)
		return refuse(g, "Op must be null or a list");
	if ((root = json1_node_new(&g->s)) == NULL)
		return g->s.rc;
	if (g->normal)
		rc = read_loosely(g, root);
	else if ((rc = json_enter(&g->r, JSON_LIST)) == 0)
		rc = read_items(g, root, NULL);
	if (rc == 0)
		*root_out = root;
	return rc;
}

static int
parse(const char *json, size_t len_bytes, bool normal,
    struct json1_edit **edit_out, struct ot_err *err)
{
	struct json1_node *root = NULL;
	struct json1_edit *edit;
	struct reading g;
	int rc;

	g.err = err;
	g.normal = normal;
	g.n_slots = g.slots_room = 0;
	json_reader_init(&g.r, json, len_bytes, err);
	json1_scratch_init(&g.s, err);
	if ((rc = read_op(&g, &root)) != 0 ||
	    (rc = json_finish(&g.r)) != 0 ||
	    (rc = json1_scratch_finish(&g.s, root, &edit)) != 0)
		goto out;
	if (!normal && edit->unsound) {
		json1_edit_unref(edit);
		rc = refuse(&g, "Picks and drops in the op do not match");
		goto out;
	}
	*edit_out = edit;
out:
	json1_scratch_done(&g.s);
	return rc;
}

int
json1_edit_parse(const char *json, size_t len_bytes,
    struct json1_edit **edit_out, struct ot_err *err)
{
	return parse(json, len_bytes, false, edit_out, err);
}

int
json1_edit_parse_normal(const char *json, size_t len_bytes,
    struct json1_edit **edit_out, struct ot_err *err)
{
	return parse(json, len_bytes, true, edit_out, err);
}
