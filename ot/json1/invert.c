/* normalize, invert and makeInvertible of ot-json1 1.0.2. */
#include "ot/json1/compose.h"
#include "ot/json1/subtype.h"
#include "ot/json1/trie.h"
#include "ot/json1/value.h"

/* ---- normalize ---- */

struct numbering {
	struct json1_scratch	*s;
	int32_t			*slots;		/* by old slot: new + 1; 0: none */
	int32_t			 next;
};

static int32_t
number(struct numbering *n, int32_t slot)
{
	if (n->slots[slot] == 0)
		n->slots[slot] = ++n->next;
	return n->slots[slot] - 1;
}

static void
normalize(struct numbering *n, const struct json1_node *node,
    struct json1_node *w)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child;

	if (json1_changes(node))
		json1_put_normal(n->s, w, comp);
	if (comp != NULL) {
		if (comp->remove != NULL)
			json1_put_remove(n->s, w, comp->remove);
		if (comp->pick >= 0)
			json1_put_pick(n->s, w, number(n, comp->pick));
		if (comp->insert != NULL)
			json1_put_insert(n->s, w, comp->insert);
		if (comp->drop >= 0)
			json1_put_drop(n->s, w, number(n, comp->drop));
	}
	for (child = node->first; child != NULL; child = child->next)
		normalize(n, child, json1_child(n->s, w, &child->key));
}

static int
refuse_unsound(struct ot_err *err)
{
	return ot_fail(err, OT_ETYPE, "Picks and drops in the op do not match");
}

int
json1_normalize(const struct json1_edit *edit, struct json1_edit **edit_out,
    struct ot_err *err)
{
	struct json1_scratch s;
	struct numbering n = { .s = &s };
	struct json1_node *w;
	int rc;

	if (edit->unsound)
		return refuse_unsound(err);
	json1_scratch_init(&s, err);
	n.slots = json1_table(&s, edit->n_slots, sizeof(n.slots[0]));
	w = json1_node_new(&s);
	if (w != NULL && json1_root(edit) != NULL)
		normalize(&n, json1_root(edit), w);
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}

/* ---- invert ---- */

struct inverting {
	struct json1_scratch	*s;
	const struct json1_edit	*edit;
	const struct json1_node	**picks;	/* by slot */
	struct json1_node	**writes;	/* by slot: edits in what is moved */
	bool			*left;		/* by component: edits not done yet */
	bool			 any_left;
};

static struct json *invert_swap(struct inverting *v,
		    const struct json1_node *node, struct json1_node *w,
		    struct json *lit);

static bool
has_changes(const struct json1_node *node)
{
	const struct json1_node *child;

	if (json1_changes(node))
		return true;
	for (child = node->first; child != NULL; child = child->next)
		if (has_changes(child))
			return true;
	return false;
}

/* Is name, to JavaScript, an index of the list? */
static bool
is_index(const struct json *list, const struct json_key *name)
{
	uint64_t index = 0;
	size_t i;

	for (i = 0; i < name->len && i < 10; i++) {
		if (name->text[i] < '0' || name->text[i] > '9')
			return false;
		index = index * 10 + (uint64_t)(name->text[i] - '0');
	}
	return i == name->len && i > 0 && (name->text[0] != '0' || i == 1) &&
	    index < json_list_len(list);
}

/* Is a list that it inserts edited by a name?  JavaScript takes "0" for 0. */
static bool
is_mistaken(const struct json *lit, const struct json1_node *child)
{
	return json_kind(lit) == JSON_LIST && child->key.name != NULL &&
	    is_index(lit, child->key.name) && has_changes(child);
}

/*
 * The children of a place.  *lit, the value inserted there, or NULL, becomes
 * what the edits in it make of it; returns whether they did.
 */
static bool
swap_children(struct inverting *v, const struct json1_node *node,
    struct json1_node *w, struct json **lit)
{
	const struct json1_node *child;
	struct json1_key key;
	struct json *changed;
	int64_t dropped = 0;
	bool copied = false;

	for (child = node->first; child != NULL; child = child->next) {
		key = child->key;
		if (is_mistaken(*lit, child)) {
			json1_scratch_fail(v->s, OT_ETYPE,
			    "Op edits a list that it inserts by a name");
			break;
		}
		if (key.name == NULL) {
			key.index -= dropped;
			dropped += json1_drops(child);
		}
		changed = invert_swap(v, child,
		    json1_child(v->s, w, &child->key),
		    json1_element(*lit, &key));
		if (changed != NULL)
			json1_element_set(v->s, lit, &copied, &key, changed);
	}
	return copied;
}

