#include "ot/json1/edit.h"

#include <stdlib.h>
#include <string.h>

#include "ot/utf.h"

int
json1_name_compare(const struct json1_key *a, const struct json1_key *b)
{
	if (a->name == NULL || b->name == NULL)
		return a->name != NULL ? 1 : -1;
	if (json_key_equal(a->name, b->name))
		return 0;
	return utf_compare_u16(a->name->text, a->name->len, b->name->text,
	    b->name->len);
}

/* ---- text ops ---- */

struct json1_text *
json1_text_new(struct ot_edit *edit)
{
	struct json1_text *text = malloc(sizeof(*text));

	if (text == NULL) {
		ot_type_text_unicode.edit_free(edit);
		return NULL;
	}
	text->refs = 1;
	text->edit = edit;
	return text;
}

struct json1_text *
json1_text_ref(struct json1_text *text)
{
	text->refs++;
	return text;
}

void
json1_text_unref(struct json1_text *text)
{
	if (text == NULL || --text->refs > 0)
		return;
	ot_type_text_unicode.edit_free(text->edit);
	free(text);
}

bool
json1_text_is_empty(const struct json1_text *text)
{
	return ot_type_text_unicode.edit_is_empty(text->edit);
}

/* ---- edits ---- */

void
json1_edit_unref(struct json1_edit *edit)
{
	struct json1_comp *comp;
	size_t i;

	if (edit == NULL || --edit->refs > 0)
		return;
	for (i = 1; i < edit->n_nodes; i++)
		json_key_unref(edit->nodes[i].key.name);
	for (i = 0; i < edit->n_comps; i++) {
		comp = &edit->comps[i];
		json_unref(comp->remove);
		json_unref(comp->insert);
		if (comp->change == JSON1_TEXT)
			json1_text_unref(comp->u.text);
	}
	free(edit);
}

static bool
comp_is_empty(const struct json1_comp *c)
{
	return c->pick < 0 && c->drop < 0 && c->remove == NULL &&
	    c->insert == NULL && c->change == JSON1_NO_CHANGE;
}

/* What is to be copied. */
struct census {
	size_t	n_nodes, n_comps, n_picks, n_drops;
	bool	deep;		/* deeper than we allow */
	bool	still, plain, unsound;
};

/* As transform would write it? */
static bool
comp_is_plain(const struct json1_comp *c)
{
	if (c->pick >= 0 || c->drop >= 0 ||
	    (c->remove != NULL && json_kind(c->remove) != JSON_TRUE))
		return false;
	if (c->change == JSON1_NO_CHANGE)
		return true;
	return c->type_field == JSON1_NO_TYPE &&
	    (c->change != JSON1_TEXT || !json1_text_is_empty(c->u.text));
}

static void
census_comp(struct census *c, struct json1_node *node)
{
	if (node->comp == NULL)
		return;
	if (comp_is_empty(node->comp)) {
		node->comp = NULL;
		return;
	}
	c->n_comps++;
	c->n_picks += node->comp->pick >= 0;
	c->n_drops += node->comp->drop >= 0;
	if (json1_picks(node) || json1_drops(node))
		c->still = false;
	c->plain &= comp_is_plain(node->comp);
	c->unsound |= (node->comp->pick >= 0 && node->comp->remove != NULL) ||
	    (node->comp->drop >= 0 && node->comp->insert != NULL);
}

/* Count what is under node and cut off what does nothing; false: nothing. */
static bool
census_take(struct census *c, struct json1_node *node, unsigned depth)
{
	struct json1_node **link = &node->first;

	if (depth > JSON1_DEPTH_MAX) {
		c->deep = true;
		return false;
	}
	census_comp(c, node);
	c->unsound |= node->key.index > JSON1_INDEX_MAX;
	node->u.n = 0;
	while (*link != NULL) {
		if (census_take(c, *link, depth + 1)) {
			node->u.n++;
			link = &(*link)->next;
		} else {
			*link = (*link)->next;
		}
	}
	if (node->comp == NULL && node->first == NULL)
		return false;
	c->n_nodes++;
	return true;
}

/* Where the next node and component go. */
struct copier {
	struct json1_node	*node;
	struct json1_comp	*comp;
};

