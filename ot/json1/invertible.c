/* makeInvertible of ot-json1 1.0.2. */
#include "ot/json1/compose.h"
#include "ot/json1/subtype.h"
#include "ot/json1/trie.h"
#include "ot/json1/value.h"

struct completing {
	struct json1_scratch	*s;
	const struct json1_node	**picks;	/* by slot */
	struct json		**held;		/* by slot: what is picked up */
	bool			 any_text;
};

static struct json *complete_picks(struct completing *c,
		    const struct json1_node *node, struct json1_node *w,
		    struct json *v);

/* All but removes and text, which need the document. */
static void
copy_comp(struct completing *c, const struct json1_node *node,
    struct json1_node *w, struct json *v)
{
	const struct json1_comp *comp = node->comp;

	if (comp == NULL)
		return;
	if (comp->drop >= 0)
		json1_put_drop(c->s, w, comp->drop);
	if (comp->insert != NULL)
		json1_put_insert(c->s, w, comp->insert);
	if (json1_picks(node) && v == NULL) {
		json1_scratch_fail(c->s, OT_EAPPLY,
		    "Operation picks up at an invalid key");
		return;
	}
	if (comp->pick >= 0) {
		c->picks[comp->pick] = node;
		c->held[comp->pick] = v;
		json1_put_pick(c->s, w, comp->pick);
	}
	if (comp->change == JSON1_TEXT)
		c->any_text = true;
	else if (comp->change == JSON1_ADD)
		json1_put_change(c->s, w, comp, true);
}

/*
 * In the document before the op: v is what is at the place, or NULL.  Returns
 * what is left of it, v itself if nothing is taken out.
 */
static struct json *
complete_picks(struct completing *c, const struct json1_node *node,
    struct json1_node *w, struct json *v)
{
	const struct json1_node *child;
	struct json *was, *is;
	struct json1_key key;
	int64_t removed = 0;
	bool copied = false;

	copy_comp(c, node, w, v);
	for (child = node->first; child != NULL; child = child->next) {
		key = child->key;
		if (key.name == NULL)
			key.index -= removed;
		was = json1_element(v, &key);
		is = complete_picks(c, child,
		    json1_child(c->s, w, &child->key), was);
		if (is == was || json1_scratch_failed(c->s))
			continue;
		json1_element_set(c->s, &v, &copied, &key, is);
		if (key.name == NULL && is == NULL)
			removed++;
	}
	if (node->comp != NULL && node->comp->remove != NULL &&
	    !json1_scratch_failed(c->s))
		json1_put_remove(c->s, w, v);
	return json1_picks(node) ? NULL : v;
}

/*
 * In the document after the op: v is what is at the place before it is
 * edited, or NULL; pick the op's node where the place was.
 */
static void
complete_texts(struct completing *c, const struct json1_node *pick,
    const struct json1_node *node, struct json1_node *w, struct json *v,
    bool is_literal)
{
	const struct json1_comp *comp = node->comp;
	const struct json1_node *child, *sub;
	struct json1_key key, raw;
	struct json1_walk walk;
	int64_t dropped = 0;

	if (comp != NULL && comp->insert != NULL) {
		v = comp->insert;
		is_literal = true;
	} else if (comp != NULL && comp->drop >= 0) {
		v = c->held[comp->drop];
		pick = c->picks[comp->drop];
		is_literal = false;
	}
	if (json1_changes(node) && comp->change == JSON1_TEXT)
		json1_put_invertible(c->s, w, comp, v);
	walk = json1_walk(pick);
	for (child = node->first; child != NULL; child = child->next) {
		key = child->key;
		if (key.name == NULL) {
			key.index -= dropped;
			dropped += json1_drops(child);
		}
		sub = json1_seek_skip(&walk, &key, json1_picks);
		raw = key;
		if (key.name == NULL && !is_literal)
			raw.index += walk.off;
		complete_texts(c, sub, child,
		    json1_child(c->s, w, &child->key),
		    json1_element(v, &raw), is_literal);
	}
}

static void
complete(struct completing *c, const struct json1_edit *edit,
    struct json *doc, struct json1_node *w)
{
	const struct json1_node *root = json1_root(edit);

	c->picks = json1_table(c->s, edit->n_slots, sizeof(c->picks[0]));
	c->held = json1_table(c->s, edit->n_slots, sizeof(c->held[0]));
	if (json1_scratch_failed(c->s))
		return;
	complete_picks(c, root, w, doc);
	if (c->any_text && !json1_scratch_failed(c->s))
		complete_texts(c, root, root, w, doc, false);
}

/* Is there anything to complete? */
static bool
needs_document(const struct json1_edit *edit)
{
	size_t i;

	for (i = 0; i < edit->n_comps; i++)
		if (edit->comps[i].remove != NULL ||
		    edit->comps[i].change == JSON1_TEXT)
			return true;
	return false;
}

int
json1_make_invertible(const struct json1_edit *edit, struct json *doc,
    struct json1_edit **edit_out, struct ot_err *err)
{
	struct json1_scratch s;
	struct completing c = { .s = &s };
	struct json1_node *w;
	int rc;

	if (edit->unsound)
		return ot_fail(err, OT_ETYPE,
		    "Picks and drops in the op do not match");
	if (!needs_document(edit)) {
		*edit_out = json1_edit_ref(edit);
		return 0;
	}
	json1_scratch_init(&s, err);
	if ((w = json1_node_new(&s)) != NULL)
		complete(&c, edit, doc, w);
	rc = json1_scratch_finish(&s, w, edit_out);
	json1_scratch_done(&s);
	return rc;
}