/*
 * Picks become drops, removes inserts, and the other way round.  lit is the
 * part of an inserted value at this place, or NULL; returns what edits make
 * of it, NULL when they do nothing.  Other edits are left for later.
 */
static struct json *
invert_swap(struct inverting *v, const struct json1_node *node,
    struct json1_node *w, struct json *lit)
{
	const struct json1_comp *comp = node->comp;
	bool changed = false, inserted = false;

	if (comp != NULL) {
		if (comp->pick >= 0) {
			json1_put_drop(v->s, w, comp->pick);
			v->picks[comp->pick] = node;
		}
		if (comp->remove != NULL)
			json1_put_insert(v->s, w, comp->remove);
		if (comp->drop >= 0) {
			json1_put_pick(v->s, w, comp->drop);
			lit = NULL;
		}
		if (comp->insert != NULL) {
			lit = comp->insert;
			inserted = true;
		}
	}
	if (json1_changes(node) && lit == NULL) {
		v->left[json1_comp_at(v->edit, comp)] = v->any_left = true;
	} else if (json1_changes(node)) {
		lit = json1_changed(v->s, comp, lit);
		changed = true;
	}
	if (swap_children(v, node, w, &lit))
		changed = true;
	if (inserted)
		json1_put_remove(v->s, w, lit);
	return changed && !inserted ? lit : NULL;
}

/*
 * The edits that are left, to where their places were before the op: node is
 * the op's in the document after it, pick in the one before.
 */
static void
invert_edits(struct inverting *v, const struct json1_node *pick,
    const struct json1_node *node, struct json1_node *w)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child, *sub;
	struct json1_walk walk;
	struct json1_key key;
	int64_t dropped = 0;

	if (comp != NULL && comp->drop >= 0) {
		pick = v->picks[comp->drop];
		w = v->writes[comp->drop] = json1_node_new(v->s);
	}
	if (json1_changes(node) && v->left[json1_comp_at(v->edit, comp)])
		json1_put_inverted(v->s, w, comp);
	walk = json1_walk(pick);
	for (child = node->first; child != NULL; child = child->next) {
		key = child->key;
		if (key.name == NULL)
			key.index -= dropped;
		sub = json1_seek_skip(&walk, &key, json1_picks);
		if (key.name == NULL) {
			key.index += walk.off;
			dropped += json1_drops(child);
		}
		invert_edits(v, sub, child, json1_child(v->s, w, &key));
	}
}

/* Edits in what the op moves, to where it was picked up. */
static void
merge_edits(struct inverting *v, const struct json1_node *node,
    struct json1_node *w)
{
	const struct json1_node *child;

	if (node->comp != NULL && node->comp->pick >= 0)
		json1_merge(v->s, w, v->writes[node->comp->pick]);
	for (child = node->first; child != NULL; child = child->next)
		merge_edits(v, child, json1_child(v->s, w, &child->key));
}

static void
invert(struct inverting *v, struct json1_node *w)
{
	const struct json1_node *root = json1_root(v->edit);
	size_t n = v->edit->n_slots;

	v->picks = json1_table(v->s, n, sizeof(v->picks[0]));
	v->writes = json1_table(v->s, n, sizeof(v->writes[0]));
	v->left = json1_table(v->s, v->edit->n_comps, sizeof(v->left[0]));
	if (json1_scratch_failed(v->s))
		return;
	invert_swap(v, root, w, NULL);
	if (!v->any_left)
		return;
	invert_edits(v, root, root, w);
	if (n > 0)
		merge_edits(v, root, w);
}

int
json1_invert(const struct json1_edit *edit, struct json1_edit **edit_out,
    struct ot_err *err)
{
	struct json1_scratch s;
	struct inverting v = { .s = &s, .edit = edit };
	struct json1_node *w;
	int rc;

	if (edit->unsound)
		return refuse_unsound(err);
	json1_scratch_init(&s, err);
	w = json1_node_new(&s);
	if (w != NULL && json1_root(edit) != NULL)
		invert(&v, w);
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}
