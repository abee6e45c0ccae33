/*
 * What of an op is shown.
 *
 * The op is a trie, so what it does to a field is the subtree under its name.
 * A move ties two places together:
 *
 *	from		to		is shown as
 *	a field		a field		the move
 *	a field		elsewhere	a removal
 *	elsewhere	a field		nothing that an op could say
 *
 * The root is elsewhere: it holds what is hidden too.
 */
#include "ot/json1/fields.h"

#include "ot/json1/trie.h"

struct picking {
	struct json1_scratch	*s;
	const struct ot_fields	*f;
	bool			*from, *to;	/* by slot: is it a field? */
	int32_t			*slots;		/* by slot: new + 1; 0: none yet */
	int32_t			 n;
};

static bool
is_field(const struct json1_node *child, const struct ot_fields *f)
{
	return child->key.name != NULL && ot_fields_has(f, child->key.name);
}

/* Where slots begin and end; under a place that is (not) a field. */
static void
mark(struct picking *p, const struct json1_node *node, bool shown)
{
	const struct json1_node *child;

	if (node->comp != NULL && node->comp->pick >= 0)
		p->from[node->comp->pick] = shown;
	if (node->comp != NULL && node->comp->drop >= 0)
		p->to[node->comp->drop] = shown;
	for (child = node->first; child != NULL; child = child->next)
		mark(p, child, shown || (node->parent == NULL &&
		    is_field(child, p->f)));
}

static int32_t
number(struct picking *p, int32_t slot)
{
	if (p->slots[slot] == 0)
		p->slots[slot] = ++p->n;
	return p->slots[slot] - 1;
}

/* All that happens at and under a place of a field. */
static void
copy(struct picking *p, const struct json1_node *node, struct json1_node *w)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child;

	if (comp != NULL) {
		if (comp->remove != NULL)
			json1_put_remove(p->s, w, comp->remove);
		else if (comp->pick >= 0 && p->to[comp->pick])
			json1_put_pick(p->s, w, number(p, comp->pick));
		else if (comp->pick >= 0)
			json1_put_remove(p->s, w, json_bool_new(true));
		if (comp->insert != NULL)
			json1_put_insert(p->s, w, comp->insert);
		if (comp->drop >= 0)
			json1_put_drop(p->s, w, number(p, comp->drop));
		if (comp->change != JSON1_NO_CHANGE)
			json1_put_change(p->s, w, comp, false);
	}
	for (child = node->first; child != NULL; child = child->next)
		copy(p, child, json1_child(p->s, w, &child->key));
}

/* The root is replaced or removed: so is what is shown of it. */
static void
pick_root(struct picking *p, const struct json1_comp *comp,
    struct json1_node *w)
{
	if (comp->remove != NULL || comp->pick >= 0)
		json1_put_remove(p->s, w, json_bool_new(true));
	if (comp->insert != NULL)
		json1_put_insert(p->s, w, json1_keep(p->s,
		    ot_fields_pick(p->f, comp->insert)));
}

static void
pick(struct picking *p, const struct json1_edit *edit, struct json1_node *w)
{
	const struct json1_node *root = json1_root(edit), *child;
	size_t i;

	mark(p, root, false);
	for (i = 0; i < edit->n_slots; i++)
		if (p->to[i] && !p->from[i])
			json1_scratch_fail(p->s, OT_EAPPLY,
			    "The op moves something hidden into view");
	if (root->comp != NULL && root->comp->drop >= 0)
		json1_scratch_fail(p->s, OT_EAPPLY,
		    "The op moves something to the root");
	if (root->comp != NULL)
		pick_root(p, root->comp, w);
	for (child = root->first; child != NULL; child = child->next)
		if (is_field(child, p->f))
			copy(p, child, json1_child(p->s, w, &child->key));
}

int
json1_pick(const struct json1_edit *edit, const struct ot_fields *f,
    struct json1_edit **edit_out, struct ot_err *err)
{
	struct json1_scratch s;
	struct picking p = { .s = &s, .f = f };
	struct json1_node *w;
	int rc;

	if (edit->unsound)
		return ot_fail(err, OT_EAPPLY,
		    "Picks and drops in the op do not match");
	json1_scratch_init(&s, err);
	p.from = json1_table(&s, edit->n_slots, sizeof(p.from[0]));
	p.to = json1_table(&s, edit->n_slots, sizeof(p.to[0]));
	p.slots = json1_table(&s, edit->n_slots, sizeof(p.slots[0]));
	w = json1_node_new(&s);
	if (!json1_scratch_failed(&s) && json1_root(edit) != NULL)
		pick(&p, edit, w);
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}

bool
json1_is_within(const struct json1_edit *edit, const struct ot_fields *f)
{
	const struct json1_node *root = json1_root(edit), *child;

	if (root == NULL)
		return true;
	if (root->comp != NULL)
		return false;
	for (child = root->first; child != NULL; child = child->next)
		if (!is_field(child, f))
			return false;
	return true;
}