static unsigned
comp_passes(const struct json1_node *node)
{
	unsigned passes = 0;

	if (json1_picks(node))
		passes |= JSON1_IN_PICK;
	if (json1_drops(node) || json1_changes(node))
		passes |= JSON1_IN_DROP;
	return passes;
}

static void
copy_comp(struct copier *c, struct json1_node *to,
    const struct json1_node *from)
{
	if (from->comp == NULL) {
		to->comp = NULL;
		return;
	}
	to->comp = c->comp++;
	*to->comp = *from->comp;
	json_ref(to->comp->remove);
	json_ref(to->comp->insert);
	if (to->comp->change == JSON1_TEXT)
		json1_text_ref(to->comp->u.text);
}

/* All but key, parent and next, which the parent's copy sets. */
static void
copy_node(struct copier *c, struct json1_node *to,
    const struct json1_node *from)
{
	const struct json1_node *child;
	struct json1_node *copy;

	copy_comp(c, to, from);
	to->passes = comp_passes(to);
	to->u.n = from->u.n;
	to->first = from->u.n > 0 ? c->node : NULL;
	c->node += from->u.n;
	for (child = from->first, copy = to->first; child != NULL;
	    child = child->next, copy++) {
		copy->key = child->key;
		if (copy->key.name != NULL)
			json_key_ref(copy->key.name);
		copy->parent = to;
		copy->next = child->next != NULL ? copy + 1 : NULL;
		copy_node(c, copy, child);
		to->passes |= copy->passes;
	}
}

#define SLOT_PICKED	1u
#define SLOT_DROPPED	2u

/* Are the slots used 0 to n - 1, each once on either side? */
static int
slots_check(struct json1_edit *edit, const struct census *c)
{
	unsigned char small[64], *used = small;
	const struct json1_comp *comp;
	size_t i;

	edit->n_slots = c->n_picks;
	edit->unsound = c->unsound || c->n_picks != c->n_drops;
	if (edit->unsound || c->n_picks == 0)
		return 0;
	if (c->n_picks > sizeof(small) &&
	    (used = malloc(c->n_picks)) == NULL)
		return OT_ENOMEM;
	memset(used, 0, c->n_picks);
	for (i = 0; i < c->n_comps; i++) {
		comp = &edit->comps[i];
		if (comp->pick >= (int64_t)c->n_picks ||
		    comp->drop >= (int64_t)c->n_picks) {
			edit->unsound = true;
			break;
		}
		if (comp->pick >= 0)
			used[comp->pick] |= SLOT_PICKED;
		if (comp->drop >= 0)
			used[comp->drop] |= SLOT_DROPPED;
	}
	for (i = 0; i < c->n_picks; i++)
		if (used[i] != (SLOT_PICKED | SLOT_DROPPED))
			edit->unsound = true;
	if (used != small)
		free(used);
	return 0;
}

int
json1_edit_new(struct json1_node *root, struct json1_edit **edit_out,
    struct ot_err *err)
{
	struct census c = { .still = true, .plain = true };
	struct copier copier;
	struct json1_edit *edit;
	size_t nodes_size;

	if (root != NULL)
		census_take(&c, root, 0);
	if (c.deep)
		return ot_fail(err, OT_ELIMIT,
		    "the op is more than %d places deep", JSON1_DEPTH_MAX);
	/* Cannot overflow: what is copied takes more memory already. */
	nodes_size = sizeof(*edit) + c.n_nodes * sizeof(edit->nodes[0]);
	edit = malloc(nodes_size + c.n_comps * sizeof(edit->comps[0]));
	if (edit == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	edit->refs = 1;
	edit->n_nodes = c.n_nodes;
	edit->n_comps = c.n_comps;
	edit->still = c.still;
	edit->plain = c.plain;
	edit->comps = (struct json1_comp *)((char *)edit + nodes_size);
	if (c.n_nodes > 0) {
		edit->nodes[0].key = json1_index(0);
		edit->nodes[0].parent = edit->nodes[0].next = NULL;
		copier.node = edit->nodes + 1;
		copier.comp = edit->comps;
		copy_node(&copier, edit->nodes, root);
	}
	if (slots_check(edit, &c) != 0) {
		json1_edit_unref(edit);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	*edit_out = edit;
	return 0;
}
